"""Inspection summaries: when they are owed, and the letters they become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mail_desk.config import Digest, Person
from mail_desk.desk.post import Cause, To, draft, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import Choice, DigestContext, File, LetterKind
from mail_desk.reports import digest as digests
from mail_desk.reports import figures, periods, workbook
from mail_desk.reports.periods import Period
from mail_desk.schedule.workdays import Calendar
from mail_desk.store import ledger
from mail_desk.store.schema import TicketRow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def owed(digest: Digest, opened: date, today: date, calendar: Calendar) -> Iterator[tuple[Period, date]]:
    """Yield every period the desk has worked in and whose sending day has come, with that day.

    Two may leave on one day: a week that was all holidays, and the one after it.
    """
    period = periods.of(digest.period, opened)
    while (day := periods.sent_on(period, calendar.is_working)) <= today:
        yield period, day
        period = periods.of(digest.period, period.last + periods.DAY)


@dataclass(frozen=True)
class _Copy:
    """One reader's digest."""

    to: To
    context: DigestContext
    files: tuple[File, ...]
    choices: tuple[Choice, ...]
    tickets: tuple[int, ...]


def _copy(work: Work, digest: Digest, period: Period, person: Person) -> _Copy:
    to = to_person(work, person)
    rules, settings = work.rules, work.settings
    found = figures.collect(
        work.session,
        period,
        settings=settings,
        procedures=rules.procedures,
        calendar=rules.calendar,
        now=work.now,
        hidden_for=person.key,
    )
    title = digest.title_zh if to.language == "zh" else digest.title_en
    files: tuple[File, ...] = ()
    if digest.workbook:
        content = workbook.ledger(
            found,
            settings=settings,
            procedures=rules.procedures,
            calendar=rules.calendar,
            title=title,
            language=to.language,
        )
        files = (File(workbook.filename(found), XLSX, content),)
    numbers = list(dict.fromkeys(late.identity.number for late in found.overdue))
    offered = _choices(numbers, zh=to.language == "zh")
    context = digests.compose(
        found,
        title=title,
        reader=to.name,
        settings=settings,
        procedures=rules.procedures,
        language=to.language,
        chain_head=ledger.head(work.session),
        workbook=files[0].filename if files else "",
        choices={number: (choice,) for number, choice in zip(numbers, offered, strict=True)},
    )
    rows = work.session.query(TicketRow.id).where(TicketRow.number.in_(numbers)) if numbers else ()
    return _Copy(to, context, files, offered, tuple(row[0] for row in rows))


def _choices(numbers: list[str], *, zh: bool) -> tuple[Choice, ...]:
    """Offer one instruction an overdue ticket: the number, then what the leader wants."""
    return tuple(
        Choice(
            n, f"批示 {number}" if zh else f"Instruct on {number}", f"#{number} instruct", needs_words=True
        )
        for n, number in enumerate(numbers, start=1)
    )


def _readers(work: Work, digest: Digest) -> list[Person]:
    return [p for p in (work.people.by_key(key) for key in digest.to) if p is not None]


def compose(work: Work, key: str, first: date) -> int:
    """Queue the digest of the period that began on `first` to each reader; return how many."""
    digest = next((d for d in work.settings.digests.digest if d.key == key), None)
    if digest is None:
        return 0  # taken out of the configuration since it was planned
    return _queue(work, digest, periods.of(digest.period, first), f"{key}/{first}")


def _queue(work: Work, digest: Digest, period: Period, dedupe: str) -> int:
    count = 0
    for person in _readers(work, digest):
        copy = _copy(work, digest, period, person)
        row = post(
            work,
            LetterKind.DIGEST,
            copy.to,
            copy.context,
            Cause(f"digest:{digest.key}"),
            choices=copy.choices,
            files=copy.files,
            dedupe=f"digest/{dedupe}/{person.key}",
            tickets=copy.tickets,
        )
        count += row is not None
    return count


def send_now(work: Work, digest: Digest) -> int:
    """Queue the digest of the last full period now, whatever was sent before."""
    period = periods.before(digest.period, work.today)
    return _queue(work, digest, period, f"{digest.key}/by-hand/{work.now.isoformat()}")


def texts(work: Work, digest: Digest) -> list[str]:
    """Return the text of the digest of the last full period, one a language, without queueing it."""
    period = periods.before(digest.period, work.today)
    seen: dict[str, str] = {}
    for person in _readers(work, digest):
        copy = _copy(work, digest, period, person)
        if copy.to.language not in seen:
            shown = draft(work, LetterKind.DIGEST, copy.to, copy.context)
            seen[copy.to.language] = f"{shown.subject}\n\n{shown.text}"
    return list(seen.values())
