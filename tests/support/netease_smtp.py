"""An SMTP server that behaves like NetEase's: smtp.126.com as senders have met it.

- AUTH is required before MAIL (530 otherwise), a wrong authorisation code is 535
- 553 where the envelope's sender or the From header is not the account that logged in
- `script` answers for it, also in GBK: see `SAYINGS` for what the provider says and when
- a copy of what was accepted goes to the Sent folder at once, late (`store_late_copies`) or never

What it accepts goes to `deliver`, for example `relay_to` a real server, or into a mailbox.
"""

from __future__ import annotations

import asyncio
import smtplib
import threading
from collections.abc import Callable, Coroutine
from email import message_from_bytes
from email.utils import parseaddr
from typing import Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from mail_desk.demo.last_in import stop_listening

LOOPBACK = "127.0.0.1"

# Reply lines as the provider sends them; the token decides, the numbers differ from day to day.
SAYINGS: dict[str, bytes] = {
    "too many recipients in an hour": b"450 RP:TRC 126 smtp4,wKgAD0xyz.0",
    "connections too frequent": b"421 HL:ICC 126 smtp2,w8CowAC 1.2.3.4",
    "too many mails at once": "550 HL:ITC 该IP发送频率过高".encode("gbk"),
    "suspected spam, later": "451 DT:SPM 邮件疑似垃圾邮件，请稍后再试".encode("gbk"),
    "spam": "554 DT:SPM 发送的邮件内容包含了未被许可的信息 http://mail.163.com/help/".encode("gbk"),
    "sender sends too much": "554 MI:SFQ 发信人在短时间内发送了过多信件".encode("gbk"),
    "sender is blocked": "550 MI:SPB 此用户不在网易允许的发信用户列表里".encode("gbk"),
    "too many recipients in one mail": b"550 RP:RCL 126 smtp9",
    "mailbox full": "552 邮箱空间已满".encode("gbk"),
}

Answer = str | bytes | None  # None: behave as usual


class NetEaseSmtp:
    """Listens on `port` of the loopback, in a thread of its own."""

    host = LOOPBACK

    def __init__(
        self,
        deliver: Callable[[str, list[str], bytes], None],
        *,
        accounts: dict[str, str],
        store_sent: Callable[[str, bytes], None] | None = None,
        keeps_sent: Literal["at once", "late", "never"] = "at once",
    ) -> None:
        """`deliver` takes sender, recipients and raw; `accounts` are addresses with their codes."""
        self._deliver = deliver
        self._store_sent = store_sent
        self._keeps_sent = keeps_sent
        self._accounts = accounts
        self._late: list[tuple[str, bytes]] = []
        self._connections: set[_Connection] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="netease-smtp", daemon=True)
        self._server: asyncio.Server | None = None
        self.port = 0
        self.script: Callable[[Envelope], Answer] | None = None
        self.accepted: list[tuple[str, list[str], bytes]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def store_late_copies(self) -> None:
        """Let the copies appear in Sent that the provider was slow to make."""
        while self._late:
            self._keep(*self._late.pop(0))

    def _keep(self, login: str, raw: bytes) -> None:
        if self._store_sent is not None:
            self._store_sent(login, raw)

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(lambda: _Connection(self, self._loop), LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        assert self._server is not None
        await stop_listening(self._server)
        for connection in list(self._connections):
            await connection.hang_up()
        await self._server.wait_closed()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    # --- aiosmtpd's hooks -------------------------------------------------------------------------

    def authenticate(self, *arguments: object) -> AuthResult:
        data = arguments[-1]
        if isinstance(data, LoginPassword):
            login = data.login.decode("utf-8", "replace").lower()
            if self._accounts.get(login) == data.password.decode("utf-8", "replace"):
                return AuthResult(success=True, auth_data=login)
        return AuthResult(success=False, handled=False, message="535 Error: authentication failed")

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 authentication is required"
        if address.lower() != session.auth_data:
            return "553 Mail from must equal authorized user"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 Mail OK"

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str | bytes:  # noqa: N802
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        author = parseaddr(str(message_from_bytes(raw).get("From", "")))[1]
        if author.lower() != session.auth_data:
            return "553 You are not authorized to send mail as the From address"
        if self.script is not None and (answer := self.script(envelope)) is not None:
            return answer
        sender, recipients = str(envelope.mail_from), [str(r) for r in envelope.rcpt_tos]
        await self._loop.run_in_executor(None, self._deliver, sender, recipients, raw)
        self.accepted.append((sender, recipients, raw))
        if self._keeps_sent == "at once":
            await self._loop.run_in_executor(None, self._keep, str(session.auth_data), raw)
        elif self._keeps_sent == "late":
            self._late.append((str(session.auth_data), raw))
        return "250 Mail OK queued as smtp4,wKgAD0xyz.0 1764000000"


class _Connection(SMTP):
    def __init__(self, owner: NetEaseSmtp, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            owner,
            hostname="126.com",
            ident="Anti-spam GT for Coremail System",
            loop=loop,
            data_size_limit=71_680_000,
            auth_require_tls=False,
            authenticator=owner.authenticate,
        )
        self._owner = owner

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._owner._connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._owner._connections.discard(self)
        super().connection_lost(error)

    async def hang_up(self) -> None:
        task = self._handler_coroutine
        if self.transport is not None:
            self.transport.close()
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def relay_to(host: str, port: int) -> Callable[[str, list[str], bytes], None]:
    """Return a `deliver` that hands mail to a real SMTP server."""

    def deliver(sender: str, recipients: list[str], raw: bytes) -> None:
        with smtplib.SMTP(host, port, timeout=30) as relay:
            relay.sendmail(sender, recipients, raw)

    return deliver
