"""Questions to public bodies (征询) and statements of those complained about (陈述): asking them.

What leaves is the handler's words, the files named in them, a reference and a date; nothing of the ticket.
A question stands in the ticket's events; which are open is asked here. What answers them: `organ_answers`,
reminders: `organ_reminders`. Implementing Regulations of the Foreign Investment Law, Art. 30.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from mail_desk.config import Language, Organ
from mail_desk.desk import organ_files, outward, repeated_words, traced
from mail_desk.desk.case import REMINDERS_AT, Case
from mail_desk.desk.outcome import Actor, Outcome, in_words
from mail_desk.desk.post import To, post
from mail_desk.desk.work import Work
from mail_desk.inbound import language as languages
from mail_desk.outbound.letters import Audience, File, LetterKind, OrganQuestionContext
from mail_desk.store import ledger
from mail_desk.store.schema import EventRow, LetterRow, LetterState, Moment, TicketRow
from mail_desk.tickets import events as e
from mail_desk.tickets import organ_questions
from mail_desk.tickets.commands import Command
from mail_desk.tickets.organ_questions import Asking, Question, Reference
from mail_desk.tickets.policy import Transition

DUE, REMIND = "organ-due", "organ-remind"  # actions of moments
KINDS = (LetterKind.ORGAN_QUESTION.value, LetterKind.ORGAN_STATEMENT.value)


# --- which questions there are ----------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """A question with the ticket it belongs to now: the one it was asked about, or that was merged into."""

    case: Case
    question: Question

    @property
    def organ(self) -> Organ | None:
        return next((o for o in self.case.work.people.organ if o.key == self.question.organ), None)

    def organ_name(self, language: Language) -> str:
        organ = self.organ
        if organ is None:
            return self.question.organ  # taken out of the configuration since
        return organ.name if language == "zh" else organ.name_en or organ.name

    def spoken(self, language: Language) -> str:
        return self.question.reference.spoken(language, respondent=self.question.respondent)

    def letter(self) -> LetterRow | None:
        return self.case.work.session.get(LetterRow, self.question.letter) if self.question.letter else None

    def reached(self) -> bool | None:
        """Say whether the letter left: None as long as it waits, False where it never arrived."""
        letter = self.letter()
        if letter is None or letter.state == LetterState.SENT:
            return letter is None or not (letter.last_reply or "").startswith("bounced")
        return False if letter.state in (LetterState.FAILED, LetterState.CANCELLED) else None

    def days_late(self, today: date) -> int:
        """Return how many working days the answer is late; 0 or less: it is not."""
        by = self.question.answer_by
        if by is None or today <= by:
            return 0
        return max(1, self.case.work.rules.calendar.between(by, today))

    def sort_key(self) -> tuple[date, Reference]:
        return self.question.answer_by or date.max, self.question.reference


def of_case(case: Case) -> list[Standing]:
    """Return all questions of a ticket and of those merged into it, oldest first."""
    work = case.work
    merged = work.session.scalars(select(TicketRow).where(TicketRow.merged_into == case.row.id)).all()
    found = organ_questions.questions(case.recorded, case.row.number)
    for row in merged:
        found += organ_questions.questions(ledger.events_of(work.session, row.id), row.number, case.recorded)
    return [Standing(case, question) for question in found]


def by_reference(work: Work, reference: Reference) -> Standing | None:
    """Return the question of that reference, None where there is none."""
    first = Case.by_number(work, reference.ticket)
    if first is None:
        return None
    case = first if first.row.merged_into is None else Case.by_id(work, first.row.id)
    later = () if case is first else case.recorded
    asked = organ_questions.questions(first.recorded, first.row.number, later)
    return next((Standing(case, q) for q in asked if q.reference == reference), None)


def by_letter(work: Work, letter: LetterRow) -> Standing | None:
    """Return the question a letter asked, or reminded of."""
    asked = letter.id
    if letter.kind == LetterKind.ORGAN_REMINDER.value and (letter.cause or "").startswith("letter:"):
        asked = int((letter.cause or "").removeprefix("letter:"))
    if letter.ticket_id is None:
        return None
    row = work.session.get_one(TicketRow, letter.ticket_id)
    numbered = organ_questions.questions(ledger.events_of(work.session, row.id), row.number)
    question = next((q for q in numbered if q.letter == asked), None)
    return by_reference(work, question.reference) if question is not None else None


def open_now(work: Work, *, hidden_from: str | None = None) -> list[Standing]:
    """Return every question that waits for its answer, the most urgent first; none of finished tickets.

    One whose letter was refused or came back waits for nothing: its handler was told.
    """
    query = (
        select(TicketRow.id)
        .where(
            TicketRow.id.in_(select(EventRow.ticket_id).where(EventRow.type == e.Asked.__name__)),
            or_(TicketRow.closed_at.is_(None), TicketRow.merged_into.is_not(None)),
        )
        .order_by(TicketRow.id)
    )
    ids = list(work.session.scalars(query))
    recorded = ledger.load_many(work.session, ids)
    cases: dict[int, Case] = {}
    found: list[Standing] = []
    for ticket in ids:
        row = work.session.get_one(TicketRow, ticket)
        final = row
        while final.merged_into is not None:
            final = work.session.get_one(TicketRow, final.merged_into)
        case = cases.get(final.id) or Case(work, final, recorded.get(final.id))
        case.opening = False
        cases[final.id] = case
        if case.ticket.closed_at is not None or hidden_from in case.ticket.hidden:
            continue
        later = () if final is row else case.recorded
        standing = (Standing(case, q) for q in organ_questions.questions(recorded[ticket], row.number, later))
        found += [s for s in standing if s.question.open and s.reached() is not False]
    return sorted(found, key=Standing.sort_key)


# --- asking -----------------------------------------------------------------------------------------


def ask(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Ask an organ for its view."""
    return _send(case, command, actor, respondent=False)


