"""Sample letters about questions to public bodies: asking, reminding, an answer that has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from mail_desk.outbound.letters import (
    Choice,
    CloudView,
    Context,
    FileView,
    OrganAnswerContext,
    OrganQuestionContext,
    OrganReminderContext,
    TicketView,
)


class World(Protocol):
    """What these letters take from the sample story."""

    @property
    def organ(self) -> str: ...
    @property
    def organ_question(self) -> str: ...
    @property
    def organ_answer(self) -> str: ...
    @property
    def reader(self) -> str: ...
    def ticket(self) -> TicketView: ...
    def files(self) -> tuple[FileView, ...]: ...
    def cloud(self) -> tuple[CloudView, ...]: ...


def _chinese(w: World) -> bool:
    return not w.organ.isascii()


def reference(w: World, nth: int = 1, *, respondent: bool = False) -> str:
    """Return a reference as letters print it."""
    letter = "陈征"[not respondent] if _chinese(w) else "SQ"[not respondent]
    return f"{letter}2026-0123-{nth}"


def question(w: World, *, respondent: bool = False) -> OrganQuestionContext:
    """Return a question, or the request for a statement."""
    return OrganQuestionContext(
        reference(w, respondent=respondent), w.organ, w.organ_question, date(2026, 12, 4)
    )


def late(w: World) -> str:
    """Return how a worklist says that an answer is late."""
    return "逾期1个工作日" if _chinese(w) else "1 working day late"


def reminders(w: World) -> Iterator[tuple[Context, tuple[Choice, ...]]]:
    """Yield the reminders of both."""
    for respondent in (False, True):
        said = reference(w, respondent=respondent)
        days = date(2026, 11, 9), date(2026, 11, 20)
        yield OrganReminderContext(said, w.organ, w.organ_question, *days, respondent), ()


def answers(w: World) -> Iterator[tuple[Context, tuple[Choice, ...]]]:
    """Yield a reply of the body asked, and a mail from elsewhere that may answer two questions."""
    zh, first, second = _chinese(w), reference(w), reference(w, 2)
    asked = ((first, w.organ_question), (second, w.organ_question))
    certain = "它直接回复了我们的函。" if zh else "It replies to our letter."
    doubtful = (
        (
            f"来信或者附件名写有函号{first}。",
            f"但发件地址 office@free.example 不是{w.organ}的地址，请先核实。",
        )
        if zh
        else (
            f"It names {first}, in its text or in the name of a file.",
            f"But office@free.example is no address of the {w.organ}: please make sure who wrote it.",
        )
    )
    yes = [
        (f"是{w.organ}对{r}的回函" if zh else f"It is the answer of the {w.organ} to {r}")
        for r in (first, second)
    ]
    no = "不是回函" if zh else "It answers no question"
    for shown, verified, sender, why in (
        (asked[:1], True, "office@organ.example.org", (certain,)),
        (asked, False, "office@free.example", doubtful),
    ):
        labels = (*yes[: len(shown)], no)
        steps = tuple(
            Choice(n, label, f"#2026-0123 answer M12 {first}") for n, label in enumerate(labels, start=1)
        )
        yield (
            OrganAnswerContext(
                w.ticket(),
                w.reader,
                sender,
                w.organ,
                shown,
                why,
                verified,
                w.organ_answer,
                w.files()[:1],
                w.cloud(),
                "M12",
            ),
            steps,
        )
