from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mail_desk.schedule.deadlines import Due, dues, explain
from mail_desk.schedule.explanation import fact_in_words
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets.events import Fact
from mail_desk.tickets.policy import Procedure
from mail_desk.tickets.soundness import facts_of

Beijing = Callable[[str], datetime]


@pytest.fixture
def concluding(procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing) -> Due:
    facts = [
        Fact("served:acceptance", beijing("2026-01-08 15:07")),
        Fact("extended", beijing("2026-03-20 10:00"), 2),
    ]
    return dues(procedure, facts, calendar, zone)[0]


def test_an_explanation_in_chinese_holds_start_rule_days_and_basis(
    procedure: Procedure, concluding: Due
) -> None:
    assert explain(concluding, procedure, "zh").splitlines() == [
        "办结投诉：2026年4月13日（周一）",
        (
            "起算：2026年1月8日（周四） 15:07 《受理通知书》送达；"
            "起算当日不计入（《民法典》第二百零一条），只计工作日"
        ),
        "期限：60个工作日；依据：《外商投资企业投诉工作办法》第十九条",
        "延长：2个工作日，共62",
        "不计入：2026-02-15至02-23 春节、2026-04-04至04-06 清明节、2026-01-10至2026-04-12间的普通周末21天",
        "调休上班，计入：2026-02-14 春节调休、2026-02-28 春节调休",
        "状态：进行中",
    ]


def test_an_explanation_in_english_says_the_same(procedure: Procedure, concluding: Due) -> None:
    assert explain(concluding, procedure, "en").splitlines() == [
        "conclude the complaint: Mon 13 April 2026",
        (
            "Starts: Thu 8 January 2026 15:07, service of: Notice of acceptance; "
            "the start day is not counted (Civil Code Art. 201); working days only"
        ),
        (
            "Limit: 60 working days; "
            "Measures on complaints of foreign-invested enterprises (MOFCOM Order 3 of 2020), Art. 19"
        ),
        "Extended: by 2 working days, 62 in all",
        (
            "Not counted: 2026-02-15 to 02-23 Spring Festival, 2026-04-04 to 04-06 Qingming Festival, "
            "21 plain weekend days from 2026-01-10 to 2026-04-12"
        ),
        (
            "Make-up working days, counted: 2026-02-14 make-up day for Spring Festival, "
            "2026-02-28 make-up day for Spring Festival"
        ),
        "State: running",
    ]


def test_a_provisional_date_says_so_and_why(
    procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    due, _ = dues(procedure, [Fact("served:acceptance", beijing("2026-11-23 09:00"))], calendar, zone)
    assert explain(due, procedure, "zh").splitlines()[0] == "办结投诉：2027年2月15日（周一）（暂定）"
    assert "暂定：所经年份的放假安排尚未公布" in explain(due, procedure, "zh")
    assert "(provisional)" in explain(due, procedure, "en").splitlines()[0]
    assert "Provisional: a year it runs through" in explain(due, procedure, "en")


def test_what_ended_it_is_named_with_its_instant(
    procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    facts = [
        Fact("received", beijing("2026-11-02 09:00")),
        Fact("served:refusal", beijing("2026-11-12 08:00")),
    ]
    due = next(d for d in dues(procedure, facts, calendar, zone) if d.limit == "decide")
    assert explain(due, procedure, "zh").splitlines()[-1] == (
        "状态：逾期完成（2026年11月12日（周四） 08:00 《不予受理通知书》送达）"
    )
    assert explain(due, procedure, "en").splitlines()[-1] == (
        "State: met late (Thu 12 November 2026 08:00, service of: Notice of non-acceptance)"
    )


def test_an_extension_that_came_too_late_is_told(
    procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    facts = [
        Fact("served:acceptance", beijing("2026-01-08 15:07")),
        Fact("extended", beijing("2026-04-10 10:00"), 20),
    ]
    due, _ = dues(procedure, facts, calendar, zone)
    assert "延期之前，原期限（2026年4月9日（周四））已经届满" in explain(due, procedure, "zh").splitlines()
    told = "The date before the extension (Thu 9 April 2026) had passed when it came"
    assert told in explain(due, procedure, "en").splitlines()


def test_a_few_weekend_days_are_named_one_by_one(
    procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    facts = [
        Fact("received", beijing("2026-11-02 09:00")),
        Fact("marked:complaint", beijing("2026-11-02 09:01")),
    ]
    due = next(d for d in dues(procedure, facts, calendar, zone) if d.limit == "decide")
    assert "不计入：2026-11-07 周六、2026-11-08 周日" in explain(due, procedure, "zh")
    assert "Not counted: 2026-11-07 Saturday, 2026-11-08 Sunday" in explain(due, procedure, "en")


def test_a_house_rule_does_not_pretend_to_be_law(
    procedure: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    due = dues(procedure, [Fact("received", beijing("2026-11-02 09:00"))], calendar, zone)[0]
    assert "本部门规定" in explain(due, procedure, "zh")
    assert "the department's rule" in explain(due, procedure, "en")


def test_hours_name_the_time_of_day_and_pauses_are_told(
    first_answer: Procedure, calendar: Calendar, zone: ZoneInfo, beijing: Beijing
) -> None:
    facts = [
        Fact("received", beijing("2026-11-02 09:00")),
        Fact("suspended", beijing("2026-11-02 10:00")),
        Fact("resumed", beijing("2026-11-02 11:00")),
    ]
    (done,) = dues(first_answer, facts, calendar, zone)
    assert explain(done, first_answer, "zh").splitlines()[0] == "首次答复：2026年11月2日（周一） 16:00"
    assert "暂停：2026年11月2日（周一） 10:00 至 2026年11月2日（周一） 11:00" in explain(
        done, first_answer, "zh"
    )
    assert "Paused: from Mon 2 November 2026 10:00 to Mon 2 November 2026 11:00" in explain(
        done, first_answer, "en"
    )
    (open_end,) = dues(first_answer, facts[:2], calendar, zone)
    assert "尚未恢复，所示为最早可能的日期" in explain(open_end, first_answer, "zh")
    assert "not yet resumed; the earliest possible date is shown" in explain(open_end, first_answer, "en")


def test_every_fact_of_the_shipped_procedure_has_words_in_both_languages(procedure: Procedure) -> None:
    for fact in facts_of(procedure):
        zh, en = fact_in_words(fact, procedure, "zh"), fact_in_words(fact, procedure, "en")
        assert zh != fact
        assert any("一" <= sign <= "鿿" for sign in zh), fact
        assert en.isascii()
        assert ":" not in en or en.startswith("service of:")
