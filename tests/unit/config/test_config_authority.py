"""`[authority]`: what proves the sender, by domain, and which verbs ask for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mail_desk import config_files
from mail_desk.config import Settings
from mail_desk.config_authority import Authority
from mail_desk.demo import office


@pytest.mark.parametrize(
    ("address", "way"),
    [
        ("a@126.com", "either"),
        ("a@office.gov.cn", "token"),
        ("a@sub.office.gov.cn", "token"),
        ("a@other.gov.cn", "dkim"),
        ("a@xoffice.gov.cn", "dkim"),
        ("a@126.com.evil.example", "dkim"),
    ],
)
def test_the_nearest_domain_named_decides(address: str, way: str) -> None:
    authority = Authority(prove={"126.com": "either", "office.gov.cn": "token"})
    assert authority.way_of(address) == way


def loaded(directory: Path, authority: str) -> Settings | list[config_files.Violation]:
    written = office.write(
        directory / "config", office.Servers("127.0.0.1", 1, "127.0.0.1", 2), authority=authority
    )
    return config_files.load(written)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('verbs = { acept = "token" }', 'did you mean "accept"'),
        ('verbs = { show = "strong" }', "cannot be graded"),
        ('prove = { "office" = "dkim" }', "expected a domain"),
        ('prove = { "office.gov.cn" = "spf" }', '"dkim"'),
        ("confirm_minutes = 1", "confirm_minutes"),
        ('defalt = "token"', "default"),
    ],
)
def test_a_mistake_is_told_with_what_was_expected(tmp_path: Path, line: str, said: str) -> None:
    found = loaded(tmp_path, line)
    assert isinstance(found, list)
    assert any("authority" in str(v) and said in str(v) for v in found), [str(v) for v in found]


def test_believing_a_public_provider_is_warned_about(tmp_path: Path) -> None:
    found = loaded(tmp_path, 'prove = { "126.com" = "token", "163.com" = "provider" }')
    assert isinstance(found, Settings)
    told = [w for w in config_files.warnings(found, date(2026, 3, 2)) if "authority" in w]
    assert len(told) == 2


def test_what_is_shipped_asks_for_proof_and_believes_nobody_without(tmp_path: Path) -> None:
    shipped = config_files.load(Path(__file__).parents[3] / "config")
    assert isinstance(shipped, Settings)
    assert shipped.authority.default == "strong"
    assert "token" not in {*shipped.authority.prove.values(), shipped.authority.otherwise}
