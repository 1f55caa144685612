"""Service of notices (送达): what was not served, what was delivered otherwise, what was confirmed.

A notice is served when SMTP accepted it; it is owed again when it comes back. Delivery by post, by hand
or by telephone is put on record with its day. Each notice asks for one word; where none comes in the
working days the procedure gives, the handler's worklist says once to telephone. No date depends on that word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy import or_, select

from mail_desk.config import Language, Person, Role
from mail_desk.desk import choices
from mail_desk.desk.case import REMINDERS_AT, Case
from mail_desk.desk.outcome import Actor, Outcome, in_words
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import Choice, LimitView, ReminderItem
from mail_desk.store.schema import LetterRow, LetterState, Message, Moment
from mail_desk.tickets import events as e
from mail_desk.tickets import events_notices as en
from mail_desk.tickets import obligations
from mail_desk.tickets.obligations import Owed
from mail_desk.tickets.policy import Transition
from mail_desk.tickets.ticket import VERB_OF

TELEPHONE = "confirm"  # the action of a moment that
WAITING = "waiting"  # never fires by itself: the worklist of its day asks for it
Item = Callable[[Language, tuple[Choice, ...]], ReminderItem]
UnservedRow = tuple[str, str, str, str, str]


def notice_name(case: Case, notice: str, language: Language) -> str:
    """Return what people call a notice."""
    found = next((n for n in case.procedure.notices if n.key == notice), None)
    return notice if found is None else found.name(language)


def owed_names(case: Case, language: Language) -> str:
    """Return the names of all notices that are owed."""
    names = [notice_name(case, o.notice, language) for o in obligations.owed(case.recorded)]
    return "、".join(f"《{n}》" for n in names) if language == "zh" else ", ".join(names)


def refusal(case: Case, actor: Actor, transition: Transition) -> Outcome | None:
    """Refuse what would end a ticket while a written notice is owed, whatever the procedure calls it.

    A step that owes a notice of its own queues that one; it is owed in turn.
    """
    final = transition.to is not None and case.procedure.state(transition.to).final
    if not final or transition.notice or not obligations.owed(case.recorded):
        return None
    owed = obligations.owed(case.recorded)
    failed = [o for o in owed if o.failed_at is not None]
    names = owed_names(case, actor.language)
    if not failed:
        return Outcome(
            False,
            actor.say(
                f"{names}尚未送出，送出后才能这样办理。",
                f"Not possible until this notice has left: {names}.",
            ),
        )
    return Outcome(
        False,
        actor.say(
            f"{names}没有送达，不能这样办理。请先送达并登记：",
            f"Not possible while this notice is not served: {names}. Serve it and put that on record:",
        ),
        offers=[step for o in failed for step in choices.delivery(case, o.notice)],
    )


class NoNoticeError(Exception):
    """A decision was about to be taken without the written notice it owes: it is not taken."""

    def __init__(self, name_zh: str, name_en: str) -> None:
        super().__init__(name_en)
        self.name_zh, self.name_en = name_zh, name_en


def demand_notice(case: Case, new: Sequence[e.Event]) -> None:
    """Raise NoNoticeError if one of these events is a step that owes a notice which none of them sends.

    Whichever verb took it, and whatever the procedure calls the notice.
    """
    sent = {
        n.notice
        for n in new
        if isinstance(n, e.LetterQueued | e.NoticeServed | e.Delivered | en.NoticeNumbered)
    }
    for event in new:
        verb = VERB_OF.get(type(event), "extend" if isinstance(event, e.Extended) else "")
        owed = {row.notice for row in case.procedure.transitions if row.verb == verb and row.notice}
        if owed and not owed & sent:
            name = min(owed)
            raise NoNoticeError(notice_name(case, name, "zh"), notice_name(case, name, "en"))


def not_taken(actor: Actor, error: NoNoticeError) -> Outcome:
    """Say that a decision was not taken, as its notice could not be written."""
    return Outcome(
        False,
        actor.say(
            f"未办理：《{error.name_zh}》无法发出（没有可用的收件地址），决定没有作出。",
            f"Not done: the {error.name_en} cannot be sent (no address to write to), so the decision was not taken.",
        ),
    )


def ask_later(case: Case, letter: LetterRow) -> None:
    """Remember to have somebody ring: once, some working days after the notice has left."""
    work = case.work
    notice = next((n for n in case.procedure.notices if n.key == letter.notice), None)
    key = _moment_key(letter.id)
    if notice is None or not notice.confirm:
        return
    if work.session.scalar(select(Moment.id).where(Moment.key == key)) is not None:
        return
    day = work.rules.calendar.forward(work.rules.day_of(letter.sent_at or work.now), notice.confirm)
    due_at = datetime.combine(day, REMINDERS_AT, work.settings.desk.zone)
    data = {"letter": letter.id}
    work.session.add(Moment(key=key, due_at=due_at, action=TELEPHONE, data=data, state=WAITING))


def _moment_key(letter: int) -> str:
    return f"confirm/{letter}"


def _to_ring_today(work: Work) -> Iterator[tuple[Moment, Case, LetterRow, Person]]:
    """Yield the notices to ring about by now and who reads for their tickets; what needs no call any more is done.

    Those of tickets that are put off wait for the day after that.
    """
    tomorrow = datetime.combine(work.today + timedelta(days=1), time(0), work.settings.desk.zone)
    query = select(Moment).where(
        Moment.action == TELEPHONE, Moment.state == WAITING, Moment.due_at < tomorrow
    )
    for moment in work.session.scalars(query.order_by(Moment.due_at, Moment.id)).all():
        letter = work.session.get(LetterRow, moment.data["letter"])
        case = None if letter is None or letter.ticket_id is None else Case.by_id(work, letter.ticket_id)
        reads = None if case is None else case.reader()
        if letter is None or case is None or reads is None or not _unheard(case, letter):
            _done(moment, work)
        elif case.snoozed is None:
            yield moment, case, letter, reads


def _done(moment: Moment, work: Work) -> None:
    moment.state, moment.done_at = "done", work.now


def to_telephone(work: Work, person: Person) -> list[tuple[Case, LetterRow]]:
    """Return the notices to ring about today, for the worklist of whoever reads for their tickets. Each is given once."""
    found: dict[tuple[int, str | None], tuple[Case, LetterRow]] = {}
    for moment, case, letter, reads in _to_ring_today(work):
        if reads.key == person.key:
            _done(moment, work)
            found[case.row.id, letter.notice] = (case, letter)  # one call, where a notice went out twice
    return list(found.values())


def asked_of_leaders(work: Work) -> list[tuple[Case, Item]]:
    """Return the same of tickets a leader handles, who gets no worklist: for the reminder of the morning.

    Where a leader only reads because everybody else is away, a call waits for whoever is back first.
    """
    found: dict[tuple[int, str | None], tuple[Case, Item]] = {}
    for moment, case, letter, reads in _to_ring_today(work):
        if reads.role is Role.LEADER and case.ticket.handler == reads.key:
            _done(moment, work)
            found[case.row.id, letter.notice] = (case, partial(_item, case, letter, reads))
    return list(found.values())


def _item(
    case: Case, letter: LetterRow, reads: Person, language: Language, steps: tuple[Choice, ...]
) -> ReminderItem:
    name, view = notice_name(case, letter.notice or "", language), case.view(language)
    call = view.telephone or letter.recipient
    label = (
        f"请电话询问是否收到《{name}》（{call}）"
        if language == "zh"
        else f"ask by telephone whether the {name} arrived ({call})"
    )
    limit = LimitView("confirm", label, case.work.today, days_left=0, provisional=False, basis="")
    return ReminderItem(view, limit, reads.name if language == "zh" else reads.name_en or reads.name, steps)


def ask_again(work: Work, cases: Sequence[Case]) -> None:
    """Have the next worklist ask what a stopped one of today would have asked about these tickets."""
    letters = select(LetterRow.id).where(
        LetterRow.ticket_id.in_([case.row.id for case in cases]), LetterRow.notice.is_not(None)
    )
    midnight = datetime.combine(work.today, time(0), work.settings.desk.zone)
    keys = [_moment_key(letter) for letter in work.session.scalars(letters)]
    listed = select(Moment).where(Moment.key.in_(keys), Moment.state == "done", Moment.done_at >= midnight)
    for moment in work.session.scalars(listed):
        moment.state, moment.done_at = WAITING, None


def _unheard(case: Case, letter: LetterRow) -> bool:
    """Say whether a notice left and nothing has been heard of it since."""
    notice, heard = letter.notice or "", case.ticket.last_mail_at
    if letter.sent_at is None or notice not in case.ticket.served or notice in case.ticket.delivered:
        return False
    return not _confirmed(case, notice, letter.sent_at) and (heard is None or heard <= letter.sent_at)


def telephone_rows(found: Sequence[tuple[Case, LetterRow]], language: Language) -> tuple[UnservedRow, ...]:
    """Return them as a worklist shows them: number, notice, who, telephone (else address), when it left."""
    rows = []
    for case, letter in found:
        view, day = case.view(language), case.work.rules.day_of(letter.sent_at or case.work.now)
        who = view.enterprise or view.complainant
        name = notice_name(case, letter.notice or "", language)
        rows.append((view.number, name, who, view.telephone or letter.recipient, in_words(day, language)))
    return tuple(rows)


def telephone_steps(found: Sequence[tuple[Case, LetterRow]], language: Language) -> tuple[Choice, ...]:
    """Return what puts on record that they have it, one for each notice; numbered from 1."""
    offered = []
    for case, letter in found:
        number, notice = case.row.number, letter.notice or ""
        zh, en = notice_name(case, notice, "zh"), notice_name(case, notice, "en")
        command = f"#{number} served {notice} phone"
        offered.append(
            (
                command,
                f"{number} 已电话确认收到《{zh}》",
                f"{number}: they told you the {en} arrived",
                False,
            )
        )
    return choices.numbered(offered, language)


def _confirmed(case: Case, notice: str, since: datetime) -> bool:
    return any(
        isinstance(r.event, e.Confirmed) and r.event.notice == notice and r.at >= since for r in case.recorded
    )


def confirm(case: Case, letter: LetterRow, message: Message, cause: str) -> None:
    """Record that the complainant said a notice has arrived. Nobody is written to."""
    confirmed = e.Confirmed(letter.notice or "", letter.id, message.id)
    case.record(confirmed, actor="complainant", cause=cause, at=message.received_at)
    case.settle()


def delivered(case: Case, actor: Actor, notice: str, way: str, said: tuple[datetime, str]) -> Outcome:
    """Record that a notice was handed over by post, by hand or by telephone. `said`: when, further words."""
    at, words = said
    name = notice_name(case, notice, actor.language)
    open_ = next((o for o in obligations.owed(case.recorded) if o.notice == notice), None)
    way_zh, way_en = {"post": ("邮寄", "post"), "hand": ("当面", "hand"), "phone": ("电话", "telephone")}[way]
    kept = case.keep(words) if words else None
    scans = [str(a["filename"]) for a in actor.brought.attachments or [] if not a.get("inline")]
    if open_ is None:
        if notice not in case.ticket.served:
            return Outcome(
                False, actor.say(f"没有需要送达的《{name}》。", f"There is no notice to be served: {name}.")
            )
        if kept is not None:
            case.record(e.Noted(kept, actor.message.id), actor=actor.person.key, cause=actor.cause)
        confirmed = e.Confirmed(notice, 0, actor.message.id)
        case.record(confirmed, actor=actor.person.key, cause=actor.cause, at=at)
        return Outcome(
            True,
            actor.say(f"已登记：{way_zh}确认收到《{name}》", f"Recorded: {name} confirmed by {way_en}")
            + _with(actor, scans),
        )
    since = _since(case, open_)
    if case.work.rules.day_of(at) < case.work.rules.day_of(since):
        return Outcome(
            False,
            actor.say(
                "送达日期不能早于作出决定的日期。", "It cannot have been served before it was decided."
            ),
        )
    at = max(at, since)
    record = e.Delivered(notice, way, kept, actor.brought.id)
    case.record(record, actor=actor.person.key, cause=actor.cause, at=at)
    day = case.work.rules.day_of(at)
    return Outcome(
        True,
        actor.say(
            f"已登记：《{name}》{in_words(day, 'zh')}{way_zh}送达",
            f"Recorded: {name} served by {way_en} on {in_words(day, 'en')}",
        )
        + _with(actor, scans),
    )


def _since(case: Case, open_: Owed) -> datetime:
    return min(open_.since, case.work.now)


def _with(actor: Actor, scans: list[str]) -> str:
    if not scans:
        return ""
    return actor.say(f"，附件：{'、'.join(scans)}", f"; attached: {', '.join(scans)}")


def noon(case: Case, day: date) -> datetime:
    """Return the instant something done on a day counts from: noon, or now on the day itself."""
    at = datetime.combine(day, time(12), case.work.settings.desk.zone)
    return min(at, case.work.now)


def failed_cases(work: Work) -> list[int]:
    """Return the tickets with a notice that was refused or came back, also those that are finished."""
    query = (
        select(LetterRow.ticket_id)
        .where(
            LetterRow.notice.is_not(None),
            LetterRow.ticket_id.is_not(None),
            or_(LetterRow.state == LetterState.FAILED, LetterRow.last_reply.like("bounced%")),
        )
        .distinct()
    )
    return [ticket for ticket in work.session.scalars(query) if ticket is not None]


def unserved(case: Case, language: Language) -> list[UnservedRow]:
    """Return the notices of a ticket that did not arrive: number, notice, who, telephone, since when."""
    view = case.view(language)
    return [
        (
            view.number,
            notice_name(case, o.notice, language),
            view.enterprise or view.complainant,
            view.telephone,
            in_words(case.work.rules.day_of(o.failed_at), language),
        )
        for o in obligations.owed(case.recorded)
        if o.failed_at is not None
    ]
