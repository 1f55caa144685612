"""Days and numerals as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.tickets.numerals import fold, is_quantity, numeral
from mail_desk.tickets.spoken_dates import date_at_start

MONDAY = date(2026, 11, 23)

DAYS = {
    "2026-11-20": "2026-11-20",
    "2026/1/2": "2026-01-02",
    "2026.11.20": "2026-11-20",
    "20261120": "2026-11-20",
    "2026年11月20日": "2026-11-20",
    "２０２６年１１月２０日": "2026-11-20",
    "二〇二六年十一月二十日": "2026-11-20",
    "2026年2月29日": None,
    "11月20日": "2026-11-20",
    "11月20号": "2026-11-20",
    "11/20": "2026-11-20",
    "11-20": "2026-11-20",
    "12月1日": "2025-12-01",
    "2月29日": "2024-02-29",
    "13月1日": None,
    "20日": "2026-11-20",
    "25日": "2026-10-25",
    "今天": "2026-11-23",
    "今日": "2026-11-23",
    "昨天": "2026-11-22",
    "前天": "2026-11-21",
    "大前天": "2026-11-20",
    "明天": "2026-11-24",
    "后天": "2026-11-25",
    "周一": "2026-11-23",
    "周五": "2026-11-20",
    "星期天": "2026-11-22",
    "礼拜三": "2026-11-18",
    "上周五": "2026-11-20",
    "上上周五": "2026-11-13",
    "本周五": "2026-11-27",
    "这周一": "2026-11-23",
    "下周五": "2026-12-04",
    "下个星期日": "2026-12-06",
    "today": "2026-11-23",
    "Yesterday": "2026-11-22",
    "tomorrow": "2026-11-24",
    "Friday": "2026-11-20",
    "last Friday": "2026-11-20",
    "this Friday": "2026-11-27",
    "next friday": "2026-12-04",
    "20 Nov": "2026-11-20",
    "20 November 2026": "2026-11-20",
    "20th of November": "2026-11-20",
    "Nov 20": "2026-11-20",
    "November 20th, 2026": "2026-11-20",
    "Dec. 1": "2025-12-01",
    "31 June": None,
    "soon": None,
    "材料": None,
    "": None,
    "99": None,
}


@pytest.mark.parametrize(("written", "meant"), DAYS.items())
def test_a_day_is_understood_or_not_but_never_guessed(written: str, meant: str | None) -> None:
    found = date_at_start(fold(written), MONDAY)
    assert (found[0].isoformat() if found else None) == meant
    if found:
        assert found[1] == len(written)


@given(st.dates(), st.text(max_size=20))
def test_any_text_on_any_day_is_a_day_or_not(today: date, text: str) -> None:
    found = date_at_start(fold(text), today)
    assert found is None or 0 < found[1] <= len(text)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_an_iso_date_means_itself(day: date) -> None:
    assert date_at_start(day.isoformat(), MONDAY) == (day, 10)


@given(st.dates(min_value=date(2001, 3, 1)))
def test_a_day_without_year_is_never_ahead(today: date) -> None:
    for text in ("3月1日", "12-31", "29 Feb", "周三", "1日"):
        found = date_at_start(text.lower(), today)
        assert found is not None
        assert found[0] <= today


NUMERALS = {
    "1": 1, "12": 12, "007": 7, "一": 1, "两": 2, "十": 10, "十二": 12, "二十": 20, "二十一": 21, "一百": 100, "一百二十": 120,
    "一百零五": 105, "壹": 1, "拾": 10, "〇": 0, "二〇二六": 2026, "": None, "x": None, "二三十": None, "十百": None, "1二": None,
}  # fmt: skip


@pytest.mark.parametrize(("written", "value"), NUMERALS.items())
def test_numerals(written: str, value: int | None) -> None:
    assert numeral(written) == value


@given(st.text(alphabet="〇零一二三四五六七八九十百两壹拾佰0123456789", max_size=12))
def test_any_numeral_is_a_number_or_none(written: str) -> None:
    value = numeral(written)
    assert value is None or value >= 0


@pytest.mark.parametrize(
    "following", ["个月前", " 个月前", "天", " years ago", ".5万", "%", "-3", "/5", ":30", "nd floor"]
)
def test_a_number_before_this_is_a_quantity(following: str) -> None:
    assert is_quantity(following)


@pytest.mark.parametrize(
    "following", ["", " 请补充", "请", ". 请", "、请", ": documents", " please", " dayton"]
)
def test_a_number_before_this_is_none(following: str) -> None:
    assert not is_quantity(following)
