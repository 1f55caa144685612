"""What became of a letter is said exactly, whatever the server and the network do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.clock import ManualClock
from mail_desk.config import SmtpServer
from mail_desk.outbound import smtp
from mail_desk.outbound.refusals import (
    CredentialsRefused,
    Deferred,
    Delivered,
    Outcome,
    Refused,
    Scope,
    Stage,
    Uncertain,
)
from mail_desk.outbound.smtp import IDLE, LETTERS_A_CONNECTION, SmtpSession, Timeouts
from mail_desk.outbound.wire import stuffed
from scripted_smtp import CUT, SILENCE, Fault, Happening, ScriptedSmtp, scripted_smtp

RAW = b"From: desk@example.com\r\nSubject: x\r\n\r\nbody\r\n.\r\n..two\r\n"
FROM, TO = "desk@example.com", "someone@example.net"
QUICK = Timeouts(connect=2, command=2, chunk=2, end=0.2)
CLOCK = ManualClock(datetime(2026, 11, 23, tzinfo=UTC))


def session_for(
    port: int, password: Callable[[], str] = lambda: "code", clock: ManualClock = CLOCK
) -> SmtpSession:
    server = SmtpServer(host="127.0.0.1", port=port, security="plain")
    return SmtpSession(server, FROM, password, clock, timeouts=QUICK)


def with_server(story: Callable[[ScriptedSmtp, SmtpSession], Awaitable[None]]) -> None:
    async def play() -> None:
        async with scripted_smtp() as server:
            session = session_for(server.port)
            try:
                await story(server, session)
            finally:
                await session.close()

    asyncio.run(play())


def send_once(on: dict[str, list[Happening | None]]) -> tuple[Outcome, ScriptedSmtp]:
    outcome: list[Outcome] = []
    seen: list[ScriptedSmtp] = []

    async def story(server: ScriptedSmtp, session: SmtpSession) -> None:
        server.on.update(on)
        outcome.append(await session.send(FROM, TO, RAW))
        seen.append(server)

    with_server(story)
    return outcome[0], seen[0]


def test_a_letter_arrives_byte_for_byte_with_its_dots() -> None:
    outcome, server = send_once({})
    assert isinstance(outcome, Delivered)
    assert "queued as 1" in str(outcome.reply)
    assert [(t.sender, t.recipient, t.raw) for t in server.taken] == [(FROM, TO, RAW)]
    assert f"MAIL FROM:<desk@example.com> SIZE={len(RAW)}" in server.commands


def test_one_connection_and_one_login_serve_many_letters() -> None:
    async def story(server: ScriptedSmtp, session: SmtpSession) -> None:
        for _ in range(5):
            assert isinstance(await session.send(FROM, TO, RAW), Delivered)
        assert server.connections == 1
        assert server.verbs().count("AUTH") == 1

    with_server(story)


def test_a_connection_is_renewed_before_the_provider_minds() -> None:
    async def story(server: ScriptedSmtp, session: SmtpSession) -> None:
        for _ in range(LETTERS_A_CONNECTION + 1):
            assert isinstance(await session.send(FROM, TO, b"x: y\r\n\r\n"), Delivered)
        assert server.connections == 2

    with_server(story)


STAGES_BEFORE_THE_DOT = [
    ("CONNECT", Stage.CONNECT, Scope.ACCOUNT),
    ("EHLO", Stage.CONNECT, Scope.ACCOUNT),
    ("AUTH", Stage.LOGIN, Scope.ACCOUNT),
    ("MAIL", Stage.MAIL, Scope.CONNECTION),
    ("RCPT", Stage.RCPT, Scope.CONNECTION),
    ("DATA", Stage.DATA, Scope.CONNECTION),
]


@pytest.mark.parametrize(("stage", "said", "scope"), STAGES_BEFORE_THE_DOT)
@pytest.mark.parametrize("fault", [CUT, SILENCE, Fault("cut", b"garbage"), Fault("cut", b"99")], ids=str)
def test_a_connection_lost_before_the_final_dot_defers(
    stage: str, said: Stage, scope: Scope, fault: Fault
) -> None:
    outcome, server = send_once_quickly({stage: [fault, fault]})
    assert isinstance(outcome, Deferred)
    assert (outcome.stage, outcome.scope) == (said, scope)
    assert server.taken == []


def send_once_quickly(on: dict[str, list[Happening | None]]) -> tuple[Outcome, ScriptedSmtp]:
    async def play() -> tuple[Outcome, ScriptedSmtp]:
        async with scripted_smtp() as server:
            server.on.update(on)
            place = SmtpServer(host="127.0.0.1", port=server.port, security="plain")
            session = SmtpSession(place, FROM, lambda: "code", CLOCK, timeouts=Timeouts(0.1, 0.1, 0.1, 0.1))
            outcome = await session.send(FROM, TO, RAW)
            await session.close()
            return outcome, server

    return asyncio.run(play())


@pytest.mark.parametrize(
    "fault", [CUT, SILENCE, Fault("cut", b"25"), Fault("cut", b"garbage"), "354 what", "150 hm"], ids=str
)
def test_no_clear_answer_after_the_final_dot_is_uncertain(fault: Happening) -> None:
    outcome, server = send_once({"END": [fault]})
    assert isinstance(outcome, Uncertain)
    assert len(server.taken) == 1, "the server had taken it: to send it again would double it"


def test_wound_19_a_time_out_after_data_is_never_taken_for_a_failure() -> None:
    outcome, server = send_once({"END": [SILENCE]})
    assert isinstance(outcome, Uncertain)
    assert "no reply within" in str(outcome.reply)
    assert len(server.taken) == 1


def test_a_connection_cut_within_a_large_message_defers() -> None:
    async def story(server: ScriptedSmtp, session: SmtpSession) -> None:
        server.features = ["SIZE 100000000"]
        server.on["BODY"] = [CUT]
        outcome = await session.send(FROM, TO, b"Subject: big\r\n\r\n" + b"x" * 70 + b"\r\n" * 8_000_000)
        assert isinstance(outcome, Deferred)
        assert outcome.stage is Stage.BODY
        assert server.taken == []

    with_server(story)


def test_a_refusal_half_way_through_a_message_is_heard() -> None:
    async def story(server: ScriptedSmtp, session: SmtpSession) -> None:
        server.features = []
        server.on["BODY"] = [Fault("cut", b"552 5.3.4 message too big")]
        outcome = await session.send(FROM, TO, b"Subject: big\r\n\r\n" + b"x" * 70 + b"\r\n" * 8_000_000)
        assert isinstance(outcome, Refused | Deferred)  # Deferred where the reset outran the reply
        assert server.taken == []

    with_server(story)


def test_after_a_refusal_half_way_the_next_letter_takes_a_new_connection() -> None:
    async def story(server: ScriptedSmtp, session: SmtpSession) -> None:
        server.features = []
        server.on["BODY"] = ["552 5.3.4 message too big"]
        big = b"Subject: big\r\n\r\n" + b"x\r\n" * 4_000_000
        assert isinstance(await session.send(FROM, TO, big), Refused)
        assert isinstance(await session.send(FROM, TO, RAW), Delivered)
        assert server.connections == 2
        assert "RSET" not in server.verbs()
        assert len(server.taken) == 1

    with_server(story)


@pytest.mark.parametrize(
    ("stage", "reply", "kind", "key"),
    [
        ("RCPT", "550 5.1.1 no such user", Refused, "no-such-address"),
        ("RCPT", "450 4.2.0 greylisted", Deferred, "try-later"),
        ("MAIL", "553 Mail from must equal authorized user", Deferred, "from-mismatch"),
        ("MAIL", "452 4.3.1 insufficient storage", Deferred, "try-later"),
        ("DATA", "554 no valid recipients", Refused, "refused"),
        ("END", "552 Requested mail action aborted: exceeded mailsize limit", Refused, "too-large"),
        ("END", "554 DT:SPM 126 smtp1", Refused, "looks-like-spam"),
        ("END", "451 DT:SPM, please try again", Deferred, "looks-like-spam"),
        ("END", "554 HL:ICC too many", Deferred, "connection-limit"),
        ("END", "421 closing", Deferred, "try-later"),
    ],
)
def test_a_reply_is_judged_where_it_comes(stage: str, reply: str, kind: type[Outcome], key: str) -> None:
    outcome, server = send_once({stage: [reply]})
    assert isinstance(outcome, kind)
    assert isinstance(outcome, Refused | Deferred)
    assert outcome.why.key == key
    assert server.taken == []


def test_after_a_refusal_the_connection_serves_the_next_letter() -> None:
    async def story(server: ScriptedSmtp, session: SmtpSession) -> None:
        server.on["RCPT"] = ["550 5.1.1 no such user"]
        assert isinstance(await session.send(FROM, TO, RAW), Refused)
        assert isinstance(await session.send(FROM, TO, RAW), Delivered)
        assert server.connections == 1
        assert server.verbs()[-5:] == ["RCPT", "RSET", "MAIL", "RCPT", "DATA"]

    with_server(story)


def test_a_kept_connection_that_died_is_renewed_without_a_word() -> None:
    async def story(server: ScriptedSmtp, session: SmtpSession) -> None:
        assert isinstance(await session.send(FROM, TO, RAW), Delivered)
        server.on["MAIL"] = [CUT]
        assert isinstance(await session.send(FROM, TO, RAW), Delivered)
        server.on["MAIL"] = ["421 4.4.2 timeout exceeded"]
        assert isinstance(await session.send(FROM, TO, RAW), Delivered)
        assert (server.connections, len(server.taken)) == (3, 3)

    with_server(story)


def test_a_connection_idle_for_long_is_tried_before_it_is_used() -> None:
    async def play() -> None:
        async with scripted_smtp() as server:
            clock = ManualClock(datetime(2026, 11, 23, tzinfo=UTC))
            session = session_for(server.port, clock=clock)
            await session.send(FROM, TO, RAW)
            await clock.sleep(IDLE + 1)
            server.on["RSET"] = [CUT]
            assert isinstance(await session.send(FROM, TO, RAW), Delivered)
            assert server.connections == 2
            await session.close()

    asyncio.run(play())


@pytest.mark.parametrize("stage", ["AUTH", "RCPT", "END"])
def test_a_connection_is_not_idle_while_a_letter_is_on_its_way_however_slow_the_server(stage: str) -> None:
    async def play() -> None:
        async with scripted_smtp() as server:
            clock = ManualClock(datetime(2026, 11, 23, tzinfo=UTC))
            session = session_for(server.port, clock=clock)
            await session.send(FROM, TO, RAW)
            assert session.idle_seconds == 0
            if stage == "AUTH":
                await session.close()
            waiting, go_on = server.pause_at(stage)
            letter = asyncio.create_task(session.send(FROM, TO, RAW))
            await waiting.wait()
            clock.advance(timedelta(hours=1))
            assert session.idle_seconds is None, "nobody may hang up"
            go_on.set()
            assert isinstance(await letter, Delivered)
            assert session.idle_seconds == 0
            await session.close()

    asyncio.run(play())


def test_a_refused_login_is_said_apart_and_tried_once_only() -> None:
    outcome, server = send_once(
        {
            "AUTH": [
                b"535 Error: authentication failed, \xc7\xeb\xca\xb9\xd3\xc3\xca\xda\xc8\xa8\xc2\xeb\xb5\xc7\xc2\xbc"
            ]
        }
    )
    assert isinstance(outcome, CredentialsRefused)
    assert "请使用授权码登录" in str(outcome.reply), "GBK replies are read"
    assert server.verbs().count("AUTH") == 1
    assert "MAIL" not in server.verbs()


def test_a_password_that_cannot_be_read_is_a_refused_login_not_a_crash() -> None:
    def unreadable() -> str:
        raise FileNotFoundError("/secret is missing")

    async def play() -> None:
        async with scripted_smtp() as server:
            outcome = await session_for(server.port, unreadable).send(FROM, TO, RAW)
            assert isinstance(outcome, CredentialsRefused)
            assert "AUTH" not in server.verbs()

    asyncio.run(play())


def test_the_password_is_never_in_an_outcome() -> None:
    async def play() -> None:
        async with scripted_smtp() as server:
            server.on["AUTH"] = ["535 no"]
            outcome = await session_for(server.port, lambda: "hunter2hunter2").send(FROM, TO, RAW)
            assert "hunter2" not in repr(outcome)

    asyncio.run(play())


def test_a_multi_line_reply_is_one_reply() -> None:
    outcome, _ = send_once({"END": ["250-first\r\n250 second"]})
    assert isinstance(outcome, Delivered)
    assert str(outcome.reply) == "250 first / second"


def test_a_letter_larger_than_the_server_announced_is_not_even_begun() -> None:
    async def story(server: ScriptedSmtp, session: SmtpSession) -> None:
        server.features = ["SIZE 50"]
        outcome = await session.send(FROM, TO, RAW)
        assert isinstance(outcome, Refused)
        assert outcome.why.key == "too-large"
        assert "MAIL" not in server.verbs()

    with_server(story)


@pytest.mark.parametrize(
    "address",
    [
        "a@b\r\nRCPT TO:<x@y>",
        "a b@c.com",
        "a>b@c.com",
        "nobody",
        "@c.com",
        "a@",
        "a\x00@b.com",
        "x" * 65 + "@b.com",
        "",
    ],
)
def test_an_address_that_could_inject_or_cannot_be_written_is_refused(address: str) -> None:
    async def story(server: ScriptedSmtp, session: SmtpSession) -> None:
        outcome = await session.send(FROM, address, RAW)
        assert isinstance(outcome, Refused)
        assert outcome.address_problem
        assert server.connections == 0

    with_server(story)


def test_smtputf8_is_used_only_where_a_local_part_needs_it() -> None:
    async def story(server: ScriptedSmtp, session: SmtpSession) -> None:
        server.features = ["SMTPUTF8"]
        await session.send(FROM, "a@例子.cn", RAW)
        assert "RCPT TO:<a@xn--fsqu00a.cn>" in server.commands
        assert not any("SMTPUTF8" in command for command in server.commands)
        await session.send(FROM, "用户@例子.cn", RAW)
        assert "RCPT TO:<用户@xn--fsqu00a.cn>" in server.commands
        assert any("SMTPUTF8" in command for command in server.commands)

    with_server(story)


def test_a_server_without_smtputf8_gets_no_address_it_cannot_read() -> None:
    async def story(_server: ScriptedSmtp, session: SmtpSession) -> None:
        outcome = await session.send(FROM, "用户@example.cn", RAW)
        assert isinstance(outcome, Refused)
        assert outcome.why.key == "non-ascii-address"

    with_server(story)


def test_a_server_that_is_down_defers_the_account() -> None:
    async def play() -> None:
        async with scripted_smtp() as server:
            port = server.port
        outcome = await session_for(port).send(FROM, TO, RAW)
        assert isinstance(outcome, Deferred)
        assert (outcome.stage, outcome.scope, outcome.alarm) == (Stage.CONNECT, Scope.ACCOUNT, False)

    asyncio.run(play())


def test_a_host_name_that_does_not_resolve_defers_the_account() -> None:
    async def play() -> None:
        server = SmtpServer(host="nowhere.invalid", port=465, security="tls")
        outcome = await SmtpSession(server, FROM, lambda: "", CLOCK, timeouts=QUICK).send(FROM, TO, RAW)
        assert isinstance(outcome, Deferred)
        assert outcome.scope is Scope.ACCOUNT

    asyncio.run(play())


def test_starttls_that_is_not_offered_is_never_replaced_by_plain_text() -> None:
    async def play() -> None:
        async with scripted_smtp() as server:
            place = SmtpServer(host="127.0.0.1", port=server.port, security="starttls")
            outcome = await SmtpSession(place, FROM, lambda: "code", CLOCK, timeouts=QUICK).send(
                FROM, TO, RAW
            )
            assert isinstance(outcome, Deferred)
            assert (outcome.why.key, outcome.alarm) == ("tls-failed", True)
            assert not {"AUTH", "MAIL"} & set(server.verbs())

    asyncio.run(play())


def test_a_cancelled_send_leaves_no_half_transaction_behind() -> None:
    async def story(server: ScriptedSmtp, session: SmtpSession) -> None:
        server.on["RCPT"] = [SILENCE]
        task = asyncio.create_task(session.send(FROM, TO, RAW))
        while "RCPT" not in server.verbs():  # noqa: ASYNC110 - the server tells nothing else
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance(await session.send(FROM, TO, RAW), Delivered)
        assert server.connections == 2

    with_server(story)


@given(st.binary(max_size=200).map(lambda b: b.replace(b"a", b"\n").replace(b"b", b".").replace(b"c", b"\r")))
def test_no_message_can_end_early_or_hold_a_bare_line_end(raw: bytes) -> None:
    wire = stuffed(raw)
    assert wire.endswith(b"\r\n")
    assert b"\r\n.\r\n" not in b"\r\n" + wire
    assert wire.replace(b"\r\n", b"").translate(None, b"\r\n") == wire.replace(b"\r\n", b"")


@given(
    st.lists(st.sampled_from([b".", b"..", b"x", b".x", b""]), max_size=12).map(
        lambda lines: b"\r\n".join([*lines, b""])
    )
)
def test_dots_come_back_as_they_were(raw: bytes) -> None:
    received = b"".join(
        line[1:] if line.startswith(b".") else line for line in stuffed(raw).splitlines(keepends=True)
    )
    assert received == (raw or b"\r\n")


def test_the_tls_context_verifies_certificate_and_name() -> None:
    context = smtp._tls(None)
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"
