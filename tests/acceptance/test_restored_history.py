"""The backup is a day old: what came and left since comes about again, and no letter leaves a second time.

The mails since the backup are read again. What follows from them is written again under the same Message-ID,
looked for in the Sent folder and, where its copy is there, counted as sent when it was.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from mail_desk.daemon import Daemon
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.store import backup
from mail_desk.store.schema import EventRow, LetterRow, LetterState, TicketRow
from told import GM, complain, events, letters, state, tickets
from world_backings import EmbeddedBacking

SECOND = "plant2@bearings.example"
GLASS = "buero@glass.example"
READERS = (GM, SECOND, GLASS, office.WANG, office.LI, office.ZHOU, office.ZHAO, office.OPERATOR)


class Provider:
    """Keeps a copy of each letter in the Sent folder, as many do, at the instant it took it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: set[str] = set()
        self._sent = "已发送" if isinstance(world.backing, EmbeddedBacking) else "Sent"
        for reader in READERS:
            world.meet(reader)

    def keep(self, leave_out: Iterable[str] = ()) -> None:
        for reader in READERS:
            for got in self._world.inbox(reader):
                if got.mail.message_id in self._kept or "@desk" not in got.mail.message_id:
                    continue
                self._kept.add(got.mail.message_id)
                if not any(word in got.subject for word in leave_out):
                    now = self._world.clock.now()
                    self._world.backing.deliver(office.DESK, got.raw, folder=self._sent, when=now)


def arrived(world: World) -> Counter[tuple[str, str, str]]:
    """Return what everybody has received: reader, Message-ID, subject."""
    return Counter(
        (reader, got.mail.message_id, got.subject.partition("] ")[2] or got.subject)
        for reader in READERS
        for got in world.inbox(reader)
    )


def record(world: World) -> dict[str, list[tuple[str, datetime | None]]]:
    """Return each ticket's events; of a notice also when it was served, which starts limits."""
    with world.daemon.store.read() as session:
        query = (
            select(TicketRow.number, EventRow.type, EventRow.at)
            .join(TicketRow, TicketRow.id == EventRow.ticket_id)
            .order_by(TicketRow.id, EventRow.seq)
        )
        found: dict[str, list[tuple[str, datetime | None]]] = {}
        for number, kind, at in session.execute(query):
            served = at.replace(microsecond=0) if kind == "NoticeServed" else None
            found.setdefault(number, []).append((kind, served))
        return found


async def step(world: World, provider: Provider, minutes: int, leave_out: Iterable[str] = ()) -> None:
    """Let minutes pass, looking every minute at what has left."""
    for _ in range(minutes):
        await world.minutes(1)
        provider.keep(leave_out)


async def burn_and_restore(world: World, directory: Path, copy: Path, *, after: timedelta) -> None:
    await world.daemon.close()
    shutil.rmtree(directory / "data", ignore_errors=True)
    _empty(world)
    world.clock.move_to(world.clock.now() + after)
    daemon = Daemon(world.settings, world.clock)
    daemon.store.lock()
    backup.restore(copy, daemon.store, daemon.rules.spool_dir, world.clock.now())
    daemon.store.close()
    world.daemon = Daemon(world.settings, world.clock)
    world.daemon.open()


def _empty(world: World) -> None:
    url = world.daemon.store.url
    if world.daemon.store.dialect == "sqlite":
        for name in Path(str(url.database)).parent.glob(f"{Path(str(url.database)).name}*"):
            name.unlink()
        return
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()


def kept(world: World, directory: Path) -> Path:
    store, spool = world.daemon.store, world.daemon.rules.spool_dir
    backup.write(store, spool, directory / "config", directory / "copy")
    return directory / "copy"


@pytest.mark.servers
def test_what_was_written_and_sent_after_the_backup_is_not_sent_again_and_nothing_is_left_out(
    make_world: Any, tmp_path: Path
) -> None:
    async def story() -> None:
        world = make_world("2026-03-02 09:00")
        provider = Provider(world)
        await world.work()
        first = await complain(world)
        await step(world, provider, 1)
        copy = kept(world, tmp_path)

        world.reply(office.WANG, first, "#受理")  # to a letter of before the backup
        await step(world, provider, 2)
        second = await complain(world, SECOND, "另一件")  # and all that follows is of after it
        await step(world, provider, 2)
        world.reply(office.WANG, second, "#受理\n#备注 已电话联系")
        await step(world, provider, 20)
        world.reply(
            SECOND,
            world.last(SECOND, "受理通知书"),
            "补充一份材料。",
            files=[("a.pdf", "application/pdf", b"%PDF")],
        )
        await step(world, provider, 3)
        before, was = arrived(world), record(world)
        assert [state(world, n) for n in ("2026-0001", "2026-0002")] == ["accepted"] * 2
        assert len([e for e, _ in was["2026-0002"] if e == "NoticeServed"]) == 1

        await world.daemon.close()
        world.write(GLASS, "第三件", "无人接收时寄来。")  # while there is no desk
        world.reply(office.WANG, second, "#备注 无人接收时所写")
        await burn_and_restore(world, tmp_path, copy, after=timedelta(hours=2))
        await world.minutes(60)

        now = record(world)
        assert tickets(world) == 3
        # What came by mail is read first, so the order within a ticket may be another one.
        assert Counter(now["2026-0001"]) == Counter(was["2026-0001"])
        assert not Counter(was["2026-0002"]) - Counter(now["2026-0002"]), "the notice was served when it was"
        more = Counter(now["2026-0002"]) - Counter(was["2026-0002"])
        assert [kind for kind, _ in more] == ["Noted"], "what was written while there was no desk"
        assert state(world, "2026-0002") == "accepted"
        after = arrived(world)
        assert max(after.values()) == 1, "no letter came twice"
        assert before - after == Counter()
        new = sorted((reader, subject) for reader, _, subject in after - before)
        assert new == [
            (GLASS, "来信已收到，编号 2026-0003"),
            (office.LI, "2026-0003 请承办：第三件"),
            (office.WANG, "2026-0002 已执行：已存为内部备注，不会发给来信人"),
        ], "and what came while there was no desk is answered"
        with world.daemon.store.read() as session:
            states = set(session.scalars(select(LetterRow.state)))
        assert states == {LetterState.SENT}
        await world.close()

    asyncio.run(story())


