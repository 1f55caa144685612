"""人员: a supervisor adds a colleague, retires or replaces one, moves tickets in bulk. By mail, twice said.

Every change is first laid ready in the answer and done when the superior answers *that* letter with the
digit: so it needs the key of a letter twice, which nobody has who only knows the address. people.toml stays
the base (`people_book`); supervisors and leaders are made there alone. Whatever is done is told to the
operator and to every other superior.
"""

from __future__ import annotations

from dataclasses import dataclass

from mail_desk.config import Language, Person, Role
from mail_desk.desk import moving, noticing, people_book, people_letters
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, many
from mail_desk.desk.people_book import Told
from mail_desk.desk.people_letters import Step
from mail_desk.desk.post import Cause, To, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import Audience, LetterKind, PeopleChangedContext, WelcomeContext
from mail_desk.tickets import people_changes
from mail_desk.tickets.commands import Command
from mail_desk.tickets.people_changes import (
    SPREAD,
    Add,
    Listing,
    Move,
    Present,
    Reinstate,
    Replace,
    Retire,
    Unclear,
)

MOST_TAKERS = 6  # offered by name


@dataclass(frozen=True, slots=True)
class _Ready:
    """A change that has been understood: the line that says it, and what it would do."""

    line: str
    zh: str
    en: str

    @property
    def step(self) -> Step:
        return (self.line, f"确认：{self.zh}", f"Confirm: {self.en}", False)


def command(work: Work, actor: Actor, told: Command) -> Outcome:
    """Carry out what a superior says of the staff, once it has been confirmed."""
    if not actor.superior:
        return Outcome(
            False, actor.say("人员由负责人管理，您没有权限。", "Only a supervisor changes the staff.")
        )
    change = people_changes.read(told.words, work.people.person)
    if isinstance(change, Listing):
        return _listing(work, actor)
    if isinstance(change, Unclear):
        return _unclear(work, actor, change)
    if actor.letter is None:
        return Outcome(
            False,
            actor.say(
                "为防冒用，未执行：人员变动只能通过回复本系统寄给您的信办理，例如今天的工作清单。",
                "Not done, to keep forgers out: change the staff in reply to a letter of the desk, "
                "such as today's worklist.",
            ),
        )
    match change:
        case Present(who):
            noticing.present(work, who)
            return Outcome(
                True,
                actor.say(
                    f"记下：{_name(work, who, 'zh')}在岗，没有改变任何事项",
                    f"Noted: {_name(work, who, 'en')} is here; nothing was changed",
                ),
            )
        case Add():
            return _add(work, actor, change)
        case Retire():
            return _retire(work, actor, change)
        case Replace(who, by):
            return _retire(work, actor, Retire(who, by), replacing=True)
        case Move():
            return _move(work, actor, change)
        case Reinstate(who):
            return _reinstate(work, actor, who)


def _name(work: Work, key: str, language: Language) -> str:
    if key == SPREAD:
        return "按在办量分配" if language == "zh" else "spread by load"
    person = work.people.by_key(key)
    return people_letters.name(person, language) if person is not None else key


def _confirmed(actor: Actor, line: str) -> bool:
    """Say whether the letter answered laid this very line ready: reading it was the confirmation."""
    return actor.letter is not None and any(choice["command"] == line for choice in actor.letter.choices)


def _ask(actor: Actor, *ready: _Ready) -> Outcome:
    return Outcome(
        False,
        actor.say(
            "尚未执行，请核对后回复数字确认。", "Not done yet: please check, then confirm with the digit."
        ),
        offers=[one.step for one in ready],
    )


def _told(work: Work, actor: Actor) -> Told:
    return Told(actor.person.key, work.now, actor.cause)


# --- reading ---------------------------------------------------------------------------------------


_ROLES = {
    Role.HANDLER: ("经办", "handler"),
    Role.SUPERVISOR: ("负责人", "supervisor"),
    Role.LEADER: ("领导", "leader"),
    Role.OBSERVER: ("观察员", "observer"),
    Role.AUDITOR: ("审计", "auditor"),
}


def _listing(work: Work, actor: Actor) -> Outcome:
    zh = actor.language == "zh"
    rows = []
    for person in work.people.person:
        role = _ROLES[person.role][0 if zh else 1]
        count = work.load.get(person.key, 0)
        said = [role, ", ".join(person.addresses), f"在办{count}件" if zh else f"{count} open"]
        if person.retired:
            said.append("已停用" if zh else "retired")
        elif person.away_on(work.today):
            said.append("今天不在岗" if zh else "away today")
        rows.append(f"{people_letters.name(person, actor.language)}（{person.key}）" + "；".join(said))
    how = actor.say(
        "可写：#人员 增加 孙丽 sun.li@office.example；#人员 停用 王芳；#人员 替换 王芳 李强；#人员 移交 王芳 李强",
        "You may write: #people add Sun Li sun.li@office.example; #people retire wang; "
        "#people replace wang by li; #people move wang to li",
    )
    return Outcome(True, "\n".join([*rows, how]))


