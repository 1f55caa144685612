"""A year of an office on paper: tickets put straight into a store, so that its reports can be looked at and checked.

No mail is read and none is sent: what `scripts/screenshots` shows and what the walk over every figure counts are
the reports of this year, composed by the desk itself. The same year every time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from mail_desk import config_files
from mail_desk.config import Digest, Language, Settings
from mail_desk.daemon import rules_of
from mail_desk.desk import digesting, leader_week, worklists
from mail_desk.desk.case import Case
from mail_desk.desk.work import Rules, Work
from mail_desk.resources import shipped
from mail_desk.store.schema import LetterRow, Message, Participant, TicketRow
from mail_desk.store.session import Store
from mail_desk.tickets import events as e
from mail_desk.tickets.events_complainants import Rated
from mail_desk.tickets.events_leaders import ReportedBack, Supervised, ThroughTrain
from mail_desk.tickets.events_notes import Suggested

OPENED = date(2025, 9, 1)
NOW = datetime(2027, 1, 11, 1, 30, tzinfo=UTC)  # a Monday, half past nine in Beijing
TICKETS = 240
HANDLERS = ("wang", "li")

_ABOUT = (
    ("tax", "出口退税迟迟未到账", "Export VAT refund delayed"),
    ("tax", "留抵退税审核超过承诺时间", "Input VAT refund takes longer than promised"),
    ("approval", "二期项目环评批复迟延", "Environmental permit for phase II delayed"),
    ("approval", "营业执照变更反复要求补件", "Asked again and again for papers to change the licence"),
    ("labour", "外籍员工工作许可未按期办结", "Work permit for a foreign engineer not issued in time"),
    ("utilities", "连续停电造成生产线停工", "Repeated power cuts stop production"),
    ("promises", "招商协议约定的奖补资金未兑现", "Agreed incentive payment not made"),
    ("land", "厂区道路施工影响物流", "Road works block deliveries to the plant"),
    ("customs", "进口设备清关被无故拖延", "Customs clearance of equipment delayed without reason"),
    ("", "办事窗口服务态度", "About the service at the counter"),
)
_WHO = (
    ("bearing", "示例轴承（洛阳）有限公司", "gm@bearings.example"),
    ("glass", "示例光电玻璃有限公司", "office@glass.example"),
    ("", "凯勒精密机械（洛阳）有限公司", "anna.keller@keller.example"),
    ("", "Northwind Filters GmbH", "legal@northwind.example"),
    ("", "大和自动化设备有限公司", "info@yamato.example"),
)
_CHANNELS = ("mail",) * 7 + ("telephone", "visit", "letter")
_ADVICE = (
    "统一出口退税所需材料清单并在网上公布，一次告知。",
    "建议供电部门计划检修前五日书面告知园区企业，并抄送投诉受理机构。",
)


@dataclass(frozen=True)
class Report:
    """One report as it would leave: which, in which language, and its letter."""

    name: str
    letter: LetterRow


def rules(directory: Path, language: Language) -> Rules:
    """Return the shipped office with every kind of report switched on. `directory`: of the data."""
    found = config_files.load(shipped("config"))
    if not isinstance(found, Settings):
        msg = f"the shipped configuration does not load: {found}"
        raise TypeError(msg)
    desk = found.desk.model_copy(update={"staff_language": language, "data": directory})
    more = (
        Digest(
            key="higher-body", title_zh="外商投资企业投诉工作情况报告", title_en="Report on complaints of foreign-invested enterprises",
            period="two-months", addresses=("tousu@higher-body.example",), reader_zh="市商务局",
            reader_en="the Municipal Bureau of Commerce", scope="higher-body", language=language,
        ),
        Digest(
            key="circular", title_zh="外商投资企业投诉办理情况通报", title_en="Circular on complaints of foreign-invested enterprises",
            period="quarter", addresses=("office@tax.example",), reader_zh="各有关单位", reader_en="the bodies concerned",
            scope="circular", language=language,
        ),
    )  # fmt: skip
    digests = found.digests.model_copy(update={"digest": (*found.digests.digest, *more)})
    return rules_of(found.model_copy(update={"desk": desk, "digests": digests}))


@contextmanager
def office(directory: Path, language: Language = "zh") -> Iterator[tuple[Store, Rules]]:
    """Open a store in `directory` that holds the year."""
    made = rules(directory, language)
    store = Store(f"sqlite:///{directory / f'paper-{language}.sqlite'}", data_dir=directory)
    try:
        store.migrate()
        with store.decide() as session:
            _fill(Work(session, made, NOW))
        yield store, made
    finally:
        store.close()


def reports(directory: Path, language: Language) -> list[Report]:
    """Return every report of the office, queued as on its day: digests, worklists, the weekly mail of a leader."""
    with office(directory, language) as (store, made), store.decide() as session:
        work = Work(session, made, NOW)
        composing: dict[str, Callable[[], object]] = {
            "leader-week": partial(leader_week.compose, work, "chen", NOW.date() - timedelta(days=7))
        }
        for digest in made.settings.digests.digest:
            composing[digest.key] = partial(digesting.send_now, work, digest)
        for name, key in (("worklist-handler", "wang"), ("worklist-supervisor", "zhou")):
            person = made.people.by_key(key)
            if person is not None:
                composing[name] = partial(worklists.compose, work, person)
        return [Report(name, _made_by(work, compose)) for name, compose in composing.items()]


def _made_by(work: Work, compose: Callable[[], object]) -> LetterRow:
    """Return the first letter that composing queues, all of it read."""
    last = work.session.scalar(select(func.max(LetterRow.id))) or 0
    compose()
    work.session.flush()
    letters = select(LetterRow).where(LetterRow.id > last).order_by(LetterRow.id)
    return (
        work.session.scalars(letters.options(undefer(LetterRow.raw), undefer(LetterRow.text))).first()
        or LetterRow()
    )


# --- the year -------------------------------------------------------------------------------------


@dataclass
class _Year:
    """What the years tickets are made with."""

    work: Work
    dice: random.Random = field(default_factory=lambda: random.Random(12))  # noqa: S311 - no secret

    def after(self, at: datetime, least: int, most: int) -> datetime:
        """Return a moment in office hours some working days later."""
        zone = self.work.settings.desk.zone
        day = self.work.rules.calendar.add(at.astimezone(zone).date(), self.dice.randint(least, most)).date
        found = datetime.combine(day, time(9 + self.dice.randrange(8), self.dice.randrange(60)), zone)
        return max(found, at + timedelta(minutes=20))

    def lately(self, at: datetime, days: int) -> bool:
        return NOW - at < timedelta(days=days)

    def chance(self, part: float) -> bool:
        return self.dice.random() < part


def _fill(work: Work) -> None:
    year = _Year(work)
    opened = datetime.combine(OPENED, time(9), work.settings.desk.zone)
    span = (NOW - opened).total_seconds()
    for arrived in sorted(opened + timedelta(seconds=year.dice.random() * span) for _ in range(TICKETS)):
        _ticket(year, arrived)
    for filed_as in ("command",) * 40 + ("note",) * 9 + ("own",) * 5:
        at = NOW - timedelta(hours=year.dice.randrange(1, 24 * 60))
        _mail(year, at, filed_as, "wang.fang@office.example")
    for days in (20, 33, 50):
        _mail(year, NOW - timedelta(days=days), "by-hand", "desk@office.example", role="sent", folder="Sent")
    _propose(work)
    _mail(year, NOW - timedelta(days=4), None, "unknown@cloud.example", state="quarantined")


def _propose(work: Work) -> None:
    """Put a decision to each leader: an extension that is still in time, and a conclusion."""
    accepted = select(TicketRow).where(TicketRow.state == "accepted").order_by(TicketRow.id)
    cases = [Case(work, row) for row in work.session.scalars(accepted)]
    soon = next(
        case for case in cases if (due := case.due("conclude")) and not due.late(NOW + timedelta(days=5))
    )
    other = next(case for case in cases if case is not soon)
    for case, approver, verb, ground, days, why in (
        (soon, "zhao", "extend", "", 20, "涉及税务、市场监管两个部门，仍在会商。"),
        (other, "chen", "conclude", "agreed", 0, "退税已经到账，企业来信表示满意。"),
    ):
        case.record(
            e.Proposed(verb, ground, "", days, case.keep(why), approver),
            actor=case.row.handler or "wang",
            at=NOW - timedelta(days=3),
        )
        case.settle()


def _mail(year: _Year, at: datetime, filed_as: str | None, sender: str, **more: object) -> Message:
    number = year.dice.randrange(1, 2**31)
    row = Message(
        account="desk", folder=more.pop("folder", "INBOX"), role=more.pop("role", "inbox"), uidvalidity=1, uid=number, received_at=at, spooled_at=at,
        state=more.pop("state", "done"), filed_as=filed_as, from_address=sender, from_name="", subject="", **more,
    )  # fmt: skip
    year.work.session.add(row)
    year.work.session.flush()
    return row


def _ticket(year: _Year, arrived: datetime) -> None:
    work, dice = year.work, year.dice
    category, zh, en = dice.choice(_ABOUT)
    enterprise, name, address = dice.choices(_WHO, (5, 4, 3, 2, 2))[0]
    english = name.isascii()
    number = f"{arrived.year}-{work.next_number(f'ticket/{arrived.year}'):04d}"
    first = work.rules.procedure
    row = TicketRow(
        number=number, state=first.states[0].key, procedure=first.key, procedure_version=first.version,
        received_at=arrived, enterprise=enterprise or None, category=category or None, language="en" if english else "zh",
        channel=dice.choice(_CHANNELS), complainant_name=name, complainant_address=address,
        subject=f"{en} ({number[-4:]})" if english else f"关于{zh}的投诉",
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    mail = _mail(year, arrived, "opened", address, ticket_id=row.id)
    work.session.add(Participant(ticket_id=row.id, address=address, name=name, role="complainant"))
    case = Case(work, row, [])
    for at, actor, event in _story(year, case, mail, arrived):
        if at < NOW:
            case.record(event, actor=actor, at=at)
    case.settle()


_Told = Iterator[tuple[datetime, str, e.Event]]


def _story(year: _Year, case: Case, mail: Message, at: datetime) -> _Told:
    """Yield what happens to one ticket, and who does it; what lies in the future is dropped by the caller."""
    handler = year.dice.choice(HANDLERS)
    yield at, "desk", e.Received(mail.id, case.row.channel)
    yield at, "desk", e.Assigned(handler, "least load")
    seen = year.after(at, 0, 1)
    if year.chance(0.22):
        kind = year.dice.choice(("enquiry", "enquiry", "correspondence", "advert"))
        yield seen, handler, e.Marked(kind)
        yield year.after(seen, 0, 3), handler, e.Replied(case.keep("已经答复。"))
        yield year.after(seen, 3, 4), handler, e.Closed()
        return
    yield seen, handler, e.Marked("complaint")
    decided = year.after(seen, 1, 5) if year.chance(0.93) else year.after(seen, 9, 12)
    if year.chance(0.12):
        ground = year.dice.choice(("out-of-scope", "other-body", "still-incomplete"))
        yield decided, handler, e.Declined(ground, case.keep("不属于受理范围。"))
        lost = year.lately(at, 40)
        yield decided, "desk", e.NoticeFailed("refusal", 0) if lost else e.NoticeServed("refusal", 0)
        return
    if year.chance(0.06):
        yield decided, handler, e.Transferred("税务局", case.keep("移送主管部门。"))
        yield decided, "desk", e.NoticeServed("transfer", 0)
        return
    yield decided, handler, e.Accepted()
    yield decided, "desk", e.NoticeServed("acceptance", 0)
    yield from _handled(year, case, handler, decided)


def _handled(year: _Year, case: Case, handler: str, accepted: datetime) -> _Told:
    zone = year.work.settings.desk.zone
    if year.chance(0.3):
        organ, asked = year.dice.choice(("tax", "market")), year.after(accepted, 1, 6)
        by = year.after(asked, 10, 10).date().isoformat()
        yield asked, handler, e.Asked(organ, case.keep("请说明情况。"), by)
        if year.chance(0.75) or not year.lately(asked, 60):
            answered = year.after(asked, 3, 15)
            answer = _mail(year, answered, "organ-mail", f"office@{organ}.example", ticket_id=case.row.id)
            yield answered, handler, e.OrganAnswered(f"{case.row.number}-1", answer.id)
    if year.chance(0.12):
        given = year.after(accepted, 5, 20)
        due = year.after(given, 8, 8).astimezone(zone).date().isoformat()
        yield given, "zhao", Supervised(1, "zhao", due, "", case.keep("请抓紧办结并报告。"), 0)
        if year.chance(0.5) or not year.lately(given, 60):
            yield year.after(given, 4, 10), handler, ReportedBack(1, case.keep("已协调完毕。"))
    elif year.chance(0.08):
        yield (
            year.after(accepted, 3, 9),
            handler,
            ThroughTrain("chen", case.keep("企业反映强烈，请领导协调。")),
        )
    if year.chance(0.12):
        yield year.after(accepted, 10, 25), handler, Suggested(case.keep(year.dice.choice(_ADVICE)))
    if year.chance(0.14):
        yield year.after(accepted, 30, 50), "zhou", e.Extended(20, case.keep("涉及多个部门。"))
    yield year.after(accepted, 1, 9), handler, e.Replied(case.keep("正在核实。"))
    if year.chance(0.12) and year.lately(accepted, 130):
        return  # nobody goes on with it
    done = year.after(accepted, 8, 56)
    ground = year.dice.choices(("agreed", "no-legal-basis", "withdrawn"), (8, 2, 1))[0]
    yield done, handler, e.Concluded(ground, case.keep("问题已经解决。"))
    served = year.after(done, 0, 2)
    yield served, "desk", e.NoticeServed("result", 0)
    if year.chance(0.45):
        rated = year.after(served, 1, 5)
        score = year.dice.choices((1, 2, 3, 4, 5), (1, 1, 2, 5, 8))[0]
        answer = _mail(year, rated, "rating", case.row.complainant_address, ticket_id=case.row.id)
        yield rated, "complainant", Rated(score, answer.id)
    yield year.after(served, 3, 6), handler, e.Closed()
    if year.chance(0.06):
        again = year.after(served, 8, 20)
        yield again, handler, e.Reopened(None, "accepted")
        done = year.after(again, 3, 9)
        yield done, handler, e.Concluded("no-legal-basis", case.keep("复查后维持原处理意见。"))
        yield year.after(done, 0, 1), "desk", e.NoticeServed("result", 0)
        yield year.after(done, 4, 6), handler, e.Closed()
