"""How things are said: dates, times, sizes, counts and labels in the letter's language.

Also the one place where text of strangers is made harmless to look at: control characters and bidi
overrides go (they can make `exe.fdp` of `pdf.exe`), line breaks become what the place allows. The
original stays in the raw message.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from mail_desk.outbound.letters import LimitView

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

# RFC 2606: in the To of a letter that is printed, as its reader has no address; nothing is ever sent there.
NO_ADDRESS = "no-address@print.invalid"

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip

# Bidi embeddings, overrides and isolates (UAX #9 §2), interlinear and invisible format characters
# that only serve to deceive. LRM, RLM and the joiners stay: real Arabic and emoji need them.
_DECEIVING = re.compile("[\u061c\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ue000\ue001\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile("\r\n?|\x85|\u2028|\u2029|\x0b|\x0c")


def clean(text: str) -> str:
    """Return `text` with plain line feeds, without control and bidi-override characters."""
    text = _BREAKS.sub("\n", text)
    text = _DECEIVING.sub("", text)
    text = _CONTROL.sub("", text)
    return _SURROGATE.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Return `text` cleaned, on one line, runs of white space made one space."""
    return " ".join(clean(text).split())


def width(text: str) -> int:
    """Return the columns `text` takes on a terminal: two for wide characters (UAX #11)."""
    if text.isascii():
        return len(text)
    return _columns(text) if len(text) == 1 else sum(map(_columns, text))


@lru_cache(maxsize=20_000)
def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shorten(text: str, columns: int) -> str:
    """Return `text` on one line of at most `columns` columns, cut with an ellipsis."""
    text = one_line(text)
    if width(text) <= columns:
        return text
    kept, used = [], 0
    for char in text:
        used += _columns(char)
        if used > columns - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def gist(sentence: str) -> str:
    """Return a sentence as far as a subject line can use it: up to what explains it, no full stop."""
    return _EXPLAINS.split(one_line(sentence), maxsplit=1)[0].rstrip("。.：: ")


_EXPLAINS = re.compile(r"（| \(|。|：已报|: sent to")


def is_chinese(text: str) -> bool:
    """Tell whether a reader without Chinese would miss something: more than a name or two in it."""
    return len(_HAN.findall(text)) > 8


def has_translation(text: str) -> bool:
    """Tell whether words hold a translation of themselves: below a line 译文：, 英文译文： or Translation:."""
    return _TRANSLATION.search(text) is not None


_TRANSLATION = re.compile(
    r"(?im)^[ \t\u3000]*(?:英文)?(?:译文|翻译|translation|english(?: translation)?)[ \t]*[:：]"
)
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_TAG = re.compile(r"^\[[A-Z0-9]{10}\]\s*")


def untagged(subject: str) -> str:
    """Return the subject of one of our letters without the tag in front."""
    return _TAG.sub("", one_line(subject))


class LabelError(ValueError):
    """A labels.toml that cannot be read, said in a sentence naming the file."""


class Wording:
    """Labels and formats of one language. Safe to share: it never changes."""

    def __init__(self, language: Language, labels: Mapping[str, Mapping[str, str]], zone: ZoneInfo) -> None:
        self.language = language
        self._labels = labels
        self._zone = zone

    @classmethod
    def load(cls, language: Language, template_dirs: Sequence[Path], zone: ZoneInfo) -> Wording:
        """Read `<language>/labels.toml` of every directory; an earlier one wins label by label."""
        merged: dict[str, dict[str, str]] = {}
        for directory in reversed(template_dirs):
            path = directory / language / "labels.toml"
            if not path.is_file():
                continue
            for section, labels in _read_labels(path).items():
                merged.setdefault(section, {}).update(labels)
        return cls(language, merged, zone)

    def sections(self) -> Mapping[str, Mapping[str, str]]:
        """Return all labels, for comparing languages."""
        return self._labels

    def label(self, section: str, key: str) -> str:
        """Return the label of a key of the desk; the key itself where nobody has named it.

        States and verbs come from other modules and from configured procedures, so an unnamed one
        must be shown rather than stop a letter. Words of our own are asked for by `word`.
        """
        return self._labels.get(section, {}).get(key, key)

    def word(self, key: str, **values: object) -> str:
        """Return a phrase of section [word] with its `{names}` filled; KeyError where missing."""
        return self._labels["word"][key].format(**values)

    def day(self, value: date) -> str:
        """Return 2026年11月23日 or 23 November 2026; of an instant, the day in the desk's zone."""
        if isinstance(value, datetime):
            value = value.astimezone(self._zone).date()
        if self.language == "zh":
            return f"{value.year}年{value.month}月{value.day}日"
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"

    def short_day(self, value: date) -> str:
        """Return 11月23日 or 23 Nov, for lists of a known year."""
        if self.language == "zh":
            return f"{value.month}月{value.day}日"
        return f"{value.day} {MONTHS[value.month - 1][:3]}"

    def weekday(self, value: date) -> str:
        """Return 星期一 or Monday."""
        return self._labels["weekday"][str(value.isoweekday())]

    def moment(self, value: datetime) -> str:
        """Return the day and time of day, 24 hours, in the desk's zone, which is named."""
        local = value.astimezone(self._zone)
        return self.word("moment", day=self.day(local.date()), time=f"{local:%H:%M}", zone=self.zone_name())

    def zone_name(self) -> str:
        return self.label("zone", self._zone.key)

    def size(self, size: int) -> str:
        """Return bytes as people read them, such as 820 KB or 3.4 MB (1 MB = 1,000,000 bytes)."""
        if size < 1000:
            return f"{size} B"
        if size < 1_000_000:
            return f"{size / 1000:.0f} KB"
        return f"{size / 1_000_000:.1f} MB"

    def due(self, value: date, *, provisional: bool) -> str:
        """Return the day, marked where it was counted through an unpublished calendar year."""
        return self.day(value) + (self.word("provisional_mark") if provisional else "")

    def left(self, limit: LimitView) -> str:
        """Return how long is left, in working days: overdue, today, or days to go."""
        if limit.days_left < 0:
            return self.word("late_one" if limit.days_left == -1 else "late", days=-limit.days_left)
        if limit.days_left == 0:
            return self.word("due_today")
        return self.word("left_one" if limit.days_left == 1 else "left", days=limit.days_left)


def _read_labels(path: Path) -> dict[str, dict[str, str]]:
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LabelError(f"{path}: {error}") from error
    for section, labels in data.items():
        if not isinstance(labels, dict) or not all(isinstance(v, str) for v in labels.values()):
            raise LabelError(f'{path}: section [{section}]: expected lines of the form key = "text"')
    return data
