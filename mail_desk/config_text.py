"""Bytes of configuration files → plain data.

Files come from Notepad (UTF-8 with BOM, UTF-16, the system's GBK) and Excel (CSV with BOM or in GBK,
with comma, semicolon or tab). What cannot be read is a `Violation`, never an exception, and names the
line. This module knows no settings: it does not validate.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

# Characters that an input method or a word processor puts where TOML wants ASCII.
_TYPOGRAPHIC = {
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "＝": "=",
    "，": ",",
    "［": "[",
    "］": "]",
    "＂": '"',
    "＃": "#",
}

_CONFIDENTIAL = re.compile(r"secret|pass|pw|code|密码|授权", re.IGNORECASE)  # such a line is not repeated


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one key of one file, in plain English."""

    file: str  # relative to the config directory
    key: str  # person[2].supervisor, counted from 1; "" for the file as a whole
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.message) if part)


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: rows by column name, each with its line number."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def decode(data: bytes) -> str | None:
    """Return the text of a file as Windows, Excel or anybody saved it; None where it is no text.

    A byte order mark decides; else UTF-8 where the bytes are valid UTF-8 (text in GBK practically
    never is); else GB18030, of which GBK and GB2312 are parts.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif b"\0" in data[:200]:  # UTF-16 saved without a mark
        candidates = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    else:
        candidates = ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def read_text(path: Path, file: str) -> str | Violation:
    """Return the text of `path`, called `file` in messages, or why there is none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return Violation(file, "", f"cannot be read ({error.strerror or error})")
    text = decode(data)
    if text is None:
        return Violation(file, "", "is not a text file; expected UTF-8 (Notepad: Save as, Encoding UTF-8)")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_toml(path: Path, file: str) -> dict[str, object] | Violation:
    """Return the tables of a TOML file, or the line that is not TOML."""
    text = read_text(path, file)
    if isinstance(text, Violation):
        return text
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _not_toml(file, text, str(error))


def _not_toml(file: str, text: str, error: str) -> Violation:
    place = re.search(r"\(at line (\d+), column \d+\)", error)
    reason = re.sub(r"\s*\(at .*\)$", "", error)
    lines = text.split("\n")
    number = int(place[1]) if place else len(lines)
    # An unclosed value is only noticed on the next line: the typographic quote stands before it.
    culprit = next(
        (n for n in (number, number - 1) if 0 < n <= len(lines) and _odd_characters(lines[n - 1])), None
    )
    if culprit is not None:
        odd = _odd_characters(lines[culprit - 1])
        swaps = ", ".join(f"{c} by {_TYPOGRAPHIC[c]}" for c in odd)
        return Violation(file, f"line {culprit}", f"cannot be understood; replace {swaps}")
    shown = lines[number - 1].strip()[:80] if 0 < number <= len(lines) else ""
    hint = ""
    if "\\" in shown and '"' in shown:
        hint = "; in a path write / instead of \\"
    elif "verwrite" in reason or "redefin" in reason or "declare" in reason.lower():
        hint = "; the same key or [table] stands twice"
    quoted = f": {shown}" if shown and not _CONFIDENTIAL.search(shown) else ""
    return Violation(file, f"line {number}", f"cannot be understood ({reason}){hint}{quoted}")


def _odd_characters(line: str) -> str:
    code = line.split("#", 1)[0]
    outside = re.sub(r'"[^"]*"|\'[^\']*\'', "", code)  # Chinese punctuation inside quotes is text
    return "".join(dict.fromkeys(c for c in outside if c in _TYPOGRAPHIC))


def read_csv(path: Path, file: str) -> Table | list[Violation]:
    """Return the rows of a CSV file. Empty rows and rows that begin with # are skipped."""
    text = read_text(path, file)
    if isinstance(text, Violation):
        return [text]
    delimiter, text = _delimiter(text)
    lines: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    try:
        first_line = 1
        for cells in reader:
            row = [cell.strip() for cell in cells]
            if any(row) and not row[0].startswith("#"):
                lines.append((first_line, row))
            first_line = reader.line_num + 1
    except csv.Error as error:
        return [Violation(file, f"line {reader.line_num}", f"cannot be understood ({error})")]
    if not lines:
        return Table((), ())
    columns = _trimmed(lines[0][1])
    rows, violations = [], []
    for number, cells in lines[1:]:
        row = _trimmed(cells)
        if len(row) > len(columns):
            violations.append(
                Violation(file, f"line {number}", f"has {len(row)} cells, but the heading has {len(columns)}")
            )
            continue
        row += [""] * (len(columns) - len(row))
        rows.append((number, dict(zip(columns, row, strict=True))))
    return violations or Table(tuple(columns), tuple(rows))


def _delimiter(text: str) -> tuple[str, str]:
    """Return the delimiter, and the text without Excel's own `sep=;` line (blanked: lines keep their number)."""
    if declared := re.match(r"sep=(.)\n", text, re.IGNORECASE):
        return declared[1], text[declared.end() - 1 :]
    heading = next((line for line in text.split("\n") if line.strip() and not line.startswith("#")), "")
    return max(",;\t", key=heading.count), text


def _trimmed(cells: list[str]) -> list[str]:
    """Drop empty cells at the end: spreadsheets write them for columns once touched."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells
