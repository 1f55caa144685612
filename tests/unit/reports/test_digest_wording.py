from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from mail_desk.outbound.letters import Choice
from mail_desk.reports import charts
from mail_desk.tickets import events as e

SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
COMPLAINT = e.Marked("complaint")


def at(month: int, day: int, hour: int = 4) -> datetime:
    """Return an instant of 2026; 4:00 UTC is noon in Beijing."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def done(world: Any, day: int, **columns: Any) -> None:
    world.ticket(
        at(9, day), (at(9, day), COMPLAINT), (at(9, day), e.Accepted()), (at(9, day + 1), e.Concluded("agreed", 1)),
        (at(9, day + 1), e.NoticeServed("result", 1)), **columns,
    )  # fmt: skip


def test_nothing_at_all_is_said_plainly(world: Any) -> None:
    f = world.figures(*SEPTEMBER, at(10, 8))
    zh, en = world.digest(f), world.digest(f, "en")
    assert zh.headline == "9月没有收到投诉，没有办结件，目前没有逾期件。"
    assert (
        en.headline == "In September, no complaint was received and none was concluded; nothing is overdue."
    )
    assert [(x.value, x.change) for x in zh.figures] == [
        ("0", ""),
        ("0", ""),
        ("0", ""),
        ("–", ""),
        ("0", ""),
    ]
    assert (zh.overdue, zh.on_time_by_handler, zh.received_by_week, zh.by_category) == ((), (), (), ())
    assert (zh.accounted, en.accounted) == ("本期没有收到邮件。", "No mail was received.")


@pytest.mark.parametrize(
    ("first", "last", "zh", "en"),
    [
        ((2026, 7, 1), (2026, 9, 30), "第三季度收到投诉", "In the third quarter, "),
        ((2025, 10, 1), (2025, 12, 31), "2025年第四季度没有收到投诉", "In the fourth quarter of 2025, "),
        ((2026, 9, 1), (2026, 10, 31), "9月至10月收到投诉", "In September and October, "),
        ((2025, 1, 1), (2025, 12, 31), "2025年没有收到投诉", "In 2025, "),
    ],
)
def test_a_period_is_called_what_a_person_calls_it(
    world: Any, first: tuple[int, int, int], last: tuple[int, int, int], zh: str, en: str
) -> None:
    world.ticket(at(9, 7), (at(9, 8), COMPLAINT))
    f = world.figures(date(*first), date(*last), at(11, 5))
    assert world.digest(f).headline.startswith(zh)
    assert world.digest(f, "en").headline.startswith(en)


def test_the_headline_counts_and_names_what_is_late(world: Any) -> None:
    for day in (1, 2, 3):
        done(world, day)
    world.ticket(
        at(9, 28), (at(9, 28), COMPLAINT)
    )  # 7 working days: due on 13 October, past holidays and a make-up Saturday
    f = world.figures(*SEPTEMBER, at(10, 15, 1))
    assert (
        world.digest(f).headline
        == "9月收到投诉 4 件，办结 3 件，逾期 1 件：2026-0004（王芳，已逾期 2 个工作日）。"
    )
    assert world.digest(f, "en").headline == (
        "In September, 4 complaints were received and 3 concluded; "
        "1 is overdue: 2026-0004 (Wang Fang, 2 working days late)."
    )


def test_one_is_singular_in_english(world: Any) -> None:
    done(world, 1)
    world.ticket(at(9, 28), handler=None)
    f = world.figures(*SEPTEMBER, at(10, 14, 1))
    assert world.digest(f, "en").headline == (
        "In September, 1 complaint was received and 1 concluded; "
        "1 is overdue: 2026-0002 (nobody yet, 1 working day late). 1 mail has not been marked yet."
    )


def test_of_many_late_ones_the_longest_are_named(world: Any) -> None:
    for day in (7, 8, 9, 10, 11):
        world.ticket(at(9, day), (at(9, day), COMPLAINT), handler="li")
    context = world.digest(
        world.figures(*SEPTEMBER, at(10, 8, 1)), choices={"2026-0001": (Choice(1, "督办", "#督办"),)}
    )
    assert "逾期 5 件：最久的是 2026-0001（李强，" in context.headline
    assert "2026-0004" not in context.headline
    assert [x.ticket.number for x in context.overdue] == [f"2026-000{n}" for n in (1, 2, 3, 4, 5)]
    first = context.overdue[0]
    assert first.limit.days_left < context.overdue[1].limit.days_left < 0
    assert [len(x.choices) for x in context.overdue] == [1, 0, 0, 0, 0]
    assert (first.owner, first.limit.label, first.limit.basis) == ("李强", "decide期限", "第一条")


def test_late_on_a_rest_day_is_not_called_zero_days(world: Any) -> None:
    world.ticket(at(9, 1), (at(9, 1), COMPLAINT))  # due on Thursday 10 September
    world.ticket(at(9, 2), (at(9, 2), COMPLAINT))  # due on Friday 11 September
    f = world.figures(date(2026, 9, 1), date(2026, 9, 11), at(9, 12))  # Saturday
    assert "2026-0002（王芳，已逾期不足 1 个工作日）" in world.digest(f).headline
    assert "2026-0002 (Wang Fang, less than 1 working day late)" in world.digest(f, "en").headline
    assert world.digest(f).overdue[1].limit.days_left == -1


def test_a_ticket_late_with_two_limits_is_one_late_ticket(world: Any) -> None:
    world.ticket(
        at(9, 1), (at(9, 1), COMPLAINT), (at(9, 1), e.Accepted()), (at(9, 2), e.Concluded("agreed", 1)),
        (at(9, 3), e.Reopened(None, "accepted")), (at(9, 3), e.Accepted()),
    )  # fmt: skip
    f = world.figures(*SEPTEMBER, at(10, 16))
    assert len(f.overdue) == 2
    assert "逾期 1 件" in world.digest(f).headline
    assert world.digest(f).figures[4].value == "1"
    (item,) = world.digest(f).overdue
    assert [limit.key for limit in item.ticket.limits] == ["result", "conclude"]
    assert item.limit == item.ticket.limits[0]


def test_figures_show_their_change_against_the_period_before(world: Any) -> None:
    world.ticket(at(8, 3), (at(8, 3), COMPLAINT), (at(8, 4), e.Declined("private", 1)))
    world.ticket(at(8, 3), (at(8, 3), COMPLAINT), (at(8, 28), e.Declined("private", 1)))
    for day in (1, 2, 3):
        done(world, day)
    f = world.figures(*SEPTEMBER, at(10, 8, 1))
    assert [(x.label, x.value, x.change) for x in world.digest(f).figures] == [
        ("收到投诉", "3", "+1"), ("办结", "3", "+3"), ("期末未办结", "0", "持平"),
        ("法定时限按时率", "100%", "+50 个百分点"), ("目前逾期", "0", ""),
    ]  # fmt: skip
    assert [x.change for x in world.digest(f, "en").figures] == ["+1", "+3", "unchanged", "+50 points", ""]


def test_a_week_is_named_by_its_days_and_another_year_by_its_number(world: Any) -> None:
    week = world.figures(date(2026, 9, 14), date(2026, 9, 20), at(9, 21, 1))
    assert world.digest(week).headline.startswith("上周（9月14日–20日）没有收到投诉")
    assert world.digest(week, "en").headline.startswith("Last week (14–20 Sep), no complaint")
    late = world.figures(*SEPTEMBER, datetime(2027, 1, 4, tzinfo=UTC))
    assert world.digest(late).headline.startswith("2026年9月")
    assert world.digest(late, "en").headline.startswith("In September 2026, ")
    days = world.figures(date(2026, 8, 30), date(2026, 9, 2), at(9, 21, 1))
    assert world.digest(days).headline.startswith("8月30日–9月2日没有")
    assert world.digest(days, "en").headline.startswith("In the days 30 Aug – 2 Sep, ")


def test_every_mail_is_accounted_for_or_said_not_to_be(world: Any) -> None:
    for how in ("opened", "opened", "follow-up", "command"):
        world.mail(at(9, 3), filed_as=how)
    world.mail(at(9, 4), "quarantined")
    world.mail(at(9, 4), role="sent", filed_as="by-hand")
    f = world.figures(*SEPTEMBER, at(10, 8, 1))
    assert world.digest(f).accounted == (
        "收到邮件 5 封，去向清楚 5 封：新立件 2、工作指令 1、后续来信 1、隔离待查 1。"
        "现有 1 封隔离待查。另有 1 封由人工从邮箱直接发出。"
    )
    world.mail(at(9, 5), "spooled")
    world.mail(at(9, 5))
    f = world.figures(*SEPTEMBER, at(10, 8, 1))
    assert world.digest(f, "en").accounted == (
        "7 mails received, 5 accounted for: opened a ticket 2, commands 1, follow-ups 1, quarantined 1, "
        "not accounted for 1, waiting to be processed 1. 2 mails are still to be looked into. "
        "1 mail waits in quarantine now. 1 letter was sent by hand from the mailbox."
    )


def test_bars_carry_their_numbers_and_warn_where_something_is_overdue(world: Any) -> None:
    done(world, 1, category="tax")
    done(world, 2, category="tax")
    world.ticket(at(9, 7), (at(9, 7), COMPLAINT), handler="li", category="land")
    f = world.figures(*SEPTEMBER, at(10, 8, 1))
    context = world.digest(f)
    assert [(b.label, b.value, b.share, b.alert) for b in context.on_time_by_handler] == [
        ("李强", "0% (0/1)", 0, True), ("王芳", "100% (2/2)", 1, False),
    ]  # fmt: skip
    assert [(b.label, b.value, b.share, b.alert) for b in context.by_category] == [
        ("税务", "2", 1, False), ("土地", "1", 0.5, True),
    ]  # fmt: skip
    assert [(b.label, b.value) for b in context.received_by_week][-5:] == [
        ("8月31日–9月6日", "2"), ("9月7日–13日", "1"), ("9月14日–20日", "0"), ("9月21日–27日", "0"),
        ("9月28日–30日", "0"),
    ]  # fmt: skip
    assert context.chain_head == "0123456789abcdef"


def test_many_categories_are_summed_up_in_the_last_bar(world: Any) -> None:
    for n in range(11):
        world.ticket(at(9, 7), (at(9, 7), COMPLAINT), category=f"c{n:02}")
    bars = charts.by_category(world.figures(*SEPTEMBER, at(9, 8)), world.names())
    assert (len(bars), bars[-1].label, bars[-1].value) == (8, "其余 4 类", "4")


@pytest.mark.parametrize(
    ("part", "shown"), [(0, "0%"), (0.001, "1%"), (0.5, "50%"), (0.996, "99%"), (0.9999, "99%"), (1, "100%")]
)
def test_a_rate_is_whole_only_when_nothing_is_lacking(part: float, shown: str) -> None:
    assert charts.percent(part) == shown
