"""What `undo` does not take back: a person's own recusal, and changes of the staff."""

from __future__ import annotations

from collections.abc import Sequence

from mail_desk.desk import enterprise_book, people_book
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.work import Work
from mail_desk.store.schema import EventRow, Message
from mail_desk.tickets.events import Hidden


def refusal(work: Work, actor: Actor, command: Message, events: Sequence[EventRow]) -> Outcome | None:
    """Return why a command mail is not taken back, None where it may be."""
    if any(x.type == Hidden.__name__ and x.data["person"] == actor.person.key for x in events):
        return Outcome(
            False,
            actor.say(
                "回避不能由本人撤销，请联系负责人。",
                "A recusal is not taken back by yourself: ask a supervisor.",
            ),
        )
    if people_book.caused(work.session, f"message:{command.id}"):
        return Outcome(
            False,
            actor.say(
                "人员变动不能撤销；可写 #人员 恢复 姓名、#人员 停用 姓名，或者 #人员 移交 姓名 姓名。",
                "A change of the staff is not undone; use #people reinstate, #people retire or #people move.",
            ),
        )
    if enterprise_book.caused(work.session, f"message:{command.id}"):
        return Outcome(
            False,
            actor.say(
                "企业台账的变动不能撤销；可写 #企业 修改、#企业 停用，或者 #企业 恢复。",
                "A change of the ledger is not undone; use #enterprise change, end or restore.",
            ),
        )
    return None
