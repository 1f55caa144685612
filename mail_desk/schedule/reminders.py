"""The time path: plan each day's moments, claim what is due, tell the desk. Each fires once.

A moment is claimed by its row: pending → done in the same transaction that queues what it caused.
Bundled letters wait as moments until the day's budget has room for all of them (invariant 4); after downtime
everything that fell due is claimed in one tick, so that each reader gets one letter. Nothing fires at
night, on weekends or on holidays: what became due then, or was due while the desk was down, waits for the
next working morning.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import structlog
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from mail_desk import faults
from mail_desk.clock import Clock
from mail_desk.config import Role
from mail_desk.desk import case as case_
from mail_desk.desk import (
    consequences,
    digesting,
    idle,
    inactivity,
    isolation,
    late_reports,
    leader_pace,
    leader_week,
    leaves,
    linked,
    moved_dates,
    organ_reminders,
    organs,
    progressing,
    registration_drafts,
    registration_reminders,
    reminding,
    serving,
    settings_changes,
    snoozing,
    supervising,
    waiting,
    worklists,
)
from mail_desk.desk.case import REMINDERS_AT
from mail_desk.desk.work import Rules, Work
from mail_desk.outbound import outbox, pacing
from mail_desk.outbound.letters import Pacing
from mail_desk.store import seals
from mail_desk.store.schema import LetterRow, LetterState, Meta, Moment
from mail_desk.store.session import Store

log = structlog.get_logger()

CLAIM = 500  # moments a transaction
BUNDLED = (  # actions that write bundled letters, or look at who was told so; all others fire whatever the budget
    "remind", "escalate", organs.DUE, supervising.ACTION, "worklist", "digest", leader_week.ACTION,
    moved_dates.ACTION, inactivity.OVER, idle.ACTION,
)  # fmt: skip
PUT_OFF = timedelta(hours=1)  # until a moment that failed is tried again
DAY = (time(8), time(20))  # desk time zone: staff are written to in between, or at the times configured


class Reminders:
    """Fires moments."""

    def __init__(self, store: Store, rules: Rules, clock: Clock) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._planned_for: date | None = None
        self._plan_again_at = datetime.min.replace(tzinfo=UTC)
        self._started = False

    async def tick(self) -> int:
        """Do everything that is due now; return how many moments and letters were worked."""
        return await self._store.run(self._tick)

    def _tick(self) -> int:
        now = self._clock.now()
        today = self._rules.day_of(now)
        if self._planned_for != today and now >= self._plan_again_at:
            self._begin_day(today, now)
        done = 0
        while reported := self._consequences(now):
            done += reported
        while fired := self._fire(now):
            done += fired
        return done

    def _begin_day(self, today: date, now: datetime) -> None:
        """Plan the day; what fails of it is told to the operator and tried again within the hour."""
        steps = (plan_day,) if self._started else (settings_changes.follow, moved_dates.follow, plan_day)
        with self._store.decide() as session:
            work = Work(session, self._rules, now)
            failed = False
            for step in steps:
                error = isolation.attempt(work, step)
                if error is not None:
                    failed = True
                    isolation.report(work, f"day-{step.__module__}", "plan of the day", error)
        if failed:
            self._plan_again_at = now + PUT_OFF
        else:
            self._started, self._planned_for = True, today

    def _consequences(self, now: datetime) -> int:
        with self._store.decide() as session:
            drawn = consequences.draw(Work(session, self._rules, now))
            if drawn:
                faults.point("before-consequences-commit")
        if drawn:
            faults.point("after-consequences-commit")
        return drawn

    def _fire(self, now: datetime) -> int:
        """Fire what is due, and of bundled letters what leaves today; return how many moments that were."""
        with self._store.decide() as session:
            work = Work(session, self._rules, now)
            if not awake(work):
                return 0
            due = self._due(work)
            # First what writes single letters or moves tickets: whether bundles have room, what is queued says.
            claimed = _claim(session, due.where(Moment.action.not_in(BUNDLED)))
            if not claimed:
                bundled = session.scalars(due.with_only_columns(Moment.action).limit(CLAIM)).all()
                if bundled and not room_for_bundles(work, bundled):
                    log.warning("bundled letters wait for tomorrow's budget", action="budget")
                    late_reports.no_room(work)
                    return 0
                claimed = _claim(session, due) if bundled else []
            if not claimed:
                return 0
            for moment in claimed:
                moment.state, moment.done_at = "done", now
            if isolation.attempt(work, _dispatch, claimed) is not None:
                _one_by_one(work, claimed)
            log.info("moments fired", action="tick", count=len(claimed))
            faults.point("before-moments-commit")
        faults.point("after-moments-commit")
        return len(claimed)

    def _due(self, work: Work) -> Select[Moment]:
        query = select(Moment).where(Moment.state == "pending", Moment.due_at <= work.now)
        if work.now < datetime.combine(work.today, REMINDERS_AT, work.settings.desk.zone):
            # What waited overnight goes with what is due this morning: one letter a reader.
            query = query.where(Moment.action.in_(("worklist", "digest")))
        return query


def _claim(session: Session, due: Select[Moment]) -> Sequence[Moment]:
    oldest = due.order_by(Moment.due_at, Moment.id).limit(CLAIM)
    return session.scalars(oldest.with_for_update(skip_locked=True)).all()


def _one_by_one(work: Work, moments: Sequence[Moment]) -> None:
    """Fire moments of which one fails: the others now, that one later, when somebody may have mended it."""
    for moment in moments:
        error = isolation.attempt(work, _dispatch, [moment])
        if error is not None:
            moment.state, moment.done_at, moment.due_at = "pending", None, work.now + PUT_OFF
            isolation.report(work, f"moment-{moment.id}", f"{moment.action} {moment.key}", error)


def _dispatch(work: Work, moments: Sequence[Moment]) -> None:
    moments = snoozing.put_off(work, moments)
    due = [m for m in moments if m.action in ("remind", "escalate")]
    also = organ_reminders.due_today(work, moments)
    if any(m.action == idle.ACTION for m in moments):  # once each working morning
        also += serving.asked_of_leaders(work)
    reminding.remind(work, due, also, supervising.due_now(work, moments))
    for moment in moments:
        match moment.action:
            case organs.REMIND:
                organ_reminders.remind_organ(work, moment)
            case leader_week.ACTION:
                leader_week.compose(work, moment.data["person"], date.fromisoformat(moment.data["first"]))
            case leader_pace.ASK:
                leader_week.ask(work, moment)
            case linked.ACTION:
                linked.remind(work, moment)
            case moved_dates.ACTION:
                moved_dates.tell(work, moment)
            case idle.ACTION:
                idle.look(work)
            case leaves.BEGINS | leaves.RETURNED:
                leaves.fire(work, moment.action, moment.data["person"])
            case registration_drafts.ACTION:
                registration_reminders.remind(work, moment)
            case "quarantine":
                waiting.escalate_quarantine(work, moment.data["message"])
            case progressing.ACTION:
                progressing.write(work, moment)
            case case_.NEW_CONTACT:
                progressing.tell_contact(work, moment)
            case inactivity.ANNOUNCE:
                inactivity.announce(work, moment)
            case inactivity.OVER:
                inactivity.offer(work, moment)
            case "worklist":
                person = work.people.by_key(moment.data["person"])
                # Yesterday's worklist is worth nothing today: today's has its own moment.
                there = person is not None and not person.away_on(work.today)
                if person is not None and there and work.rules.day_of(moment.due_at) == work.today:
                    worklists.compose(work, person)
            case "digest":
                digesting.compose(work, moment.data["digest"], date.fromisoformat(moment.data["first"]))
            case _:
                pass


def opened_on(session: Session, rules: Rules, now: datetime) -> date:
    """Return the day this store was first worked: nothing is owed for the time before."""
    row = session.get(Meta, "opened-at")
    if row is None:
        row = Meta(name="opened-at", value=now.isoformat())
        session.add(row)
        session.flush()
    return rules.day_of(datetime.fromisoformat(row.value))


def _clock(text: str) -> time:
    return time.fromisoformat(text.zfill(5))


def _instant(work: Work, day: date, clock: str) -> datetime:
    return datetime.combine(day, _clock(clock), work.settings.desk.zone)


def _add(work: Work, key: str, due_at: datetime, action: str, data: dict[str, str]) -> None:
    if work.session.scalar(select(Moment.id).where(Moment.key == key)) is None:
        work.session.add(Moment(key=key, due_at=due_at, action=action, data=data, state="pending"))


def plan_day(work: Work) -> None:
    """Put today's worklists and any digest that is owed among the moments; idempotent."""
    seals.seal_day(work.session, work.today, work.now)
    opened = opened_on(work.session, work.rules, work.now)
    digests, calendar = work.settings.digests, work.rules.calendar
    inactivity.plan(work)  # first: where an announcement leaves, no letter about the stage follows it
    progressing.plan(work)
    if calendar.is_working(work.today):
        at = _instant(work, work.today, digests.worklist_at)
        for person in work.people.person:
            if person.role is not Role.LEADER and not person.away_on(work.today):
                _add(work, f"worklist/{person.key}/{work.today}", at, "worklist", {"person": person.key})
        _add(
            work,
            f"idle/{work.today}",
            datetime.combine(work.today, REMINDERS_AT, work.settings.desk.zone),
            idle.ACTION,
            {},
        )
        leaves.plan(work, _add)
    leader_week.plan(work, opened)
    for digest in digests.digest:
        for period, sent_on in digesting.owed(digest, opened, work.today, calendar):
            key = f"digest/{digest.key}/{period.first}"
            data = {"digest": digest.key, "first": period.first.isoformat()}
            _add(work, key, _instant(work, sent_on, digest.sending.at), "digest", data)
    late_reports.look(work)


