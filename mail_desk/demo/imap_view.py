"""What one session sees of an open folder: sequence numbers, and what changed since it last looked.

A server may tell of expunged messages only between commands (RFC 3501 §7.4.1), so the view keeps a
message until `news` is asked for with `expunged`; a vanished message simply has no more octets.
"""

from __future__ import annotations

from collections.abc import Iterator

from mail_desk.demo.imap_grammar import NumberSet
from mail_desk.demo.mail_store import Folder, Message


class View:
    """An open folder. Hold the store's lock around every call."""

    def __init__(self, folder: Folder, *, readonly: bool) -> None:
        self.folder = folder
        self.readonly = readonly
        self._messages = list(folder.messages)
        self._flags = {m.uid: m.flags for m in self._messages}
        self._seen = folder.changes

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def largest(self) -> tuple[int, int]:
        """The highest sequence number and the highest UID, for `*`."""
        return len(self._messages), self._messages[-1].uid if self._messages else 0

    def numbered(self) -> Iterator[tuple[int, Message]]:
        return enumerate(self._messages, 1)

    def pick(self, numbers: NumberSet, *, by_uid: bool) -> list[tuple[int, Message]]:
        """Return the messages of a set that still exist, ascending."""
        wanted = numbers.within(self.largest[by_uid])
        present = {id(m) for m in self.folder.messages}
        return [
            (number, message)
            for number, message in self.numbered()
            if wanted(message.uid if by_uid else number) and id(message) in present
        ]

    def reported(self, message: Message) -> None:
        """Note that the client has just been told the message's flags."""
        self._flags[message.uid] = message.flags

    def news(self, *, expunged: bool) -> list[bytes]:
        """Return the untagged lines that bring the client up to date."""
        if self._seen == self.folder.changes:
            return []
        lines: list[bytes] = []
        present = {id(m) for m in self.folder.messages}
        gone = [n for n, m in self.numbered() if id(m) not in present]
        if expunged:
            for number in reversed(gone):  # from the end, so that the numbers before it stay
                del self._messages[number - 1]
                lines.append(b"* %d EXPUNGE" % number)
        last = self._messages[-1].uid if self._messages else 0
        fresh = [m for m in self.folder.messages if m.uid > last]
        if fresh:
            self._messages += fresh
            self._flags.update({m.uid: m.flags for m in fresh})
            lines.append(b"* %d EXISTS" % len(self._messages))
        for number, message in self.numbered():
            if self._flags.get(message.uid) != message.flags and id(message) in present:
                self.reported(message)
                flags = " ".join(sorted(message.flags)).encode()
                lines.append(b"* %d FETCH (UID %d FLAGS (%b))" % (number, message.uid, flags))
        if expunged or not gone:
            self._seen = self.folder.changes
        return lines
