"""Until when a linked file can be had, as mails say it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.inbound.cloud import cloud_attachments
from mail_desk.inbound.cloud_expiry import LONGEST, expiry

ARRIVED = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-20", (2026, 3, 20)),
        ("2026/3/20 17:10", (2026, 3, 20)),
        ("2026年12月5日 15:20", (2026, 12, 5)),
        ("２０２６年３月２０日", (2026, 3, 20)),
        ("2026.03.20 前有效", (2026, 3, 20)),
        ("3月20日到期", (2026, 3, 20)),
        ("1月5日到期", (2027, 1, 5)),
        ("30天后过期", (2026, 4, 1)),
        ("30 天", (2026, 4, 1)),
        ("十五天内有效", (2026, 3, 17)),
        ("二十日后", (2026, 3, 22)),
        ("一个月", (2026, 4, 1)),
        ("两周后失效", (2026, 3, 16)),
        ("72小时内有效", (2026, 3, 5)),
        ("7 days", (2026, 3, 9)),
        ("in 1 week", (2026, 3, 9)),
        ("March 20, 2026", (2026, 3, 20)),
        ("Mar 20", (2026, 3, 20)),
        ("20 March 2026", (2026, 3, 20)),
        ("on 20th Mar. 2026", (2026, 3, 20)),
        ("5-Jan-2027", (2027, 1, 5)),
        ("20/03/2026", (2026, 3, 20)),
        ("03/20/2026", (2026, 3, 20)),
        ("05/04/2026", (2026, 4, 5)),
    ],
)
def test_a_date_or_a_span_is_read_as_the_last_day_it_can_be_had(
    written: str, day: tuple[int, int, int]
) -> None:
    assert expiry(written, ARRIVED) == date(*day)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "永久有效",
        "无限期",
        "长期有效",
        "never expires",
        "no expiry",
        "soon",
        "2026-13-45",
        "99年",
        "2026年底",
        "9999年后",
        "9999 years",
        "见说明",
    ],
)
def test_what_never_ends_or_cannot_be_read_has_no_day(written: str) -> None:
    assert expiry(written, ARRIVED) is None


_SAID = st.text(st.sampled_from("0123456789年月日天-/. 十三个后hdayswekmontryJan到期"))


@given(st.text() | _SAID, st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_any_words_give_a_near_day_or_none(written: str, arrived: date) -> None:
    found = expiry(written, arrived)
    assert found is None or found <= arrived + timedelta(days=LONGEST)


@given(st.dates(min_value=date(2026, 3, 2), max_value=date(2030, 1, 1)))
def test_a_day_written_in_any_order_is_the_same_day(day: date) -> None:
    for form in (f"{day:%Y-%m-%d}", f"{day.year}年{day.month}月{day.day}日 12:00", f"{day:%d %B %Y}"):
        assert expiry(form, ARRIVED) == day


@pytest.mark.parametrize(
    ("said", "expires"),
    [
        ("(1.2G, 2026年3月20日 17:10 到期)", "2026年3月20日 17:10"),
        ("(1.2G, 2026-03-20 17:10 过期)", "2026-03-20 17:10"),
        ("(1.2G) 30天后过期", "30天"),
        ("(1.2G, 15 天内有效)", "15 天"),
        ("(1.2G) 有效期：30天", "30天"),
        ("(1.2G) expires in 7 days", "7 days"),
        ("(1.2G) available for 2 weeks", "2 weeks"),
        ("(1.2G) expires on 2026-03-20", "2026-03-20"),
        ("(1.2G, 无限期)", "无限期"),
        ("(1.2G)", ""),
    ],
)
def test_the_words_about_the_expiry_are_found_beside_the_file(said: str, expires: str) -> None:
    text = (
        f"从QQ邮箱发来的超大附件\n证据.zip {said}\nhttps://mail.qq.com/cgi-bin/ftnExs_download?k=0&code=a\n"
    )
    (found,) = cloud_attachments(text)
    assert found.filename == "证据.zip"
    assert found.expires.startswith(expires) if expires else found.expires == ""
