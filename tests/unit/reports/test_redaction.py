"""What a scope does not show occurs nowhere: not in the mail's bytes, not in any part of the workbook."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mail_desk.config import Language, Organ, Settings
from mail_desk.config_scopes import EVERYTHING, LEADING_GROUP, Scope, Show
from mail_desk.outbound import preview
from mail_desk.outbound.letters import Choice, Context, File, Letter, LetterKind
from mail_desk.outbound.render import Renderer
from mail_desk.reports import digest as digests
from mail_desk.reports import redaction, workbook
from mail_desk.reports.figures import PeriodFigures
from mail_desk.reports.organs import OrganFigures
from mail_desk.reports.words import Names
from mail_desk.resources import shipped
from mail_desk.tickets import events as e
from unpacked import everything_in

NOW = datetime(2026, 10, 15, 1, tzinfo=UTC)
HEAD = "c0ffee0123456789" * 4
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MARKERS: dict[Show, tuple[str, ...]] = {
    "handler-names": ("王芳", "李强", "Wang Fang", "Li Qiang"),
    "organs": ("标记税务局", "Marked Tax Bureau"),
    "enterprises": ("阿克米", "Acme", "日本电机", "企业国别"),
    "complainants": ("某投诉人", "someone@secret.example"),
    "ticket-numbers": ("2026-0001", "2026-0002", "2026-0003"),
    "subjects": ("主题机密",),
    "record": (HEAD[:16],),
    "closed-cases": (),
    "suggestions": (),
    "words": (),
}


def shipped_scopes() -> dict[str, Scope]:
    raw = tomllib.loads((shipped("config") / "digests.toml").read_text("utf-8"))
    return {name: Scope.model_validate(table) for name, table in raw["scope"].items()}


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 4, tzinfo=UTC)


def office(world: Any) -> Settings:
    made: Settings = world.settings()
    organ = Organ(key="tax-organ", name="标记税务局", name_en="Marked Tax Bureau")
    rows = tuple(row.model_copy(update={"country": "企业国别"}) for row in made.enterprises)
    return made.model_copy(
        update={"people": made.people.model_copy(update={"organ": (organ,)}), "enterprises": rows}
    )


@pytest.fixture
def whole(world: Any) -> PeriodFigures:
    """Return figures in which everything that can be named is named: concluded, extended, late, repeated, unserved."""
    secret = {
        "complainant_name": "某投诉人",
        "complainant_address": "someone@secret.example",
        "subject": "主题机密：退税迟迟不到账",
    }
    world.ticket(
        at(9, 1), (at(9, 2), e.Marked("complaint")), (at(9, 3), e.Accepted()), (at(9, 4), e.Extended(5, 1)),
        (at(9, 10), e.Concluded("agreed", 1)), (at(9, 11), e.NoticeFailed("result", 7)), category="tax",
        enterprise="acme", **secret,
    )  # fmt: skip
    world.ticket(at(9, 7), (at(9, 8), e.Marked("complaint")), handler="li", enterprise="nippon", **secret)
    world.ticket(at(9, 8), (at(9, 8), e.Marked("complaint")), (at(9, 9), e.Declined("private", 1)), **secret)
    world.mail(at(9, 8), filed_as="opened")
    found: PeriodFigures = world.figures(date(2026, 9, 1), date(2026, 9, 30), NOW)
    assert found.problems
    assert found.repeats
    assert found.overdue
    assert found.unserved
    return replace(found, organs=(OrganFigures("tax-organ", 3, 2, 1, 1, 4.0, 6),))


def letters(world: Any, figures: PeriodFigures, scope: Scope, language: Language) -> list[str]:
    """Return the digest and the circular of a scope, with their workbooks, as sent."""
    known, procedures = office(world), world.procedures()
    found = redaction.for_scope(figures, scope)
    names = Names(known, procedures, language, handlers=scope.shows("handler-names"))
    book = world.workbook(found, scope=scope, language=language, title="检查情况", settings_=known)
    file = File(workbook.filename(found), XLSX, book)
    offered = {
        o.identity.number: (Choice(1, "批示", f"#{o.identity.number} instruct"),)
        for o in found.overdue
        if o.identity.number
    }
    digest = digests.compose(
        found, title="检查情况", reader="陈静", settings=known, procedures=procedures, language=language,
        chain_head=HEAD, workbook=file.filename, scope=scope, choices=offered,
    )  # fmt: skip
    circular = digests.circular(
        found, title="检查情况", reader="各有关单位", names=names, scope=scope, workbook=file.filename
    )
    return [
        everything_in(sent(LetterKind.DIGEST, language, digest, file)),
        everything_in(sent(LetterKind.CIRCULAR, language, circular, file)),
    ]


RENDERER = Renderer([Path(__file__).parents[3] / "templates"], preview.OFFICE, ZoneInfo("Asia/Shanghai"))


def sent(kind: LetterKind, language: Language, context: Context, file: File) -> bytes:
    letter = Letter(kind, language, "读者", "reader@o.example", context, (), (file,))
    done = RENDERER.render(
        letter, sender=("窗口", "desk@o.example"), message_id="x.y@o.example", tag="aaaaaaaaaa", date=NOW
    )
    return done.raw


def leaks(seen: str, scope: Scope) -> list[tuple[str, str]]:
    return [
        (what, marker)
        for what, markers in MARKERS.items()
        if not scope.shows(what)
        for marker in markers
        if marker in seen
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", sorted(shipped_scopes()))
def test_no_shipped_scope_shows_more_than_its_table(
    world: Any, whole: PeriodFigures, name: str, language: Language
) -> None:
    scope = shipped_scopes()[name]
    for seen in letters(world, whole, scope, language):
        assert leaks(seen, scope) == []


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sets(st.sampled_from(get_args(Show))), st.sampled_from(["zh", "en"]))
def test_no_table_anybody_may_write_shows_more_than_it_says(
    world: Any, whole: PeriodFigures, show: set[Show], language: Language
) -> None:
    scope = Scope(show=tuple(show))
    for seen in letters(world, whole, scope, language):
        assert leaks(seen, scope) == []


def test_the_leading_group_sees_every_marker(world: Any, whole: PeriodFigures) -> None:
    """Else the tests above could not fail."""
    scope = shipped_scopes()[LEADING_GROUP]
    assert set(scope.show) == set(EVERYTHING)
    digest, circular = letters(world, whole, scope, "zh")
    for markers in MARKERS.values():
        for marker in markers:
            if marker.isascii() and marker[0].isupper():
                continue  # the English names
            assert marker in digest, marker
    assert "某投诉人" in circular, "what a scope lets out does leave: the table alone decides"


def test_only_scopes_for_outside_hide_people() -> None:
    scopes = shipped_scopes()
    assert {name for name, scope in scopes.items() if scope.outside} == {"higher-body", "circular", "public"}
    for name in ("higher-body", "circular", "public"):
        hidden = {"handler-names", "complainants", "words", "record"}
        assert not hidden.intersection(scopes[name].show), name
    assert scopes["public"].show == ()
