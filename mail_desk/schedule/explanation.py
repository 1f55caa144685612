"""A due date in words: where it starts, by which rule, what was counted and what was not.

Every date the desk states can be explained (DESIGN, invariant 12). Text only, in Chinese or English;
it computes nothing. Words for the facts of one procedure (its notices and states) come from the
procedure itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from mail_desk.config import Language
from mail_desk.schedule.due import Due, DueState, Pause, local_day
from mail_desk.schedule.workdays import PLAIN_WEEKEND, SkippedDay
from mail_desk.tickets.policy import Limit, Named, Procedure

_WEEKDAYS_ZH = "一二三四五六日"
FEW = 4  # weekend days are listed one by one up to here
_FACTS = {
    "received": ("收到来件", "arrival of the mail"),
    "supplement": ("收到补正材料", "arrival of supplementary materials"),
    "complete": ("材料齐备", "materials complete"),
    "accepted": ("决定受理", "decision to accept"),
    "declined": ("决定不予受理", "decision to refuse"),
    "concluded": ("处理终结", "conclusion"),
    "transferred": ("移送", "transfer"),
    "closed": ("办结归档", "closing"),
    "extended": ("延期", "extension"),
    "suspended": ("中止", "suspension"),
    "resumed": ("恢复", "resumption"),
    "withdrawn": ("撤诉", "withdrawal"),
    "reported": ("已报告", "report"),
}
_KINDS = {
    "complaint": ("标记为投诉", "marked as a complaint"),
    "enquiry": ("标记为咨询", "marked as an enquiry"),
    "correspondence": ("标记为公务来文", "marked as official correspondence"),
    "advert": ("标记为广告", "marked as an advertisement"),
    "other": ("标记为其他", "marked as not ours"),
}
_UNITS = {
    "working-days": ("个工作日", "working day"),
    "calendar-days": ("日", "calendar day"),
    "calendar-months": ("个月", "month"),
    "working-hours": ("个工作小时", "working hour"),
}
_RULES = {
    "working-days": (
        "起算当日不计入（《民法典》第二百零一条），只计工作日",
        "the start day is not counted (Civil Code Art. 201); working days only",
    ),
    "calendar-days": (
        "起算当日不计入（《民法典》第二百零一条），末日逢休息日顺延（第二百零三条）",
        "the start day is not counted (Civil Code Art. 201); an end on a rest day moves on (Art. 203)",
    ),
    "calendar-months": (
        "按月计算（《民法典》第二百零二条），末日逢休息日顺延（第二百零三条）",
        "counted by months (Civil Code Art. 202); an end on a rest day moves on (Art. 203)",
    ),
    "working-hours": (
        "按小时计算，自起算时刻开始（《民法典》第二百零一条），只计办公时间",
        "hours count from the instant (Civil Code Art. 201); office hours only",
    ),
}


def explain(due: Due, procedure: Procedure, language: Language) -> str:
    """Return the explanation, one statement a line; the first line says the date itself."""
    return "\n".join(_lines(due, procedure.limit(due.limit), procedure, language))


def day_in_words(day: date, language: Language) -> str:
    """Return 2026年12月2日（周三） or Wed 2 December 2026."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日（周{_WEEKDAYS_ZH[day.weekday()]}）"
    return f"{day:%a} {day.day} {day:%B %Y}"


def amount_in_words(amount: int, unit: str, language: Language) -> str:
    """Return 7个工作日 or 7 working days."""
    zh, en = _UNITS[unit]
    return f"{amount}{zh}" if language == "zh" else f"{amount} {en}{'' if amount == 1 else 's'}"


def fact_in_words(name: str, procedure: Procedure, language: Language) -> str:
    """Return what a fact is called; its own name where nobody has given it words."""
    head, _, tail = name.partition(":")
    if head == "served":
        notice = _named(procedure.notices, tail, language)
        return f"《{notice}》送达" if language == "zh" else f"service of: {notice}"
    if head == "reopened":
        state = _named(procedure.states, tail, language)
        return f"重新办理（{state}）" if language == "zh" else f"reopened ({state})"
    zh, en = _KINDS.get(tail, (name, name)) if head == "marked" else _FACTS.get(name, (name, name))
    return zh if language == "zh" else en


def _named(rows: Iterable[Named], key: str, language: Language) -> str:
    return next((row.name(language) for row in rows if row.key == key), key)


def _instant(at: datetime, due: Due, language: Language) -> str:
    return f"{day_in_words(local_day(at, due.zone), language)} {at.astimezone(due.zone):%H:%M}"


def _deadline(due: Due, limit: Limit, language: Language) -> str:
    day = day_in_words(due.due_on, language)
    return f"{day} {due.due_at.astimezone(due.zone):%H:%M}" if limit.unit == "working-hours" else day


def days_in_words(days: Sequence[SkippedDay], language: Language) -> str:
    """List days by name; holidays of one name as a span, plain weekends as one figure at the end."""
    plain = [day for day in days if day.name in PLAIN_WEEKEND]
    spans: list[list[SkippedDay]] = []
    for day in days:
        if day.name in PLAIN_WEEKEND:
            continue
        last = spans[-1][-1] if spans else None
        if last and last.name == day.name and (day.day - last.day).days == 1:
            spans[-1].append(day)
        else:
            spans.append([day])
    listed = [_span(span, language) for span in spans]
    if len(plain) <= FEW:
        listed = [_span([day], language) for day in plain] + listed
    else:
        first, last_day = plain[0].day, plain[-1].day
        zh = f"{first}至{last_day}间的普通周末{len(plain)}天"
        listed.append(
            zh if language == "zh" else f"{len(plain)} plain weekend days from {first} to {last_day}"
        )
    return ("、" if language == "zh" else ", ").join(listed)


