"""What the operator changes in the files is an event and a letter, once; what is secret is in neither."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from mail_desk import cli
from mail_desk.config import Settings
from mail_desk.config_files import load
from mail_desk.daemon import Daemon
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.store import verification
from mail_desk.store.schema import DeskEvent, LetterRow, Meta, Seal
from told import command, letters

SECRET = "planted-secret-41"


def events(world: World) -> list[DeskEvent]:
    with world.daemon.store.read() as session:
        return list(session.scalars(select(DeskEvent).order_by(DeskEvent.seq)))


def changes(world: World) -> list[dict[str, Any]]:
    return [row.data for row in events(world) if row.type == "SettingsChanged"]


async def edited(world: World, file: str, old: str, new: str) -> None:
    """Change a file as the operator does, and start the desk anew."""
    path = world.settings.directory / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    loaded = load(world.settings.directory)
    assert isinstance(loaded, Settings), loaded
    world.settings = loaded
    await world.restart()
    await world.work()


LI_HANDLES = f"""name_en = "Li Qiang"
role = "handler"
addresses = ["{office.LI}"]
supervisor = "zhou"
substitute = "wang"
"""


def li_is(role: str, address: str = office.LI) -> str:
    return LI_HANDLES.replace("handler", role).replace(office.LI, address).replace("wang", "zhou")


def test_a_changed_role_and_address_are_events_and_one_letter_to_each_who_must_know(
    play: Any, store_url: str
) -> None:
    async def story(world: World) -> None:
        assert [row.type for row in events(world)] == ["SettingsRead"], "the first start says nothing"
        assert letters(world, "settings-changed") == []
        new = "li.qiang@new.example"
        await edited(world, "people.toml", LI_HANDLES, li_is("supervisor", new))
        assert {x.recipient for x in letters(world, "settings-changed")} == {
            office.ZHOU,
            new,
            office.LI,  # the address it was taken away from
            office.OPERATOR,
        }
        assert len(letters(world, "settings-changed")) == 4
        told = world.last(office.ZHOU, "配置文件有改动")
        assert "李强（li）" in told.text
        assert "经办人 → 督办人" in told.text
        assert f"{office.LI} → {new}" in told.text
        found = [x for x in changes(world) if x["part"] == "people"]
        assert len(found) == 1
        entry = found[0]["entries"][0]
        assert (entry["key"], entry["role"]) == ("li", ["handler", "supervisor"])
        assert "addresses" in entry["fields"]
        assert new not in json.dumps(found), "addresses are in the letter, not in the chain"

    play(story, store=store_url)


def test_the_same_settings_are_silent_however_often_the_desk_starts(play: Any) -> None:
    async def story(world: World) -> None:
        for _ in range(3):
            await world.restart()
            await world.work()
        await edited(world, "people.toml", LI_HANDLES, f"# a remark\n{LI_HANDLES}")
        assert len(events(world)) == 1
        assert letters(world, "settings-changed") == []

    play(story)


def test_a_change_is_told_once_and_its_way_back_once_more(play: Any) -> None:
    async def story(world: World) -> None:
        await edited(world, "people.toml", LI_HANDLES, li_is("supervisor"))
        await world.restart()
        await world.work()
        told = len(letters(world, "settings-changed"))
        assert told == 3  # Zhou, Li who is one now, the operator
        await edited(world, "people.toml", li_is("supervisor"), LI_HANDLES)
        assert len(letters(world, "settings-changed")) == told + 2
        assert [c["entries"][0]["role"] for c in changes(world) if c["part"] == "people"] == [
            ["handler", "supervisor"],
            ["supervisor", "handler"],
        ]

    play(story)


def test_who_joins_or_leaves_in_the_files_is_named(play: Any) -> None:
    async def story(world: World) -> None:
        sun = (
            '[[person]]\nkey = "sun"\nname = "孙丽"\nrole = "auditor"\naddresses = ["sun@office.example"]\n\n'
        )
        path = world.settings.directory / "people.toml"
        first = path.read_text(encoding="utf-8").index("[[person]]")
        start = path.read_text(encoding="utf-8")[first : first + 40]
        await edited(world, "people.toml", start, sun + start)
        assert "新增：孙丽（sun），审计员，sun@office.example" in world.last(office.OPERATOR, "配置文件").text
        await edited(world, "people.toml", sun, "")
        assert "删除：孙丽（sun），原为审计员" in world.last(office.OPERATOR, "配置文件").text

    play(story)


def test_a_planted_secret_is_in_no_event_no_letter_and_no_row(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: World) -> None:
        desk = world.settings.directory / "desk.toml"
        secret = Path(world.settings.data_dir) / "password"
        secret.write_text(SECRET, encoding="utf-8")
        monkeypatch.setenv("PLANTED", office.PASSWORD)
        text = desk.read_text(encoding="utf-8")
        line = next(x for x in text.splitlines() if x.startswith("secret"))
        await edited(world, "desk.toml", line, 'secret = { env = "PLANTED" }')
        assert changes(world) == [], "where a password is kept is not told"
        await edited(world, "desk.toml", "statutory_reserve = 40", "statutory_reserve = 33")
        assert [c["part"] for c in changes(world)] == ["budget"]
        with world.daemon.store.read() as session:
            kept = [json.dumps(row.data) for row in session.scalars(select(DeskEvent))]
            kept += list(session.scalars(select(Meta.value).where(Meta.name.startswith("settings/"))))
            kept += [
                row.text
                for row in session.scalars(select(LetterRow).where(LetterRow.kind == "settings-changed"))
            ]
        assert len(kept) > 15
        for text in kept:
            assert "PLANTED" not in text
            assert office.PASSWORD not in text
            assert SECRET not in text
            assert "sqlite" not in text, "nor where the store is"

    play(story)


def test_a_colleague_added_by_mail_stands_in_the_same_chain_and_a_forged_row_is_found(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet("sun.li@office.example")
        listed = world.last(office.ZHOU, "工作清单")
        asked = await command(world, office.ZHOU, listed, "#人员 增加 孙丽 sun.li@office.example")
        await command(world, office.ZHOU, asked, "1")
        last = events(world)[-1]
        assert (last.type, last.actor, last.data["book"]) == ("BookChanged", "zhou", "person/sun-li")
        assert "孙丽" not in json.dumps(last.data, ensure_ascii=False)
        await world.at("2026-03-03 10:00")
        spool = world.settings.data_dir / "raw"
        with world.daemon.store.read() as session:
            assert verification.verify(session, spool).broken == ()
            sealed = [line for seal in session.scalars(select(Seal)) for line in seal.chains.splitlines()]
            assert any(line.startswith("desk ") for line in sealed), "the day's seal covers it"
        with world.daemon.store.decide() as session:
            row = session.get_one(Meta, "person/sun-li")
            row.value = row.value.replace("sun.li@", "mallory@")
        with world.daemon.store.read() as session:
            assert "not what was recorded" in " ".join(verification.verify(session, spool).broken)
        with world.daemon.store.decide() as session:
            for event in session.scalars(select(DeskEvent)):
                session.delete(event)
        with world.daemon.store.read() as session:
            broken = " ".join(verification.verify(session, spool).broken)
            assert "is not what it was, or gone" in broken

    play(story)


def test_the_operator_lists_every_change_from_the_command_line(play: Any) -> None:
    async def story(world: World) -> None:
        await edited(world, "people.toml", LI_HANDLES, li_is("supervisor"))
        said = await asyncio.to_thread(
            CliRunner().invoke, cli.app, ["changes", "--config", str(world.settings.directory)]
        )
        assert said.exit_code == 0, said.output
        assert "first read: " in said.output
        assert "people: li changed (role handler → supervisor, substitute)" in said.output

    play(story)


def test_two_daemons_on_one_store_tell_a_change_once(play: Any, postgres: Any) -> None:
    url = postgres.url()

    async def story(world: World) -> None:
        await edited(world, "people.toml", LI_HANDLES, li_is("supervisor"))
        other = Daemon(world.settings, world.clock, keys=lambda _name: None)
        other.open()
        try:
            await asyncio.gather(other.once(), world.work())
            await world.restart()
            await asyncio.gather(other.once(), world.work())
        finally:
            await other.close()
        assert len([c for c in changes(world) if c["part"] == "people"]) == 1
        assert len(letters(world, "settings-changed")) == 3

    play(story, store=url)
    postgres.drop(url)
