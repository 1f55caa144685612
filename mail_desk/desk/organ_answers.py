"""A mail that may be an organ's answer: recognised, filed inside, and offered to who asked.

It may answer our letter, name the reference anywhere (also in the name of a scan), or come from the address
or domain of an organ that owes an answer. It is never taken for a complaint, opens no ticket and gets no
receipt; nothing is recorded as the answer before the handler says so. Meanwhile the organ is not reminded.
Who writes from elsewhere, without a reference, and only sounds like an organ opens a ticket as before, and
those who asked that organ are shown it too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select

from mail_desk.config import Language, Person, Role
from mail_desk.desk import choices, linked, notify, opening, organs
from mail_desk.desk.case import Case
from mail_desk.desk.files import attachable, cloud_views, file_views
from mail_desk.desk.organs import Standing
from mail_desk.desk.outcome import Actor
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.inbound import authenticity
from mail_desk.inbound.mail import Mail
from mail_desk.inbound.parse import parse
from mail_desk.outbound.letters import LetterKind, OrganAnswerContext, WaitingMail
from mail_desk.store import raw
from mail_desk.store.schema import EventRow, LetterRow, Message, Participant, TicketRow
from mail_desk.tickets import events as e
from mail_desk.tickets.commands import Command, Verb
from mail_desk.tickets.confirmations import confirms
from mail_desk.tickets.organ_questions import references_in

# What the letters of organs are called; with the name of one that was asked, it is worth showing.
_SOUNDS = re.compile(
    r"复函|回函|回复意见|答复意见|情况说明|情况的说明|关于.{2,40}的(?:答复|回复|复函|说明)|\breply\b|\bstatement\b",
    re.IGNORECASE,
)
UNJUDGED = timedelta(days=60)
LONGEST = 200_000  # characters of a mail in which references are looked for
_NUMBER = re.compile(r"(?<!\d)(20\d\d-\d{4,6})(?![\d-])")


@dataclass(frozen=True)
class _Match:
    standing: Standing
    why: str  # token, reference, number, address, domain, name

    @property
    def named(self) -> bool:
        return self.why in ("token", "reference")


def file(work: Work, message: Message, mail: Mail, named: Sequence[str], *, ordinary: bool) -> str:
    """File a mail that may answer an organ's question and offer it; "" where it is something else.

    `named`: keyed Message-IDs of ours it refers to. `ordinary`: a person's mail, no list and no spam.
    """
    found, letter = _matches(work, message, mail, named, ordinary=ordinary)
    if not found:
        return ""
    if _only_confirms(message, mail) and found[0].why == "token":
        return _confirmation(found[0].standing.case, message, letter)
    first = found[0].standing.case
    sole = len({m.standing.case.row.id for m in found}) == 1 or found[0].named
    message.verified = False
    if letter is not None:
        message.letter_id = letter.id
        message.verified = _verified(work, message, mail, letter)
    cause = f"message:{message.id}"
    if sole:
        message.ticket_id = first.row.id
        first.record(
            e.FollowedUp(message.id, "organ", verified=message.verified),
            actor="desk",
            cause=cause,
            at=message.received_at,
        )
    by_case: dict[int, list[_Match]] = {}
    for match in found:
        by_case.setdefault(match.standing.case.row.id, []).append(match)
        seen = e.AnswerSeen(match.standing.question.reference.key, message.id, match.why)
        match.standing.case.record(seen, actor="desk", cause=cause, at=message.received_at)
    hidden = {key for m in found for key in m.standing.case.ticket.hidden}
    for matches in by_case.values():
        matches[0].standing.case.settle()
        _offer(work, message, mail, matches, hidden=hidden)
    return "follow-up" if sole else "organ-mail"


def _only_confirms(message: Message, mail: Mail) -> bool:
    """Say whether a mail only says that our letter has arrived: no answer, and nothing to decide."""
    return not any(not a.inline for a in mail.attachments) and confirms(
        message.new_text or "", mail.author.name
    )


def _confirmation(case: Case, message: Message, letter: LetterRow | None) -> str:
    """File the organ's 收到 on the ticket; nobody is written to, and the answer is awaited as before."""
    message.ticket_id, message.letter_id = case.row.id, letter.id if letter is not None else None
    filed = e.FollowedUp(message.id, "organ", verified=False)
    case.record(filed, actor="desk", cause=f"message:{message.id}", at=message.received_at)
    case.settle()
    return "confirmation"


