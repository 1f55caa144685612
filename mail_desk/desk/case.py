"""One ticket under work in one transaction: its row, its events, its dates.

`record` is the only way a ticket changes; `settle` writes the projection and plans its moments anew.
"""

from __future__ import annotations

from datetime import date, datetime, time
from functools import cached_property
from typing import Self

from sqlalchemy import bindparam, insert, select

from mail_desk.config import Language, Person, Role
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LimitView, TicketView
from mail_desk.schedule import deadlines
from mail_desk.schedule.deadlines import Due
from mail_desk.schedule.explanation import day_in_words
from mail_desk.store import ledger
from mail_desk.store.schema import Moment, Participant, TicketRow
from mail_desk.tickets import enterprise_names, registrations
from mail_desk.tickets import ticket as tickets
from mail_desk.tickets.assignment import reader, superior
from mail_desk.tickets.events import Event, Fact, Recorded
from mail_desk.tickets.events_notes import Categorised
from mail_desk.tickets.policy import Procedure, Transition, matches
from mail_desk.tickets.ticket import Ticket

REMINDERS_AT = time(9, 0)  # desk time zone
CONTACT_AT = time(17, 0)  # until then a letter that leaves anyway names the new contact
NEW_CONTACT = "new-contact"  # the moment at which the complainant is told of a new handler
LATE_DAYS = 3  # working days after a breach that are planned ahead; each late reminder plans anew

_MOMENTS = select(Moment).where(Moment.ticket_id == bindparam("ticket"))
_PLAN = insert(Moment.__table__)  # type: ignore[arg-type] # a Table, as Moment is mapped to one
_REPLY_TO = (
    select(Participant.address)
    .where(Participant.ticket_id == bindparam("ticket"), Participant.role == "reply-to")
    .limit(1)
)


