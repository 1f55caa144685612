"""`list` with a filter: what stands behind a figure, for whom it may concern (`#列表 逾期`, `#list ratings last month`).

A handler gets what is in his or her hands, supervisors and leaders all that is not hidden from them. In answer to
a digest its period counts; else the month that runs, or the period named.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from mail_desk.config import Role
from mail_desk.config_scopes import WHOLE, Scope
from mail_desk.desk import suggestions
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, many
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LetterKind, ReportTable, TicketView
from mail_desk.reports import directions, drilling, drilling_rows, figures, periods, redaction
from mail_desk.reports.directions import Directions
from mail_desk.reports.drilling import Asked
from mail_desk.reports.drilling_rows import Rows, Said
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.periods import Period
from mail_desk.reports.words import Names
from mail_desk.tickets.commands import Command

LONGEST = 50


def listing(work: Work, actor: Actor, command: Command) -> Outcome:
    """List what the words behind `list` ask for."""
    topic = drilling_rows.read(command.words, work.today)
    asked = topic or drilling.read(command.words, work.today)
    if asked is None:
        return Outcome(False, actor.say(_UNDERSTOOD_ZH, _UNDERSTOOD_EN))
    digest, scope = _of_letter(work, actor)
    period = asked.period or digest or periods.month_of(work.today)
    until = period.last
    if digest is not None and asked.measure in drilling.BY_DAY:  # a bar of its trend: as the digest saw it
        until = max(until, digest.last) if period.first <= digest.last else until
    settings = work.settings.model_copy(update={"people": work.people})
    found = figures.collect(
        work.session,
        Period(period.first, until),
        settings=settings,
        procedures=work.rules.procedures,
        calendar=work.rules.calendar,
        now=work.now,
        hidden_for=actor.person.key,
    )
    mine = _mine(actor, found)
    found = redaction.for_scope(replace(found, period=period), scope)  # an answer shows what the digest may
    names = Names(settings, work.rules.procedures, actor.language, handlers=scope.shows("handler-names"))
    listed = _Listed(work, actor, command, asked, found, names, scope, mine)
    return listed.tickets() if topic is None else listed.rows()


@dataclass(frozen=True)
class _Listed:
    """What one person is shown of the figures that were asked for."""

    work: Work
    actor: Actor
    command: Command
    asked: Asked
    found: PeriodFigures
    names: Names
    scope: Scope
    mine: set[str] | None  # the tickets a handler may be shown; None: everything that is not hidden

    def tickets(self) -> Outcome:
        """List tickets."""
        numbers = drilling.select(self.found, self.asked, self.names)
        if numbers is None:
            return self._unknown()
        if self.mine is not None:
            numbers = tuple(number for number in numbers if number in self.mine)
        cases = [case for n in numbers[:LONGEST] if (case := Case.by_number(self.work, n)) is not None]
        views = tuple(_seen(case.view(self.actor.language), self.scope) for case in cases)
        return Outcome(True, self._said(len(numbers), "件", "ticket"), asked=True, listing=views)

    def rows(self) -> Outcome:
        """List rows of something else than tickets: mails, ratings, limits."""
        actor, found = self.actor, self.found
        mails = self.asked.measure in ("mails", "by-hand", "quarantine")
        if mails and actor.person.role is Role.HANDLER:
            return Outcome(
                False, actor.say("邮件去向由督办人员查看。", "Where mails went is for supervisors to see.")
            )
        if mails and found.behind.too_many_mails:
            return Outcome(
                False, actor.say("邮件太多，请写短一些的期间。", "Too many mails: name a shorter period.")
            )
        said = _said_in(self.work, actor, found.period, self.scope)
        rows = drilling_rows.select(found, self.asked, self.names, said)
        if rows is None:
            return self._unknown()
        kept = rows.rows if self.mine is None else tuple(row for row in rows.rows if row[0] in self.mine)
        table = self._table(Rows(rows.head, kept[:LONGEST]))
        return Outcome(True, self._said(len(kept), "行", "row"), asked=True, table=table)

    def _words(self) -> str:
        return " ".join(self.command.words.split())

    def _table(self, rows: Rows) -> ReportTable | None:
        title = self._words() or self.actor.say("明细", "Rows")
        return ReportTable(title, rows.head, rows.rows) if rows.rows else None

    def _unknown(self) -> Outcome:
        value = self.asked.value
        return Outcome(False, self.actor.say(f"没有叫“{value}”的。", f"Nothing is called “{value}”."))

    def _said(self, count: int, zh: str, en: str) -> str:
        words, period, say = self._words(), self.found.period, self.actor.say
        what = say(
            f"{words}：{count}{zh}（{period.first}至{period.last}）",
            f"{words}: {many(count, en)} ({period.first} to {period.last})",
        )
        if count > LONGEST:
            what += say(
                f"，列出前{LONGEST}{zh}，全部见台账",
                f", the first {LONGEST} listed; all stand in the workbook",
            )
        return what


def _seen(view: TicketView, scope: Scope) -> TicketView:
    """Return a ticket as a scope shows it."""
    shows = scope.shows
    return replace(
        view,
        subject=view.subject if shows("subjects") else "",
        complainant=view.complainant if shows("complainants") else "",
        complainant_address=view.complainant_address if shows("complainants") else "",
        enterprise=view.enterprise if shows("enterprises") else "",
        telephone=view.telephone if shows("enterprises") else "",
        handler=view.handler if shows("handler-names") else "",
        snoozed=view.snoozed if shows("words") else "",
    )


def _said_in(work: Work, actor: Actor, period: Period, scope: Scope) -> Said:
    """Return what was written in the period, as far as this person is shown it."""
    person, leader = actor.person, actor.person.role is Role.LEADER
    final = {s.key for p in work.rules.procedures.values() for s in p.states if s.final}
    return Said(
        tuple(
            (
                s.number if scope.shows("ticket-numbers") else "–",
                s.day,
                s.by if scope.shows("handler-names") else "",
                s.words,
            )
            for s in (
                suggestions.of_period(work, period, hidden_from=person.key, zh=actor.language == "zh")
                if scope.shows("suggestions")
                else ()
            )
        ),
        Directions()
        if not scope.shows("words")
        else directions.collect(
            work.session,
            period,
            zone=work.settings.desk.zone,
            now=work.now,
            final=final,
            leader=person.key if leader else None,
            hidden_for=person.key,
        ),
    )


def _mine(actor: Actor, found: PeriodFigures) -> set[str] | None:
    """Return the tickets a handler may be shown; None: everything that is not hidden."""
    if actor.person.role is not Role.HANDLER:
        return None
    mine = {c.identity.number for c in found.cases if c.identity.handler in actor.acts_for}
    return mine | {o.identity.number for o in found.overdue if o.identity.handler in actor.acts_for}


def _of_letter(work: Work, actor: Actor) -> tuple[Period | None, Scope]:
    """Return the period of the digest that is answered, and its scope."""
    letter = actor.letter
    if letter is None or letter.kind != LetterKind.DIGEST.value:
        return None, WHOLE
    _, key, first, *_ = [*(letter.dedupe or "").split("/"), "", "", ""]
    digest = next((d for d in work.settings.digests.digest if d.key == key), None)
    if digest is None:
        return None, WHOLE
    scope = work.settings.digests.scope_of(digest)
    if first == "by-hand":
        return periods.before(digest.period, work.rules.day_of(letter.created_at)), scope
    return periods.of(digest.period, date.fromisoformat(first)), scope


_UNDERSTOOD_ZH = (
    "看不懂要列哪些。可以写：逾期、未办结、收到、受理、不予受理、办结、延期、未认定、未送达、按时、逾期完成；邮件、隔离、满意度、不满意、"
    "建议、征询、迟复、逾期未复、再次投诉、批示、督办、直通车；可加“类别 审批”、“承办 王芳”、“企业 …”、“国别 …”、“渠道 …”、“理由 …”、"
    "“性质 …”，以及上月、本季度、2026-09。例：#列表 类别 审批 未办结"
)
_UNDERSTOOD_EN = (
    "It is not clear what to list. Write overdue, open, received, accepted, refused, concluded, extended, unmarked, "
    "unserved, on time, met late; mails, quarantine, ratings, dissatisfied, suggestions, asked, replied late, not replied, "
    "repeats, instructions, supervisions, through-trains; perhaps “category …”, “handler …”, “enterprise …”, “country …”, "
    "“channel …”, “ground …”, “kind …”; perhaps last month, this quarter, 2026-09. Example: #list category permits open"
)
