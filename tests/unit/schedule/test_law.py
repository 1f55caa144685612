"""Each row of the law's table of time limits, with the article as the test's name.

"Order" is Order 3 of 2020 of the Ministry of Commerce, as config/procedures/foreign-investment.toml
has it; "Civil Code" that of the PRC. Dates were counted by hand on the printed calendar of 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from mail_desk.schedule.deadlines import Due, dues
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets.events import Fact
from mail_desk.tickets.policy import Procedure

Story = Callable[..., Mapping[str, list[Due]]]


@pytest.fixture
def story(
    procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Callable[[str], datetime]
) -> Story:
    """Tell what happened as "fact @ instant"; return the instances by limit."""

    def tell(*lines: str) -> Mapping[str, list[Due]]:
        facts = []
        for line in lines:
            name, _, when = line.partition(" @ ")
            name, _, days = name.partition(" +")
            facts.append(Fact(name, beijing(when), int(days or 0)))
        found: dict[str, list[Due]] = {limit.key: [] for limit in procedure.limits}
        for due in dues(procedure, facts, calendar, zone):
            found[due.limit].append(due)
        return found

    return tell


def test_order_article_13_missing_materials_are_asked_for_within_7_working_days(story: Story) -> None:
    # Over the Spring Festival: 9-13 February, Saturday the 14th is worked, 15-23 are off.
    told = story("received @ 2026-02-06 16:40", "served:materials-request @ 2026-02-24 17:30")
    assert told["decide"][0].due_on == date(2026, 2, 24)
    assert told["decide"][0].state == "met"


def test_order_article_13_the_complainant_supplements_within_15_working_days(story: Story) -> None:
    # Over Labour Day: 1-5 May are off, Saturday the 9th is worked.
    told = story("received @ 2026-04-16 09:00", "served:materials-request @ 2026-04-20 10:00")
    (due,) = told["supplement"]
    assert due.due_on == date(2026, 5, 13)
    assert (due.start_fact, due.state) == ("served:materials-request", "running")


def test_order_article_13_a_supplement_begins_the_7_working_days_again(story: Story) -> None:
    told = story(
        "received @ 2026-11-02 09:00",
        "served:materials-request @ 2026-11-04 09:00",
        "supplement @ 2026-11-10 09:00",
    )
    assert told["supplement"][0].state == "met"
    assert [(d.start_fact, d.due_on) for d in told["decide"]] == [
        ("received", date(2026, 11, 11)),
        ("supplement", date(2026, 11, 19)),
    ]


def test_order_article_13_when_the_supplement_lapses_nothing_decides_by_itself(
    story: Story, beijing: Callable[[str], datetime]
) -> None:
    told = story("received @ 2026-04-16 09:00", "served:materials-request @ 2026-04-20 10:00")
    assert told["supplement"][0].late(beijing("2026-05-14 00:00"))
    assert not told["supplement"][0].late(beijing("2026-05-13 23:59"))
    assert [d.state for d in told["decide"]] == ["met"]


def test_order_article_13_a_late_supplement_still_begins_the_7_working_days(story: Story) -> None:
    told = story(
        "received @ 2026-04-16 09:00",
        "served:materials-request @ 2026-04-20 10:00",
        "supplement @ 2026-05-20 10:00",
    )
    assert told["supplement"][0].state == "met-late"
    assert told["decide"][1].due_on == date(2026, 5, 29)


def test_order_article_15_acceptance_is_decided_within_7_working_days(story: Story) -> None:
    # Over Mid-Autumn and National Day: 25-27 September and 1-7 October are off.
    told = story("received @ 2026-09-21 08:00")
    assert told["decide"][0].due_on == date(2026, 10, 8)
    assert not told["decide"][0].provisional


def test_order_article_15_counts_from_complete_materials_once_that_is_recorded(story: Story) -> None:
    told = story(
        "received @ 2026-11-02 09:00",
        "served:materials-request @ 2026-11-04 09:00",
        "supplement @ 2026-11-10 09:00",
        "supplement @ 2026-11-12 09:00",
        "complete @ 2026-11-12 09:00",
    )
    assert [(d.start_fact, d.state, d.due_on) for d in told["decide"]] == [
        ("received", "met", date(2026, 11, 11)),
        ("supplement", "void", date(2026, 11, 19)),
        ("complete", "running", date(2026, 11, 23)),
    ]


def test_order_article_15_until_then_the_earliest_supplement_counts(story: Story) -> None:
    told = story(
        "received @ 2026-11-02 09:00",
        "served:materials-request @ 2026-11-04 09:00",
        "supplement @ 2026-11-10 09:00",
        "supplement @ 2026-11-18 09:00",
    )
    assert told["decide"][-1].due_on == date(2026, 11, 19)


@pytest.mark.parametrize("notice", ["acceptance", "refusal"])
def test_order_article_15_is_met_by_the_served_notice_and_not_by_the_decision(
    story: Story, notice: str
) -> None:
    decided = {"acceptance": "accepted", "refusal": "declined"}[notice]
    only_decided = story("received @ 2026-11-02 09:00", f"{decided} @ 2026-11-03 09:00")
    served = story("received @ 2026-11-02 09:00", f"served:{notice} @ 2026-11-11 23:59")
    late = story("received @ 2026-11-02 09:00", f"served:{notice} @ 2026-11-12 00:00")
    assert only_decided["decide"][0].state == "running"
    assert served["decide"][0].state == "met"
    assert late["decide"][0].state == "met-late"


@pytest.mark.parametrize("kind", ["enquiry", "correspondence", "advert", "other"])
def test_order_article_2_only_complaints_owe_a_decision(story: Story, kind: str) -> None:
    told = story("received @ 2026-11-02 09:00", f"marked:{kind} @ 2026-11-20 09:00")
    assert told["decide"][0].met_at is None
    assert told["decide"][0].state == "lapsed"  # said too late, so the delay is not forgotten
    in_time = story("received @ 2026-11-02 09:00", f"marked:{kind} @ 2026-11-03 09:00")
    assert in_time["decide"][0].state == "void"


def test_order_article_15_a_complaint_counts_from_arrival_and_not_from_the_mark(story: Story) -> None:
    told = story("received @ 2026-11-02 09:00", "marked:complaint @ 2026-11-05 09:00")
    assert told["decide"][0].due_on == date(2026, 11, 11)


def test_order_article_19_a_complaint_is_concluded_within_60_working_days_of_acceptance(story: Story) -> None:
    # Over Spring Festival and Qingming, with Saturdays 14 and 28 February worked.
    told = story("received @ 2026-01-05 09:00", "served:acceptance @ 2026-01-08 15:00")
    (due,) = told["conclude"]
    assert due.due_on == date(2026, 4, 9)
    assert [d.day for d in due.made_up] == [date(2026, 2, 14), date(2026, 2, 28)]
    assert not due.provisional


def test_order_article_19_60_working_days_into_an_unpublished_year_are_provisional(story: Story) -> None:
    told = story("received @ 2026-11-19 09:00", "served:acceptance @ 2026-11-23 09:00")
    assert told["conclude"][0].provisional
    assert told["conclude"][0].due_on == date(2027, 2, 15)


def test_order_article_19_an_extension_adds_working_days_without_a_cap(story: Story) -> None:
    told = story(
        "received @ 2026-01-05 09:00",
        "served:acceptance @ 2026-01-08 15:00",
        "extended +20 @ 2026-03-20 10:00",
        "extended +100 @ 2026-04-20 10:00",
    )
    assert told["conclude"][0].extended_by == 120
    assert told["conclude"][0].amount == 180


def test_order_article_19_is_met_by_concluding(story: Story) -> None:
    told = story(
        "received @ 2026-01-05 09:00", "served:acceptance @ 2026-01-08 15:00", "concluded @ 2026-04-09 18:00"
    )
    assert told["conclude"][0].state == "met"


def test_order_article_19_a_supplement_after_acceptance_owes_no_new_decision(story: Story) -> None:
    told = story(
        "received @ 2026-11-02 09:00",
        "served:materials-request @ 2026-11-04 09:00",
        "served:acceptance @ 2026-11-06 09:00",
        "supplement @ 2026-11-10 09:00",
    )
    assert len(told["decide"]) == 1
    assert told["supplement"][0].state == "void"


def test_order_article_20_the_result_is_given_in_writing_within_3_working_days(story: Story) -> None:
    # 1-7 October are off, Saturday the 10th is worked.
    told = story(
        "received @ 2026-08-03 09:00",
        "served:acceptance @ 2026-08-06 09:00",
        "concluded @ 2026-09-30 17:59",
        "served:result @ 2026-10-10 11:00",
    )
    (due,) = told["result"]
    assert (due.due_on, due.state) == (date(2026, 10, 10), "met")


def test_order_article_20_a_result_that_did_not_arrive_stays_owed(story: Story) -> None:
    told = story("received @ 2026-08-03 09:00", "concluded @ 2026-09-30 17:59")
    assert told["result"][0].state == "running"


def test_order_article_21_what_is_open_after_a_year_is_reported(story: Story) -> None:
    told = story("received @ 2026-02-25 09:00", "served:acceptance @ 2026-02-28 09:00")
    (due,) = told["report"]
    assert (due.due_on, due.provisional) == (date(2027, 3, 1), True)  # 28 February 2027 is a Sunday
    reported = story("served:acceptance @ 2026-02-28 09:00", "reported @ 2027-02-26 09:00")
    assert reported["report"][0].state == "met"
    late = story("served:acceptance @ 2025-02-28 09:00", "reported @ 2026-03-03 09:00")
    assert late["report"][0].state == "met-late"


@pytest.mark.parametrize("fact", ["concluded", "transferred", "closed"])
def test_order_article_21_owes_no_report_of_what_was_concluded_within_the_year(
    story: Story, fact: str
) -> None:
    told = story("served:acceptance @ 2026-02-27 09:00", f"{fact} @ 2026-08-03 09:00")
    assert told["report"][0].state == "void"


def test_order_article_21_runs_on_while_a_complaint_is_suspended(story: Story) -> None:
    told = story("served:acceptance @ 2025-03-03 09:00", "suspended @ 2025-04-01 09:00")
    assert told["report"][0].state == "running"
    assert told["report"][0].due_on == date(2026, 3, 3)


def test_order_article_19_stands_still_while_suspended_and_loses_no_day(story: Story) -> None:
    told = story(
        "served:acceptance @ 2026-03-02 09:00",
        "suspended @ 2026-03-09 10:00",
        "resumed @ 2026-03-23 10:00",
    )
    (due,) = told["conclude"]
    plain = story("served:acceptance @ 2026-03-02 09:00")["conclude"][0]
    assert (plain.due_on, due.due_on) == (date(2026, 5, 28), date(2026, 6, 11))  # ten working days
    still = story("served:acceptance @ 2026-03-02 09:00", "suspended @ 2026-03-09 10:00")
    assert still["conclude"][0].state == "paused"
    ended = story(
        "served:acceptance @ 2026-03-02 09:00", "suspended @ 2026-03-09 10:00", "concluded @ 2026-07-01 10:00"
    )
    assert ended["conclude"][0].state == "met", "a suspended complaint may be concluded"


def test_order_article_20_a_complaint_withdrawn_before_acceptance_owes_no_decision(story: Story) -> None:
    told = story(
        "received @ 2026-11-02 09:00",
        "served:materials-request @ 2026-11-03 09:00",
        "withdrawn @ 2026-11-05 09:00",
        "supplement @ 2026-11-06 09:00",
    )
    assert [d.state for d in told["decide"]] == ["met"]
    assert [d.state for d in told["supplement"]] == ["void"]
    before = story("received @ 2026-11-02 09:00", "withdrawn @ 2026-11-02 11:00")
    assert [before[limit][0].state for limit in ("triage", "decide")] == ["void", "void"]


def test_house_rule_every_mail_is_looked_at_within_one_working_day(story: Story) -> None:
    assert story("received @ 2026-09-30 09:00")["triage"][0].due_on == date(2026, 10, 8)
    told = story("received @ 2026-09-30 09:00", "marked:advert @ 2026-10-08 16:00")
    assert told["triage"][0].state == "met"


def test_civil_code_201_the_start_day_is_not_counted(story: Story) -> None:
    assert story("received @ 2026-11-02 00:01")["triage"][0].due_on == date(2026, 11, 3)


def test_civil_code_203_an_end_on_a_rest_day_rolls_to_the_next_working_day(
    petition: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Callable[[str], datetime]
) -> None:
    # 15 plain days from 16 September end on 1 October: the first working day is the 8th.
    (due,) = dues(petition, [Fact("received", beijing("2026-09-16 09:00"))], calendar, zone)
    assert due.due_on == date(2026, 10, 8)
    assert [d.name for d in due.skipped] == ["国庆节"] * 7


def test_order_article_20_no_result_is_owed_of_a_conclusion_that_was_reopened(story: Story) -> None:
    told = story(
        "received @ 2026-08-03 09:00",
        "served:acceptance @ 2026-08-06 09:00",
        "concluded @ 2026-09-01 09:00",
        "reopened:accepted @ 2026-09-02 09:00",
    )
    assert told["result"][0].state == "void"
    assert told["conclude"][1].state == "running"


@pytest.mark.parametrize("fact", ["closed", "marked:enquiry", "marked:other"])
def test_what_turns_out_to_be_no_complaint_or_a_double_owes_no_conclusion(story: Story, fact: str) -> None:
    told = story(
        "received @ 2026-08-03 09:00", "served:acceptance @ 2026-08-06 09:00", f"{fact} @ 2026-08-10 09:00"
    )
    assert told["conclude"][0].state == "void"


def test_a_second_notice_of_missing_materials_gives_no_more_time(story: Story) -> None:
    told = story(
        "received @ 2026-04-16 09:00",
        "served:materials-request @ 2026-04-20 10:00",
        "served:materials-request @ 2026-04-27 10:00",
    )
    assert [d.due_on for d in told["supplement"]] == [date(2026, 5, 13)]


def test_transfer_ends_the_decision_and_the_handling_alike(story: Story) -> None:
    before = story(
        "received @ 2026-11-02 09:00", "transferred @ 2026-11-03 09:00", "served:transfer @ 2026-11-03 10:00"
    )
    assert before["decide"][0].state == "met"
    after = story(
        "received @ 2026-11-02 09:00",
        "served:acceptance @ 2026-11-04 09:00",
        "transferred @ 2026-11-20 09:00",
    )
    assert after["conclude"][0].state == "met"


def test_reopening_a_refused_complaint_owes_a_decision_again(story: Story) -> None:
    told = story(
        "received @ 2026-11-02 09:00",
        "served:refusal @ 2026-11-05 09:00",
        "reopened:examining @ 2026-11-16 09:00",
    )
    assert [(d.start_fact, d.due_on) for d in told["decide"]][1] == ("reopened:examining", date(2026, 11, 25))


def test_reopening_a_closed_complaint_gives_the_whole_term_again(story: Story) -> None:
    told = story(
        "received @ 2026-01-05 09:00",
        "served:acceptance @ 2026-01-08 15:00",
        "concluded @ 2026-02-05 09:00",
        "served:result @ 2026-02-06 09:00",
        "closed @ 2026-02-06 10:00",
        "reopened:accepted @ 2026-03-02 09:00",
    )
    assert [d.state for d in told["conclude"]] == ["met", "running"]
    assert told["conclude"][1].start_fact == "reopened:accepted"
    assert len(told["decide"]) == 1
