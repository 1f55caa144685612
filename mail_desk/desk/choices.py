"""The numbered next steps a letter to staff offers, by the state of the ticket."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from mail_desk.config import Language, Person, Role
from mail_desk.desk import releasing
from mail_desk.desk.case import Case
from mail_desk.outbound.letters import Choice
from mail_desk.tickets import supervisions
from mail_desk.tickets import ticket as tickets
from mail_desk.tickets.obligations import owed
from mail_desk.tickets.waits import asks_now

MOST_DIGITS = 9  # of a letter about several tickets: what one key of a phone says
_Step = tuple[str, str, str, bool]

# verb and argument, label in Chinese and English, whether words must follow. Order = importance.
_STEPS: dict[str, tuple[_Step, ...]] = {
    "received": (
        ("complaint", "是投诉", "It is a complaint", False),
        ("not-complaint enquiry", "是咨询", "It is an enquiry", False),
        ("not-complaint correspondence", "是公务来函", "It is official correspondence", False),
        ("not-complaint advert", "广告或无关来信，结案", "Advert or not ours: close it", False),
    ),
    "examining": (
        ("accept", "材料齐备，予以受理", "Complete: accept it", False),
        (
            "request",
            "要求补正（依法只能一次，写明全部所缺材料）",
            "Request materials (only once by law: list all that is missing)",
            True,
        ),
        ("decline", "不予受理（写明第几项理由和说明）", "Decline (number of the ground, then why)", True),
        ("reply", "答复来信人（写下答复）", "Answer the sender (write the answer)", True),
    ),
    "awaiting-materials": (
        ("complete", "补正材料已齐备", "The materials are complete now", False),
        ("accept", "材料齐备，予以受理", "Complete: accept it", False),
        ("decline", "不予受理（写明第几项理由和说明）", "Decline (number of the ground, then why)", True),
        ("reply", "答复来信人（写下答复）", "Answer the sender (write the answer)", True),
    ),
    "accepted": (
        ("reply", "答复来信人（写下答复）", "Answer the sender (write the answer)", True),
        ("conclude", "办结（写明第几项理由和处理结果）", "Conclude (number of the ground, then the result)", True),
        ("extend", "申请延期（写明几个工作日和理由）", "Extend (working days, then why)", True),
        ("note", "内部备注", "Internal note", True),
    ),
    "suspended": (
        ("resume", "恢复办理（写明原因）", "Resume it (say why)", True),
        ("reply", "答复来信人（写下答复）", "Answer the sender (write the answer)", True),
        ("note", "内部备注", "Internal note", True),
    ),
    "concluded": (
        ("close", "结案归档", "Close it", False),
        ("reply", "答复来信人（写下答复）", "Answer the sender (write the answer)", True),
    ),
    "open": (
        ("reply", "答复来信人（写下答复）", "Answer the sender (write the answer)", True),
        ("close", "结案归档", "Close it", False),
        ("complaint", "其实是投诉", "It is a complaint after all", False),
    ),
    "closed": (("reopen", "重新办理", "Reopen it", False),),
    "declined": (("reopen", "重新办理", "Reopen it", False),),
    "transferred": (("reopen", "重新办理", "Reopen it", False),),
    "withdrawn": (("reopen", "重新办理", "Reopen it", False),),
}  # fmt: skip


# The complainant's time to supplement is over (Art. 13): refuse for that reason (Art. 14 (4)), or go on.
_LAPSED: tuple[_Step, ...] = (
    (
        "decline still-incomplete",
        "逾期未补正，不予受理（写明说明）",
        "Decline: still incomplete (say why)",
        True,
    ),
    ("complete", "现有材料已够，继续审查", "What there is will do: go on examining", False),
    ("accept", "现有材料已够，予以受理", "What there is will do: accept it", False),
    ("reply", "再联系来信人（写下内容；期限不变）", "Write to the sender once more (no date moves)", True),
)


_DISPATCH: _Step = (
    "dispatch",
    "发文（把签字盖章的扫描件作为附件）",
    "Dispatch the notice (attach the signed and sealed scan)",
    False,
)


# Right after an answer that may ask the complainant to take part (Art. 20 (6)).
_WAIT: _Step = (
    "await",
    "上一封答复请对方回音：开始计算三十日",
    "The last answer asks for a reply: count the 30 days",
    False,
)


def _supplement_lapsed(case: Case) -> bool:
    if case.ticket.state != "awaiting-materials":
        return False
    owners = {limit.key for limit in case.procedure.limits if limit.owner == "complainant"}
    return any(d.limit in owners and d.late(case.work.now) for d in case.running)


def delivery(case: Case, notice: str) -> list[_Step]:
    """Return what can be answered to a notice that did not arrive: it was served otherwise, today."""
    found = next((n for n in case.procedure.notices if n.key == notice), None)
    if found is None:
        return []
    number, zh, en = case.row.number, found.name_zh, found.name_en
    return [
        (
            f"#{number} served {notice} phone",
            f"{zh}：今天已电话送达",
            f"{en}: served by telephone today",
            False,
        ),
        (f"#{number} served {notice} post", f"{zh}：今天已邮寄", f"{en}: posted today", False),
        (f"#{number} served {notice} hand", f"{zh}：今天已当面送达", f"{en}: handed over today", False),
    ]


def _choice(case: Case, number: int, step: _Step, language: Language) -> Choice:
    verb, zh, en, needs_words = step
    return Choice(
        number=number,
        label=zh if language == "zh" else en,
        command=f"#{case.row.number} {verb}",
        needs_words=needs_words,
    )


def next_steps(case: Case, person: Person, language: Language) -> tuple[Choice, ...]:
    """Return what this reader may do next; nothing the procedure would refuse in this state.

    A leader who does not handle the ticket reads or instructs, whatever the state.
    """
    acts_for = case.acts_for(person)
    if person.role is Role.LEADER and case.ticket.handler not in acts_for:
        return reading(case, language)
    possible = [
        *releasing.steps(case, person),
        *_urging(case, person, acts_for),
        *_reports_owed(case, acts_for),
    ]
    if case.ticket.waiting and case.transition("dispatch") is not None:
        possible.append(_DISPATCH)
    for step in _LAPSED if _supplement_lapsed(case) else _STEPS.get(case.ticket.state, ()):
        transition = case.transition(step[0].split()[0])
        if transition is not None and tickets.may(case.ticket, person, transition, acts_for=acts_for):
            possible.append(_later(case, step))
    waits = case.transition("await")
    if (
        waits is not None
        and asks_now(case.recorded)
        and case.procedure.inactivity is not None
        and tickets.may(case.ticket, person, waits, acts_for=acts_for)
    ):
        possible.append(_WAIT)
    return tuple(_choice(case, n, step, language) for n, step in enumerate(possible, start=1))


def _urging(case: Case, person: Person, acts_for: Collection[str]) -> list[_Step]:
    """Return what a superior does first about a ticket that its handler, and nobody else, is late with."""
    urge, reader = case.transition("urge"), case.reader()
    owners = {case.procedure.limit(d.limit).owner for d in case.running if d.late(case.work.now)}
    waits = case.ticket.proposal is not None or bool(releasing.waiting(case))  # for a superior's word
    if person.role is not Role.SUPERVISOR or "handler" not in owners or waits:
        return []
    if reader is None or reader.key == person.key or case.ticket.handler in acts_for:
        return []
    if urge is None or not tickets.may(case.ticket, person, urge, acts_for=acts_for):
        return []
    return [("urge", f"催办：{reader.name}", f"Urge {reader.name_en or reader.name}", False)]


def _reports_owed(case: Case, acts_for: Collection[str]) -> list[_Step]:
    """Return a step for each supervision that these persons have to report back on."""
    owed = [s for s in supervisions.supervisions(case.recorded) if s.open]
    mine = [s for s in owed if (s.owes or case.ticket.handler) in acts_for]
    return [
        (
            f"report-back {s.name}",
            f"回报督办{f' {s.name}' if len(owed) > 1 else ''}（写下办理情况）",
            f"Report back{f' on {s.name}' if len(owed) > 1 else ''} (write what was done)",
            True,
        )
        for s in mine
    ]


def with_first(case: Case, person: Person, language: Language, first: Sequence[_Step]) -> tuple[Choice, ...]:
    """Return some steps of the moment (see `numbered`) before the usual ones, as many as there are digits."""
    said = {command for command, *_ in first}
    usual = [step for step in next_steps(case, person, language) if step.command not in said]
    steps = (*numbered(list(first), language), *usual)
    return tuple(replace(step, number=n) for n, step in enumerate(steps[:MOST_DIGITS], start=1))


def _later(case: Case, step: _Step) -> _Step:
    """Say of closing that it has to wait, as long as the notice of the result has not left."""
    if step[0] == "close" and any(o.notice == "result" for o in owed(case.recorded)):
        return (
            "close",
            "结案归档（须等处理结果通知书发出）",
            "Close it (once the notice of the result has left)",
            False,
        )
    return step


def reading(case: Case, language: Language) -> tuple[Choice, ...]:
    """Return what a leader may answer to anything."""
    number = case.row.number
    return numbered(
        [
            (f"#{number} read", "阅", "Read", False),
            (f"#{number} instruct", "批示（写下意见）", "Instruct (write it)", True),
        ],
        language,
    )


def together(
    wanted: Sequence[tuple[Case, tuple[Choice, ...]]], *, most: int = MOST_DIGITS
) -> tuple[dict[int, tuple[Choice, ...]], tuple[Choice, ...]]:
    """Return the steps of several tickets numbered through, for one letter about all of them.

    They come by ticket id and as one list. Every ticket in turn gets its first step before any gets
    a second one, as long as there are digits.
    """
    taken: dict[int, list[Choice]] = {}
    rounds = max((len(steps) for _, steps in wanted), default=0)
    left = most
    for nth in range(rounds):
        for case, steps in wanted:
            if left and nth < len(steps) and len(taken.setdefault(case.row.id, [])) == nth:
                taken[case.row.id].append(steps[nth])
                left -= 1
    offered: list[Choice] = []
    by_ticket: dict[int, tuple[Choice, ...]] = {}
    for case, _ in wanted:
        if case.row.id not in by_ticket:
            mine = tuple(
                replace(step, number=n) for n, step in enumerate(taken.get(case.row.id, ()), len(offered) + 1)
            )
            by_ticket[case.row.id] = mine
            offered.extend(mine)
    return by_ticket, tuple(offered)


def numbered(pairs: list[tuple[str, str, str, bool]], language: Language) -> tuple[Choice, ...]:
    """Return choices numbered from 1, of (command, Chinese label, English label, needs words)."""
    return tuple(
        Choice(n, zh if language == "zh" else en, command, needs)
        for n, (command, zh, en, needs) in enumerate(pairs, start=1)
    )


def decision(case: Case, language: Language) -> tuple[Choice, ...]:
    """Return the choices of whoever approves a proposal."""
    number = case.row.number
    return numbered(
        [
            (f"#{number} approve", "同意", "Approve", False),
            (f"#{number} refuse", "不同意（可写理由）", "Refuse (a reason may follow)", False),
        ],
        language,
    )
