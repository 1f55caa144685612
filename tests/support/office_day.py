"""People of an office on one day: who reads each mail once, and answers on a phone, at a desk, or in five characters.

Each mail is looked at when it comes: what its subject says, what stands first, which digits it offers.
"""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from html import escape
from pathlib import Path

from mail_desk.demo import office
from mail_desk.demo.world import Got, World

WANG, LI, ZHOU, ZHAO = office.WANG, office.LI, office.ZHOU, office.ZHAO
REPLIES = Path(__file__).parents[1] / "corpus" / "replies"
IPHONE, ANDROID, MAIL_MASTER = "apple", "gmail", "mailmaster"


SIGNATURES = {
    "zh": {IPHONE: "发自我的iPhone", ANDROID: "", MAIL_MASTER: "发自我的手机"},
    "en": {IPHONE: "Sent from my iPhone", ANDROID: "", MAIL_MASTER: "Sent from my mobile phone"},
}
LONGEST = {"zh": 60, "en": 100}  # characters of a subject on a phone
ASKED = {"zh": "请回复一个数字", "en": "Reply with one number"}  # above the digits


def by_phone(world: World, sender: str, to: Got, typed: str, client: str) -> None:
    """Have somebody answer as a phone does: HTML only, the words on top, a signature, the letter quoted."""
    page = (REPLIES / f"{client}.html").read_text(encoding="utf-8")
    signature = SIGNATURES[world.settings.desk.staff_language][client]
    words = "<br>".join(escape(line) for line in typed.split("\n"))
    quoted = "<br>".join(escape(line) for line in to.text.splitlines())
    page = page.replace("同意。", f"{words}<br><br>{signature}" if signature else words, 1)
    page = page.replace("#close", quoted, 1)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, world.desk, f"Re: {to.subject}"
    mail["Date"], mail["Message-ID"] = format_datetime(world.now), make_msgid(domain="phone.example")
    mail["In-Reply-To"] = f"<{to.mail.message_id}>"
    mail.set_content(page, subtype="html")
    world.backing.deliver(world.desk, mail.as_bytes(), folder="INBOX", when=world.clock.now())


class Person:
    """Somebody with a mailbox, who reads each mail once."""

    def __init__(self, world: World, address: str) -> None:
        self.world, self.address, self.read = world, address, 0

    def gets(self, *subjects: str) -> Got:
        """Say that just these came since the last look; return the newest. Each must make sense by itself."""
        fresh = self.world.inbox(self.address)[self.read :]
        self.read += len(fresh)
        said = [got.subject.partition("] ")[2] or got.subject for got in fresh]
        assert len(said) == len(subjects), said
        for got, words in zip(fresh, subjects, strict=True):
            assert words in got.subject, said
            understandable(got, self.world.settings.desk.staff_language)
        return fresh[-1]

    def hears_nothing(self) -> None:
        assert self.world.inbox(self.address)[self.read :] == []


def body(got: Got) -> list[str]:
    """Return the lines below the mark that replies stand above."""
    lines = [line.strip() for line in got.text.splitlines()]
    start = next((n + 1 for n, line in enumerate(lines) if "请在此行以上回复" in line), 0)
    return [line for line in lines[start:] if line]


def flat(text: str) -> str:
    return "".join(text.replace("│", "").split())


def offered(got: Got) -> dict[str, str]:
    """Return the digits a letter offers and what each stands for."""
    return dict(re.findall(r"^ *(\d)(?: …)? = (.+)$", got.text, re.MULTILINE))


def understandable(got: Got, language: str) -> None:
    """Hold what every letter to staff must do on a phone's screen."""
    subject = got.subject.partition("] ")[2]
    assert 4 <= len(subject) <= LONGEST[language], subject
    first = body(got)[0]
    assert 2 <= len(first) <= LONGEST[language], first
    digits = offered(got)
    assert list(digits) == [str(n) for n in range(1, len(digits) + 1)]
    assert (ASKED[language] in got.text) is bool(digits), got.text


async def complain(world: World, sender: str, subject: str, text: str) -> None:
    world.meet(sender)
    world.write(sender, subject, text)
    await world.work()


class Day:
    """The people of the story, and what they do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.wang, self.li = Person(world, WANG), Person(world, LI)
        self.zhou, self.zhao = Person(world, ZHOU), Person(world, ZHAO)
        self.few: list[str] = []  # what the leader typed

    async def phone(self, who: Person, to: Got, typed: str, client: str) -> None:
        by_phone(self.world, who.address, to, typed, client)
        await self.world.work()

    async def desk(self, who: Person, to: Got, typed: str) -> None:
        self.world.reply(who.address, to, typed)
        await self.world.work()

    async def leader(self, to: Got, typed: str) -> None:
        self.few.append(typed)
        await self.phone(self.zhao, to, typed, IPHONE)

    def quiet(self, *people: Person) -> None:
        for person in people:
            person.hears_nothing()
