"""`digests.toml`: reports of a period, when they leave, who reads them, and what they may show."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from mail_desk import config_sending
from mail_desk.config_kinds import Key, Language, MailAddress, Model
from mail_desk.config_scopes import LEADING_GROUP, WHOLE, Scope


class Digest(Model):
    """One periodic inspection summary."""

    key: Key
    title_zh: str
    title_en: str
    period: Literal["week", "month", "two-months", "quarter", "year"]  # of the calendar
    when: str = "first working day"  # after the period, or the last one within it: config_sending
    at: str = Field(default="09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")  # desk time zone
    to: tuple[Key, ...] = ()  # persons
    addresses: tuple[MailAddress, ...] = ()  # readers outside people.toml, where the scope allows any
    reader_zh: str = ""  # how these are addressed, such as the higher body's name
    reader_en: str = ""
    language: Language | None = None  # of these; default: desk.staff_language
    scope: Key = LEADING_GROUP  # what it may show
    workbook: bool = True

    @field_validator("when")
    @classmethod
    def _when(cls, value: str) -> str:
        config_sending.parse(value)
        return value

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        said = config_sending.parse(self.when).at
        if said and "at" in self.model_fields_set and said != self.at:
            msg = f"expected one time of day: when says {said}, at says {self.at}"
            raise ValueError(msg)
        return self

    @property
    def sending(self) -> config_sending.Sending:
        """On which working day it leaves, and when."""
        rule = config_sending.parse(self.when)
        return rule if rule.at else config_sending.Sending(rule.nth, self.at)


class Digests(Model):
    """`digests.toml`."""

    worklist_at: str = Field(default="08:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    digest: tuple[Digest, ...] = ()
    # What a leader is asked, and what can wait: with the weekly mail, or each at once.
    leaders: Literal["weekly", "at-once"] = "weekly"
    scope: dict[Key, Scope] = Field(default_factory=dict)  # over the shipped ones

    def scope_of(self, digest: Digest) -> Scope:
        """Return what a digest may show. KeyError: a scope nobody has described (the checks refuse it)."""
        return self.scope.get(digest.scope) or {LEADING_GROUP: WHOLE}[digest.scope]
