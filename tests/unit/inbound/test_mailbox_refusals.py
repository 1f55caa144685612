from __future__ import annotations

import imaplib
import socket
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.inbound.refusals import (
    MailboxUnavailable,
    RefusedCredentials,
    command_refused,
    connection_failed,
    decode_answer,
    login_refused,
    server_words,
)


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))))
def test_an_answer_in_utf_8_is_read_as_such(text: str) -> None:
    assert decode_answer(text.encode()) == text.strip()


@given(st.binary())
def test_any_octets_become_some_text(answer: bytes) -> None:
    assert isinstance(decode_answer(answer), str)


def test_words_are_unwrapped_from_what_imaplib_makes_of_them() -> None:
    gbk = "登录失败".encode("gbk")
    assert server_words(imaplib.IMAP4.error(gbk)) == "登录失败"
    assert server_words(imaplib.IMAP4.error(f"LOGIN command error: BAD [{gbk!r}]")) == (
        "LOGIN command error: BAD 登录失败"
    )
    assert server_words(imaplib.IMAP4.error(str(b'it\'s "said"'))) == 'it\'s "said"'
    assert server_words(imaplib.IMAP4.error("plain words")) == "plain words"
    assert server_words(imaplib.IMAP4.error()) == ""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "the name imap.example.com was not found"),
        (ConnectionRefusedError(111, "refused"), "nothing listens at imap.example.com port 993"),
        (TimeoutError("timed out"), "did not answer in time"),
        (ConnectionResetError(104, "reset"), "broke the connection off"),
        (imaplib.IMAP4.abort("socket error: EOF"), "closed the connection"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "does not speak TLS"),
        (OSError(), "OSError"),
    ],
)
def test_each_cause_has_plain_words(error: Exception, words: str) -> None:
    told = connection_failed(error, "connecting", "imap.example.com", 993)
    assert words in told.explanation
    assert told.explanation.endswith("(while connecting)")


def test_only_the_provider_s_alarm_makes_a_refused_command_a_matter_for_a_person() -> None:
    unsafe = imaplib.IMAP4.error("select failed: EXAMINE Unsafe Login. Please contact kefu@188.com for help")
    assert isinstance(command_refused(unsafe, "opening", "do this"), RefusedCredentials)
    other = imaplib.IMAP4.error("select failed: [NOPERM] no")
    assert isinstance(command_refused(other, "opening", "do this"), MailboxUnavailable)


def test_the_advice_of_the_provider_stands_in_the_explanation() -> None:
    refused = login_refused(imaplib.IMAP4.error("no"), "a@example.com", "create a new authorisation code")
    assert isinstance(refused, RefusedCredentials)
    assert refused.explanation.endswith("create a new authorisation code")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("[UNAVAILABLE] later", MailboxUnavailable),
        ("[INUSE] another session", MailboxUnavailable),
        ("登录过于频繁", MailboxUnavailable),
        ("Too many simultaneous connections", MailboxUnavailable),
        ("[CONTACTADMIN] account closed", RefusedCredentials),
        ("[EXPIRED] code expired", RefusedCredentials),
        ("LOGIN Login error password error", RefusedCredentials),
        ("[ALERT] Application-specific password required", RefusedCredentials),
        ("password is incorrect, or system is busy", RefusedCredentials),
    ],
)
def test_what_passes_by_itself_is_told_from_what_needs_a_person(
    words: str, expected: type[Exception]
) -> None:
    assert type(login_refused(imaplib.IMAP4.error(words), "a@example.com", "advice")) is expected
