"""Putting a ticket off (暂缓): what the desk would say of it to its handler alone waits until a day.

Waiting are reminders that go alone before a date, notices to telephone about, the news that links will expire,
and the place in the handler's worklist. Never waiting: what is late, a date due today, the escalation
ladder, and everything supervisors and leaders see; there the ticket stands as put off, with the reason. No
limit moves by it. When a snooze ends `tickets.ticket` knows: at any mail from outside, at any step, on the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from mail_desk.desk import linked
from mail_desk.desk.case import REMINDERS_AT, Case
from mail_desk.desk.outcome import Actor, Outcome, in_words
from mail_desk.desk.work import Work
from mail_desk.schedule.deadlines import Due
from mail_desk.schedule.explanation import day_in_words
from mail_desk.store.schema import Message, Moment
from mail_desk.tickets.commands import Command, as_line
from mail_desk.tickets.events_notes import Snoozed
from mail_desk.tickets.policy import Transition


def latest_day(case: Case) -> tuple[date, Due | None]:
    """Return until when a ticket may be put off at most, and the date that stands in the way, if one does.

    The day may lie before tomorrow: then it may not be put off at all.
    """
    calendar, today = case.work.rules.calendar, case.work.today
    last = calendar.forward(today, case.procedure.snooze) if case.procedure.snooze else today
    nearest = min(case.counting, key=lambda d: d.due_on, default=None)
    if nearest is None:
        return last, None
    before = calendar.back(nearest.due_on, 1)
    return (before, nearest) if before < last else (last, None)


def snooze(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Put a ticket off until a day, with a reason."""
    until = date.fromisoformat(command.argument)
    last, nearest = latest_day(case)
    if last <= case.work.today:
        return _not_at_all(case, actor, nearest)
    if not case.work.today < until <= last:
        return _offered(case, command, actor, until, last, nearest)
    event = Snoozed(until.isoformat(), case.keep(command.words))
    case.record(event, actor=actor.person.key, cause=actor.cause)
    day = day_in_words(until, actor.language)
    what = actor.say(
        f"暂缓至{day}，期限不变；来信、逾期和当日到期的照常告知",
        f"Put off until {day}; no date moves, and mail, what is late or due on the day is told as ever",
    )
    return Outcome(True, what + _prepare(case, actor, until))


def _prepare(case: Case, actor: Actor, until: date) -> str:
    """Warn where a decision that needs approval ought to be put forward before that day."""
    views = [case.limit_view(due, actor.language) for due in case.counting]
    days = [v.prepare_by for v in views if v.prepare_by is not None and v.prepare_by < until]
    if not days:
        return ""
    day = in_words(min(days), actor.language)
    return actor.say(
        f"。注意：须审批的决定最迟{day}报批", f". Mind: what needs approval is to be put forward by {day}"
    )


def _not_at_all(case: Case, actor: Actor, nearest: Due | None) -> Outcome:
    if nearest is None:
        return Outcome(
            False, actor.say("按办理程序，来信不得暂缓。", "The procedure lets no ticket be put off.")
        )
    view = case.limit_view(nearest, actor.language)
    day = in_words(view.due_on, actor.language)
    return Outcome(
        False,
        actor.say(
            f"不能暂缓：{view.label}的期限是{day}，最迟须在前一个工作日之前恢复提醒。",
            f"It cannot be put off: {view.label} is due by {day}, and the working day before has come.",
        ),
    )


def _offered(
    case: Case, command: Command, actor: Actor, until: date, last: date, nearest: Due | None
) -> Outcome:
    """Refuse a day that is over or too far; the latest possible one is a digit away."""
    day = in_words(last, actor.language)
    if until <= case.work.today:
        why = actor.say("须是今天以后的日子", "it must be a day to come")
    elif nearest is not None:
        view = case.limit_view(nearest, actor.language)
        due = in_words(view.due_on, actor.language)
        why = actor.say(
            f"{view.label}的期限是{due}，须在前一个工作日恢复提醒", f"{view.label} is due by {due}"
        )
    else:
        most = case.procedure.snooze
        why = actor.say(f"一次最多{most}个工作日", f"{most} working days at most")
    ready = as_line(replace(command, ticket=case.row.number, argument=last.isoformat()))
    label_zh, label_en = f"暂缓至{in_words(last, 'zh')}", f"Put it off until {in_words(last, 'en')}"
    return Outcome(
        False,
        actor.say(
            f"未暂缓：{why}。最晚可到{day}，回复数字即可。",
            f"Not put off: {why}. The latest possible day is {day}; the digit does it.",
        ),
        offers=[(ready, label_zh, label_en, False)],
    )


# --- moments --------------------------------------------------------------------------------------


def put_off(work: Work, moments: Sequence[Moment]) -> list[Moment]:
    """Return the moments that speak now; those that wait are looked at again the next working morning.

    They are not moved to the day itself: where a mail or a step ends the snooze sooner, they speak sooner.
    """
    speaking = []
    for moment in moments:
        ticket = _ticket_of(work, moment)
        if ticket is not None and Case.by_id(work, ticket).snoozed is not None:
            day = work.rules.calendar.next_working(work.today, include=False)
            moment.due_at = datetime.combine(day, REMINDERS_AT, work.settings.desk.zone)
            moment.state, moment.done_at = "pending", None
        else:
            speaking.append(moment)
    return speaking


def _ticket_of(work: Work, moment: Moment) -> int | None:
    """Return the ticket a moment speaks of, None where it may not wait or concerns none."""
    match moment.action:
        case "remind" if moment.data["to"] == "owner" and moment.data["step"].startswith("due-"):
            return moment.ticket_id if _to_handler(work, moment) else None
        case linked.ACTION if moment.key.endswith("/ahead"):  # on the last day it is told in any case
            message = work.session.get(Message, moment.data["message"])
            return None if message is None else message.ticket_id
        case _:
            return None


def _to_handler(work: Work, moment: Moment) -> bool:
    if moment.ticket_id is None:
        return False
    case = Case.by_id(work, moment.ticket_id)
    return case.procedure.limit(moment.data["limit"]).owner != "supervisor"
