"""导出: the tickets somebody may read, as the ledger's workbook by mail.

Each ticket taken out stands in its own ledger with who had it; the supervisors' next worklist says who took
how many. A handler gets the own tickets only. Changes no ticket.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select

from mail_desk.config import Person
from mail_desk.desk import readable, reading_rights
from mail_desk.desk.outcome import Actor, Outcome, many
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import File
from mail_desk.reports import periods, reading, workbook_excerpt
from mail_desk.reports.sight import Sight
from mail_desk.store import ledger
from mail_desk.store.schema import EventRow, TicketRow
from mail_desk.tickets import enterprise_names
from mail_desk.tickets.commands import Command
from mail_desk.tickets.events_reading import Exported
from mail_desk.tickets.numerals import fold

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_TICKETS = 2000  # in one workbook; more is said to be narrowed down

_MONTH = re.compile(r"(20[0-9]{2}) ?[-/年.] ?(1[0-2]|0?[1-9])(?:月份?)?(?![0-9])")
_YEAR = re.compile(r"(20[0-9]{2})(?:年度?)?(?![0-9])")
_OPEN = ("在办", "未办结", "未结", "open")
_CLOSED = ("已结", "办结", "已办结", "结案", "closed", "finished")
_ALL = ("全部", "所有", "all", "台账", "ledger")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets, and how that reads. `unread`: what is not understood of it."""

    conditions: tuple[ColumnElement[bool], ...]
    said: tuple[str, ...]
    unread: str = ""


def export(work: Work, actor: Actor, command: Command) -> Outcome:
    """Send the ledger of the tickets somebody may read, perhaps of some only."""
    wanted = _wanted(work, command)
    if wanted.unread:
        return Outcome(
            False,
            actor.say(
                f"没有导出：看不懂“{wanted.unread}”。可写：年（2026年）、月（2026年10月）、在办、已结、企业名称、经办人姓名，或者不写",
                f"Nothing exported: “{wanted.unread}” is not understood. Possible: a year, a month (2026-10), open, closed, "
                "an enterprise, a handler, or nothing",
            ),
        )
    query = select(TicketRow).where(readable.by(work, actor), *wanted.conditions).order_by(TicketRow.id)
    rows = list(work.session.scalars(query.limit(MOST_TICKETS + 1)))
    if not rows:
        return Outcome(False, actor.say("没有可导出的件。", "There is no such ticket that you may read."))
    if len(rows) > MOST_TICKETS:
        return Outcome(
            False,
            actor.say(
                f"没有导出：超过{MOST_TICKETS}件，请按年或者按月导出，例：#导出 {work.today.year}年",
                f"Nothing exported: more than {MOST_TICKETS} tickets. Export a year or a month, e.g. #export {work.today.year}",
            ),
        )
    content = _workbook(work, actor, rows)
    if len(content) > work.settings.desk.letter_up_to_mb * 2**20:
        return Outcome(
            False,
            actor.say(
                "没有导出：文件太大，请按年或者按月导出。",
                "Nothing exported: the file is too large. Export a year or a month.",
            ),
        )
    for row in rows:
        ledger.append(
            work.session, row, Exported(actor.person.key), at=work.now, now=work.now, actor="desk",
            cause=f"shown:{actor.message.id}",  # `undo` takes nothing back
        )  # fmt: skip
    which = ("，" if actor.language == "zh" else ", ").join(wanted.said)
    shown = (f"（{which}）" if actor.language == "zh" else f" ({which})") if which else ""
    file = File(f"tickets-{work.today:%Y%m%d}.xlsx", XLSX, content)
    return Outcome(
        True,
        actor.say(
            f"已导出{len(rows)}件{shown}，台账附在本信后（导出已登记，并告知督办人）",
            f"{many(len(rows), 'ticket')} exported{shown}; the workbook is attached. This is on record and told to the supervisors",
        ),
        files=(file,),
    )


