"""Whom a complainant is told to ask, and whether the one it was told has changed.

The office's telephone always; the handler's name only where the department shows names (`[desk] show_handler_name`);
no address of staff, ever. A substitute for some days changes nothing: only an assignment does.
"""

from __future__ import annotations

from mail_desk.config import Language
from mail_desk.desk.case import Case
from mail_desk.outbound.letters import ContactView, StepDate
from mail_desk.tickets import events as e
from mail_desk.tickets import events_complainants as ec
from mail_desk.tickets.ticket import live

STAGES = frozenset({"examining", "awaiting-materials", "accepted", "suspended", "concluded", "open", "closed"}) | {
    "declined", "transferred", "withdrawn",
}  # fmt: skip


def view(case: Case, language: Language) -> ContactView:
    """Return whom letters name as the contact of this ticket."""
    desk = case.work.settings.desk
    handler = case.handler if desk.show_handler_name else None
    name = ""
    if handler is not None:
        name = handler.name if language == "zh" else handler.name_en or handler.name
    return ContactView(desk.contact_telephone or desk.office.telephone, name)


def changed(case: Case) -> bool:
    """Say whether an accepted complaint is with somebody else than its complainant was told, or could suppose."""
    if not case.ticket.accepted:
        return False
    told = handler = ""
    by_letter: dict[int, str] = {}
    for r in live(case.recorded):
        match r.event:
            case e.Assigned(key):
                handler = key
            case e.Accepted() | e.Reopened():
                told = handler
            case ec.ContactTold(letter, key):
                by_letter[letter] = told
                told = key
            case e.LetterCancelled(letter) if letter in by_letter:
                told = by_letter[letter]
            case _:
                pass
    return bool(told) and told != handler and going_on(case)


def going_on(case: Case) -> bool:
    """Say whether an accepted complaint is still being handled: it can be concluded."""
    return case.ticket.closed_at is None and case.ticket.accepted and case.transition("conclude") is not None


def suspended(case: Case) -> bool:
    """Say whether the case stands still: it can be resumed."""
    return case.transition("resume") is not None


def stage(case: Case) -> str:
    """Return the stage in the words for outside: a key of [stage] in labels.toml."""
    state = case.ticket.state
    if state in STAGES:
        return state
    if not case.ticket.accepted and case.ticket.closed_at is None:
        return "examining"
    return "going-on" if case.ticket.closed_at is None else "finished"


def dates(case: Case, language: Language) -> tuple[StepDate, ...]:
    """Return the dates a complainant is told: those of the law, without what the office owes inside."""
    found = []
    for due in case.counting:
        limit = case.procedure.limit(due.limit)
        if not limit.house and limit.owner != "supervisor":
            found.append(StepDate(limit.name(language), due.due_on, due.provisional))
    return tuple(found)
