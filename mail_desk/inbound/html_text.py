"""HTML → text a person can read, and HTML → HTML that is safe to show. Linear, total, no remote content.

The text keeps what carries meaning in a letter: paragraphs, lists, table cells (tabs), link targets,
quotations as `> ` lines, so that the reply splitter sees the same marks as in plain text. It is a
tokenizer, not a tree: broken nesting costs nothing and depth has no limit. Beyond `MAX_TAGS` tags the
rest is stripped crudely, so the time stays bounded.
"""

from __future__ import annotations

import html
import re

import nh3

MAX_TAGS = 150_000
MAX_NESTING = 400
MAX_SHOWN = 2_000_000  # characters of HTML kept for display; the raw message has all of it

_TAG_NAME = re.compile(r"/?[a-zA-Z][^\s/>]*")
_ATTRIBUTE = re.compile(r"""([a-zA-Z_:-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_CRUDE_TAG = re.compile(r"<[^<>]*>")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_NO_BORDER = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.IGNORECASE)

_SKIPPED_WORDS = "script style title noscript template object applet svg math xml select textarea"
_SKIPPED = frozenset(_SKIPPED_WORDS.split())
_VOID_WORDS = "br hr img input meta link area base col embed source track wbr"
_VOID = frozenset(_VOID_WORDS.split())
_BLOCK_WORDS = (
    "address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header html legend li main menu nav ol p pre section summary table tbody "
    "tfoot thead tr ul"
)
_BLOCK = frozenset(_BLOCK_WORDS.split())
_SPACED_WORDS = "p h1 h2 h3 h4 h5 h6 ul ol dl pre blockquote"
_SPACED = frozenset(_SPACED_WORDS.split())  # an empty line around
_QUOTE_STYLE = re.compile(r"gmail_quote|quote|cite|isreplycontent|yahoo_quoted|replycontent", re.IGNORECASE)


class _Page:
    """The text under construction: finished lines, the open line, and the marks before it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.open: list[str] = []
        self.prefix: list[str] = []  # "> " for each quotation, "" for a mere indentation
        self.gap = False  # an empty line is due before the next text
        self.bullet = ""
        self.preformatted = 0
        self.last_mark = ""  # the quotation marks of the line before

    def write(self, text: str) -> None:
        if self.preformatted:
            first, *more = text.replace("\r\n", "\n").split("\n")
            self.put(first)
            for line in more:
                self.end_line(keep_empty=True)
                self.put(line)
            return
        text = _SPACES.sub(" ", text)
        if not self.open or self.open[-1].endswith((" ", "\t")):
            text = text.lstrip(" ")
        if text:
            self.put(text)

    def put(self, text: str) -> None:
        if text:
            if self.bullet:
                self.open.append(self.bullet)
                self.bullet = ""
            self.open.append(text)

    def end_line(self, *, keep_empty: bool = False) -> None:
        text = "".join(self.open).replace("\xa0", " ").rstrip(" \t")
        self.open.clear()
        if not text.strip() and not keep_empty:
            return
        mark = "".join(self.prefix)
        if self.gap and self.lines:
            self.lines.append(min(mark, self.last_mark, key=len).rstrip(" "))
        self.gap = False
        self.last_mark = mark
        self.lines.append((mark + text) if text else mark.rstrip(" "))

    def text(self) -> str:
        self.end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip("\n")


def to_text(source: str) -> str:
    """Return readable text of any HTML."""
    return _Reader(source).run()


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.lower = source.lower() if len(source.lower()) == len(source) else _ascii_lower(source)
        self.page = _Page()
        self.links: list[tuple[str, int]] = []  # target, where its text began in the open line
        self.lists: list[int] = []  # 0 for bullets, else the next number
        self.quotes: list[str] = []
        self.hidden: tuple[str, int] | None = None  # tag name and depth of a display:none element
        self.unclosed: set[str] = set()  # skipped elements known to have no end: searched for once

    def run(self) -> str:
        position, tags = 0, 0
        while True:
            start = self.source.find("<", position)
            if start < 0:
                self.say(position, len(self.source))
                break
            tags += 1
            if tags > MAX_TAGS:
                self.page.write(html.unescape(_CRUDE_TAG.sub(" ", self.source[position:])))
                break
            self.say(position, start)
            position = self.tag(start)
        return self.page.text()

    def say(self, start: int, end: int) -> None:
        if end > start and self.hidden is None:
            text = self.source[start:end]
            self.page.write(html.unescape(text) if "&" in text else text)

    def tag(self, start: int) -> int:
        """Act on the markup at `start`; return where it ends."""
        if self.source.startswith("<!--", start):
            end = self.source.find("-->", start + 4)
            return end + 3 if end >= 0 else self.past(start, ">")
        if self.source.startswith(("<!", "<?"), start):
            return self.past(start, ">")
        match = _TAG_NAME.match(self.source, start + 1)
        if match is None:
            self.page.write("<")
            return start + 1
        end = self.tag_end(match.end())
        name = match[0].lower()
        if name.startswith("/"):
            self.closing(name[1:])
            return end
        if name in _SKIPPED:
            close = -1 if name in self.unclosed else self.lower.find("</" + name, end)
            if close < 0:
                self.unclosed.add(name)
            if name == "xml" and close < 0:
                return end
            return (
                self.past(close, ">")
                if close >= 0
                else (len(self.source) if name in ("script", "style") else end)
            )
        self.opening(name, match.end(), end)
        return end

    def past(self, start: int, mark: str) -> int:
        end = self.source.find(mark, start)
        return len(self.source) if end < 0 else end + len(mark)

    def tag_end(self, start: int) -> int:
        """Return the end of a tag; a `>` inside a quoted attribute does not end it."""
        end = self.past(start, ">")
        inside = self.source[start : min(end, start + 2000)]
        for quote in "\"'":
            if inside.count(quote) % 2 and inside.count("=" + quote):
                close = self.source.find(quote, end, end + 2000)
                if close >= 0 and "<" not in self.source[end:close]:
                    return self.past(close, ">")
        return end

    def attributes(self, start: int, end: int) -> dict[str, str]:
        found = {}
        for match in _ATTRIBUTE.finditer(self.source, start, min(end, start + 8000)):
            value = match[2] if match[2] is not None else match[3] if match[3] is not None else match[4]
            found[match[1].lower()] = html.unescape(value)
        return found

    def opening(self, name: str, start: int, end: int) -> None:
        if self.hidden is not None:
            if name == self.hidden[0] and name not in _VOID:
                self.hidden = (name, self.hidden[1] + 1)
            return
        if name not in _VOID and end - start > 14 and _HIDDEN.search(self.source, start, end):
            self.page.end_line() if name in _BLOCK else None
            self.hidden = (name, 1)
            return
        if name == "br":
            self.page.end_line(keep_empty=True)
        elif name == "hr":
            self.page.end_line()
            self.page.put("-" * 16)
            self.page.end_line()
        elif name == "img":
            alt = self.attributes(start, end).get("alt", "").strip()
            if alt:
                self.page.write(f"[{alt}]")
        elif name in ("td", "th"):
            if any(piece.strip() for piece in self.page.open[-4:]):
                self.page.put("\t")
        elif name == "a":
            target = self.attributes(start, end).get("href", "").strip()
            self.links.append((target, len(self.page.open)))
        elif name in _BLOCK:
            self.block_opens(name, start, end)

    def block_opens(self, name: str, start: int, end: int) -> None:
        self.page.end_line()
        if name in _SPACED:
            self.page.gap = True
        if name == "blockquote":
            self.quotes.append(self.quote_mark(self.attributes(start, end)))
            self.page.prefix.append(self.quotes[-1])
        elif name in ("ul", "ol"):
            self.lists.append(1 if name == "ol" else 0)
            self.page.gap = len(self.lists) == 1
        elif name == "li":
            self.page.bullet = "* "
            if self.lists and self.lists[-1]:
                self.page.bullet = f"{self.lists[-1]}. "
                self.lists[-1] += 1
        elif name == "pre":
            self.page.preformatted += 1

    @staticmethod
    def quote_mark(attributes: dict[str, str]) -> str:
        """Return "> " for a quotation, "" for a mere indentation: no border, no quoting class."""
        about = " ".join(attributes.get(key, "") for key in ("class", "id", "type", "cite"))
        if _QUOTE_STYLE.search(about) or attributes.get("type") == "cite":
            return "> "
        style = attributes.get("style", "")
        return "" if _NO_BORDER.search(style) and "border-left:" not in style.replace("none", "") else "> "

    def closing(self, name: str) -> None:
        if self.hidden is not None:
            if name == self.hidden[0]:
                self.hidden = (name, self.hidden[1] - 1) if self.hidden[1] > 1 else None
            return
        if name == "a" and self.links:
            self.link_ends(*self.links.pop())
        elif name in _BLOCK or name == "br":
            self.page.end_line(keep_empty=name == "br")
            if name in _SPACED:
                self.page.gap = True
            if name == "blockquote" and self.quotes:
                self.quotes.pop()
                self.page.prefix.pop()
            elif name in ("ul", "ol") and self.lists:
                self.lists.pop()
            elif name == "pre" and self.page.preformatted:
                self.page.preformatted -= 1

    def link_ends(self, target: str, began: int) -> None:
        """Keep where a link leads, unless its words already say so."""
        words = "".join(self.page.open[began:]).strip()
        scheme, _, rest = target.partition(":")
        if scheme.lower() not in ("http", "https", "ftp", "mailto") or not words or len(target) > 2000:
            return
        bare = (
            rest.lstrip("/").removeprefix("www.").rstrip("/").split("?", 1)[0] if scheme == "mailto" else rest
        )
        shown = words.lower()
        if bare.strip("/").lower() in shown or (len(shown) > 5 and shown in target.lower()):
            return
        self.page.put(f" <{target if scheme != 'mailto' else rest}>")


def _ascii_lower(text: str) -> str:
    return text.translate({c: c + 32 for c in range(65, 91)})


# --- for display ----------------------------------------------------------------------------------

_SHOWN_ATTRIBUTES = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
for _tag in ("table", "td", "th", "tr"):
    _SHOWN_ATTRIBUTES.setdefault(_tag, set()).update(
        {"align", "valign", "width", "bgcolor", "colspan", "rowspan"}
    )
_SHOWN_ATTRIBUTES.setdefault("table", set()).update({"border", "cellpadding", "cellspacing"})


def _only_local_pictures(element: str, attribute: str, value: str) -> str | None:
    """Drop every address that a client would fetch by itself."""
    if attribute == "src" or (element == "img" and attribute == "srcset"):
        return value if value.lower().startswith(("cid:", "data:image/")) and attribute == "src" else None
    return value


def sanitised(source: str) -> str:
    """Return HTML that may be shown: no scripts, no styles, nothing that is fetched by itself."""
    if len(source) > MAX_SHOWN or source.count("<") > MAX_TAGS or _too_deep(source):
        return ""
    return nh3.clean(
        source,
        attributes=_SHOWN_ATTRIBUTES,
        attribute_filter=_only_local_pictures,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel="noopener noreferrer nofollow",
    )


_NESTING = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_OPTIONAL_END = "p li td th tr tbody thead option dd dt colgroup html body head"
_SELF_CLOSING = _VOID | frozenset(_OPTIONAL_END.split())


def _too_deep(source: str) -> bool:
    """Tell nesting that no page needs: the sanitiser's time grows with the square of it."""
    depth = 0
    for match in _NESTING.finditer(source):
        if match[2].lower() not in _SELF_CLOSING:
            depth += -1 if match[1] else 1
            if depth > MAX_NESTING:
                return True
            depth = max(depth, 0)
    return False
