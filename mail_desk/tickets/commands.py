"""The command grammar: what staff and leaders mean by the words above the quotation.

Three ways to say the same: the number of a choice offered in the letter answered (`1`, `１`, `一`), a
first line that is exactly a verb offered there, or `#[ticket] verb …` on any line. Described in
docs/commands.md; the verbs are in `commands_verbs`. Pure and total: `read` never raises, and no text
of the quotation ever becomes a command. It checks no authority and knows no ticket.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from mail_desk.tickets.commands_answers import (
    PROBLEMS,
    Command,
    Offer,
    Problem,
    Reading,
    as_line,
    problem,
    shortened,
)
from mail_desk.tickets.commands_choices import Choices
from mail_desk.tickets.commands_consent import almost, leader_says
from mail_desk.tickets.commands_lines import Parsed, attempt, call, is_complete, is_courtesy, parse
from mail_desk.tickets.commands_verbs import VERBS, Verb, Wording
from mail_desk.tickets.numerals import fold

__all__ = [
    "PROBLEMS",
    "VERBS",
    "Command",
    "Offer",
    "Problem",
    "Reading",
    "Verb",
    "as_line",
    "normalised",
    "read",
]

# Invisible characters that phones and web mailers leave between letters, and the keycap of 1️⃣.
_UNSEEN = "\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u20e3"
_INVISIBLE = re.compile(f"(?<=[0-9])[{_UNSEEN}\ufe0f]+|[{_UNSEEN}]+")
_STOP = frozenset(
    ["--", "quit", "stop", "exit", "#quit", "#stop", "结束", "#结束", "完毕", "以下无正文", "(以下无正文)"]
)
_MOST_COMMANDS = 100  # `#` lines in a mail; more is no letter of a person
_MOST_IN_A_LINE = 20
_LEADER_MEANS = ("not-offered", "missing-words")  # 督办 alone is an instruction, where a leader writes it
_THANKS = frozenset(
    ["thanks", "thankyou", "manythanks", "thx", "谢谢", "多谢", "谢谢您", "感谢", "bestregards", "此致"]
)
_OUTWARD = re.compile(
    r"(?:您好|你好|尊敬的|敬启者|敬爱的|贵公司|贵司|贵方|贵单位|致[: ]|各位|dear\b|hello\b|hi\b|good (?:morning|afternoon|day)|"
    r"to whom|sir\b|madam\b|ladies|"
    r"[\u4e00-\u9fff]{1,8}(?:先生|女士|小姐|总|经理|主任|老师)?[,、 ]?(?:您好|你好))"  # 张总您好
)


def normalised(text: str) -> str:
    """Return `text` with plain line ends and without invisible characters. Doing it twice changes nothing."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub("", plain)


def read(
    new_text: str,
    *,
    quoted_text: str = "",
    offers: Sequence[Offer] = (),
    today: date,
    leader: bool = False,
) -> Reading:
    """Return what the new words of a mail say.

    `offers` are the choices of the letter answered, `today` the day of writing in the desk's time zone,
    `leader` that a leader answers a letter about one ticket: free words are then an instruction.
    """
    lines = _until_stop(normalised(new_text).split("\n"))
    blocks = _blocks(lines, today)
    choices = Choices(offers, today)
    items: list[Command | Problem] = []
    free: list[str] = []
    opening = _read_block(blocks.opening, lambda text: _opening(text, choices, leader=leader), today)
    commands = (_read_block(block, lambda text: _parsed(text, today), today) for block in blocks.commands)
    for parsed in (opening, *commands):
        items += parsed.items
        free.append(parsed.rest)
    items += blocks.late
    words, below = _numbers_below("\n\n".join(t for t in free if t), choices)
    items = list(dict.fromkeys([*map(choices.meant, items), *below]))
    if leader and words and not any(isinstance(i, Problem) for i in items) and not is_courtesy(words):
        items.append(Command(Verb.INSTRUCT, "", "", words, shortened(words)))
        words = ""
    if items and is_courtesy(words):
        words = ""  # thanks below a command are no note
    if not items and not words:
        items = _quoted(quoted_text)
    return Reading(tuple(items), words, _looks_outward(words))


@dataclass
class _Block:
    """A `#` line, or the opening, and the text up to the next command."""

    lines: list[str]
    dubious: list[int] = field(default_factory=list)  # lines with # that may be commands or text

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def as_text(self) -> str:
        """Return the text with its dubious lines plain."""
        return "\n".join(t.lstrip(" #＃") if i in self.dubious else t for i, t in enumerate(self.lines))


@dataclass
class _Blocks:
    opening: _Block  # what stands above the first command
    commands: list[_Block]
    late: list[Problem]  # commands below the thanks, or too many


def _until_stop(lines: list[str]) -> list[str]:
    for i, line in enumerate(lines):
        if fold(line).strip().rstrip(".!") in _STOP:
            return lines[:i]
    return lines


