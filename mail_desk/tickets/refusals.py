"""Why a command that was understood is not carried out: one table, which docs/commands.md must hold. Pure.

What a line cannot be read for stands in `commands_answers.PROBLEMS`; what a verb itself lacks (a ground, a
day, a notice) it says in its own words.
"""

from __future__ import annotations

REFUSALS: dict[str, tuple[str, str]] = {
    "no-ticket": (
        "没有您可以办理的来信{ticket}。请回复与该来信有关的邮件，或写上编号，例：#2026-0001 受理",
        "No ticket {ticket} that you can work on. Answer a letter about it, or name it: #2026-0001 accept",
    ),
    "keyless": (
        "为防冒用，未执行：此邮件不是对该来信有关邮件的回复。要执行，请回复本邮件，写上数字。",
        (
            "Not done, to keep forgers out: this mail does not answer a letter about that ticket. "
            "To run it, answer this mail with the digit."
        ),
    ),
    "one-step-more": (
        "还差一步确认：这封邮件不能证明出自您本人。请在 {hours} 小时内回复本邮件，写上数字，即执行；数字只能用一次。",
        (
            "One step is missing: this mail does not prove that you wrote it. Answer this mail with the digit within "
            "{hours} hours and it is done; the digit works once."
        ),
    ),
    "proof-missing": (
        "您的邮件平时都带有发信人验证，这一封没有，可能有人冒用您的地址，因此未执行。是您本人发的，请回复数字。",
        (
            "Your mail usually proves where it comes from, and this one does not: somebody may be using your address. "
            "Nothing was done. If it was you, answer with the digit."
        ),
    ),
    "check-failed": (
        "这封邮件的发信人验证未通过，可能被改动或冒用，因此未执行。是您本人发的，请回复数字。",
        (
            "This mail fails its own check of who sent it: it may be changed or forged. Nothing was done. "
            "If it was you, answer with the digit."
        ),
    ),
    "only-reads": (
        "您是{role}，只能查看：列表、查看、搜索、导出、期限、卷宗、帮助。办理的是经办人和督办人。",
        "As {role} you only read: list, show, search, export, explain, dossier, help. Handlers and supervisors act.",
    ),
    "not-yours": (
        "此来信由{handler}办理，您不能查看。可查看的是经办人、协办人、督办人、领导、观察员和审计员。",
        (
            "{handler} handles this ticket; you may not read it. Its handler and helpers, supervisors, leaders, "
            "observers and auditors may."
        ),
    ),
    "may-not": (
        "此来信由{handler}办理，您没有权限。可这样办理的是：{who}。",
        "{handler} handles this ticket; you may not do that. Who may: {who}.",
    ),
    "not-now": (
        "来信处于“{state}”，此时不能这样办理。可选：",
        "The ticket is “{state}”; that is not possible now. Possible:",
    ),
    "not-asked": (
        "这个命令只能用来回复询问“这是您发的吗？”的那封信。",
        "This answers the letter “Was this you?” only.",
    ),
}


def refusal(code: str, *, zh: bool, **values: str) -> str:
    """Return a refusal in the reader's language."""
    return REFUSALS[code][0 if zh else 1].format(**values)
