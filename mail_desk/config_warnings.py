"""What a configuration may say but should not: warnings for `mail-desk check` and the daemon's start.

Nothing here stops the desk. Nothing is read or written.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mail_desk.config import Provider, Role, Settings
from mail_desk.config_checks import PUBLIC_MAIL
from mail_desk.outbound.pacing import own_share

_EXAMPLE_DOMAINS = (
    "example",
    "example.com",
    "example.net",
    "example.org",
    "example.cn",
    "example.gov.cn",
)  # RFC 2606, and its like
_YEAR_SOON = 10  # the State Council's notice for the next year comes about November


def warnings(settings: Settings, today: date) -> list[str]:
    """Return what is allowed but unwise, as sentences. `today` is a day in the desk's time zone."""
    return [
        *_calendar_warnings(settings, today),
        *_route_warnings(settings),
        *_authority_warnings(settings),
        *_people_warnings(settings, today),
    ]


def _calendar_warnings(settings: Settings, today: date) -> Iterator[str]:
    years = {year.year for year in settings.calendar}
    wanted = [today.year, *([today.year + 1] if today.month >= _YEAR_SOON else [])]
    for year in wanted:
        if year not in years:
            yield (
                f"calendar/cn-{year}.toml is missing: every date in {year} is provisional"
                " until the State Council's notice is entered there"
            )


def _route_warnings(settings: Settings) -> Iterator[str]:
    routes = settings.routes
    if routes.alarms == routes.outward:
        yield (
            f'desk.toml: routes.alarms uses the same account as outward ("{routes.outward}"):'
            " when that account is blocked, nobody is alarmed"
        )
    budget = settings.budget
    if budget.statutory_reserve >= budget.per_day:
        yield "desk.toml: budget.statutory_reserve leaves nothing of budget.per_day for other letters"
    elif own_share(budget) < len(settings.people.person):
        yield (
            f"desk.toml: budget.per_day = {budget.per_day} keeps {own_share(budget)} letters a day for worklists and"
            f" reminders alone, fewer than {len(settings.people.person)}, the persons of people.toml:"
            " on a busy day some wait for the next"
        )
    if settings.desk.hold_minutes == 0:
        yield "desk.toml: desk.hold_minutes = 0 means that undo can stop no letter"


def _authority_warnings(settings: Settings) -> Iterator[str]:
    """Warn where a mail's From alone would be believed although anybody may write it."""
    for domain, way in settings.authority.prove.items():
        if way == "token" and domain in PUBLIC_MAIL:
            yield (
                f'desk.toml: authority.prove: "{domain}" = "token" believes any sender at a public provider; '
                'use "either" or "dkim"'
            )
    netease = any(account.provider is Provider.NETEASE for account in settings.account)
    if "provider" in settings.authority.prove.values() and not netease:
        yield 'desk.toml: authority.prove: "provider" is the word of NetEase, but no account is read there'


def _people_warnings(settings: Settings, today: date) -> Iterator[str]:
    people = settings.people
    if not people.with_role(Role.LEADER):
        yield "people.toml: nobody has the role leader: escalations end with the supervisor"
    if not settings.digests.digest:
        yield "digests.toml: there is no digest: the leading group is told nothing"
    for person in people.person:
        if person.role is not Role.LEADER and person.substitute is None and person.supervisor is None:
            yield f"people.toml: {person.key} has neither substitute nor supervisor: nobody steps in during absence"
        if person.leave and max(span.last for span in person.leave) < today:
            yield f"people.toml: {person.key}: every leave is over and can be removed"
    examples = [p.key for p in people.person if any(_is_example(a) for a in p.addresses)]
    if examples:
        yield f"people.toml still holds example addresses ({', '.join(examples)}): letters to them go nowhere"
    if any(_is_example(a) for a in people.operator):
        yield "people.toml: operator is still an example address: alarms reach nobody"
    yield from _shared_contacts(settings)


def _shared_contacts(settings: Settings) -> Iterator[str]:
    owner: dict[str, str] = {}
    for row in settings.enterprises:
        for mark in (*row.contacts, *row.domains):
            if owner.setdefault(mark, row.key) != row.key:
                yield f"enterprises.csv: {mark} stands at {owner[mark]} and at {row.key}: the first one counts"


def _is_example(address: str) -> bool:
    domain = address.rpartition("@")[2]
    return any(domain == d or domain.endswith("." + d) for d in _EXAMPLE_DOMAINS)
