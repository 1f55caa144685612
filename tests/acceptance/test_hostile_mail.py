"""Mail that is meant to do harm: what it asks for does not happen, and the mail is kept whole."""

from __future__ import annotations

import re
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO
from typing import Any

import pytest

from long_form import LONG
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.inbound.html_text import to_text
from mail_desk.inbound.parse import parse, part_bytes
from mail_desk.inbound.reply_text import split
from mail_desk.store import raw as raws
from mail_desk.store.schema import Message
from told import GM, filed, news, tickets

EVIL = "evil@elsewhere.example"
WORDS = "许可证迟迟不下，请协调。"


def everything_sent(world: World) -> list[Any]:
    strays = world.backing._servers.strays  # type: ignore[attr-defined]
    people = (office.WANG, office.LI, office.ZHOU, office.ZHAO, office.OPERATOR, GM, EVIL)
    for address in people:
        world.meet(address)
    found = [got for address in people for got in world.inbox(address)]
    assert not strays, f"letters to somebody nobody named: {[s.recipient for s in strays]}"
    return found


HEADERS = [
    "x\r\nBcc: victim@elsewhere.example\r\n\r\nbody",
    "x\nTo: victim@elsewhere.example",
    "=?utf-8?q?x=0D=0ABcc:_victim@elsewhere.example?=",
    "=?utf-8?b?eA0KQmNjOiB2aWN0aW1AZWxzZXdoZXJlLmV4YW1wbGU=?=",
    "x\u2028Bcc: victim@elsewhere.example",
    "{{ office.name_zh }}{% for x in ().__class__.__bases__ %}{{ x }}{% endfor %}",
    "${7*7} #{7*7} <%= 7*7 %> {{7*7}}",
    '=HYPERLINK("http://elsewhere.example","x")',
    "<script>alert(1)</script><svg onload=alert(1)>",
    "\u202egnp.exe\u2066",
]


@pytest.mark.parametrize("words", HEADERS)
def test_no_field_of_a_mail_becomes_a_header_a_recipient_or_code_of_a_letter(play: Any, words: str) -> None:
    async def story(world: World) -> None:
        world.meet(EVIL)
        flat = re.sub(r"[\r\n]+", " ", words)
        head = (
            f'From: "{flat}" <{EVIL}>\r\nTo: {world.desk}\r\nSubject: {flat}\r\n'
            f"Message-ID: <1@elsewhere.example>\r\nIn-Reply-To: <{flat}>\r\nReferences: <{flat}>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
        )
        body = (
            f"\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
            f'--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="{flat}"\r\n\r\nx\r\n--b--\r\n'
        )
        world.backing.deliver(world.desk, (head + body).encode(), folder="INBOX", when=world.clock.now())
        await world.work()
        assert tickets(world) == 1
        first = world.last(office.WANG, "请承办")
        world.reply(office.WANG, first, f"#受理\n{words}")
        await world.work()
        for got in everything_sent(world):
            names = [name.lower() for name, _ in got.mail.headers]
            assert "bcc" not in names
            assert Counter(names)["to"] == 1
            assert b"\nTo: victim" not in got.raw.partition(b"\r\n\r\n")[0]
            assert "49" not in got.subject
            assert "<class" not in got.text
            html = got.mail.html or ""
            assert not re.search(r"<(script|svg|img|iframe|object|link|form)\b", html, re.IGNORECASE)
            assert not re.search("[\u202a-\u202e\u2066-\u2069]", got.text + got.subject + html)

    play(story)


HTML = [
    '<img src="http://elsewhere.example/p.gif"><p>许可证</p>',
    "<style>body{background:url(http://elsewhere.example/x)}p{display:none}</style><p>许可证</p>",
    "<p>许可证</p><div style=\"position:fixed;top:0;left:0;width:100%;height:100%;background:url('http://elsewhere.example')\">x</div>",
    "<svg><script>alert(1)</script></svg><p onclick=alert(1)>许可证</p>",
    "<p>许可证</p><iframe src=javascript:alert(1)></iframe><base href=http://elsewhere.example>",
    '<p>许可证</p><a href="javascript:alert(1)">x</a><meta http-equiv=refresh content="0;url=http://elsewhere.example">',
    "<p>许可证</p><math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
]


