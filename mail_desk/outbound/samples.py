"""Sample letters of every kind in both languages, for `check`, the gallery and the tests.

Invented people and enterprises at reserved domains (RFC 2606). Rich on purpose: long names, several
warnings, files that did not fit, a provisional date, so that a template meets what it will meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from mail_desk.outbound import letters as l
from mail_desk.outbound import (
    sample_leaders,
    sample_organs,
    sample_people,
    sample_reports,
    sample_words,
    samples_authority,
    samples_complainants,
    samples_dates,
)
from mail_desk.outbound.letters import Letter, LetterKind
from mail_desk.outbound.wording import Language

TODAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)  # 09:30 in Beijing
UNDO_UNTIL = datetime(2026, 11, 23, 1, 45, tzinfo=UTC)


def letters(kind: LetterKind, language: Language) -> Iterator[Letter]:
    """Yield the sample letters of a kind: one, or more where a letter has clearly different faces."""
    world = _ZH if language == "zh" else _EN
    for context, choices in samples_dates.all_completed(_CONTEXTS[kind](world), language):
        outward = l.KINDS[kind].audience.outward
        to = (world.customer, "anna.keller@example.com") if outward else (world.reader, "li.ming@example.org")
        files = (
            (l.File("处理意见（盖章）.pdf", "application/pdf", b"%PDF-1.4 sample\n"),)
            if kind is LetterKind.RESULT
            else ()
        )
        yield Letter(
            kind, language, *to, context, choices,
            files=files, in_reply_to="first@example.com", references=("first@example.com",),
            new_contact=samples_complainants.CONTACT if kind is LetterKind.PROGRESS else None,
        )  # fmt: skip


# The last days of examining by working days left on 23 November 2026, and until when a decision goes up for approval.
_EXAMINED = {
    6: (date(2026, 12, 1), date(2026, 11, 27)),
    0: (date(2026, 11, 23), date(2026, 11, 19)),
    -3: (date(2026, 11, 18), date(2026, 11, 16)),
}


@dataclass(frozen=True, slots=True)
class _World:
    """The same small story in one language."""

    customer: str
    enterprise: str
    subject: str
    complaint: str
    reader: str
    handler: str
    supervisor: str
    leader: str
    category: str
    limit: str
    limit_conclude: str
    basis: str
    basis_conclude: str
    because: str
    warning: str
    file: str
    materials: str
    notice: str
    traced: str
    urging: str
    trained: str
    directed: str
    put_down: str
    so_far: tuple[str, ...]
    both_dates: tuple[str, ...]
    acceptance: str
    dispatch: str
    answer: str
    result: str
    ground: str
    ground_conclude: str
    ground_silent: str
    extension: str
    organ: str
    organ_question: str
    organ_answer: str
    instruction: str
    opinion: str
    note: str
    other_subjects: tuple[str, str, str]
    label_complaint: str
    label_enquiry: str
    label_materials: str
    label_send: str
    label_yes: str
    label_no: str
    label_urge: str
    label_instruct: str
    label_telephoned: str
    label_release: str
    label_reject: str
    label_refuse_mail: str
    served: tuple[tuple[str, str], ...]
    verb_accept: str
    verb_wrong: str
    did_accept: str
    did_wrong: str
    state_before: str
    state_after: str
    mail_subject: str
    mail_text: str
    held_because: str
    older_because: str
    diagnostic: str
    digest_title: str
    headline: str
    figures: tuple[tuple[str, str, str], ...]
    weeks: tuple[str, ...]
    categories: tuple[tuple[str, str, float], ...]
    accounted: str
    alarm: tuple[str, str, str, str]
    cloud_expires: str
    refusal_subject: str
    result_subject: str

    def ticket(
        self,
        number: str = "2026-0123",
        *limits: l.LimitView,
        subject: str = "",
        received_on: date = date(2026, 11, 20),
    ) -> l.TicketView:
        return l.TicketView(
            number=number,
            subject=subject or self.subject,
            kind="complaint",
            state="examining",
            complainant=self.customer,
            complainant_address="anna.keller@example.com",
            enterprise=self.enterprise,
            telephone="0379-5550 0123",
            category=self.category,
            handler=self.handler,
            received_on=received_on,
            limits=limits or (self.examine(), self.conclude()),
        )

    def examine(self, days: int = 6) -> l.LimitView:
        due, prepared = _EXAMINED[days]
        return l.LimitView("examine", self.limit, due, days, False, self.basis, prepared)

    def conclude(self, days: int = 60) -> l.LimitView:
        if days == 60:
            return l.LimitView("conclude", self.limit_conclude, date(2027, 2, 24), days, True, "")
        return l.LimitView("conclude", self.limit_conclude, date(2026, 11, 25), days, False, "")

    def files(self) -> tuple[l.FileView, ...]:
        return (
            l.FileView(self.file, 1_240_000, True),
            l.FileView("IMG_20261118_0931.jpg", 3_480_000, True),
            l.FileView("site-video.mp4", 48_000_000, False),
        )

    def cloud(self) -> tuple[l.CloudView, ...]:
        return (l.CloudView("complete-contract-scans.zip", "126 MB", self.cloud_expires),)

    def preview(self, subject: str = "", text: str = "") -> l.Preview:
        """Show a letter that is held; the notice of acceptance unless another is given."""
        return l.Preview(
            f"{self.customer} <anna.keller@example.com>",
            subject or self.mail_subject,
            text or self.mail_text,
            UNDO_UNTIL,
            (self.file,),
        )

    def first_steps(self) -> tuple[l.Choice, ...]:
        return (
            l.Choice(1, self.label_complaint, "#2026-0123 complaint"),
            l.Choice(2, self.label_enquiry, "#2026-0123 enquiry"),
            l.Choice(3, self.label_materials, "#2026-0123 request-materials", needs_words=True),
        )

    def decide(self) -> tuple[l.Choice, ...]:
        return (
            l.Choice(1, self.label_yes, "#2026-0123 approve"),
            l.Choice(2, self.label_no, "#2026-0123 refuse", needs_words=True),
        )

    def items(self) -> tuple[l.ReminderItem, ...]:
        """Three tickets: late, due today, due soon through an unpublished year."""
        rows = (
            ("2026-0098", self.examine(-3), date(2026, 11, 9)),
            ("2026-0109", self.examine(0), date(2026, 11, 12)),
            ("2026-0117", self.conclude(2), date(2026, 8, 20)),
        )
        return tuple(
            l.ReminderItem(
                self.ticket(number, limit, subject=self.other_subjects[n], received_on=received),
                limit,
                self.handler,
                (
                    l.Choice(2 * n + 1, self.label_urge, f"#{number} supervise"),
                    l.Choice(2 * n + 2, self.label_instruct, f"#{number} instruct", needs_words=True),
                ),
            )
            for n, (number, limit, received) in enumerate(rows)
        )

    def waiting(self, reason: str) -> tuple[l.WaitingMail, ...]:
        return (
            l.WaitingMail("M12", date(2026, 11, 20), "sales@example.net", self.other_subjects[1], reason),
            l.WaitingMail("M15", date(2026, 11, 22), "Q. Zhang <q.zhang@example.com>", "", reason),
        )


_Sample = tuple[l.Context, tuple[l.Choice, ...]]


def _receipt(w: _World) -> Iterator[_Sample]:
    yield l.ReceiptContext(w.ticket(), date(2026, 12, 1), False, w.files()[:2], w.cloud()), ()
    yield l.ReceiptContext(w.ticket(), date(2027, 1, 6), True, (), ()), ()


def _worklist(w: _World) -> Iterator[_Sample]:
    items = w.items()
    choices = tuple(choice for item in items for choice in item.choices)
    others = tuple(w.ticket(f"2026-01{n}", subject=w.other_subjects[n % 3]) for n in (19, 20, 21))
    ringing = l.Choice(len(choices) + 1, w.label_telephoned, "#2026-0116 served acceptance phone")
    yield l.WorklistContext(
        w.reader, date(2026, 11, 23), True, items[:1], items[1:], (w.ticket(),), others,
        w.waiting(w.held_because), (("2026-0123", w.mail_subject),), "0379-5550 0100",
        (("2026-0098", w.acceptance, w.enterprise, "0379-5550 0123", "2026-11-20"),),
        w.waiting("2026-0123")[:1], (("2026-12-01", "1", f"2026-0123 {w.limit_conclude}"),),
        ((sample_organs.reference(w), w.organ, "2026-11-20", sample_organs.late(w)),), w.waiting(sample_organs.reference(w))[:1],
        (("2026-11-25", "2026-0117", w.other_subjects[2]),),
        unsealed=(("2026-0117", w.notice, "洛高外诉结〔2026〕11号", "11-20", "2026-12-01"),), seal_soon=True,
        erasable=((w.label_enquiry, "2", "2023-0017、2023-0021"),),
        dossiers=(("2026-0117", w.handler, "11-20 15:04"),),
        to_telephone=(("2026-0116", w.acceptance, w.customer, "0379-5550 0124", "2026-11-18"),), telephoned=(ringing,),
    ), (*choices, ringing)  # fmt: skip
    yield l.WorklistContext(w.reader, date(2026, 11, 24), False, (), (), (), (), (), (), "0379-5550 0100"), ()


def _transcript(w: _World) -> Iterator[_Sample]:
    lines = (
        l.TranscriptLine(w.verb_accept, True, w.did_accept, w.state_before, w.state_after),
        l.TranscriptLine(w.verb_wrong, False, w.did_wrong),
    )
    yield l.TranscriptContext(
        w.reader, lines, (w.preview(),), UNDO_UNTIL, "", False, (), (), None, False
    ), ()  # fmt: skip
    yield l.TranscriptContext(
        w.reader, lines[:1], (), None, "", False, (), (), None, False, about="2026-0123",
        numbered=(l.NumberedList("request", ((1, w.ground_conclude), (2, w.ground_silent))), l.NumberedList("decline", ((1, w.ground),))),
    ), (l.Choice(2, w.label_materials, "#2026-0123 request-materials", needs_words=True),)  # fmt: skip
    yield l.TranscriptContext(
        w.reader, (), (), None, w.note, True, (), (), None, False
    ), (l.Choice(1, w.label_send, "#2026-0123 reply"),)  # fmt: skip
    shown = (("2026-11-20", w.customer, w.subject), ("2026-11-23", w.handler, w.did_accept))
    yield l.TranscriptContext(
        w.reader, (), (), None, "", False, tuple(i.ticket for i in w.items()), shown, w.ticket(), True
    ), ()  # fmt: skip
    yield sample_reports.listed(w)


def _approval_requests(w: _World) -> Iterator[_Sample]:
    yield l.ApprovalRequestContext(
        w.ticket(), w.leader, "extend", "", w.extension, w.handler, None, date(2026, 11, 27)
    ), w.decide()  # fmt: skip
    yield l.ApprovalRequestContext(
        w.ticket(), w.leader, "decline", w.ground, w.opinion, w.handler, w.preview(w.refusal_subject, w.opinion), None
    ), w.decide()  # fmt: skip


def _approval_answers(w: _World) -> Iterator[_Sample]:
    yield (
        l.ApprovalAnswerContext(
            w.ticket(), w.reader, "conclude", True, w.supervisor, "", w.preview(w.result_subject, w.result)
        ),
        (),
    )
    yield l.ApprovalAnswerContext(
        w.ticket(), w.reader, "conclude", True, w.supervisor, "", None, notices=(w.dispatch,)
    ), w.first_steps()  # fmt: skip
    yield l.ApprovalAnswerContext(
        w.ticket(), w.reader, "decline", False, w.supervisor, w.opinion, None
    ), w.first_steps()  # fmt: skip
    yield l.ApprovalAnswerContext(
        w.ticket(), w.reader, "extend", False, w.leader, "", None, lapsed=True
    ), w.first_steps()  # fmt: skip


def _follow_ups(w: _World) -> Iterator[_Sample]:
    sender = f"{w.customer} <anna.keller@example.com>"
    yield l.FollowUpContext(
        w.ticket(), w.reader, sender, "complainant", True, w.complaint, w.files(), (), (), w.both_dates
    ), w.first_steps()  # fmt: skip
    yield l.FollowUpContext(
        w.ticket(), w.reader, "office@organ.example.org", "unknown", False, w.organ_answer, (), w.cloud(), (w.warning,)
    ), w.first_steps()  # fmt: skip


def _links(w: _World) -> Iterator[_Sample]:
    for last, until in ((False, date(2026, 11, 25)), (True, date(2026, 11, 25))):
        yield l.LinksExpireContext(
            w.ticket(), w.reader, date(2026, 11, 20), until, last, w.cloud()
        ), w.first_steps()  # fmt: skip


def _one(context: l.Context, choices: tuple[l.Choice, ...] = ()) -> Iterator[_Sample]:
    yield context, choices


_K = LetterKind
_CONTEXTS: dict[LetterKind, Callable[[_World], Iterator[_Sample]]] = {
    _K.RECEIPT: _receipt,
    _K.MATERIALS_REQUEST: lambda w: _one(
        l.MaterialsRequestContext(w.ticket(), w.materials, 15, date(2026, 12, 14), False)
    ),
    _K.ACCEPTANCE: lambda w: _one(
        l.AcceptanceContext(w.ticket(), "", 60, date(2027, 2, 24), True, number="洛高外诉受〔2026〕12号")
    ),
    _K.REFUSAL: lambda w: _one(l.RefusalContext(w.ticket(), w.ground, w.basis, w.opinion)),
    _K.EXTENSION: lambda w: _one(l.ExtensionContext(w.ticket(), w.extension, date(2027, 4, 8), True)),
    _K.REPLY: lambda w: _one(l.ReplyContext(w.ticket(), w.answer, True)),
    _K.RESULT: lambda w: _one(l.ResultContext(w.ticket(), w.ground_conclude, w.basis_conclude, w.result)),
    _K.TRANSFER: lambda w: _one(l.TransferContext(w.ticket(), w.organ, w.opinion)),
    _K.WITHDRAWAL: lambda w: _one(l.WithdrawalContext(w.ticket(), w.opinion, date(2026, 11, 24))),
    _K.SUSPENSION: lambda w: _one(l.SuspensionContext(w.ticket(), w.extension)),
    _K.RESUMPTION: lambda w: _one(l.ResumptionContext(w.ticket(), w.answer, date(2027, 4, 8), True)),
    _K.ORGAN_QUESTION: lambda w: _one(sample_organs.question(w)),
    _K.ORGAN_STATEMENT: lambda w: _one(sample_organs.question(w, respondent=True)),
    _K.ORGAN_REMINDER: sample_organs.reminders,
    _K.ORGAN_ANSWER: sample_organs.answers,
    _K.NEW_TICKET: lambda w: _one(
        l.NewTicketContext(
            w.ticket(),
            w.reader,
            w.because,
            "",
            w.complaint,
            w.files(),
            w.cloud(),
            (w.warning, w.held_because),
        ),
        w.first_steps(),
    ),
    _K.FOLLOW_UP: _follow_ups,
    _K.REMINDER: lambda w: iter(
        [(l.ReminderContext(w.reader, escalated, w.items()), ()) for escalated in (False, True)]
    ),
    _K.WORKLIST: _worklist,
    _K.TRANSCRIPT: _transcript,
    _K.APPROVAL_REQUEST: _approval_requests,
    _K.APPROVAL_ANSWER: _approval_answers,
    _K.REVIEW_REQUEST: lambda w: _one(
        l.ReviewRequestContext(
            w.ticket(), w.supervisor, w.handler, w.preview(), date(2026, 12, 1), (w.traced,)
        ),
        (
            l.Choice(1, w.label_release, "#2026-0123 release"),
            l.Choice(2, w.label_reject, "#2026-0123 return", needs_words=True),
        ),
    ),
    _K.BEFORE_DESK: lambda w: _one(
        l.BeforeDeskContext(w.supervisor, "desk@example.org", 318, w.waiting(w.older_because))
    ),
    **samples_authority.MAKERS,
    **samples_complainants.MAKERS,
    _K.QUARANTINED: lambda w: _one(
        l.QuarantinedContext(w.supervisor, w.waiting(w.held_because)[0]),
        (l.Choice(1, w.label_release, "#M12 release"), l.Choice(2, w.label_refuse_mail, "#M12 reject")),
    ),
    _K.SERVICE_FAILED: lambda w: _one(
        l.ServiceFailedContext(
            w.ticket(),
            w.reader,
            w.mail_subject,
            "anna.keller@example.com",
            w.diagnostic,
            True,
            "0379-5550 0123",
        ),
    ),
    _K.SENT_BY_HAND: lambda w: _one(
        l.SentByHandContext(w.ticket(), w.reader, w.answer, w.files()[:1]),
        tuple(l.Choice(n, label, f"#2026-0123 served {verb}") for n, (verb, label) in enumerate(w.served, 1)),
    ),
    _K.LINKS_EXPIRE: _links,
    _K.DOSSIER: lambda w: iter(
        [
            (l.DossierContext(w.ticket(), w.reader, 1, 1, 17, True, ()), ()),
            (l.DossierContext(w.ticket(), w.reader, 2, 3, 17, False, ("attachments/M12-1 video.mp4",)), ()),
        ]
    ),
    _K.DATES_MOVED: lambda w: _one(
        l.DatesMovedContext(w.reader, (l.MovedDate(w.ticket(), w.ticket().limits[-1], date(2027, 2, 17)),))
    ),
    _K.INSTRUCTION: sample_leaders.instructions,
    _K.REPORT_BACK: sample_leaders.report_backs,
    _K.LEADER_WEEK: sample_leaders.weeks,
    _K.THROUGH_TRAIN: sample_leaders.through_trains,
    _K.DIGEST: sample_reports.digests,
    _K.CIRCULAR: sample_reports.circulars,
    _K.ALARM: lambda w: _one(l.AlarmContext(*w.alarm)),
}


def _about_people(kind: LetterKind) -> Callable[[_World], Iterator[_Sample]]:
    return lambda w: sample_people.samples(
        kind,
        zh=w is _ZH,
        reader=w.reader,
        handler=w.handler,
        superior=w.supervisor,
        tickets=tuple(i.ticket for i in w.items()),
    )


_CONTEXTS |= {
    kind: _about_people(kind)
    for kind in (_K.ABSENCE, _K.HANDOVER, _K.WELCOME, _K.PEOPLE_CHANGED, _K.RELIEVED, _K.SETTINGS_CHANGED)
}

_ZH = _World(**sample_words.ZH)
_EN = _World(**sample_words.EN)
