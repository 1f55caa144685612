"""搜索: find tickets by words, among those the person may read.

There is no index to keep: the words are looked for where they stand, in one scan of the texts of readable
tickets. So what is erased is gone from the answer at once, two-character words are found like any other, and
nothing hidden can show through, not even as a count. Measured with thousands of tickets on both databases
(tests/integration/test_search_at_scale.py). Changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import ColumnElement, func, or_, select

from mail_desk.desk import readable
from mail_desk.desk.case import Case
from mail_desk.desk.choices import MOST_DIGITS
from mail_desk.desk.outcome import Actor, Outcome, many
from mail_desk.desk.work import Work
from mail_desk.outbound.wording import one_line
from mail_desk.store.schema import Message, TicketRow, Words
from mail_desk.tickets import enterprise_names
from mail_desk.tickets.commands import Command
from mail_desk.tickets.numerals import fold

log = structlog.get_logger()

MOST_TERMS = 6
LONGEST_TERM = 60
MOST_SHOWN = 20
_AROUND = 24  # characters either side of a hit
_INSIDE = ("command", "note")  # mails of staff may be about several tickets: their words are kept apart


def search(work: Work, actor: Actor, command: Command) -> Outcome:
    """Answer with the tickets that hold every word, the newest first."""
    said = " ".join(part for part in (command.ticket, command.words) if part)
    terms = terms_of(said)
    if not terms:
        return Outcome(
            False,
            actor.say("请写上要找的词，例：#搜索 退税", "Say what to look for, e.g. #search tax refund"),
        )
    may = readable.by(work, actor)
    found: set[int] | None = None
    for term in terms:
        ids = holding(work, term, may)
        found = ids if found is None else found & ids
        if not found:
            break
    ids_found = sorted(found or ())
    log.info("searched", action="search", person=actor.person.key, found=len(ids_found))
    shown_words = "、".join(terms) if actor.language == "zh" else ", ".join(terms)
    if not ids_found:
        return Outcome(
            True,
            actor.say(
                f"在您可以查看的件中没有找到“{shown_words}”",
                f"Nothing found for “{shown_words}” among the tickets you may read",
            ),
        )
    return _answer(work, actor, terms, ids_found, shown_words)


def terms_of(text: str) -> list[str]:
    """Return the words looked for, in lower case, each once."""
    words = text.replace("，", " ").replace("、", " ").replace("　", " ").lower().split()
    return list(dict.fromkeys(w[:LONGEST_TERM] for w in words if w.strip(" ,.;:。；：“”\"'")))[:MOST_TERMS]


def _holds(column: ColumnElement[Any], term: str) -> ColumnElement[bool]:
    """Return the condition that a text holds a term, typed plainly or in full width."""
    spellings = dict.fromkeys((term, fold(term)))
    return or_(*(func.lower(column).contains(s, autoescape=True) for s in spellings if s))


def holding(work: Work, term: str, may: ColumnElement[bool]) -> set[int]:
    """Return the readable tickets that hold a term in their facts, mails or notes."""
    ticket = TicketRow
    folded = fold(term)
    named = [
        row.key
        for row in work.settings.enterprises
        if any(folded in spelling for spelling in enterprise_names.spellings(row)[1:])
    ]
    facts = or_(
        *(
            _holds(c.expression, term)
            for c in (ticket.number, ticket.subject, ticket.complainant_name, ticket.complainant_address)
        ),
        ticket.enterprise.in_(named),
    )
    mail = or_(*(_holds(c.expression, term) for c in (Message.new_text, Message.subject, Message.from_name)))
    queries = (
        select(ticket.id).where(may, facts),
        select(ticket.id).join(Message, Message.ticket_id == ticket.id).where(may, *_told(), mail),
        select(ticket.id)
        .join(Words, Words.ticket_id == ticket.id)
        .where(may, _holds(Words.text.expression, term)),
    )
    return {id_ for query in queries for id_ in work.session.scalars(query)}


def _told() -> tuple[ColumnElement[bool], ...]:
    """Return the condition on mails whose words belong to one ticket alone."""
    return (
        Message.duplicate_of.is_(None),
        func.coalesce(Message.filed_as, "").not_in(_INSIDE),
    )


def _answer(work: Work, actor: Actor, terms: Sequence[str], ids: Sequence[int], words: str) -> Outcome:
    rows = list(
        work.session.scalars(
            select(TicketRow).where(TicketRow.id.in_(ids[-MOST_SHOWN:])).order_by(TicketRow.id.desc())
        )
    )
    lines = [
        actor.say(f"找到{len(ids)}件（{words}）", f"{many(len(ids), 'ticket')} found ({words})")
        + (
            actor.say(f"，列出最近的{MOST_SHOWN}件", f", the latest {MOST_SHOWN} listed")
            if len(ids) > MOST_SHOWN
            else ""
        )
    ]
    colon = actor.say("：", ": ")
    lines += [f"{row.number}{colon}{_snippet(work, row, terms)}" for row in rows]
    offers = [
        (
            f"#{row.number} show",
            f"查看 {row.number}（{_short(row.subject)}）",
            f"Show {row.number} ({_short(row.subject)})",
            False,
        )
        for row in rows[:MOST_DIGITS]
    ]
    views = tuple(Case(work, row).view(actor.language) for row in rows)
    return Outcome(True, "\n".join(lines), listing=views, offers=offers)


def _snippet(work: Work, row: TicketRow, terms: Sequence[str]) -> str:
    """Return the words around the first hit in a ticket."""
    texts = [row.subject, row.complainant_name, row.complainant_address]
    query = select(Message.new_text).where(Message.ticket_id == row.id, *_told()).order_by(Message.id)
    texts += [text for text in work.session.scalars(query) if text]
    texts += work.session.scalars(select(Words.text).where(Words.ticket_id == row.id).order_by(Words.id))
    for term in terms:
        for text in texts:
            for spelling in (term, fold(term)):
                at = text.lower().find(spelling)
                if at >= 0:
                    begin, end = max(at - _AROUND, 0), at + len(spelling) + _AROUND
                    cut = one_line(text[begin:end])
                    return f"{'…' if begin else ''}{cut}{'…' if end < len(text) else ''}"
    return _short(row.subject)


def _short(subject: str) -> str:
    return subject if len(subject) <= 30 else subject[:29] + "…"
