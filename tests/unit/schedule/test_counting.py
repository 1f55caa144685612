"""How a date is counted, in the one sentence that letters carry outward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mail_desk.schedule import counting, explanation
from mail_desk.schedule.deadlines import Due, dues
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets.events import Fact
from mail_desk.tickets.policy import Procedure

Beijing = Callable[[str], datetime]


def due_of(procedure: Procedure, calendar: Calendar, zone: ZoneInfo, limit: str, *facts: Fact) -> Due:
    return next(d for d in dues(procedure, facts, calendar, zone) if d.limit == limit)


def test_the_sentence_says_from_when_how_long_and_what_is_not_counted(
    procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    due = due_of(procedure, calendar, zone, "decide", Fact("received", beijing("2026-03-02 09:00")))
    assert counting.of_due(due, procedure, "zh") == (
        "自2026年3月2日收到来件的次日起计算7个工作日；周末和法定节假日不计，调休上班日计入。"
    )
    assert counting.of_due(due, procedure, "en") == (
        "Counted from the day after 2 March 2026 (arrival of the mail): 7 working days; weekends and public "
        "holidays are not counted, make-up working days are."
    )


def test_an_extension_and_a_suspension_are_said(
    procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    due = due_of(
        procedure, calendar, zone, "conclude",
        Fact("served:acceptance", beijing("2026-03-02 09:00")), Fact("extended", beijing("2026-03-03 09:00"), 20),
        Fact("suspended", beijing("2026-03-09 09:00")), Fact("resumed", beijing("2026-03-16 09:00")),
    )  # fmt: skip
    said = counting.of_due(due, procedure, "zh")
    assert "计算80个工作日（含延长的20个工作日）" in said
    assert said.endswith("，中止期间不计。")
    english = counting.of_due(due, procedure, "en")
    assert "80 working days (20 of them by extension)" in english
    assert english.endswith("the time of the suspension is not counted.")


@pytest.mark.parametrize(
    ("limit", "zh"),
    [
        ("supplement", "自本通知送达的次日起计算15个工作日；周末和法定节假日不计，调休上班日计入。"),
        ("report", "自本通知送达之日起计算12个月，末日逢休息日的，顺延至下一个工作日。"),
    ],
)
def test_what_begins_with_the_letter_itself_is_counted_from_its_arrival(
    procedure: Procedure, limit: str, zh: str
) -> None:
    assert counting.from_arrival(procedure.limit(limit), "zh") == zh
    assert counting.from_arrival(procedure.limit(limit), "en").startswith("Counted from")


def test_the_parts_of_an_explanation_are_all_of_it(
    procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    for limit in procedure.limits:
        fact = limit.start[0].replace("*", "complaint")
        due = due_of(procedure, calendar, zone, limit.key, Fact(fact, beijing("2026-11-19 09:00")))
        for language in ("zh", "en"):
            whole = explanation.explain(due, procedure, language)
            for _, text in explanation.parts(due, procedure, language):
                assert text in whole
