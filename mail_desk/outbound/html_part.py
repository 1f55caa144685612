"""Blocks → the body of the HTML part, marked with classes; `letter.css` says what they look like.

Tables carry what must hold in Outlook; nothing floats, nothing is loaded, nothing runs. Every word is
escaped at the moment it is written (`_e`), so there is one place to trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from mail_desk.outbound import blocks as b
from mail_desk.outbound.text_part import COLUMNS, reflow
from mail_desk.outbound.wording import Wording, width

_TABLE = '<table role="presentation" cellpadding="0" cellspacing="0" border="0"'


_KEPT_WHOLE = re.compile(
    r"(?<![\w-])(?:\d{4}-\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2} [A-Z][a-z]{2,8} \d{4})(?![\w-])|\d{4}年\d{1,2}月\d{1,2}日",
    re.ASCII,
)


MANY_FIGURES = 4  # columns beside which a name would get too little room on a phone
_SET_ASIDE = 8  # spaces in front of a line of text that is centred or set to the right


def write(document: b.Document, wording: Wording) -> str:
    """Return the HTML of a letter's body."""
    return _Writer(wording).blocks(document.blocks)


def _e(text: str) -> str:
    return escape(text, quote=True)


def _lines(text: str) -> str:
    """Escape `text`, keeping its line breaks and leading spaces (Outlook knows no pre-wrap)."""
    rows = []
    for line in text.split("\n"):
        body = line.lstrip(" ")
        rows.append("&nbsp;" * (len(line) - len(body)) + _e(body))
    return "<br>".join(rows)


def _whole(text: str) -> str:
    """Escape `text`; ticket numbers and dates in it do not break at a line's end."""
    return _KEPT_WHOLE.sub(r'<span class="whole">\g<0></span>', _e(text))


def _spans(line: b.Line) -> str:
    parts = []
    for span in line:
        words = "<br>".join(_whole(piece) for piece in span.text.split("\n"))
        if span.code:
            words = f'<code class="code whole">{words}</code>'
        parts.append(f"<strong>{words}</strong>" if span.bold else words)
    return "".join(parts)


class _Writer:
    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def blocks(self, content: Iterable[b.Block]) -> str:
        return "\n".join(self._block(block) for block in content)

    def _block(self, block: b.Block) -> str:
        match block:
            case b.Heading(level, line):
                return f'<h{level} class="h{level}">{_spans(line)}</h{level}>'
            case b.Paragraph(line):
                return f'<p class="p">{_spans(line)}</p>'
            case b.Bullets(items, ordered):
                tag = "ol" if ordered else "ul"
                rows = "".join(f'<li class="li">{_spans(item)}</li>' for item in items)
                return f'<{tag} class="list">{rows}</{tag}>'
            case b.Rule():
                return f'{_TABLE} width="100%"><tr><td class="rule">&nbsp;</td></tr></table>'
            case b.Box(style, inner):
                return self._box(style, self.blocks(inner))
            case b.Quote(text, caption, _):
                head = f'<p class="caption">{_e(caption)}</p>' if caption else ""
                return f'{head}<blockquote class="quote" dir="auto">{_lines(text)}</blockquote>'
            case b.Prose(paragraphs):
                return "".join(f'<p class="p prose">{_e(text)}</p>' for text in paragraphs)
            case b.SignOff(office, date):
                return f'<p class="signoff">{_e(office)}<br>{_e(date)}</p>'
            case _:
                return self._figure(block)

    def _figure(self, block: b.Block) -> str:
        match block:
            case b.Facts(rows):
                return _facts(rows)
            case b.Buttons(items, compact):
                return _compact(items) if compact else _buttons(items)
            case b.Table():
                return _table(block)
            case b.Bars(rows):
                return _bars(rows)
            case b.Tiles(items):
                return _tiles(items)
            case b.Card():
                return _card(block)
            case b.Group(inner):
                return self.blocks(inner)
            case b.Dones(items):
                return self._dones(items)
            case b.Enclosed(facts, text):
                body = _letter(text)
                return (
                    f'{_TABLE} width="100%" class="enclosed"><tr><td class="enclosed-head">{_facts(facts)}</td></tr>'
                    f'<tr><td class="enclosed-body">{body}</td></tr></table>'
                )
            case _:
                raise TypeError(f"no HTML form for {type(block).__name__}")

    def _box(self, style: str, inner: str) -> str:
        if style in ("info", "warn", "alert", "good"):
            return f'{_TABLE} width="100%" class="box"><tr><td class="note {style}">{inner}</td></tr></table>'
        return f'<div class="{style}">{inner}</div>'

    def _dones(self, items: tuple[b.Done, ...]) -> str:
        rows = []
        for item in items:
            mark, tone = ("✓", "good") if item.done else ("✗", "alert")
            said = self._wording.word("done" if item.done else "refused")
            if item.waits:
                mark, tone, said = "?", "info", self._wording.word("to_confirm")
            change = f'<br><span class="muted">{_e(item.change)}</span>' if item.change else ""
            rows.append(
                f'<tr><td class="done-mark {tone}-text" valign="top" title="{_e(said)}">{mark}</td>'
                f'<td class="done"><code class="code">{_e(item.typed)}</code><br>{_lines(item.what)}{change}</td></tr>'
            )
        return f'{_TABLE} width="100%" class="dones">{"".join(rows)}</table>'


