from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from mail_desk.schedule.deadlines import Planned, dues, plan
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets.events import Fact
from mail_desk.tickets.policy import Procedure

Planner = Callable[..., tuple[Planned, ...]]


@pytest.fixture
def planner(
    procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Callable[[str], datetime]
) -> Planner:
    def planned(*lines: str, late_days: int = 10) -> tuple[Planned, ...]:
        facts = []
        for line in lines:
            name, _, when = line.partition(" @ ")
            name, _, days = name.partition(" +")
            facts.append(Fact(name, beijing(when), int(days or 0)))
        often = _reminding(procedure, "decide", (2, 1, 0))
        found = dues(often, facts, calendar, zone)
        return plan(often, found, calendar, zone, at=time(8, 30), late_days=late_days)

    return planned


def _reminding(procedure: Procedure, key: str, days: tuple[int, ...]) -> Procedure:
    """Return the procedure with other thresholds of one limit."""
    limits = [x.model_copy(update={"remind": days}) if x.key == key else x for x in procedure.limits]
    return procedure.model_copy(update={"limits": tuple(limits)})


def local(moment: Planned) -> str:
    return moment.at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%m-%d %H:%M")


def test_reminders_count_back_in_working_days_and_name_their_step(planner: Planner) -> None:
    planned = planner("received @ 2026-09-21 08:00", "marked:complaint @ 2026-09-21 09:00", late_days=0)
    reminders = [(p.step, local(p), p.to) for p in planned if p.action == "remind"]
    assert reminders == [
        ("due-2", "09-29 08:30", "owner"),
        ("due-1", "09-30 08:30", "owner"),
        ("due", "10-08 08:30", "owner"),
    ]


def test_the_shipped_procedure_leaves_what_comes_before_the_day_to_the_worklist(procedure: Procedure) -> None:
    assert {limit.remind for limit in procedure.limits} == {(0,), ()}


def test_a_breach_goes_to_the_supervisor_the_next_working_morning_and_later_to_the_leader(
    planner: Planner,
) -> None:
    planned = planner("received @ 2026-09-21 08:00", "marked:complaint @ 2026-09-21 09:00")
    rungs = [(p.to, p.step, local(p)) for p in planned if p.action == "escalate"]
    assert rungs == [("supervisor", "late+1", "10-09 08:30"), ("leader", "late+4", "10-13 08:30")]


def test_the_day_itself_and_each_working_day_after_are_reminded(planner: Planner) -> None:
    planned = planner("received @ 2026-09-21 08:00", "marked:complaint @ 2026-09-21 09:00", late_days=3)
    late = [(p.step, local(p)) for p in planned if p.action == "remind" and p.step.startswith("late")]
    # Saturday 10 October is a make-up working day.
    assert late == [("late+1", "10-09 08:30"), ("late+2", "10-10 08:30"), ("late+3", "10-12 08:30")]


def test_keys_say_limit_instance_step_and_date(planner: Planner) -> None:
    planned = planner("received @ 2026-11-20 08:00", "marked:complaint @ 2026-11-20 09:00", late_days=1)
    assert [p.key for p in planned] == [
        "decide/1/due-2@2026-12-01",
        "decide/1/due-1@2026-12-01",
        "decide/1/due@2026-12-01",
        "decide/1/late+1-supervisor@2026-12-01",
        "decide/1/late+1@2026-12-01",
        "decide/1/late+4-leader@2026-12-01",
    ]


def test_asking_for_more_late_days_keeps_the_keys_already_planned(planner: Planner) -> None:
    few = planner("received @ 2026-11-20 08:00", late_days=2)
    many = planner("received @ 2026-11-20 08:00", late_days=20)
    assert {p.key for p in few} < {p.key for p in many}
    assert set(few) <= set(many)


