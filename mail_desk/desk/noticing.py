"""Noticing that somebody is away: an automatic answer of the person's mailbox, or letters that come back.

The superior is told once for each absence and decides by a digit. Nothing follows by itself: no ticket is
closed, reopened or given away by a machine's answer (wound 12, docs/architecture.md).
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select

from mail_desk.config import Language, Person, Role
from mail_desk.desk import moving, people_letters
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import in_words
from mail_desk.desk.people_letters import Step
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import AbsenceContext, LetterKind
from mail_desk.store.schema import Message, Meta
from mail_desk.tickets.assignment import superior
from mail_desk.tickets.return_dates import last_day_away

Why = Literal["automatic", "unreachable"]

_PREFIX = "noticed/"
_FORGOTTEN = timedelta(days=30)  # after which the same thing is told again
_SHOWN = 2000  # characters of an automatic answer


def automatic(work: Work, message: Message, *, proven: bool) -> None:
    """Tell the superior that a colleague's mailbox answers by itself. `proven`: it shows a key of our letters."""
    person = work.people.by_address(message.from_address or "")
    if person is None:
        return
    text = f"{message.subject or ''}\n{message.new_text or ''}"
    until = last_day_away(text, work.today)
    _tell(
        work,
        person,
        "automatic",
        until=until,
        quoted=(message.new_text or "").strip()[:_SHOWN] or (message.subject or ""),
        proven=proven,
    )


def unreachable(work: Work, address: str, diagnostic: str) -> None:
    """Tell the superior that letters to a colleague come back."""
    person = work.people.by_address(address)
    if person is not None:
        _tell(work, person, "unreachable", until=None, quoted=diagnostic, proven=True)


def present(work: Work, person: str) -> None:
    """Note that somebody who seemed to be away is not: the next sign of absence is told again."""
    work.session.execute(delete(Meta).where(Meta.name == f"{_PREFIX}{person}"))


def _known(work: Work, person: Person, why: Why) -> bool:
    """Say whether this absence has been told: nothing was heard of the person since, and it is not over."""
    row = work.session.get(Meta, f"{_PREFIX}{person.key}")
    if row is None:
        return False
    told = json.loads(row.value)
    at = datetime.fromisoformat(told["at"])
    until = date.fromisoformat(told["until"]) if told["until"] else None
    if told["why"] != why or (until is not None and until < work.today) or at + _FORGOTTEN < work.now:
        return False
    heard = select(Message.id).where(
        Message.from_address.in_(person.addresses),
        Message.filed_as.in_(("command", "note")),
        Message.received_at > at,
    )
    return work.session.scalar(heard.limit(1)) is None


def _tell(work: Work, person: Person, why: Why, *, until: date | None, quoted: str, proven: bool) -> None:
    if (
        person.role not in (Role.HANDLER, Role.SUPERVISOR)
        or person.away_on(work.today)
        or _known(work, person, why)
    ):
        return
    reader = superior(work.people, person, work.today)
    if reader is None or reader.key == person.key:
        return
    told = {"why": why, "at": work.now.isoformat(), "until": until.isoformat() if until else ""}
    work.session.merge(Meta(name=f"{_PREFIX}{person.key}", value=json.dumps(told)))
    to = to_person(work, reader)
    every = moving.open_of(work, person)
    cases = [case for case in every if reader.key not in case.ticket.hidden]
    ahead, items, offered = people_letters.listed(
        cases,
        to.language,
        first=_first(work, person, cases, until),
        steps={case.row.id: _giving(case, person) for case in cases},
        said={},
    )
    context = AbsenceContext(
        reader=to.name,
        why=why,
        person=people_letters.name(person, to.language),
        notes=_notes(until, to.language, proven=proven) if why == "automatic" else (),
        quoted=quoted,
        tickets=items,
        more=len(cases) - len(items),
        first=ahead,
    )
    post(
        work,
        LetterKind.ABSENCE,
        to,
        context,
        Cause("absence"),
        choices=offered,
        tickets=[case.row.id for case in cases],
    )


def _first(work: Work, person: Person, cases: list[Case], until: date | None) -> list[Step]:
    """Return what a superior can say of the person: on leave, all tickets elsewhere, not away."""
    zh, en = people_letters.name(person, "zh"), people_letters.name(person, "en")
    leave = f"#leave {person.key} {work.today}"
    if until is not None:
        found: list[Step] = [
            (
                f"{leave} {until}",
                f"登记{zh}请假至{in_words(until, 'zh')}",
                f"Note the leave of {en} until {in_words(until, 'en')}",
                False,
            )
        ]
    else:
        found = [
            (
                leave,
                f"登记{zh}请假，从今天到哪天",
                f"Note the leave of {en}, from today until which day",
                True,
            )
        ]
    takers = moving.takers(work, person)
    if cases and takers:
        to = takers[0]
        count = len(cases)
        found.append(
            (
                f"#people move {person.key} to {to.key}",
                f"在办的{count}件全部转给{to.name}",
                f"Give all {count} open tickets to {to.name_en or to.name}",
                False,
            )
        )
    found.append(
        (f"#people present {person.key}", f"{zh}在岗，不作改变", f"{en} is here: change nothing", False)
    )
    return found


def _giving(case: Case, person: Person) -> tuple[Step, ...]:
    taker = people_letters.substitute(case, but=person)
    return (people_letters.giving(case, taker),) if taker is not None else ()


def _notes(until: date | None, language: Language, *, proven: bool) -> tuple[str, ...]:
    zh = language == "zh"
    found = []
    if until is not None:
        day = in_words(until, language)
        found.append(
            f"从文中读到的最后一天是{day}，请核对。"
            if zh
            else f"The last day it names is {day}: please check."
        )
    if not proven:
        found.append(
            "这封自动回复没有附带本系统信件的编号，无法证明出自其邮箱，请先电话核实。"
            if zh
            else "It shows no key of a letter of the desk, so anybody may have written it: please ring first."
        )
    return tuple(found)