def _letter(text: str) -> str:
    """Set a text part as a letter again: what was indented to the right or quoted is so, at any width."""
    parts = []
    for line in reflow(text):
        words = line.strip(" ")
        indent = len(line) - len(line.lstrip(" "))
        if not words:
            parts.append('<div class="line-gap">&nbsp;</div>')
        elif set(words) == {"─"}:
            parts.append(f"<div>{words[:6]}</div>")
        elif line.startswith(">"):
            parts.append(f'<div class="line-quote" dir="auto">{_e(words[1:].lstrip())}</div>')
        elif indent >= _SET_ASIDE:
            side = "right" if width(line) > COLUMNS - 4 else "center"
            parts.append(f'<div class="{side}">{_e(words)}</div>')
        else:
            parts.append(f'<div dir="auto">{_lines(line)}</div>')
    return "".join(parts)


def _small(text: str) -> str:
    return f'<br><span class="muted small-print">{_e(text)}</span>' if text else ""


def _facts(rows: tuple[b.Fact, ...]) -> str:
    cells = "".join(
        f'<tr><th class="fact-label" scope="row" align="left" valign="top">{_e(row.label)}</th>'
        f'<td class="fact {row.tone}-text" valign="top" dir="auto">{_whole(row.value)}{_small(row.note)}</td></tr>'
        for row in rows
    )
    return f'<table cellpadding="0" cellspacing="0" border="0" width="100%" class="facts">{cells}</table>'


def _buttons(items: tuple[b.Button, ...]) -> str:
    rows = []
    for item in items:
        hint = f'<br><span class="hint">{_e(item.hint)}</span>' if item.hint else ""
        rows.append(
            f'<tr><td class="button-cell"><a class="button" href="{_e(item.href)}">'
            f'<strong class="digit">{item.number}</strong>&nbsp;&nbsp;{_e(item.label)}{hint}</a></td></tr>'
            '<tr><td class="gap">&nbsp;</td></tr>'
        )
    return f'{_TABLE} width="100%" class="buttons">{"".join(rows)}</table>'


def _compact(items: tuple[b.Button, ...]) -> str:
    return '<div class="compact">{}</div>'.format(
        " ".join(
            f'<a class="pill" href="{_e(item.href)}"><strong class="digit">{item.number}</strong>'
            f"&nbsp;{_e(item.label)}{'<span>…</span>' if item.hint else ''}</a>"
            for item in items
        )
    )


