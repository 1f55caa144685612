"""Whether a fresh mail looks like one more piece of materials that are being sent. Pure.

Complainants send large materials in several new mails: “材料2”, “补充材料（二）”, “part 2/3”, the same subject with
a number, or files with hardly a word. What is said here is only that it looks so: a person decides.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Looks = Literal["", "series", "same-subject", "bare"]

_NUMERAL = r"[0-9]{1,2}|[一二三四五六七八九十]{1,3}"
_SERIES = re.compile(
    r"补充|补交|补正|补发|补件|补传|续传|续发|追加"
    rf"|(?:材料|附件|证据|资料|文件|照片|图片|视频|合同|证明)\s*[(第]?\s*(?:{_NUMERAL})(?![0-9年月日])"
    rf"|第\s*(?:{_NUMERAL})\s*(?:部分|批|封|份|组|包)"
    rf"|\(\s*(?:{_NUMERAL})\s*(?:/\s*[0-9]{{1,2}}\s*)?\)\s*$"
    r"|(?:^|\s)[0-9]{1,2}\s*/\s*[0-9]{1,2}\s*$|\b[0-9]{1,2} of [0-9]{1,2}\b"
    r"|\b(?:parts?|attachments?|annex|materials?|documents?|evidence|files?|exhibits?)\s*#?\s*[0-9]{1,2}\b"
    r"|\b(?:additional|further|remaining|missing|supplementary)\s+(?:documents?|materials?|evidence|files?|information)\b"
    r"|\bsupplements?\b"
)
_NUMBER_BEHIND = re.compile(rf"[\s\W_]*(?:第\s*)?(?:{_NUMERAL})\s*(?:部分|批|封|份)?[\s\W_]*")
# A subject that names a matter of its own, whatever hangs on the mail.
_MATTER = re.compile(
    r"投诉|举报|申诉|反映|控告|求助|咨询|请示|请求|关于.{4,}|complain|grievance|enquir|inquir|appeal|report|request"
)
_POLITE = re.compile(
    r"您好|你好|尊敬的\S{0,10}|谢谢|感谢|(?:请|敬请)?(?:查收|查阅|审阅)|(?:详?见|请见|如)附件|附件如下|此致|敬礼|"
    r"发自我的\s?\w{1,12}|dear sirs?(?: or madam)?|hello|best regards|kind regards|thanks?(?: you)?|"
    r"(?:please )?(?:see|find) (?:the )?attache?d?(?:ments?)?|sent from my \w{1,12}"
)
_BASE_LENGTH = 6  # a shorter subject (投诉) is nobody's own
_FEW = 40  # characters; a Latin letter counts a third of one


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def looks(subject: str, words: str, of_subject: str) -> Looks:
    """Say by what a mail with files looks like a further piece, "" if by nothing.

    `subject` and `of_subject` (of the ticket): without reply prefixes. `words`: the new text.
    """
    mine, other = _plain(subject)[:300], _plain(of_subject)[:300]
    if _SERIES.search(mine) and not _SERIES.search(other):
        return "series"
    base = re.sub(rf"[\s\W_]*(?:{_NUMERAL})[\s\W_]*$", "", other) or other
    if len(base) >= _BASE_LENGTH and mine.startswith(base) and mine != other:
        if _NUMBER_BEHIND.fullmatch(mine[len(base) :]):
            return "same-subject"
    elif _SERIES.search(mine):
        return "series"
    if _few(words) and (mine == other or not _MATTER.search(mine)):
        return "bare"
    return ""


def _few(words: str) -> bool:
    text = _POLITE.sub("", _plain(words[:4000]))
    return sum(1 if c > "\u2e7f" else 1 / 3 for c in text if c.isalnum()) <= _FEW
