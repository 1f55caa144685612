"""What is read out of a registration, as people write it down."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.config import Enterprise
from mail_desk.tickets import registrations
from mail_desk.tickets.registrations import Fields

TODAY = date(2026, 11, 23)  # a Monday
LEDGER = (
    Enterprise(key="bearing", name="示例轴承（洛阳）有限公司", name_en="Example Bearings (Luoyang) Co. Ltd"),
    Enterprise(key="glass", name="示例光电玻璃有限公司", name_en="Example Optical Glass Co. Ltd"),
)


def later(day: date, days: int) -> date:
    return day + timedelta(days)


def read(text: str) -> Fields:
    return registrations.read(text, today=TODAY, forward=later, ledger=LEDGER)


def day(month: int, number: int, year: int = 2026) -> date:
    return date(year, month, number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "昨天上午示例轴承张经理来电，反映11月3日停电，要求赔偿。电话13800000001。",
            {"received": day(11, 22), "channel": "telephone", "name": "张经理", "telephone": "13800000001", "enterprise": "示例轴承（洛阳）有限公司", "limit": None},
        ),
        ("11月20日李女士来访，反映道路被挖断。", {"received": day(11, 20), "channel": "visit", "name": "李女士"}),
        ("Mr John Smith called yesterday: no power.", {"received": day(11, 22), "channel": "telephone", "name": "Mr John Smith"}),
        (
            "洛阳市商务局转来王先生投诉，要求11月30日前反馈。",
            {"channel": "referral", "higher": "洛阳市商务局", "limit": day(11, 30), "name": "王先生", "received": None},
        ),
        ("渠道：来信\n收到日期：周五\n投诉人：王先生\n内容：\n一\n二", {"channel": "letter", "received": day(11, 20), "words": "一\n二"}),
        ("Channel: visit\nReceived: 20 Nov\nComplainant: Anna Keller\nE-mail: anna@keller.example\nWords: no answer", {"channel": "visit", "received": day(11, 20), "address": "anna@keller.example"}),
        ("渠道：电话\n上级期限：11月30日", {"limit": day(11, 30)}),
        ("渠道：电话\n上级期限：11月30日前报结果", {"limit": day(11, 30)}),
        ("反映11月3日停电", {"received": None, "channel": ""}),  # a day of the matter is not the day it came
        ("示例轴承和示例光电玻璃的人来电", {"enterprise": ""}),  # two: nothing is guessed
        ("渠道：飞鸽", {"channel": "", "unread": ("渠道：飞鸽",)}),
        ("收到日期：不记得", {"received": None, "unread": ("收到日期：不记得",)}),
    ],
)  # fmt: skip
def test_what_is_written_down_is_understood(text: str, expected: dict[str, Any]) -> None:
    found = read(text)
    assert {name: getattr(found, name) for name in expected} == expected


def test_without_day_channel_name_or_words_something_is_missing() -> None:
    assert read("").missing == ("received", "channel", "name", "words")
    assert read("渠道：电话\n收到日期：今天\n投诉人：王先生\n内容：停电").missing == ()


def test_corrections_lie_over_what_was_read_and_leave_the_rest() -> None:
    base = read("渠道：电话\n收到日期：今天\n投诉人：王先生\n内容：停电")
    found = read("投诉人：李总").over(base)
    assert (found.name, found.channel, found.received, found.words) == ("李总", "telephone", TODAY, "停电")


def test_a_subject_is_the_beginning_of_the_words() -> None:
    assert read("渠道：电话\n内容：厂区停水三天。请协调。").titled().subject == "厂区停水三天"
    assert len(Fields(words="停" * 300).titled().subject) == 40


@given(st.text(max_size=300))
def test_any_text_is_read_and_kept_without_loss(text: str) -> None:
    found = read(text)
    assert registrations.from_data(registrations.to_data(found)) == found


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_a_day_written_as_a_field_is_that_day(when: date) -> None:
    assert read(f"收到日期：{when.isoformat()}").received == when
    assert read(f"received: {when.year}年{when.month}月{when.day}日").received == when