@pytest.mark.parametrize("html", HTML)
def test_nothing_of_a_hostile_page_runs_or_loads_in_a_letter_to_staff(play: Any, html: str) -> None:
    async def story(world: World) -> None:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = EVIL, world.desk, "投诉"
        mail.set_content(html, subtype="html", charset="utf-8")
        raw = mail.as_bytes()
        world.backing.deliver(world.desk, raw, folder="INBOX", when=world.clock.now())
        await world.work()
        shown = world.last(office.WANG, "请承办").mail
        assert "许可证" in shown.text
        assert "elsewhere.example/" not in shown.html
        assert not re.search(
            r"<(script|svg|img|iframe|object|base|math)|javascript:|on\w+=|url\(", shown.html
        )
        assert kept(world, 1) == raw

    play(story)


def kept(world: World, message: int) -> bytes:
    with world.daemon.store.read() as session:
        row = session.get_one(Message, message)
        return bytes(raws.load(session, world.daemon.rules.spool_dir, row.raw_sha256 or ""))


def test_an_address_that_only_looks_like_a_known_one_is_shown_as_what_it_is(play: Any) -> None:
    lookalike = GM.replace("bea", "be\u0430")  # a Cyrillic letter

    async def story(world: World) -> None:
        for n, author in enumerate((f"示例轴承 <{lookalike}>", f'"{GM}\u202e" <{EVIL}>')):
            raw = f"From: {author}\r\nTo: {world.desk}\r\nSubject: 投诉 {n}\r\n\r\n{WORDS}\r\n".encode()
            world.backing.deliver(world.desk, raw, folder="INBOX", when=world.clock.now())
        await world.work()
        for n, true in enumerate(("xn--", EVIL)):
            shown = world.last((office.WANG, office.LI)[n], f"投诉 {n}")  # the load is shared
            assert true in shown.text
            assert "示例轴承（洛阳）有限公司" not in shown.text, "not taken for the enterprise of the ledger"
            assert lookalike not in shown.text
            assert "\u202e" not in shown.text

    play(story)


FILES = [
    ("../../etc/passwd", "text/plain", True),
    ("C:\\Windows\\x.pdf", "application/pdf", True),
    ("report.pdf\u202efdp.exe", "application/octet-stream", False),
    ("setup.exe", "application/x-msdownload", False),
    ("picture.svg", "image/svg+xml", False),
    ("page.HTML ", "text/html", False),
    ("合同.pdf", "application/pdf", True),
    ("CON", "application/pdf", True),
]


@pytest.mark.parametrize(("name", "kind", "travels"), FILES)
def test_a_file_that_can_do_harm_is_kept_and_named_and_does_not_travel(
    play: Any, name: str, kind: str, travels: bool
) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        raw = world.write(GM, "投诉", WORDS, files=[(name, kind, b"MZ harm")])
        await world.work()
        got = world.last(office.WANG, "请承办").mail
        names = [a.filename for a in got.attachments if not a.inline]
        assert len(names) == (1 if travels else 0), names
        assert all(
            "/" not in n and "\\" not in n and not n.startswith("../") and n.isprintable() for n in names
        )
        assert ("未随本信附上" in re.sub(r"\s", "", got.text)) == (not travels)
        assert kept(world, 1) == raw
        mail = parse(kept(world, 1))
        assert part_bytes(kept(world, 1), mail.attachments[0].index) == b"MZ harm"

    play(story)


def test_files_above_the_size_of_a_letter_are_named_and_kept_and_do_not_travel(play: Any) -> None:
    async def story(world: World) -> None:
        world.meet(GM)
        size = int(world.settings.desk.attach_up_to_mb * 2**20) + 1
        world.write(GM, "投诉", WORDS, files=[("a.pdf", "application/pdf", b"%PDF" + b"x" * size)])
        await world.work()
        got = world.last(office.WANG, "请承办").mail
        assert not [a for a in got.attachments if not a.inline]
        assert "a.pdf" in got.text
        assert len(kept(world, 1)) > size

    play(story)


def test_bombs_are_kept_and_named_and_are_never_unpacked(play: Any) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("zeros", bytes((200 if LONG else 20) * 2**20))
    nested = b"x"
    for level in range(300):
        nested = b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n%b\r\n--%d--\r\n' % (
            level, level, nested, level,
        )  # fmt: skip

    async def story(world: World) -> None:
        world.meet(GM)
        world.write(GM, "压缩包", WORDS, files=[("a.zip", "application/zip", packed.getvalue())])
        head = f"From: {EVIL}\r\nTo: {world.desk}\r\nSubject: nested\r\nMIME-Version: 1.0\r\n".encode()
        world.backing.deliver(world.desk, head + nested, folder="INBOX", when=world.clock.now())
        await world.work()
        assert filed(world) == ["opened", "opened"]
        (file,) = [a for a in world.last(office.WANG, "压缩包").mail.attachments if not a.inline]
        assert file.filename == "a.zip"

    play(story)


