"""The reports of a whole pretend year, as a demanding reader takes them in: short, of one language, nothing cut up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from email import message_from_bytes
from itertools import pairwise
from pathlib import Path

import pytest

from mail_desk.config import Language
from mail_desk.demo import paper_office
from mail_desk.demo.paper_office import Report
from mail_desk.reports import countries

Reports = Callable[[Language], dict[str, Report]]
KINDS = (
    "weekly", "monthly", "yearly", "higher-body", "circular", "worklist-handler", "worklist-supervisor", "leader-week",
)  # fmt: skip
CHINESE = re.compile(r"[一-鿿]")
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Reports:
    made: dict[Language, dict[str, Report]] = {}

    def of(language: Language) -> dict[str, Report]:
        if language not in made:
            folder: Path = tmp_path_factory.mktemp(f"paper-{language}")
            made[language] = {r.name: r for r in paper_office.reports(folder, language)}
        return made[language]

    return of


def html(report: Report) -> str:
    parts = [p for p in message_from_bytes(report.letter.raw).walk() if p.get_content_type() == "text/html"]
    content = parts[0].get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def headings(text: str) -> list[str]:
    lines = text.split("\n")
    return [a for a, b in pairwise(lines) if re.fullmatch(r"-{3,}|={3,}", b)]


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_report_is_of_one_language_and_nothing_in_it_is_cut_up(
    reports: Reports, name: str, language: Language
) -> None:
    report = reports(language)[name]
    text = report.letter.text
    found = headings(text)
    assert found
    for heading in found:
        assert bool(CHINESE.search(heading)) == (language == "zh"), heading
    assert "。：" not in text
    assert max(columns(line) for line in text.split("\n")) <= 78
    assert not re.search(r"\b1 (days|tickets|complaints|mails|items|ratings|letters|working days)\b", text)
    assert not re.search(r"\b(0|[2-9]|\d{2,}) (ticket|complaint|mail|item|rating|letter|working day)\b", text)
    for picture in re.findall(r"<img[^>]*>", html(report)):
        assert re.search(r'alt="[^"]+"', picture), picture


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", KINDS)
def test_no_table_asks_a_phone_for_five_columns_of_words(
    reports: Reports, name: str, language: Language
) -> None:
    for row in re.findall(r"<tr>(.*?)</tr>", html(reports(language)[name]), re.DOTALL):
        words = [cell for cell in re.findall(r"<t[dh] class=\"t[dh][^>]*>", row) if "figure" not in cell]
        assert len(words) < 5, row[:300]


def test_the_first_sentence_says_what_a_leader_must_know(reports: Reports) -> None:
    for language, begins in (("zh", "2026年12月收到投诉 "), ("en", "In December 2026, ")):
        text = reports("zh" if language == "zh" else "en")["monthly"].letter.text
        title = headings(text)[0]
        assert text.split(title, 1)[1].lstrip("=\n").startswith(begins)


def test_a_year_is_drawn_in_twelve_months_and_a_quarter_in_weeks(reports: Reports) -> None:
    year, quarter = (reports("en")[name].letter.text for name in ("yearly", "circular"))
    drawn = year.split("Complaints received, by month")[1].split("Complaints concluded, by month")[0]
    assert len(re.findall(r"^[A-Z][a-z]{2} +[█░]", drawn, re.MULTILINE)) == 12
    assert "Received, by week" in quarter


def test_the_weekly_one_leaves_the_smaller_tables_to_its_workbook(reports: Reports) -> None:
    week, month = (set(headings(reports("zh")[name].letter.text)) for name in ("weekly", "monthly"))
    assert {"企业", "国别", "来件渠道", "办结理由"} <= month
    assert not {"企业", "国别", "来件渠道", "办结理由"} & week
    assert {"基本情况", "法定时限", "各承办人"} <= week


def test_channels_are_said_in_one_line_at_the_top(reports: Reports) -> None:
    for language, said in (("zh", r"投诉渠道：\S+ \d+ 件"), ("en", r"Complaints by channel: [a-z-]+ \d+")):
        text = reports("zh" if language == "zh" else "en")["weekly"].letter.text
        assert re.search(said, text.split("\n\n" + headings(text)[1])[0])


def test_a_long_list_is_cut_and_says_how_much_more_there_is(reports: Reports) -> None:
    year = reports("en")["yearly"].letter.text
    for title in ("What you wanted", "Suggestions"):
        part = year.split(f"{title}\n{'-' * len(title)}\n")[1].split("\n---")[0]
        assert re.search(r"^\d+ more$", part, re.MULTILINE), title
        assert len(re.findall(r"^20\d\d-\d{4}", part, re.MULTILINE)) == 12


@pytest.mark.parametrize(
    ("written", "zh", "en"),
    [
        ("德国", "德国", "Germany"), ("Germany", "德国", "Germany"), ("DE", "德国", "Germany"),
        ("香港", "中国香港", "Hong Kong, China"), ("usa", "美国", "United States"), ("火星", "火星", "火星"), ("", "", ""),
    ],
)  # fmt: skip
def test_a_country_is_called_by_its_name_in_the_readers_language(written: str, zh: str, en: str) -> None:
    assert countries.names(written) == (zh, en)
