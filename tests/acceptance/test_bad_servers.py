"""Servers fail in every way there is. The desk says so, waits, and goes on: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from bad_imap import BadImap, Cut, Silence
from crash_story import at
from cutting_proxy import CuttingProxy, cutting_proxy
from long_form import LONG
from mail_desk.demo import office
from mail_desk.demo.servers import EmbeddedServers
from mail_desk.demo.world import World
from mail_desk.inbound import answer_limits
from mail_desk.inbound import reader as readers
from mail_desk.store.schema import LetterRow, LetterState, Message
from running_desk import running, until
from scripted_smtp import scripted_smtp
from servers import expired_certificate, free_ports
from told import GM, filed, letters, news, tickets
from world_backings import EmbeddedBacking

WORDS = "许可证迟迟不下，请协调。"
STRIDE = 13 if LONG else 211  # bytes between two cuts
SMTP_STRIDE = 151 if LONG else 3001  # of sessions that carry whole letters


class _Through(EmbeddedBacking):
    """The embedded servers behind other ports."""

    def __init__(self, servers: EmbeddedServers, *, imap: int = 0, smtp: int = 0) -> None:
        super().__init__(servers)
        self.imap, self.smtp = imap or servers.imap_port, smtp or servers.smtp_port

    @property
    def servers(self) -> office.Servers:
        return office.Servers("127.0.0.1", self.imap, "127.0.0.1", self.smtp)


@asynccontextmanager
async def desk(
    directory: Path, servers: EmbeddedServers, worlds: list[World], **ports: int
) -> AsyncIterator[World]:
    world = World(_Through(servers, **ports), directory, at("2026-03-02 09:00"), hold_minutes=0)
    worlds.append(world)
    world.meet(GM)
    try:
        yield world
    finally:
        await world.close()


def embedded(worlds: list[World]) -> EmbeddedServers:
    def now() -> datetime:
        return worlds[-1].clock.now() if worlds else at("2026-03-02 09:00")

    return EmbeddedServers(now)


# --- IMAP -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["client", "server"])
def test_an_imap_session_cut_after_any_byte_loses_nothing_and_doubles_nothing(
    tmp_path: Path, side: str, record_property: Callable[[str, object], None]
) -> None:
    """One desk; before each cut a complaint is written. Every single byte: test_mailbox_cuts.py."""

    async def played() -> int:
        worlds: list[World] = []
        with embedded(worlds) as servers:
            async with (
                cutting_proxy("127.0.0.1", servers.imap_port) as proxy,
                desk(tmp_path, servers, worlds, imap=proxy.port) as world,
            ):
                await world.work()
                whole = await _session(world, proxy, side, None, 0)
                cuts = 0
                for number, after in enumerate(range(1, whole, STRIDE), 1):
                    before = proxy.cuts
                    await _session(world, proxy, side, after, number)
                    cuts += proxy.cuts - before
                    assert tickets(world) == number + 1, f"after byte {after} of the {side}"
                assert set(Counter(filed(world)).elements()) == {"opened"}
                assert len(filed(world)) == tickets(world)
                copies = Counter(m.mail.message_id for m in world.inbox(office.WANG))
                assert set(copies.values()) == {1}
                return cuts

    with capture_logs() as lines:
        cuts = asyncio.run(played())
    record_property("cuts", cuts)
    assert cuts > (30 if LONG else 3)
    said = [x for x in lines if x["event"] == "mailbox unavailable"]
    assert len(said) >= cuts // 2, "and it says so; a cut after the last answer of a poll harms nothing"


async def _session(world: World, proxy: CuttingProxy, side: str, after: int | None, number: int) -> int:
    """Have a new connection read one mail; return how many bytes the side said."""
    await world.daemon.readers[0].hang_up()
    world.write(GM, f"投诉 {number}", f"{WORDS}{number}")
    start = proxy.passed[side]
    proxy.of, proxy.after = side, None if after is None else start + after
    await world.work()
    proxy.after = None
    said = proxy.passed[side] - start
    if after is not None:
        assert (await world.work()).problems == []
    return said


def garbage(line: bytes) -> bytes:
    return b"\x00\xff\x1b[2J{99999999999}\r\n" if b"FETCH" in line else line


def wrong_tags(line: bytes) -> bytes:
    return re.sub(rb"^\w+ OK", b"ZZZZ99 OK", line) if line[:1] not in b"*+" else line


def bye(line: bytes) -> bytes:
    if b"FETCH" in line:
        return b"* BYE shutting down\r\n"
    return line


def half_open(line: bytes) -> bytes:
    if b"FETCH" in line:
        raise Silence
    return line


def cut(line: bytes) -> bytes:
    if b"FETCH" in line:
        raise Cut
    return line


def flood(line: bytes) -> bytes:
    return b"* OK still here\r\n" * 20_000 + line if b"FETCH" in line else line


def endless_line(line: bytes) -> bytes:
    return b"* OK " + b"x" * 2_000_000 + b"\r\n" if b"SEARCH" in line else line


def refused(line: bytes) -> bytes:
    return re.sub(rb"^(\w+) OK.*", rb"\1 NO [SERVERBUG] later", line) if line[:1] not in b"*+" else line


@pytest.mark.parametrize(
    "fault",
    [garbage, wrong_tags, bye, half_open, cut, flood, endless_line, refused],
    ids=lambda f: f.__name__,
)
def test_whatever_an_imap_server_says_the_desk_says_so_and_reads_on_once_it_is_well(
    tmp_path: Path, fault: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_limits, "MOST", 200_000)

    async def played() -> None:
        worlds: list[World] = []
        with embedded(worlds) as servers, BadImap(("127.0.0.1", servers.imap_port)) as proxy:
            async with desk(tmp_path, servers, worlds, imap=proxy.port) as world:
                _impatient(world)
                await world.work()
                for number in range(5):
                    world.write(GM, f"投诉 {number}", WORDS)
                proxy.fault = fault
                bad = await world.work()
                assert proxy.struck
                assert [p for p in bad.problems if p.startswith("desk: ")], "the operator is told"
                proxy.mend()
                assert (await world.work()).problems == []
                assert filed(world) == ["opened"] * 5
                assert len(letters(world, "receipt")) == 1

    asyncio.run(played())


def _impatient(world: World) -> None:
    """Wait a second for a server that says nothing, not a minute."""
    reader = world.daemon.readers[0]
    make = reader._make

    def mailbox() -> Any:
        made = make()
        made._timeout = 1
        return made

    reader._make = mailbox


def test_a_server_that_drips_is_given_up_though_each_byte_comes_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def played() -> None:
        worlds: list[World] = []
        with embedded(worlds) as servers, BadImap(("127.0.0.1", servers.imap_port)) as proxy:
            async with desk(tmp_path, servers, worlds, imap=proxy.port) as world:
                await world.work()
                world.write(GM, "投诉", WORDS)
                passed = iter(range(10_000_000))
                monkeypatch.setattr(answer_limits, "LONGEST", 10)
                monkeypatch.setattr(type(world.clock), "monotonic", lambda _: float(next(passed)))
                await world.daemon.readers[0].hang_up()  # the next connection measures by this clock
                proxy.drip = 0.001
                bad = await world.work()
                assert "did not answer in time" in bad.problems[0]
                monkeypatch.undo()
                proxy.mend()
                assert (await world.work()).problems == []
                assert filed(world) == ["opened"]

    asyncio.run(played())


def test_a_folder_that_is_renamed_is_read_under_its_new_name_and_nothing_comes_twice(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        for number in range(3):
            world.write(GM, f"投诉 {number}", WORDS, folder="垃圾邮件")
        await world.work()
        assert filed(world) == ["opened"] * 3
        folders = world.backing._servers.store.user(world.desk).folders  # type: ignore[attr-defined]
        folder = folders.pop("垃圾邮件")
        folder.name = "Junk"
        folders["Junk"] = folder
        await world.daemon.readers[0].hang_up()
        world.write(GM, "投诉 3", WORDS, folder="Junk")
        await world.work()
        await world.minutes(90)
        assert Counter(filed(world)) == {"opened": 4, "duplicate": 3}
        assert tickets(world) == 4

    play(story)


def test_a_host_that_no_name_server_knows_is_said_and_read_once_it_is_known(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    async def story(world: World) -> None:
        world.meet(GM)
        await world.daemon.readers[0].hang_up()
        await world.daemon.sender.close()
        world.write(GM, "投诉", WORDS)
        with monkeypatch.context() as patched:
            patched.setattr(socket, "getaddrinfo", unknown)
            bad = await world.work()
            assert "was not found" in bad.problems[0]
        await world.work()
        assert tickets(world) == 1
        await world.minutes(60)
        assert news(world, GM) == ["来信已收到，编号 2026-0001"]

    play(story)


async def _hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def test_an_expired_certificate_is_refused_and_the_operator_is_told_once_a_day(tmp_path: Path) -> None:
    async def played() -> None:
        worlds: list[World] = []
        key, certificate = expired_certificate(tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        with embedded(worlds) as servers, capture_logs() as lines:
            listener = await asyncio.start_server(_hang_up, "127.0.0.1", 0, ssl=context)
            async with desk(tmp_path, servers, worlds) as world:
                await _use(world, imap=listener.sockets[0].getsockname()[1], ca_file=certificate)
                for _ in range(3):
                    bad = await world.work()
                    assert "it has expired" in bad.problems[0]
                assert any("it has expired" in str(x.get("why")) for x in lines)
                assert len(letters(world, "alarm")) == 1
                assert any("expired" in got.text for got in world.inbox(office.OPERATOR))
            listener.close()
            await listener.wait_closed()

    asyncio.run(played())


async def _use(world: World, *, ca_file: Path, imap: int = 0, smtp: int = 0) -> None:
    """Have the desk use another server, over TLS."""
    account = world.settings.account[0]
    update: dict[str, Any] = {"host": "localhost", "security": "tls", "ca_file": ca_file}
    assert account.imap is not None
    assert account.smtp is not None
    changed = account.model_copy(
        update={
            "imap": account.imap.model_copy(update=update | {"port": imap}) if imap else account.imap,
            "smtp": account.smtp.model_copy(update=update | {"port": smtp}) if smtp else account.smtp,
        }
    )
    world.settings = world.settings.model_copy(update={"account": (changed,)})
    await world.restart()


def test_an_expired_certificate_of_the_smtp_server_stops_the_account_and_loses_no_letter(
    tmp_path: Path,
) -> None:
    async def played() -> None:
        worlds: list[World] = []
        key, certificate = expired_certificate(tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        with embedded(worlds) as servers, capture_logs() as lines:
            listener = await asyncio.start_server(_hang_up, "127.0.0.1", 0, ssl=context)
            async with desk(tmp_path, servers, worlds) as world:
                usual = world.settings
                await _use(world, smtp=listener.sockets[0].getsockname()[1], ca_file=certificate)
                world.write(GM, "投诉", WORDS)
                await world.work()
                (said,) = (x for x in lines if x["event"] == "account-paused")
                assert "certificate" in said["reply"]
                assert len(letters(world, "alarm")) == 1
                assert {x.state for x in letters(world, "receipt")} == {LetterState.QUEUED}
                world.settings = usual
                await world.restart()
                await world.minutes(60)
                assert news(world, GM) == ["来信已收到，编号 2026-0001"]
            listener.close()
            await listener.wait_closed()

    asyncio.run(played())


# --- SMTP -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["client", "server"])
def test_an_smtp_session_cut_after_any_byte_loses_no_letter_and_doubles_it_only_in_the_one_place(
    tmp_path: Path, side: str, record_property: Callable[[str, object], None]
) -> None:
    """One desk; each complaint's letters meet a cut. Every single byte: test_smtp_cuts.py."""

    stride = SMTP_STRIDE if side == "client" else SMTP_STRIDE // 30  # the server says little

    async def played() -> int:
        worlds: list[World] = []
        with embedded(worlds) as servers:
            async with (
                cutting_proxy("127.0.0.1", servers.smtp_port) as proxy,
                desk(tmp_path, servers, worlds, smtp=proxy.port) as world,
            ):
                await world.work()
                whole, cuts = 0, 0
                number = 0
                while number == 0 or 1 + (number - 1) * stride < whole:
                    after = None if number == 0 else 1 + (number - 1) * stride
                    await world.daemon.sender.close()
                    start, before = proxy.passed[side], proxy.cuts
                    proxy.of, proxy.after = side, None if after is None else start + after
                    sender = f"s{number}@enterprise.example"
                    world.meet(sender)
                    world.write(sender, f"投诉 {number}", WORDS)
                    await world.work()
                    whole = whole or proxy.passed[side] - start
                    cuts += proxy.cuts - before
                    proxy.after = None
                    await world.daemon.sender.resume("desk")  # who broke it has mended it
                    number += 1
                for _ in range(6):
                    await world.minutes(30)
                _all_arrived(world)
                return cuts

    cuts = asyncio.run(played())
    record_property("cuts", cuts)
    assert cuts > (100 if LONG else 5)


