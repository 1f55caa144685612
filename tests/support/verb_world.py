"""The world in which the verbs are played: one handler for all, and nothing kept by law, so that it can be erased."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from mail_desk.config import Settings
from mail_desk.config_files import load
from mail_desk.demo import office
from mail_desk.demo.world import Backing, World
from mail_desk.resources import shipped

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)  # a Monday
OLD = "old.matter@before.example"
_RULE = """
[[rule]]
name = "审批 / approvals"
category = "approval"
handler = "wang"
"""


def make(backing: Backing, directory: Path, language: str, *, paper: bool = False) -> World:
    """Return a world whose desk has not opened its mailbox yet; an old mail lies there.

    `paper`: a supervisor releases every letter, and notices wait for their signed and sealed scan.
    """
    world = World(backing, directory, START, staff_language=language, outward="review" if paper else "auto")
    config = Path(world.settings.directory)
    routing = config / "routing.toml"
    routing.write_text(routing.read_text("utf-8") + _RULE, "utf-8")
    desk = config / "desk.toml"
    desk.write_text(desk.read_text("utf-8") + "\n[desk.retention]\ncomplaint = 0\n", "utf-8")
    if paper:
        (config / "procedures").mkdir()
        law = (shipped("config") / "procedures" / "foreign-investment.toml").read_text("utf-8")
        law = law.replace('scan = "none"', 'scan = "required"')
        (config / "procedures" / "foreign-investment.toml").write_text(law, "utf-8")
    loaded = load(config)
    assert isinstance(loaded, Settings), loaded
    world.settings = loaded
    world.meet(office.BUREAU)
    raw = f"From: {OLD}\r\nSubject: Permit of 2025\r\n\r\nOur permit has been delayed since last year.\r\n"
    backing.deliver(world.desk, raw.encode(), folder="INBOX", when=START - timedelta(days=6))
    return world


async def opened(world: World) -> World:
    """Open the mailbox with what the configuration says now."""
    await world.restart()
    await world.work()
    return world
