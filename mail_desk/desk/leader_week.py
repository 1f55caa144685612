"""A leader's one mail a week: what waits for a decision or an eye, numbered through, `1同意 3不同意`.

Readers of a weekly digest find it at the top of that; to other leaders it goes as a letter of its own, and only
where there is something to say. What is in it is read from the tickets as it leaves, so nothing is stale.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select

from mail_desk.config import Digest, Language, Person, Role
from mail_desk.desk import leader_pace, notify, outward, supervising
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import AskedItem, Choice, LeaderWeekContext, LetterKind, Preview
from mail_desk.reports import directions, directions_words, periods
from mail_desk.reports.words import Names
from mail_desk.store import ledger
from mail_desk.store.schema import EventRow, LetterRow, Moment, TicketRow
from mail_desk.tickets import events as e

ACTION = "leader-week"


@dataclass(frozen=True)
class Asked:
    """The numbered items of one leader: what the letter shows, what its digits do, which tickets it is about."""

    items: tuple[AskedItem, ...] = ()
    choices: tuple[Choice, ...] = ()
    tickets: tuple[int, ...] = ()


def asked(work: Work, leader: Person, language: Language) -> Asked:
    """Return what waits for this leader now."""
    if not leader_pace.weekly(work, leader):
        return Asked()
    found = _decisions(work, leader, language)
    named = {case.row.id for case, _, _ in found}
    found += [one for one in _complaints(work, leader, language) if one[0].row.id not in named]
    items, offered = [], []
    for n, (_, item, step) in enumerate(found, start=1):
        zh, en = step[1:3]
        offered.append(Choice(n, zh if language == "zh" else en, step[0], step[3]))
        items.append(replace(item, number=n))
    if len(found) == 1 and offered[0].command.endswith(" approve"):  # alone it says both, as a request does
        number = found[0][0].row.number
        label = f"{number}：不同意（可写理由）" if language == "zh" else f"{number}: no (a reason may follow)"
        offered.append(Choice(2, label, f"#{number} refuse"))
    return Asked(tuple(items), tuple(offered), tuple(case.row.id for case, _, _ in found))


_Found = tuple[Case, AskedItem, tuple[str, str, str, bool]]


def _decisions(work: Work, leader: Person, language: Language) -> list[_Found]:
    """Return the decisions that were put to this leader and are still open."""
    finished = {s.key for p in work.rules.procedures.values() for s in p.states if s.final}
    query = (
        select(TicketRow)
        .where(
            TicketRow.id.in_(select(EventRow.ticket_id).where(EventRow.type == e.Proposed.__name__)),
            TicketRow.state.not_in(finished),
        )
        .order_by(TicketRow.id)
    )
    rows = list(work.session.scalars(query))
    recorded = ledger.load_many(work.session, [row.id for row in rows])
    found: list[_Found] = []
    for row in rows:
        case = Case(work, row, recorded[row.id])
        proposal = case.ticket.proposal
        if proposal is None or proposal.approver != leader.key or leader.key in case.ticket.hidden:
            continue
        found.append((case, _decision(case, proposal, language), _decide_step(case, proposal)))
    return found


def _decision(case: Case, proposal: e.Proposed, language: Language) -> AskedItem:
    by = case.work.people.by_key(case.ticket.proposed_by)
    due = case.running[0] if case.running else None
    zh_name, en_name = _named(case, proposal)
    return AskedItem(
        number=0,
        ticket=case.view(language),
        what=zh_name if language == "zh" else en_name,
        by=supervising.named(by, language),
        words=case.words(proposal.words),
        answer_by=due.due_on if due is not None else None,
        preview=_letter(case, proposal),
    )


def _letter(case: Case, proposal: e.Proposed) -> Preview | None:
    transition = case.transition(proposal.verb)
    if transition is None or not transition.notice:
        return None
    return outward.preview_of(
        case,
        proposal.verb,
        words=case.words(proposal.words),
        ground=proposal.ground,
        body=proposal.body,
        days=proposal.days,
    )


def _named(case: Case, proposal: e.Proposed) -> tuple[str, str]:
    ground = case.procedure.ground(proposal.ground, proposal.verb) if proposal.ground else None
    zh, en = {
        "decline": ("不予受理", "decline it"),
        "conclude": ("办结", "conclude it"),
        "transfer": (f"移送{proposal.body}", f"transfer it to {proposal.body}"),
        "suspend": ("中止办理", "suspend it"),
        "extend": (f"延期{proposal.days}个工作日", f"extend it by {proposal.days} working days"),
    }.get(proposal.verb, (proposal.verb, proposal.verb))
    if ground is not None:
        return f"{zh}（{ground.text('zh')}）", f"{en} ({ground.text('en')})"
    return zh, en


def _decide_step(case: Case, proposal: e.Proposed) -> tuple[str, str, str, bool]:
    zh, en = _named(case, proposal)
    number = case.row.number
    return (
        f"#{number} approve",
        f"{number}：同意{zh.partition('（')[0]}",
        f"{number}: yes, {en.partition(' (')[0]}",
        False,
    )


def _complaints(work: Work, leader: Person, language: Language) -> list[_Found]:
    """Return the complaints of this leader's key projects since the last weekly mail."""
    mine = [x.key for x in work.settings.enterprises if x.key_project and x.project_leader == leader.key]
    query = (
        select(TicketRow)
        .where(TicketRow.enterprise.in_(mine), TicketRow.received_at > _since(work, leader))
        .order_by(TicketRow.id)
    )
    found: list[_Found] = []
    for row in work.session.scalars(query) if mine else ():
        case = Case(work, row)
        if leader.key in case.ticket.hidden or case.ticket.kind not in ("", "complaint"):
            continue
        what = "重点项目企业来信，供您了解" if language == "zh" else "from a key project, for you to know"
        item = AskedItem(0, case.view(language), what, "", "", None, None)
        step = (
            f"#{row.number} instruct",
            f"{row.number}：批示（写下意见）",
            f"{row.number}: instruct (write it)",
            True,
        )
        found.append((case, item, step))
    return found


