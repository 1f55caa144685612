"""Every figure of a digest, one after the other: what `#列表` answers, the workbook's rows and the mail's number agree.

The mail is taken apart, so a figure added to it without a way to open it fails here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from mail_desk.demo import paper_office
from mail_desk.desk import digesting, drilled
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import DigestContext, ReportTable
from mail_desk.reports import figures, periods
from mail_desk.reports.periods import Period
from mail_desk.store.schema import LetterRow, Message
from mail_desk.tickets.commands import Command, Verb

Rows = list[dict[str, Any]]
Figure = tuple[str, int, str, Callable[["Book"], int] | None]  # where, number, words, and in the workbook
NO_COUNT = {"按时率", "中位数", "九成不超过", "中位工作日", "占比", "上期", "去年同期"}


class Book:
    """The attached workbook, its main tables by sheet."""

    def __init__(self, content: bytes, period: Period) -> None:
        self._book = openpyxl.load_workbook(BytesIO(content))
        self._period = period

    def rows(self, sheet: str) -> Rows:
        if sheet not in self._book.sheetnames:
            return []
        first, *rest = self._book[sheet].iter_rows(values_only=True)
        heads = [str(h).split("\n")[0] for h in first]
        return [dict(zip(heads, row, strict=True)) for row in rest]

    def inside(self, value: object) -> bool:
        return isinstance(value, datetime) and value.date() in self._period

    def ledger(self, **conditions: Callable[[Any], bool]) -> int:
        """Return how many complaints a filter of columns leaves."""
        rows = [row for row in self.rows("台账") if row["性质"] == "投诉"]
        return sum(all(holds(row[column]) for column, holds in conditions.items()) for row in rows)

    def count(self, sheet: str, **wanted: object) -> int:
        return sum(all(row[column] == value for column, value in wanted.items()) for row in self.rows(sheet))


def dated(column: str, **more: object) -> Callable[[Book], int]:
    return lambda book: book.ledger(
        **{column: book.inside}, **{key: (lambda v, w=value: v == w) for key, value in more.items()}
    )


def marked(**more: object) -> Callable[[Book], int]:
    return lambda book: book.ledger(**{key: (lambda v, w=value: v == w) for key, value in more.items()})


def listed(sheet: str, **wanted: object) -> Callable[[Book], int]:
    return lambda book: book.count(sheet, **wanted)


COMPARED: dict[str, tuple[str, Callable[[Book], int]]] = {
    "收到投诉": ("收到", dated("收到日期")),
    "受理": ("受理", dated("受理")),
    "不予受理": ("不予受理", dated("不予受理")),
    "办结": ("办结", dated("办结")),
    "期末未办结": ("未办结", marked(期末未办结="是")),
    "法定时限按时": ("法定时限按时", listed("时限明细", 结果="按时")),
    "逾期完成": ("逾期完成", listed("时限明细", 结果="逾期完成")),
    "逾期未完成": ("逾期未完成", listed("时限明细", 结果="逾期未完成")),
    "移送": ("移送", dated("移送")),
    "重新办理": ("重新办理", dated("重新办理")),
    "延期": ("延期", lambda book: len(book.rows("延期"))),
    "尚未认定性质": ("未认定", listed("台账", 性质="尚未认定", 期末未办结="是")),
    "再次投诉者": ("再次投诉", lambda book: len({r["邮箱"] for r in book.rows("再次投诉")})),
    "未送达的文书": (
        "未送达",
        lambda book: sum(len(r["未送达文书"].split("、")) for r in book.rows("台账") if r["未送达文书"]),
    ),
}
GROUPED = {
    "来件渠道": ("渠道", "渠道"), "各类别办理情况": ("类别", "类别"), "企业": ("企业", "企业"), "国别": ("国别", "国别"),
}  # fmt: skip
NAMELESS = ("未分类", "未列入台账")
LIMITS = {"按时": "按时", "逾期完成": "逾期完成", "逾期未完成": "逾期未完成", "未到期": "未到期"}
ORGANS = {"征询": "本期发函", "已答复": "本期答复", "迟复": "迟复", "逾期未复": "逾期未复"}


def of_table(table: ReportTable) -> Iterator[Figure]:
    """Yield every number of a table with the words that open it."""
    for row in table.rows:
        name = row[0]
        if name.startswith("其余"):
            continue
        for head, cell in zip(table.head[1:], row[1:], strict=True):
            if not re.fullmatch(r"\d+", cell) or head in NO_COUNT:
                assert cell in ("", "–") or head in NO_COUNT or "%" in cell, (table.title, name, head, cell)
                continue
            words, rows = opened_by(table.title, name, head)
            yield f"{table.title}/{name}/{head}", int(cell), words, rows


def opened_by(title: str, name: str, head: str) -> tuple[str, Callable[[Book], int] | None]:
    if title == "基本情况":
        return COMPARED[name]
    if title == "来件性质（全部来件）":
        return f"性质 {name}", lambda book: sum(
            book.inside(r["收到日期"]) and r["性质"] == name for r in book.rows("台账")
        )
    if title in GROUPED:
        word, column = GROUPED[title]
        value = None if name in NAMELESS else name
        return f"{word} {name} {'期末逾期' if head == '已逾期' else head}", {
            "收到": dated("收到日期", **{column: value}),
            "办结": dated("办结", **{column: value}),
            "未办结": marked(期末未办结="是", **{column: value}),
            "已逾期": marked(期末未办结="是", 期末逾期="是", **{column: value}),
        }[head]
    if title in ("不予受理理由", "办结理由"):
        verb = title.removesuffix("理由")
        return f"{verb} 理由 {name}", dated(verb, 理由=name)
    if title == "法定时限":
        return f"{head} {name}", listed("时限明细", 时限=name, 结果=LIMITS[head])
    if title == "办理用时":
        return name, None if name == "收到至受理与否的决定" else {
            "收到至首次答复": dated("首次答复"),
            "受理至办结": lambda book: book.ledger(办结=book.inside, 受理=lambda v: v is not None),
        }[name]
    if title == "各承办人":
        mine = {"承办人": name}
        return f"承办 {name}" + ("" if head == "总数" else f" {head}"), {
            "总数": None,
            "按时办结": dated("办结", 办结是否按时="按时", **mine),
            "超时办结": dated("办结", 办结是否按时="超时", **mine),
            "未办结": marked(期末未办结="是", **mine),
            "已逾期": marked(期末未办结="是", 期末逾期="是", **mine),
        }[head]
    if title == "有关部门答复":
        return f"{head} {name}", listed("征询明细", 单位=name, **{ORGANS[head]: "是"})
    if title == "热点问题（主题相近）":
        return f"主题 {name}", None
    if title == "再次投诉":
        only = {"本期收到": "是"} if head == "本期" else {}
        return f"再次投诉 {name}", listed("再次投诉", 投诉人=name, **only)
    raise AssertionError(f"nobody can open {title}/{name}/{head}")


def _mails(book: Book) -> int:
    return sum(r["本期"] == "是" and r["去向"] != "人工直接发出" for r in book.rows("邮件"))


SENTENCES: dict[str, tuple[tuple[str, str, Callable[[Book], int] | None], ...]] = {
    "satisfaction": (
        (r"（(\d+) 件评价", "满意度", lambda book: len(book.rows("满意度"))),
        (r"不满意 (\d+) 件", "不满意", listed("满意度", 不满意="是")),
    ),
    "accounted": (
        (r"收到邮件 (\d+) 封", "邮件", _mails),
        (r"现有 (\d+) 封隔离", "隔离", listed("邮件", 去向="隔离待查")),
        (r"另有 (\d+) 封由人工", "人工答复", listed("邮件", 去向="人工直接发出")),
    ),
    "trained": ((r"直通车 (\d+) 件", "直通车", listed("批示督办", 种类="直通车")),),
    "directed": (
        (r"批示 (\d+) 件", "批示", listed("批示督办", 种类="批示")),
        (r"督办 (\d+) 件", "督办", listed("批示督办", 种类="督办")),
        (r"已回报 (\d+) 件", "已回报", None),
        (r"待回报 (\d+) 件", "待回报", None),
        (r"其中逾期 (\d+) 件", "逾期未回报", listed("批示督办", 状态="逾期未回报")),
    ),
}


def of_sentences(context: DigestContext) -> Iterator[Figure]:
    for name in ("satisfaction", "accounted", "trained", "directed"):
        said = getattr(context, name)
        numbers = len(re.findall(r"\d+ (?:件|封)", said))
        seen = 0
        for pattern, words, rows in SENTENCES[name]:
            for n in re.findall(pattern, said):
                seen += 1
                yield f"{name}: {pattern}", int(n), words, rows
        if name == "accounted":
            listing = re.search(r"：(.+?)。", said)
            for part in listing[1].split("、") if listing else ():
                how, n = part.rsplit(" ", 1)
                yield f"mail {how}", int(n), f"邮件 {how}", _filed(how)
            numbers -= len(re.findall(r"去向清楚 \d+ 封", said))
        if name == "trained":
            numbers -= len(re.findall(r"未办结 \d+ 件", said))
        assert seen == numbers, f"a number of {said!r} that nobody can open"


def _filed(how: str) -> Callable[[Book], int]:
    return listed("邮件", 去向=how, 本期="是")


def of_came(context: DigestContext) -> Iterator[Figure]:
    channels, _, kinds = context.came.partition("全部来件")
    for name, n in re.findall(r"(?:渠道：|、)(\S+?) (\d+) 件", channels):
        yield f"came/{name}", int(n), f"渠道 {name} 收到", dated("收到日期", 渠道=name)
    for name, n in re.findall(r"(?:其中|、)(\S+?) (\d+) 件", kinds):
        yield f"came/{name}", int(n), f"性质 {name}", None


def of_charts(context: DigestContext, weeks: list[Period]) -> Iterator[Figure]:
    for bar in context.on_time_by_handler:
        found = re.search(r"\((\d+)/(\d+)\)", bar.value)
        assert found
        yield f"bar {bar.label}", int(found[1]), f"承办 {bar.label} 按时办结", None
    for verb, bars in (("收到", context.received_by_week), ("办结", context.concluded_by_week)):
        assert len(bars) == len(weeks)
        for week, bar in zip(weeks, bars, strict=True):
            yield f"{verb} {bar.label}", int(bar.value), f"{verb} {week.first}至{week.last}", None
    for bar in context.ageing:
        bucket = bar.label.removesuffix(" 个工作日")
        rows = marked(期末未办结="是", **{"在办已收到（工作日）": bucket.replace("–", "-")})
        yield f"age {bucket}", int(bar.value), f"未办结 已收到 {bucket}", rows
    for bar in context.by_category:
        if not bar.label.startswith("其余"):
            value = None if bar.label in NAMELESS else bar.label
            yield f"bar {bar.label}", int(bar.value), f"收到 类别 {bar.label}", dated("收到日期", 类别=value)


def of_context(context: DigestContext, weeks: list[Period]) -> Iterator[Figure]:
    """Yield every figure of the mail."""
    tiles = {f.label: f.value for f in context.figures}
    for label in ("收到投诉", "办结", "期末未办结"):
        yield f"tile {label}", int(tiles[label]), *COMPARED[label]
    late = int(tiles["目前逾期"])
    yield "tile overdue", late, "目前逾期", lambda book: len({r["编号"] for r in book.rows("逾期")})
    assert (len(context.overdue), context.late) == (late, late)
    for table in context.tables:
        if table.title == "办结件":
            more = [int(n) for row in table.rows for n in re.findall(r"^其余 (\d+) 项$", row[0])]
            yield "办结件", len(table.rows) - len(more) + sum(more), "办结", dated("办结")
        else:
            yield from of_table(table)
    yield from of_sentences(context)
    yield from of_came(context)
    yield from of_charts(context, weeks)
    if context.extensions:
        yield "extensions", context.extensions, "延期", lambda book: len(book.rows("延期"))
    if context.suggestions:
        more = [int(n) for number, _ in context.suggestions for n in re.findall(r"^其余 (\d+) 条$", number)]
        shown = len(context.suggestions) - len(more) + sum(more)
        yield "suggestions", shown, "建议", lambda book: len(book.rows("建议"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    with paper_office.office(tmp_path_factory.mktemp("paper")) as (store, rules), store.read() as session:
        yield Work(session, rules, paper_office.NOW)


class Asking:
    """A leader who answers a digest with `#列表 …`, again and again."""

    def __init__(self, work: Work, key: str, first: date, monkeypatch: pytest.MonkeyPatch) -> None:
        leader = work.people.by_key("zhao")
        assert leader is not None
        self._work = work
        letter = LetterRow(kind="digest", dedupe=f"digest/{key}/{first}/zhao", created_at=work.now)
        self._actor = Actor(leader, "zh", frozenset({"zhao"}), Message(id=1), letter)
        known: dict[Period, Any] = {}
        collect = figures.collect

        def once(session: Any, period: Period, **more: Any) -> Any:
            if period not in known:
                known[period] = collect(session, period, **more)
            return known[period]

        monkeypatch.setattr(figures, "collect", once)

    def ask(self, words: str) -> Outcome:
        return drilled.listing(self._work, self._actor, Command(Verb.LIST, "", "", words, ""))

    def count(self, where: str, words: str) -> int:
        outcome = self.ask(words)
        assert outcome.done, (where, words, outcome.what)
        said = re.search(r"：(\d+)(件|行)（", outcome.what)
        assert said, outcome.what
        rows = len(outcome.table.rows) if outcome.table is not None else len(outcome.listing)
        assert rows == min(int(said[1]), drilled.LONGEST), (where, words)
        if where.startswith("再次投诉/") and where.endswith("/本期"):
            assert outcome.table is not None
            return sum(row[3] == "是" for row in outcome.table.rows)
        return int(said[1])


@pytest.mark.parametrize("key", ["monthly", "yearly"])
def test_every_figure_of_a_digest_can_be_opened_and_agrees_with_the_workbook(
    desk: Work, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[DigestContext, bytes]] = []

    def caught(_work: Any, _kind: Any, to: Any, context: Any, _why: Any, **more: Any) -> None:
        if to.person == "zhao":
            sent.append((context, more["files"][0].data))

    monkeypatch.setattr(digesting, "post", caught)
    digest = next(d for d in desk.settings.digests.digest if d.key == key)
    digesting.send_now(desk, digest)
    ((context, content),) = sent
    period = Period(context.first, context.last)
    asking, book = Asking(desk, key, context.first, monkeypatch), Book(content, period)
    opened = 0
    for where, number, words, in_workbook in of_context(
        context, list(periods.steps(period, figures.TREND_WEEKS))
    ):
        assert asking.count(where, words) == number, (where, words)
        if in_workbook is not None:
            assert in_workbook(book) == number, (where, words)
        opened += number > 0
    assert opened > (110 if key == "monthly" else 150)


def test_what_cannot_be_listed_is_said(desk: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = Asking(desk, "monthly", date(2026, 12, 1), monkeypatch)
    assert asking.ask("征询 天文台").what == "没有叫“天文台”的。"
    assert asking.ask("迟复 commerce").done, "a body that was asked nothing: nothing found is an answer"
    assert not asking.ask("天气").done


def test_a_handler_is_shown_rows_of_his_own_tickets_and_no_mails(desk: Work) -> None:
    handler = desk.people.by_key("wang")
    assert handler is not None
    actor = Actor(handler, "en", frozenset({"wang"}), Message(id=1), None)
    refused = drilled.listing(desk, actor, Command(Verb.LIST, "", "", "mails last year", ""))
    assert (refused.done, refused.what) == (False, "Where mails went is for supervisors to see.")
    listed_ = drilled.listing(desk, actor, Command(Verb.LIST, "", "", "on time last month", ""))
    assert listed_.table is not None
    mine = {
        c.identity.number
        for c in figures.collect(
            desk.session, Period(date(2026, 12, 1), date(2026, 12, 31)), settings=desk.settings,
            procedures=desk.rules.procedures, calendar=desk.rules.calendar, now=desk.now,
        ).cases
        if c.identity.handler == "wang"
    }  # fmt: skip
    assert {row[0] for row in listed_.table.rows} <= mine
    assert timedelta(0) < desk.now - datetime(2026, 12, 31, tzinfo=desk.now.tzinfo)
