"""Every letter in every language on one page, as the reader would see it: `mail-desk preview`.

The page holds each letter's HTML in a frame of its own (`srcdoc`), its text part below, and the
subject with its preheader as an inbox shows them. One file, nothing loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape

from mail_desk import config
from mail_desk.outbound import samples
from mail_desk.outbound.letters import KINDS, Letter, LetterKind, Rendered
from mail_desk.outbound.render import Renderer
from mail_desk.outbound.wording import LANGUAGES, Language

ADDRESS = "desk@example.org"
TAG = "K7Q2M4XW3P"
SENDERS: dict[Language, tuple[str, str]] = {
    "zh": ("外商投资企业投诉受理信箱", ADDRESS),
    "en": ("Complaint Desk for Foreign-Invested Enterprises", ADDRESS),
}

# Stands in for a department where none is configured: screenshots and tests.
OFFICE = config.Office(
    name_zh="洛阳高新区贸易促进部",
    name_en="Trade Promotion Department, Luoyang High-tech Zone",
    signature_zh="洛阳高新区贸易促进部",
    signature_en="Trade Promotion Department, Luoyang High-tech Zone",
    telephone="0379-5550 0100",
    postal_zh="河南省洛阳市高新区示例路1号",
    postal_en="1 Example Road, Luoyang High-tech Zone, Henan",
    rules_zh="《外商投资企业投诉工作办法》（商务部令2020年第3号）",
    rules_en="Working Measures for Complaints of Foreign-Invested Enterprises (MOFCOM Order No. 3 of 2020)",
    higher_body_zh="洛阳市商务局",
    higher_body_en="Luoyang Municipal Bureau of Commerce",
)

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2530; --muted: #5b6675; --line: #dce1e7; --ground: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --muted: #a5b0be; --line: #323b47; --ground: #12161b; }
}
body { margin: 0; color: var(--ink); background: var(--ground); line-height: 1.5;
  font-family: -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { max-width: 1320px; margin: 0 auto; padding: 24px; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 12px 0; border-bottom: 1px solid var(--line); }
a { color: inherit; }
section { padding: 24px 0; border-bottom: 1px solid var(--line); }
h2 { margin: 0 0 4px; font-size: 18px; }
.muted { margin: 0 0 12px; color: var(--muted); font-size: 14px; }
.pair { display: flex; flex-wrap: wrap; gap: 24px; }
.one { flex: 1 1 420px; min-width: 0; }
.subject { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
iframe { width: 100%; height: 640px; border: 1px solid var(--line); border-radius: 6px; background: #fff; }
pre { overflow-x: auto; padding: 12px; border: 1px solid var(--line); border-radius: 6px; font-size: 13px;
  font-family: ui-monospace, Menlo, Consolas, "Noto Sans Mono CJK SC", monospace; }
"""


def rendered(renderer: Renderer) -> Iterator[tuple[Letter, int, Rendered]]:
    """Yield every sample letter with its place among those of its kind, rendered."""
    for kind in LetterKind:
        for language in LANGUAGES:
            for number, letter in enumerate(samples.letters(kind, language), 1):
                yield letter, number, render(renderer, letter, number)


def render(renderer: Renderer, letter: Letter, number: int = 1) -> Rendered:
    """Render one sample as the gallery and the screenshots show it."""
    return renderer.render(
        letter,
        sender=SENDERS[letter.language],
        message_id=f"sample.{letter.kind}.{letter.language}.{number}@example.org",
        tag=TAG,
        date=_date(),
    )


def _date() -> datetime:
    return samples.TODAY


def gallery(renderer: Renderer) -> str:
    """Return the page. RenderError where a template fails: run `Renderer.check` first."""
    by_kind: dict[LetterKind, list[tuple[Letter, int, Rendered]]] = {kind: [] for kind in LetterKind}
    for entry in rendered(renderer):
        by_kind[entry[0].kind].append(entry)
    links = "".join(f'<a href="#{kind}">{kind}</a>' for kind in LetterKind)
    sections = "".join(_section(kind, entries) for kind, entries in by_kind.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Letters of the desk</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>Letters of the desk</h1><nav>{links}</nav>"
        f"{sections}</main></body></html>\n"
    )


def kinds_table() -> str:
    """Return the table of `docs/letters.md`: what the desk knows of every kind of letter."""
    rows = [
        "| Letter | To | Budget class | Automatic | In a ticket's life |",
        "| --- | --- | --- | --- | --- |",
    ]
    rows += [
        f"| `{kind}` | {spec.audience} | {spec.pacing} | {spec.auto} | {spec.per_ticket} |"
        for kind, spec in KINDS.items()
    ]
    return "\n".join(rows) + "\n"


def _section(kind: LetterKind, entries: list[tuple[Letter, int, Rendered]]) -> str:
    spec = KINDS[kind]
    shown = "".join(_one(letter, done) for letter, _number, done in sorted(entries, key=lambda e: e[1]))
    return (
        f'<section id="{kind}"><h2>{kind}</h2><p class="muted">{spec.audience} · {spec.pacing} · '
        f'{escape(spec.per_ticket)}</p><div class="pair">{shown}</div></section>'
    )


def _one(letter: Letter, done: Rendered) -> str:
    title = escape(f"{letter.kind} {letter.language}", quote=True)
    return (
        f'<div class="one"><p class="subject">{escape(done.subject)}</p>'
        f'<p class="muted">{letter.language} · {len(done.html.encode()) / 1000:.0f} kB HTML</p>'
        f'<iframe title="{title}" loading="lazy" sandbox srcdoc="{escape(done.html, quote=True)}"></iframe>'
        f'<details><summary>text</summary><pre lang="{letter.language}">{escape(done.text)}</pre></details></div>'
    )
