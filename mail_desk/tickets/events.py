"""Facts about a ticket: frozen, append-only, without personal text.

`words` fields are ids of rows in the `words` table; `letter` and `message` are row ids. The envelope
(ticket, sequence number, instants, actor, hash) is the ledger's, see `Recorded`. `at` of the envelope
is the instant the fact holds from; limits count from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from mail_desk.tickets.events_complainants import (
    Awaited,
    ContactTold,
    InactivityAnnounced,
    LanguageChosen,
    Progressed,
    Rated,
    StatusAsked,
    WithdrawalAsked,
    WithdrawalConfirmed,
    WithdrawalRevoked,
)
from mail_desk.tickets.events_leaders import (
    InstructionRecorded,
    ReportedBack,
    Supervised,
    SupervisionEnded,
    SupervisionReminded,
    ThroughTrain,
)
from mail_desk.tickets.events_notes import Categorised, EnterpriseSet, Snoozed, SplitOff, Suggested
from mail_desk.tickets.events_notices import (
    Attached,
    Dispatched,
    DossierGiven,
    Enclosed,
    Erased,
    NoticeNumbered,
)
from mail_desk.tickets.events_participants import ParticipantAdmitted, ParticipantRemoved
from mail_desk.tickets.events_people import Joined, Parted
from mail_desk.tickets.events_reading import Exported, Shown


@dataclass(frozen=True, slots=True)
class Received:
    """A mail (or an adopted one, or a registration) opened the ticket. `at`: its arrival."""

    message: int | None
    channel: str  # mail, adopted


@dataclass(frozen=True, slots=True)
class Marked:
    """Somebody said what it is."""

    kind: str  # complaint, enquiry, correspondence, advert, other


@dataclass(frozen=True, slots=True)
class Assigned:
    handler: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """A person named in the complaint: never handles it, never sees it."""

    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """A further mail was filed. Only a verified one of the complainant moves a clock."""

    message: int
    role: str  # complainant, organ, staff, unknown
    verified: bool


@dataclass(frozen=True, slots=True)
class MaterialsRequested:
    words: int


@dataclass(frozen=True, slots=True)
class Completed:
    """The materials are complete. `at`: the arrival of the mail that completed them."""


@dataclass(frozen=True, slots=True)
class Accepted:
    pass


@dataclass(frozen=True, slots=True)
class Proposed:
    """A decision that needs a superior's approval has been prepared."""

    verb: str  # decline, conclude, transfer, extend, suspend
    ground: str
    body: str  # transfer: to whom
    days: int  # extend: working days
    words: int
    approver: str  # person key


@dataclass(frozen=True, slots=True)
class ProposalRefused:
    words: int | None


@dataclass(frozen=True, slots=True)
class ProposalApproved:
    words: int | None


@dataclass(frozen=True, slots=True)
class ProposalLapsed:
    """The date came and nobody had answered: silence is no approval. `at`: the end of that day."""


@dataclass(frozen=True, slots=True)
class ApprovalRecorded:
    """A supervisor put on record what a superior decided orally or on paper (代录). `at`: when that was."""

    approver: str  # person key: who decided
    way: str  # oral, paper
    words: int | None
    message: int  # the mail that recorded it; a scan is attached to it


@dataclass(frozen=True, slots=True)
class Cited:
    """The complainant's own mail that a decision rests on."""

    message: int
    ground: str


@dataclass(frozen=True, slots=True)
class Declined:
    ground: str
    words: int


@dataclass(frozen=True, slots=True)
class Extended:
    days: int
    words: int


@dataclass(frozen=True, slots=True)
class Concluded:
    ground: str
    words: int


@dataclass(frozen=True, slots=True)
class Transferred:
    body: str
    words: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The complainant took the complaint back before it was accepted."""

    words: int


@dataclass(frozen=True, slots=True)
class Suspended:
    words: int


@dataclass(frozen=True, slots=True)
class Resumed:
    words: int


@dataclass(frozen=True, slots=True)
class Reported:
    """The report of a complaint that is open after a year was made (Art. 21)."""

    words: int


@dataclass(frozen=True, slots=True)
class Replied:
    words: int


@dataclass(frozen=True, slots=True)
class Noted:
    words: int
    message: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """An organ was asked (征询), or asked for its statement as the one complained about (陈述)."""

    organ: str
    words: int
    answer_by: str = ""  # ISO date as the letter says it
    respondent: bool = False
    letter: int = 0


@dataclass(frozen=True, slots=True)
class AnswerSeen:
    """A mail looks like the answer to a question and was offered to the handler. `at`: its arrival."""

    reference: str  # 2026-0003-2, see organ_questions
    message: int
    why: str  # token, reference, address, domain, number, name


@dataclass(frozen=True, slots=True)
class OrganAnswered:
    """The handler said that a mail, or what it reports, is the answer. `at`: its arrival."""

    reference: str
    message: int


@dataclass(frozen=True, slots=True)
class NotAnswer:
    """The handler said that a mail answers no question."""

    message: int


@dataclass(frozen=True, slots=True)
class Instructed:
    words: int


@dataclass(frozen=True, slots=True)
class Read:
    """A leader said so, and nothing else."""


@dataclass(frozen=True, slots=True)
class Closed:
    pass


@dataclass(frozen=True, slots=True)
class Merged:
    """What this ticket held belongs to another one; later mails are filed there."""

    into: str


@dataclass(frozen=True, slots=True)
class Linked:
    """It belongs to another ticket, which stays as it is."""

    ticket: str
    how: str = "continues"  # continues a closed one; related: staff said so, on both


@dataclass(frozen=True, slots=True)
class Separated:
    """A mail filed here was something new and became a ticket of its own: it counts no longer here."""

    message: int
    into: str


@dataclass(frozen=True, slots=True)
class Reopened:
    words: int | None
    to: str = "examining"  # the state it went back to


@dataclass(frozen=True, slots=True)
class LetterQueued:
    letter: int
    kind: str
    notice: str  # "" where it is no statutory notice


@dataclass(frozen=True, slots=True)
class LetterCancelled:
    letter: int
    why: str


@dataclass(frozen=True, slots=True)
class NoticeServed:
    """SMTP accepted a statutory notice. `at`: when."""

    notice: str
    letter: int


@dataclass(frozen=True, slots=True)
class NoticeFailed:
    """A statutory notice was refused or bounced: what it was to fulfil is open again."""

    notice: str
    letter: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """A notice was handed over by other means than our mail. `at`: the day it was."""

    notice: str
    way: str  # post, hand, phone
    words: int | None
    message: int  # the mail that recorded it; a scan is attached to it


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The complainant said that a notice has arrived, and nothing else."""

    notice: str
    letter: int
    message: int


