"""What stands between a verb and its words: grounds, names, days, dates, references.

Each rule looks at the text behind the verb and says what it took and where the words begin, or which
problem it is. A ground that is not named is left empty: the desk offers the list, nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from mail_desk.tickets.coming_days import coming_at_start
from mail_desk.tickets.commands_verbs import KIND_NAMES, NOTICE_NAMES, Argument
from mail_desk.tickets.numerals import NUMERAL, is_quantity, numeral
from mail_desk.tickets.spoken_dates import date_at_start

_MOST_NUMBERS = 50  # tickets or mails named by one command
TICKET = re.compile(
    r"[\[(【〔{\"]?(?:no\.? ?|编号:? ?|第)?(20[0-9]{2}) ?- ?([0-9]{1,6})(?![0-9]|[-./][0-9])[\])】〕}\"]?号?"
)
MAIL = re.compile(r"[\[(【]?m ?-?([0-9]{1,9})(?![0-9a-z])[\])】]?")
_GAP = re.compile(r"[ \n:,;、.!~-]*")
_LIST = re.compile(r"[ ,、;和及与&]*(?:and )?")

_GROUND = re.compile(
    r"(?:根据|依据|理由|按照?|ground|reason|no\.?)?[ :]*(?:第?十四条|第?14条|art(?:icle|\.)? ?14)?[ ,]*"
    rf"(第)? ?([(\[])?({NUMERAL})([)\]])?(?: ?(项|款|条))?"
)
_ANOTHER = re.compile(
    r" ?(?:[-,、/&和及到至~]|and|or) ?第?(?:[0-9]+|[一二三四五六七八九十]+)"
)  # 1、2 or 20-30
_GROUND_KEY = re.compile(r"([a-z]+(?:-[a-z]+)+)(?![a-z0-9])|([a-z]{3,20})(?= ?[:\n])")
_DAYS = re.compile(
    rf"(?:延长|延期|再延?|by|for|to)?[ :]*({NUMERAL}) ?(?:个)?(?:工作日|天|日|(?:(?:working|business) ?)?days?\b|d\b)?"
)
_LONGER = re.compile(r" ?(?:个)?(?:月|周|星期|年|季度|小时|months?\b|weeks?\b|years?\b|hours?\b)")
_HAN_NAME = re.compile(r"[^\s,，:：;；.。、!()\"]+")
_TITLE = re.compile(r"(?:同志|科长|处长|局长|主任|老师|先生|女士|办理|处理|来办|负责|跟进)+$")
_LATIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_'-]*(?:\.(?=\s[A-Z]))?")
_OFFICE = re.compile(
    r"[^\s,:;.、]{1,30}?(?:局|委员会|委|厅|院|中心|海关|办公室|管委会|政府)(?=请|关于|就|是否|对于)"
)
_LOOKS_LIKE_DAY = re.compile(
    r"[0-9上下本这周星礼前昨明后去今]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|last|next)"
)


@dataclass(frozen=True, slots=True)
class Taken:
    """The argument, and where in the text the words begin."""

    value: str
    end: int


def take(kind: Argument, text: str, folded: str, today: date) -> Taken | str:
    """Return the argument that `text` (with its fold) begins with, or the code of the problem."""
    start = _GAP.match(folded)
    begin = start.end() if start else 0
    taken = _RULES[kind](text[begin:], folded[begin:], today)
    return taken if isinstance(taken, str) else Taken(taken.value, begin + taken.end)


def ticket_number(match: re.Match[str]) -> str:
    """Return the one spelling of a ticket number: 2026-0003."""
    return f"{match[1]}-{int(match[2]):04d}"


def tickets_at(folded: str, position: int, *, several: bool) -> tuple[list[str], int]:
    """Return the ticket numbers that stand at `position`, and where they end."""
    found: list[str] = []
    while match := TICKET.match(folded, position):
        number = ticket_number(match)
        if number not in found:
            found.append(number)
        position = match.end()
        if not several or len(found) >= _MOST_NUMBERS:
            break
        gap = _LIST.match(folded, position)
        if gap is None or not TICKET.match(folded, gap.end()):
            break
        position = gap.end()
    return found, position


def mails_at(folded: str, position: int) -> tuple[list[str], int]:
    """Return the references of waiting mails (M12) that stand at `position`, and where they end."""
    found: list[str] = []
    while len(found) < _MOST_NUMBERS and (match := MAIL.match(folded, position)):
        found.append(f"M{int(match[1])}")
        gap = _LIST.match(folded, match.end())
        position = match.end()
        if gap is None or not MAIL.match(folded, gap.end()):
            break
        position = gap.end()
    return list(dict.fromkeys(found)), position


def _none(_text: str, _folded: str, _today: date) -> Taken | str:
    return Taken("", 0)


def _kind(_text: str, folded: str, _today: date) -> Taken | str:
    found = KIND_NAMES.value_at(folded)
    return Taken(*found) if found else "missing-argument"


def _notice(_text: str, folded: str, _today: date) -> Taken | str:
    found = NOTICE_NAMES.value_at(folded)
    return Taken(*found) if found else "missing-argument"


def _ground(_text: str, folded: str, _today: date) -> Taken | str:
    if (m := _GROUND.match(folded)) and (number := numeral(m[3])) and _stands_alone(m, folded):
        another = _ANOTHER.match(folded, m.end())
        if another and not is_quantity(folded[another.end() : another.end() + 12]):
            return "bad-argument"  # one ground, not two
        return Taken(str(number), m.end())
    if key := _GROUND_KEY.match(folded):
        return Taken(key[1] or key[2], key.end())
    return Taken("", 0)


def _stands_alone(m: re.Match[str], folded: str) -> bool:
    """Tell a ground from a quantity: `5 民事纠纷` is one, `3个部门` and `一切` are not."""
    if m[1] or m[5] or (m[2] and m[4]):
        return True
    behind = folded[m.end() : m.end() + 12]
    if m[3].isascii():
        return not (behind and behind[0] not in " ,:;、" and is_quantity(behind)) and len(m[3]) <= 2
    return not behind or behind[0] in " \n:,;.、"


def _days(_text: str, folded: str, _today: date) -> Taken | str:
    m = _DAYS.match(folded)
    number = numeral(m[1]) if m else None
    if m is None or number is None:
        return "missing-argument"
    if number == 0 or _LONGER.match(folded, m.end(1)) or _ANOTHER.match(folded, m.end(1)):
        return "bad-argument"
    return Taken(str(number), m.end())


def _date(_text: str, folded: str, today: date) -> Taken | str:
    lead = re.match(r"(?:于|自|从|日期|on|as of|since)[ :]*", folded)
    begin = lead.end() if lead else 0
    line = folded[begin:].split("\n", 1)[0]
    if not line.strip() or _GAP.fullmatch(line):
        return Taken("", 0)
    if found := date_at_start(line, today):
        return "future-date" if found[0] > today else Taken(found[0].isoformat(), begin + found[1])
    # A day further on in the line must not be passed over: without one, today would count.
    later = any(date_at_start(line[at:], today) for at in range(1, min(len(line), 120)))
    return "bad-date" if later or _LOOKS_LIKE_DAY.match(line) else Taken("", 0)


def _coming(_text: str, folded: str, today: date) -> Taken | str:
    lead = re.match(r"(?:到|至|直到|延至|缓至|until|till|til|to|on)[ :]*", folded)
    begin = lead.end() if lead else 0
    if found := coming_at_start(folded[begin:], today):
        behind = re.compile(r" ?(?:再说|再办|为止|止)").match(folded, begin + found[1])
        return Taken(found[0].isoformat(), behind.end() if behind else begin + found[1])
    return "bad-coming-day" if folded[begin:].strip() else "missing-argument"


def _category(text: str, folded: str, _today: date) -> Taken | str:
    lead = re.match(r"(?:为|到|至|入|属于|as|to|under)[ :]+", folded)
    begin = lead.end() if lead else 0
    end = (text + "\n").index("\n", begin)
    return Taken(text[begin:end].strip(' \t.。;；“”"'), end)  # "": the desk offers the list


def _person(text: str, folded: str, _today: date) -> Taken | str:
    lead = re.match(r"(?:请|给|由|予|to )[ :]*", folded)
    begin = lead.end() if lead else 0
    name = _name(text, begin, words=2)
    if name is None:
        return "missing-argument"
    shown = _TITLE.sub("", name) or name
    return Taken(shown, begin + len(name))


def _organ(text: str, folded: str, _today: date) -> Taken | str:
    return _office(text, folded, whole_line=False)


def _body(text: str, folded: str, _today: date) -> Taken | str:
    return _office(text, folded, whole_line=True)


def _office(text: str, folded: str, *, whole_line: bool) -> Taken | str:
    lead = re.match(r"(?:给|至|到|向|to )[ :]*", folded)
    begin = lead.end() if lead else 0
    line = folded[begin:].split("\n", 1)[0]
    if office := _OFFICE.match(line):
        return Taken(text[begin : begin + office.end()], begin + office.end())
    colon = line.find(":")
    latin = line[:1].isascii()
    if latin and 0 < colon <= 80:
        return Taken(text[begin : begin + colon].strip(), begin + colon)
    if latin and whole_line and line.strip():
        end = next((i for i, c in enumerate(line) if c in ",;"), len(line))
        return Taken(text[begin : begin + end].strip(), begin + end)
    name = _name(text, begin, words=1)
    return "missing-argument" if name is None else Taken(name, begin + len(name))


def _name(text: str, begin: int, *, words: int) -> str | None:
    """Return one Chinese name, one key, or up to `words` capitalised Latin words."""
    line = text[begin:].split("\n", 1)[0]
    if not line.strip():
        return None
    first = _LATIN_NAME.match(line)
    if first is None:
        han = _HAN_NAME.match(line)
        return han[0] if han else None
    end = first.end()
    for _ in range(words - 1):
        more = re.compile(r" +([A-Z][A-Za-z'-]*)").match(line, end)
        if more is None or not first[0][0].isupper():
            break
        end = more.end()
    return line[:end]


def _ticket(_text: str, folded: str, _today: date) -> Taken | str:
    m = re.compile(r"(?:to |into |入|到|至)?").match(folded)
    found, end = tickets_at(folded, m.end() if m else 0, several=False)
    return Taken(found[0], end) if found else "missing-argument"


def _mail(_text: str, folded: str, _today: date) -> Taken | str:
    found, end = mails_at(folded, 0)
    if found:
        return Taken(" ".join(found), end)
    plain = re.match(r"([0-9]{1,9})(?![0-9])", folded)
    return Taken(f"M{int(plain[1])}", plain.end()) if plain else "missing-argument"


def _mail_optional(_text: str, folded: str, _today: date) -> Taken | str:
    found, end = mails_at(folded, 0)
    return Taken(" ".join(found), end)


_DAY_AHEAD = r"(20[0-9]{2}-[0-9]{2}-[0-9]{2})(?![0-9-])"
_OWED = re.compile(rf"(?:([^\s:,;.、]{{1,20}})[ :]+)?{_DAY_AHEAD}(?: ?(?:之前|以前|前))?")
_SUPERVISION = re.compile(
    r"s ?([0-9]{1,3})(?![0-9a-z])|第 ?([0-9]{1,3}|[一二三四五六七八九十]{1,3}) ?项|督办 ?([0-9]{1,3})(?![0-9])"
)


def _owed(text: str, folded: str, _today: date) -> Taken | str:
    m = _OWED.match(folded)
    if m is None:
        return Taken("", 0)  # a day in plain words is read with them: `spoken_deadlines`
    if _day_ahead(m[2]) is None:
        return "bad-date"
    return Taken(f"{text[: m.end(1)]} {m[2]}" if m[1] else m[2], m.end())


def _supervision(_text: str, folded: str, _today: date) -> Taken | str:
    m = _SUPERVISION.match(folded)
    number = numeral(m[1] or m[2] or m[3]) if m else None
    return Taken(f"S{number}", m.end()) if m and number else Taken("", 0)


def _mail_day(_text: str, folded: str, _today: date) -> Taken | str:
    found, end = mails_at(folded, 0)
    if len(found) != 1:
        return "bad-argument" if found else "missing-argument"
    day = re.compile(rf"[ ,、]*{_DAY_AHEAD}(?: ?(?:之前|以前|前))?").match(folded, end)
    if day is None:
        return Taken(found[0], end)
    return "bad-date" if _day_ahead(day[1]) is None else Taken(f"{found[0]} {day[1]}", day.end())


def _day_ahead(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_RULES: dict[Argument, Callable[[str, str, date], Taken | str]] = {
    Argument.NONE: _none,
    Argument.KIND: _kind,
    Argument.GROUND: _ground,
    Argument.PERSON: _person,
    Argument.ORGAN: _organ,
    Argument.BODY: _body,
    Argument.DAYS: _days,
    Argument.DATE: _date,
    Argument.COMING: _coming,
    Argument.CATEGORY: _category,
    Argument.TICKET: _ticket,
    Argument.NOTICE: _notice,
    Argument.MAIL: _mail,
    Argument.MAIL_OPTIONAL: _mail_optional,
    Argument.OWED: _owed,
    Argument.SUPERVISION: _supervision,
    Argument.MAIL_DAY: _mail_day,
}
