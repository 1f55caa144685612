"""Erasing personal data by mail: what the law keeps, what goes, and that the record stays verifiable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from mail_desk import archive
from mail_desk.config_retention import Retention
from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.desk import erasing
from mail_desk.standalone.verify_archive import problems
from mail_desk.store import ledger, verification
from mail_desk.store.raw import raw_path
from mail_desk.store.schema import Message, Raw, TicketRow
from mail_desk.tickets import ticket as tickets
from told import GM, command, complain, events, row, state

NAME, SECRET, FILE = (
    "安娜凯勒",
    "独家配方三七二十一",
    ("机密图纸九号.pdf", "application/pdf", b"%PDF blueprint" * 40),
)


async def kept_for(world: World, **years: int) -> None:
    desk = world.settings.desk.model_copy(update={"retention": Retention(**years)})
    world.settings = world.settings.model_copy(update={"desk": desk})
    await world.restart()


async def closed(world: World) -> Got:
    """Play a complaint to its end; return the handler's letter about it."""
    world.meet(GM)
    world.write(GM, f"{NAME}的投诉", f"我是{NAME}，我们的{SECRET}被泄露，请查处。", name=NAME, files=[FILE])
    await world.work()
    new = world.last(office.WANG, "请承办")
    await command(world, office.WANG, new, "#受理")
    await world.minutes(20)
    await command(world, office.WANG, new, f"#备注 {NAME}的电话打不通，事关{SECRET}")
    world.reply(GM, world.last(GM), f"同意处理意见。{SECRET}")
    await world.work()
    await command(world, office.WANG, new, f"#办结 1 已协调，{NAME}同意。")
    await command(world, office.ZHOU, world.last(office.ZHOU, "审批"), "同意")
    await world.minutes(20)
    await command(world, office.WANG, new, "#结案")
    assert state(world) == "closed"
    return new


async def ask(world: World) -> Got:
    world.write(office.ZHOU, "删除", "#2026-0001 删除个人信息")
    await world.work()
    asked = world.inbox(office.ZHOU)[-1]
    if "未执行" in asked.text:  # it came without a letter's key: laid ready, to be run by its digit
        asked = await command(world, office.ZHOU, asked, "1")
    return asked


def everything(world: World) -> str:
    """Return all that any table holds, as text, raw mails decoded."""
    found: list[str] = []
    with world.daemon.store.read() as session:
        names = session.scalars(text("select name from sqlite_master where type = 'table'")).all()
        for name in names:
            for line in session.execute(text(f'select * from "{name}"')):
                found += [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in line]
                found += [_decoded(v) for v in line if isinstance(v, bytes) and v]
    return "\n".join(found)


def _decoded(raw: bytes) -> str:
    from mail_desk.inbound.parse import parse

    mail = parse(raw)
    return "\n".join(
        (mail.subject, mail.text, *(a.filename for a in mail.attachments), *(a.name for a in mail.from_))
    )


def test_a_file_the_law_keeps_is_not_erased_and_the_answer_says_until_when(play: Any) -> None:
    async def story(world: World) -> None:
        await closed(world)
        asked = await ask(world)
        assert "第二十四条" in asked.text
        assert "2036年3月2日" in asked.text
        assert SECRET in everything(world)

    play(story)


def test_an_open_ticket_is_never_erased(play: Any) -> None:
    async def story(world: World) -> None:
        await kept_for(world, complaint=0)
        await complain(world)
        assert "尚未结案" in (await ask(world)).text

    play(story)


def test_only_a_confirmed_command_of_a_supervisor_erases(play: Any) -> None:
    async def story(world: World) -> None:
        await kept_for(world, complaint=0)
        new = await closed(world)
        refused = await command(world, office.WANG, new, "#删除个人信息")
        assert "没有权限" in refused.text
        await command(world, office.WANG, new, "#删除个人信息 confirm")
        typed = await command(world, office.ZHOU, world.inbox(office.ZHOU)[-1], "#2026-0001 erase confirm")
        assert "已删除" not in typed.text
        assert SECRET in everything(world)
        assert "Erased" not in events(world)

    play(story)


