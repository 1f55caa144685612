"""What docs/time.md says of the lists of facts in a limit, one sentence a test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from mail_desk.schedule.deadlines import Due, dues
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets.events import Fact
from mail_desk.tickets.policy import Limit, Procedure

Beijing = Callable[[str], datetime]
Told = Callable[..., tuple[Due, ...]]


@pytest.fixture
def told(procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing) -> Told:
    """Tell a story as "name @ instant" lines; return the instances of one limit of one shape."""

    def tell(*story: str, amount: int = 5, unit: str = "working-days", **lists: object) -> tuple[Due, ...]:
        limit = Limit.model_validate(
            {
                "key": "x",
                "name_zh": "限",
                "name_en": "x",
                "basis_zh": "条",
                "basis_en": "art.",
                "amount": amount,
                "unit": unit,
                "start": ["begin"],
                "stop": ["done"],
                **lists,
            }
        )
        facts = []
        for line in story:
            name, _, when = line.partition(" @ ")
            name, _, count = name.partition(" ")
            facts.append(Fact(name, beijing(when), int(count or 0)))
        return dues(procedure.model_copy(update={"limits": (limit,)}), facts, calendar, zone)

    return tell


def test_nothing_runs_before_a_start_fact(told: Told) -> None:
    assert told("done @ 2026-11-02 09:00") == ()


def test_the_day_of_the_start_fact_is_not_counted_however_early_it_is(told: Told) -> None:
    for when in ("2026-11-02 00:00", "2026-11-02 23:59"):
        assert told(f"begin @ {when}")[0].due_on == date(2026, 11, 9)


def test_the_day_is_the_desks_own_day_and_not_that_of_utc(told: Told) -> None:
    # 00:30 in Beijing is still the day before in UTC.
    (due,) = told("begin @ 2026-11-03 00:30")
    assert due.started_at.astimezone(ZoneInfo("UTC")).date() == date(2026, 11, 2)
    assert due.due_on == date(2026, 11, 10)


def test_the_last_instant_of_the_due_day_is_in_time_and_the_next_is_late(told: Told) -> None:
    (met,) = told("begin @ 2026-11-02 09:00", "done @ 2026-11-09 23:59:59.999999")
    (late,) = told("begin @ 2026-11-02 09:00", "done @ 2026-11-10 00:00")
    assert (met.state, late.state) == ("met", "met-late")
    assert met.due_at == met.met_at
    assert met.due_at.utcoffset() == ZoneInfo("UTC").utcoffset(met.due_at)


def test_late_asks_for_an_instant_and_the_last_one_is_not_late(told: Told, beijing: Beijing) -> None:
    (due,) = told("begin @ 2026-11-02 09:00")
    assert not due.late(due.due_at)
    assert due.late(beijing("2026-11-10 00:00"))


def test_what_was_fulfilled_in_time_is_not_late_later(told: Told, beijing: Beijing) -> None:
    (met,) = told("begin @ 2026-11-02 09:00", "done @ 2026-11-09 09:00")
    (missed,) = told("begin @ 2026-11-02 09:00", "done @ 2026-11-12 09:00")
    assert not met.late(beijing("2026-12-01 09:00"))
    assert missed.late(beijing("2026-12-01 09:00"))
    assert not missed.late(beijing("2026-11-05 09:00"))  # asked for a day before it was missed


def test_a_start_fact_while_running_is_ignored(told: Told) -> None:
    (due,) = told("begin @ 2026-11-02 09:00", "begin @ 2026-11-04 09:00")
    assert due.due_on == date(2026, 11, 9)


def test_a_restart_fact_while_running_ends_the_instance_and_begins_the_next(told: Told) -> None:
    first, second = told("begin @ 2026-11-02 09:00", "again @ 2026-11-04 09:00", restart=["again"])
    assert (first.state, first.ended_by) == ("void", "again")
    assert (second.state, second.number, second.due_on) == ("running", 2, date(2026, 11, 11))


def test_a_restart_on_the_day_it_started_changes_nothing(told: Told) -> None:
    (due,) = told("begin @ 2026-11-02 09:00", "again @ 2026-11-02 17:00", restart=["again"])
    assert (due.number, due.start_fact, due.state) == (1, "begin", "running")


def test_a_restart_fact_begins_the_first_instance_as_well(told: Told) -> None:
    assert told("again @ 2026-11-02 09:00", restart=["again"])[0].start_fact == "again"


def test_a_restart_does_not_hide_that_the_limit_had_been_missed(told: Told, beijing: Beijing) -> None:
    first, second = told("begin @ 2026-11-02 09:00", "again @ 2026-11-20 09:00", restart=["again"])
    assert first.state == "lapsed"
    assert first.late(beijing("2026-12-31 09:00"))
    assert second.state == "running"


def test_after_a_stop_a_start_fact_begins_a_new_instance(told: Told) -> None:
    first, second = told("begin @ 2026-11-02 09:00", "done @ 2026-11-03 09:00", "begin @ 2026-11-05 09:00")
    assert (first.state, second.state) == ("met", "running")
    assert (second.number, second.due_on) == (2, date(2026, 11, 12))


def test_a_stop_that_is_also_a_start_ends_one_instance_and_begins_the_next(told: Told) -> None:
    story = ("begin @ 2026-11-02 09:00", "told @ 2026-11-04 09:00", "told @ 2026-11-06 09:00")
    found = told(*story, start=["begin", "told"], stop=["told"])
    assert [(d.state, d.due_on.day) for d in found] == [("met", 9), ("met", 11), ("running", 13)]


def test_after_a_final_fact_only_a_reopening_begins_it_again(told: Told) -> None:
    lists = {"final": ["done"], "restart": ["reopened:x"]}
    story = ("begin @ 2026-11-02 09:00", "done @ 2026-11-03 09:00", "begin @ 2026-11-05 09:00")
    assert len(told(*story, **lists)) == 1
    again = told(*story, "reopened:x @ 2026-11-06 09:00", **lists)
    assert [d.start_fact for d in again] == ["begin", "reopened:x"]


def test_a_reopened_limit_runs_under_the_ordinary_rules_again(told: Told) -> None:
    lists = {"final": ["end"], "stop": ["done", "end"], "restart": ["reopened:x"]}
    story = ("begin @ 2026-11-02 09:00", "end @ 2026-11-03 09:00", "reopened:x @ 2026-11-05 09:00")
    found = told(*story, "done @ 2026-11-06 09:00", "begin @ 2026-11-09 09:00", **lists)
    assert [d.start_fact for d in found] == ["begin", "reopened:x", "begin"]


def test_a_final_fact_counts_also_when_nothing_runs(told: Told) -> None:
    assert told("done @ 2026-11-02 09:00", "begin @ 2026-11-03 09:00", final=["done"]) == ()


def test_a_void_fact_makes_it_neither_met_nor_missed(told: Told, beijing: Beijing) -> None:
    (due,) = told("begin @ 2026-11-02 09:00", "moot @ 2026-11-03 09:00", void=["moot"])
    assert (due.state, due.met_at) == ("void", None)
    assert not due.late(beijing("2027-01-01 09:00"))


def test_a_pattern_stands_for_all_facts_that_begin_so(told: Told) -> None:
    (due,) = told("begin @ 2026-11-02 09:00", "marked:advert @ 2026-11-03 09:00", stop=["marked:*"])
    assert (due.state, due.ended_by) == ("met", "marked:advert")


def test_facts_may_be_told_in_any_order(told: Told) -> None:
    story = ["begin @ 2026-11-02 09:00", "again @ 2026-11-04 09:00", "done @ 2026-11-05 09:00"]
    assert told(*story, restart=["again"]) == told(*reversed(story), restart=["again"])


def test_the_day_a_pause_begins_counts_and_the_day_it_ends_does_not(told: Told) -> None:
    lists = {"pause": ["halt"], "resume": ["go"]}
    # Tuesday counts; Wednesday and Thursday do not; Friday is the second day.
    (due,) = told(
        "begin @ 2026-11-02 09:00", "halt @ 2026-11-03 09:00", "go @ 2026-11-05 09:00", amount=2, **lists
    )
    assert due.due_on == date(2026, 11, 6)


def test_a_pause_within_one_day_costs_nothing(told: Told) -> None:
    lists = {"pause": ["halt"], "resume": ["go"]}
    story = ("begin @ 2026-11-02 09:00", "halt @ 2026-11-03 09:00", "go @ 2026-11-03 17:00")
    assert told(*story, **lists)[0].due_on == told(story[0])[0].due_on


def test_a_pause_over_a_weekend_costs_only_working_days(told: Told) -> None:
    lists = {"pause": ["halt"], "resume": ["go"]}
    story = ("begin @ 2026-11-02 09:00", "halt @ 2026-11-06 09:00", "go @ 2026-11-09 09:00")
    assert told(*story, amount=6, **lists)[0].due_on == date(2026, 11, 11)  # one day later than without


def test_a_pause_that_goes_on_shows_the_earliest_possible_date(told: Told, beijing: Beijing) -> None:
    (due,) = told("begin @ 2026-11-02 09:00", "halt @ 2026-11-03 09:00", pause=["halt"], resume=["go"])
    assert (due.state, due.due_on) == ("paused", date(2026, 11, 9))
    assert not due.late(beijing("2027-11-02 09:00"))


@pytest.mark.parametrize("day", ["2026-11-09", "2026-11-12"])
def test_a_pause_begun_on_the_last_day_or_later_moves_nothing_when_it_ends(told: Told, day: str) -> None:
    story = ("begin @ 2026-11-02 09:00", f"halt @ {day} 09:00", "go @ 2026-11-20 09:00")
    (due,) = told(*story, pause=["halt"], resume=["go"])
    assert (due.state, due.due_on) == ("running", date(2026, 11, 9))


@pytest.mark.parametrize("day", ["2026-11-09", "2026-11-12"])
def test_a_pause_begun_on_the_last_day_or_later_stops_nothing(told: Told, beijing: Beijing, day: str) -> None:
    (due,) = told("begin @ 2026-11-02 09:00", f"halt @ {day} 09:00", pause=["halt"], resume=["go"])
    assert (due.state, due.due_on) == ("running", date(2026, 11, 9))
    assert due.late(beijing("2026-11-20 09:00"))


def test_a_stop_ends_a_pause_as_well(told: Told, beijing: Beijing) -> None:
    story = ("begin @ 2026-11-02 09:00", "halt @ 2026-11-03 09:00", "done @ 2026-12-10 09:00")
    (due,) = told(*story, pause=["halt"], resume=["go"])
    assert due.state == "met"
    assert due.pauses[0].until == beijing("2026-12-10 09:00")
    assert due.due_on == date(2026, 12, 16)


def test_a_second_pause_or_a_resume_without_one_changes_nothing(told: Told) -> None:
    lists = {"pause": ["halt"], "resume": ["go"]}
    story = ("begin @ 2026-11-02 09:00", "halt @ 2026-11-03 09:00", "go @ 2026-11-05 09:00")
    noisy = ("go @ 2026-11-02 12:00", "halt @ 2026-11-04 09:00", "go @ 2026-11-06 09:00")
    assert told(*story, *noisy, **lists) == told(*story, **lists)


def test_extensions_add_up_to_the_cap_and_no_further(told: Told) -> None:
    story = ("begin @ 2026-11-02 09:00", "more 3 @ 2026-11-03 09:00", "more 4 @ 2026-11-04 09:00")
    (free,) = told(*story, extended_by="more")
    (capped,) = told(*story, extended_by="more", extension_cap=5)
    assert (free.amount, free.extended_by, free.due_on) == (12, 7, date(2026, 11, 18))
    assert (capped.amount, capped.extended_by, capped.due_on) == (10, 5, date(2026, 11, 16))


def test_an_extension_outside_a_running_instance_is_nothing(told: Told) -> None:
    story = ("more 9 @ 2026-11-01 09:00", "begin @ 2026-11-02 09:00", "more -3 @ 2026-11-03 09:00")
    (due,) = told(*story, extended_by="more")
    assert (due.extended_by, due.due_on) == (0, date(2026, 11, 9))


def test_an_extension_moves_the_date_and_not_the_start(told: Told) -> None:
    before = told("begin @ 2026-11-02 09:00")[0]
    after = told("begin @ 2026-11-02 09:00", "more 1 @ 2026-11-05 09:00", extended_by="more")[0]
    assert (before.started_at, before.number) == (after.started_at, after.number)
    assert (before.due_on, after.due_on) == (date(2026, 11, 9), date(2026, 11, 10))


def test_an_extension_after_the_date_moves_it_but_the_miss_stays_on_record(
    told: Told, beijing: Beijing
) -> None:
    story = ("begin @ 2026-11-02 09:00", "more 5 @ 2026-11-11 09:00")
    (running,) = told(*story, extended_by="more")
    (met,) = told(*story, "done @ 2026-11-12 09:00", extended_by="more")
    assert (running.state, running.due_on) == ("running", date(2026, 11, 16))
    assert not running.late(beijing("2026-11-12 09:00"))  # the new date holds
    assert running.missed_at == told(story[0])[0].due_at
    assert met.state == "met-late"
    assert met.late(beijing("2026-12-01 09:00"))
    assert not met.late(beijing("2026-11-09 09:00"))


def test_an_extension_on_the_last_day_or_in_a_pause_misses_nothing(told: Told) -> None:
    (on_time,) = told(
        "begin @ 2026-11-02 09:00", "more 5 @ 2026-11-09 23:00", "done @ 2026-11-12 09:00", extended_by="more"
    )
    (paused,) = told(
        "begin @ 2026-11-02 09:00",
        "halt @ 2026-11-03 09:00",
        "more 5 @ 2026-11-20 09:00",
        "go @ 2026-11-23 09:00",
        "done @ 2026-11-24 09:00",
        extended_by="more",
        pause=["halt"],
        resume=["go"],
    )
    assert (on_time.state, on_time.missed_at) == ("met", None)
    assert (paused.state, paused.missed_at) == ("met", None)


def test_months_and_plain_days_pause_by_whole_days_too(told: Told) -> None:
    lists = {"pause": ["halt"], "resume": ["go"]}
    story = ("begin @ 2026-11-02 09:00", "halt @ 2026-11-03 09:00", "go @ 2026-11-13 09:00")
    assert told(*story, unit="calendar-days", amount=7, **lists)[0].due_on == date(2026, 11, 19)
    assert told(*story, unit="calendar-months", amount=1, **lists)[0].due_on == date(
        2026, 12, 14
    )  # 12th: Saturday


def test_only_the_end_of_plain_days_can_be_provisional(told: Told) -> None:
    # 2026-12-29 to 31 are unsettled but only passed over; the end, 2027-01-05, is what matters.
    (due,) = told("begin @ 2026-12-21 09:00", unit="calendar-days", amount=7)
    assert (due.due_on, due.provisional) == (date(2026, 12, 28), False)
    (due,) = told("begin @ 2026-12-21 09:00", unit="calendar-days", amount=15)
    assert (due.due_on, due.provisional) == (date(2027, 1, 5), True)


def test_instances_come_in_the_order_they_started(
    procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    facts = [
        Fact("received", beijing("2026-11-02 09:00")),
        Fact("served:acceptance", beijing("2026-11-04 09:00")),
        Fact("concluded", beijing("2026-11-20 09:00")),
    ]
    found = dues(procedure, facts, calendar, zone)
    assert [d.limit for d in found] == ["triage", "decide", "conclude", "report", "result"]
    again = dues(procedure, [*facts, Fact("reopened:examining", beijing("2026-11-30 09:00"))], calendar, zone)
    assert [d.limit for d in again] == ["triage", "decide", "conclude", "report", "result", "decide"]
