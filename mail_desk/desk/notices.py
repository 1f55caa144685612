"""Formal notices: their numbers, their Word documents, and those that wait for a signed and sealed scan.

A number is taken from its gapless series in the transaction that takes the decision; it is void where the decision
was undone or its letter stopped, and stays in the register. A template that is broken stops nothing: the
decision stands, the handler is told to write the document, the operator to mend the template.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import structlog

from mail_desk.config import Language
from mail_desk.desk import alarms
from mail_desk.desk.case import Case
from mail_desk.desk.made import Made
from mail_desk.desk.outcome import Actor, in_words
from mail_desk.desk.post import Cause
from mail_desk.desk.work import Work
from mail_desk.outbound import official
from mail_desk.outbound.letters import (
    AcceptanceContext,
    Context,
    ExtensionContext,
    File,
    MaterialsRequestContext,
)
from mail_desk.store.schema import LetterRow
from mail_desk.tickets.commands import Command, Problem, Verb
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.events_notices import NoticeNumbered
from mail_desk.tickets.policy import Form
from mail_desk.tickets.ticket import live

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number taken for a notice of this transaction."""

    form: Form
    series: str
    n: int
    number: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a notice is about, and what its letter is made of."""

    verb: str
    notice: str
    words: str
    ground: str
    body: str


def take_number(case: Case, notice: str, ground: str) -> Numbered | None:
    """Take the next number for a notice decided on a ground; None where the procedure has no form for it."""
    form = case.procedure.form_of(notice, ground) if notice else None
    if form is None:
        return None
    series = f"{form.counted_as}/{case.work.today.year}"
    n = case.work.next_number(f"notice/{series}")
    return Numbered(form, series, n, form.numbered(case.work.today.year, n))


def record(
    case: Case, numbered: Numbered, decision: Decision, context: Context, why: Cause, letter: LetterRow | None
) -> None:
    """Put a number on record and make its document. `letter`: None where it waits for its scan."""
    event = NoticeNumbered(
        notice=decision.notice,
        form=numbered.form.key,
        series=numbered.series,
        n=numbered.n,
        number=numbered.number,
        letter=letter.id if letter is not None else 0,
        waits="" if letter is not None else numbered.form.scan,
        verb=decision.verb,
        ground=decision.ground,
        body=decision.body,
        words=case.keep(decision.words) if decision.words else None,
    )
    case.record(event, actor="desk", cause=why.cause)
    make(case, event, context)


def make(case: Case, event: NoticeNumbered, context: Context) -> Made:
    """Make the document of a notice, to be shown to who handles it."""
    form = next(f for f in case.procedure.forms if f.key == event.form)
    try:
        content = official.document(case.work.settings.template_dirs, form.key, _fields(case, event, context))
        file = File(f"{form.name_zh}（{case.row.number}）.docx", official.CONTENT_TYPE, content)
    except official.OfficialError as error:
        log.warning(
            "notice not made", action="notice", form=form.key, ticket=case.row.number, reason=str(error)
        )
        _tell_operator(case, form, str(error))
        file = None
    made = Made(case.row.id, form.name_zh, form.name_en, event.number, event.waits, file)
    case.work.made.append(made)
    return made


def _tell_operator(case: Case, form: Form, reason: str) -> None:
    zh = case.work.settings.desk.staff_language == "zh"
    title = f"通知书模板有误：{form.name_zh}" if zh else f"A notice's template is broken: {form.name_en}"
    what = (
        "这份通知书的 Word 文件没有生成。信件照常办理，经办人已被告知自行拟文。请运行 mail-desk check 并修改模板。"
        if zh
        else "The Word document of this notice could not be made. Letters go on, and the handler was told to write it. "
        "Please run mail-desk check and mend the template."
    )
    alarms.raise_alarm(case.work, f"notice-template/{form.key}", title, what, reason)


def _fields(case: Case, event: NoticeNumbered, context: Context) -> official.Fields:
    work, row, office = case.work, case.row, case.work.settings.desk.office
    enterprise = next((x for x in work.settings.enterprises if x.key == row.enterprise), None)
    ground = case.procedure.ground(event.ground, event.verb) if event.ground else None
    days, until = "", ""
    match context:
        case AcceptanceContext(conclude_days=count):
            days = str(count)
        case MaterialsRequestContext(supplement_days=count):
            days = str(count)
        case ExtensionContext(conclude_by=day):
            until = in_words(day, "zh")
        case _:
            pass
    form = next(f for f in case.procedure.forms if f.key == event.form)
    return official.Fields(
        number=event.number,
        title=form.name_zh,
        office=office.name_zh,
        signature=office.signature_zh,
        telephone=office.telephone,
        postal=office.postal_zh,
        rules=office.rules_zh,
        higher_body=office.higher_body_zh,
        to=(enterprise.name if enterprise else "") or row.complainant_name or "投诉人",
        ticket=row.number,
        subject=row.subject,
        received_on=in_words(work.rules.day_of(row.received_at), "zh"),
        today=in_words(work.today, "zh"),
        paragraphs=official.paragraphs(case.words(event.words)),
        ground=ground.text_zh if ground is not None else "",
        basis=ground.basis_zh if ground is not None else "",
        days=days,
        until=until,
    )


# --- to who handles it ----------------------------------------------------------------------------


def unshown(case: Case) -> list[Made]:
    """Return the documents of this transaction that nobody has been sent yet."""
    return [made for made in case.work.made if made.ticket == case.row.id and not made.shown]


def left_over(work: Work) -> tuple[File, ...]:
    """Return the documents nobody was sent yet, for whoever caused them."""
    left = [made for made in work.made if not made.shown]
    return hand_over(left, "zh")[1]


def hand_over(made: Sequence[Made], language: Language) -> tuple[tuple[str, ...], tuple[File, ...]]:
    """Return sentences and files for the letter that carries these documents to their handler."""
    for one in made:
        one.shown = True
    said = tuple(one.said(zh=language == "zh") for one in made)
    return said, tuple(one.file for one in made if one.file is not None)


def waiting(case: Case) -> list[Recorded]:
    """Return what numbered the notices that wait for their scan, oldest first: the last of each kind."""
    last = {
        r.event.notice: r
        for r in live(case.recorded)
        if isinstance(r.event, NoticeNumbered) and r.event.waits
    }
    return sorted((r for n, r in last.items() if n in case.ticket.waiting), key=lambda r: r.seq)


def unsealed(case: Case, language: Language) -> list[tuple[str, str, str, str, str]]:
    """Return a worklist's row for each notice that waits: ticket, notice, its number, since when, until when."""
    rows = []
    for r in waiting(case):
        if not isinstance(r.event, NoticeNumbered):
            continue
        form = next((f for f in case.procedure.forms if f.key == r.event.form), None)
        name = form.name(language) if form is not None else r.event.form
        since = _short(case.work.rules.day_of(r.at), language)
        rows.append((case.row.number, name, r.event.number, since, _until(case, r.event.notice, language)))
    return rows