def test_erasing_takes_every_trace_of_the_person_and_leaves_the_record_true(play: Any) -> None:
    async def story(world: World) -> None:
        await kept_for(world, complaint=0)
        await closed(world)
        await world.at("2026-03-04 10:00")
        assert all(word in everything(world) for word in (NAME, SECRET, FILE[0]))
        with world.daemon.store.read() as session:
            before = session.scalars(select(TicketRow)).one()
            facts = tickets.facts(ledger.events_of(session, before.id))
            dates = (before.received_at, before.closed_at, before.kind, before.handler, before.number)
        asked = await ask(world)
        assert "不能撤销" in asked.text
        assert "备份" in asked.text
        done = await command(world, office.ZHOU, asked, "1")
        assert "已删除" in done.text
        assert world.desk in done.text, "the mailbox is beyond reach, and named"
        left = everything(world)
        for word in (NAME, SECRET, FILE[0], GM):
            assert word not in left, word
        with world.daemon.store.read() as session:
            found = verification.verify(session, world.daemon.rules.spool_dir)
            assert found.broken == ()
            after = session.scalars(select(TicketRow)).one()
            assert (after.received_at, after.closed_at, after.kind, after.handler, after.number) == dates
            assert tickets.facts(ledger.events_of(session, after.id)) == facts
        assert events(world)[-1] == "Erased"
        again = await ask(world)
        assert "已经删除" in again.text

    play(story)


def test_an_erasure_cannot_be_undone(play: Any) -> None:
    async def story(world: World) -> None:
        await kept_for(world, complaint=0)
        await closed(world)
        done = await command(world, office.ZHOU, await ask(world), "1")
        refused = await command(world, office.ZHOU, done, "撤销")
        assert "已撤销" not in refused.text
        assert erasing.is_erased(row(world))

    play(story)


def test_a_large_mails_file_goes_when_the_erasure_is_committed(play: Any) -> None:
    async def story(world: World) -> None:
        await kept_for(world, complaint=0)
        await closed(world)
        with world.daemon.store.decide() as session:
            first = session.scalars(select(Message).order_by(Message.id)).first()
            assert first is not None
            raw = session.get_one(Raw, first.raw_sha256)
            path = raw_path(world.daemon.rules.spool_dir, raw.sha256)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw.body or b"")
            raw.body = None  # as if it had been too large for the table
        asked = await ask(world)
        assert path.exists()
        await command(world, office.ZHOU, asked, "1")
        assert not path.exists()

    play(story)


def test_a_mail_another_ticket_has_too_keeps_its_bytes(play: Any) -> None:
    async def story(world: World) -> None:
        await kept_for(world, complaint=0)
        await closed(world)
        await complain(world, sender="office@glass.example", subject="另一件投诉")
        with world.daemon.store.decide() as session:
            messages = session.scalars(select(Message).order_by(Message.id)).all()
            shared = messages[0].raw_sha256
            other = next(m for m in messages if m.ticket_id == 2)
            other.raw_sha256, other.uid = shared, other.uid + 1000
        await command(world, office.ZHOU, await ask(world), "1")
        with world.daemon.store.read() as session:
            assert session.get_one(Raw, shared).body

    play(story)


@pytest.mark.parametrize(("start", "told"), [("2026-12-30 09:00", True), ("2026-03-02 09:00", False)])
def test_supervisors_are_told_once_a_year_what_may_be_erased(play: Any, start: str, told: bool) -> None:
    async def story(world: World) -> None:
        await kept_for(world, complaint=0)
        await closed(world)
        await world.at("2027-01-08 09:00" if told else "2026-03-06 09:00")
        lists = [got for got in world.inbox(office.ZHOU) if "工作清单" in got.subject]
        naming = [got for got in lists if "保存期满" in got.text]
        assert len(naming) == (1 if told else 0)
        assert all("2026-0001" in got.text for got in naming)
        assert not any("保存期满" in got.text for got in world.inbox(office.WANG))

    play(story, start=start)


def test_the_years_of_a_kind_are_counted_from_closing(tmp_path: Path) -> None:
    retention = Retention(complaint=10, enquiry=3)
    assert (retention.years("complaint"), retention.years("enquiry"), retention.years("")) == (10, 3, 10)


def test_dossier_archive_and_erasure_work_on_postgresql_too(play: Any, postgres: Any, tmp_path: Path) -> None:
    url = postgres.url()

    async def story(world: World) -> None:
        await kept_for(world, complaint=0)
        new = await closed(world)
        await command(world, office.WANG, new, "#卷宗")
        assert "卷宗" in world.last(office.WANG, "2026-0001 卷宗").subject
        rules = world.daemon.rules
        with world.daemon.store.read() as session:
            assert archive.write(session, rules, 2026, tmp_path / "kept", world.clock.now()).tickets == 1
        assert list(problems(tmp_path / "kept")) == []
        done = await command(world, office.ZHOU, await ask(world), "1")
        assert "已删除" in done.text
        with world.daemon.store.read() as session:
            assert verification.verify(session, rules.spool_dir).broken == ()
            archive.write(session, rules, 2026, tmp_path / "erased", world.clock.now())
        assert list(problems(tmp_path / "erased")) == []
        assert not any(
            NAME in path.read_text("utf-8", "replace") for path in (tmp_path / "erased").rglob("*.html")
        )

    play(story, store=url)
    postgres.drop(url)