def _table(table: b.Table) -> str:
    if len(table.head) - len(table.numeric) >= b.TOO_MANY_WORDS:
        return _records(table)

    def cell(tag: str, column: int, text: str) -> str:
        side, look = ("right", f"{tag} figure") if column in table.numeric else ("left", tag)
        wide = ' width="34%"' if column == 0 and tag == "th" and len(table.numeric) >= MANY_FIGURES else ""
        return f'<{tag} class="{look}" align="{side}" valign="top" dir="auto"{wide}>{_whole(text)}</{tag}>'

    head = "".join(cell("th", column, text) for column, text in enumerate(table.head))
    rows = "".join(
        f"<tr>{''.join(cell('td', column, text) for column, text in enumerate(row))}</tr>"
        for row in table.rows
    )
    return (
        '<table cellpadding="0" cellspacing="0" border="0" width="100%" class="table">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _records(table: b.Table) -> str:
    """Return rows one below the other: so many columns of words would be a letter wide each on a phone."""
    made = []
    for first, *rest in table.rows:
        parts = " ".join(
            f'<span class="part" dir="auto"><span class="muted">{_e(head)}</span> {_whole(text)}&nbsp;&nbsp;</span>'
            for head, text in zip(table.head[1:], rest, strict=True)
            if text
        )
        made.append(
            f'<tr><td class="td" dir="auto"><span class="strong-text">{_whole(first)}</span><br>{parts}</td></tr>'
        )
    return (
        '<table cellpadding="0" cellspacing="0" border="0" width="100%" class="table">'
        f"<tbody>{''.join(made)}</tbody></table>"
    )


def _bars(rows: tuple[b.BarRow, ...]) -> str:
    """Label and figure on one line, the bar as a row of table cells below: no width is too small."""
    cells = []
    for row in rows:
        filled = round(min(max(row.share, 0.0), 1.0) * 100)
        tone = "bar-alert" if row.alert else "bar-fill"
        full = f'<td class="{tone}" width="{filled}%">&nbsp;</td>' if filled else ""
        empty = f'<td class="bar-empty" width="{100 - filled}%">&nbsp;</td>' if filled < 100 else ""
        cells.append(
            f'<tr><td class="bar-label" dir="auto">{_e(row.label)}</td>'
            f'<td class="bar-value{" alert-text" if row.alert else ""}" align="right">{_e(row.value)}</td></tr>'
            f'<tr><td class="bar" colspan="2">{_TABLE} width="100%" class="bar-track"><tr>{full}{empty}</tr></table>'
            "</td></tr>"
        )
    return f'{_TABLE} width="100%" class="bars">{"".join(cells)}</table>'


_MSO_CELL = "<!--[if mso]></td><td width='110' valign='top'><![endif]-->"


def _tiles(items: tuple[b.Tile, ...]) -> str:
    """Boxes that stand beside each other where there is room and wrap where there is none."""
    tiles = []
    for item in items:
        change = _e(item.change) if item.change else "&nbsp;"
        tiles.append(
            f'<div class="tile"><div class="tile-value">{_e(item.value)}</div>'
            f'<div class="tile-label">{_e(item.label)}</div><div class="tile-change">{change}</div></div>'
        )
    cells = _MSO_CELL.join(tiles)  # Outlook for Windows sets no blocks beside each other but in a table
    start = "<!--[if mso]><table role='presentation'><tr><td width='110' valign='top'><![endif]-->"
    end = "<!--[if mso]></td></tr></table><![endif]-->"
    return f'<div class="tiles">{start}{cells}{end}</div>'


def _card(card: b.Card) -> str:
    badge = f'<span class="badge {card.tone}">{_e(card.badge)}</span>' if card.badge else "&nbsp;"
    title = f'<div class="card-title" dir="auto">{_e(card.title)}</div>' if card.title else ""
    parts = " ".join(f'<span class="part" dir="auto">{_whole(part)}&nbsp;&nbsp;</span>' for part in card.meta)
    meta = f'<div class="muted">{parts}</div>' if parts else ""
    buttons = _compact(card.buttons.items) if card.buttons else ""
    facts = _facts(card.facts) if card.facts else ""
    return (
        f'{_TABLE} width="100%" class="card"><tr><td class="card-number">{_e(card.number)}</td>'
        f'<td class="card-badge" align="right">{badge}</td></tr>'
        f'<tr><td colspan="2" class="card-body">{title}{meta}{facts}{buttons}</td></tr></table>'
    )
