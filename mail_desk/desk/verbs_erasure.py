"""Erasing personal data by command (删除个人信息): shown first, carried out by one digit, never taken back."""

from __future__ import annotations

from mail_desk.desk import erasing
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, in_words, many
from mail_desk.tickets.commands import Command
from mail_desk.tickets.events_notices import Erased
from mail_desk.tickets.policy import Transition

CONFIRM = "confirm"


def erase(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    if erasing.is_erased(case.row):
        return Outcome(False, actor.say("此件的个人信息已经删除。", "Its personal data are erased already."))
    refusal = _retained(case, actor)
    if refusal is not None:
        return refusal
    if not _confirmed(case, command, actor):
        return _ask(case, actor)
    found = erasing.erase(case, actor.message.id)
    event = Erased(found.texts, len(found.mails), len(found.letters))
    case.record(event, actor=actor.person.key, cause=actor.cause)
    return Outcome(
        True,
        actor.say(
            f"已删除 {case.row.number} 的个人信息：文字{found.texts}段，来信{len(found.mails)}封，"
            f"信件{len(found.letters)}封。编号、日期、办理经过和校验值保留，统计不变。请另行清理："
            + "；".join(erasing.copies_beyond_reach(case, "zh")),
            f"Erased from {case.row.number}: {many(found.texts, 'text')}, {many(len(found.mails), 'mail')}, "
            f"{many(len(found.letters), 'letter')}. Number, dates, decisions and digests stay, so do the statistics. "
            "Still to be cleared by hand: " + "; ".join(erasing.copies_beyond_reach(case, "en")),
        ),
    )


def _retained(case: Case, actor: Actor) -> Outcome | None:
    """Say what the law has kept, and until when; None where it may go."""
    until = erasing.kept_until(case.work, case.row)
    if until is None:
        return Outcome(
            False,
            actor.say(
                "未删除：此件尚未结案。依法须留存办理材料。",
                "Not erased: the ticket is not closed. The law has its file kept.",
            ),
        )
    if until <= case.work.today:
        return None
    years = case.work.settings.desk.retention.years(case.row.kind or "")
    return Outcome(
        False,
        actor.say(
            f"未删除：依照《外商投资企业投诉工作办法》第二十四条，投诉档案须留存；本部门规定此类来信结案后保存{years}年，"
            f"至{in_words(until, 'zh')}。到期后可以删除，每年第一个工作日的清单会提示。",
            f"Not erased: Art. 24 of the Measures has the case archive kept; by this office's rule {years} years after "
            f"closing, until {in_words(until, 'en')}. The first worklist of each year says what may be erased then.",
        ),
    )


def _confirmed(case: Case, command: Command, actor: Actor) -> bool:
    """Say whether this is the digit that answers the question what would be erased: nothing else is."""
    offered = [c["command"] for c in actor.letter.choices] if actor.letter is not None else []
    return command.words.strip() == CONFIRM and f"#{case.row.number} erase {CONFIRM}" in offered


def _ask(case: Case, actor: Actor) -> Outcome:
    found = erasing.reach(case)
    number = case.row.number
    return Outcome(
        False,
        actor.say(
            f"尚未删除，请确认。将从 {number} 永久删除：投诉人姓名、地址和主题，文字{found.texts}段，来信{len(found.mails)}封"
            f"（含附件和原件），信件{len(found.letters)}封。不能撤销。系统够不到的副本："
            + "；".join(erasing.copies_beyond_reach(case, "zh")),
            f"Not erased yet, please confirm. From {number} go for good: name, address and subject, {many(found.texts, 'text')}, "
            f"{many(len(found.mails), 'mail')} with files and originals, {many(len(found.letters), 'letter')}. It cannot be undone. "
            "Copies beyond the desk's reach: " + "; ".join(erasing.copies_beyond_reach(case, "en")),
        ),
        offers=[
            (f"#{number} erase {CONFIRM}", "确认删除，不能撤销", "Erase it: there is no way back", False)
        ],
    )
