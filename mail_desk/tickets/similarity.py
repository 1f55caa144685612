"""How alike two texts are, by the pairs of characters they hold. Pure, and bounded whatever comes in.

Pairs of characters need no word boundaries, so Chinese and English are measured alike; greetings, spaces,
width and punctuation hardly matter.
"""

from __future__ import annotations

import unicodedata

READ = 4000  # characters of a text that are compared
ALIKE = 0.75
SHORT = 12  # characters: below, only the very same words are alike


def pairs(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters and digits of a text."""
    folded = unicodedata.normalize("NFKC", text[:READ]).casefold()
    plain = "".join(c for c in folded if c.isalnum())
    return frozenset(plain[n : n + 2] for n in range(len(plain) - 1)) or frozenset((plain,) if plain else ())


def share(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the share of pairs two texts have in common, 0..1 (Jaccard)."""
    return len(a & b) / len(a | b) if a and b else 0.0


def alike(a: frozenset[str], b: frozenset[str]) -> bool:
    """Say whether two texts say much the same."""
    if min(len(a), len(b)) < SHORT:
        return a == b and bool(a)
    return share(a, b) >= ALIKE
