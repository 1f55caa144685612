"""What became of leaders' words, as a digest and the workbook say it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mail_desk.reports.directions import Direction, Directions, State, TrainLine
from mail_desk.reports.words import Names

_LONGEST = 60  # characters of words in a table
_MOST = 12  # rows in a mail
_FIRST: dict[State, int] = {"overdue": 0, "open": 1, "passed-on": 2}

_STATES: dict[State, tuple[str, str]] = {
    "passed-on": ("已转办", "passed on"),
    "open": ("待回报", "to be reported back"),
    "overdue": ("逾期未回报", "overdue"),
    "reported": ("已回报", "reported back"),
    "reported-late": ("已回报（逾期）", "reported back, late"),
    "called-off": ("已撤销", "called off"),
}


def state(direction: Direction, names: Names) -> str:
    """Say how one stands, and who owes it where something is owed."""
    said = names.pick(_STATES[direction.state])
    if direction.state not in ("open", "overdue", "passed-on"):
        return said
    who = names.person(direction.owes) if direction.owes else ""
    return f"{said}{names.say('，', ', ')}{who}" if who else said


def summary(found: Directions, names: Names) -> str:
    """Return the sentence with the numbers, "" where there is nothing to say."""
    if not found.lines:
        return ""
    given, owed = len(found.lines) - found.supervised, found.count("open", "overdue")
    done, late = found.count("reported", "reported-late"), found.count("overdue")
    if not found.supervised:
        return names.say(f"批示 {given} 件。", f"Instructions: {given}.")
    first_zh, first_en = (
        (f"批示 {given} 件，", f"Instructions: {given}; supervisions: ") if given else ("", "Supervisions: ")
    )
    return names.say(
        f"{first_zh}督办 {found.supervised} 件：已回报 {done} 件，待回报 {owed} 件"
        + (f"，其中逾期 {late} 件。" if late else "。"),
        f"{first_en}{found.supervised}, of which {done} reported back and {owed} not yet"
        + (f" ({late} overdue)." if late else "."),
    )


def rows(found: Directions, names: Names) -> tuple[tuple[str, str, str, str], ...]:
    """Return ticket, what was wanted and when, by when, and how it stands: first what is still owed, the rest counted."""
    ordered = sorted(found.lines, key=lambda x: _FIRST.get(x.state, len(_FIRST)))  # stable: else as given
    more = len(ordered) - _MOST
    rest = (names.say(f"其余 {more} 件", f"{more} more"), "", "", "")
    return tuple(
        (
            f"{x.number} {x.name}".strip(),
            f"{_short(x.words)}（{_day(x.on, names)}）"
            if names.language == "zh"
            else f"{_short(x.words)} ({_day(x.on, names)})",
            _day(x.due, names) if x.due is not None else "–",
            state(x, names),
        )
        for x in ordered[: len(ordered) if more <= 0 else _MOST]
    ) + ((rest,) if more > 0 else ())


def recorded(found: Directions, leader: str, names: Names) -> tuple[str, ...]:
    """Say which of a leader's words somebody else put on record."""
    others = [x for x in found.lines if x.leader == leader and x.by != leader]
    return tuple(
        names.say(
            f"{x.number} {'督办' if x.name else '批示'}：{_short(x.words)}（{names.person(x.by)}登记，{_day(x.on, names)}）",
            f"{x.number}: {'supervision' if x.name else 'instruction'}: {_short(x.words)} "
            f"(put on record by {names.person(x.by)}, {_day(x.on, names)})",
        )
        for x in others
    )


def trains(found: Directions, names: Names) -> tuple[str, ...]:
    """Say of each through-train who put it to whom, and how it stands."""
    return tuple(_train(t, names) for t in found.trains)


def trains_summary(found: Directions, names: Names) -> str:
    """Return the numbers of through-trains, "" where there is none."""
    n, open_ = len(found.trains), found.trains_open
    if not n:
        return ""
    return names.say(
        f"本期直通车 {n} 件，未办结 {open_} 件。",
        f"Through-trains of the period: {n}, not finished: {open_}.",
    )


def _train(t: TrainLine, names: Names) -> str:
    answer = names.say("已有批复", "answered") if t.answered else names.say("尚无批复", "no answer yet")
    work = names.say("在办", "open") if t.open else names.say("已办结", "finished")
    return names.say(
        f"{t.number} {_day(t.on, names)} {names.person(t.by)}报{names.person(t.leader)}：{_short(t.words)}（{answer}，{work}）",
        f"{t.number}, {_day(t.on, names)}, {names.person(t.by)} to {names.person(t.leader)}: {_short(t.words)} ({answer}, {work})",
    )


def sheet_rows(
    found: Directions, names: Names
) -> Sequence[tuple[str, str, date, str, str, date | None, str, str, date | None]]:
    """Return the rows of the workbook's sheet, each with its whole words: through-trains, then what was wanted."""
    passed = [
        (
            t.number, names.say("直通车", "through-train"), t.on, names.person(t.leader), t.words, None,
            names.say("已有批复", "answered") if t.answered else names.say("尚无批复", "no answer yet"),
            names.person(t.by), None,
        )
        for t in found.trains
    ]  # fmt: skip
    return passed + [
        (
            x.number, names.say("督办", "supervision") if x.name else names.say("批示", "instruction"), x.on,
            names.person(x.leader), x.words, x.due, names.pick(_STATES[x.state]),
            names.person(x.owes) if x.owes else "", x.reported_on,
        )
        for x in found.lines
    ]  # fmt: skip


def _day(day: date, names: Names) -> str:
    return f"{day.month}月{day.day}日" if names.language == "zh" else f"{day.day} {day:%b}"


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
