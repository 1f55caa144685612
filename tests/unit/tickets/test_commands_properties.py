"""What must hold of every reply, however odd."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail_desk.tickets.commands import (
    PROBLEMS,
    Command,
    Offer,
    Problem,
    Reading,
    Verb,
    as_line,
    normalised,
    read,
)
from mail_desk.tickets.commands_verbs import ALIASES, KINDS, VERBS, Argument, Wording, verb_at
from mail_desk.tickets.numerals import fold

TODAY = date(2026, 11, 23)
OFFERS = (
    Offer(1, "#2026-0003 complaint", needs_words=False),
    Offer(2, "#2026-0003 request", needs_words=True),
    Offer(3, "#2026-0003 refuse", needs_words=False),
)

# Pieces that the grammar gives a meaning to, put together at random.
PIECES = st.sampled_from(
    [
        *ALIASES,
        *(f"#{alias}" for alias in ALIASES),
        *[
            "#",
            "＃",
            "##",
            "1",
            "2",
            "3",
            "一",
            "二",
            "１",
            "①",
            "1.",
            "2、",
            "（1）",
            "选1",
            "\n",
            "\n\n",
            "，",
            "。",
            "：",
            ":",
            "?",
            "？",
            "--",
            ">",
            "|",
            "quit",
            "thanks",
            "谢谢",
            "谢谢！",
            "好的",
            "收到",
            "吗",
        ],
        *(
            "2026-0003",
            "#2026-0003",
            "２０２６－３",
            "M12",
            "王芳",
            "Li Qiang",
            "税务局",
            "20个工作日",
            "昨天",
            "11月20日",
        ),
        *(
            "您好",
            "Dear Sir",
            "第五项",
            "两个月",
            "\u200b",
            "\ufe0f",
            "\u3000",
            "\r\n",
            "\x00",
            "👍",
            "👎",
            "……",
        ),
    ]
)
TEXT = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=14).map(" ".join) | st.lists(
    st.one_of(PIECES, st.text(max_size=6)), max_size=14
).map("".join)


def commands_of(reading: Reading) -> list[Command]:
    return [item for item in reading.items if isinstance(item, Command)]


@given(TEXT, TEXT, st.booleans())
@settings(max_examples=400, deadline=None)
def test_reading_is_total_and_well_formed(text: str, quoted: str, leader: bool) -> None:
    reading = read(text, quoted_text=quoted, offers=OFFERS, today=TODAY, leader=leader)
    for item in reading.items:
        assert item.typed == item.typed.strip()
        assert len(item.typed) <= 200
        if isinstance(item, Problem):
            assert item.code in PROBLEMS
            assert item.message_zh
            assert item.message_en
            assert "{" not in item.message_zh.replace(item.typed[:39], "")
        else:
            assert item.words == item.words.strip()
            if VERBS[item.verb].wording is Wording.REQUIRED:
                assert item.words
            if VERBS[item.verb].wording is Wording.NONE:
                assert not item.words
    assert len(set(reading.items)) == len(reading.items)


@given(TEXT, TEXT)
@settings(max_examples=300, deadline=None)
def test_no_text_of_the_quotation_becomes_a_command(text: str, quoted: str) -> None:
    alone = read(text, offers=OFFERS, today=TODAY)
    both = read(text, quoted_text=quoted, offers=OFFERS, today=TODAY)
    assert commands_of(both) == commands_of(alone)
    assert both.words == alone.words
    if alone.items or alone.words:
        assert both == alone
    else:
        assert all(isinstance(i, Problem) and i.code == "quoted-command" for i in both.items)


@given(TEXT)
@settings(max_examples=300, deadline=None)
def test_lines_marked_as_quoted_are_never_commands(text: str) -> None:
    quoted = "\n".join("> " + line for line in text.replace("\r", "\n").splitlines())
    assert commands_of(read(quoted, offers=OFFERS, today=TODAY)) == []


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(TEXT)
@settings(max_examples=300, deadline=None)
def test_normalising_first_changes_no_meaning(text: str) -> None:
    assert read(normalised(text), offers=OFFERS, today=TODAY) == read(text, offers=OFFERS, today=TODAY)


@given(st.text())
def test_folding_keeps_every_position_and_repeats_itself(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(TEXT, st.booleans())
@settings(max_examples=400, deadline=None)
def test_a_suggestion_runs_as_it_stands(text: str, leader: bool) -> None:
    """Answering 1 must do something: the corrected line is complete."""
    for item in read(text, offers=OFFERS, today=TODAY, leader=leader).items:
        if isinstance(item, Problem) and item.suggestion:
            chosen = read("1", offers=[Offer(1, item.suggestion, needs_words=False)], today=TODAY)
            assert commands_of(chosen), (item, chosen)
            assert not [i for i in chosen.items if isinstance(i, Problem)], (item, chosen)


@given(TEXT)
@settings(max_examples=200, deadline=None)
def test_a_bare_number_runs_nothing_that_was_not_offered(text: str) -> None:
    offered = {(c.verb, c.ticket) for o in OFFERS for c in commands_of(read(o.command + " x", today=TODAY))}
    for number in ("1", "２", "三"):
        for command in commands_of(
            read(f"{number}\n{fold(text).replace('#', '')}", offers=OFFERS, today=TODAY)
        ):
            if command.ticket:
                assert (command.verb, command.ticket) in offered


WORDS = {Argument.NONE: "", Argument.KIND: "咨询", Argument.GROUND: "1", Argument.PERSON: "李强", Argument.ORGAN: "tax",
         Argument.BODY: "市商务局", Argument.DAYS: "20", Argument.DATE: "11月20日", Argument.COMING: "下周五",
        Argument.CATEGORY: "税费", Argument.TICKET: "2026-0009",
         Argument.NOTICE: "受理通知", Argument.MAIL: "M12", Argument.MAIL_OPTIONAL: "M12",
         Argument.OWED: "李强 2026-12-04", Argument.SUPERVISION: "S2", Argument.MAIL_DAY: "M12 2026-12-04"}  # fmt: skip


@pytest.mark.parametrize("alias", [a for a in ALIASES if ALIASES[a].argument == ""])
@pytest.mark.parametrize("shape", ["#{t} {a} {arg} {w}", "#{a} {t} {arg} {w}", "＃{t}　{a}　{arg} {w}"])
def test_every_alias_works_before_and_behind_the_ticket(alias: str, shape: str) -> None:
    spec = VERBS[ALIASES[alias].verb]
    if spec.argument is Argument.TICKET and shape.startswith("#{a}"):
        shape = "#{a} {t} {arg}"
    words = "请核实情况" if spec.wording is Wording.REQUIRED else ""
    typed = shape.format(t="2026-3", a=alias, arg=WORDS[spec.argument], w=words).strip()
    for text in (typed, typed.upper() if typed.isascii() else typed):
        (command,) = commands_of(read(text, today=TODAY))
        assert (command.verb, command.ticket) == (ALIASES[alias].verb, "2026-0003")
        assert bool(command.argument) == (spec.argument is not Argument.NONE)
        assert command.words.casefold() == words


@pytest.mark.parametrize("verb", Verb)
def test_the_example_of_every_verb_runs(verb: Verb) -> None:
    (command,) = read(VERBS[verb].example, today=TODAY).items
    assert isinstance(command, Command)
    assert command.verb is verb


def test_no_alias_has_two_meanings() -> None:
    listed = [a for verb, spec in VERBS.items() for a in {verb.value, *spec.zh, *spec.en}]
    listed += [name for names in KINDS.values() for name in names if name != "question"]
    assert len(listed) == len(set(listed))
    assert all(fold(alias) == alias for alias in listed), "an alias that folding changes is never found"


@pytest.mark.parametrize("alias", ALIASES)
def test_the_longest_alias_wins(alias: str) -> None:
    found = verb_at(alias)
    assert found is not None
    assert (found[1], found[2]) == (ALIASES[alias], len(alias))


HUGE = [
    "#" * 200_000,
    "1" * 200_000,
    "1同意" * 60_000,
    "一" * 200_000,
    "#答复 " + "很长" * 100_000,
    "#" + "a" * 200_000,
    "#受" * 60_000,
    "#受里\n" * 20_000,
    "#答复 甲\n" * 20_000,
    " " * 200_000 + "1",
    "#受理 " * 30_000,
    "2026-0003 " * 20_000,
    "#" + "2026-0003 " * 20_000 + "同意",
    "#收录 " + "M12 " * 20_000,
    "-" * 200_000,
    "#结案\n谢谢\n" + "#结案\n" * 30_000,
    "1 " * 100_000,
    "\ufe0f1" * 50_000,
    "> #受理\n" * 30_000,
]


@pytest.mark.parametrize("text", HUGE, ids=[t[:12] for t in HUGE])
def test_a_huge_text_is_read_in_time(text: str) -> None:
    begin = time.perf_counter()
    read(text, offers=OFFERS, today=TODAY, quoted_text=text)
    read(text, offers=OFFERS, today=TODAY, leader=True)
    assert time.perf_counter() - begin < 4  # some 0.3 s on an idle machine


@given(TEXT, st.booleans())
@settings(max_examples=400, deadline=None)
def test_a_command_written_as_a_line_reads_back_the_same(text: str, leader: bool) -> None:
    """A command that waits for a confirmation is kept as such a line."""
    for command in commands_of(read(text, offers=OFFERS, today=TODAY, leader=leader)):
        again = read("1", offers=[Offer(1, as_line(command), needs_words=False)], today=TODAY).items
        assert [replace(c, typed="") for c in again if isinstance(c, Command)] == [
            replace(command, typed="")
        ], again
