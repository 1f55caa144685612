"""What happens to the mailbox itself: first opening, hand-written answers, lost servers, mail that cannot be read."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select, update

import world_backings
from cutting_proxy import CuttingProxy, cutting_proxy
from mail_desk.demo import office
from mail_desk.demo.servers import EmbeddedServers
from mail_desk.demo.world import Got, World
from mail_desk.inbound import intake
from mail_desk.inbound import parse as parsing
from mail_desk.store.schema import Enclosure, EventRow, LetterRow, Message, MessageState, TicketRow
from mail_desk.store.session import Store
from told import (
    GM,
    STRANGER,
    command,
    complain,
    events,
    filed,
    letters,
    news,
    number_anew,
    row,
    state,
    tickets,
)

ZONE = ZoneInfo("Asia/Shanghai")
Story = Callable[[World], Awaitable[None]]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def clock_of(worlds: list[World]) -> Callable[[], datetime]:
    """Return the clock of a world that is still to be made."""

    def now() -> datetime:
        return worlds[0].clock.now()

    return now


def mail(
    world: World, text: str, *, sender: str = GM, subject: str = "投诉", to: str = "", **headers: str
) -> bytes:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, to or world.desk, subject
    made["Date"], made["Message-ID"] = format_datetime(world.now), make_msgid(domain="client.example")
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


def put(world: World, raw: bytes, folder: str = "INBOX", when: str = "") -> None:
    world.backing.deliver(world.desk, raw, folder=folder, when=local(when) if when else world.clock.now())


def messages(world: World) -> list[Message]:
    with world.daemon.store.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def digit(got: Got, label: str) -> str:
    """Return the number under which a letter offers something."""
    found = re.search(rf"(\d+)[^\n\d]*{label}", got.text)
    assert found is not None, got.text
    return found[1]


@pytest.fixture
def unopened(tmp_path: Path) -> Callable[[Story], None]:
    """Give a function that plays a story on a desk that has not looked into its mailbox yet."""

    def run(story: Story) -> None:
        async def played() -> None:
            worlds: list[World] = []
            with world_backings.embedded(clock_of(worlds)) as made:
                worlds.append(World(made, tmp_path, local("2026-03-02 09:00")))
                worlds[0].meet(GM)
                try:
                    await story(worlds[0])
                finally:
                    await worlds[0].close()

        asyncio.run(played())

    return run


def desk_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "mail_desk", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# --- the first opening ----------------------------------------------------------------------------


async def _opened_with_old_mail(world: World) -> None:
    put(world, mail(world, "去年的事", subject="旧投诉一"), when="2025-11-03 10:00")
    put(world, mail(world, "上周的事", subject="旧投诉二"), when="2026-02-24 16:00")
    put(world, mail(world, "旧广告", subject="旧广告", sender=STRANGER), "垃圾邮件", when="2026-01-05 08:00")
    put(world, mail(world, "旧答复", sender=world.desk, to=GM), "已发送", when="2026-02-25 09:00")
    await world.work()


def test_old_mail_is_registered_not_answered_and_listed_once_to_the_supervisor(unopened: Any) -> None:
    async def story(world: World) -> None:
        await _opened_with_old_mail(world)
        assert [m.state for m in messages(world)] == [MessageState.BEFORE_DESK] * 3
        assert tickets(world) == 0
        assert world.inbox(GM) == []
        (listed,) = letters(world, "before-desk")
        assert listed.recipient == office.ZHOU
        assert all(s in world.last(office.ZHOU, "原有").text for s in ("旧投诉一", "旧投诉二", "旧广告"))
        await world.restart()
        await world.minutes(90)
        assert len(letters(world, "before-desk")) == 1
        assert len(messages(world)) == 3

    unopened(story)


def test_the_supervisor_adopts_an_old_mail_by_reply_and_its_time_counts_from_its_arrival(
    unopened: Any,
) -> None:
    async def story(world: World) -> None:
        await _opened_with_old_mail(world)
        wanted = next(m for m in messages(world) if m.subject == "旧投诉二")
        await command(world, office.ZHOU, world.last(office.ZHOU, "原有"), f"#收录 M{wanted.id}")
        await world.work()
        assert tickets(world) == 1
        assert row(world).received_at == local("2026-02-24 16:00")
        assert row(world).channel == "adopted"
        assert world.inbox(GM) == [], "no receipt a week later"
        assert "上周的事" in world.last(office.WANG, "请承办").text

    unopened(story)


def test_the_operator_adopts_an_old_mail_at_the_terminal(unopened: Any, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await _opened_with_old_mail(world)
        wanted = next(m for m in messages(world) if m.subject == "旧投诉一")
        ran = desk_command("adopt", f"M{wanted.id}", "M999", "--config", str(tmp_path / "config"))
        assert ran.returncode == 1, "M999 does not exist"
        assert f"M{wanted.id}" in ran.stdout
        await world.work()
        assert row(world).received_at == local("2025-11-03 10:00")
        assert tickets(world) == 1

    unopened(story)


def test_a_handler_cannot_adopt(unopened: Any) -> None:
    async def story(world: World) -> None:
        await _opened_with_old_mail(world)
        world.write(office.WANG, "收录", "#收录 M1")
        await world.work()
        assert tickets(world) == 0

    unopened(story)


# --- the webmail ----------------------------------------------------------------------------------


def test_an_answer_written_by_hand_is_filed_and_counts_as_what_its_handler_says(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        complaint = world.write(GM, "投诉", "审批迟延。")
        await world.work()
        await command(world, office.WANG, world.last(office.WANG, "请承办"), "1")
        theirs = re.search(rb"(?im)^message-id:\s*<([^>]+)>", complaint)
        assert theirs is not None
        reference = f"<{theirs[1].decode()}>"
        put(
            world,
            mail(world, "贵公司的投诉我们予以受理。", sender=world.desk, to=GM, In_Reply_To=reference),
            "已发送",
            when="2026-03-03 15:00",
        )
        await world.at("2026-03-04 10:00")
        assert filed(world)[-1] == "by-hand"
        assert state(world) == "examining", "only a person says what it was"
        asked = world.last(office.WANG, "2026-0001")
        assert "予以受理" in asked.text
        await command(world, office.WANG, asked, digit(asked, "这封信就是受理通知"))
        assert state(world) == "accepted"
        with world.daemon.store.read() as session:
            served = session.scalars(select(EventRow).where(EventRow.type == "NoticeServed")).one()
        assert served.at == local("2026-03-03 15:00")
        assert letters(world, "acceptance") == [], "nothing is sent a second time"

    play(story)


def test_a_new_mail_by_hand_to_somebody_with_one_open_ticket_is_about_that_ticket(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        put(world, mail(world, "我们周三来访。", sender=world.desk, to=GM, subject="来访"), "已发送")
        await world.work()
        assert filed(world)[-1] == "by-hand"
        await world.minutes(30)
        await complain(world, subject="另一件投诉")
        put(world, mail(world, "改为周四。", sender=world.desk, to=GM, subject="改期"), "已发送")
        await world.work()
        assert filed(world)[-1] == "by-hand-unrelated", "of two open tickets the desk picks none"

    play(story)


def test_the_copies_of_our_own_letters_in_sent_are_ignored(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        before = events(world)
        put(world, world.last(GM).raw, "已发送")
        put(world, mail(world, "午饭吃什么", sender=world.desk, to="friend@elsewhere.example"), "已发送")
        await world.work()
        assert filed(world)[1:] == ["own", "by-hand-unrelated"]
        assert events(world) == before
        assert letters(world, "sent-by-hand") == []

    play(story)


def test_a_sent_folder_that_appears_later_is_read_from_the_desks_first_day(play: Any) -> None:
    async def story(world: World) -> None:
        user = world.backing._servers.store.user(world.desk)  # type: ignore[attr-defined]
        user.folders.pop("已发送")
        await complain(world)
        receipt = world.last(GM)
        await world.minutes(60)
        user.create("已发送", "\\Sent")
        answer = mail(
            world, "我们在办。", sender=world.desk, to=GM, In_Reply_To=f"<{receipt.mail.message_id}>"
        )
        put(world, answer, "已发送")
        await world.work()
        assert filed(world)[-1] == "by-hand"

    play(story)


# --- cursors --------------------------------------------------------------------------------------


def test_a_new_uidvalidity_loses_nothing_and_doubles_nothing(unopened: Any) -> None:
    async def story(world: World) -> None:
        await _opened_with_old_mail(world)
        put(world, mail(world, "第一件"))
        await world.minutes(20)
        before = {a: len(world.inbox(a)) for a in (GM, office.WANG, office.ZHOU)}
        number_anew(world)
        await world.daemon.readers[0].hang_up()
        await world.work()
        assert {a: len(world.inbox(a)) for a in before} == before
        assert tickets(world) == 1
        assert filed(world).count("duplicate") == 1
        put(world, mail(world, "第二件", subject="另一件"))
        await world.work()
        assert tickets(world) == 2, "while what is new still arrives"
        assert len([m for m in messages(world) if m.state == MessageState.BEFORE_DESK]) == 3

    unopened(story)


def test_an_adopted_mail_is_not_offered_again_under_a_new_uidvalidity(unopened: Any) -> None:
    async def story(world: World) -> None:
        await _opened_with_old_mail(world)
        await command(world, office.ZHOU, world.last(office.ZHOU, "原有"), "#收录 M1")
        await world.work()
        number_anew(world)
        await world.daemon.readers[0].hang_up()
        await world.work()
        assert len([m for m in messages(world) if m.state == MessageState.BEFORE_DESK]) == 2
        assert tickets(world) == 1

    unopened(story)


def test_mail_below_the_cursor_is_found_by_the_hourly_count(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        reader = world.daemon.readers[0]
        client = reader._client
        assert client is not None
        inbox = next(f for f in client.folders(refresh=True) if f.name == "INBOX")
        world.daemon.intake.advance("desk", inbox, 50)  # the server numbers anew below what was seen
        world.meet(STRANGER)
        world.write(STRANGER, "投诉", "许可证迟迟不批。")
        await world.work()
        assert tickets(world) == 1
        await world.minutes(61)
        assert tickets(world) == 2
        assert row(world, "2026-0002").received_at == local("2026-03-02 09:00")
        assert [s for s in news(world, office.OPERATOR) if "服务器上的来信与登记不符" in s], "an alarm fires"

    play(story)


def test_a_message_whose_row_was_deleted_is_found_by_the_count_of_the_server_and_an_alarm_fires(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        await complain(world)
        world.write(GM, "广告", "清仓大甩卖", headers=[("Precedence", "bulk")])
        await world.work()
        assert not [s for s in news(world, office.OPERATOR) if "与登记不符" in s]
        with world.daemon.store.write() as session:
            gone = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
            number, ticket = gone.uid, gone.ticket_id
            session.execute(update(LetterRow).where(LetterRow.caused_by == gone.id).values(caused_by=None))
            session.execute(delete(Enclosure).where(Enclosure.message_id == gone.id))
            session.delete(gone)
        assert ticket is not None
        await world.minutes(61)
        with world.daemon.store.read() as session:
            assert session.scalar(select(Message.uid).order_by(Message.id.desc()).limit(1)) == number
        assert [s for s in news(world, office.OPERATOR) if "与登记不符" in s]

    play(story)


# --- mail that cannot be read ---------------------------------------------------------------------


def _poison(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    tried = {"count": 0, "works": 0}
    parse = parsing.parse

    def parse_or_fail(raw: Any) -> Any:
        if b"POISON" in raw[:]:
            tried["count"] += 1
            if not tried["works"]:
                raise RuntimeError("a bug in reading")
        return parse(raw)

    monkeypatch.setattr(intake, "parse", parse_or_fail)
    return tried


def test_a_mail_that_cannot_be_read_is_put_aside_and_the_others_are_filed(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = _poison(monkeypatch)

    async def story(world: World) -> None:
        for n, text in enumerate(("一", "POISON", "三", "POISON too", "五")):
            put(world, mail(world, text, subject=f"投诉 {n}", sender=f"p{n}@x.example"))
        await world.work()
        assert tickets(world) == 3
        limit = world.settings.desk.max_attempts
        assert tried["count"] == 2 * limit
        assert [m.state for m in messages(world)] == ["done", "quarantined", "done", "quarantined", "done"]
        assert "a bug in reading" in world.last(office.ZHOU, "M2").text

    play(story)


def test_a_mail_put_aside_is_released_by_a_digit_and_keeps_its_date(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = _poison(monkeypatch)

    async def story(world: World) -> None:
        put(world, mail(world, "POISON"), when="2026-03-02 08:59:30")
        world.meet(GM)
        await world.minutes(300)
        told = world.last(office.ZHOU, "M1")
        await command(world, office.ZHOU, told, digit(told, "放行"))
        again = [letter for letter in letters(world, "quarantined") if letter.recipient == office.ZHOU]
        assert len(again) == 2, "still broken: it is said again, not kept silent"
        tried["works"] = 1
        await world.minutes(60)
        told = world.last(office.ZHOU, "M1")
        await command(
            world, office.ZHOU, world.inbox(office.ZHOU)[-1] if "M1" not in told.text else told, "#放行 M1"
        )
        assert tickets(world) == 1
        assert row(world).received_at == local("2026-03-02 08:59:30")

    play(story, start="2026-03-02 08:00")


def test_a_mail_put_aside_waits_once_whatever_the_server_numbers_it(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _poison(monkeypatch)

    async def story(world: World) -> None:
        put(world, mail(world, "POISON"))
        await world.work()
        number_anew(world)
        await world.daemon.readers[0].hang_up()
        await world.work()
        assert [m.state for m in messages(world)] == [MessageState.QUARANTINED, MessageState.DONE]
        assert messages(world)[1].duplicate_of == 1
        assert len(letters(world, "quarantined")) == 1

    play(story)


def test_a_mail_put_aside_goes_to_the_leader_after_a_working_day_and_stands_in_the_worklist(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _poison(monkeypatch)

    async def story(world: World) -> None:
        put(world, mail(world, "POISON"))
        await world.at("2026-03-06 20:00")
        assert all("M1" not in s for s in news(world, office.ZHAO))
        await world.at("2026-03-09 12:00")
        assert [letter.recipient for letter in letters(world, "quarantined")] == [office.ZHOU, office.ZHAO]
        assert "M1" in world.last(office.ZHOU, "工作清单").text
        assert "M1" not in world.last(office.WANG, "工作清单").text

    play(story, start="2026-03-06 10:00")


def test_a_mail_larger_than_the_limit_is_put_aside_and_fetched_once_the_limit_is_raised(play: Any) -> None:
    async def story(world: World) -> None:
        def largest(mb: int) -> None:
            accounts = tuple(a.model_copy(update={"max_message_mb": mb}) for a in world.settings.account)
            world.settings = world.settings.model_copy(update={"account": accounts})

        largest(1)
        await world.restart()
        world.meet(GM)
        world.write(
            GM, "大件", "见附件。", files=[("扫描.pdf", "application/pdf", b"%PDF" + b"x" * 1_500_000)]
        )
        await world.work()
        assert [m.state for m in messages(world)] == [MessageState.QUARANTINED]
        told = world.last(office.ZHOU, "M1")
        largest(10)
        await world.restart()
        await command(world, office.ZHOU, told, digit(told, "放行"))
        await world.work()
        assert tickets(world) == 1
        assert messages(world)[0].state == MessageState.DONE

    play(story)


# --- servers --------------------------------------------------------------------------------------


def test_a_wrong_password_ends_a_run_with_a_clear_word_and_exit_code_1(tmp_path: Path) -> None:
    with EmbeddedServers(lambda: datetime.now(ZONE)) as servers:
        for address in (office.DESK, office.OPERATOR):
            servers.add_user(address, "another password")
        config = office.write(
            tmp_path / "config",
            office.Servers(servers.host, servers.imap_port, servers.host, servers.smtp_port),
        )
        url = f"sqlite:///{tmp_path}/store.sqlite"
        text = (config / "desk.toml").read_text(encoding="utf-8")
        (config / "desk.toml").write_text(
            text.replace("[desk]", f'[desk]\nstore = "{url}"', 1), encoding="utf-8"
        )
        ran = desk_command("run", "--once", "--config", str(config))
    assert ran.returncode == 1, ran.stderr
    assert "desk: " in ran.stderr
    assert "Traceback" not in ran.stderr
    assert office.PASSWORD not in ran.stderr + ran.stdout
    store = Store(url)
    with store.read() as session:
        alarms = session.scalars(select(LetterRow).where(LetterRow.kind == "alarm")).all()
    store.close()
    assert {a.recipient for a in alarms} == {office.OPERATOR}


class _ThroughProxy(world_backings.EmbeddedBacking):
    """The embedded servers, with IMAP by another port."""

    imap_port = 0

    @property
    def servers(self) -> office.Servers:
        direct = super().servers
        return office.Servers(direct.imap_host, self.imap_port, direct.smtp_host, direct.smtp_port)


async def _behind_proxy(tmp_path: Path, port: int, servers: EmbeddedServers, worlds: list[World]) -> World:
    backing = _ThroughProxy(servers)
    backing.imap_port = port
    world = World(backing, tmp_path, local("2026-03-02 09:00"))
    worlds.append(world)
    world.meet(STRANGER)
    return world


def test_a_server_that_is_down_at_start_is_reported_and_read_once_it_is_up(tmp_path: Path) -> None:
    async def played() -> None:
        worlds: list[World] = []
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with EmbeddedServers(clock_of(worlds)) as servers:
            world = await _behind_proxy(tmp_path, port, servers, worlds)
            down = await world.work()
            assert len(down.problems) == 1
            assert down.problems[0].startswith("desk: ")
            proxy = CuttingProxy("127.0.0.1", servers.imap_port)
            listening = await asyncio.start_server(proxy.serve, "127.0.0.1", port)
            assert (await world.work()).problems == []
            world.write(STRANGER, "投诉", "许可证迟迟不批。")
            await world.work()
            assert tickets(world) == 1
            await world.close()
            listening.close()
            await asyncio.sleep(0)

    asyncio.run(played())


@pytest.mark.parametrize("cut", [300, 3_000, 30_000, 300_000])
def test_a_server_lost_in_mid_fetch_loses_nothing_and_doubles_nothing(tmp_path: Path, cut: int) -> None:
    async def played() -> None:
        worlds: list[World] = []
        with EmbeddedServers(clock_of(worlds)) as servers:
            async with cutting_proxy("127.0.0.1", servers.imap_port) as proxy:
                proxy.of = "server"
                world = await _behind_proxy(tmp_path, proxy.port, servers, worlds)
                await world.work()
                for n in range(12):
                    sender = f"p{n}@x.example"
                    world.meet(sender)
                    world.write(sender, f"投诉 {n}", "许可证。" * (4_000 if n % 3 == 0 else 10))
                proxy.after = proxy.passed["server"] + cut
                cut_off = await world.work()
                assert cut_off.problems or proxy.cuts == 0
                assert proxy.cuts or (cut == 300_000 and tickets(world) == 12)
                proxy.after = None
                again = await world.work()
                assert again.problems == []
                assert tickets(world) == 12
                assert filed(world) == ["opened"] * 12
                assert len(letters(world, "receipt")) == 12
                await world.close()

    asyncio.run(played())


def test_mail_that_stays_in_the_store_after_a_lost_server_is_still_answered(play: Any) -> None:
    async def story(world: World) -> None:
        smtp = world.backing._servers.smtp  # type: ignore[attr-defined]
        smtp.script = lambda _envelope: "451 4.3.0 try again later"
        await complain_unanswered(world)
        with world.daemon.store.read() as session:
            assert session.scalar(select(func.count(TicketRow.id))) == 1
        assert world.inbox(GM) == []
        smtp.script = None
        await world.minutes(180)
        assert news(world, GM) == ["来信已收到，编号 2026-0001"]

    play(story)


async def complain_unanswered(world: World) -> None:
    world.meet(GM)
    world.write(GM, "投诉", "审批迟延。")
    await world.work()
