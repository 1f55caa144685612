"""Signs mails by DKIM as a provider does, with keys that exist for the tests only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import dkim

PRIVATE = b"""\
-----BEGIN RSA PRIVATE KEY-----
MIIEogIBAAKCAQEAv41ZLDiExGCSHiPHDppamn+rAaEoh/PjDokiqj9J2apBi6Cr
uHfmCnovPNO0BvR7tlUPWVOl9ILen1BheqKW5kgMovHeBqxxYY27X1rdVVknLZWc
ASnzEz+itjFBRA55rQpQ95iZD5/1ivf4gaEkymWDnhN8IRGYLuM6JKTjIEXKRVFa
539F1NoJuUKAqPxTMzjX5att7k1y2NdKb54gS5d2hj3xon5l74eVLGup4ASV0yMm
jfc399+mEHNTJtkSGCpqIeJK6wiNuqTmxnBK0VBYmsSc8t8SZh3hvAbilXwxwNxG
V0TatSJplKeyPcro4PJMjBwXfZpOwADS8/DlFQIDAQABAoIBABV/DKgkb5cvfzZY
AtlmA7pIOYNP9/cfLOFPYnnYlbZnn5NxJH7pywHB/ysZrEpbhXFLemgmiv6K8Tt6
ZHYZaPXO1XGJKHF3SKy59cfDBV5enZbwAzczjfkgWxI3KiveXqlHTxl6ITMvsE6N
esXmtPTsZNOIkZWPHpT5yxHxryDKghdyahaxrsVdWVVgjRwbC/LwsAaj3PbbYhO5
8mR3muj0J+sSpxz+AnLZVJQk+GY8J23du4pDMwkNo3xUyseHS+nwQXBrcI4IwtQJ
dKagzYQ4vUA4xlXUIJZ4icgeSxPVRZaCIlKLz3h9JAQN0cmAyAjjlLlnR2+QtVR/
/k+50sECgYEA/HAHqOF/sTQ06fbbeTqffSIrYa52Z0edjog3zJlexqTVW7GHwKbA
uTd1ErU9qnI4PTWvh/g0nsZybZ9qIKFiT3UwA+k9qmPPSo0JW0yAN8K+lDBEET8C
hHwaxseAfwshGel0Kow7ViLQ1ef7yFEpr92d+QXP4I77m4vaLovA94sCgYEAwkFc
NMT8PARIuEMUVPXIaehUFopsx1htToh0Na1t98x53Bxfa6iUqtUt6WYjuN3EceKE
L3qDwok2NJE8L91ixt0IHK8Baf21zEsRfwkQO1oX71vP9TIa5GzxdeWUA9xlt9Ns
0EJ4RpprUSxURe70JqtNWt6d3iSLOQ5HxjQcKd8CgYBrncr2KSQJxGrmbzHDbcV+
UCnUW87oWrSFhfbbx2qLHsxCad2ouK4ih8zmK9PdLRJirddmDN9J7OntZ++Td5l0
rE3K7Q037ZL6gkPB40wp+WDLxgPOomENX+b+ZSCXiIQVCtxWIzBMmU0UU/CXxloS
OlVVSzAC2JHVDvr1quiZ3wKBgE4fpSqf0mV8v5ZDfAjTND/LrQ3HrAnb+VHtNPdl
gWV4OcYZLxMIIIo35BgK+PDfV6MJm2nQ1u7E6iToCBGj8pbRy/JlO6dZ3uSDiEzT
41BLYnbkMNWGyiP14IIuy4FmAQ6WHBwBr4eNkP17W4Uonc5zdE/IWis9/TP8F0eS
K4V3AoGADqYA7RO1Eb1ozXII0yFZg1+kegYWGuWiJ4ua0IdJYjq6/aI+fMWfNykb
UV0Y/Ufh/F4XeGKkoZjS/geYdDJxyP3epN4XbTCrDfrDEk24eBRCaktp0GCE/wUL
ChPa6cUzRTPbLhxQYKfUhW0qEbnyqnTtoM966QPscbD3GCL2qJ0=
-----END RSA PRIVATE KEY-----
"""
PUBLIC = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAv41ZLDiExGCSHiPHDppamn+rAaEoh/PjDokiqj9J2apBi6CruHfm"
    "CnovPNO0BvR7tlUPWVOl9ILen1BheqKW5kgMovHeBqxxYY27X1rdVVknLZWcASnzEz+itjFBRA55rQpQ95iZD5/1ivf4gaEk"
    "ymWDnhN8IRGYLuM6JKTjIEXKRVFa539F1NoJuUKAqPxTMzjX5att7k1y2NdKb54gS5d2hj3xon5l74eVLGup4ASV0yMmjfc3"
    "99+mEHNTJtkSGCpqIeJK6wiNuqTmxnBK0VBYmsSc8t8SZh3hvAbilXwxwNxGV0TatSJplKeyPcro4PJMjBwXfZpOwADS8/Dl"
    "FQIDAQAB"
)

WEAK_PRIVATE = b"""\
-----BEGIN RSA PRIVATE KEY-----
MIIBzAIBAAJhALu9gpHRCSh0dndkjZf6Ra2hXeJ65x/68Pgyu8jUP9RBeZw6ALPA
NB1NorfCj6yaW129HJOrDs3kz0UW0dDk1Ca3bJxFCh6oCKGbW/RSPT8CA3vLmmKa
UrQeRzUUj9V1BQIDAQABAmEApBzYa7EoaUXNXTb4E5dCm7JIyLcZHTqWtNBcmQT5
Owl1ThziCj+FDuyTxkD8qSxQGow4JbUCQI5iOn9qtI5rwh2So0XA+3h6DWrQC1/Q
1kOcdWE4J4XK2NRak9wQcLSNAjEA9EsOP8I16GWA8dk1DWfdMMb8+FEMcJxlxO0b
bxHQP6/PAklVHAlfdqLYgyV7cj43AjEAxLysbRkjqFnZ8jrE+fbEghTA1uyhS60+
hCnQniIfmfDM4BT3iqG5OM/FOTi0+uijAjEAxnOefK8RSdwDVvSjg2NnrXNJF5QH
rgdvKP2Q9raa3NG+MdZOvHrkwSRjDI7LbLAbAjAh0RCOXDDd4jvtQB7VnI4gkfKn
vtrmyCujyhA67kCiVFrS9aerI6tT0ZrkABRTwKMCMQCv53kU+qWhDpgwR3LcXXlb
9qXNiBFvLvh1yt78feQpS1WI9vvjzimLnt6wbfuJdKI=
-----END RSA PRIVATE KEY-----
"""
WEAK_PUBLIC = (
    "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhALu9gpHRCSh0dndkjZf6Ra2hXeJ65x/68Pgyu8jUP9RBeZw6ALPANB1NorfCj6ya"
    "W129HJOrDs3kz0UW0dDk1Ca3bJxFCh6oCKGbW/RSPT8CA3vLmmKaUrQeRzUUj9V1BQIDAQAB"
)

# What NetEase's webmail signs: no Content-Type, no In-Reply-To, no References.
NETEASE = ("date", "from", "subject", "mime-version", "message-id")
EVERYTHING = (
    "date", "from", "to", "subject", "mime-version", "content-type", "message-id", "in-reply-to", "references",
)  # fmt: skip


@dataclass
class Keys:
    """A source of keys that knows what it was told, and counts what it was asked."""

    records: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> bytes | None:
        self.asked.append(name)
        return self.records.get(name)

    def publish(self, domain: str, *, selector: str = "s1", record: str = "") -> None:
        self.records[f"{selector}._domainkey.{domain}"] = (record or f"v=DKIM1; k=rsa; p={PUBLIC}").encode()


def sign(
    raw: bytes,
    domain: str,
    *,
    selector: str = "s1",
    fields: Sequence[str] = EVERYTHING,
    key: bytes = PRIVATE,
    length: bool = False,
    algorithm: bytes = b"rsa-sha256",
    canonical: tuple[bytes, bytes] = (b"relaxed", b"relaxed"),
) -> bytes:
    """Return the mail with a signature in front of it. Fields that are not there are signed as absent."""
    signature = dkim.sign(
        raw,
        selector.encode(),
        domain.encode(),
        key,
        include_headers=[f.encode() for f in fields],
        length=length,
        signature_algorithm=algorithm,
        canonicalize=canonical,
    )
    return bytes(signature) + raw
