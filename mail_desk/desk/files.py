"""Attachments on their way from a raw message into letters to staff."""

from __future__ import annotations

from mail_desk.desk.work import Work
from mail_desk.inbound.mail import Mail
from mail_desk.inbound.parse import part_bytes
from mail_desk.outbound.letters import CloudView, File, FileView
from mail_desk.store import raw
from mail_desk.store.schema import Message

# What runs when it is opened, on a desk of Windows: the types that Gmail and Outlook refuse to carry.
RUNS = frozenset(
    [
        "ade",
        "adp",
        "apk",
        "app",
        "appx",
        "bat",
        "chm",
        "cmd",
        "com",
        "cpl",
        "dll",
        "dmg",
        "exe",
        "hta",
        "html",
        "htm",
        "img",
        "ins",
        "iso",
        "isp",
        "jar",
        "js",
        "jse",
        "lib",
        "lnk",
        "mde",
        "msc",
        "msi",
        "msp",
        "mst",
        "nsh",
        "pif",
        "ps1",
        "reg",
        "scr",
        "sct",
        "shb",
        "svg",
        "sys",
        "vb",
        "vbe",
        "vbs",
        "vhd",
        "vhdx",
        "vxd",
        "wsc",
        "wsf",
        "wsh",
        "xll",
    ]
)


def file_views(message: Message, *, attached: bool) -> tuple[FileView, ...]:
    """List what a mail carried. `attached`: the files travel with the letter, but for what can do harm."""
    return tuple(
        FileView(a["filename"] or "—", a["size"], attached and not harmful(a["filename"] or ""))
        for a in message.attachments
        if not a["inline"]
    )


def harmful(name: str) -> bool:
    """Say whether a file by its name runs when it is opened: it stays in the raw mail and travels in no letter.

    Mail providers refuse letters that carry such a file, so it would keep the letter itself from arriving.
    """
    return name.rstrip(" .").rpartition(".")[2].lower() in RUNS


def cloud_views(mail: Mail | None) -> tuple[CloudView, ...]:
    """List files a mail only links to."""
    if mail is None:
        return ()
    return tuple(CloudView(c.filename, c.size, c.expires) for c in mail.cloud_attachments)


def attachable(work: Work, message: Message) -> tuple[File, ...]:
    """Return a mail's files if all together stay under the configured size; else none.

    Half a set would be taken for the whole one; only what can do harm is left out, and the list says so.
    """
    wanted = [a for a in message.attachments if not a["inline"] and not harmful(a["filename"] or "")]
    total = sum(a["size"] for a in wanted)
    if not wanted or message.raw_sha256 is None or total > work.settings.desk.attach_up_to_mb * 2**20:
        return ()
    content = raw.load(work.session, work.rules.spool_dir, message.raw_sha256)
    return tuple(
        File(
            a["filename"] or f"attachment-{a['index'] + 1}",
            a["content_type"],
            part_bytes(content, a["index"]),
        )
        for a in wanted
    )
