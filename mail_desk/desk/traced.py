"""What a file that leaves may still say of who made it: told to whoever named or releases it, while it can be stopped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mail_desk.config import Language
from mail_desk.desk.outcome import Actor
from mail_desk.desk.work import Work
from mail_desk.outbound import traces
from mail_desk.outbound.letters import File
from mail_desk.store.schema import LetterRow


def sentences(files: Iterable[File], language: Language) -> tuple[str, ...]:
    """Return a sentence for each file that could not be cleaned wholly."""
    nth, between = (0, "；") if language == "zh" else (1, "; ")
    return tuple(
        f"{file.filename} {between.join(traces.WORDS[key][nth] for key in file.kept)}"
        for file in files
        if file.kept
    )


def told(actor: Actor, files: Iterable[File]) -> str:
    """Return these sentences behind what a command did, "" where there are none."""
    return "".join(
        actor.say(f"。请注意：{said}", f". Note: {said}") for said in sentences(files, actor.language)
    )


def of_letters(work: Work, actor: Actor, letters: Sequence[LetterRow]) -> str:
    """Return the same of what these letters carry."""
    return told(actor, (file for letter in letters for file in work.enclosed.get(letter.id, ())))