def test_a_mail_of_fifty_megabytes_and_one_to_a_hundred_thousand_people_are_filed(
    play: Any, record_property: Callable[[str, object], None]
) -> None:
    size, people = (50 * 2**20, 100_000) if LONG else (3 * 2**20, 10_000)

    async def story(world: World) -> None:
        world.meet(GM)
        world.meet(EVIL)
        world.write(GM, "大件", WORDS, files=[("a.pdf", "application/pdf", b"x" * size)])
        everybody = ",\r\n ".join(f"p{n}@crowd.example" for n in range(people))
        raw = (
            f"From: {EVIL}\r\nTo: {world.desk},\r\n {everybody}\r\nSubject: 群发\r\n\r\n{WORDS}\r\n".encode()
        )
        world.backing.deliver(world.desk, raw, folder="INBOX", when=world.clock.now())
        await world.work()
        assert filed(world) == ["opened", "opened"]
        (told,) = (got for got in everything_sent(world) if got.subject.endswith("请承办：群发"))
        assert len(told.raw) < 200_000, "and nobody of the crowd was written to"

    play(story)
    record_property("recipients", people)


def test_a_bomb_of_mails_from_one_sender_is_kept_whole_and_answered_within_the_quota(
    play: Any, record_property: Callable[[str, object], None]
) -> None:
    """10,000 in the long form."""
    count = 10_000 if LONG else 150

    async def story(world: World) -> None:
        world.meet(EVIL)
        for part in range(5):
            for number in range(count // 5):
                world.write(EVIL, f"轰炸 {part} {number}", f"{WORDS}{part} {number}")
            await world.work()
            await world.minutes(11)
        assert len(filed(world)) == count
        assert set(filed(world)) == {"opened"}
        assert tickets(world) == count
        answers = [s for s in news(world, EVIL) if "来信已收到" in s]
        assert 1 <= len(answers) <= world.settings.budget.automatic_per_sender_and_day

    play(story, per_day=100_000)
    record_property("messages", count)


GROWING: dict[str, Callable[[int], object]] = {
    "quotation marks": lambda n: split("> " * n + "\n" + ">" * n),
    "blanks": lambda n: split(" " * n + "写道：" + "\t" * n),
    "introductions": lambda n: split("在 2026-03-02 09:00:00，" * (n // 20)),
    "tags that never close": lambda n: to_text("<div " * n),
    "attributes": lambda n: to_text("<p " + "a=b " * n + ">x</p>"),
    "comments that never close": lambda n: to_text("<!--" * n),
    "entities": lambda n: to_text("&" * n + "amp;"),
    "a subject of prefixes": lambda n: parse(b"Subject: " + b"Re: " * n + b"\r\n\r\nx"),
    "encoded words": lambda n: parse(b"Subject: " + b"=?utf-8?q?" * (n // 8) + b"\r\n\r\nx"),
    "an address of brackets": lambda n: parse(b"From: " + b"<" * n + b"@" * n + b"\r\n\r\nx"),
    "an address of comments": lambda n: parse(b"From: " + b"(" * n + b"\r\n\r\nx"),
    "references": lambda n: parse(b"References: " + b"<a@b " * (n // 5) + b"\r\n\r\nx"),
    "a parameter": lambda n: parse(b"Content-Type: text/plain;" + b" a=" * (n // 3) + b"\r\n\r\nx"),
}


@pytest.mark.parametrize("name", GROWING)
def test_what_is_meant_to_blow_up_takes_time_in_proportion_to_its_length(name: str) -> None:
    """Ten times the length takes about ten times as long; what is quadratic takes a hundred times."""
    work, short = GROWING[name], 20_000

    def best(length: int) -> float:
        spent = []
        for _ in range(3):
            began = time.process_time()
            work(length)
            spent.append(time.process_time() - began)
        return min(spent)

    work(short)
    assert best(10 * short) <= 40 * max(best(short), 0.002)
