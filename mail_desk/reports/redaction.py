"""Figures as a scope may know them: names, numbers and words it does not show are taken out. Pure.

Done once, before anything is composed: mail, workbook, their properties and file names are made of what is left
here, so none of them can show what a scope hides. Counts that name nobody stay as they are.
"""

from __future__ import annotations

from dataclasses import replace

from mail_desk.config_scopes import Scope
from mail_desk.reports.behind import Behind
from mail_desk.reports.cases import Case, Identity
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.reading import MailFigures


def for_scope(figures: PeriodFigures, scope: Scope) -> PeriodFigures:
    """Return the figures without what the scope does not show."""
    shows = scope.shows
    return replace(
        figures,
        cases=tuple(_case(c, scope) for c in figures.cases),
        overdue=tuple(
            replace(
                o,
                identity=_identity(o.identity, scope),
                owner=o.owner if shows("handler-names") else "",
            )
            for o in figures.overdue
        ),
        handlers=figures.handlers if shows("handler-names") else (),
        enterprises=figures.enterprises if shows("enterprises") else (),
        countries=figures.countries if shows("enterprises") else (),
        organs=figures.organs if shows("organs") else (),
        problems=figures.problems if shows("subjects") else (),
        repeats=tuple(
            r if shows("complainants") else replace(r, address="", name="") for r in figures.repeats
        ),
        unserved=figures.unserved if shows("ticket-numbers") and shows("record") else (),
        mails=figures.mails if shows("record") else MailFigures(0, (), 0),
        quarantined=figures.quarantined if shows("record") else 0,
        behind=_behind(figures.behind, scope),
    )


def _behind(found: Behind, scope: Scope) -> Behind:
    """Return the lines behind the figures; those of mails, questions and persons only where their figures stand."""
    shows = scope.shows

    def numbered(number: str) -> str:
        return number if shows("ticket-numbers") else ""

    return replace(
        found,
        mails=tuple(
            replace(
                line,
                sender=line.sender if shows("complainants") else "",
                subject=line.subject if shows("subjects") else "",
                number=numbered(line.number),
            )
            for line in (found.mails if shows("record") else ())
        ),
        ratings=tuple(replace(line, number=numbered(line.number)) for line in found.ratings),
        questions=tuple(
            replace(line, number=numbered(line.number), reference=numbered(line.reference))
            for line in (found.questions if shows("organs") else ())
        ),
        repeats=tuple(
            replace(line, number=numbered(line.number))
            for line in (found.repeats if shows("complainants") else ())
        ),
    )


def _case(case: Case, scope: Scope) -> Case:
    return case._replace(identity=_identity(case.identity, scope))


def _identity(it: Identity, scope: Scope) -> Identity:
    shows = scope.shows
    return it._replace(
        number=it.number if shows("ticket-numbers") else "",
        handler=it.handler if shows("handler-names") else "",
        enterprise=it.enterprise if shows("enterprises") else "",
        complainant=it.complainant if shows("complainants") else "",
        address=it.address if shows("complainants") else "",
        subject=it.subject if shows("subjects") else "",
    )
