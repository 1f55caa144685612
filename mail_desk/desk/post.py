"""Queueing letters: final bytes, fixed Message-ID, route, hold, review (invariants 4, 8, 9, 11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import bindparam, select

from mail_desk.config import Language, Person, Role
from mail_desk.desk import contact, identity
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.inbound import authenticity
from mail_desk.outbound import outbox
from mail_desk.outbound.letters import (
    KINDS,
    Audience,
    Choice,
    ContactView,
    Context,
    File,
    Letter,
    LetterKind,
    Preview,
    Rendered,
)
from mail_desk.outbound.wording import NO_ADDRESS
from mail_desk.store.schema import LetterRow, LetterState, LetterTicket, Message
from mail_desk.tickets.events import LetterQueued, NoticeFailed
from mail_desk.tickets.events_complainants import ContactTold

log = structlog.get_logger()

NO_ADDRESS_SHOWN = "（无电子邮箱 / no e-mail address）"

_FIRST_LETTER = (
    select(LetterRow.message_id)
    .where(LetterRow.ticket_id == bindparam("ticket"), LetterRow.recipient == bindparam("address"))
    .order_by(LetterRow.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class To:
    """Who a letter goes to."""

    address: str
    name: str
    language: Language
    audience: Audience
    person: str | None = None  # key of staff or leader


def to_person(work: Work, person: Person) -> To:
    """Address staff or a leader, in the language the person works in."""
    language = work.rules.language_of(person)
    name = person.name if language == "zh" else person.name_en or person.name
    audience = Audience.LEADER if person.role is Role.LEADER else Audience.STAFF
    return To(person.addresses[0], name, language, audience, person.key)


def to_complainant(case: Case) -> To:
    """Address the complainant where it wishes to be answered (Reply-To), in the language of the complaint."""
    row = case.row
    language: Language = "en" if row.language == "en" else "zh"
    return To(case.answers_to, row.complainant_name, language, Audience.ENTERPRISE)


@dataclass(frozen=True, slots=True)
class Cause:
    """What a letter follows from. `by_command`: the command mail that `undo` would take back."""

    cause: str
    by_command: int | None = None
    by_superior: bool = False  # a supervisor or leader wrote it: no further release is needed


def _account(work: Work, audience: Audience) -> str:
    routes = work.settings.routes
    if audience.outward:
        return routes.outward
    return routes.alarms if audience is Audience.OPERATOR else routes.staff


def _threading(work: Work, case: Case | None, to: To, answers: Message | None) -> tuple[str, tuple[str, ...]]:
    """Return In-Reply-To and References: a ticket is one conversation in every reader's client."""
    if answers is not None and answers.message_id:
        return answers.message_id, (answers.message_id,)
    if case is None:
        return "", ()
    found: list[str] = []
    if to.audience is Audience.ENTERPRISE:
        query = select(Message.message_id).where(
            Message.ticket_id == case.row.id,
            Message.from_address.in_({to.address, case.row.complainant_address}),
        )
        found = [i for i in work.session.scalars(query.order_by(Message.id)) if i]
    elif case.opening:
        found = [case.first_letters[to.address]] if to.address in case.first_letters else []
    else:
        found = list(work.session.scalars(_FIRST_LETTER, {"ticket": case.row.id, "address": to.address}))
    if not found:
        return "", ()
    references = (found[0], *found[-3:][1 if len(found) <= 3 else 0 :])
    return found[-1], tuple(dict.fromkeys(references))


def _hold(work: Work, case: Case | None, notice: str, *, held: bool) -> datetime:
    """Return when the letter may leave: at once if waiting would let a limit pass."""
    if not held:
        return work.now
    leaves = work.now + timedelta(minutes=work.settings.desk.hold_minutes)
    awaited = case.awaits(f"served:{notice}") if case is not None and notice else []
    return work.now if any(work.now <= d.due_at <= leaves for d in awaited) else leaves


