"""The marks that tell automatic mail from a person's: header names, subjects, phrases. Data, with look-ups.

Every look-up returns a sentence that says what was found, or "". Words alone never make a person's mail
automatic: people write about absences and about bounces. A mark in the words counts together with one in
the header, or in the one place where only machines put it. Pure and linear.
"""

from __future__ import annotations

import re

from mail_desk.inbound import reports
from mail_desk.inbound.mail import Mail

_HEAD = 4_000  # characters of a text looked at for phrases

# --- delivery reports -----------------------------------------------------------------------------

# Names that no person has …
_DAEMON = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|mail[-_.]?delivery|mdaemon|mail-?router|mmdf|mailsys|mail-?system|"
    r"mail_?delivery_?subsystem|delivery[-_.]?(?:subsystem|status|agent)|microsoftexchange\w+|ndr|undeliverable|"
    r"e?\d*_?smtp_?mail_?service)(?:[-+._]?[\w-]*)?@|^mailer-daemon$",
    re.IGNORECASE,
)
_DAEMON_NAME = re.compile(
    r"mail(?:er)?[ -]?(?:delivery|daemon)|delivery (?:subsystem|status|agent|system)|mail subsystem|系统退信|邮件投递|メール配送",
    re.IGNORECASE,
)
# … and names behind which a person may sit: the administrator of a small company's mail.
_MAIL_OFFICE = re.compile(
    r"^(?:post[-_]?(?:master|office)|mailadmin|bounces?|system|root|smtp|imss|mailscanner)(?:[-+._]?[\w-]*)?@|^postmaster$",
    re.IGNORECASE,
)
_MAIL_OFFICE_NAME = re.compile(
    r"postmaster|system administrator|mail(?:er)?[ -]?(?:administrator|system)|internet mail|microsoft (?:outlook|exchange)|邮件系统|邮局|系统管理员|系統管理員",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver(?:able|ed)|delivery (?:status )?(?:notification|report|failure|failed|error|problem|has failed)|"
    r"(?:mail|message|e-?mail) (?:delivery|status|system)? ?(?:fail|error|could ?n.t be|not delivered|undeliver|bounce|returned|problem|delayed)|"
    r"failure (?:notice|delivery|notification)|fail(?:ed|ure) .{0,20}(?:deliver|mail|message)|returned? (?:mail|message|to sender)|mail (?:delivery|could|can|system)|delivery .{0,20}(?:delayed|failure|failed)|"
    r"non[- ]?(?:delivery|recapitable|remis)|nondeliverable|(?:un)?known (?:user|address)|rejected (?:mail|message)|could not (?:be )?deliver|can(?:not|'t) (?:be )?deliver|"
    r"warning: (?:could not send|message)|bounced? (?:mail|message)|permanent .{0,20}(?:error|failure)|notification d'(?:é|e)tat|(?:é|e)chec de |unzustellbar|nicht zustellbar|"
    r"mislukt|niet bezorg|onbestelbaar|non recapit|mancata consegna|no entregado|error de entrega|n(?:ã|a)o (?:entregue|foi entregue)|falha na entrega|не доставлен|недоставлен|"
    r"退信|(?:邮件|郵件|信件|来信).{0,6}退回|退回.{0,4}(?:邮件|郵件|信件)|无法(?:投递|送达|发送|传递)|未送达|投递失败|发送失败|傳送失敗|無法傳遞|无法传递|未能送达|未传递|邮件被退|送信エラー|配信(?:できません|不能|エラー)|배달 ?실패|반송",
    re.IGNORECASE,
)
_BOUNCE_WORDS = re.compile(
    r"(?:could|can|was|were|has|have)(?:n't| ?not) (?:be |been )?(?:successfully )?(?:deliver|sent|relay)|couldn't be delivered|unable to (?:deliver|relay|send)|undeliver(?:able|ed)|"
    r"delivery .{0,60}(?:failed|delay|error|attempt)|did not reach the following|not (?:be )?delivered to|failed (?:recipient|permanently|address)|following address(?:es)?|"
    r"permanent (?:fatal )?error|user unknown|unknown user|no such user|mailbox (?:unavailable|not found|full|is full)|returned (?:to you|mail|below)|address(?:es)? .{0,30}(?:fail|reject|invalid|unknown)|"
    r"does(?:n't| not) (?:exist|have an account)|host (?:unknown|not found)|over quota|quota exceed|recipient (?:unknown|rejected|not found|address)|account .{0,30}(?:disabled|inactive|closed)|"
    r"invalid (?:user |recipient|address|mailbox)|smtp error|remote (?:host|server) said|giving up on|message .{0,40}(?:rejected|refused|bounced)|transcript of session|"
    r"konnte nicht (?:zugestellt|gesendet)|n'a pas (?:pu )?(?:être|ete)|non (?:è|e') stato possibile|no se (?:ha )?pu(?:do|ede)|"
    r"无法(?:投递|送达|发送|传递|到达)|退信|退回|未能送达|收件人.{0,12}(?:不存在|未找到|拒)|不存在|投递失败|被拒|拒收|邮箱已满|超出.{0,6}(?:限额|容量)|配信でき|存在しない|"
    r"not (?:listed|known|a valid|recognized)|(?:is|are) not (?:valid|accept)|rejected (?:by|your)|blocked|spam|denied|refused|virus|exceed|not accept|unrouteable|expired|timed? ?out|fatal",
    re.IGNORECASE,
)
_REPLY_SUBJECT = re.compile(r"\s*(?:re|aw|sv|回复|答复)\s*[:：]", re.IGNORECASE)
_MACHINE_REPORT = re.compile(
    r"^Error message below:|^\W*Failure Reasons\W*$|550 - Requested action not taken|"
    r"here is your list of failed recipients|^The following address(?:es)? (?:had|did NOT receive|failed)|^\W*failed addresses follow:|"
    r"machine generated message from mail service|^Intended recipient:|^Undeliverable Address:|User's mailbox is full:|"
    r"Unable to deliver message to(?: the following address)?|^Delivery to the following recipients? (?:failed|was aborted)|Delevery to the following|"
    r"could not be delivered to the following (?:user|recipient|address)|^Sorry, unable to deliver your message|^A message could not be delivered to:|"
    r"^Invalid final delivery userid:|Your message (?:has encountered|encountered) delivery problems|This is the deliver program at|this is the email server at|"
    r"Message not delivered to the following addresses|following recipient\(s\) could not be reached|An error occurred while trying to deliver|"
    r"The user\(s\) account is temporarily over quota|Your mail message to the following address|was undeliverable due to the following reason|"
    r"Hi\. This is the (?:qmail|deliver)|This (?:is (?:a permanent error|an automatically generated delivery)|message was created automatically by (?:the )?mail)|"
    r"^(?:[ \t]*)----- (?:The following addresses|Transcript of session)|This is the (?:mail|postfix|mail delivery) (?:system|program|agent)|"
    r"I'm afraid I wasn't able to deliver|Your message (?:to .{1,200})?(?:wasn't|could ?n[o']t be|was not|did not reach|cannot be) (?:be )?(?:deliver|some or all)|"
    r"did not reach the following recipient|automatically generated Delivery Status|抱歉，您的邮件被退回|很抱歉.{0,30}(?:退回|无法送达|未能)|您的邮件被退回|"
    r"^[-\s]*(?:Failed Recipients?|Non-Delivery Report)\b|Could not deliver (?:the )?message to the following|\"(?:notificationType|eventType)\"\s*:\s*\"Bounce\"|"
    r"收件人的邮件地址.{0,20}不存在|这是一封(?:系统)?退信|退信原因|由邮件系统自动",
    re.IGNORECASE | re.MULTILINE,
)


