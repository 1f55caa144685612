"""What a message is once it has been read: plain frozen data, no behaviour beyond look-up.

`parse.py` makes a `Mail` of any bytes; everything above works with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox (RFC 5322 §3.4), decoded. `address` is lower-cased in its domain only."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the body. Its bytes stay in the raw message (`parse.part_bytes`)."""

    filename: str  # as a person should see it; "" where there is none
    content_type: str  # sniffed where the declared one is generic, else the declared one
    declared_type: str
    size: int  # of the decoded bytes
    sha256: str  # of the decoded bytes, hex
    index: int  # position among the message's attachments, for parse.part_bytes
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class CloudAttachment:
    """A file the mail only links to (QQ 超大附件 and others): not held, never fetched."""

    filename: str
    size: str  # as written in the mail; "" where it is not
    expires: str  # as written in the mail
    provider: str


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """One recipient of a delivery report (RFC 3464 §2.3)."""

    address: str
    permanent: bool
    status: str  # enhanced status code such as 5.1.1, "" where unknown
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The machine-readable half of a multipart/report (RFC 6522), undecided: classify reads it.

    Also there where a message merely encloses another: many reports come that way.
    """

    type: str  # delivery-status, disposition-notification, feedback-report, unknown; "": no report
    fields: tuple[tuple[tuple[str, str], ...], ...]  # blocks of (lower-case name, value)
    original: tuple[tuple[str, str], ...]  # header of the message it is about, as far as returned


@dataclass(frozen=True, slots=True)
class Mail:
    """A message, read. Always complete: what could not be read is empty and named in `defects`."""

    headers: tuple[tuple[str, str], ...]  # (lower-case name, decoded value), in order
    subject: str
    from_: tuple[Address, ...]
    sender: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    return_path: str | None  # "" is the null path <>; None: no such header
    date: datetime | None  # of the Date header, aware; evidence only, no limit counts from it
    message_id: str  # without angle brackets; "" where there is none
    in_reply_to: tuple[str, ...]  # ids without angle brackets
    references: tuple[str, ...]
    text: str  # the best readable text of the body, whole
    html: str  # sanitised HTML for display, "" where there is none
    attachments: tuple[Attachment, ...]
    cloud_attachments: tuple[CloudAttachment, ...]
    signed: str  # "", "smime", "pgp": reported, not verified
    encrypted: bool
    content_digest: str  # SHA-256 over From, Date, Subject, Message-ID and the decoded parts
    size: int  # of the raw bytes
    defects: tuple[str, ...] = field(default=())
    report: Report | None = field(default=None)

    def get(self, name: str) -> str | None:
        """Return the first header of that name, decoded, or None."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[str]:
        """Yield every header of that name, decoded, in order."""
        wanted = name.lower()
        return (value for header, value in self.headers if header == wanted)

    @property
    def author(self) -> Address:
        """The first From address, else Sender, else an empty one."""
        return next(iter(self.from_ or self.sender), Address("", ""))