def _span(span: list[SkippedDay], language: Language) -> str:
    first, last = span[0], span[-1]
    dates = f"{first.day:%Y-%m-%d}"
    if last is not first:
        dates += f"至{last.day:%m-%d}" if language == "zh" else f" to {last.day:%m-%d}"
    return f"{dates} {first.label(language)}"


def parts(due: Due, procedure: Procedure, language: Language) -> tuple[tuple[str, str], ...]:
    """Return the statements of an explanation as (label, text), without the date itself."""
    limit = procedure.limit(due.limit)
    return tuple(_parts(due, limit, procedure, language))


def _parts(due: Due, limit: Limit, procedure: Procedure, language: Language) -> Iterator[tuple[str, str]]:
    zh = language == "zh"

    def labelled(name_zh: str, name_en: str, text: str) -> tuple[str, str]:
        return (name_zh if zh else name_en, text)

    start, at = fact_in_words(due.start_fact, procedure, language), _instant(due.started_at, due, language)
    yield labelled("起算", "Starts", f"{at} {start}" if zh else f"{at}, {start}")
    yield labelled("算法", "Rule", _RULES[limit.unit][0 if zh else 1])
    yield labelled("期限", "Limit", amount_in_words(limit.amount, limit.unit, language))
    yield labelled("依据", "Basis", limit.basis(language))
    if due.extended_by:
        more = amount_in_words(due.extended_by, limit.unit, language)
        yield labelled(
            "延长", "Extended", f"{more}，共{due.amount}" if zh else f"by {more}, {due.amount} in all"
        )
    if due.missed_at is not None:
        missed = day_in_words(local_day(due.missed_at, due.zone), language)
        yield labelled(
            "曾经逾期",
            "Missed",
            f"延期之前，原期限（{missed}）已经届满"
            if zh
            else f"The date before the extension ({missed}) had passed when it came",
        )
    if due.skipped:
        yield labelled("不计入", "Not counted", days_in_words(due.skipped, language))
    if due.made_up:
        days = days_in_words(due.made_up, language)
        yield labelled("调休上班，计入", "Make-up working days, counted", days)
    for pause in due.pauses:
        yield labelled("暂停", "Paused", _pause(pause, due, language))
    if due.provisional:
        yield labelled(
            "暂定",
            "Provisional",
            "所经年份的放假安排尚未公布，按周一至周五推算；公布后重新计算"
            if zh
            else "a year it runs through has no published holidays yet; Monday to Friday is "
            "assumed, and the date is computed again when they are",
        )
    yield labelled("状态", "State", state_in_words(due, procedure, language))


def state_in_words(due: Due, procedure: Procedure, language: Language) -> str:
    """Return how an instance stands; of one that has ended, when and by what."""
    state = _STATES[due.state][0 if language == "zh" else 1]
    if due.ended_at is None:
        return state
    at, by = _instant(due.ended_at, due, language), fact_in_words(due.ended_by, procedure, language)
    return f"{state}（{at} {by}）" if language == "zh" else f"{state} ({at}, {by})"


# Statements that go on the line of the one before, and whether their label is said there.
_JOINED = {"算法": False, "依据": True, "Rule": False, "Basis": False}
_UNLABELLED = ("曾经逾期", "Missed")


def _lines(due: Due, limit: Limit, procedure: Procedure, language: Language) -> Iterator[str]:
    zh = language == "zh"
    colon, semicolon = ("：", "；") if zh else (": ", "; ")
    mark = ("（暂定）" if zh else " (provisional)") if due.provisional else ""
    line = f"{limit.name(language)}{colon}{_deadline(due, limit, language)}{mark}"
    for label, text in _parts(due, limit, procedure, language):
        said = text if label in _UNLABELLED else f"{label}{colon}{text}"
        if label in _JOINED:
            line += semicolon + (said if _JOINED[label] else text)
        else:
            yield line
            line = said
    yield line


def _pause(pause: Pause, due: Due, language: Language) -> str:
    start = _instant(pause.at, due, language)
    if language == "zh":
        until = _instant(pause.until, due, language) if pause.until else "尚未恢复，所示为最早可能的日期"
        return f"{start} 至 {until}"
    end = (
        _instant(pause.until, due, language)
        if pause.until
        else "not yet resumed; the earliest possible date is shown"
    )
    return f"from {start} to {end}" if pause.until else f"from {start}, {end}"


_STATES = {
    DueState.RUNNING: ("进行中", "running"),
    DueState.PAUSED: ("暂停中", "paused"),
    DueState.MET: ("按期完成", "met in time"),
    DueState.MET_LATE: ("逾期完成", "met late"),
    DueState.VOID: ("不再适用", "no longer applies"),
    DueState.LAPSED: ("逾期后不再适用", "no longer applies, after it had been missed"),
}
