"""One `#` line with the text behind it → commands, or the problem with it.

`#[ticket] verb arguments words`, also `#verb ticket …`. Recognition runs on the folded text, words are
cut out of the original. A typo is never guessed: it becomes a problem with the corrected line ready.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mail_desk.tickets.commands_answers import Command, Problem, problem, shortened
from mail_desk.tickets.commands_arguments import TICKET, mails_at, take, tickets_at
from mail_desk.tickets.commands_verbs import ALIASES, VERBS, Argument, Verb, Wording, verb_at
from mail_desk.tickets.numerals import fold

Attempt = Literal["verb", "typo", "unknown"]

_HASH = re.compile(r" *(?:[•·*-] +)?#+")
_GAP = re.compile(r"[ :,、.~-]*")
_BUNCHED = re.compile(r"(20[0-9]{2})([0-9]{4})(?![0-9])")  # 20260003, as typed on a number pad
_WORD = re.compile(r"[a-z]+(?:[_-][a-z]+)*|[^\x00-\x7f\s、，。：；（）【】]{1,8}")
_WORDS_BEGIN = re.compile(r"[ \t]*[:,;、.!~-]*[ \t]*")
_QUESTION = re.compile(r"[ ]*(?:了|过|没|吧|么|吗|呢)*[ ]*[?]+[ .!]*|[ ]*(?:了|过)?(?:吗|么)[ .!]*")
_NEGATION = re.compile(r"(?:不|未|别|勿|无|没|非|莫|暂|not?[ -]|no[nt]?-|don|un|dis|cancel|never)")
_APPROVAL_GOES_ON = re.compile(
    r"[^\u3400-\u9fff]|$|按|照|该|上述|以上|拟|所|此|这|其|意见|呈|报|请|处理|办理|办结|结案|延期|延长|受理|不予受理|"
    r"移送|你|您|经办|科室|并|由|抓紧|尽快|执行|实施|发|放行|立案|转"
)
_OPEN_BEHIND = {Wording.NONE, Wording.PARAGRAPH}
_BARE_BEHIND = {Wording.NONE, Wording.PARAGRAPH, Wording.OPTIONAL}
_TICKET_MAY_FOLLOW = {Argument.KIND, Argument.PERSON, Argument.DATE, Argument.NOTICE}


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a piece of text says, and the text that belongs to none of it."""

    items: tuple[Command | Problem, ...]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A verb as it was called, before the text behind it is read."""

    verb: Verb
    alias: str
    argument: str  # given by the alias itself: 咨询
    tickets: tuple[str, ...]
    typed: str

    @property
    def line(self) -> str:
        """The call as one would type it, for suggestions."""
        return " ".join((f"#{self.tickets[0]}" if self.tickets else "#", self.alias)).replace("# ", "#", 1)


def attempt(line: str) -> Attempt | None:
    """Tell whether a line is, or was meant to be, a command. A bare number is none (see choices)."""
    folded = fold(line)
    hashes = _HASH.match(folded)
    if hashes is None:
        return None
    spaced = folded[hashes.end() : hashes.end() + 1] == " "
    tickets, position = _numbers(folded, hashes.end())
    found = verb_at(folded, position)
    if found is not None:
        heading = spaced and not tickets and _han_at(folded, found[2]) and not found[0].isascii()
        return None if heading else "verb"
    word = _WORD.match(folded, position)
    if tickets:
        return "unknown" if word is None or _closest(word[0]) is None else "typo"
    if word is None:
        return None
    if _closest(word[0]) is not None:
        return "typo"
    return None if spaced else "unknown"


def parse(text: str, today: date) -> Parsed:
    """Read a command with everything up to the next one. `text` begins with a line that is an attempt."""
    found = call(text)
    return _unknown(text, today) if found is None else carry(found[0], found[1], today)


def call(text: str) -> tuple[Call, str] | None:
    """Return the verb that `text` calls and the text behind it; None where no verb is known."""
    folded = fold(text)
    hashes = _HASH.match(folded)
    position = hashes.end() if hashes else 0
    tickets, position = _numbers(folded, position)
    mails, position = mails_at(folded, position)
    position = _skip(folded, position)
    if tickets or mails:  # the verb may stand on the next line
        position += len(folded[position:]) - len(folded[position:].lstrip("\n "))
    found = verb_at(folded, position)
    if found is None:
        return None
    alias, meaning, position = found
    spec = VERBS[meaning.verb]
    if folded[position : position + 1] == "#":  # #投诉#
        position += 1
    if spec.argument is not Argument.TICKET and (not tickets or spec.wording is Wording.NONE):
        several = spec.wording is not Wording.REQUIRED
        more, end = tickets_at(folded, _skip(folded, position), several=several)
        if more:
            tickets, position = [*tickets, *(t for t in more if t not in tickets)], end
    elif spec.argument is Argument.TICKET and not tickets:
        position, tickets = _first_of_two(folded, position)
    behind = text[position:]
    if mails:
        behind = " ".join(mails) + " " + behind
    return Call(meaning.verb, alias, meaning.argument, tuple(tickets), shortened(text)), behind


def _first_of_two(folded: str, position: int) -> tuple[int, list[str]]:
    """`#合并 2026-0005 2026-0003`: the first number is the ticket, the second the argument."""
    both, _ = tickets_at(folded, _skip(folded, position), several=True)
    if len(both) < 2:
        return position, []
    one, end = tickets_at(folded, _skip(folded, position), several=False)
    return end, one


def _numbers(folded: str, position: int) -> tuple[list[str], int]:
    start = _skip(folded, position)
    tickets, end = tickets_at(folded, start, several=True)
    if not tickets and (bunched := _BUNCHED.match(folded, start)):
        tickets, end = [f"{bunched[1]}-{bunched[2]}"], bunched.end()
    if not tickets:
        return [], start
    end = _skip(folded, end)
    return tickets, end + 1 if folded[end : end + 1] == "#" else end  # #2026-0003 #受理


def _skip(folded: str, position: int) -> int:
    gap = _GAP.match(folded, position)
    return gap.end() if gap else position


def carry(found: Call, behind: str, today: date) -> Parsed:
    """Read argument and words of a call out of the text behind it."""
    spec = VERBS[found.verb]
    argument, tickets = found.argument, found.tickets
    if not argument and spec.argument is not Argument.NONE:
        taken = take(spec.argument, behind, fold(behind), today)
        if isinstance(taken, str):
            return _argument_problem(found, behind, taken)
        argument, behind = taken.value, behind[taken.end :] if taken.value else behind
        if not tickets and spec.argument in _TICKET_MAY_FOLLOW:
            more, end = tickets_at(fold(behind), _skip(fold(behind), 0), several=False)
            tickets, behind = (tuple(more), behind[end:]) if more else (tickets, behind)
    if (doubt := _doubt(found, behind)) is not None:
        return doubt
    words, rest = _split_words(spec.wording, behind)
    if spec.wording is Wording.REQUIRED:
        if not words:
            return Parsed((problem("missing-words", found.typed, found.line, example=spec.example),))
        if len(tickets) > 1:
            return Parsed((problem("two-tickets", found.typed, found.typed),), words)
    arguments = argument.split() if spec.argument in (Argument.MAIL, Argument.MAIL_OPTIONAL) else [argument]
    return Parsed(
        tuple(
            Command(found.verb, ticket, value, words, found.typed)
            for ticket in tickets or ("",)
            for value in arguments or [""]
        ),
        rest,
    )


def _argument_problem(found: Call, behind: str, code: str) -> Parsed:
    spec = VERBS[found.verb]
    shown = shortened(behind) if code != "missing-argument" else found.line
    wrong = problem(code, found.typed, shown or found.line, example=spec.example)
    rest = behind.partition("\n")[2] if spec.wording is Wording.NONE else behind
    return Parsed((wrong,), rest.strip())


def _doubt(found: Call, behind: str) -> Parsed | None:
    """Refuse what only begins like a command: a question, or a longer word (#受理通知书…)."""
    wording = VERBS[found.verb].wording
    head, _, tail = behind.partition("\n")
    folded = fold(head)
    if wording in _BARE_BEHIND and _QUESTION.fullmatch(folded):
        return Parsed((problem("question", found.typed, found.typed, suggestion=found.line),), tail.strip())
    longer = wording in _OPEN_BEHIND and _han_at(folded, 0)
    if found.verb is Verb.APPROVE and not goes_on(folded):
        longer = True
    if longer:
        doubt = problem("two-readings", found.typed, found.typed, suggestion=found.line)
        return Parsed((doubt,), behind.strip())
    return None


def goes_on(folded: str) -> bool:
    """Tell whether 同意 followed by this still means consent: 同意延期 does, 同意书 does not."""
    return _APPROVAL_GOES_ON.match(folded) is not None


def _han_at(folded: str, position: int) -> bool:
    return "\u3400" <= folded[position : position + 1] <= "\u9fff"


def _split_words(wording: Wording, behind: str) -> tuple[str, str]:
    """Return the words of the verb, and the text that is not its."""
    head, _, tail = behind.partition("\n")
    gap = _WORDS_BEGIN.match(fold(head))
    begin = gap.end() if gap else 0
    colon = ":" in fold(head[:begin])
    head = head[begin:].rstrip()
    if wording is Wording.NONE:
        return "", f"{head}\n{tail}".strip()
    if wording is Wording.LINE:
        return head.strip(), tail.strip()
    if wording is Wording.PARAGRAPH and not (colon and not head):
        if not head or is_courtesy(head):
            return "", tail.strip()
        paragraph, _, rest = tail.partition("\n\n")
        return f"{head}\n{paragraph}".strip(), rest.strip()
    return f"{head}\n{tail}".strip(), ""


_COURTESY = frozenset(
    [
        "", "谢谢", "谢谢您", "谢谢你", "多谢", "感谢", "谢了", "辛苦了", "好", "好的", "收到", "收悉", "嗯", "知道了", "明白", "了解",
        "ok", "okay", "thanks", "thx", "thankyou", "manythanks", "thanksalot", "please", "pls", "gotit", "received", "noted",
        "吧", "了", "即可", "就行", "hi", "hello", "您好", "你好", "cheers", "thankyouverymuch",
    ]
)  # fmt: skip


def is_courtesy(text: str) -> bool:
    """Tell whether a line says nothing but thanks, yes, received or a greeting."""
    return (
        len(text) < 60
        and "".join(c for c in fold(text) if c.isalnum()) in _COURTESY
        and not is_doubtful(text)
    )


def is_doubtful(text: str) -> bool:
    """Tell whether a question mark or a 👎 takes back what a line otherwise says."""
    return re.search("[?？👎❌✗✘✖🚫⛔]", text) is not None


# --- what was not understood ----------------------------------------------------------------------


def _unknown(text: str, today: date) -> Parsed:
    """Read a `#` line without a known verb: keep its ticket, look for what was meant."""
    folded = fold(text)
    hashes = _HASH.match(folded)
    tickets, position = _numbers(folded, hashes.end() if hashes else 0)
    word = _WORD.match(folded, position)
    typed = shortened(text)
    _, _, tail = text.partition("\n")
    if word is None:
        ready = f"#{tickets[0]} show" if tickets else ""
        return Parsed((problem("missing-verb", typed, typed, suggestion=ready),), tail.strip())
    close = _closest(word[0])
    if close is None:
        return Parsed((problem("unknown-verb", typed, text[position : word.end()]),), tail.strip())
    alias, length = close
    carries = VERBS[ALIASES[alias].verb].wording in (Wording.REQUIRED, Wording.OPTIONAL)
    behind = text[position + length :]
    if not carries:
        behind, _, tail = behind.partition("\n")
    ready = f"#{tickets[0] + ' ' if tickets else ''}{alias}{_joined(behind)}".rstrip()
    if not is_complete(ready, today):  # it lacks something that only its writer knows
        wrong = problem("unknown-verb", typed, text[position : word.end()], hint=alias)
        return Parsed((wrong,), _joined(behind).strip() if carries else tail.strip())
    wrong = problem("unknown-verb", typed, text[position : word.end()], suggestion=ready, hint=alias)
    return Parsed((wrong,), "" if carries else tail.strip())


def is_complete(command: str, today: date) -> bool:
    """Tell whether a corrected line would run as it stands."""
    found = call(command)
    return found is not None and not any(isinstance(i, Problem) for i in carry(*found, today).items)


def _joined(behind: str) -> str:
    return behind if not behind.strip() or behind[0] in " \n:：" else f" {behind}"


_LATIN = sorted(a for a in ALIASES if a.isascii() and len(a) >= 4)
_HAN = sorted((a for a in ALIASES if not a.isascii() and len(a) >= 2), key=len, reverse=True)


def _closest(word: str) -> tuple[str, int] | None:
    """Return the alias that `word` was probably meant to be and how much of `word` it replaces.

    Never across a negation: 不结案 is not a misspelt 结案.
    """
    if word.isascii():
        found = difflib.get_close_matches(word, _LATIN, n=1, cutoff=0.75)
        if not found or _contradicts(word, found[0]):
            return None
        return found[0], len(word)
    # Two characters prove little: such an alias must be the whole word (#重要提示 is not #重开).
    near = (a for a in _HAN if len(a) > 2 or len(word) == len(a))
    hits = [a for a in near if _one_off(word[: len(a)], a) and not _contradicts(word, a)]
    longest = [a for a in hits if len(a) == len(hits[0])] if hits else []
    meant: Sequence[Verb] = list({ALIASES[a].verb for a in longest})
    return (longest[0], len(longest[0])) if len(meant) == 1 else None


def _one_off(word: str, alias: str) -> bool:
    """One character wrong, or two exchanged."""
    if len(word) != len(alias):
        return False
    different = sum(a != b for a, b in zip(word, alias, strict=True))
    return different == 1 or (different == 2 and sorted(word) == sorted(alias))


def _contradicts(word: str, alias: str) -> bool:
    return (_NEGATION.match(word) is None) is not (_NEGATION.match(alias) is None)


def names_ticket(text: str) -> bool:
    """Tell whether a ticket number stands in `text`."""
    return TICKET.search(fold(text)) is not None
