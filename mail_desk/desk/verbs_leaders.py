"""What is put to leaders and what they want: through-train, instruction, supervision, report back.

A leader's words about a ticket are an instruction; where they say by when, they are a supervision. A day that
is over is refused and asked about; a day that can be read in two ways is never guessed: the instruction
passes, and each possible day is offered as a digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mail_desk.config import Person, Role
from mail_desk.desk import leader_letters, notify, supervising
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, in_words
from mail_desk.desk.verbs_people import person_named
from mail_desk.store.schema import Message
from mail_desk.tickets import events as e
from mail_desk.tickets import events_leaders as el
from mail_desk.tickets import supervisions
from mail_desk.tickets.commands import Command, Verb
from mail_desk.tickets.grades import Grade, grade
from mail_desk.tickets.policy import Transition
from mail_desk.tickets.spoken_deadlines import Deadline, spoken
from mail_desk.tickets.supervisions import Supervision
from mail_desk.tickets.ticket import live

_Step = tuple[str, str, str, bool]


@dataclass(frozen=True)
class Said:
    """Words of a leader about one ticket."""

    leader: Person
    words: str
    message: Message  # the leader's mail
    day: date | None = None  # by when, where it was given apart from the words
    owes: str = ""  # person key; "": the handler


# --- instruction and supervision --------------------------------------------------------------------


def instruct(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    return pass_on(case, actor, Said(actor.person, command.words, actor.message))


def supervise(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Supervise, or instruct where no day was given: the words must not be lost."""
    who, _, given = command.argument.rpartition(" ")
    words = command.words
    if not who and not given:
        who = _named_first(case, words)
    person = person_named(case, who) if who else None
    if who and (person is None or person.key in case.ticket.hidden or person.role is Role.LEADER):
        return Outcome(
            False, actor.say(f"不能由“{who}”负责督办事项。", f"“{who}” cannot be the one who owes it.")
        )
    day = date.fromisoformat(given) if given else None
    words = words or (
        actor.say(
            f"请于{in_words(day, 'zh')}前办结并报告",
            f"Please finish this and report by {in_words(day, 'en')}",
        )
        if day is not None
        else actor.say("督办", "Please see to this")
    )
    owes = person.key if person is not None and person.key != case.ticket.handler else ""
    return pass_on(case, actor, Said(actor.person, words, actor.message, day, owes), asked=True)


def _named_first(case: Case, words: str) -> str:
    """Return the name the words begin with: `李强 11月30日前报`. "" where it is nobody's."""
    first = next(
        iter(words.replace("，", " ").replace("：", " ").replace(",", " ").replace(":", " ").split()), ""
    )
    return first if first and person_named(case, first) is not None else ""


def deadline(case: Case, words: str, message: Message) -> Deadline:
    """Return by when words want something, counted from the day their mail came."""
    written = case.work.rules.day_of(message.received_at)
    return spoken(words, written, case.work.rules.calendar.forward)


def pass_on(case: Case, actor: Actor, said: Said, *, asked: bool = False) -> Outcome:
    """Record what a leader wants and tell who has to act. `asked`: a supervision was asked for by name."""
    found = Deadline(day=said.day) if said.day is not None else deadline(case, said.words, said.message)
    over = found.past or (found.day if found.day is not None and found.day < case.work.today else None)
    if over is not None:
        return _over(case, actor, said, over)
    if found.day is not None:
        return _supervised(case, actor, said, found.day)
    words, by = case.keep(said.words), actor.person
    own = by.key == said.leader.key
    event = e.Instructed(words) if own else el.InstructionRecorded(said.leader.key, words, said.message.id)
    case.record(event, actor=by.key, cause=actor.cause)
    leader_letters.direction(case, actor.why, leader=said.leader, by=by, words=said.words)
    what = actor.say("批示已转经办人和负责人", "The instruction went to the handler and the supervisor")
    if found.possible or asked:
        what += actor.say(
            "；期限不明确，未立为督办。要督办，请选日期：" if found.possible else "；未写期限，未立为督办",
            "; by when is not clear, so no supervision was set. To set one, choose the day:"
            if found.possible
            else "; no day was given, so no supervision was set",
        )
    return Outcome(True, what, offers=days_offered(case, said, found.possible), by_supervisor=True)


def days_offered(case: Case, said: Said, days: tuple[date, ...]) -> list[_Step]:
    """Return one step a possible day: whoever answers sets the supervision."""
    return [attributing(case.row.number, said.message, day, words=said.words) for day in days]


