"""The embedded IMAP server, command by command, without a network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mail_desk.demo.imap_session import Session
from mail_desk.demo.mail_store import MailStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=8)))
WANG = "wang@example.cn"


@pytest.fixture
def store() -> MailStore:
    store = MailStore()
    store.add_user(WANG, 'pass "word')
    for number in (1, 2, 3):
        store.deliver(WANG, b"Subject: %d\r\n\r\nwords %d\r\n" % (number, number), NOON)
    return store


@pytest.fixture
def session(store: MailStore) -> Session:
    session = Session(store, lambda: NOON)
    assert say(session, rb'LOGIN wang@example.cn "pass \"word"')[-1].startswith(b"OK")
    return session


def say(session: Session, command: bytes) -> list[bytes]:
    """Give a command; return the answer without tag and asterisks."""
    lines = list(session.respond(b"t1 " + command))
    assert all(line.startswith(b"* ") for line in lines[:-1])
    assert lines[-1].startswith(b"t1 ")
    return [line.split(b" ", 1)[1] for line in lines]


def opened(session: Session, folder: bytes = b"INBOX") -> Session:
    assert say(session, b"SELECT " + folder)[-1].startswith(b"OK [READ-WRITE]")
    return session


@pytest.mark.parametrize(
    "login",
    [
        b'LOGIN wang@example.cn "wrong"',
        b'LOGIN nobody@example.cn "pass \\"word"',
        b"LOGIN {15}\r\nwang@example.cn {3}\r\nabc",
    ],
)
def test_wrong_credentials_are_refused(login: bytes, store: MailStore) -> None:
    session = Session(store, lambda: NOON)
    assert say(session, login) == [b"NO [AUTHENTICATIONFAILED] wrong address or password"]
    assert say(session, b"SELECT INBOX")[0].startswith(b"BAD log in first")


def test_credentials_may_be_literals(store: MailStore) -> None:
    session = Session(store, lambda: NOON)
    assert say(session, b'LOGIN {15+}\r\nWANG@example.cn {10}\r\npass "word')[-1].startswith(b"OK")


@pytest.mark.parametrize(
    "command",
    [
        b"",
        b"NONSENSE",
        b"FETCH 1 FLAGS",
        b"UID",
        b"SELECT",
        b"LIST",
        b"STATUS INBOX (NONSENSE)",
        b"APPEND INBOX",
        b"APPEND INBOX (\\Seen) words",
        b'APPEND INBOX "yesterday" {1}\r\nx',
        b"APPEND INBOX {9}\r\nshort",
        b"NOOP more",
        b'LOGIN "unended',
    ],
)
def test_what_is_no_command_is_bad_and_harms_nothing(command: bytes, session: Session) -> None:
    assert say(session, command)[-1].startswith(b"BAD")
    assert say(session, b"NOOP") == [b"OK done"]


@pytest.mark.parametrize(
    "command",
    [
        b"FETCH 1 NONSENSE", b"FETCH x FLAGS", b"FETCH 1 BODY[NONSENSE]", b"FETCH 1 BODY[1", b"FETCH 1:2:3 FLAGS",
        b"SEARCH", b"SEARCH NONSENSE", b"SEARCH SINCE yesterday", b"SEARCH (", b"SEARCH OR SEEN",
        b"STORE 1 NONSENSE (\\Seen)", b"STORE 1 FLAGS", b"COPY 1", b"SEARCH CHARSET UTF-8 SUBJECT {1}\r\n\xff",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_of_a_folder_is_bad(command: bytes, session: Session) -> None:
    assert say(opened(session), command)[-1].startswith(b"BAD")


def test_a_line_without_a_tag_is_bad(session: Session) -> None:
    assert list(session.respond(b"")) == [b"* BAD a command begins with a tag"]


def test_folders_are_listed_with_marks_and_encoded_names(session: Session) -> None:
    listed = say(session, b'LIST "" "*"')
    assert b'LIST (\\HasNoChildren \\Sent) "/" "&XfJT0ZAB-"' in listed
    assert b'LIST (\\HasNoChildren) "/" "&Xn9USpCuTvY-"' in listed
    assert len(listed) == 8
    assert say(session, b'LIST "" ""')[0] == b'LIST (\\Noselect) "/" ""'
    assert len(say(session, b'LIST "" inbox')) == 2
    assert [
        line for line in say(session, b'LIST (SPECIAL-USE) "" "*" RETURN (SPECIAL-USE)') if b"\\Junk" in line
    ]


def test_a_percent_sign_stops_at_the_next_level(session: Session) -> None:
    say(session, b"CREATE a/b/c")
    say(session, b"CREATE a")
    names = [line.rsplit(b" ", 1)[1] for line in say(session, b'LIST "a" "%"')[:-1]]
    assert names == [b'"a"']
    assert len(say(session, b'LIST "a/" "*"')) == 2


def test_folders_are_made_renamed_unsubscribed_and_deleted(session: Session) -> None:
    assert say(session, b"CREATE &bUuL1Q-") == [b"OK created"]
    assert say(session, b"CREATE &bUuL1Q-")[0].startswith(b"NO [ALREADYEXISTS]")
    assert say(session, b"RENAME &bUuL1Q- new") == [b"OK renamed"]
    assert say(session, b"UNSUBSCRIBE new") == [b"OK done"]
    assert len(say(session, b'LSUB "" new')) == 1
    assert len(say(session, b'LIST "" new')) == 2
    assert say(session, b"DELETE new") == [b"OK deleted"]
    assert say(session, b"DELETE new")[0].startswith(b"NO")
    assert say(session, b"DELETE INBOX")[0].startswith(b"NO")
    assert say(session, b"SELECT nowhere")[0].startswith(b"NO [NONEXISTENT]")


def test_flags_are_added_taken_and_replaced(session: Session) -> None:
    opened(session)
    assert say(session, b"STORE 1 +FLAGS (\\seen $Mine)")[0] == b"1 FETCH (FLAGS ($Mine \\Seen))"
    assert say(session, b"UID STORE 1 -FLAGS $Mine")[0] == b"1 FETCH (UID 1 FLAGS (\\Seen))"
    assert say(session, b"STORE 1 FLAGS.SILENT ()") == [b"OK done"]
    assert say(session, b"FETCH 1 FLAGS")[0] == b"1 FETCH (FLAGS ())"
    assert say(session, b"SEARCH UNSEEN")[0] == b"SEARCH 1 2 3"


def test_reading_a_body_marks_it_seen_and_peeking_does_not(session: Session) -> None:
    opened(session)
    say(session, b"FETCH 1 BODY.PEEK[]")
    assert say(session, b"FETCH 2 BODY[TEXT]")[0] == b"2 FETCH (BODY[TEXT] {9}\r\nwords 2\r\n FLAGS (\\Seen))"
    assert say(session, b"SEARCH SEEN")[0] == b"SEARCH 2"


def test_a_folder_opened_by_examine_cannot_be_changed(session: Session) -> None:
    assert say(session, b"EXAMINE INBOX")[-1] == b"OK [READ-ONLY] open"
    say(session, b"FETCH 1 BODY[]")
    for command in (b"STORE 1 +FLAGS \\Deleted", b"EXPUNGE", b"MOVE 1 &XfJT0ZAB-", b"UID EXPUNGE 1"):
        assert say(session, command)[-1].startswith(b"NO [READ-ONLY]")
    assert say(session, b"SEARCH SEEN")[0] == b"SEARCH"
    assert say(session, b"CLOSE") == [b"OK closed"]


def test_expunge_tells_the_numbers_as_they_are_then(session: Session) -> None:
    opened(session)
    say(session, b"STORE 1,3 +FLAGS.SILENT (\\Deleted)")
    assert say(session, b"EXPUNGE") == [b"3 EXPUNGE", b"1 EXPUNGE", b"OK expunged"]
    assert say(session, b"FETCH 1:* UID")[0] == b"1 FETCH (UID 2)"


def test_uid_expunge_takes_only_those_named(session: Session, store: MailStore) -> None:
    opened(session)
    say(session, b"STORE 1:3 +FLAGS.SILENT (\\Deleted)")
    assert say(session, b"UID EXPUNGE 2:7")[:-1] == [b"3 EXPUNGE", b"2 EXPUNGE"]
    assert [m.uid for m in store.mailbox(WANG)] == [1]


def test_close_expunges_without_a_word_and_unselect_does_not(session: Session, store: MailStore) -> None:
    opened(session)
    say(session, b"STORE 1 +FLAGS.SILENT (\\Deleted)")
    assert say(session, b"UNSELECT") == [b"OK closed"]
    assert len(store.mailbox(WANG)) == 3
    opened(session)
    assert say(session, b"CLOSE") == [b"OK closed"]
    assert len(store.mailbox(WANG)) == 2


def test_copies_and_moves_tell_the_new_uids_and_keep_date_and_flags(
    session: Session, store: MailStore
) -> None:
    opened(session)
    say(session, b"STORE 2 +FLAGS.SILENT (\\Flagged)")
    assert say(session, b"COPY 1:2 &XfJT0ZAB-")[-1] == b"OK [COPYUID 1002 1:2 1:2] copied"
    assert say(session, b"UID MOVE 2 &XfJT0ZAB-") == [
        b"OK [COPYUID 1002 2 3] moved",
        b"2 EXPUNGE",
        b"OK moved",
    ]
    assert say(session, b"COPY 1 nowhere")[0].startswith(b"NO [TRYCREATE]")
    assert [(m.uid, m.when) for m in store.mailbox(WANG, "已发送")] == [(1, NOON), (2, NOON), (3, NOON)]
    assert say(opened(session, b"&XfJT0ZAB-"), b"SEARCH FLAGGED")[0] == b"SEARCH 2 3"


def test_append_keeps_date_and_flags_and_makes_line_ends_whole(session: Session, store: MailStore) -> None:
    command = b'APPEND &XfJT0ZAB- (\\Seen) " 1-Feb-2026 08:30:00 +0800" {17}\r\nSubject: x\n\nwords'
    assert say(session, command) == [b"OK [APPENDUID 1002 1] stored"]
    (mail,) = store.mailbox(WANG, "已发送")
    assert mail.raw == b"Subject: x\r\n\r\nwords"
    assert mail.when == datetime(2026, 2, 1, 0, 30, tzinfo=UTC)
    assert say(session, b"APPEND nowhere {1}\r\nx")[0].startswith(b"NO [TRYCREATE]")
    assert say(session, b"APPEND INBOX {1}\r\nx")[-1].startswith(b"OK")
    assert store.mailbox(WANG)[-1].when == NOON


def test_what_others_do_is_told_between_commands(session: Session, store: MailStore) -> None:
    opened(session)
    other = Session(store, lambda: NOON)
    say(other, rb'LOGIN wang@example.cn "pass \"word"')
    opened(other)
    store.deliver(WANG, b"Subject: 4\r\n\r\n", NOON)
    assert say(session, b"NOOP") == [b"4 EXISTS", b"OK done"]
    say(other, b"STORE 2 +FLAGS (\\Answered)")
    assert say(session, b"NOOP") == [b"2 FETCH (UID 2 FLAGS (\\Answered))", b"OK done"]
    say(other, b"STORE 1 +FLAGS.SILENT (\\Deleted)")
    say(other, b"EXPUNGE")
    # Not during FETCH: the numbers in it would mean other messages (RFC 3501 §7.4.1).
    assert say(session, b"FETCH 1:2 UID") == [b"2 FETCH (UID 2)", b"OK done"]
    assert say(session, b"NOOP") == [b"1 EXPUNGE", b"OK done"]
    assert say(session, b"NOOP") == [b"OK done"]


def test_an_open_star_means_the_last_message_even_beyond_the_end(session: Session) -> None:
    opened(session)
    assert say(session, b"UID SEARCH UID 9:*")[0] == b"SEARCH 3"
    assert say(session, b"UID FETCH 9:* (FLAGS)")[0] == b"3 FETCH (UID 3 FLAGS ())"
    assert say(session, b"UID FETCH 9 (FLAGS)") == [b"OK done"]


def test_an_unknown_charset_is_named_as_such(session: Session) -> None:
    assert say(opened(session), b"SEARCH CHARSET X-NONE SUBJECT x")[0].startswith(b"NO [BADCHARSET")


def test_every_user_s_folders_have_a_uidvalidity_of_their_own() -> None:
    store = MailStore()
    store.add_user(WANG, "x")
    store.add_user("li@example.cn", "x")
    users = [store.user(WANG), store.user("li@example.cn")]
    numbers = [folder.uidvalidity for user in users if user for folder in user.folders.values()]
    assert len(numbers) == len(set(numbers)) == 14
