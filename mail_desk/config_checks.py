"""What must hold between the files of a configuration.

`check` returns everything that is wrong, not the first thing only. Nothing is read or written here;
what is allowed but unwise is in `config_warnings.py`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from mail_desk.config import Account, CalendarYear, ImapServer, Person, Provider, Role, Settings
from mail_desk.config_scopes import LEADING_GROUP, WHOLE
from mail_desk.config_text import Violation
from mail_desk.config_wording import did_you_mean

DESK, PEOPLE, ROUTING, DIGESTS, ENTERPRISES = (
    "desk.toml", "people.toml", "routing.toml", "digests.toml", "enterprises.csv",
)  # fmt: skip

# Everybody can have an address there: such a domain says nothing about who writes.
PUBLIC_MAIL = frozenset(
    [
        "126.com",
        "163.com",
        "139.com",
        "189.cn",
        "21cn.com",
        "aliyun.com",
        "foxmail.com",
        "gmail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "outlook.com",
        "qq.com",
        "sina.cn",
        "sina.com",
        "sohu.com",
        "tom.com",
        "vip.163.com",
        "vip.qq.com",
        "wo.cn",
        "yahoo.com",
        "yeah.net",
    ]
)

_STAFF = (Role.HANDLER, Role.SUPERVISOR)
_MAY_SUPERVISE = {
    Role.HANDLER: (Role.SUPERVISOR,),
    Role.SUPERVISOR: (Role.SUPERVISOR, Role.LEADER),
    Role.LEADER: (Role.LEADER,),
    Role.OBSERVER: (Role.SUPERVISOR, Role.LEADER),
    Role.AUDITOR: (Role.LEADER,),
}
# A substitute must be able to do what the role may: a handler cannot approve for a supervisor.
_MAY_SUBSTITUTE = {
    Role.HANDLER: _STAFF,
    Role.SUPERVISOR: (Role.SUPERVISOR, Role.LEADER),
    Role.LEADER: (Role.LEADER, Role.SUPERVISOR),
    Role.OBSERVER: (Role.OBSERVER,),  # nobody needs one: there is nothing to do for them
    Role.AUDITOR: (Role.AUDITOR,),
}


def check(settings: Settings, rows: dict[int, int] | None = None) -> list[Violation]:
    """Return every contradiction. `rows` maps an enterprise's position to its line in the CSV."""
    found = [
        *_empty(settings),
        *_accounts(settings),
        *_people(settings),
        *_organs(settings),
        *_enterprises(settings, rows or {}),
        *_routing(settings),
        *_digests(settings),
        *(violation for year in settings.calendar for violation in _calendar(year)),
    ]
    return list(dict.fromkeys(found))


_MAY_BE_EMPTY = {"postal_zh", "postal_en"}


def _empty(settings: Settings) -> Iterator[Violation]:
    """Find blanks in what letters name: they would only show in front of a complainant."""
    for field, value in settings.desk.office:
        if not value and field not in _MAY_BE_EMPTY:
            yield Violation(DESK, f"office.{field}", "is empty")
    for i, person in enumerate(settings.people.person):
        if not person.name:
            yield Violation(PEOPLE, f"person[{i + 1}].name", "is empty")
    for i, organ in enumerate(settings.people.organ):
        if not organ.name:
            yield Violation(PEOPLE, f"organ[{i + 1}].name", "is empty")


# --- accounts -------------------------------------------------------------------------------------


def _accounts(settings: Settings) -> Iterator[Violation]:
    yield from _unique(DESK, (("account", i, "name", a.name) for i, a in enumerate(settings.account)))
    owner: dict[str, str] = {}
    for i, account in enumerate(settings.account):
        for address in (account.address, *account.aliases):
            if address in owner:
                yield Violation(
                    DESK, f"account[{i + 1}]", f"{address} is already an address of {owner[address]}"
                )
            owner.setdefault(address, f"account[{i + 1}]")
        yield from _servers(account, f"account[{i + 1}]")
    names = [a.name for a in settings.account]
    for route in ("outward", "staff", "alarms"):
        name = getattr(settings.routes, route)
        if name not in names:
            yield Violation(DESK, f"routes.{route}", f'names no account ("{name}"); {_one_of(names)}')
    if not any(a.read for a in settings.account):
        yield Violation(DESK, "account", "no account is read; expected at least one without read = false")


def _servers(account: Account, key: str) -> Iterator[Violation]:
    wanted = ("imap", "smtp") if account.read else ("smtp",)
    for protocol in wanted:
        if getattr(account, protocol) is None:
            yield Violation(
                DESK,
                f"{key}.{protocol}",
                f'is missing; provider "{Provider.GENERIC}" expects {{ host = …, port = … }}',
            )
    for protocol in ("imap", "smtp"):
        server: ImapServer | None = getattr(account, protocol)
        if server is None:
            continue
        if server.security == "plain" and not is_loopback(server.host):
            yield Violation(
                DESK,
                f"{key}.{protocol}.security",
                f'"plain" would send the password in clear to {server.host}; expected "tls" or "starttls"',
            )
        if server.ca_file is not None and not server.ca_file.is_file():
            yield Violation(DESK, f"{key}.{protocol}.ca_file", f"names no file ({server.ca_file})")