def attributing(number: str, message: Message, day: date | None, *, words: str = "") -> _Step:
    """Return the step that puts a leader's words down on a ticket, as a supervision where there is a day."""
    behind = f":\n{words}" if words else ""
    if day is None:
        return (
            f"#{number} attribute M{message.id}{behind}",
            f"{number}：作为批示（不设期限）",
            f"{number}: an instruction, without a day",
            False,
        )
    return (
        f"#{number} attribute M{message.id} {day}{behind}",
        f"{number}：督办，{in_words(day, 'zh')}前回报",
        f"{number}: supervise, report back by {in_words(day, 'en')}",
        False,
    )


def _over(case: Case, actor: Actor, said: Said, day: date) -> Outcome:
    """Refuse a day that is over: nothing is passed on, and the right day is asked for."""
    right = f"#{case.row.number} attribute M{said.message.id} {case.work.today.year}-12-31"
    return Outcome(
        False,
        actor.say(
            f"{in_words(day, 'zh')}已经过去，未转办，请确认期限。改日期请写（换成正确的日期）：{right}",
            f"{in_words(day, 'en')} is over, so nothing was passed on; which day is meant? To correct it write, "
            f"with the right day: {right}",
        ),
        offers=[attributing(case.row.number, said.message, None, words=said.words)],
        by_supervisor=True,
    )


def _supervised(case: Case, actor: Actor, said: Said, day: date) -> Outcome:
    number = supervisions.next_number(case.recorded)
    event = el.Supervised(
        number, said.leader.key, day.isoformat(), said.owes, case.keep(said.words), said.message.id
    )
    case.record(event, actor=actor.person.key, cause=actor.cause)
    supervision = next(s for s in supervising.owed(case) if s.number == number)
    supervising.plan(case, supervision)
    leader_letters.direction(
        case, actor.why, leader=said.leader, by=actor.person, words=said.words, supervision=supervision
    )
    shown = supervising.shown_day(case.work, day)
    who = supervising.named(supervising.owing(case, supervision), actor.language) or "—"
    moved = (
        actor.say(f"（{in_words(day, 'zh')}不是工作日）", f" ({in_words(day, 'en')} is no working day)")
        if shown != day
        else ""
    )
    return Outcome(
        True,
        actor.say(
            f"督办 S{number}：{in_words(shown, 'zh')}前回报{moved}，由{who}负责，已转经办人和负责人",
            f"Supervision S{number}: to be reported back by {in_words(shown, 'en')}{moved}; {who} owes it and was told",
        ),
        by_supervisor=True,
    )