def _unclear(work: Work, actor: Actor, said: Unclear) -> Outcome:
    names = "、".join(
        f"{people_letters.name(p, actor.language)}({p.key})" for p in work.people.person if not p.retired
    )
    add_zh, add_en = "#人员 增加 孙丽 sun.li@office.example", "#people add Sun Li sun.li@office.example"
    match said.code:
        case "superior":
            zh = f"“{said.what}”不能通过邮件设置。负责人和领导只能由系统管理员在 people.toml 中登记；邮件只能增加经办人。"
            en = f"“{said.what}”: supervisors and leaders are entered in people.toml by the operator; mail adds handlers only."
        case "address":
            zh, en = f"请写上邮箱地址，例：{add_zh}", f"The mail address is missing, e.g.: {add_en}"
        case "name":
            zh, en = f"请写上姓名，例：{add_zh}", f"The name is missing, e.g.: {add_en}"
        case "who":
            zh = f"请写清是谁、交给谁，例：#人员 移交 王芳 李强。人员：{names}"
            en = f"Say who, and to whom, e.g.: #people move wang to li. Known: {names}"
        case "same":
            zh, en = "两处写的是同一个人。", "Both names are the same person."
        case "unknown" | "empty":
            zh = f"看不懂“{said.what}”。可写：增加、停用、替换、移交、恢复、列表"
            en = f"“{said.what}” is not understood. Possible: add, retire, replace, move, reinstate, list"
        case _:
            zh = f"不认识“{said.what}”，未执行。人员：{names}"
            en = f"“{said.what}” is not understood, so nothing was done. Known: {names}"
    return Outcome(False, actor.say(zh, en))


# --- joining ---------------------------------------------------------------------------------------


def _add(work: Work, actor: Actor, wanted: Add) -> Outcome:
    key = wanted.key or people_changes.key_for(wanted.address)
    refusal = _cannot_add(work, actor, wanted, key)
    if refusal is not None:
        return refusal
    language = wanted.language or work.settings.desk.staff_language
    names = f"{wanted.name} {wanted.name_en}" if wanted.name_en not in ("", wanted.name) else wanted.name
    ready = _Ready(
        f"#people add {key} {names} {wanted.address} {'english' if language == 'en' else 'chinese'}",
        f"新增经办人{wanted.name}，代号 {key}，邮箱 {wanted.address}",
        f"new handler {wanted.name_en or wanted.name}, key {key}, {wanted.address}",
    )
    if not _confirmed(actor, ready.line):
        return _ask(actor, ready)
    person = Person(
        key=key,
        name=wanted.name,
        name_en=wanted.name_en,
        role=Role.HANDLER,
        addresses=(wanted.address,),
        language=language,
        supervisor=actor.person.key if actor.person.role is Role.SUPERVISOR else None,
        languages=("zh", "en") if language == "en" else ("zh",),
    )
    people_book.add(work.session, _told(work, actor), person)
    work.people_changed()
    to = to_person(work, person)
    by = people_letters.name(actor.person, to.language)
    welcome = WelcomeContext(to.name, by, key, person.addresses)
    post(
        work, LetterKind.WELCOME, to, welcome, Cause(actor.cause), dedupe=f"welcome/{key}/{actor.message.id}"
    )
    _announce(work, actor, (f"{wanted.name}加入", f"{person.name_en or person.name} joins"), [ready])
    return Outcome(
        True,
        actor.say(
            f"{ready.zh}；已寄欢迎信。今后有来信即可转办给{wanted.name}",
            f"Done: {ready.en}; a welcome letter has gone out",
        ),
    )


