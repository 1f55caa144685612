"""Replies are judged by token, then by enhanced code, then by stage and first digit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.outbound import refusals
from mail_desk.outbound.refusals import (
    BEFORE_LETTERS,
    CredentialsRefused,
    Deferred,
    Refused,
    Reply,
    Scope,
    Stage,
    decode_reply,
    judge,
)

MAIL_STAGES = (Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.BODY, Stage.END)

LIMITS = ("HL:ICC", "HL:IFC", "HL:ITC", "MI:DMC", "MI:SFQ", "MI:STC", "RP:DRC", "RP:QRC", "RP:TRC")


@pytest.mark.parametrize("code", [421, 450, 451, 550, 554])
@pytest.mark.parametrize("token", LIMITS)
@pytest.mark.parametrize("stage", MAIL_STAGES)
def test_netease_limits_defer_under_whatever_number_they_come(code: int, token: str, stage: Stage) -> None:
    judged = judge(Reply(code, f"{token} 126 smtp7,xyz http://mail.163.com/help/help_spam_16.htm"), stage)
    assert isinstance(judged, Deferred)
    assert judged.scope in (Scope.ACCOUNT, Scope.CONNECTION)
    assert judged.pause >= timedelta(minutes=2)


def test_netease_spam_verdict_defers_on_4xx_and_is_final_on_5xx() -> None:
    assert isinstance(judge(Reply(451, "DT:SPM ,please try again"), Stage.END), Deferred)
    assert isinstance(judge(Reply(554, "DT:SPM 163 smtp1"), Stage.END), Refused)


@pytest.mark.parametrize("token", ["MI:SPB", "RP:RCL"])
@pytest.mark.parametrize("code", [451, 550, 554])
def test_netease_permanent_tokens_are_final(token: str, code: int) -> None:
    assert isinstance(judge(Reply(code, token), Stage.END), Refused)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(553, "Mail from must equal authorized user"),
        Reply(501, "mail from address must be same as authorization user"),
        Reply(550, "5.7.60 SMTP; Client does not have permissions to send as this sender, SendAsDenied"),
        Reply(554, "DT:SUM 信封发件人和信头发件人不匹配"),
    ],
    ids=str,
)
def test_a_from_that_is_not_the_login_stops_the_account_and_loses_no_letter(reply: Reply) -> None:
    judged = judge(reply, Stage.MAIL)
    assert isinstance(judged, Deferred)
    assert (judged.why.key, judged.scope, judged.alarm) == ("from-mismatch", Scope.ACCOUNT, True)


@pytest.mark.parametrize(
    ("reply", "key", "address_problem"),
    [
        (
            Reply(550, "5.1.1 <x@y>: Recipient address rejected: User unknown in virtual mailbox table"),
            "no-such-address",
            True,
        ),
        (Reply(550, "User not found: x@163.com"), "no-such-address", True),
        (Reply(550, "Invalid User"), "no-such-address", True),
        (Reply(553, "no such thing"), "no-such-address", True),
        (Reply(550, "User suspended"), "mailbox-disabled", True),
        (Reply(552, "5.2.2 mailbox full"), "mailbox-full", False),
        (Reply(554, "5.7.1 relay access denied"), "refused", False),
    ],
    ids=str,
)
def test_a_refused_recipient_is_told_apart_from_a_refused_letter(
    reply: Reply, key: str, address_problem: bool
) -> None:
    judged = judge(reply, Stage.RCPT)
    assert isinstance(judged, Refused)
    assert (judged.why.key, judged.address_problem) == (key, address_problem)


@pytest.mark.parametrize("code", [530, 534, 535, 538])
@pytest.mark.parametrize("stage", list(Stage))
def test_a_login_that_is_asked_for_or_refused_is_a_matter_of_credentials_at_any_stage(
    code: int, stage: Stage
) -> None:
    assert isinstance(judge(Reply(code, "no"), stage), CredentialsRefused)


def test_a_temporary_login_failure_is_no_matter_of_credentials() -> None:
    judged = judge(Reply(454, "4.7.0 Temporary authentication failure"), Stage.LOGIN)
    assert isinstance(judged, Deferred)
    assert judged.scope is Scope.ACCOUNT


@given(st.integers(-1, 999), st.text(max_size=60), st.sampled_from(Stage))
def test_every_reply_at_every_stage_has_a_meaning(code: int, text: str, stage: Stage) -> None:
    judged = judge(Reply(code, text), stage)
    assert judged.why.zh
    assert judged.why.en
    if stage in BEFORE_LETTERS:
        assert not isinstance(judged, Refused), "a letter cannot be refused before it was offered"
        assert not isinstance(judged, Deferred) or judged.scope is Scope.ACCOUNT


@given(st.integers(400, 499), st.text("abc 0123456789.", max_size=40), st.sampled_from(MAIL_STAGES))
def test_plain_temporary_replies_never_fail_a_letter(code: int, text: str, stage: Stage) -> None:
    assert isinstance(judge(Reply(code, text), stage), Deferred | CredentialsRefused)


def test_reasons_have_distinct_keys() -> None:
    reasons = [value for value in vars(refusals).values() if isinstance(value, refusals.Why)]
    assert len({why.key for why in reasons}) == len(reasons) > 15


@given(st.text(max_size=50))
def test_a_decoded_reply_fits_on_one_line(text: str) -> None:
    assert decode_reply(
        text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    ).isprintable()


def test_replies_in_gbk_are_read() -> None:
    wire = "您的帐户已被限制".encode("gbk").decode("utf-8", "surrogateescape")
    assert decode_reply(wire) == "您的帐户已被限制"
