"""A refusal names every role that may, in the reader's language."""

from __future__ import annotations

import pytest

from mail_desk.tickets import roles
from mail_desk.tickets.commands_verbs import VERBS


@pytest.mark.parametrize("named", sorted({r for spec in VERBS.values() for r in spec.roles.split(", ")}))
def test_no_role_of_a_verb_is_without_a_name(named: str) -> None:
    assert roles.in_words([named], zh=True)
    assert roles.in_words([named], zh=False)


def test_english_says_what_somebody_is_to_the_ticket() -> None:
    assert roles.in_words(["former"], zh=False) == "former handler"
    assert roles.in_words(["handler", "team"], zh=False) == "handler, co-handler"
