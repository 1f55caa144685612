"""Some tickets as they stand now, in the ledger's columns: a workbook of one sheet, without figures."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import cast

from xlsxwriter.workbook import Workbook

from mail_desk.config import Language, Settings
from mail_desk.config_scopes import WHOLE
from mail_desk.reports import collector, workbook_ledger
from mail_desk.reports.cases import Case
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.sheet import Formats, Sheet, new_workbook
from mail_desk.reports.words import Names
from mail_desk.schedule.workdays import Calendar
from mail_desk.tickets.policy import Procedure

LEDGER = "台账"


@dataclass(frozen=True, slots=True)
class LimitColumn:
    """A limit the ledger has columns for."""

    key: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Some tickets as they stand at an instant: all that the ledger's sheet asks of figures."""

    cases: Sequence[Case]
    limits: Sequence[LimitColumn]
    at: datetime
    behind: None = None  # no figures, nothing behind them


@collector.paused()
def workbook(
    listed: Listed,
    *,
    settings: Settings,
    procedures: Mapping[str, Procedure],
    calendar: Calendar,
    title: str,
    language: Language,
) -> bytes:
    """Return the workbook; the same tickets at the same instant give the same bytes.

    Names and addresses of complainants are in it: whoever gets it may read each of these tickets.
    """
    names = Names(settings, procedures, language)
    office = names.say(settings.desk.office.name_zh, settings.desk.office.name_en)
    made = BytesIO()
    with tempfile.TemporaryDirectory(prefix="mail-desk-") as folder:  # mode 700: rows hold names
        book: Workbook = new_workbook(made, folder, title=title, author=office, made=listed.at)
        sheet = Sheet(book, Formats(book), LEDGER, running_title=f"{office} {title}")
        workbook_ledger.ledger(sheet, cast("PeriodFigures", listed), names, calendar, WHOLE)
        book.close()
    return made.getvalue()
