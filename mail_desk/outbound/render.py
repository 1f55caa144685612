"""A letter → its subject, text, HTML and final bytes. The only module that knows Jinja2.

Each kind has one template a language, `<language>/<kind>.j2`, in the markup of `markup.py`; text and
HTML both come from it. Templates are looked for file by file, a department's own directories before
the shipped one. A name a template does not have is an error (StrictUndefined), never an empty place.
Renders nothing that is not in the letter's context; sends nothing, decides nothing, keeps no state.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import css_inline
import jinja2
from jinja2 import meta, sandbox
from markupsafe import Markup

from mail_desk import config
from mail_desk.outbound import blocks, help_card, html_part, markup, mime, text_part
from mail_desk.outbound.components import MARK, Components
from mail_desk.outbound.letters import CONTEXTS, KINDS, Audience, Letter, LetterKind, Rendered
from mail_desk.outbound.wording import (
    LANGUAGES,
    NO_ADDRESS,
    LabelError,
    Language,
    Wording,
    gist,
    has_translation,
    is_chinese,
    one_line,
    shorten,
    untagged,
)

LARGEST_HTML = 100_000  # bytes: Gmail cuts a mail off at 102 kB
_SUBJECT_COLUMNS = 110
# Words of a stranger in a subject must not look like a second tag: a reply is found by it.
_LOOKS_TAGGED = re.compile(r"\[([A-Za-z0-9]{10})\]")

# Filters that hand text through as markup or write HTML: a template must have no way round Atoms.
_REFUSED_FILTERS = (
    "safe",
    "escape",
    "e",
    "forceescape",
    "urlize",
    "xmlattr",
    "tojson",
    "striptags",
    "format",
)


class RenderError(Exception):
    """A template that cannot be rendered; the message names the file and the cause."""


@dataclass(frozen=True, slots=True)
class OfficeWords:
    """The office in one language, as `office` in templates."""

    name: str
    signature: str
    telephone: str
    postal: str
    rules: str
    higher_body: str

    @classmethod
    def of(cls, office: config.Office, language: Language) -> OfficeWords:
        if language == "zh":
            return cls(
                office.name_zh, office.signature_zh, office.telephone, office.postal_zh,
                office.rules_zh, office.higher_body_zh,
            )  # fmt: skip
        return cls(
            office.name_en, office.signature_en, office.telephone, office.postal_en,
            office.rules_en, office.higher_body_en,
        )  # fmt: skip


class Renderer:
    """Renders letters. Made once, used from any thread: it changes nothing after construction."""

    def __init__(self, template_dirs: Sequence[Path], office: config.Office, zone: ZoneInfo) -> None:
        """Read labels and style. `template_dirs`: the department's own first, the shipped one last."""
        self._dirs = tuple(template_dirs)
        self._zone = zone
        self._wordings = {lang: Wording.load(lang, self._dirs, zone) for lang in LANGUAGES}
        self._offices = {lang: OfficeWords.of(office, lang) for lang in LANGUAGES}
        self._environments = {lang: self._environment(lang) for lang in LANGUAGES}
        self._layout = _layout_environment(self._dirs)
        self._inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

    # --- one letter ---

    def render(
        self,
        letter: Letter,
        *,
        sender: tuple[str, str],
        message_id: str,
        tag: str,
        date: datetime,
    ) -> Rendered:
        """Return the letter as it leaves. The same arguments give the same bytes.

        `sender`: name and address of the desk in the letter's language. `message_id`: without angle
        brackets. `date`: an aware instant. RenderError where a template fails; ValueError where an
        address or the id is not one.
        """
        components = Components(self._wordings[letter.language], address=sender[1], tag=tag)
        document = self._document(letter, components, date)
        title = _LOOKS_TAGGED.sub(r"(\1)", document.subject)
        subject = f"[{tag}] {shorten(title, _SUBJECT_COLUMNS)}"
        footer = self._footer(letter, components, sender[1], tag)
        text = self._text(letter, document, footer)
        html = self._html(letter, document, footer, subject)
        envelope = mime.Envelope(
            sender=sender,
            recipient=(letter.to_name, letter.to_address),
            subject=subject,
            message_id=message_id,
            date=date.astimezone(self._zone),
            language="zh-CN" if letter.language == "zh" else "en",
            automatic=KINDS[letter.kind].auto,
            in_reply_to=letter.in_reply_to,
            references=letter.references,
        )
        return Rendered(subject, text, html, mime.build(envelope, text, html, letter.files))

    def _document(self, letter: Letter, components: Components, date: datetime) -> blocks.Document:
        context = {field.name: getattr(letter.context, field.name) for field in fields(letter.context)}
        context |= components.names() | {
            "to_name": one_line(letter.to_name),
            "choices": letter.choices,
            "files_sent": tuple(file.filename for file in letter.files),
            "today": date.astimezone(self._zone).date(),
            "link": components.link,
            "help_rows": help_card.rows(getattr(letter.context, "help_for", "handler"), letter.language),
            "printed": letter.to_address == NO_ADDRESS,
        }
        document = self._parsed(letter.language, f"{letter.kind}.j2", context)
        if letter.new_contact is None:
            return document
        names = components.names() | {"new_contact": letter.new_contact}
        note = self._parsed(letter.language, "new-contact-note.j2", names)
        return replace(document, blocks=(*document.blocks, *note.blocks))

    def _footer(self, letter: Letter, components: Components, address: str, tag: str) -> blocks.Document:
        audience = KINDS[letter.kind].audience
        name = "footer-outward.j2" if audience.outward else "footer-staff.j2"
        context: dict[str, Any] = {
            "address": address,
            "tag": tag,
            "automatic": KINDS[letter.kind].auto != "no",
            "alarm": audience is Audience.OPERATOR,
            "printed": letter.to_address == NO_ADDRESS,
        }
        return self._parsed(letter.language, name, components.names() | context)

    def _parsed(self, language: Language, name: str, context: dict[str, Any]) -> blocks.Document:
        atoms = markup.Atoms()
        environment = self._environments[language]
        try:
            stream = environment.get_template(name).render({**context, _ATOMS: atoms})
            return markup.parse(stream, atoms)
        except (jinja2.TemplateError, markup.MarkupError, LookupError, TypeError, ValueError) as error:
            raise RenderError(f"{self._file(language, name)}: {_reason(error)}") from error

    # --- the two parts ---

    def _text(self, letter: Letter, document: blocks.Document, footer: blocks.Document) -> str:
        wording = self._wordings[letter.language]
        mark = f"—— {MARK} ——\n\n" if expects_reply(letter.kind) else ""
        end = text_part.write(footer, wording)
        return f"{mark}{text_part.write(document, wording)}\n{'─' * 24}\n{end}"

    def _html(self, letter: Letter, document: blocks.Document, footer: blocks.Document, subject: str) -> str:
        wording = self._wordings[letter.language]
        page = self._layout.get_template("layout.html.j2").render(
            lang="zh-CN" if letter.language == "zh" else "en",
            subject=subject,
            preheader=document.preheader,
            mark=MARK if expects_reply(letter.kind) else "",
            office=self._offices[letter.language],
            formal=document.formal,
            indented=document.formal and letter.language == "zh",
            body=Markup(html_part.write(document, wording)),  # noqa: S704 - escaped word by word there
            footer=Markup(html_part.write(footer, wording)),  # noqa: S704 - likewise
        )
        return self._inliner.inline(page)

    # --- templates ---

    def _environment(self, language: Language) -> jinja2.Environment:
        wording = self._wordings[language]
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader([directory / language for directory in self._dirs]),
            undefined=jinja2.StrictUndefined,
            autoescape=True,  # makes results of macros and blocks Markup, so `finalize` can tell them
            finalize=_finalize,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        for name in _REFUSED_FILTERS:
            environment.filters.pop(name, None)
        environment.filters.update(
            day=wording.day,
            short_day=wording.short_day,
            weekday=wording.weekday,
            moment=wording.moment,
            size=wording.size,
            left=wording.left,
            short=shorten,
            gist=gist,
            untagged=untagged,
        )
        environment.tests["chinese"] = is_chinese
        environment.tests["translated"] = has_translation
        environment.globals = {
            "office": self._offices[language],
            "due": _due(wording),
            "label": wording.label,
            "word": wording.word,
            "range": range,
        }
        return environment

    def _file(self, language: Language, name: str) -> Path:
        """Return the file a template is read from: the first directory that has it."""
        found = (directory / language / name for directory in self._dirs)
        return next((path for path in found if path.is_file()), self._dirs[-1] / language / name)

    def check(self) -> list[str]:
        """Render every template of both languages with the samples; return what is wrong, by file."""
        from mail_desk.outbound import samples  # noqa: PLC0415 - only checks and previews need them

        problems = _label_problems(self._wordings, self._dirs) + self._strangers()
        for language in LANGUAGES:
            for kind in LetterKind:
                problems += self._unknown_names(kind, language)
                for letter in samples.letters(kind, language):
                    problems += self._problems(letter)
        return list(dict.fromkeys(problems))

    def _strangers(self) -> list[str]:
        """Find files in a department's own directories that no letter will ever use: misspelt names.

        Parts of a department's own, for `{% include %}`, begin with an underscore.
        """
        return [
            f"{path}: no letter uses a file of this name; see docs/letters.md for the names there are"
            for directory in self._dirs[:-1]
            for language in LANGUAGES
            for path in sorted((directory / language).glob("*.j2"))
            if not (self._dirs[-1] / language / path.name).is_file() and not path.name.startswith("_")
        ]

    def _unknown_names(self, kind: LetterKind, language: Language) -> list[str]:
        """Find names a template uses that it will not have, also where no sample leads."""
        environment, path = self._environments[language], self._file(language, f"{kind}.j2")
        try:
            used = meta.find_undeclared_variables(environment.parse(path.read_text(encoding="utf-8-sig")))
        except (OSError, UnicodeDecodeError, jinja2.TemplateSyntaxError):
            return []  # told by rendering it
        components = Components(self._wordings[language], address="desk@example.org", tag="")
        known = {field.name for field in fields(CONTEXTS[kind])} | set(components.names()) | _EXTRAS
        return [
            f"{path}: there is no “{name}” in this letter"
            for name in sorted(used - known - set(environment.globals))
        ]

    def _problems(self, letter: Letter) -> list[str]:
        path = self._file(letter.language, f"{letter.kind}.j2")
        if not path.is_file():
            return [f"{path}: this template is missing"]
        sender = (self._offices[letter.language].name, "desk@example.org")
        date = datetime(2026, 11, 23, 9, 30, tzinfo=self._zone)
        try:
            done = self.render(
                letter, sender=sender, message_id="check@example.org", tag="K7Q2M4XW3P", date=date
            )
        except RenderError as error:
            return [str(error)]
        if len(done.html.encode()) > LARGEST_HTML:
            return [
                f"{path}: its HTML takes {len(done.html.encode())} bytes, at most {LARGEST_HTML} are allowed"
            ]
        return []


