"""What a command did, in the words its transcript uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from mail_desk.config import Language, Person, Role
from mail_desk.desk.case import Case
from mail_desk.desk.post import Cause
from mail_desk.outbound.letters import File, ReportTable, TicketView
from mail_desk.outbound.letters_dates import DateView, ExplainedTicket
from mail_desk.store.schema import LetterRow, Message


@dataclass(frozen=True)
class Standing:
    """What the mail behind a command proves of its author (`desk/authority.py` finds it out)."""

    proven: bool = False  # the author is authenticated, as the desk's settings ask of this address
    barred: str = ""  # why nothing of this mail may change anything, in the person's language
    confirmed: frozenset[str] = frozenset()  # the very commands that this mail's digit confirms


@dataclass(frozen=True)
class Actor:
    """Who commands, by which mail, in answer to which letter."""

    person: Person
    language: Language
    acts_for: frozenset[str]
    message: Message
    letter: LetterRow | None  # answered with a valid token; None: no authority to change anything
    standing: Standing = Standing()
    said_in: Message | None = None  # the mail whose commands this one only confirms

    @property
    def brought(self) -> Message:
        """The mail whose files count: where a digit confirms commands, that of the commands."""
        return self.said_in or self.message

    @property
    def superior(self) -> bool:
        return self.person.role in (Role.SUPERVISOR, Role.LEADER)

    @property
    def why(self) -> Cause:
        return Cause(f"message:{self.message.id}", self.message.id, self.superior)

    @property
    def cause(self) -> str:
        return f"message:{self.message.id}"

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en


@dataclass
class Outcome:
    """One line of the transcript."""

    done: bool
    what: str
    before: str = ""
    after: str = ""
    letters: list[LetterRow] = field(default_factory=list)
    offers: list[tuple[str, str, str, bool]] = field(default_factory=list)  # see choices.numbered
    listing: tuple[TicketView, ...] = ()
    shown: tuple[tuple[str, str, str], ...] = ()
    asked: bool = False  # a question was answered, perhaps with nothing: it is for its writer
    table: ReportTable | None = None  # answer to `list` about a figure that counts no tickets
    shown_ticket: TicketView | None = None
    explained: tuple[ExplainedTicket, ...] = ()  # answer to `explain`
    dates: tuple[DateView, ...] = ()  # of the ticket shown
    files: tuple[File, ...] = ()  # they go with the transcript, to its writer
    help_card: bool = False
    awaits_confirmation: bool = False  # its one offer is the command itself, laid ready
    to_check: bool = False  # not refused: laid ready, to be looked at and confirmed by a digit
    by_supervisor: bool = False  # a leader's words: what is left open a supervisor can settle


def state_name(case: Case, language: Language) -> str:
    """Return the ticket's state in words, with its most urgent date."""
    state = next(s for s in case.procedure.states if s.key == case.ticket.state)
    name = state.name_zh if language == "zh" else state.name_en
    if not case.running:
        return name
    view = case.limit_view(case.running[0], language)
    if language == "zh":
        mark = "（暂定）" if view.provisional else ""
        return f"{name}，{view.label}：{in_words(view.due_on, language)}前{mark}"
    mark = " (provisional)" if view.provisional else ""
    return f"{name}; {view.label} by {in_words(view.due_on, language)}{mark}"


def in_words(day: date, language: Language) -> str:
    """Return a day as people write it."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%B %Y}"


def many(count: int, noun: str) -> str:
    """Return `1 ticket` or `2 tickets`, for an English sentence."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def date_words(case: Case, limit: str, language: Language) -> str:
    """Return the date of a running limit in words, "" where it does not run."""
    due = case.due(limit)
    if due is None:
        return ""
    return in_words(due.due_on, language)
