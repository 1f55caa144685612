"""The demo's last page: every person's mailbox, with the mails as they look. One self-contained file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email import message_from_bytes
from email.policy import default
from html import escape

from mail_desk.demo.world import Got

_STYLE = """
:root{color-scheme:light dark;--line:#d9dde3;--soft:#f4f6f9;--ink:#1b2430;--dim:#5c6775;--card:#fff}
@media(prefers-color-scheme:dark){:root{--line:#39424e;--soft:#1b222b;--ink:#e6eaf0;--dim:#9aa6b5;--card:#12171d}}
*{box-sizing:border-box}
body{margin:0;font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;background:var(--soft);color:var(--ink)}
header,main{max-width:980px;margin:0 auto;padding:24px 16px}
h1{font-size:26px;margin:0 0 8px}h2{font-size:20px;margin:32px 0 8px}p{margin:0 0 8px;color:var(--dim)}
nav{display:flex;flex-wrap:wrap;gap:8px;margin-top:12px}
nav a{padding:6px 12px;border:1px solid var(--line);border-radius:16px;background:var(--card);color:inherit;text-decoration:none}
details{border:1px solid var(--line);border-radius:8px;margin:8px 0;background:var(--card);overflow:hidden}
summary{padding:10px 14px;cursor:pointer;overflow-wrap:anywhere}
summary time{color:var(--dim);font-size:14px;margin-right:8px;white-space:nowrap}
iframe{display:block;width:100%;height:640px;border:0;border-top:1px solid var(--line);background:#fff}
pre{margin:0;padding:14px;border-top:1px solid var(--line);white-space:pre-wrap;overflow-wrap:anywhere;font:14px/1.6 inherit}
.files{padding:8px 14px;border-top:1px solid var(--line);color:var(--dim);font-size:14px}
"""


def _html_part(raw: bytes) -> str:
    message = message_from_bytes(raw, policy=default)
    part = message.get_body(preferencelist=("html",))
    return str(part.get_content()) if part is not None else ""


def _mail(got: Got) -> str:
    author = got.mail.author
    when = got.mail.date.strftime("%m-%d %H:%M") if got.mail.date else ""
    html = _html_part(got.raw)
    shown = (
        f'<iframe loading="lazy" sandbox title="{escape(got.subject)}" srcdoc="{escape(html)}"></iframe>'
        if html
        else f"<pre>{escape(got.text)}</pre>"
    )
    names = ", ".join(f"{a.filename} ({a.size:,} B)" for a in got.mail.attachments if not a.inline)
    files = f'<div class="files">📎 {escape(names)}</div>' if names else ""
    sender = escape(author.name or author.address)
    return (
        f"<details><summary><time>{when}</time> <b>{escape(got.subject)}</b> — {sender}</summary>"
        f"{shown}{files}</details>"
    )


def page(title: str, lead: str, mailboxes: Mapping[str, tuple[str, Sequence[Got]]]) -> str:
    """Return the page. `mailboxes`: name to address and mails, in the order they are shown."""
    links = "".join(
        f'<a href="#box{n}">{escape(name)} ({len(mails)})</a>'
        for n, (name, (_, mails)) in enumerate(mailboxes.items())
    )
    boxes = "".join(
        f'<section><h2 id="box{n}">{escape(name)}</h2><p>{escape(address)}</p>'
        + "".join(_mail(got) for got in mails)
        + "</section>"
        for n, (name, (address, mails)) in enumerate(mailboxes.items())
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<header><h1>{escape(title)}</h1><p>{escape(lead)}</p><nav>{links}</nav></header>"
        f"<main>{boxes}</main></body></html>\n"
    )
