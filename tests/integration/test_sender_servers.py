"""The sender and its SMTP session against a real Postfix, and against one that acts like NetEase."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cutting_proxy import cutting_proxy
from dovecot import Dovecot
from letter_rows import START
from mail_desk.clock import ManualClock, SystemClock
from mail_desk.config import SmtpServer
from mail_desk.outbound.refusals import CredentialsRefused, Deferred, Delivered, Refused
from mail_desk.outbound.smtp import SmtpSession, Timeouts
from mail_desk.store.schema import LetterState
from mail_desk.store.session import Store
from netease_smtp import SAYINGS, NetEaseSmtp
from postfix import Postfix
from sender_world import World, plain, settings_for

S = LetterState
_numbers = itertools.count(1)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def reader(dovecot: Dovecot) -> str:
    """Give an address nobody has written to yet; the desk itself can log in, too."""
    address = f"reader{next(_numbers)}@sender.example"
    dovecot.add_user(address)
    dovecot.add_user("desk@desk.example", "code")
    return address


def ids_in(dovecot: Dovecot, address: str) -> Counter[str]:
    """Count the Message-IDs that arrived."""
    found = (re.search(rb"(?im)^message-id: <(.+?)>", raw) for raw, _ in dovecot.messages(address))
    return Counter(match[1].decode() for match in found if match)


def session(server: SmtpServer, *, login: str = "desk@desk.example", code: str = "code") -> SmtpSession:
    return SmtpSession(server, login, lambda: code, SystemClock(), timeouts=Timeouts(10, 10, 10, 10))


# --- the contract of the session ------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
def test_letters_arrive_byte_for_byte_over_each_kind_of_connection(
    dovecot: Dovecot, postfix: Postfix, reader: str, security: str
) -> None:
    port = postfix.smtps_port if security == "tls" else postfix.smtp_port
    host = "127.0.0.1" if security == "plain" else "localhost"
    server = SmtpServer.model_validate(
        {"host": host, "port": port, "security": security, "ca_file": postfix.ca_file}
    )
    body = b"Subject: dots\r\n\r\n" + b".\r\n..\r\n.x\r\n" + b"line of text\r\n" * 100_000

    async def play() -> None:
        one = session(server)
        for _ in range(3):
            outcome = await one.send("desk@desk.example", reader, body)
            assert isinstance(outcome, Delivered), outcome
        await one.close()

    asyncio.run(play())
    postfix.wait_delivered()
    arrived = dovecot.wait_for(reader, 3)
    assert all(raw.endswith(body.split(b"\r\n\r\n", 1)[1]) for raw, _ in arrived)


def test_a_wrong_code_is_a_refused_login(dovecot: Dovecot, postfix: Postfix, reader: str) -> None:
    server = SmtpServer(host="localhost", port=postfix.smtps_port, ca_file=postfix.ca_file)
    outcome = asyncio.run(session(server, login=reader, code="wrong").send(reader, reader, b"a: b\r\n\r\n"))
    assert isinstance(outcome, CredentialsRefused)
    assert outcome.reply.code == 535


def test_a_certificate_nobody_vouches_for_is_never_accepted(postfix: Postfix) -> None:
    for security, port in (("tls", postfix.smtps_port), ("starttls", postfix.smtp_port)):
        server = SmtpServer.model_validate({"host": "localhost", "port": port, "security": security})
        outcome = asyncio.run(session(server).send("a@b.example", "c@d.example", b"a: b\r\n\r\n"))
        assert isinstance(outcome, Deferred)
        assert (outcome.why.key, outcome.alarm) == ("tls-failed", True), security


def test_a_recipient_postfix_will_not_have_is_refused_and_the_connection_kept(
    postfix: Postfix, reader: str
) -> None:
    async def play() -> None:
        one = session(plain(postfix.smtp_port))
        refused = await one.send("desk@desk.example", "nobody@bad..domain", b"a: b\r\n\r\n")
        assert isinstance(refused, Refused), refused
        assert refused.address_problem
        assert isinstance(await one.send("desk@desk.example", reader, b"a: b\r\n\r\n"), Delivered)
        await one.close()

    asyncio.run(play())


@pytest.mark.slow
@pytest.mark.parametrize("side", ["client", "server"])
def test_a_session_with_postfix_cut_after_any_byte_is_told_truly(
    dovecot: Dovecot, postfix: Postfix, reader: str, side: str
) -> None:
    told: dict[str, str] = {}

    async def play() -> None:
        for after in itertools.count():
            async with cutting_proxy(postfix.host, postfix.smtp_port) as proxy:
                proxy.of, proxy.after = side, after
                raw = f"Message-ID: <cut-{side}-{after}@x>\r\n\r\nhi\r\n".encode()
                one = session(plain(proxy.port))
                outcome = await one.send("a@desk.example", reader, raw)
                one._drop()
                told[f"cut-{side}-{after}@x"] = type(outcome).__name__
            if proxy.cuts == 0:
                return

    asyncio.run(play())
    postfix.wait_delivered()
    arrived = ids_in(dovecot, reader)
    for message_id, kind in told.items():
        if kind == "Deferred":
            assert arrived[message_id] == 0
        elif kind == "Delivered":
            assert arrived[message_id] == 1
        else:
            assert kind == "Uncertain"
            assert arrived[message_id] in (0, 1)
    assert set(told.values()) == {"Deferred", "Uncertain", "Delivered"}


# --- the sender -----------------------------------------------------------------------------------------


def test_the_outbox_is_emptied_into_postfix_each_letter_once(
    dovecot: Dovecot, postfix: Postfix, store: Store, reader: str
) -> None:
    async def play() -> None:
        world = World(store, settings_for(plain(postfix.smtp_port), connections=3))
        world.queue(60, recipient=reader)
        sender = world.sender()
        assert await sender.drain("main") == 60
        assert world.states() == [S.SENT] * 60
        await sender.close()

    asyncio.run(play())
    postfix.wait_delivered()
    assert sorted(ids_in(dovecot, reader).values()) == [1] * 60


def test_a_server_lost_and_found_again_costs_no_letter(
    dovecot: Dovecot, postfix: Postfix, store: Store, reader: str
) -> None:
    async def play() -> None:
        clock = ManualClock(START)
        world = World(store, settings_for(plain(postfix.smtp_port)), clock=clock)
        world.queue(10, recipient=reader)
        sender = world.sender()
        await sender.step("main")
        world.queue(10, recipient=reader)
        # A Postfix stopped while it hands a letter to Dovecot cannot know that it arrived, and
        # delivers it again (RFC 1047): its own second copy, not the sender's.
        await asyncio.to_thread(postfix.wait_delivered)
        await asyncio.to_thread(postfix.stop)
        try:
            await sender.drain("main")
            assert world.states().count(S.QUEUED) == 10
        finally:
            await asyncio.to_thread(postfix.start)
        clock.advance(timedelta(hours=1))
        await sender.drain("main")
        assert world.states() == [S.SENT] * 20
        await sender.close()

    asyncio.run(play())
    postfix.wait_delivered()
    assert sorted(ids_in(dovecot, reader).values()) == [1] * 20


@pytest.mark.slow
def test_a_sender_killed_at_random_moments_loses_and_doubles_nothing(
    dovecot: Dovecot, postfix: Postfix, store_url: str, reader: str
) -> None:
    """SIGKILL a real process, several times; the Sent folder is what Postfix delivered, honestly."""
    store = Store(store_url)
    store.migrate()
    world = World(store, settings_for(plain(postfix.smtp_port)))
    world.queue(300, recipient=reader)
    chance = random.Random(7)
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'support'}"}
    argv = [
        sys.executable,
        str(ROOT / "tests/support/sender_process.py"),
        store_url,
        str(postfix.smtp_port),
        "2",
    ]
    for _ in range(4):
        with subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE) as victim:
            assert victim.stdout is not None
            victim.stdout.readline()
            with contextlib.suppress(subprocess.TimeoutExpired):
                victim.wait(chance.uniform(0.02, 0.4))
            victim.send_signal(signal.SIGKILL)

    async def finish() -> None:
        clock = ManualClock(START + timedelta(days=30 * 365))  # after every lease of the dead
        world.clock = clock
        successor = world.sender()
        for _ in range(4):
            await asyncio.to_thread(postfix.wait_delivered)
            world.sent_folder = set(await asyncio.to_thread(ids_in, dovecot, reader))
            await successor.drain("main")
            clock.advance(timedelta(minutes=30))
        await successor.close()

    asyncio.run(finish())
    assert world.states() == [S.SENT] * 300
    store.close()
    postfix.wait_delivered()
    arrived = ids_in(dovecot, reader)
    assert len(arrived) == 300, "lost"
    assert set(arrived.values()) == {1}, "doubled"


# --- NetEase --------------------------------------------------------------------------------------------

RAW = b"From: desk@126.com\r\nMessage-ID: <n@126.com>\r\n\r\nwords\r\n"
MEANINGS = {
    "too many recipients in an hour": (Deferred, "rate-limit"),
    "connections too frequent": (Deferred, "connection-limit"),
    "too many mails at once": (Deferred, "rate-limit"),
    "suspected spam, later": (Deferred, "looks-like-spam"),
    "spam": (Refused, "looks-like-spam"),
    "sender sends too much": (Deferred, "rate-limit"),
    "sender is blocked": (Refused, "account-blocked"),
    "too many recipients in one mail": (Refused, "too-many-recipients"),
    "mailbox full": (Refused, "mailbox-full"),
}


@pytest.fixture
def netease() -> Iterator[NetEaseSmtp]:
    with NetEaseSmtp(lambda *_: None, accounts={"desk@126.com": "code"}) as server:
        yield server


def test_what_netease_says_is_understood(netease: NetEaseSmtp) -> None:
    assert MEANINGS.keys() == SAYINGS.keys()

    async def play() -> None:
        one = session(plain(netease.port), login="desk@126.com")
        for name, (kind, key) in MEANINGS.items():
            netease.script = lambda _envelope, name=name: SAYINGS[name]
            outcome = await one.send("desk@126.com", "a@example.net", RAW)
            assert isinstance(outcome, kind), (name, outcome)
            assert isinstance(outcome, Deferred | Refused)
            assert outcome.why.key == key, name
            assert "\ufffd" not in str(outcome.reply)
        netease.script = None
        assert isinstance(await one.send("desk@126.com", "a@example.net", RAW), Delivered)
        await one.close()

    asyncio.run(play())


def test_a_foreign_from_pauses_the_account_with_an_explanation(netease: NetEaseSmtp, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite")
    store.migrate()

    async def play() -> None:
        # The account's address is not the login, and so the envelope's sender is not either.
        settings = settings_for(plain(netease.port), address="other@126.com")
        account = settings.account[0].model_copy(update={"username": "desk@126.com"})
        world = World(store, settings.model_copy(update={"account": (account,)}))
        world.queue(5)
        sender = world.sender()
        await sender.drain("main")
        assert world.states() == [S.QUEUED] * 5
        assert [alarm.key for alarm in world.alarms] == ["from-mismatch"]
        await sender.close()

    asyncio.run(play())
    store.close()
    assert netease.accepted == []