class Case:
    """A ticket being worked on."""

    def __init__(self, work: Work, row: TicketRow, recorded: list[Recorded] | None = None) -> None:
        self.work = work
        self.row = row
        self.first_letters: dict[str, str] = {}  # by address: Message-IDs of this transaction's letters
        self.opening = recorded is not None  # made in this transaction: the store holds nothing of it yet
        self.recorded = ledger.events_of(work.session, row.id) if recorded is None else recorded

    @classmethod
    def by_id(cls, work: Work, ticket_id: int) -> Self:
        """Return the ticket, or the one it was merged into."""
        row = work.session.get_one(TicketRow, ticket_id)
        while row.merged_into is not None:
            row = work.session.get_one(TicketRow, row.merged_into)
        return cls(work, row)

    @classmethod
    def by_number(cls, work: Work, number: str) -> Self | None:
        """Return the ticket of that number itself, also a merged one; None where there is none."""
        row = work.session.scalar(select(TicketRow).where(TicketRow.number == number))
        return None if row is None else cls(work, row)

    @property
    def procedure(self) -> Procedure:
        return self.work.rules.procedures[self.row.procedure]

    @cached_property
    def answers_to(self) -> str:
        """Where the complainant wishes to be answered (Reply-To), else where it wrote from."""
        wished = self.work.session.scalar(_REPLY_TO, {"ticket": self.row.id})
        return wished or self.row.complainant_address

    @cached_property
    def ticket(self) -> Ticket:
        return tickets.fold(self.recorded, self.procedure)

    @cached_property
    def dues(self) -> tuple[Due, ...]:
        """Every instance of every limit, in order of start."""
        found = tickets.facts(self.recorded)
        return deadlines.dues(self.procedure, found, self.work.rules.calendar, self.work.settings.desk.zone)

    @property
    def counting(self) -> tuple[Due, ...]:
        """Every limit that runs now, most urgent first."""
        return tuple(sorted((d for d in self.dues if d.state == "running"), key=lambda d: d.due_at))

    @property
    def running(self) -> tuple[Due, ...]:
        """Limits that run now, most urgent first, without those that are shown only when they are near."""
        return tuple(d for d in self.counting if self._near(d))

    def _near(self, due: Due) -> bool:
        shown = self.procedure.limit(due.limit).shown
        return not shown or self.work.rules.calendar.between(self.work.today, due.due_on) <= shown

    def awaits(self, fact: str) -> list[Due]:
        """Return the running limits that this fact would fulfil."""
        return [d for d in self.counting if any(matches(p, fact) for p in self.procedure.limit(d.limit).stop)]

    def due(self, limit: str) -> Due | None:
        """Return the running instance of a limit."""
        return next((d for d in self.counting if d.limit == limit), None)

    def due_if_extended(self, limit: str, days: int) -> Due | None:
        """Return the running instance of a limit as it would be, were it extended by `days` now."""
        return self.due_with(limit, Fact("extended", self.work.now, days))

    def due_with(self, limit: str, fact: Fact) -> Due | None:
        """Return the running instance of a limit as it would be, if this had happened too."""
        found = deadlines.dues(
            self.procedure,
            (*tickets.facts(self.recorded), fact),
            self.work.rules.calendar,
            self.work.settings.desk.zone,
        )
        return next((d for d in found if d.limit == limit and d.state == "running"), None)

    def record(
        self, event: Event, *, actor: str, cause: str | None = None, at: datetime | None = None
    ) -> Recorded:
        """Append one fact. `at`: since when it holds, if not now."""
        recorded = ledger.append(
            self.work.session,
            self.row,
            event,
            at=at or self.work.now,
            now=self.work.now,
            actor=actor,
            cause=cause,
        )
        self.recorded.append(recorded)
        for name in ("ticket", "dues"):
            self.__dict__.pop(name, None)
        return recorded

    def keep(self, text: str) -> int:
        """Keep words an event will refer to and return their id."""
        return ledger.put_words(self.work.session, self.row.id, text).id

    def words(self, words_id: int | None) -> str:
        return ledger.words_of(self.work.session, words_id)

    def transition(self, verb: str) -> Transition | None:
        return self.procedure.transition(verb, self.ticket.state, self.ticket.kind or None)

    @property
    def snoozed(self) -> date | None:
        """Return the day until which the handler is not told of this ticket, None where there is none."""
        until = self.ticket.snoozed_until
        return until if until is not None and self.work.today < until else None

    def snooze_in_words(self, language: Language) -> str:
        """Say that the ticket is put off and why, "" where it is not."""
        if self.snoozed is None:
            return ""
        day, why = day_in_words(self.snoozed, language), self.words(self.ticket.snoozed_why)
        return f"暂缓至{day}：{why}" if language == "zh" else f"Put off until {day}: {why}"

    @property
    def handler(self) -> Person | None:
        return self.work.people.by_key(self.ticket.handler)

    def supervisor(self) -> Person | None:
        """Return who supervises this ticket's handler and may see the ticket."""
        handler = self.handler
        if handler is None:  # people.toml no longer knows the person: whoever reads for that one
            return self.reader()
        return superior(self.work.people, handler, self.work.today, self.ticket.hidden)

    def reader(self) -> Person | None:
        """Return who gets what is written to the handler: somebody present who may see the ticket."""
        return reader(self.work.people, self.handler, self.work.today, self.ticket.hidden)

    def acts_for(self, person: Person) -> frozenset[str]:
        """Return whom `person` stands in for on this ticket: whoever gets its letters may act on it."""
        keys = self.work.acts_for(person)
        reads = self.reader()
        return keys | {self.ticket.handler} if reads is not None and reads.key == person.key else keys

    def supervises(self, person: Person) -> bool:
        """Say whether a leader is in a supervisor's place on this ticket: none is there for it today."""
        if person.role is not Role.LEADER:
            return False
        people, superior = self.work.people, self.supervisor()
        stood_in_for = [people.by_key(key) for key in self.work.acts_for(person)]
        return (superior is not None and superior.key == person.key) or any(
            other is not None and other.role is Role.SUPERVISOR for other in stood_in_for
        )

    def settle(self) -> None:
        """Write the projection and plan the moments of what holds now."""
        ticket, row = self.ticket, self.row
        if row.handler and ticket.handler and row.handler != ticket.handler and ticket.accepted:
            self._tell_of_the_change()
        self.work.handed_over(
            row.handler if row.closed_at is None else None,
            (ticket.handler or None) if ticket.closed_at is None else None,
        )
        row.state, row.kind = ticket.state, ticket.kind or None
        row.handler = ticket.handler or None
        row.closed_at = ticket.closed_at
        row.hidden_from = sorted(ticket.hidden)
        filed = next((r.event for r in self.recorded if isinstance(r.event, Categorised)), None)
        if filed is not None:  # else it is what the routing said; `undo` goes back to that
            row.category = ticket.category or filed.before or None
        if (enterprise := enterprise_names.said_of(self.recorded)) is not None:
            row.enterprise = enterprise or None
        self._plan()

    def _tell_of_the_change(self) -> None:
        """Remember that the complainant has a new contact: told this evening, unless a letter says so before."""
        work = self.work
        key = f"{NEW_CONTACT}/{self.row.id}/{self.row.last_seq}"
        if work.session.scalar(select(Moment.id).where(Moment.key == key)) is None:
            at = max(work.now, datetime.combine(work.today, CONTACT_AT, work.settings.desk.zone))
            data = {"ticket": self.row.id}
            work.session.add(Moment(key=key, due_at=at, action=NEW_CONTACT, data=data, state="pending"))

    def _plan(self) -> None:
        """Bring the ticket's pending moments in line with its dates: what is new, moved or void."""
        rules, session = self.work.rules, self.work.session
        planned = deadlines.plan(
            self.procedure,
            self.dues,
            rules.calendar,
            self.work.settings.desk.zone,
            at=REMINDERS_AT,
            late_days=LATE_DAYS,
            today=self.work.today,
        )
        wanted = {f"ticket/{self.row.id}/{p.key}": p for p in planned}
        known: set[str] = set()
        for moment in () if self.opening else session.scalars(_MOMENTS, {"ticket": self.row.id}):
            known.add(moment.key)
            if moment.state == "done":
                continue
            plan = wanted.get(moment.key)
            moment.state = "pending" if plan is not None else "cancelled"
            if plan is not None:
                moment.due_at = plan.at  # a calendar published late moves the day under the same key
        fresh = [
            {
                "key": key,
                "due_at": plan.at,
                "action": plan.action,
                "ticket_id": self.row.id,
                "data": {"limit": plan.limit, "step": plan.step, "to": plan.to},
                "state": "pending",
            }
            for key, plan in wanted.items()
            if key not in known
        ]
        if fresh:
            with session.no_autoflush:  # moments hang on the ticket's row alone, which is there
                session.execute(_PLAN, fresh)  # one statement for all

    def limit_view(self, due: Due, language: Language) -> LimitView:
        limit = self.procedure.limit(due.limit)
        days = self.work.rules.calendar.between(self.work.today, due.due_on)
        return LimitView(
            key=due.limit,
            label=limit.name_zh if language == "zh" else limit.name_en,
            due_on=due.due_on,
            days_left=days,
            provisional=due.provisional,
            basis=limit.basis_zh if language == "zh" else limit.basis_en,
            prepare_by=self._prepare_by(due),
        )

    def _prepare_by(self, due: Due) -> date | None:
        """Return by when a decision that needs approval is put forward; None where one waits for it already."""
        before = self.procedure.limit(due.limit).prepare
        if not before or self.ticket.proposal is not None or due.late(self.work.now):
            return None
        return max(self.work.rules.calendar.back(due.due_on, before), self.work.rules.day_of(due.started_at))

    def view(self, language: Language) -> TicketView:
        """Return the ticket as a letter in `language` shows it."""
        settings, row = self.work.settings, self.row
        enterprise = next((e for e in settings.enterprises if e.key == row.enterprise), None)
        category = next((c for c in settings.routing.category if c.key == row.category), None)
        handler = self.handler
        if language == "zh":
            names = (
                enterprise.name if enterprise else "",
                category.name_zh if category else "",
                handler.name if handler else "",
            )
        else:
            names = (
                (enterprise.name_en or enterprise.name) if enterprise else "",
                category.name_en if category else "",
                (handler.name_en or handler.name) if handler else "",
            )
        return TicketView(
            number=row.number,
            subject=row.subject,
            kind=self.ticket.kind,
            state=self.ticket.state,
            complainant=row.complainant_name or row.complainant_address,
            complainant_address=row.complainant_address,
            enterprise=names[0],
            telephone=enterprise.telephone if enterprise else "",
            category=names[1],
            handler=names[2],
            received_on=self.work.rules.day_of(row.received_at),
            limits=tuple(self.limit_view(due, language) for due in self.running),
            snoozed=self.snooze_in_words(language),
            channel=registrations.channel_name(row.channel, zh=language == "zh")
            if row.channel in registrations.CHANNELS
            else "",
        )