def bounce_reason(mail: Mail, report: str) -> str:
    """Tell a free-form delivery report by at least two independent marks."""
    if mail.get("x-failed-recipients"):
        return "It names failed recipients in X-Failed-Recipients."
    author = mail.author
    local = author.address.partition("@")[0]
    daemon = any(
        (_DAEMON.search(author.address), _DAEMON_NAME.search(author.name), _DAEMON_NAME.search(local))
    )
    office = daemon or any(
        (
            _MAIL_OFFICE.search(author.address),
            _MAIL_OFFICE_NAME.search(author.name),
            _MAIL_OFFICE_NAME.search(local),
        )
    )
    null = mail.return_path == ""
    subject = _BOUNCE_SUBJECT.search(mail.subject) is not None
    is_reply = bool(mail.in_reply_to) and _REPLY_SUBJECT.match(mail.subject) is not None
    head = report[:_HEAD]
    words = _BOUNCE_WORDS.search(head) is not None
    machine = _MACHINE_REPORT.search(head) is not None
    typed = mail.report is not None and mail.report.type in ("delivery-status", "unknown")
    if is_reply and not (office or null or typed):
        return ""
    found = [
        label
        for label, holds in (
            ("its sender is a mail system", office),
            ("its return path is empty", null),
            ("its subject says so", subject),
            ("its words are a mail system's", machine),
            ("its words speak of a failed delivery", words),
            ("it is a multipart/report", typed),
        )
        if holds
    ]
    enough = (
        ((daemon or typed) and (subject or machine or words))
        or (office and (machine or (subject and (words or null or reports.returns_copy(mail)))))
        or (null and ((subject and words) or machine) and not _vacation(mail))
        or (machine and (subject or '"bounce' in head))
    )
    return _sentence(found) if enough and (null or typed or _has_evidence(mail)) else ""


