"""The provider's word counts only where nobody but the provider can have written it."""

from __future__ import annotations

import pytest

from mail_desk.inbound.originator import header_of, originator
from mail_desk.inbound.provider_proof import ProviderResult, read

ID = "PikvCgDXaBcDEFgHIjk4AA--.12345S2"
RECEIVED = (
    "Received: from m16.mail.office.example (unknown [192.0.2.7])\r\n\tby mx27 (Coremail) with SMTP id "
    f"{ID};\r\n\tMon, 02 Mar 2026 09:00:00 +0800 (CST)\r\n"
)
SENDER = (
    "Received: from [192.0.2.9] by web (Coremail); Mon, 02 Mar 2026 08:59:58 +0800\r\n"
    "From: wang <wang@office.example>\r\nSubject: 1\r\nDate: Mon, 02 Mar 2026 08:59:00 +0800\r\n"
    "Message-ID: <one@office.example>\r\n"
)
TRANSID = f"X-CM-TRANSID:{ID}\r\n"
RESULTS = "Authentication-Results: mx27; spf=pass smtp.mail=wang@office.exam\r\n\tple; dkim=pass header.i=@office.example\r\n"
BODY = "X-Coremail-Antispam: 1Uf129KBjDUn29KB7\r\n\r\n1\r\n"
HONEST = RECEIVED + SENDER + TRANSID + RESULTS + BODY


def said(raw: str) -> ProviderResult:
    header = header_of(raw.encode())
    return read(header, originator(header))


def test_what_the_receiving_host_found_out_is_believed() -> None:
    assert said(HONEST).ok
    assert said(HONEST.replace("; dkim=pass header.i=@office.example", "")).ok


FORGERIES = {
    "none": RECEIVED + SENDER + TRANSID + BODY,
    "above the sender's fields": RECEIVED + RESULTS + SENDER + TRANSID + BODY,
    "at the end of the sender's fields": RECEIVED + SENDER + RESULTS + TRANSID + BODY,
    "with an id of the sender's": RECEIVED + SENDER + TRANSID.replace(ID, "x" * 20) + RESULTS + BODY,
    "with a second id": RECEIVED + SENDER + TRANSID.replace(ID, "x" * 20) + RESULTS + TRANSID + BODY,
    "below the real id of another": RECEIVED + SENDER + TRANSID + RESULTS.replace("mx27", "mx28") + BODY,
    "with a Received of the sender's": RECEIVED.replace("Coremail", "Postfix")
    + RECEIVED
    + SENDER
    + TRANSID
    + RESULTS
    + BODY,
    "without any Received": SENDER.partition("\r\n")[2] + TRANSID + RESULTS + BODY,
    "envelope of another": HONEST.replace("smtp.mail=wang@", "smtp.mail=li@"),
    "signed by another": HONEST.replace("header.i=@office.example", "header.i=@evil.example"),
    "not signed": HONEST.replace("dkim=pass", "dkim=none"),
    "neutral": HONEST.replace("spf=pass", "spf=neutral"),
    "two From": HONEST.replace("From:", "From: x@evil.example\r\nFrom:"),
    "results inside the envelope": HONEST.replace(
        "smtp.mail=wang@office.exam\r\n\tple",
        "smtp.mail=wang@office.example;dkim=passheader.i=@office.example;x@evil.example",
    ),
    "results in a quoted name": HONEST.replace("smtp.mail=wang@", 'smtp.mail="wang@office.example;'),
    "results in a comment": HONEST.replace("smtp.mail=wang@", "smtp.mail=(wang@office.example;"),
    "more results": HONEST.replace("header.i=@office.example", "header.i=@office.example; dkim=fail"),
}


@pytest.mark.parametrize("raw", FORGERIES.values(), ids=FORGERIES.keys())
def test_what_a_sender_could_have_written_is_not_believed(raw: str) -> None:
    assert not said(raw).ok


@pytest.mark.parametrize(
    "change", [("spf=pass", "spf=fail"), ("spf=pass", "spf=softfail"), ("dkim=pass", "dkim=fail")]
)
def test_a_failure_that_the_provider_saw_is_told_from_silence(change: tuple[str, str]) -> None:
    assert said(HONEST.replace(*change)).failed
    assert not said(FORGERIES["none"]).failed