def _matches(
    work: Work, message: Message, mail: Mail, named: Sequence[str], *, ordinary: bool
) -> tuple[list[_Match], LetterRow | None]:
    """Return the questions a mail may answer and the letter it replies to: what is certain first."""
    letter = _letter_answered(work, named, authenticity.tags_in(mail.subject))
    found: list[_Match] = []
    if letter is not None and (standing := organs.by_letter(work, letter)) is not None:
        found.append(_Match(standing, "token"))
    text = "\n".join((mail.subject, mail.text[:LONGEST], *(a.filename or "" for a in mail.attachments)))
    for reference in references_in(text):
        other = organs.by_reference(work, reference)
        known = {m.standing.question.reference for m in found}
        if other is not None and reference not in known and not _complainants(work, message, other):
            # The case is the same object for all, so that what one match records the next one sees.
            same = next((m.standing.case for m in found if m.standing.case.row.id == other.case.row.id), None)
            found.append(_Match(Standing(same or other.case, other.question), "reference"))
    if found:
        return found, letter
    organ = work.people.organ_of(message.from_address or "")
    if organ is None or not ordinary or letter is not None:
        return [], None
    waiting = [s for s in organs.open_now(work) if s.question.organ == organ.key and s.reached()]
    numbers = set(_NUMBER.findall(mail.subject))
    about = [s for s in waiting if s.case.row.number in numbers or s.question.reference.ticket in numbers]
    if numbers and not about:
        return [], None  # it names a ticket, and that one asked nothing
    why = "number" if about else "address" if message.from_address in organ.addresses else "domain"
    return [_Match(s, why) for s in about or waiting], None


def _letter_answered(work: Work, named: Sequence[str], tags: Sequence[str]) -> LetterRow | None:
    query = select(LetterRow).where(LetterRow.audience == "organ", LetterRow.ticket_id.is_not(None))
    for column, values in ((LetterRow.message_id, named), (LetterRow.tag, tags)):
        if values:
            found = work.session.scalars(
                query.where(column.in_(values)).order_by(LetterRow.id.desc()).limit(1)
            ).first()
            if found is not None:
                return found
    return None


def _complainants(work: Work, message: Message, standing: Standing) -> bool:
    """Say whether the writer takes part in the ticket: whoever complains is never taken for the organ."""
    taking_part = work.session.get(Participant, (standing.case.row.id, message.from_address or ""))
    return taking_part is not None and taking_part.role != "organ"


def _verified(work: Work, message: Message, mail: Mail, letter: LetterRow) -> bool:
    """Say whether it answers our letter and comes from the organ the letter went to."""
    sender = message.from_address or ""
    organ = work.people.organ_of(sender)
    asked = work.people.organ_of(letter.recipient)
    readers = {letter.recipient, *((sender,) if organ is not None and organ is asked else ())}
    trust = authenticity.judge(
        sender,
        sole=authenticity.sole_author(mail),
        readers=readers,
        dead_at=letter.tag_dead_at,
        now=work.now,
    )
    return trust.commands


# --- offering ---------------------------------------------------------------------------------------


def offers(standing: Standing, message: int, number: str) -> list[tuple[str, str, str, bool]]:
    """Return what may be said of a mail as the answer to one question: it is, it is not."""
    return [
        (
            f"#{number} answer M{message} {standing.spoken('en')}",
            f"是{standing.organ_name('zh')}对{standing.spoken('zh')}的回函",
            f"It is the answer of the {standing.organ_name('en')} to {standing.spoken('en')}",
            False,
        ),
        (f"#{number} not-answer M{message}", "不是回函", "It answers no question", False),
    ]


