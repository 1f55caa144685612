"""Sample letters between leaders and who works for them; see `samples`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from mail_desk.outbound import letters as l

if TYPE_CHECKING:
    from mail_desk.outbound.samples import _World

_Sample = tuple[l.Context, tuple[l.Choice, ...]]
_NUMBER = "2026-0123"


def _choices(w: _World, *rows: tuple[str, str, str, bool]) -> tuple[l.Choice, ...]:
    zh = w.reader == "李明"
    return tuple(
        l.Choice(n, a if zh else b, f"#{_NUMBER} {verb}", words)
        for n, (verb, a, b, words) in enumerate(rows, 1)
    )


def _supervision(w: _World) -> l.LimitView:
    return l.LimitView(
        "supervision/1",
        f"{w.leader} S1 · {w.instruction}",
        date(2026, 11, 27),
        4,
        provisional=False,
        basis="",
    )


def instructions(w: _World) -> Iterator[_Sample]:
    """Yield an instruction, an urging, a supervision put on record by a supervisor, and one called off."""
    yield l.InstructionContext(w.ticket(), w.reader, w.leader, w.instruction), w.first_steps()
    yield l.InstructionContext(w.ticket(), w.reader, w.supervisor, w.urging, urged=True), w.first_steps()
    report = _choices(
        w, ("report-back S1", "回报督办（写下办理情况）", "Report back (write what was done)", True)
    )
    yield (
        l.InstructionContext(
            w.ticket(), w.reader, w.leader, w.instruction, _supervision(w), w.handler, w.supervisor
        ),
        report,
    )
    yield (
        l.InstructionContext(w.ticket(), w.reader, w.leader, w.instruction, _supervision(w), ended=True),
        (),
    )


def report_backs(w: _World) -> Iterator[_Sample]:
    """Yield a report in time and a late one."""
    offered = _choices(
        w,
        ("read", "阅", "Read", False),
        ("instruct", "继续批示（写下意见）", "Instruct further (write it)", True),
        (
            "supervise",
            "继续督办（写要求和期限，例如“周五前报我”）",
            "Supervise further (what, and by when, e.g. “by Friday”)",
            True,
        ),
    )
    for late in (False, True):
        yield (
            l.ReportBackContext(
                w.ticket(),
                w.leader,
                w.handler,
                w.answer,
                w.instruction,
                date(2026, 11, 16),
                date(2026, 11, 20),
                late,
            ),
            offered,
        )


def through_trains(w: _World) -> Iterator[_Sample]:
    """Yield the leader's letter and the supervisor's copy."""
    offered = _choices(
        w,
        ("read", "阅", "Read", False),
        ("instruct", "批示（写下意见）", "Instruct (write it)", True),
        (
            "supervise",
            "督办（写要求和期限，例如“月底前报我”）",
            "Supervise (what, and by when, e.g. “by 30 Nov”)",
            True,
        ),
        ("instruct …", "请经办人补充情况", "Ask the handler for more", False),
    )
    for copy in (False, True):
        yield (
            l.ThroughTrainContext(
                w.ticket(),
                w.supervisor if copy else w.leader,
                w.handler,
                w.leader,
                w.opinion,
                w.complaint,
                w.so_far,
                copy,
            ),
            () if copy else offered,
        )


def weeks(w: _World) -> Iterator[_Sample]:
    """Yield the weekly mail of a leader who reads no digest."""
    zh = w.reader == "李明"
    items = (
        l.AskedItem(
            1, w.ticket(), "延期20个工作日" if zh else "extend it by 20 working days", w.handler, w.extension,
            date(2026, 12, 1), w.preview(),
        ),
        l.AskedItem(
            2, w.ticket(), "重点项目企业来信，供您了解" if zh else "from a key project, for you to know", "", "", None, None
        ),
    )  # fmt: skip
    offered = _choices(
        w,
        ("approve", f"{_NUMBER}：同意延期20个工作日", f"{_NUMBER}: yes, extend it by 20 working days", False),
        ("instruct", f"{_NUMBER}：批示（写下意见）", f"{_NUMBER}: instruct (write it)", True),
    )
    rows = (
        (
            f"{_NUMBER} S1",
            w.instruction,
            "11月27日" if zh else "27 Nov",
            "待回报" if zh else "to be reported back",
        ),
    )
    yield (
        l.LeaderWeekContext(
            w.leader,
            date(2026, 11, 16),
            date(2026, 11, 22),
            items,
            offered,
            (w.trained,),
            rows,
            w.directed,
            (w.put_down,),
        ),
        offered,
    )
