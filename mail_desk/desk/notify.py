"""Letters inside the house: who of staff and leaders hears of what, and what it offers to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Literal

from sqlalchemy import select

from mail_desk.config import Language, Person, Role
from mail_desk.desk import choices, completeness, enclosing, evidence, leader_pace, notices, traced
from mail_desk.desk.case import Case
from mail_desk.desk.files import attachable, cloud_views, file_views
from mail_desk.desk.post import Cause, post, preview, to_person
from mail_desk.desk.work import Work
from mail_desk.inbound.mail import Mail
from mail_desk.outbound.letters import (
    ApprovalAnswerContext,
    ApprovalRequestContext,
    FollowUpContext,
    InstructionContext,
    LetterKind,
    NewTicketContext,
    Preview,
    QuarantinedContext,
    ReviewRequestContext,
    SentByHandContext,
    ServiceFailedContext,
    WaitingMail,
)
from mail_desk.store.schema import LetterRow, Message
from mail_desk.tickets.assignment import present
from mail_desk.tickets.events import Proposed


def watchers(case: Case) -> list[Person]:
    """Return who must know of a ticket: its handler, or who stands in; never nobody."""
    chosen = case.reader()
    return [chosen] if chosen is not None else []


def leader_of(case: Case) -> Person | None:
    """Return the leader who decides on this ticket: of its key project, else the first present one."""
    people, hidden = case.work.people, case.ticket.hidden
    enterprise = next((e for e in case.work.settings.enterprises if e.key == case.row.enterprise), None)
    named = people.by_key(enterprise.project_leader) if enterprise and enterprise.project_leader else None
    for person in ([named] if named is not None else []) + list(people.with_role(Role.LEADER)):
        stand_in = present(people, person, case.work.today, hidden)
        if stand_in is not None:
            return stand_in
    return next((p for p in people.with_role(Role.LEADER) if p.key not in hidden), None)


def new_ticket(
    case: Case,
    person: Person,
    why: Cause,
    *,
    message: Message,
    mail: Mail | None,
    words: str,
    because: str,
    by: str = "",
    warnings: Iterable[str] = (),
    more_choices: Iterable[tuple[str, str, str, bool]] = (),
) -> LetterRow | None:
    """Hand a ticket to its handler: words, files, dates, next steps."""
    to = to_person(case.work, person)
    files = attachable(case.work, message)
    steps = choices.next_steps(case, person, to.language)
    steps += tuple(choices.numbered([*_blank(len(steps)), *more_choices], to.language)[len(steps) :])
    context = NewTicketContext(
        ticket=case.view(to.language),
        reader=to.name,
        assigned_because=because,
        by=by,
        words=words,
        files=file_views(message, attached=bool(files)),
        cloud=cloud_views(mail),
        warnings=tuple(warnings),
    )
    return post(case.work, LetterKind.NEW_TICKET, to, context, why, case=case, choices=steps, files=files)


def _blank(count: int) -> list[tuple[str, str, str, bool]]:
    return [("", "", "", False)] * count


def follow_up(
    case: Case,
    why: Cause,
    *,
    message: Message,
    mail: Mail,
    role: Literal["complainant", "organ", "staff", "unknown"],
    words: str,
    warnings: Iterable[str] = (),
    first: Sequence[tuple[str, str, str, bool]] = (),
) -> None:
    """Tell the handler of a further mail. `first`: steps that only this mail gives reason for."""
    for person in watchers(case):
        to = to_person(case.work, person)
        files = attachable(case.work, message)
        context = FollowUpContext(
            ticket=case.view(to.language),
            reader=to.name,
            sender=f"{message.from_name} <{message.from_address}>".strip(),
            role=role,
            verified=message.verified,
            words=words,
            files=file_views(message, attached=bool(files)),
            cloud=cloud_views(mail),
            warnings=tuple(warnings),
            dates=completeness.both_dates(case, to.language)
            if role == "complainant" and message.verified
            else (),
        )
        steps = choices.with_first(case, person, to.language, first)
        post(case.work, LetterKind.FOLLOW_UP, to, context, why, case=case, choices=steps, files=files)


def approval_request(
    case: Case, approver: Person, why: Cause, *, by: Person, shown: Preview | None, alone: bool = False
) -> LetterRow | None:
    """Ask a superior for the decision that was just proposed; a leader, unless `alone`, in the weekly mail."""
    proposal = case.ticket.proposal
    if proposal is None:
        msg = "no proposal to approve"
        raise ValueError(msg)
    to = to_person(case.work, approver)
    zh = to.language == "zh"
    due = case.running[0] if case.running else None
    if not alone and leader_pace.waits(case, approver, due.due_on if due is not None else None):
        return None
    until = case.due_if_extended("conclude", proposal.days) if proposal.days else None
    context = ApprovalRequestContext(
        ticket=case.view(to.language),
        reader=to.name,
        decision=proposal.verb,
        ground=_ground(case, proposal, to.language),
        words=case.words(proposal.words),
        by=by.name if zh else by.name_en or by.name,
        preview=shown,
        answer_by=due.due_on if due is not None else None,
        body=proposal.body,
        days=proposal.days,
        until=until.due_on if until is not None else None,
    )
    offered = choices.decision(case, to.language)
    return post(case.work, LetterKind.APPROVAL_REQUEST, to, context, why, case=case, choices=offered)


def _ground(case: Case, proposal: Proposed, language: Language) -> str:
    """Return the ground of a proposal in words, with the complainant's mail it rests on."""
    ground = case.procedure.ground(proposal.ground, proposal.verb) if proposal.ground else None
    if ground is None:
        return ""
    mail = evidence.cited(case, ground.key) if ground.cites else None
    if mail is None:
        return ground.text(language)
    said = evidence.cited_mail(case, mail, language)
    return f"{ground.text(language)}（{said}）" if language == "zh" else f"{ground.text(language)} ({said})"


