"""The people of the simulated year: enterprises, handlers, supervisor and leader, by dice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from mail_desk.demo import office
from mail_desk.store.schema import LetterRow, TicketRow
from year_desk import ZONE, Desk, Plan, at

ADDRESS = {"wang": office.WANG, "li": office.LI, "zhou": office.ZHOU, "zhao": office.ZHAO}


@dataclass
class _Life:
    """What is going to become of one ticket."""

    kind: str
    steps: dict[str, float]  # working days to wait before each step
    extends: bool = False
    by_hand: bool = True


class Play(Desk):
    """One desk, one year, and everybody who writes to it."""

    def __init__(self, plan: Plan, directory: Path) -> None:
        super().__init__(plan, directory)
        self._lives: dict[int, _Life] = {}
        self._letters: dict[tuple[str, int], LetterRow] = {}  # the newest about a ticket, by reader
        self._enterprise: dict[int, LetterRow] = {}  # the newest to the complainant

    def write_script(self) -> None:
        """Throw the dice for who writes when: most on working days, some at night or on a holiday."""
        day, left = self.plan.first, self.plan.tickets
        while left and day <= self.plan.last:
            today = min(left, self.plan.a_day if self.working(day) else self.dice.choice((0, 0, 1)))
            for _ in range(today):
                slot = self.dice.randrange(24, 57) if self.dice.random() < 0.9 else self.dice.randrange(72)
                when = at(day, 0, 7) + timedelta(minutes=20 * slot)
                number = self.plan.tickets - left
                self.later(when, partial(self._complain, number))
                left -= 1
            day += timedelta(days=1)

    def _complain(self, number: int) -> None:
        sender = f"contact{number}@firm{number % 700}.example"
        topic = self.dice.choice(("增值税退税", "许可证审批", "用地", "VAT refund", "海关"))
        text = (
            f"Dear desk,\nour application no. {number} has not been answered; please help us with it.\n"
            if topic.isascii()
            else f"您好：\n我公司第{number}号申请至今没有答复，请协调处理。\n"
        )
        self.mail(sender, f"{topic} {number}", text)

    def _life(self, ticket_id: int) -> _Life:
        life = self._lives.get(ticket_id)
        if life is None:
            dice = self.dice
            kind = dice.choices(("accept", "materials", "decline", "enquiry", "advert"), (62, 14, 9, 12, 3))[
                0
            ]
            slow = dice.random()
            life = self._lives[ticket_id] = _Life(
                kind,
                {
                    "mark": dice.choice((0, 0, 0, 1)) if slow < 0.94 else 3,
                    "decide": dice.randrange(0, 6) if slow < 0.9 else dice.randrange(7, 14),
                    "supplement": dice.randrange(2, 14) if slow < 0.8 else dice.randrange(14, 30),
                    "approve": dice.choice((0, 0, 1, 2)),
                    "conclude": dice.randrange(5, 56) if slow < 0.93 else dice.randrange(58, 72),
                    "close": dice.randrange(1, 5),
                    "hand": dice.randrange(0, 4) if slow < 0.7 else dice.randrange(5, 14),
                },
                extends=dice.random() < 0.05,
                by_hand=dice.random() < 0.9,
            )
        return life

    def got(self, row: LetterRow, named: Sequence[int]) -> None:
        """Have a reader find a letter."""
        ticket_id = row.ticket_id
        if row.person is None:
            if ticket_id is not None and row.audience == "enterprise":
                self._enterprise[ticket_id] = row
                self._outside(row, ticket_id)
            return
        if ticket_id is None:
            for ticket in named:
                self._letters[row.person, ticket] = row
            return
        self._letters[row.person, ticket_id] = row
        life = self._life(ticket_id)
        person = row.person
        match row.kind:
            case "new-ticket" if row.audience == "staff":
                self._soon(person, ticket_id, life.steps["mark"], self._first_step)
            case "follow-up" if life.kind == "materials":
                self._soon(person, ticket_id, 1, self._after_supplement)
            case "approval-request":
                words = "同意" if self.dice.random() < 0.97 else "不同意 请再核实"
                wait = life.steps["approve"] if person == "zhou" else self.dice.choice((0, 1, 3))
                self._soon(person, ticket_id, wait, lambda p, t: self._say(p, t, words))
            case "approval-answer":
                self._soon(person, ticket_id, 1, self._answered)
            case "review-request":
                self._soon(person, ticket_id, self.dice.choice((0, 0, 0, 1)), self._release)
            case "service-failed" if life.by_hand:
                self._soon(person, ticket_id, life.steps["hand"], self._write_by_hand)
            case "sent-by-hand":
                self._soon(person, ticket_id, 0, lambda *_: self._answer_letter(row, "1"))
            case _:
                pass

    def _soon(self, person: str, ticket_id: int, wait: float, act: Callable[[str, int], None]) -> None:
        """Let a person do something in the office, some working days from now, once back from leave."""

        def do() -> None:
            if self.away(person, self.clock.now().astimezone(ZONE).date()):
                self._soon(person, ticket_id, 1, act)
            else:
                act(person, ticket_id)

        self.later(self.office_time(self.clock.now(), wait), do)

    def _say(self, person: str, ticket_id: int, command: str) -> None:
        letter = self._letters.get((person, ticket_id))
        if letter is not None:
            number = self._number(ticket_id)
            self.mail(ADDRESS[person], f"回复：{number}", f"#{number} {command}\n", answers=letter)

    def _answer_letter(self, letter: LetterRow, text: str) -> None:
        assert letter.person is not None
        self.mail(ADDRESS[letter.person], f"回复：[{letter.tag}]", f"{text}\n", answers=letter)

    def _release(self, person: str, ticket_id: int) -> None:
        self._say(person, ticket_id, "放行")

    def _number(self, ticket_id: int) -> str:
        return self._ticket(ticket_id).number

    def _ticket(self, ticket_id: int) -> TicketRow:
        with self.store.read() as session:
            return session.get_one(TicketRow, ticket_id)

    def _first_step(self, person: str, ticket_id: int) -> None:
        life = self._life(ticket_id)
        match life.kind:
            case "enquiry":
                self._say(person, ticket_id, "非投诉 咨询")
                self._soon(person, ticket_id, 1, lambda p, t: self._say(p, t, "答复 您好，请向窗口咨询。"))
                self._soon(person, ticket_id, 2 + life.steps["close"], lambda p, t: self._say(p, t, "结案"))
            case "advert":
                self._say(person, ticket_id, "非投诉 广告")
            case _:
                self._say(person, ticket_id, "投诉")
                self._soon(person, ticket_id, life.steps["decide"], self._decide)

    def _decide(self, person: str, ticket_id: int) -> None:
        match self._life(ticket_id).kind:
            case "accept":
                self._say(person, ticket_id, "受理")
            case "materials":
                self._say(person, ticket_id, "补正 请补充营业执照复印件和授权书。")
            case _:
                self._say(person, ticket_id, "不予受理 2 属于民事纠纷，请另循途径。")

    def _after_supplement(self, person: str, ticket_id: int) -> None:
        if self.dice.random() < 0.5:
            self._say(person, ticket_id, "齐备")
        self._soon(person, ticket_id, self.dice.randrange(1, 7), lambda p, t: self._say(p, t, "受理"))

    def _answered(self, person: str, ticket_id: int) -> None:
        """Go on after a superior's answer: ask again where it was no."""
        state = self._ticket(ticket_id).state
        if state == "examining":
            self._decide(person, ticket_id)
        elif state == "accepted":
            self._soon(person, ticket_id, 2, self._conclude)

    def _conclude(self, person: str, ticket_id: int) -> None:
        if self._ticket(ticket_id).state == "accepted":
            self._say(person, ticket_id, "办结 3 经核实，有关诉求没有法律依据。")

    def _extend(self, person: str, ticket_id: int) -> None:
        if self._ticket(ticket_id).state == "accepted":
            self._say(person, ticket_id, "延期 20 需多部门会商")

    def _outside(self, row: LetterRow, ticket_id: int) -> None:
        """What follows from a letter to the complainant, inside and outside."""
        life = self._life(ticket_id)
        handler = self._ticket(ticket_id).handler or "zhou"
        match row.kind:
            case "materials-request":
                if self.dice.random() < 0.85:
                    when = self.office_time(self.clock.now(), life.steps["supplement"])
                    self.later(when, lambda: self._supplement(ticket_id))
                else:
                    self._soon(
                        handler, ticket_id, 17, lambda p, t: self._say(p, t, "不予受理 4 逾期未补正。")
                    )
            case "acceptance":
                self._soon(handler, ticket_id, life.steps["conclude"], self._conclude)
                if life.extends and life.steps["conclude"] > 30:
                    self._soon(handler, ticket_id, life.steps["conclude"] - 8, self._extend)
            case "result":
                self._soon(handler, ticket_id, life.steps["close"], lambda p, t: self._say(p, t, "结案"))
            case _:
                pass

    def _supplement(self, ticket_id: int) -> None:
        letter = self._enterprise[ticket_id]
        self.mail(letter.recipient, f"Re: [{letter.tag}] 补充材料", "您好，补充材料如下。\n", answers=letter)

    def _write_by_hand(self, _person: str, ticket_id: int) -> None:
        """A notice came back: write it in the webmail to another address the enterprise gave by telephone."""
        ticket = self._ticket(ticket_id)
        self.mail(
            office.DESK,
            f"{ticket.number} 通知",
            "现将通知再次发给贵公司。\n",
            sent_to=ticket.complainant_address,
        )
