"""Reading: lists and case files for staff, by command."""

from __future__ import annotations

from sqlalchemy import select

from mail_desk.config import Role
from mail_desk.desk import explaining, linked
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome, many, state_name
from mail_desk.desk.work import Work
from mail_desk.store.schema import EventRow, LetterRow, TicketRow
from mail_desk.tickets import events as e
from mail_desk.tickets import events_leaders as el
from mail_desk.tickets import events_notices as en
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.events_notes import Categorised, EnterpriseSet, Snoozed, SplitOff, Suggested
from mail_desk.tickets.events_participants import ParticipantAdmitted, ParticipantRemoved
from mail_desk.tickets.events_people import Joined, Parted
from mail_desk.tickets.events_reading import Exported, Shown

LONGEST_LIST = 50


def open_rows(work: Work, *, handler: str | None = None, hidden_from: str | None = None) -> list[TicketRow]:
    """Return tickets that are not finished, oldest first: of one handler, or of all."""
    finished = {s.key for p in work.rules.procedures.values() for s in p.states if s.final}
    query = select(TicketRow).where(TicketRow.state.not_in(finished))
    if handler is not None:
        query = query.where(TicketRow.handler == handler)
    rows = work.session.scalars(query.order_by(TicketRow.received_at, TicketRow.id))
    return [row for row in rows if hidden_from is None or hidden_from not in row.hidden_from]


def assisted(work: Work, person: str) -> list[Case]:
    """Return the open tickets somebody helps with (协办) and may see, oldest first."""
    joined = select(EventRow.ticket_id).where(EventRow.type == Joined.__name__)
    query = (
        select(TicketRow)
        .where(TicketRow.id.in_(joined), TicketRow.closed_at.is_(None))
        .order_by(TicketRow.received_at, TicketRow.id)
    )
    cases = [Case(work, row) for row in work.session.scalars(query) if person not in row.hidden_from]
    return [case for case in cases if person in case.ticket.team and case.ticket.handler != person]


def listing(work: Work, actor: Actor) -> Outcome:
    """List the person's open tickets; of a supervisor or leader, all."""
    own = actor.person.key if actor.person.role is Role.HANDLER else None
    rows = open_rows(work, handler=own, hidden_from=actor.person.key)
    views = tuple(Case(work, row).view(actor.language) for row in rows[:LONGEST_LIST])
    what = actor.say(f"在办来信{len(rows)}件", many(len(rows), "open ticket"))
    if own is not None and (helping := assisted(work, own)):
        views += tuple(case.view(actor.language) for case in helping[:LONGEST_LIST])
        what += actor.say(f"，另协办{len(helping)}件列在其后", f"; {len(helping)} you help with stand below")
    if len(rows) > LONGEST_LIST:
        what += actor.say(f"，列出最早的{LONGEST_LIST}件", f", the oldest {LONGEST_LIST} listed")
    return Outcome(True, what, listing=views)


def show(case: Case, actor: Actor) -> Outcome:
    """Show a ticket's history."""
    zone = case.work.settings.desk.zone
    shown = tuple(
        (r.at.astimezone(zone).strftime("%Y-%m-%d %H:%M"), _who(case, r, actor), _what(case, r, actor))
        for r in case.recorded
    )
    return Outcome(
        True,
        state_name(case, actor.language),
        shown=shown,
        shown_ticket=case.view(actor.language),
        dates=explaining.dates(case, actor.language),
    )


def told(case: Case, r: Recorded, actor: Actor) -> tuple[str, str]:
    """Return who did something and what it was, in words."""
    return _who(case, r, actor), _what(case, r, actor)


def _who(case: Case, r: Recorded, actor: Actor) -> str:
    if r.actor == "desk":
        return actor.say("系统", "the desk")
    if r.actor == "complainant":
        return actor.say("来信人", "the complainant")
    person = case.work.people.by_key(r.actor)
    if person is None:
        return r.actor
    return person.name if actor.language == "zh" else person.name_en or person.name


