"""Which folder of a mailbox is what: told by the account, by the server's marks, or by known names.

Pure. Standards: RFC 6154 (SPECIAL-USE attributes), Gmail's older XLIST attributes. Names arrive
decoded from modified UTF-7 (RFC 3501 §5.1.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mail_desk.config import FolderRole


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of LIST or XLIST."""

    attributes: frozenset[str]  # lower case, with the backslash
    delimiter: str  # "" where the server has no hierarchy
    name: str  # decoded


_MARKS: dict[str, FolderRole] = {
    "\\inbox": FolderRole.INBOX,  # XLIST
    "\\junk": FolderRole.JUNK,  # RFC 6154 §2
    "\\spam": FolderRole.JUNK,  # XLIST
    "\\sent": FolderRole.SENT,  # both
}

# Last part of the folder's name, case-folded. NetEase, QQ and exmail, Aliyun, Outlook, Gmail, clients.
_NAMES: dict[str, FolderRole] = {
    "inbox": FolderRole.INBOX,
    **dict.fromkeys(
        (
            "垃圾邮件",
            "垃圾箱",
            "垃圾郵件",
            "junk",
            "junk e-mail",
            "junk email",
            "junk mail",
            "spam",
            "bulk mail",
        ),
        FolderRole.JUNK,
    ),
    **dict.fromkeys(("广告邮件", "廣告郵件"), FolderRole.ADVERTISEMENT),
    **dict.fromkeys(("订阅邮件", "訂閱郵件"), FolderRole.SUBSCRIPTION),
    **dict.fromkeys(
        (
            *("已发送", "已发送邮件", "已发邮件", "已傳送郵件", "寄件備份"),
            *("sent", "sent items", "sent messages", "sent mail", "sent-mail"),
        ),
        FolderRole.SENT,
    ),
}


def choose(listed: Sequence[Listed], told: Mapping[FolderRole, Sequence[str]]) -> dict[str, FolderRole]:
    """Return the folders that concern the desk, inbox first, in the order in which to read them.

    A role that `told` names is taken from there and nowhere else; then marks, then names. Several
    folders may have one role, the marked one before the merely well-named one. INBOX always exists
    (RFC 3501 §5.1), whether or not it is listed.
    """
    selectable = [f for f in listed if not f.attributes & {"\\noselect", "\\nonexistent"}]
    names = {_canonical(f.name): f.name for f in selectable}
    chosen: dict[str, FolderRole] = {}
    for role in FolderRole:
        if role in told:
            found = [names[_canonical(n)] for n in told[role] if _canonical(n) in names]
        else:
            marked = [f.name for f in selectable if any(_MARKS.get(a) is role for a in f.attributes)]
            unmarked = [f for f in selectable if not any(a in _MARKS for a in f.attributes)]
            found = marked + [f.name for f in unmarked if _by_name(f) is role]
        if role is FolderRole.INBOX and not found:
            found = [names.get("INBOX", "INBOX")]
        for name in found:
            chosen.setdefault(name, role)
    return chosen


def missing(listed: Sequence[Listed], told: Mapping[FolderRole, Sequence[str]]) -> list[str]:
    """Return the names that the account tells of and the server does not have."""
    names = {_canonical(f.name) for f in listed} | {"INBOX"}
    return [n for wanted in told.values() for n in wanted if _canonical(n) not in names]


def _canonical(name: str) -> str:
    """INBOX is one name in any case (RFC 3501 §5.1); all others are what they are."""
    return "INBOX" if name.upper() == "INBOX" else name


def _by_name(folder: Listed) -> FolderRole | None:
    leaf = folder.name.rsplit(folder.delimiter, 1)[-1] if folder.delimiter else folder.name
    role = _NAMES.get(leaf.strip().casefold())
    # A folder called inbox further down the tree is somebody's archive.
    return None if role is FolderRole.INBOX and _canonical(folder.name) != "INBOX" else role


def marked(folder: Listed) -> bool:
    """Tell whether the server says of this folder what it is for."""
    return any(_MARKS.get(a) in (FolderRole.JUNK, FolderRole.SENT) for a in folder.attributes)
