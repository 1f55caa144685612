"""登记: a complaint that came by telephone, visit, letter or referral, or landed in a colleague's own mailbox.

What was written down is read, shown, and opened only when the digit of *that* answer comes back: so it needs
the key of a letter to the known address, whoever wrote the first mail. The date is the true one; limits count
from it. A forwarded original stays with its own headers as material; what it says of its author proves
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mail_desk.config import Enterprise, Role
from mail_desk.desk import authority, registered, registration_drafts
from mail_desk.desk.outcome import Actor, Outcome, in_words
from mail_desk.desk.registration_drafts import Draft
from mail_desk.desk.work import Work
from mail_desk.inbound import forwarded, reply_text
from mail_desk.inbound.forwarded import Forwarded
from mail_desk.inbound.parse import parse
from mail_desk.store import raw
from mail_desk.store.schema import Message
from mail_desk.tickets import enterprise_names, registrations
from mail_desk.tickets.commands import Command
from mail_desk.tickets.registrations import Fields

_AGAIN = re.compile(r"M([0-9]{1,9})(?![0-9])[ :,，：]*", re.IGNORECASE)
_CONFIRM = re.compile(r"(open|receipt|old|file) ([0-9a-f]{8})(?: (20[0-9]{2}-[0-9]{4,6}))?")
_SHOWN = ("received", "channel", "name", "telephone", "address", "enterprise", "subject", "limit", "higher")
_DROP = "drop"
_Step = tuple[str, str, str, bool]


def command(work: Work, actor: Actor, told: Command) -> Outcome:
    """Read what is to be registered and show it; open it where the digit of that answer says so."""
    if actor.person.role not in (Role.HANDLER, Role.SUPERVISOR):
        return Outcome(
            False,
            actor.say("登记由经办人或者督办人办理。", "Handlers and supervisors register complaints."),
        )
    words = told.words.strip()
    again = _AGAIN.match(words)
    if again is None:
        return _begin(work, actor, words)
    draft = registration_drafts.load(work, int(again[1]))
    if draft is None or draft.by != actor.person.key:
        return Outcome(
            False,
            actor.say(
                f"没有待确认的登记 M{again[1]}，请重新登记。",
                f"No registration M{again[1]} waits for you: please write it again.",
            ),
        )
    if draft.ticket:
        return Outcome(
            False,
            actor.say(f"已经登记，编号 {draft.ticket}。", f"It is registered already: {draft.ticket}."),
        )
    rest = words[again.end() :].strip()
    if rest.lower() == _DROP and actor.letter is not None:
        registration_drafts.drop(work, draft)
        return Outcome(True, actor.say("已放弃，没有立件", "Dropped: nothing was opened"))
    confirmed = _CONFIRM.fullmatch(rest)
    if confirmed is not None:
        return _confirmed(work, actor, told, draft, confirmed)
    if rest:
        more = _read(work, rest)
        draft = replace(draft, fields=_corrected(more, draft.fields), old_confirmed=False)
    return show(work, actor, draft)


def _begin(work: Work, actor: Actor, words: str) -> Outcome:
    """Begin a registration with the words of this mail and the mail it forwards."""
    fields = _read(work, words)
    inner = original(work, actor.message)
    if inner is not None:
        organ = work.people.organ_of(inner.address)
        claimed = Fields(
            received=inner.sent_on if inner.sent_on is not None and inner.sent_on <= work.today else None,
            channel="forwarded",
            name=inner.name or inner.address,
            address=inner.address,
            subject=inner.subject,
            words=inner.text,
        )
        if organ is not None:  # passed on by another body: who complained stands in its words
            claimed = replace(claimed, channel="referral", name="", address="", higher=organ.name)
        above = fields.words
        fields = replace(fields, words="").over(claimed)
        if above and claimed.words and above.strip() != claimed.words:
            fields = replace(
                fields,
                words=f"{claimed.words}\n\n{actor.say('登记人注：', 'Note of the registrant: ')}{above}",
            )
        elif above:
            fields = replace(fields, words=above)
    if not fields.words and not words:
        return _how(actor)
    return show(work, actor, Draft(actor.message.id, actor.person.key, fields, work.today))


def _corrected(more: Fields, base: Fields) -> Fields:
    """Lay corrections over what was read; free words besides them are the complaint's only where it has none."""
    return (
        replace(more, words="").over(base) if base.words and more.words and _others(more) else more.over(base)
    )


def _others(found: Fields) -> bool:
    return any(getattr(found, f) for f in _SHOWN)


def _how(actor: Actor) -> Outcome:
    form = "\n".join(
        f"{registrations.label(f, zh=actor.language == 'zh')}："
        for f in ("received", "channel", "name", "telephone", "enterprise", "words")
    )
    return Outcome(
        False,
        actor.say(
            f"请在“#登记”下面写明投诉的情况，可以自由写，也可以逐行写（把来信转发过来、附上扫描件也行）：\n{form}",
            f"Write what came below “#register”, freely or line by line (a forwarded mail or a scan will do):\n{form}",
        ),
    )


