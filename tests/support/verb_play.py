"""How the story of one verb is played: a row of the table, and many of them side by side in one world.

A story is a generator: it writes mails, yields while the desk works (`WORK`) or until held letters have left
(`LEFT`), and then looks at what everybody received. `play_all` moves all stories of a world on together, so that
a world of sixty stories asks the servers as often as a world of one. What a story finds wrong is kept with it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.inbound.parse import parse
from mail_desk.store.schema import EventRow, LetterRow, Message, TicketRow
from mail_desk.tickets.commands import Verb

WORK, LEFT = 0, 16  # minutes: let the desk work; and wait until letters that are held have left
ZH, EN = 0, 1
Both = tuple[str, str]  # Chinese, English
Steps = Generator[int, None, None]
COMPLAINANT = "complainant"
UNDONE: Both = ("未执行", "not carried out")


@dataclass(frozen=True)
class Caused:
    """A letter that the command causes: what it is, who gets it, a phrase of it."""

    kind: str
    to: str
    says: Both | None  # None: it waits, and must not have arrived


@dataclass(frozen=True)
class Refused:
    """A command that is refused: by whom or in which state, and the words that say who may or what is possible."""

    by: str
    typed: Both
    told: Both | None  # None: who gives no commands gets no answer
    after: bool = False  # the verb has been carried out


@dataclass(frozen=True)
class Story:
    """What a verb needs, is told, causes and leaves behind."""

    verb: Verb
    ready: Callable[[Play], Steps]
    by: str
    typed: Both
    told: Both | None  # of the transcript; None: nobody is told, as for most of a leader's words
    refused: Refused
    letters: tuple[Caused, ...] = ()
    state: str = ""
    events: tuple[str, ...] = ()
    files: tuple[tuple[str, str, bytes], ...] = ()
    then: Callable[[Play], Steps] | None = None


class Boxes:
    """Everybody's mailbox as it is between two runs of the desk, each mail read once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._fresh: dict[str, list[Got]] = {}
        self._read: dict[bytes, Got] = {}

    def changed(self) -> None:
        self._fresh.clear()

    def of(self, address: str) -> list[Got]:
        if address not in self._fresh:
            found = []
            for raw in self._world.backing.messages(address, "INBOX"):
                if raw not in self._read:
                    self._read[raw] = Got(raw, parse(raw))
                found.append(self._read[raw])
            self._fresh[address] = found
        return self._fresh[address]