def is_loopback(host: str) -> bool:
    """Tell whether `host` is this machine, without asking DNS."""
    if host.lower() in ("localhost", "localhost.localdomain", "ip6-localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


# --- people ---------------------------------------------------------------------------------------


def _people(settings: Settings) -> Iterator[Violation]:
    persons = settings.people.person
    yield from _unique(PEOPLE, (("person", i, "key", p.key) for i, p in enumerate(persons)))
    yield from _person_addresses(settings)
    for i, person in enumerate(persons):
        key = f"person[{i + 1}]"
        yield from _reference(
            settings, f"{key}.supervisor", person, person.supervisor, _MAY_SUPERVISE[person.role]
        )
        yield from _reference(
            settings, f"{key}.substitute", person, person.substitute, _MAY_SUBSTITUTE[person.role]
        )
        if person.role is Role.HANDLER and person.supervisor is None:
            supervisors = [p.key for p in settings.people.with_role(Role.SUPERVISOR)]
            yield Violation(PEOPLE, f"{key}.supervisor", f"is missing; {_one_of(supervisors)}")
    yield from _loops(persons, "substitute", "somebody who has no substitute, such as the supervisor")
    yield from _loops(persons, "supervisor", "somebody who has no supervisor")
    if not settings.people.with_role(Role.SUPERVISOR):
        yield Violation(
            PEOPLE, "person", 'has no supervisor; expected at least one person with role = "supervisor"'
        )
    own = settings.own_addresses()
    for i, address in enumerate(settings.people.operator):
        if address in own:
            yield Violation(
                PEOPLE,
                f"operator[{i + 1}]",
                f"{address} is the desk's own address: alarms would go round in circles",
            )


def _person_addresses(settings: Settings) -> Iterator[Violation]:
    own = settings.own_addresses()
    owner: dict[str, str] = {}
    for i, person in enumerate(settings.people.person):
        for address in person.addresses:
            key = f"person[{i + 1}].addresses"
            if address in own:
                yield Violation(PEOPLE, key, f"{address} is the desk's own address; expected a personal one")
            if address in owner:
                yield Violation(PEOPLE, key, f"{address} already belongs to {owner[address]}")
            owner.setdefault(address, person.key)
    for i, organ in enumerate(settings.people.organ):
        for address in organ.addresses:
            if address in own:
                yield Violation(PEOPLE, f"organ[{i + 1}].addresses", f"{address} is the desk's own address")
            if address in owner:
                yield Violation(
                    PEOPLE, f"organ[{i + 1}].addresses", f"{address} already belongs to {owner[address]}"
                )
            owner.setdefault(address, organ.key)


def _reference(
    settings: Settings, key: str, person: Person, wanted: str | None, roles: tuple[Role, ...]
) -> Iterator[Violation]:
    if wanted is None:
        return
    if wanted == person.key:
        yield Violation(PEOPLE, key, f'names the person itself ("{wanted}")')
        return
    yield from _person_with_role(settings, PEOPLE, key, wanted, roles)


def _person_with_role(
    settings: Settings, file: str, key: str, wanted: str, roles: tuple[Role, ...]
) -> Iterator[Violation]:
    fitting = [p.key for p in settings.people.person if p.role in roles]
    found = settings.people.by_key(wanted)
    if found is None:
        yield Violation(file, key, f'names nobody ("{wanted}"); {_one_of(fitting)}')
    elif found.role not in roles:
        yield Violation(
            file, key, f'"{wanted}" is a {found.role}; expected a {" or ".join(roles)}: {_listed(fitting)}'
        )


def _loops(persons: tuple[Person, ...], field: str, end: str) -> Iterator[Violation]:
    """Report each circle once, at its first person."""
    step: dict[str, str | None] = {p.key: getattr(p, field) for p in persons}
    reported: set[str] = set()
    for i, person in enumerate(persons):
        chain = [person.key]
        while (following := step.get(chain[-1])) is not None and following not in chain:
            chain.append(following)
        if following == person.key and len(chain) > 1 and person.key not in reported:
            reported.update(chain)
            circle = " → ".join([*chain, person.key])
            yield Violation(
                PEOPLE,
                f"person[{i + 1}].{field}",
                f"goes round in a circle ({circle}); expected to end with {end}",
            )


# --- organs, enterprises, routing, digests --------------------------------------------------------


def _organs(settings: Settings) -> Iterator[Violation]:
    organs = settings.people.organ
    yield from _unique(PEOPLE, (("organ", i, "key", o.key) for i, o in enumerate(organs)))
    owner: dict[str, str] = {}
    for i, organ in enumerate(organs):
        for domain in organ.domains:
            key = f"organ[{i + 1}].domains"
            if domain in PUBLIC_MAIL:
                yield Violation(
                    PEOPLE, key, f"{domain} is open to everybody; list the organ's addresses instead"
                )
            elif domain in owner:
                yield Violation(PEOPLE, key, f"{domain} already belongs to {owner[domain]}")
            owner.setdefault(domain, organ.key)


def _enterprises(settings: Settings, lines: dict[int, int]) -> Iterator[Violation]:
    own, seen = settings.own_addresses(), dict[str, str]()
    for i, row in enumerate(settings.enterprises):
        where = f"line {lines[i]}" if i in lines else f"row {i + 1}"
        if row.key in seen:
            yield Violation(ENTERPRISES, f"{where}, key", f'"{row.key}" already stands in {seen[row.key]}')
        seen.setdefault(row.key, where)
        for domain in row.domains:
            if domain in PUBLIC_MAIL:
                yield Violation(
                    ENTERPRISES,
                    f"{where}, domains",
                    f"{domain} is open to everybody; list the contacts instead",
                )
        for contact in row.contacts:
            if contact in own:
                yield Violation(ENTERPRISES, f"{where}, contacts", f"{contact} is the desk's own address")
            elif person := settings.people.by_address(contact):
                yield Violation(
                    ENTERPRISES, f"{where}, contacts", f"{contact} already belongs to {person.key}"
                )
        for officer in row.officers:
            yield from _person_with_role(settings, ENTERPRISES, f"{where}, officer", officer, _STAFF)
        if row.project_leader is not None:
            yield from _person_with_role(
                settings, ENTERPRISES, f"{where}, project_leader", row.project_leader, (Role.LEADER,)
            )


def _routing(settings: Settings) -> Iterator[Violation]:
    routing = settings.routing
    yield from _person_with_role(settings, ROUTING, "default_handler", routing.default_handler, _STAFF)
    procedures = procedure_keys(settings)
    if routing.procedure not in procedures:
        yield Violation(
            ROUTING, "procedure", f'names no procedure ("{routing.procedure}"); {_one_of(procedures)}'
        )
    yield from _unique(ROUTING, (("category", i, "key", c.key) for i, c in enumerate(routing.category)))
    categories = [c.key for c in routing.category]
    for i, rule in enumerate(routing.rule):
        yield from _person_with_role(settings, ROUTING, f"rule[{i + 1}].handler", rule.handler, _STAFF)
        if rule.category is not None and rule.category not in categories:
            wrong = f'names no category ("{rule.category}"); {did_you_mean(rule.category, categories)}'
            yield Violation(ROUTING, f"rule[{i + 1}].category", wrong)
        if not (rule.category or rule.language or rule.sender_domain or rule.subject_has or rule.text_has):
            yield Violation(
                ROUTING,
                f"rule[{i + 1}]",
                "has no condition and would take every mail; use default_handler for that",
            )


def _digests(settings: Settings) -> Iterator[Violation]:
    yield from _unique(DIGESTS, (("digest", i, "key", d.key) for i, d in enumerate(settings.digests.digest)))
    for i, digest in enumerate(settings.digests.digest):
        if not digest.to and not digest.addresses:
            yield Violation(DIGESTS, f"digest[{i + 1}].to", "is empty; expected at least one person")
        scopes = {LEADING_GROUP: WHOLE, **settings.digests.scope}
        scope = scopes.get(digest.scope)
        if scope is None:
            wrong = f'names no scope ("{digest.scope}"); {_one_of(sorted(scopes))}'
            yield Violation(DIGESTS, f"digest[{i + 1}].scope", wrong)
        elif digest.addresses and not scope.outside:
            yield Violation(
                DIGESTS,
                f"digest[{i + 1}].addresses",
                f'scope "{digest.scope}" is for people.toml only; expected a scope with outside = true',
            )
        for address in digest.addresses:
            if address in settings.own_addresses():
                yield Violation(DIGESTS, f"digest[{i + 1}].addresses", f"{address} is the desk's own address")
        for wanted in digest.to:
            yield from _person_with_role(settings, DIGESTS, f"digest[{i + 1}].to", wanted, tuple(Role))


def _calendar(year: CalendarYear) -> Iterator[Violation]:
    file = f"calendar/cn-{year.year}.toml"
    off = {d.day for d in year.holiday}
    for i, made_up in enumerate(year.working):
        if made_up.day in off:
            yield Violation(file, f"working[{i + 1}].day", f"{made_up.day} is also a holiday")
        if made_up.day.weekday() < 5:
            yield Violation(file, f"working[{i + 1}].day", f"{made_up.day} is no Saturday or Sunday")


def procedure_keys(settings: Settings) -> list[str]:
    """Return the keys of the procedures that were read."""
    return [str(p.get("key", "")) for p in settings.procedures]


def _unique(file: str, entries: Iterable[tuple[str, int, str, str]]) -> Iterator[Violation]:
    seen: dict[str, int] = {}
    for table, i, field, value in entries:
        if value in seen:
            yield Violation(
                file,
                f"{table}[{i + 1}].{field}",
                f'"{value}" is already the {field} of {table}[{seen[value] + 1}]',
            )
        seen.setdefault(value, i)


def _one_of(options: Iterable[str]) -> str:
    listed = _listed(options)
    return f"expected one of {listed}" if listed else "and there is none to name yet"


def _listed(options: Iterable[str]) -> str:
    return ", ".join(sorted(options))
