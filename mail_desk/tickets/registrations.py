"""What somebody registers (登记): a complaint by telephone, visit, letter or referral, as people write it down. Pure.

Either lines `字段：值` or free words; what is taken out of free words is shown and confirmed before anything
is opened. A date in free words counts only in the sentence that says how the complaint came; every other
date belongs to the matter. Never decides who handles it, and never opens a ticket.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from mail_desk.config import Enterprise
from mail_desk.tickets.enterprise_names import named_in
from mail_desk.tickets.numerals import fold
from mail_desk.tickets.spoken_dates import date_at_start
from mail_desk.tickets.spoken_deadlines import spoken

CHANNELS: dict[str, tuple[str, ...]] = {
    "telephone": ("电话", "来电", "致电", "热线", "telephone", "phone", "call", "called", "rang"),
    "visit": ("来访", "走访", "上门", "当面", "visit", "visited", "in person"),
    "letter": ("来信", "信函", "信件", "纸质信", "邮寄", "letter", "by post"),
    "referral": ("转办", "交办", "上级转来", "转来", "转交", "referral", "referred"),
    "forwarded": ("转发", "转发邮件", "邮箱来信", "forwarded", "forward"),
}
# field: (Chinese label, English label, further names)
LABELS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "received": ("收到日期", "Received", ("收件日期", "接收日期", "来电日期", "来访日期", "来信日期", "日期", "received on", "received date", "date received", "date")),
    "channel": ("渠道", "Channel", ("方式", "来源", "来件渠道", "way", "by")),
    "name": ("投诉人", "Complainant", ("姓名", "来电人", "来访人", "来信人", "联系人", "name", "contact")),
    "telephone": ("电话", "Telephone", ("联系电话", "手机", "手机号", "手机号码", "电话号码", "phone", "tel", "mobile")),
    "address": ("邮箱", "E-mail", ("电子邮箱", "邮箱地址", "电子邮件", "email", "mail", "address")),
    "enterprise": ("企业", "Enterprise", ("公司", "企业名称", "单位", "company")),
    "subject": ("主题", "Subject", ("事由", "标题", "title")),
    "words": ("内容", "Words", ("投诉内容", "反映内容", "诉求", "事项", "complaint", "content", "text", "matter")),
    "limit": ("上级期限", "Higher limit", ("上级要求", "报结果期限", "反馈期限", "上级限期", "limit", "report by", "due")),
    "higher": ("转办单位", "Referred by", ("交办单位", "来文单位", "上级单位", "referred from", "higher body")),
}  # fmt: skip
NEEDED = ("received", "channel", "name", "words")
OLD_DAYS = 30  # calendar days back from which the day is asked for once more
_LONGEST_SUBJECT = 40

_NAMES = {fold(n): field for field, (zh, en, more) in LABELS.items() for n in (zh, en, *more)}
_LINE = re.compile(
    rf"[ \t•*-]*({'|'.join(sorted(map(re.escape, _NAMES), key=len, reverse=True))}) *[:=] *(.*)"
)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", re.ASCII)
_PHONE = re.compile(
    r"(?<![0-9-])(?:\+[0-9]{1,3}[ -]?(?:[0-9][ -]?){6,12}[0-9]|1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}(?:-[0-9]{1,5})?)(?![0-9])"
)
# The 150 commonest family names: what stands before them belongs to the sentence (转来王先生).
_FAMILY = (
    "欧阳|司马|上官|诸葛|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂苗盛曲翁]"
)
_PERSON_ZH = re.compile(
    rf"((?:{_FAMILY}[\u4e00-\u9fff]{{0,2}}?)(?:先生|女士|小姐|总经理|经理|总监|主任|老师|总(?=来|致|打|反|说|到|[,，。])))"
)
_PERSON_EN = re.compile(r"\b((?:Mr|Ms|Mrs|Dr)\.? [A-Z][\w'-]+(?: [A-Z][\w'-]+)?)")
_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?|\n")
_HIGHER = re.compile(
    r"(?:上级|[\u4e00-\u9fff]{0,10}(?:局|委|厅|部|办|政府|中心))[^。\n]{0,12}?(?:要求|限)|(?:required|wants|asks)[^.\n]{0,60}\bby\b|要求[^。\n]{0,20}前"
)
_BODY = re.compile(
    r"(?:由|经|按|根据)?([\u4e00-\u9fff]{1,12}?(?:商务局|商务厅|商务部|信访局|委员会|管委会|政府办|政府|局|厅|委|热线))(?=[^。\n]{0,6}(?:转|交办|要求))"
)


@dataclass(frozen=True, slots=True)
class Fields:
    """What is known of a complaint that is being registered; "" and None: not said."""

    received: date | None = None
    channel: str = ""
    name: str = ""
    telephone: str = ""
    address: str = ""
    enterprise: str = ""
    subject: str = ""
    words: str = ""
    limit: date | None = None
    higher: str = ""
    unread: tuple[str, ...] = ()  # lines whose value is not understood, as typed

    def over(self, base: Fields) -> Fields:
        """Return `base` with everything said here in its place."""
        said = {f.name: v for f in fields(self) if (v := getattr(self, f.name)) and f.name != "unread"}
        return replace(base, **said, unread=self.unread)

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields without which nothing is opened."""
        return tuple(f for f in NEEDED if not getattr(self, f))

    def titled(self) -> Fields:
        """Return the same with a subject: where none was said, the beginning of the words."""
        if self.subject or not self.words:
            return self
        first = re.split(r"[。！？!?\n]", self.words.strip(), maxsplit=1)[0].strip()
        return replace(
            self, subject=first if len(first) <= _LONGEST_SUBJECT else first[: _LONGEST_SUBJECT - 1] + "…"
        )


