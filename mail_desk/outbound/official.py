"""Formal notices as Word documents, from templates the department edits in Word. The only user of docxtpl.

A template is `notices/<form>.docx` in a template directory, the department's own before the shipped one. It is
an ordinary document with `{{ names }}` in it (docs/notices.md lists them); what it says is Chinese, the language
of the record. Values are put in as plain text: nothing a stranger wrote is read as markup or template code.
Sends nothing and decides nothing.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from mail_desk.outbound import render
from mail_desk.outbound.wording import clean, one_line

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LARGEST = 5 * 2**20  # bytes of a template


class OfficialError(Exception):
    """A Word template that cannot be filled in; the message names the file and the cause."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What a template may name. Dates are written out: 2026年11月23日."""

    number: str  # 洛高外诉受〔2026〕12号
    title: str  # 受理通知书
    office: str
    signature: str
    telephone: str
    postal: str
    rules: str
    higher_body: str
    to: str  # the complainant, as the register names it
    ticket: str  # 2026-0123
    subject: str
    received_on: str
    today: str
    paragraphs: tuple[str, ...]  # the words of the decision, one a paragraph
    ground: str  # "" where the decision names none
    basis: str  # its article
    days: str  # of the limit the notice speaks of, in working days; "" for none
    until: str  # the new date of an extension, "" otherwise


SAMPLE = Fields(
    number="洛高外诉受〔2026〕12号",
    title="通知书",
    office="洛阳高新区管委会外资外贸处",
    signature="洛阳高新区外商投资企业投诉受理窗口",
    telephone="0379-5550 0100",
    postal="河南省洛阳市高新区示例路1号",
    rules="《外商投资企业投诉工作办法》（商务部令2020年第3号）",
    higher_body="洛阳市商务局",
    to="凯勒精密机械（洛阳）有限公司",
    ticket="2026-0123",
    subject="关于停水停电影响生产的投诉",
    received_on="2026年11月20日",
    today="2026年11月23日",
    paragraphs=(
        "经核实，该街道办事处停水停电未履行告知程序，不符合有关规定。现已全部恢复供水供电，并已向你单位书面致歉。",
        "关于赔偿请求，双方已达成书面协议，约定于2026年12月31日前履行完毕。",
    ),
    ground="经协调处理，投诉人同意终结",
    basis="《外商投资企业投诉工作办法》第二十条",
    days="60",
    until="2027年4月8日",
)


def file_of(directories: Sequence[Path], form: str) -> Path:
    """Return the template of a form: the first directory that has it, else where it should be."""
    candidates = [directory / "notices" / f"{form}.docx" for directory in directories]
    return next((path for path in candidates if path.is_file()), candidates[-1])


def document(directories: Sequence[Path], form: str, values: Fields) -> bytes:
    """Return a form filled in, as a .docx. OfficialError where its template is missing or broken."""
    path = file_of(directories, form)
    try:
        template = path.read_bytes()
    except OSError as error:
        said = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise OfficialError(f"{path}: this template {said}") from error
    if len(template) > LARGEST:
        raise OfficialError(f"{path}: larger than {LARGEST // 2**20} MB")
    try:
        return _filled(template, _plain(values))
    except Exception as error:  # whatever Word, WPS or a person left in the file: no letter waits for it
        raise OfficialError(f"{path}: {_reason(error)}") from error


def check(directories: Sequence[Path], forms: Iterable[str]) -> list[str]:
    """Fill in every form with samples and return what is wrong, by file: broken, or without its number."""
    problems: list[str] = []
    for form in dict.fromkeys(forms):
        for values in (SAMPLE, replace(SAMPLE, ground="", basis="", days="", until="", paragraphs=("",))):
            try:
                text = words_of(document(directories, form, values))
            except OfficialError as error:
                problems.append(str(error))
                continue
            problems += [
                f"{file_of(directories, form)}: it does not show {{{{ {name} }}}}"
                for name in ("number", "to", "today", "signature")
                if getattr(values, name) not in text
            ]
    return list(dict.fromkeys(problems))


def words_of(content: bytes) -> str:
    """Return the text of a document's body, a line a paragraph."""
    from docx import Document  # noqa: PLC0415 - a fifth of a second, where a document is read or made only

    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)


def _filled(template: bytes, values: Mapping[str, Any]) -> bytes:
    from docxtpl import DocxTemplate  # noqa: PLC0415 - likewise

    opened = DocxTemplate(io.BytesIO(template))
    opened.render(dict(values), jinja_env=render.document_environment(), autoescape=True)
    written = io.BytesIO()
    opened.save(written)
    return written.getvalue()


def _plain(values: Fields) -> dict[str, Any]:
    """Return the values without control characters, which no Word document can hold."""
    shown = {
        name: one_line(value) if isinstance(value, str) else value for name, value in asdict(values).items()
    }
    return shown | {"paragraphs": [one_line(text) for text in values.paragraphs if one_line(text)]}


def paragraphs(words: str) -> tuple[str, ...]:
    """Return words as the paragraphs they were written in."""
    return tuple(line.strip() for line in clean(words).split("\n") if line.strip())


def names() -> tuple[str, ...]:
    """Return every name a template may use."""
    return tuple(field.name for field in fields(Fields))


def _reason(error: Exception) -> str:
    line = getattr(error, "lineno", None)
    said = str(error) or type(error).__name__
    return f"{said} (line {line} of its text)" if line else said