def original(work: Work, message: Message) -> Forwarded | None:
    """Return the mail that a colleague's mail forwards, None where it forwards none."""
    if message.raw_sha256 is None:
        return None
    content = raw.load(work.session, work.rules.spool_dir, message.raw_sha256)
    mail = parse(content)
    found = forwarded.inside(content, mail, reply_text.split(mail.text).quoted)
    own = work.settings.own_addresses()
    return None if found is None or found.address in own else found


def _read(work: Work, words: str) -> Fields:
    calendar = work.rules.calendar
    return registrations.read(
        words, today=work.today, forward=calendar.forward, ledger=work.settings.enterprises
    )


# --- showing it -------------------------------------------------------------------------------------


def show(work: Work, actor: Actor, draft: Draft) -> Outcome:
    """Show what was understood: asked for, refused, or laid ready."""
    draft = replace(draft, fields=draft.fields.titled())
    fields, zh = draft.fields, actor.language == "zh"
    registration_drafts.save(work, draft)
    rows = _rows(work, actor, draft)
    wrong = _wrong(work, actor, fields)
    if fields.missing or wrong:
        lacking = [registrations.label(f, zh=zh) for f in fields.missing]
        named = "、".join(lacking) if zh else ", ".join(lacking)
        said = actor.say(
            "没有登记。" + (f"还缺：{named}。" if lacking else "") + "".join(wrong),
            "Not registered. " + (f"Missing: {named}. " if lacking else "") + " ".join(wrong),
        )
        return Outcome(False, "\n".join([said, *rows]), offers=_completing(work, draft))
    if (work.today - fields.received).days > registrations.OLD_DAYS and not draft.old_confirmed:  # type: ignore[operator]
        day = in_words(fields.received, actor.language)  # type: ignore[arg-type]
        what = actor.say(
            f"没有登记：收到日期{day}已过去三十天以上，期限从那天起算。请核对：",
            f"Not registered: {day} is more than thirty days ago, and limits count from it. Please check:",
        )
        offers = [
            (
                f"#register M{draft.message} old {draft.mark}",
                "日期无误，继续登记",
                "The day is right: go on",
                False,
            ),
            (
                f"#register M{draft.message}",
                "改正（写上正确的日期，例：收到日期：3月2日）",
                "Correct it (e.g. received: 2 March)",
                True,
            ),
        ]
        return Outcome(False, "\n".join([what, *rows]), offers=offers)
    what = actor.say(
        "尚未立件，请核对后回复数字确认：",
        "Nothing has been opened yet. Please check, then confirm with the digit:",
    )
    return Outcome(False, "\n".join([what, *rows]), offers=_ready(work, actor, draft), to_check=True)


def _rows(work: Work, actor: Actor, draft: Draft) -> list[str]:
    zh, fields = actor.language == "zh", draft.fields
    rows = []
    for field in _SHOWN:
        value = getattr(fields, field)
        if field == "channel" and value:
            value = registrations.channel_name(value, zh=zh)
        if field in ("received", "limit") and value:
            value = in_words(value, actor.language)
        if field == "enterprise":
            found = _enterprise(work, fields)
            if len(found) == 1:
                value = found[0].name if zh else found[0].name_en or found[0].name
            elif value and not found:
                value += "（台账中没有）" if zh else " (not in the ledger)"
        if value:
            rows.append(
                f"{registrations.label(field, zh=zh)}：{value}"
                if zh
                else f"{registrations.label(field, zh=zh)}: {value}"
            )
    if fields.words:
        short = fields.words if len(fields.words) <= 600 else fields.words[:599] + "…"
        rows.append(actor.say(f"内容：{short}", f"Words: {short}"))
    source = work.session.get(Message, draft.message)
    inner = original(work, source) if source is not None else None
    if inner is not None:
        rows.append(
            actor.say(
                "附：转发的原信（发件人、日期是原信自述，请核实）",
                "With it: the forwarded original (its sender and date are its own words: check them)",
            )
        )
    names = [
        a["filename"]
        for a in (source.attachments if source is not None else [])
        if not a["inline"] and a["filename"]
    ]
    if names:
        rows.append(actor.say(f"附件：{'、'.join(names)}", f"Files: {', '.join(names)}"))
    return rows


