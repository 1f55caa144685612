"""What a file that leaves may still say of who made it: told to whoever named it, while the letter can be stopped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mail_desk.desk.outcome import Actor
from mail_desk.desk.work import Work
from mail_desk.outbound import traces
from mail_desk.outbound.letters import File
from mail_desk.store.schema import LetterRow


def told(actor: Actor, files: Iterable[File]) -> str:
    """Return a sentence for each file that could not be cleaned wholly, "" where all could."""
    said = ""
    for file in files:
        zh = "；".join(traces.WORDS[key][0] for key in file.kept)
        en = "; ".join(traces.WORDS[key][1] for key in file.kept)
        if file.kept:
            said += actor.say(f"。请注意：{file.filename} {zh}", f". Note: {file.filename} {en}")
    return said


def of_letters(work: Work, actor: Actor, letters: Sequence[LetterRow]) -> str:
    """Return the same of what these letters carry."""
    return told(actor, (file for letter in letters for file in work.enclosed.get(letter.id, ())))
