"""A small office with one procedure, and tickets put straight into the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from mail_desk.config import (
    Account,
    CalendarYear,
    Category,
    DayName,
    Desk,
    Enterprise,
    Language,
    Office,
    People,
    Person,
    Role,
    Routes,
    Routing,
    Secret,
    Settings,
)
from mail_desk.outbound.letters import DigestContext
from mail_desk.reports import digest, figures, workbook
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.periods import Period
from mail_desk.reports.words import Names
from mail_desk.schedule.workdays import Calendar
from mail_desk.store.schema import EventRow, Message, Row, TicketRow
from mail_desk.tickets import events as e
from mail_desk.tickets.policy import Procedure, load

STATES = ("received", "examining", "accepted", "declined", "transferred", "concluded", "closed")


def _limit(key: str, amount: int, start: list[str], stop: list[str], **more: object) -> dict[str, object]:
    return {
        "key": key, "name_zh": f"{key}期限", "name_en": f"{key} limit", "amount": amount, "start": start,
        "stop": stop, "basis_zh": "第一条", "basis_en": "Art. 1", **more,
    }  # fmt: skip


def procedure() -> Procedure:
    """Return a procedure with short limits, a house rule and one that binds the complainant."""
    return load({
        "key": "short", "name_zh": "短", "name_en": "short", "version": "1", "effective": date(2026, 1, 1),
        "states": [{"key": key, "name_zh": f"状态{key}", "name_en": key} for key in STATES],
        "transitions": [{"verb": "accept", "from": ["*"], "to": "accepted", "by": ["handler"]}],
        "limits": [
            _limit("triage", 1, ["received"], ["marked:*"], house=True),
            _limit("supplement", 2, ["served:materials-request"], ["supplement"], owner="complainant"),
            _limit(
                "decide", 7, ["received"], ["accepted", "declined", "transferred"],
                void=["closed", "marked:enquiry"], final=["closed", "accepted", "declined", "transferred"],
            ),
            _limit(
                "conclude", 10, ["accepted", "reopened:accepted"], ["concluded"],
                void=["closed", "transferred"], extended_by="extended",
            ),
            _limit("result", 3, ["concluded"], ["served:result"], void=["closed"]),
        ],
        "grounds": [
            {"key": "private", "verb": "decline", "number": 1, "text_zh": "民事纠纷", "text_en": "private dispute"},
            {"key": "agreed", "verb": "conclude", "number": 1, "text_zh": "投诉人同意", "text_en": "agreed"},
        ],
    })  # fmt: skip


def calendar() -> Calendar:
    """Return 2025 to 2027 with a long holiday in October 2026 and its make-up Saturday."""
    days = tuple(DayName(day=date(2026, 10, n), name="国庆节", name_en="National Day") for n in range(1, 8))
    made_up = (DayName(day=date(2026, 10, 10), name="国庆节调休"),)
    return Calendar(
        [
            CalendarYear(year=2025, source="test"),
            CalendarYear(year=2026, source="test", holiday=days, working=made_up),
            CalendarYear(year=2027, source="test"),
        ]
    )


def settings(zone: str = "Asia/Shanghai") -> Settings:
    """Return two handlers with a supervisor, two enterprises and two categories."""
    office = Office(
        name_zh="商务局", name_en="Bureau", signature_zh="商务局", signature_en="Bureau", telephone="1",
        rules_zh="办法", rules_en="Rules", higher_body_zh="上级", higher_body_en="Higher",
    )  # fmt: skip
    people = (
        Person(key="wang", name="王芳", name_en="Wang Fang", role=Role.HANDLER, addresses=("w@o.example",), supervisor="zhou"),
        Person(key="li", name="李强", name_en="Li Qiang", role=Role.HANDLER, addresses=("l@o.example",), supervisor="zhou"),
        Person(key="zhou", name="周敏", name_en="Zhou Min", role=Role.SUPERVISOR, addresses=("z@o.example",)),
    )  # fmt: skip
    return Settings(
        directory=Path("config"),
        desk=Desk(office=office, timezone=zone),
        account=(Account(name="desk", address="d@o.example", secret=Secret(env="X")),),
        routes=Routes(outward="desk", staff="desk", alarms="desk"),
        people=People(person=people, operator=("op@o.example",)),
        enterprises=(
            Enterprise(key="acme", name="阿克米", name_en="Acme", country="DE"),
            Enterprise(key="nippon", name="日本电机", country="JP"),
        ),
        routing=Routing(
            default_handler="wang",
            category=(
                Category(key="tax", name_zh="税务", name_en="Tax"),
                Category(key="land", name_zh="土地", name_en="Land"),
            ),
        ),
    )


@dataclass
class World:
    """A store in memory and the office around it."""

    session: Session
    engine: Engine
    zone: str = "Asia/Shanghai"
    supervised: bool = False  # deciding is the supervisor's step
    tickets: list[TicketRow] = field(default_factory=list)

    def ticket(self, received: datetime, *what: tuple[datetime, e.Event], **columns: object) -> TicketRow:
        """Put in a ticket with its events in the order given; the row's columns follow them."""
        n = len(self.tickets) + 1
        defaults: dict[str, object] = {
            "id": n, "number": f"2026-{n:04}", "state": "received", "kind": None, "procedure": "short",
            "procedure_version": "1", "received_at": received, "handler": "wang", "enterprise": None,
            "category": None, "language": "zh", "channel": "mail", "complainant_name": f"投诉人{n}",
            "complainant_address": f"c{n}@e.example", "subject": f"主题{n}", "hidden_from": [],
        }  # fmt: skip
        row = TicketRow(**{**defaults, **columns})
        self.session.add(row)
        self.session.flush()
        story = [(received, e.Received(None, "mail")), *what]
        gone = {seq for _, event in story if isinstance(event, e.Undone) for seq in event.events}
        for seq, (at, event) in enumerate(story, start=1):
            self.event(row, seq, at, event)
            if seq in gone:
                continue
            if isinstance(event, e.Marked) and "kind" not in columns:
                row.kind = event.kind
            elif isinstance(event, (e.Closed, e.Merged, e.Declined, e.Transferred)):
                row.closed_at = at
            elif isinstance(event, e.Reopened):
                row.closed_at = None
        self.session.flush()
        self.tickets.append(row)
        return row

    def event(self, row: TicketRow, seq: int, at: datetime, event: e.Event) -> None:
        """Record one more event; the row stays as it is."""
        self.session.add(
            EventRow(
                ticket_id=row.id, seq=seq, type=type(event).__name__, at=at, recorded_at=at,
                actor="wang", cause=None, data=e.to_data(event), previous="", hash="",
            )
        )  # fmt: skip
        self.session.flush()

    def mail(self, received: datetime, state: str = "done", **columns: object) -> Message:
        n = len(self.session.identity_map) + 1000
        row = Message(
            **{
                "account": "desk",
                "folder": "INBOX",
                "role": "inbox",
                "uidvalidity": 1,
                "uid": n,
                "received_at": received,
                "spooled_at": received,
                "state": state,
                **columns,
            }
        )
        self.session.add(row)
        self.session.flush()
        return row

    def settings(self) -> Settings:
        return settings(self.zone)

    def procedures(self) -> dict[str, Procedure]:
        made = procedure()
        if not self.supervised:
            return {"short": made}
        limits = tuple(
            x.model_copy(update={"owner": "supervisor"}) if x.key == "decide" else x for x in made.limits
        )
        return {"short": made.model_copy(update={"limits": limits})}

    def figures(self, first: date, last: date, now: datetime, hidden_for: str | None = None) -> PeriodFigures:
        return figures.collect(
            self.session, Period(first, last), settings=self.settings(), procedures=self.procedures(),
            calendar=calendar(), now=now, hidden_for=hidden_for,
        )  # fmt: skip

    def workbook(self, f: PeriodFigures, settings_: Settings | None = None, **more: Any) -> bytes:
        return workbook.ledger(
            f,
            settings=settings_ or self.settings(),
            procedures=self.procedures(),
            calendar=calendar(),
            **more,
        )

    def digest(self, f: PeriodFigures, language: Language = "zh", **more: Any) -> DigestContext:
        return digest.compose(
            f, title="检查情况", reader="陈静", settings=self.settings(), procedures=self.procedures(),
            language=language, chain_head="0123456789abcdef" * 4, **more,
        )  # fmt: skip

    def close(self) -> None:
        self.session.close()
        self.engine.dispose()

    def names(self, language: Language = "zh") -> Names:
        return Names(self.settings(), self.procedures(), language)


def open_world(zone: str = "Asia/Shanghai") -> World:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Row.metadata.create_all(engine)
    return World(Session(engine, expire_on_commit=False), engine, zone)


@pytest.fixture
def world() -> Iterator[World]:
    """Yield an empty desk in Beijing time."""
    made = open_world()
    yield made
    made.close()


@pytest.fixture(scope="session")
def new_world() -> Callable[[str], World]:
    """Return a function that opens an empty desk in a zone, for tests that need one an example."""
    return open_world


@pytest.fixture(scope="session")
def world_in() -> type[World]:
    """Return the class itself, for a desk in a database of the test's own."""
    return World
