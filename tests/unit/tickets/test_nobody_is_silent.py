"""Whatever the plans of leave, the loops of substitutes, and who left: somebody present reads every ticket."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mail_desk.config import Leave, People, Person, Role
from mail_desk.tickets.assignment import WORKING, present, reader, superior

MONDAY = date(2026, 3, 2)
DAYS = [MONDAY + timedelta(days=n) for n in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
KEYS = [f"p{n}" for n in range(6)]


@st.composite
def offices(draw: st.DrawFn) -> People:
    """Draw any staff: circular chains, nobody's substitute, supervisors of themselves, all away, people gone."""
    persons = []
    for key in KEYS[: draw(st.integers(1, len(KEYS)))]:
        spans = []
        for _ in range(draw(st.integers(0, 2))):
            first = draw(st.sampled_from(DAYS))
            spans.append(Leave(first=first, last=first + timedelta(days=draw(st.integers(0, 9)))))
        persons.append(
            Person(
                key=key,
                name=key.upper(),
                role=draw(st.sampled_from(WORKING)),
                addresses=(f"{key}@office.example",),
                substitute=draw(st.none() | st.sampled_from(KEYS)),
                supervisor=draw(st.none() | st.sampled_from(KEYS)),
                leave=tuple(spans),
                retired=draw(st.integers(0, 4)) == 0,
            )
        )
    return People(person=tuple(persons), operator=("operator@office.example",))


@settings(max_examples=600)
@given(offices(), st.sets(st.sampled_from(KEYS), max_size=4), st.sampled_from([*KEYS, "gone"]))
def test_every_ticket_has_each_day_somebody_present_who_gets_its_letters(
    people: People, hidden: set[str], handler: str
) -> None:
    for day in DAYS:
        found = reader(people, people.by_key(handler), day, hidden)
        there = [p for p in people.person if p.key not in hidden and not p.away_on(day)]
        may_read = [p for p in people.person if p.key not in hidden and not p.retired]
        if there:
            assert found is not None
            assert not found.away_on(day), f"{found.key} is away, and {there[0].key} is there"
        elif may_read:
            assert found is not None, "all away: whoever may see it is still told"
        if found is not None:
            assert found.key not in hidden
            assert not found.retired


@settings(max_examples=300)
@given(offices(), st.sets(st.sampled_from(KEYS), max_size=4))
def test_chains_end_and_lead_to_nobody_who_is_away_gone_or_hidden(people: People, hidden: set[str]) -> None:
    for person in people.person:
        for day in DAYS:
            stand_in = present(people, person, day, hidden)
            assert stand_in is None or (not stand_in.away_on(day) and stand_in.key not in hidden)
            over = superior(people, person, day, hidden)
            assert over is None or (over.key not in hidden and over.key != person.key and not over.retired)


def test_who_has_left_is_written_to_no_more_and_the_substitute_takes_the_place() -> None:
    wang = Person(
        key="wang",
        name="王芳",
        role=Role.HANDLER,
        addresses=("w@office.example",),
        retired=True,
        substitute="li",
    )
    li = Person(key="li", name="李强", role=Role.HANDLER, addresses=("l@office.example",))
    people = People(person=(wang, li), operator=("o@office.example",))
    assert reader(people, wang, MONDAY) is li
    assert people.by_address("w@office.example") is None
    assert people.with_role(Role.HANDLER) == (li,)
    assert people.by_key("wang") is wang, "history still knows the name"
