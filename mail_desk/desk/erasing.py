"""Erasing the personal data of a closed ticket, and when that may be done.

What the law has kept (Art. 24: the case archive) is kept until its years are over. Then raw mails, texts with
their salts, letters, quotations in staff mail and the names in the register of tickets go; numbers, dates,
decisions, digests and the chain stay, so that statistics and verification remain true. Nothing is erased by
itself, and nothing erased can be brought back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import delete, event, or_, select, update

from mail_desk.config import Language
from mail_desk.desk import casebook
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LetterKind
from mail_desk.store.raw import raw_path
from mail_desk.store.schema import (
    Enclosure,
    EventRow,
    LetterRow,
    LetterState,
    LetterTicket,
    Message,
    Participant,
    Raw,
    TicketRow,
    Words,
)

NOBODY = "@erased.invalid"  # RFC 2606: nobody can ever be reached there
_LEFT = (LetterState.SENT, LetterState.FAILED, LetterState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Reach:
    """What erasing a ticket touches."""

    texts: int
    mails: tuple[int, ...]
    letters: tuple[int, ...]


def kept_until(work: Work, row: TicketRow) -> date | None:
    """Return the day from which a ticket's personal data may be erased; None while it is not closed."""
    if row.closed_at is None:
        return None
    closed = work.rules.day_of(row.closed_at)
    years = work.settings.desk.retention.years(row.kind or "")
    try:
        return closed.replace(year=closed.year + years)
    except ValueError:  # 29 February
        return date(closed.year + years, 3, 1)


def is_erased(row: TicketRow) -> bool:
    """Say whether a ticket's personal data are gone."""
    return row.complainant_address.endswith(NOBODY)


def reach(case: Case) -> Reach:
    """Return what erasing would touch: also mails that answered a letter about it, and letters about several."""
    session, ticket = case.work.session, case.row.id
    texts = len(session.scalars(select(Words.id).where(Words.ticket_id == ticket, Words.salt != "")).all())
    letters = set(session.scalars(select(LetterRow.id).where(LetterRow.ticket_id == ticket)))
    bundles = (
        select(LetterRow.id)
        .join(LetterTicket, LetterTicket.letter_id == LetterRow.id)
        .where(LetterTicket.ticket_id == ticket, LetterRow.kind != LetterKind.DIGEST.value)
    )
    letters |= set(session.scalars(bundles))
    mails = set(session.scalars(select(Message.id).where(Message.ticket_id == ticket)))
    answers = select(Message.id).where(
        Message.letter_id.in_(letters), or_(Message.ticket_id.is_(None), Message.ticket_id == ticket)
    )
    mails |= set(session.scalars(answers))
    mails |= set(session.scalars(select(Message.id).where(Message.duplicate_of.in_(mails))))
    return Reach(texts, tuple(sorted(mails)), tuple(sorted(letters)))


def erase(case: Case, keep: int) -> Reach:
    """Erase the personal data of a ticket. `keep`: the command mail that asks for it, which stays as its proof.

    Rows stay with their numbers, dates and digests. Files of large mails go when the transaction is committed.
    """
    session, row = case.work.session, case.row
    found = reach(case)
    mails = tuple(m for m in found.mails if m != keep)
    session.flush()
    _erase_raw(case.work, mails)
    session.execute(update(Words).where(Words.ticket_id == row.id).values(text="", salt=""))
    session.execute(
        update(Message)
        .where(Message.id.in_(mails))
        .values(
            from_address=None, from_name=None, subject=None, message_id=None, new_text=None, reason=None,
            failure=None, attachments=[], linked=None, defects=[],
        )
    )  # fmt: skip
    session.execute(delete(Enclosure).where(Enclosure.message_id.in_(mails)))
    session.execute(delete(Participant).where(Participant.ticket_id == row.id))
    letters = select(LetterRow).where(LetterRow.id.in_(found.letters), LetterRow.state.in_(_LEFT))
    for letter in session.scalars(letters):
        letter.raw, letter.text, letter.subject, letter.last_reply, letter.choices = b"", "", "", None, []
        if letter.person is None:
            letter.recipient = f"letter-{letter.id}{NOBODY}"
    row.complainant_name, row.subject = "", ""
    row.complainant_address = f"ticket-{row.id}{NOBODY}"  # one of its own: two erased tickets are nobody's
    session.flush()
    session.expire_all()
    return Reach(found.texts, mails, found.letters)


