"""Files a mail only links to: QQ 超大附件, NetEase 云附件, OneDrive and others. Listed, never fetched.

Such links expire; the desk asks for the files themselves while they can still be had. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from mail_desk.inbound.mail import CloudAttachment

_PROVIDERS: tuple[tuple[str, str], ...] = (
    (r"(?:wx\.|m\.)?mail\.qq\.com/(?:cgi-bin/)?ftn|mail\.qq\.com/s\?k=|ftn\.qq\.com|wx\.mail\.qq\.com/ftn", "QQ"),
    (r"exmail\.qq\.com/(?:cgi-bin/)?ftn|exmail\.qq\.com/\S*bigattach", "QQ"),
    (
        (
            r"(?:mail\.(?:163|126|yeah|188)\.(?:com|net)|\w{1,20}\.mail\.163\.com|(?:dashi|qiye|fs)\.163\.com)"
            r"/\S*(?:large-attachment|filehub|netfolder|file/pub|cloud|bigattach|html/cloud|fgw)"
        ),
        "NetEase",
    ),
    (r"mail\.aliyun\.com/\S*(?:attach|share|bigfile)|qiye\.aliyun\.com/\S*(?:attach|share|bigfile)", "Aliyun"),
    (r"1drv\.ms/|onedrive\.live\.com/|\w[\w-]{0,62}\.sharepoint\.(?:com|cn)/", "OneDrive"),
    (r"drive\.google\.com/(?:file|open|drive|a/)|docs\.google\.com/\w+/d/", "Google Drive"),
    (r"pan\.baidu\.com/s|yun\.baidu\.com/s", "Baidu"),
    (r"(?:www\.)?icloud\.com/(?:attachment|iclouddrive)|cvws\.icloud-content\.com", "iCloud"),
    (r"(?:www\.)?dropbox\.com/(?:s|sh|scl)/", "Dropbox"),
    (r"(?:we\.tl|wetransfer\.com)/", "WeTransfer"),
    (r"caiyun\.139\.com/|mail\.10086\.cn/\S*(?:largeattach|bigattach)", "139"),
    (r"mail\.sina\.(?:com\.cn|cn)/\S*(?:filecenter|bigatt|netdisk)", "Sina"),
    (r"\.weiyun\.com/", "Weiyun"),
    (r"www\.aliyundrive\.com/s/|www\.alipan\.com/s/", "Aliyun Drive"),
    (r"mega\.nz/", "MEGA"),
)  # fmt: skip
_LINK = re.compile(
    "|".join(f"(?P<p{n}>{pattern})" for n, (pattern, _) in enumerate(_PROVIDERS)), re.IGNORECASE
)
_URL = re.compile(r"https?://[^\s<>\"'）)】\]]{4,1500}")
_HEADING = re.compile(
    r"(?:发来的|的)(?:超大附件|云附件|大附件)|^\W*(?:超大附件|云附件|网盘附件|Large attachments?)\W*$",
    re.IGNORECASE,
)
_SIZE = r"\d+(?:[.,]\d+)?\s?(?:bytes|字节|[KMGT]i?B?|B)\b"
_EXPIRY = re.compile(
    r"(?:有效期至|过期时间|到期时间|失效时间|expires?(?: on| at)?|valid until|available until)\s*[:：]?\s*"
    r"([^\s,，;；)）<]{4,20}(?:\s\d{1,2}:\d\d(?::\d\d)?)?)"
    r"|(\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?(?:\s*\d{1,2}:\d\d(?::\d\d)?)?)\s*(?:到期|过期|失效|前有效)"
    r"|((?:\d{1,3}|[一二三四五六七八九十]{1,3})\s?个?(?:小时|天|日|周|星期|月)(?:之?内|之?后)?)\s*(?:到期|过期|失效|有效|可下载)"
    r"|(?:有效期|保存期|保留)\s*[:：]?\s*(\d{1,3}\s?个?(?:小时|天|日|周|月))"
    r"|(?:expires? in|(?:valid|available) for)\s+(\d{1,3} (?:hour|day|week|month)s?)"
    r"|(无限期|永久有效|长期有效|no expiry|never expires)",
    re.IGNORECASE,
)
_ENTRY = re.compile(
    rf"(?P<name>[^\n\t<>|/\\:*?\"]{{1,180}}?\.[A-Za-z0-9]{{1,6}})\s*[(（\[]?\s*(?P<size>{_SIZE})(?P<rest>[^\n]{{0,160}})",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^[\s>*•·\-\[\]【】]+|^(?:附件|文件|名称|文件名|Name|File(?:name)?)\s*\d*\s*[:：]\s*", re.IGNORECASE
)


def cloud_attachments(text: str) -> tuple[CloudAttachment, ...]:
    """List the linked files of a body text, in order, each once. Linear in the text."""
    links = list(_links(text[:2_000_000]))
    if not links and not _HEADING.search(text[:2_000_000]):
        return ()
    lines = text[:2_000_000].split("\n")
    found: dict[tuple[str, str], CloudAttachment] = {}
    near = _near_links(lines)
    for number in sorted(near)[:2000]:
        entry = _ENTRY.search(_LEAD.sub("", lines[number][:600]))
        if entry is None:
            continue
        name = _LEAD.sub("", entry["name"]).strip()
        around = entry["rest"] + " " + " ".join(line[:200] for line in lines[number + 1 : number + 3])
        expiry = _EXPIRY.search(entry["rest"]) or _EXPIRY.search(around)
        expires = next((g for g in expiry.groups() if g), "") if expiry else ""
        found.setdefault(
            (name, entry["size"]), CloudAttachment(name, entry["size"].strip(), expires, near[number])
        )
    if not found:
        for provider, url in links[:100]:
            name = _name_in(url)
            found.setdefault((provider, url), CloudAttachment(name or url, "", "", provider))
    return tuple(found.values())


def mentions(source: str) -> bool:
    """Tell cheaply whether HTML may hold cloud attachments at all."""
    head = source[:2_000_000]
    return (
        any(word in head for word in ("超大附件", "云附件", "大附件")) or next(_links(head), None) is not None
    )


def _links(text: str) -> Iterator[tuple[str, str]]:
    for match in _URL.finditer(text):
        provider = _provider(match[0])
        if provider:
            yield provider, match[0]


def _provider(url: str) -> str:
    match = _LINK.search(url)
    return _PROVIDERS[int((match.lastgroup or "p0")[1:])][1] if match else ""


def _near_links(lines: list[str]) -> dict[int, str]:
    """Return the numbers of lines that stand by a provider's link or under its heading, with its name."""
    near: dict[int, str] = {}
    under, provider = 0, ""
    for number, line in enumerate(lines):
        if _HEADING.search(line[:200]):
            under = 12
            provider = (
                "QQ"
                if "QQ" in line
                else "NetEase"
                if re.search("网易|163|126", line)
                else provider or "unknown"
            )
        here = next((p for p, _ in _links(line[:4000])), "")
        if here:
            provider = here
            for around in range(max(0, number - 3), number + 2):
                near.setdefault(around, here)
            under = max(under, 4)
        if under:
            near.setdefault(number, provider)
            under -= 1
    return {n: p for n, p in near.items() if n < len(lines)}


def _name_in(url: str) -> str:
    last = unquote(url.split("?", 1)[0].rstrip("/").rpartition("/")[2])
    return last if re.search(r"\.[A-Za-z0-9]{2,5}$", last) else ""
