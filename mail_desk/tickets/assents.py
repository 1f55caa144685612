"""Is a complainant's answer nothing but yes? Pure. Anything beyond one word and courtesy is an ordinary mail."""

from __future__ import annotations

import re

from mail_desk.tickets.numerals import fold

_YES = re.compile(
    r"(?:(?:您好|你好|hello|dear sirs?|dear sir or madam)[ ,.!]*)?"
    r"(?:我(?:方|司|公司)?)?(?:同意|是的?|是我的?|可以|yes|i agree|agreed|agree|confirmed|ok|okay)"
    r"[ ,.!~。，]*(?:(?:谢谢|多谢|thanks|thank you|(?:best |kind )?regards)[ ,.!~]*)?"
)


def says_yes(words: str, name: str = "") -> bool:
    """Say whether words are a plain yes. `name`: of who signs them."""
    said = fold(words).strip()
    signed = fold(name).strip()
    if signed and said.endswith(signed):
        said = said[: -len(signed)]
    return bool(_YES.fullmatch(" ".join(said.split())))
