"""Play the demo: embedded servers, a pretend office, four weeks in under a minute, then the gallery."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text
from sqlalchemy import select

from mail_desk.clock import OffsetClock, SystemClock
from mail_desk.daemon import Daemon
from mail_desk.demo import gallery, office, story
from mail_desk.demo.glosses import GLOSSES, WORKLIST
from mail_desk.demo.servers import EmbeddedServers
from mail_desk.demo.world import Got, World
from mail_desk.store.schema import LetterRow


class _Embedded:
    """The embedded servers as a world's backing."""

    def __init__(self, servers: EmbeddedServers) -> None:
        self._servers = servers

    @property
    def servers(self) -> office.Servers:
        host = self._servers.host
        return office.Servers(host, self._servers.imap_port, host, self._servers.smtp_port)

    def add_user(self, address: str, password: str) -> None:
        self._servers.add_user(address, password)

    def deliver(self, address: str, raw: bytes, *, folder: str, when: datetime) -> None:
        self._servers.deliver(address, raw, folder=folder, when=when)

    def messages(self, address: str, folder: str) -> Sequence[bytes]:
        return [mail.raw for mail in self._servers.mailbox(address, folder)]


@dataclass
class _News:
    """Mails of one kind that reached one person in a row."""

    address: str
    kind: str
    mails: list[Got]


class _Teller:
    """Shows on the terminal what arrives where, as it happens."""

    def __init__(self, out: Console, world: World) -> None:
        self._out = out
        self._world = world
        self._seen: dict[str, int] = {}
        self.worklists = 0

    def scene(self, line: str) -> None:
        self._out.print(f"\n[bold cyan]{self._world.now:%a %d %b %H:%M}[/]  {line}", highlight=False)

    def news(self) -> None:
        kinds = kinds_of(self._world)
        for address in (*story.OUTSIDE, *story.INSIDE):
            mails = self._world.inbox(address)
            fresh = mails[self._seen.get(address, 0) :]
            self._seen[address] = len(mails)
            told = [got for got in fresh if kinds.get(got.mail.message_id) != WORKLIST]
            self.worklists += len(fresh) - len(told)
            for kind, run in groupby(told, key=lambda got: kinds.get(got.mail.message_id, "")):
                self._tell(_News(address, kind, list(run)))

    def _tell(self, news: _News) -> None:
        """One line a mail; three and more of a kind are one line."""
        name = story.PEOPLE[news.address].name
        gloss = GLOSSES.get(news.kind, news.kind.replace("-", " "))
        shown = news.mails if len(news.mails) < 3 else news.mails[-1:]
        for got in shown:
            subject = got.subject.partition("] ")[2] or got.subject
            when = got.mail.date.strftime("%d %b %H:%M") if got.mail.date else ""
            many = f" ({len(news.mails)} of them, the last one:)" if len(shown) < len(news.mails) else ""
            line = Text(f"  {when} → ", style="dim")
            line.append(name, style="bold").append(f": {gloss}{many}", style="not dim")
            line.append(f"  {subject}", style="dim")
            screen = self._out.is_terminal
            self._out.print(line, highlight=False, soft_wrap=not screen, no_wrap=screen, overflow="ellipsis")


def kinds_of(world: World) -> dict[str, str]:
    """Return the kind of every letter the desk has written, by its Message-ID."""
    with world.daemon.store.read() as session:
        return {
            row.message_id: row.kind for row in session.execute(select(LetterRow.message_id, LetterRow.kind))
        }


async def play(out: Console, directory: Path, *, keep: bool) -> int:
    """Play the story and write the gallery into `directory`; return the exit code."""
    timer = SystemClock()
    began = timer.monotonic()
    worlds: list[World] = []
    start = datetime.fromisoformat(story.START)

    def now() -> datetime:
        return worlds[0].clock.now() if worlds else SystemClock().now()

    with tempfile.TemporaryDirectory(prefix="mail-desk-demo-") as folder, EmbeddedServers(now) as servers:
        world = World(
            _Embedded(servers),
            Path(folder),
            start.replace(tzinfo=ZoneInfo("Asia/Shanghai")),
            leave=story.LEAVE,
        )
        worlds.append(world)
        for address in story.OUTSIDE:
            world.meet(address)
        out.print(
            "[bold]mail_desk demo[/]: a pretend office in March 2026. Everybody only writes and answers mail;\n"
            "the desk reads its mailbox by IMAP and sends by SMTP. Each line with → is a mail that arrives:\n"
            "whose, what it is, and its subject. Wang and Li are handlers, Zhou their supervisor, Zhao the leader.",
            highlight=False,
        )
        try:
            await _play(out, world)
            target = _write_gallery(world, directory)
            seconds = timer.monotonic() - began
            out.print(
                f"\n[bold]Four weeks in {seconds:.0f} seconds.[/] Open this page in a browser:",
                highlight=False,
            )
            out.print(f"  {target.resolve().as_uri()}", highlight=False, markup=False)
            out.print("It has every mailbox, with the mails as they look. Look first at:", highlight=False)
            for words, who, _ in story.LOOK_AT:
                out.print(f"  - {story.PEOPLE[who].name}: {words}", highlight=False, markup=False)
            if keep:
                await _keep(out, world, servers)
        finally:
            await world.close()
    return 0


async def _play(out: Console, world: World) -> None:
    teller = _Teller(out, world)
    await world.work()
    for scene in story.SCENES:
        await world.at(scene.at)
        teller.news()
        teller.scene(scene.line)
        scene.act(world)
        await world.work()
        teller.news()
    await world.at(story.END)
    teller.news()
    out.print(
        f"\n[dim]({teller.worklists} morning worklists came as well, one a working day to each of the staff.)[/]",
        highlight=False,
    )


def _write_gallery(world: World, directory: Path) -> Path:
    boxes = [
        gallery.Mailbox(who.group, who.name, who.role, address, world.inbox(address))
        for address, who in story.PEOPLE.items()
    ]
    pointers = [gallery.Pointer(words, world.last(who, subject)) for words, who, subject in story.LOOK_AT]
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / "index.html"
    lead = (
        "Every mailbox at the end of the story, as its owner sees it: oldest mail first, tap to open. "
        "The blue words say what a letter is; the grey code in a subject is the key that lets a reply be recognised."
    )
    html = gallery.page("Four weeks of a complaint desk", lead, boxes, pointers, kinds_of(world))
    target.write_text(html, encoding="utf-8")
    return target


async def _keep(out: Console, world: World, servers: EmbeddedServers) -> None:
    """Leave everything up, the clock running on from the story's end."""
    await world.daemon.close()
    clock = OffsetClock(world.clock.now())
    world.clock.now = clock.now  # type: ignore[method-assign] # arrivals are dated by the running clock
    world.daemon = Daemon(world.settings, clock)
    world.daemon.open()
    out.print(
        f"\nThe desk goes on. Connect any mail client as any of these people, without TLS:\n"
        f"  IMAP {servers.host} port {servers.imap_port}   SMTP {servers.host} port {servers.smtp_port}   "
        f"password {office.PASSWORD}\n"
        f"  enterprises: {', '.join(story.OUTSIDE)}\n"
        f"  staff: {office.WANG}, {office.LI} (handlers), {office.ZHOU} (supervisor), {office.ZHAO} (leader)\n"
        f"  write complaints to {office.DESK}. End with Ctrl-C.",
        highlight=False,
        markup=False,
    )
    await world.daemon.run(asyncio.Event())
