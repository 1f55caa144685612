"""What staff note on a ticket and no limit counts from: its category, what belongs to it, suggestions."""

from __future__ import annotations

from mail_desk.config import Category
from mail_desk.desk.case import Case
from mail_desk.desk.choices import MOST_DIGITS
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.verb import simply
from mail_desk.tickets import events as e
from mail_desk.tickets import ticket as tickets
from mail_desk.tickets.commands import Command
from mail_desk.tickets.events_notes import Categorised, Suggested
from mail_desk.tickets.policy import Transition

RELATED = "related"


def category(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Put the ticket in a category of the routing; the digests count by them."""
    known = case.work.settings.routing.category
    wanted = command.argument.casefold()
    found = next((c for c in known if wanted in (c.key.casefold(), *_names(c))), None)
    if found is None:
        return _categories(case, command, actor, known)
    if case.row.category == found.key:
        return Outcome(
            False, actor.say(f"已经归入“{found.name_zh}”。", f"It is in “{found.name_en}” already.")
        )
    before = next((c for c in known if c.key == case.row.category), None)
    name = actor.say(found.name_zh, found.name_en)
    old = actor.say(before.name_zh, before.name_en) if before is not None else ""
    event = Categorised(found.key, case.row.category or "")
    case.record(event, actor=actor.person.key, cause=actor.cause)
    return Outcome(True, actor.say(f"归入“{name}”", f"Now in “{name}”"), old, name)


def _names(known: Category) -> tuple[str, str]:
    return known.name_zh.casefold(), known.name_en.casefold()


def _categories(case: Case, command: Command, actor: Actor, known: tuple[Category, ...]) -> Outcome:
    """Offer the categories by digits; those beyond the digits are named."""
    if not known:
        return Outcome(
            False, actor.say("配置中没有类别（routing.toml）。", "No category is configured (routing.toml).")
        )
    said = command.argument
    names = "、".join(f"{c.name_zh}({c.key})" for c in known[MOST_DIGITS:])
    names_en = ", ".join(f"{c.name_en} ({c.key})" for c in known[MOST_DIGITS:])
    return Outcome(
        False,
        actor.say(
            (f"没有“{said}”这一类。" if said else "归入哪一类？")
            + "请回复数字选择"
            + (f"；另有{names}，可写“#分类 名称”。" if names else "。"),
            (f"There is no category “{said}”. " if said else "Which category? ")
            + "Answer with the digit"
            + (f"; there are also {names_en}, for “#category name”." if names else "."),
        ),
        offers=[
            (f"#{case.row.number} category {c.key}", c.name_zh, c.name_en, False) for c in known[:MOST_DIGITS]
        ],
    )


def link(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Note on two tickets that they belong together; both stay as they are."""
    other = Case.by_number(case.work, command.argument)
    number = command.argument
    if other is None or actor.person.key in other.ticket.hidden:
        return Outcome(False, actor.say(f"没有来信{number}。", f"There is no ticket {number}."))
    if other.row.id == case.row.id:
        return Outcome(False, actor.say("就是这一件。", "That is this very ticket."))
    if any(r.event == e.Linked(number, RELATED) for r in tickets.live(case.recorded)):
        return Outcome(False, actor.say(f"已经与{number}关联。", f"It is linked to {number} already."))
    other.record(e.Linked(case.row.number, RELATED), actor=actor.person.key, cause=actor.cause)
    return simply(
        case,
        actor,
        e.Linked(number, RELATED),
        f"与{number}关联，两件的经过中都可以看到",
        f"Linked to {number}; the story of each says so",
    )


def suggest(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    """Keep a measure or suggestion for the inspection summaries; nothing leaves the office."""
    return simply(
        case,
        actor,
        Suggested(case.keep(command.words)),
        "建议已记下，列入下一期检查情况报告",
        "Suggestion kept; it will stand in the next inspection summary",
    )
