"""Tables for the operator's terminal: queries and rows; printing is the command line's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from mail_desk.config import Digest, Settings
from mail_desk.desk import casebook, digesting
from mail_desk.desk.case import Case
from mail_desk.desk.work import Rules, Work
from mail_desk.status import Status
from mail_desk.store.schema import LetterRow, LetterState, Message, MessageState, TicketRow
from mail_desk.store.session import Store


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", show_lines=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def plain(table: Table) -> Iterator[str]:
    """Yield a table as tab-separated lines, for pipes."""
    yield "\t".join(str(column.header) for column in table.columns)
    cells = [list(column.cells) for column in table.columns]
    for row in zip(*cells, strict=True):
        yield "\t".join(" ".join(str(cell).split()) for cell in row)


def tickets(session: Session, rules: Rules, *, everything: bool, handler: str | None) -> Table:
    """List tickets, oldest first."""
    table = _table(
        "tickets", "number", "state", "kind", "handler", "received", "next limit", "complainant", "subject"
    )
    query = select(TicketRow).order_by(TicketRow.received_at, TicketRow.id)
    if not everything:
        query = query.where(TicketRow.closed_at.is_(None))
    if handler is not None:
        query = query.where(TicketRow.handler == handler)
    zone = rules.settings.desk.zone
    for row in session.scalars(query):
        case = Case(Work(session, rules, row.received_at), row)
        due = case.running[0] if case.running else None
        mark = "?" if due is not None and due.provisional else ""
        table.add_row(
            row.number,
            row.state,
            row.kind or "",
            row.handler or "",
            f"{row.received_at.astimezone(zone):%Y-%m-%d}",
            f"{due.limit} {due.due_on}{mark}" if due is not None else "",
            row.complainant_address,
            row.subject,
        )
    return table


def ticket(session: Session, rules: Rules, number: str, now: datetime) -> list[Table]:
    """Show one ticket: what happened, what runs, what was written."""
    case = Case.by_number(Work(session, rules, now), number)
    if case is None:
        return []
    zone = rules.settings.desk.zone
    events = _table(f"{number} {case.row.subject}", "seq", "since", "who", "what", "detail", "words")
    for r in case.recorded:
        detail = {k: v for k, v in _fields(r.event).items() if k != "words"}
        events.add_row(
            str(r.seq),
            f"{r.at.astimezone(zone):%Y-%m-%d %H:%M}",
            r.actor,
            casebook.name_of(r.event, zh=False),
            " ".join(f"{k}={v}" for k, v in detail.items() if v not in ("", None)),
            case.words(getattr(r.event, "words", None)),
        )
    limits = _table("limits", "limit", "since", "due", "state", "provisional")
    for due in case.dues:
        limits.add_row(
            due.limit,
            f"{due.started_at.astimezone(zone):%Y-%m-%d}",
            str(due.due_on),
            str(due.state),
            "yes" if due.provisional else "",
        )
    letters = _table("letters", "id", "kind", "to", "state", "sent", "subject")
    query = select(LetterRow).where(LetterRow.ticket_id == case.row.id).order_by(LetterRow.id)
    for row in session.scalars(query):
        sent = f"{row.sent_at.astimezone(zone):%Y-%m-%d %H:%M}" if row.sent_at else ""
        letters.add_row(str(row.id), row.kind, row.recipient, row.state, sent, row.subject)
    return [events, limits, letters]


def _fields(event: object) -> dict[str, object]:
    return {name: getattr(event, name) for name in getattr(event, "__slots__", ())}


def queue(session: Session, settings: Settings) -> Table:
    """List letters that have not left and are not cancelled."""
    table = _table(
        "letters not sent", "id", "kind", "to", "state", "not before", "attempts", "last reply", "subject"
    )
    query = select(LetterRow).where(LetterRow.state.not_in((LetterState.SENT, LetterState.CANCELLED)))
    for row in session.scalars(query.order_by(LetterRow.not_before, LetterRow.id)):
        leaves = f"{row.not_before.astimezone(settings.desk.zone):%Y-%m-%d %H:%M}"
        table.add_row(
            str(row.id),
            row.kind,
            row.recipient,
            row.state,
            leaves,
            str(row.attempts),
            row.last_reply or "",
            row.subject,
        )
    return table


def status(found: Status) -> Table:
    """Show the status as a table."""
    table = _table("healthy" if found.healthy else "NOT healthy", "what", "value")
    for reason in found.reasons:
        table.add_row("reason", reason)
    for key, value in found.figures.items():
        if isinstance(value, dict):
            for name, inner in value.items():
                table.add_row(f"{key} {name}", _said(inner))
        else:
            table.add_row(key, str(value))
    return table


def _said(value: object) -> str:
    """Return a figure, or several with their names, in one cell."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {inner}" for name, inner in value.items())
    return "never" if value is None else str(value)


def digest(store: Store, rules: Rules, chosen: Digest, now: datetime, *, send: bool) -> list[str]:
    """Compose a digest now; return its texts, queued or not."""
    if not send:
        with store.read() as session:
            return digesting.texts(Work(session, rules, now), chosen)
    with store.decide() as session:
        count = digesting.send_now(Work(session, rules, now), chosen)
    return [f"{count} letter(s) queued; mail-desk run sends them"]


def adopt(store: Store, references: Iterable[str]) -> list[tuple[str, bool]]:
    """Mark mails from before the desk as wanted."""
    found: list[tuple[str, bool]] = []
    with store.decide() as session:
        for reference in references:
            digits = reference.upper().removeprefix("M")
            message = session.get(Message, int(digits)) if digits.isdecimal() else None
            if message is None or message.state != MessageState.BEFORE_DESK:
                found.append((f"{reference} is no mail from before the desk", False))
                continue
            message.state, message.filed_as = MessageState.WANTED, "adopted"
            found.append((f"{reference} ({message.subject}) becomes a ticket at the next round", True))
    return found
