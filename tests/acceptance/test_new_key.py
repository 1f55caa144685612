"""The secret of the letters' keys is renewed: what was sent before can be answered on, what was stolen is worthless."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.inbound import authenticity
from mail_desk.store import ledger
from told import GM, STRANGER, command, complain, events, filed, letters, state, tickets


def key_of(world: World) -> bytes:
    with world.daemon.store.read() as session:
        return ledger.token_key(session)


def renewed(directory: Path) -> None:
    command = [sys.executable, "-m", "mail_desk", "new-key", "--config", str(directory / "config")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "those already sent can be answered as before" in " ".join(done.stdout.split())


def test_after_a_new_key_old_letters_are_answered_as_before(play: Any, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        receipt = world.last(GM, "来信已收到")
        old = key_of(world)
        for _ in range(2):
            renewed(tmp_path)  # beside the daemon, and more than once
        assert key_of(world) != old
        await command(world, office.WANG, new, "#受理")
        world.reply(GM, receipt, "补充材料。")
        await world.work()
        untagged = world.write(
            GM, "没有编号的回信", "再补充一份。", headers=[("In-Reply-To", f"<{receipt.mail.message_id}>")]
        )
        assert b"[" not in untagged.partition(b"\r\n\r\n")[0].partition(b"Subject:")[2].partition(b"\r\n")[0]
        await world.minutes(20)
        assert state(world) == "accepted"
        assert tickets(world) == 1, "all is one thread"
        assert events(world).count("NoticeServed") == 1
        (acceptance,) = letters(world, "acceptance")
        assert authenticity.keyed(key_of(world), acceptance.message_id)
        assert not authenticity.keyed(old, acceptance.message_id)
        world.backing.deliver(office.DESK, receipt.raw, folder="已发送", when=world.clock.now())
        await world.work()
        assert filed(world)[-1] == "own"

    play(story)


def test_who_stole_the_old_key_can_make_nothing_pass_for_a_letter_of_the_desk(
    play: Any, tmp_path: Path
) -> None:
    async def story(world: World) -> None:
        await complain(world)
        old = key_of(world)
        forged = authenticity.message_id(old, "A" * 10, "desk.example")
        renewed(tmp_path)
        world.meet(STRANGER)
        raw = world.write(STRANGER, "投诉", "许可证迟迟不批。")
        head, _, body = raw.partition(b"\r\n\r\n")
        kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"message-id")]
        kept.append(f"Message-ID: <{forged}>".encode())
        again = b"\r\n".join(kept) + b"\r\n\r\n" + body + b"\r\nsecond"
        world.backing.deliver(office.DESK, again, folder="INBOX", when=world.clock.now())
        await world.work()
        assert filed(world) == ["opened"] * 2 + ["opened"], "never 'own', which nobody would look at"

    play(story)
