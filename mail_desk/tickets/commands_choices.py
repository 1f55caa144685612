"""The first line of an answer without `#`: the number of a choice, or exactly a verb offered there.

A digit is a command only as the first line and only where it was offered; quantities and dates
(`2 years ago`, `3个部门`, `11-20`) are words. What could be either is a problem, never a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from mail_desk.tickets.commands_answers import Command, Offer, Problem, problem, shortened
from mail_desk.tickets.commands_arguments import TICKET
from mail_desk.tickets.commands_lines import (
    Call,
    Parsed,
    attempt,
    call,
    carry,
    is_complete,
    is_courtesy,
    is_doubtful,
)
from mail_desk.tickets.commands_verbs import (
    KIND_NAMES,
    SAME_WHEN_OFFERED,
    VERBS,
    Meaning,
    Verb,
    Wording,
    verb_at,
)
from mail_desk.tickets.numerals import NUMERAL, fold, is_quantity, numeral

_NUMBER = re.compile(
    r"[\"']?(?:(?:我)?(选择|选|回复|答)|(option|choice|number|item|select|choose|no\.)|(#))? ?"
    rf"(第)?[ ]?[(\[【]?[ ]?({NUMERAL})[ ]?[)\]】]?[\"']?"
)
_MANY = re.compile(r"[0-9]{1,2}(?:(?: ?[,、;/&+和] ?| and | +)[0-9]{1,2})+[ .!]*")
_SEPARATOR = re.compile(r" *[.:、,);!-]+ *| +")
_GREETING = re.compile(r"(?:好的?|收到|嗯|行|ok|okay|您好|你好|hi|hello|谢谢|thanks)[ ,.!~、:]+")
_GLUED = re.compile(r"[a-z#+=*@&_|\\]")  # 3#炉, 3D, 4S店, 1+1
_EITHER = re.compile(r" ?(?:或者?|和|与|到|至|及|跟) ?[0-9一二三四五六七八九]")
_NO = re.compile(r" ?(?:暂|先|还)?(?:不(?!过)|缓|勿|未|否|驳)|(?:no|not|don't|disagree|refuse)\b")
_POLITE = re.compile(r"(?:请|予以|我|拟请|please )")

_PLAIN = (
    Verb.HELP,
    Verb.LIST,
    Verb.SHOW,
    Verb.EXPLAIN,
    Verb.UNDO,
)  # alone in a mail they need neither offer nor #
# Decisions, and what a leader says inside the house: 督办 请月底前办结.
_WORDS_BEHIND_A_SPACE = (
    Verb.APPROVE, Verb.REFUSE, Verb.RELEASE, Verb.REJECT, Verb.INSTRUCT, Verb.SUPERVISE,
)  # fmt: skip
_OPENING_BRACKETS, _CLOSING_BRACKETS = tuple("（(【[“\"「《'‘"), tuple("）)】]”\"」》'’")
_LONGEST_CHOICE = 2000  # characters; a longer line is prose


@dataclass(frozen=True, slots=True)
class _Choice:
    """An offer with its command read."""

    offer: Offer
    call: Call
    behind: str  # argument and words that the offer itself brings

    @property
    def ready(self) -> str:
        return self.offer.command.strip()

    @property
    def ticket(self) -> str:
        return self.call.tickets[0] if self.call.tickets else ""

    @property
    def about(self) -> str:
        """What it is about: two choices about one thing are not taken together. Leave and staff go together."""
        return self.ticket or (self.ready if self.call.verb in (Verb.LEAVE, Verb.PEOPLE) else "")


class Choices:
    """The choices of the letter that is answered."""

    def __init__(self, offers: Sequence[Offer], today: date) -> None:
        self._today = today
        self._choices: dict[int, _Choice] = {}
        for offer in offers:
            found = call(offer.command)
            if found is not None:
                self._choices.setdefault(offer.number, _Choice(offer, *found))
        tickets = [c.ticket for c in self._choices.values()]
        self._bundle = len(set(tickets)) > 1

    def first_line(self, line: str, after: str) -> Parsed | None:
        """Read the first line of an answer; `after` is what follows it. None: it is words."""
        line = line.strip()
        if len(line) > _LONGEST_CHOICE:
            return None
        if line[:1] in _OPENING_BRACKETS and line[-1:] in _CLOSING_BRACKETS:
            line = line[1:-1].strip()
        return (
            self._hash_forgotten(line, after)
            or self._items(line, after)
            or self._many(line, after)
            or self._number(line, after)
            or self._verb(line, after)
        )

    def offered_number(self, line: str) -> int | None:
        """Return the offered number that a line consists of, else None."""
        line = line.strip()
        greeting = _GREETING.match(fold(line))
        line = line[greeting.end() :] if greeting else line
        folded = fold(line)
        m = _NUMBER.match(folded)
        alone = m is not None and _is_bare(line[m.end() :]) and not is_quantity(folded[m.end() :])
        number = numeral(m[5]) if m and alone else None
        return number if number in self._choices else None

    def offers(self, verb: Verb) -> bool:
        """Tell whether a choice says `verb`, or what means the same there."""
        return self._offers(Meaning(verb))

    def meant(self, item: Command | Problem) -> Command | Problem:
        """Return a command as the letter answered means it: 同意 under a request for release releases."""
        if isinstance(item, Problem) or any(c.call.verb is item.verb for c in self._choices.values()):
            return item
        same = SAME_WHEN_OFFERED.get(item.verb)
        about = {c.ticket for c in self._choices.values() if c.call.verb is same}
        return (
            replace(item, verb=same)
            if same and (item.ticket in about or (about and not item.ticket))
            else item
        )

    def only(self, verb: Verb) -> str:
        """Return the command of the one choice that says `verb`, "" where there are several."""
        fitting = [choice for choice in self._choices.values() if _fits(choice, Meaning(verb))]
        return fitting[0].ready if len(fitting) == 1 else ""

    def command(self, number: int) -> str:
        """Return the command of an offered number, "" where it lacks words."""
        choice = self._choices.get(number)
        return "" if choice is None or choice.offer.needs_words else choice.ready

    def _hash_forgotten(self, line: str, after: str) -> Parsed | None:
        """`2026-0003 受理`: a ticket and a verb, without the # that says it is meant."""
        found = call(f"#{line}") if TICKET.match(fold(line)) else None
        if found is None:
            return None
        words = VERBS[found[0].verb].wording in (Wording.REQUIRED, Wording.OPTIONAL)
        ready = f"#{line}\n{after}".strip() if words else f"#{line}"
        if attempt(f"#{line}") != "verb" or not is_complete(ready, self._today):
            return None
        return Parsed(
            (problem("missing-hash", line, line, suggestion=ready),), "" if words else after.strip()
        )

    # --- 1同意 3不同意 ----------------------------------------------------------------------------

    def _items(self, line: str, after: str) -> Parsed | None:
        """Answers to a bundle, several in a line or one a line."""
        first = self._pairs(line)
        if first is None or (len(first) == 1 and not self._bundle):
            return None
        items, lines = list(first), after.split("\n")
        while lines and (more := self._pairs(lines[0].strip()) if lines[0].strip() else []) is not None:
            items += more
            lines.pop(0)
        return Parsed(tuple(items), "\n".join(lines).strip())

    def _pairs(self, line: str) -> list[Command | Problem] | None:
        folded, position = fold(line), 0
        found: list[Command | Problem] = []
        while position < len(folded):
            number = re.compile(r"[ ,、;.]*([0-9]{1,2})[ .:、)]*").match(folded, position)
            verb = verb_at(folded, number.end()) if number else None
            if number is None or verb is None or is_quantity(folded[number.end(1) :]):
                return found if found and _is_bare(line[position:]) else None
            typed = line[number.start() : verb[2]].strip(" ,、;.")
            found.append(self._pair(int(number[1]), verb[1], typed))
            position = verb[2]
        return found or None

    def _pair(self, number: int, meaning: Meaning, typed: str) -> Command | Problem:
        choice = self._choices.get(number)
        if choice is None:
            return problem("no-such-number", typed, str(number))
        if _fits(choice, meaning):
            return self._run(choice, "", typed).items[0]
        if not self._bundle or not choice.ticket:
            return problem("two-readings", typed, typed)
        spec = VERBS[meaning.verb]
        called = Call(meaning.verb, meaning.verb.value, meaning.argument, (choice.ticket,), typed)
        if spec.wording is Wording.REQUIRED:
            return problem("missing-words", typed, called.line, example=spec.example)
        return carry(called, "", self._today).items[0]

    # --- 1 3 --------------------------------------------------------------------------------------

    def _many(self, line: str, after: str) -> Parsed | None:
        folded = fold(line)
        if not _MANY.fullmatch(folded):
            return None
        numbers = list(dict.fromkeys(int(n) for n in re.findall(r"[0-9]+", folded)))
        chosen = [self._choices[n] for n in numbers if n in self._choices]
        if len(chosen) != len(numbers):
            return None
        if len({c.about for c in chosen}) < len(chosen) or any(c.offer.needs_words for c in chosen):
            return Parsed((problem("two-readings", line, line),), after.strip())
        return Parsed(tuple(i for c in chosen for i in self._run(c, "", line).items), after.strip())

    # --- 2 请补充营业执照 ---------------------------------------------------------------------------

    def _number(self, line: str, after: str) -> Parsed | None:
        folded = fold(line)
        m = _NUMBER.match(folded)
        number = numeral(m[5]) if m else None
        if m is None or number is None:
            return None
        meant = bool(m[1] or m[2] or m[3] or m[4])
        end = m.end() + (1 if meant and folded[m.end() : m.end() + 1] in ("项", "号", "个") else 0)
        behind = line[end:]
        bare = _is_bare(behind)
        if folded[end : end + 1] == "%" or (
            _GLUED.match(folded, m.end(5)) and not bare and verb_at(folded, end) is None
        ):
            return None
        if number in self._choices and _EITHER.match(folded, m.end(5)):
            return Parsed((problem("two-readings", line, line),), after.strip())
        if not meant and (is_quantity(folded[end:]) or not (bare or _separated(m[5], folded[end:]))):
            return None
        choice = self._choices.get(number)
        if choice is None:
            if bare and (self._choices or not after.strip()):
                return Parsed((problem("no-such-number", line, line),), after.strip())
            return None
        if bare and (_is_empty(behind) or not choice.offer.needs_words):
            return self._bare(choice, line, after)
        return self._with_words(choice, line, behind, after)

    def _bare(self, choice: _Choice, line: str, after: str) -> Parsed:
        if choice.offer.needs_words or VERBS[choice.call.verb].wording is Wording.OPTIONAL:
            return self._run(choice, after, line)
        done = self._run(choice, "", line)
        return Parsed(done.items, "\n\n".join(t for t in (done.rest, after.strip()) if t))

    def _with_words(self, choice: _Choice, line: str, behind: str, after: str) -> Parsed:
        gap = _SEPARATOR.match(fold(behind))
        words = behind[gap.end() :] if gap else behind
        apart = bool(gap and gap[0]) or line[: len(line) - len(behind)].endswith((" ", "　"))
        if choice.call.verb is Verb.READ and not self._bundle and apart:
            read = self._run(choice, "", line)  # 1 请月底前报我: read, and an instruction
            return Parsed(read.items, f"{words}\n{after}".strip())
        if choice.call.verb is Verb.APPROVE and _NO.match(fold(words)):  # 1 不同意, 1 暂缓: no consent
            return Parsed((problem("two-readings", line, line),), after.strip())
        found = verb_at(fold(words))
        if found is not None:
            if _fits(choice, found[1]):
                remainder = words[found[2] :]
                kind = KIND_NAMES.at(fold(remainder).lstrip(" "))
                if _is_bare(remainder) or (kind and _is_bare(remainder.strip()[kind[1] :])):
                    return self._bare(choice, line, after)
                if not _joins(remainder):
                    return Parsed(
                        (problem("two-readings", line, line, suggestion=choice.ready),), after.strip()
                    )
                words = remainder
            elif self._offers(found[1]) and (_is_bare(words[found[2] :]) or fold(words)[found[2]] in ":,;"):
                return Parsed((problem("two-readings", line, line),), after.strip())
        spec = VERBS[choice.call.verb]
        if _enumerates(line, after):
            return Parsed((problem("two-readings", line, line),), f"{line}\n{after}".strip())
        if not choice.offer.needs_words and spec.wording is not Wording.OPTIONAL:
            doubt = problem("two-readings", line, line, suggestion=choice.ready)
            return Parsed((doubt,), f"{words}\n{after}".strip())
        if _plural_noun(words) and not (gap and gap[0].strip()):
            text = f"{words}\n{after}".strip()
            ready = f"{choice.ready} {text}"
            return Parsed((problem("two-readings", line, line, suggestion=ready),))
        return self._run(choice, f"{words}\n{after}", line)

    def _offers(self, meaning: Meaning) -> bool:
        return any(_fits(choice, meaning) for choice in self._choices.values())

    def _run(self, choice: _Choice, words: str, typed: str) -> Parsed:
        called = Call(
            choice.call.verb, choice.call.alias, choice.call.argument, choice.call.tickets, shortened(typed)
        )
        return carry(
            called, f"{choice.behind.rstrip()} {words}" if words.strip() else choice.behind, self._today
        )

    # --- 受理 -------------------------------------------------------------------------------------

    def _verb(self, line: str, after: str) -> Parsed | None:
        folded = fold(line)
        polite = _POLITE.match(folded)
        start = polite.end() if polite else 0
        found = verb_at(folded, start)
        if found is None:
            return None
        alias, meaning, end = found
        if meaning.verb is Verb.NOT_COMPLAINT and not meaning.argument:
            begin = end + len(folded[end:]) - len(folded[end:].lstrip(" :,-"))
            if kind := KIND_NAMES.value_at(folded, begin):
                meaning, end = Meaning(meaning.verb, kind[0]), kind[1]
        behind = line[end:]
        fitting = [c for c in self._choices.values() if _fits(c, meaning)]
        if _is_empty(behind) or (_is_bare(behind) and not any(c.offer.needs_words for c in fitting)):
            return self._bare_verb(
                line, after, Call(meaning.verb, alias, meaning.argument, (), line), fitting
            )
        if len(fitting) != 1:
            return None
        return self._verb_with_words(fitting[0], line, behind, after)

    def _bare_verb(self, line: str, after: str, meaning: Call, fitting: list[_Choice]) -> Parsed | None:
        if len(fitting) == 1:
            return self._bare(fitting[0], line, after)
        if len(fitting) > 1:
            if meaning.argument or meaning.verb is not Verb.NOT_COMPLAINT:
                return Parsed((problem("two-readings", line, line),), after.strip())
            example = VERBS[meaning.verb].example
            return Parsed((problem("missing-argument", line, line, example=example),), after.strip())
        if is_courtesy(line):
            return None
        if meaning.verb in _PLAIN and not after.strip():
            return Parsed((Command(meaning.verb, "", "", "", shortened(line)),))
        if after.strip() and not self._choices:
            return None
        return self._not_offered(line, after, meaning)

    def _not_offered(self, line: str, after: str, meaning: Call) -> Parsed:
        ready = meaning.line
        takes = VERBS[meaning.verb].wording in (Wording.REQUIRED, Wording.OPTIONAL)
        if takes and after.strip():
            ready, after = f"{ready} {after.strip()}", ""
        if not is_complete(ready, self._today):
            ready = ""  # it lacks something that only its writer knows
        return Parsed((problem("not-offered", line, line, suggestion=ready),), after.strip())

    def _verb_with_words(self, choice: _Choice, line: str, behind: str, after: str) -> Parsed | None:
        """`答复：……` and `不同意，……` are plain; `答复 已寄出` may mean that it has been sent."""
        folded, verb = fold(behind), choice.call.verb
        wording = VERBS[verb].wording
        if verb is Verb.READ:
            return None  # 阅。请抓紧办理: a leader's two words
        if not choice.offer.needs_words and wording is not Wording.OPTIONAL:
            if folded[0] in ",.;:!" or (folded[0] == " " and not behind.strip()[0].isascii()):
                doubt = problem("two-readings", line, line, suggestion=choice.ready)
                return Parsed((doubt,), f"{behind.lstrip(' ,，.。;；:：!！')}\n{after}".strip())
            return None
        decides = verb in _WORDS_BEHIND_A_SPACE
        if folded[0] == ":" or (decides and folded[0] in ",.;! "):
            return self._run(choice, f"{behind.lstrip(' :：,，;；.。!！')}\n{after}", line)
        if folded[0] == " ":
            ready = f"{choice.ready} {behind.strip()}\n{after}".strip()
            return Parsed((problem("two-readings", line, line, suggestion=ready),))
        return None