def statement(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Ask the organ complained about for its statement."""
    return _send(case, command, actor, respondent=True)


def _send(case: Case, command: Command, actor: Actor, *, respondent: bool) -> Outcome:
    verb = "statement" if respondent else "ask"

    def line(organ: str, words: str) -> str:
        return f"#{case.row.number} {verb} {organ} {words}"

    named = _named(case.work, command.argument, command.words)
    if named is None:
        return _no_such_organ(case.work, actor, command, line)
    organ, words = named
    asking = organ_questions.read(words)
    if (refusal := _refused(actor, asking, lambda words: line(organ.key, words))) is not None:
        return refusal
    chosen = organ_files.chosen(case, actor, asking, lambda words: line(organ.key, words))
    if isinstance(chosen, Outcome):
        return chosen
    days = asking.days or organ.answer_days
    files = tuple(file.file for file in chosen)
    row, reference, by = _letter(
        case, organ, asking.words, actor, respondent=respondent, days=days, files=files
    )
    if row is None:
        return Outcome(
            False, actor.say("没有可用的收件地址，未发出。", "There is no address to write to; not sent.")
        )
    kept = case.keep(asking.words)
    case.record(
        e.Asked(organ.key, kept, by.isoformat(), respondent, row.id),
        actor=actor.person.key,
        cause=actor.cause,
    )
    _plan_first(case.work, row, reference, by)
    spoken = reference.spoken(actor.language, respondent=respondent)
    what = actor.say(
        f"{'请' + organ.name + '陈述意见' if respondent else '征询' + organ.name}，函号{spoken}"
        f"（请其{in_words(by, 'zh')}前答复，{days}个工作日）",
        f"{'Statement asked of' if respondent else 'Asked'} {organ.name_en or organ.name}, reference {spoken} "
        f"(answer wished by {in_words(by, 'en')}, {days} working days)",
    )
    return Outcome(True, what + _cautions(case, actor, asking, chosen), letters=[row])


def _letter(
    case: Case,
    organ: Organ,
    words: str,
    actor: Actor,
    *,
    respondent: bool,
    days: int,
    files: tuple[File, ...],
) -> tuple[LetterRow | None, Reference, date]:
    """Queue the letter; return it with its reference and the day to answer by."""
    count = outward.counted(case, days, leaves=outward.leaves(case))
    language: Language = "en" if languages.detect(words) == "en" else "zh"
    reference = Reference(case.row.number, organ_questions.next_nth(case.recorded))
    name = organ.name if language == "zh" else organ.name_en or organ.name
    to = To(organ.addresses[0], name, language, Audience.ORGAN)
    spoken = reference.spoken(language, respondent=respondent)
    context = OrganQuestionContext(spoken, name, words, count.date, count.provisional)
    kind = LetterKind.ORGAN_STATEMENT if respondent else LetterKind.ORGAN_QUESTION
    row = post(case.work, kind, to, context, actor.why, case=case, files=files, held=True)
    return row, reference, count.date


def _plan_first(work: Work, row: LetterRow, reference: Reference, by: date) -> None:
    """Foresee what follows a question: the handler's reminder on the day, the organ's on the day after."""
    calendar = work.rules.calendar
    plan(work, row.id, reference, DUE, calendar.forward(by, 0))
    plan(work, row.id, reference, REMIND, calendar.forward(by, 1))


def plan(work: Work, letter: int, reference: Reference, action: str, day: date) -> None:
    """Put a moment of a question on a day, once."""
    key = f"{action}/{letter}/{day}"
    if work.session.scalar(select(Moment.id).where(Moment.key == key)) is not None:
        return
    due_at = datetime.combine(day, REMINDERS_AT, work.settings.desk.zone)
    data = {"ticket": reference.ticket, "nth": reference.nth}
    work.session.add(Moment(key=key, due_at=due_at, action=action, data=data, state="pending"))


def _named(work: Work, argument: str, words: str) -> tuple[Organ, str] | None:
    """Return the organ of that key or name that can be written to, and the words behind its name.

    An English name may go on where the grammar cut it (Tax Bureau), or have taken the time along
    (tax within 5 working days: …).
    """
    folded = argument.strip().casefold()
    names = {
        n.casefold(): o for o in work.people.organ if o.addresses for n in (o.key, o.name, o.name_en) if n
    }
    if folded in names:
        return names[folded], words
    for whole, gap in ((f"{argument} {words}", " "), (f"{argument}: {words}", ":")):
        for name in sorted(names, key=len, reverse=True):
            rest = whole[len(name) :]
            if whole.casefold().startswith(name) and rest[:1] in (" ", ":", "：", ","):
                if gap == " " and argument.casefold().startswith(name):
                    continue  # the colon behind it was the grammar's: read it with the colon
                return names[name], rest.lstrip(" :：,")
    return None


def _no_such_organ(work: Work, actor: Actor, command: Command, line: Callable[[str, str], str]) -> Outcome:
    """List who can be asked; each is one digit, with the question already written."""
    possible = [o for o in work.people.organ if o.addresses][:9]
    near = [
        o for o in possible if command.argument.strip() and command.argument.strip() in o.name
    ] or possible
    names = "、".join(o.name for o in possible)
    names_en = ", ".join(o.name_en or o.name for o in possible)
    return Outcome(
        False,
        actor.say(
            f"没有名为“{command.argument}”的机关。可征询：{names}",
            f"No organ “{command.argument}”. Known: {names_en}",
        ),
        offers=[
            (line(o.key, command.words), f"发给{o.name}", f"Send it to the {o.name_en or o.name}", False)
            for o in near
        ],
    )


def _refused(actor: Actor, asking: Asking, line: Callable[[str], str]) -> Outcome | None:
    if asking.too_long:
        most = organ_questions.LONGEST_TIME
        return Outcome(
            False,
            actor.say(
                f"答复期限须在1至{most}个工作日之间，未发出。",
                f"Not sent: an answer can be asked for within 1 to {most} working days.",
            ),
            offers=[(line(asking.words), "按通常期限发出", "Send it with the usual time", False)]
            if asking.words and not asking.files
            else [],
        )
    if not asking.words:
        return Outcome(
            False,
            actor.say("没有写明要问什么，未发出。", "Not sent: nothing is asked in it."),
        )
    return None


def _cautions(case: Case, actor: Actor, asking: Asking, files: list[organ_files.Chosen]) -> str:
    """Say what the words or files give away of the complainant: sent as written, but not unnoticed."""
    row = case.row
    enterprise = next((x for x in case.work.settings.enterprises if x.key == row.enterprise), None)
    names = {row.complainant_name, row.complainant_address}
    names |= {enterprise.name, enterprise.name_en} if enterprise is not None else set()
    named = sorted(n for n in names if len(n) > 1 and n.casefold() in asking.words.casefold())
    theirs = [file.file.filename for file in files if file.from_complainant]
    said = ""
    if named:
        said += actor.say(
            f"。请注意：文中写有投诉人信息（{'、'.join(named)}）",
            f". Note: the words name the complainant ({', '.join(named)})",
        )
    if theirs:
        said += actor.say(
            f"。请注意：{'、'.join(theirs)} 是投诉人提交的材料，将随函交给对方",
            f". Note: {', '.join(theirs)} came from the complainant and goes to the body asked",
        )
    said += traced.told(actor, (file.file for file in files))
    return said + repeated_words.of_complaint(case, actor, asking.words)
