"""Questions to public bodies (征询, 陈述): their references, how one is written, what became of each. Pure.

A question has a reference that can be printed, spoken and typed: 征2026-0003-2, in English letters
Q2026-0003-2, the second question of ticket 2026-0003. It is recognised in any spelling wherever it
stands, also in the name of a scanned file. It proves nothing: whoever names it is shown to the handler.

Knows no store and no mail. Implementing Regulations of the Foreign Investment Law, Art. 30: those
complained about and other bodies concerned cooperate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from mail_desk.tickets import events as e
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.numerals import NUMERAL, fold, numeral
from mail_desk.tickets.ticket import live

LONGEST_TIME = 60  # working days that may be given by a command

_SPACE = r"[ \t]*"
_HYPHEN = rf"{_SPACE}[-_~]{_SPACE}"
_PREFIXED = re.compile(
    rf"(?:[征徵陈陳问]|(?<![a-z0-9])[qs]){_SPACE}(20[0-9]{{2}}){_HYPHEN}([0-9]{{1,6}}){_HYPHEN}([0-9]{{1,3}})(?![0-9]|[-_][0-9])"
)
# Without its first letter it must be written out: 2026-3-2 is a day.
_BARE = re.compile(r"(?<![0-9a-z-])(20[0-9]{2})[-_]([0-9]{4,6})[-_]([0-9]{1,2})(?![0-9]|[-_][0-9])")


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """Which question: the ticket it was asked about, and the how-manieth of that ticket."""

    ticket: str  # number, 2026-0003
    nth: int

    @property
    def key(self) -> str:
        """The one spelling events and letters' causes use."""
        return f"{self.ticket}-{self.nth}"

    def spoken(self, language: Literal["zh", "en"], *, respondent: bool = False) -> str:
        """Return it as letters print it."""
        if language == "zh":
            return f"{'陈' if respondent else '征'}{self.key}"
        return f"{'S' if respondent else 'Q'}{self.key}"


def references_in(text: str) -> list[Reference]:
    """Return the references that stand anywhere in a text, each once, in order."""
    folded = fold(text).replace("\N{LOW LINE}", "_")
    hits = [*_PREFIXED.finditer(folded), *_BARE.finditer(folded)]
    found = [
        Reference(f"{m[1]}-{int(m[2]):04d}", int(m[3]))
        for m in sorted(hits, key=lambda m: m.start())
        if int(m[3])
    ]
    return list(dict.fromkeys(found))


def without_references(text: str) -> str:
    """Return a text without the references in it, and without what separated them."""
    folded = fold(text)
    for pattern in (_PREFIXED, _BARE):
        for m in reversed(list(pattern.finditer(folded))):
            text, folded = text[: m.start()] + text[m.end() :], folded[: m.start()] + folded[m.end() :]
    return text.strip(" \t\n,，、:：;；.。-")


# --- what became of each --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """One question to one organ, as the events of its ticket make it."""

    reference: Reference
    organ: str  # key
    words: int
    respondent: bool  # asked for its statement as the one complained about
    asked_at: datetime
    answer_by: date | None  # None: asked before questions had dates
    letter: int  # 0: unknown
    answered_at: datetime | None = None  # arrival of the first answer
    seen: tuple[int, ...] = ()  # mails offered as its answer that nobody has judged yet

    @property
    def open(self) -> bool:
        return self.answered_at is None


def questions(asked: Iterable[Recorded], ticket: str, later: Iterable[Recorded] = ()) -> list[Question]:
    """Return the questions of the ticket of that number, oldest first.

    `later`: events of the ticket it was merged into, where answers are recorded since.
    """
    asked = list(asked)
    holding = [*live(asked), *live(later)]
    answered: dict[str, datetime] = {}
    seen: dict[str, dict[int, str]] = {}
    for r in holding:
        match r.event:
            case e.AnswerSeen(reference, message, why):
                seen.setdefault(reference, {})[message] = why
            case e.OrganAnswered(reference, message):
                answered[reference] = min(r.at, answered.get(reference, r.at))
                for other, offered in seen.items():  # one that names two questions may answer both
                    if other == reference or offered.get(message) not in ("token", "reference"):
                        offered.pop(message, None)
            case e.NotAnswer(message):
                for offered in seen.values():
                    offered.pop(message, None)
            case _:
                pass
    found: list[Question] = []
    kept = {r.seq for r in live(asked)}
    nth = 0
    for r in asked:
        if not isinstance(r.event, e.Asked):
            continue
        nth += 1  # one that was taken back keeps its number: it may have been read out already
        if r.seq not in kept:
            continue
        mine = Reference(ticket, nth)
        by = date.fromisoformat(r.event.answer_by) if r.event.answer_by else None
        found.append(
            Question(
                mine,
                r.event.organ,
                r.event.words,
                r.event.respondent,
                r.at,
                by,
                r.event.letter,
                answered.get(mine.key),
                tuple(seen.get(mine.key, {})),
            )
        )
    return found


