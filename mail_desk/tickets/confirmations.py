"""Is an answer nothing but “it has arrived”? Pure.

Notices ask for one word (收到, received). Such an answer is recorded and shown to nobody; so anything
beyond thanks and courtesy makes it an ordinary mail.
"""

from __future__ import annotations

import re

from mail_desk.tickets.numerals import fold

_WORDS = (
    "已经收到了|已经收到|已收到了|已收到|收到了|收到|已收悉|收悉|已接收|确认已收到|确认收到|已确认|确认|本公司|我公司|我司|我方|"
    "通知书|通知|您的|你们的|贵单位的|来信|邮件|信件|信函|信|您好|你好|谢谢您|谢谢|多谢|感谢|特此|回复|好的|好|"
    "i have|we have|have|has been|i|we|well|it|your|the|this|letter|notice|mail|e-?mail|is|was|duly|safely|"
    "with|many|thanks|thank you|thankyou|thx|regards|best|kind|dear|sir|madam|hello|hi|confirmed|confirm|"
    "confirming|receipt|of|received|recieved|acknowledged|arrived|yes|ok"
)
_ALL = re.compile(rf"(?:(?:{_WORDS})(?![a-z])|[^\w])+")
_SAYS_SO = re.compile(r"收到|收悉|接收|确认|recei?ve|recieved|receipt|confirm|acknowledged|arrived")
_LONGEST = 120  # characters; a letter is longer


def confirms(words: str, name: str = "") -> bool:
    """Say whether words do nothing but confirm that something arrived. `name`: of who signs them."""
    said = fold(words).replace(fold(name), " ").strip() if name.strip() else fold(words).strip()
    if not 0 < len(said) <= _LONGEST or "?" in said or "吗" in said:
        return False
    return bool(_SAYS_SO.search(said)) and bool(_ALL.fullmatch(said))
