"""The demo's last page: every person's mailbox, with the mails as they look. One self-contained file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from html import escape
from itertools import groupby

from mail_desk.demo.glosses import GLOSSES, WORKLIST
from mail_desk.demo.world import Got

_TAG = re.compile(r"\[[A-Z0-9]{10}\] ?")

_STYLE = """
:root{color-scheme:light dark;--line:#d9dde3;--soft:#f4f6f9;--ink:#1b2430;--dim:#5c6775;--card:#fff;--chip:#e6eefb;--on:#1d4f91}
@media(prefers-color-scheme:dark){:root{--line:#39424e;--soft:#1b222b;--ink:#e6eaf0;--dim:#9aa6b5;--card:#12171d;--chip:#22324a;--on:#a9c8f5}}
*{box-sizing:border-box}
body{margin:0;font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;background:var(--soft);color:var(--ink)}
header,main{max-width:860px;margin:0 auto;padding:20px 16px 4px}main{padding:4px 16px 48px}
h1{font-size:26px;line-height:1.3;margin:0 0 8px}h2{font-size:15px;margin:28px 0 8px;color:var(--dim)}
p{margin:0 0 8px;color:var(--dim)}ol{margin:8px 0;padding-left:22px}a{color:var(--on)}
details{border:1px solid var(--line);border-radius:10px;margin:8px 0;background:var(--card);overflow:hidden}
details details{border-width:1px 0 0;border-radius:0;margin:0}
summary{padding:12px 14px;min-height:44px;cursor:pointer;overflow-wrap:anywhere;list-style-position:outside}
summary:hover{background:var(--soft)}
.box>summary{display:flex;flex-wrap:wrap;gap:0 10px;align-items:baseline}
.box>summary b{font-size:18px}.box>summary b::before{content:"▸ ";color:var(--dim)}.box[open]>summary b::before{content:"▾ "}.role{color:var(--on)}
.addr{width:100%;color:var(--dim);font-size:14px;display:flex;justify-content:space-between;gap:12px}
.mail>summary{padding-left:14px}
time{color:var(--dim);font-size:14px;margin-right:8px;white-space:nowrap}
.kind{display:inline-block;background:var(--chip);color:var(--on);border-radius:10px;padding:0 9px;font-size:13px}
.subject{display:block}.tag{color:var(--dim);font-size:12px;font-family:ui-monospace,monospace}
.from{color:var(--dim);font-size:14px}
iframe{display:block;width:100%;height:640px;border:0;border-top:1px solid var(--line);background:var(--card)}
pre{margin:0;padding:14px;border-top:1px solid var(--line);white-space:pre-wrap;overflow-wrap:anywhere;font:15px/1.6 inherit}
.files{padding:8px 14px;border-top:1px solid var(--line);color:var(--dim);font-size:14px}
"""

# Opens what an address names, and fits each letter's frame to the letter. Letters themselves run nothing.
_SCRIPT = """
document.addEventListener("load",e=>{const f=e.target;if(f.tagName==="IFRAME"){const d=f.contentDocument;
if(d)f.style.height=Math.max(120,d.documentElement.scrollHeight+8)+"px"}},true);
const open=()=>{let n=document.getElementById(location.hash.slice(1));
if(n){n.scrollIntoView();for(;n;n=n.parentElement)if(n.tagName==="DETAILS")n.open=true}};
addEventListener("hashchange",open);open();
"""


@dataclass(frozen=True)
class Mailbox:
    """One person's mails, oldest first."""

    group: str
    name: str
    role: str
    address: str
    mails: Sequence[Got]


@dataclass(frozen=True)
class Pointer:
    """Something to look at first: words, and the mail they lead to."""

    words: str
    mail: Got


def _anchor(got: Got) -> str:
    return "m" + re.sub(r"[^a-z0-9]", "", got.mail.message_id.lower())[:40]


def _html_part(raw: bytes) -> str:
    message = message_from_bytes(raw, policy=default)
    part = message.get_body(preferencelist=("html",))
    return str(part.get_content()) if part is not None else ""


def _subject(got: Got) -> str:
    tag = _TAG.match(got.subject)
    words = escape(got.subject[tag.end() :] if tag else got.subject)
    return f'<b>{words}</b> <span class="tag">{escape(tag[0].strip())}</span>' if tag else f"<b>{words}</b>"


def _mail(got: Got, kind: str, *, received: bool) -> str:
    author = got.mail.author
    when = got.mail.date.strftime("%d %b %H:%M") if got.mail.date else ""
    html = _html_part(got.raw)
    shown = (
        f'<iframe loading="lazy" sandbox="allow-same-origin" title="{escape(got.subject)}" srcdoc="{escape(html)}"></iframe>'
        if html
        else f"<pre>{escape(got.text)}</pre>"
    )
    names = ", ".join(f"{a.filename} ({a.size:,} B)" for a in got.mail.attachments if not a.inline)
    files = f'<div class="files">Files: {escape(names)}</div>' if names else ""
    chip = f' <span class="kind">{escape(GLOSSES[kind])}</span>' if kind in GLOSSES else ""
    sender = f' <span class="from">from {escape(author.name or author.address)}</span>' if received else ""
    return (
        f'<details class="mail" id="{_anchor(got)}"><summary><time>{when}</time>{chip}{sender}'
        f'<span class="subject">{_subject(got)}</span></summary>{files}{shown}</details>'
    )


def _mails(mails: Sequence[Got], kinds: Mapping[str, str], *, received: bool) -> Iterator[str]:
    """Yield the mails in order; worklists in a row are one line that opens."""
    for worklists, run in groupby(mails, key=lambda got: kinds.get(got.mail.message_id) == WORKLIST):
        shown = [_mail(got, kinds.get(got.mail.message_id, ""), received=received) for got in run]
        if worklists and len(shown) > 1:
            yield f"<details><summary>{len(shown)} {GLOSSES[WORKLIST]}s in a row</summary>{''.join(shown)}</details>"
        else:
            yield from shown


def _box(box: Mailbox, kinds: Mapping[str, str]) -> str:
    inner = "".join(_mails(box.mails, kinds, received=box.group == "The desk"))
    count = f"{len(box.mails)} mail{'s' if len(box.mails) != 1 else ''}"
    return (
        f'<details class="box"><summary><b>{escape(box.name)}</b> <span class="role">{escape(box.role)}</span>'
        f'<span class="addr">{escape(box.address)}<span>{count}</span></span></summary>'
        f"{inner}</details>"
    )


def page(
    title: str,
    lead: str,
    mailboxes: Sequence[Mailbox],
    pointers: Sequence[Pointer],
    kinds: Mapping[str, str],
) -> str:
    """Return the page. `kinds`: Message-ID to kind of letter, of the desk's own letters."""
    first = "".join(f'<li><a href="#{_anchor(p.mail)}">{escape(p.words)}</a></li>' for p in pointers)
    groups = "".join(
        f"<section><h2>{escape(group)}</h2>{''.join(_box(box, kinds) for box in boxes if box.mails)}</section>"
        for group, boxes in groupby(mailboxes, key=lambda box: box.group)
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<header><h1>{escape(title)}</h1><p>{escape(lead)}</p><p>Look at these first:</p><ol>{first}</ol></header>"
        f"<main>{groups}</main><script>{_SCRIPT}</script></body></html>\n"
    )
