"""Digits and numerals as people type them, in Latin, full-width and Chinese.

`fold` maps text character by character, so that a position in the folded text is the same position in
the original: grammars recognise on the folded text and cut words out of the original. Pure and total.
"""

from __future__ import annotations

import re
import unicodedata

_DASHES = "‐‑‒–—―−－﹣﹘ー"  # what phones make of a hyphen
_QUOTES = {"‘": "'", "’": "'", "“": '"', "”": '"', "「": '"', "」": '"', "《": '"', "》": '"'}
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {
    c: n for n, c in enumerate("〇壹贰叁肆伍陆柒捌玖")
}
_DIGITS |= {"两": 2, "〇": 0}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100}

# A number from 0 to 999 in any spelling, as it stands in folded text.
NUMERAL = "(?:[0-9]{1,3}|[" + "".join(_DIGITS) + "".join(_UNITS) + "]{1,6})"

# What makes of a number a quantity or a date instead of a choice: 2个月, 3天, 5%, 2 years.
_MEASURE_ZH = (
    "年月日天号时点分秒周个份家位人次件页元万亿千百十倍名种类批套台辆间层栋楼室组期季岁旬度条只张本字余多几"
    "%°/"
)
_MEASURE_EN = re.compile(
    r"(?:years?|months?|weeks?|days?|hours?|minutes?|working|business|calendar|people|persons?|per ?cent|percent|"
    r"million|thousand|billion|hundred|dozen|am|pm|a\.m|p\.m|copies|copy|of|more|other|others|or|and|to|times?|st|nd|rd|th|"
    r"rmb|cny|usd|eur|yuan|euros?|dollars?|kg|km|m2|sqm|mw|kw|kwh|mu)(?![a-z])"
)


def fold(text: str) -> str:
    """Return `text` with each character in its plainest form: ASCII width, lower case, plain dash."""
    return text.translate(_FOLDED)


class _Folded(dict[int, str]):
    """Characters already folded; others are folded once."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


# What verbs look like where traditional characters are typed.
_SIMPLIFIED = dict(
    zip(
        "訴覆復轉辦結備註銷閱項號屬於詢來廣請補齊謝還說無誤係導監發徵經處過個專區從單",
        "诉复复转办结备注销阅项号属于询来广请补齐谢还说无误系导监发征经处过个专区从单",
        strict=True,
    )
)


def _fold_character(character: str) -> str:
    if character < "\x80":
        return character.lower()
    if character in _SIMPLIFIED:
        return _SIMPLIFIED[character]
    if character in _DASHES:
        return "-"
    if character in _QUOTES:
        return _QUOTES[character]
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)  # ①, ⒈, ٣
    if character.isspace():
        return "\n" if character in "\u2028\u2029\x85" else " "
    plain = unicodedata.normalize("NFKC", character).lower()
    if plain == "。":
        return "."
    return plain if len(plain) == 1 else character


_FOLDED = _Folded()


def numeral(text: str) -> int | None:
    """Return the value of a folded numeral such as `12`, `十二`, `二十`, `一百二十`, `〇`, else None."""
    if re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    if not text or any(c not in _DIGITS and c not in _UNITS for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text)) if len(text) <= 9 else None
    total, digit, smallest = 0, None, 1000
    for character in text:
        if character in _DIGITS:
            if digit is not None and digit != 0:
                return None  # 二三十 is an estimate, not a number
            digit = _DIGITS[character]
            continue
        unit = _UNITS[character]
        if unit >= smallest:
            return None
        total += (1 if digit is None else digit) * unit
        digit, smallest = None, unit
    return total + (digit or 0)


def is_quantity(following: str) -> bool:
    """Tell whether folded text right behind a number makes it a quantity, a date or a fraction."""
    if re.match(r"[-./:~,][0-9]", following):
        return True
    text = following.lstrip(" ")
    return bool(text) and (text[0] in _MEASURE_ZH or _MEASURE_EN.match(text) is not None)