def approval_answer(
    case: Case,
    why: Cause,
    *,
    decision: str,
    approved: bool,
    by: Person,
    words: str,
    shown: Preview | None,
    lapsed: bool = False,
) -> None:
    """Tell the handler what a superior decided. `lapsed`: nothing, before the date came."""
    made = notices.unshown(case)
    for person in watchers(case):
        if person.key == by.key:
            continue
        to = to_person(case.work, person)
        said, files = notices.hand_over(made, to.language)
        context = ApprovalAnswerContext(
            ticket=case.view(to.language),
            reader=to.name,
            decision=decision,
            approved=approved,
            by=by.name if to.language == "zh" else by.name_en or by.name,
            words=words,
            preview=shown,
            lapsed=lapsed,
            notices=said,
        )
        steps = choices.next_steps(case, person, to.language)
        post(case.work, LetterKind.APPROVAL_ANSWER, to, context, why, case=case, choices=steps, files=files)


def review_request(case: Case, letter: LetterRow, why: Cause, *, by: Person) -> LetterRow | None:
    """Ask a supervisor to release an outward letter."""
    supervisor = case.supervisor()
    if supervisor is None:
        return None
    to = to_person(case.work, supervisor)
    due = case.running[0] if case.running else None
    enclosed = enclosing.of_letter(case, letter)  # who releases it sees what leaves
    number = case.row.number
    offered = choices.numbered(
        [
            (f"#{number} release", "放行", "Release it", False),
            (f"#{number} reject", "退回（可写理由）", "Send it back (a reason may follow)", False),
        ],
        to.language,
    )
    context = ReviewRequestContext(
        ticket=case.view(to.language),
        reader=to.name,
        by=by.name if to.language == "zh" else by.name_en or by.name,
        preview=preview(letter, enclosed),
        due_on=due.due_on if due is not None else None,
        traces=traced.sentences(enclosed, to.language),
    )
    about = Cause(f"letter:{letter.id}", why.by_command, why.by_superior)
    return post(
        case.work, LetterKind.REVIEW_REQUEST, to, context, about, case=case, choices=offered, files=enclosed
    )


def service_failed(
    case: Case, letter: LetterRow, *, recipient: str, diagnostic: str, proven: bool = True
) -> None:
    """Alarm handler and supervisor: a letter to the complainant did not arrive.

    Not `proven`: a report without our key says so. Nothing follows from it, but somebody should ring.
    """
    told = {p.key: p for p in watchers(case)}
    served = choices.delivery(case, letter.notice or "")
    supervisor = case.supervisor()
    if letter.notice and supervisor is not None:
        told[supervisor.key] = supervisor
    for person in told.values():
        to = to_person(case.work, person)
        view = case.view(to.language)
        context = ServiceFailedContext(
            ticket=view,
            reader=to.name,
            letter_subject=letter.subject.removeprefix(f"[{letter.tag}]").strip(),
            recipient=recipient,
            diagnostic=diagnostic,
            statutory=bool(letter.notice) and proven,
            telephone=view.telephone,
        )
        post(
            case.work,
            LetterKind.SERVICE_FAILED,
            to,
            context,
            Cause(f"letter:{letter.id}"),
            case=case,
            choices=choices.with_first(case, person, to.language, served if letter.notice and proven else []),
            dedupe=f"service-failed/{letter.id}/{person.key}{'' if proven else '/unproven'}",
        )


