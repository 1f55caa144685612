"""A department's own templates: what overriding does, what the check finds, and what the style keeps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mail_desk.outbound import preview, samples
from mail_desk.outbound.letters import Letter, LetterKind
from mail_desk.outbound.render import Renderer, RenderError

TEMPLATES = Path(__file__).parents[3] / "templates"
ZONE = ZoneInfo("Asia/Shanghai")
RENDERER = Renderer([TEMPLATES], preview.OFFICE, ZONE)


def sample(kind: LetterKind, language: Any = "zh") -> Letter:
    return next(samples.letters(kind, language))


def test_the_shipped_templates_pass_the_check() -> None:
    assert RENDERER.check() == []


def test_an_undefined_name_in_a_template_stops_the_letter_and_names_the_file(tmp_path: Path) -> None:
    own = tmp_path / "zh"
    own.mkdir()
    (own / "alarm.j2").write_text("Subject: x\n\nfirst\n{{ what_hapened }}\n", encoding="utf-8")
    renderer = Renderer([tmp_path, TEMPLATES], preview.OFFICE, ZONE)
    with pytest.raises(RenderError, match=r"alarm\.j2: line 4: .*what_hapened"):
        preview.render(renderer, sample(LetterKind.ALARM))
    problems = renderer.check()
    assert problems
    assert all(str(own / "alarm.j2") in problem for problem in problems)


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("no subject\n", "Subject"),
        ("Subject: x\n\n::: warn\nnot closed\n", "not closed"),
        ("Subject: x\n\n::: loud\nx\n:::\n", "no box “loud”"),
        ("Subject: x\n\n**open\n", "not closed"),
        ("Subject: x\n\nwords {{ quote(detail) }}\n", "a line of its own"),
        ("Subject: x\n\n{{ detail|safe }}\n", "safe"),
        ("Subject: x\n\n{% if %}\n", "alarm"),
    ],
)
def test_a_broken_template_is_found_by_the_check(tmp_path: Path, template: str, complaint: str) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "alarm.j2").write_text(template, encoding="utf-8")
    (problem,) = Renderer([tmp_path, TEMPLATES], preview.OFFICE, ZONE).check()
    assert "alarm.j2" in problem
    assert complaint in problem


def test_a_department_overrides_one_template_and_one_label_and_keeps_the_rest(tmp_path: Path) -> None:
    own = tmp_path / "zh"
    own.mkdir()
    (own / "reply.j2").write_text("Subject: 我们的答复\n\n{{ prose(words) }}\n", encoding="utf-8")
    (own / "labels.toml").write_text('[word]\nprovisional_mark = "（以公布为准）"\n', encoding="utf-8-sig")
    renderer = Renderer([tmp_path, TEMPLATES], preview.OFFICE, ZONE)
    assert preview.render(renderer, sample(LetterKind.REPLY)).subject == "[K7Q2M4XW3P] 我们的答复"
    assert "2027年2月24日（以公布为准）" in preview.render(renderer, sample(LetterKind.ACCEPTANCE)).text
    assert renderer.check() == []


def test_a_name_no_sample_leads_to_is_found_by_the_check(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    body = "Subject: x\n\n{% if not title %}{{ titel }}{% endif %}x\n"
    (tmp_path / "zh" / "alarm.j2").write_text(body, encoding="utf-8")
    (problem,) = Renderer([tmp_path, TEMPLATES], preview.OFFICE, ZONE).check()
    assert "titel" in problem


def test_a_misspelt_file_name_is_found_by_the_check(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "reciept.j2").write_text("Subject: x\n\nx\n", encoding="utf-8")
    (tmp_path / "zh" / "_greeting.j2").write_text("x\n", encoding="utf-8")
    (problem,) = Renderer([tmp_path, TEMPLATES], preview.OFFICE, ZONE).check()
    assert "reciept.j2" in problem


def test_both_languages_have_the_same_labels(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "labels.toml").write_text('[word]\nonly_english = "x"\n', encoding="utf-8")
    (problem,) = Renderer([tmp_path, TEMPLATES], preview.OFFICE, ZONE).check()
    assert "only_english" in problem


# --- colours (WCAG 2.2, 1.4.3) ---


def luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(css: str) -> dict[str, dict[str, str]]:
    """Colour and ground of each selector, as `letter.css` says them."""
    found: dict[str, dict[str, str]] = {}
    for selectors, rules in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        for selector in selectors.split(","):
            for name, value in re.findall(r"(?<![\w-])(color|background): (#[0-9a-f]{6})", rules):
                found.setdefault(selector.strip(), {})[name] = value
    return found


ON_SHEET = (
    ".body", ".head", ".head-formal", ".muted", ".hint", ".caption", ".fact-label", ".th", ".tile-change",
    ".warn-text", ".alert-text", ".good-text",
)  # fmt: skip
ON_OWN = (".quote", ".code", ".button", ".pill", ".badge", ".badge.alert", ".badge.warn", ".badge.info")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_words_stand_out_from_their_ground(scheme: str) -> None:
    css = re.sub(r"/\*.*?\*/", "", (TEMPLATES / "letter.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    light, _, dark = css.partition("@media (prefers-color-scheme: dark)")
    rules = colours(light.partition("@media")[0])
    if scheme == "dark":
        overridden = colours(dark)
        rules = {
            name: {**found, **overridden.get(name, {})} for name, found in {**overridden, **rules}.items()
        }
    sheet, page_ground, ink = (
        rules[".sheet"]["background"],
        rules[".page"]["background"],
        rules[".body"]["color"],
    )
    pairs = {name: (rules[name]["color"], sheet) for name in ON_SHEET}
    pairs |= {name: (rules[name].get("color", ink), rules[name]["background"]) for name in ON_OWN}
    pairs |= {name: (rules[name]["color"], page_ground) for name in (".mark", ".foot")}
    pairs |= {
        f".{tone}": (ink, rules[f".{tone}"]["background"]) for tone in ("info", "warn", "alert", "good")
    }
    weak = {name: round(contrast(*pair), 2) for name, pair in pairs.items() if contrast(*pair) < 4.5}
    assert weak == {}
