"""How public bodies answered: counted by hand here, by the desk there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from mail_desk.reports.organs import OrganFigures
from mail_desk.store.schema import LetterRow, LetterState
from mail_desk.tickets import events as e

SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
NOW = datetime(2026, 10, 12, 4, tzinfo=UTC)


def at(day: int, month: int = 9, hour: int = 2) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def asked(organ: str, by: str, letter: int = 0) -> e.Asked:
    return e.Asked(organ, 1, by, respondent=False, letter=letter)


def letter(world: Any, number: int, state: str, sent_at: datetime | None, reply: str = "") -> None:
    world.session.add(
        LetterRow(
            id=number, kind="organ-question", pacing="answer", audience="organ", account="desk", recipient="o@x.example",
            language="zh", subject="", message_id=f"{number}@x", tag=f"T{number:09}", raw=b"", text="",
            created_at=at(1), not_before=at(1), state=state, sent_at=sent_at, last_reply=reply or None,
        )
    )  # fmt: skip
    world.session.flush()


def test_each_organ_is_counted_with_what_it_answered_in_time_late_and_not_at_all(world: Any) -> None:
    world.ticket(
        at(1),
        (at(1), asked("tax", "2026-09-15")),
        (at(1), asked("tax", "2026-09-04")),
        (at(1), asked("market", "2026-09-10")),
        (at(3), e.OrganAnswered("2026-0001-1", 1)),
        (at(9), e.OrganAnswered("2026-0001-2", 2)),
    )
    world.ticket(at(7), (at(7), asked("tax", "2026-09-21")), (at(8), e.OrganAnswered("2026-0002-1", 3)))
    found = {f.key: f for f in world.figures(*SEPTEMBER, NOW).organs}
    assert found["tax"] == OrganFigures(
        "tax", asked=3, answered=3, late=1, overdue=0, median=2, ninth_decile=6
    )
    assert found["market"] == OrganFigures("market", 1, 0, 0, overdue=1, median=None, ninth_decile=None)


def test_an_answer_of_the_next_month_is_overdue_at_the_end_of_this_one_and_counted_there(world: Any) -> None:
    world.ticket(
        at(1), (at(1), asked("tax", "2026-09-15")), (at(9, month=10), e.OrganAnswered("2026-0001-1", 1))
    )
    (september,) = world.figures(*SEPTEMBER, NOW).organs
    assert (september.asked, september.answered, september.overdue) == (1, 0, 1)
    (october,) = world.figures(date(2026, 10, 1), date(2026, 10, 11), NOW).organs
    assert (october.asked, october.answered, october.late, october.overdue) == (0, 1, 1, 0)


def test_a_question_counts_from_the_day_its_letter_left(world: Any) -> None:
    letter(world, 5, LetterState.SENT, at(10))
    world.ticket(
        at(1), (at(1), asked("tax", "2026-09-24", letter=5)), (at(11), e.OrganAnswered("2026-0001-1", 1))
    )
    (found,) = world.figures(*SEPTEMBER, NOW).organs
    assert found.median == 1


def test_a_question_taken_back_or_that_never_arrived_was_none(world: Any) -> None:
    letter(world, 5, LetterState.FAILED, None)
    letter(world, 6, LetterState.SENT, at(1), reply="bounced 2026-09-02 08:00Z")
    letter(world, 7, LetterState.REVIEW, None)
    world.ticket(
        at(1),
        (at(1), asked("tax", "2026-09-04", letter=5)),
        (at(1), asked("tax", "2026-09-04", letter=6)),
        (at(1), asked("tax", "2026-09-04", letter=7)),
        (at(1), asked("tax", "2026-09-04")),
        (at(1, hour=3), e.Undone((5,))),
    )
    assert world.figures(*SEPTEMBER, NOW).organs == ()


def test_what_is_hidden_from_the_reader_is_not_counted(world: Any) -> None:
    world.ticket(at(1), (at(1), asked("tax", "2026-09-04")), hidden_from=["zhou"])
    assert world.figures(*SEPTEMBER, NOW, hidden_for="zhou").organs == ()
    assert len(world.figures(*SEPTEMBER, NOW, hidden_for="wang").organs) == 1


def test_an_answer_recorded_on_the_ticket_it_was_merged_into_counts_for_the_question(world: Any) -> None:
    first = world.ticket(at(1), (at(1), asked("tax", "2026-09-15")), (at(2), e.Merged("2026-0002")))
    second = world.ticket(at(1), (at(3), e.OrganAnswered("2026-0001-1", 1)))
    first.merged_into = second.id
    world.session.flush()
    (found,) = world.figures(*SEPTEMBER, NOW).organs
    assert (found.asked, found.answered, found.overdue) == (1, 1, 0)
