"""What an SMTP reply means: the table from a server's words to Deferred, Refused or a bad password.

Pure. The order of the table is the order of judgement: a provider's token first (NetEase uses the
same token under differing numbers, so the token decides), then the enhanced status code (RFC 3463),
then the stage and the first digit (RFC 5321 §4.2.1). Every judgement names its reason in words an
operator or handler can act on, Chinese and English.

Sources: NetEase's published table of bounce codes; RFC 5321 §4.2, RFC 3463, RFC 4954 §6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal


class Stage(StrEnum):
    """How far a session had come when it ended."""

    CONNECT = "connect"
    TLS = "tls"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    END = "end"  # after the final dot


BEFORE_LETTERS = frozenset({Stage.CONNECT, Stage.TLS, Stage.LOGIN})  # what fails here concerns all letters


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's reply. `code` is 0 where there was none and `text` says why."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}" if self.code else self.text


@dataclass(frozen=True, slots=True)
class Why:
    """A reason in plain words. The key is stable: logs and alarms go by it."""

    key: str
    zh: str
    en: str


class Scope(StrEnum):
    """Whom a deferral concerns."""

    LETTER = "letter"  # this letter only: it uses up an attempt
    CONNECTION = "connection"  # the letter, and the connection is not to be used again
    ACCOUNT = "account"  # every letter of the account: it pauses, no letter loses an attempt


@dataclass(frozen=True, slots=True)
class Delivered:
    """The server has taken responsibility (RFC 5321 §4.2.5)."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Deferred:
    """Certainly not taken now; to be tried again."""

    reply: Reply
    stage: Stage
    why: Why
    scope: Scope
    pause: timedelta = timedelta(0)  # at least so long before the next attempt
    alarm: bool = False  # a person has to do something about it


@dataclass(frozen=True, slots=True)
class Refused:
    """Certainly not taken, and trying again would not help."""

    reply: Reply
    stage: Stage
    why: Why
    address_problem: bool  # the recipient's address is wrong, as opposed to the letter


@dataclass(frozen=True, slots=True)
class CredentialsRefused:
    """The login was refused. Never tried again soon: providers lock accounts that hammer."""

    reply: Reply
    why: Why


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The whole message was sent and no answer came: it may or may not have been taken."""

    reply: Reply


Outcome = Delivered | Deferred | Refused | CredentialsRefused | Uncertain

# --- reasons ------------------------------------------------------------------------------------------

UNREACHABLE = Why("unreachable", "无法连接发信服务器", "the server for outgoing mail cannot be reached")
LOST = Why("connection-lost", "发信途中连接中断", "the connection was lost while the letter was being sent")
TLS_FAILED = Why(
    "tls-failed",
    "与发信服务器的加密连接失败（证书过期、不受信任或主机名不符）；为安全起见不会改用明文",
    "the encrypted connection failed (certificate expired, untrusted or for another host); the desk never falls back to plain text",
)  # fmt: skip
CREDENTIALS = Why(
    "credentials-refused",
    "登录被拒绝：授权码错误、过期或已被重置，或网页设置中的 SMTP 服务未开启。请在邮箱网页端重新生成授权码",
    "the login was refused: the authorisation code is wrong, expired or was reset, or SMTP is switched off in the web settings; create a new code in the webmail",
)  # fmt: skip
LOGIN_LIMIT = Why(
    "login-limit",
    "登录失败次数过多，服务商暂时禁止登录；请先改正授权码，勿反复重试",
    "too many failed logins: the provider has shut the door for a while; correct the code before trying again",
)
FROM_MISMATCH = Why(
    "from-mismatch",
    "发件人地址必须与登录账号一致；请核对配置中该账号的 address 与 username",
    "the From address must be the account that logs in; compare `address` and `username` of the account",
)
DAILY_LIMIT = Why(
    "daily-limit",
    "已达到服务商的每日发信上限，当天不再接受本账号的邮件；请降低 budget.per_day",
    "the provider's daily limit is reached, it takes no more from this account today; lower budget.per_day",
)
RATE_LIMIT = Why(
    "rate-limit",
    "发信过快或收件人过多，被服务商暂时限制；请增大 budget.spacing_seconds",
    "sent too fast or to too many recipients, the provider holds the account back; raise budget.spacing_seconds",
)
CONNECTION_LIMIT = Why(
    "connection-limit",
    "并发连接或单次连接的发信数超过服务商限制",
    "too many connections, or too many letters over one, for the provider",
)
IP_BLOCKED = Why(
    "ip-blocked",
    "本机出口 IP 被服务商暂停或列入黑名单，请联系服务商",
    "the provider has suspended or listed this machine's IP address; ask the provider",
)
ACCOUNT_BLOCKED = Why(
    "account-blocked",
    "该账号被服务商禁止发信，请在网页端查看或联系服务商",
    "the provider does not let this account send; look in the webmail or ask the provider",
)
LOOKS_LIKE_SPAM = Why(
    "looks-like-spam",
    "服务商认为邮件像垃圾邮件（内容相似的邮件过多时常见）",
    "the provider takes the letter for spam (frequent where many letters are alike)",
)
TOO_MANY_RECIPIENTS = Why("too-many-recipients", "收件人过多", "too many recipients in one letter")
TOO_LARGE = Why("too-large", "邮件超过服务器允许的大小", "the letter is larger than the server takes")
ATTACHMENT = Why(
    "attachment-refused", "服务器不接受该类型的附件", "the server does not take this kind of attachment"
)
MAILBOX_FULL = Why("mailbox-full", "收件人邮箱(空间)?已满", "the recipient's mailbox is full")
NO_SUCH_ADDRESS = Why("no-such-address", "收件人地址不存在", "the recipient's address does not exist")
BAD_ADDRESS = Why(
    "bad-address", "收件人地址的写法无法投递", "no mail can be sent to an address written like this"
)
MAILBOX_DISABLED = Why("mailbox-disabled", "收件人邮箱已停用", "the recipient's mailbox is disabled")
NON_ASCII_ADDRESS = Why(
    "non-ascii-address",
    "收件人地址含非英文字符，发信服务器不支持（SMTPUTF8）",
    "the recipient's address needs SMTPUTF8, which the server does not offer",
)
REFUSED = Why("refused", "服务器拒收", "the server refused the letter")
TRY_LATER = Why("try-later", "服务器要求稍后再试", "the server asks to try again later")
NONSENSE = Why("nonsense", "服务器的答复不符合协议", "the server's answer makes no sense in SMTP")


# --- the table ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One line: where `pattern` is found in a reply of that class, this is what it means."""

    pattern: str  # a regular expression over the text, any case
    verdict: Literal["letter", "connection", "account", "refused", "address", "credentials"]
    why: Why
    digit: Literal["4", "5", "any"] = "any"
    pause_minutes: float = 0
    alarm: bool = False


