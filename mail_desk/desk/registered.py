"""What follows when a registration is confirmed: a ticket with its true date, or a mail on one that is open.

The complainant is written to only where the registrant said so. A limit that a higher body set is a
supervision of the house: reminded of, and reported back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

from mail_desk.desk import notify, opening, pieces, registration_drafts, supervising
from mail_desk.desk.case import Case
from mail_desk.desk.opening import Registered
from mail_desk.desk.outcome import Actor, Outcome, in_words
from mail_desk.desk.post import Cause
from mail_desk.desk.registration_drafts import Draft
from mail_desk.desk.work import Work
from mail_desk.inbound import language as languages
from mail_desk.inbound.mail import Address, Mail
from mail_desk.inbound.parse import parse
from mail_desk.store import raw
from mail_desk.store.schema import Message, TicketRow
from mail_desk.tickets import events as e
from mail_desk.tickets import events_leaders as el
from mail_desk.tickets import registrations, supervisions
from mail_desk.tickets.registrations import Fields

FILED = "registered"  # filed_as of the mail that holds what was registered


def open_tickets(work: Work, address: str, *, reader: str) -> list[TicketRow]:
    """Return open tickets of a complainant by address that this person may know of; at most two."""
    if not address:
        return []
    return [row for row in pieces.open_tickets_of(work, address) if reader not in row.hidden_from][:2]


def _as_mail(mail: Mail, fields: Fields) -> Mail:
    """Return the colleague's mail as if the complainant had written what was put down."""
    author = Address(fields.name, fields.address)
    return replace(
        mail,
        from_=(author,),
        sender=(),
        to=(),
        cc=(),
        reply_to=(),
        subject=fields.subject,
        text=fields.words,
        html="",
        cloud_attachments=mail.cloud_attachments,
    )


def _received_at(work: Work, fields: Fields, source: Message) -> datetime:
    """Return the instant limits count from: of the mail itself on its own day, else noon of the true day."""
    day = fields.received or work.today
    if day == work.rules.day_of(source.received_at):
        return source.received_at
    return datetime.combine(day, time(12), work.settings.desk.zone).astimezone(UTC)


def open_it(
    work: Work, actor: Actor, draft: Draft, source: Message, *, enterprise: str | None, receipt: bool
) -> Outcome:
    """Open the ticket. `source`: the mail with what was put down, kept as its material."""
    fields = draft.fields
    mail = parse(raw.load(work.session, work.rules.spool_dir, source.raw_sha256 or ""))
    source.new_text, source.filed_as = _text(fields), FILED
    why_not = "" if receipt else actor.say("登记的投诉，登记人没有要求", "registered, and not asked for")
    case = opening.open_ticket(
        work,
        message=source,
        mail=_as_mail(mail, fields),
        language=languages.detect(fields.words),
        no_receipt=why_not,
        related=open_tickets(work, fields.address, reader=""),
        registered=Registered(
            by=actor.person.key,
            received_at=_received_at(work, fields, source),
            channel=fields.channel,
            enterprise=enterprise,
            said=_by_whom(work, actor, fields),
        ),
    )
    limited = _limit(case, actor, fields, source) if fields.limit is not None else ""
    registration_drafts.save(work, replace(draft, ticket=case.row.number))
    return Outcome(True, _said(case, actor, fields) + limited)


def _text(fields: Fields) -> str:
    """Return what the handler reads: the words, and how the complainant is reached where they do not say it."""
    zh = languages.detect(fields.words) != "en"
    known = {f: getattr(fields, f) for f in ("telephone", "higher")}
    lines = [
        f"{registrations.label(f, zh=zh)}{'：' if zh else ': '}{value}"
        for f, value in known.items()
        if value and value not in fields.words
    ]
    return "\n\n".join([fields.words, "\n".join(lines)]).strip()


