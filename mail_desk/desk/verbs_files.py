"""What leaves with a letter: dispatching a notice with its sealed scan (发文), naming files (附件)."""

from __future__ import annotations

from collections.abc import Sequence

from mail_desk.desk import enclosing, notices, outward, traced
from mail_desk.desk.case import Case
from mail_desk.desk.enclosing import TicketFile
from mail_desk.desk.outcome import Actor, Outcome, state_name
from mail_desk.tickets.commands import Command
from mail_desk.tickets.commands_verbs import NOTICE_NAMES
from mail_desk.tickets.events import Recorded
from mail_desk.tickets.events_notices import Attached, Dispatched, NoticeNumbered
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.policy import Transition

# What a scanner, a phone or an OFD printer makes; a Word document is the draft, not the scan.
SCANS = ("pdf", "ofd", "jpg", "jpeg", "png", "tif", "tiff", "bmp", "heic", "webp")
MOST_OFFERED = 9  # digits of a phone


def dispatch(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    waiting = notices.waiting(case)
    found = _wanted(waiting, command.words)
    if found is None:
        return _which(case, actor, waiting)
    event = found.event
    assert isinstance(event, NoticeNumbered)
    files = enclosing.files_in(actor.brought, photos=True)
    scans = [f for f in files if f.filename.lower().rpartition(".")[2] in SCANS]
    if (refusal := _refused(case, actor, event, files, scans)) is not None:
        return refusal
    before = state_name(case, actor.language)
    letter = outward.dispatch(case, event, actor.why, tuple(f.ref for f in scans))
    if letter is None:
        return Outcome(
            False, actor.say("没有可用的收件地址，未发出。", "There is no address to write to; not sent.")
        )
    sent = Dispatched(event.notice, event.number, letter.id, bool(scans))
    case.record(sent, actor=actor.person.key, cause=actor.cause)
    names = "、".join(f.filename for f in scans)
    what = actor.say(
        f"发文：{event.number}" + (f"，随信附扫描件：{names}" if scans else "，不附扫描件"),
        f"Dispatched: {event.number}" + (f", with the scan: {names}" if scans else ", without a scan"),
    )
    return Outcome(True, what, before, state_name(case, actor.language), letters=[letter])


def _wanted(waiting: Sequence[Recorded], words: str) -> Recorded | None:
    """Return the notice that words name, the only one where they name none, None where that is not clear."""
    named = NOTICE_NAMES.value_at(fold(words).strip(" :，,"))
    if named is None:
        return waiting[0] if len(waiting) == 1 else None
    matching = [r for r in waiting if isinstance(r.event, NoticeNumbered) and r.event.notice == named[0]]
    return matching[0] if matching else None


def _which(case: Case, actor: Actor, waiting: Sequence[Recorded]) -> Outcome:
    if not waiting:
        return Outcome(
            False,
            actor.say(
                "没有等待扫描件的通知书。其他文件要随信发出的，先写“#附件”再写答复。",
                "No notice waits for a scan. To send other files, write #attach and then the reply.",
            ),
        )
    events = [r.event for r in waiting if isinstance(r.event, NoticeNumbered)]
    number = case.row.number
    listed = "、".join(event.number for event in events)
    return Outcome(
        False,
        actor.say(
            f"有几份通知书等待扫描件：{listed}。请写明是哪一份，并附上扫描件：",
            f"Several notices wait for their scan: {listed}. Say which, with the scan attached:",
        ),
        offers=[
            (f"#{number} dispatch {event.notice}", f"发文：{event.number}", f"Dispatch {event.number}", False)
            for event in events
        ],
    )


def _refused(
    case: Case, actor: Actor, event: NoticeNumbered, files: Sequence[TicketFile], scans: Sequence[TicketFile]
) -> Outcome | None:
    if not enclosing.fits(case.work, scans):
        most = case.work.settings.desk.letter_up_to_mb
        return Outcome(
            False,
            actor.say(
                f"扫描件超过{most:g} MB，发不出去。请降低分辨率（200 dpi 黑白即可）后再发。",
                f"The scan is larger than {most:g} MB. Scan it with a lower resolution (200 dpi, black and white).",
            ),
        )
    if files and not scans:
        names = "、".join(f.filename for f in files)
        return Outcome(
            False,
            actor.say(
                f"未发出：{names}不是扫描件。请签字盖章后扫描成 PDF 或者拍照，再发文。",
                f"Not sent: {names} is no scan. Have it signed and sealed, scan it as PDF or take a photograph.",
            ),
        )
    if scans or event.waits == "optional":
        return None
    _kind, context = outward.context_of(case, event)
    notices.make(case, event, context)  # it goes with the answer, should the first one be lost
    return Outcome(
        False,
        actor.say(
            "未发出：这封回信没有附上签字盖章的扫描件（系统要求确认时，扫描件附在确认的那封回信里）",
            "Not sent: this mail has no signed and sealed scan attached (where a confirmation was asked for, attach it "
            "to the mail that confirms)",
        ),
    )


def attach(case: Case, command: Command, actor: Actor, _transition: Transition) -> Outcome:
    named, refusal = _named(case, command, actor)
    if refusal is not None:
        return refusal
    known = {f.ref: f for f in enclosing.files_of(case)} | {f.ref: f for f in named}
    before = enclosing.pending(case.recorded)
    together = [known[ref] for ref in before if ref in known] + [f for f in named if f.ref not in before]
    if not enclosing.fits(case.work, together):
        most = case.work.settings.desk.letter_up_to_mb
        return Outcome(
            False,
            actor.say(
                f"文件合计超过{most:g} MB，一封信发不出去，请分次发送。",
                f"Together they are larger than {most:g} MB: more than one letter can carry.",
            ),
        )
    case.record(Attached(tuple(f.ref for f in named)), actor=actor.person.key, cause=actor.cause)
    names = "、".join(_said(f) for f in together)
    return Outcome(
        True,
        actor.say(
            f"随下一封发给投诉人的信附上：{names}",
            f"These go with the next letter to the complainant: {names}",
        )
        + traced.told(actor, enclosing.load(case.work, (f.ref for f in named))),
    )


def _named(case: Case, command: Command, actor: Actor) -> tuple[list[TicketFile], Outcome | None]:
    """Return the files a command names: of this mail where it names none."""
    own = enclosing.files_in(actor.brought, photos=True)
    known = [*enclosing.files_of(case), *(f for f in own if f.ref[0] == actor.message.id)]
    known = list({f.ref: f for f in known}.values())
    if not command.words.strip():
        return (own, None) if own else ([], _list(case, actor, known, ()))
    found, lost = enclosing.named_in(command.words, known)
    if lost or not found:
        return [], _list(case, actor, known, lost)
    return found, None


def _list(case: Case, actor: Actor, known: Sequence[TicketFile], lost: Sequence[str]) -> Outcome:
    missing = "、".join(f"“{name}”" for name in lost)
    zh = (
        f"未附上：{missing}不是此件的文件，或者不止一个。"
        if lost
        else "未附上：没有写明是哪个文件，本信也没有附件。"
    )
    en = (
        f"Not attached: {missing} is no file of this ticket, or more than one. "
        if lost
        else "Not attached: no file is named, and this mail carries none. "
    )
    if not known:
        return Outcome(False, actor.say(zh + "此件没有文件。", en + "The ticket has no files."))
    number = case.row.number
    return Outcome(
        False,
        actor.say(zh + "请选择：", en + "Choose:"),
        offers=[
            (f"#{number} attach {f.name}", _said(f), _said(f), False) for f in list(known)[-MOST_OFFERED:]
        ],
    )


def _said(file: TicketFile) -> str:
    return f"{file.name} {file.filename}"
