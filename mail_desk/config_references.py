"""Names that stand for nobody, found in the raw data.

Used where a file has other mistakes as well, so that the full checks cannot run yet: all that is wrong
is told at once. Looks at keys only, never at roles; what has another shape than expected is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mail_desk.config_text import Violation

Raw = Mapping[str, object]


def references(people: Raw | None, routing: Raw | None, digests: Raw | None) -> list[Violation]:
    """Return every reference to a person whose key stands nowhere in `people`."""
    if people is None:
        return []
    known = sorted(
        {key for _, person in _tables(people, "person") if isinstance(key := person.get("key"), str)}
    )
    named = [*_of_people(people), *_of_routing(routing or {}), *_of_digests(digests or {})]
    return [
        Violation(file, key, f'names nobody ("{name}"); expected one of {", ".join(known)}')
        for file, key, name in named
        if isinstance(name, str) and name not in known
    ]


def _of_people(people: Raw) -> Iterator[tuple[str, str, object]]:
    for number, person in _tables(people, "person"):
        for field in ("supervisor", "substitute"):
            if field in person:
                yield "people.toml", f"person[{number}].{field}", person[field]


def _of_routing(routing: Raw) -> Iterator[tuple[str, str, object]]:
    if "default_handler" in routing:
        yield "routing.toml", "default_handler", routing["default_handler"]
    for number, rule in _tables(routing, "rule"):
        yield "routing.toml", f"rule[{number}].handler", rule.get("handler")


def _of_digests(digests: Raw) -> Iterator[tuple[str, str, object]]:
    for number, digest in _tables(digests, "digest"):
        readers = digest.get("to")
        for reader in readers if isinstance(readers, list) else ():
            yield "digests.toml", f"digest[{number}].to", reader


def _tables(data: Raw, name: str) -> Iterator[tuple[int, dict[str, object]]]:
    entries = data.get(name)
    for number, entry in enumerate(entries if isinstance(entries, list) else (), start=1):
        if isinstance(entry, dict):
            yield number, entry