def _has_evidence(mail: Mail) -> bool:
    """Look for what worms and phishers leave out: a recipient that failed, or the returned message."""
    return bool(
        reports.failed_in_text(mail, ())
        or reports.returns_copy(mail)
        or any(a.content_type in ("message/rfc822", "text/rfc822-headers") for a in mail.attachments)
        or mail.in_reply_to
    )


def _sentence(found: list[str]) -> str:
    return f"It is a delivery report: {', '.join(found)}."


# --- feedback -------------------------------------------------------------------------------------

_DMARC = re.compile(r"^\s*report domain:\s*\S+\s+submitter:|^\s*dmarc (?:aggregate )?report", re.IGNORECASE)
_COMPLAINT = re.compile(
    r"^\s*(?:complaint about message from|e-?mail feedback report for ip)\s+[\d.:a-f]+", re.IGNORECASE
)


def feedback_reason(mail: Mail) -> str:
    """Tell an abuse or authentication report, typed (RFC 5965, RFC 6591) or by its subject (RFC 7489 §7.2.1.1)."""
    if mail.report is not None and mail.report.type == "feedback-report":
        return "It is an abuse report (RFC 5965)."
    if _COMPLAINT.match(mail.subject):
        return "Its subject is that of an abuse report."
    if _DMARC.match(mail.subject) and mail.attachments:
        return "It is a DMARC report (RFC 7489)."
    return ""


# --- automatic replies ----------------------------------------------------------------------------