def _until(case: Case, notice: str, language: Language) -> str:
    awaited = case.awaits(f"served:{notice}")
    if not awaited:
        return ""
    due = awaited[0].due_on
    left = case.work.rules.calendar.between(case.work.today, due)
    day = _short(due, language)
    if left < 0:
        return f"{day}，已逾期" if language == "zh" else f"{day}, late"
    if left == 0:
        return f"{day}，今天到期" if language == "zh" else f"{day}, today"
    return f"{day}，还有{left}个工作日" if language == "zh" else f"{day}, {left} working days left"


def _short(day: date, language: Language) -> str:
    """Return a day as a narrow column shows it."""
    return f"{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%b}"


def urgent(case: Case) -> bool:
    """Say whether a notice that waits for its scan has two working days or less left."""
    for r in waiting(case):
        if isinstance(r.event, NoticeNumbered):
            for due in case.awaits(f"served:{r.event.notice}"):
                if case.work.rules.calendar.between(case.work.today, due.due_on) <= 2:
                    return True
    return False


def tell(case: Case, actor: Actor, what: str) -> str:
    """Return what an outcome says, with the numbers taken and what to do: unless the handler has been told that."""
    zh = actor.language == "zh"
    mine = [made for made in case.work.made if made.ticket == case.row.id and not made.told]
    for made in mine:
        made.told = True
        said = (made.name_zh if zh else made.name_en) + " " + made.number if made.shown else made.said(zh=zh)
        what = f"{what}。{said}" if zh else f"{what}. {said}"
    return what


def files_first(items: Sequence[Command | Problem]) -> list[Command | Problem]:
    """Return what a mail commands, with `attach` before the letters it is for, wherever it stands."""
    return sorted(items, key=lambda item: not (isinstance(item, Command) and item.verb is Verb.ATTACH))
