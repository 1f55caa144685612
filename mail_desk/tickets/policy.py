"""The procedure as data: states, who may do what, who approves it, time limits and their law.

A procedure is a file of `config/procedures/`; what each key means is in docs/time.md. This module
says what a valid procedure *is* and answers questions about it. Whether a valid one also makes sense
is for `soundness` to say, and `schedule.deadlines` computes the dates. It reads no file and knows no
ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BeforeValidator, Field, field_validator, model_validator

from mail_desk.config import Key, Language
from mail_desk.config_kinds import Model

Unit = Literal["working-days", "calendar-days", "calendar-months", "working-hours"]
Owner = Literal["handler", "supervisor", "complainant"]
# team: who helps the handler; former: who handled it before.
StaffRole = Literal["handler", "supervisor", "leader", "team", "former"]
ANY_STATE = "*"


def _fact(value: object) -> object:
    if not isinstance(value, str) or not value or value != value.strip() or value.startswith(("*", ":")):
        msg = "expected the name of a fact such as received, served:acceptance or marked:*"
        raise ValueError(msg)
    return value


FactName = Annotated[str, BeforeValidator(_fact)]
Facts = tuple[FactName, ...]


class Named(Model):
    """Something with a key and a name in both languages."""

    key: Key
    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)

    def name(self, language: Language) -> str:
        return self.name_en if language == "en" else self.name_zh


class State(Named):
    open: bool = True  # somebody still owes work
    final: bool = False  # the end of the road, but for reopening


class Notice(Named):
    """A written notice the procedure may owe to the complainant. Its key is its letter kind."""

    confirm: int = Field(default=0, ge=0, le=60)  # working days for a one-word confirmation; 0: none is asked


class Transition(Model):
    """One verb in some states: where it leads, who may use it, who must approve, what it owes."""

    verb: Key
    from_states: tuple[str, ...] = Field(alias="from", min_length=1)  # "*": every state
    to: Key | None = None  # None: the state stays
    kinds: tuple[str, ...] = ()  # only tickets marked so; empty: any
    by: tuple[StaffRole, ...] = Field(min_length=1)
    approval: Literal["", "supervisor", "leader"] = ""
    notice: str = ""  # key of the notice it owes, "" for none
    needs_words: bool = False
    needs_ground: bool = False

    def admits(self, state: str, kind: str | None) -> bool:
        """Tell whether it applies; an unknown kind (None) is not held against it."""
        return state in self.from_states and (kind is None or not self.kinds or kind in self.kinds)


class Escalation(Model):
    """Who is told once `after` whole working days have passed since the limit was missed."""

    after: int = Field(default=0, ge=0, le=250)
    to: Literal["supervisor", "leader"]


class Hours(Model):
    """One stretch of a working day, for limits in working hours; `closes` is not included."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.closes <= self.opens:
            msg = "expected closes after opens, on the same day"
            raise ValueError(msg)
        return self


class Limit(Named):
    """A time limit. The exact meaning of each list of facts is in docs/time.md."""

    amount: int = Field(ge=1, le=3660)
    unit: Unit = "working-days"
    start: Facts = Field(min_length=1)  # begins an instance where none runs
    restart: Facts = ()  # begins anew even where one runs
    stop: Facts = ()  # fulfils it
    void: Facts = ()  # makes it moot: neither met nor missed
    final: Facts = ()  # of stop and void: afterwards only a fact reopened:… begins it again
    pause: Facts = ()
    resume: Facts = ()
    extended_by: str = ""
    extension_cap: int = Field(default=0, ge=0, le=3660)  # in the limit's unit, all together; 0: none
    extension_asked: int = Field(default=0, ge=0, le=250)  # working days before the end, by the handler
    prepare: int = Field(default=0, ge=0, le=250)  # working days before the end: decisions are put forward
    shown: int = Field(default=0, ge=0, le=250)  # working days before the end; 0: from its start
    owner: Owner = "handler"  # whose step it is
    remind: tuple[Annotated[int, Field(ge=0, le=250)], ...] = ()  # working days (hours) before
    remind_after_daily: bool = False
    escalate: tuple[Escalation, ...] = ()
    basis_zh: str = Field(min_length=1)  # the article
    basis_en: str = Field(min_length=1)
    house: bool = False  # the department's own rule, not the law's

    @property
    def reminded(self) -> Literal["handler", "supervisor"]:
        """Who in the department hears of it: the handler where the complainant's time runs."""
        return "handler" if self.owner == "complainant" else self.owner

    def basis(self, language: Language) -> str:
        return self.basis_en if language == "en" else self.basis_zh


class Ground(Model):
    """A reason the procedure admits for a decision."""

    key: Key
    verb: Key
    number: int = Field(ge=1, le=99)  # what people type
    text_zh: str = Field(min_length=1)
    text_en: str = Field(min_length=1)
    basis_zh: str = ""  # the article the notice names; "": none
    basis_en: str = ""
    cites: bool = False  # rests on a mail of the complainant, which has to be named

    def text(self, language: Language) -> str:
        return self.text_en if language == "en" else self.text_zh

    def basis(self, language: Language) -> str:
        return self.basis_en if language == "en" else self.basis_zh


class Material(Model):
    """Something a complaint must hold (Order 3 of 2020, Art. 10 to 12); asked for by its number."""

    number: int = Field(ge=1, le=99)  # what people type
    text_zh: str = Field(min_length=1)
    text_en: str = Field(min_length=1)
    basis_zh: str = ""
    basis_en: str = ""

    def text(self, language: Language) -> str:
        return self.text_en if language == "en" else self.text_zh

    def basis(self, language: Language) -> str:
        return self.basis_en if language == "en" else self.basis_zh