def _cannot_add(work: Work, actor: Actor, wanted: Add, key: str) -> Outcome | None:
    """Return why somebody cannot be added, with what would work."""
    people, address = work.people, wanted.address
    former = next((p for p in people.person if p.retired and (p.key == key or address in p.addresses)), None)
    if former is not None:
        line = f"#people reinstate {former.key}"
        return Outcome(
            False,
            actor.say(
                f"{former.name}（{former.key}）以前登记过，可以恢复：",
                f"{former.name_en or former.name} ({former.key}) was here before and can be reinstated:",
            ),
            offers=[(line, f"恢复{former.name}", f"Reinstate {former.name_en or former.name}", False)],
        )
    known = people.by_address(address)
    if known is not None:
        said = people_letters.name(known, actor.language)
        return Outcome(
            False, actor.say(f"{address} 已是{said}的邮箱。", f"{address} is the address of {said} already.")
        )
    if address in work.settings.own_addresses() or people.organ_of(address) is not None:
        return Outcome(
            False,
            actor.say(
                f"{address} 是本系统或有关单位的邮箱，不能登记为个人。",
                f"{address} belongs to the desk itself or to an organ, not to a colleague.",
            ),
        )
    taken = next((p for p in people.person if p.key == key or wanted.name in (p.name, *p.aliases)), None)
    if taken is not None:
        return Outcome(
            False,
            actor.say(
                f"代号“{key}”或姓名“{wanted.name}”已有人用（{taken.name}，{taken.key}）。请另写代号，重名的请加以区分，"
                f"例：#人员 增加 {key}2 {wanted.name}（小） {address}",
                f"The key “{key}” or the name “{wanted.name}” is taken ({taken.key}). Give another one, "
                f"e.g.: #people add {key}2 … {address}",
            ),
        )
    return None


def _reinstate(work: Work, actor: Actor, who: str) -> Outcome:
    person = work.people.by_key(who)
    if person is None or not person.retired:
        return Outcome(False, actor.say("此人没有停用。", "That person is not retired."))
    ready = _Ready(
        f"#people reinstate {who}", f"恢复{person.name}", f"reinstate {people_letters.name(person, 'en')}"
    )
    if not _confirmed(actor, ready.line):
        return _ask(actor, ready)
    people_book.reinstate(work.session, _told(work, actor), who)
    work.people_changed()
    back = work.people.by_key(who)
    if back is None or back.retired:
        return Outcome(
            False,
            actor.say(
                "people.toml 中仍为停用，请系统管理员改。", "people.toml says retired: ask the operator."
            ),
        )
    _announce(work, actor, (f"恢复{person.name}", f"{people_letters.name(person, 'en')} is back"), [ready])
    return Outcome(True, actor.say(f"已{ready.zh}", f"Done: {ready.en}"))


# --- leaving, moving -------------------------------------------------------------------------------


def _is_handler(work: Work, actor: Actor, who: str) -> Person | Outcome:
    person = work.people.by_key(who)
    if person is None or person.role is not Role.HANDLER:
        return Outcome(
            False,
            actor.say(
                f"{_name(work, who, 'zh')}不是经办人，只能由系统管理员在 people.toml 中变动。",
                f"{_name(work, who, 'en')} is no handler: only the operator changes that, in people.toml.",
            ),
        )
    if person.retired:
        return Outcome(False, actor.say("已经停用。", "That person has left already."))
    return person


def _retire(work: Work, actor: Actor, wanted: Retire, *, replacing: bool = False) -> Outcome:
    person = _is_handler(work, actor, wanted.who)
    if isinstance(person, Outcome):
        return person
    cases = moving.open_of(work, person)
    ready = _retiring(work, person, len(cases), wanted.to)
    refusal = _cannot_take(work, actor, person, wanted.to)
    if refusal is not None:
        return refusal
    if not _confirmed(actor, ready.line):
        if wanted.to or not cases:
            return _ask(actor, ready)
        possible = [SPREAD, *(p.key for p in moving.takers(work, person)[:MOST_TAKERS])]
        return _ask(actor, *(_retiring(work, person, len(cases), to) for to in possible))
    if cases and not wanted.to:  # they came between the question and the answer
        possible = [SPREAD, *(p.key for p in moving.takers(work, person)[:MOST_TAKERS])]
        return _ask(actor, *(_retiring(work, person, len(cases), to) for to in possible))
    heir = "" if wanted.to in ("", SPREAD) else wanted.to
    people_book.retire(work.session, _told(work, actor), person.key, substitute=heir)
    work.people_changed()
    moved = moving.move(work, person, wanted.to or SPREAD, actor)
    for key in {heir} - {""}:
        noticing.present(work, key)
    _announce(
        work,
        actor,
        (
            f"{person.name}停用" + (f"，由{_name(work, heir, 'zh')}接替" if replacing else ""),
            f"{people_letters.name(person, 'en')} leaves",
        ),
        [ready],
    )
    return Outcome(True, _moved_words(work, actor, moved, f"已{ready.zh}", f"Done: {ready.en}"))


