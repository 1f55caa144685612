"""`list` with a filter: the tickets behind a figure, for whom it may concern (`#列表 逾期`, `#list open`).

A handler gets those in his or her hands, supervisors and leaders all that are not hidden from them. In answer to
a digest its period counts; else the month that runs, or the period named.
"""

from __future__ import annotations

from datetime import date

from mail_desk.config import Role
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LetterKind
from mail_desk.reports import drilling, figures, periods
from mail_desk.reports.periods import Period
from mail_desk.reports.words import Names
from mail_desk.tickets.commands import Command

LONGEST = 50


def listing(work: Work, actor: Actor, command: Command) -> Outcome:
    """List the tickets that the words behind `list` ask for."""
    asked = drilling.read(command.words, work.today)
    if asked is None:
        return Outcome(False, actor.say(_UNDERSTOOD_ZH, _UNDERSTOOD_EN))
    period = asked.period or _of_letter(work, actor) or periods.month_of(work.today)
    settings = work.settings.model_copy(update={"people": work.people})
    found = figures.collect(
        work.session,
        period,
        settings=settings,
        procedures=work.rules.procedures,
        calendar=work.rules.calendar,
        now=work.now,
        hidden_for=actor.person.key,
    )
    numbers = drilling.select(found, asked, Names(settings, work.rules.procedures, actor.language))
    if numbers is None:
        return Outcome(False, actor.say(f"没有叫“{asked.value}”的。", f"Nothing is called “{asked.value}”."))
    if actor.person.role is Role.HANDLER:
        mine = {c.identity.number for c in found.cases if c.identity.handler in actor.acts_for}
        mine |= {o.identity.number for o in found.overdue if o.identity.handler in actor.acts_for}
        numbers = tuple(number for number in numbers if number in mine)
    cases = [case for n in numbers[:LONGEST] if (case := Case.by_number(work, n)) is not None]
    what = actor.say(
        f"{' '.join(command.words.split())}：{len(numbers)}件（{period.first}至{period.last}）",
        f"{' '.join(command.words.split())}: {len(numbers)} ticket(s) ({period.first} to {period.last})",
    )
    if len(numbers) > LONGEST:
        what += actor.say(
            f"，列出前{LONGEST}件，全部见台账", f", the first {LONGEST} listed; all stand in the workbook"
        )
    return Outcome(True, what, listing=tuple(case.view(actor.language) for case in cases))


def _of_letter(work: Work, actor: Actor) -> Period | None:
    """Return the period of the digest that is answered."""
    letter = actor.letter
    if letter is None or letter.kind != LetterKind.DIGEST.value:
        return None
    _, key, first, *_ = [*(letter.dedupe or "").split("/"), "", "", ""]
    digest = next((d for d in work.settings.digests.digest if d.key == key), None)
    if digest is None:
        return None
    if first == "by-hand":
        return periods.before(digest.period, work.rules.day_of(letter.created_at))
    return periods.of(digest.period, date.fromisoformat(first))


_UNDERSTOOD_ZH = (
    "看不懂要列哪些。可以写：逾期、未办结、收到、受理、不予受理、办结、延期、未认定、未送达；可加“类别 审批”、“承办 王芳”、"
    "“企业 …”、“国别 …”，以及上月、本季度、2026-09。例：#列表 类别 审批 未办结"
)
_UNDERSTOOD_EN = (
    "It is not clear what to list. Write overdue, open, received, accepted, refused, concluded, extended, unmarked or "
    "unserved; perhaps “category …”, “handler …”, “enterprise …”, “country …”; perhaps last month, this quarter, 2026-09. "
    "Example: #list category permits open"
)
