"""Samples of the letters about who wrote a mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Protocol

from mail_desk.outbound import letters as l
from mail_desk.outbound.letters import LetterKind


class _Story(Protocol):
    """What the sample story has to tell."""

    @property
    def customer(self) -> str: ...
    @property
    def handler(self) -> str: ...
    @property
    def supervisor(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def note(self) -> str: ...
    def ticket(self) -> l.TicketView: ...


_Sample = tuple[l.Context, tuple[l.Choice, ...]]
_DAY = date(2026, 11, 23)


def _say(w: _Story, zh: str, en: str) -> str:
    return en if w.subject.isascii() else zh


def _staff_test(w: _Story) -> Iterator[_Sample]:
    yield (
        l.StaffTestContext(w.handler, "wang.fang@office.example"),
        (l.Choice(1, _say(w, "收到，请记下", "Here it is: take note"), "#help"),),
    )


def _was_this_you(w: _Story) -> Iterator[_Sample]:
    choices = (
        l.Choice(1, _say(w, "是我发的，登记这个地址", "It was me; the address is mine"), "#confirm M12"),
        l.Choice(2, _say(w, "不是我发的", "It was not me"), "#deny M12"),
    )
    yield l.WasThisYouContext(w.handler, "wangfang1988@phone.example", _DAY, w.subject, w.note), choices


def _suspicion(w: _Story) -> Iterator[_Sample]:
    yield l.SuspicionContext(w.supervisor, w.handler, 3, "wang.fang@office.example"), ()


def _sender_unknown(_w: _Story) -> Iterator[_Sample]:
    yield l.SenderUnknownContext(), ()


def _sender_question(w: _Story) -> Iterator[_Sample]:
    yield l.SenderQuestionContext(w.ticket(), "lawyer@law.example", _DAY), ()


MAKERS: dict[LetterKind, Callable[[Any], Iterator[_Sample]]] = {
    LetterKind.STAFF_TEST: _staff_test,
    LetterKind.WAS_THIS_YOU: _was_this_you,
    LetterKind.SUSPICION: _suspicion,
    LetterKind.SENDER_UNKNOWN: _sender_unknown,
    LetterKind.SENDER_QUESTION: _sender_question,
}