class Inactivity(Model):
    """When a case may end because the complainant, though contacted, takes no part (Order 3, Art. 20 (6))."""

    ground: Key  # of `conclude`
    days: int = Field(default=30, ge=1, le=3660)  # calendar days from the letter that asks for an answer
    announce: int = Field(default=10, ge=1, le=250)  # calendar days before the end: the letter that says so


class Form(Named):
    """A formal notice as a Word document: `templates/notices/<key>.docx`, under a number of its own series."""

    notice: Key  # of which notice
    grounds: tuple[Key, ...] = ()  # only of decisions on these grounds; empty: any
    series: str = ""  # forms of one series are counted together; "": the key
    prefix: str = Field(min_length=1)  # 洛高外诉受
    number: str = "{prefix}〔{year}〕{n}号"
    scan: Literal["required", "optional", "none"] = "none"  # does it wait for the signed and sealed scan?

    @field_validator("number")
    @classmethod
    def _countable(cls, value: str) -> str:
        try:
            one, two = (value.format(prefix="", year=2026, n=n) for n in (1, 2))
        except (KeyError, IndexError, ValueError) as error:
            msg = "expected only {prefix}, {year} and {n} in braces, such as {prefix}〔{year}〕{n}号"
            raise ValueError(msg) from error
        if one == two or "{year" not in value:
            msg = "expected {year} and {n}, or two notices would have the same number"
            raise ValueError(msg)
        return value

    @property
    def counted_as(self) -> str:
        return self.series or self.key

    def numbered(self, year: int, n: int) -> str:
        """Return the number of a document as it is printed."""
        return self.number.format(prefix=self.prefix, year=year, n=n)


class Procedure(Named):
    """A whole procedure. A ticket keeps the (key, version) it was received under."""

    version: str = Field(min_length=1)
    effective: date
    hours: tuple[Hours, ...] = ()  # needed by limits in working hours only
    snooze: int = Field(
        default=10, ge=0, le=250
    )  # working days a ticket may be put off at most; 0: not at all
    states: tuple[State, ...] = Field(min_length=1)
    transitions: tuple[Transition, ...] = Field(min_length=1)
    limits: tuple[Limit, ...] = ()
    grounds: tuple[Ground, ...] = ()
    materials: tuple[Material, ...] = ()
    notices: tuple[Notice, ...] = ()
    forms: tuple[Form, ...] = ()
    progress_every: int = Field(default=15, ge=0, le=250)  # working days without a letter; 0: never
    inactivity: Inactivity | None = None

    @model_validator(mode="before")
    @classmethod
    def _spell_out_any_state(cls, data: object) -> object:
        """Write every state where a transition says "*", so that readers see plain keys."""
        if not isinstance(data, Mapping):
            return data
        states, transitions = data.get("states"), data.get("transitions")
        if not isinstance(states, (list, tuple)) or not isinstance(transitions, (list, tuple)):
            return data
        keys = [s["key"] for s in states if isinstance(s, Mapping) and "key" in s]
        spelled = [
            {**t, "from": keys} if isinstance(t, Mapping) and t.get("from") == [ANY_STATE] else t
            for t in transitions
        ]
        return {**data, "transitions": spelled}

    @property
    def verbs(self) -> frozenset[str]:
        return frozenset(t.verb for t in self.transitions)

    def state(self, key: str) -> State:
        """Return a state; KeyError for one the procedure does not have."""
        return _by_key(self.states, key)

    def limit(self, key: str) -> Limit:
        """Return a limit; KeyError for one the procedure does not have."""
        return _by_key(self.limits, key)

    def notice(self, key: str) -> Notice:
        """Return a notice; KeyError for one the procedure does not have."""
        return _by_key(self.notices, key)

    def form_of(self, notice: str, ground: str) -> Form | None:
        """Return the first form for a notice decided on a ground ("" for none), None where there is none."""
        fitting = (f for f in self.forms if f.notice == notice and (not f.grounds or ground in f.grounds))
        return next(fitting, None)

    def transition(self, verb: str, state: str, kind: str | None = None) -> Transition | None:
        """Return what `verb` means in `state`, or None where it is not possible there.

        Where a row holds for some kinds of ticket only, the first row that admits `kind` decides;
        without a kind, the first row of the state.
        """
        for row in self.transitions:
            if row.verb == verb and row.admits(state, kind):
                return row
        return None

    def ground(self, key_or_number: str | int, verb: str) -> Ground | None:
        """Return the ground people mean by its key or its number, or None."""
        wanted = str(key_or_number).strip().lower()
        for ground in self.grounds:
            if ground.verb == verb and wanted in (ground.key, str(ground.number)):
                return ground
        return None

    def grounds_of(self, verb: str) -> tuple[Ground, ...]:
        """Return the grounds of a verb in the order of their numbers."""
        return tuple(sorted((g for g in self.grounds if g.verb == verb), key=lambda g: g.number))


N = TypeVar("N", bound=Named)


def _by_key(rows: tuple[N, ...], key: str) -> N:
    for row in rows:
        if row.key == key:
            return row
    raise KeyError(key)


def load(data: Mapping[str, object]) -> Procedure:
    """Return the procedure a file holds; raise pydantic's ValidationError where it is not one."""
    return Procedure.model_validate(data)


def matches(pattern: str, fact: str) -> bool:
    """Tell whether a fact is the one a limit names; a name ending in `*` stands for all that begin so."""
    return fact.startswith(pattern[:-1]) if pattern.endswith("*") else fact == pattern