def sent_by_hand(case: Case, message: Message, words: str) -> None:
    """Ask the handler what an answer written in the webmail fulfils."""
    number = case.row.number
    for person in watchers(case):
        to = to_person(case.work, person)
        notices = {t.notice: t for t in case.procedure.transitions if t.notice}
        labels = {
            "acceptance": ("受理通知", "notice of acceptance"),
            "materials-request": ("补正通知", "request of materials"),
            "result": ("处理结果通知", "notice of the result"),
            "refusal": ("不予受理通知", "notice of refusal"),
        }
        possible = [
            (f"#{number} served {key}", f"这封信就是{zh}", f"it is the {en}", False)
            for key, (zh, en) in labels.items()
            if key in notices
            and (case.transition(notices[key].verb) is not None or case.awaits(f"served:{key}"))
        ]
        possible.append((f"#{number} served reply", "只是一般答复", "it is an ordinary answer", False))
        context = SentByHandContext(
            ticket=case.view(to.language),
            reader=to.name,
            words=words,
            files=file_views(message, attached=False),
        )
        post(
            case.work,
            LetterKind.SENT_BY_HAND,
            to,
            context,
            Cause(f"message:{message.id}"),
            case=case,
            choices=choices.numbered(possible, to.language),
        )


def instruction(case: Case, why: Cause, *, by: Person, words: str) -> None:
    """Pass a leader's words on to who has to act, and to the supervisor."""
    told = {p.key: p for p in watchers(case)}
    supervisor = case.supervisor()
    if supervisor is not None:
        told[supervisor.key] = supervisor
    told.pop(by.key, None)
    for person in told.values():
        to = to_person(case.work, person)
        context = InstructionContext(
            ticket=case.view(to.language),
            reader=to.name,
            by=by.name if to.language == "zh" else by.name_en or by.name,
            words=words,
        )
        steps = choices.next_steps(case, person, to.language)
        post(case.work, LetterKind.INSTRUCTION, to, context, why, case=case, choices=steps)


def waiting_mail(work: Work, message: Message) -> WaitingMail:
    """Show a mail that waits for a person."""
    return WaitingMail(
        reference=f"M{message.id}",
        received_on=work.rules.day_of(message.received_at),
        sender=f"{message.from_name or ''} <{message.from_address or '?'}>".strip(),
        subject=message.subject or "",
        reason=message.failure or message.reason or "",
    )


def quarantined(work: Work, message: Message) -> None:
    """Tell the supervisors of a mail that could not be processed; they release or reject it."""
    for person in work.people.with_role(Role.SUPERVISOR):
        quarantined_to(work, message, present(work.people, person, work.today) or person)


def quarantined_to(work: Work, message: Message, person: Person) -> None:
    """Show one person a quarantined mail, to be released or put aside by one digit."""
    to = to_person(work, person)
    offered = choices.numbered(
        [
            (f"#release M{message.id}", "放行，作为新来信办理", "Release it as a new mail", False),
            (f"#reject M{message.id}", "搁置（原件保留）", "Put it aside (the original is kept)", False),
        ],
        to.language,
    )
    post(
        work,
        LetterKind.QUARANTINED,
        to,
        QuarantinedContext(to.name, waiting_mail(work, message)),
        Cause(f"message:{message.id}"),
        choices=offered,
        dedupe=f"quarantined/{message.id}/{work.now.isoformat()}/{to.person}",
    )


def automatic_quota_used(work: Work, address: str) -> bool:
    """Say whether a sender has had its automatic answers of the last 24 hours (RFC 3834 §2)."""
    since = work.now - timedelta(days=1)
    query = select(LetterRow.id).where(
        LetterRow.recipient == address,
        LetterRow.kind == LetterKind.RECEIPT.value,
        LetterRow.created_at > since,
    )
    limit = work.settings.budget.automatic_per_sender_and_day
    return len(work.session.scalars(query.limit(limit)).all()) >= limit


def copy_to_leader(case: Case, leader: Person, message: Message, because: str) -> None:
    """Show a ticket to a leader, who may answer with one line."""
    to = to_person(case.work, leader)
    offered = choices.reading(case, to.language)
    context = NewTicketContext(
        ticket=case.view(to.language),
        reader=to.name,
        assigned_because=because,
        by="",
        words=message.new_text or "",
        files=file_views(message, attached=False),
        cloud=(),
        warnings=(),
        for_information=True,
    )
    why = Cause(f"message:{message.id}")
    post(case.work, LetterKind.NEW_TICKET, to, context, why, case=case, choices=offered)
