"""The yearly archive (Art. 24): self-contained, readable without the desk, verifiable without trust in it.

Holds the dossier of every ticket closed in the year with its originals and notices, the register, an index
workbook, the chains and seals, and a script that checks all of it. Reads the store, changes nothing; an archive
that is there already is never written over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files as package_files
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from mail_desk.config import Language, Person, Role
from mail_desk.desk import dossiers, register
from mail_desk.desk.case import Case
from mail_desk.desk.dossiers import Original
from mail_desk.desk.outcome import Actor, state_name
from mail_desk.desk.work import Rules, Work
from mail_desk.inbound.parse import parse, part_bytes
from mail_desk.outbound.official import CONTENT_TYPE
from mail_desk.reports.archive_index import workbook
from mail_desk.reports.dossier import page
from mail_desk.reports.dossier_pdf import pdf
from mail_desk.store import desk_chain
from mail_desk.store.schema import DeskEvent, EventRow, LetterRow, Message, Seal, TicketRow, Words

_README = """mail_desk archive {year}, made {made}

index.xlsx             the dossiers, the register of formal notices, what is still open
tickets/NUMBER/        one dossier: dossier.html and dossier.pdf (the same), originals, attachments, notices
chains.jsonl           every event of these tickets, hash-chained
words.jsonl            the texts the events refer to, with the salts of their digests
desk.jsonl             what changed in settings, people and the ledger of enterprises, hash-chained
heads.txt seals.jsonl  the last hash of every ticket of the desk; one seal a day over all of them
manifest.txt           the SHA-256 of every file
verify.py              checks all of it with Python 3.9 or newer: python3 verify.py [--head HEAD]

HEAD is a record head as a digest printed it. Keep this line apart from the archive:
manifest sha256 {digest}
"""


class ArchiveError(Exception):
    """The archive cannot be made; says why."""


@dataclass(frozen=True, slots=True)
class Archived:
    """What was written."""

    directory: Path
    tickets: int
    still_open: int
    manifest: str  # SHA-256 of manifest.txt, to be kept apart


def write(session: Session, rules: Rules, year: int, target: Path, now: datetime) -> Archived:
    """Write the archive of the tickets closed in `year` (in the desk's zone) into `target`.

    ArchiveError where `target` holds anything. The manifest is written last: without it, it is no archive.
    """
    if target.exists() and any(target.iterdir()):
        raise ArchiveError(f"{target} is not empty; an archive is never written over")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    work = Work(session, rules, now)
    made = _Archive(work, target)
    chosen = [
        row
        for row in session.scalars(select(TicketRow).order_by(TicketRow.number))
        if _closed_in(work, row, year)
    ]
    index = []
    for row in chosen:
        index.append(made.ticket(row))
        session.expunge_all()  # of a large year, one ticket's mails in memory
    made.record(chosen)
    still_open = _still_open(work, year)
    notices = [_registered(rules, entry) for entry in register.entries(session, year)]
    title = f"{rules.settings.desk.office.name_zh} {year}"
    made.put("index.xlsx", workbook(index, notices, still_open, title=title))
    source = package_files("mail_desk.standalone").joinpath("verify_archive.py").read_text("utf-8")
    made.put("verify.py", source.encode())
    digest = made.close(year, now)
    return Archived(target, len(chosen), len(still_open), digest)


def _closed_in(work: Work, row: TicketRow, year: int) -> bool:
    return row.closed_at is not None and work.rules.day_of(row.closed_at).year == year


def _still_open(work: Work, year: int) -> list[tuple[str, str, str]]:
    last = date(year, 12, 31)
    found = []
    for row in work.session.scalars(select(TicketRow).order_by(TicketRow.number)):
        received = work.rules.day_of(row.received_at)
        closed = work.rules.day_of(row.closed_at) if row.closed_at is not None else None
        if received <= last and (closed is None or closed > last):
            language = work.settings.desk.staff_language
            found.append((row.number, received.isoformat(), state_name(Case(work, row), language)))
    return found


def _registered(rules: Rules, entry: register.Entry) -> tuple[str, int, str, str, str, str]:
    zh = rules.settings.desk.staff_language == "zh"
    state = register.STATES[entry.state][0 if zh else 1]
    return entry.series, entry.n, entry.number, entry.ticket, rules.day_of(entry.at).isoformat(), state


def _reader(language: Language) -> Actor:
    """Read as somebody from whom nothing is hidden: the archive itself."""
    name = "归档" if language == "zh" else "archive"
    person = Person(key="archive", name=name, role=Role.SUPERVISOR, addresses=("archive@archive.invalid",))
    return Actor(person, language, frozenset(), Message(), None)


class _Archive:
    """Files on their way into one directory, each with its digest."""

    def __init__(self, work: Work, target: Path) -> None:
        self._work = work
        self._target = target
        self._digests: dict[str, str] = {}

    def put(self, name: str, data: bytes) -> None:
        path = self._target / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o600)
        self._digests[name] = hashlib.sha256(data).hexdigest()

    def ticket(self, row: TicketRow) -> tuple[str | int, ...]:
        """Write one dossier; return its line of the index."""
        language = self._work.settings.desk.staff_language
        case = Case(self._work, row)
        dossier, originals = dossiers.gather(case, _reader(language))
        folder = f"tickets/{row.number}"
        self.put(f"{folder}/dossier.html", page(dossier).encode())
        printed = pdf(dossier)
        if printed is not None:
            self.put(f"{folder}/dossier.pdf", printed)
        for original in (*originals, *_notice_documents(self._work, row)):
            self.put(f"{folder}/{original.name}", original.data)
        view = case.view(language)
        closed = self._work.rules.day_of(row.closed_at).isoformat() if row.closed_at is not None else ""
        return (
            row.number,
            row.subject,
            row.complainant_name or row.complainant_address,
            view.kind,
            view.received_on.isoformat(),
            closed,
            state_name(case, language),
            view.handler,
            len(dossier.entries),
            folder,
        )

    def record(self, rows: list[TicketRow]) -> None:
        """Write the chains of these tickets with their texts, and the heads and seals over all."""
        session = self._work.session
        events = "".join(line for row in rows for line in _events(session, row))
        self.put("chains.jsonl", events.encode())
        words = "".join(line for row in rows for line in _words(session, row))
        self.put("words.jsonl", words.encode())
        self.put("desk.jsonl", "".join(map(_desk_event, desk_chain.events(session))).encode())
        heads = session.execute(
            select(TicketRow.number, TicketRow.last_seq, TicketRow.last_hash).order_by(TicketRow.number)
        )
        self.put("heads.txt", "".join(f"{n} {seq} {digest}\n" for n, seq, digest in heads).encode())
        seals = session.scalars(select(Seal).order_by(Seal.number))
        keys = ("number", "day", "chains", "previous", "hash")
        lines = (_json({key: getattr(seal, key) for key in keys}) for seal in seals)
        self.put("seals.jsonl", "".join(lines).encode())

    def close(self, year: int, now: datetime) -> str:
        """Write the manifest over everything, and the page that explains it; return the manifest's digest."""
        listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._digests.items()))
        # README names the manifest's digest, so it cannot stand in it: it is signed by nothing, and says so.
        readme = "README.txt"
        digest = hashlib.sha256(listed.encode()).hexdigest()
        made = now.astimezone(self._work.settings.desk.zone).strftime("%Y-%m-%d %H:%M")
        self.put(readme, _README.format(year=year, made=made, digest=digest).encode())
        del self._digests[readme]
        (self._target / "manifest.txt").write_bytes(listed.encode())
        return digest