_NAMES: dict[type[e.Event], tuple[str, str]] = {
    e.Received: ("收到来信", "Mail received"),
    e.Marked: ("标记", "Marked"),
    e.Assigned: ("分派", "Assigned"),
    e.Hidden: ("须回避", "Must not see it"),
    e.FollowedUp: ("后续来信", "Further mail"),
    e.MaterialsRequested: ("要求补正", "Materials requested"),
    e.Completed: ("材料齐备", "Materials complete"),
    e.Accepted: ("受理", "Accepted"),
    e.Proposed: ("报批", "Proposed"),
    e.ProposalApproved: ("批准", "Approved"),
    e.ProposalRefused: ("不同意", "Refused"),
    e.Declined: ("不予受理", "Declined"),
    e.Extended: ("延期", "Extended"),
    e.Concluded: ("办结", "Concluded"),
    e.Transferred: ("移送", "Transferred"),
    e.Replied: ("答复", "Answered"),
    e.Noted: ("内部备注", "Internal note"),
    e.Asked: ("征询", "Organ asked"),
    e.AnswerSeen: ("可能是机关回函", "Perhaps an organ's answer"),
    e.OrganAnswered: ("机关回函", "Organ's answer"),
    e.NotAnswer: ("不是机关回函", "No organ's answer"),
    e.Instructed: ("批示", "Instruction"),
    e.Read: ("已阅", "Read"),
    e.Closed: ("结案", "Closed"),
    e.Merged: ("并入", "Merged"),
    e.Linked: ("接续", "Continues"),
    e.Separated: ("另立一件", "Separated"),
    e.Reopened: ("重新办理", "Reopened"),
    e.LetterQueued: ("信件待发", "Letter queued"),
    e.LetterCancelled: ("信件撤回", "Letter stopped"),
    e.NoticeServed: ("通知已送达", "Notice served"),
    e.NoticeFailed: ("通知未送达", "Notice not served"),
    e.AnsweredByHand: ("网页邮箱人工回信", "Answered by hand in the webmail"),
    e.Reminded: ("提醒", "Reminded"),
    e.Escalated: ("上报", "Escalated"),
    e.ProposalLapsed: ("逾期未批复，视为不同意", "Not answered in time"),
    e.ApprovalRecorded: ("代录批示", "Approval put on record"),
    e.Cited: ("依据投诉人来信", "By the complainant's mail"),
    e.Withdrawn: ("撤诉", "Withdrawn"),
    e.Suspended: ("中止办理", "Suspended"),
    e.Resumed: ("恢复办理", "Resumed"),
    e.Reported: ("已向本级政府报告", "Reported to the government"),
    e.Delivered: ("送达登记", "Served by other means"),
    e.Confirmed: ("对方确认收到", "Arrival confirmed"),
    el.ThroughTrain: ("直通车", "Put straight to the leader"),
    el.InstructionRecorded: ("登记批示", "Instruction put on record"),
    el.Supervised: ("督办", "Supervision"),
    el.ReportedBack: ("督办回报", "Reported back"),
    el.SupervisionEnded: ("撤销督办", "Supervision called off"),
    el.SupervisionReminded: ("督办提醒", "Reminded of the supervision"),
    e.Undone: ("撤销", "Undone"),
    Joined: ("协办", "Helps with it"),
    Parted: ("不再协办", "Helps no longer"),
    Snoozed: ("暂缓", "Put off"),
    Categorised: ("分类", "Category"),
    EnterpriseSet: ("企业", "Enterprise"),
    Shown: ("查看", "Shown to"),
    Exported: ("导出台账", "Exported to"),
    ParticipantAdmitted: ("参与人", "Participant"),
    ParticipantRemoved: ("参与人取消", "Participant removed"),
    Suggested: ("建议", "Suggestion"),
    SplitOff: ("拆分另立一件", "Split off"),
    en.NoticeNumbered: ("通知书编号", "Notice numbered"),
    en.Dispatched: ("发文", "Notice dispatched"),
    en.Attached: ("指定随信附件", "Files named to leave"),
    en.Enclosed: ("附件随信发出", "Files enclosed"),
    en.DossierGiven: ("调阅卷宗", "Whole file given out"),
    en.Erased: ("删除个人信息", "Personal data erased"),
}


_KINDS: dict[str, tuple[str, str]] = {
    "complaint": ("投诉", "complaint"),
    "enquiry": ("咨询", "enquiry"),
    "correspondence": ("公务来函", "official correspondence"),
    "advert": ("广告或无关来信", "advert or not ours"),
    "other": ("其他来信", "something else"),
}


def kind_name(kind: str, *, zh: bool) -> str:
    """Return what people call a kind of mail."""
    return _KINDS.get(kind, (kind, kind))[0 if zh else 1]


def name_of(event: e.Event, *, zh: bool) -> str:
    """Return an event's name in words."""
    if isinstance(event, e.Linked) and event.how == "related":
        return "关联" if zh else "Belongs to"
    return _NAMES[type(event)][0 if zh else 1]


def _seen_by(case: Case, number: str, actor: Actor) -> str:
    """Return the number of another ticket, "" to who may not know that there is one."""
    other = Case.by_number(case.work, number)
    return number if other is not None and actor.person.key not in other.ticket.hidden else ""


def _notice(case: Case, key: str, actor: Actor) -> str:
    """Return a notice's name as the procedure has it."""
    named = {n.key: n for n in case.procedure.notices}.get(key)
    return key if named is None else actor.say(named.name_zh, named.name_en)


