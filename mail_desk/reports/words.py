"""The words of reports in Chinese and English, and the names behind keys. Pure.

What the procedure, the ledger or the routing already names (limits, states, grounds, people,
categories) is taken from there; only the terms of the reports themselves stand here.
"""

from __future__ import annotations

from collections.abc import Mapping

from mail_desk.config import Language, Settings
from mail_desk.reports import countries
from mail_desk.reports.cases import Identity, Outcome
from mail_desk.reports.figures import MERGED
from mail_desk.reports.tally import CONCLUSION, FIRST_ANSWER, FIRST_DECISION
from mail_desk.tickets.policy import Procedure

KINDS = {
    "": ("尚未认定", "not yet marked"),
    "complaint": ("投诉", "complaint"),
    "enquiry": ("咨询", "enquiry"),
    "correspondence": ("公务来函", "official correspondence"),
    "advert": ("广告", "advertisement"),
    "other": ("其他", "other"),
    MERGED: ("并入其他件", "merged into another"),
}
CHANNELS = {
    "mail": ("邮件", "e-mail"),
    "adopted": ("启用前的邮件", "mail from before the desk"),
    "telephone": ("电话", "telephone"),
    "visit": ("来访", "visit"),
    "letter": ("来信", "letter"),
    "referral": ("转办", "referral"),
    "forwarded": ("转发", "forwarded"),
}
OUTCOMES: dict[str, tuple[str, str]] = {
    Outcome.MET: ("按时", "on time"),
    Outcome.LATE: ("逾期完成", "late"),
    Outcome.OVERDUE: ("逾期未完成", "overdue"),
    Outcome.RUNNING: ("未到期", "running"),
    Outcome.VOID: ("不再适用", "moot"),
}
SPREADS = {
    FIRST_ANSWER: ("收到至首次答复", "receipt to first answer"),
    FIRST_DECISION: ("收到至受理与否的决定", "receipt to decision on acceptance"),
    CONCLUSION: ("受理至办结", "acceptance to conclusion"),
}
MAILS = {
    "opened": ("新立件", "opened a ticket"),
    "follow-up": ("后续来信", "follow-ups"),
    "organ-mail": ("机关来函待确认", "letters of public bodies to be confirmed"),
    "confirmation": ("收到确认", "confirmations"),
    "status": ("询问进度", "questions how it stands"),
    "language": ("选择语言", "choices of language"),
    "rating": ("评价", "ratings"),
    "withdrawal": ("撤回投诉", "withdrawals"),
    "withdrawal-confirmed": ("确认撤回", "withdrawals confirmed"),
    "withdrawal-revoked": ("撤销撤回", "withdrawals taken back"),
    "supplement": ("补充材料", "supplements"),
    "command": ("工作指令", "commands"),
    "note": ("工作人员留言", "notes of staff"),
    "own": ("本台发出的信", "the desk's own letters"),
    "automatic": ("自动回复", "automatic replies"),
    "bounce": ("退信", "delivery reports"),
    "duplicate": ("重复邮件", "duplicates"),
    "quarantined": ("隔离待查", "quarantined"),
    "by-hand": ("人工直接发出", "sent by hand"),
    "rejected": ("隔离后剔除", "rejected after quarantine"),
    "before-desk": ("启用前已有", "from before the desk"),
    "unprocessed": ("待处理", "waiting to be processed"),
    "unfiled": ("去向不明", "not accounted for"),
}
NONE = ("（无）", "(none)")
UNCATEGORISED = ("未分类", "no category")
NOBODY = ("尚未分办", "nobody yet")
NOT_IN_LEDGER = ("未列入台账", "not in the ledger")


