"""Who may use which verb on which ticket: what each role is, and who may read what. Pure.

The procedure says for each state who may do what (`transitions[].by`); here stands what holds before it:
observers and auditors only read, handlers read their own tickets only, nobody sees a ticket that is
hidden from them. docs/commands.md is checked against this table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mail_desk.config import Person, Role
from mail_desk.tickets.commands_verbs import Verb
from mail_desk.tickets.ticket import Ticket

# role: (Chinese, what it may, in both languages). The last two are no persons of people.toml; `team` and `former`
# are what a person is to one ticket.
ROLES: dict[str, tuple[str, str, str]] = {
    "handler": ("经办人", "办理和查看自己的件", "works on the own tickets, and reads these"),
    "supervisor": ("督办人", "办理、查看全部的件；审签、放行、登记人员", "works on and reads all; approves, releases, names staff"),
    "leader": ("领导", "审批、批示、查看全部的件", "decides, instructs, reads all"),
    "observer": ("观察员", "只查看，全部的件", "only reads, all tickets"),
    "auditor": ("审计员", "只查看，全部的件及调阅记录", "only reads, all tickets and who read them"),
    "team": ("协办人", "查看、备注所协办的件", "reads the ticket helped with, and notes"),
    "former": ("原经办人", "请现经办人把件移回", "asks for the ticket back"),
    "organ contact": ("单位联系人", "回复征询函；不能下命令", "answers what it was asked; gives no commands"),
    "complainant": ("投诉人", "来信、查进度、撤回、评价；不能下命令", "writes, asks for status, withdraws, rates; gives no commands"),
}  # fmt: skip

_IN_ENGLISH = {"team": "co-handler", "former": "former handler"}  # as a refusal says it

READ_ONLY = frozenset({Role.OBSERVER, Role.AUDITOR})
# What who only reads may use; all else is refused before anything is looked at.
READING = frozenset({"list", "show", "explain", "help", "search", "export", "dossier", "confirm", "deny"})
_SEE_ALL = frozenset({Role.SUPERVISOR, Role.LEADER, Role.OBSERVER, Role.AUDITOR})


def reads(person: Person, verb: Verb) -> bool:
    """Say whether a person's role lets it use a verb at all."""
    return person.role not in READ_ONLY or verb.value in READING


def may_see(ticket: Ticket, person: Person, *, acts_for: Collection[str]) -> bool:
    """Say whether somebody may read a ticket. `acts_for`: whom the person stands in for, itself included."""
    if person.key in ticket.hidden:
        return False
    if person.role in _SEE_ALL:
        return True
    return ticket.handler in acts_for or bool(ticket.team & set(acts_for))


def in_words(roles: Iterable[str], *, zh: bool) -> str:
    """Return the names of roles as a refusal says them."""
    names = [ROLES[r][0] if zh else _IN_ENGLISH.get(r, r) for r in ROLES if r in set(roles)]
    return ("、" if zh else ", ").join(names)