def _fits(choice: _Choice, meaning: Meaning) -> bool:
    offered = choice.call.verb
    same = offered is meaning.verb
    if not same:
        same = SAME_WHEN_OFFERED.get(meaning.verb) is offered
    if not same or not meaning.argument:
        return same
    kind = choice.call.argument or (KIND_NAMES.value_at(fold(choice.behind).strip()) or ("",))[0]
    return kind == meaning.argument


def _is_bare(behind: str) -> bool:
    """Tell whether there is nothing but punctuation, an emoji or thanks."""
    return is_courtesy(behind) or _is_empty(behind)


def _is_empty(behind: str) -> bool:
    """Tell whether there is nothing but punctuation and symbols; a question mark or a 👎 is something."""
    return all(unicodedata.category(c)[0] in "PSZMC" for c in behind) and not is_doubtful(behind)


def _separated(number: str, folded: str) -> bool:
    """Tell a numeral from the beginning of a word (一切, 三方) by what stands behind it."""
    return number.isascii() or _SEPARATOR.match(folded) is not None


def _joins(remainder: str) -> bool:
    return fold(remainder)[:1] in " :,;.、\n"


def _enumerates(line: str, after: str) -> bool:
    """Tell a list (1. … 2. …) from a choice."""
    first = _NUMBER.match(fold(line.strip()))
    number = numeral(first[5]) if first else None
    for other in after.split("\n"):
        m = _NUMBER.match(fold(other.strip()))
        if (
            m
            and number is not None
            and numeral(m[5]) == number + 1
            and not _is_bare(other.strip()[m.end() :])
        ):
            return True
    return False


_NOT_NOUNS = frozenset(
    ["this", "as", "is", "us", "yes", "was", "has", "its", "his", "thus", "does", "always", "perhaps"]
)


def _plural_noun(words: str) -> bool:
    """`2 documents are missing`: perhaps a quantity."""
    first = re.match(r"[a-z]+", fold(words))
    return first is not None and first[0].endswith("s") and first[0] not in _NOT_NOUNS
