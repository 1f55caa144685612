"""Behind a figure that counts no tickets: mails, ratings, questions to public bodies, runs of limits, suggestions … Pure.

`#列表 邮件 隔离待查`, `#list ratings`, `#列表 迟复 税务局`: a topic, perhaps a name after a space, perhaps a period. One row of
the answer is one of what the figure counts, and one row of the workbook's sheet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from mail_desk.reports.behind import at_hand
from mail_desk.reports.directions import Directions
from mail_desk.reports.directions_words import state
from mail_desk.reports.drilling import GROUPS, Asked, period_in
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.words import Names
from mail_desk.reports.workbook_behind import limit_lines

TOPICS: dict[str, tuple[str, ...]] = {
    "quarantine": ("隔离待查", "隔离", "quarantined", "quarantine"),
    "by-hand": ("人工答复", "直接发出", "answered by hand", "by hand"),
    "mails": ("邮件", "mails", "mail"),
    "dissatisfied": ("不满意", "dissatisfied"),
    "ratings": ("满意度", "评价", "satisfaction", "ratings"),
    "suggestions": ("建议", "suggestions"),
    "organs-asked": ("征询", "发函征询", "asked"),
    "organs-answered": ("已答复", "部门答复", "replied"),
    "organs-late": ("迟复", "replied late"),
    "organs-overdue": ("逾期未复", "not replied"),
    "repeats": ("再次投诉者", "再次投诉", "重复投诉", "repeat complainants", "repeats"),
    "limits-met": ("法定时限按时", "按时完成", "按时", "limits kept", "on time"),
    "limits-late": ("逾期完成", "met late"),
    "limits-overdue": ("逾期未完成", "limits overdue"),
    "limits-running": ("未到期", "running"),
    "extensions": ("延期", "extensions"),
    "unserved": ("未送达", "not served", "unserved"),
    "trains": ("直通车", "through-trains", "through-train"),
    "supervisions": ("督办", "supervisions"),
    "supervisions-open": ("待回报", "not reported back"),
    "supervisions-overdue": ("逾期未回报", "overdue reports"),
    "supervisions-done": ("已回报", "reported back"),
    "instructions": ("批示", "instructions"),
}
_LEAD = re.compile(r"(?:单位|部门|时限|去向|投诉人|public body|organ|limit|complainant)[ :]+")
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """What a figure counts, one a row; the first column is the ticket's number, where there is one."""

    head: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What people wrote in the period; no figure holds it."""

    suggestions: Sequence[tuple[str, date, str, str]] = ()  # number, day, whose, words
    directions: Directions = Directions()  # noqa: RUF009 - frozen, and empty


def read(words: str, today: date) -> Asked | None:
    """Return what some words ask for; None where they name none of these topics."""
    text = " ".join(unicodedata.normalize("NFKC", words).casefold().split())
    text, period = period_in(text, today)
    said = [
        (len(spelling), topic)
        for topic, spellings in TOPICS.items()
        for spelling in spellings
        if text == spelling or text.startswith((f"{spelling} ", f"{spelling}:"))
    ]
    if not said:
        return None
    length, topic = max(said)  # "replied late" is not "replied", named "late"
    value = _LEAD.sub("", text[length:].strip(" :"), count=1)
    if any(value.startswith(word) for group in GROUPS.values() for word in group):
        return None  # tickets, by a group
    return Asked(topic, "", value, period)


def select(figures: PeriodFigures, asked: Asked, names: Names, said: Said) -> Rows | None:
    """Return the rows a figure counts; None: nothing is called so."""
    if asked.measure == "repeats" and not asked.value:
        return _complainants(figures, names)
    head, made = _ROWS[asked.measure.partition("-")[0]]
    found = [row for row in made(figures, asked.measure, names, said) if _called(row, asked.value)]
    if asked.value and not found and not _known(asked, names, figures):
        return None
    return Rows(tuple(names.pick(pair) for pair in head), tuple(row.cells for row in found))


def _complainants(figures: PeriodFigures, names: Names) -> Rows:
    """Return who came again, one a row, with the latest complaint of each."""
    latest = {line.address: line.number for line in figures.behind.repeats}  # in order of arrival
    head = (("编号", "Ticket"), ("投诉人", "Complainant"), ("本期", "Period"), ("一年内", "In a year"))
    rows = (
        (latest.get(r.address, "–"), r.name or r.address, str(r.in_period), str(r.in_year))
        for r in figures.repeats
    )
    return Rows(tuple(names.pick(pair) for pair in head), tuple(rows))


@dataclass(frozen=True, slots=True)
class _Row:
    cells: Row
    name: tuple[str, ...] = ()  # what it may be asked for by


def _called(row: _Row, value: str) -> bool:
    return not value or any(value in unicodedata.normalize("NFKC", name).casefold() for name in row.name)


def _known(asked: Asked, names: Names, figures: PeriodFigures) -> bool:
    """Say whether a name is known though nothing of it is counted: nothing found is an answer too."""
    kind = asked.measure.partition("-")[0]
    known = {
        "organs": names.organ_names, "limits": lambda: tuple(names.limit(x.key) for x in figures.limits),
        "mails": names.mail_names,
    }.get(kind, tuple)()  # fmt: skip
    return any(asked.value in unicodedata.normalize("NFKC", name).casefold() for name in known)


_Made = Callable[[PeriodFigures, str, Names, Said], Iterator[_Row]]


def _mails(figures: PeriodFigures, topic: str, names: Names, _: Said) -> Iterator[_Row]:
    received, by_hand, waiting = at_hand(figures.behind.mails)
    for line in {"mails": received, "by-hand": by_hand, "quarantine": waiting}[topic]:
        cells = (
            line.number or "–",
            line.reference,
            line.day.isoformat(),
            names.mail(line.how),
            line.sender,
            line.subject,
        )
        yield _Row(cells, (names.mail(line.how), line.how))


def _ratings(figures: PeriodFigures, topic: str, _: Names, __: Said) -> Iterator[_Row]:
    for line in figures.behind.ratings:
        if topic == "ratings" or line.dissatisfied:
            yield _Row((line.number, line.day.isoformat(), str(line.score)), (str(line.score), line.number))


def _suggestions(_: PeriodFigures, __: str, ___: Names, said: Said) -> Iterator[_Row]:
    for number, day, by, words in said.suggestions:
        yield _Row((number, day.isoformat(), by, words), (number, by, words))


def _organs(figures: PeriodFigures, topic: str, names: Names, _: Said) -> Iterator[_Row]:
    for q in figures.behind.questions:
        if {"asked": q.asked, "answered": q.answered, "late": q.late, "overdue": q.overdue}[
            topic.partition("-")[2]
        ]:
            days = (q.asked_on, q.answer_by, q.answered_on)
            cells = (
                q.number,
                q.reference,
                names.organ(q.organ),
                *("–" if d is None else d.isoformat() for d in days),
            )
            yield _Row(cells, (names.organ(q.organ), q.organ))


def _repeats(figures: PeriodFigures, _: str, names: Names, __: Said) -> Iterator[_Row]:
    for r in figures.behind.repeats:
        mark = names.say("是", "yes") if r.in_period else "–"
        yield _Row((r.number, r.name or r.address, r.day.isoformat(), mark), (r.name, r.address))


def _limits(figures: PeriodFigures, topic: str, names: Names, _: Said) -> Iterator[_Row]:
    for case, line, outcome in limit_lines(figures):
        if outcome.value == topic.partition("-")[2]:
            met = "–" if line.met_on is None else line.met_on.isoformat()
            cells = (
                case.identity.number,
                names.limit(line.key),
                line.due_on.isoformat(),
                met,
                names.outcome(outcome),
            )
            yield _Row(cells, (names.limit(line.key), line.key))


def _extensions(figures: PeriodFigures, _: str, names: Names, __: Said) -> Iterator[_Row]:
    for c in figures.cases:
        for on, added in c.extensions if c.complaint else ():
            if on in figures.period:
                yield _Row((c.identity.number, on.isoformat(), str(added), names.owner(c.identity.handler)))


def _unserved(figures: PeriodFigures, _: str, names: Names, __: Said) -> Iterator[_Row]:
    for u in figures.unserved:
        yield _Row((u.number, names.notice(u.notice), u.since.isoformat()), (names.notice(u.notice),))


def _trains(_: PeriodFigures, __: str, names: Names, said: Said) -> Iterator[_Row]:
    for t in said.directions.trains:
        yield _Row((t.number, t.on.isoformat(), names.person(t.leader), t.words), (names.person(t.leader),))


def _directions(_: PeriodFigures, topic: str, names: Names, said: Said) -> Iterator[_Row]:
    wanted = {
        "supervisions-open": ("open", "overdue"), "supervisions-overdue": ("overdue",),
        "supervisions-done": ("reported", "reported-late"),
    }.get(topic)  # fmt: skip
    for x in said.directions.lines:
        if bool(x.name) is (topic == "instructions") or (wanted and x.state not in wanted):
            continue
        due = "–" if x.due is None else x.due.isoformat()
        yield _Row(
            (x.number, x.on.isoformat(), x.words, due, state(x, names)), (names.person(x.leader), x.words)
        )


_NUMBER, _DAY = ("编号", "Ticket"), ("日期", "Day")
_MAIL = (
    _NUMBER,
    ("邮件", "Mail"),
    ("收到", "Received"),
    ("去向", "What became of it"),
    ("发件人", "Sender"),
    ("主题", "Subject"),
)
_RATING = (_NUMBER, _DAY, ("分数", "Score"))
_DIRECTION = (_NUMBER, _DAY, ("内容", "Words"), ("期限", "By"), ("进展", "State"))
_ROWS: dict[str, tuple[tuple[tuple[str, str], ...], _Made]] = {
    "mails": (_MAIL, _mails),
    "by": (_MAIL, _mails),
    "quarantine": (_MAIL, _mails),
    "ratings": (_RATING, _ratings),
    "dissatisfied": (_RATING, _ratings),
    "suggestions": ((_NUMBER, _DAY, ("提出人", "By"), ("措施和建议", "Measure or suggestion")), _suggestions),
    "organs": (
        (_NUMBER, ("函号", "Reference"), ("单位", "Public body"), ("发出", "Asked"), ("最迟答复", "Answer by"), ("答复", "Replied")),
        _organs,
    ),
    "repeats": ((_NUMBER, ("投诉人", "Complainant"), ("收到", "Received"), ("本期", "In the period")), _repeats),
    "limits": ((_NUMBER, ("时限", "Limit"), ("期限", "Due"), ("完成", "Met"), ("结果", "Outcome")), _limits),
    "extensions": ((_NUMBER, _DAY, ("延长工作日", "Working days added"), ("承办人", "Handler")), _extensions),
    "unserved": ((_NUMBER, ("文书", "Notice"), ("退信日期", "Since")), _unserved),
    "trains": ((_NUMBER, _DAY, ("呈报领导", "To"), ("内容", "Words")), _trains),
    "supervisions": (_DIRECTION, _directions),
    "instructions": (_DIRECTION, _directions),
}  # fmt: skip
