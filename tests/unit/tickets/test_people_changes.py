"""What a supervisor says of the staff is understood, or refused with the reason; never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.config import Person, Role
from mail_desk.tickets.people_changes import (
    SPREAD,
    Add,
    Change,
    Listing,
    Move,
    Present,
    Reinstate,
    Replace,
    Retire,
    Unclear,
    key_for,
    read,
)


def person(key: str, name: str, name_en: str, role: Role = Role.HANDLER) -> Person:
    return Person(key=key, name=name, name_en=name_en, role=role, addresses=(f"{key}@office.example",))


STAFF = (
    person("wang", "王芳", "Wang Fang"),
    person("li", "李强", "Li Qiang"),
    person("liwei", "李伟", "Li Wei"),
    person("zhou", "周敏", "Zhou Min", Role.SUPERVISOR),
)
SUN = "sun.li@office.example"

CASES: list[tuple[str, Change]] = [
    ("", Listing()),
    ("列表", Listing()),
    ("list", Listing()),
    (f"增加 孙丽 {SUN}", Add("", "孙丽", "", SUN, None)),
    (f"新增 sun 孙丽 {SUN} 经办", Add("sun", "孙丽", "", SUN, None)),
    (f"增加：孙丽，Sun Li，{SUN}", Add("", "孙丽", "Sun Li", SUN, None)),
    (f"add sun Sun Li <{SUN}> english", Add("sun", "Sun Li", "Sun Li", SUN, "en")),
    (f"add Sun Li {SUN.upper()} handler", Add("", "Sun Li", "Sun Li", SUN, None)),
    (f"增加 孙丽 {SUN} 负责人", Unclear("superior", "负责人")),
    (f"add Sun Li {SUN} supervisor", Unclear("superior", "supervisor")),
    ("增加 孙丽", Unclear("address")),
    (f"增加 {SUN}", Unclear("name")),
    (f"增加 孙丽 李丽 {SUN}", Unclear("left-over", "孙丽 李丽")),
    ("停用 王芳", Retire("wang", "")),
    ("停用王芳", Retire("wang", "")),
    ("retire wang", Retire("wang", "")),
    ("停用 王芳 转给李强", Retire("wang", "li")),
    ("停用 王芳，在办件按在办量分配", Retire("wang", SPREAD)),
    ("retire wang spread", Retire("wang", SPREAD)),
    ("替换 王芳 李强", Replace("wang", "li")),
    ("替换 王芳为李强", Replace("wang", "li")),
    ("replace Wang Fang by Li Qiang", Replace("wang", "li")),
    ("replace wang with li", Replace("wang", "li")),
    ("替换 王芳", Unclear("who", "replace")),
    ("移交 王芳 李强", Move("wang", "li")),
    ("移交 王芳的在办件给李强", Move("wang", "li")),
    ("move all tickets of wang to li", Move("wang", "li")),
    ("move wang → liwei", Move("wang", "liwei")),
    ("移交 王芳 平均分配", Move("wang", SPREAD)),
    ("移交 王芳", Unclear("who", "move")),
    ("移交 王芳 张三", Unclear("left-over", "张三")),
    ("移交 王芳 王芳", Unclear("same", "王芳 王芳")),
    ("移交 王芳 李强 李伟", Unclear("left-over", "王芳 李强 李伟")),
    ("恢复 王芳", Reinstate("wang")),
    ("present wang", Present("wang")),
    ("在岗 wang@office.example", Present("wang")),
    ("开除 王芳", Unclear("unknown", "开除")),
    ("move wanger to li", Unclear("left-over", "wanger")),
]


@pytest.mark.parametrize(("words", "meant"), CASES, ids=[w for w, _ in CASES])
def test_the_words_mean_what_their_writer_meant(words: str, meant: Change) -> None:
    assert read(words, STAFF) == meant


def test_a_name_two_persons_have_is_nobodys() -> None:
    twice = (*STAFF, person("wang2", "王芳", ""))
    assert read("停用 王芳", twice) == Unclear("left-over", "王芳")
    assert read("停用 wang2", twice) == Retire("wang2", "")


def test_the_key_of_a_colleague_comes_of_the_address() -> None:
    assert key_for("Sun.Li@office.example") == "sun-li"


@given(st.text(max_size=60), st.sampled_from(["", "add ", "增加 ", "停用 ", "移交 ", "替换 "]))
def test_it_reads_anything_and_never_makes_a_superior(text: str, start: str) -> None:
    change = read(start + text, STAFF)
    if isinstance(change, Retire | Replace | Move):
        assert change.who in {p.key for p in STAFF}
