"""A world around one desk: mailboxes of everybody, a clock that is moved, people who write and answer.

The demo plays its story in it, the acceptance tests play theirs: over the embedded servers or over
real ones (`Backing`). People write as their mail clients do, with quotations below their words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import func, select

from mail_desk.clock import ManualClock
from mail_desk.config import Settings
from mail_desk.config_files import load
from mail_desk.daemon import Daemon, Drained
from mail_desk.demo import office
from mail_desk.inbound.mail import Mail
from mail_desk.inbound.parse import parse
from mail_desk.store.schema import LetterRow, LetterState, Moment


class Backing(Protocol):
    """Servers that hold everybody's mail."""

    @property
    def servers(self) -> office.Servers: ...

    def add_user(self, address: str, password: str) -> None: ...

    def deliver(self, address: str, raw: bytes, *, folder: str, when: datetime) -> None: ...

    def messages(self, address: str, folder: str) -> Sequence[bytes]:
        """Return what a folder holds, in order of arrival, once everything sent has been delivered."""
        ...


@dataclass(frozen=True)
class Got:
    """A mail in somebody's mailbox."""

    raw: bytes
    mail: Mail

    @property
    def subject(self) -> str:
        return self.mail.subject

    @property
    def text(self) -> str:
        return self.mail.text


class World:
    """One desk and the people around it."""

    def __init__(
        self,
        backing: Backing,
        directory: Path,
        start: datetime,
        *,
        people: Sequence[str] = (office.WANG, office.LI, office.ZHOU, office.ZHAO, office.OPERATOR),
        keys: Callable[[str], bytes | None] = lambda _name: None,
        **options: Any,  # noqa: ANN401 - passed to office.write
    ) -> None:
        self._keys = keys  # of DKIM: a pretend world asks no name server
        self.backing = backing
        self.clock = ManualClock(start)
        self.desk = str(options.get("address", office.DESK))
        self._met: set[str] = set()
        for address in (self.desk, *people):
            self.meet(address)
        config = office.write(directory / "config", backing.servers, **options)
        loaded = load(config)
        if not isinstance(loaded, Settings):
            raise ValueError("\n".join(str(v) for v in loaded))  # noqa: TRY004 - it is the files
        self.settings = loaded
        self.daemon = Daemon(loaded, self.clock, keys=self._keys)
        self.daemon.open()

    async def close(self) -> None:
        await self.daemon.close()

    async def restart(self) -> None:
        """End the daemon and start another one on the same store, as after a crash."""
        await self.daemon.close()
        self.daemon = Daemon(self.settings, self.clock, keys=self._keys)
        self.daemon.open()

    def meet(self, address: str) -> None:
        """Give somebody outside a mailbox, so that answers arrive somewhere."""
        if address not in self._met:
            self._met.add(address)
            self.backing.add_user(address, office.PASSWORD)

    # --- time -------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.clock.now().astimezone(self.settings.desk.zone)

    async def work(self) -> Drained:
        """Let the desk do whatever is to be done at this instant."""
        return await self.daemon.once()

    async def advance_to(self, when: datetime) -> None:
        """Move the clock to `when`, stopping wherever a moment or a letter falls due."""
        while True:
            await self.work()
            following = self._next_due()
            if following > when:
                break
            self.clock.move_to(following)
        self.clock.move_to(max(when, self.clock.now()))
        await self.work()

    async def at(self, text: str) -> None:
        """Advance to a local time such as "2026-11-02 09:30"."""
        await self.advance_to(datetime.fromisoformat(text).replace(tzinfo=self.settings.desk.zone))

    async def minutes(self, count: int) -> None:
        await self.advance_to(self.clock.now() + timedelta(minutes=count))

    def _next_due(self) -> datetime:
        now = self.clock.now()
        midnight = (self.now + timedelta(days=1)).replace(hour=0, minute=1, second=0, microsecond=0)
        with self.daemon.store.read() as session:
            moment = session.scalar(
                select(func.min(Moment.due_at)).where(Moment.state == "pending", Moment.due_at > now)
            )
            letter = session.scalar(
                select(func.min(LetterRow.not_before)).where(
                    LetterRow.state == LetterState.QUEUED, LetterRow.not_before > now
                )
            )
        return min(t for t in (midnight, moment, letter) if t is not None)

    # --- people -----------------------------------------------------------------------------------

    def write(
        self,
        sender: str,
        subject: str,
        text: str,
        *,
        name: str = "",
        charset: str = "utf-8",
        files: Sequence[tuple[str, str, bytes]] = (),
        folder: str = "INBOX",
        to: str = "",
        headers: Sequence[tuple[str, str]] = (),
        in_reply_to: str = "",
        references: Sequence[str] = (),
    ) -> bytes:
        """Have somebody write to the desk now; return the mail. `files`: name, type, bytes."""
        mail = EmailMessage(policy=SMTP)
        mail["From"] = HeaderAddress(name or office.NAMES.get(sender, ""), addr_spec=sender)
        mail["To"] = to or self.desk
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self.now)
        mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        if in_reply_to:
            mail["In-Reply-To"] = f"<{in_reply_to}>"
            mail["References"] = " ".join(f"<{r}>" for r in (*references, in_reply_to))
        for header, value in headers:
            mail[header] = value
        mail.set_content(text, charset=charset)
        for filename, content_type, data in files:
            main, _, sub = content_type.partition("/")
            mail.add_attachment(data, maintype=main, subtype=sub, filename=filename)
        raw = mail.as_bytes()
        self.backing.deliver(self.desk, raw, folder=folder, when=self.clock.now())
        return raw

    def inbox(self, address: str, folder: str = "INBOX") -> list[Got]:
        """Return what somebody has received, oldest first."""
        return [Got(raw, parse(raw)) for raw in self.backing.messages(address, folder)]

    def last(self, address: str, containing: str = "") -> Got:
        """Return somebody's newest mail whose subject holds these words, else whose text does."""
        inbox = self.inbox(address)
        found = [g for g in inbox if containing in g.subject] or [g for g in inbox if containing in g.text]
        if not found:
            subjects = [g.subject for g in self.inbox(address)]
            raise LookupError(f"{address} has no mail with {containing!r}, only {subjects}")
        return found[-1]

    def reply(
        self,
        sender: str,
        to: Got,
        text: str,
        *,
        name: str = "",
        files: Sequence[tuple[str, str, bytes]] = (),
        charset: str = "utf-8",
    ) -> bytes:
        """Have somebody answer a mail of the desk, quoting it as NetEase's webmail does."""
        quoted = "\n".join(f"> {line}" for line in to.text.splitlines())
        author = to.mail.author
        body = f'{text}\n\n\n在 {self.now:%Y-%m-%d %H:%M:%S}，"{author.name}" <{author.address}> 写道：\n{quoted}\n'
        return self.write(
            sender,
            f"回复：{to.subject}",
            body,
            name=name,
            files=files,
            charset=charset,
            in_reply_to=to.mail.message_id,
            references=to.mail.references,
        )
