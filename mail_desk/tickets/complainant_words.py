"""What a complainant may ask by one word: a table of whole messages. Pure.

A complainant's mail is never read with the grammar of staff. Greeting, thanks and signature are trimmed; what is left
has to be one of the forms below, all of it. Anything longer is an ordinary mail, for a person to read. Whether the
word means anything in answer to *that* letter, and what the writer may do, is for the desk to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from mail_desk.tickets.numerals import fold


class Asks(StrEnum):
    STATUS = "status"
    LANGUAGE = "language"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"  # a withdrawal, in answer to the question whether it is meant
    REVOKE = "revoke"  # a withdrawal
    RATE = "rate"  # in answer to the result


@dataclass(frozen=True, slots=True)
class Said:
    asks: Asks
    value: str = ""  # of LANGUAGE: zh, en; of RATE: 1 to 5, 5 the best
    ticket: str = ""  # a number that stands beside the word


# Each form is a whole message, folded: lower case, plain punctuation.
FORMS: dict[tuple[Asks, str], tuple[str, ...]] = {
    (Asks.STATUS, ""): (
        "进度", "查进度", "查询进度", "进度查询", "办理进度", "查询办理进度", "投诉进度", "进展", "办理进展", "进展如何",
        "进度如何", "办理情况", "到哪一步了", "办到哪一步了", "status", "progress", "status update", "status of",
        "what is the status", "what's the status", "any update", "any updates", "how does it stand",
    ),
    (Asks.LANGUAGE, "zh"): (
        "中文", "用中文", "改用中文", "中文版", "汉语", "chinese", "in chinese", "language chinese", "language: chinese",
    ),
    (Asks.LANGUAGE, "en"): (
        "英文", "用英文", "改用英文", "英文版", "英语", "english", "in english", "language english", "language: english",
    ),
    (Asks.WITHDRAW, ""): (
        "撤回", "撤诉", "撤回投诉", "撤销投诉", "申请撤回", "申请撤诉", "申请撤回投诉", "要求撤回投诉", "我要撤回", "我要撤诉",
        "我要撤回投诉", "我撤回投诉", "我公司撤回投诉", "我司撤回投诉", "withdraw", "withdrawal", "i withdraw", "we withdraw",
        "withdraw complaint", "withdraw the complaint", "withdraw my complaint", "withdraw our complaint",
        "i withdraw my complaint", "i withdraw the complaint", "we withdraw our complaint", "we withdraw the complaint",
        "i want to withdraw my complaint", "we want to withdraw our complaint",
    ),
    (Asks.CONFIRM, ""): (
        "确认", "确认撤回", "确认撤诉", "确认撤回投诉", "是", "是的", "confirm", "confirmed", "i confirm", "we confirm", "yes",
        "yes, i confirm", "yes, we confirm", "yes confirm", "confirm withdrawal", "i confirm the withdrawal",
        "we confirm the withdrawal",
    ),
    (Asks.REVOKE, ""): (
        "撤销撤回", "撤消撤回", "取消撤回", "不撤回", "不撤诉", "不撤回投诉", "不撤了", "撤销撤诉", "取消撤诉", "revoke",
        "i revoke", "we revoke", "revoke withdrawal", "revoke the withdrawal", "revoke my withdrawal",
        "i revoke the withdrawal", "we revoke the withdrawal", "do not withdraw", "don't withdraw",
    ),
    (Asks.RATE, "5"): ("5", "五", "5分", "五分", "五星", "5星", "5/5", "★★★★★", "非常满意", "评分5", "评价5", "rating 5", "rating: 5", "5 stars", "very satisfied"),
    (Asks.RATE, "4"): ("4", "四", "4分", "四分", "四星", "4星", "4/5", "★★★★", "★★★★☆", "满意", "评分4", "评价4", "rating 4", "rating: 4", "4 stars", "satisfied"),
    (Asks.RATE, "3"): ("3", "三", "3分", "三分", "三星", "3星", "3/5", "★★★", "★★★☆☆", "基本满意", "评分3", "评价3", "rating 3", "rating: 3", "3 stars", "fairly satisfied"),
    (Asks.RATE, "2"): ("2", "二", "2分", "两分", "二星", "2星", "2/5", "★★", "★★☆☆☆", "不满意", "评分2", "评价2", "rating 2", "rating: 2", "2 stars", "dissatisfied"),
    (Asks.RATE, "1"): ("1", "一", "1分", "一分", "一星", "1星", "1/5", "★", "★☆☆☆☆", "非常不满意", "评分1", "评价1", "rating 1", "rating: 1", "1 star", "very dissatisfied"),
}  # fmt: skip

_MAY_ASK = (Asks.STATUS, Asks.LANGUAGE)  # “withdraw?” is a question, and a question is no order
LONGEST = 160  # characters, with greeting and signature: whoever writes more has more to say
_BY_FORM = {form: Said(asks, value) for (asks, value), forms in FORMS.items() for form in forms}
_EDGES = " \t\r\n.,;:!?~。，、；：！？…“”\"'()（）[]【】-_*>"
_GREETING = re.compile(
    r"(?:尊敬的[^\s,，:：!！。]{1,16}|各位领导|各位老师|老师|领导|您好|你好|早上好|下午好|dear [a-z .]{1,40}|to whom it may concern|"
    r"hello|hi there|hi|good (?:morning|afternoon|day|evening))(?=[^a-z0-9\u4e00-\u9fff★☆]|$)"
)
_COURTESY = re.compile(
    r"(?:谢谢您|谢谢你们|谢谢|多谢|感谢|辛苦了|此致|敬礼|thank you very much|thank you|many thanks|thanks|thx|best regards|"
    r"kind regards|with kind regards|regards|best wishes|best|yours sincerely|sincerely yours|sincerely|cheers)$"
)
_ASKING = re.compile(r"(?:请问|请|麻烦|烦请|please |pls )")
_ASKED = re.compile(r"(?:一下|吧|please|pls)$")
_NUMBER = re.compile(r"(?<![\d-])(20\d\d-\d{3,6})(?![\d-])")


def _bare(text: str) -> str:
    return text.strip(_EDGES)


def _trimmed(text: str, name: str) -> str:
    """Return words without what is said around them: greeting, thanks, the writer's name."""
    before = ""
    while before != text:
        before, text = text, _bare(text)
        if name and text.endswith(name) and len(text) > len(name):
            text = _own_line(text, name)
        greeting = _GREETING.match(text)
        if greeting is not None:
            text = text[greeting.end() :]
        courtesy = _COURTESY.search(text)
        if courtesy is not None and courtesy.start() and text[courtesy.start() - 1] in _EDGES:
            text = text[: courtesy.start()]
    return re.sub(r"\s+", " ", text)


def _own_line(text: str, name: str) -> str:
    """Cut the writer's name off the end, where it stands apart: part of a word is no signature."""
    head = text.removesuffix(name)
    return head if head and head[-1] in _EDGES else text


def read(words: str, name: str = "") -> Said | None:
    """Return what a mail's new words ask for, None where they are an ordinary mail. `name`: of its writer."""
    if not words.strip() or len(words.strip()) > LONGEST:
        return None
    text = _trimmed(fold(words), fold(name).strip())
    number = _NUMBER.search(text)
    if number is not None and (number.start() == 0 or number.end() == len(text)):
        text = _bare(text[: number.start()] + text[number.end() :])
    asking = _ASKING.match(text)
    plain = _bare(text[asking.end() :]) if asking is not None else text
    plain = _bare(_ASKED.sub("", plain)) or plain
    found = _BY_FORM.get(text) or _BY_FORM.get(plain)
    if found is None or ("?" in fold(words) and found.asks not in _MAY_ASK):
        return None
    return Said(found.asks, found.value, number[1] if number is not None else "")
