"""The numbered next steps a letter to staff offers, by the state of the ticket."""

from __future__ import annotations

from mail_desk.config import Language
from mail_desk.desk.case import Case
from mail_desk.outbound.letters import Choice

# verb and argument, label in Chinese and English, whether words must follow. Order = importance.
_STEPS: dict[str, tuple[tuple[str, str, str, bool], ...]] = {
    "received": (
        ("complaint", "是投诉", "It is a complaint", False),
        ("not-complaint enquiry", "是咨询", "It is an enquiry", False),
        ("not-complaint correspondence", "是公务来函", "It is official correspondence", False),
        ("not-complaint advert", "广告或无关来信，结案", "Advert or not ours: close it", False),
    ),
    "examining": (
        ("accept", "材料齐备，予以受理", "Complete: accept it", False),
        ("request", "要求补正（写明缺什么）", "Request materials (say what is missing)", True),
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
}  # fmt: skip


def _choice(case: Case, number: int, step: tuple[str, str, str, bool], language: Language) -> Choice:
    verb, zh, en, needs_words = step
    return Choice(
        number=number,
        label=zh if language == "zh" else en,
        command=f"#{case.row.number} {verb}",
        needs_words=needs_words,
    )


def next_steps(case: Case, language: Language) -> tuple[Choice, ...]:
    """Return what the handler may do next; nothing the procedure would refuse in this state."""
    possible = [
        step for step in _STEPS.get(case.ticket.state, ()) if case.transition(step[0].split()[0]) is not None
    ]
    return tuple(_choice(case, n, step, language) for n, step in enumerate(possible, start=1))


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