@dataclass(frozen=True, slots=True)
class AnsweredByHand:
    """An answer written in the webmail was found in the Sent folder."""

    message: int


@dataclass(frozen=True, slots=True)
class Reminded:
    limit: str
    step: str  # due-3, due, late+1 …
    to: str  # person key


@dataclass(frozen=True, slots=True)
class Escalated:
    limit: str
    to: str


@dataclass(frozen=True, slots=True)
class Undone:
    """The facts with these sequence numbers hold no longer: they were taken back in time."""

    events: tuple[int, ...]


Event = (
    Received
    | Marked
    | Assigned
    | Hidden
    | FollowedUp
    | MaterialsRequested
    | Completed
    | Accepted
    | Proposed
    | ProposalRefused
    | ProposalApproved
    | ProposalLapsed
    | ApprovalRecorded
    | Cited
    | Declined
    | Extended
    | Concluded
    | Transferred
    | Withdrawn
    | Suspended
    | Resumed
    | Reported
    | Replied
    | Progressed
    | Awaited
    | InactivityAnnounced
    | ContactTold
    | StatusAsked
    | LanguageChosen
    | WithdrawalAsked
    | WithdrawalConfirmed
    | WithdrawalRevoked
    | Rated
    | Noted
    | Asked
    | AnswerSeen
    | OrganAnswered
    | NotAnswer
    | Instructed
    | Read
    | Closed
    | Merged
    | Linked
    | Separated
    | Reopened
    | LetterQueued
    | LetterCancelled
    | NoticeServed
    | NoticeFailed
    | Delivered
    | Confirmed
    | AnsweredByHand
    | Reminded
    | Escalated
    | ThroughTrain
    | InstructionRecorded
    | Supervised
    | ReportedBack
    | SupervisionEnded
    | SupervisionReminded
    | Undone
    | NoticeNumbered
    | Dispatched
    | Attached
    | Enclosed
    | DossierGiven
    | Erased
    | Snoozed
    | Categorised
    | EnterpriseSet
    | Suggested
    | SplitOff
    | Joined
    | Parted
    | ParticipantAdmitted
    | ParticipantRemoved
    | Shown
    | Exported
)

TYPES: dict[str, type[Event]] = {cls.__name__: cls for cls in Event.__args__}
_FIELDS = {name: tuple(f.name for f in fields(cls)) for name, cls in TYPES.items()}


def _picking(names: tuple[str, ...]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Return what takes the values of these names, KeyError where one is missing."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda data: tuple([data[name] for name in names])


_PICK = {
    name: _picking(names) for name, names in _FIELDS.items() if not {"events", "files"} & set(names)
}  # lists become tuples first


class Recorded(NamedTuple):
    """An event as it stands in the ledger; a tuple, as a report makes half a million of them."""

    seq: int
    at: datetime
    recorded_at: datetime
    actor: str
    event: Event
    cause: str | None = None  # message:12, moment:7, letter:3


class Fact(NamedTuple):
    """What deadlines know of an event: a name that procedures use, its instant, an amount of days."""

    name: str
    at: datetime
    amount: int = 0


def to_data(event: Event) -> dict[str, Any]:
    """Return the event's fields as JSON-able data."""
    return asdict(event)


def from_data(type_name: str, data: dict[str, Any]) -> Event:
    """Rebuild an event; raise KeyError for a type this version does not know."""
    cls = TYPES[type_name]
    pick = _PICK.get(type_name)
    if pick is not None:
        try:
            return cls(*pick(data))
        except KeyError:
            pass  # from before it had that field, which therefore has a default
    values = {name: data[name] for name in _FIELDS[type_name] if name in data}
    if cls is Undone:
        values["events"] = tuple(values["events"])
    if "files" in values:
        values["files"] = tuple(tuple(ref) for ref in values["files"])
    return cls(**values)
