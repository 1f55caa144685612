"""What kind a mail is, who failed to get our letter, and whether an automatic answer may go out."""

from __future__ import annotations

import pytest

from mail_desk.inbound.classify import RULES, Kind, Verdict, classify
from mail_desk.inbound.parse import parse

OWN = frozenset({"desk@example.org"})


def verdict(head: str, text: str = "words", own: frozenset[str] = OWN) -> Verdict:
    fields = head if "From:" in head else f"From: Wang <wang@example.com>\n{head}"
    raw = f"{fields}\nTo: desk@example.org\nContent-Type: text/plain; charset=utf-8\n\n{text}"
    return classify(parse(raw.encode()), own=own, own_message_ids=lambda i: i.endswith("@desk.example.org"))


def test_the_rules_are_one_ordered_table_that_covers_every_kind() -> None:
    assert {kind for kind, _ in RULES} | {Kind.MESSAGE} == set(Kind)


def test_an_ordinary_mail_is_a_message_that_may_be_answered() -> None:
    found = verdict("Subject: complaint")
    assert (found.kind, found.answerable, found.why_not, found.failed) == (Kind.MESSAGE, True, "", ())


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("From: Desk <DESK@example.org>\nSubject: x", Kind.OWN),
        ("Subject: x\nMessage-ID: <letter.1@desk.example.org>", Kind.OWN),
        ("Subject: x\nAuto-Submitted: auto-replied", Kind.AUTO_REPLY),
        ("Subject: x\nAuto-Submitted: auto-replied (vacation)", Kind.AUTO_REPLY),
        ("Subject: x\nX-Autoreply: yes", Kind.AUTO_REPLY),
        ("Subject: x\nX-QQ-AUTO-REPLY: true", Kind.AUTO_REPLY),
        ("Subject: x\nPrecedence: auto_reply", Kind.AUTO_REPLY),
        ("Subject: 自动回复: 通知", Kind.AUTO_REPLY),
        ("Subject: Out of Office: notice", Kind.OUT_OF_OFFICE),
        ("Subject: Automatische Antwort: notice", Kind.AUTO_REPLY),
        ("Subject: x\nList-Id: <news.example.com>", Kind.LIST),
        ("Subject: x\nX-Spam-Flag: YES", Kind.SPAM),
        ("Subject: ***SPAM*** x", Kind.SPAM),
        ("Subject: x\nX-Spam-Flag: NO\nX-Spam-Status: No, score=1", Kind.MESSAGE),
        ("Subject: Re: out of office supplies are late", Kind.MESSAGE),
        ("Subject: 关于自动回复系统的投诉", Kind.MESSAGE),
        ("Subject: 退信问题\nIn-Reply-To: <1@example.com>", Kind.MESSAGE),
        ("Subject: Delivery failed: you sold me a broken machine", Kind.MESSAGE),
        ("Subject: x\nAuto-Submitted: no\nX-Autoreply: no", Kind.MESSAGE),
    ],
)
def test_a_header_or_subject_tells_the_kind(head: str, kind: Kind) -> None:
    assert verdict(head).kind is kind


@pytest.mark.parametrize(
    "text",
    [
        "您好，我上周休假，不在办公室，所以没有及时回复。",
        "I was out of the office and my mail bounced: user unknown. Please resend.",
        "贵局的系统自动回复说三天内答复，但没有答复。",
        "My supplier writes:\n> This is an automatic reply: I am on vacation.\nWhat shall I do?",
        "The following address failed: wang@example.com. Is it still valid?",
    ],
)
def test_people_who_write_about_absences_and_bounces_are_people(text: str) -> None:
    assert verdict("Subject: a question", text).kind is Kind.MESSAGE


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        (
            "system@corp.example.cn",
            "关于申请材料被退回的投诉",
            "我公司的申请两次被退回，联系人 li@corp.example.cn，请处理。",
        ),
        ("postmaster@corp.example.cn", "投诉", "海关说该编码不存在，货物被拒收。联系人：li@corp.example.cn"),
        ("系统管理员 <admin@corp.example.cn>", "请协助", "贵局邮箱拒收我们的邮件，联系人 li@corp.example.cn"),
        (
            "Microsoft Outlook <root@corp.example.com>",
            "Blocked at customs",
            "Our goods were refused. Contact a@b.cc.",
        ),
    ],
)
def test_an_administrator_of_a_small_company_is_a_person(sender: str, subject: str, text: str) -> None:
    assert verdict(f"From: {sender}\nSubject: {subject}", text).kind is Kind.MESSAGE