def read(case: Case, _command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Record that a leader has read it, and nothing else."""
    case.record(e.Read(), actor=actor.person.key, cause=actor.cause)
    return Outcome(True, actor.say("已阅", "Marked as read"))


# --- ending a supervision ---------------------------------------------------------------------------


def _meant(case: Case, command: Command, actor: Actor) -> Supervision | Outcome:
    """Return the supervision a command means; the only one where none is named."""
    owed = supervising.owed(case)
    if not command.argument and len(owed) == 1:
        return owed[0]
    found = next((s for s in owed if s.name == command.argument), None)
    if found is not None:
        return found
    if not owed:
        return Outcome(
            False, actor.say("这一件没有需要回报的督办事项。", "No supervision is open on this ticket.")
        )
    offers = []
    for s in owed:
        label = supervising.view(case, s, actor.language).label
        words = f":\n{command.words}" if command.words else ""
        offers.append((f"#{case.row.number} {command.verb} {s.name}{words}", label, label, False))
    return Outcome(
        False,
        actor.say("这一件有几项督办，是哪一项？", "Several supervisions are open on this ticket; which one?"),
        offers=offers,
    )


def report_back(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Report what was done to the leader who wanted it: that ends the supervision."""
    supervision = _meant(case, command, actor)
    if isinstance(supervision, Outcome):
        return supervision
    case.record(
        el.ReportedBack(supervision.number, case.keep(command.words)),
        actor=actor.person.key,
        cause=actor.cause,
    )
    leader = case.work.people.by_key(supervision.leader)
    if leader is None or leader.key in case.ticket.hidden:
        return Outcome(True, actor.say("已记录回报", "Your report is on record"))
    leader_letters.report_back(case, actor, supervision, words=command.words)
    name = supervising.named(leader, actor.language)
    return Outcome(
        True,
        actor.say(f"督办 {supervision.name} 已回报{name}", f"{supervision.name} was reported back to {name}"),
    )


def call_off(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Call a supervision off; only a leader may."""
    supervision = _meant(case, command, actor)
    if isinstance(supervision, Outcome):
        return supervision
    kept = case.keep(command.words) if command.words else None
    case.record(el.SupervisionEnded(supervision.number, kept), actor=actor.person.key, cause=actor.cause)
    leader_letters.called_off(case, actor.why, supervision, by=actor.person, words=command.words)
    return Outcome(True, actor.say(f"督办 {supervision.name} 已撤销", f"{supervision.name} was called off"))


# --- through-train ----------------------------------------------------------------------------------


def escalate(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Put a major difficulty straight to the leader, with a summary (直通车)."""
    leader = notify.leader_of(case)
    if leader is None or leader.key in case.ticket.hidden:
        return Outcome(
            False,
            actor.say(
                "没有可以报送的领导，请联系管理员。", "There is no leader to put it to; ask the operator."
            ),
        )
    case.record(
        el.ThroughTrain(leader.key, case.keep(command.words)), actor=actor.person.key, cause=actor.cause
    )
    leader_letters.through_train(case, actor, leader, summary=command.words)
    name = supervising.named(leader, actor.language)
    return Outcome(True, actor.say(f"直通车：已报{name}", f"Put straight to {name}"))


# --- a leader's words that named no ticket ----------------------------------------------------------


def attribute(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Put a leader's words down on a ticket, on the leader's behalf.

    Only of a mail that answered a letter of ours with its key: nobody forges an instruction this way.
    """
    reference, _, given = command.argument.partition(" ")
    message = case.work.session.get(Message, int(reference.removeprefix("M")))
    leader = case.work.people.by_address(message.from_address or "") if message is not None else None
    if message is None or leader is None or leader.role is not Role.LEADER or not _proves(case, message):
        return Outcome(
            False,
            actor.say(
                f"{reference} 不是领导对本系统信件的回信。",
                f"{reference} is no leader's answer to a letter of ours.",
            ),
        )
    if leader.key in case.ticket.hidden:
        return Outcome(
            False, actor.say("该领导须回避这一件。", "That leader must not deal with this ticket.")
        )
    said = (message.new_text or "").strip()
    words = command.words.strip() or said
    if "".join(words.split()) not in "".join(said.split()):
        return Outcome(
            False, actor.say(f"{reference} 里没有这些话。", f"These words do not stand in {reference}.")
        )
    if _known(case, message, given):
        return Outcome(
            False, actor.say(f"{reference} 已经登记到这一件。", f"{reference} stands on this ticket already.")
        )
    if not given:
        return _put_down(case, actor, Said(leader, words, message))
    return pass_on(case, actor, Said(leader, words, message, date.fromisoformat(given)))


def _known(case: Case, message: Message, day: str) -> bool:
    """Say whether this mail was put down here before, as the same thing."""
    for r in live(case.recorded):
        match r.event:
            case el.InstructionRecorded(_, _, known) if known == message.id and not day:
                return True
            case el.Supervised(_, _, due, _, _, known) if known == message.id and due == day:
                return True
            case _:
                pass
    return False


def _proves(case: Case, message: Message) -> bool:
    """Say whether a leader's mail proved as much as an instruction of the leader's own has to."""
    proof, rules = message.proof or {}, case.work.settings.authority
    if not message.verified or proof.get("barred"):
        return False
    needed = grade(Verb.INSTRUCT, default=rules.default, exceptions=rules.verbs)
    return needed is not Grade.STRONG or bool(proof.get("proven"))


def _put_down(case: Case, actor: Actor, said: Said) -> Outcome:
    """Record words without a day as an instruction, whatever days they mention."""
    own = actor.person.key == said.leader.key
    kept = case.keep(said.words)
    event = e.Instructed(kept) if own else el.InstructionRecorded(said.leader.key, kept, said.message.id)
    case.record(event, actor=actor.person.key, cause=actor.cause)
    leader_letters.direction(case, actor.why, leader=said.leader, by=actor.person, words=said.words)
    name = supervising.named(said.leader, actor.language)
    return Outcome(
        True,
        actor.say(f"已记为{name}的批示，转经办人", f"Put down as {name}'s instruction and passed on"),
        by_supervisor=True,
    )