def awake(work: Work) -> bool:
    """Say whether staff may be written to now: on a working day, by day."""
    digests = work.settings.digests
    configured = [_clock(at) for at in (digests.worklist_at, *(d.sending.at for d in digests.digest))]
    now = work.now.astimezone(work.settings.desk.zone).time()
    first, last = min(DAY[0], *configured), max(DAY[1], *configured)
    return work.rules.calendar.is_working(work.today) and first <= now <= last


def room_for_bundles(work: Work, due: Sequence[str]) -> bool:
    """Say whether what moments of these actions write leaves today: a digest to everybody, else three letters each.

    Three: the handler, the supervisor and who stands in for one of them.
    """
    everybody = len(work.people.person)
    letters = everybody if "digest" in due else min(everybody, 3 * len(due))
    account, budget = work.settings.routes.staff, work.settings.budget
    start = datetime.combine(work.today, time(0), work.settings.desk.zone)
    sent = outbox.sent_on(work.session, account, start, start + timedelta(days=1))
    by_class = (
        select(LetterRow.pacing, func.count(LetterRow.id))
        .where(LetterRow.account == account, LetterRow.state == LetterState.QUEUED)
        .group_by(LetterRow.pacing)
    )
    queued = {Pacing(name): count for name, count in work.session.execute(by_class)}
    return pacing.bundles_fit(budget, sent, queued, letters)
