"""What a whole batch of mails asks the store, asked once.

Most mails come from addresses the desk has not met, and say what nobody sent before. `prepare` finds
out which, so that nobody asks again mail by mail. What becomes known while the batch is filed leaves
the set at once: membership says "certainly new", anything else only "ask the store". The transaction must
be a `Store.decide`: nobody else makes anything known meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from sqlalchemy import bindparam, select

from mail_desk.desk.work import Work
from mail_desk.inbound.mail import Mail
from mail_desk.store.schema import LetterRow, Message, MessageState, Participant

QUOTA = timedelta(days=1)  # automatic answers are counted over this time (RFC 3834 §2)

_LOCKED = (
    select(Message).where(Message.id.in_(bindparam("ids", expanding=True))).order_by(Message.id)
).with_for_update()
_SAME = select(Message.content_digest).where(
    Message.content_digest.in_(bindparam("digests", expanding=True)), Message.state == MessageState.DONE
)
_MET = select(Participant.address).where(Participant.address.in_(bindparam("addresses", expanding=True)))
_WRITTEN_TO = select(LetterRow.recipient).where(
    LetterRow.recipient.in_(bindparam("addresses", expanding=True)),
    LetterRow.created_at > bindparam("since", type_=LetterRow.created_at.type),
)


def lock(work: Work, ids: Collection[int]) -> dict[int, Message]:
    """Lock the batch's rows, in one order for all daemons, and return them as they are now."""
    rows = work.session.scalars(_LOCKED, {"ids": list(ids)}, execution_options={"populate_existing": True})
    return {row.id: row for row in rows}


def prepare(work: Work, mails: Sequence[Mail]) -> None:
    """Note in `work.new` which contents and addresses of these mails the store does not know."""
    digests = {mail.content_digest for mail in mails}
    addresses = set(_addresses(mails)) - {a for p in work.people.person for a in p.addresses}
    found: set[str | None] = set(work.session.scalars(_SAME.distinct(), {"digests": list(digests)}))
    asked = {"addresses": list(addresses), "since": work.now - QUOTA}
    for query in (_MET, _WRITTEN_TO):
        found |= set(work.session.scalars(query.distinct(), asked))
    work.new.update((digests | addresses) - found)


def _addresses(mails: Iterable[Mail]) -> Iterable[str]:
    for mail in mails:
        for mailbox in (mail.author, *mail.reply_to[:1]):
            yield mailbox.address.lower()