def _since(work: Work, leader: Person) -> datetime:
    """Return when the last weekly mail left, a week ago where none did."""
    last = work.session.scalar(
        select(func.max(LetterRow.created_at)).where(
            LetterRow.person == leader.key,
            or_(
                LetterRow.kind == LetterKind.LEADER_WEEK.value,
                *(
                    LetterRow.dedupe.startswith(f"digest/{d.key}/", autoescape=True)
                    for d in work.settings.digests.digest
                    if in_digest(work, d, leader)
                ),
            ),
        )
    )
    return last or work.now - timedelta(days=7)


# --- a letter of its own ------------------------------------------------------------------------------


def in_digest(work: Work, digest: Digest, person: Person) -> bool:
    """Say whether a digest carries this reader's weekly items."""
    return (
        digest.period == "week"
        and digest.sending.nth != -1  # what leaves before the week is over cannot say what came in it
        and work.settings.digests.scope_of(digest).shows("words")
        and leader_pace.weekly(work, person)
    )


def plan(work: Work, opened: date) -> None:
    """Put the weekly mail of each leader who reads no weekly digest among the moments; idempotent."""
    week = periods.before("week", work.today)
    day = periods.sent_on(week, work.rules.calendar.is_working)
    if day > work.today or day < opened:
        return
    for leader in work.people.with_role(Role.LEADER):
        reads = any(leader.key in d.to and in_digest(work, d, leader) for d in work.settings.digests.digest)
        key = f"{ACTION}/{leader.key}/{week.first}"
        known = work.session.scalar(select(Moment.id).where(Moment.key == key)) is not None
        if not reads and leader_pace.weekly(work, leader) and not known:
            data = {"person": leader.key, "first": week.first.isoformat()}
            work.session.add(
                Moment(
                    key=key, due_at=leader_pace.at_nine(work, day), action=ACTION, data=data, state="pending"
                )
            )


def compose(work: Work, key: str, first: date) -> None:
    """Queue one leader's weekly mail, where there is something in it."""
    leader = work.people.by_key(key)
    if leader is None:
        return
    to = to_person(work, leader)
    found, rules = asked(work, leader, to.language), work.rules
    week = periods.of("week", first)
    wanted = directions.collect(
        work.session,
        week,
        zone=work.settings.desk.zone,
        now=work.now,
        final={s.key for p in rules.procedures.values() for s in p.states if s.final},
        leader=leader.key,
        hidden_for=leader.key,
    )
    if not (found.items or wanted.lines or wanted.trains):
        return
    names = Names(work.settings, rules.procedures, to.language)
    context = LeaderWeekContext(
        reader=to.name,
        first=week.first,
        last=week.last,
        asked=found.items,
        asked_choices=found.choices,
        trains=directions_words.trains(wanted, names),
        directions=directions_words.rows(wanted, names),
        directed=directions_words.summary(wanted, names),
        recorded=directions_words.recorded(wanted, leader.key, names),
    )
    post(
        work,
        LetterKind.LEADER_WEEK,
        to,
        context,
        Cause("moment"),
        choices=found.choices,
        dedupe=f"{ACTION}/{key}/{first}",
        tickets=found.tickets,
    )


# --- alone after all ------------------------------------------------------------------------------------


def ask(work: Work, moment: Moment) -> None:
    """Ask alone for a decision that waited for the weekly mail and is still open as its date comes near."""
    case = Case(work, work.session.get_one(TicketRow, moment.data["ticket"]))
    proposal = case.ticket.proposal
    proposed = max((r.seq for r in case.recorded if isinstance(r.event, e.Proposed)), default=0)
    approver = work.people.by_key(proposal.approver) if proposal is not None else None
    by = work.people.by_key(case.ticket.proposed_by)
    if proposal is None or approver is None or by is None or proposed != moment.data["seq"]:
        return
    notify.approval_request(
        case, approver, Cause(f"moment:{moment.id}"), by=by, shown=_letter(case, proposal), alone=True
    )