def test_a_letter_whose_copy_is_not_in_the_sent_folder_is_sent_again_under_the_same_message_id(
    play: Any, tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        provider = Provider(world)
        copy = kept(world, tmp_path)
        await complain(world)
        await step(world, provider, 1, leave_out=["来信已收到"])
        before = arrived(world)
        await burn_and_restore(world, tmp_path, copy, after=timedelta(hours=2))
        await world.minutes(60)
        again = {key: n for key, n in arrived(world).items() if n != before[key]}
        assert [subject for _, _, subject in again] == ["来信已收到，编号 2026-0001"]
        assert set(again.values()) == {2}, "twice, under one Message-ID"

    play(story)


def test_what_was_taken_back_in_the_lost_time_is_taken_back_again_and_never_leaves(
    play: Any, tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        provider = Provider(world)
        copy = kept(world, tmp_path)
        new = await complain(world)
        world.reply(office.WANG, new, "#受理")
        await step(world, provider, 2)
        world.reply(office.WANG, world.inbox(office.WANG)[-1], "撤销")
        await step(world, provider, 20)
        assert state(world) == "received"
        before = arrived(world)
        await burn_and_restore(world, tmp_path, copy, after=timedelta(hours=2))
        await world.minutes(60)
        assert state(world) == "received"
        assert [r.state for r in letters(world, "acceptance")] == [LetterState.CANCELLED]
        assert arrived(world) == before
        assert events(world).count("NoticeServed") == 0

    play(story)


def test_a_mail_of_the_lost_time_that_names_a_number_given_anew_is_refused_and_its_writer_told(
    play: Any, tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        provider = Provider(world)
        new = await complain(world)
        provider.keep()
        copy = kept(world, tmp_path)
        world.write(GM, "再来一封", "另附说明。", headers=[("In-Reply-To", "<x@x.example>")])
        await step(world, provider, 2)
        for number in (1, 99):
            world.reply(office.WANG, new, f"#是补充 M{number}")
        await step(world, provider, 2)
        before = arrived(world)
        await burn_and_restore(world, tmp_path, copy, after=timedelta(hours=2))
        await world.minutes(60)
        told = [key for key in arrived(world) - before if key[0] == office.WANG]
        assert len(told) == 1, told
        assert "M99 可能已指另一封信" in world.inbox(office.WANG)[-1].text
        world.reply(office.WANG, new, "#是补充 M99")  # written now, it means what it says now
        await world.minutes(1)
        assert "可能已指另一封信" not in world.inbox(office.WANG)[-1].text

    play(story)


def test_a_digit_answers_the_choices_that_its_reader_saw(play: Any, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        provider = Provider(world)
        copy = kept(world, tmp_path)
        new = await complain(world)
        await step(world, provider, 1)
        await burn_and_restore(world, tmp_path, copy, after=timedelta(hours=2))
        await world.work()
        world.reply(office.WANG, new, "1")  # to the letter of the lost time
        await world.minutes(20)
        assert state(world) == "examining"

    play(story)


def test_while_the_mailbox_is_away_a_letter_written_again_waits_but_not_for_ever(
    play: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: World) -> None:
        copy = kept(world, tmp_path)
        await complain(world)
        before = len(world.inbox(GM))
        await burn_and_restore(world, tmp_path, copy, after=timedelta(hours=2))

        async def away(_account: str, _message_id: str) -> None:
            return None

        monkeypatch.setattr(world.daemon.sender, "_sent_search", away)
        for _ in range(59):
            world.clock.advance(timedelta(minutes=1))
            await world.work()
        assert len(world.inbox(GM)) == before
        for _ in range(3):
            world.clock.advance(timedelta(minutes=1))
            await world.work()
        assert len(world.inbox(GM)) == before + 1

    play(story)
