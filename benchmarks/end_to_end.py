"""Messages per second end to end, as a ratio to a bare loop over the same servers in the same run.

    python benchmarks/end_to_end.py [MESSAGES] [--profile]

*Desk*: IMAP fetch → spooled → parsed → ticket → receipt and letter to the handler accepted by SMTP.
*Bare*: IMAP fetch → bytes into one SQLite table → two small mails a message accepted by SMTP; nothing
parsed, decided, rendered. Both use the demo's embedded servers, which run in a process of their own,
on loopback. The servers' own time is in both figures.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import multiprocessing
import pstats
import sqlite3
import tempfile
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from multiprocessing.connection import Connection
from pathlib import Path

import aiosmtplib
import imapclient

from mail_desk import logs
from mail_desk.clock import ManualClock, SystemClock
from mail_desk.config import Settings
from mail_desk.config_files import load
from mail_desk.daemon import Daemon
from mail_desk.demo import office
from mail_desk.demo.servers import EmbeddedServers

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BARE = "bare@desk.example"


def complaint(number: int) -> bytes:
    """Return one complaint, each from an enterprise of its own."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Enterprise {number} <contact{number}@enterprise{number}.example>"
    mail["To"] = office.DESK
    mail["Subject"] = f"关于第{number}号审批事项的投诉"
    mail["Message-ID"] = f"<{number}@enterprise.example>"
    mail["Date"] = START
    mail.set_content(f"您好：\n我公司第{number}号申请至今没有答复，请协调办理。\n" + "情况说明。\n" * 20)
    return mail.as_bytes()


def serve(count: int, pipe: Connection) -> None:
    """Run the servers in this process until told to stop."""
    with EmbeddedServers(lambda: START) as servers:
        for address in (office.DESK, BARE):
            servers.add_user(address, office.PASSWORD)
        pipe.send((servers.imap_port, servers.smtp_port))
        while (order := pipe.recv()) != "stop":
            for number in range(count):
                servers.deliver(order, complaint(number), when=START + timedelta(minutes=1))
            pipe.send("filled")


async def desk(directory: Path, ports: tuple[int, int], pipe: Connection, *, profile: bool) -> tuple[float, int]:
    """Return the seconds the desk took and the letters it sent."""
    servers = office.Servers("127.0.0.1", ports[0], "127.0.0.1", ports[1])
    loaded = load(office.write(directory / "config", servers, per_day=10**6))
    if not isinstance(loaded, Settings):
        raise SystemExit("\n".join(map(str, loaded)))
    daemon = Daemon(loaded, ManualClock(START))
    daemon.open()
    await daemon.once()  # opens the folders: what comes now is new
    pipe.send(office.DESK)
    pipe.recv()
    profiler = cProfile.Profile()
    began = time.perf_counter()
    if profile:
        profiler.enable()
    drained = await daemon.once()
    profiler.disable()
    seconds = time.perf_counter() - began
    await daemon.close()
    if profile:
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)
    return seconds, drained.letters


async def bare(directory: Path, ports: tuple[int, int], pipe: Connection, letters: int) -> float:
    """Return the seconds of a loop that only fetches, stores and sends as many letters."""
    pipe.send(BARE)
    pipe.recv()
    small = complaint(0)
    began = time.perf_counter()
    with imapclient.IMAPClient("127.0.0.1", port=ports[0], ssl=False) as client:
        client.login(BARE, office.PASSWORD)
        client.select_folder("INBOX", readonly=True)
        fetched = client.fetch(client.search(), ["BODY.PEEK[]", "INTERNALDATE"])
    with sqlite3.connect(directory / "bare.db") as database:
        database.execute("create table mail (uid integer primary key, raw blob)")
        rows = [(uid, data[b"BODY[]"]) for uid, data in fetched.items()]
        database.executemany("insert into mail values (?, ?)", rows)
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=ports[1], start_tls=False) as smtp:
        await smtp.login(BARE, office.PASSWORD)
        for _ in range(letters):
            await smtp.sendmail(BARE, [office.WANG], small)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("messages", nargs="?", type=int, default=500)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    logs.configure(level="error")
    ours, theirs = multiprocessing.Pipe()
    servers = multiprocessing.Process(target=serve, args=(options.messages, theirs))
    servers.start()
    try:
        ports = ours.recv()
        with tempfile.TemporaryDirectory(prefix="mail-desk-bench-") as folder:
            directory = Path(folder)
            seconds, letters = asyncio.run(desk(directory, ports, ours, profile=options.profile))
            base = asyncio.run(bare(directory, ports, ours, letters))
    finally:
        ours.send("stop")
        servers.join(10)
    n = options.messages
    print(f"{n} messages, {letters} letters, {SystemClock().now():%Y-%m-%d}")
    print(f"desk  {seconds:6.2f} s  {n / seconds:7.0f} messages/s")
    print(f"bare  {base:6.2f} s  {n / base:7.0f} messages/s")
    print(f"ratio desk/bare {seconds / base:.2f}")


if __name__ == "__main__":
    main()
