"""What is said of the ledger of enterprises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.config import Enterprise
from mail_desk.tickets import enterprise_names
from mail_desk.tickets.enterprise_changes import (
    Add,
    Alter,
    Change,
    End,
    Listing,
    Restore,
    Show,
    Unclear,
    as_lines,
    read,
)

ROWS = (
    Enterprise(key="bearing", name="示例轴承（洛阳）有限公司", name_en="Example Bearings (Luoyang) Co. Ltd"),
    Enterprise(key="glass", name="示例光电玻璃有限公司", name_en="Example Optical Glass Co. Ltd"),
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", Listing()),
        ("列表", Listing()),
        ("list", Listing()),
        ("bearing", Show("bearing")),
        ("示例轴承", Show("bearing")),
        ("示例轴承（洛阳）有限公司", Show("bearing")),
        ("example bearings", Show("bearing")),
        ("示例", Unclear("several", "示例", ("bearing", "glass"))),
        ("某某", Unclear("unknown", "某某")),
        ("停用 示例轴承", End("bearing")),
        ("end bearing", End("bearing")),
        ("恢复 bearing", Restore("bearing")),
        ("修改 bearing", Unclear("nothing", "示例轴承（洛阳）有限公司", ("bearing",))),
        ("修改 bearing 电话：0379-1", Alter("bearing", {"telephone": "0379-1"})),
        ("修改 bearing 电话：0379-1，国别：德国", Alter("bearing", {"telephone": "0379-1", "country": "德国"})),
        ("bearing\n电话：无", Alter("bearing", {"telephone": ""})),
        ("change bearing\nproject plan: one plan\ndomains: A.example; b.example", Alter("bearing", {"project_plan": "one plan", "domains": ("a.example", "b.example")})),
        ("增加 新公司\n国别：瑞士", Add({"name": "新公司", "country": "瑞士"})),
        ("add\nname: New Co\nenglish name: New Company", Add({"name": "New Co", "name_en": "New Company"})),
        ("增加 新公司\n颜色：红", Unclear("field", "颜色：红")),
    ],
)  # fmt: skip
def test_words_about_the_ledger_are_understood(words: str, expected: Change) -> None:
    assert read(words, ROWS) == expected


_VALUE = st.text(alphabet="abc德国重点0379", min_size=1, max_size=12)


@given(
    st.dictionaries(
        st.sampled_from(
            ["name", "name_en", "country", "telephone", "key_project", "project_team", "project_plan"]
        ),
        _VALUE,
        min_size=1,
    )
)
def test_a_change_laid_ready_reads_back_as_the_same(fields: dict[str, str]) -> None:
    assert read(f"change bearing\n{as_lines(fields)}", ROWS) == Alter("bearing", fields)


@given(st.text(max_size=120))
def test_any_words_are_read_without_raising(words: str) -> None:
    assert read(words, ROWS) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("示例轴承张经理来电", "bearing"),
        ("from Example Optical Glass", "glass"),
        ("示例轴承和示例光电玻璃", None),
        ("别的公司", None),
    ],
)
def test_an_enterprise_mentioned_once_is_found(text: str, expected: str | None) -> None:
    found = enterprise_names.named_in(text, ROWS)
    assert (found[0].key if found else None) == expected
