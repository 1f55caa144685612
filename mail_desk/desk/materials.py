"""What a complaint must hold (Order 3 of 2020, Art. 10 to 12): the checklist of the handler who examines it.

A handler asks for what is missing by the numbers of the procedure: `补正 1 4`. The notice spells them out in
the complainant's language, and the handler's own words follow. Numbers count only where the first line of the
words holds nothing else: `补正 2 份合同` asks for two contracts.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from mail_desk.config import Language
from mail_desk.desk.case import Case
from mail_desk.outbound.letters import Choice, NumberedList
from mail_desk.tickets.numerals import fold

_NUMBERS = re.compile(
    r" *(?:第|items? )?([0-9]{1,2}(?: *[、,;/ 和] *(?:第)?[0-9]{1,2}(?![0-9]))*)[项条.。;, ]*"
)


def spelled_out(case: Case, words: str, language: Language) -> str | tuple[int, ...]:
    """Return words to a complainant with the numbers of their first line as text.

    Instead: the numbers that the procedure's list does not have.
    """
    known = {m.number: m for m in case.procedure.materials}
    first, _, own = words.strip().partition("\n")
    typed = _NUMBERS.fullmatch(fold(first))
    if typed is None or not known:
        return words
    numbers = sorted({int(n) for n in re.findall(r"[0-9]+", typed[1])})
    unknown = tuple(n for n in numbers if n not in known)
    if unknown:
        return unknown
    stop, end = ("；", "。") if language == "zh" else (";", ".")
    last = len(numbers)
    lines = [
        f"{place}. {known[number].text(language)}{end if place == last else stop}"
        for place, number in enumerate(numbers, 1)
    ]
    return "\n".join([*lines, *([own.strip()] if own.strip() else [])])


def checklist(case: Case, language: Language) -> tuple[tuple[int, str], ...]:
    """Return (number, what a complaint must hold) in the order of the numbers."""
    rows = sorted(case.procedure.materials, key=lambda m: m.number)
    return tuple((m.number, m.text(language)) for m in rows)


def by_number(case: Case, steps: Collection[Choice], language: Language) -> tuple[NumberedList, ...]:
    """Return the lists whose numbers the offered steps take: what is missing, why a complaint is refused."""
    verbs = {parts[1] for step in steps if len(parts := step.command.split()) > 1}
    lists = []
    if "request" in verbs and case.procedure.materials:
        lists.append(NumberedList("request", checklist(case, language)))
    if "decline" in verbs and (grounds := case.procedure.grounds_of("decline")):
        lists.append(NumberedList("decline", tuple((g.number, g.text(language)) for g in grounds)))
    return tuple(lists)
