"""The yearly archive of a played story: whole, readable without the desk, and any change in it is named."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from mail_desk import archive
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.desk import register
from mail_desk.store.seals import head
from told import GM, command, complain, state

Played = Callable[[Callable[[Path, str], None]], None]
PHOTO = ("现场照片.jpg", "image/jpeg", b"\xff\xd8 photograph" * 200)


@pytest.fixture
def archived(play: Any, tmp_path: Path) -> Played:
    """Give a function that plays a complaint to its end, archives the year, and shows the archive and the head."""

    def run(look: Callable[[Path, str], None]) -> None:
        async def story(world: World) -> None:
            new = await complain(world, files=[PHOTO])
            await command(world, office.WANG, new, "#受理")
            undone = await command(world, office.WANG, new, "#答复 您好，请稍候。")
            await command(world, office.WANG, undone, "撤销")
            await world.minutes(20)
            world.reply(GM, world.last(GM), "同意你们的处理意见。")
            await world.work()
            await command(world, office.WANG, new, "#办结 1 已协调解决，投诉人同意。")
            await command(world, office.ZHOU, world.last(office.ZHOU, "审批"), "同意")
            await world.minutes(20)
            await command(world, office.WANG, new, "#结案")
            assert state(world) == "closed"
            await complain(world, subject="关于供电的投诉，尚未办结")
            await world.at("2026-03-05 10:00")
            target = tmp_path / "archive"
            with world.daemon.store.read() as session:
                made = archive.write(session, world.daemon.rules, 2026, target, world.clock.now())
                assert register.gaps(session) == []
                sealed = head(session)
            assert made.tickets == 1
            assert made.still_open == 1
            assert hashlib.sha256((target / "manifest.txt").read_bytes()).hexdigest() == made.manifest
            look(target, sealed)

        play(story)

    return run


def check(target: Path, *more: str) -> tuple[int, str]:
    """Run the verifier as whoever holds the archive would: with Python alone."""
    argv = [sys.executable, "-I", str(target / "verify.py"), *more]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=target.parent)
    return done.returncode, done.stdout + done.stderr


def test_order_article_24_the_yearly_archive_holds_everything_and_verifies_without_the_desk(
    archived: Played,
) -> None:
    def look(target: Path, sealed: str) -> None:
        assert check(target)[0] == 0
        code, said = check(target, "--head", sealed[:16])
        assert code == 0, said
        names = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
        ticket = "tickets/2026-0001/"
        assert f"{ticket}dossier.html" in names
        assert f"{ticket}dossier.pdf" in names
        assert any(name.startswith(f"{ticket}originals/M") for name in names)
        assert any(name.startswith(f"{ticket}originals/L") for name in names)
        assert any(name.startswith(f"{ticket}notices/") and name.endswith(".docx") for name in names)
        photos = [name for name in names if name.endswith("现场照片.jpg")]
        assert (target / photos[0]).read_bytes() == PHOTO[2]
        book = openpyxl.load_workbook(io.BytesIO((target / "index.xlsx").read_bytes()))
        dossiers, notices, still_open = book.worksheets
        assert dossiers["A2"].value == "2026-0001"
        assert {row[2].value for row in notices.iter_rows(min_row=2)} >= {
            "洛高外诉受〔2026〕1号",
            "洛高外诉结〔2026〕1号",
        }
        assert still_open["A2"].value == "2026-0002"

    archived(look)


def test_one_changed_byte_anywhere_is_found_and_its_file_named(archived: Played) -> None:
    def look(target: Path, sealed: str) -> None:
        for path in sorted(target.rglob("*")):
            if not path.is_file() or path.name in ("manifest.txt", "README.txt", "verify.py"):
                continue
            whole = path.read_bytes()
            path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
            code, said = check(target)
            path.write_bytes(whole)
            assert code == 1
            assert path.relative_to(target).as_posix() in said
        assert check(target)[0] == 0

    archived(look)


def again(target: Path, *names: str) -> None:
    """Do as a careful forger: put the right digests of changed files into the manifest."""
    split = (line.split("  ", 1) for line in (target / "manifest.txt").read_text().splitlines())
    lines = {name: digest for digest, name in split}
    for name in names:
        lines[name] = hashlib.sha256((target / name).read_bytes()).hexdigest()
    (target / "manifest.txt").write_text("".join(f"{digest}  {name}\n" for name, digest in lines.items()))


def test_a_forged_mail_text_or_event_is_found_even_under_a_forged_manifest(archived: Played) -> None:
    def look(target: Path, sealed: str) -> None:
        mail = next((target / "tickets" / "2026-0001" / "originals").glob("M*.eml"))
        mail.write_bytes(mail.read_bytes().replace(b"Subject", b"Subjekt", 1))
        again(target, name := mail.relative_to(target).as_posix())
        assert name in check(target)[1]

        words = target / "words.jsonl"
        words.write_text(words.read_text("utf-8").replace("已协调解决", "没有解决"), "utf-8")
        again(target, "words.jsonl")
        assert "words.jsonl" in check(target)[1]

        chains = target / "chains.jsonl"
        rows = [json.loads(line) for line in chains.read_text("utf-8").splitlines()]
        rows[2]["actor"] = "somebody-else"
        chains.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        again(target, "chains.jsonl")
        assert "event 3" in check(target)[1]

    archived(look)


def test_a_forged_or_shortened_record_of_settings_and_people_is_found(archived: Played) -> None:
    def look(target: Path, sealed: str) -> None:
        desk = target / "desk.jsonl"
        rows = [json.loads(line) for line in desk.read_text("utf-8").splitlines()]
        assert rows, "the first reading of the settings is on record"
        forged = [rows[0] | {"actor": "somebody-else"}, *rows[1:]]
        desk.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in forged), "utf-8")
        again(target, "desk.jsonl")
        assert "desk.jsonl: event 1 does not fit its chain" in check(target)[1]
        desk.write_text("", "utf-8")
        again(target, "desk.jsonl")
        assert "desk.jsonl: it is not what was sealed on" in check(target)[1]

    archived(look)


def test_a_chain_written_anew_from_its_start_does_not_fit_the_head_that_was_printed(archived: Played) -> None:
    def look(target: Path, sealed: str) -> None:
        from mail_desk.standalone.verify_archive import link

        chains, heads, seals = (target / name for name in ("chains.jsonl", "heads.txt", "seals.jsonl"))
        rows = [json.loads(line) for line in chains.read_text("utf-8").splitlines()]
        old = {row["seq"]: row["hash"] for row in rows}
        rows[2]["actor"] = "somebody-else"
        previous = ""
        for row in rows:
            previous = row["hash"] = link(previous, row)
        chains.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        text, sealing = heads.read_text(), seals.read_text()
        for row in rows:
            text, sealing = (
                text.replace(old[row["seq"]], row["hash"]),
                sealing.replace(old[row["seq"]], row["hash"]),
            )
        forged, last = [], ""
        for line in sealing.splitlines():
            seal = json.loads(line) | {"previous": last}
            last = seal["hash"] = hashlib.sha256(
                f"{last}\n{seal['day']}\n{seal['chains']}".encode()
            ).hexdigest()
            forged.append(json.dumps(seal, ensure_ascii=False))
        heads.write_text(text)
        seals.write_text("\n".join(forged) + "\n")
        again(target, "chains.jsonl", "heads.txt", "seals.jsonl")
        assert check(target)[0] == 0, "by itself it is sound"
        code, said = check(target, "--head", sealed[:16])
        assert code == 1
        assert "written anew" in said

    archived(look)


def test_an_archive_is_never_written_over(archived: Played, play: Any) -> None:
    def look(target: Path, sealed: str) -> None:
        with pytest.raises(archive.ArchiveError, match="not empty"):
            archive.write(None, None, 2026, target, None)  # type: ignore[arg-type]  # it looks there first

    archived(look)
