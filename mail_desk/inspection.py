"""`mail-desk inspect`: read messages from files and say what the desk makes of them; changes nothing.

`--json` prints one object a message, one a line, in the order given, on all cores. Without it each
message is explained to an operator. It never opens a network connection and never touches the store.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from mail_desk.inbound import language, reply_text
from mail_desk.inbound.classify import Verdict, classify
from mail_desk.inbound.mail import Address, Mail
from mail_desk.inbound.parse import parse

Body = Literal["text", "html"] | None
"""What a file holds: a whole message (None), or a bare body."""

_BATCH = 16  # files a worker takes at once
_WORTH_WORKERS = 32  # fewer files are read faster than processes start


def run(files: Iterable[str | Path], *, as_json: bool, body: Body = None, jobs: int | None = None) -> int:
    """Inspect files in order; return the exit code: 0, or 1 where one could not be read.

    `-` is standard input: one message, or a list of files, one a line (paths can be thousands).
    """
    stdin = b""
    names: list[str] = []
    for name in map(str, files):
        listed: list[str] | None = None
        if name == "-":
            stdin = stdin or sys.stdin.buffer.read()
            listed = _file_list(stdin)
        names.extend([name] if listed is None else listed)
    failures = 0
    records = _progress(_records(names, stdin, body, jobs), len(names), shown=as_json)
    for number, record in enumerate(records):
        failures += "error" in record
        if as_json:
            sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(("\n" if number else "") + explained(record))
    sys.stdout.flush()
    return 1 if failures else 0


def _file_list(data: bytes) -> list[str] | None:
    """Return the paths on standard input; None where it is a message: no message begins with a file's path."""
    lines = [line for line in data.split(b"\0" if b"\0" in data[:4096] else b"\n") if line.strip()]
    if not lines or len(lines[0]) > 4096:
        return None
    first = os.fsdecode(lines[0].rstrip(b"\r"))
    try:
        is_path = Path(first).is_file()
    except (OSError, ValueError):
        is_path = False
    return [os.fsdecode(line.rstrip(b"\r")) for line in lines] if is_path else None


