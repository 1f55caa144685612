"""Extending a limit (Art. 19): asked for in time, never granted by silence.

How late a handler may ask, how much may be added and who approves are the procedure's.
"""

from __future__ import annotations

from mail_desk.desk import notify
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, in_words
from mail_desk.desk.post import Cause
from mail_desk.schedule.deadlines import Due
from mail_desk.tickets import events as e
from mail_desk.tickets.policy import Limit

EXTENDED = "extended"  # the fact
LONGEST = 365  # working days, where the procedure sets no cap


def limit_of(case: Case) -> Limit | None:
    """Return the limit that an extension moves: the running one, else the procedure's first."""
    extensible = [x for x in case.procedure.limits if x.extended_by == EXTENDED]
    running = [x for x in extensible if case.due(x.key) is not None]
    return next(iter(running or extensible), None)


def refusal(case: Case, actor: Actor, days: int) -> Outcome | None:
    """Say why an extension may not be proposed so long or so late; None where it may."""
    limit = limit_of(case)
    due = case.due(limit.key) if limit is not None else None
    if limit is None:
        return Outcome(False, actor.say("这一程序不能延期。", "This procedure knows no extension."))
    most = limit.extension_cap or LONGEST
    if limit.extension_cap and due is not None:
        most = max(0, limit.extension_cap - due.extended_by)
    if days < 1 or days > most:
        used = due.extended_by if due is not None and limit.extension_cap else 0
        return Outcome(
            False,
            actor.say(
                f"延期天数须为1至{most}个工作日{f'（已延长{used}个）' if used else ''}。例：#延期 20 需多部门会商",
                f"Give 1 to {most} working days{f' ({used} are used up)' if used else ''}, "
                "e.g.: #extend 20 several organs involved",
            ),
        )
    return None if due is None or actor.superior else _too_late(case, actor, limit, due)


def _too_late(case: Case, actor: Actor, limit: Limit, due: Due) -> Outcome | None:
    calendar = case.work.rules.calendar
    if calendar.between(case.work.today, due.due_on) >= limit.extension_asked:
        return None
    last = calendar.back(due.due_on, limit.extension_asked)
    return Outcome(
        False,
        actor.say(
            f"太迟：延期最迟在期限前{limit.extension_asked}个工作日（{in_words(last, 'zh')}）提出，"
            "以便审批。确需延期的，请负责人提出。",
            f"Too late: an extension is asked for {limit.extension_asked} working days before the date "
            f"(by {in_words(last, 'en')}), so that it can be decided. A supervisor may still propose it.",
        ),
    )


def lapse(case: Case) -> bool:
    """Record that nobody answered a proposed extension before the date; tell its handler once."""
    proposal = case.ticket.proposal
    limit = limit_of(case)
    due = case.due(limit.key) if limit is not None else None
    if proposal is None or proposal.verb != "extend" or due is None or not due.late(case.work.now):
        return False
    approver = case.work.people.by_key(proposal.approver)
    case.record(e.ProposalLapsed(), actor="desk", at=due.due_at)
    if approver is not None:
        cause = Cause(f"lapse:{case.row.id}/{due.due_on}")
        notify.approval_answer(
            case, cause, decision="extend", approved=False, by=approver, words="", shown=None, lapsed=True
        )
    return True


def lapsed_answer(actor: Actor) -> Outcome:
    """Return what a superior is told whose answer came after the date."""
    return Outcome(
        False,
        actor.say(
            "期限已到，延期申请已按“不回复不等于同意”失效，没有延期。确需延期的，请负责人重新提出；"
            "期限内已口头或书面同意的，由负责人代录。",
            "The date has passed and the extension lapsed, as silence is no approval. A supervisor may propose it "
            "anew, or record an approval that was given in time.",
        ),
    )