def next_nth(recorded: Sequence[Recorded]) -> int:
    """Return the number of the next question; a number is never given twice."""
    return 1 + sum(isinstance(r.event, e.Asked) for r in recorded)


# --- how one is written ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asking:
    """What the words behind `ask` say."""

    words: str  # what leaves
    days: int | None  # working days for the answer, None: as the organ's entry says
    files: tuple[str, ...]  # as named: a file name, or its number in the list
    attach_lines: tuple[str, ...] = ()  # the lines that named them, as typed
    too_long: bool = False  # more working days than may be given


_TIME = re.compile(
    rf"(?:[（(]?(?:限|请)?(?:贵[局委办厅院]|贵单位)?(?:在|于)?{_SPACE})?({NUMERAL}){_SPACE}(?:个)?工作日"
    rf"(?:(?:之?内|以内)(?:答复|回复|复函)?[)）]?{_SPACE}[,，:：、。;；]?|{_SPACE}[)）]?(?:[,，:：;；]|$|(?=\n)))"
)
_TIME_EN = re.compile(
    rf"\(?(?:please answer )?(?:(within|in) +)?([0-9]{{1,3}}) +(?:working|business) +days?\)?{_SPACE}([,:;.]|$|(?=\n))"
)
_TIME_LINE = re.compile(rf"(?:期限|时限|答复期限|deadline|time){_SPACE}[:：]{_SPACE}")
_ATTACH = re.compile(
    r"(?:随信|请)?(?:附件|附上|附)(?:文件)?[ \t]*(?:[:：]|(?=[0-9])|[ \t](?=\S))|attach(?:ed|ments?|ing)?[ \t]*(?::|[ \t](?=\S))"
)
_BETWEEN = re.compile(r"[ \t]*[、，,;；][ \t]*")


def read(words: str) -> Asking:
    """Take a time for the answer and lines that name files out of the words of a question.

    A time counts at the very beginning (5个工作日内，请……) or in a line of its own (期限：5个工作日);
    within the question it is part of the question.
    """
    days, too_long = None, False
    kept: list[str] = []
    files: list[str] = []
    lines: list[str] = []
    for index, line in enumerate(words.strip().split("\n")):
        folded = fold(line)
        attach = _ATTACH.match(folded.lstrip())
        if attach is not None and _names_files(line.strip(), attach.end(), alone=index > 0):
            lines.append(line)
            files += [name.strip(" \t\"'“”《》.。") for name in _names(line.strip()[attach.end() :])]
            continue
        lead = _TIME_LINE.match(folded.lstrip())
        if days is None and (lead is not None or not any(k.strip() for k in kept)):
            begin = len(line) - len(line.lstrip()) + (lead.end() if lead else 0)
            taken = _time(folded[begin:])
            if taken is not None and (lead is None or not line[begin + taken[1] :].strip()):
                days, too_long = taken[0], not 0 < taken[0] <= LONGEST_TIME
                line = line[begin + taken[1] :].lstrip()  # noqa: PLW2901 - the rest of the line
                if not line:
                    continue
        kept.append(line)
    return Asking("\n".join(kept).strip(), days, tuple(f for f in files if f), tuple(lines), too_long)


def _time(folded: str) -> tuple[int, int] | None:
    """Return the working days a text begins with and where they end, None where it begins otherwise."""
    if m := _TIME.match(folded):
        number = numeral(m[1])
        return None if number is None else (number, m.end())
    m = _TIME_EN.match(folded)
    return (int(m[2]), m.end()) if m else None


def _names_files(line: str, begin: int, *, alone: bool) -> bool:
    """Tell a line that names files from a sentence that begins with the word: 附件三第二条规定了什么.

    Behind a colon everything is a name; without one, only numbers or what ends like a file name.
    `alone`: the line is not the first one, where the question itself may begin.
    """
    if begin and fold(line[begin - 1]) == ":":
        return True
    rest = line[begin:].strip()
    names = _names(rest)
    if not names:
        return False
    return all(
        re.fullmatch(r"[0-9]{1,3}", fold(n).strip()) or re.search(r"\.[A-Za-z0-9]{2,5}$", n) for n in names
    ) and (alone or len(rest) < 200)


def _names(text: str) -> list[str]:
    """Split what stands behind 附件: names with commas between; numbers also with blanks."""
    text = text.strip()
    if re.fullmatch(r"[0-9 \t、，,;；和]+", fold(text)):
        return [n for n in re.split(r"[^0-9]+", fold(text)) if n]
    return [name.strip() for name in _BETWEEN.split(text) if name.strip()]