def document_environment() -> sandbox.SandboxedEnvironment:
    """Return what Word templates are filled in with (`official.py`): strict, escaped, out of Python's reach."""
    return sandbox.SandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=True)


def expects_reply(kind: LetterKind) -> bool:
    """Tell whether a reply to such a letter reaches the desk; only alarms expect none."""
    return KINDS[kind].audience is not Audience.OPERATOR


_ATOMS = "_atoms"
_EXTRAS = {"to_name", "choices", "files_sent", "today", "link", "help_rows", "printed"}  # what _document adds


@jinja2.pass_context
def _finalize(context: jinja2.runtime.Context, value: object) -> object:
    """Put every value a template prints out of the parser's reach; see `markup.Atoms`."""
    if isinstance(value, jinja2.Undefined):
        str(value)  # raises: StrictUndefined names what is missing
    if value is None or value == "":
        return Markup("")
    if isinstance(value, Markup):
        return value  # the result of a macro, a {% call %} or a {% set %} block: template text and atoms
    atoms: markup.Atoms = context[_ATOMS]
    if isinstance(value, blocks.Block):
        return Markup(atoms.put(value))  # noqa: S704 - two private-use characters and a number
    return Markup(atoms.put(str(value)))  # noqa: S704 - likewise


def _due(wording: Wording) -> Callable[..., str]:
    def due(value: Any, provisional: bool) -> str:  # noqa: ANN401 - called from templates
        return wording.due(value, provisional=provisional)

    return due


def _layout_environment(template_dirs: Sequence[Path]) -> jinja2.Environment:
    """Return the environment of the HTML frame: ordinary HTML, ordinary autoescape."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(list(template_dirs)),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _reason(error: Exception) -> str:
    """Say what went wrong and, where it is known, on which line of the template."""
    line = getattr(error, "lineno", None)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.endswith(".j2"):
            line = frame.lineno
    where = f"line {line}: " if line else ""
    return f"{where}{error}"


def _label_problems(wordings: dict[Language, Wording], template_dirs: Sequence[Path]) -> list[str]:
    problems: list[str] = []
    for language in LANGUAGES:
        other = wordings["en" if language == "zh" else "zh"].sections()
        own = wordings[language].sections()
        path = template_dirs[-1] / language / "labels.toml"
        problems += [
            f"{path}: [{section}] lacks {key}, which the other language has"
            for section, labels in other.items()
            for key in labels
            if key not in own.get(section, {})
        ]
    return problems


__all__ = ["LARGEST_HTML", "MARK", "LabelError", "OfficeWords", "RenderError", "Renderer", "expects_reply"]