def _all_arrived(world: World) -> None:
    """Each letter arrived, more than once only where it was uncertain and not found, with the same bytes."""
    with world.daemon.store.read() as session:
        rows = session.execute(
            select(
                LetterRow.recipient, LetterRow.message_id, LetterRow.state, LetterRow.searches, LetterRow.raw
            )
        ).all()
    arrived = {address: world.inbox(address) for address in {row.recipient for row in rows}}
    for recipient, message_id, state, searches, raw in rows:
        copies = [got for got in arrived[recipient] if got.mail.message_id == message_id]
        assert state == LetterState.SENT, (recipient, state)
        assert 1 <= len(copies) <= 1 + searches // 2
        assert all(got.raw.endswith(raw) for got in copies), "with other bytes than a trace in front"


STAGES = ("MAIL", "RCPT", "DATA", "END", "CONNECT", "EHLO", "AUTH")


@pytest.mark.parametrize("reply", ["451 4.3.0 later", "550 5.7.1 no"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_refusal_at_any_stage_loses_no_letter_and_what_ends_it_is_told(
    tmp_path: Path, stage: str, reply: str
) -> None:
    async def played() -> None:
        worlds: list[World] = []
        with embedded(worlds) as servers, capture_logs() as lines:
            async with scripted_smtp() as smtp, desk(tmp_path, servers, worlds, smtp=smtp.port) as world:
                smtp.on[stage] = [reply] * 3
                world.write(GM, "投诉", WORDS)
                await world.work()
                assert [x for x in lines if x["event"] in ("letter", "account-paused")]
                for _ in range(16):  # a refused log-in pauses an account for hours
                    await world.minutes(40)
                    if {x.state for x in letters(world, "receipt")} <= {LetterState.SENT, LetterState.FAILED}:
                        break
                (receipt,) = letters(world, "receipt")
                taken = [t for t in smtp.taken if t.recipient == GM]
                if receipt.state == LetterState.FAILED:
                    assert reply.startswith("5")
                    assert letters(world, "service-failed"), "somebody is told"
                    assert not taken
                else:
                    assert receipt.state == LetterState.SENT
                    assert len(taken) == 1
                with world.daemon.store.read() as session:
                    states = set(session.scalars(select(LetterRow.state)))
                assert states <= {LetterState.SENT, LetterState.FAILED, LetterState.QUEUED}

    asyncio.run(played())


# --- a large mailbox ------------------------------------------------------------------------------


def test_a_mailbox_of_two_hundred_thousand_old_messages_is_opened_and_the_new_mail_is_found(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The long form has 200,000; the short one 2,500."""
    count = 200_000 if LONG else 2_500

    async def played() -> None:
        worlds: list[World] = []
        with embedded(worlds) as servers:
            async with desk(tmp_path, servers, worlds) as world:
                inbox = servers.store.user(world.desk)
                assert inbox is not None
                for n in range(count):
                    head = f"From: a{n}@b.example\r\nSubject: old {n}\r\nMessage-ID: <{n}@b.example>\r\n"
                    inbox.folders["INBOX"].add(f"{head}\r\nx\r\n".encode(), at("2025-06-01 10:00"))
                world.write(GM, "投诉", WORDS)
                assert (await world.work()).problems == []
                with world.daemon.store.read() as session:
                    query = select(Message.state, func.count()).group_by(Message.state)
                    states = {row[0]: row[1] for row in session.execute(query)}
                assert states == {"before-desk": count, "done": 1}
                assert len(letters(world, "before-desk")) <= 1, "told in one letter"
                world.write(GM, "再诉", WORDS)
                await world.work()
                assert tickets(world) == 2

    asyncio.run(played())
    record_property("messages", count)


def test_a_mailbox_that_stays_away_is_told_to_the_operator_and_stops_no_other_account(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "AWAY_TO_ALARM", 0.0)
    (dead,) = free_ports(1)

    async def story(world: World) -> None:
        world.meet(GM)
        account = world.settings.account[0]
        assert account.imap is not None
        second = account.model_copy(
            update={"name": "second", "imap": account.imap.model_copy(update={"port": dead})}
        )
        world.settings = world.settings.model_copy(update={"account": (account, second)})
        async with running(world):
            world.write(GM, "投诉", WORDS)
            await until(lambda: tickets(world) == 1, "the other account is read")
            await until(lambda: letters(world, "alarm"), "the operator is told")
        (alarm,) = letters(world, "alarm")
        assert alarm.recipient == office.OPERATOR

    play(story)
