"""Sample letters about people of the house, for `samples`. Invented people at reserved domains (RFC 2606)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mail_desk.outbound import letters as l
from mail_desk.outbound.letters import LetterKind, TicketView

_Sample = tuple[l.Context, tuple[l.Choice, ...]]


def samples(
    kind: LetterKind, *, zh: bool, reader: str, handler: str, superior: str, tickets: tuple[TicketView, ...]
) -> Iterator[_Sample]:
    """Yield the samples of one of these kinds."""
    match kind:
        case LetterKind.ABSENCE:
            yield from _absences(zh, reader, handler, tickets)
        case LetterKind.HANDOVER:
            yield from _handovers(zh, reader, handler, superior, tickets)
        case LetterKind.WELCOME:
            yield l.WelcomeContext(reader, superior, "sun", ("sun.li@example.org",)), ()
        case LetterKind.PEOPLE_CHANGED:
            headline = "孙丽加入" if zh else "Sun Li joins"
            change = (
                "新增经办人孙丽（sun），邮箱 sun.li@example.org。"
                if zh
                else "New handler: Sun Li (sun), sun.li@example.org."
            )
            yield l.PeopleChangedContext(reader, superior, headline, (change,)), ()
        case LetterKind.SETTINGS_CHANGED:
            yield l.SettingsChangedContext(reader, _parts(zh)), ()
        case _:
            yield l.RelievedContext(reader, "2026-0123"), ()
            taken = l.GivenTicket(tickets[0].number, tickets[0].subject, handler)
            yield l.RelievedContext(reader, taken.number, superior, (taken,)), ()


def _parts(zh: bool) -> tuple[l.SettingsPart, ...]:
    if zh:
        return (
            l.SettingsPart(
                "人员（people.toml）",
                (
                    "李明（li）：角色：经办人 → 督办人；邮箱：li@example.org → li.ming@example.org",
                    "删除：王芳（wang），原为经办人，wang@example.org",
                ),
            ),
            l.SettingsPart("命令的验证要求（desk.toml）", ("对外和作决定的命令：strong → token",)),
        )
    return (
        l.SettingsPart(
            "Staff (people.toml)",
            (
                "Li Ming (li): role: handler → supervisor; addresses: li@example.org → li.ming@example.org",
                "Removed: Wang Fang (wang), was handler, wang@example.org",
            ),
        ),
        l.SettingsPart(
            "Proof of who commands (desk.toml)", ("verbs that speak outward or decide: strong → token",)
        ),
    )


def _say(zh: bool, chinese: str, english: str) -> str:
    return chinese if zh else english


def _absences(zh: bool, reader: str, handler: str, tickets: tuple[TicketView, ...]) -> Iterator[_Sample]:
    first = (
        l.Choice(
            1, _say(zh, "登记请假至2026年11月27日", "Note the leave until 27 November 2026"), "#leave wang …"
        ),
        l.Choice(
            2, _say(zh, "在办的3件全部转给李明", "Give all 3 open tickets to Li Ming"), "#people move wang to li"
        ),
        l.Choice(3, _say(zh, f"{handler}在岗，不作改变", f"{handler} is here: change nothing"), "#people present wang"),
    )  # fmt: skip
    listed = _with(tickets, zh, 4, ("转给李明", "Give it to Li Ming"))
    auto = _say(
        zh,
        "您好！我于11月23日至27日外出培训，不能及时查看邮件，急事请致电 0379-5550 0100。",
        "I am out of the office from 23 to 27 November and read no mail. In urgent cases call 0379-5550 0100.",
    )
    proof = _say(
        zh,
        "这封自动回复回的是本系统的信件，可以相信出自其邮箱。",
        "It answers a letter of the desk, so it does come from that mailbox.",
    )
    every = first + tuple(c for t in listed for c in t.choices)
    yield l.AbsenceContext(reader, "automatic", handler, (proof,), auto, listed, 0, first), every
    back = "550 5.1.1 User unknown: wang.fang@example.org"
    one = first + listed[0].choices
    yield l.AbsenceContext(reader, "unreachable", handler, (), back, listed[:1], 2, first), one
    untouched = _with(
        tickets[:2],
        zh,
        1,
        ("转给李明", "Give it to Li Ming"),
        ("催办", "Urge the handler"),
        ("知道了，先不动", "Leave it"),
        said=_say(
            zh,
            "11月20日分给" + handler + "，至今没有动静",
            f"given to {handler} on 20 November, no sign since",
        ),
    )
    offered = tuple(c for t in untouched for c in t.choices)
    yield l.AbsenceContext(reader, "idle", "", (), "", untouched, 0), offered


def _with(
    tickets: tuple[TicketView, ...],
    zh: bool,
    number: int,
    *labels: tuple[str, str],
    said: str = "",
) -> tuple[l.PersonTicket, ...]:
    found = []
    for ticket in tickets:
        steps = tuple(
            l.Choice(number + n, _say(zh, *label), f"#{ticket.number} assign li")
            for n, label in enumerate(labels)
        )
        number += len(steps)
        found.append(l.PersonTicket(ticket, (said,) if said else (), steps))
    return tuple(found)


def _handovers(
    zh: bool,
    reader: str,
    handler: str,
    superior: str,
    tickets: tuple[TicketView, ...],
) -> Iterator[_Sample]:
    days = (date(2026, 11, 23), date(2026, 11, 27))
    taken = _with(tickets, zh, 1, ("转由我承办", "Take it over for good"))
    offered = tuple(c for t in taken for c in t.choices)
    yield l.HandoverContext(reader, "leave-begins", handler, "", *days, taken, 0), offered
    happened = _say(
        zh,
        "11月24日李明答复来信人；11月25日收到来信1封",
        "24 Nov: Li Ming answered the complainant; 25 Nov: 1 further mail",
    )
    back = _with(tickets, zh, 1, ("请移回由我办理", "Ask for it back"), said=happened)
    yield l.HandoverContext(
        reader, "back", reader, "", *days, back, 0
    ), tuple(c for t in back for c in t.choices)  # fmt: skip
    asked = _with(tickets[:1], zh, 1, ("移回", "Hand it back"), ("暂不移回", "Keep it"))
    yield l.HandoverContext(
        reader, "asked-back", handler, "", None, None, asked, 0
    ), asked[0].choices  # fmt: skip
    moved = _with(tickets, zh, 1, ("是投诉", "It is a complaint"))
    yield l.HandoverContext(
        reader, "moved", handler, superior, None, None, moved, 4
    ), tuple(c for t in moved for c in t.choices)  # fmt: skip
