"""A sender with everything it needs, around any SMTP server on the loopback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from letter_rows import START, letter
from mail_desk.clock import Clock, ManualClock
from mail_desk.config import (
    Account,
    Budget,
    Desk,
    Office,
    People,
    Person,
    Role,
    Routes,
    Routing,
    Secret,
    Settings,
    SmtpServer,
)
from mail_desk.outbound import outbox
from mail_desk.outbound.sender import Alarm, Sender
from mail_desk.outbound.smtp import Timeouts
from mail_desk.store.schema import LetterRow
from mail_desk.store.session import Store

DESK = "desk@desk.example"

_OFFICE = Office(
    name_zh="某局", name_en="Office", signature_zh="某局", signature_en="Office", telephone="1",
    rules_zh="规则", rules_en="rules", higher_body_zh="上级", higher_body_en="above",
)  # fmt: skip


def settings_for(server: SmtpServer, *, address: str = DESK, **budget: Any) -> Settings:
    account = Account(name="main", address=address, secret=Secret(env="NONE"), smtp=server)
    person = Person(key="li", name="李", role=Role.HANDLER, addresses=("li@desk.example",))
    usual: dict[str, Any] = {"spacing_seconds": 0, "per_day": 100_000}
    return Settings(
        directory=Path("/nowhere/config"),
        desk=Desk(office=_OFFICE),
        account=(account,),
        routes=Routes(outward="main", staff="main", alarms="main"),
        budget=Budget(**(usual | budget)),
        people=People(person=(person,), operator=("root@desk.example",)),
        routing=Routing(default_handler="li"),
    )


def plain(port: int) -> SmtpServer:
    return SmtpServer(host="127.0.0.1", port=port, security="plain")


@dataclass
class World:
    """What surrounds one sender. `sent_folder` is what a look into it finds; None: it cannot be."""

    store: Store
    settings: Settings
    clock: Clock = field(default_factory=lambda: ManualClock(START))
    password: Callable[[], str] = lambda: "code"
    timeouts: Timeouts = field(default_factory=lambda: Timeouts(2, 2, 2, 0.3))
    sent_folder: set[str] | None = field(default_factory=set)
    alarms: list[Alarm] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)

    def sender(self) -> Sender:
        return Sender(
            self.store,
            self.settings,
            lambda _account: self.password(),
            self.clock,
            self._search,
            self._alarm,
            timeouts=self.timeouts,
        )

    async def _search(self, _account: str, message_id: str) -> bool | None:
        self.searched.append(message_id)
        return None if self.sent_folder is None else message_id in self.sent_folder

    async def _alarm(self, alarm: Alarm) -> None:
        self.alarms.append(alarm)

    def queue(self, count: int = 1, **given: Any) -> list[int]:
        with self.store.write() as session:
            rows = [outbox.enqueue(session, letter(**given)) for _ in range(count)]
        return [row.id for row in rows if row is not None]

    def row(self, letter_id: int) -> LetterRow:
        with self.store.read() as session:
            return session.get_one(LetterRow, letter_id)

    def states(self) -> list[str]:
        with self.store.read() as session:
            return list(session.scalars(select(LetterRow.state).order_by(LetterRow.id)))
