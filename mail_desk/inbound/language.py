"""Chinese or English: which language to answer in, told from a person's own words. Pure.

Counts letters by script after taking out what belongs to no language (addresses, links, numbers,
quotation marks). Chinese needs few characters to show, as names and product words in Chinese letters
are often Latin; Japanese and Korean are neither.
"""

from __future__ import annotations

import re
from typing import Literal

_NOISE = re.compile(
    r"https?://\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,100}|#\S+"
    r"|(?<![\w.-])[\w-][\w.-]{0,80}\.(?:com|cn|net|org|pdf|docx?|xlsx?|zip|jpg|png)\b",
    re.IGNORECASE | re.ASCII,
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_KANA_OR_HANGUL = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uac00-\ud7a3]")
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_ENGLISH_WORDS = (
    "the of and to in is that for it on with as are was be this have from or by not but what all were we when your "
    "can said there use an each which do how their if will up other about out many then them these so some her would "
    "make like him into time has look two more go see no way could my than been who its now did get made may our you "
    "i me he she they us hello hi dear please thanks thank regards sincerely complaint company office help yes ok okay "
    "agree agreed approved confirm confirmed received attached attachment sorry best kind sir madam reply urgent "
    "question information invoice contract today tomorrow ticket status list show accept close note assign"
)
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_OTHER_LATIN = re.compile(r"[àâäáãåæçèéêëìíîïñòóôõöøœùúûüýÿßąćęłńśźżčďěňřšťůžğışőű]", re.IGNORECASE)
_SAMPLE = 20_000  # characters are enough to tell


def detect(text: str) -> Literal["zh", "en"] | None:
    """Return "zh" or "en", None where it cannot be told (nothing but names and numbers, other languages)."""
    sample = _NOISE.sub(" ", text[:_SAMPLE])
    han = len(_HAN.findall(sample))
    foreign = len(_KANA_OR_HANGUL.findall(sample))
    words = [w.lower() for w in _WORD.findall(sample)]
    if foreign * 5 > han and foreign > 2:
        return None
    english = sum(1 for w in words if w in _ENGLISH)
    if len(words) > han and english * 3 >= len(words) and english > 1:
        return "en"  # English sentences with Chinese names in them
    if han and han * 3 >= len(words):  # a Chinese character carries at least as much as half a word
        return "zh"
    accents = len(_OTHER_LATIN.findall(sample))
    if not words or english == 0:
        return "zh" if han else None
    if accents * 12 > len(words) and english * 4 < len(words):
        return None
    if english * 8 >= len(words) or (english >= 2 and english * 12 >= len(words)):
        return "en"
    return "zh" if han else None
