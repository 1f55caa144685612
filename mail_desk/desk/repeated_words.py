"""Words that came from one side in a letter to the other: pointed out, never cut in silence.

A quotation below an answer is cut before anything is sent (`inbound.reply_text`). What a client left without
its marks, or somebody pasted, is compared with what organs wrote on this ticket (in letters to the
complainant, and to other organs), and with the complaint (in letters to organs). The handler sees it in the
transcript while the letter is still held, or before a superior approves it. Letters and figures alone are
compared, so that neither line ends nor punctuation hide anything.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor
from mail_desk.outbound.wording import shorten
from mail_desk.store.schema import Message
from mail_desk.tickets import events as e
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.ticket import live

LEAST = 16  # characters in a row, where Chinese ones are among them
LEAST_LATIN = 40
LONGEST = 50_000  # characters compared


def _plain(text: str) -> str:
    return "".join(c for c in fold(text[:LONGEST]) if c.isalnum())


def common_run(words: str, theirs: str) -> str:
    """Return the longest run of letters and figures that both texts hold, "" where it proves nothing.

    By pieces of `LEAST` characters, so that the time grows with the length of the texts only.
    """
    ours, other = _plain(words), _plain(theirs)
    pieces = {other[i : i + LEAST] for i in range(len(other) - LEAST + 1)}
    best = run = 0
    end = 0
    for i in range(len(ours) - LEAST + 1):
        run = run + 1 if ours[i : i + LEAST] in pieces else 0
        if run > best:
            best, end = run, i + LEAST
    found = ours[end - best - LEAST + 1 : end] if best else ""
    return "" if found.isascii() and len(found) < LEAST_LATIN else found


def _repeated(case: Case, words: str, mails: Iterable[int]) -> str:
    """Return the first run of `words` that stands in one of these mails."""
    ids = sorted(mails)
    if not ids or not words.strip():
        return ""
    rows = case.work.session.scalars(select(Message).where(Message.id.in_(ids)).order_by(Message.id))
    return next((run for row in rows if (run := common_run(words, row.new_text or ""))), "")


def of_organs(case: Case, actor: Actor, words: str) -> str:
    """Say that words for the outside repeat an organ's answer, "" where they do not."""
    mails = {
        r.event.message
        for r in live(case.recorded)
        if isinstance(r.event, e.OrganAnswered | e.AnswerSeen)
        or (isinstance(r.event, e.FollowedUp) and r.event.role == "organ")
    }
    run = _repeated(case, words, mails)
    if not run:
        return ""
    return actor.say(
        f"。请注意：其中有{len(run)}个字与有关部门的回函相同（“{shorten(run, 40)}”）；回函只供内部办理，不宜外传的请撤销后改写",
        f". Note: {len(run)} characters of it stand in the answer of a public body (“{shorten(run, 40)}”); such "
        "answers are internal. If this should not leave, undo it and write it anew",
    )


def of_complaint(case: Case, actor: Actor, words: str) -> str:
    """Say that words for an organ repeat the complaint, "" where they do not."""
    mails = {
        r.event.message
        for r in live(case.recorded)
        if isinstance(r.event, e.Received)
        or (isinstance(r.event, e.FollowedUp) and r.event.role == "complainant")
    }
    run = _repeated(case, words, {m for m in mails if m is not None})
    if not run:
        return ""
    return actor.say(
        f"。请注意：其中有{len(run)}个字与投诉来信相同（“{shorten(run, 40)}”）",
        f". Note: {len(run)} characters of it stand in the complaint (“{shorten(run, 40)}”)",
    )
