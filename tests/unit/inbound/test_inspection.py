"""`mail-desk inspect`: one JSON object a message in order, on all cores, and an explanation for people."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from mail_desk import inspection

MESSAGE = (
    "From: 王 <wang@example.com>\r\nSubject: n{}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n同意{}\r\n"
)
KEYS = {
    "file", "subject", "from", "to", "cc", "reply_to", "date", "message_id", "in_reply_to", "references", "text",
    "reply_text", "language", "attachments", "kind", "reason", "bounced", "defects",
}  # fmt: skip


@pytest.fixture
def many(tmp_path: Path) -> list[Path]:
    files = []
    for number in range(80):
        path = tmp_path / f"{number:03}.eml"
        path.write_bytes(MESSAGE.format(number, number).encode())
        files.append(path)
    return files


def test_many_files_come_out_in_order_from_several_processes(
    many: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert inspection.run(many, as_json=True, jobs=2) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [r["subject"] for r in records] == [f"n{n}" for n in range(80)]
    assert [r["file"] for r in records] == [str(p) for p in many]


def test_a_record_has_the_promised_keys(many: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    inspection.run(many[:1], as_json=True)
    record = json.loads(capsys.readouterr().out)
    assert set(record) >= KEYS
    assert record["from"] == [{"name": "王", "address": "wang@example.com"}]


def test_an_unreadable_file_is_reported_and_stops_nothing(
    many: list[Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert inspection.run([tmp_path / "absent.eml", many[0], tmp_path], as_json=True) == 1
    first, second, third = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert "cannot be read" in first["error"]
    assert second["subject"] == "n0"
    assert "cannot be read" in third["error"]


def test_standard_input_is_read_for_a_dash(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(MESSAGE.format(1, 1).encode())))
    assert inspection.run(["-"], as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["subject"] == "n1"


@pytest.mark.parametrize("separator", [b"\n", b"\r\n", b"\0"])
def test_a_list_of_files_on_standard_input_is_followed(
    many: list[Path], separator: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sys.stdin",
        io.TextIOWrapper(io.BytesIO(separator.join(str(p).encode() for p in many[:40]) + separator)),
    )
    assert inspection.run(["-"], as_json=True, jobs=2) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [r["file"] for r in records] == [str(p) for p in many[:40]]


def test_a_bare_body_is_read_as_text_or_html(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = tmp_path / "body"
    body.write_bytes("<p>同意</p>\n\n> #close".encode())
    inspection.run([body], as_json=True, body="text")
    inspection.run([body], as_json=True, body="html")
    as_text, as_html = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert as_text["reply_text"] == "<p>同意</p>"
    assert as_html["text"].startswith("同意")


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("Auto-Submitted: auto-replied", "gets no answer"),
        ("List-Id: <a.example.com>", "no automatic answer"),
        ("X-Failed-Recipients: a@b.cc", "without our key it changes nothing"),
        ("X-Other: 1", "a receipt may be sent"),
    ],
)
def test_people_are_told_what_would_be_done_and_why(
    head: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(f"{head}\r\n".encode() + MESSAGE.format("", "").encode())
    assert inspection.run([path], as_json=False) == 0
    explanation = capsys.readouterr().out
    assert said in explanation
    assert "王 <wang@example.com>" in explanation
    assert "同意" in explanation
