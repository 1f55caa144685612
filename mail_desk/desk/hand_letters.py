"""Letters people write by hand in the webmail: which ticket one found in the Sent folder is about."""

from __future__ import annotations

import re

from sqlalchemy import select

from mail_desk.desk import pieces
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.inbound.mail import Mail
from mail_desk.store.schema import LetterRow, Message, Participant

NUMBER = re.compile(r"(?<!\d)(20\d\d-\d{4,6})(?!\d)")


def participants(work: Work, ticket_id: int) -> set[str]:
    """Return the addresses that take part in a ticket."""
    return set(work.session.scalars(select(Participant.address).where(Participant.ticket_id == ticket_id)))


def case_of(work: Work, mail: Mail) -> Case | None:
    """Return the ticket: by what the letter answers, by the number in its subject, or the only one possible."""
    identifiers = [i for i in (*mail.in_reply_to, *mail.references) if i]
    if identifiers:
        answered = select(Message.ticket_id).where(
            Message.message_id.in_(identifiers), Message.ticket_id.is_not(None)
        )
        ticket_id = work.session.scalars(answered.order_by(Message.id.desc()).limit(1)).first()
        letter = select(LetterRow.ticket_id).where(
            LetterRow.message_id.in_([i.lower() for i in identifiers]), LetterRow.ticket_id.is_not(None)
        )
        ticket_id = ticket_id or work.session.scalars(letter.limit(1)).first()
        if ticket_id is not None:
            return Case.by_id(work, ticket_id)
    recipients = {a.address.lower() for a in (*mail.to, *mail.cc)}
    for number in NUMBER.findall(mail.subject):
        case = Case.by_number(work, number)
        if case is not None and recipients & participants(work, case.row.id):
            return Case.by_id(work, case.row.id)
    # Written as a new mail: to somebody with one open ticket, it can only be about that one.
    open_ids = {row.id for address in recipients for row in pieces.open_tickets_of(work, address)}
    return Case.by_id(work, open_ids.pop()) if len(open_ids) == 1 else None
