"""A complainant without an e-mail address: what the desk writes is printed, and served otherwise.

The letter stands in full in the transcript; its notice is owed until `served` says how it was handed over.
Never sends anything.
"""

from __future__ import annotations

from mail_desk.desk import choices
from mail_desk.desk.case import Case
from mail_desk.desk.outcome import Actor, Outcome


def tell(case: Case, actor: Actor, outcome: Outcome) -> None:
    """Say of each letter that cannot be mailed how it reaches its reader; a notice gets its digits."""
    letters = [letter for letter in outcome.letters if not letter.recipient]
    if not letters:
        return
    notices = [letter.notice for letter in letters if letter.notice]
    if notices:
        said = actor.say(
            "。投诉人没有电子邮箱：请打印下面的文书，邮寄、当面送交或电话告知，送达后回复数字登记",
            ". The complainant has no e-mail address: print the notice below, serve it by post, hand or telephone, "
            "then answer with the digit",
        )
    else:
        said = actor.say(
            "。投诉人没有电子邮箱：下面的信没有发出，请打印邮寄、当面送交或电话告知，再用“备注”记下",
            ". The complainant has no e-mail address: the letter below was not sent. Post it, hand it over or "
            "telephone, then note it",
        )
    outcome.what = outcome.what.rstrip("。.") + said
    for notice in notices:
        outcome.offers += choices.delivery(case, notice)
