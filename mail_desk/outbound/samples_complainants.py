"""Samples of what the desk and a complainant write each other between the notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Protocol

from mail_desk.outbound import letters as l
from mail_desk.outbound.letters import LetterKind


class _Story(Protocol):
    """What the sample story has to tell."""

    @property
    def reader(self) -> str: ...
    @property
    def answer(self) -> str: ...
    @property
    def limit_conclude(self) -> str: ...
    @property
    def ground_silent(self) -> str: ...
    @property
    def basis_conclude(self) -> str: ...
    @property
    def other_subjects(self) -> tuple[str, str, str]: ...
    def ticket(self) -> l.TicketView: ...
    def first_steps(self) -> tuple[l.Choice, ...]: ...


_Sample = tuple[l.Context, tuple[l.Choice, ...]]
CONTACT = l.ContactView("0379-5550 0100")


def _steps(w: _Story) -> tuple[l.StepDate, ...]:
    return (l.StepDate(w.limit_conclude, date(2027, 2, 24), True),)


def _stages(w: _Story) -> Iterator[_Sample]:
    yield l.StageContext(w.ticket(), "accepted", _steps(w), CONTACT), ()
    yield l.StageContext(w.ticket(), "examining", (), l.ContactView("0379-5550 0100")), ()


def _statuses(w: _Story) -> Iterator[_Sample]:
    yield l.StatusContext(w.ticket(), "accepted", _steps(w), CONTACT), ()
    yield l.StatusContext(w.ticket(), "closed", (), l.ContactView("0379-5550 0100")), ()


def _short_answers(w: _Story) -> Iterator[_Sample]:
    yield l.ShortAnswerContext(w.ticket(), "language", CONTACT), ()
    yield l.ShortAnswerContext(w.ticket(), "rated", CONTACT), ()
    yield l.ShortAnswerContext(w.ticket(), "revoked", CONTACT), ()


def _withdrawal_checks(w: _Story) -> Iterator[_Sample]:
    asked = date(2026, 11, 23)
    yield l.WithdrawalCheckContext(w.ticket(), asked, False, None, False, CONTACT), ()
    yield l.WithdrawalCheckContext(w.ticket(), asked, True, date(2027, 1, 4), True, CONTACT), ()


def _no_participation(w: _Story) -> Iterator[_Sample]:
    sent = (
        ("2026-10-23", w.other_subjects[0], "anna.keller@example.com"),
        ("2026-11-12", w.other_subjects[0], "anna.keller@example.com"),
    )
    yield l.NoParticipationContext(w.ticket(), w.reader, date(2026, 11, 22), sent), w.first_steps()


def _one(context: l.Context) -> Iterator[_Sample]:
    yield context, ()


MAKERS: dict[LetterKind, Callable[[Any], Iterator[_Sample]]] = {
    LetterKind.PROGRESS: lambda w: _one(l.ProgressContext(w.ticket(), w.answer, _steps(w))),
    LetterKind.STAGE: _stages,
    LetterKind.NEW_CONTACT: lambda w: _one(l.NewContactContext(w.ticket(), CONTACT)),
    LetterKind.INACTIVITY: lambda w: _one(
        l.InactivityContext(
            w.ticket(),
            date(2026, 11, 12),
            30,
            date(2026, 12, 14),
            False,
            w.ground_silent,
            w.basis_conclude,
            CONTACT,
        )
    ),
    LetterKind.STATUS: _statuses,
    LetterKind.SHORT_ANSWER: _short_answers,
    LetterKind.WITHDRAWAL_CHECK: _withdrawal_checks,
    LetterKind.NO_PARTICIPATION: _no_participation,
}