def _offer(work: Work, message: Message, mail: Mail, matches: Sequence[_Match], *, hidden: set[str]) -> None:
    """Ask the handler. Nobody is shown it from whom another ticket it may answer is hidden."""
    case = matches[0].standing.case
    readers = [p for p in notify.watchers(case) if p.key not in hidden]
    supervisor = case.supervisor()
    if not readers and supervisor is not None and supervisor.key not in hidden:
        readers = [supervisor]
    for person in readers:
        to = to_person(work, person)
        files = attachable(work, message)
        standing = [m.standing for m in matches]
        steps = [offers(s, message.id, case.row.number)[0] for s in standing[:7]]
        steps.append(offers(standing[0], message.id, case.row.number)[1])
        context = OrganAnswerContext(
            ticket=case.view(to.language),
            reader=to.name,
            sender=f"{message.from_name or ''} <{message.from_address}>".strip(),
            organ=standing[0].organ_name(to.language),
            asked=tuple((s.spoken(to.language), case.words(s.question.words)) for s in standing),
            why=_why(work, message, matches, to.language),
            verified=message.verified,
            words=message.new_text or "",
            files=file_views(message, attached=bool(files)),
            cloud=cloud_views(mail),
            reference=f"M{message.id}",
        )
        post(
            work,
            LetterKind.ORGAN_ANSWER,
            to,
            context,
            Cause(f"message:{message.id}"),
            case=case,
            choices=choices.with_first(case, person, to.language, steps),
            files=files,
            dedupe=f"organ-answer/{message.id}/{case.row.id}/{person.key}",
        )


def _why(work: Work, message: Message, matches: Sequence[_Match], language: Language) -> tuple[str, ...]:
    """Say what makes the mail look like the answer, and what is missing."""
    zh, sender, first = language == "zh", message.from_address or "?", matches[0]
    name, spoken = first.standing.organ_name(language), first.standing.spoken(language)
    organ = work.people.organ_of(sender)
    theirs = organ is not None and organ.key == first.standing.question.organ
    said = {
        "token": ("它直接回复了我们的函。", "It replies to our letter."),
        "reference": (f"来信或者附件名写有函号{spoken}。", f"It names {spoken}, in its text or in the name of a file."),
        "number": (f"来信写有编号，发件单位正是被征询的{name}。", f"It names the ticket and comes from the {name}."),
        "address": (f"发件地址是{name}的地址，该单位还有征询未答复。", f"It comes from the address of the {name}, which owes an answer."),
        "domain": (f"发件地址属于{name}，该单位还有征询未答复。", f"It comes from the domain of the {name}, which owes an answer."),
        "name": (f"来信提到{name}，像是公文。", f"It mentions the {name} and reads like an official letter."),
    }[first.why]  # fmt: skip
    found = [said[0 if zh else 1]]
    if not message.verified and not theirs:
        found.append(
            f"但发件地址 {sender} 不是{name}的地址，请先核实。"
            if zh
            else f"But {sender} is no address of the {name}: please make sure who wrote it."
        )
    elif not message.verified and not first.named:
        found.append(
            f"可能是{name}的答复，但没有回复我们的函，也没有写函号。"
            if zh
            else f"It may be the answer of the {name}, but it neither replies to our letter nor names a reference."
        )
    if not first.standing.question.open:
        found.append("这件征询已经有过答复。" if zh else "This question has been answered before.")
    if first.standing.case.ticket.closed_at is not None:
        found.append("此件已经结案。" if zh else "The ticket is closed.")
    if message.ticket_id not in (None, first.standing.case.row.id):
        number = work.session.get_one(TicketRow, message.ticket_id).number
        found.append(
            f"它现在暂立为 {number}；确认后并入此件。"
            if zh
            else f"For the time being it is {number}; if you confirm, that ends in this ticket."
        )
    return (*found, *linked.warning(work, message))


def offer_elsewhere(work: Work, message: Message, mail: Mail) -> None:
    """Show who asked an organ a mail that opened a ticket and only sounds like that organ's answer.

    An organ that answers from a private mailbox without a reference is known by its words alone.
    """
    sender = message.from_address or ""
    names = " ".join((mail.subject, *(a.filename or "" for a in mail.attachments)))
    if (
        not _SOUNDS.search(names)
        or work.settings.enterprise_of(sender) is not None
        or message.ticket_id is None
    ):
        return
    text = f"{mail.author.name}\n{names}\n{mail.text}"
    own = work.session.get_one(TicketRow, message.ticket_id)
    for standing in organs.open_now(work):
        organ = standing.organ
        if organ is None or not any(name and name in text for name in (organ.name, organ.name_en)):
            continue
        if standing.case.row.id == own.id or _complainants(work, message, standing):
            continue
        seen = e.AnswerSeen(standing.question.reference.key, message.id, "name")
        cause = f"message:{message.id}"
        standing.case.record(seen, actor="desk", cause=cause, at=message.received_at)
        standing.case.settle()
        _offer(work, message, mail, [_Match(standing, "name")], hidden=set(own.hidden_from))


