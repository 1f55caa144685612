"""The only SMTP code: one kept connection that sends letters and says exactly what became of each.

A `SmtpSession` belongs to one worker. `send` never raises for anything a server or network does: it
returns Delivered, Deferred, Refused, CredentialsRefused or Uncertain (`refusals.py`). It drives
aiosmtplib command by command, because what a lost connection means depends on one thing only:
whether the final dot had been handed to the network (RFC 5321 §4.1.1.4). Before it, nothing can have
been taken: Deferred. After it, nobody knows: Uncertain.

Never here: retries, pacing, budgets (`sender.py`), or a fall-back from TLS to plain text.
Standards: RFC 5321, 1870 (SIZE), 6152 (8BITMIME), 6531 (SMTPUTF8), 3207 (STARTTLS), 4954 (AUTH).
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from mail_desk.clock import Clock
from mail_desk.config import SmtpServer
from mail_desk.outbound import refusals
from mail_desk.outbound.refusals import (
    CredentialsRefused,
    Deferred,
    Delivered,
    Outcome,
    Refused,
    Reply,
    Scope,
    Stage,
    Uncertain,
    decode_reply,
    judge,
)
from mail_desk.outbound.wire import (
    Envelope,
    Lost,
    after_dot,
    before_dot,
    deferred,
    envelope_of,
    over_limit,
    stuffed,
)

EHLO_NAME = "[127.0.0.1]"  # RFC 5321 §4.1.4 allows a literal; it tells nothing of the machine
CHUNK = 256 * 1024  # bytes of a message between two looks at the connection
LETTERS_A_CONNECTION = 100  # providers cap this (NetEase MI:DMC); a new connection costs little
IDLE = 20.0  # s after which a kept connection is asked whether it lives before it is used


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for the server. Long ones avoid duplicates (RFC 5321 §4.5.3.2), most of all at the end."""

    connect: float = 30.0
    command: float = 120.0
    chunk: float = 180.0  # until a piece of the message has left
    end: float = 600.0  # §4.5.3.2.6: giving up earlier makes duplicates

    @property
    def longest(self) -> float:
        """What a lease must leave room for: more than one `send` of an ordinary letter can take."""
        return self.connect * 4 + self.command * 3 + self.end


