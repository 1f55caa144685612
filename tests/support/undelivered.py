"""Mail that does not arrive: servers that refuse, and delivery reports."""

from __future__ import annotations

from collections.abc import Callable
from email.message import Message as EmailMessage
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from mail_desk.demo.world import World
from told import filed


def refuse(world: World, refused: Callable[[str], bool], answer: str) -> None:
    """Have the SMTP server refuse mail to some recipients."""
    smtp = world.backing._servers.smtp  # type: ignore[attr-defined]
    smtp.script = lambda envelope: answer if any(refused(str(r)) for r in envelope.rcpt_tos) else None


def report(
    world: World,
    about: str,
    recipient: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    sender: str = "mailer-daemon@mx.example",
) -> None:
    """Put a delivery report (RFC 3464) into the desk's mailbox."""
    mail = MIMEMultipart("report", report_type="delivery-status")
    mail["From"], mail["To"], mail["Subject"] = sender, world.desk, "Undelivered Mail Returned to Sender"
    mail["Return-Path"], mail["Auto-Submitted"] = "<>", "auto-replied"
    mail["Message-ID"] = f"<{len(filed(world))}.report@mx.example>"
    mail.attach(MIMEText("This is the mail system. Your message could not be delivered.\n"))
    status_part = MIMEBase("message", "delivery-status")
    reporting = EmailMessage()
    reporting["Reporting-MTA"] = "dns; mx.example"
    one = EmailMessage()
    one["Final-Recipient"] = f"rfc822; {recipient}"
    one["Action"], one["Status"] = action, status
    one["Diagnostic-Code"] = "smtp; 550 5.1.1 no such mailbox here"
    status_part.set_payload([reporting, one])
    mail.attach(status_part)
    original = MIMEBase("text", "rfc822-headers")
    original.set_payload(f"Message-ID: <{about}>\r\nSubject: x\r\n")
    mail.attach(original)
    world.backing.deliver(world.desk, mail.as_bytes(), folder="INBOX", when=world.clock.now())