def _events(session: Session, row: TicketRow) -> Iterator[str]:
    query = select(EventRow).where(EventRow.ticket_id == row.id).order_by(EventRow.seq)
    for event in session.scalars(query):
        yield _json(
            {
                "number": row.number,
                "ticket": event.ticket_id,
                "seq": event.seq,
                "type": event.type,
                "at": event.at.isoformat(),
                "recorded_at": event.recorded_at.isoformat(),
                "actor": event.actor,
                "cause": event.cause,
                "data": event.data,
                "hash": event.hash,
            }
        )


def _desk_event(event: DeskEvent) -> str:
    return _json(
        {
            "seq": event.seq,
            "type": event.type,
            "at": event.at.isoformat(),
            "actor": event.actor,
            "cause": event.cause,
            "data": event.data,
            "hash": event.hash,
        }
    )


def _words(session: Session, row: TicketRow) -> Iterator[str]:
    for words in session.scalars(select(Words).where(Words.ticket_id == row.id).order_by(Words.id)):
        yield _json({"id": words.id, "salt": words.salt, "text": words.text})


def _json(content: dict[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True) + "\n"


def _notice_documents(work: Work, row: TicketRow) -> Iterator[Original]:
    """Yield the Word documents of a ticket's notices as they went to its handler, each once."""
    query = (
        select(LetterRow)
        .where(LetterRow.ticket_id == row.id, LetterRow.kind.in_(("transcript", "approval-answer")))
        .options(undefer(LetterRow.raw))
        .order_by(LetterRow.id)
    )
    seen: set[str] = set()
    for letter in work.session.scalars(query):
        if CONTENT_TYPE.encode() not in letter.raw:
            continue
        for attachment in parse(letter.raw).attachments:
            if attachment.content_type == CONTENT_TYPE and attachment.sha256 not in seen:
                seen.add(attachment.sha256)
                name = f"notices/L{letter.id} {attachment.filename}"
                yield Original(name, part_bytes(letter.raw, attachment.index))
