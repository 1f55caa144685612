"""What every use case is given: the rules, and one transaction's session and instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mail_desk.config import Language, People, Person, Settings
from mail_desk.outbound.render import Renderer
from mail_desk.schedule.workdays import Calendar
from mail_desk.store import ledger
from mail_desk.store.schema import Counter
from mail_desk.tickets.assignment import present
from mail_desk.tickets.policy import Procedure


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

    @cached_property
    def key(self) -> bytes:
        """The store's secret for keyed Message-IDs."""
        return ledger.token_key(self.session)

    @property
    def settings(self) -> Settings:
        return self.rules.settings

    @property
    def people(self) -> People:
        return self.rules.settings.people

    @property
    def today(self) -> date:
        return self.rules.day_of(self.now)

    def next_number(self, series: str) -> int:
        """Return the next number of a gapless series: it is only taken if the transaction commits."""
        for _ in range(2):
            taken: int | None = self.session.scalar(
                update(Counter)
                .where(Counter.series == series)
                .values(value=Counter.value + 1)
                .returning(Counter.value)
            )
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

    def acts_for(self, person: Person) -> frozenset[str]:
        """Return the keys of the persons `person` stands in for today, itself included."""
        keys = {person.key}
        for other in self.people.person:
            stand_in = present(self.people, other, self.today)
            if other.away_on(self.today) and stand_in is person:
                keys.add(other.key)
        return frozenset(keys)