def _named(case: Case, key: str, actor: Actor) -> str:
    """Return a person by name, as the reader's language has it."""
    person = case.work.people.by_key(key)
    return key if person is None else actor.say(person.name, person.name_en or person.name)


def _of_note(case: Case, event: e.Event, actor: Actor) -> str:
    match event:
        case Categorised(key):
            known = next((c for c in case.work.settings.routing.category if c.key == key), None)
            return key if known is None else actor.say(known.name_zh, known.name_en)
        case EnterpriseSet(key):
            row = next((x for x in case.work.settings.enterprises if x.key == key), None)
            return (
                actor.say("不在台账", "not in the ledger")
                if row is None
                else actor.say(row.name, row.name_en or row.name)
            )
        case Snoozed(until):
            return actor.say(f"至{until}", f"until {until}")
        case _:
            return ""


def _person_in(case: Case, event: e.Event, actor: Actor) -> str:
    """Return whom an event about the people of a ticket names, "" of any other event."""
    if not isinstance(event, Joined | Parted | e.Hidden):
        return ""
    return _named(case, event.person, actor)


def _of_participant(case: Case, event: e.Event, actor: Actor) -> str:
    """Say who may write on the ticket, or no longer."""
    match event:
        case ParticipantAdmitted(address, role, _, message, proof):
            who = actor.say("代理人", "agent") if role == "agent" else actor.say("投诉人", "complainant")
            said = f"{case.words(address)} {who} M{message}"
            return said + (
                actor.say(f"，授权委托书 M{proof}", f", power of attorney M{proof}") if proof else ""
            )
        case Shown(to) | Exported(to):
            return _named(case, to, actor)
        case ParticipantRemoved(address):
            return case.words(address)
        case _:
            return ""


def _what(case: Case, r: Recorded, actor: Actor) -> str:
    name = name_of(r.event, zh=actor.language == "zh")
    # A numbered notice keeps what its decision says already.
    words = "" if isinstance(r.event, en.NoticeNumbered) else case.words(getattr(r.event, "words", None))
    detail = _person_in(case, r.event, actor)
    match r.event:
        case e.Assigned(handler, reason):
            named = _named(case, handler, actor)
            detail = actor.say(f"{named}（{reason}）", f"{named} ({reason})")
        case e.Marked(kind):
            detail = actor.say(*_KINDS.get(kind, (kind, kind)))
        case e.Extended(days):
            detail = actor.say(f"{days}个工作日", f"{days} working days")
        case e.LetterQueued(letter_id):
            row = case.work.session.get(LetterRow, letter_id)
            detail = row.subject.removeprefix(f"[{row.tag}]").strip() if row is not None else ""
        case en.NoticeNumbered(number=number) | en.Dispatched(number=number):
            detail = number
        case e.NoticeServed(notice) | e.NoticeFailed(notice):
            detail = _notice(case, notice, actor)
        case e.Confirmed(notice, _, message):
            detail = f"{_notice(case, notice, actor)} M{message}"
        case e.Delivered(notice, way, _, message):
            detail = f"{_notice(case, notice, actor)} {way} M{message}"
        case e.Asked(organ):
            found = next((o for o in case.work.people.organ if o.key == organ), None)
            detail = actor.say(found.name, found.name_en or found.name) if found is not None else organ
        case e.AnswerSeen(reference, message) | e.OrganAnswered(reference, message):
            detail = f"{reference} M{message}"
        case e.Cited(message) | e.NotAnswer(message):
            detail = f"M{message}"
        case e.ApprovalRecorded(approver, way, _, message):
            person = case.work.people.by_key(approver)
            detail = f"{person.name if person else approver} {way} M{message}"
        case el.ThroughTrain(leader):
            detail = _named(case, leader, actor)
        case el.InstructionRecorded(leader, _, message):
            detail = f"{_named(case, leader, actor)} M{message}"
        case el.Supervised(number, leader, due):
            detail = f"S{number} {_named(case, leader, actor)} {due}"
        case el.ReportedBack(number) | el.SupervisionEnded(number):
            detail = f"S{number}"
        case el.SupervisionReminded(number, step, to):
            detail = f"S{number} {step} {_named(case, to, actor)}"
        case e.Received(message) | e.FollowedUp(message):
            detail = linked.listed(case, message, zh=actor.language == "zh")
        case e.Merged(number) | e.Linked(number) | e.Separated(_, number) | SplitOff(_, number):
            detail = _seen_by(case, number, actor)
        case _:
            detail = _of_participant(case, r.event, actor) or _of_note(case, r.event, actor)
    return " ".join(part for part in (name, detail, words) if part)
