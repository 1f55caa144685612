"""One account's reading loop: poll every folder, spool what is new, keep one connection.

The IMAP client lives in a thread of its own (`_imap`); this side is asyncio. Failures are expected:
unreachable servers are retried with growing pauses, refused credentials alarm a person and are tried
rarely, so that the account is not blocked for hammering.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from typing import TypeVar

import structlog

from mail_desk.clock import Clock
from mail_desk.config import Account, FolderRole
from mail_desk.inbound.backoff import Backoff
from mail_desk.inbound.intake import Intake, incoming
from mail_desk.inbound.mailbox import FolderState, Mailbox
from mail_desk.inbound.refusals import MailboxUnavailable, RefusedCredentials
from mail_desk.store.session import BROKEN, Store

log = structlog.get_logger()
T = TypeVar("T")

CHUNK = 64  # messages fetched and spooled in one go
HEADERS = 500  # headers of a first connection fetched in one go
RECONCILE = 3600.0  # seconds between two counts of the server against the store
PAUSE_SLICE = 60.0  # seconds between two signs of life while the loop pauses
SLICE = 5.0  # seconds the IMAP thread waits at most before it can do something else
STORE_PAUSE = 15.0  # seconds before a database that is locked or gone, or a full disk, is tried again
AWAY_TO_ALARM = 900.0  # seconds a mailbox may be unreachable before a person hears of it
CREDENTIALS_PAUSE = 1800.0  # seconds before refused credentials are tried again

Alarm = Callable[[str, str, str], Awaitable[None]]  # key, what happened, detail


class Reader:
    """Reads one account."""

    def __init__(
        self,
        account: Account,
        *,
        mailbox: Callable[[], Mailbox],
        intake: Intake,
        store: Store,
        clock: Clock,
        on_alarm: Alarm,
    ) -> None:
        """`mailbox` makes a fresh, unopened client; it is asked again after each failure."""
        self.account = account
        self._make = mailbox
        self._intake = intake
        self._store = store
        self._clock = clock
        self._on_alarm = on_alarm
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"imap-{account.name}")
        self._client: Mailbox | None = None
        self._counted_at: float | None = None
        self._alarmed = False
        self._away_since: float | None = None  # clock.monotonic() of the first failure in a row
        self.beat: Callable[[], None] = lambda: None  # called at every turn of the loop and of long work
        self._registered = 0  # mails from before the desk that nobody has been told of

    async def _imap(self, fn: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, fn, *args)

    async def _opened(self) -> Mailbox:
        if self._client is None:
            client = self._make()
            await self._imap(client.open)
            self._client = client
        return self._client

    async def hang_up(self) -> None:
        """Close the connection; the next poll opens a new one. Never raises."""
        client, self._client = self._client, None
        if client is not None:
            await self._imap(client.close)

    async def close(self) -> None:
        await self.hang_up()
        self._thread.shutdown(wait=True)

    # --- one round --------------------------------------------------------------------------------

    async def poll(self) -> int:
        """Spool whatever is new in every folder; return how many messages came.

        Raises MailboxUnavailable and RefusedCredentials; what was spooled before stays spooled.
        """
        try:
            client = await self._opened()
            folders = incoming(await self._imap(lambda: client.folders(refresh=True)))
            came = 0
            for folder in folders:
                came += await self._folder(client, folder)
            if self._registered or self._counted_at is None:  # a process may have ended before it told
                await self._store.run(
                    self._intake.list_before_desk, self.account.name, anew=self._registered > 0
                )
                self._registered = 0
            await self._fetch_wanted(client, folders)
            if self._counted_at is None or self._clock.monotonic() - self._counted_at >= RECONCILE:
                came += await self._reconcile(client, folders)
        except (MailboxUnavailable, RefusedCredentials):
            await self.hang_up()
            raise
        return came

    async def _folder(self, client: Mailbox, folder: FolderState) -> int:
        name = self.account.name
        last, opened = await self._store.run(self._intake.cursor, name, folder)
        uids = await self._imap(client.new_uids, folder, max(last, 0))
        if last < 0:
            uids = await self._first_sight(client, folder, uids, opened)
        return await self._spool(client, folder, uids)

    async def _first_sight(
        self, client: Mailbox, folder: FolderState, uids: Sequence[int], opened: datetime
    ) -> list[int]:
        """Tell apart what lay there before the desk (registered, not answered) from what is new."""
        fresh: list[int] = []
        registered = through = 0
        for start in range(0, len(uids), HEADERS):
            chunk = list(uids[start : start + HEADERS])
            headers = await self._imap(lambda c=chunk: list(client.headers(folder, c)))
            self.beat()
            old = [h for h in headers if h.received_at < opened]
            fresh += [h.uid for h in headers if h.received_at >= opened]
            through = max(through, *(h.uid for h in old), 0)
            if folder.role is FolderRole.SENT:
                continue  # what was sent before the desk answers no ticket
            registered += await self._store.run(
                self._intake.register_before_desk, self.account.name, folder, old
            )
        await self._store.run(self._intake.advance, self.account.name, folder, through)
        if registered:
            log.info("mail from before the desk registered", folder=folder.name, count=registered)
            self._registered += registered
        return sorted(fresh)

    async def _spool(self, client: Mailbox, folder: FolderState, uids: Sequence[int]) -> int:
        came = 0
        todo = iter(uids)
        while chunk := list(islice(todo, CHUNK)):
            fetched = await self._imap(lambda c=chunk: list(client.fetch(folder, c)))
            self.beat()
            came += await self._store.run(
                lambda f=fetched, t=chunk[-1]: self._intake.spool(folder, f, through=t)
            )
        return came

    async def _fetch_wanted(self, client: Mailbox, folders: Sequence[FolderState]) -> None:
        """Fetch the bodies of adopted mails."""
        for message_id, name, uidvalidity, uid in await self._store.run(
            self._intake.wanted, self.account.name
        ):
            folder = next((f for f in folders if (f.name, f.uidvalidity) == (name, uidvalidity)), None)
            found = []
            if folder is not None:
                found = await self._imap(lambda f=folder, u=uid: list(client.fetch(f, [u])))
            await self._store.run(self._intake.fill, message_id, found[0] if found else None)

    async def _reconcile(self, client: Mailbox, folders: Sequence[FolderState]) -> int:
        """Count the server's own UIDs against the store: what was passed over is fetched now."""
        came = lacking = 0
        for folder in folders:
            if folder.role is FolderRole.SENT:
                continue
            through, _ = await self._store.run(self._intake.cursor, self.account.name, folder)
            known = await self._store.run(self._intake.known_uids, self.account.name, folder)
            missing = sorted(set(await self._imap(client.all_uids, folder)) - known)
            recovered = await self._spool(client, folder, [uid for uid in missing if uid <= through])
            # What lies above has only just arrived: nobody needs to be alarmed.
            came += await self._spool(client, folder, [uid for uid in missing if uid > through])
            lacking += recovered
            if recovered:
                log.warning(
                    "messages below the cursor recovered",
                    action="reconcile",
                    account=self.account.name,
                    folder=folder.name,
                    count=recovered,
                )
            came += recovered
        self._counted_at = self._clock.monotonic()
        if lacking:
            await self._on_alarm(
                f"reconcile/{self.account.name}",
                f"{lacking} message(s) lay on the server that the store did not know: 服务器上的来信与登记不符",
                "They have been fetched and filed now. Either the server numbers messages out of order, or rows were "
                "removed from the store: run `mail-desk verify`. "
                "这些来信已补收并登记。可能是服务器编号不按顺序，也可能是数据库被删改，请运行 mail-desk verify。",
            )
        return came

    async def find_sent(self, message_id: str) -> datetime | bool | None:
        """Look for a letter in the Sent folder: since when it is there, or False.

        None where the mailbox cannot be reached now.
        """
        try:
            client = await self._opened()
            return await self._imap(client.find_in_sent, message_id)
        except (MailboxUnavailable, RefusedCredentials):
            await self.hang_up()
            return None

    # --- the loop ---------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event, came: Callable[[], Awaitable[None]]) -> None:
        """Poll until `stop`; after each poll that spooled something, `came` is awaited."""
        backoff = Backoff(random.SystemRandom().random)
        while not stop.is_set():
            self.beat()
            try:
                await self.poll()
                await came()
                backoff.reset()
                self._alarmed, self._away_since = False, None
                await self._wait(stop)
            except RefusedCredentials as error:
                await self._refused(error)
                await self._pause(stop, CREDENTIALS_PAUSE)
            except MailboxUnavailable as error:
                pause = backoff.next()
                log.warning(
                    "mailbox unavailable",
                    action="retry",
                    account=self.account.name,
                    why=str(error),
                    seconds=round(pause),
                )
                await self._lasts(error)
                await self._pause(stop, pause)
            except BROKEN as error:
                log.warning(
                    "store unavailable",
                    action="retry",
                    account=self.account.name,
                    why=str(error).splitlines()[0],
                    seconds=STORE_PAUSE,
                )
                await self.hang_up()
                await self._pause(stop, STORE_PAUSE)

    async def _lasts(self, error: MailboxUnavailable) -> None:
        """Tell a person of what will not pass by itself at once, of the rest when it has lasted."""
        now = self._clock.monotonic()
        self._away_since = now if self._away_since is None else self._away_since
        if not self._alarmed and (error.needs_person or now - self._away_since >= AWAY_TO_ALARM):
            self._alarmed = True
            log.error("mailbox stays unavailable", action="alarm", account=self.account.name, why=str(error))
            await self._on_alarm(f"imap-unavailable/{self.account.name}", error.explanation, str(error))

    async def _refused(self, error: RefusedCredentials) -> None:
        log.error("credentials refused", action="alarm", account=self.account.name, why=str(error))
        if not self._alarmed:
            self._alarmed = True
            await self._on_alarm(f"imap-credentials/{self.account.name}", error.explanation, str(error))

    async def _pause(self, stop: asyncio.Event, seconds: float) -> None:
        waited = 0.0
        while waited < seconds:
            self.beat()
            step = min(PAUSE_SLICE, seconds - waited)
            try:
                async with asyncio.timeout(step):
                    await stop.wait()
            except TimeoutError:
                waited += step
            else:
                return

    async def _wait(self, stop: asyncio.Event) -> None:
        """Wait for new mail: IDLE where offered, else the poll interval, in short slices."""
        waited = 0.0
        while not stop.is_set() and waited < self.account.poll_seconds and self._client is not None:
            self.beat()
            step = min(SLICE, self.account.poll_seconds - waited)
            if await self._imap(self._client.wait, step, stop.is_set):
                return
            waited += step
