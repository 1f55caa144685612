"""Names people type for one thing, found in folded text; kinds of mail and of notices and theirs.

docs/commands.md is checked against these tables by a test.
"""

from __future__ import annotations

import re

KINDS: dict[str, tuple[str, ...]] = {
    "enquiry": ("咨询", "enquiry", "inquiry", "question"),
    "correspondence": (
        "来函",
        "公务来函",
        "公函",
        "公文",
        "correspondence",
        "official",
        "official-correspondence",
    ),
    "advert": ("广告", "垃圾邮件", "推销", "advert", "ad", "advertisement", "spam"),
    "other": ("其他", "其它", "无关", "other", "not-ours"),
}

# What a letter written by hand was: keys of notices, and `reply` for an ordinary answer.
NOTICES: dict[str, tuple[str, ...]] = {
    "acceptance": ("受理通知", "受理通知书", "受理", "acceptance", "accept"),
    "materials-request": ("补正通知", "补正通知书", "补正", "materials-request", "request"),
    "refusal": ("不予受理通知", "不予受理通知书", "不予受理", "refusal", "decline"),
    "result": ("处理结果通知", "处理结果通知书", "处理结果", "结果", "办结", "result", "conclude"),
    "extension": ("延期告知", "延期告知书", "延期通知", "延期通知书", "延期", "extension", "extend"),
    "transfer": ("移送通知", "移送通知书", "移送", "transfer"),
    "withdrawal": ("撤诉确认", "撤回投诉确认书", "撤诉", "withdrawal", "withdraw"),
    "suspension": ("中止通知", "中止办理通知书", "中止", "suspension", "suspend"),
    "resumption": ("恢复通知", "恢复办理通知书", "恢复", "resumption", "resume"),
    "reply": ("一般答复", "答复", "回复", "reply", "answer"),
}


def _one(alias: str) -> str:
    """Return a pattern: a Latin alias ends where the word ends; hyphens may be spaces or left out."""
    if alias.isascii():
        return alias.replace("-", "[ _-]?") + r"(?![a-z0-9]|-[a-z])"
    return alias


class Names:
    """Names to be found in folded text, the longest first."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values
        self._order = sorted(values, key=len, reverse=True)
        self._pattern = re.compile("|".join(f"({_one(name)})" for name in self._order))

    def at(self, folded: str, position: int = 0) -> tuple[str, int] | None:
        """Return the name that stands at `position`, as listed, and its end."""
        match = self._pattern.match(folded, position)
        if match is None or match.lastindex is None:
            return None
        return self._order[match.lastindex - 1], match.end()

    def value_at(self, folded: str, position: int = 0) -> tuple[str, int] | None:
        """Return what the name at `position` stands for, and its end."""
        found = self.at(folded, position)
        return None if found is None else (self._values[found[0]], found[1])


def inverted(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the key of each name."""
    return {name: key for key, names in table.items() for name in names}


KIND_NAMES = Names(inverted(KINDS))
NOTICE_NAMES = Names(inverted(NOTICES))
