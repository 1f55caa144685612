from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mail_desk.config_kinds import Model
from mail_desk.tickets.policy import (
    Escalation,
    Ground,
    Hours,
    Limit,
    Procedure,
    State,
    Transition,
    load,
    matches,
)
from mail_desk.tickets.soundness import facts_of, soundness

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "config" / "procedures" / "foreign-investment.toml"
OTHERS = sorted((ROOT / "tests" / "data" / "procedures").glob("*.toml"))


def data_of(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def shipped() -> Procedure:
    return load(data_of(SHIPPED))


@pytest.fixture
def data() -> dict[str, Any]:
    """Return a small sound procedure to be spoilt."""
    return {
        "key": "small",
        "version": "1",
        "effective": "2026-01-01",
        "name_zh": "小",
        "name_en": "small",
        "states": [
            {"key": "new", "name_zh": "新", "name_en": "new"},
            {"key": "done", "name_zh": "毕", "name_en": "done", "open": False, "final": True},
        ],
        "notices": [{"key": "result", "name_zh": "结果", "name_en": "result"}],
        "transitions": [{"verb": "conclude", "from": ["new"], "to": "done", "by": ["handler"], "notice": "result"}],
        "limits": [
            {
                "key": "answer", "name_zh": "答", "name_en": "answer", "amount": 5, "start": ["received"],
                "stop": ["served:result"], "basis_zh": "条", "basis_en": "art.",
            }
        ],
    }  # fmt: skip


# --- the shipped procedure ------------------------------------------------------------------------


def test_the_shipped_procedure_is_sound(shipped: Procedure) -> None:
    assert soundness(shipped) == []


@pytest.mark.parametrize("path", OTHERS, ids=lambda p: p.stem)
def test_procedures_of_another_shape_are_sound_too(path: Path) -> None:
    assert soundness(load(data_of(path)), facts=("suspended", "resumed")) == []


def test_a_ticket_begins_where_nobody_has_looked_yet(shipped: Procedure) -> None:
    assert shipped.states[0].key == "received"
    assert {s.key for s in shipped.states if s.final} == {"closed", "declined", "transferred", "withdrawn"}
    assert all(s.open != s.final for s in shipped.states)


@pytest.mark.parametrize(
    ("verb", "state", "to"),
    [
        ("complaint", "received", "examining"),
        ("not-complaint", "received", "open"),
        ("not-complaint", "examining", "open"),
        ("accept", "received", "accepted"),
        ("accept", "examining", "accepted"),
        ("accept", "awaiting-materials", "accepted"),
        ("request", "examining", "awaiting-materials"),
        ("complete", "awaiting-materials", "examining"),
        ("complete", "examining", "examining"),
        ("decline", "examining", "declined"),
        ("decline", "awaiting-materials", "declined"),
        ("conclude", "accepted", "concluded"),
        ("transfer", "accepted", "transferred"),
        ("close", "concluded", "closed"),
        ("close", "open", "closed"),
        ("reopen", "declined", "examining"),
        ("extend", "accepted", None),
        ("note", "closed", None),
        ("instruct", "declined", None),
    ],
)
def test_a_verb_leads_where_the_order_wants_it(
    shipped: Procedure, verb: str, state: str, to: str | None
) -> None:
    found = shipped.transition(verb, state)
    assert found is not None
    assert found.to == to


@pytest.mark.parametrize(
    ("verb", "state"),
    [("conclude", "received"), ("conclude", "examining"), ("extend", "examining"), ("close", "accepted"),
     ("request", "accepted"), ("decline", "accepted"), ("accept", "closed"), ("reopen", "accepted"), ("fly", "open")],
)  # fmt: skip
def test_a_verb_out_of_its_time_is_none(shipped: Procedure, verb: str, state: str) -> None:
    assert shipped.transition(verb, state) is None


def test_a_closed_ticket_is_reopened_as_what_it_was(shipped: Procedure) -> None:
    back = {kind: shipped.transition("reopen", "closed", kind) for kind in ("complaint", "enquiry")}
    assert {kind: row.to for kind, row in back.items() if row} == {"complaint": "accepted", "enquiry": "open"}


@pytest.mark.parametrize(
    ("verb", "approval", "notice"),
    [
        ("decline", "supervisor", "refusal"),
        ("conclude", "supervisor", "result"),
        ("transfer", "supervisor", "transfer"),
        ("extend", "leader", "extension"),
        ("accept", "", "acceptance"),
        ("request", "", "materials-request"),
        ("close", "", ""),
    ],
)
def test_decisions_name_their_approver_and_the_notice_they_owe(
    shipped: Procedure, verb: str, approval: str, notice: str
) -> None:
    rows = [row for row in shipped.transitions if row.verb == verb]
    assert {(row.approval, row.notice) for row in rows} == {(approval, notice)}


def test_only_a_leader_instructs_and_only_superiors_approve(shipped: Procedure) -> None:
    assert {row.by for row in shipped.transitions if row.verb in ("instruct", "read")} == {("leader",)}
    assert {row.by for row in shipped.transitions if row.verb in ("approve", "refuse")} == {
        ("supervisor", "leader")
    }


def test_every_notice_owed_is_a_kind_of_letter(shipped: Procedure) -> None:
    from mail_desk.outbound.letters import LetterKind

    assert {notice.key for notice in shipped.notices} <= {kind.value for kind in LetterKind}


def test_article_14_has_nine_grounds_and_article_20_six(shipped: Procedure) -> None:
    assert [g.number for g in shipped.grounds_of("decline")] == list(range(1, 10))
    assert [g.number for g in shipped.grounds_of("conclude")] == list(range(1, 7))
    assert shipped.grounds_of("accept") == ()


def test_a_ground_is_found_by_number_or_key_and_only_for_its_verb(shipped: Procedure) -> None:
    withdrawn = shipped.ground("withdrawn", "conclude")
    assert withdrawn is not None
    assert shipped.ground(4, "conclude") == withdrawn
    assert shipped.ground(" 4 ", "conclude") == withdrawn
    assert shipped.ground("Withdrawn", "conclude") == withdrawn
    assert shipped.ground("withdrawn", "decline") is None
    assert shipped.ground(10, "decline") is None


@pytest.mark.parametrize(
    ("key", "amount", "unit", "article"),
    [
        ("decide", 7, "working-days", "第十五条"),
        ("supplement", 15, "working-days", "第十三条"),
        ("conclude", 60, "working-days", "第十九条"),
        ("result", 3, "working-days", "第二十条"),
    ],
)
def test_statutory_limits_have_the_orders_amount_and_name_its_article(
    shipped: Procedure, key: str, amount: int, unit: str, article: str
) -> None:
    limit = shipped.limit(key)
    assert (limit.amount, limit.unit, limit.house) == (amount, unit, False)
    assert article in limit.basis("zh")
    assert "Art." in limit.basis("en")


def test_only_triage_is_the_departments_own_rule(shipped: Procedure) -> None:
    assert [limit.key for limit in shipped.limits if limit.house] == ["triage"]


def test_texts_come_in_the_language_asked_for(shipped: Procedure) -> None:
    assert shipped.state("accepted").name("zh") == "已受理、办理中"
    assert shipped.state("accepted").name("en") == "accepted, being handled"
    assert shipped.notice("result").name("zh") == "处理结果通知书"
    ground = shipped.ground(1, "decline")
    assert ground is not None
    assert ground.text("en").startswith("the complainant is neither")
    assert ground.text("zh").startswith("投诉主体")


@pytest.mark.parametrize("what", ["state", "limit", "notice"])
def test_what_the_procedure_does_not_have_is_a_key_error(shipped: Procedure, what: str) -> None:
    with pytest.raises(KeyError, match="nowhere"):
        getattr(shipped, what)("nowhere")


def test_facts_that_can_happen_are_those_the_desk_gives(shipped: Procedure) -> None:
    assert {"received", "complete", "supplement", "extended", "served:result", "marked:advert"} <= facts_of(
        shipped
    )
    assert {f for f in facts_of(shipped) if f.startswith("reopened:")} == {
        "reopened:accepted", "reopened:examining", "reopened:open",
    }  # fmt: skip


# --- reading --------------------------------------------------------------------------------------


def test_a_star_stands_for_every_state(data: dict[str, Any]) -> None:
    data["transitions"].append({"verb": "note", "from": ["*"], "by": ["handler"]})
    assert load(data).transitions[1].from_states == ("new", "done")


def test_a_pattern_matches_by_its_beginning_only_with_a_star() -> None:
    assert matches("marked:*", "marked:advert")
    assert not matches("marked:", "marked:advert")
    assert not matches("marked:*", "remarked:advert")
    assert matches("closed", "closed")


@pytest.mark.parametrize(
    ("table", "field", "value"),
    [
        ("limits", "amount", 0),
        ("limits", "unit", "fortnights"),
        ("limits", "start", []),
        ("limits", "start", ["*"]),
        ("limits", "stop", [" served:result"]),
        ("limits", "remind", [-1]),
        ("limits", "escalate", [{"to": "nobody"}]),
        ("limits", "name_zh", ""),
        ("limits", "basis_en", ""),
        ("limits", "colour", "red"),
        ("transitions", "by", []),
        ("transitions", "by", ["king"]),
        ("transitions", "approval", "handler"),
        ("states", "key", "New State"),
    ],
)
def test_what_is_no_procedure_is_refused_with_the_place(
    data: dict[str, Any], table: str, field: str, value: object
) -> None:
    data[table][0][field] = value
    with pytest.raises(ValidationError) as refused:
        load(data)
    assert refused.value.errors()[0]["loc"][:3] == (table, 0, field)


@pytest.mark.parametrize("data", [{}, {"states": 3, "transitions": 4}, {"states": [3], "transitions": [4]}])
def test_nonsense_is_refused_as_any_invalid_file(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        load(data)


def test_hours_must_close_after_they_open(data: dict[str, Any]) -> None:
    data["hours"] = [{"opens": "12:00", "closes": "09:00"}]
    with pytest.raises(ValidationError, match="closes after opens"):
        load(data)


# --- soundness ------------------------------------------------------------------------------------


def test_the_small_procedure_is_sound_before_it_is_spoilt(data: dict[str, Any]) -> None:
    assert soundness(load(data)) == []


def _state(key: str) -> dict[str, Any]:
    return {"key": key, "name_zh": "态", "name_en": key}


def _go(verb: str, come_from: str, to: str | None = None, **more: object) -> dict[str, Any]:
    return {"verb": verb, "from": [come_from], **({"to": to} if to else {}), "by": ["handler"], **more}


def _ground(**more: object) -> dict[str, Any]:
    return {"key": "why", "verb": "conclude", "number": 1, "text_zh": "因", "text_en": "why", **more}


SPOILT: list[tuple[str, dict[str, list[Any]], dict[str, Any], str]] = [
    ("dead end", {"states": [_state("pit")], "transitions": [_go("fall", "new", "pit")]}, {},
     'state "pit" is a dead end: no final state can be reached from it'),
    ("unreachable", {"states": [_state("moon")], "transitions": [_go("land", "moon", "done")]}, {},
     'state "moon" cannot be reached from "new"'),
    ("unknown target", {"transitions": [_go("go", "new", "mars")]}, {},
     'transition "go" names the state "mars", which does not exist'),
    ("unknown source", {"transitions": [_go("go", "mars", "new")]}, {},
     'transition "go" names the state "mars", which does not exist'),
    ("unknown notice", {"transitions": [_go("go", "new", notice="song")]}, {},
     'transition "go" owes the notice "song", which does not exist'),
    ("idle notice", {"notices": [{"key": "song", "name_zh": "歌", "name_en": "song"}]}, {},
     'notice "song" is owed by no transition'),
    ("twice state", {"states": [_state("new")]}, {}, 'state "new" stands there twice'),
    ("twice row", {"transitions": [_go("conclude", "new", "new")]}, {},
     'transition "conclude" from "new" stands there twice: only the first would count'),
    ("twice row of a kind", {"transitions": [_go("go", "new", kinds=["advert"]), _go("go", "new", kinds=["advert"])]}, {},
     'transition "go" from "new" for advert stands there twice: only the first would count'),
    ("ground of no verb", {"grounds": [_ground(verb="sing")]}, {},
     'there are grounds for "sing", which is no verb of the procedure'),
    ("twice number", {"grounds": [_ground(), _ground(key="because")]}, {},
     'grounds of "conclude": number 1 stands there twice'),
    ("twice ground", {"grounds": [_ground(), _ground(number=2)]}, {},
     'grounds of "conclude": "why" stands there twice'),
    ("twice material", {"materials": [{"number": 1, "text_zh": "一", "text_en": "one"}] * 2}, {},
     "materials: number 1 stands there twice"),
    ("no ground", {"transitions": [_go("judge", "new", needs_ground=True)]}, {},
     'transition "judge" needs a ground, and there is none for it'),
    ("nobody approves", {"transitions": [_go("judge", "new", approval="leader")]}, {},
     'transition "judge" needs a leader\'s approval, but no leader can approve in the state "new"'),
    ("wrong approver", {"transitions": [
        _go("judge", "new", approval="leader"), {**_go("approve", "new"), "by": ["supervisor"]},
        {**_go("refuse", "new"), "by": ["leader"]}]}, {},
     'transition "judge" needs a leader\'s approval, but no leader can approve in the state "new"'),
    ("unknown start", {}, {"start": ["sunrise"]}, 'limit "answer": start names "sunrise", which never happens'),
    ("never starts", {}, {"start": ["served:song"]}, 'limit "answer" never starts'),
    ("never stops", {}, {"stop": []}, 'limit "answer" can never be fulfilled: no fact of its stop ever happens'),
    ("stop that cannot happen", {}, {"stop": ["served:song"]},
     'limit "answer" can never be fulfilled: no fact of its stop ever happens'),
    ("unknown void", {}, {"void": ["marked:*"]}, 'limit "answer": void names "marked:*", which never happens'),
    ("stray final", {}, {"final": ["concluded"]},
     'limit "answer": final names "concluded", which stands neither in stop nor in void'),
    ("pause without resume", {}, {"pause": ["concluded"]}, 'limit "answer" has only one of pause and resume'),
    ("extension nobody gives", {}, {"extended_by": "extended"},
     'limit "answer" is extended by "extended", which never happens'),
    ("cap of nothing", {}, {"extension_cap": 3}, 'limit "answer" caps extensions but has no extended_by'),
    ("asked for in vain", {}, {"extension_asked": 3},
     'limit "answer" says when an extension is asked for but has no extended_by'),
    ("put forward to nobody", {}, {"prepare": 2},
     'limit "answer" says when decisions are put forward, but none that ends it needs approval'),
    ("put forward before the start", {}, {"prepare": 5},
     'limit "answer": decisions would be due for approval before its start'),
    ("withdrawn for no reason", {"transitions": [_go("conclude", "new", to="done"), _go("withdraw", "new", to="done")]},
     {}, 'transition "withdraw" concludes, but there is no ground "withdrawn" for "conclude"'),
    ("hours without hours", {}, {"unit": "working-hours"},
     'limit "answer" counts working hours, but the procedure has no hours'),
    ("reminder before the start", {}, {"remind": [5]},
     'limit "answer": a reminder 5 before the end would never lie after its start'),
    ("reminder twice", {}, {"remind": [1, 1]}, 'limit "answer" reminds twice at the same time'),
    ("rung twice", {}, {"escalate": [{"to": "leader"}, {"to": "leader"}]},
     'limit "answer" escalates twice at the same time to the same person'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "limit", "said"), [row[1:] for row in SPOILT], ids=[row[0] for row in SPOILT]
)
def test_what_makes_no_sense_is_told_in_a_sentence(
    data: dict[str, Any], more: dict[str, list[Any]], limit: dict[str, Any], said: str
) -> None:
    for table, rows in more.items():
        data[table] = [*data.get(table, []), *rows]
    data["limits"][0].update(limit)
    assert said in soundness(load(data))


def test_a_procedure_without_an_end_is_told(data: dict[str, Any]) -> None:
    data["states"][1]["final"] = False
    assert soundness(load(data)) == ["no state is final: nothing would ever be finished"]


def test_a_final_state_that_is_open_is_told(data: dict[str, Any]) -> None:
    data["states"][1]["open"] = True
    assert soundness(load(data)) == ['state "done" is final and open at once']


# --- documentation --------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [Procedure, State, Transition, Limit, Ground, Hours, Escalation])
def test_every_key_of_a_procedure_file_is_explained_in_docs_time(model: type[Model]) -> None:
    text = (ROOT / "docs" / "time.md").read_text(encoding="utf-8")
    keys = {field.alias or name for name, field in model.model_fields.items()}
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`[^`\n]+`", text))))
    assert keys - words == set()