@dataclass
class Play:
    """One story in its world: its own complainant, its own ticket."""

    story: Story
    world: World
    boxes: Boxes
    language: int
    number: str = ""
    slots: dict[str, str] = field(default_factory=dict)
    answering: Got | None = (
        None  # the letter the command answers, where it is not the newest about the ticket
    )
    problem: BaseException | None = None
    finished: bool = False

    # --- who and what -----------------------------------------------------------------------------

    @property
    def place(self) -> int:
        """Return a number of its own for each verb: names of verbs in a complaint would be words to the desk."""
        return 1 + list(Verb).index(self.story.verb)

    @property
    def address(self) -> str:
        return f"gm@firm{self.place}.example"

    @property
    def lawyer(self) -> str:
        return f"lawyer@law{self.place}.example"

    def says(self, both: Both) -> str:
        """Return the words in this world's language, with this story's numbers."""
        words = both[self.language]
        for name, value in {"number": self.number, "address": self.address, **self.slots}.items():
            words = words.replace("{" + name + "}", value)
        return words

    def who(self, name: str) -> str:
        return {COMPLAINANT: self.address, "lawyer": self.lawyer}.get(name, name)

    # --- mails ------------------------------------------------------------------------------------

    def letter(self, person: str, containing: str = "") -> Got:
        """Return the newest letter to somebody that is about this story's ticket."""
        address = self.who(person)
        found = [g for g in self.boxes.of(address) if not self.number or self.number in g.subject + g.text]
        found = [g for g in found if containing in g.subject] or [g for g in found if containing in g.text]
        if not found:
            subjects = [g.subject for g in self.boxes.of(address)]
            raise LookupError(
                f"{address} has no letter about {self.number} with {containing!r}, only {subjects}"
            )
        return found[-1]

    def write(self, sender: str, subject: str, text: str, **more: object) -> str:
        """Have somebody write; return the Message-ID."""
        self.world.meet(self.who(sender))
        raw = self.world.write(self.who(sender), subject, text, **more)  # type: ignore[arg-type]
        return parse(raw).message_id

    def say(
        self, by: str, typed: Both, to: Got | None = None, files: Sequence[tuple[str, str, bytes]] = ()
    ) -> str:
        """Have somebody answer a letter about the ticket, by default the newest; return the Message-ID."""
        self.world.meet(self.who(by))
        raw = self.world.reply(self.who(by), to or self.letter(by), self.says(typed), files=files)
        return parse(raw).message_id

    def do(self, by: str, typed: Both, to: Got | None = None) -> Steps:
        """Have a command carried out on the way to the situation; it must succeed."""
        sent = self.say(by, typed, to)
        yield WORK
        if by == office.ZHAO:  # no mail answers a leader
            return
        got = self.transcript(by, sent)
        assert got is not None, f"nothing answers {self.says(typed)}"
        assert UNDONE[self.language] not in got.subject, f"{self.says(typed)}: {got.subject}\n{got.text}"

    def transcript(self, by: str, sent: str) -> Got | None:
        """Return the desk's answer to a command mail; a leader's is told to the supervisor, or nobody."""
        message = self.message(sent)
        with self.world.daemon.store.read() as session:
            key = f"transcript/{message.id}"
            row = session.scalars(select(LetterRow).where(LetterRow.dedupe == key)).first()
        if row is None:
            return None
        assert by != office.ZHAO or row.recipient == office.ZHOU, "no transcript goes to a leader"
        return next(g for g in self.boxes.of(row.recipient) if g.mail.message_id == row.message_id)

    def message(self, message_id: str) -> Message:
        with self.world.daemon.store.read() as session:
            return session.scalars(select(Message).where(Message.message_id == message_id)).one()

    # --- the record -------------------------------------------------------------------------------

    def row(self, number: str = "") -> TicketRow:
        with self.world.daemon.store.read() as session:
            return session.scalars(select(TicketRow).where(TicketRow.number == (number or self.number))).one()

    def events(self) -> list[str]:
        if not self.number:
            return []
        query = select(EventRow.type).where(EventRow.ticket_id == self.row().id).order_by(EventRow.seq)
        with self.world.daemon.store.read() as session:
            return list(session.scalars(query))

    def letters(self) -> list[LetterRow]:
        """Return the letters about this ticket, transcripts left out; without a ticket, all there are."""
        query = select(LetterRow).where(LetterRow.kind != "transcript").order_by(LetterRow.id)
        if self.number:
            query = query.where(LetterRow.ticket_id == self.row().id)
        with self.world.daemon.store.read() as session:
            return list(session.scalars(query))

    # --- the story --------------------------------------------------------------------------------

    def tell(self) -> Steps:
        """Play the row: the situation, the refusal, the command, and all that must be so afterwards."""
        story = self.story
        yield from story.ready(self)
        if not story.refused.after:
            yield from self.refusal(story.refused)
        events, known = self.events(), {letter.id for letter in self.letters()}
        sent = self.say(story.by, story.typed, self.answering, files=story.files)
        yield WORK
        told = self.transcript(story.by, sent)
        if story.told is None:
            assert told is None, told
        else:
            assert told is not None, "no transcript answers the command"
            assert UNDONE[self.language] not in told.subject, f"{told.subject}\n{told.text}"
            assert flat(self.says(story.told)) in flat(told.text), told.text
        yield LEFT
        self.look(events, known)
        if story.then is not None:
            yield from story.then(self)
        if story.refused.after:
            yield from self.refusal(story.refused)

    def look(self, events: list[str], known: set[int]) -> None:
        """Compare letters, state and events with the row."""
        story = self.story
        caused = [letter for letter in self.letters() if letter.id not in known]
        expected = sorted((c.kind, self.who(c.to)) for c in story.letters)
        assert sorted((c.kind, c.recipient) for c in caused) == expected
        for wanted in story.letters:
            ids = [
                c.message_id for c in caused if (c.kind, c.recipient) == (wanted.kind, self.who(wanted.to))
            ]
            received = [g for g in self.boxes.of(self.who(wanted.to)) if g.mail.message_id in ids]
            assert bool(received) is (wanted.says is not None), f"{wanted.kind} to {wanted.to}: {received}"
            if wanted.says is None:
                continue
            said = "\n".join(f"{g.subject}\n{g.text}" for g in received)
            assert flat(self.says(wanted.says)) in flat(said), said
        if story.state:
            assert self.row().state == story.state
        added = self.events()[len(events) :]
        assert [e for e in added if e in story.events] == list(story.events), added

    def refusal(self, refused: Refused) -> Steps:
        """Have the refused command tried; one that is only laid ready is insisted on with its digit."""
        events = self.events()
        known = [g for g in self.boxes.of(self.who(refused.by)) if self.number and self.number in g.subject]
        if known:
            sent = self.say(refused.by, refused.typed, known[-1])
        else:  # no letter about it: by its number
            typed = self.says(refused.typed)
            typed = typed.replace("#", f"#{self.number} ", 1) if self.number else typed
            sent = self.write(refused.by, "件 / ticket", typed)
        yield WORK
        answer = self.transcript(refused.by, sent)
        if refused.told is None:
            assert answer is None
            assert self.events() == events
            return
        assert answer is not None
        if any(keyless in flat(answer.text) for keyless in map(flat, KEYLESS)):
            sent = self.say(refused.by, ("1", "1"), answer)
            yield WORK
            answer = self.transcript(refused.by, sent)
            assert answer is not None
        assert UNDONE[self.language] in answer.subject, f"{answer.subject}\n{answer.text}"
        assert flat(self.says(refused.told)) in flat(answer.text), answer.text
        assert self.events() == events, "what is refused leaves nothing behind"


KEYLESS = ("为防冒用，未执行", "Not done, to keep forgers out")


def flat(text: str) -> str:
    """Return a text without its line breaks and spaces."""
    return "".join(text.split())


async def play_all(world: World, plays: Iterable[Play], boxes: Boxes) -> None:
    """Move all stories on together; keep with each what was wrong in it."""
    running = [(play, play.tell()) for play in plays]
    waiting: list[tuple[Play, Steps]] = []
    while running or waiting:
        if not running:
            await world.minutes(LEFT)
            boxes.changed()
            running, waiting = waiting, []
        still: list[tuple[Play, Steps]] = []
        for play, steps in running:
            try:
                minutes = next(steps)
            except StopIteration:
                play.finished = True
                continue
            except BaseException as error:  # noqa: BLE001 - told by the test of its verb
                play.problem = error
                continue
            (still if minutes == WORK else waiting).append((play, steps))
        running = still
        await world.work()
        boxes.changed()