def _workbook(work: Work, actor: Actor, rows: list[TicketRow]) -> bytes:
    rules = work.rules
    settings = work.settings.model_copy(update={"people": work.people})
    sight = Sight(rules.procedures, rules.calendar, settings.desk.zone)
    cases = [
        sight.case(identity, held, work.now)
        for identity, held in reading.histories(work.session, [row.id for row in rows])
    ]
    listed = workbook_excerpt.Listed(
        cases, tuple(workbook_excerpt.LimitColumn(key) for key in sight.statutory), work.now
    )
    title = actor.say("投诉件台账", "Ledger of tickets") + f" {work.today}"
    return workbook_excerpt.workbook(
        listed,
        settings=settings,
        procedures=rules.procedures,
        calendar=rules.calendar,
        title=title,
        language=actor.language,
    )


# --- which ------------------------------------------------------------------------------------------


def _wanted(work: Work, command: Command) -> Wanted:
    """Read the filter: every part narrows it."""
    words = command.words
    if command.ticket:  # #导出 2026-10 reads as a ticket's number, unless that was written out
        year, _, number = command.ticket.partition("-")
        if command.ticket in fold(command.typed) or not 1 <= int(number) <= 12:
            return Wanted((), (), command.ticket)
        words = f"{year}-{int(number)} {words}"
    conditions: list[ColumnElement[bool]] = []
    said: list[str] = []
    rest = fold(words).strip()
    if m := _MONTH.search(rest):
        period = periods.month_of(date(int(m[1]), int(m[2]), 1))
        conditions += _within(work, period.instants(work.settings.desk.zone))
        said.append(f"{m[1]}-{int(m[2]):02d}")
        rest = rest.replace(m[0], " ", 1)
    elif m := _YEAR.search(rest):
        first, next_first = date(int(m[1]), 1, 1), date(int(m[1]) + 1, 1, 1)
        zone = work.settings.desk.zone
        conditions += _within(work, (periods.start_of(first, zone), periods.start_of(next_first, zone)))
        said.append(m[1])
        rest = rest.replace(m[0], " ", 1)
    for part in rest.replace(",", " ").replace("、", " ").split():
        found = _part(work, part)
        if found is None:
            return Wanted((), (), part)
        conditions += found
        said += [part] if found else []
    return Wanted(tuple(conditions), tuple(said))


def _within(_work: Work, span: tuple[datetime, datetime]) -> list[ColumnElement[bool]]:
    return [TicketRow.received_at >= span[0], TicketRow.received_at < span[1]]


def _part(work: Work, part: str) -> list[ColumnElement[bool]] | None:
    """Return what one word of the filter asks for, None where it is not understood."""
    if part in _ALL:
        return []
    if part in _OPEN:
        return [TicketRow.closed_at.is_(None)]
    if part in _CLOSED:
        return [TicketRow.closed_at.is_not(None)]
    enterprises = enterprise_names.meant(part, work.settings.enterprises)
    if enterprises:
        return [TicketRow.enterprise.in_([row.key for row in enterprises])]
    people = [
        p.key for p in work.people.person if part in (p.key, *map(fold, (p.name, p.name_en, *p.aliases)))
    ]
    if people:
        return [TicketRow.handler.in_(people)]
    category = [
        c.key for c in work.settings.routing.category if part in (c.key, fold(c.name_zh), fold(c.name_en))
    ]
    return [TicketRow.category.in_(category)] if category else None


# --- told -------------------------------------------------------------------------------------------


def exported_since(work: Work, since: datetime, reader: Person) -> list[tuple[str, str, str]]:
    """Return who exported how many tickets since an instant, for the supervisor's worklist: what, who, when.

    Tickets the reader may not see are not counted; who took nothing else does not stand there.
    """
    query = (
        select(EventRow.cause, EventRow.data, EventRow.at, TicketRow.hidden_from)
        .join(TicketRow, EventRow.ticket_id == TicketRow.id)
        .where(EventRow.type == Exported.__name__, EventRow.at >= since)
        .order_by(EventRow.at)
    )
    counted: dict[tuple[str, str, datetime], int] = {}
    for cause, data, at, hidden in work.session.execute(query):
        if reader.key not in hidden and data["to"] != reader.key:
            taken = (cause or "", data["to"], at)
            counted[taken] = counted.get(taken, 0) + 1
    zh = work.rules.language_of(reader) == "zh"
    rows = []
    for (_, key, at), count in counted.items():
        when = at.astimezone(work.settings.desk.zone).strftime("%m-%d %H:%M")
        name = reading_rights.called(work, key, reader)
        rows.append((f"导出{count}件" if zh else f"{count} exported", name, when))
    return rows
