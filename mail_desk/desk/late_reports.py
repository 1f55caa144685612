"""Reports that could not leave: an alarm to the operator and to the supervisors, once for each.

Nothing is given up: the period stays owed, and its letter stays queued until it leaves. Here only people are told,
so that somebody may hand the report over another way. Looked at each working morning, when the budget has no room,
and when a letter has failed; a desk that was down is no reason, since it sends at once what it owes.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import select

from mail_desk.config import Role
from mail_desk.desk.post import Cause, To, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import AlarmContext, Audience, LetterKind
from mail_desk.store.schema import LetterRow, LetterState, Moment

log = structlog.get_logger()

WAITED = timedelta(days=1)  # no budget for so long
REPORTS = (LetterKind.DIGEST.value, LetterKind.CIRCULAR.value, LetterKind.LEADER_WEEK.value)
_LEFT = (LetterState.SENT, LetterState.FAILED, LetterState.CANCELLED)


def no_room(work: Work) -> None:
    """Tell of every report that has waited for budget for a day; idempotent."""
    late = work.now - WAITED
    reports = Moment.action.in_(("digest", "leader-week"))
    owed = select(Moment).where(reports, Moment.state == "pending", Moment.due_at < late)
    for moment in work.session.scalars(owed.order_by(Moment.id)).all():
        _tell(work, moment.key, _title(work, moment.data.get("digest", "")), _no_budget(work), "")


def look(work: Work) -> None:
    """Tell of every report whose letter was tried in vain on the day it was written; idempotent."""
    if not work.rules.calendar.is_working(work.today):
        return
    begun = datetime.combine(work.today, time(0), work.settings.desk.zone)
    waiting = select(LetterRow).where(
        LetterRow.kind.in_(REPORTS),
        LetterRow.state.not_in(_LEFT),
        LetterRow.created_at < begun,  # its not_before moves with each attempt
        LetterRow.attempts > 0,
    )
    for letter in work.session.scalars(waiting.order_by(LetterRow.id)).all():
        _tell(work, f"letter/{letter.id}", letter.subject, _unsent(work, letter), letter.last_reply or "")


def failed(work: Work, letter: LetterRow, diagnostic: str) -> None:
    """Tell of a report that was refused or came back; other letters are none of this."""
    if letter.kind not in REPORTS:
        return
    zh = work.settings.desk.staff_language == "zh"
    subject = letter.subject.removeprefix(f"[{letter.tag}]").strip()
    what = (
        f"寄给 {letter.recipient} 的《{subject}》被拒收或者退回，收件人没有看到。"
        if zh
        else f"“{subject}” to {letter.recipient} was refused or came back: its reader has not seen it."
    )
    _tell(work, f"letter/{letter.id}/failed", subject, what, diagnostic)


def not_made(work: Work, key: str, digest: str, reader: str, error: Exception) -> None:
    """Tell of a report that could not be written for a reader: a template that breaks, a defect. Tried each hour."""
    log.error("report cannot be written", action="put-off", key=key, reader=reader, exc_info=error)
    what = (
        f"给 {reader} 的这一期未能生成；每小时重试一次，其他收件人不受影响。"
        if work.settings.desk.staff_language == "zh"
        else f"It could not be written for {reader}; it is tried again each hour. Other readers are not affected."
    )
    _tell(work, f"{key}/{reader}/made", _title(work, digest), what, f"{type(error).__name__}: {error}")


def _title(work: Work, key: str) -> str:
    zh = work.settings.desk.staff_language == "zh"
    found = next((d for d in work.settings.digests.digest if d.key == key), None)
    if found is None:
        return key or ("领导一周事项" if zh else "the week of a leader")
    return found.title_zh if zh else found.title_en


def _no_budget(work: Work) -> str:
    return (
        "到了发送时间已满一天，仍未发出：当日发信额度不足。额度恢复后自动补发。"
        if work.settings.desk.staff_language == "zh"
        else "It should have left a day ago: the day's sending budget had no room. It leaves once there is room."
    )


def _unsent(work: Work, letter: LetterRow) -> str:
    return (
        f"寄给 {letter.recipient} 的信当天未能发出，仍在自动重试。"
        if work.settings.desk.staff_language == "zh"
        else f"The letter to {letter.recipient} did not leave on its day and is tried again and again."
    )


def _tell(work: Work, key: str, title: str, what: str, detail: str) -> None:
    zh = work.settings.desk.staff_language == "zh"
    context = AlarmContext(
        title=f"汇总未能送达：{title}" if zh else f"A report has not been delivered: {title}",
        what_happened=what,
        what_to_do=(
            "请核对收件地址和发信额度；急需时请督办人员改用其他方式送阅。内容没有丢失。"
            if zh
            else "Please check the address and the budget; where it is urgent, hand the report over another way. "
            "Nothing is lost."
        ),
        detail=detail,
    )
    language = work.settings.desk.staff_language
    readers = [To(a, a, language, Audience.OPERATOR) for a in work.people.operator]
    readers += [to_person(work, p) for p in work.people.with_role(Role.SUPERVISOR)]
    for to in readers:
        dedupe = f"late-report/{key}/{to.address}"
        if work.session.scalar(select(LetterRow.id).where(LetterRow.dedupe == dedupe)) is not None:
            continue
        post(work, LetterKind.ALARM, to, context, Cause("alarm"), dedupe=dedupe)
