"""What a letter is made of: paragraphs, facts, choices, bars … as plain frozen data.

One letter becomes one tuple of blocks, and both parts (`text_part`, `html_part`) are written from it;
so they cannot say different things. Nothing here knows markup, HTML or Jinja. Text in blocks is
already clean (`wording.clean`): no control characters, no bidi overrides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style; a line feed in it is a hard line break."""

    text: str
    bold: bool = False
    code: bool = False


Line = tuple[Span, ...]
Tone = Literal["plain", "strong", "info", "warn", "alert", "good"]


@dataclass(frozen=True, slots=True)
class Heading:
    level: int  # 1: the letter's own; 2: a section
    line: Line


@dataclass(frozen=True, slots=True)
class Paragraph:
    line: Line


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[Line, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    pass


@dataclass(frozen=True, slots=True)
class Box:
    """Blocks set apart. `small`, `right` and `center` are type only; the tones draw a note."""

    style: Literal["info", "warn", "alert", "good", "small", "right", "center", "lead", "title"]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    tone: Tone = "plain"
    note: str = ""  # small print behind the value


@dataclass(frozen=True, slots=True)
class Facts:
    rows: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Button:
    number: int
    label: str
    hint: str  # "" or how to add words
    typed: str  # what to type where the number does not suffice: "3 …"
    href: str  # mailto:


@dataclass(frozen=True, slots=True)
class Buttons:
    items: tuple[Button, ...]
    compact: bool = False  # beside each other, inside a card


@dataclass(frozen=True, slots=True)
class Quote:
    """Words set apart with their line breaks: of somebody else, or (`own`) what the office asks."""

    text: str
    caption: str = ""
    own: bool = False  # then not marked by ">", which mail clients take for old text and fold away


@dataclass(frozen=True, slots=True)
class Prose:
    """The office's own words as typed: each line a paragraph, indented in a formal notice."""

    paragraphs: tuple[str, ...]


TOO_MANY_WORDS = 5  # columns of words: such a table is written row below row


@dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = field(default_factory=frozenset)  # columns set to the right


@dataclass(frozen=True, slots=True)
class BarRow:
    label: str
    value: str
    share: float  # 0..1
    alert: bool


@dataclass(frozen=True, slots=True)
class Bars:
    rows: tuple[BarRow, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    label: str
    value: str
    change: str


@dataclass(frozen=True, slots=True)
class Tiles:
    items: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One ticket in a list: what it is, how late, and what can be replied about it."""

    number: str
    title: str
    badge: str
    tone: Tone
    meta: tuple[str, ...]
    buttons: Buttons | None = None
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Blocks of one component."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """One line of a transcript."""

    typed: str
    done: bool
    what: str
    change: str  # "before → after" or ""
    waits: bool = False  # for a digit that confirms it


@dataclass(frozen=True, slots=True)
class Dones:
    items: tuple[Done, ...]


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Another letter shown in full. `text` is a text part: lines ending in a space flow on."""

    facts: tuple[Fact, ...]
    text: str


@dataclass(frozen=True, slots=True)
class SignOff:
    """Office and date at the lower right (落款)."""

    office: str
    date: str


Block = (
    Heading
    | Paragraph
    | Bullets
    | Rule
    | Box
    | Facts
    | Buttons
    | Quote
    | Prose
    | Table
    | Bars
    | Tiles
    | Card
    | Group
    | Dones
    | Enclosed
    | SignOff
)


@dataclass(frozen=True, slots=True)
class Document:
    """A letter before it is laid out."""

    subject: str  # without the tag
    preheader: str
    formal: bool  # an official notice: head in red, paragraphs indented
    blocks: tuple[Block, ...]
