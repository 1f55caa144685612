"""What each verb does to one ticket: events and letters, inside the command's savepoint.

Authority is checked before (`staff.py`), grammar long before (`tickets.commands`). A refusal is an
`Outcome` that says why and what would work; where it can, it offers the corrected command as a digit.
"""

from __future__ import annotations

from mail_desk.desk import (
    inactivity,
    organs,
    progressing,
    snoozing,
    verbs_decisions,
    verbs_files,
    verbs_leaders,
    verbs_letters,
    verbs_lifecycle,
    verbs_mails,
    verbs_marking,
    verbs_notes,
    verbs_organs,
    verbs_people,
    verbs_record,
)
from mail_desk.desk.verb import Act
from mail_desk.tickets.commands import Verb

TABLE: dict[Verb, Act] = {
    Verb.COMPLAINT: verbs_marking.complaint,
    Verb.NOT_COMPLAINT: verbs_marking.not_complaint,
    Verb.ACCEPT: verbs_letters.accept,
    Verb.DECLINE: verbs_decisions.with_ground,
    Verb.REQUEST: verbs_letters.request,
    Verb.COMPLETE: verbs_marking.complete,
    Verb.REPLY: verbs_letters.reply,
    Verb.NOTE: verbs_marking.note,
    Verb.ASSIGN: verbs_people.assign,
    Verb.EXTEND: verbs_decisions.extend,
    Verb.APPROVE: verbs_decisions.approve,
    Verb.REFUSE: verbs_decisions.refuse,
    Verb.CONCLUDE: verbs_decisions.with_ground,
    Verb.CLOSE: verbs_marking.close,
    Verb.REOPEN: verbs_marking.reopen,
    Verb.TRANSFER: verbs_decisions.transfer,
    Verb.ASK: organs.ask,
    Verb.STATEMENT: organs.statement,
    Verb.ANSWER: verbs_organs.answer,
    Verb.NOT_ANSWER: verbs_organs.not_answer,
    Verb.INSTRUCT: verbs_leaders.instruct,
    Verb.READ: verbs_leaders.read,
    Verb.ESCALATE: verbs_leaders.escalate,
    Verb.SUPERVISE: verbs_leaders.supervise,
    Verb.REPORT_BACK: verbs_leaders.report_back,
    Verb.CALL_OFF: verbs_leaders.call_off,
    Verb.ATTRIBUTE: verbs_leaders.attribute,
    Verb.MERGE: verbs_marking.merge,
    Verb.SUPPLEMENT: verbs_mails.supplement,
    Verb.SEPARATE: verbs_mails.separate,
    Verb.SERVED: verbs_letters.served,
    Verb.WITHDRAW: verbs_lifecycle.withdraw,
    Verb.SUSPEND: verbs_lifecycle.suspend,
    Verb.RESUME: verbs_lifecycle.resume,
    Verb.REPORT: verbs_lifecycle.report,
    Verb.RECORD: verbs_record.record,
    Verb.PROGRESS: progressing.progress,
    Verb.AWAIT: inactivity.wait_for,
    Verb.DISPATCH: verbs_files.dispatch,
    Verb.ATTACH: verbs_files.attach,
    Verb.SNOOZE: snoozing.snooze,
    Verb.CATEGORY: verbs_notes.category,
    Verb.LINK: verbs_notes.link,
    Verb.SUGGEST: verbs_notes.suggest,
}
