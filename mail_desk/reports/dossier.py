"""The dossier (卷宗) of a ticket as data, and as one printable page. Reads nothing, decides nothing.

The page loads nothing and runs nothing (its policy forbids both), prints on A4 with page numbers, and marks what is
internal. Words of strangers are only ever text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from mail_desk.outbound.wording import clean, one_line


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: a mail, a letter, a decision."""

    nth: int
    at: str
    title: str
    who: str
    inside: bool  # never leaves the office
    undone: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    words: str = ""
    originals: tuple[str, ...] = ()  # names in the archive of originals


@dataclass(frozen=True, slots=True)
class Dossier:
    """The whole file of one ticket, in one language."""

    language: str  # zh, en
    number: str
    title: str
    office: str
    made: str  # when, for whom
    head: str  # hash of the ticket's last event
    facts: tuple[tuple[str, str], ...]
    dates: tuple[str, ...]  # every limit, explained
    notices: tuple[tuple[str, str, str, str], ...]  # number, notice, date, what became of it
    entries: tuple[Entry, ...]

    def word(self, key: str) -> str:
        zh, en = WORDS[key]
        return zh if self.language == "zh" else en


WORDS: dict[str, tuple[str, str]] = {
    "dossier": ("卷宗", "Case file"),
    "index": ("目录", "Index"),
    "facts": ("基本情况", "Facts"),
    "dates": ("期限及其计算", "Dates and how they are counted"),
    "notices": ("正式文书", "Formal notices"),
    "entries": ("材料", "Documents"),
    "inside": ("内部", "internal"),
    "undone": ("已撤销", "taken back"),
    "nth": ("序号", "No."),
    "when": ("时间", "When"),
    "what": ("事项", "What"),
    "who": ("人员", "Who"),
    "number": ("文号", "Number"),
    "notice": ("文书", "Notice"),
    "state": ("状态", "State"),
    "originals": ("原件", "Originals"),
    "head": ("记录校验值", "Hash of the record"),
    "confidential": ("内部材料，注意保密", "Internal: keep confidential"),
    "no_words": ("（无正文）", "(no text)"),
}

_STYLE = """
@page { size: A4; margin: 22mm 20mm; @bottom-center { content: counter(page) " / " counter(pages); font-size: 9pt } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 24px; max-width: 820px; color: #111; background: #fff; line-height: 1.6;
  font-family: "Songti SC", SimSun, "Noto Serif CJK SC", "Source Han Serif SC", Georgia, serif; font-size: 11pt }
h1 { font-size: 20pt; text-align: center; margin: 8px 0 2px; letter-spacing: .15em }
h2 { font-size: 13pt; border-bottom: 1.5pt solid #111; padding-bottom: 3px; margin: 26px 0 10px; break-after: avoid }
h3 { font-size: 11.5pt; margin: 0 0 4px; break-after: avoid }
.sub { text-align: center; margin: 2px 0; overflow-wrap: anywhere }
.small { color: #555; font-size: 9pt; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
th, td { border: .6pt solid #999; padding: 4px 7px; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #f2f2f2; font-weight: 600 }
thead { display: table-header-group }
tr { break-inside: avoid }
.facts th { width: 9em }
.n { width: 3.2em; text-align: right } .t { width: 9.5em }
article { border: .6pt solid #bbb; padding: 10px 14px; margin: 0 0 12px; break-inside: auto }
article.inside { border-left: 4pt solid #b45309; background: #fffaf2 }
.mark { font-size: 9pt; border: .6pt solid #b45309; color: #8a3d00; padding: 0 5px; margin-left: 6px; white-space: nowrap }
.words { white-space: pre-wrap; overflow-wrap: anywhere; margin: 8px 0 0 }
.undone { text-decoration: line-through; color: #777 }
@media print { body { padding: 0; max-width: none } a { color: inherit; text-decoration: none } }
@media (max-width: 600px) { body { padding: 12px } .t { width: 6.5em } th, td { padding: 3px 5px } .facts th { width: 6em } }
"""


def page(dossier: Dossier) -> str:
    """Return the dossier as one HTML page."""
    word = dossier.word
    lang = "zh-CN" if dossier.language == "zh" else "en"
    parts = [
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(dossier.number)} {word('dossier')}</title><style>{_STYLE}</style></head><body>",
        f'<h1>{word("dossier")}</h1><p class="sub"><strong>{_text(dossier.number)}</strong> {_text(dossier.title)}</p>',
        f'<p class="sub">{_text(dossier.office)}</p>',
        f'<p class="sub small">{_text(dossier.made)} · {word("confidential")}</p>',
        f"<h2>{word('facts')}</h2>{_pairs(dossier.facts)}",
        f"<h2>{word('index')}</h2>{_index(dossier)}",
        f"<h2>{word('dates')}</h2>",
        *(f'<p class="words">{_lines(text)}</p>' for text in dossier.dates),
    ]
    if dossier.notices:
        parts.append(f"<h2>{word('notices')}</h2>{_notices(dossier)}")
    parts.append(f"<h2>{word('entries')}</h2>")
    parts += [_entry(dossier, entry) for entry in dossier.entries]
    parts.append(f'<p class="small">{word("head")}: {_text(dossier.head)}</p></body></html>\n')
    return "".join(parts)


def _text(text: str) -> str:
    return escape(one_line(text), quote=True)


def _lines(text: str) -> str:
    return escape(clean(text).strip("\n"), quote=True)


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><th>{_text(k)}</th><td>{_text(v)}</td></tr>" for k, v in rows if v)
    return f'<table class="facts">{cells}</table>' if cells else ""


def _marks(dossier: Dossier, entry: Entry) -> str:
    marks = [key for key, holds in (("inside", entry.inside), ("undone", entry.undone)) if holds]
    return "".join(f'<span class="mark">{dossier.word(key)}</span>' for key in marks)


def _index(dossier: Dossier) -> str:
    word = dossier.word
    rows = "".join(
        f'<tr><td class="n">{entry.nth}</td><td class="t">{_text(entry.at)}</td>'
        f'<td><a href="#e{entry.nth}">{_text(entry.title)}</a>{_marks(dossier, entry)}</td><td>{_text(entry.who)}</td></tr>'
        for entry in dossier.entries
    )
    head = f'<th class="n">{word("nth")}</th><th class="t">{word("when")}</th><th>{word("what")}</th><th>{word("who")}</th>'
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _notices(dossier: Dossier) -> str:
    word = dossier.word
    head = "".join(f"<th>{word(key)}</th>" for key in ("number", "notice", "when", "state"))
    rows = "".join(
        f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in dossier.notices
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _entry(dossier: Dossier, entry: Entry) -> str:
    title = f'<span class="undone">{_text(entry.title)}</span>' if entry.undone else _text(entry.title)
    originals = "、".join(entry.originals) if dossier.language == "zh" else ", ".join(entry.originals)
    facts = (*entry.facts, (dossier.word("originals"), originals))
    words = f'<p class="words">{_lines(entry.words)}</p>' if entry.words.strip() else ""
    return (
        f'<article id="e{entry.nth}"{" class=inside" if entry.inside else ""}><h3>{entry.nth}. {title}'
        f'{_marks(dossier, entry)}</h3><p class="small">{_text(entry.at)} · {_text(entry.who)}</p>'
        f"{_pairs(facts)}{words}</article>"
    )
