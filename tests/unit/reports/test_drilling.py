"""Behind every figure stand as many tickets as it says, and as many rows of the workbook."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from mail_desk.reports import workbook
from mail_desk.reports.drilling import Asked, read, select
from mail_desk.reports.drilling_rows import TOPICS
from mail_desk.reports.drilling_rows import read as read_rows
from mail_desk.reports.periods import Period
from mail_desk.tickets import events as e

SEPTEMBER = Period(date(2026, 9, 1), date(2026, 9, 30))
TODAY = date(2026, 10, 15)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("逾期", Asked("overdue")),
        ("overdue", Asked("overdue")),
        ("未办结的件", Asked("open")),
        ("不予受理", Asked("declined")),
        ("受理 上月", Asked("accepted", period=SEPTEMBER)),
        ("concluded last month", Asked("concluded", period=SEPTEMBER)),
        ("办结 2026-09", Asked("concluded", period=SEPTEMBER)),
        ("2026年9月收到的", Asked("received", period=SEPTEMBER)),
        ("收到 2026-09-01至2026-09-30", Asked("received", period=SEPTEMBER)),
        ("本季度延期", Asked("extended", period=Period(date(2026, 10, 1), date(2026, 12, 31)))),
        ("去年办结", Asked("concluded", period=Period(date(2025, 1, 1), date(2025, 12, 31)))),
        ("类别 税务", Asked("", "category", "税务")),
        ("类别 税务 未办结", Asked("open", "category", "税务")),
        ("未办结 类别 税务", Asked("open", "category", "税务")),
        ("category tax open", Asked("open", "category", "tax")),
        ("承办 王芳 逾期", Asked("overdue", "handler", "王芳")),
        ("handler Wang Fang overdue", Asked("overdue", "handler", "wang fang")),
        ("企业 阿克米 last month", Asked("", "enterprise", "阿克米", SEPTEMBER)),
        ("未送达", Asked("unserved")),
        ("天气", None),
        ("类别", None),
        ("逾期 天气", None),
    ],
)
def test_a_few_words_say_what_to_list(words: str, meant: Asked | None) -> None:
    assert read(words, TODAY) == meant


@pytest.mark.parametrize(
    ("topic", "words"), [(topic, words) for topic, spelled in TOPICS.items() for words in spelled]
)
def test_every_topic_is_understood_in_each_of_its_spellings(topic: str, words: str) -> None:
    assert read_rows(words, TODAY) == Asked(topic)
    assert read_rows(f"{words.upper()} 上月", TODAY) == Asked(topic, period=SEPTEMBER)
    assert read_rows(f"{words} last month", TODAY) == Asked(topic, period=SEPTEMBER)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("邮件 公务来函", Asked("mails", value="公务来函")),
        ("mails: notes of staff", Asked("mails", value="notes of staff")),
        ("迟复 单位 税务局 上月", Asked("organs-late", value="税务局", period=SEPTEMBER)),
        ("按时 时限 受理审查", Asked("limits-met", value="受理审查")),
        ("延期 承办 王芳", None),  # tickets of a group
        ("按时办结", None),
        ("渠道 邮件", None),
        ("逾期", None),
    ],
)
def test_a_name_behind_a_topic_narrows_it_and_a_group_asks_for_tickets(
    words: str, meant: Asked | None
) -> None:
    assert read_rows(words, TODAY) == meant
    assert meant is not None or read(words, TODAY) is not None


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 4, tzinfo=UTC)


@pytest.fixture
def figures(world: Any) -> Any:
    complaint = e.Marked("complaint")
    for day in (1, 2, 3):
        world.ticket(
            at(9, day), (at(9, day), complaint), (at(9, day + 1), e.Accepted()), (at(9, day + 2), e.Extended(3, 1)),
            (at(9, day + 9), e.Concluded("agreed", 1)), (at(9, day + 10), e.NoticeServed("result", day)),
            (at(9, day + 11), e.Closed()), category="tax", enterprise="acme",
        )  # fmt: skip
    world.ticket(at(9, 7), (at(9, 7), complaint), handler="li", category="land", channel="telephone")
    world.ticket(
        at(9, 8),
        (at(9, 8), complaint),
        (at(9, 9), e.Declined("private", 1)),
        (at(9, 9), e.NoticeFailed("refusal", 9)),
    )
    world.ticket(at(9, 9), (at(9, 9), complaint), (at(9, 10), e.Transferred("x", 1)), handler="li")
    world.ticket(
        at(9, 10),
        (at(9, 10), complaint),
        (at(9, 11), e.Declined("private", 1)),
        (at(9, 15), e.Reopened(None, "examining")),
    )
    world.ticket(at(9, 28))
    world.ticket(at(9, 12), (at(9, 12), e.Marked("enquiry")))
    return world.figures(SEPTEMBER.first, SEPTEMBER.last, at(10, 15))


def test_each_figure_is_as_long_as_its_list(world: Any, figures: Any) -> None:
    names = world.names()

    def listed(words: str) -> tuple[str, ...]:
        asked = read(words, TODAY)
        assert asked is not None, words
        found = select(figures, asked, names)
        assert found is not None, words
        assert len(set(found)) == len(found)
        return found

    t = figures.totals
    for words, figure in (
        ("收到", t.received), ("受理", t.accepted), ("不予受理", t.declined), ("办结", t.concluded), ("归档", t.closed),
        ("未办结", t.open_at_end), ("移送", figures.transferred), ("重新办理", figures.reopened),
        ("延期", figures.extensions), ("未认定", figures.unmarked), ("未送达", len(figures.unserved)),
        ("逾期", len({o.identity.ticket for o in figures.overdue})), ("全部", len(figures.cases)),
    ):  # fmt: skip
        assert len(listed(words)) == figure, words
        assert figure, f"{words}: a figure of nothing shows nothing"
    for group, name, rows in (
        ("类别", names.category, figures.categories), ("企业", names.enterprise, figures.enterprises),
        ("国别", names.country, figures.countries), ("渠道", names.channel, figures.channels),
    ):  # fmt: skip
        for row in rows:
            if row.key:
                assert len(listed(f"{group} {name(row.key)}")) == row.received
                assert len(listed(f"{group} {name(row.key)} 办结")) == row.concluded
                assert len(listed(f"{group} {name(row.key)} 未办结")) == row.open
                assert len(listed(f"{group} {name(row.key)} 期末逾期")) == row.overdue
    for row in figures.handlers:
        assert len(listed(f"承办 {names.person(row.key)}")) == row.total
        assert len(listed(f"承办 {names.person(row.key)} 未办结")) == row.open
        assert len(listed(f"承办 {names.person(row.key)} 期末逾期")) == row.overdue


def test_each_list_is_what_a_filter_of_the_ledger_leaves(world: Any, figures: Any) -> None:
    sheet = openpyxl.load_workbook(BytesIO(world.workbook(figures)))[workbook.LEDGER]
    first, *rest = sheet.iter_rows(values_only=True)
    headers = [str(h).split("\n")[0] for h in first]
    rows = [dict(zip(headers, row, strict=True)) for row in rest]
    complaints = [row for row in rows if row["性质"] == "投诉"]

    def left(column: str) -> set[Any]:
        return {r["编号"] for r in complaints if r[column] is not None and r[column].month == 9}

    for words, column in (
        ("收到", "收到日期"), ("受理", "受理"), ("不予受理", "不予受理"), ("办结", "办结"), ("归档", "归档"), ("移送", "移送"),
        ("重新办理", "重新办理"),
    ):  # fmt: skip
        asked = read(words, TODAY)
        assert asked is not None
        assert set(select(figures, asked, world.names()) or ()) == left(column), words
    opened = select(figures, Asked("open"), world.names())
    assert set(opened or ()) == {r["编号"] for r in complaints if r["期末未办结"] == "是"}
    late = select(figures, Asked("late"), world.names())
    assert set(late or ()) == {
        r["编号"] for r in complaints if r["期末逾期"] == "是" and r["期末未办结"] == "是"
    }
    tax = select(figures, Asked("received", "category", "税务"), world.names())
    assert set(tax or ()) == {r["编号"] for r in complaints if r["类别"] == "税务"}


def test_what_nothing_is_called_is_told_from_nothing_found(world: Any, figures: Any) -> None:
    assert select(figures, Asked("open", "category", "天气"), world.names()) is None
    assert select(figures, Asked("open", "category", "税务"), world.names()) == ()
