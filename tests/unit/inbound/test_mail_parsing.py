"""Single facts about reading mail that the whole-message cases do not spell out."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.inbound import addresses, attachments, charsets, cloud, headers, html_text, text_forms, tnef
from mail_desk.inbound.mail import Address
from mail_desk.inbound.parse import normalise_subject, parse, part_bytes

# --- digests and bytes ----------------------------------------------------------------------------

LETTER = (
    "From: 王 <wang@example.com>\r\nSubject: 投诉\r\nDate: Fri, 20 Nov 2026 10:31:05 +0800\r\nMessage-ID: <1@example.com>\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n{extra}\r\n{body}"
)


def letter(extra: str = "Content-Transfer-Encoding: 8bit\r\n", body: str = "您好\r\n") -> bytes:
    return LETTER.format(extra=extra, body=body).encode()


def test_two_deliveries_of_one_mail_share_their_content_digest() -> None:
    first = (
        b"Received: from a by b; Fri, 20 Nov 2026\r\nDelivered-To: desk@example.org\r\nX-Spam-Score: 1\r\n"
        + letter()
    )
    second = b"Return-Path: <wang@example.com>\r\nReceived: from c by d\r\n" + letter(body="您好\r\n\r\n")
    recoded = letter("Content-Transfer-Encoding: base64\r\n", "5oKo5aW9DQo=\r\n")
    assert parse(first).content_digest == parse(second).content_digest == parse(recoded).content_digest


@pytest.mark.parametrize(
    "change", [("您好", "你好"), ("投诉", "再诉"), ("<1@", "<2@"), ("10:31", "10:32"), ("wang@", "li@")]
)
def test_other_content_under_the_same_id_has_another_digest(change: tuple[str, str]) -> None:
    other = letter().decode().replace(*change).encode()
    assert parse(letter()).content_digest != parse(other).content_digest


def test_an_attachment_is_described_and_can_be_had_again() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: application/octet-stream; name=a.bin\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\nAwQ=\r\n--m--\r\n"
    )
    (found,) = parse(raw).attachments
    content = b"\x00\x01\x02\x03\x04"
    assert (found.filename, found.size, found.sha256) == ("a.bin", 5, hashlib.sha256(content).hexdigest())
    assert part_bytes(raw, found.index) == content
    with pytest.raises(IndexError):
        part_bytes(raw, 1)
    with pytest.raises(IndexError):
        part_bytes(raw, -1)


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("Your mail client does not support HTML messages.", "同意"),
        ("您的邮件客户端不支持HTML格式", "同意"),
        (" ", "同意"),
        ("同意，见附件", "同意，见附件"),
        ("Plain text here.\nThis is for clients that do not support HTML.", "Plain text here."),
    ],
)
def test_the_html_is_read_where_the_text_only_points_to_it(plain: str, shown: str) -> None:
    raw = (
        "Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain; charset=utf-8\n\n"
        f"{plain}\n--a\nContent-Type: text/html; charset=utf-8\n\n<p>同意</p>\n--a--\n"
    )
    assert parse(raw.encode()).text.split("\n")[0] == shown


# --- headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        (b"a=?utf-8?q?_b?=c", "a bc"),
        (b"=?UTF-8*en?Q?caf=C3=A9?=", "café"),
        (b"=?utf-8?B?5oqV6K+J", "投诉"),
        (b"=?utf-8?Q?no end", "=?utf-8?Q?no end"),
        (b"=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        (b"=?utf-8?Q?a?b?=", "a?b"),
        (b"=?utf-8?B?!!!?= x", "x"),
        (b"plain\r\n folded\r\n\ttwice", "plain folded twice"),
        (b"a\x07b", "a b"),
    ],
)
def test_a_header_is_decoded(raw: bytes, expected: str) -> None:
    assert headers.text_of(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"a@EXAMPLE.com", [("", "a@example.com")]),
        (b"A B <a@b.cc>, c@d.ee", [("A B", "a@b.cc"), ("", "c@d.ee")]),
        (b'"B, A" <a@b.cc>', [("B, A", "a@b.cc")]),
        (b"B, A <a@b.cc>", [("B, A", "a@b.cc")]),
        (b"root, a@b.cc", [("", "root"), ("", "a@b.cc")]),
        (b"a@b.cc (Real Name)", [("Real Name", "a@b.cc")]),
        (b"=?utf-8?Q?Li=2C_Si?= <a@b.cc>", [("Li, Si", "a@b.cc")]),
        (b"=?utf-8?Q?Li_=3Ca=40b.cc=3E?=", [("Li", "a@b.cc")]),
        (b'"quoted local"@b.cc', [("", '"quoted local"@b.cc')]),
        (b"<@relay.example:a@b.cc>", [("", "a@b.cc")]),
        (b"mailto:a@b.cc", [("", "a@b.cc")]),
        (b"bounce+1.c-user=example.net@example.com", [("", "bounce+1.c-user=example.net@example.com")]),
        (b"x (a) @ example . com", [("a", "x@example.com")]),
        (b"P <p(his account)@example.com(host)>", [("P", "p@example.com")]),
        (b'"boss@example.org" <mallory@example.com>', [("boss@example.org", "mallory@example.com")]),
        (b'"boss@example.org" <mallory>', [("boss@example.org", "mallory")]),
        (b"a@b.cc <>", [("", "a@b.cc")]),
        (b"a@b.cc; c@d.ee", [("", "a@b.cc"), ("", "c@d.ee")]),
        (b"team: a@b.cc, c@d.ee;", [("", "a@b.cc"), ("", "c@d.ee")]),
        (b"undisclosed-recipients:;", []),
        (b'"unclosed <a@b.cc>', [("unclosed", "a@b.cc")]),
        (b"A <a@b.cc", [("A", "a@b.cc")]),
        (b"<>", []),
        (b"", []),
        (b",,;", []),
    ],
)
def test_an_address_list_is_read(raw: bytes, expected: list[tuple[str, str]]) -> None:
    assert list(addresses.addresses(raw)) == [Address(*pair) for pair in expected]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"<a@b> <c@d>", ("a@b", "c@d")),
        (b"<>", ()),
        (b"<a@b>\r\n <a@b>", ("a@b",)),
        (b"<a\r\n b@c>", ("ab@c",)),
        (b"a@b c@d", ("a@b", "c@d")),
        (b"your message of Friday from a@b.cc", ()),
        (b"", ()),
    ],
)
def test_ids_are_normalised(raw: bytes, expected: tuple[str, ...]) -> None:
    assert headers.message_ids(raw) == expected


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        (b"Fri, 20 Nov 2026 10:31:05 +0800 (CST)", "2026-11-20T10:31:05+08:00"),
        (b"20 Nov 2026 10:31:05", "2026-11-20T10:31:05+00:00"),
        (b"2026-11-20 10:31:05", "2026-11-20T10:31:05+00:00"),
        (b"Fri, 32 Nov 2026 10:31:05 +0800", None),
        (b"Fri, 20 Nov 99999 10:31:05 +9999", None),
        (b"yesterday", None),
    ],
)
def test_a_date_is_read_or_left_open(raw: bytes, iso: str | None) -> None:
    found = headers.date(raw)
    assert (found.isoformat() if found else None) == iso


@pytest.mark.parametrize(
    ("raw", "name", "value"),
    [
        (b"text/plain; charset=utf-8", "charset", "utf-8"),
        (b'text/plain; charset="utf-8', "charset", "utf-8"),
        (b"text/plain charset=utf-8", "charset", "utf-8"),
        (b"text/plain; format=flowed charset=gbk", "charset", "gbk"),
        (b"a/b; name*=utf-8''%E6%8A%95.pdf", "name", "投.pdf"),
        (b"a/b; name*1*=%95.pdf; name*0*=utf-8''%E6%8A", "name", "投.pdf"),
        (b'a/b; name="a\\"b;c.txt"', "name", 'a"b;c.txt'),
        (b"a/b;;; name = x.txt ;", "name", "x.txt"),
    ],
)
def test_a_parameter_is_read(raw: bytes, name: str, value: str) -> None:
    assert headers.content_type(raw)[1][name] == value


@pytest.mark.parametrize(
    "subject",
    ["回复：投诉", "答复: 投诉", "Re: 投诉", "RE：FW: 投诉", "转发:回复:投诉", "Re[4]: 投诉", "AW: WG: 投诉", "Antw: 投诉", "SV: VS: 投诉",
     "Rif: 投诉", "RES: ENC: 投诉", "TR: 投诉", "Odp: 投诉", "YNT: 投诉", "返信: 投诉", "[Fwd: 投诉]", "回覆：轉寄: 投诉", "Re : 投诉", " 投诉 "],
)  # fmt: skip
def test_prefixes_in_a_dozen_languages_are_ignored_in_comparison(subject: str) -> None:
    assert normalise_subject(subject) == "投诉"


@pytest.mark.parametrize(
    "subject",
    ["Regarding: x", "回复投诉", "Tax: due", "Reform", "2026: review"],
)
def test_words_that_are_no_prefix_stay(subject: str) -> None:
    assert normalise_subject(subject) == subject


# --- charsets -------------------------------------------------------------------------------------

CHINESE = "您好，我公司的规划许可证申请已提交三个月，至今没有答复。"


@pytest.mark.parametrize(
    "label",
    ["gb2312", "GBK", "x-gbk", '"gb2312"', "cp936", "hz-gb-2312", "utf8", "UTF-7", "Big5", "ISO-2022-JP"],
)
def test_labels_of_every_family_are_known(label: str) -> None:
    assert charsets.codec_of(label) is not None


@pytest.mark.parametrize(
    "label", ["", "base64", "zlib", "idna", "unicode_escape", "rot13", "x-unknown", "../../etc"]
)
def test_labels_that_are_no_charsets_are_refused(label: str) -> None:
    assert charsets.codec_of(label) is None


@pytest.mark.parametrize("declared", ["", "us-ascii", "iso-8859-1", "gb2312", "utf-8", "nonsense"])
@pytest.mark.parametrize("real", ["gb18030", "utf-8"])
def test_chinese_is_read_whatever_the_label_says(declared: str, real: str) -> None:
    assert charsets.decode(CHINESE.encode(real), declared)[0] == CHINESE


@pytest.mark.parametrize("text", ["Änderung für Größe", "naïve café", "“quoted” – dash", "Ärger, süß, ÄÖÜß"])
def test_western_text_under_its_label_is_not_taken_for_chinese(text: str) -> None:
    assert charsets.decode(text.encode("cp1252"), "iso-8859-1")[0] == text


@pytest.mark.parametrize("codec", ["koi8_r", "cp1251"])
def test_unlabelled_russian_words_are_not_taken_for_chinese(codec: str) -> None:
    assert charsets.decode("тест темы письма".encode(codec))[0] == "тест темы письма"


def test_the_two_characters_that_gbk_and_utf8_share_stay_what_their_label_says() -> None:
    assert charsets.decode("联通".encode("gbk"), "gbk")[0] == "联通"


@given(st.text(), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_a_true_label_gives_the_text_back(text: str, codec: str) -> None:
    storable = charsets.clean(text)
    if codec == "gb18030" and storable.encode("gb18030").isascii() and "~{" in storable:
        return
    decoded = charsets.decode(storable.encode(codec, "replace"), codec)[0]
    if codec == "gb18030" and decoded != storable:
        # Bytes that are valid in both and look like text in neither: only then may UTF-8 win.
        assert storable.encode("gb18030").decode("utf-8") == decoded
        return
    assert decoded == storable.removeprefix("\ufeff") or decoded == storable


@given(
    st.binary(),
    st.sampled_from(["", "gbk", "utf-7", "iso-2022-jp", "iso-2022-kr", "hz", "utf-16", "big5", "x"]),
)
def test_any_bytes_decode_under_any_label(data: bytes, label: str) -> None:
    text, _ = charsets.decode(data, label)
    text.encode("utf-8")
    assert "\x00" not in text


# --- HTML -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a<br>b", "a\nb"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("a &amp; b&nbsp;c &#20320;", "a & b c 你"),
        ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n> > b\n\nc"),
        ('<a href="mailto:a@b.cc">a@b.cc</a>', "a@b.cc"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ("<script>x</script><style>y</style>z", "z"),
        ("<!-- <p>no</p> -->yes", "yes"),
        ('<span style="DISPLAY: none">no<span>no</span></span>yes', "yes"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ('<a title="a>b" href="http://example.com/x">t</a>', "t <http://example.com/x>"),
        ("<p>a", "a"),
        ("<", "<"),
        ("", ""),
    ],
)
def test_html_becomes_readable_text(source: str, expected: str) -> None:
    assert html_text.to_text(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>", '<img src="http://example.com/x.gif">', '<img src=x onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>', '<iframe src="http://example.com"></iframe>', '<p style="background:url(http://example.com/x)">x</p>',
        '<link rel=stylesheet href="http://example.com/x.css">', '<table background="http://example.com/x"></table>', "<style>@import 'http://example.com'</style>",
    ],
)  # fmt: skip
def test_html_for_display_fetches_and_runs_nothing(source: str) -> None:
    shown = html_text.sanitised(f"<p>ok</p>{source}")
    assert "ok" in shown
    for bad in ("script", "onerror", "javascript", "iframe", "example.com", "url("):
        assert bad not in shown


def test_inline_pictures_stay_in_html_for_display() -> None:
    assert 'src="cid:a@b"' in html_text.sanitised('<img src="cid:a@b">')


# --- enclosures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.pdf", "a.pdf"),
        ("../../etc/passwd", "_._etc_passwd"),
        ("C:\\x\\y.doc", "C_x_y.doc"),
        ("CON.txt", "_CON.txt"),
        ("  .  ", "attachment"),
        ("", "attachment"),
        ("证" * 200 + ".pdf", "证" * 58 + ".pdf"),
        ("a\u202egpj.exe", "a_gpj.exe"),
    ],
)
def test_a_name_is_made_safe_for_disk(name: str, safe: str) -> None:
    assert attachments.safe_name(name) == safe


@given(st.text())
def test_a_safe_name_is_one_short_path_component(name: str) -> None:
    safe = attachments.safe_name(name)
    assert safe
    assert safe not in (".", "..")
    assert not set(safe) & set('/\\\x00<>:"|?*')
    assert len(safe.encode()) <= 190


@pytest.mark.parametrize(
    ("head", "declared", "name", "expected"),
    [
        (b"%PDF-1.4", "application/octet-stream", "a.doc", "application/pdf"),
        (b"%PDF-1.4", "application/pdf", "a", "application/pdf"),
        (
            b"PK\x03\x04",
            "application/x-unknown",
            "a.DOCX",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (b"PK\x03\x04", "", "a", "application/zip"),
        (b"MZ\x90", "application/octet-stream", "a.pdf", "application/vnd.microsoft.portable-executable"),
        (b"hello", "application/octet-stream", "a.txt", "text/plain"),
        (b"hello", "application/octet-stream", "", "application/octet-stream"),
        (b"", "", "", "application/octet-stream"),
    ],
)
def test_a_generic_type_is_replaced_by_what_the_bytes_say(
    head: bytes, declared: str, name: str, expected: str
) -> None:
    assert attachments.sniffed(head, declared, name) == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("从QQ邮箱发来的超大附件\n\n证据.zip (1.2G, 无限期)\n", [("证据.zip", "1.2G", "无限期", "QQ")]),
        (
            "来自网易邮箱的云附件\na.rar (10.5M, 2026-12-01 00:00 到期)\nb.pdf (3M, 2026-12-02 00:00 到期)",
            [
                ("a.rar", "10.5M", "2026-12-01 00:00", "NetEase"),
                ("b.pdf", "3M", "2026-12-02 00:00", "NetEase"),
            ],
        ),
        (
            "链接：https://pan.baidu.com/s/1abc 提取码: abcd",
            [("https://pan.baidu.com/s/1abc", "", "", "Baidu")],
        ),
        ("我们的网站 https://example.com/report.pdf (3M)", []),
        ("附件如下，请查收。大附件请另行发送。", []),
    ],
)
def test_files_that_are_only_linked_to_are_listed(text: str, found: list[tuple[str, str, str, str]]) -> None:
    assert [(c.filename, c.size, c.expires, c.provider) for c in cloud.cloud_attachments(text)] == found


def test_compressed_rtf_is_read() -> None:
    stored = b"{\\rtf1\\ansi\\ansicpg936 \\'c4\\'fa\\'ba\\'c3\\par b}"
    packed = len(stored).to_bytes(4, "little") * 2 + b"MELA" + bytes(4) + stored
    assert tnef.rtf_text(tnef.decompressed_rtf(packed)) == "您好\nb"


@given(st.binary(max_size=400))
def test_any_winmail_dat_is_survived(tail: bytes) -> None:
    assert tnef.unpack(tnef.MAGIC + b"\0\0" + tail) is not None
    tnef.rtf_text(tnef.decompressed_rtf(b"\0\0\0\0\xff\xff\0\0LZFu\0\0\0\0" + tail))


@given(st.binary(max_size=300))
def test_any_signature_container_is_survived(tail: bytes) -> None:
    start = bytes.fromhex("308006092a864886f70d010702a0803080020101310030800609")
    assert isinstance(attachments.cms_content(start + tail), bytes | None)


def test_flowed_lines_are_joined_within_their_quotation_depth() -> None:
    assert text_forms.unflow("a \nb\n> c \n> d\n>> e \nf", delsp=False) == "a b\n> c d\n>> e \nf"
    assert text_forms.unflow("中 \n文", delsp=True) == "中文"
