"""New words | quoted words | signature: the trimming of replies, for display and for where commands may stand.

Nothing is deleted: every line of the text is in exactly one of the three, in order of appearance. In
doubt a line is quoted rather than new, because commands count only in new words. The marks of each mail
client are data in `reply_marks.py`; here is only the walk over the lines. Linear; pure.

A quotation is *soft* where `>` marks its lines: what stands between and below them is new (interleaved
answers). It is *hard* where nothing marks its end (Outlook, QQ, Foxmail): it runs to the end of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mail_desk.inbound import reply_marks as marks

MAX_LINES = 5_000  # what is below counts as quoted: no command is looked for there
MAX_SIGNATURE_LINES = 30  # a longer tail below "-- " is no signature


@dataclass(frozen=True, slots=True)
class Split:
    """A text in three parts; each holds its lines in order, without empty lines at its ends."""

    new: str
    quoted: str
    signature: str
    above: str = ""  # of `new`, what stands above the first quoted line: only there a command counts


class _Is(Enum):
    NEW = 0
    QUOTED = 1
    SIGNATURE = 2


def split(text: str) -> Split:
    """Split a plain text (of a mail, or made of its HTML)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    labels = _Walk(lines).run()
    parts = {kind: [] for kind in _Is}  # type: dict[_Is, list[str]]
    for line, label in zip(lines, labels, strict=True):
        parts[label].append(line)
    first_quoted = labels.index(_Is.QUOTED) if _Is.QUOTED in labels else len(labels)
    above = "\n".join(
        line
        for line, label in zip(lines[:first_quoted], labels[:first_quoted], strict=True)
        if label is _Is.NEW
    ).strip("\n")
    new, quoted, signature = ("\n".join(parts[k]).strip("\n") for k in (_Is.NEW, _Is.QUOTED, _Is.SIGNATURE))
    return Split(
        new if new.strip() else "",
        quoted if quoted.strip() else "",
        signature if signature.strip() else "",
        above if above.strip() else "",
    )


class _Walk:
    """One pass from the top; each step labels some lines and says where to go on."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.count = len(lines)
        self.labels = [_Is.NEW] * self.count
        self.words_above = False  # something new was said already
        self.known: dict[int, bool] = {}  # does a quotation begin at that line?

    def run(self) -> list[_Is]:
        at, end = 0, min(self.count, MAX_LINES)
        while at < end:
            at = self.step(at)
        if at < self.count:
            self.label(at, self.count, _Is.QUOTED)
        self.wrapped_lines()
        return self.labels

    def step(self, at: int) -> int:
        line = self.lines[at]
        if not line.strip():
            return at + 1
        if marks.is_own_mark(line) and not marks.is_quoted(
            line
        ):  # quoted: its lines are marked, answers are not
            return self.label(self.introduction_above(at), self.count, _Is.QUOTED)
        if marks.is_quoted(line):
            if at and self.labels[at - 1] is _Is.NEW:
                self.lone_address_above(at)
            return self.label(at, at + 1, _Is.QUOTED)
        introduction = marks.attribution_end(self.lines, at)
        if introduction:
            return self.quotation(at, introduction, bottom_posting=True)
        heading = marks.heading_end(self.lines, at)
        if heading:
            self.lone_address_above(at)
            return self.quotation(at, heading, bottom_posting=not self.words_above)
        if marks.is_signature_mark(line):
            return self.signature(at)
        if marks.is_phone_signature(line):
            return self.phone_signature(at)
        self.words_above = True
        return at + 1

    def label(self, start: int, end: int, kind: _Is) -> int:
        self.labels[start:end] = [kind] * (end - start)
        return end

    def quotation(self, start: int, end: int, *, bottom_posting: bool) -> int:
        """Label an introduction; what follows is marked line by line, or quoted to the end."""
        following = self.next_words(end)
        if following < self.count and marks.is_quoted(self.lines[following]) and bottom_posting:
            return self.label(start, following, _Is.QUOTED)
        return self.label(start, self.count, _Is.QUOTED)

    def introduction_above(self, mark: int) -> int:
        """Return where the quotation with our own mark begins: at "X wrote:" right above, in whatever form."""
        above = self.last_words(mark)
        return above if above >= 0 and marks.ends_like_introduction(self.lines[above]) else mark

    def lone_address_above(self, quotation: int) -> None:
        """Take an address alone right above a quotation, and the rule above it, for Foxmail's signature."""
        above = self.last_words(quotation)
        if above <= 0 or self.labels[above] is not _Is.NEW or not marks.is_lone_address(self.lines[above]):
            return
        rule = self.last_words(above)
        start = rule if rule > 0 and marks.is_rule(self.lines[rule]) else above
        self.label(start, quotation, _Is.SIGNATURE)

    def last_words(self, before: int) -> int:
        """Return the nearest filled line above `before`, at most three empty ones away, else -1."""
        for at in range(before - 1, max(before - 5, -1), -1):
            if self.lines[at].strip():
                return at
        return -1

    def next_words(self, at: int) -> int:
        while at < self.count and not self.lines[at].strip():
            at += 1
        return at

    def signature(self, start: int) -> int:
        """Label from "-- " to the quotation below it or the end; a long tail is no signature."""
        end, filled = start + 1, 0
        while end < self.count and not self.quotation_begins(end):
            filled += bool(self.lines[end].strip())
            end += 1
            if filled > MAX_SIGNATURE_LINES or end - start > 4 * MAX_SIGNATURE_LINES:
                return start + 1
        return self.label(start, end, _Is.SIGNATURE)

    def phone_signature(self, start: int) -> int:
        """Label a phone's line; unmarked text below it is the quoted original of that phone's app."""
        end = start + 1
        self.label(start, end, _Is.SIGNATURE)
        if not self.words_above and not any(marks.is_quoted(line) for line in self.lines[:start]):
            following = self.next_words(end)
            if following < self.count and not self.quotation_begins(following):
                return end  # nothing above it: the words come below
        while end < self.count and not self.quotation_begins(end):
            self.labels[end] = _Is.QUOTED
            end += 1
        return end

    def quotation_begins(self, at: int) -> bool:
        if at not in self.known:
            line = self.lines[at]
            self.known[at] = bool(
                line.strip()
                and (
                    marks.is_quoted(line)
                    or marks.is_own_mark(line)
                    or marks.attribution_end(self.lines, at)
                    or marks.heading_end(self.lines, at)
                )
            )
        return self.known[at]

    def wrapped_lines(self) -> None:
        """Quote a short line between two quoted ones, below a full one: the tail a relay wrapped off it."""
        for at in range(1, self.count - 1):
            if (
                self.labels[at] is _Is.NEW
                and self.lines[at].strip()
                and marks.is_quoted(self.lines[at - 1])
                and marks.is_quoted(self.lines[at + 1])
                and len(self.lines[at - 1]) >= 66
                and len(self.lines[at]) <= 24
                and self.lines[at][:1].islower()
            ):
                self.labels[at] = _Is.QUOTED
