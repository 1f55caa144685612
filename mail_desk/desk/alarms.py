"""Alarms to whoever runs the daemon, once a day for each thing that lasts."""

from __future__ import annotations

from mail_desk.desk.post import Cause, To, post
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import AlarmContext, Audience, LetterKind


def raise_alarm(work: Work, key: str, title: str, what: str, detail: str) -> None:
    """Queue one alarm to each operator. `key` names what is wrong: told once a day."""
    zh = work.settings.desk.staff_language == "zh"
    for address in work.people.operator:
        to = To(address, address, work.settings.desk.staff_language, Audience.OPERATOR)
        context = AlarmContext(
            title=title,
            what_happened=what,
            what_to_do=(
                "请按上述说明处理。来信和信件都不会丢失，恢复后自动继续。"
                if zh
                else "Please act on the above. Nothing is lost; work goes on by itself once it is mended."
            ),
            detail=detail,
        )
        post(
            work,
            LetterKind.ALARM,
            to,
            context,
            Cause("alarm"),
            dedupe=f"alarm/{key}/{work.today}/{address}",
        )
