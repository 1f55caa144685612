"""What each kind of letter is, in a few English words: for a newcomer who reads no Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from mail_desk.outbound.letters import LetterKind

WORKLIST = LetterKind.WORKLIST.value

GLOSSES: Mapping[str, str] = {
    LetterKind.RECEIPT: "receipt: number and date of the answer",
    LetterKind.MATERIALS_REQUEST: "notice: these materials are missing",
    LetterKind.ACCEPTANCE: "notice: accepted, to be concluded by …",
    LetterKind.REFUSAL: "notice: not accepted, and why",
    LetterKind.EXTENSION: "notice: more time is needed",
    LetterKind.REPLY: "answer to the sender",
    LetterKind.RESULT: "notice: the result",
    LetterKind.TRANSFER: "notice: passed on to another body",
    LetterKind.WITHDRAWAL: "notice: the complaint was withdrawn",
    LetterKind.SUSPENSION: "notice: handling is suspended, and why",
    LetterKind.RESUMPTION: "notice: handling goes on",
    LetterKind.ORGAN_QUESTION: "question to a public body",
    LetterKind.ORGAN_STATEMENT: "a public body is asked for its statement",
    LetterKind.ORGAN_REMINDER: "reminder to a public body",
    LetterKind.ORGAN_ANSWER: "perhaps a public body's answer",
    LetterKind.NEW_TICKET: "new letter to handle",
    LetterKind.FOLLOW_UP: "more has come",
    LetterKind.REMINDER: "reminder of a time limit",
    LetterKind.WORKLIST: "morning worklist",
    LetterKind.TRANSCRIPT: "what your reply did",
    LetterKind.APPROVAL_REQUEST: "please approve",
    LetterKind.APPROVAL_ANSWER: "approved or not",
    LetterKind.REVIEW_REQUEST: "please release a letter",
    LetterKind.BEFORE_DESK: "mails from before the desk",
    LetterKind.QUARANTINED: "a mail that could not be read",
    LetterKind.SERVICE_FAILED: "a letter did not arrive",
    LetterKind.SENT_BY_HAND: "an answer written in the webmail",
    LetterKind.INSTRUCTION: "the leader's instruction",
    LetterKind.DIGEST: "inspection summary for the leader",
    LetterKind.CIRCULAR: "circular",
    LetterKind.ALARM: "alarm to the operator",
    LetterKind.STAFF_TEST: "please answer, so that the desk learns how your mail proves itself",
    LetterKind.WAS_THIS_YOU: "was this you?",
    LetterKind.SUSPICION: "somebody's mail fails its check",
    LetterKind.SENDER_UNKNOWN: "your mail has arrived",
    LetterKind.SENDER_QUESTION: "may this address write on your complaint?",
}
