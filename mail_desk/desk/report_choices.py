"""What can be replied about a ticket that a report names: a leader instructs, supervises or asks with one digit.

A supervisor is offered to urge. Whoever only reads is offered nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from mail_desk.config import Language, Person, Role
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import Choice

FULL = 5  # tickets with all three steps; further ones can be instructed on, so that digits stay few
REPORT_IN = 5  # working days a supervision by one digit gives


def about(
    work: Work, person: Person, numbers: Sequence[str], language: Language, *, first: int
) -> dict[str, tuple[Choice, ...]]:
    """Return the steps by ticket number, numbered on from `first`."""
    found: dict[str, tuple[Choice, ...]] = {}
    digit = first
    for place, number in enumerate(numbers):
        steps = _steps(work, person, number, zh=language == "zh")
        kept = steps if place < FULL else steps[:1]
        found[number] = tuple(
            Choice(n, label, command, needs_words=words)
            for n, (label, command, words) in enumerate(kept, start=digit)
        )
        digit += len(kept)
    return found


def _steps(work: Work, person: Person, number: str, *, zh: bool) -> list[tuple[str, str, bool]]:
    if person.role is Role.SUPERVISOR:
        return [(f"催办 {number}" if zh else f"Urge {number}", f"#{number} urge", False)]
    if person.role is not Role.LEADER:
        return []
    by = work.rules.calendar.add(work.today, REPORT_IN).date
    due = f"{by.month}月{by.day}日" if zh else f"{by.day} {by:%B}"
    wanted = "请抓紧办结并报告" if zh else "Please finish this and report back"
    asked = "请说明逾期原因和预计办结日期" if zh else "Why is this late, and when will it be done?"
    return [
        (f"批示 {number}" if zh else f"Instruct on {number}", f"#{number} instruct", True),
        (
            f"督办：{due}前办结并报告" if zh else f"Supervise: done and reported by {due}",
            f"#{number} supervise {by.isoformat()} {wanted}",
            False,
        ),
        ("请说明逾期原因" if zh else "Ask why it is late", f"#{number} instruct {asked}", False),
    ]
