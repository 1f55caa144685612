"""Files that a mail only links to: kept as not held, and asked for while they can still be had.

Nothing is ever fetched. The receipt asks for the real files; of a further mail, which gets no receipt,
the handler is told and can ask with one digit. Two working days before the links expire, and once more
on the last working day, the handler is reminded of what has not come since.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from mail_desk.desk import choices, notify
from mail_desk.desk.case import REMINDERS_AT, Case
from mail_desk.desk.post import Cause, post, to_person
from mail_desk.desk.work import Work
from mail_desk.inbound.cloud_expiry import expiry
from mail_desk.inbound.mail import Mail
from mail_desk.outbound.letters import CloudView, LetterKind, LinksExpireContext
from mail_desk.store.schema import Message, Moment, Participant

ACTION = "cloud"  # of moments
AHEAD = 2  # working days
MOST = 200  # files of a mail that are followed
_Step = tuple[str, str, str, bool]  # see choices.numbered


def read(mail: Mail, *, arrived: datetime) -> list[dict[str, Any]]:
    """Return what a mail links to as its row keeps it. `until`: the last day, "" where none is known."""
    sent = mail.date.date() if mail.date is not None else arrived.date()
    day = min(sent, arrived.date())  # spans count from the sending: the earlier day is the safe one
    if arrived.date() - day > timedelta(days=30):
        day = arrived.date()  # a clock that is wrong, or a mail that lay about for long
    return [
        {
            "filename": c.filename,
            "size": c.size,
            "expires": c.expires,
            "until": until.isoformat() if (until := expiry(c.expires, day)) is not None else "",
        }
        for c in mail.cloud_attachments[:MOST]
    ]


def plan(work: Work, message: Message) -> None:
    """Put the reminders of a mail's links among the moments: they follow the mail, wherever it is filed."""
    if message.ticket_id is None:
        return
    calendar, zone = work.rules.calendar, work.settings.desk.zone
    for until in sorted({f["until"] for f in message.linked or () if f["until"]}):
        last = calendar.back(date.fromisoformat(until) + timedelta(days=1), 1)
        for step, day in (("ahead", calendar.back(last, AHEAD)), ("last", last)):
            due_at = datetime.combine(day, REMINDERS_AT, zone)
            key = f"{ACTION}/{message.id}/{until}/{step}"
            known = work.session.scalar(select(Moment.id).where(Moment.key == key))
            if day > work.today and known is None:  # today's letter says it
                data = {"message": message.id, "until": until}
                work.session.add(Moment(key=key, due_at=due_at, action=ACTION, data=data, state="pending"))


def remind(work: Work, moment: Moment) -> None:
    """Tell the handler what can soon no longer be had, unless it came or the ticket is closed."""
    message = work.session.get(Message, moment.data["message"])
    until = date.fromisoformat(moment.data["until"])
    if message is None or message.ticket_id is None or until < work.today:
        return
    case = Case.by_id(work, message.ticket_id)
    missing = _missing(case, message, moment.data["until"])
    if not missing or case.ticket.closed_at is not None:
        return
    for person in notify.watchers(case):
        to = to_person(work, person)
        context = LinksExpireContext(
            ticket=case.view(to.language),
            reader=to.name,
            received_on=work.rules.day_of(message.received_at),
            until=until,
            last_day=until == work.today,
            files=tuple(CloudView(f["filename"], f["size"], f["expires"]) for f in missing),
        )
        ask = asking(case, message, [f["filename"] for f in missing], until)
        steps = choices.with_first(case, person, to.language, ask)
        post(
            work, LetterKind.LINKS_EXPIRE, to, context, Cause(f"moment:{moment.id}"), case=case, choices=steps
        )


def _missing(case: Case, message: Message, until: str) -> list[dict[str, Any]]:
    """Return the linked files of that day that no mail of the complainant's side has brought since."""
    session = case.work.session
    known = set(session.scalars(select(Participant.address).where(Participant.ticket_id == case.row.id)))
    query = select(Message).where(
        Message.ticket_id == case.row.id,
        Message.from_address.in_(known),
        Message.received_at >= message.received_at,
    )
    came = {_same(a["filename"]) for m in session.scalars(query) for a in m.attachments}
    return [f for f in message.linked or () if f["until"] == until and _same(f["filename"]) not in came]


def _same(filename: str) -> str:
    """Return a file name as it is compared: width, case and spaces make no other file."""
    return "".join(unicodedata.normalize("NFKC", filename or "").casefold().split())


def asking(case: Case, message: Message, names: list[str], until: date | None) -> list[_Step]:
    """Return the step that asks the complainant for the files themselves, in its language."""
    if case.transition("reply") is None:
        return []
    shown = [" ".join(name.split())[:80] for name in names[:10]]
    day = case.work.rules.day_of(message.received_at)
    if case.row.language == "en":
        ends = f" that will expire on {until:%-d %B %Y}" if until is not None else ""
        words = (
            f"Your letter of {day:%-d %B %Y} only links to the following files{ends}; we have not received the files "
            f"themselves: {', '.join(shown)}. Please send them as ordinary attachments in reply to this letter, in "
            "several letters if they are large."
        )
    else:
        ends = f"，链接将于{until.year}年{until.month}月{until.day}日失效" if until is not None else ""
        words = (
            f"贵方{day.month}月{day.day}日来信中的下列文件只是链接{ends}，我们没有收到文件本身：{'、'.join(shown)}。"
            "请直接回复本信，将文件作为普通附件发来；文件较大的，可分几封发送。"
        )
    return [
        (
            f"#{case.row.number} reply {words}",
            "请来信人把文件作为附件补发（发出一封答复）",
            "Ask the sender for the files themselves (sends an answer)",
            False,
        )
    ]


def asking_at_once(case: Case, message: Message) -> list[_Step]:
    """Return the step for a mail that has just come, none where it links to nothing."""
    if not message.linked:
        return []
    days = [date.fromisoformat(f["until"]) for f in message.linked if f["until"]]
    return asking(case, message, [f["filename"] for f in message.linked], min(days, default=None))


def warning(work: Work, message: Message, *, asked: bool = False) -> list[str]:
    """Say that files of a mail are missing. `asked`: its receipt asks for them; a further mail gets none."""
    if not message.linked:
        return []
    count = len(message.linked)
    if work.settings.desk.staff_language == "zh":
        done = "回执已请来信人补发" if asked else "也没有自动请来信人补发"
        return [f"其中{count}个文件只有链接，没有收到文件本身，{done}。"]
    done = "the receipt asks the sender for them" if asked else "the sender has not been asked for them"
    return [f"{count} of its files are only links and not held; {done}."]


def listed(case: Case, message_id: int | None, *, zh: bool) -> str:
    """Name the files of a mail that are not held, for the story of a ticket; "" where there are none."""
    message = case.work.session.get(Message, message_id) if message_id is not None else None
    if message is None or not message.linked:
        return ""
    names = [
        f["filename"]
        + (f"（{f['expires']}）" if f["expires"] and zh else f" ({f['expires']})" if f["expires"] else "")
        for f in message.linked
    ]
    return ("未持有，只有链接：" if zh else "not held, only linked to: ") + ("、" if zh else ", ").join(names)
