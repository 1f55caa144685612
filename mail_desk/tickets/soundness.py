"""What makes no sense in a valid procedure: dead ends, limits that never start or stop, unknown names.

`policy` refuses files that are no procedure at all; this module reads one that is and says, in
sentences for the operator, where it could not work. Pure; it knows nothing of tickets or letters.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping

from mail_desk.tickets.policy import Limit, Procedure, matches

# Which fact a verb brings about, besides served:<notice>. `ticket.facts` is where they come from.
_FACT_OF_VERB = {
    "accept": "accepted",
    "decline": "declined",
    "conclude": "concluded",
    "transfer": "transferred",
    "close": "closed",
    "complete": "complete",
    "extend": "extended",
    "suspend": "suspended",
    "resume": "resumed",
    "report": "reported",
}
_KINDS_OF_VERB = {
    "complaint": ("complaint",),
    "not-complaint": ("enquiry", "correspondence", "advert", "other"),
}


def facts_of(procedure: Procedure) -> frozenset[str]:
    """Return every fact that can happen under a procedure: what its limits may count on."""
    found = {"received"}
    for row in procedure.transitions:
        if row.verb in _FACT_OF_VERB:
            found.add(_FACT_OF_VERB[row.verb])
        found |= {f"marked:{kind}" for kind in _KINDS_OF_VERB.get(row.verb, ())}
        if row.notice:
            found.add(f"served:{row.notice}")
        if row.verb == "request":
            found.add("supplement")
        if row.verb == "withdraw" and row.to and "conclude" not in _verbs_to(procedure, row.to):
            found.add("withdrawn")
        if row.verb == "reopen" and row.to:
            found.add(f"reopened:{row.to}")
    return frozenset(found)


def _verbs_to(procedure: Procedure, state: str) -> set[str]:
    return {row.verb for row in procedure.transitions if row.to == state}


def soundness(procedure: Procedure, facts: Collection[str] = ()) -> list[str]:
    """Return what makes no sense in a valid procedure, as sentences; nothing where it is sound.

    `facts`: names that happen besides those the verbs of the procedure bring about.
    """
    possible = facts_of(procedure) | set(facts)
    return [
        *_repeated(procedure),
        *_unknown(procedure),
        *_roads(procedure),
        *_decisions(procedure),
        *_inactivity(procedure),
        *(said for limit in procedure.limits for said in _limit(procedure, limit, possible)),
    ]


def _twice(values: Iterable[object]) -> list[object]:
    return [value for value, times in Counter(values).items() if times > 1]


def _repeated(procedure: Procedure) -> Iterator[str]:
    for what, rows in (
        ("state", procedure.states),
        ("limit", procedure.limits),
        ("notice", procedure.notices),
    ):
        for key in _twice(row.key for row in rows):
            yield f'{what} "{key}" stands there twice'
    for verb, number in _twice_pairs((g.verb, g.number) for g in procedure.grounds):
        yield f'grounds of "{verb}": number {number} stands there twice'
    for verb, key in _twice_pairs((g.verb, g.key) for g in procedure.grounds):
        yield f'grounds of "{verb}": "{key}" stands there twice'
    for number, times in Counter(m.number for m in procedure.materials).items():
        if times > 1:
            yield f"materials: number {number} stands there twice"
    for verb, state, kind in _twice_rows(procedure):
        yield f'transition "{verb}" from "{state}"{kind} stands there twice: only the first would count'


def _twice_pairs(pairs: Iterable[tuple[str, object]]) -> list[tuple[str, object]]:
    return [pair for pair, times in Counter(pairs).items() if times > 1]


def _twice_rows(procedure: Procedure) -> list[tuple[str, str, str]]:
    rows = Counter(
        (row.verb, state, f" for {kind}" if kind else "")
        for row in procedure.transitions
        for state in row.from_states
        for kind in row.kinds or ("",)
    )
    return [row for row, times in rows.items() if times > 1]


def _unknown(procedure: Procedure) -> Iterator[str]:
    states = {state.key for state in procedure.states}
    notices = {notice.key for notice in procedure.notices}
    for row in procedure.transitions:
        for state in {*row.from_states, *([row.to] if row.to else [])} - states:
            yield f'transition "{row.verb}" names the state "{state}", which does not exist'
        if row.notice and row.notice not in notices:
            yield f'transition "{row.verb}" owes the notice "{row.notice}", which does not exist'
    for notice in sorted(notices - {row.notice for row in procedure.transitions}):
        yield f'notice "{notice}" is owed by no transition'
    for form in procedure.forms:
        if form.notice not in notices:
            yield f'form "{form.key}" is of the notice "{form.notice}", which does not exist'
        for ground in sorted(set(form.grounds) - {g.key for g in procedure.grounds}):
            yield f'form "{form.key}" names the ground "{ground}", which does not exist'
    for verb in sorted({ground.verb for ground in procedure.grounds} - procedure.verbs):
        yield f'there are grounds for "{verb}", which is no verb of the procedure'


def _roads(procedure: Procedure) -> Iterator[str]:
    """Say which states cannot be reached, and from which no final state can be."""
    onward: dict[str, set[str]] = {state.key: set() for state in procedure.states}
    backward: dict[str, set[str]] = {state.key: set() for state in procedure.states}
    for row in procedure.transitions:
        for here in row.from_states:
            if row.to in onward and here in onward:
                onward[here].add(row.to)
                backward[row.to].add(here)
    final = {state.key for state in procedure.states if state.final}
    if not final:
        yield "no state is final: nothing would ever be finished"
    reached = _walk({procedure.states[0].key}, onward)
    finishing = _walk(final, backward)
    for state in procedure.states:
        if state.key not in reached:
            yield f'state "{state.key}" cannot be reached from "{procedure.states[0].key}"'
        if final and state.key not in finishing:
            yield f'state "{state.key}" is a dead end: no final state can be reached from it'
        if state.final and state.open:
            yield f'state "{state.key}" is final and open at once'


def _walk(begin: set[str], roads: Mapping[str, set[str]]) -> set[str]:
    seen, waiting = set(begin), deque(begin)
    while waiting:
        for step in roads[waiting.popleft()] - seen:
            seen.add(step)
            waiting.append(step)
    return seen


def _decisions(procedure: Procedure) -> Iterator[str]:
    """Say which decisions could not be taken: no ground to give, nobody's word to approve."""
    for row in procedure.transitions:
        if row.needs_ground and not procedure.grounds_of(row.verb):
            yield f'transition "{row.verb}" needs a ground, and there is none for it'
        concludes = row.verb == "withdraw" and row.to and "conclude" in _verbs_to(procedure, row.to)
        if concludes and procedure.ground("withdrawn", "conclude") is None:
            yield 'transition "withdraw" concludes, but there is no ground "withdrawn" for "conclude"'
        if row.approval:
            for answer in ("approve", "refuse"):
                for state in row.from_states:
                    given = procedure.transition(answer, state)
                    if given is None or row.approval not in given.by:
                        yield (
                            f'transition "{row.verb}" needs a {row.approval}\'s approval, but no {row.approval} '
                            f'can {answer} in the state "{state}"'
                        )