_AUTO_HEADERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("x-autoreply", re.compile(r"^(?!no\b|false\b|0\b)")),
    ("x-autorespond", re.compile(r"^(?!no\b|false\b|0\b)")),
    ("x-autoresponder", re.compile(r"^(?!no\b|false\b|0\b)")),
    ("x-autoreply-from", re.compile("")),
    ("x-mail-autoreply", re.compile("")),
    ("x-qq-auto-reply", re.compile(r"(?i)true|1|yes")),
    ("x-vacation", re.compile("")),
    ("x-autogenerated", re.compile(r"(?i)reply")),
    ("x-autoresponse", re.compile("")),
    ("x-auto-reply", re.compile(r"^(?!no\b|false\b|0\b)")),
    ("x-ms-exchange-generated-message-source", re.compile(r"(?i)oof|mailbox rules agent")),
    ("x-ms-exchange-inbox-rules-loop", re.compile("")),
    ("x-facebook-notify", re.compile(r"autoreply")),
    ("precedence", re.compile(r"(?i)auto[-_ ]?reply")),
    ("x-precedence", re.compile(r"(?i)auto[-_ ]?reply")),
    ("delivered-to", re.compile(r"(?i)^autoresponder")),
    ("x-post-messageclass", re.compile(r"(?i)autoresponder")),
)
_AUTO_SUBJECT = re.compile(
    r"^\s*(?:\[?(?:auto(?:matic|mated|matisch\w*)?[- :]*(?:reply|response|respond\w*|answer|antwort|svar|re)\b|auto[: -]|自动(?:回复|答复|应答)|自動(?:回[覆复]|回信|応答|返信)|"
    r"r(?:é|e)ponse automatique|automatische (?:antwort|antwoord)|respuesta autom(?:á|a)tica|resposta autom(?:á|a)tica|risposta automatica|autosvar|automatiskt svar|"
    r"автоответ|automatick(?:á|a) odpov|odpowied(?:ź|z) automatyczna|autoreply|out[- ]of[- ](?:the[- ])?office|abwesen\w+|abwesenheitsnotiz|absence du bureau|absent du bureau|"
    r"fuera de (?:la )?oficina|fora do escrit|ooo\b|vacation (?:reply|message|notice)|away from (?:my|the) (?:office|desk|mail)|休假自动|外出自动|不在办公室|自动回复|automatisch)|.{0,60}\((?:auto(?:matic)?[- ]?reply|自动回复)\))",
    re.IGNORECASE,
)
_ABSENCE = re.compile(
    r"out[- ]of[- ](?:the[- ])?office|away (?:from|until|on)|on (?:vacation|holiday|leave|annual|maternity|business)|(?:will|am) (?:be )?(?:back|returning|return|absent|away|out)|limited access|not in the office|"
    r"abwesen|im urlaub|nicht im (?:büro|haus)|zurück|absen(?:t|ce)|congé|vacances|vacaciones|fuera de|férias|ausente|ferie|semester|отпуск|отсутств|nieobecn|urlop|"
    r"休假|外出|出差|不在办公室|不在辦公室|假期|度假|请假|年假|产假|离岗|无法及时(?:回复|查看|处理)|不能及时|休暇|不在|暂时不能|正在休|已离职|离职|no longer (?:with|work|employed)|left the company",
    re.IGNORECASE,
)
_AUTO_STATEMENT = re.compile(
    r"(?:本|此|这|這)(?:封|是)?(?:邮件|郵件|信件|信)?(?:是|为|為|系|由).{0,12}(?:自动|自動)(?:回复|回覆|答复|应答|回信)|^\W*(?:这是)?(?:一封)?自动(?:回复|答复)(?:邮件)?\W*$|"
    r"この(?:メール|お?返信)は.{0,14}自動(?:返信|応答)|^\W{0,3}自動返信|"
    r"^\W{0,3}this is an? (?:automated|automatic|auto[- ]?generated) (?:reply|response|answer|acknowledge?ment)\b",
    re.IGNORECASE | re.MULTILINE,
)
_AUTO_WORDS = re.compile(
    r"this is an? (?:automat|auto[- ])|automatic(?:ally)? (?:reply|response|generated|generiert)|auto[- ]?(?:reply|responder|response)|自动(?:回复|答复|应答)|automatisch (?:generiert|erstellt)|réponse automatique|本邮件为自动",
    re.IGNORECASE,
)


def _vacation(mail: Mail) -> bool:
    return _AUTO_SUBJECT.match(mail.subject) is not None


def automatic_reply_reason(mail: Mail) -> str:
    """Tell an automatic reply (RFC 3834 §5, and the headers and subjects used instead of it)."""
    submitted = (mail.get("auto-submitted") or "").strip().lower()
    if submitted.startswith(("auto-replied", "auto-notified")):
        return f"It says Auto-Submitted: {submitted.split(';')[0].strip()}."
    for name, pattern in _AUTO_HEADERS:
        if any(pattern.search(value.strip()) for value in mail.all(name)):
            return f"It carries the header {name} of an automatic reply."
    if _AUTO_SUBJECT.match(mail.subject):
        return "Its subject is that of an automatic reply."
    if _AUTO_STATEMENT.search(_unquoted(mail.text[:_HEAD])):
        return "Its words say that it is an automatic reply."
    if submitted.startswith("auto-generated"):
        words = _unquoted(mail.text[:_HEAD])
        if _AUTO_WORDS.search(words) or (mail.in_reply_to and _ABSENCE.search(words)):
            return "It says Auto-Submitted: auto-generated and answers a mail."
    return ""


def _unquoted(text: str) -> str:
    """Take out quoted lines: what they say, somebody else said."""
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith((">", "|")))


