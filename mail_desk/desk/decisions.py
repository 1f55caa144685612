"""Decisions: proposing, approving and carrying out what a superior may have to sign off (审签)."""

from __future__ import annotations

from datetime import datetime

from mail_desk.config import Person, Role
from mail_desk.desk import notify, outward
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, date_words, state_name
from mail_desk.desk.post import Cause, preview
from mail_desk.tickets import events as e
from mail_desk.tickets.policy import Transition


def approver_of(case: Case, transition: Transition) -> Person | None:
    """Return who approves this transition for this ticket, as the procedure says."""
    return notify.leader_of(case) if transition.approval == "leader" else case.supervisor()


def _role_rank(person: Person) -> int:
    return [Role.HANDLER, Role.SUPERVISOR, Role.LEADER].index(person.role)


def approves_itself(actor: Actor, transition: Transition) -> bool:
    """Say whether the actor holds the approving role already."""
    if not transition.approval:
        return True
    return _role_rank(actor.person) >= _role_rank_of(transition.approval)


def _role_rank_of(role: str) -> int:
    return ["handler", "supervisor", "leader"].index(role)


def decide(
    case: Case,
    actor: Actor,
    transition: Transition,
    *,
    words: str,
    ground: str = "",
    body: str = "",
    days: int = 0,
) -> Outcome:
    """Carry a decision out, or propose it to whoever has to approve it."""
    proposal = e.Proposed(
        verb=transition.verb, ground=ground, body=body, days=days, words=case.keep(words), approver=""
    )
    if approves_itself(actor, transition):
        return carry_out(case, actor, proposal, transition)
    approver = approver_of(case, transition)
    if approver is None:
        return Outcome(
            False,
            actor.say(
                "没有可以审批的上级，请联系管理员。",
                "There is nobody who could approve this; ask the operator.",
            ),
        )
    before = state_name(case, actor.language)
    shown = None
    if transition.notice:
        shown = outward.preview_of(case, transition.verb, words=words, ground=ground, body=body, days=days)
    case.record(
        e.Proposed(proposal.verb, ground, body, days, proposal.words, approver.key),
        actor=actor.person.key,
        cause=actor.cause,
    )
    notify.approval_request(case, approver, actor.why, by=actor.person, shown=shown)
    name = approver.name if actor.language == "zh" else approver.name_en or approver.name
    return Outcome(
        True,
        actor.say(
            f"{_in_words(case, proposal, actor)}：已报{name}审批，批准后生效",
            f"{_in_words(case, proposal, actor)}: sent to {name}, takes effect when approved",
        ),
        before,
        state_name(case, actor.language),
    )


def carry_out(
    case: Case, actor: Actor, proposal: e.Proposed, transition: Transition, *, at: datetime | None = None
) -> Outcome:
    """Record a decision and queue the notice it owes. `at`: since when an extension holds, if not now."""
    before = state_name(case, actor.language)
    words = case.words(proposal.words)
    event: e.Event
    match proposal.verb:
        case "decline":
            event = e.Declined(proposal.ground, proposal.words)
        case "conclude":
            event = e.Concluded(proposal.ground, proposal.words)
        case "transfer":
            event = e.Transferred(proposal.body, proposal.words)
        case "suspend":
            event = e.Suspended(proposal.words)
        case _:
            event = e.Extended(proposal.days, proposal.words)
    since = at if isinstance(event, e.Extended) else None
    case.record(event, actor=actor.person.key, cause=actor.cause, at=since)
    letter = outward.to_sender(
        case,
        proposal.verb,
        actor.why,
        words=words,
        ground=proposal.ground,
        body=proposal.body,
        notice=transition.notice,
    )
    what = _in_words(case, proposal, actor)
    after = state_name(case, actor.language)
    if proposal.verb == "extend":
        until = date_words(case, "conclude", actor.language)
        after = actor.say(f"新的办结期限：{until}", f"to be concluded by {until}")
    return Outcome(True, what, before, after, letters=outward.previews([letter]))


def _in_words(case: Case, proposal: e.Proposed, actor: Actor) -> str:
    """Return a decision in words: what is proposed, or was carried out."""
    body, days = proposal.body, proposal.days
    ground = case.procedure.ground(proposal.ground, proposal.verb) if proposal.ground else None
    match proposal.verb:
        case "decline":
            zh, en = "不予受理", "Not accepted"
        case "conclude":
            zh, en = "办结", "Concluded"
        case "transfer":
            zh, en = f"移送{body}", f"Transferred to {body}"
        case "suspend":
            zh, en = "中止办理", "Suspended"
        case _:
            zh, en = f"延期{days}个工作日", f"Extended by {days} working days"
    if ground is not None:
        zh, en = f"{zh}（理由{ground.number}）", f"{en} (ground {ground.number})"
    return actor.say(zh, en)


def _may_answer(case: Case, actor: Actor, proposal: e.Proposed) -> bool:
    if actor.person.key in case.ticket.hidden or actor.person.key == case.ticket.proposed_by:
        return False
    if proposal.approver in actor.acts_for:
        return True
    return may_approve(case, actor.person, proposal)


def may_approve(case: Case, person: Person, proposal: e.Proposed) -> bool:
    """Say whether a person holds the rank of whom a proposal was put to."""
    wanted = case.work.people.by_key(proposal.approver)
    return wanted is not None and _role_rank(person) >= _role_rank(wanted)


def answer(case: Case, actor: Actor, *, approved: bool, words: str) -> Outcome:
    """Approve or refuse what was proposed."""
    proposal = case.ticket.proposal
    if proposal is None:
        return Outcome(False, actor.say("没有待审批的事项。", "Nothing waits for approval here."))
    if not _may_answer(case, actor, proposal):
        wanted = case.work.people.by_key(proposal.approver)
        name = wanted.name if wanted is not None else proposal.approver
        name_en = wanted.name_en if wanted is not None else ""
        return Outcome(False, actor.say(f"此事项须由{name}审批。", f"{name_en or name} has to decide this."))
    before = state_name(case, actor.language)
    kept = case.keep(words) if words else None
    if not approved:
        case.record(e.ProposalRefused(kept), actor=actor.person.key, cause=actor.cause)
        notify.approval_answer(
            case, actor.why, decision=proposal.verb, approved=False, by=actor.person, words=words, shown=None
        )
        return Outcome(
            True,
            actor.say("不同意，已通知经办人。", "Refused; the handler has been told."),
            before,
            state_name(case, actor.language),
        )
    transition = case.transition(proposal.verb)
    if transition is None:
        return Outcome(
            False,
            actor.say(
                f"来信已处于“{before}”，原拟事项不再适用。",
                f"The ticket is now “{before}”; what was proposed no longer fits.",
            ),
        )
    case.record(e.ProposalApproved(kept), actor=actor.person.key, cause=actor.cause)
    outcome = carry_out(case, actor, proposal, transition)
    shown = preview(outcome.letters[0]) if outcome.letters else None
    notify.approval_answer(
        case,
        Cause(actor.cause, actor.message.id, actor.superior),
        decision=proposal.verb,
        approved=True,
        by=actor.person,
        words=words,
        shown=shown,
    )
    outcome.what = actor.say("同意：", "Approved: ") + outcome.what
    return outcome