@pytest.mark.parametrize(
    ("sender", "subject", "text", "failed"),
    [
        ("MAILER-DAEMON@mx.example.com", "Mail delivery failed", "Delivery to the following recipients failed.\n\n       a@b.cc\n", {"a@b.cc"}),
        ("postmaster@example.com", "Undeliverable mail", "The following addresses did NOT receive a copy of your message:\n\n> a@b.cc\n\n--- Session Transcript ---\nx@y.zz", {"a@b.cc"}),
        ("Mail Service <mail@example.com>", "Returned mail", "Unable to deliver message to the following address(es).\n\n<a@b.cc>:\nno such user\n\n--- Original message follows.\nFrom: x@y.zz", {"a@b.cc"}),
        ("Postmaster@126.com", "系统退信", "您的邮件被退回，原邮件信息：\n收件人：a@b.cc\n退信原因：收件人不存在", {"a@b.cc"}),
        ("postmaster@163.com", "系统退信", "抱歉，您的邮件被退回来了\n收件人：a@b.cc, c@d.ee\n主题：通知", {"a@b.cc", "c@d.ee"}),
        ("PostMaster@qq.com", "系统退信/The email is returned", "无法发送到 a@b.cc\n退信原因：对方拒收", {"a@b.cc"}),
        ("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "** 找不到地址 **\n\n由于找不到 a@b.cc 对应的地址，您的邮件未送达。", {"a@b.cc"}),
        ("System Administrator <postmaster@example.com>", "Undeliverable: x", "Your message did not reach some or all of the intended recipients.\n\n  a@b.cc on 11/20/2026 10:31 AM\n  The e-mail account does not exist", {"a@b.cc"}),
        ("MAILER-DAEMON@example.com", "Returned mail: User unknown", "   ----- The following addresses had permanent fatal errors -----\n<a@b.cc>\n\n   ----- Transcript of session follows -----\n550 <a@b.cc>... User unknown", {"a@b.cc"}),
        ("MAILER-DAEMON@example.com", "Returned mail: Host unknown", "  ----- Transcript of session follows -----\n554 <a@b.cc>... 550 Host unknown (answer from name server)\n\n  ----- Unsent message follows -----\nTo: x@y.zz", {"a@b.cc"}),
        ("MAILER-DAEMON@example.com", "Returned mail: Cannot send message for 4 days", "  ----- Transcript of session follows -----\n421 host (smtp)... Deferred\n\n  ----- Unsent message follows -----\nFrom: desk@example.org\nTo: a@b.cc\n", {"a@b.cc"}),
        ("postmaster@example.jp", "配信エラー", "次の宛先に配信できませんでした: a@b.cc", {"a@b.cc"}),
        ("Mailer-Daemon@example.de", "Unzustellbar: Anfrage", "Ihre Nachricht konnte nicht zugestellt werden: a@b.cc", {"a@b.cc"}),
    ],
)  # fmt: skip
def test_a_free_form_report_names_who_failed(sender: str, subject: str, text: str, failed: set[str]) -> None:
    found = verdict(f"From: {sender}\nSubject: {subject}", text)
    assert found.kind is Kind.BOUNCE
    assert {f.address for f in found.failed} == failed
    assert not found.answerable


@pytest.mark.parametrize(
    ("text", "permanent", "status"),
    [
        ("<a@b.cc>: 550 5.1.1 user unknown", True, "5.1.1"),
        ("<a@b.cc>: 452 4.2.2 mailbox full", False, "4.2.2"),
        ("<a@b.cc>: 450 try later", False, ""),
        ("<a@b.cc>: delivery is delayed, will keep trying", False, ""),
        ("<a@b.cc>: 用户不存在", True, ""),
        ("<a@b.cc>: 对方邮箱已满", False, ""),
    ],
)
def test_a_free_form_report_says_whether_for_good(text: str, permanent: bool, status: str) -> None:
    (found,) = verdict("From: MAILER-DAEMON@example.com\nSubject: failure notice", text).failed
    assert (found.permanent, found.status) == (permanent, status)


def test_a_report_is_about_the_letter_it_returns_and_the_ids_it_refers_to() -> None:
    text = "<a@b.cc>: 550 no\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <letter.7@desk.example.org>\n"
    found = verdict(
        "From: MAILER-DAEMON@example.com\nSubject: failure notice\nReferences: <old@x.yy> <new@x.yy>", text
    )
    assert found.about == ("letter.7@desk.example.org", "new@x.yy", "old@x.yy")


@pytest.mark.parametrize(
    "head",
    [
        "Subject: x\nAuto-Submitted: auto-generated",
        "Subject: x\nReturn-Path: <>",
        "Subject: x\nPrecedence: bulk",
        "Subject: x\nList-Unsubscribe: <mailto:a@b.cc>",
        "Subject: x\nX-Auto-Response-Suppress: All",
        "Subject: x\nX-Loop: a",
        "From: noreply@example.com\nSubject: x",
        "From: do-not-reply@example.com\nSubject: x",
        "From: news-owner@example.com\nSubject: x",
        "From: nobody\nSubject: x",
        "Subject: x\nReply-To: no-reply@example.com",
    ],
)
def test_what_rfc_3834_forbids_to_answer_is_not_answerable_and_says_why(head: str) -> None:
    found = verdict(head)
    assert not found.answerable
    assert found.why_not.endswith(".")


def test_an_unanswerable_message_is_still_a_message() -> None:
    assert verdict("Subject: 投诉\nAuto-Submitted: auto-generated", "网上投诉表单：……").kind is Kind.MESSAGE


@pytest.mark.parametrize(
    ("head", "text", "kind"),
    [
        ("Subject:", "", Kind.EMPTY),
        ("Subject: Re: notice\nIn-Reply-To: <1@x.yy>", " \n", Kind.EMPTY),
        ("Subject: 请回电 0379-1234567", "", Kind.MESSAGE),
    ],
)
def test_nothing_said_is_empty_but_a_subject_alone_is_not(head: str, text: str, kind: Kind) -> None:
    assert verdict(head, text).kind is kind
