"""Which letter a letter is: the same one, written again after a restore, has the same tag and Message-ID.

A tag is a keyed hash (RFC 2104) of what the letter is. Nobody without the store's key can tell it from a random
one, and the key is in every backup. Of a letter that follows from a mail this is: the mail by its content, the
kind, the reader, the ticket, the choices it offers; so a digit answers the very choices its reader saw. Of a
letter that follows from time also its day and its words: a worklist that says something else is another one.
Never part of it: row numbers, which may differ the second time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from itertools import count

from sqlalchemy import bindparam, select

from mail_desk.desk.work import Work
from mail_desk.inbound.authenticity import make_tag
from mail_desk.outbound.letters import Choice, Context, LetterKind
from mail_desk.store.schema import LetterRow

_USED = select(LetterRow.id).where(LetterRow.tag == bindparam("tag")).limit(1)


def tag_of(
    work: Work,
    kind: LetterKind,
    recipient: str,
    context: Context,
    choices: Sequence[Choice],
    *,
    number: str,
    notice: str,
) -> str:
    """Return the tag of a letter that is about to be queued; the n-th of the same kind has the n-th tag."""
    parts = [
        work.origin,
        kind.value,
        recipient,
        number,
        notice,
        *(f"{c.number} {c.command}" for c in choices),
    ]
    if not work.origin:
        parts += [str(work.today), hashlib.sha256(repr(context).encode()).hexdigest()]
    what = json.dumps(parts, ensure_ascii=False)
    for nth in count(1):
        tag = make_tag(hmac.new(work.key, f"letter {nth} {what}".encode(), hashlib.sha256).digest())
        if tag not in work.tags and not _used(work, tag):
            work.tags.add(tag)
            return tag
    raise AssertionError


def _used(work: Work, tag: str) -> bool:
    with work.session.no_autoflush:  # what waits to be written is in `work.tags`
        return work.session.scalar(_USED, {"tag": tag}) is not None