class Names:
    """What keys are called in one language."""

    def __init__(
        self,
        settings: Settings,
        procedures: Mapping[str, Procedure],
        language: Language,
        *,
        handlers: bool = True,
    ) -> None:
        self.language: Language = language
        self._handlers = handlers  # the scope shows who has a ticket
        self._english = language == "en"
        self._procedures = procedures
        self._people = {p.key: (p.name, p.name_en or p.name) for p in settings.people.person}
        self._organs = {o.key: (o.name, o.name_en or o.name) for o in settings.people.organ}
        self._enterprises = {row.key: (row.name, row.name_en or row.name) for row in settings.enterprises}
        self._countries = {row.key: row.country for row in settings.enterprises}
        self._categories = {c.key: (c.name_zh, c.name_en) for c in settings.routing.category}
        every = list(procedures.values())
        self._limits = {x.key: (x.name_zh, x.name_en) for p in every for x in p.limits}
        self._grounds = {x.key: (x.text_zh, x.text_en) for p in every for x in p.grounds}
        self._notices = {x.key: (x.name_zh, x.name_en) for p in every for x in p.notices}
        self._states = {x.key: (x.name_zh, x.name_en) for p in every for x in p.states}

    def say(self, chinese: str, english: str) -> str:
        """Return the one of two wordings that this language needs."""
        return english if self._english else chinese

    def pick(self, pair: tuple[str, str]) -> str:
        return pair[self._english]

    def _table(self, group: str) -> Mapping[str, tuple[str, str]]:
        return {
            "category": self._categories, "handler": self._people, "enterprise": self._enterprises,
            "ground": self._grounds, "kind": KINDS, "channel": CHANNELS,
        }.get(group, {})  # fmt: skip

    def keys(self, group: str) -> set[str]:
        """Return the keys that a group of tickets can have by the configuration."""
        return set(self._table(group))

    def all_names(self, group: str, key: str) -> tuple[str, ...]:
        """Return what a key of a group is called in either language."""
        if group == "country":
            return countries.names(key)
        return self._table(group).get(key, ())

    def _named(self, table: Mapping[str, tuple[str, str]], key: str, empty: tuple[str, str] = NONE) -> str:
        """Return a key's name; a key that config no longer has stays as it is."""
        return self.pick(table.get(key, (key, key)) if key else table.get(key, empty))

    def person(self, key: str) -> str:
        return self._named(self._people, key, NOBODY)

    def owner(self, key: str) -> str:
        """Return who owes a step; "" where the scope names nobody."""
        return self.person(key) if self._handlers else ""

    def organ(self, key: str) -> str:
        return self._named(self._organs, key)

    def organ_names(self) -> tuple[str, ...]:
        """Return what public bodies are called, in either language, and their keys."""
        return (*self._organs, *(name for pair in self._organs.values() for name in pair))

    def mail_names(self) -> tuple[str, ...]:
        """Return what may become of a mail, in this language."""
        return tuple(self.pick(pair) for pair in MAILS.values())

    def enterprise(self, key: str) -> str:
        return self._named(self._enterprises, key, NOT_IN_LEDGER)

    def country_of(self, enterprise: str) -> str:
        return self._countries.get(enterprise, "")

    def country_named(self, enterprise: str) -> str:
        """Return what an enterprise's country is called; "" where the ledger says nothing."""
        country = self.country_of(enterprise)
        return self.country(country) if country else ""

    def country(self, key: str) -> str:
        """Return what the country of the ledger is called."""
        return self.pick(countries.names(key) if key else NOT_IN_LEDGER)

    def category(self, key: str) -> str:
        return self._named(self._categories, key, UNCATEGORISED)

    def limit(self, key: str) -> str:
        return self._named(self._limits, key)

    def ground(self, key: str) -> str:
        return self._named(self._grounds, key, ("", ""))

    def notice(self, key: str) -> str:
        return self._named(self._notices, key)

    def state(self, key: str) -> str:
        return self._named(self._states, key)

    def kind(self, key: str) -> str:
        return self._named(KINDS, key)

    def kind_of(self, identity: Identity) -> str:
        return self.kind(MERGED if identity.merged else identity.kind)

    def channel(self, key: str) -> str:
        return self._named(CHANNELS, key)

    def outcome(self, outcome: Outcome) -> str:
        return self.pick(OUTCOMES[outcome])

    def spread(self, key: str) -> str:
        return self._named(SPREADS, key)

    def mail(self, key: str) -> str:
        return self._named(MAILS, key)

    def basis(self, identity: Identity, limit: str) -> str:
        """Return the article a limit rests on."""
        versioned = f"{identity.procedure}@{identity.procedure_version}"
        procedure = self._procedures.get(versioned) or self._procedures[identity.procedure]
        return procedure.limit(limit).basis(self.language)
