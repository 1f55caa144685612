"""A translation beside the office's Chinese words: the handler's own, below a line 译文： or Translation:.

Letters to a complainant who writes English say that the Chinese text is authoritative, and that a translation
follows where one does. Without one the handler is told so while the letter is still held. Nothing is translated here.
"""

from __future__ import annotations

from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor
from mail_desk.outbound.wording import has_translation, is_chinese


def missing(case: Case, actor: Actor, words: str) -> str:
    """Say that an English-speaking complainant gets Chinese words only, "" where that is not so."""
    if case.row.language != "en" or not is_chinese(words) or has_translation(words):
        return ""
    return actor.say(
        "。来信人用英文来信，信中会注明以中文为准；要附译文，请撤销后重发，正文后另起一行写“译文：……”",
        ". The complainant writes English; the letter says that the Chinese text is authoritative. To add a "
        "translation, undo it and send it again with a line “Translation: …” below the words",
    )
