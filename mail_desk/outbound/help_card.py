"""The help card: one screen, by situation, and only what the reader's role may use.

Made of the table the grammar works by, so it cannot promise what is not understood. What one verb does and an
example of it are told by `help` with its name. Who may really use a verb on a ticket, the procedure decides.
"""

from __future__ import annotations

from collections.abc import Iterable

from mail_desk.config import Language
from mail_desk.tickets.commands_verbs import ALIASES, VERBS, Argument, Verb, Wording

_V = Verb

_OFFICE: tuple[tuple[str, str, tuple[Verb, ...]], ...] = (
    ("新来件", "New mail", (
        _V.COMPLAINT, _V.NOT_COMPLAINT, _V.ACCEPT, _V.REQUEST, _V.COMPLETE, _V.SUPPLEMENT, _V.DECLINE, _V.TRANSFER,
    )),
    ("办理中", "Handling", (
        _V.PROGRESS, _V.EXTEND, _V.SUSPEND, _V.RESUME, _V.NOTE, _V.SNOOZE, _V.CATEGORY, _V.LINK, _V.MERGE,
        _V.SEPARATE, _V.SPLIT, _V.SUGGEST,
    )),
    ("对外信件", "Letters", (_V.REPLY, _V.SEND, _V.ATTACH, _V.AWAIT, _V.SERVED, _V.DISPATCH, _V.PARTICIPANT)),
    ("问单位", "Public bodies", (_V.ASK, _V.STATEMENT, _V.ANSWER, _V.NOT_ANSWER)),
    ("办完", "Finishing", (_V.CONCLUDE, _V.WITHDRAW, _V.CLOSE, _V.REOPEN)),
    ("报领导", "Leaders", (_V.ESCALATE, _V.REPORT_BACK)),
    ("人员", "People", (_V.ASSIGN, _V.TEAM, _V.RECUSE, _V.RECLAIM, _V.LEAVE, _V.BACK, _V.CONFIRM, _V.DENY)),
    ("审签督办", "Supervising", (
        _V.APPROVE, _V.REFUSE, _V.RELEASE, _V.REJECT, _V.RECORD, _V.URGE, _V.ATTRIBUTE, _V.REPORT, _V.ADOPT,
        _V.PEOPLE, _V.ERASE,
    )),
    ("登记查找", "Looking up", (
        _V.LIST, _V.SHOW, _V.SEARCH, _V.EXPLAIN, _V.DOSSIER, _V.EXPORT, _V.REGISTER, _V.ENTERPRISE, _V.UNDO, _V.HELP,
    )),
)  # fmt: skip
_LEADER: tuple[tuple[str, str, tuple[Verb, ...]], ...] = (
    ("审批", "Deciding", (_V.APPROVE, _V.REFUSE)),
    ("批示", "Instructing", (_V.INSTRUCT, _V.READ, _V.NOTE, _V.SUGGEST)),
    ("督办", "Supervising", (_V.SUPERVISE, _V.CALL_OFF, _V.URGE, _V.ATTRIBUTE, _V.REPORT)),
    ("查看", "Reading", (_V.LIST, _V.SHOW, _V.SEARCH, _V.EXPLAIN, _V.DOSSIER, _V.EXPORT, _V.HELP)),
    ("人员", "People", (_V.ASSIGN, _V.RECUSE, _V.LEAVE, _V.BACK, _V.PEOPLE, _V.CONFIRM, _V.DENY)),
)
_READER = (("查看", "Reading", (_V.LIST, _V.SHOW, _V.SEARCH, _V.EXPLAIN, _V.DOSSIER, _V.EXPORT, _V.HELP)),)

CARDS = {
    "handler": _OFFICE,
    "supervisor": _OFFICE,
    "leader": _LEADER,
    "observer": _READER,
    "auditor": _READER,
}

# What stands behind a verb, in one word; what may be left out is left out here.
_BEHIND: dict[Argument, tuple[str, str]] = {
    Argument.KIND: ("种类", "kind"),
    Argument.GROUND: ("第几项", "ground"),
    Argument.PERSON: ("谁", "person"),
    Argument.ORGAN: ("单位", "organ"),
    Argument.BODY: ("单位", "body"),
    Argument.DAYS: ("天数", "days"),
    Argument.COMING: ("日期", "day"),
    Argument.CATEGORY: ("类别", "category"),
    Argument.TICKET: ("编号", "number"),
    Argument.NOTICE: ("哪种", "notice"),
    Argument.MAIL: ("M12", "M12"),
    Argument.MAIL_DAY: ("M12", "M12"),
}


def verbs_of(role: str) -> set[Verb]:
    """Return what a role of people.toml may use; a handler may also help, or have handled a ticket before."""
    if role not in ("handler", "supervisor", "leader"):
        return set(_READER[0][2])
    may = {role} | (
        {"team", "former"} if role == "handler" else {"former"} if role == "supervisor" else set()
    )
    return {verb for verb, spec in VERBS.items() if may & set(spec.roles.split(", "))}


def rows(role: str, language: Language) -> tuple[tuple[str, str], ...]:
    """Return the card: each situation with the commands for it."""
    mine, zh = verbs_of(role), language == "zh"
    made = []
    for name_zh, name_en, verbs in CARDS.get(role, _OFFICE):
        said = (_typed(verb, zh=zh) for verb in verbs if verb in mine)
        if line := " · ".join(said):
            made.append((name_zh if zh else name_en, line))
    return tuple(made)


def _typed(verb: Verb, *, zh: bool) -> str:
    spec = VERBS[verb]
    parts = [f"#{spec.zh[0] if zh else verb}"]
    if spec.argument in _BEHIND:
        parts.append(_BEHIND[spec.argument][0 if zh else 1])
    if spec.wording is Wording.REQUIRED:
        parts.append("…")
    return "\N{NO-BREAK SPACE}".join(parts)


def about(words: str, language: Language) -> str:
    """Return what the verbs named in these words do, with an example; "" where none is named."""
    named = dict.fromkeys(_named(words.replace("#", " ").replace("＃", " ").split()))
    lines = []
    for verb in named:
        spec = VERBS[verb]
        lines.append(
            f"#{spec.zh[0]}：{spec.does_zh}。例：{spec.example}"
            if language == "zh"
            else f"{_typed(verb, zh=False)}: {spec.does_en}"
        )
    return "\n".join(lines)


def _named(words: Iterable[str]) -> Iterable[Verb]:
    for word in words:
        meaning = ALIASES.get(word.strip("，。,.?？").lower())
        if meaning is not None and not meaning.argument:
            yield meaning.verb