def to_data(found: Fields) -> dict[str, Any]:
    """Return the fields as JSON-able data."""
    return {
        k: v.isoformat() if isinstance(v, date) else list(v) if isinstance(v, tuple) else v
        for k, v in asdict(found).items()
    }


def from_data(data: dict[str, Any]) -> Fields:
    """Rebuild fields from `to_data`."""
    days = {k: date.fromisoformat(data[k]) if data[k] else None for k in ("received", "limit")}
    return Fields(**{**data, **days, "unread": tuple(data["unread"])})


def label(field: str, *, zh: bool) -> str:
    """Return what people call a field."""
    zh_name, en_name, _ = LABELS[field]
    return zh_name if zh else en_name


def channel_name(key: str, *, zh: bool) -> str:
    """Return what people call a channel."""
    return {"telephone": ("电话", "telephone"), "visit": ("来访", "visit"), "letter": ("来信", "letter"), "referral": ("转办", "referral"), "forwarded": ("转发", "forwarded")}.get(key, (key, key))[0 if zh else 1]  # fmt: skip


def channel_of(text: str) -> str:
    """Return the channel a value names, "" for none; a key counts as well."""
    folded = fold(text).strip()
    if folded in CHANNELS:
        return folded
    hits = [
        (folded.index(name), -len(name), key)
        for key, names in CHANNELS.items()
        for name in names
        if name in folded
    ]
    return min(hits)[2] if hits else ""


def read(
    text: str, *, today: date, forward: Callable[[date, int], date], ledger: Sequence[Enterprise] = ()
) -> Fields:
    """Return what `text` says. `today`: the day of writing; `forward` counts working days, as in `spoken_deadlines`."""
    said, free = _lines(text)
    found = Fields()
    unread: list[str] = []
    for field, value in said.items():
        taken = _value(field, value, today, forward)
        if taken:
            said_here: dict[str, Any] = {field: taken}
            found = replace(found, **said_here)
        elif value.strip():
            unread.append(f"{LABELS[field][0]}：{value.strip()}")
    found = replace(found, unread=tuple(unread))
    return _freely(found, free, today, forward, ledger) if free else found


def _lines(text: str) -> tuple[dict[str, str], str]:
    """Part `字段：值` lines from free words; what follows 内容： belongs to it up to the next field."""
    said: dict[str, str] = {}
    free: list[str] = []
    current = ""
    for line in text.split("\n"):
        m = _LINE.match(fold(line))
        if m is not None:
            current = _NAMES[m[1]]
            value = line[len(line) - len(m[2]) :].strip() if m[2] else ""
            said[current] = value
            current = current if current == "words" else ""
        elif current == "words":
            said[current] += f"\n{line}"
        else:
            free.append(line)
    return {k: v.strip() for k, v in said.items()}, "\n".join(free).strip()


def _value(field: str, value: str, today: date, forward: Callable[[date, int], date]) -> date | str | None:
    folded = fold(value).strip()
    match field:
        case "received":
            hit = date_at_start(folded, today)
            return hit[0] if hit else None
        case "limit":
            said = spoken(value if re.search("前|内|by|within", folded) else f"{value}前报", today, forward)
            return said.day or said.past
        case "channel":
            return channel_of(value)
        case "address":
            m = _MAIL.search(folded)
            return m[0] if m else ""
        case "words":
            return value.strip()
        case _:
            return " ".join(value.split())


def _freely(
    found: Fields, free: str, today: date, forward: Callable[[date, int], date], ledger: Sequence[Enterprise]
) -> Fields:
    """Fill what no line has said from the free words; these are the words of the complaint, too."""
    sentences = [s for s in _SENTENCE.findall(free) if s.strip()]
    opening = next((s for s in sentences if channel_of(s)), "")
    plain = fold(free)
    taken: dict[str, Any] = {"channel": channel_of(opening)}
    higher = next((s for s in sentences if _HIGHER.search(fold(s))), "")
    if higher:
        said = spoken(higher, today, forward)
        taken["limit"] = said.day
    if m := _BODY.search(plain):
        taken["higher"] = m[1]
    taken["received"] = _day_in(opening, today)
    if m := _MAIL.search(plain):
        taken["address"] = m[0]
    if m := _PHONE.search(plain):
        taken["telephone"] = m[0].strip()
    named = named_in(free, ledger)
    if named is not None:
        taken["enterprise"] = named[0].name
    taken["name"] = _person(fold(opening or free).replace(named[1], " ") if named else opening or free, free)
    if not found.words:
        taken["words"] = free
    return replace(found, **{k: v for k, v in taken.items() if v and not getattr(found, k)})


def _day_in(sentence: str, today: date) -> date | None:
    """Return the first day in a sentence that is no deadline in it."""
    folded = fold(sentence)
    for at in range(min(len(folded), 200)):
        if at and folded[at - 1].isalnum() and folded[at].isascii() and folded[at - 1].isascii():
            continue
        hit = date_at_start(folded[at:], today)
        if hit is not None and not re.match(r" ?(?:之|以)?前", folded[at + hit[1] :]):
            return hit[0]
    return None


def _person(folded: str, original: str) -> str:
    if m := _PERSON_EN.search(original):
        return m[1]
    found = _PERSON_ZH.search(folded)
    return found[1] if found is not None else ""