def _by_whom(work: Work, actor: Actor, fields: Fields) -> str:
    zh = work.settings.desk.staff_language == "zh"
    channel = registrations.channel_name(fields.channel, zh=zh)
    name = supervising.named(actor.person, "zh" if zh else "en")
    no_address_zh = "" if fields.address else "投诉人没有电子邮箱，文书须打印后送达。"
    no_address_en = (
        "" if fields.address else " The complainant has no e-mail address: notices are printed and served."
    )
    if zh:
        return f"由{name}登记，渠道：{channel}。{no_address_zh}"
    return f"Registered by {name}, channel: {channel}.{no_address_en}"


def _said(case: Case, actor: Actor, fields: Fields) -> str:
    channel = registrations.channel_name(fields.channel, zh=actor.language == "zh")
    day = in_words(case.work.rules.day_of(case.row.received_at), actor.language)
    hidden = actor.person.key in case.ticket.hidden
    if hidden:  # the complaint names whoever registered it
        return actor.say("已登记，由其他人办理", "Registered; somebody else handles it")
    handler = supervising.named(case.handler, actor.language) or "—"
    said = actor.say(
        f"已登记为 {case.row.number}，渠道：{channel}，{day}收到，由{handler}办理",
        f"Registered as {case.row.number} ({channel}), received {day}; {handler} handles it",
    )
    running = next((d for d in case.running if not case.procedure.limit(d.limit).house), None)
    if running is not None:
        view = case.limit_view(running, actor.language)
        by = in_words(view.due_on, actor.language)
        said += actor.say(f"；{view.label}：{by}前", f"; {view.label} by {by}")
    return said


def _limit(case: Case, actor: Actor, fields: Fields, source: Message) -> str:
    """Owe the higher body its answer: as a supervision, reported back to whoever supervises the ticket."""
    day = fields.limit
    chief = case.supervisor() or actor.person
    if day is None:
        return ""
    who = fields.higher or "上级"
    words = f"{who}要求{in_words(day, 'zh')}前报结果"
    if case.work.settings.desk.staff_language == "en":
        words = f"{fields.higher or 'The higher body'} wants the result by {in_words(day, 'en')}"
    number = supervisions.next_number(case.recorded)
    event = el.Supervised(number, chief.key, day.isoformat(), "", case.keep(words), source.id)
    case.record(event, actor=actor.person.key, cause=actor.cause)
    supervising.plan(case, next(s for s in supervising.owed(case) if s.number == number))
    return actor.say(
        f"；上级期限{in_words(day, 'zh')}已列入督办 S{number}，到期提醒，办结后用“回报”销号",
        f"; the higher body's limit, {in_words(day, 'en')}, is kept as S{number}: reminded of until it is reported back",
    )


def file(work: Work, actor: Actor, draft: Draft, source: Message, number: str) -> Outcome:
    """File what was registered on an open ticket of the same complainant, unverified; its handler decides."""
    rows = {row.number: row for row in open_tickets(work, draft.fields.address, reader=actor.person.key)}
    if number not in rows:
        return Outcome(
            False,
            actor.say(f"{number} 已不在办，请重新登记。", f"{number} is open no more: please register it."),
        )
    case = Case(work, rows[number])
    source.ticket_id, source.new_text, source.filed_as = case.row.id, _text(draft.fields), FILED
    event = e.FollowedUp(source.id, "unknown", verified=False)
    case.record(event, actor="desk", cause=f"registered:{source.id}", at=source.received_at)
    case.settle()
    mail = parse(raw.load(work.session, work.rules.spool_dir, source.raw_sha256 or ""))
    by = actor.person.name
    zh = work.settings.desk.staff_language == "zh"
    notify.follow_up(
        case,
        Cause(f"message:{source.id}"),
        message=source,
        mail=mail,
        role="unknown",
        words=draft.fields.words,
        warnings=[
            f"由{by}登记转来，原信的发件人未经核实。"
            if zh
            else f"Registered by {by}; the original's sender is not verified."
        ],
        first=pieces.offers(case, source, role="unknown", verified=False),
    )
    registration_drafts.save(work, replace(draft, ticket=number))
    return Outcome(
        True, actor.say(f"已归入 {number}，已告知其经办人", f"Filed on {number}; its handler has been told")
    )
