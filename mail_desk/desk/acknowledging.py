"""Whether a mail that opens a ticket gets the automatic receipt, and why not (invariant 11, RFC 3834 §2)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from mail_desk.config import FolderRole
from mail_desk.desk import notify, opening
from mail_desk.desk.work import Work
from mail_desk.inbound.classify import Kind, Verdict
from mail_desk.inbound.mail import Mail
from mail_desk.store.schema import LetterRow, Message

BURST = timedelta(minutes=10)


def why_not(work: Work, message: Message, mail: Mail, verdict: Verdict) -> str:
    """Say why this mail gets no automatic answer, "" if it does (invariant 11)."""
    zh = work.settings.desk.staff_language == "zh"
    sender = mail.author.address.lower()
    answer_to = opening.answers_to(work, mail)  # quotas protect whoever would get the letter
    enterprise = work.settings.enterprise_of(sender)
    checks: list[tuple[bool, str, str]] = [
        (
            message.received_at < (work.opened(message.account) or message.received_at),
            "启用前的旧邮件",
            "from before the desk",
        ),
        (
            not verdict.answerable,
            "自动或群发邮件",
            verdict.why_not or "automatic or bulk mail",
        ),
        (work.people.organ_of(sender) is not None, "机关来函", "mail of an organ"),
        (work.people.by_address(sender) is not None, "内部人员来信", "mail of staff"),
        (
            FolderRole(message.role).junk_like and enterprise is None,
            f"在“{message.folder}”文件夹中收到",
            f"arrived in the folder “{message.folder}”",
        ),
        (
            verdict.kind is Kind.SPAM and enterprise is None,
            "服务商判为垃圾邮件",
            "marked as spam by the provider",
        ),
        (
            answer_to not in work.new and notify.automatic_quota_used(work, answer_to),
            "该地址当日自动答复已达上限",
            "today's automatic answers to this address are used up",
        ),
        (
            answer_to not in work.new and _receipt_just_sent(work, answer_to),
            "刚刚已给该地址发过回执",
            "this address had a receipt a moment ago",
        ),
    ]
    return next((zh_text if zh else en_text for holds, zh_text, en_text in checks if holds), "")


def _receipt_just_sent(work: Work, address: str) -> bool:
    """Say whether this is a burst of mails, which gets one receipt."""
    query = select(func.count(LetterRow.id)).where(
        LetterRow.recipient == address,
        LetterRow.kind == "receipt",
        LetterRow.created_at > work.now - BURST,
    )
    return bool(work.session.scalar(query))
