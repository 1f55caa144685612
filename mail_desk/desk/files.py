"""Attachments on their way from a raw message into letters to staff."""

from __future__ import annotations

from mail_desk.desk.work import Work
from mail_desk.inbound.mail import Mail
from mail_desk.inbound.parse import part_bytes
from mail_desk.outbound.letters import CloudView, File, FileView
from mail_desk.store import raw
from mail_desk.store.schema import Message


def file_views(message: Message, *, attached: bool) -> tuple[FileView, ...]:
    """List what a mail carried. `attached`: the files travel with the letter."""
    return tuple(
        FileView(a["filename"] or "—", a["size"], attached) for a in message.attachments if not a["inline"]
    )


def cloud_views(mail: Mail | None) -> tuple[CloudView, ...]:
    """List files a mail only links to."""
    if mail is None:
        return ()
    return tuple(CloudView(c.filename, c.size, c.expires) for c in mail.cloud_attachments)


def attachable(work: Work, message: Message) -> tuple[File, ...]:
    """Return a mail's files if all together stay under the configured size; else none.

    Half a set would be taken for the whole one.
    """
    wanted = [a for a in message.attachments if not a["inline"]]
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
