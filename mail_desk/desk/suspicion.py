"""Failed checks of one person's mail are counted; repeated ones alarm the supervisors and the operator.

The person is told by the transcript at the known address, never the address the mail came from.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select

from mail_desk.config import Person, Role
from mail_desk.desk import alarms
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LetterKind, SuspicionContext
from mail_desk.store.schema import LetterRow, Message

STRANGER = "stranger"  # filed as: a mail with the key of somebody else's letter


def note(work: Work, person: Person, message: Message) -> None:
    """Count this failed check of mail in a person's name; from the configured number on, alarm once a day."""
    count = attempts(work, person, message) + 1
    if count < work.settings.authority.attempts_per_day:
        return
    for supervisor in work.people.with_role(Role.SUPERVISOR):
        to = to_person(work, supervisor)
        post(
            work,
            LetterKind.SUSPICION,
            to,
            SuspicionContext(
                reader=to.name,
                person=person.name if to.language == "zh" else person.name_en or person.name,
                count=count,
                sender=message.from_address or "?",
            ),
            Cause(f"message:{message.id}"),
            dedupe=f"suspicion/{person.key}/{work.today}/{supervisor.key}",
        )
    zh = work.settings.desk.staff_language == "zh"
    alarms.raise_alarm(
        work,
        f"suspicion/{person.key}",
        f"有人可能在冒用{person.name}的名义发信"
        if zh
        else f"Somebody may be writing in the name of {person.key}",
        f"24 小时内有 {count} 封以{person.name}名义发来的邮件未通过验证，均未执行。"
        if zh
        else f"{count} mails in the name of {person.key} failed their check within 24 hours. None was carried out.",
        f"最近一封 / the last one: M{message.id}, {message.from_address or '?'}",
    )


def attempts(work: Work, person: Person, besides: Message) -> int:
    """Return how many mails in this person's name failed their check in the last 24 hours."""
    rows = work.session.execute(
        select(Message.filed_as, Message.proof)
        .outerjoin(LetterRow, LetterRow.id == Message.letter_id)
        .where(
            Message.received_at > work.now - timedelta(days=1),
            Message.id != besides.id,
            or_(
                Message.from_address.in_(person.addresses),
                (Message.filed_as == STRANGER) & (LetterRow.person == person.key),
            ),
        )
    )
    return sum(filed == STRANGER or bool(proof and proof.get("barred")) for filed, proof in rows)
