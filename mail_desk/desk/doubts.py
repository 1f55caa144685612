"""Why a mail from outside is not taken for what it seems to be, in a sentence for its handler."""

from __future__ import annotations

from collections.abc import Collection

from mail_desk.desk.work import Work


def unverified(work: Work, sender: str, known: Collection[str], *, role: str, keyed: bool) -> str:
    """Say why. `known`: addresses that take part in the ticket; `keyed`: the mail answers a letter of ours."""
    zh = work.settings.desk.staff_language == "zh"
    organ = work.people.organ_of(sender)
    if role == "organ" and organ is not None and not keyed:
        name = organ.name if zh else organ.name_en or organ.name
        return (
            f"可能是{name}的答复，但发件地址 {sender} 不是我们发函的地址，也没有回复原函。"
            if zh
            else f"It may be the answer of the {name}, but {sender} is not the address we wrote to and it is no "
            "reply to our letter."
        )
    if not keyed:
        return (
            f"发件地址 {sender} 和编号相符，但这封来信没有回复我们的信件。"
            if zh
            else f"Number and address ({sender}) fit, but it is no reply to a letter of ours."
        )
    if sender in known:
        return (
            "它回复的是一封早已失效的信件。"
            if zh
            else "The letter it answers is too old to prove who writes."
        )
    return (
        f"它回复了我们的信件，但那封信不是发给 {sender} 的。"
        if zh
        else f"It answers a letter of ours that was not written to {sender}."
    )
