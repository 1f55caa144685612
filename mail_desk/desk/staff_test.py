"""The round trip of `mail-desk staff test`: a letter to each person, and what the answer was found to prove.

The answer itself is what is learned (`learned.py`); here is what is sent, and what is said about it.
"""

from __future__ import annotations

from collections.abc import Iterable

from mail_desk.config_authority import Authority
from mail_desk.desk.choices import numbered
from mail_desk.desk.learned import Tested
from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.post import Cause, To, post, to_person
from mail_desk.desk.work import Work
from mail_desk.outbound.letters import LetterKind, StaffTestContext


def send(work: Work, keys: Iterable[str]) -> list[str]:
    """Queue a test letter to every address of these persons; return where they go. Once a day each."""
    sent = []
    for key in keys:
        person = work.people.by_key(key)
        for address in person.addresses if person is not None else ():
            if person is None:
                continue
            to = to_person(work, person)
            letter = post(
                work,
                LetterKind.STAFF_TEST,
                To(address, to.name, to.language, to.audience, to.person),
                StaffTestContext(to.name, address),
                Cause("staff-test"),
                choices=numbered([("#help", "收到，请记下", "Here it is: take note", False)], to.language),
                dedupe=f"staff-test/{address}/{work.today}",
            )
            if letter is not None:
                sent.append(address)
    return sent


def is_answer(actor: Actor) -> bool:
    """Say whether a mail answers a test letter."""
    return actor.letter is not None and actor.letter.kind == LetterKind.STAFF_TEST.value


def answer(work: Work, actor: Actor) -> Outcome:
    """Tell the person what the answer proved, and what follows from it."""
    address = actor.message.from_address or ""
    proof = actor.message.proof or {}
    ways, authority = tuple(proof.get("ways", ())), work.settings.authority
    names = " + ".join({"dkim": "DKIM", "provider": actor.say("邮箱服务商", "the provider")}[w] for w in ways)
    if ways:
        found = actor.say(
            f"已记下：从 {address} 发出的邮件能证明出自本人（{names}）。今后没有这种验证的，不执行并告知您。",
            f"Noted: mail from {address} proves who wrote it ({names}). Mail without that proof will not be "
            "carried out, and you are told.",
        )
    else:
        found = actor.say(
            f"已记下：从 {address} 发出的邮件不能证明出自本人。",
            f"Noted: mail from {address} does not prove who wrote it.",
        )
    if actor.standing.proven or authority.way_of(address) == "token":
        follows = actor.say("对外和决定类命令直接执行。", " Outward and deciding commands are done at once.")
    else:
        follows = actor.say(
            "对外和决定类命令执行前，须再回复一个数字确认。",
            " Outward and deciding commands are done after one more digit.",
        )
    return Outcome(True, found + follows)


def means(authority: Authority, address: str, tested: Tested | None) -> str:
    """Say in a few words what outward and deciding verbs need from this address."""
    way = authority.way_of(address)
    if way == "token" or authority.default == "token":
        return "at once (the letter's key is enough)"
    if tested is None:
        return f"at once where {way} proves it, else one more digit"
    holds = {
        "dkim": "dkim" in tested.ways,
        "provider": "provider" in tested.ways,
        "either": bool(tested.ways),
    }
    return f"at once ({way})" if holds.get(way, False) else "one more digit each time"
