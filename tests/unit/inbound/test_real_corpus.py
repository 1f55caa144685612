"""Real mail beside the checkout (../shared/corpus, where present): survived, quick, and read right.

The thresholds are of the trusted sources; `make corpus` prints the whole table and every difference. What is
missing here is wrong in the expectation; docs/reading.md lists it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mail_desk import inspection

ROOT = Path(__file__).parents[3]
CORPUS = ROOT.parent / "shared" / "corpus"

pytestmark = [
    pytest.mark.skipif(
        not (CORPUS / "expect.jsonl").is_file(), reason=f"no real mail at {CORPUS}: NOT CHECKED"
    ),
    pytest.mark.slow,
]

LEAST = {
    "subject": 97.5,
    "address": 99.0,
    "message_id": 100.0,
    "attachments": 86.0,
    "text": 87.0,
    "reply": 90.0,
    "bounce recall": 99.0,
    "bounce false alarm avoided": 96.0,
    "bounced address": 100.0,
    "auto-reply recall": 91.0,
    "auto-reply false alarm avoided": 100.0,
}


def test_every_file_is_read_within_a_second_per_ten_megabytes() -> None:
    slow = []
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file():
            raw = path.read_bytes()
            began = time.process_time()
            json.dumps(inspection.inspected(raw)).encode()
            spent = time.process_time() - began
            if spent > 2 + len(raw) / 1e7:  # generous by 2 s: the machine is shared
                slow.append((spent, path))
    assert not slow


def test_expectations_are_met_as_far_as_they_are_right() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "corpus"), str(CORPUS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    scores = {
        m[1].strip(): float(m[2]) for m in re.finditer(r"(?m)^([a-z_ -]+?) +\d+/\d+ +([\d.]+) %", done.stdout)
    }
    assert "not inspected: 0" in done.stdout
    assert {name: scores[name] for name, least in LEAST.items() if scores[name] < least} == {}
