"""Check an archive of mail_desk: every file, every chain, every text, every seal. Needs Python 3.9 and nothing else.

    python3 verify.py [ARCHIVE] [--head HEAD]

ARCHIVE is the directory this script lies in, if not given. HEAD is a record head as a digest printed it, whole or
its first 12 digits: it proves that nothing up to that day was written anew. Reads only; ends with 1 where anything
is not what it was, and names the file.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MANIFEST = "manifest.txt"
DESK = "desk"  # of the desk's own chain, in seals: where a ticket has its number
SHORTEST = 12


def main(arguments: list[str]) -> int:
    """Check the archive named on the command line; return the exit code."""
    head = ""
    if "--head" in arguments:
        at = arguments.index("--head")
        head = arguments[at + 1] if at + 1 < len(arguments) else ""
        del arguments[at : at + 2]
        if len(head) < SHORTEST:
            sys.stderr.write("--head expects at least 12 of a digest's digits\n")
            return 2
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    found = list(problems(root, head))
    for line in found:
        sys.stderr.write(line + "\n")
    sys.stdout.write(f"manifest sha256 {_sha256(root / MANIFEST)}\n" if (root / MANIFEST).is_file() else "")
    sys.stdout.write(f"{len(found)} problem(s)\n" if found else "the archive is as it was made\n")
    return 1 if found else 0


def problems(root: Path, head: str = "") -> Iterator[str]:
    """Yield a sentence for everything that is not what it was when the archive was made."""
    if not (root / MANIFEST).is_file():
        yield f"{MANIFEST}: missing"
        return
    yield from _files(root)
    try:
        events, heads = _events(root), _heads(root)
        words = {row["id"]: row for row in _rows(root / "words.jsonl")}
        desk, seals = _rows(root / "desk.jsonl"), _rows(root / "seals.jsonl")
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield f"the record cannot be read: {error}"
        return
    for number, chain in events.items():
        yield from _chain(number, chain, heads)
        yield from _behind(root, number, chain, words)
    yield from _desk(desk)
    yield from _seals(seals, {**events, DESK: desk}, head)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _files(root: Path) -> Iterator[str]:
    listed: set[str] = set()
    for line in (root / MANIFEST).read_text("utf-8").splitlines():
        wanted, _, name = line.partition("  ")
        listed.add(name)
        path = root / name
        if not path.is_file():
            yield f"{name}: missing"
        elif _sha256(path) != wanted:
            yield f"{name}: not what it was"
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    for name in sorted(there - listed - {MANIFEST, "README.txt"}):
        if "__pycache__" not in name:
            yield f"{name}: was not part of the archive"


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def _events(root: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(root / "chains.jsonl"):
        found.setdefault(row["number"], []).append(row)
    return found


def _heads(root: Path) -> dict[str, tuple[int, str]]:
    lines = (line.split(" ") for line in (root / "heads.txt").read_text("utf-8").splitlines() if line)
    return {number: (int(seq), digest) for number, seq, digest in lines}


def link(previous: str, row: dict[str, Any]) -> str:
    """Return what the hash of an event has to be, given that of the one before it."""
    keys = ("ticket", "seq", "type", "at", "recorded_at", "actor", "cause", "data")
    content = {key: row[key] for key in keys}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def _chain(number: str, chain: list[dict[str, Any]], heads: dict[str, tuple[int, str]]) -> Iterator[str]:
    previous = ""
    for seq, row in enumerate(chain, start=1):
        if row["seq"] != seq or row["hash"] != link(previous, row):
            yield f"chains.jsonl: ticket {number}, event {seq} does not fit its chain"
            return
        previous = row["hash"]
    if heads.get(number) != (len(chain), previous):
        yield f"chains.jsonl: ticket {number} does not end where heads.txt says"


def _desk(chain: list[dict[str, Any]]) -> Iterator[str]:
    previous = ""
    for seq, row in enumerate(chain, start=1):
        content = {key: row[key] for key in ("seq", "type", "at", "actor", "cause", "data")}
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        link = hashlib.sha256(f"{previous}\n{digest}".encode()).hexdigest()
        if row["seq"] != seq or row["hash"] != link:
            yield f"desk.jsonl: event {seq} does not fit its chain"
            return
        previous = row["hash"]


def _behind(
    root: Path, number: str, chain: list[dict[str, Any]], words: dict[int, dict[str, Any]]
) -> Iterator[str]:
    """Compare texts, mails and letters with what the chain says of them; what was erased is not missed."""
    for row in chain:
        data = row["data"]
        if "digest" in data:
            text = words.get(data["words"])
            if text is None:
                yield f"words.jsonl: the text of ticket {number}, event {row['seq']} is missing"
            elif text["salt"]:
                digest = hashlib.sha256(f"{text['salt']}{text['text']}".encode()).hexdigest()
                if digest != data["digest"]:
                    yield f"words.jsonl: the text of ticket {number}, event {row['seq']} is not what was recorded"
        if "sha256" in data:
            letter = "letter" in data
            name = f"tickets/{number}/originals/{'L' if letter else 'M'}{data['letter' if letter else 'message']}.eml"
            path = root / name
            if path.is_file() and _sha256(path) != data["sha256"]:
                yield f"{name}: not the one the record names"


def _seals(seals: list[dict[str, Any]], events: dict[str, list[dict[str, Any]]], head: str) -> Iterator[str]:
    previous, found = "", False
    for seal in seals:
        content = f"{seal['previous']}\n{seal['day']}\n{seal['chains']}"
        if seal["previous"] != previous or seal["hash"] != hashlib.sha256(content.encode()).hexdigest():
            yield f"seals.jsonl: the seal of {seal['day']} does not fit the one before it"
        previous = seal["hash"]
        found = found or bool(head and seal["hash"].startswith(head.lower()))
        for line in seal["chains"].splitlines():
            number, seq, digest = line.split(" ")
            chain = events.get(number)
            if chain is not None and (len(chain) < int(seq) or chain[int(seq) - 1]["hash"] != digest):
                name = "desk.jsonl: it" if number == DESK else f"chains.jsonl: ticket {number}"
                yield f"{name} is not what was sealed on {seal['day']}"
    if head and not found:
        yield f"seals.jsonl: no day has the head {head}: the record was written anew, or it is another desk's"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
