"""A registration that nobody has confirmed is shown again each working morning, until it is opened or dropped.

A complaint somebody put down must not wait silently for a digit that was forgotten.
"""

from __future__ import annotations

from mail_desk.desk import authority, choices, registering, registration_drafts
from mail_desk.desk.outcome import Actor
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LetterKind, TranscriptContext, TranscriptLine
from mail_desk.store.schema import Message, Moment


def remind(work: Work, moment: Moment) -> None:
    """Show a registration again to who put it down, if it still waits; the moment is claimed by the caller."""
    draft = registration_drafts.load(work, moment.data["message"])
    if draft is None or draft.ticket or draft.day + registration_drafts.KEPT < work.today:
        return
    person, source = work.people.by_key(draft.by), work.session.get(Message, draft.message)
    if person is None or person.retired or source is None:
        return
    language = work.rules.language_of(person)
    actor = Actor(person, language, work.acts_for(person), source, None)
    outcome = registering.show(work, actor, draft)
    to = to_person(work, person)
    context = TranscriptContext(
        reader=to.name,
        lines=(TranscriptLine(actor.say("#登记", "#register"), False, outcome.what, waits=True),),
        previews=(),
        undo_until=None,
        note="",
        not_sent=False,
        listing=(),
        shown=(),
        shown_ticket=None,
        help_card=False,
    )
    sent = post(
        work,
        LetterKind.TRANSCRIPT,
        to,
        context,
        Cause(f"message:{source.id}"),
        choices=choices.numbered(outcome.offers, language),
        dedupe=f"registration/{source.id}/{work.today}",
    )
    if sent is not None:  # its digits confirm like those of the first answer
        authority.mark(sent, ())
