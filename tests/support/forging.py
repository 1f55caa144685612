"""Command mails written byte by byte: honest ones, and what becomes of them in a forger's hands."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import format_datetime

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from signing import EVERYTHING, sign

EVIL = "someone@elsewhere.example"
HOUSE, ELSEWHERE = "office.example", "elsewhere.example"


@dataclass
class Pen:
    """Writes answers to one letter; each has a Message-ID of its own and words nobody wrote before."""

    world: World
    letter: Got
    count: int = 0

    def mail(
        self,
        author: str = f"From: {office.WANG}",
        *,
        words: str = "",
        subject: str = "",
        answers: str = "",
        fields: str = "",
        content: str = "",
        date: str = "",
    ) -> bytes:
        """Return a mail. `author`: whole fields; `content`: from Content-Type on, instead of plain words."""
        self.count += 1
        words = words or f"#答复 您好，第{self.count}次答复。"
        head = (
            f"{author}\r\nTo: {self.world.desk}\r\nSubject: Re: {subject or self.tagged}\r\n"
            f"Date: {date or format_datetime(self.world.now)}\r\n"
            f"Message-ID: <mail{self.count}@office.example>\r\n"
            f"In-Reply-To: <{answers or self.letter.mail.message_id}>\r\n{fields}MIME-Version: 1.0\r\n"
        )
        plain = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
        return (head + (content or plain)).encode()

    def signed(self, author: str = f"From: {office.WANG}", **more: str) -> bytes:
        """Return a mail as the office's own server signs it: what a mail has to be to have authority."""
        return sign(self.mail(author, **more), HOUSE)

    def foreign(self, author: str, **more: str) -> bytes:
        """Return a mail with a perfect signature of a domain that the forger owns."""
        return sign(self.mail(author, **more), ELSEWHERE, fields=EVERYTHING)

    @property
    def tagged(self) -> str:
        return self.letter.subject.split("]")[0].lstrip("Re: ") + "] 2026-0001"
