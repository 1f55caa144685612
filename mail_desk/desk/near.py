"""Other tickets that may be about the same: the same files, or the same words of the same enterprise.

Nothing follows from it by itself: the handler is told, and one digit merges. Who may not see the other
ticket is not told of it. Both questions are asked by an index and look at a bounded number of rows, so
that they cost the same with a hundred thousand tickets as with ten.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, or_, select

from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.store.schema import Enclosure, Message, TicketRow
from mail_desk.tickets import similarity

SINCE = timedelta(days=90)
MOST_FILES = 50  # of a mail that are looked for
MOST_TICKETS = 30  # of one enterprise whose words are compared
MOST_MAILS = 60
MOST_SHOWN = 3
PICTURE = 20 * 1024  # bytes; smaller pictures are signatures and logos, the same in every mail

OF_COMPLAINANTS = frozenset({"opened", "follow-up", "supplement"})  # filed_as


@dataclass(frozen=True)
class Near:
    """Another ticket, and by what it is near."""

    row: TicketRow
    file: str  # name of a file both have, "": their words are alike

    def sentence(self, *, zh: bool) -> str:
        number, subject = self.row.number, self.row.subject
        if self.file:
            return (
                f"附件“{self.file}”与 {number}（{subject}）的附件完全相同，可能是同一事项。"
                if zh
                else f"The file “{self.file}” is the very file of {number} ({subject}): perhaps the same matter."
            )
        return (
            f"来信内容与 {number}（{subject}）基本相同，可能是重复来信。"
            if zh
            else f"It says much the same as {number} ({subject}): perhaps sent twice."
        )


def _files(message: Message) -> dict[str, str]:
    """Return the files that tell mails apart: digest → name."""
    return {
        a["sha256"]: a["filename"] or "—"
        for a in message.attachments[:MOST_FILES]
        if not a["inline"]
        and a["size"]
        and (a["size"] >= PICTURE or not a["content_type"].startswith("image/"))
    }


def keep(work: Work, message: Message) -> None:
    """Make a mail's files findable; once for each mail."""
    digests = _files(message)
    if digests:
        work.session.execute(insert(Enclosure), [{"sha256": s, "message_id": message.id} for s in digests])


def find(work: Work, case: Case, message: Message, *, readers: Collection[str], known: bool) -> list[Near]:
    """Return near tickets that all `readers` may see, the newest first. `known`: the sender has written before."""
    found = _same_files(work, case, message)
    if known or case.row.enterprise is not None:
        found += _same_words(work, case, message)
    seen: dict[int, Near] = {}
    for near in found:
        if near.row.id != case.row.id and not set(near.row.hidden_from) & set(readers):
            seen.setdefault(near.row.id, near)
    return list(seen.values())[:MOST_SHOWN]


def _same_files(work: Work, case: Case, message: Message) -> list[Near]:
    digests = _files(message)
    if not digests:
        return []
    query = (
        select(TicketRow, Enclosure.sha256)
        .join(Message, Message.ticket_id == TicketRow.id)
        .join(Enclosure, Enclosure.message_id == Message.id)
        .where(
            Enclosure.sha256.in_(digests),
            Message.id != message.id,
            Message.received_at > message.received_at - SINCE,
            TicketRow.id != case.row.id,
        )
        .order_by(Message.id.desc())
        .limit(MOST_MAILS)
    )
    return [Near(row, digests[sha256]) for row, sha256 in work.session.execute(query)]


def _same_words(work: Work, case: Case, message: Message) -> list[Near]:
    mine = similarity.pairs(message.new_text or "")
    if not mine:
        return []
    rows = _of_the_same(work, case, message)
    if not rows:
        return []
    query = (
        select(Message.ticket_id, Message.new_text)
        .where(Message.ticket_id.in_(rows), Message.filed_as.in_(OF_COMPLAINANTS), Message.id != message.id)
        .order_by(Message.id.desc())
        .limit(MOST_MAILS)
    )
    alike = {
        ticket: rows[ticket]
        for ticket, text in work.session.execute(query)
        if ticket is not None and similarity.alike(mine, similarity.pairs(text or ""))
    }
    return [Near(row, "") for row in alike.values()]


def _of_the_same(work: Work, case: Case, message: Message) -> dict[int, TicketRow]:
    """Return tickets of the same enterprise (by the ledger) or of the same sender."""
    # One without an address (registered by telephone) is near to nothing by it.
    same = (
        [TicketRow.complainant_address == case.row.complainant_address]
        if case.row.complainant_address
        else []
    )
    if case.row.enterprise is not None:
        same.append(TicketRow.enterprise == case.row.enterprise)
    if not same:
        return {}
    query = (
        select(TicketRow)
        .where(
            or_(*same),
            TicketRow.received_at > message.received_at - SINCE,
            TicketRow.id != case.row.id,
            TicketRow.merged_into.is_(None),
        )
        .order_by(TicketRow.received_at.desc())
        .limit(MOST_TICKETS)
    )
    return {row.id: row for row in work.session.scalars(query)}


def merges(case: Case, near: Sequence[TicketRow]) -> list[tuple[str, str, str, bool]]:
    """Return the steps that merge a ticket into others, of those that are still open."""
    open_ones = {row.number: row for row in near if row.closed_at is None and row.merged_into is None}
    return [
        (
            f"#{case.row.number} merge {number}",
            f"与 {number} 是同一件（重复来信或者补充材料），并入",
            f"It belongs to {number} (sent twice, or a supplement): merge it there",
            False,
        )
        for number in list(open_ones)[:2]
    ]