def post(
    work: Work,
    kind: LetterKind,
    to: To,
    context: Context,
    why: Cause,
    *,
    case: Case | None = None,
    choices: Sequence[Choice] = (),
    files: Iterable[File] = (),
    notice: str = "",
    held: bool = False,
    answers: Message | None = None,
    dedupe: str | None = None,
    tickets: Iterable[int] = (),
) -> LetterRow | None:
    """Queue one letter to one reader; None if this was queued before or would go to ourselves.

    To a complainant without an address the desk writes what a verb asks for, to be printed and handed over
    otherwise: the letter is kept as not sent, its notice stays owed. What it would write by itself, it does not.
    """
    printed = not to.address
    if printed and (case is None or KINDS[kind].auto != "no"):
        return None
    if to.address.lower() in work.settings.own_addresses():
        log.warning("letter to ourselves not written", kind=kind.value, action="post")
        return None
    spec = KINDS[kind]
    account = work.settings.account_named(_account(work, to.audience))
    tag = identity.tag_of(
        work, kind, to.address, context, choices, number=case.row.number if case else "", notice=notice
    )
    identifier = authenticity.message_id(work.key, tag, account.address.rpartition("@")[2])
    in_reply_to, references = _threading(work, case, to, answers)
    letter = Letter(
        kind=kind,
        language=to.language,
        to_name=to.name,
        to_address=to.address or NO_ADDRESS,
        context=context,
        choices=tuple(choices),
        files=tuple(files),
        in_reply_to=in_reply_to,
        references=references,
        new_contact=_new_contact(case, kind, to),
    )
    review = not printed and _needs_review(work, kind, to.audience, why)
    leaves = work.now if review else _hold(work, case, notice, held=held)
    rendered = _render(work, letter, account.address, identifier, tag, leaves)
    row = LetterRow(
        kind=kind.value,
        pacing=spec.pacing.value,
        audience=to.audience.value,
        account=account.name,
        recipient=to.address,
        person=to.person,
        ticket_id=case.row.id if case is not None else None,
        notice=notice or None,
        language=to.language,
        subject=rendered.subject,
        message_id=identifier,
        tag=tag,
        choices=[{"number": c.number, "command": c.command, "needs_words": c.needs_words} for c in choices],
        raw=rendered.raw,
        text=rendered.text,
        dedupe=dedupe,
        cause=why.cause,
        caused_by=why.by_command,
        created_at=work.now,
        not_before=leaves,
        held=held and not review and not printed,
        state=LetterState.REVIEW if review else LetterState.QUEUED,
        searches=outbox.OWED if work.restored else 0,
    )
    named = tuple(dict.fromkeys(tickets))
    recorded = case is not None and to.audience.outward
    if outbox.enqueue(work.session, row, flush=bool(named) or recorded) is None:  # both need the letter's id
        return None
    if printed:
        row.state, row.reported, row.last_reply = LetterState.FAILED, True, "no address: to be printed"
    work.new.discard(to.address)
    if case is not None:
        case.first_letters.setdefault(to.address, identifier)
    for ticket_id in named:
        work.session.add(LetterTicket(letter_id=row.id, ticket_id=ticket_id))
    if case is not None and recorded:
        case.record(LetterQueued(row.id, kind.value, notice), actor="desk", cause=why.cause)
        if printed and notice:
            case.record(NoticeFailed(notice, row.id), actor="desk", cause=why.cause)
        if letter.new_contact is not None:
            case.record(ContactTold(row.id, case.ticket.handler), actor="desk", cause=why.cause)
    return row


def _new_contact(case: Case | None, kind: LetterKind, to: To) -> ContactView | None:
    """Return whom this letter names as the new contact: the first one that leaves after the handler has changed."""
    if case is None or to.audience is not Audience.ENTERPRISE or kind is LetterKind.NEW_CONTACT:
        return None
    return contact.view(case, to.language) if contact.changed(case) else None


def _render(work: Work, letter: Letter, address: str, identifier: str, tag: str, date: datetime) -> Rendered:
    office = work.settings.desk.office
    name = office.name_zh if letter.language == "zh" else office.name_en
    return work.rules.renderer.render(
        letter, sender=(name, address), message_id=identifier, tag=tag, date=date
    )


def _needs_review(work: Work, kind: LetterKind, audience: Audience, why: Cause) -> bool:
    return (
        work.settings.desk.outward == "review"
        and audience.outward
        and KINDS[kind].auto == "no"  # what the desk writes by itself holds nobody's words
        and not why.by_superior
    )


def draft(work: Work, kind: LetterKind, to: To, context: Context) -> Preview:
    """Render a letter that is not queued yet, for whoever has to approve it."""
    letter = Letter(kind, to.language, to.name, to.address or NO_ADDRESS, context)
    account = work.settings.account_named(_account(work, to.audience))
    rendered = _render(
        work, letter, account.address, f"draft@{account.address.rpartition('@')[2]}", "-" * 10, work.now
    )
    subject = rendered.subject.removeprefix("[----------]").strip()
    return Preview(to.address or NO_ADDRESS_SHOWN, subject, rendered.text, None)


def preview(row: LetterRow, files: Iterable[File] = ()) -> Preview:
    """Show a queued letter in full to who caused it. `files`: what it carries."""
    leaves = None if row.state == LetterState.REVIEW else row.not_before
    subject = row.subject.removeprefix(f"[{row.tag}]").strip()
    shown = row.recipient or NO_ADDRESS_SHOWN
    return Preview(
        shown, subject, row.text, leaves, tuple(f.filename for f in files), to_print=not row.recipient
    )


def kill_tokens(work: Work, case: Case, *, at: datetime, person: str | None = None) -> None:
    """End the keys of a ticket's letters: of one person's at once, of all some time after closing."""
    query = select(LetterRow).where(LetterRow.ticket_id == case.row.id, LetterRow.tag_dead_at.is_(None))
    if person is not None:
        query = query.where(LetterRow.person == person)
    for row in work.session.scalars(query):
        row.tag_dead_at = at


def replaced(choices: Sequence[Choice], start: int) -> tuple[Choice, ...]:
    """Renumber choices so that they begin at `start`."""
    return tuple(replace(c, number=n) for n, c in enumerate(choices, start=start))
