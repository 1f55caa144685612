from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import time_machine

from mail_desk.reports import workbook
from mail_desk.reports.sheet import safe
from mail_desk.tickets import events as e

SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))


def at(month: int, day: int, hour: int = 4) -> datetime:
    """Return an instant of 2026; 4:00 UTC is noon in Beijing."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


NOW = at(10, 8, 1)
COMPLAINT = e.Marked("complaint")


def busy(world: Any) -> Any:
    """Fill September: one kept in time, one late, one declined, one open, one enquiry."""
    world.ticket(
        at(9, 1), (at(9, 2), COMPLAINT), (at(9, 3), e.Accepted()), (at(9, 10), e.Concluded("agreed", 1)),
        (at(9, 11), e.NoticeServed("result", 5)), (at(9, 14), e.Closed()), category="tax", enterprise="acme",
        state="closed",
    )  # fmt: skip
    world.ticket(
        at(9, 1), (at(9, 2), COMPLAINT), (at(9, 2), e.Accepted()), (at(9, 25), e.Concluded("agreed", 1)),
        handler="li", category="land", state="concluded",
    )  # fmt: skip
    world.ticket(at(9, 7), (at(9, 8), COMPLAINT), (at(9, 9), e.Declined("private", 1)), state="declined")
    world.ticket(at(9, 8), (at(9, 8), COMPLAINT), handler="li", enterprise="nippon")
    world.ticket(at(9, 9), (at(9, 9), e.Marked("enquiry")), (at(9, 9), e.Replied(1)))
    return world.figures(*SEPTEMBER, NOW)


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(data))


def rows(sheet: Any) -> list[dict[str, Any]]:
    """Read the sheet's main table by its Chinese headers."""
    first, *rest = sheet.iter_rows(values_only=True)
    headers = [str(h).split("\n")[0] for h in first]
    return [dict(zip(headers, row, strict=True)) for row in rest if row[0] is not None]


def test_the_ledger_has_one_row_a_ticket_with_real_dates(world: Any) -> None:
    figures = busy(world)
    ledger = opened(world.workbook(figures))[workbook.LEDGER]
    found = rows(ledger)
    assert [row["编号"] for row in found] == [c.identity.number for c in figures.cases]
    first = found[0]
    assert first["收到日期"] == datetime(2026, 9, 1)  # noqa: DTZ001 - a spreadsheet's date has no zone
    assert (first["企业"], first["国别"], first["类别"], first["承办人"]) == (
        "阿克米",
        "德国",
        "税务",
        "王芳",
    )
    assert first["办理用时（工作日）"] == 5
    assert first["conclude期限：结果"] == "按时"
    assert found[1]["conclude期限：结果"] == "逾期完成"
    assert found[1]["result期限：结果"] == "逾期未完成"
    assert found[2]["理由"] == "民事纠纷"
    assert found[4]["conclude期限：结果"] is None


def test_every_figure_is_the_number_of_rows_a_filter_leaves(world: Any) -> None:
    figures = busy(world)
    found = rows(opened(world.workbook(figures))[workbook.LEDGER])
    complaints = [row for row in found if row["性质"] == "投诉"]

    def in_september(column: str) -> int:
        return sum(row[column] is not None and row[column].month == 9 for row in complaints)

    t = figures.totals
    assert in_september("收到日期") == t.received == 4
    assert in_september("受理") == t.accepted == 2
    assert in_september("不予受理") == t.declined == 1
    assert in_september("办结") == t.concluded == 2
    assert in_september("归档") == t.closed == 1
    assert t.open_at_end == 1
    for limit in figures.limits:
        outcomes = [row[f"{limit.key}期限：结果"] for row in found]
        assert outcomes.count("按时") == limit.met
        assert outcomes.count("逾期完成") == limit.late
        assert outcomes.count("逾期未完成") == limit.overdue
        assert outcomes.count("未到期") == limit.running


def test_the_other_sheets_show_the_figures(world: Any) -> None:
    figures = busy(world)
    made = opened(world.workbook(figures))
    handlers = {row["承办人"]: row for row in rows(made[workbook.HANDLERS])}
    assert (handlers["王芳"]["总数"], handlers["王芳"]["按时办结"], handlers["王芳"]["不予受理等"]) == (
        2,
        1,
        1,
    )
    assert (handlers["李强"]["超时办结"], handlers["李强"]["未办结"]) == (1, 1)
    assert handlers["李强"]["其中已逾期"] == 1
    assert len(made[workbook.HANDLERS]._charts) == 1
    assert len(made[workbook.LIMITS]._charts) == 1
    overdue = rows(made[workbook.OVERDUE])
    assert [(r["编号"], r["责任人"], r["逾期工作日"]) for r in overdue] == [
        (o.identity.number, "李强", o.days_late) for o in figures.overdue
    ]
    summary = {row[0]: row[1] for row in made[workbook.SUMMARY].iter_rows(values_only=True) if row[0]}
    assert summary["收到投诉"] == 4
    assert summary["期末未办结"] == 1