def _records(names: Sequence[str], stdin: bytes, body: Body, jobs: int | None) -> Iterator[dict[str, Any]]:
    workers = min(jobs or os.cpu_count() or 1, max(1, len(names) // _BATCH))
    if workers < 2 or len(names) < _WORTH_WORKERS or "-" in names:
        for name in names:
            yield {"file": name, **inspected(stdin, body)} if name == "-" else _record(name, body)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(_record, names, [body] * len(names), chunksize=_BATCH)


def _record(name: str, body: Body) -> dict[str, Any]:
    try:
        raw = Path(name).read_bytes()
    except (OSError, ValueError) as error:
        return {"file": name, "error": f"cannot be read: {getattr(error, 'strerror', None) or error}"}
    return {"file": name, **inspected(raw, body)}


def inspected(raw: bytes, body: Body = None) -> dict[str, Any]:
    """Return everything the desk reads out of one message, as JSON-able data."""
    mail = parse(as_message(raw, body))
    verdict = classify(mail, own=frozenset())
    return _described(mail, verdict)


def as_message(raw: bytes, body: Body) -> bytes:
    """Wrap a bare body in a header; leave a whole message alone."""
    if body is None:
        return raw
    subtype = "html" if body == "html" else "plain"
    return b"MIME-Version: 1.0\r\nContent-Type: text/%s; charset=utf-8\r\n\r\n" % subtype.encode() + raw


def _described(mail: Mail, verdict: Verdict) -> dict[str, Any]:
    split = reply_text.split(mail.text)
    return {
        "subject": mail.subject,
        "from": _addresses(mail.from_),
        "to": _addresses(mail.to),
        "cc": _addresses(mail.cc),
        "reply_to": _addresses(mail.reply_to),
        "date": mail.date.isoformat() if mail.date else None,
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "text": mail.text,
        "reply_text": split.new,
        "signature": split.signature,
        "language": language.detect(split.new) or language.detect(mail.subject),
        "attachments": [
            {
                "filename": a.filename,
                "content_type": a.content_type,
                "size": a.size,
                "sha256": a.sha256,
                "inline": a.inline,
            }
            for a in mail.attachments
        ],
        "cloud_attachments": [asdict(c) for c in mail.cloud_attachments],
        "kind": verdict.kind.value,
        "reason": verdict.reason,
        "bounced": [asdict(f) for f in verdict.failed],
        "about": list(verdict.about),
        "answerable": verdict.answerable,
        "why_not": verdict.why_not,
        "signed": mail.signed,
        "encrypted": mail.encrypted,
        "content_digest": mail.content_digest,
        "size": mail.size,
        "defects": list(mail.defects),
    }


def _addresses(found: Iterable[Address]) -> list[dict[str, str]]:
    return [{"name": a.name, "address": a.address} for a in found]


def _progress(records: Iterator[dict[str, Any]], total: int, *, shown: bool) -> Iterator[dict[str, Any]]:
    """Show a bar on a terminal's error stream while records go elsewhere."""
    if not shown or total < _WORTH_WORKERS or not sys.stderr.isatty() or sys.stdout.isatty():
        yield from records
        return
    from rich.console import Console  # noqa: PLC0415  (only where a person watches)
    from rich.progress import track  # noqa: PLC0415  (the same)

    yield from track(records, total=total, description="inspecting", console=Console(stderr=True))


# --- for an operator ------------------------------------------------------------------------------


def explained(record: dict[str, Any]) -> str:
    """Say in words what one message is and what the desk would do with it."""
    if "error" in record:
        return f"{record['file']}: {record['error']}\n"
    lines = [
        record["file"],
        f"  Subject    {record['subject'] or '(none)'}",
        f"  From       {_people(record['from'])}",
        f"  To         {_people(record['to'])}",
    ]
    if record["cc"]:
        lines.append(f"  Cc         {_people(record['cc'])}")
    if record["reply_to"]:
        lines.append(f"  Reply-To   {_people(record['reply_to'])} (a destination, never an identity)")
    lines += [
        f"  Date       {record['date'] or '(none)'} (evidence only: limits count from the arrival)",
        f"  Kind       {record['kind']}: {record['reason']}",
        f"  Language   {record['language'] or 'cannot be told: the configured one is used'}",
    ]
    lines += [
        f"  Failed     {b['address']} {'for good' if b['permanent'] else 'for now'} {b['status']} {b['diagnostic'][:100]}"
        for b in record["bounced"]
    ]
    lines += [
        f"  File       {a['filename'] or '(no name)'}, {a['content_type']}, {a['size']} bytes"
        for a in record["attachments"]
    ]
    lines += [
        f"  Not held   {c['filename']} {c['size']} at {c['provider']}, expires {c['expires'] or 'at an unknown time'}"
        for c in record["cloud_attachments"]
    ]
    if record["signed"]:
        lines.append(f"  Signed     {record['signed']} (not verified here)")
    if record["encrypted"]:
        lines.append("  Encrypted  the content cannot be read; it is kept as it came")
    lines.append(f"  Desk       {_consequence(record)}")
    lines += [f"  Repaired   {defect}" for defect in record["defects"]]
    words = record["reply_text"].strip()
    lines.append("  New words")
    lines += [f"    {line}" for line in (words or "(none)").split("\n")[:40]]
    return "\n".join(lines) + "\n"


def _people(found: list[dict[str, str]]) -> str:
    return (
        ", ".join(f"{a['name']} <{a['address']}>" if a["name"] else a["address"] for a in found) or "(none)"
    )


def _consequence(record: dict[str, Any]) -> str:
    """Say what would be done; what needs the store to decide is said as such."""
    kind = record["kind"]
    if kind == "bounce":
        return "looked up among our letters; without our key it changes nothing and waits in the worklist"
    if kind in ("auto-reply", "out-of-office", "receipt", "feedback"):
        return "filed on the ticket it answers, moves no clock, gets no answer"
    if kind == "own":
        return "recognised as our own letter, nothing more"
    answer = "a receipt may be sent" if record["answerable"] else f"no automatic answer: {record['why_not']}"
    return f"a ticket, or a follow-up of one (the store decides); {answer}"