def _erase_raw(work: Work, mails: Sequence[int]) -> None:
    """Empty the raw bytes of mails, unless a mail of another ticket has the very same."""
    session = work.session
    mine = set(session.scalars(select(Message.raw_sha256).where(Message.id.in_(mails))))
    others = set(
        session.scalars(
            select(Message.raw_sha256).where(Message.raw_sha256.in_(mine), Message.id.not_in(mails))
        )
    )
    gone = sorted(sha256 for sha256 in mine - others if sha256 is not None)
    files = [raw_path(work.rules.spool_dir, sha256) for sha256 in gone]
    session.execute(update(Raw).where(Raw.sha256.in_(gone)).values(body=b""))

    def unlink(_session: object) -> None:
        for file in files:
            file.unlink(missing_ok=True)

    event.listen(session, "after_commit", unlink, once=True)


def copies_beyond_reach(case: Case, language: Language) -> list[str]:
    """Name the copies the desk cannot erase: somebody has to."""
    session = case.work.session
    given = session.scalars(
        select(EventRow.data).where(EventRow.ticket_id == case.row.id, EventRow.type == "DossierGiven")
    )
    people = {data["to"]: case.work.people.by_key(data["to"]) for data in given}
    names = [person.name if person is not None else key for key, person in people.items()]
    accounts = "、".join(a.address for a in case.work.settings.account if a.read)
    if language == "zh":
        found = [
            f"邮箱（{accounts}）里的来信和已发送信件",
            "备份，以及已经导出的年度归档",
            "收件人（投诉人、单位、工作人员、领导）邮箱里的信件，包括检查情况报告",
            "打印件和签字盖章的纸质文书",
        ]
        return found + ([f"已寄出的卷宗：{'、'.join(names)}"] if names else [])
    found = [
        f"the mails and sent letters in the mailbox ({accounts})",
        "backups, and yearly archives already written",
        "letters in the mailboxes of their readers: complainant, organs, staff, leaders; digests too",
        "print-outs and sealed notices on paper",
    ]
    return found + ([f"case files sent to: {', '.join(names)}"] if names else [])


def erasable(work: Work, language: Language) -> list[tuple[str, str, str]]:
    """Return what may be erased now, by kind: its name, how many tickets, their numbers."""
    found: dict[str, list[str]] = {}
    query = select(TicketRow).where(
        TicketRow.closed_at.is_not(None), TicketRow.complainant_address.not_like(f"%{NOBODY}")
    )
    for row in work.session.scalars(query.order_by(TicketRow.number)):
        until = kept_until(work, row)
        if until is not None and until <= work.today:
            found.setdefault(row.kind or "other", []).append(row.number)
    return [
        (casebook.kind_name(kind, zh=language == "zh"), str(len(numbers)), _shown(numbers))
        for kind, numbers in sorted(found.items())
    ]


def _shown(numbers: Sequence[str]) -> str:
    return "、".join(numbers[:10]) + ("…" if len(numbers) > 10 else "")


def first_working_day_of_year(work: Work) -> bool:
    """Say whether today is the day on which supervisors are told what may be erased."""
    calendar = work.rules.calendar
    return calendar.is_working(work.today) and calendar.back(work.today, 1).year < work.today.year


def files_left(spool_dir: Path, digests: Sequence[str]) -> list[Path]:
    """Return the files of raw mails that are still there; none after an erasure was committed."""
    return [path for path in (raw_path(spool_dir, sha256) for sha256 in digests) if path.exists()]
