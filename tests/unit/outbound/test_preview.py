"""The gallery and docs/letters.md show every letter there is."""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path
from zoneinfo import ZoneInfo

from mail_desk.outbound import preview, samples
from mail_desk.outbound.components import Components
from mail_desk.outbound.letters import CONTEXTS, LetterKind
from mail_desk.outbound.render import Renderer
from mail_desk.outbound.wording import LANGUAGES, Wording

ROOT = Path(__file__).parents[3]
ZONE = ZoneInfo("Asia/Shanghai")
RENDERER = Renderer([ROOT / "templates"], preview.OFFICE, ZONE)


def test_the_gallery_shows_every_sample_with_html_text_and_subject() -> None:
    page = preview.gallery(RENDERER)
    for letter, _, done in preview.rendered(RENDERER):
        assert f'title="{letter.kind} {letter.language}"' in page
        assert escape(done.subject) in page
    frames = re.findall(r'srcdoc="([^"]*)"', page)
    assert len(frames) == sum(len(list(samples.letters(k, lang))) for k in LetterKind for lang in LANGUAGES)
    assert unescape(frames[0]) == next(preview.rendered(RENDERER))[2].html
    assert all(f'id="{kind}"' in page for kind in LetterKind)


def test_the_gallery_runs_and_loads_nothing() -> None:
    page = preview.gallery(RENDERER)
    assert "<script" not in page
    assert page.count("<iframe") == page.count(" sandbox ")
    assert "http" not in page


def test_samples_have_the_context_their_kind_declares() -> None:
    for kind in LetterKind:
        for language in LANGUAGES:
            for letter in samples.letters(kind, language):
                assert type(letter.context) is CONTEXTS[kind]
                assert letter.language == language


def test_the_document_of_letters_holds_the_table_of_kinds_as_it_is_in_the_code() -> None:
    document = (ROOT / "docs" / "letters.md").read_text(encoding="utf-8")
    assert preview.kinds_table() in document


def test_the_document_names_every_component_templates_can_call() -> None:
    document = (ROOT / "docs" / "letters.md").read_text(encoding="utf-8")
    components = Components(Wording("en", {}, ZONE), address="desk@example.org", tag="K7Q2M4XW3P")
    assert [name for name in components.names() if f"`{name}(" not in document] == []
