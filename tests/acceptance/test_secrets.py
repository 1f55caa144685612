"""Passwords and personal words are planted, everything that can fail fails, and all that was printed is searched."""

from __future__ import annotations

import asyncio
import io
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from mail_desk import cli, logs
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.desk import arrivals
from mail_desk.store.session import Store
from told import complain

PLANTED = {
    "password": office.PASSWORD,
    "address": "hans.geheimnis@bearings.example",
    "name": "Hans Geheimnis",
    "subject": "关于行贿线索的投诉",
    "words": "我们的商业秘密是配方七号",
    "telephone": "13900007777",
}


def found_in(printed: str) -> list[str]:
    return [what for what, value in PLANTED.items() if value in printed]


@pytest.fixture(name="printed")
def _printed() -> Any:
    """Give a function that returns every line logged so far, as it is written to standard error."""
    stream = io.StringIO()
    logs.configure(level="debug", to=stream)
    yield stream.getvalue
    structlog.reset_defaults()


async def confide(world: World) -> None:
    world.meet(PLANTED["address"])
    await complain(world, PLANTED["address"], PLANTED["subject"], name=PLANTED["name"])
    world.write(PLANTED["address"], PLANTED["subject"], f"{PLANTED['words']}，请回电{PLANTED['telephone']}。")
    await world.work()


def test_the_log_of_ordinary_work_holds_no_password_and_no_personal_word(play: Any, printed: Any) -> None:
    async def story(world: World) -> None:
        await confide(world)
        await world.minutes(24 * 60)

    play(story)
    said = printed()
    assert '"event": "message filed"' in said, "the log was not seen at all"
    assert '"to": "ha***@bearings.example"' in said
    assert found_in(said) == []


def test_a_mail_that_cannot_be_filed_leaves_no_word_of_itself_in_the_log(
    play: Any, printed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: World) -> None:
        def fails(*_: object, **__: object) -> None:
            raise ValueError(f"cannot file what {PLANTED['address']} wrote")

        monkeypatch.setattr(arrivals, "arrive", fails)
        world.meet(PLANTED["address"])
        world.write(PLANTED["address"], PLANTED["subject"], PLANTED["words"])
        for _ in range(5):
            await world.work()

    play(story)
    said = printed()
    assert "ha***@bearings.example" in said, "the failure was not logged"
    assert found_in(said) == []


def test_an_error_of_the_database_does_not_show_the_values_it_was_about(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/store.sqlite")
    store.migrate()
    with pytest.raises(DBAPIError) as raised, store.write() as session:
        session.execute(
            text("INSERT INTO meta (name, value) VALUES (:name, :value)"),
            {"name": PLANTED["words"], "value": None},
        )
    store.close()
    assert found_in(str(raised.value)) == []


def test_refused_credentials_and_a_refusing_server_never_show_the_password(play: Any, printed: Any) -> None:
    async def story(world: World) -> None:
        await confide(world)
        world.daemon._password_for = lambda _: office.PASSWORD + "-wrong"
        for reader in world.daemon.readers:
            await reader.hang_up()
        drained = await world.work()
        assert any("refuses the log-in" in said for said in drained.problems), drained.problems
        assert found_in("\n".join(drained.problems)) == []
        await world.minutes(60)

    play(story)
    assert found_in(printed()) == []


def test_status_queue_and_the_settings_themselves_show_no_password_and_no_personal_word(
    play: Any, tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        await confide(world)
        assert PLANTED["password"] not in repr(world.settings)

    play(story)
    for command in (("status", "--json"), ("status",), ("check",), ("verify",)):
        said = CliRunner().invoke(cli.app, [*command, "--config", str(tmp_path / "config")])
        structlog.reset_defaults()
        assert found_in(said.output) == [], command


def test_the_daemon_tells_its_service_manager_when_it_is_ready_alive_and_stopping(
    play: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        monkeypatch.setitem(os.environ, "NOTIFY_SOCKET", str(tmp_path / "notify"))

        async def heard(*wanted: bytes) -> None:
            loop, missing = asyncio.get_running_loop(), set(wanted)
            async with asyncio.timeout(30):
                while missing:
                    missing.discard(await loop.sock_recv(manager, 100))

        async def story(world: World) -> None:
            stop = asyncio.Event()
            running = asyncio.create_task(world.daemon.run(stop))
            await heard(b"READY=1", b"WATCHDOG=1")
            stop.set()
            await heard(b"STOPPING=1")
            await running

        play(story)


def test_log_lines_are_json_with_the_action_and_the_ids_an_operator_follows(play: Any, printed: Any) -> None:
    async def story(world: World) -> None:
        await confide(world)

    play(story)
    lines = [json.loads(line) for line in printed().splitlines() if line.startswith("{")]
    by_event = {line["event"]: line for line in lines}
    assert {"message", "ticket", "filed_as", "folder", "uid"} <= set(by_event["message filed"])
    assert {"letter", "kind", "to", "outcome", "message_id", "ms"} <= set(by_event["letter"])
    assert by_event["letter"]["message_id"].endswith("@desk.example"), "an identifier is no address"