def test_planning_again_on_a_later_day_keeps_the_daily_reminders_coming(
    procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Callable[[str], datetime]
) -> None:
    facts = [
        Fact("received", beijing("2026-11-02 09:00")),
        Fact("marked:complaint", beijing("2026-11-02 10:00")),
    ]
    found = dues(procedure, facts, calendar, zone)  # due on 11 November

    def steps(today: date) -> list[str]:
        planned = plan(procedure, found, calendar, zone, at=time(8, 30), late_days=2, today=today)
        return [p.step for p in planned if p.action == "remind" and p.step.startswith("late")]

    assert steps(date(2026, 11, 2)) == ["late+1", "late+2"]
    assert steps(date(2026, 11, 11)) == ["late+1", "late+2"]
    assert steps(date(2026, 11, 16)) == ["late+1", "late+2", "late+3", "late+4", "late+5"]


def test_an_unrelated_fact_leaves_every_moment_as_it_was(planner: Planner) -> None:
    story = ("received @ 2026-11-02 09:00", "marked:complaint @ 2026-11-02 10:00")
    assert planner(*story) == planner(*story, "asked @ 2026-11-03 09:00")


def test_an_extension_replaces_the_moments_of_its_limit_and_of_no_other(planner: Planner) -> None:
    story = (
        "received @ 2026-01-05 09:00",
        "served:acceptance @ 2026-01-08 15:00",
        "concluded @ 2026-01-01 09:00",
    )
    before, after = planner(*story), planner(*story, "extended +5 @ 2026-02-02 09:00")
    assert {p.key for p in before if p.limit != "conclude"} == {p.key for p in after if p.limit != "conclude"}
    assert not {p.key for p in before if p.limit == "conclude"} & {
        p.key for p in after if p.limit == "conclude"
    }


def test_nothing_is_planned_for_what_is_met(planner: Planner) -> None:
    assert (
        planner(
            "received @ 2026-11-02 09:00", "served:refusal @ 2026-11-03 09:00", "declined @ 2026-11-02 12:00"
        )
        == ()
    )


def test_a_reminder_before_the_start_is_left_out(planner: Planner) -> None:
    planned = planner("received @ 2026-11-02 09:00")
    assert [p.step for p in planned if p.limit == "triage"] == ["due", "late+1"]
    assert all(local(p) > "11-02 09:00" for p in planned)


def test_the_complainants_own_time_is_told_to_the_handler_only_when_it_has_lapsed(
    planner: Planner, procedure: Procedure
) -> None:
    story = (
        "received @ 2026-04-16 09:00",
        "marked:complaint @ 2026-04-16 10:00",
        "served:materials-request @ 2026-04-20 10:00",
    )
    planned = [p for p in planner(*story, late_days=1) if p.limit == "supplement"]
    assert [(p.step, p.to) for p in planned] == [("late+1", "owner"), ("late+5", "supervisor")]
    assert procedure.limit("supplement").reminded == "handler"
    assert procedure.limit("decide").reminded == "handler"


def test_a_paused_limit_has_no_moments_until_it_resumes(
    first_answer: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Callable[[str], datetime]
) -> None:
    facts = [Fact("received", beijing("2026-11-02 10:00")), Fact("suspended", beijing("2026-11-02 11:00"))]
    found = dues(first_answer, facts, calendar, zone)
    assert [d.state for d in found] == ["paused"]
    assert plan(first_answer, found, calendar, zone, at=time(8, 30)) == ()


def test_moments_of_hours_lie_at_their_instant_and_those_of_days_in_the_morning(
    first_answer: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Callable[[str], datetime]
) -> None:
    found = dues(first_answer, [Fact("received", beijing("2026-11-06 15:20"))], calendar, zone)
    planned = plan(first_answer, found, calendar, zone, at=time(8, 30), late_days=1)
    assert [(p.key, local(p), p.to) for p in planned] == [
        ("first-answer/1/due-1h@2026-11-09T02:20+00:00", "11-09 09:20", "owner"),
        ("first-answer/1/late+1-supervisor@2026-11-09T02:20+00:00", "11-09 10:20", "supervisor"),
        ("first-answer/1/late+1@2026-11-09T02:20+00:00", "11-10 08:30", "owner"),
        ("first-answer/1/late+2-leader@2026-11-09T02:20+00:00", "11-11 08:30", "leader"),
    ]
    assert found[0].due_on == date(2026, 11, 9)
