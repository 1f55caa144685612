"""Sample reports: charts and tables of a digest, the circular, the report to the higher body; see `samples`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from mail_desk.outbound import letters as l

if TYPE_CHECKING:
    from mail_desk.outbound.samples import _World

_Sample = tuple[l.Context, tuple[l.Choice, ...]]
_Pair = tuple[str, str]


def _zh(w: _World) -> bool:
    return w.reader == "李明"


def concluded(w: _World) -> tuple[l.Bar, ...]:
    """Return what was concluded week by week."""
    return tuple(l.Bar(label, str(n), n / 12) for label, n in zip(w.weeks, (7, 12, 0, 9), strict=True))


def ageing(w: _World) -> tuple[l.Bar, ...]:
    """Return the open ones by age."""
    unit = " 个工作日" if _zh(w) else " working days"
    counts = (("0–7", 6), ("8–15", 4), ("16–30", 3), ("31–60", 2), ("61+", 0))
    return tuple(l.Bar(f"{key}{unit}", str(n), n / 6) for key, n in counts)


def tables(w: _World) -> tuple[l.ReportTable, ...]:
    """Return a few of the tables."""
    zh = _zh(w)

    def table(title: _Pair, head: tuple[_Pair, ...], *rows: tuple[str, ...]) -> l.ReportTable:
        columns = tuple(pair[not zh] for pair in head)
        return l.ReportTable(title[not zh], columns, rows, tuple(range(1, len(head))))

    return (
        table(
            ("基本情况", "In figures"),
            (("项目", "Item"), ("本期", "Period"), ("上期", "Before"), ("去年同期", "Year ago")),
            ("收到投诉" if zh else "Received", "34", "29", "31"),
            ("办结" if zh else "Concluded", "28", "30", "25"),
            ("期末未办结" if zh else "Open at the end", "15", "9", "12"),
            ("按时率" if zh else "Rate of limits kept", "92%", "88%", "–"),
        ),
        table(
            ("法定时限", "Limits of the law"),
            (("时限", "Limit"), ("按时", "On time"), ("逾期完成", "Late"), ("逾期未完成", "Overdue"), ("未到期", "Running"), ("按时率", "Rate")),
            ("受理与否的决定" if zh else "Decision on acceptance", "31", "1", "0", "2", "97%"),
            ("办结" if zh else "Conclusion", "27", "1", "1", "14", "93%"),
        ),
        table(
            ("有关部门答复", "Answers of public bodies"),
            (("单位", "Public body"), ("征询", "Asked"), ("已答复", "Answered"), ("逾期未复", "Overdue")),
            ("示例区税务局" if zh else "Example Tax Bureau", "4", "3", "1"),
            ("示例区自然资源局" if zh else "Example Bureau of Natural Resources", "2", "2", "0"),
        ),
    )  # fmt: skip


def listed(w: _World) -> _Sample:
    """Return the answer to a leader who asked what stands behind a figure."""
    zh = _zh(w)
    rows = (
        ("2026-0123", "征2026-0123-1", "示例区税务局", "2026-10-12", "2026-10-26", "–"),
        ("2026-0101", "征2026-0101-2", "示例区自然资源局", "2026-10-09", "2026-10-23", "2026-10-28"),
    )
    if not zh:
        rows = (
            ("2026-0123", "Q2026-0123-1", "Example Tax Bureau", "2026-10-12", "2026-10-26", "–"),
            ("2026-0101", "Q2026-0101-2", "Example Bureau of Natural Resources", "2026-10-09", "2026-10-23", "2026-10-28"),
        )  # fmt: skip
    head = (
        ("编号", "函号", "单位", "发出", "最迟答复", "答复")
        if zh
        else ("Ticket", "Reference", "Public body", "Asked", "Answer by", "Replied")
    )
    said = "征询：2行（2026-10-01至2026-10-31）" if zh else "asked: 2 rows (2026-10-01 to 2026-10-31)"
    return l.TranscriptContext(
        w.leader, (l.TranscriptLine("#列表 征询" if zh else "#list asked", True, said),), (), None, "", False, (), (),
        None, False, tables=(l.ReportTable("征询" if zh else "asked", head, rows),),
    ), ()  # fmt: skip


def circulars(w: _World) -> Iterator[_Sample]:
    """Yield a circular, and the report to the higher body with its cases in detail."""
    zh = _zh(w)
    charts = (
        l.ReportChart("各周办结" if zh else "Concluded, by week", concluded(w)),
        l.ReportChart(
            "未办结件已收到（工作日）" if zh else "Age of the open ones, in working days", ageing(w)
        ),
    )
    figures = tuple(l.Figure(*figure) for figure in w.figures)
    told = (
        "10月收到投诉 34 件，办结 28 件，逾期 1 件。"
        if zh
        else "In October, 34 complaints were received and 28 concluded; 1 is overdue."
    )
    calm = (
        "9月1日–10月31日收到投诉 63 件，办结 58 件，目前没有逾期件。"
        if zh
        else "In the days 1 Sep – 31 Oct, 63 complaints were received and 58 concluded; nothing is overdue."
    )
    reader = "各有关单位" if zh else "the bodies concerned"
    yield l.CircularContext(
        w.digest_title, reader, date(2026, 10, 1), date(2026, 10, 31), told, figures, 1, charts, tables(w), "", "",
    ), ()  # fmt: skip
    cases = l.ReportTable(
        "办结件" if zh else "Concluded",
        ("编号", "企业", "类别", "办结", "结果") if zh else ("Ticket", "Enterprise", "Category", "Concluded", "Ground"),
        (("2026-0101", "凯勒精密机械（洛阳）有限公司" if zh else "Keller Precision (Luoyang) Co. Ltd", "税费" if zh else "Taxes", "2026-10-21", "投诉人同意" if zh else "complainant agrees"),),
    )  # fmt: skip
    advice = l.ReportTable(
        "政策建议" if zh else "Policy advice",
        ("编号", "措施和建议") if zh else ("Ticket", "Measure or suggestion"),
        (("2026-0101", "统一出口退税材料清单" if zh else "One list of papers for export tax refunds"),),
    )
    yield l.CircularContext(
        w.digest_title, "市商务局" if zh else "the Municipal Bureau of Commerce", date(2026, 9, 1), date(2026, 10, 31),
        calm, figures, 0, charts, (*tables(w), cases, advice),
        "平均4.6分（9件，满分5分），不满意1件，占11%。" if zh else "4.6 of 5 on average, from 9 ratings; 1 dissatisfied (11%).",
        "complaints-20260901-20261031.xlsx",
    ), ()  # fmt: skip


def digests(w: _World) -> Iterator[tuple[l.Context, tuple[l.Choice, ...]]]:
    """Return a month's summary."""
    items = w.items()[:1]
    bars = (
        l.Bar(w.handler, "96% (24/25)", 0.96),
        l.Bar(w.reader, "88% (15/17)", 0.88),
        l.Bar(w.supervisor, "50% (2/4)", 0.5, alert=True),
    )
    weeks = tuple(l.Bar(label, str(n), n / 14) for label, n in zip(w.weeks, (9, 14, 0, 11), strict=True))
    yield l.DigestContext(
        w.digest_title, w.leader, date(2026, 10, 1), date(2026, 10, 31), w.headline,
        tuple(l.Figure(*figure) for figure in w.figures), items, bars, weeks,
        tuple(l.Bar(label, value, share) for label, value, share in w.categories),
        w.accounted, "9f2c 41d7 aa05 7e31", "2026-10.xlsx", 3, organs=items, recorded=(w.put_down,),
        concluded_by_week=concluded(w), ageing=ageing(w),
        tables=tables(w), late=len(items),
    ), tuple(choice for item in items for choice in item.choices)  # fmt: skip
