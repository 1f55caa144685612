"""What the desk will write to complainants by itself within the next days, as the handler's worklist says it."""

from __future__ import annotations

from collections.abc import Collection

from mail_desk.config import Language
from mail_desk.desk import inactivity, progressing
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work


def by_itself(work: Work, cases: Collection[Case], language: Language) -> tuple[tuple[str, str, str], ...]:
    """Return day, ticket and letter, soonest first."""
    rows = [*progressing.coming(work, cases, language), *inactivity.coming(work, cases, language)]
    return progressing.shown(rows, language)
