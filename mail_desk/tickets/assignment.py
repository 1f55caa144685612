"""Who handles a ticket, who may not, who stands in: always with the reason. Pure.

Order: the enterprise's service officer, the first rule that holds, the least loaded handler who reads
the language, the default handler. Somebody away is replaced by the substitute (chains are followed,
loops end), somebody named in the complaint is passed over, and there is never nobody: at the end
stands a supervisor, then a leader.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from mail_desk.config import Enterprise, Language, People, Person, Role, Routing, RoutingRule


@dataclass(frozen=True, slots=True)
class Assignment:
    """A named, accountable handler and why it is this one."""

    handler: str  # person key
    reason_zh: str
    reason_en: str

    def reason(self, language: Language) -> str:
        return self.reason_zh if language == "zh" else self.reason_en


@dataclass(frozen=True, slots=True)
class Complaint:
    """What assignment may look at."""

    language: Language
    sender: str  # address
    subject: str
    text: str
    file_names: tuple[str, ...] = ()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _names(person: Person, folded_text: str) -> bool:
    for name in (person.name, person.name_en, *person.aliases):
        wanted = _folded(name.strip())
        if len(wanted) < 2:
            continue  # one character is no name
        if wanted.isascii():
            if re.search(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])", folded_text):
                return True
        elif wanted in folded_text:
            return True
    return False


def named_persons(complaint: Complaint, people: People) -> tuple[Person, ...]:
    """Return staff and leaders whose name or alias stands in subject, text or a file's name."""
    haystack = _folded("\n".join((complaint.subject, complaint.text, *complaint.file_names)))
    return tuple(p for p in people.person if _names(p, haystack))


def category_of(complaint: Complaint, routing: Routing) -> str | None:
    """Return the category with most keyword hits, the first listed among equals, None without any."""
    haystack = _folded(f"{complaint.subject}\n{complaint.text}")
    best, most = None, 0
    for category in routing.category:
        hits = sum(haystack.count(_folded(word)) for word in category.keywords if word.strip())
        if hits > most:
            best, most = category.key, hits
    return best


def _holds(rule: RoutingRule, complaint: Complaint, category: str | None) -> bool:
    domain = complaint.sender.rpartition("@")[2].lower()
    subject, text = _folded(complaint.subject), _folded(complaint.text)
    return (
        (rule.category is None or rule.category == category)
        and (rule.language is None or rule.language == complaint.language)
        and (
            rule.sender_domain is None
            or domain == rule.sender_domain
            or domain.endswith("." + rule.sender_domain)
        )
        and (not rule.subject_has or any(_folded(w) in subject for w in rule.subject_has))
        and (not rule.text_has or any(_folded(w) in text for w in rule.text_has))
    )


def present(people: People, person: Person, day: date, hidden: Collection[str] = ()) -> Person | None:
    """Return `person`, or who stands in on that day: the first one of the chain who is there and
    may see the ticket; None where the chain ends or turns back.
    """
    seen: set[str] = set()
    current: Person | None = person
    while current is not None and current.key not in seen:
        seen.add(current.key)
        if current.key not in hidden and not current.away_on(day):
            return current
        current = people.by_key(current.substitute) if current.substitute else None
    return None


def superior(people: People, person: Person, day: date, hidden: Collection[str] = ()) -> Person | None:
    """Return who supervises `person`: the named supervisor or its substitute, else another
    supervisor, else a leader; never the person itself, never somebody hidden.
    """
    away_from = {*hidden, person.key}
    named = people.by_key(person.supervisor) if person.supervisor else None
    chain = [named] if named is not None else []
    if person.role is Role.HANDLER or named is not None:
        chain += [p for p in people.with_role(Role.SUPERVISOR) if p is not named]
    chain += people.with_role(Role.LEADER)
    for candidate in chain:
        stand_in = present(people, candidate, day, away_from)
        if stand_in is not None:
            return stand_in
    # Everybody is away: whoever may see the ticket is still told.
    return next((p for p in chain if p.key not in away_from and not p.retired), None)


