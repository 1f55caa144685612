"""Consent in plain words: what a leader writes without a verb, and what is almost a yes.

A leader's 同意, 不同意 … and 阅 are taken as they stand, other words are an instruction. A decision is
never read out of a sentence: `可以`, `好的`, `没意见，同意办结` under a request for approval become a
problem with the decision ready, so that nobody believes to have decided what was only noted.
"""

from __future__ import annotations

import re
from datetime import date

from mail_desk.tickets.commands_answers import Command, problem, shortened
from mail_desk.tickets.commands_choices import Choices
from mail_desk.tickets.commands_lines import Call, Parsed, carry, goes_on
from mail_desk.tickets.commands_verbs import Verb, verb_at
from mail_desk.tickets.numerals import fold

_YES = re.compile(
    r"(?:可以的?|可|行|好|好的|好吧|准|照办|照此办理|没问题|(?:没有?|无)(?:意见|异议|不同意见)|"
    r"ok|okay|yes|sure|fine|no objections?|go ahead|lgtm)[ .!~,👍]*"
)
_NO = re.compile(r"(?:不行|不可以?|不妥|不|否|驳回|再议|缓办|no|nope|not yet)[ .!~,👎]*")
_SPEAKS_OF_CONSENT = re.compile(
    r"同意|批准|可以|照办|没意见|无意见|异议|\bapprov|\bagree|\bok\b|\byes\b|\bno\b"
)
_TAKEN_BACK = re.compile(r"不|未|别|暂|缓|先|但|除|吗|[?]|\bnot\b|n't|\bbut\b|\bunless\b|\bif\b|\bno\b")
_I = re.compile(r"我(?:本人)?")


def almost(text: str, choices: Choices) -> Parsed | None:
    """Read a mail that is nothing but a loose yes or no under a request for a decision."""
    folded = fold(text.strip())
    if _YES.fullmatch(folded) and choices.offers(Verb.APPROVE):
        ready = choices.only(Verb.APPROVE)
    elif _NO.fullmatch(folded) and choices.offers(Verb.REFUSE):
        ready = choices.only(Verb.REFUSE)
    else:
        return None
    return Parsed((problem("two-readings", text, text, suggestion=ready),))


def leader_says(text: str, choices: Choices) -> Parsed:
    """Read a leader's words in answer to a letter about one ticket. `rest` is the instruction."""
    text = text.strip()
    line, _, after = text.partition("\n")
    folded = fold(line)
    me = _I.match(folded)
    start = me.end() if me else 0
    found = verb_at(folded, start)
    if found is not None:
        alias, meaning, end = found
        behind = line[end:]
        if meaning.verb is Verb.READ and (end == len(line) or folded[end] in " ,.;!:、"):
            rest = f"{behind.lstrip(' ,，.。;；!！:：、')}\n{after}".strip()
            return Parsed((Command(Verb.READ, "", "", "", shortened(line)),), rest)
        if meaning.verb in (Verb.APPROVE, Verb.REFUSE):
            if not goes_on(folded[end:]) or folded[end:].startswith("见"):
                return Parsed((problem("two-readings", line, line, suggestion=f"#{alias}"),), text)
            return carry(Call(meaning.verb, alias, "", (), shortened(line)), f"{behind}\n{after}", date.min)
    if choices.offers(Verb.APPROVE) and _SPEAKS_OF_CONSENT.search(fold(text)):
        ready = "" if _TAKEN_BACK.search(fold(text)) else f"{choices.only(Verb.APPROVE)} {text}"
        ready = ready if choices.only(Verb.APPROVE) else ""
        return Parsed((problem("two-readings", line, line, suggestion=ready),), "" if ready else text)
    return Parsed((), text)
