"""Letters to a complainant that wait for a supervisor's release (审签): what waits, and whose it is to say.

A request to release goes out once with each letter. Whoever must be told of the ticket afterwards reads in that
letter that one waits, and a supervisor has the digit there too: a notice that lies about is a limit missed.
"""

from __future__ import annotations

from sqlalchemy import select

from mail_desk.config import Language, Person, Role
from mail_desk.desk.case import Case
from mail_desk.store.schema import LetterRow, LetterState

_Step = tuple[str, str, str, bool]


def waiting(case: Case) -> list[LetterRow]:
    """Return the letters of this ticket that wait for a release, oldest first."""
    query = (
        select(LetterRow)
        .where(LetterRow.ticket_id == case.row.id, LetterRow.state == LetterState.REVIEW)
        .order_by(LetterRow.id)
    )
    return list(case.work.session.scalars(query))


def title(letter: LetterRow) -> str:
    """Return a letter's subject without its tag."""
    return letter.subject.removeprefix(f"[{letter.tag}]").strip()


def said(case: Case, language: Language) -> str:
    """Say what waits for whose release; "" where nothing does."""
    letters = waiting(case)
    if not letters:
        return ""
    supervisor = case.supervisor()
    titles = (
        "、".join(title(x) for x in letters) if language == "zh" else ", ".join(title(x) for x in letters)
    )
    if language == "zh":
        return f"尚未发出，等待{supervisor.name if supervisor else '负责人'}放行：{titles}"
    name = (supervisor.name_en or supervisor.name) if supervisor else "a supervisor"
    return f"Not sent yet, waits for {name} to release it: {titles}"


def steps(case: Case, person: Person) -> list[_Step]:
    """Return the step that releases the one letter that waits, to who may take it."""
    if person.role is not Role.SUPERVISOR:
        return []
    letters = waiting(case)
    if len(letters) != 1:  # several: each by its own request, where it can be read
        return []
    return [("release", f"放行：{title(letters[0])}", f"Release: {title(letters[0])}", False)]
