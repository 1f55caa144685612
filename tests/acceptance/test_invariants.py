"""Invariants of the design that no other story states by its name (docs/invariants.md lists all)."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer
from structlog.testing import capture_logs

import world_backings
from mail_desk import resources
from mail_desk.config import Budget, FolderRole
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.desk import arrivals
from mail_desk.desk.case import Case
from mail_desk.desk.work import Work
from mail_desk.inbound import intake
from mail_desk.inbound.mailbox import Fetched, FolderState
from mail_desk.inbound.parse import parse
from mail_desk.schedule.due import Due
from mail_desk.store import ledger
from mail_desk.store.schema import EventRow, LetterRow, LetterState, Message, TicketRow, Words
from told import GM, command, complain, events, filed, letters, news, row, state, tickets

ZONE_DAY = "2026-03-02"


def smtp_of(world: World) -> Any:
    return world.backing._servers.smtp  # type: ignore[attr-defined]


def due(world: World, limit: str, number: str = "2026-0001") -> Due:
    with world.daemon.store.read() as session:
        case = Case.by_number(Work(session, world.daemon.rules, world.clock.now()), number)
        assert case is not None
        found = case.due(limit)
        assert found is not None, [d.limit for d in case.running]
        return found


def states(world: World) -> dict[str, str]:
    with world.daemon.store.read() as session:
        return {str(m.subject): m.state for m in session.scalars(select(Message))}


# --- 1, 2, 3: what comes in -------------------------------------------------------------------------


def test_one_message_that_cannot_be_filed_stops_none_of_its_batch_and_is_quarantined_after_three_attempts(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[str] = []

    def stumbles(work: Work, arrival: arrivals.Arrival) -> None:
        arrivals.describe(arrival)
        work.session.flush()
        if "绊" in arrival.mail.subject:
            attempts.append(arrival.mail.subject)
            raise ValueError(arrival.mail.subject)
        arrive(work, arrival)

    arrive = arrivals.arrive
    monkeypatch.setattr(arrivals, "arrive", stumbles)

    async def story(world: World) -> None:
        for subject in ("甲", "绊", "乙"):
            world.write(f"{ord(subject)}@a.example", subject, "请协调。")
        with capture_logs() as logged:
            await world.work()
        assert [entry["exc_info"] for entry in logged if entry["log_level"] == "error"] == [True] * 3
        assert attempts == ["绊"] * 3
        with world.daemon.store.read() as session:
            found = [(m.state, m.filed_as) for m in session.scalars(select(Message).order_by(Message.id))]
        assert found == [("done", "opened"), ("quarantined", None), ("done", "opened")]
        assert tickets(world) == 2

    play(story)


def test_a_known_uid_with_other_bytes_is_a_new_message_and_with_the_same_bytes_is_none(play: Any) -> None:
    async def story(world: World) -> None:
        folder = FolderState("INBOX", FolderRole.INBOX, 77, 1)

        def spool(raw: bytes) -> int:
            item = Fetched(
                account="desk",
                folder=folder.name,
                role=folder.role,
                uidvalidity=folder.uidvalidity,
                uid=5,
                received_at=world.clock.now(),
                size=len(raw),
                sha256=hashlib.sha256(raw).hexdigest(),
                body=raw,
                path=None,
            )
            return world.daemon.intake.spool(folder, [item], through=5)

        first, other = (b"From: a@b.example\r\nSubject: %d\r\n\r\nwords" % n for n in (1, 2))
        assert [spool(first), spool(first), spool(other), spool(other)] == [1, 0, 1, 0]

    play(story)


def test_a_quarantined_mail_waits_in_the_worklist_escalates_after_a_working_day_and_is_released_by_a_reply(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(raw: Any) -> Any:
        if b"riddle" in bytes(raw):
            raise ValueError
        return parse(raw)

    monkeypatch.setattr(intake, "parse", unreadable)

    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "riddle", "请协调退税。")
        with capture_logs():  # a trace on the terminal takes seconds
            await world.work()
        assert filed(world) == [None], "kept, and no ticket"
        told = world.last(office.ZHOU, "M1")
        await world.at("2026-03-03 08:31")
        assert "M1" in world.last(office.ZHOU, "工作清单").text
        await world.at("2026-03-03 12:00")
        assert "M1" in world.last(office.ZHAO, "M1").text, "nobody looked for a working day"
        monkeypatch.setattr(intake, "parse", parse)
        await command(world, office.ZHOU, told, "1")
        assert row(world).received_at.astimezone(world.settings.desk.zone).date() == date(2026, 3, 2)

    play(story)


# --- 4: letters are final when they are queued ------------------------------------------------------


def test_the_bytes_of_a_letter_are_identical_at_every_attempt(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        offered: list[bytes] = []

        def later(envelope: Any) -> str | None:
            if GM not in envelope.rcpt_tos:
                return None
            offered.append(envelope.content)
            return "451 4.3.0 come again" if len(offered) < 4 else None

        smtp_of(world).script = later
        await complain(world)
        await world.minutes(600)
        assert len(offered) == 4
        assert len(set(offered)) == 1
        with world.daemon.store.read() as session:
            query = select(LetterRow).where(LetterRow.kind == "receipt").options(undefer(LetterRow.raw))
            assert session.scalars(query).one().raw == offered[0]

    play(story)


def test_a_held_letter_that_is_undone_is_cancelled_by_an_event_and_never_edited(play: Any) -> None:
    def kept(world: World) -> tuple[str, bytes, str, str]:
        with world.daemon.store.read() as session:
            query = select(LetterRow).where(LetterRow.kind == "acceptance")
            letter = session.scalars(query.options(undefer(LetterRow.raw), undefer(LetterRow.text))).one()
            return letter.state, letter.raw, letter.text, letter.message_id

    async def story(world: World) -> None:
        done = await command(world, office.WANG, await complain(world), "#受理")
        queued = kept(world)
        assert queued[0] == LetterState.QUEUED
        assert "受理通知书" in done.text, "the transcript shows it in full"
        before = _rows(world)
        await command(world, office.WANG, done, "#撤销")
        assert kept(world) == (LetterState.CANCELLED, *queued[1:])
        assert _rows(world)[: len(before)] == before, "no event was changed"
        assert {"Undone", "LetterCancelled"} <= set(events(world)[len(before) :])

    play(story)


def _rows(world: World) -> list[tuple[Any, ...]]:
    with world.daemon.store.read() as session:
        rows = session.scalars(select(EventRow).order_by(EventRow.ticket_id, EventRow.seq))
        return [(r.ticket_id, r.seq, r.type, r.at, r.actor, r.cause, str(r.data), r.hash) for r in rows]


# --- 7: clocks start on facts -----------------------------------------------------------------------


@pytest.mark.parametrize("claimed", ["1999-01-01 00:00+00:00", "2031-12-31 23:59+14:00"])
def test_a_limit_starts_on_the_day_of_internaldate_never_of_the_date_header_or_the_poll(
    play: Any, claimed: str
) -> None:
    async def story(world: World) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = GM, world.desk, "投诉"
        mail["Date"] = format_datetime(datetime.fromisoformat(claimed))
        mail["Message-ID"] = "<1@bearings.example>"
        mail.set_content("请协调。")
        late = datetime.fromisoformat("2026-03-02 23:30").replace(tzinfo=world.settings.desk.zone)
        world.clock.move_to(late)
        world.backing.deliver(world.desk, mail.as_bytes(), folder="INBOX", when=late)
        world.clock.advance(timedelta(days=2))  # the desk was down
        await world.work()
        decide = due(world, "decide")
        assert decide.started_at == late
        assert decide.due_on == date(2026, 3, 11), "seven working days after Monday 2 March"

    play(story)


def test_a_limit_started_by_a_notice_starts_when_smtp_accepted_the_notice(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        smtp_of(world).script = lambda envelope: "451 4.3.0 later" if GM in envelope.rcpt_tos else None
        await command(world, office.WANG, new, "#受理")
        await world.at("2026-03-03 10:00")
        assert "NoticeServed" not in events(world)
        smtp_of(world).script = None
        await world.at("2026-03-03 16:00")
        (notice,) = letters(world, "acceptance")
        assert notice.sent_at is not None
        assert notice.sent_at.astimezone(world.settings.desk.zone).date() == date(2026, 3, 3)
        assert due(world, "conclude").started_at == notice.sent_at

    play(story)


# --- 8: internal by default -------------------------------------------------------------------------

INTERNAL = {
    "a note": "暗记甲NOTE",
    "words of a leader": "暗记乙LEADER",
    "a reason of the supervisor": "暗记丙REASON",
    "an answer of an organ": "暗记丁ORGAN",
    "a signature": "暗记戊SIGN",
    "a file that was not named": "暗记己FILE",
    "another ticket": "暗记庚OTHER",
    "its sender": "taint.other@elsewhere.example",
    "a machine of the house": "10.99.88.77",
    "a mail program of the house": "InHouseMailer",
}
PEOPLE = (
    *("王芳", "李强", "周敏", "赵建国", "Wang Fang", "Li Qiang", "Zhou Min", "Zhao Jianguo"),
    *(office.WANG, office.LI, office.ZHOU, office.ZHAO, office.OPERATOR, "wangfang@phone.example"),
)


def visible(raw: bytes) -> str:
    """Return everything a reader of a letter could find in it: bytes, headers, parts, names of files."""
    found = [raw.decode("latin-1")]
    for part in message_from_bytes(raw, policy=policy.default).walk():
        found += [f"{name}: {value}" for name, value in part.items()]
        found.append(part.get_filename() or "")
        if not part.is_multipart():
            found.append((part.get_payload(decode=True) or b"").decode("utf-8", "replace"))  # type: ignore[union-attr]
    return "\n".join(found)


async def _talk_inside(world: World) -> None:
    """Say everything that must stay inside, in every way people say it."""
    world.meet(office.BUREAU)
    world.meet(INTERNAL["its sender"])
    new = await complain(world)
    world.write(INTERNAL["its sender"], INTERNAL["another ticket"], f"{INTERNAL['another ticket']} 请协调。")
    await world.work()
    sign = f"\n\n--\n王芳 {INTERNAL['a signature']}\n{office.WANG}"
    file = (f"{INTERNAL['a file that was not named']}.txt", "text/plain", INTERNAL["a note"].encode())
    for text in (f"{INTERNAL['a note']} 王芳记", f"#受理{sign}", f"#备注 {INTERNAL['a note']}{sign}"):
        world.reply(office.WANG, new, text, files=[file])
        await world.work()
    world.write(
        office.WANG,
        f"回复：{new.subject}",
        f"#征询 市场监管局 请函告办理情况。{sign}",
        in_reply_to=new.mail.message_id,
        files=[file],
        headers=[
            ("Received", f"from pc ([{INTERNAL['a machine of the house']}]) by mx.office.example; x"),
            ("X-Mailer", INTERNAL["a mail program of the house"]),
        ],
    )
    await world.work()
    await command(world, office.ZHAO, world.last(office.ZHAO, "2026-0001"), INTERNAL["words of a leader"])
    await world.minutes(20)
    world.reply(office.BUREAU, world.inbox(office.BUREAU)[-1], f"{INTERNAL['an answer of an organ']}。")
    await world.work()


async def _speak_outside(world: World) -> None:
    """Answer, ask for more time in vain, and conclude: each leaves only its own words."""
    handled = next(got for got in world.inbox(office.WANG) if "2026-0001" in got.subject)
    sign = f"\n\n--\n王芳 {INTERNAL['a signature']}\n{office.WANG}"
    await command(world, office.WANG, handled, f"#答复 明言甲，请放心。{sign}")
    await command(world, office.WANG, handled, "#办结 3 初稿。")
    request = world.last(office.ZHOU, "请审批")
    await command(world, office.ZHOU, request, f"2 {INTERNAL['a reason of the supervisor']}")
    await command(world, office.WANG, handled, f"#办结 3 明言乙，已核发执照。{sign}")
    await command(world, office.ZHOU, world.last(office.ZHOU, "请审批"), "1")
    await world.minutes(20)


def test_nothing_internal_is_in_any_letter_that_leaves_the_house(play: Any) -> None:
    async def story(world: World) -> None:
        await _talk_inside(world)
        await _speak_outside(world)
        outward = {a: [visible(got.raw) for got in world.inbox(a)] for a in (GM, office.BUREAU)}
        said = "\n".join(outward[GM])
        assert "明言甲" in said
        assert "明言乙" in said
        assert len(outward[office.BUREAU]) == 1
        for address, mails in outward.items():
            for what, marker in (*INTERNAL.items(), *(("a member of staff", name) for name in PEOPLE)):
                assert all(marker not in mail for mail in mails), f"{what} was written to {address}"
        assert all(GM not in mail and "张三" not in mail for mail in outward[office.BUREAU])
        inside = "\n".join(visible(got.raw) for a in (office.WANG, office.ZHOU) for got in world.inbox(a))
        for what in ("a note", "words of a leader", "a reason of the supervisor", "an answer of an organ"):
            assert INTERNAL[what] in inside, "the test would find nothing if nothing had been said"

    play(story)


# --- 9: what a token is good for --------------------------------------------------------------------


def test_a_complainants_key_threads_mail_and_never_authorises_a_staff_verb(play: Any) -> None:
    async def story(world: World) -> None:
        await complain(world)
        receipt = world.last(GM)
        for text in ("#受理", "1", "#结案", "#转办 李强"):
            world.reply(GM, receipt, text)
            await world.work()
        assert (state(world), row(world).handler) == ("received", "wang")
        assert filed(world)[1:] == ["follow-up"] * 4
        assert letters(world, "transcript") == []

    play(story)


# --- 11: no loops -----------------------------------------------------------------------------------

_MACHINE = ("Auto-Submitted", "X-Auto-Response-Suppress", "Precedence", "Return-Path")
_THREAD = ("In-Reply-To", "References", "Message-ID", "Subject")


def _two_desks(directory: Path, stripped: tuple[str, ...], *, minutes: int, rounds: int) -> list[int]:
    """Have two desks write to each other, `minutes` between rounds; return how many letters each round began with.

    `stripped`: headers that get lost on the way.
    """
    start = datetime.fromisoformat(f"{ZONE_DAY} 09:00+08:00")
    addresses = ("one@desk-one.example", "two@desk-two.example")
    worlds: list[World] = []
    counts, seen = [], [0, 0]

    def now() -> datetime:
        return worlds[0].clock.now() if worlds else start

    def carry(source: World, target: World, seen: int) -> int:
        strays = source.backing._servers.strays  # type: ignore[attr-defined]
        for number, stray in enumerate(strays[seen:], start=seen):
            mail = message_from_bytes(stray.raw)
            for name in stripped:
                del mail[name]
            if "Subject" in stripped:
                mail["Subject"] = f"letter {number} of {source.desk}"
            if stray.recipient == target.desk:
                target.backing.deliver(target.desk, mail.as_bytes(), folder="INBOX", when=now())
        return len(strays)

    async def story() -> None:
        with world_backings.embedded(now) as first, world_backings.embedded(now) as second:
            for number, made in enumerate((first, second)):
                world = World(made, directory / str(number), start, address=addresses[number])
                worlds.append(world)
                await world.work()
            one, two = worlds
            two.write(one.desk, "一封来信", "请协调。")
            for _ in range(rounds):
                counts.append(seen[0] + seen[1])
                for source, target in ((two, one), (one, two)):
                    await source.work()
                    seen[worlds.index(source)] = carry(source, target, seen[worlds.index(source)])
                for world in worlds:
                    world.clock.advance(timedelta(minutes=minutes))
            for world in worlds:
                await world.close()

    asyncio.run(story())
    assert counts[1] > 0, "at least the receipt was written"
    return counts


@pytest.mark.parametrize("minutes", [0, 15], ids=["at-once", "slowly"])  # slower than a burst of mails
@pytest.mark.parametrize("stripped", [(), _MACHINE], ids=["as-sent", "headers-stripped-on-the-way"])
def test_two_desks_that_write_to_each_other_stop_within_three_rounds(
    tmp_path: Path, stripped: tuple[str, ...], minutes: int
) -> None:
    counts = _two_desks(tmp_path, stripped, minutes=minutes, rounds=6)
    assert len(set(counts[2:])) == 1, f"still writing after three rounds: {counts}"


def test_two_desks_whose_letters_lose_every_mark_on_the_way_stop_at_once_or_at_the_quota(
    tmp_path: Path,
) -> None:
    counts = _two_desks(tmp_path / "burst", (*_MACHINE, *_THREAD), minutes=0, rounds=6)
    assert len(set(counts[2:])) == 1, f"a burst has one receipt: {counts}"
    counts = _two_desks(tmp_path / "slow", (*_MACHINE, *_THREAD), minutes=15, rounds=15)
    quota = Budget().automatic_per_sender_and_day
    assert counts[quota] > counts[quota - 1], "it would go on"
    assert len(set(counts[quota + 1 :])) == 1, f"still writing beyond the quota: {counts}"


# --- 12: time is data -------------------------------------------------------------------------------


def test_a_limit_written_into_a_file_moves_the_date_without_code(play: Any, tmp_path: Path) -> None:
    shipped = resources.shipped("config") / "procedures" / "foreign-investment.toml"
    text = shipped.read_text(encoding="utf-8")
    head, key, rest = text.partition('key = "decide"')
    own = tmp_path / "config" / "procedures" / "foreign-investment.toml"
    own.parent.mkdir(parents=True)
    own.write_text(head + key + rest.replace("amount = 7", "amount = 3", 1), encoding="utf-8")

    async def story(world: World) -> None:
        await complain(world)
        assert due(world, "decide").due_on == date(2026, 3, 5)
        assert "2026年3月5日" in world.last(GM).text

    play(story)


# --- 13: the record is evidence ---------------------------------------------------------------------


def test_events_hold_no_personal_text_and_erasing_words_leaves_the_chain_whole(play: Any) -> None:
    async def story(world: World) -> None:
        new = await complain(world, name="张三丰")
        await command(world, office.WANG, new, "#答复 秘而不宣的话。")
        assert all(
            personal not in str(_rows(world)) for personal in ("张三丰", GM, "秘而不宣", "至今没有答复")
        )
        with world.daemon.store.write() as session:
            for words in session.scalars(select(Words)):
                words.text = words.salt = ""
        with world.daemon.store.read() as session:
            ticket = session.scalars(select(TicketRow)).one()
            assert ledger.broken_link(session, ticket) is None

    play(story)


# --- 14: people use the mailbox too -----------------------------------------------------------------


def test_flags_mean_nothing_and_the_desk_neither_moves_deletes_nor_marks_a_mail(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        store = world.backing._servers.store  # type: ignore[attr-defined]
        user = store.user(world.desk)
        for number, flags in enumerate(((), ("\\Seen",), ("\\Seen", "\\Answered"), ("\\Deleted",))):
            raw = f"From: n{number}@a.example\r\nSubject: {number}\r\n\r\nPlease help.\r\n".encode()
            store.deliver(world.desk, raw, world.clock.now(), flags=flags)
        before = [(m.uid, m.flags) for m in user.folder("INBOX").messages]
        await world.work()
        assert tickets(world) == 4
        assert [(m.uid, m.flags) for m in user.folder("INBOX").messages] == before

    play(story)


def test_an_answer_written_by_hand_in_the_webmail_is_filed_and_its_handler_is_asked_what_it_fulfils(
    play: Any,
) -> None:
    async def story(world: World) -> None:
        new = await complain(world)
        await command(world, office.WANG, new, "1")
        original = next(got for got in world.inbox(world.desk) if "审批迟延" in got.subject)
        world.write(
            world.desk,
            f"回复：{original.subject}",
            "贵公司投诉已收到，我们决定受理。",
            to=GM,
            in_reply_to=original.mail.message_id,
            folder="已发送",
        )
        await world.work()
        assert filed(world)[-1] == "by-hand"
        assert "AnsweredByHand" in events(world)
        asked = world.inbox(office.WANG)[-1]
        assert "决定受理" in asked.text
        await command(world, office.WANG, asked, "1")
        assert state(world) == "accepted"
        assert news(world, GM) == ["来信已收到，编号 2026-0001"], "nothing was sent twice"

    play(story)
