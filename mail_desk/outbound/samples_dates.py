"""Sample letters that explain dates and show what is put off: as the desk would write them, both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from mail_desk.config import Language
from mail_desk.outbound.letters import (
    AcceptanceContext,
    Choice,
    Context,
    DigestContext,
    ExtensionContext,
    MaterialsRequestContext,
    ReceiptContext,
    ResumptionContext,
    TranscriptContext,
    WorklistContext,
)
from mail_desk.outbound.letters_dates import Calendars, DateView, ExplainedTicket
from mail_desk.outbound.letters_views import LimitView

SNOOZED = {
    "zh": "暂缓至2026年12月4日（周五）：等待供电部门的书面答复",
    "en": "Put off until Fri 4 December 2026: waiting for the power company's written answer",
}
SUGGESTION = {
    "zh": "建议供电、供水部门计划检修前五日书面告知园区企业，并抄送投诉受理机构。",
    "en": "Utilities should tell enterprises of planned outages in writing five days ahead, with a copy to this office.",
}
CALENDARS = Calendars((2026,), (2027,))

_CONCLUDE = {
    "zh": (
        "办结投诉",
        "2027年2月15日（周一）",
        "进行中",
        (
            ("起算", "2026年11月20日（周五） 15:07 《受理通知书》送达"),
            ("算法", "起算当日不计入（《民法典》第二百零一条），只计工作日"),
            ("期限", "60个工作日"),
            ("依据", "《外商投资企业投诉工作办法》第十九条"),
            ("延长", "2个工作日，共62"),
            ("不计入", "2027-01-01 元旦、2026-11-21至2027-02-14间的普通周末26天"),
            ("暂定", "所经年份的放假安排尚未公布，按周一至周五推算；公布后重新计算"),
            ("状态", "进行中"),
        ),
    ),
    "en": (
        "conclude the complaint",
        "Mon 15 February 2027",
        "running",
        (
            ("Starts", "Fri 20 November 2026 15:07, service of: Notice of acceptance"),
            ("Rule", "the start day is not counted (Civil Code Art. 201); working days only"),
            ("Limit", "60 working days"),
            ("Basis", "Measures on complaints of foreign-invested enterprises (MOFCOM Order 3 of 2020), Art. 19"),
            ("Extended", "by 2 working days, 62 in all"),
            ("Not counted", "2027-01-01 New Year, 26 plain weekend days from 2026-11-21 to 2027-02-14"),
            (
                "Provisional",
                ("a year it runs through has no published holidays yet; Monday to Friday is assumed, and the "
                "date is computed again when they are"),
            ),
            ("State", "running"),
        ),
    ),
}  # fmt: skip
_DECIDE = {
    "zh": (
        "受理审查",
        "2026年11月24日（周二）",
        "按期完成（2026年11月20日（周五） 15:07 《受理通知书》送达）",
        (
            ("起算", "2026年11月13日（周五） 09:12 收到来件"),
            ("算法", "起算当日不计入（《民法典》第二百零一条），只计工作日"),
            ("期限", "7个工作日"),
            ("依据", "《外商投资企业投诉工作办法》第十三条、第十五条"),
            ("不计入", "2026-11-14 星期六、2026-11-15 星期日、2026-11-21 星期六、2026-11-22 星期日"),
            ("状态", "按期完成（2026年11月20日（周五） 15:07 《受理通知书》送达）"),
        ),
    ),
    "en": (
        "decide on acceptance",
        "Tue 24 November 2026",
        "met in time (Fri 20 November 2026 15:07, service of: Notice of acceptance)",
        (
            ("Starts", "Fri 13 November 2026 09:12, arrival of the mail"),
            ("Rule", "the start day is not counted (Civil Code Art. 201); working days only"),
            ("Limit", "7 working days"),
            ("Basis", "Measures on complaints of foreign-invested enterprises (MOFCOM Order 3 of 2020), Art. 13 and 15"),
            ("Not counted", "2026-11-14 Saturday, 2026-11-15 Sunday, 2026-11-21 Saturday, 2026-11-22 Sunday"),
            ("State", "met in time (Fri 20 November 2026 15:07, service of: Notice of acceptance)"),
        ),
    ),
}  # fmt: skip


def dates(language: Language) -> tuple[DateView, ...]:
    """Return a date that runs and one that was met."""
    return (
        _date("conclude", date(2027, 2, 15), 58, "running", *_CONCLUDE[language]),
        _date("decide", date(2026, 11, 24), 1, "met", *_DECIDE[language]),
    )


def _date(
    key: str,
    due: date,
    left: int,
    state: str,
    label: str,
    day: str,
    stands: str,
    parts: tuple[tuple[str, str], ...],
) -> DateView:
    said = dict(parts)
    basis = said.get("依据") or said["Basis"]
    view = LimitView(key, label, due, left, state == "running", basis)
    return DateView(view, day, int(state == "met"), state, False, stands, parts)


def explained(number: str, subject: str, language: Language) -> ExplainedTicket:
    """Return a ticket with its dates explained."""
    return ExplainedTicket(number, subject, dates(language))


_COUNTED = {
    "zh": "自{since}的次日起计算{amount}；周末和法定节假日不计，调休上班日计入{more}。",
    "en": "Counted from the day after {since}: {amount}; weekends and public holidays are not counted, "
    "make-up working days are{more}.",
}
_SINCE: dict[type[Context], dict[Language, tuple[str, str, str]]] = {
    ReceiptContext: {
        "zh": ("2026年11月20日收到来件", "7个工作日", ""),
        "en": ("20 November 2026 (arrival of the mail)", "7 working days", ""),
    },
    MaterialsRequestContext: {
        "zh": ("本通知送达", "15个工作日", ""),
        "en": ("the service of this notice", "15 working days", ""),
    },
    AcceptanceContext: {
        "zh": ("本通知送达", "60个工作日", ""),
        "en": ("the service of this notice", "60 working days", ""),
    },
    ExtensionContext: {
        "zh": ("2026年11月23日《受理通知书》送达", "90个工作日（含延长的30个工作日）", ""),
        "en": (
            "23 November 2026 (service of the notice of acceptance)", "90 working days (30 of them by extension)", "",
        ),
    },
    ResumptionContext: {
        "zh": ("2026年11月23日《受理通知书》送达", "60个工作日", "，中止期间不计"),
        "en": (
            "23 November 2026 (service of the notice of acceptance)", "60 working days",
            ", and the time of the suspension is not counted",
        ),
    },
}  # fmt: skip


def counting(language: Language, kind: type[Context]) -> str:
    """Return the sentence of an outward letter on how its date is counted."""
    since, amount, more = _SINCE[kind][language]
    return _COUNTED[language].format(since=since, amount=amount, more=more)


def completed(context: Context, language: Language) -> Iterator[Context]:
    """Return a sample with its dates explained; a second transcript answers `explain`."""
    match context:
        case (
            ReceiptContext() | MaterialsRequestContext() | AcceptanceContext()
            | ExtensionContext() | ResumptionContext()
        ):  # fmt: skip
            yield replace(context, counting=counting(language, type(context)))
        case WorklistContext(other=others) if others:
            put_off = replace(others[-1], snoozed=SNOOZED[language])
            yield replace(context, other=others[:-1], snoozed=(put_off,), counted=CALENDARS)
        case DigestContext():
            yield replace(context, suggestions=(("2026-0123", SUGGESTION[language]),))
        case TranscriptContext(shown_ticket=ticket) if ticket is not None:
            yield replace(context, dates=dates(language))
            yield replace(
                context, listing=(), shown=(), shown_ticket=None, help_card=False,
                explained=(explained(ticket.number, ticket.subject, language),),
            )  # fmt: skip
        case _:
            yield context


def all_completed(
    samples: Iterable[tuple[Context, tuple[Choice, ...]]], language: Language
) -> Iterator[tuple[Context, tuple[Choice, ...]]]:
    """Return samples with their dates explained."""
    for context, choices in samples:
        for whole in completed(context, language):
            yield whole, choices
