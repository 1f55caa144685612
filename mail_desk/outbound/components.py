"""The components templates call, such as `{{ facts(…) }}`, `{{ offer(…) }}` and `{{ cards(…) }}`.

Bound to one letter (its language, the address to reply to and its tag), because buttons are `mailto:`
links that carry them. Each returns one block, or "" where there is nothing to show.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote as percent

from mail_desk.outbound import blocks as b
from mail_desk.outbound.letters import (
    Bar,
    Choice,
    CloudView,
    Figure,
    FileView,
    LimitView,
    PersonTicket,
    Preview,
    ReminderItem,
    TicketView,
    TranscriptLine,
    WaitingMail,
)
from mail_desk.outbound.letters_dates import DateView
from mail_desk.outbound.wording import Wording, clean, shorten, untagged

MARK = "请在此行以上回复 · reply above this line"
# An HTML part over 102 kB is cut off by Gmail, so what can grow without end is shortened, and says so.
LONGEST_QUOTE = 12_000  # characters of a complaint's words
MOST_CARDS = 16  # tickets of a letter shown with all about them, the first ones
MOST_ROWS = 40  # further ones shown in a line each
LONGEST_VALUE = 500  # columns of a subject, a name, a reason …
LONGEST_LINK = 500  # characters of a mailto: URL every client takes whole


class Components:
    """What a template may call besides its own context."""

    def __init__(self, wording: Wording, *, address: str, tag: str) -> None:
        self._w = wording
        self._address = address
        self._tag = tag
        self._cards_left = MOST_CARDS
        self._rows_left = MOST_ROWS

    def names(self) -> dict[str, object]:
        """Return the callables under the names templates use."""
        return {
            name: getattr(self, name)
            for name in (
                "facts", "offer", "quote", "prose", "table", "bars", "tiles", "cards", "waiting",
                "file_list", "cloud_list", "enclosed", "done_list", "sign_off", "limits", "ticket_facts",
                "sentences", "in_lines", "in_review", "explained_dates", "dates_in_short",
            )
        }  # fmt: skip

    # --- links ---

    def link(self, body: str) -> str:
        """Return a mailto: URL whose mail says `body`, found by the tag in its subject (RFC 6068)."""
        url = f"mailto:{percent(self._address, safe='@')}?subject={percent(f'Re: [{self._tag}]')}"
        link = f"{url}&body={percent(body)}"
        return link if len(link) <= LONGEST_LINK else url

    def _button(self, choice: Choice) -> b.Button:
        typed = f"{choice.number} …" if choice.needs_words else str(choice.number)
        hint = self._w.word("add_words", number=choice.number) if choice.needs_words else ""
        body = f"{choice.number} " if choice.needs_words else str(choice.number)
        return b.Button(choice.number, _said(choice.label), hint, typed, self.link(body))

    def offer(self, choices: Sequence[Choice]) -> b.Block | str:
        """Numbered next steps as buttons; in text, one line each."""
        return b.Buttons(tuple(self._button(choice) for choice in choices)) if choices else ""

    # --- words of people ---

    def quote(self, text: str, caption: str = "", *, own: bool = False) -> b.Block | str:
        """Words set apart as they came: of somebody else, or the office's own list of what it asks."""
        kept = clean(text).strip("\n").expandtabs(4)
        if len(kept) > LONGEST_QUOTE and not own:
            kept = (
                f"{kept[:LONGEST_QUOTE].rstrip()} …\n\n{self._w.word('cut', count=len(kept) - LONGEST_QUOTE)}"
            )
        return b.Quote(kept, _said(caption), own) if kept.strip() else ""

    def prose(self, text: str) -> b.Block | str:
        """Return the office's own words: each line or run of lines between empty ones a paragraph."""
        lines = tuple(line.strip() for line in clean(text).split("\n") if line.strip())
        return b.Prose(lines) if lines else ""

    def sentences(self, lines: Iterable[str]) -> b.Block | str:
        """Return a list of ready sentences, such as warnings."""
        items = tuple((b.Span(_said(line)),) for line in lines)
        return b.Bullets(items) if len(items) > 1 else (b.Paragraph(items[0]) if items else "")

    # --- facts and tables ---

    def facts(self, rows: Iterable[Sequence[str]]) -> b.Block | str:
        """Label and value pairs; then perhaps a tone and small print. Rows without a value are left out."""
        kept = tuple(_fact(row) for row in rows if row[1])
        return b.Facts(kept) if kept else ""

    def ticket_facts(self, ticket: TicketView, *, limits: bool = True) -> b.Block | str:
        """Who complains about what since when, and what is due."""
        word, w = self._w.word, self._w
        person = ticket.complainant
        if ticket.complainant_address and ticket.complainant_address != person:
            person = f"{person} <{ticket.complainant_address}>" if person else ticket.complainant_address
        rows = [
            (word("subject"), ticket.subject),
            (word("from"), person),
            (word("enterprise"), ticket.enterprise),
            (word("telephone"), ticket.telephone),
            (word("received"), w.day(ticket.received_on)),
            (word("channel"), ticket.channel),
            (word("kind"), w.label("kind", ticket.kind) if ticket.kind else word("unmarked")),
            (word("state"), w.label("state", ticket.state)),
            (word("category"), ticket.category),
            (word("handler"), ticket.handler or word("nobody")),
            (word("snoozed"), ticket.snoozed),
        ]
        shown = ticket.limits if limits else ()
        return self.facts([*rows, *(self._limit_row(limit) for limit in shown)])

    def _limit_row(self, limit: LimitView) -> tuple[str, str, str, str]:
        due = self._w.due(limit.due_on, provisional=limit.provisional)
        small = ("；" if self._w.language == "zh" else "; ").join(
            part for part in (limit.basis, self._prepare(limit)) if part
        )
        return limit.label, f"{due} · {self._w.left(limit)}", _tone(limit), small

    def _prepare(self, limit: LimitView) -> str:
        """Say by when a decision that needs approval is put forward."""
        return self._w.word("prepare_by", day=self._w.day(limit.prepare_by)) if limit.prepare_by else ""

    def limits(self, limits: Sequence[LimitView]) -> b.Block | str:
        return self.facts([self._limit_row(limit) for limit in limits])

    def table(
        self, head: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()
    ) -> b.Block | str:
        """Return a table; `numeric` names the columns set to the right, from 0."""
        if not rows:
            return ""
        return b.Table(
            tuple(head), tuple(tuple(_said(cell) for cell in row) for row in rows), frozenset(numeric)
        )

    def bars(self, rows: Sequence[Bar]) -> b.Block | str:
        kept = tuple(b.BarRow(_said(r.label), _said(r.value), r.share, r.alert) for r in rows)
        return b.Bars(kept) if kept else ""

    def tiles(self, figures: Sequence[Figure]) -> b.Block | str:
        kept = tuple(b.Tile(_said(f.label), _said(f.value), _said(f.change)) for f in figures)
        return b.Tiles(kept) if kept else ""

    # --- dates ---

    def explained_dates(self, dates: Sequence[DateView]) -> b.Block | str:
        """Dates with everything they were counted from: a card a limit."""
        cards = tuple(
            b.Card(
                number=date.day if self._w.language == "zh" else self._w.day(date.limit.due_on),  # one line
                title=date.limit.label
                + self._again(date)
                + (self._w.word("provisional_mark") if date.limit.provisional else ""),
                badge=self._stands(date),
                tone=_date_tone(date),
                meta=(),
                facts=tuple(b.Fact(_said(label), clean(text).strip()) for label, text in date.parts),
            )
            for date in dates
        )
        return b.Group(cards) if cards else ""

    def dates_in_short(self, dates: Sequence[DateView]) -> b.Block | str:
        """Dates in a row each: what, until when, how it stands."""
        return self.facts(
            (
                date.limit.label + self._again(date),
                f"{self._w.due(date.limit.due_on, provisional=date.limit.provisional)} · {self._stands(date)}",
                _date_tone(date),
                date.limit.basis,
            )
            for date in dates
        )

    def _again(self, date: DateView) -> str:
        """Say the how manieth time a limit runs, where it ran more than once."""
        return self._w.word("times", number=date.times) if date.times else ""

    def _stands(self, date: DateView) -> str:
        """Say how long there is, or how it ended, in a few words."""
        return self._w.left(date.limit) if date.state == "running" else self._w.label("due", date.state)

    # --- tickets in lists ---

    def cards(
        self, entries: Sequence[ReminderItem | TicketView | PersonTicket], *, owner: bool = False
    ) -> b.Block | str:
        """Tickets one below the other, with what can be replied about each."""
        if not entries:
            return ""
        cards = self._take_cards(len(entries))
        shown: list[b.Block] = [self._card(entry, owner=owner) for entry in entries[:cards]]
        if rest := entries[cards:]:
            shown.append(self._lines(rest))
        return b.Group(tuple(shown))

    def _row(self, entry: ReminderItem | TicketView | PersonTicket) -> tuple[str, str, str]:
        """Return a ticket in one line, for those behind the first ones."""
        card = self._card(entry, owner=False)
        numbers = ", ".join(button.typed for button in card.buttons.items) if card.buttons else ""
        badge = f"{card.badge} ({numbers})" if numbers else card.badge
        ticket = entry if isinstance(entry, TicketView) else entry.ticket
        return card.number, shorten(card.title, 44), _said(ticket.snoozed) or badge

    def _card(self, entry: ReminderItem | TicketView | PersonTicket, *, owner: bool) -> b.Card:
        choices: tuple[Choice, ...] = ()
        limit: LimitView | None
        if isinstance(entry, TicketView):
            ticket, limit, person = entry, next(iter(entry.limits), None), entry.handler
        elif isinstance(entry, PersonTicket):
            ticket, person, choices = entry.ticket, entry.ticket.handler, entry.choices
            limit = next(iter(ticket.limits), None)
        else:
            ticket, limit, person, choices = entry.ticket, entry.limit, entry.owner, entry.choices
        meta = [_said(ticket.enterprise or ticket.complainant)]
        if ticket.channel:
            meta.append(_said(self._w.word("by_channel", channel=ticket.channel)))
        if limit is not None:
            due = self._w.due(limit.due_on, provisional=limit.provisional)
            meta.append(self._w.word("limit_due", limit=limit.label, due=due))
            meta.append(self._prepare(limit))
        if limit is None or not ticket.kind:  # what nobody has looked at yet is known by its day of arrival
            meta.append(self._w.word("received_on", day=self._w.day(ticket.received_on)))
        if ticket.snoozed:
            meta.append(_said(ticket.snoozed))
        if owner:
            meta.append(self._w.word("owner", name=person or self._w.word("nobody")))
        if isinstance(entry, ReminderItem) and entry.said:
            meta.append(_said(entry.said))
        if isinstance(entry, PersonTicket):
            meta.extend(_said(line) for line in entry.said)
        return b.Card(
            number=ticket.number,
            title=_said(ticket.subject),
            badge=self._w.left(limit) if limit else self._w.label("state", ticket.state),
            tone=_tone(limit) if limit else "info",
            meta=tuple(part for part in meta if part),
            buttons=b.Buttons(tuple(self._button(c) for c in choices), compact=True) if choices else None,
        )

    def _take_cards(self, wanted: int) -> int:
        """Return how many cards the letter still has room for, and count them as used."""
        taken = min(wanted, self._cards_left)
        self._cards_left -= taken
        return taken

    def in_lines(self, tickets: Sequence[TicketView]) -> b.Block | str:
        """Tickets that need nothing today, a line each."""
        return self._lines(tickets) if tickets else ""

    def _lines(self, entries: Sequence[ReminderItem | TicketView | PersonTicket]) -> b.Block:
        word = self._w.word
        rows = tuple(self._row(entry) for entry in entries[: self._rows_left])
        self._rows_left -= len(rows)
        shown: list[b.Block] = []
        if rows:
            shown.append(b.Table((word("number"), word("subject"), word("limit")), rows))
        if more := len(entries) - len(rows):
            shown.append(b.Paragraph((b.Span(word("more", count=more)),)))
        return b.Group(tuple(shown))

    def in_review(self, letters: Sequence[tuple[str, str]]) -> b.Block | str:
        """Letters that wait for their release: ticket and subject, without the tag of the letter."""
        return self.table(
            (self._w.word("number"), self._w.word("letter")),
            [(number, untagged(subject)) for number, subject in letters[:MOST_ROWS]],
        )

    def waiting(self, mails: Sequence[WaitingMail]) -> b.Block | str:
        """Mails that wait for a person, with the reference a command calls them by."""
        cards = tuple(
            b.Card(
                number=mail.reference,
                title=_said(mail.subject) or self._w.word("no_subject"),
                badge=self._w.day(mail.received_on),
                tone="info",
                meta=tuple(_said(part) for part in (mail.sender, mail.reason) if part),
            )
            for mail in mails[: self._take_cards(len(mails))]
        )
        more = len(mails) - len(cards)
        end = (b.Paragraph((b.Span(self._w.word("more", count=more)),)),) if more else ()
        return b.Group((*cards, *end)) if mails else ""

    # --- files and letters ---

    def file_list(self, files: Sequence[FileView], *, received: bool = False) -> b.Block | str:
        """File names with their sizes, and which do not travel with this letter (not said of those `received`)."""
        items = []
        for file in files:
            left_out = "" if file.attached or received else self._w.word("not_attached")
            items.append((b.Span(f"{_said(file.filename)} ({self._w.size(file.size)}){left_out}"),))
        return b.Bullets(tuple(items)) if items else ""

    def cloud_list(self, files: Sequence[CloudView]) -> b.Block | str:
        """Files that a mail only linked to."""
        items = []
        for file in files:
            expires = self._w.word("expires", when=_said(file.expires)) if file.expires else ""
            about = "".join(f" ({_said(file.size)})" if file.size else "")
            items.append((b.Span(f"{_said(file.filename)}{about}{expires}"),))
        return b.Bullets(tuple(items)) if items else ""

    def enclosed(self, letter: Preview) -> b.Block:
        """Return a letter that a verb caused, in full."""
        word = self._w.word
        leaves = self._w.moment(letter.leaves_at) if letter.leaves_at else word("waits_for_release")
        if letter.to_print:
            leaves = word("to_print")
        rows = (
            b.Fact(word("to"), _said(letter.to)),
            b.Fact(word("subject"), untagged(letter.subject)),
            b.Fact(word("leaves"), leaves),
            *(b.Fact(word("file"), _said(name)) for name in letter.files),
        )
        lines = clean(letter.text).strip("\n").split("\n")
        if lines and MARK in lines[0]:
            del lines[0]  # nobody replies above a line of a letter inside a letter
        return b.Enclosed(rows, "\n".join(lines).strip("\n"))

    def done_list(self, lines: Sequence[TranscriptLine]) -> b.Block | str:
        """Return a transcript: each line typed, what it did or why not, before → after."""
        items = []
        for line in lines:
            change = ""
            if line.before != line.after:
                nothing = self._w.word("nothing")
                change = f"{_said(line.before) or nothing} → {_said(line.after) or nothing}"
            items.append(b.Done(_said(line.typed), line.done, clean(line.what).strip(), change, line.waits))
        return b.Dones(tuple(items)) if items else ""

    def sign_off(self, office: str, date: str) -> b.Block:
        return b.SignOff(_said(office), date)


def _said(text: str) -> str:
    """Return a value for one place on one line, cut where it would fill a page."""
    return shorten(text, LONGEST_VALUE)


def _fact(row: Sequence[str]) -> b.Fact:
    tone: b.Tone = "plain"
    if len(row) > 2 and row[2] in ("strong", "info", "warn", "alert", "good"):
        tone = row[2]  # type: ignore[assignment]  # one of Tone, as just checked
    return b.Fact(_said(row[0]), _said(row[1]), tone, _said(row[3]) if len(row) > 3 else "")


def _date_tone(date: DateView) -> b.Tone:
    if date.late:
        return "alert"
    return {"running": _tone(date.limit), "met": "good"}.get(date.state, "info")


def _tone(limit: LimitView) -> b.Tone:
    if limit.days_left < 0:
        return "alert"
    return "warn" if limit.days_left <= 2 else "plain"