def _wrong(work: Work, actor: Actor, fields: Fields) -> list[str]:
    """Return what keeps it from being opened, besides what is missing."""
    found = [actor.say(f"看不懂“{line}”。", f"“{line}” is not understood.") for line in fields.unread]
    if fields.received is not None and fields.received > work.today:
        day = in_words(fields.received, actor.language)
        found.append(actor.say(f"收到日期{day}还没有到。", f"{day} has not come yet."))
    if fields.limit is not None and fields.limit < work.today:
        day = in_words(fields.limit, actor.language)
        found.append(
            actor.say(
                f"上级期限{day}已经过去，请写正确的日期。",
                f"The higher limit, {day}, is over: write the right day.",
            )
        )
    address = fields.address.lower()
    if address and (
        address in work.settings.own_addresses()
        or work.people.by_address(address) is not None
        or work.people.organ_of(address) is not None
    ):
        found.append(
            actor.say(
                f"{address} 是本单位或有关单位的邮箱，不是投诉人的。",
                f"{address} belongs to this office or to an organ, not to a complainant.",
            )
        )
    several = _enterprise(work, fields)
    if len(several) > 1:
        names = "、".join(row.name for row in several[:5])
        found.append(
            actor.say(
                f"“{fields.enterprise}”可能是：{names}，请写全称。",
                f"“{fields.enterprise}” may be {names}: write it in full.",
            )
        )
    return found


def _enterprise(work: Work, fields: Fields) -> Sequence[Enterprise]:
    if fields.enterprise:
        return enterprise_names.meant(fields.enterprise, work.settings.enterprises)
    known = work.settings.enterprise_of(fields.address) if fields.address else None
    return [known] if known is not None else []


def _completing(work: Work, draft: Draft) -> list[_Step]:
    """Offer the corrected mail: one digit with what is missing behind it."""
    missing = draft.fields.missing
    reference = f"#register M{draft.message}"
    steps: list[_Step] = []
    if missing == ("received",):
        today = work.today.isoformat()
        steps.append((f"{reference} received: {today}", "是今天收到的", "It was received today", False))
    if missing == ("channel",):
        for key, (zh, en) in {"telephone": ("电话", "by telephone"), "visit": ("来访", "a visit"), "letter": ("来信", "a letter"), "referral": ("转办", "a referral")}.items():  # fmt: skip
            steps.append((f"{reference} channel: {key}", f"渠道：{zh}", f"It was {en}", False))
    ask_zh = "；".join(f"{registrations.label(f, zh=True)}：…" for f in missing) or "收到日期：…"
    ask_en = "; ".join(f"{registrations.label(f, zh=False)}: …" for f in missing) or "received: …"
    steps.append(
        (
            reference,
            f"补上或改正（每项一行，例：{ask_zh}）",
            f"Complete or correct it (a line each, e.g. {ask_en})",
            True,
        )
    )
    steps.append(_dropping(draft))
    return steps


def _dropping(draft: Draft) -> _Step:
    return (f"#register M{draft.message} {_DROP}", "放弃，不登记", "Drop it: nothing is registered", False)


def _ready(work: Work, actor: Actor, draft: Draft) -> list[_Step]:
    reference = f"#register M{draft.message}"
    steps: list[_Step] = [
        (
            f"{reference} file {draft.mark} {row.number}",
            f"不另立件，归入同一投诉人的在办件 {row.number}（{row.subject}）",
            f"No new ticket: file it on {row.number} of the same complainant ({row.subject})",
            False,
        )
        for row in registered.open_tickets(work, draft.fields.address, reader=actor.person.key)
    ]
    no_receipt = ("立件（不发回执）", "Open it (no receipt)") if draft.fields.address else ("立件", "Open it")
    steps.append((f"{reference} open {draft.mark}", *no_receipt, False))
    if draft.fields.address:
        steps.append(
            (
                f"{reference} receipt {draft.mark}",
                f"立件，并向投诉人发回执（{draft.fields.address}）",
                f"Open it and send a receipt to {draft.fields.address}",
                False,
            )
        )
    steps.append(
        (
            reference,
            "改正（写上要改的项，例：电话：138…）",
            "Correct it (write the field, e.g. telephone: …)",
            True,
        )
    )
    steps.append(_dropping(draft))
    return steps


# --- confirmed --------------------------------------------------------------------------------------


def _confirmed(work: Work, actor: Actor, told: Command, draft: Draft, said: re.Match[str]) -> Outcome:
    """Open or file what was shown, if this mail answers the letter that showed it."""
    line = f"#register {told.words.strip()}"
    offered = {choice["command"] for choice in actor.letter.choices} if actor.letter is not None else set()
    if line not in offered or said[2] != draft.mark:
        return show(work, actor, draft)
    short = authority.short_of(actor, told, work)
    if short is not None:
        return short
    if said[1] == "old":
        return show(work, actor, replace(draft, old_confirmed=True))
    if draft.fields.missing or _wrong(work, actor, draft.fields):
        return show(work, actor, draft)
    source = work.session.get_one(Message, draft.message)
    if said[1] == "file":
        return registered.file(work, actor, draft, source, said[3] or "")
    found = _enterprise(work, draft.fields)
    enterprise = found[0].key if len(found) == 1 else None
    return registered.open_it(work, actor, draft, source, enterprise=enterprise, receipt=said[1] == "receipt")
