from __future__ import annotations

import gc
from datetime import UTC, date, datetime
from typing import Any

import pytest

from mail_desk.tickets import events as e


def at(month: int, day: int, hour: int = 4) -> datetime:
    """Return an instant of 2026; 4:00 UTC is noon in Beijing."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
NOW = at(10, 8, 1)
COMPLAINT = e.Marked("complaint")


def test_an_empty_desk_has_zeros_and_no_rates(world: Any) -> None:
    f = world.figures(*SEPTEMBER, NOW)
    assert f.totals.received == 0
    assert f.totals_before is None
    assert f.totals.on_time_rate is None
    assert f.cases == f.overdue == f.handlers == f.repeats == ()
    assert (f.mails.received, f.mails.accounted) == (0, 0)
    assert len(f.weeks) == 8


def test_a_complaint_kept_in_time_counts_once_everywhere(world: Any) -> None:
    world.ticket(
        at(9, 1), (at(9, 2), COMPLAINT), (at(9, 3), e.Accepted()), (at(9, 4), e.Replied(1)),
        (at(9, 10), e.Concluded("agreed", 1)), (at(9, 11), e.NoticeServed("result", 5)), (at(9, 14), e.Closed()),
        category="tax", enterprise="acme", state="closed",
    )  # fmt: skip
    f = world.figures(*SEPTEMBER, NOW)
    t = f.totals
    assert (t.received, t.accepted, t.concluded, t.closed, t.open_at_end) == (1, 1, 1, 1, 0)
    assert [(x.key, x.met, x.late, x.overdue) for x in f.limits] == [
        ("decide", 1, 0, 0), ("conclude", 1, 0, 0), ("result", 1, 0, 0),
    ]  # fmt: skip
    assert [(s.key, s.cases, s.median, s.ninth_decile) for s in f.spreads] == [
        ("first-answer", 1, 3, 3), ("first-decision", 1, 2, 2), ("conclusion", 1, 5, 5),
    ]  # fmt: skip
    (row,) = f.handlers
    assert (row.key, row.total, row.on_time, row.late, row.open, row.on_time_rate) == ("wang", 1, 1, 0, 0, 1)
    assert [(g.key, g.received) for g in f.countries] == [("DE", 1)]
    assert [(g.key, g.received, g.concluded) for g in f.categories] == [("tax", 1, 1)]
    assert f.overdue == ()


def closed(world: Any, day: int, **columns: Any) -> Any:
    return world.ticket(
        at(9, day), (at(9, day), COMPLAINT), (at(9, day), e.Accepted()), (at(9, day + 1), e.Concluded("agreed", 1)),
        (at(9, day + 1), e.NoticeServed("result", 1)), (at(9, day + 2), e.Closed()), **columns,
    )  # fmt: skip


def test_a_hidden_reader_sees_neither_the_ticket_nor_its_mails_nor_a_gap(world: Any) -> None:
    hidden = closed(world, 1, hidden_from=["wang"], category="tax", complainant_address="x@e.example")
    closed(world, 2, hidden_from=["wang-2"], complainant_address="x@e.example")
    first = world.mail(at(9, 1), filed_as="opened", ticket_id=hidden.id)
    world.mail(at(9, 1), duplicate_of=first.id)
    world.mail(at(9, 2), filed_as="opened", ticket_id=2)
    all_of_it = world.figures(*SEPTEMBER, NOW)
    assert (all_of_it.totals.received, all_of_it.mails.received, len(all_of_it.repeats)) == (2, 3, 1)
    wang = world.figures(*SEPTEMBER, NOW, hidden_for="wang")
    assert [c.identity.number for c in wang.cases] == ["2026-0002"]
    assert (wang.totals.received, wang.mails.received, wang.mails.accounted) == (1, 1, 1)
    assert wang.repeats == ()
    assert sum(w.received for w in wang.weeks) == 1
    assert [g.key for g in wang.categories] == [""]


def test_figures_of_a_period_do_not_change_by_what_happens_later(world: Any) -> None:
    row = world.ticket(at(9, 1), (at(9, 1), COMPLAINT), (at(9, 2), e.Accepted()))
    then = world.figures(*SEPTEMBER, at(9, 30, 17))
    for seq, (when, event) in enumerate(
        [(at(10, 8), e.Extended(30, 1)), (at(10, 9), e.Concluded("agreed", 1)), (at(10, 9), e.Closed())],
        start=4,
    ):
        world.event(row, seq, when, event)
    row.closed_at, row.state = at(10, 9), "closed"
    later = world.figures(*SEPTEMBER, at(10, 20))
    assert then.totals.open_at_end == later.totals.open_at_end == 1
    assert then.totals.overdue == later.totals.overdue == 1
    assert (then.limits, then.handlers, then.ageing) == (later.limits, later.handlers, later.ageing)
    assert [o.limit.key for o in then.overdue] == ["conclude"]
    assert later.overdue == ()  # what is overdue is so now


def test_a_decision_taken_back_in_time_never_was(world: Any) -> None:
    world.ticket(
        at(9, 1), (at(9, 1), COMPLAINT), (at(9, 2), e.Declined("private", 1)), (at(9, 2, 5), e.Undone((3,))),
    )  # fmt: skip
    f = world.figures(*SEPTEMBER, NOW)
    assert (f.totals.declined, f.totals.open_at_end, f.declined_by_ground) == (0, 1, ())


def test_a_merged_mail_is_no_complaint_of_its_own(world: Any) -> None:
    closed(world, 1)
    world.ticket(
        at(9, 1), (at(9, 1), COMPLAINT), (at(9, 2), e.Merged("2026-0001")), merged_into=1, state="closed"
    )
    f = world.figures(*SEPTEMBER, NOW)
    assert f.totals.received == 1
    assert [(c.key, c.number) for c in f.received_by_kind] == [("complaint", 1), ("merged", 1)]
    assert f.totals.overdue == 0


def test_an_enquiry_is_counted_by_kind_and_nowhere_else(world: Any) -> None:
    world.ticket(at(9, 1), (at(9, 20), e.Marked("enquiry")))
    f = world.figures(*SEPTEMBER, NOW)
    assert [(c.key, c.number) for c in f.received_by_kind] == [("enquiry", 1)]
    assert (f.totals.received, f.totals.late, f.overdue, f.handlers, f.categories) == (0, 0, (), (), ())


def test_the_clock_of_an_unmarked_mail_runs_and_shows(world: Any) -> None:
    world.ticket(at(9, 1), handler=None)
    f = world.figures(*SEPTEMBER, NOW)
    assert (f.unmarked, f.totals.received, f.totals.overdue) == (1, 0, 1)
    (late,) = f.overdue
    assert (late.limit.key, late.limit.due_on, late.owner) == ("decide", date(2026, 9, 10), "")


def test_a_refusal_never_served_stays_in_sight_after_the_ticket_was_closed(world: Any) -> None:
    row = world.ticket(
        at(6, 1), (at(6, 1), COMPLAINT), (at(6, 2), e.Accepted()), (at(6, 3), e.Concluded("agreed", 1)),
        (at(6, 4), e.NoticeServed("result", 7)), (at(6, 5), e.NoticeFailed("result", 7)),
    )  # fmt: skip
    row.closed_at = at(6, 4)  # whatever the row says: the notice is owed
    f = world.figures(*SEPTEMBER, NOW)
    assert [(u.number, u.notice, u.since) for u in f.unserved] == [("2026-0001", "result", date(2026, 6, 5))]
    assert [o.limit.key for o in f.overdue] == ["result"]
    assert f.totals.overdue == 1
    world.event(row, 7, at(9, 1), e.NoticeServed("result", 8))
    f = world.figures(*SEPTEMBER, NOW)
    assert (f.unserved, f.overdue, f.totals.late) == ((), (), 1)


def test_a_notice_that_bounced_was_no_answer(world: Any) -> None:
    world.ticket(
        at(9, 1), (at(9, 1), COMPLAINT), (at(9, 2), e.NoticeServed("acceptance", 1)),
        (at(9, 3), e.NoticeFailed("acceptance", 1)), (at(9, 7), e.Replied(1)),
    )  # fmt: skip
    (case,) = world.figures(*SEPTEMBER, NOW).cases
    assert case.answered_on == date(2026, 9, 7)


def test_a_reopened_case_is_open_again_and_its_conclusion_counts_no_more(world: Any) -> None:
    row = closed(world, 1)
    world.event(row, 7, at(9, 20), e.Reopened(None, "accepted"))
    row.closed_at = None
    f = world.figures(*SEPTEMBER, NOW)
    assert (f.totals.concluded, f.totals.closed, f.totals.open_at_end, f.reopened) == (0, 0, 1, 1)
    assert (f.handlers[0].on_time, f.handlers[0].open) == (0, 1)


def test_repeat_complainants_are_told_by_address_over_a_year(world: Any) -> None:
    world.ticket(datetime(2025, 9, 29, 4, tzinfo=UTC), kind="complaint", complainant_address="A@e.example")
    world.ticket(datetime(2025, 9, 30, 4, tzinfo=UTC), kind="complaint", complainant_address="a@e.example")
    world.ticket(at(9, 5), kind="complaint", complainant_address="a@E.example", complainant_name="新名")
    world.ticket(at(9, 5), kind="complaint", complainant_address="b@e.example")
    world.ticket(at(9, 5), kind="enquiry", complainant_address="b@e.example")
    f = world.figures(*SEPTEMBER, NOW)
    assert [(r.address, r.name, r.in_period, r.in_year) for r in f.repeats] == [("a@e.example", "新名", 1, 2)]


def test_mails_are_counted_by_what_became_of_them(world: Any) -> None:
    one = world.mail(at(9, 1), filed_as="opened")
    world.mail(at(9, 1), duplicate_of=one.id, filed_as="opened")
    world.mail(at(9, 1), "quarantined")
    world.mail(at(9, 1), "before-desk")
    world.mail(at(9, 1), "wanted")
    world.mail(at(9, 1), "rejected")
    world.mail(at(9, 1))
    world.mail(at(10, 1), filed_as="opened")
    world.mail(at(9, 1), role="sent", filed_as="by-hand")
    world.mail(at(9, 1), role="sent", filed_as="own")
    world.mail(at(9, 1), "before-desk", role="sent")
    f = world.figures(*SEPTEMBER, NOW)
    assert dict(f.mails.filed) == {
        "opened": 1, "duplicate": 1, "quarantined": 1, "before-desk": 1, "unprocessed": 1, "rejected": 1, "unfiled": 1,
    }  # fmt: skip
    assert (f.mails.received, f.mails.accounted, f.mails.unaccounted, f.mails.by_hand) == (7, 5, 2, 1)
    assert f.quarantined == 1


def test_a_step_of_the_supervisor_is_owed_by_the_supervisor(world: Any) -> None:
    world.supervised = True
    world.ticket(at(9, 1), (at(9, 1), COMPLAINT))
    assert [o.owner for o in world.figures(*SEPTEMBER, NOW).overdue] == ["zhou"]


def test_a_ticket_under_a_procedure_that_config_lacks_is_an_error_that_names_it(world: Any) -> None:
    world.ticket(at(9, 1), procedure="old", procedure_version="2001")
    with pytest.raises(KeyError, match=r"2026-0001 follows procedure old@2001"):
        world.figures(*SEPTEMBER, NOW)


def test_a_period_still_running_is_seen_as_it_is_now(world: Any) -> None:
    world.ticket(at(9, 1), (at(9, 1), COMPLAINT), (at(9, 25), e.Accepted()))
    f = world.figures(*SEPTEMBER, at(9, 11, 4))
    assert (f.totals.accepted, f.totals.overdue, f.totals.open_at_end) == (0, 1, 1)
    assert [c.number for c in f.ageing] == [0, 1, 0, 0, 0]


def test_tickets_of_the_same_days_differ_by_how_much_they_were_extended(world: Any) -> None:
    for days in (1, 5):
        world.ticket(
            at(9, 1), (at(9, 1), COMPLAINT), (at(9, 2), e.Accepted()), (at(9, 3), e.Extended(days, 1))
        )
    due = [case.limits[-1].due_on for case in world.figures(*SEPTEMBER, NOW).cases]
    assert due == [date(2026, 9, 17), date(2026, 9, 23)]


def test_nine_of_ten_were_answered_within_the_ninth_decile(world: Any) -> None:
    for day in (2, 3, 4, 7, 8, 9, 10, 11, 14, 15):  # 1 to 10 working days after Tuesday the first
        world.ticket(at(9, 1), (at(9, 1), COMPLAINT), (at(9, day), e.Replied(1)))
    first_answer = world.figures(*SEPTEMBER, NOW).spreads[0]
    assert (first_answer.cases, first_answer.median, first_answer.ninth_decile) == (10, 5.5, 9)


def test_the_garbage_collector_runs_again_after_a_report_and_after_a_failure(world: Any) -> None:
    world.figures(*SEPTEMBER, NOW)
    assert gc.isenabled()
    world.ticket(at(9, 1), procedure="old")
    with pytest.raises(KeyError):
        world.figures(*SEPTEMBER, NOW)
    assert gc.isenabled()