class SmtpSession:
    """A connection that is opened when needed, kept, and renewed when it has died."""

    def __init__(
        self,
        server: SmtpServer,
        login: str,
        password: Callable[[], str],
        clock: Clock,
        *,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._server = server
        self._login = login
        self._password = password
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._client: aiosmtplib.SMTP | None = None
        self._used_at = 0.0
        self._busy = False  # a letter, or a login, is on its way
        self._letters = 0  # sent over this connection

    # --- connection -----------------------------------------------------------------------------------

    async def open(self) -> Deferred | CredentialsRefused | None:
        """Connect, secure and log in. None when ready; also the operator's connection test."""
        self._drop()
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            local_hostname=EHLO_NAME,
            timeout=self._timeouts.connect,
            use_tls=self._server.security == "tls",
            start_tls=self._server.security == "starttls",
            tls_context=_tls(self._server.ca_file) if self._server.security != "plain" else None,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            return _not_connected(error)
        self._client = client
        refused = await self._log_in(client)
        if refused is not None:
            self._drop()
            return refused
        self._letters = 0
        self._used_at = self._clock.monotonic()
        return None

    async def _log_in(self, client: aiosmtplib.SMTP) -> Deferred | CredentialsRefused | None:
        """Log in with one mechanism, once: several tries at a wrong password get accounts locked.

        A server that offers no AUTH (a relay on the same machine) is used without.
        """
        offered = client.server_auth_methods
        mechanisms = {"plain": client.auth_plain, "login": client.auth_login, "cram-md5": client.auth_crammd5}
        chosen = next((mechanisms[name] for name in mechanisms if name in offered), None)
        if chosen is None:
            return None
        try:
            password = self._password()
        except (OSError, LookupError, ValueError) as error:
            return CredentialsRefused(
                Reply(0, f"the password could not be read: {error}"), refusals.CREDENTIALS
            )
        try:
            await chosen(self._login, password)
        except aiosmtplib.SMTPResponseException as error:
            judged = judge(Reply(error.code, decode_reply(error.message)), Stage.LOGIN)
            if isinstance(judged, Refused):  # cannot be: nothing was offered to refuse
                return CredentialsRefused(judged.reply, judged.why)
            return judged
        except (aiosmtplib.SMTPException, OSError) as error:
            return deferred(_text(error), Stage.LOGIN, refusals.UNREACHABLE, Scope.ACCOUNT)
        return None

    async def close(self) -> None:
        """Say QUIT, briefly, and hang up."""
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=5)
        client.close()

    def _drop(self) -> None:
        """Hang up without a word: the state of the session is unknown."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    @property
    def idle_seconds(self) -> float | None:
        """How long the kept connection has not been used; None where there is none, or it is in use."""
        return None if self._client is None or self._busy else self._clock.monotonic() - self._used_at

    async def _ready(self) -> bool:
        """Return whether the kept connection can be used; hang it up where it cannot."""
        if self._client is None or not self._client.is_connected:
            self._drop()
            return False
        if self._letters >= LETTERS_A_CONNECTION:
            await self.close()
            return False
        if self._clock.monotonic() - self._used_at > IDLE:
            reply = await self._ask(b"RSET", timeout=self._timeouts.connect)
            if isinstance(reply, Lost) or reply.code != 250:
                self._drop()
                return False
        return True

    # --- sending --------------------------------------------------------------------------------------

    async def send(self, sender: str, recipient: str, raw: bytes) -> Outcome:
        """Send one message to one recipient and say what became of it.

        Both addresses are bare (no angle brackets). When the task is cancelled the connection is
        dropped and the outcome is whatever the caller then assumes: Uncertain.
        """
        envelope = envelope_of(sender, recipient)
        if isinstance(envelope, Refused):
            return envelope
        self._busy = True
        try:
            return await self._send(envelope, raw)
        except BaseException:
            self._drop()  # half a transaction must not meet the next letter
            raise
        finally:
            self._busy = False

    async def _send(self, envelope: Envelope, raw: bytes) -> Outcome:
        kept = await self._ready()
        if not kept:
            failure = await self.open()
            if failure is not None:
                return failure
        outcome = await self._transaction(envelope, raw)
        if kept and _died_unused(outcome):  # the server had closed the kept connection: use a new one
            failure = await self.open()
            if failure is not None:
                return failure
            outcome = await self._transaction(envelope, raw)
        self._used_at = self._clock.monotonic()
        self._letters += 1
        await self._tidy(outcome)
        return outcome

    async def _tidy(self, outcome: Outcome) -> None:
        """Leave the connection ready for the next letter, or not at all."""
        if isinstance(outcome, Delivered) or self._client is None:
            return
        # Refused half-way through a message: whatever is said next would be taken for its text.
        match outcome:
            case Refused(stage=stage) | Deferred(stage=stage, scope=Scope.LETTER):
                clean = stage is not Stage.BODY
            case _:
                clean = False
        if clean:
            reply = await self._ask(b"RSET", timeout=self._timeouts.connect)
            if not isinstance(reply, Lost) and reply.code == 250:
                return
        self._drop()

    async def _transaction(self, envelope: Envelope, raw: bytes) -> Outcome:
        """MAIL, RCPT, DATA, message, dot: RFC 5321 §3.3."""
        assert self._client is not None
        offers = self._client.supports_extension
        if envelope.utf8 and not offers("smtputf8"):
            return Refused(
                Reply(0, "the server does not offer SMTPUTF8"),
                Stage.MAIL,
                refusals.NON_ASCII_ADDRESS,
                address_problem=True,
            )
        too_large = over_limit(self._client.esmtp_extensions.get("size"), len(raw))
        if too_large is not None:
            return too_large
        options = [b"SIZE=%d" % len(raw)] if offers("size") else []  # RFC 1870 §5
        if not raw.isascii() and offers("8bitmime"):
            options.append(b"BODY=8BITMIME")  # RFC 6152 §2
        if envelope.utf8:
            options.append(b"SMTPUTF8")  # RFC 6531 §3.4
        steps = (
            (Stage.MAIL, (b"MAIL", b"FROM:<" + envelope.sender + b">", *options), (250,)),
            (Stage.RCPT, (b"RCPT", b"TO:<" + envelope.recipient + b">"), (250, 251)),
            (Stage.DATA, (b"DATA",), (354,)),
        )
        for stage, command, accepted in steps:
            reply = await self._ask(*command, timeout=self._timeouts.command)
            if isinstance(reply, Lost):
                return deferred(reply.why, stage, refusals.LOST, Scope.CONNECTION)
            if reply.code not in accepted:
                return judge(reply, stage)
        return await self._message(raw)

    async def _message(self, raw: bytes) -> Outcome:
        """Send the message and the final dot apart, so that what a lost connection means is known."""
        protocol = self._client.protocol if self._client is not None else None
        if protocol is None:
            return deferred("connection lost", Stage.BODY, refusals.LOST, Scope.CONNECTION)
        # Reading begins before writing: a server may refuse a message half-way (size, content).
        reading = asyncio.create_task(protocol.read_response(None))
        await asyncio.sleep(0)
        try:
            failure = await _write_body(protocol, stuffed(raw), reading, self._timeouts.chunk)
            if failure is not None:
                return deferred(failure.why, Stage.BODY, refusals.LOST, Scope.CONNECTION)
            if reading.done():  # refused half-way, before the dot
                return before_dot(_result(reading))
            try:
                protocol.write(b".\r\n")
            except aiosmtplib.SMTPException as error:
                return deferred(_text(error), Stage.BODY, refusals.LOST, Scope.CONNECTION)
            await asyncio.wait({reading}, timeout=self._timeouts.end)
            if not reading.done():
                return Uncertain(Reply(0, f"no reply within {self._timeouts.end:g} s after the message"))
            return after_dot(_result(reading))
        finally:
            reading.cancel()

    async def _ask(self, *command: bytes, timeout: float) -> Reply | Lost:  # noqa: ASYNC109 - handed on to aiosmtplib
        if self._client is None:
            return Lost("not connected")
        try:
            response = await self._client.execute_command(*command, timeout=timeout)
        except aiosmtplib.SMTPResponseException as error:  # malformed
            return Lost(decode_reply(error.message))
        except (aiosmtplib.SMTPException, OSError) as error:
            return Lost(_text(error))
        return Reply(response.code, decode_reply(response.message))


# --- parts that know aiosmtplib ---------------------------------------------------------------------------


async def _write_body(
    protocol: SMTPProtocol,
    body: bytes,
    reading: asyncio.Task[aiosmtplib.SMTPResponse],
    patience: float,
) -> Lost | None:
    """Write until all has left or the server has spoken. None: go on; the dot is not yet written."""
    transport = protocol.transport
    if not isinstance(transport, asyncio.WriteTransport):
        return Lost("connection lost")
    # Drained then means handed to the network. Not high=0: asyncio's TLS would pause at once, for ever.
    transport.set_write_buffer_limits(high=1, low=0)
    view = memoryview(body)
    try:
        for start in range(0, len(body), CHUNK):
            protocol.write(bytes(view[start : start + CHUNK]))
            async with asyncio.timeout(patience):
                # A StreamWriter would drain in public, but closes the transport when it is collected.
                await protocol._drain_helper()  # noqa: SLF001 - nothing else waits for the buffer
            if reading.done():
                return None
    except TimeoutError:
        return Lost(f"the server took no data for {patience:g} s")
    except (aiosmtplib.SMTPException, OSError) as error:
        # The reply that explains it may have come just before the end.
        return None if reading.done() and isinstance(_result(reading), Reply) else Lost(_text(error))
    return None


def _result(reading: asyncio.Task[aiosmtplib.SMTPResponse]) -> Reply | Lost:
    error = reading.exception()
    if error is None:
        response = reading.result()
        return Reply(response.code, decode_reply(response.message))
    if isinstance(error, aiosmtplib.SMTPException | OSError):
        return Lost(_text(error))
    raise error


def _died_unused(outcome: Outcome) -> bool:
    """Return whether a kept connection turned out dead before it was used for this letter."""
    return (
        isinstance(outcome, Deferred)
        and outcome.stage is Stage.MAIL
        and (
            outcome.why is refusals.LOST or (outcome.reply.code == 421 and outcome.scope is Scope.CONNECTION)
        )
    )


def _not_connected(error: Exception) -> Deferred | CredentialsRefused:
    cause = error if isinstance(error, ssl.SSLError) else error.__cause__
    if isinstance(cause, ssl.SSLError):
        return deferred(_text(cause), Stage.TLS, refusals.TLS_FAILED, Scope.ACCOUNT, alarm=True)
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0:
        judged = judge(Reply(error.code, decode_reply(error.message)), Stage.CONNECT)
        if not isinstance(judged, Refused):
            return judged
    if isinstance(error, aiosmtplib.SMTPException) and "STARTTLS" in str(error):
        return deferred(_text(error), Stage.TLS, refusals.TLS_FAILED, Scope.ACCOUNT, alarm=True)
    return deferred(_text(error), Stage.CONNECT, refusals.UNREACHABLE, Scope.ACCOUNT)


def _text(error: BaseException) -> str:
    return decode_reply(str(error)) or type(error).__name__


@lru_cache(maxsize=32)
def _tls(ca_file: Path | None) -> ssl.SSLContext:
    """Verify certificate and host name, against one CA where the operator named it."""
    return ssl.create_default_context(cafile=str(ca_file) if ca_file is not None else None)