def _retiring(work: Work, person: Person, count: int, to: str) -> _Ready:
    name_zh, name_en = people_letters.name(person, "zh"), people_letters.name(person, "en")
    if not to:
        return _Ready(f"#people retire {person.key}", f"停用{name_zh}（没有在办件）", f"retire {name_en}")
    to_zh, to_en = _name(work, to, "zh"), _name(work, to, "en")
    zh = f"停用{name_zh}，在办{count}件" + (to_zh if to == SPREAD else f"转给{to_zh}，今后的来信也由其接办")
    en = f"retire {name_en}, {many(count, 'open ticket')} " + (to_en if to == SPREAD else f"to {to_en}")
    joined = to if to == SPREAD else f"to {to}"
    return _Ready(f"#people retire {person.key} {joined}", zh, en)


def _move(work: Work, actor: Actor, wanted: Move) -> Outcome:
    person = work.people.by_key(wanted.who)
    if person is None:
        return _unclear(work, actor, Unclear("who"))
    count = len(moving.open_of(work, person))
    if not count:
        said = people_letters.name(person, actor.language)
        return Outcome(False, actor.say(f"{said}没有在办件。", f"{said} has no open ticket."))
    refusal = _cannot_take(work, actor, person, wanted.to)
    if refusal is not None:
        return refusal
    to_zh, to_en = _name(work, wanted.to, "zh"), _name(work, wanted.to, "en")
    joined = SPREAD if wanted.to == SPREAD else f"to {wanted.to}"
    ready = _Ready(
        f"#people move {person.key} {joined}",
        f"{person.name}的在办{count}件" + (to_zh if wanted.to == SPREAD else f"转给{to_zh}"),
        f"{many(count, 'open ticket')} of {people_letters.name(person, 'en')}: {to_en}",
    )
    if not _confirmed(actor, ready.line):
        return _ask(actor, ready)
    moved = moving.move(work, person, wanted.to, actor)
    _announce(
        work,
        actor,
        (f"{person.name}的在办件移交", f"tickets of {people_letters.name(person, 'en')} moved"),
        [ready],
    )
    return Outcome(True, _moved_words(work, actor, moved, "已移交：", "Moved: "))


def _cannot_take(work: Work, actor: Actor, person: Person, to: str) -> Outcome | None:
    """Return why somebody cannot take the tickets of another: nobody there, gone, away, or a leader."""
    if to in ("", SPREAD):
        if moving.takers(work, person):
            return None
        return Outcome(
            False,
            actor.say(
                "今天没有人可以接办，请先增加人员。", "Nobody is there to take them: add somebody first."
            ),
        )
    taker = work.people.by_key(to)
    if taker is not None and not taker.retired and taker.role in (Role.HANDLER, Role.SUPERVISOR):
        return None
    able = "、".join(f"{p.name}({p.key})" for p in moving.takers(work, person))
    return Outcome(
        False,
        actor.say(
            f"不能交给{_name(work, to, 'zh')}。可以交给：{able}",
            f"{_name(work, to, 'en')} cannot take them. Possible: {able}",
        ),
    )


def _moved_words(work: Work, actor: Actor, moved: moving.Moved, zh: str, en: str) -> str:
    """Say who got which tickets; those the superior may not see are counted only."""

    def numbers(cases: list[Case]) -> str:
        seen = [case.row.number for case in cases if actor.person.key not in case.ticket.hidden]
        more = len(cases) - len(seen)
        return "、".join(seen[:20]) + (f" +{more + max(len(seen) - 20, 0)}" if more or len(seen) > 20 else "")

    parts = [
        f"{_name(work, key, actor.language)} {len(cases)}（{numbers(cases)}）"
        for key, cases in moved.taken.items()
    ]
    if moved.left:
        parts.append(
            actor.say(
                f"无人可接的{len(moved.left)}件仍在原处，来信和提醒发给您",
                f"{len(moved.left)} that nobody may take stay where they are; their letters come to you",
            )
        )
    return "；".join([actor.say(zh, en), *parts])


def _announce(work: Work, actor: Actor, headline: tuple[str, str], changes: list[_Ready]) -> None:
    """Tell the operator and every other superior what was done, and by whom."""
    readers = [
        to_person(work, p)
        for role in (Role.SUPERVISOR, Role.LEADER)
        for p in work.people.with_role(role)
        if p.key != actor.person.key
    ]
    language = work.settings.desk.staff_language
    readers += [To(a, a, language, Audience.OPERATOR) for a in work.people.operator]
    for to in readers:
        zh = to.language == "zh"
        context = PeopleChangedContext(
            to.name,
            people_letters.name(actor.person, to.language),
            headline[0 if zh else 1],
            tuple(c.zh if zh else c.en for c in changes),
        )
        dedupe = f"people/{actor.message.id}/{headline[1]}/{to.address}"[:200]
        post(work, LetterKind.PEOPLE_CHANGED, to, context, Cause(actor.cause), dedupe=dedupe)
