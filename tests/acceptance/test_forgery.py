"""Nobody commands in another's name: each forgery is refused, its honest twin is carried out.

The verb is 答复, which speaks outward. The office's server signs by DKIM (keys come from the test); the
forger knows the address, the key of a letter, and every trick published for mail authentication.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from forging import ELSEWHERE, EVIL, HOUSE, Pen
from mail_desk.demo import office
from mail_desk.demo.world import World
from mail_desk.store.schema import Message
from signing import NETEASE, WEAK_PRIVATE, WEAK_PUBLIC, Keys, sign
from told import command, complain, letters

STRONG = "confirm_minutes = 120\nattempts_per_day = 100"
WANG = office.WANG
Twins = tuple[Callable[[Pen], bytes], str]


def keys() -> Keys:
    known = Keys()
    for domain in (HOUSE, ELSEWHERE, "0ffice.example", f"{HOUSE}.elsewhere.example"):
        known.publish(domain)
    known.publish(HOUSE, selector="weak", record=f"v=DKIM1; k=rsa; p={WEAK_PUBLIC}")
    return known


def _recut(pen: Pen) -> bytes:
    """Return an honest mail with an enclosure, cut so that the enclosure becomes the letter."""
    inner = "--in\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n#答复 来自附件\r\n--in--\r\n"
    body = (
        "--out\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n请看附件\r\n--out\r\n"
        f"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\nSubject: x\r\n\r\n{inner}\r\n--out--\r\n"
    )
    honest = pen.mail(content=f'Content-Type: multipart/mixed; boundary="out"\r\n\r\n{body}')
    signed = sign(honest, HOUSE, fields=NETEASE)
    return signed.replace(b'multipart/mixed; boundary="out"', b'multipart/alternative; boundary="in"')


def _changed(pen: Pen) -> bytes:
    raw = pen.signed()
    head, blank, body = raw.partition(b"\r\n\r\n")
    return head + blank + body.replace("您好".encode(), "不予理睬".encode())


def _behind(pen: Pen, fields: str) -> bytes:
    return fields.encode() + pen.signed()


# What a forger sends, and how it must be refused: the words of the answer to the real person, or how the
# mail is filed. "别人" are forgeries in which the desk does not even read Wang as the author.
FORGERIES: dict[str, Twins] = {
    "spoofed From with a stolen key": (lambda p: p.mail(), "还差一步确认"),
    "spoofed From with another domain's valid signature": (
        lambda p: p.foreign(f"From: {WANG}"),
        "还差一步确认",
    ),
    "a signature of a domain that ends alike": (
        lambda p: sign(p.mail(), f"{HOUSE}.elsewhere.example"),
        "还差一步确认",
    ),
    "a display name": (lambda p: p.foreign(f'From: "王芳 {WANG}" <{EVIL}>'), "stranger"),
    "a display name that is the address": (lambda p: p.foreign(f'From: "{WANG}" <{EVIL}>'), "stranger"),
    "a look-alike domain": (
        lambda p: sign(p.mail("From: wang.fang@0ffice.example"), "0ffice.example"),
        "stranger",
    ),
    "a stolen key from the wrong address": (lambda p: p.foreign(f"From: {EVIL}"), "stranger"),
    "Reply-To": (lambda p: p.foreign(f"From: {EVIL}\r\nReply-To: {WANG}"), "stranger"),
    "Sender": (lambda p: p.foreign(f"From: {EVIL}\r\nSender: {WANG}"), "stranger"),
    "two From, the forger's first": (lambda p: _behind(p, f"From: {EVIL}\r\n"), "stranger"),
    "two From, ours first": (lambda p: f"From: {WANG}\r\n".encode() + p.foreign(f"From: {EVIL}"), "未执行"),
    "two equal From": (lambda p: _behind(p, f"From: {WANG}\r\n"), "未执行"),
    "a folded From on top": (lambda p: _behind(p, f" From: {EVIL}\r\n"), "未执行"),
    "From with a space before its colon": (lambda p: _behind(p, f"From : {EVIL}\r\n"), ""),
    "several authors": (lambda p: p.signed(f"From: {WANG}, {EVIL}"), "未执行"),
    "a group": (lambda p: p.signed(f"From: staff: {WANG};"), "未执行"),
    "the group trick": (lambda p: p.signed(f"From: <{EVIL}>:<{WANG}>"), ""),
    "a route": (lambda p: p.signed(f"From: <@elsewhere.example,@x.example:{WANG}>"), "未执行"),
    "a quoted pair": (lambda p: p.signed(f"From: <{WANG}>\\,<{EVIL}>"), "未执行"),
    "an address behind the brackets": (lambda p: p.signed(f"From: <{WANG}>{EVIL}"), ""),
    "a comment that hides an address": (lambda p: p.signed(f"From: {WANG} ({EVIL})"), "未执行"),
    "an address in a comment": (lambda p: p.foreign(f"From: {EVIL} ({WANG})"), "stranger"),
    "an encoded word that hides an address": (
        lambda p: p.signed(f"From: =?utf-8?b?c29tZW9uZUBlbHNld2hlcmUuZXhhbXBsZQ==?= <{WANG}>"),
        "未执行",
    ),
    "an encoded address": (
        lambda p: p.signed("From: =?utf-8?q?wang=2Efang=40office=2Eexample?="),
        "",
    ),
    "NUL in From": (lambda p: p.signed(f"From: {WANG}\x00<{EVIL}>"), ""),
    "a bare CR in From": (lambda p: p.signed(f"From: {WANG}\rX: {EVIL}"), ""),
    "Authentication-Results of the forger on top": (
        lambda p: (
            b"Authentication-Results: mx27; spf=pass smtp.mail=wang.fang@office.example; dkim=pass header.i=@office.example\r\n"
            + p.mail()
        ),
        "还差一步确认",
    ),
    "Authentication-Results of the forger at the end": (
        lambda p: p.mail(
            fields="Authentication-Results: mx27; spf=pass smtp.mail=wang.fang@office.example; dkim=pass\r\n"
        ),
        "还差一步确认",
    ),
    "a changed body under the signature": (_changed, "验证未通过"),
    "words behind the signed length": (
        lambda p: sign(p.mail(), HOUSE, length=True) + "\r\n#结案\r\n".encode(),
        "还差一步确认",
    ),
    "a body cut anew under a valid signature": (_recut, "还差一步确认"),
    "a signature of SHA-1": (lambda p: sign(p.mail(), HOUSE, algorithm=b"rsa-sha1"), "还差一步确认"),
    "a weak key": (lambda p: sign(p.mail(), HOUSE, selector="weak", key=WEAK_PRIVATE), "还差一步确认"),
    "a signed mail kept for later": (
        lambda p: p.signed(date=format_datetime(p.world.now - timedelta(days=9))),
        "还差一步确认",
    ),
    "a subject that is not signed": (
        lambda p: sign(p.mail(), HOUSE, fields=("from", "date", "message-id", "in-reply-to")),
        "还差一步确认",
    ),
    "a machine's answer": (lambda p: p.signed(fields="Auto-Submitted: auto-replied\r\n"), "automatic"),
    "a digit inside the quotation": (lambda p: p.signed(words="收到\r\n\r\n> #答复 您好"), "note"),
}


def _replies(world: World) -> int:
    return len(letters(world, "reply"))


async def _arrives(world: World, raw: bytes) -> Message:
    world.backing.deliver(world.desk, raw, folder="INBOX", when=world.clock.now())
    await world.work()
    with world.daemon.store.read() as session:
        found = session.query(Message).order_by(Message.id.desc()).first()
    assert found is not None
    return found


async def _begin(world: World) -> Pen:
    new = await complain(world)
    world.meet(EVIL)
    return Pen(world, new)


def test_every_forgery_is_refused_and_its_honest_twin_is_carried_out(play: Any) -> None:
    async def story(world: World) -> None:
        pen = await _begin(world)
        for name, (forge, refusal) in FORGERIES.items():
            raw = forge(pen)
            pen.count -= 1
            honest = pen.signed().replace(b"<mail", b"<twin")  # what is unsigned may differ
            honest = sign(honest.partition(b"\r\nFrom:")[2].join((b"From:", b"")), HOUSE)
            before, told = _replies(world), len(world.inbox(WANG))
            filed = await _arrives(world, raw)
            assert _replies(world) == before, f"{name}: was carried out"
            answers = [got.text for got in world.inbox(WANG)[told:]]
            if refusal.isascii():
                assert not refusal or filed.filed_as == refusal, f"{name}: filed as {filed.filed_as}"
            else:
                assert any(refusal in text for text in answers), f"{name}: {filed.proof} {answers}"
            twin = await _arrives(world, honest)
            assert _replies(world) == before + 1, f"{name}: the honest twin was refused: {twin.proof}"
        assert world.inbox(EVIL) == []  # the forger never hears anything

    play(story, authority=STRONG, keys=keys())


def test_a_signed_mail_under_other_references_is_refused(play: Any) -> None:
    """A captured answer is sent again with the key of another letter; In-Reply-To is not signed."""

    async def story(world: World) -> None:
        pen = await _begin(world)
        mine = pen.letter.mail.message_id
        signed = sign(pen.mail(words="#答复 您好"), HOUSE, fields=NETEASE)
        await command(world, WANG, pen.letter, "#备注 看过")  # its answer has a key of its own
        redirected = signed.replace(mine.encode(), world.inbox(WANG)[-1].mail.message_id.encode())
        filed = await _arrives(world, redirected)
        assert _replies(world) == 0
        assert filed.proof is not None
        assert filed.proof["proven"] is False
        again = await _arrives(world, signed)
        assert again.filed_as == "duplicate"  # and the captured mail itself runs no more
        fresh = sign(pen.mail(words="#答复 您好"), HOUSE, fields=NETEASE)
        await _arrives(world, fresh)
        assert _replies(world) == 1

    play(story, authority=STRONG, keys=keys())


def test_the_same_signed_content_is_good_for_one_mail_only(play: Any) -> None:
    async def story(world: World) -> None:
        pen = await _begin(world)
        signed = sign(pen.mail(words="#答复 您好 a=3Db"), HOUSE, fields=NETEASE)
        await _arrives(world, signed)
        assert _replies(world) == 1
        # The same bytes, decoded otherwise, are another mail to the desk, with the same signature.
        replay = signed.replace(
            b"MIME-Version", b"Content-Transfer-Encoding: quoted-printable\r\nMIME-Version"
        )
        filed = await _arrives(world, replay)
        assert filed.filed_as != "duplicate"
        assert filed.proof is not None
        assert "dkim" not in filed.proof["ways"]
        assert _replies(world) == 1

    play(story, authority=STRONG, keys=keys())


def test_the_provider_s_word_counts_where_only_the_provider_can_have_written_it(play: Any) -> None:
    identity = "PikvCgDXaBcDEFgHIjk4AA--.12345S2"
    received = (
        f"Received: from mail.office.example (unknown [192.0.2.7])\r\n\tby mx27 (Coremail) with SMTP id {identity};\r\n"
        "\tMon, 02 Mar 2026 09:00:00 +0800 (CST)\r\n"
    )
    results = f"Authentication-Results: mx27; spf=pass smtp.mail={WANG}\r\n"
    mark = f"X-CM-TRANSID:{identity}\r\n"

    async def story(world: World) -> None:
        pen = await _begin(world)
        world.daemon.intake._netease = {"desk"}
        forged = [
            (received + results).encode() + pen.mail(fields=mark),  # above
            received.encode() + pen.mail(fields=results + mark),  # below, but the sender's
            received.encode() + pen.mail(fields=mark.replace("Pikv", "XXXX") + results),  # an id of one's own
            results.encode() + pen.mail(fields=mark),
        ]
        for raw in forged:
            await _arrives(world, raw)
            assert _replies(world) == 0
            assert "还差一步确认" in world.inbox(WANG)[-1].text
        await _arrives(world, received.encode() + pen.mail(fields=mark + results))
        assert _replies(world) == 1

    play(story, authority='otherwise = "provider"', keys=keys())