def speaks_of_absence(mail: Mail) -> bool:
    """Tell whether an automatic reply is about somebody being away."""
    return _ABSENCE.search(f"{mail.subject}\n{mail.text[:_HEAD]}") is not None


# --- spam and lists -------------------------------------------------------------------------------

_SPAM_HEADERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("x-spam-flag", re.compile(r"(?i)^\s*yes|^\s*true")),
    ("x-spam-status", re.compile(r"(?i)^\s*yes")),
    ("x-spam", re.compile(r"(?i)^\s*(?:yes|true|spam)")),
    ("x-qq-spam", re.compile(r"(?i)true|1")),
    ("x-is-spam", re.compile(r"(?i)true|yes|1")),
    ("x-antispam", re.compile(r"(?i)^\s*spam")),
    ("x-forefront-antispam-report", re.compile(r"(?i)\bSFV:SP[MB]\b|\bCAT:(?:SPM|HSPM|PHSH|HPHSH|MALW)\b")),
    ("x-ms-exchange-organization-scl", re.compile(r"^\s*[5-9]")),
    ("x-bogosity", re.compile(r"(?i)^\s*(?:yes|spam)")),
    ("x-barracuda-spam-flag", re.compile(r"(?i)yes")),
    ("x-rspamd-action", re.compile(r"(?i)reject|add header|rewrite subject")),
)
_SPAM_SUBJECT = re.compile(
    r"^\s*(?:\*{3,}\s*spam|\[\s*\*{0,5}\s*spam|\{spam|【垃圾邮件】|\[垃圾邮件|\[疑似垃圾)", re.IGNORECASE
)


def spam_reason(mail: Mail) -> str:
    """Repeat the verdict of the provider's filter; the desk has none of its own."""
    for name, pattern in _SPAM_HEADERS:
        if any(pattern.search(value) for value in mail.all(name)):
            return f"The provider's filter marked it as spam ({name})."
    if _SPAM_SUBJECT.match(mail.subject):
        return "The provider's filter marked its subject as spam."
    return ""


_LIST_HEADERS = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "x-mailing-list",
    "x-mailman-version",
    "x-listname",
    "x-ml-name",
)
_BULK = re.compile(r"(?i)^\s*(?:list|bulk|junk)\b")


def list_reason(mail: Mail) -> str:
    """Tell mail of a list or a bulk sender (RFC 2919, RFC 2369)."""
    for name in _LIST_HEADERS:
        if mail.get(name):
            return f"It came by a mailing list or bulk sender ({name})."
    if any(re.match(r"(?i)\s*list\b", v) for v in mail.all("precedence")):
        return "It says Precedence: list."
    return ""


# --- answering ------------------------------------------------------------------------------------

_ROBOT = re.compile(
    r"^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|noreply\w*|mailer-daemon|postmaster|bounces?|(?:[\w.-]+-)?(?:bounces?|owner|request))(?:[-+._][^@]*)?@|^owner-",
    re.IGNORECASE,
)


def why_unanswerable(mail: Mail) -> str:
    """Return why no automatic answer may go out, "" where one may (RFC 3834 §2, invariant 11)."""
    submitted = (mail.get("auto-submitted") or "").split(";")[0].strip().lower()
    if submitted and submitted != "no":
        return f"It says Auto-Submitted: {submitted}."
    if mail.return_path == "":
        return "Its return path is empty."
    if any(_BULK.match(v) for v in mail.all("precedence")):
        return "It says Precedence: bulk, junk or list."
    if name := next((n for n, _ in mail.headers if n.startswith("list-")), ""):
        return f"It carries a {name} header."
    suppress = (mail.get("x-auto-response-suppress") or "").lower()
    if any(word in suppress for word in ("all", "oof", "autoreply")):
        return "It asks for no automatic answer (X-Auto-Response-Suppress)."
    if mail.get("x-loop") or mail.get("feedback-id"):
        return "It carries a header that only mass or looping mail has."
    answer_to = next(iter(mail.reply_to), mail.author).address
    if not reports.ADDRESS.fullmatch(answer_to):
        return "It has no address to answer to."
    if _ROBOT.search(answer_to) or _ROBOT.search(mail.author.address):
        return "Its address is not read by a person."
    return ""
