"""Events as the ledger keeps them: whatever is written comes back the same."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from mail_desk.tickets import events as e

SAMPLES: dict[str, Any] = {"events": (2, 5), "files": ((7, 1, "0" * 64), (7, 2, "1" * 64))}


@pytest.mark.parametrize("cls", e.TYPES.values(), ids=e.TYPES)
def test_every_event_comes_back_from_json_as_it_was(cls: type[e.Event]) -> None:
    event = cls(*[SAMPLES.get(field.name, field.name) for field in fields(cls)])
    kept = json.loads(json.dumps(e.to_data(event) | {"digest": "what the ledger adds"}))
    assert e.from_data(cls.__name__, kept) == event


def test_a_type_of_a_later_version_is_refused() -> None:
    with pytest.raises(KeyError):
        e.from_data("Teleported", {})
