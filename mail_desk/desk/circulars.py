"""What leaves the house of a period: the circular to a wider list, the report to the higher body (Order 3 of 2020, Art. 25).

The figures are redacted before anything is made of them; there is no key for a command in it, no choice, no word
of staff but suggestions where the scope shows them. Readers are people of the office or plain addresses.
"""

from __future__ import annotations

from dataclasses import dataclass

from mail_desk.config import Digest, Language
from mail_desk.config_scopes import Scope
from mail_desk.desk import suggestions
from mail_desk.desk.post import To, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import Audience, CircularContext, File, ReportTable
from mail_desk.reports import digest as digests
from mail_desk.reports import figures, redaction, workbook
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.periods import Period
from mail_desk.reports.words import Names

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Circular:
    """One language's circular; every reader of that language gets the same."""

    context: CircularContext
    files: tuple[File, ...]


def readers(work: Work, digest: Digest) -> list[To]:
    """Return who gets it: people of the office by name, then the addresses of the list."""
    found = [work.people.by_key(key) for key in digest.to]
    named = [to_person(work, p) for p in found if p is not None and not p.retired]
    language: Language = digest.language or work.settings.desk.staff_language
    known = {to.address for to in named}
    reader = digest.reader_zh if language == "zh" else digest.reader_en
    return named + [
        To(address, reader or address, language, Audience.ORGAN)
        for address in digest.addresses
        if address not in known
    ]


def figures_for(work: Work, period: Period, scope: Scope, hidden_for: str | None) -> PeriodFigures:
    """Return a period's figures as a scope may know them."""
    whole = figures.collect(
        work.session,
        period,
        settings=work.settings.model_copy(update={"people": work.people}),  # also who joined by command
        procedures=work.rules.procedures,
        calendar=work.rules.calendar,
        now=work.now,
        hidden_for=hidden_for,
    )
    return redaction.for_scope(whole, scope)


def compose(work: Work, digest: Digest, found: PeriodFigures, language: Language) -> Circular:
    """Return what is sent in one language; `found` is redacted already."""
    scope, zh = work.settings.digests.scope_of(digest), language == "zh"
    settings = work.settings.model_copy(update={"people": work.people})
    title = digest.title_zh if zh else digest.title_en
    names = Names(settings, work.rules.procedures, language, handlers=scope.shows("handler-names"))
    advice = suggestions.of_period(work, found.period, hidden_from="", zh=zh)
    shown = advice if scope.shows("suggestions") else ()
    files: tuple[File, ...] = ()
    if digest.workbook:
        content = workbook.ledger(
            found,
            settings=settings,
            procedures=work.rules.procedures,
            calendar=work.rules.calendar,
            title=title,
            language=language,
            suggestions=[
                (
                    s.number if scope.shows("ticket-numbers") else "",
                    s.day,
                    s.by if scope.shows("handler-names") else "",
                    s.words,
                )
                for s in shown
            ],
            scope=scope,
        )
        files = (File(workbook.filename(found), XLSX, content),)
    table = ReportTable(
        "政策建议" if zh else "Policy advice",
        ("编号", "措施和建议") if zh else ("Ticket", "Measure or suggestion"),
        tuple((s.number if scope.shows("ticket-numbers") else "–", s.words) for s in shown),
    )
    context = digests.circular(
        found,
        title=title,
        reader=digest.reader_zh if zh else digest.reader_en,
        names=names,
        scope=scope,
        workbook=files[0].filename if files else "",
        more=(table,),
    )
    return Circular(context, files)