def _inactivity(procedure: Procedure) -> Iterator[str]:
    """Say why a case could not be closed for want of an answer."""
    row = procedure.inactivity
    if row is None:
        return
    if procedure.ground(row.ground, "conclude") is None:
        yield f'inactivity names the ground "{row.ground}", which is none of "conclude"'
    if row.announce >= row.days:
        yield f"inactivity is announced {row.announce} days before its end, but lasts only {row.days}"
    if "await" not in procedure.verbs:
        yield 'inactivity is counted from "await", which no transition allows'


def _limit(procedure: Procedure, limit: Limit, possible: Collection[str]) -> Iterator[str]:
    named = {
        name: getattr(limit, name)
        for name in ("start", "restart", "stop", "void", "final", "pause", "resume")
    }
    for name, patterns in named.items():
        for pattern in patterns:
            if not any(matches(pattern, fact) for fact in possible):
                yield f'limit "{limit.key}": {name} names "{pattern}", which never happens'
    if not any(matches(p, f) for p in (*limit.start, *limit.restart) for f in possible):
        yield f'limit "{limit.key}" never starts'
    if not any(matches(p, f) for p in limit.stop for f in possible):
        yield f'limit "{limit.key}" can never be fulfilled: no fact of its stop ever happens'
    for pattern in set(limit.final) - {*limit.stop, *limit.void}:
        yield f'limit "{limit.key}": final names "{pattern}", which stands neither in stop nor in void'
    yield from _limit_amounts(procedure, limit, possible)


def _decided_by_approval(procedure: Procedure, limit: Limit) -> bool:
    """Tell whether a decision that fulfils the limit needs somebody's approval."""
    for row in procedure.transitions:
        brought = {_FACT_OF_VERB.get(row.verb, ""), f"served:{row.notice}"}
        if row.approval and any(matches(p, fact) for p in limit.stop for fact in brought):
            return True
    return False


def _limit_amounts(procedure: Procedure, limit: Limit, possible: Collection[str]) -> Iterator[str]:
    if bool(limit.pause) != bool(limit.resume):
        yield f'limit "{limit.key}" has only one of pause and resume'
    if limit.extended_by and limit.extended_by not in possible:
        yield f'limit "{limit.key}" is extended by "{limit.extended_by}", which never happens'
    if limit.extension_cap and not limit.extended_by:
        yield f'limit "{limit.key}" caps extensions but has no extended_by'
    if limit.extension_asked and not limit.extended_by:
        yield f'limit "{limit.key}" says when an extension is asked for but has no extended_by'
    if limit.unit.startswith("working") and max(limit.prepare, limit.extension_asked) >= limit.amount:
        yield f'limit "{limit.key}": decisions would be due for approval before its start'
    if limit.prepare and not _decided_by_approval(procedure, limit):
        yield f'limit "{limit.key}" says when decisions are put forward, but none that ends it needs approval'
    if limit.unit == "working-hours" and not procedure.hours:
        yield f'limit "{limit.key}" counts working hours, but the procedure has no hours'
    for before in limit.remind:
        if limit.unit.startswith("working") and before >= limit.amount:
            yield f'limit "{limit.key}": a reminder {before} before the end would never lie after its start'
    if _twice(limit.remind):
        yield f'limit "{limit.key}" reminds twice at the same time'
    if _twice(limit.escalate):
        yield f'limit "{limit.key}" escalates twice at the same time to the same person'