_HOUR = 60.0

TABLE: tuple[Row, ...] = (
    # NetEase: the token decides, under whatever number it comes.
    Row(r"HL:ICC", "account", CONNECTION_LIMIT, pause_minutes=15),
    Row(r"HL:(IFC|ITC)", "account", RATE_LIMIT, pause_minutes=30),
    Row(r"HL:(REP|MEP|IHU|IPB)|WM:BLI|DT:RBL", "account", IP_BLOCKED, pause_minutes=_HOUR, alarm=True),
    Row(r"MI:SFQ", "account", RATE_LIMIT, pause_minutes=15),  # so many letters in 15 minutes
    Row(r"MI:STC", "account", DAILY_LIMIT, pause_minutes=2 * _HOUR, alarm=True),
    Row(r"RP:(QRC|TRC)", "account", RATE_LIMIT, pause_minutes=_HOUR, alarm=True),
    Row(r"(MI:(DMC|CEL|CCL)|RP:(DRC|CEL|CCL))", "connection", CONNECTION_LIMIT, pause_minutes=2),
    Row(r"DT:SPM", "letter", LOOKS_LIKE_SPAM, digit="4", pause_minutes=3),  # "two minutes later"
    Row(r"DT:SPM", "refused", LOOKS_LIKE_SPAM, digit="5"),
    Row(r"MI:SPB|WM:BLU", "refused", ACCOUNT_BLOCKED),
    Row(r"RP:RCL", "refused", TOO_MANY_RECIPIENTS),
    Row(r"DT:SUM", "account", FROM_MISMATCH, pause_minutes=_HOUR, alarm=True),
    Row(r"auth error limit|too much fail(ed)? auth", "credentials", LOGIN_LIMIT),
    # Others' words that mean the same everywhere.
    Row(r"mail from (address )?must|sender address (must|rejected: not owned)|from address .*not match|SendAsDenied",
        "account", FROM_MISMATCH, pause_minutes=_HOUR, alarm=True),
    Row(r"\b5\.7\.(0|8|9|14)\b.*auth|authentication (is )?required|auth\w* (failed|fail|error)",
        "credentials", CREDENTIALS, digit="5"),
    Row(r"daily .*(limit|quota)|(limit|quota) .*(day|daily)|\b5\.4\.5\b",
        "account", DAILY_LIMIT, pause_minutes=2 * _HOUR, alarm=True),
    Row(r"frequency|too (fast|many (messages|connections))|rate.?limit|发信频率|频率过", "account", RATE_LIMIT,
        pause_minutes=15),
    Row(r"\b[45]\.2\.2\b|(mailbox|quota|storage).*(full|exceed)|over quota|邮箱(空间)?已满", "letter", MAILBOX_FULL, digit="4"),
    Row(r"\b5\.2\.2\b|(mailbox|storage).*full|over quota|quota exceeded|邮箱(空间)?已满", "refused", MAILBOX_FULL, digit="5"),
    Row(r"\b5\.3\.4\b|mailsize limit|(message|size).*(too (large|big)|exceed)", "refused", TOO_LARGE, digit="5"),
    Row(r"illegal attachment|attachment .*(not allowed|refused)", "refused", ATTACHMENT, digit="5"),
    Row(r"\b5\.2\.1\b|user (suspended|disabled|hangup)|(mailbox|account).*(disabled|suspended|inactive)",
        "address", MAILBOX_DISABLED, digit="5"),
    Row(r"\b5\.1\.(1|2|3|6|10)\b|(no such|unknown|invalid|non.?existent) (user|recipient|mailbox|address)"
        r"|(user|recipient|mailbox|address).*(unknown|not (found|exist)|unavailable|doesn't exist)|用户不存在",
        "address", NO_SUCH_ADDRESS, digit="5"),
)  # fmt: skip
_COMPILED = tuple((re.compile(row.pattern, re.IGNORECASE), row) for row in TABLE)


