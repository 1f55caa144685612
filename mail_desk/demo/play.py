"""Play the demo: embedded servers, a pretend office, four weeks in under a minute, then the gallery."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from mail_desk.clock import OffsetClock, SystemClock
from mail_desk.daemon import Daemon
from mail_desk.demo import gallery, office, story
from mail_desk.demo.servers import EmbeddedServers
from mail_desk.demo.world import Got, World

INSIDE = (office.WANG, office.LI, office.ZHOU, office.ZHAO, office.OPERATOR)


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


class _Teller:
    """Shows on the terminal what arrives where, as it happens."""

    def __init__(self, out: Console, world: World) -> None:
        self._out = out
        self._world = world
        self._seen: dict[str, int] = {}
        self.worklists = 0

    def scene(self, line: str) -> None:
        self._out.print(f"\n[bold cyan]{self._world.now:%a %d %b %H:%M}[/]  {line}")

    def news(self) -> None:
        names = {**office.NAMES, **story.OUTSIDE}
        for address in (*story.OUTSIDE, *INSIDE):
            mails = self._world.inbox(address)
            for got in mails[self._seen.get(address, 0) :]:
                subject = got.subject.partition("] ")[2] or got.subject
                if "工作清单" in subject:
                    self.worklists += 1
                    continue
                when = got.mail.date.strftime("%d %b %H:%M") if got.mail.date else ""
                self._out.print(
                    f"    [dim]{when}[/] → {names[address]}: {subject}", highlight=False, markup=True
                )
            self._seen[address] = len(mails)


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
            "the desk reads its mailbox by IMAP and sends by SMTP. Lines with → are mails that arrive."
        )
        try:
            await _play(out, world)
            target = _write_gallery(world, directory)
            seconds = timer.monotonic() - began
            out.print(f"\nFour weeks in {seconds:.0f} seconds. Every mailbox, with the mails as they look:")
            out.print(str(target.resolve()), highlight=False, markup=False)
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
        f"\n[dim]({teller.worklists} morning worklists are not shown here; they are in the gallery.)[/]"
    )


def _write_gallery(world: World, directory: Path) -> Path:
    names = {**story.OUTSIDE, **office.NAMES}
    boxes: dict[str, tuple[str, list[Got]]] = {
        names[address]: (address, world.inbox(address)) for address in (*story.OUTSIDE, *INSIDE)
    }
    boxes[f"{names[office.DESK]} (what the desk received)"] = (office.DESK, world.inbox(office.DESK))
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / "index.html"
    lead = "Every mailbox at the end of the story, oldest mail first. Click a mail to open it."
    target.write_text(gallery.page("mail_desk demo", lead, boxes), encoding="utf-8")
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
