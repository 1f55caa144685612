"""Each hand-written message of tests/corpus is read exactly as its expectation says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mail_desk import inspection
from mail_desk.inbound.parse import parse, part_bytes

CORPUS = Path(__file__).parents[2] / "corpus"
CASES = sorted(CORPUS.rglob("*.eml"))


@pytest.mark.parametrize("case", CASES, ids=lambda p: str(p.relative_to(CORPUS)))
def test_a_hand_written_message_is_read_as_expected(case: Path) -> None:
    expected = json.loads(case.with_suffix(".json").read_text(encoding="utf-8"))
    assert inspection.inspected(case.read_bytes()) == expected


def test_every_case_has_an_expectation_and_every_expectation_a_case() -> None:
    assert len(CASES) >= 70
    assert {p.with_suffix(".json") for p in CASES} == set(CORPUS.rglob("*.json"))


@pytest.mark.parametrize("case", CASES, ids=lambda p: str(p.relative_to(CORPUS)))
def test_the_bytes_of_each_attachment_can_be_had_again(case: Path) -> None:
    raw = case.read_bytes()
    for attachment in parse(raw).attachments:
        assert len(part_bytes(raw, attachment.index)) == attachment.size
