from __future__ import annotations

from mail_desk.config import FolderRole
from mail_desk.inbound.folders import Listed, choose, marked, missing


def listed(name: str, *attributes: str, delimiter: str = "/") -> Listed:
    return Listed(frozenset(attributes), delimiter, name)


NETEASE = [
    listed("INBOX"),
    listed("草稿箱", "\\drafts"),
    listed("已发送", "\\sent"),
    listed("已删除", "\\trash"),
    listed("垃圾邮件", "\\junk"),
    listed("病毒文件夹"),
    listed("广告邮件"),
    listed("订阅邮件"),
]


def test_netease_s_folders_have_all_five_roles_and_are_read_inbox_first() -> None:
    assert list(choose(NETEASE, {}).items()) == [
        ("INBOX", FolderRole.INBOX),
        ("垃圾邮件", FolderRole.JUNK),
        ("广告邮件", FolderRole.ADVERTISEMENT),
        ("订阅邮件", FolderRole.SUBSCRIPTION),
        ("已发送", FolderRole.SENT),
    ]


def test_without_marks_the_names_decide() -> None:
    unmarked = [Listed(frozenset(), f.delimiter, f.name) for f in NETEASE]
    assert choose(unmarked, {}) == choose(NETEASE, {})
    assert not any(marked(f) for f in unmarked)


def test_gmail_and_outlook_are_understood() -> None:
    gmail = [
        listed("INBOX", "\\hasnochildren"),
        listed("[Gmail]", "\\noselect", "\\haschildren"),
        listed("[Gmail]/已发邮件", "\\sent"),
        listed("[Gmail]/垃圾邮件", "\\junk"),
    ]
    assert choose(gmail, {}) == {
        "INBOX": FolderRole.INBOX,
        "[Gmail]/垃圾邮件": FolderRole.JUNK,
        "[Gmail]/已发邮件": FolderRole.SENT,
    }
    outlook = [listed("Inbox"), listed("Junk Email"), listed("Sent Items"), listed("已发送邮件")]
    assert choose(outlook, {}) == {
        "Inbox": FolderRole.INBOX,
        "Junk Email": FolderRole.JUNK,
        "Sent Items": FolderRole.SENT,
        "已发送邮件": FolderRole.SENT,
    }


def test_a_marked_folder_comes_before_one_that_only_has_the_name() -> None:
    found = choose([listed("Sent Items"), listed("Gesendet", "\\sent"), listed("INBOX")], {})
    assert [name for name, role in found.items() if role is FolderRole.SENT] == ["Gesendet", "Sent Items"]


def test_a_folder_marked_for_something_else_is_not_taken_by_its_name() -> None:
    assert choose([listed("INBOX"), listed("Sent", "\\junk")], {}) == {
        "INBOX": FolderRole.INBOX,
        "Sent": FolderRole.JUNK,
    }


def test_the_account_s_own_words_replace_what_would_be_found() -> None:
    told = {FolderRole.JUNK: ("广告邮件", "没有的"), FolderRole.ADVERTISEMENT: ()}
    assert choose(NETEASE, told) == {
        "INBOX": FolderRole.INBOX,
        "广告邮件": FolderRole.JUNK,
        "订阅邮件": FolderRole.SUBSCRIPTION,
        "已发送": FolderRole.SENT,
    }
    assert missing(NETEASE, told) == ["没有的"]


def test_an_inbox_is_there_even_where_none_is_listed_and_an_archive_s_inbox_is_not_it() -> None:
    assert choose([], {}) == {"INBOX": FolderRole.INBOX}
    assert choose([listed("2024/Inbox"), listed("inbox")], {}) == {"inbox": FolderRole.INBOX}


def test_a_folder_that_cannot_be_opened_is_left_alone() -> None:
    assert choose([listed("INBOX"), listed("Junk", "\\noselect")], {}) == {"INBOX": FolderRole.INBOX}


def test_dovecot_s_names_below_the_inbox_are_known_by_their_last_part() -> None:
    found = choose([listed("INBOX"), listed("INBOX.Sent", delimiter=".")], {})
    assert found["INBOX.Sent"] is FolderRole.SENT
