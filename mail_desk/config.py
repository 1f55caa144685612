"""Settings: frozen, validated models of everything in `config/`.

This module only says what a valid configuration *is*. Reading files (encodings, merging a user's
directory over the shipped one) and turning violations into sentences that name the file, the key
and what was expected is the work of `config_files.py`. Unknown keys are refused everywhere.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from mail_desk import config_digests, config_kinds
from mail_desk.config_authority import Authority
from mail_desk.config_kinds import Model
from mail_desk.config_retention import Retention

MailAddress = config_kinds.MailAddress
Key = config_kinds.Key
Domain = config_kinds.Domain
Language = config_kinds.Language
Digest = config_digests.Digest
Digests = config_digests.Digests


class Secret(Model):
    """Where a password comes from: exactly one source, never the file itself."""

    env: str | None = None  # name of an environment variable
    file: Path | None = None  # a file readable by the daemon's user only
    credential: str | None = None  # a name under the service manager's $CREDENTIALS_DIRECTORY

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(x is not None for x in (self.env, self.file, self.credential)) != 1:
            msg = "expected exactly one of env, file, credential"
            raise ValueError(msg)
        return self


Security = Literal["tls", "starttls", "plain"]


class ImapServer(Model):
    host: str
    port: int = Field(ge=1, le=65535)
    security: Security = "tls"
    ca_file: Path | None = None  # trust this CA instead of the system's


class SmtpServer(ImapServer):
    """The same keys as for IMAP."""


class Provider(StrEnum):
    """Presets: `inbound/mailbox.py` says what each means."""

    NETEASE = "netease"
    QQ = "qq"
    EXCHANGE365 = "exchange365"
    GMAIL = "gmail"
    GENERIC = "generic"


# Where the presets' servers are; an account of GENERIC names its own.
PRESETS: dict[Provider, tuple[ImapServer, SmtpServer]] = {
    Provider.NETEASE: (ImapServer(host="imap.126.com", port=993), SmtpServer(host="smtp.126.com", port=465)),
    Provider.QQ: (ImapServer(host="imap.qq.com", port=993), SmtpServer(host="smtp.qq.com", port=465)),
    Provider.EXCHANGE365: (
        ImapServer(host="outlook.office365.com", port=993),
        SmtpServer(host="smtp.office365.com", port=587, security="starttls"),
    ),
    Provider.GMAIL: (
        ImapServer(host="imap.gmail.com", port=993),
        SmtpServer(host="smtp.gmail.com", port=465),
    ),
}


def preset_servers(provider: Provider, address: str) -> tuple[ImapServer, SmtpServer] | None:
    """Return the servers of a provider for one address: some have others for each domain they serve."""
    domain = address.rpartition("@")[2].lower()
    preset = PRESETS.get(provider)
    if preset is None:
        return None
    imap, smtp = preset
    own = imap.host.removeprefix("imap.")
    if provider is Provider.NETEASE and domain in ("163.com", "yeah.net", "vip.163.com", "vip.126.com"):
        own = domain
    elif provider is Provider.QQ and domain not in ("qq.com", "vip.qq.com", "foxmail.com"):
        own = "exmail.qq.com"  # Tencent's enterprise mail, under the customer's own domain
    else:
        return preset
    return imap.model_copy(update={"host": f"imap.{own}"}), smtp.model_copy(update={"host": f"smtp.{own}"})


class FolderRole(StrEnum):
    """What a folder is to the desk; all but SENT are read for complaints."""

    INBOX = "inbox"
    JUNK = "junk"
    ADVERTISEMENT = "advertisement"
    SUBSCRIPTION = "subscription"
    SENT = "sent"

    @property
    def junk_like(self) -> bool:
        """True where mail gets no automatic answer unless its sender is known."""
        return self in (FolderRole.JUNK, FolderRole.ADVERTISEMENT, FolderRole.SUBSCRIPTION)


class Account(Model):
    """One mailbox and the SMTP server that sends for it."""

    name: Key
    address: MailAddress
    aliases: tuple[MailAddress, ...] = ()  # further addresses that arrive in this mailbox
    provider: Provider = Provider.GENERIC
    username: str | None = None  # default: the address
    secret: Secret
    imap: ImapServer | None = None  # default: the provider's
    smtp: SmtpServer | None = None
    read: bool = True  # False: used for sending only
    poll_seconds: int = Field(default=60, ge=1, le=3600)
    folders: dict[FolderRole, tuple[str, ...]] = Field(
        default_factory=dict
    )  # default: found by SPECIAL-USE and known names
    max_message_mb: int = Field(default=100, ge=1, le=1024)  # larger ones are quarantined by size

    @property
    def login(self) -> str:
        return self.username or self.address


class Routes(Model):
    """Which account sends what."""

    outward: Key  # letters to enterprises and organs
    staff: Key  # letters to staff and leaders
    alarms: Key  # alarms to the operator; best a different provider


class Budget(Model):
    """How much may be sent: providers block accounts that send too much or too fast."""

    per_day: int = Field(default=200, ge=1)  # letters a calendar day and account
    statutory_reserve: int = Field(default=40, ge=0)  # of these, kept for statutory letters
    spacing_seconds: float = Field(default=2.0, ge=0)  # between two letters of one account
    connections: int = Field(default=1, ge=1, le=16)
    retry_first_minutes: float = Field(default=2, gt=0)
    retry_longest_minutes: float = Field(default=120, gt=0)
    give_up_hours: float = Field(default=72, gt=0)
    automatic_per_sender_and_day: int = Field(default=10, ge=1)


class Office(Model):
    """The department, as its letters name it."""

    name_zh: str
    name_en: str
    signature_zh: str
    signature_en: str
    telephone: str
    postal_zh: str = ""
    postal_en: str = ""
    rules_zh: str  # where the complaint rules are published (one line)
    rules_en: str
    higher_body_zh: str
    higher_body_en: str


class ClosedReply(Model):
    """What becomes of an answer of the complainant to a ticket that is closed."""

    days: int = Field(default=30, ge=0, le=3650)  # after closing
    before: Literal["file", "reopen", "new"] = "file"  # within these days
    after: Literal["file", "new"] = "new"  # later: keys are dead by then, so nothing reopens by itself


class Desk(Model):
    """One desk: the office, its mailbox and its habits."""

    office: Office
    timezone: str = "Asia/Shanghai"
    default_language: Language = "zh"  # where a mail's language cannot be told
    staff_language: Language = "zh"
    outward: Literal["review", "auto"] = "review"
    hold_minutes: int = Field(default=15, ge=0, le=24 * 60)
    attach_up_to_mb: float = Field(default=10, ge=0)  # of a complaint, to its handler
    letter_up_to_mb: float = Field(default=20, gt=0, le=100)  # files of one letter, parts of a dossier
    idle_days: int = Field(default=1, ge=0, le=60)  # working days without a sign; 0: never told
    max_attempts: int = Field(default=3, ge=1, le=10)  # then a message is quarantined
    closed_reply: ClosedReply = ClosedReply()
    retention: Retention = Retention()
    contact_telephone: str = ""  # in letters that name a contact; "": the office's
    show_handler_name: bool = False  # to complainants; addresses of staff are never shown
    data: Path = Path("data")  # relative to the config directory's parent
    store: str | None = None  # SQLAlchemy URL; default: SQLite in `data`

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            msg = "expected an IANA time zone such as Asia/Shanghai"
            raise ValueError(msg) from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Leave(Model):
    """Days away, both included."""

    first: date
    last: date

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last < self.first:
            msg = "expected last on or after first"
            raise ValueError(msg)
        return self


class Role(StrEnum):
    HANDLER = "handler"
    SUPERVISOR = "supervisor"
    LEADER = "leader"
    OBSERVER = "observer"  # only reads
    AUDITOR = "auditor"  # only reads, also who read what


class Person(Model):
    """Somebody the desk works for: staff or a member of the leading group."""

    key: Key
    name: str  # as letters address the person
    name_en: str = ""
    aliases: tuple[str, ...] = ()  # other spellings, for finding the person in a complaint
    title: str = ""
    role: Role
    addresses: tuple[MailAddress, ...] = Field(min_length=1)  # the first one is written to
    telephone: str = ""
    language: Language | None = None  # default: desk.staff_language
    supervisor: Key | None = None
    substitute: Key | None = None
    leave: tuple[Leave, ...] = ()
    languages: tuple[Language, ...] = ("zh",)  # complaints the person can read
    retired: bool = False  # works here no more: known by name, never written to; the substitute takes over

    def away_on(self, day: date) -> bool:
        return self.retired or any(span.first <= day <= span.last for span in self.leave)


class Organ(Model):
    """A public body: possibly asked for its view, possibly complained about."""

    key: Key
    name: str
    name_en: str = ""
    domains: tuple[Domain, ...] = ()
    addresses: tuple[MailAddress, ...] = ()
    answer_days: int = Field(default=10, ge=1, le=60)  # working days; a command may say otherwise
    remind_every: int = Field(default=5, ge=1, le=60)  # working days between reminders of a late answer


class Enterprise(Model):
    """One row of the ledger (台账) of enterprises, `enterprises.csv`."""

    key: Key
    name: str
    name_en: str = ""
    country: str = ""
    domains: tuple[Domain, ...] = ()
    contacts: tuple[MailAddress, ...] = ()
    telephone: str = ""
    officers: tuple[Key, ...] = ()  # service officers: the first who is there handles its complaints
    key_project: str = ""
    project_leader: Key | None = None  # a member of the leading group, told of its complaints
    project_team: str = ""  # 工作专班: with project, leader and plan the "five ones" of a key project
    project_plan: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_officer(cls, data: object) -> object:
        """Take `officer`, as it was called while there was one only (changes by mail are kept so)."""
        if not isinstance(data, dict) or "officer" not in data:
            return data
        one = data["officer"]
        return {**{k: v for k, v in data.items() if k != "officer"}, "officers": (one,) if one else ()}


class People(Model):
    """`people.toml`."""

    person: tuple[Person, ...] = Field(min_length=1)
    organ: tuple[Organ, ...] = ()
    operator: tuple[MailAddress, ...] = Field(min_length=1)  # who runs the daemon

    def by_key(self, key: str) -> Person | None:
        return next((p for p in self.person if p.key == key), None)

    def by_address(self, address: str) -> Person | None:
        wanted = address.lower()
        return next((p for p in self.person if wanted in p.addresses and not p.retired), None)

    def with_role(self, role: Role) -> tuple[Person, ...]:
        return tuple(p for p in self.person if p.role is role and not p.retired)

    def organ_of(self, address: str) -> Organ | None:
        """Return the organ an address belongs to: by the address itself, else by its domain."""
        wanted = address.lower()
        domain = wanted.rpartition("@")[2]
        exact = (o for o in self.organ if wanted in o.addresses)
        within = (o for o in self.organ if any(domain == d or domain.endswith(f".{d}") for d in o.domains))
        return next(exact, None) or next(within, None)


class Category(Model):
    key: Key
    name_zh: str
    name_en: str
    keywords: tuple[str, ...] = ()  # found in subject or text


class RoutingRule(Model):
    """All given conditions must hold; the first rule that holds decides."""

    name: str
    category: Key | None = None
    language: Language | None = None
    sender_domain: Domain | None = None
    subject_has: tuple[str, ...] = ()  # any of these
    text_has: tuple[str, ...] = ()  # any of these
    handler: Key


class Routing(Model):
    """`routing.toml`."""

    default_handler: Key
    procedure: Key = "foreign-investment"
    category: tuple[Category, ...] = ()
    rule: tuple[RoutingRule, ...] = ()


class DayName(Model):
    """A calendar exception: a day with the name shown in explanations."""

    day: date
    name: str
    name_en: str = ""


class CalendarYear(Model):
    """`calendar/cn-YYYY.toml`: what differs from Monday to Friday in that year."""

    year: int
    source: str  # the notice it was taken from
    holiday: tuple[DayName, ...] = ()
    working: tuple[DayName, ...] = ()  # make-up working days on weekends


class Settings(Model):
    """Everything, cross-checked."""

    directory: Path  # the config directory it was read from
    desk: Desk
    account: tuple[Account, ...] = Field(min_length=1)
    routes: Routes
    budget: Budget = Budget()
    authority: Authority = Authority()
    people: People
    enterprises: tuple[Enterprise, ...] = ()
    routing: Routing
    digests: Digests = Digests()
    calendar: tuple[CalendarYear, ...] = ()
    procedures: tuple[dict[str, object], ...] = ()  # read by tickets.policy, raw here
    template_dirs: tuple[Path, ...] = ()  # searched in order, the shipped set last

    def account_named(self, name: str) -> Account:
        return next(a for a in self.account if a.name == name)

    def enterprise_of(self, address: str) -> Enterprise | None:
        """Return the ledger row an address belongs to: by contact, else by domain."""
        wanted = address.lower()
        domain = wanted.rpartition("@")[2]
        for row in self.enterprises:
            if wanted in row.contacts:
                return row
        for row in self.enterprises:
            if any(domain == d or domain.endswith("." + d) for d in row.domains):
                return row
        return None

    def own_addresses(self) -> frozenset[str]:
        return frozenset(a for acc in self.account for a in (acc.address, *acc.aliases))

    @property
    def data_dir(self) -> Path:
        path = self.desk.data
        return path if path.is_absolute() else (self.directory.parent / path).resolve()
