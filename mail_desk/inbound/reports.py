"""Reading delivery reports: who failed, whether for good, and which message it was about.

The machine-readable form (RFC 3464) first; the free forms of qmail, Exim, Exchange, NetEase, QQ and the
rest by the marks they share. Decides nothing about the message's kind; see `classify`. Pure and linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mail_desk.inbound.mail import FailedRecipient, Mail, Report

MAX_TEXT = 200_000  # characters of a free-form report looked at
MAX_RECIPIENTS = 1_000

ADDRESS = re.compile(
    r"(?<![\w.+=&#-])[A-Za-z0-9_+=&][A-Za-z0-9._%+'/=&!#$*?^{|}~-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)*[A-Za-z0-9-]{1,63}"
)
_JSON_RECIPIENT = re.compile(r'"emailAddress"\s*:\s*"([^"\s]{3,320})"')  # Amazon SES by way of SNS
_TO_LINE = re.compile(r"^[> \t]*To:[ \t]*(.{1,2000})$", re.IGNORECASE | re.MULTILINE)
_URL = re.compile(r"<?https?://[^\s>]{1,2000}>?")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.:-])([45]\d\d)(?=[ -][^\d]|#)")
_ID = re.compile(r"^[>\s]*message-id:\s*<?([^<>\s]+@[^<>\s]+)>?", re.IGNORECASE | re.MULTILINE)

_TEMPORARY = re.compile(
    r"will (?:be )?(?:retr|keep trying|continue)|still being retried|delivery (?:is )?delayed|delay(?:ed)? (?:mail|delivery)|"
    r"not (?:yet )?(?:been )?delivered (?:yet|after)|has not yet been delivered|warning message only|do not need to resend|"
    r"temporar(?:y|ily)|try again later|over quota|mailbox (?:is )?full|quota exceeded|exceeded (?:storage|.{0,20}quota)|"
    r"暂时|稍后|延迟|重试|邮箱已满|空间已满|容量不足|频率|greylist",
    re.IGNORECASE,
)
_PERMANENT = re.compile(
    r"permanent|user unknown|unknown user|no such (?:user|recipient|address|mailbox)|does(?:n't| not) exist|not found|"
    r"invalid (?:recipient|address|mailbox)|unknown (?:recipient|address|mailbox|local)|disabled|gave up|giving up|"
    r"account .{0,40}(?:closed|inactive)|不存在|无此用户|无效|被禁用|被拒|拒收|停用|已注销",
    re.IGNORECASE,
)

# Where the report ends and the returned message begins.
_COPY = re.compile(
    r"^(?:[ \t>]*[-=_*]{2,}[ \t]*(?:below (?:this|the next) line|start of returned|returned mail|session transcript|end of message|the header|this is a copy|original message|the (?:original|following) message|returned message|"
    r"unsent message|message (?:header|text|follows)|included is|message headers? follow|the header page|copy of (?:the )?(?:message|mail)|"
    r"undelivered message|begin (?:returned|original)|the body of the message|rfc ?822|原邮件(?!信息)|原始邮件|original text)|"
    r"[ \t]*(?:Received: (?:from|by|\()|Return-Path: ?<|original message (?:header|follows)|message header follows|original message(?: as received)? (?:is as follows|was|:)|old message:|bounced e-?mail:|here is your returned mail|message text follows:|your message reads|original message attached|a copy of the original message|included is a copy of|"
    r"the original message (?:was )?(?:follows|header)|your original message|headers? of the original|原邮件(?:头|内容|正文)[:：]?\s*$|原始邮件(?!信息)|"
    r"[ \t]*DKIM-Signature:|[ \t]*ARC-Seal:))",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_A_RECIPIENT = re.compile(
    r"^(?:mailer-?daemon|postmaster|mail-?daemon|noreply|no-reply|do-not-reply|abuse|hostmaster|mmdf|root|helpdesk|support)@",
    re.IGNORECASE,
)
_SENDER_LINE = re.compile(
    r"(?:^|\s)(?:from:|sender|mail from|message from|return-path|reporting-mta|contact|questions?|please (?:contact|write|mail|send)|in-reply-to|message-id|"
    r"references|postmaster|发件人|寄件人|for (?:further )?(?:assistance|help)|send mail to|forward(?:ed)? (?:this|it)|联系|客服)\b",
    re.IGNORECASE,
)
_RECIPIENT_LINE = re.compile(
    r"(?:^\s*[45]\d\d[ -]|final-recipient|original-recipient|x-failed-recipients?|x-actual-recipient|recipients?|rcpt to|to:|deliver(?:ed|y)? to|undeliverable to|"
    r"addressed|sent to|mailbox|user|account|收件人|收件地址|邮件地址|无法(?:发送|投递|送达)到?|投递到|发送到|发往|退回)",
    re.IGNORECASE,
)
_ENTRY = re.compile(
    r"^[ \t>*•·\"'-]*<?("
    + ADDRESS.pattern
    + r")[\"']?>?[ \t]*(?:[:：(（…<]|\.\.\.|$|[ \t-]{1,4}\S|[,;，][ \t]*$)",
    re.MULTILINE,
)


def failed_of_report(report: Report) -> tuple[FailedRecipient, ...]:
    """Return the recipients a delivery-status says were not reached (RFC 3464 §2.3)."""
    found: dict[str, FailedRecipient] = {}
    for block in report.fields:
        fields = dict(reversed(block))
        action = fields.get("action", "").split("(")[0].strip().strip(";").lower()
        address = _recipient(fields)
        if not address or len(found) >= MAX_RECIPIENTS:
            continue
        status = _status(fields.get("status", "")) or _status(fields.get("diagnostic-code", ""))
        if action in ("delivered", "relayed", "expanded") or (not action and status.startswith("2")):
            continue
        diagnostic = fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get(
            "diagnostic-code", ""
        )
        found.setdefault(
            address.lower(),
            FailedRecipient(address, _is_permanent(action, status, diagnostic), status, diagnostic[:500]),
        )
    return tuple(found.values())


def actions_of(report: Report) -> frozenset[str]:
    """Return the Action values of a delivery-status, lower-case."""
    return frozenset(
        value.split("(")[0].strip().strip(";").lower()
        for block in report.fields
        for name, value in block
        if name == "action"
    )


def _recipient(fields: dict[str, str]) -> str:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = fields.get(name, "")
        match = ADDRESS.search(value.partition(";")[2] or value)
        if match:
            return match[0]
    return ""


def _status(text: str) -> str:
    match = _STATUS.search(text)
    return match[1] if match else ""


def _is_permanent(action: str, status: str, diagnostic: str) -> bool:
    if action == "delayed":
        return False
    if status:
        return status.startswith("5")
    reply = _REPLY.search(diagnostic)
    return reply[1].startswith("5") if reply else True


def failed_in_text(mail: Mail, own: Iterable[str]) -> tuple[FailedRecipient, ...]:
    """Return the recipients a free-form report names as failed, best effort, in order."""
    header = mail.get("x-failed-recipients")
    report = report_text(mail)
    known = list(dict.fromkeys(m[0].rstrip(".") for m in ADDRESS.finditer(header or "")))
    excluded = {a.address.lower() for a in (*mail.from_, *mail.sender, *mail.reply_to, *mail.to)} | set(own)
    addresses = known or list(_named(report, excluded)) or list(_returned_to(mail, excluded))
    temporary = _TEMPORARY.search(report) is not None and _PERMANENT.search(report) is None
    lower, overall = report.lower(), (_status(report), _REPLY.search(report))
    return tuple(_failed(a, report, lower, overall, temporary=temporary) for a in addresses[:MAX_RECIPIENTS])


def _returned_to(mail: Mail, excluded: set[str]) -> Iterator[str]:
    """Yield whom the returned message was for: a letter of ours has one recipient."""
    original = dict(reversed(mail.report.original)) if mail.report is not None else {}
    text = mail.text[:MAX_TEXT]
    copy = _TO_LINE.search(text, _copy_start(text))
    for match in ADDRESS.finditer(original.get("to", "") or (copy[1] if copy else "")):
        if match[0].lower() not in excluded:
            yield match[0]


def report_text(mail: Mail) -> str:
    """Return the words of a free-form report without the message it returns, and without links."""
    text = mail.text[:MAX_TEXT]
    return _URL.sub("", text[: _copy_start(text)])  # an address inside a link is nobody's


def returns_copy(mail: Mail) -> bool:
    """Tell whether the text of a report holds a copy of the message it is about."""
    text = mail.text[:MAX_TEXT]
    return _copy_start(text) < len(text)


def _copy_start(text: str) -> int:
    return next((m.start() for m in _COPY.finditer(text) if text[: m.start()].strip()), len(text))


def _named(report: str, excluded: set[str]) -> Iterator[str]:
    """Yield recipients: lines that begin with an address, else lines that speak of one, else any."""
    for candidates in (
        _JSON_RECIPIENT.findall(report),
        _entries(report),
        _in_lines(report, _RECIPIENT_LINE),
        _in_lines(report, None),
    ):
        found: dict[str, str] = {}
        for address in candidates:
            key = address.lower()
            if (
                key not in excluded
                and not _NOT_A_RECIPIENT.match(key)
                and not key.endswith((".png", ".gif", ".jpg"))
            ):
                found.setdefault(key, address)
        if found:
            yield from found.values()
            return


def _entries(report: str) -> Iterator[str]:
    for match in _ENTRY.finditer(report):
        yield match[1].rstrip(".")


def _in_lines(report: str, wanted: re.Pattern[str] | None) -> Iterator[str]:
    for whole in report.split("\n")[:5000]:
        line = whole[:2000]
        if (wanted is None or wanted.search(line)) and not _SENDER_LINE.search(line):
            for match in ADDRESS.finditer(line):
                yield match[0].rstrip(".")


def _failed(
    address: str, report: str, lower: str, overall: tuple[str, re.Match[str] | None], *, temporary: bool
) -> FailedRecipient:
    """Read status and reason near the address, else anywhere in the report."""
    at = lower.find(address.lower())
    near = report[at : at + 800] if at >= 0 else ""
    status = _status(near) or overall[0]
    reply = _REPLY.search(near) or overall[1]
    if status:
        permanent = status.startswith("5")
    elif reply:
        permanent = reply[1].startswith("5")
    else:
        permanent = not temporary
    reason = " ".join(near[len(address) :].strip("<>:：, \n").split())
    return FailedRecipient(address, permanent, status, reason[:300])


def about(mail: Mail) -> tuple[str, ...]:
    """Return ids of the message a report or an automatic answer is about, most certain first."""
    ids: list[str] = []
    if mail.report is not None:
        ids += [v.strip().strip("<>") for n, v in mail.report.original if n == "message-id"]
        for block in mail.report.fields:
            ids += [
                v.strip().strip("<>")
                for n, v in block
                if n in ("original-message-id", "x-original-message-id")
            ]
    ids += mail.in_reply_to
    ids += [m[1] for m in _ID.finditer(mail.text[:MAX_TEXT])]
    ids += reversed(mail.references)
    return tuple(dict.fromkeys(i for i in ids if i))
