"""Commands of the time that a restore took back: what they call M12 or L7 may be something else now.

Such a mail is read and carried out again. A number above those that the backup held was given anew, perhaps to
another mail: a command that was typed with it is refused, and whoever wrote it told to look it up.
"""

from __future__ import annotations

import re

from mail_desk.desk.outcome import Actor, Outcome
from mail_desk.desk.work import Work
from mail_desk.store import restored
from mail_desk.tickets.commands import Command

_NUMBER = re.compile(r"(?<![A-Za-z0-9])([ML])(\d{1,9})(?!\d)", re.IGNORECASE)


def refused(work: Work, actor: Actor, command: Command) -> Outcome | None:
    """Refuse a command of before the restore that names a mail or letter by a number given since."""
    if not work.restored or not (named := _NUMBER.findall(command.typed)):
        return None
    kept = restored.numbers(work.session)
    if kept is None or actor.message.received_at >= kept.at:
        return None
    last = {"M": kept.mails, "L": kept.letters}
    doubtful = [f"{of.upper()}{n}" for of, n in named if int(n) > last[of.upper()]]
    if not doubtful:
        return None
    work.origin += " renumbered"  # what follows is not what followed the first time: its letters are new ones
    what = "、".join(doubtful) if actor.language == "zh" else ", ".join(doubtful)
    return Outcome(
        False,
        actor.say(
            f"未办理：系统已从备份恢复，您写信之后编号有变，{what} 可能已指另一封信。请核对后重新发送。",
            f"Not done: the desk was restored from a backup after you wrote, and {what} may mean another mail now. "
            "Please look it up and send the command again.",
        ),
    )