def _blocks(lines: list[str], today: date) -> _Blocks:
    blocks = _Blocks(_Block([]), [], [])
    begun = thanked = False  # thanks end the commands; as the first line of a mail they are a greeting
    for line in lines:
        kind = attempt(line)
        current = blocks.commands[-1] if blocks.commands else blocks.opening
        if kind is not None and len(blocks.commands) + len(blocks.late) >= _MOST_COMMANDS:
            blocks.late.append(problem("too-many", line, str(_MOST_COMMANDS)))
            break
        if thanked and kind == "verb":
            ready = line.strip() if is_complete(line, today) else ""
            blocks.late.append(problem("after-stop", line, shortened(line), suggestion=ready))
        elif kind is None or thanked:
            current.lines.append(line)
            thanked = thanked or (begun and _is_thanks(line))
        elif kind == "unknown" and begun:
            current.dubious.append(len(current.lines))
            current.lines.append(line)
        else:
            blocks.commands.append(_Block([line]))
        begun = begun or bool(line.strip())
    return blocks


def _is_thanks(line: str) -> bool:
    return "".join(c for c in fold(line) if c.isalnum()) in _THANKS


def _read_block(block: _Block, read_text: Callable[[str], Parsed], today: date) -> Parsed:
    """Read a block. A line with # that is no command stays out of words that would leave the office.

    Such a letter would go out cut, or with a command in it; so it waits for a plain answer instead.
    """
    if not block.dubious:
        return read_text(block.text)
    first = block.dubious[0]
    above = read_text("\n".join(block.lines[:first]))
    spoken = [i for i in above.items if isinstance(i, Command) and i.words and VERBS[i.verb].outward]
    if not spoken:
        below = _read_block(_Block(block.lines[first:]), lambda text: parse(text, today), today)
        return Parsed((*above.items, *below.items), "\n\n".join(t for t in (above.rest, below.rest) if t))
    whole = read_text(block.as_text())
    only = whole.items[0] if len(whole.items) == 1 else None
    ready = as_line(only) if isinstance(only, Command) else ""
    if not is_complete(ready, today):
        ready = ""
    return Parsed((problem("hash-inside", block.text, block.lines[first].strip(), suggestion=ready),))


def _parsed(text: str, today: date) -> Parsed:
    """Read one block; `#受理 #备注 …` in one line are two commands."""
    items: list[Command | Problem] = []
    rest: list[str] = []
    for _ in range(_MOST_IN_A_LINE):
        second = _second_in_line(text)
        if second is None:
            break
        one = parse(text[:second].rstrip(), today)
        items += one.items
        rest.append(one.rest)
        text = text[second:]
    last = parse(text, today)
    return Parsed((*items, *last.items), "\n\n".join(t for t in (*rest, last.rest) if t))


def _second_in_line(text: str) -> int | None:
    """Return where another command begins in the first line, behind one that takes no words of its own."""
    head = text.partition("\n")[0]
    found = call(head)
    if found is None or VERBS[found[0].verb].wording in (Wording.OPTIONAL, Wording.REQUIRED):
        return None
    begin = len(head) - min(len(found[1]), len(head.lstrip(" 　-•·*#＃")))
    second = re.compile(r"(?<=[ 　])[#＃]").search(head, begin)
    if second is None or attempt(head[second.start() :]) != "verb":
        return None
    return second.start()


def _opening(text: str, choices: Choices, *, leader: bool) -> Parsed:
    """Read what stands above the first `#` line: a choice, a verb, a leader's word, or free words."""
    stripped = text.strip()
    if not stripped:
        return Parsed(())
    line, _, after = stripped.partition("\n")
    found = choices.first_line(line, after)
    if found is not None:
        if (
            leader
            and found.items
            and all(isinstance(i, Problem) and i.code in _LEADER_MEANS for i in found.items)
        ):
            return leader_says(stripped, choices)
        return found
    if (loose := almost(stripped, choices)) is not None:
        return loose
    return leader_says(stripped, choices) if leader else Parsed((), stripped)


def _numbers_below(words: str, choices: Choices) -> tuple[str, list[Problem]]:
    """Take offered numbers below other words out of them: not run, but not overlooked either."""
    kept, problems = [], []
    for line in words.split("\n"):
        number = choices.offered_number(line) if line.strip() else None
        if number is None:
            kept.append(line)
        else:
            problems.append(problem("number-below", line, line.strip(), suggestion=choices.command(number)))
    return "\n".join(kept).strip(), problems


def _quoted(quoted_text: str) -> list[Command | Problem]:
    for line in normalised(quoted_text).split("\n"):
        bare = line.lstrip(" >｜|\t")
        if attempt(bare) == "verb":
            return [problem("quoted-command", bare, bare)]
    return []


def _looks_outward(words: str) -> bool:
    first = [line for line in words.split("\n") if line.strip()][:2]
    return any(_OUTWARD.match(fold(line).strip(" *_\"'")) for line in first)
