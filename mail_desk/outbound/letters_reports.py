"""Context of a report that leaves the house: the circular (通报), the report to the higher body.

It can hold figures and ready tables only; what these may name was decided by the scope before (`reports.redaction`).
There is no ticket in it, no person, no choice: whoever reads it can order nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mail_desk.outbound.letters_views import Bar, Figure


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table with its heading, in the letter's language."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()  # columns set to the right, from 0


@dataclass(frozen=True, slots=True)
class ReportChart:
    """Bars with their heading."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class CircularContext:
    title: str
    reader: str  # how the readers are addressed, "" where nobody is named
    first: date
    last: date
    headline: str
    figures: tuple[Figure, ...]
    late: int  # tickets past a limit of the law
    charts: tuple[ReportChart, ...]
    tables: tuple[ReportTable, ...]
    satisfaction: str  # a sentence, "" where nobody has rated
    workbook: str  # file name, "" where none is attached
    came: str = ""  # a sentence: by which channels, and what else came; "" where nothing did
