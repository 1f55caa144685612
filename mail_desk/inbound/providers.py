"""What the mail providers need: their servers, their limits, and what a person must do there.

A table and two look-ups. An account that names its own servers always wins over the table. The
presets say nothing about passwords; where a provider wants an authorisation code (授权码) instead of
the password, `access` says so, and the mailbox puts that sentence into its alarm.
"""

from __future__ import annotations

from dataclasses import dataclass

from mail_desk.config import Account, ImapServer, Provider, SmtpServer


@dataclass(frozen=True, slots=True)
class Preset:
    """One provider as its clients see it."""

    imap: ImapServer | None
    smtp: SmtpServer | None
    largest_message: int  # bytes, as announced by APPENDLIMIT or in the provider's manual; 0: unknown
    access: str  # what a person does at the provider when the log-in is refused
    hides_old_mail: str = ""  # a web setting that keeps old mail from IMAP clients, "" where none


_NETEASE_ACCESS = (
    "sign in on the provider's web page, open 设置 → POP3/SMTP/IMAP, switch IMAP/SMTP on, create a new "
    "authorisation code (授权码) and store that code, not the password, as the account's secret"
)

PRESETS: dict[Provider, Preset] = {
    Provider.NETEASE: Preset(  # 126.com; 163.com and yeah.net name their own hosts in the account
        imap=ImapServer(host="imap.126.com", port=993),
        smtp=SmtpServer(host="smtp.126.com", port=465),
        largest_message=71_680_000,  # APPENDLIMIT
        access=_NETEASE_ACCESS,
        hides_old_mail="设置 → POP3/SMTP/IMAP → 收取选项: choose 全部, else only the last 30 days are seen",
    ),
    Provider.QQ: Preset(
        imap=ImapServer(host="imap.qq.com", port=993),
        smtp=SmtpServer(host="smtp.qq.com", port=465),
        largest_message=50 * 1024 * 1024,
        access=(
            "sign in on the web page, open 设置 → 账号, switch IMAP/SMTP on and create an authorisation "
            "code (授权码); a change of the QQ password makes every code invalid"
        ),
        hides_old_mail="设置 → 账号 → 收取选项: choose 全部, else only recent mail is seen",
    ),
    Provider.EXCHANGE365: Preset(
        imap=ImapServer(host="outlook.office365.com", port=993),
        smtp=SmtpServer(host="smtp.office365.com", port=587, security="starttls"),
        largest_message=36_700_160,
        access="Microsoft 365 refuses passwords over IMAP (it wants XOAUTH2): use another account",
    ),
    Provider.GMAIL: Preset(
        imap=ImapServer(host="imap.gmail.com", port=993),
        smtp=SmtpServer(host="smtp.gmail.com", port=465),
        largest_message=35_882_577,  # APPENDLIMIT
        access="switch on two-step verification and store an app password as the account's secret",
    ),
    Provider.GENERIC: Preset(
        imap=None,
        smtp=None,
        largest_message=0,
        access="ask the operator of the mail server whether IMAP is switched on and the password is right",
    ),
}


def preset_of(account: Account) -> Preset:
    """Return the table row of the account's provider."""
    return PRESETS[account.provider]


def imap_server(account: Account) -> ImapServer:
    """Return where the account is read. Raises ValueError where neither account nor preset says."""
    server = account.imap or preset_of(account).imap
    if server is None:
        raise ValueError(f"account {account.name}: provider generic needs an [imap] host and port")
    return server


def smtp_server(account: Account) -> SmtpServer:
    """Return where the account's letters leave. Raises ValueError where neither says."""
    server = account.smtp or preset_of(account).smtp
    if server is None:
        raise ValueError(f"account {account.name}: provider generic needs an [smtp] host and port")
    return server