WORKING = (Role.SUPERVISOR, Role.LEADER, Role.HANDLER)  # others only read what they are sent


def reader(people: People, handler: Person | None, day: date, hidden: Collection[str] = ()) -> Person | None:
    """Return who gets the letters of a ticket: the handler, who stands in, a superior, at last any colleague.

    Somebody who is there, as long as anybody who may see it is; else whoever will read it first on
    coming back. `handler`: None where the configuration no longer knows the person. None only if every
    person is hidden.
    """
    found = present(people, handler, day, hidden) if handler is not None else None
    if found is None and handler is not None:
        found = superior(people, handler, day, hidden)
    if found is not None and not found.away_on(day):
        return found
    for role in WORKING:
        for person in people.with_role(role):
            if person.key not in hidden and not person.away_on(day):
                return person
    if handler is not None and not handler.retired and handler.key not in hidden:
        return handler
    if found is not None:
        return found
    return next((p for role in WORKING for p in people.with_role(role) if p.key not in hidden), None)


def _candidates(
    complaint: Complaint,
    people: People,
    routing: Routing,
    enterprise: Enterprise | None,
    officers: Iterable[str],
    category: str | None,
    load: Callable[[], Mapping[str, int]],
) -> Iterable[tuple[str, str, str]]:
    for officer in officers:
        assert enterprise is not None
        yield (
            officer,
            f"{enterprise.name}的服务专员",
            f"service officer of {enterprise.name_en or enterprise.name}",
        )
    for rule in routing.rule:
        if _holds(rule, complaint, category):
            yield rule.handler, f"分派规则“{rule.name}”", f"rule “{rule.name}”"
            break
    counted = load()
    able = [p for p in people.with_role(Role.HANDLER) if complaint.language in p.languages]
    for person in sorted(able, key=lambda p: counted.get(p.key, 0)):
        count = counted.get(person.key, 0)
        yield person.key, f"在办件最少（{count}件）", f"fewest open tickets ({count})"
    yield routing.default_handler, "默认经办人", "default handler"
    for person in people.with_role(Role.HANDLER):
        yield person.key, "其他人员不在岗或需回避", "the others are away or must not handle it"


def _in_turn(enterprise: Enterprise | None, people: People, day: date, hidden: Collection[str]) -> list[str]:
    """Return an enterprise's service officers: those who are there first, before anybody's substitute."""

    def is_there(key: str) -> bool:
        person = people.by_key(key)
        return person is not None and key not in hidden and not person.away_on(day)

    named = enterprise.officers if enterprise is not None else ()
    return sorted(named, key=lambda key: not is_there(key))


def choose(
    complaint: Complaint,
    *,
    people: People,
    routing: Routing,
    enterprise: Enterprise | None,
    category: str | None,
    load: Callable[[], Mapping[str, int]],
    day: date,
    hidden: Collection[str],
) -> Assignment:
    """Return the handler with the reason. Raises LookupError only if every person is hidden.

    `load` gives the open tickets of each handler; it is asked only where ledger and rules are silent.
    """
    officers = _in_turn(enterprise, people, day, hidden)
    for key, zh, en in _candidates(complaint, people, routing, enterprise, officers, category, load):
        wanted = people.by_key(key)
        if wanted is None or wanted.key in hidden:
            continue  # the accused does not choose who stands in
        stand_in = present(people, wanted, day, hidden)
        if stand_in is wanted:
            return Assignment(wanted.key, zh, en)
        if stand_in is not None:
            return Assignment(
                stand_in.key,
                f"{zh}；{wanted.name}不在岗，由代理人办理",
                f"{en}; {wanted.name_en or wanted.name} is away, the substitute handles it",
            )
    for role in (Role.SUPERVISOR, Role.LEADER):
        for person in people.with_role(role):
            if person.key not in hidden:
                return Assignment(person.key, "无其他人可办理，逐级上报", "nobody else can: one level up")
    raise LookupError("every person of people.toml is named in the complaint")
