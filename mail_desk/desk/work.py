"""What every use case is given: the rules, and one transaction's session and instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mail_desk.config import Language, People, Person, Settings
from mail_desk.desk import address_book, enterprise_book, leave_book
from mail_desk.desk.made import Made
from mail_desk.outbound.letters import File
from mail_desk.outbound.render import Renderer
from mail_desk.schedule.workdays import Calendar
from mail_desk.store import ledger, restored
from mail_desk.store.schema import Counter, Cursor, TicketRow
from mail_desk.tickets.assignment import present
from mail_desk.tickets.policy import Procedure

# Built once: putting a statement together costs more than running it.
_COUNT_ON = (
    update(Counter)
    .where(Counter.series == bindparam("wanted"))
    .values(value=Counter.value + 1)
    .returning(Counter.value)
    .execution_options(synchronize_session=False)
)
_OPEN = (
    select(TicketRow.handler, func.count())
    .where(TicketRow.closed_at.is_(None), TicketRow.handler.is_not(None))
    .group_by(TicketRow.handler)
)


@dataclass(frozen=True)
class Rules:
    """What does not change while the daemon runs."""

    settings: Settings
    procedures: Mapping[str, Procedure]
    calendar: Calendar
    renderer: Renderer
    spool_dir: Path

    @property
    def people(self) -> People:
        return self.settings.people

    @property
    def procedure(self) -> Procedure:
        """The procedure of new tickets."""
        return self.procedures[self.settings.routing.procedure]

    def language_of(self, person: Person) -> Language:
        return person.language or self.settings.desk.staff_language

    def day_of(self, instant: datetime) -> date:
        """Return the calendar day of an instant where the desk stands."""
        return instant.astimezone(self.settings.desk.zone).date()


@dataclass
class Work:
    """One transaction."""

    session: Session
    rules: Rules
    now: datetime
    new: set[str] = field(
        default_factory=set
    )  # addresses and contents certainly not in the store: desk.batch
    made: list[Made] = field(default_factory=list)  # documents of notices, on their way to their handlers
    enclosed: dict[int, tuple[File, ...]] = field(
        default_factory=dict
    )  # files of this transaction's letters, by id
    origin: str = ""  # the mail that is being worked, by its content; "": what follows, follows from time
    tags: set[str] = field(default_factory=set)  # of letters queued in this transaction: desk.identity
    _opened: dict[str, datetime | None] = field(default_factory=dict)

    @cached_property
    def key(self) -> bytes:
        """The store's secret for keyed Message-IDs."""
        return ledger.token_key(self.session)

    @cached_property
    def former_keys(self) -> list[bytes]:
        """Secrets of the store that were renewed: good for letters that are in the store, and nothing else."""
        return ledger.former_token_keys(self.session)

    @cached_property
    def restored(self) -> bool:
        """Whether what is written now may have been written before: the store was lately brought back."""
        return restored.lately(self.session, self.now)

    @cached_property
    def settings(self) -> Settings:
        """The settings, with the ledger of enterprises as commands have changed it."""
        return enterprise_book.settings(self.session, self.rules.settings)

    def ledger_changed(self) -> None:
        """Ask anew: the ledger of enterprises was changed in this transaction."""
        self.__dict__.pop("settings", None)

    @cached_property
    def people(self) -> People:
        """Everybody, with the leave of people.toml and that noted by command."""
        known = address_book.people(self.session, self.rules.settings.people)
        return leave_book.people(self.session, known)

    def people_changed(self) -> None:
        """Ask anew: somebody's leave was noted in this transaction."""
        self.__dict__.pop("people", None)

    @property
    def today(self) -> date:
        return self.rules.day_of(self.now)

    def next_number(self, series: str) -> int:
        """Return the next number of a gapless series: it is only taken if the transaction commits."""
        for _ in range(2):
            with self.session.no_autoflush:  # a counter hangs on nothing that waits to be written
                taken: int | None = self.session.scalar(_COUNT_ON, {"wanted": series})
            if taken is not None:
                return taken
            try:
                with self.session.begin_nested():
                    self.session.add(Counter(series=series, value=0))
            except IntegrityError:
                # Another daemon opened the series between our two statements: count on with it.
                self.session.expire_all()
        msg = f"series {series} can neither be opened nor counted"
        raise RuntimeError(msg)

    def opened(self, account: str) -> datetime | None:
        """Return when the desk first opened this account; None: never yet."""
        if account not in self._opened:
            self._opened[account] = self.session.scalar(
                select(func.min(Cursor.opened_at)).where(Cursor.account == account)
            )
        return self._opened[account]

    @cached_property
    def load(self) -> dict[str, int]:
        """Open tickets of each handler; `handed_over` keeps it right while the transaction goes on."""
        return {handler: count for handler, count in self.session.execute(_OPEN) if handler}

    def handed_over(self, before: str | None, after: str | None) -> None:
        """Note that an open ticket left one handler's hands for another's; None: nobody's."""
        if before != after and "load" in self.__dict__:
            for key, change in ((before, -1), (after, 1)):
                if key is not None:
                    self.load[key] = self.load.get(key, 0) + change

    def forget(self) -> None:
        """Forget what was counted and made: a savepoint was rolled back."""
        for name in ("load", "key", "settings"):
            self.__dict__.pop(name, None)
        self.tags.clear()

    def acts_for(self, person: Person) -> frozenset[str]:
        """Return the keys of the persons `person` stands in for today, itself included."""
        keys = {person.key}
        for other in self.people.person:
            stand_in = present(self.people, other, self.today)
            if other.away_on(self.today) and stand_in is person:
                keys.add(other.key)
        return frozenset(keys)