def test_the_ledger_can_be_filtered_scrolled_and_printed_on_a4(world: Any) -> None:
    sheet = opened(world.workbook(busy(world)))[workbook.LEDGER]
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.freeze_panes == "B2"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (3, 0), (
        "readable, three pages abreast"
    )
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$1", "$A:$A")
    small = opened(world.workbook(busy(world)))[workbook.OVERDUE]
    assert (small.page_setup.fitToWidth or 1, small.page_setup.fitToHeight) == (1, 0)  # 1 is the default


def test_rows_and_headers_are_as_high_as_their_words_and_charts_stand_below_the_tables(world: Any) -> None:
    world.ticket(at(9, 2), (at(9, 2), COMPLAINT), subject="很长的主题" * 12)
    book = opened(world.workbook(world.figures(*SEPTEMBER, NOW)))
    ledger = book[workbook.LEDGER]
    assert ledger.row_dimensions[1].height >= 30, "Chinese and English"
    assert ledger.row_dimensions[2].height >= 40, "sixty characters in a column of forty"
    (chart,) = book[workbook.LIMITS]._charts
    assert chart.anchor._from.col == 0
    assert chart.anchor._from.row > 5


def test_headers_are_bilingual_and_contents_in_the_language_asked_for(world: Any) -> None:
    sheet = opened(world.workbook(busy(world), language="en"))[workbook.LEDGER]
    assert sheet["A1"].value == "编号\nnumber"
    first = rows(sheet)[0]
    assert (first["企业"], first["类别"], first["承办人"], first["性质"]) == (
        "Acme",
        "Tax",
        "Wang Fang",
        "complaint",
    )


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ('=HYPERLINK("http://x.example","开")', None),
        ("+1+1", None),
        ("@SUM(A1)", None),
        ("http://x.example/", None),
        ("12345", None),
        ("<r><t>x</t></r>", "<r><t>x</t></r> "),
        ("<r></c></row></r>", "<r></c></row></r> "),
        ("a\x00b\x0bc\ufffe\ud800d", "abcd"),
        ('税务 & <局> "x"', None),
        (
            "_x0041_",
            "_x005F_x0041_",
        ),  # escaped in the file: ECMA-376 part 1, 22.9.2.19; Excel shows it as typed
        ("长" * 40_000, "长" * 32_000),
    ],
)
def test_a_subject_is_text_whatever_it_looks_like(world: Any, subject: str, shown: str | None) -> None:
    world.ticket(at(9, 1), (at(9, 1), COMPLAINT))
    figures = replace_subject(world.figures(*SEPTEMBER, NOW), subject)
    data = world.workbook(figures)
    cell = next(c for c in opened(data)[workbook.LEDGER][2] if c.column_letter == "I")
    assert (cell.value, cell.data_type) == (subject if shown is None else shown, "s")
    assert cell.hyperlink is None
    with zipfile.ZipFile(BytesIO(data)) as files:
        assert not any(b"<f>" in files.read(name) for name in files.namelist() if "worksheets" in name)


def replace_subject(figures: Any, subject: str) -> Any:
    cases = tuple(c._replace(identity=c.identity._replace(subject=subject)) for c in figures.cases)
    overdue = tuple(replace(o, identity=o.identity._replace(subject=subject)) for o in figures.overdue)
    return replace(figures, cases=cases, overdue=overdue)


def test_the_same_figures_give_the_same_bytes(world: Any) -> None:
    figures = busy(world)
    first = world.workbook(figures)
    assert world.workbook(figures) == first
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC)):
        assert world.workbook(figures) == first


def test_an_empty_desk_makes_a_workbook_too(world: Any) -> None:
    made = opened(world.workbook(world.figures(*SEPTEMBER, NOW)))
    assert made.sheetnames == ["概况", "台账", "时限", "承办人", "逾期", "延期", "分类", "企业", "征询"]
    assert rows(made[workbook.LEDGER]) == []


def test_safe_text_keeps_line_breaks_and_tabs() -> None:
    assert safe("a\tb\nc") == "a\tb\nc"


def test_suggestions_have_a_sheet_of_their_own_only_where_there_are_some(world: Any) -> None:
    figures = busy(world)
    assert workbook.SUGGESTIONS not in opened(world.workbook(figures)).sheetnames
    row = ("2026-0001", date(2026, 9, 3), "王芳", "=1+1 请供电部门检修前通知企业")
    sheet = opened(world.workbook(figures, suggestions=[row]))[workbook.SUGGESTIONS]
    (found,) = rows(sheet)
    assert (found["编号"], found["提出人"]) == ("2026-0001", "王芳")
    assert found["日期"].date() == date(2026, 9, 3)
    assert "请供电部门检修前通知企业" in found["措施和建议"]
    assert sheet["D2"].data_type == "s", "words are text, never a formula"