def with_ticket(work: Work, command: Command, actor: Actor, *, about: Case | None) -> Command:
    """Let `answer` and `not-answer` say their ticket by the reference or the mail alone, wherever they are typed.

    `about`: the ticket of the letter answered, which a mail named alone means first.
    """
    if command.verb not in (Verb.ANSWER, Verb.NOT_ANSWER) or command.ticket:
        return command
    if named := references_in(command.words):
        standing = organs.by_reference(work, named[0])
        return command if standing is None else replace(command, ticket=standing.case.row.number)
    digits = command.argument.upper().removeprefix("M")
    message = work.session.get(Message, int(digits)) if digits.isdecimal() and about is None else None
    if message is None:
        return command
    waiting = waits_elsewhere(work, message)
    mine = [case for case in waiting if case.ticket.handler in actor.acts_for] or waiting
    return replace(command, ticket=mine[0].row.number) if len(mine) == 1 else command


# --- what it is, if it is no answer -----------------------------------------------------------------


def waits_elsewhere(work: Work, message: Message, case: Case | None = None) -> list[Case]:
    """Return the other tickets whose handlers have still to say whether the mail is an answer there."""
    query = (
        select(EventRow.ticket_id)
        .where(
            EventRow.type == e.AnswerSeen.__name__,
            EventRow.at == message.received_at,
            EventRow.ticket_id != (case.row.id if case is not None else 0),
        )
        .distinct()
    )
    others = [Case.by_id(work, ticket) for ticket in work.session.scalars(query)]
    return [c for c in others if any(message.id in s.question.seen for s in organs.of_case(c))]


def open_own_ticket(case: Case, message: Message, actor: Actor) -> Case:
    """Make a ticket of a mail that was taken for an answer, with its true day of arrival; no receipt goes out."""
    work = case.work
    mail = parse(raw.load(work.session, work.rules.spool_dir, message.raw_sha256 or ""))
    filed_here = message.ticket_id == case.row.id
    message.ticket_id = None
    made = opening.open_ticket(
        work,
        message=message,
        mail=mail,
        language="en" if message.language == "en" else "zh" if message.language else None,
        no_receipt=actor.say("机关来函", "mail of an organ"),
        related=(),
    )
    message.filed_as = "opened"
    if filed_here:
        moved = e.Separated(message.id, made.row.number)
        case.record(moved, actor=actor.person.key, cause=f"message:{message.id}")
    return made


def undecided(work: Work, person: Person, language: Language) -> tuple[WaitingMail, ...]:
    """Return the mails that wait to be called answers or not: a handler's own.

    Superiors are shown those that lie on no ticket and that nobody has judged on the day they came.
    """
    found: dict[int, list[Standing]] = {}
    handler = person.role is Role.HANDLER
    keys = work.acts_for(person)
    for standing in organs.open_now(work, hidden_from=person.key) if handler else _unjudged(work, person):
        if not handler or standing.case.ticket.handler in keys:
            for message in standing.question.seen:
                found.setdefault(message, []).append(standing)
    if not found:
        return ()
    rows = work.session.scalars(select(Message).where(Message.id.in_(found)).order_by(Message.id)).all()
    nameless = "（无主题）" if language == "zh" else "(no subject)"
    return tuple(
        WaitingMail(
            reference=f"M{row.id}",
            received_on=work.rules.day_of(row.received_at),
            sender=f"{row.from_name or ''} <{row.from_address or '?'}>".strip(),
            subject=row.subject or nameless,
            reason=" / ".join(s.spoken(language) for s in found[row.id]),
        )
        for row in rows
        if handler or (row.filed_as == "organ-mail" and work.rules.day_of(row.received_at) < work.today)
    )


def _unjudged(work: Work, person: Person) -> list[Standing]:
    """Return the questions that mails were offered for lately, also of finished tickets."""
    since = work.now - UNJUDGED
    query = (
        select(EventRow.ticket_id)
        .where(EventRow.type == e.AnswerSeen.__name__, EventRow.at > since)
        .distinct()
    )
    cases = [Case.by_id(work, ticket) for ticket in work.session.scalars(query)]
    visible = [case for case in cases if person.key not in case.ticket.hidden]
    return [s for case in visible for s in organs.of_case(case) if s.question.seen]
