"""What reading a staff mail gives: commands, problems, free words. And what each problem is told.

Plain data and one table of sentences; `commands.read` makes them.
"""

from __future__ import annotations

from dataclasses import dataclass

from mail_desk.tickets.commands_verbs import VERBS, Verb, Wording

_TYPED_MOST = 200  # characters of a typed line that are shown again


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do."""

    verb: Verb
    ticket: str  # 2026-0003; "": the ticket of the letter answered
    argument: str  # by commands_verbs.Argument, "" where there is none
    words: str  # the free text that belongs to it
    typed: str  # its first line, as typed


@dataclass(frozen=True, slots=True)
class Problem:
    """One line that was not carried out."""

    typed: str
    code: str  # a key of PROBLEMS
    message_zh: str
    message_en: str
    suggestion: str  # the corrected command, complete; "" where that would be a guess


@dataclass(frozen=True, slots=True)
class Offer:
    """A numbered choice of the letter that is answered."""

    number: int
    command: str  # "#2026-0003 complaint"
    needs_words: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything a mail says, in order."""

    items: tuple[Command | Problem, ...]
    words: str  # free words without a command: an internal note
    looks_outward: bool  # they seem to be addressed to the enterprise


# code → (Chinese, English); {x} is the fact that makes it plain.
PROBLEMS: dict[str, tuple[str, str]] = {
    "unknown-verb": ("没有“{x}”这个命令{hint_zh}。", "There is no command “{x}”{hint_en}."),
    "missing-verb": ("只写了编号{x}，没有写要做什么。", "{x} stands alone: what shall be done with it?"),
    "missing-argument": (
        "“{x}”后面还要写明对象，例：{example}",
        "“{x}” needs to know what or whom, e.g. {example}",
    ),
    "missing-words": (
        "“{x}”后面没有内容。请在后面写上文字，例：{example}",
        "“{x}” has no words behind it, e.g. {example}",
    ),
    "bad-argument": ("看不懂“{x}”，例：{example}", "“{x}” is not understood, e.g. {example}"),
    "bad-date": (
        "看不懂日期“{x}”，可写 2026-11-20、11月20日、昨天。",
        "“{x}” is no day; write 2026-11-20, 20 Nov or yesterday.",
    ),
    "bad-coming-day": (
        "看不懂日期“{x}”，可写 2026-11-27、11月27日、下周五、三天后。",
        "“{x}” is no day; write 2026-11-27, 27 Nov, next Friday or in 3 days.",
    ),
    "future-date": ("{x}还没有到，不能登记。", "{x} has not come yet."),
    "no-such-number": ("来信里没有第{x}项可选。", "The letter answered offers no choice {x}."),
    "not-offered": (
        "“{x}”不在该信所列选项中，为防误解未执行。要执行请在前面加 #。",
        "“{x}” is none of the choices of that letter, so it was not done; put # in front to mean it.",
    ),
    "missing-hash": ("“{x}”前面没有 #，未执行。", "“{x}” has no # in front, so it was not done."),
    "number-below": (
        "数字“{x}”只在第一行才算选择。",
        "The digit “{x}” counts as a choice on the first line only.",
    ),
    "two-readings": (
        "“{x}”可以有两种理解，为防误解未执行。",
        "“{x}” can be understood in two ways, so it was not done.",
    ),
    "two-tickets": (
        "“{x}”写了不止一个编号；这个命令一次只能办一件。",
        "“{x}” names several tickets; this command takes one.",
    ),
    "question": ("“{x}”像是问句，未执行。", "“{x}” looks like a question, so it was not done."),
    "hash-inside": (
        "要发出的文字里有以 # 开头的一行“{x}”，不知是命令还是正文，未执行。",
        "The words to be sent hold a line that begins with # (“{x}”): command or text? So nothing was sent.",
    ),
    "after-stop": (
        "“{x}”写在“谢谢”或结束语之后，未执行。",
        "“{x}” stands below your thanks, where nothing counts as a command.",
    ),
    "too-many": (
        "一封信最多{x}条命令，其余未执行。",
        "A mail may hold {x} commands; the rest was not done.",
    ),
    "quoted-command": (
        "命令“{x}”在引用的原文里，未执行。请写在原文上方。",
        "The command “{x}” stands inside the quotation, so it was not done; write it above.",
    ),
}


def problem(
    code: str, typed: str, x: str, *, suggestion: str = "", example: str = "", hint: str = ""
) -> Problem:
    """Return the problem `code` about the line `typed`; `x` is what the sentence quotes, `hint` a verb."""
    zh, en = PROBLEMS[code]
    facts = {
        "x": shortened(x, 40),
        "example": example,
        "hint_zh": f"，是不是“{hint}”？" if hint else "",
        "hint_en": f"; did you mean “{hint}”?" if hint else "",
    }
    # It stands among the choices of the answer, not always as the first one.
    ready_zh = "更正后的命令列在选项里，回复其编号即可。" if suggestion else ""
    ready_en = " The corrected command is among the choices: its number runs it." if suggestion else ""
    return Problem(
        typed=shortened(typed),
        code=code,
        message_zh=zh.format(**facts) + ready_zh,
        message_en=en.format(**facts) + ready_en,
        suggestion=suggestion,
    )


def as_line(command: Command) -> str:
    """Return `command` as a line that reads back as the same command: for offers and confirmations.

    Words stand on lines of their own, behind a colon, so that none is taken for an argument.
    """
    head = f"#{command.ticket} {command.verb}" if command.ticket else f"#{command.verb}"
    head = f"{head} {command.argument}" if command.argument else head
    if not command.words:
        return head
    return (
        f"{head} {command.words}"
        if VERBS[command.verb].wording is Wording.LINE
        else f"{head}:\n{command.words}"
    )


def shortened(text: str, most: int = _TYPED_MOST) -> str:
    """Return the first line of `text`, cut to `most` characters."""
    line = text.strip().split("\n", 1)[0].strip()
    return line if len(line) <= most else line[: most - 1] + "…"
