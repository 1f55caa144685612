"""Recording what a superior approved orally or on paper (代录): who, how, when; the superior reads of it."""

from __future__ import annotations

from datetime import datetime, time

from mail_desk.config import Person
from mail_desk.desk import decisions, extensions, notify
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, in_words
from mail_desk.desk.post import Cause, preview
from mail_desk.desk.verbs_people import person_named
from mail_desk.tickets import events as e
from mail_desk.tickets import spoken_ways
from mail_desk.tickets.commands import Command
from mail_desk.tickets.policy import Transition

WAYS = {"oral": ("口头", "orally"), "paper": ("书面", "on paper")}


def record(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Carry out what waits for approval, on the word of a superior that the supervisor vouches for."""
    proposal = case.ticket.proposal
    if proposal is None:
        return Outcome(
            False,
            actor.say(
                "没有待审批的事项。请先提出（例：#延期 20 理由），再代录上级的意见。",
                "Nothing waits for approval. Propose it first (e.g. #extend 20 why), then record the approval.",
            ),
        )
    said = spoken_ways.approval(command.words, case.work.today)
    who = person_named(case, command.argument)
    refused = _refused(case, actor, proposal, who, said)
    if refused is not None or who is None or said is None:
        return refused or Outcome(False, "")
    at = min(case.work.now, datetime.combine(said.day, time(12), case.work.settings.desk.zone))
    if proposal.verb == "extend" and not _in_time(case, at) and extensions.lapse(case):
        return extensions.lapsed_answer(actor)
    transition = case.transition(proposal.verb)
    if transition is None:
        return Outcome(
            False, actor.say("来信的状态已变，原拟事项不再适用。", "What was proposed no longer fits.")
        )
    kept = case.keep(said.words) if said.words else None
    who_records = {"actor": actor.person.key, "cause": actor.cause}
    case.record(e.ApprovalRecorded(who.key, said.way, kept, actor.brought.id), at=at, **who_records)
    case.record(e.ProposalApproved(kept), at=at, **who_records)
    outcome = decisions.carry_out(case, actor, proposal, transition, at=at)
    shown = preview(outcome.letters[0]) if outcome.letters else None
    way_zh, way_en = WAYS[said.way]
    words = said.words or actor.say(
        f"{in_words(said.day, 'zh')}{way_zh}同意", f"approved {way_en} on {in_words(said.day, 'en')}"
    )
    why = Cause(actor.cause, actor.message.id, actor.superior)
    notify.approval_answer(case, why, decision=proposal.verb, approved=True, by=who, words=words, shown=shown)
    name = who.name if actor.language == "zh" else who.name_en or who.name
    outcome.what = (
        actor.say(
            f"代录：{name}{in_words(said.day, 'zh')}{way_zh}同意，",
            f"On record: {name} approved {way_en} on {in_words(said.day, 'en')}. ",
        )
        + outcome.what
        + actor.say("。将列入其下一期报告", ". It will stand in the next digest")
    )
    return outcome


def _in_time(case: Case, at: datetime) -> bool:
    limit = extensions.limit_of(case)
    due = case.due(limit.key) if limit is not None else None
    return due is None or at <= due.due_at


def _refused(
    case: Case, actor: Actor, proposal: e.Proposed, who: Person | None, said: spoken_ways.Spoken | None
) -> Outcome | None:
    approver = case.work.people.by_key(proposal.approver)
    if who is None or who.key in case.ticket.hidden or not decisions.may_approve(case, who, proposal):
        name = approver.name if approver is not None else proposal.approver
        return Outcome(
            False,
            actor.say(
                f"此事项由{name}审批，不能代录他人的意见。", f"This is for {name} to decide, nobody else."
            ),
        )
    if said is None:
        return Outcome(
            False,
            actor.say("请写明口头还是书面、哪一天，例：", "Say how, orally or on paper, and when, e.g.: ")
            + f"#{case.row.number} "
            + actor.say(f"代录 {who.name} 口头 昨天", f"record {who.key} oral yesterday"),
        )
    received = case.ticket.received_at
    if said.day > case.work.today or (received and said.day < case.work.rules.day_of(received)):
        return Outcome(
            False,
            actor.say("日期须在收件之后、今天以前。", "The day must lie between the arrival and today."),
        )
    return None