def judge(reply: Reply, stage: Stage) -> Deferred | Refused | CredentialsRefused:
    """Say what a reply that is not a success means at its stage."""
    digit = str(reply.code)[:1]
    early = stage in BEFORE_LETTERS
    if digit not in ("4", "5"):
        return Deferred(reply, stage, NONSENSE, Scope.ACCOUNT if early else Scope.CONNECTION)
    for pattern, row in _COMPILED:
        if row.digit in ("any", digit) and pattern.search(reply.text):
            return _apply(row, reply, stage)
    return _by_stage(reply, stage, temporary=digit == "4")


def _apply(row: Row, reply: Reply, stage: Stage) -> Deferred | Refused | CredentialsRefused:
    if row.verdict == "credentials":
        return CredentialsRefused(reply, row.why)
    if row.verdict in ("refused", "address"):
        # Before RCPT the server knows nothing of the letter or its recipient: it means the account.
        if stage in BEFORE_LETTERS:
            return _by_stage(reply, stage, temporary=False)
        return Refused(reply, stage, row.why, address_problem=row.verdict == "address")
    scope = Scope(row.verdict)
    if stage in BEFORE_LETTERS:
        scope = Scope.ACCOUNT
    return Deferred(reply, stage, row.why, scope, timedelta(minutes=row.pause_minutes), alarm=row.alarm)


def _by_stage(reply: Reply, stage: Stage, *, temporary: bool) -> Deferred | Refused | CredentialsRefused:
    """Judge by stage and first digit alone."""
    if stage is Stage.LOGIN and (not temporary or reply.code == 432):  # RFC 4954 §6: 432 change password
        return CredentialsRefused(reply, CREDENTIALS)
    if reply.code in (530, 534, 535, 538):  # RFC 4954 §6, wherever it comes
        return CredentialsRefused(reply, CREDENTIALS)
    if stage in BEFORE_LETTERS:
        return Deferred(reply, stage, UNREACHABLE, Scope.ACCOUNT, alarm=not temporary)
    if reply.code == 421:  # RFC 5321 §3.8: the server is closing the channel
        return Deferred(reply, stage, TRY_LATER, Scope.CONNECTION)
    if temporary:
        return Deferred(reply, stage, TRY_LATER, Scope.LETTER)
    if stage is Stage.MAIL and reply.code in (550, 553, 554):  # it knows the sender only
        return Deferred(reply, stage, FROM_MISMATCH, Scope.ACCOUNT, timedelta(hours=1), alarm=True)
    if reply.code == 552:  # RFC 5321 §4.2.3: exceeded storage allocation
        return Refused(reply, stage, TOO_LARGE, address_problem=False)
    if reply.code == 553 and stage in (Stage.DATA, Stage.BODY, Stage.END):
        return Deferred(reply, stage, FROM_MISMATCH, Scope.ACCOUNT, timedelta(hours=1), alarm=True)
    if stage is Stage.RCPT and reply.code in (550, 551, 553):
        return Refused(reply, stage, NO_SUCH_ADDRESS, address_problem=True)
    return Refused(reply, stage, REFUSED, address_problem=False)


def decode_reply(text: str) -> str:
    """Undo aiosmtplib's decoding (UTF-8 with surrogate escapes) where a server wrote GBK.

    Control characters are dropped, so that a reply can be logged and quoted as it is.
    """
    raw = text.encode("utf-8", "surrogateescape")
    try:
        decoded = raw.decode("utf-8")
    except UnicodeDecodeError:
        decoded = raw.decode("gb18030", "replace")
    return "".join(c if c.isprintable() or c == " " else " " for c in decoded.replace("\n", " / ")).strip()
