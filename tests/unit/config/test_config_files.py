"""Loading a configuration directory: what is read, and what each mistake is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mail_desk.config import PRESETS, Provider, Role, Settings, preset_servers
from mail_desk.config_files import init, load
from mail_desk.inbound import providers
from mail_desk.resources import layered, shipped, template_dirs

PROCEDURE = 'key = "foreign-investment"\nversion = "1"\n'

DESK = """
[desk]
outward = "auto"
[office]
name_zh = "处"
name_en = "Department"
signature_zh = "窗口"
signature_en = "Desk"
telephone = "1"
rules_zh = "办法"
rules_en = "Measures"
higher_body_zh = "局"
higher_body_en = "Bureau"
[[account]]
name = "desk"
address = "Desk@Office.example"
secret = { env = "PW" }
imap = { host = "127.0.0.1", port = 1143, security = "plain" }
smtp = { host = "localhost", port = 1025, security = "plain" }
[[account]]
name = "alarm"
address = "desk-alarm@yeah.net"
provider = "netease"
secret = { file = "pw" }
read = false
[routes]
outward = "desk"
staff = "desk"
alarms = "alarm"
"""

PEOPLE = """
operator = ["root@elsewhere.example"]
[[person]]
key = "wang"
name = "王芳"
role = "handler"
addresses = ["wang@staff.example", "WANG@phone.example"]
substitute = "li"
[[person]]
key = "li"
name = "李强"
role = "handler"
addresses = ["li@staff.example"]
[[person]]
key = "zhou"
name = "周敏"
role = "supervisor"
addresses = ["zhou@staff.example"]
[[person]]
key = "zhao"
name = "赵建国"
role = "leader"
addresses = ["zhao@staff.example"]
[[organ]]
key = "tax"
name = "税务局"
domains = ["tax.example"]
"""

ROUTING = """
default_handler = "wang"
[[category]]
key = "tax"
name_zh = "税费"
name_en = "Taxes"
[[rule]]
name = "taxes"
category = "tax"
handler = "li"
"""

LEDGER = "key,name,domains,contacts,officer\nacme,某某公司,acme.example,gm@acme.example;law@acme.example,li\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A small correct configuration."""
    config = tmp_path / "config"
    (config / "procedures").mkdir(parents=True)
    (config / "procedures" / "foreign-investment.toml").write_text(PROCEDURE, "utf-8")
    for name, text in (("desk", DESK), ("people", PEOPLE), ("routing", ROUTING)):
        (config / f"{name}.toml").write_text(text, "utf-8")
    (config / "enterprises.csv").write_text(LEDGER, "utf-8")
    return config


def settings_of(directory: Path) -> Settings:
    found = load(directory)
    assert isinstance(found, Settings), "\n".join(map(str, found))
    return found


def sentences_of(directory: Path) -> list[str]:
    found = load(directory)
    assert isinstance(found, list), "expected violations"
    return [str(v) for v in found]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_correct_directory_becomes_settings(directory: Path) -> None:
    settings = settings_of(directory)
    assert settings.desk.office.name_zh == "处"
    assert settings.desk.outward == "auto"
    assert settings.own_addresses() == {"desk@office.example", "desk-alarm@yeah.net"}
    assert settings.enterprises[0].contacts == ("gm@acme.example", "law@acme.example")
    assert settings.data_dir == directory.parent / "data"
    assert settings.template_dirs == (shipped("templates"),)
    wang = settings.people.by_address("wang@phone.example")
    assert wang is not None
    assert wang.key == "wang"


def test_presets_give_the_servers_of_the_address(directory: Path) -> None:
    alarm = settings_of(directory).account_named("alarm")
    assert alarm.imap is not None
    assert alarm.smtp is not None
    assert (alarm.imap.host, alarm.imap.port) == ("imap.yeah.net", 993)
    assert (alarm.smtp.host, alarm.smtp.port) == ("smtp.yeah.net", 465)


def test_every_provider_but_generic_has_a_preset_and_the_published_mailbox_keeps_its_own() -> None:
    assert set(PRESETS) == set(Provider) - {Provider.GENERIC}
    assert preset_servers(Provider.GENERIC, "a@b.example") is None
    assert preset_servers(Provider.NETEASE, "x@126.com") == PRESETS[Provider.NETEASE]
    enterprise = preset_servers(Provider.QQ, "x@office.example")
    assert enterprise is not None
    assert (enterprise[0].host, enterprise[1].host) == ("imap.exmail.qq.com", "smtp.exmail.qq.com")


def test_the_only_supervisor_is_everybody_s_supervisor(directory: Path) -> None:
    people = settings_of(directory).people
    assert {p.supervisor for p in people.with_role(Role.HANDLER)} == {"zhou"}


def test_relative_secret_files_are_found_beside_the_configuration(directory: Path) -> None:
    assert settings_of(directory).account_named("alarm").secret.file == directory / "pw"


def test_a_missing_digest_file_sends_the_shipped_digests_to_this_desk_s_leaders(directory: Path) -> None:
    digests = settings_of(directory).digests.digest
    assert digests
    assert {d.to for d in digests} == {("zhao",)}


def test_shipped_calendars_are_used_and_a_file_of_the_same_name_replaces_one(directory: Path) -> None:
    (directory / "calendar").mkdir()
    year = 'year = 2031\nsource = "test"\n[[holiday]]\nday = 2031-01-01\nname = "元旦"\n'
    (directory / "calendar" / "cn-2031.toml").write_text(year, "utf-8")
    years = {y.year for y in settings_of(directory).calendar}
    base = {int(p.stem[-4:]) for p in (shipped("config") / "calendar").glob("cn-*.toml")}
    assert years == base | {2031}


def test_own_templates_come_before_the_shipped_ones(directory: Path) -> None:
    (directory / "templates").mkdir()
    assert template_dirs(directory) == (directory / "templates", shipped("templates"))


def test_layering_is_file_by_file(tmp_path: Path) -> None:
    own, base = tmp_path / "own", tmp_path / "base"
    own.mkdir()
    base.mkdir()
    for path in (own / "a.toml", base / "a.toml", base / "b.toml"):
        path.write_text("", "utf-8")
    assert layered(own, base, "*.toml") == {"a.toml": own / "a.toml", "b.toml": base / "b.toml"}


# --- mistakes: one sentence each ------------------------------------------------------------------

MISTAKES: list[tuple[str, str, str, str]] = [
    (
        "people.toml",
        'substitute = "li"',
        'substitute = "lii"',
        'people.toml: person[1].substitute: names nobody ("lii"); expected one of li, wang, zhou',
    ),
    (
        "people.toml",
        'name = "李强"\nrole = "handler"',
        'name = "李强"\nrole = "handler"\nsupervisor = "lii"',
        'people.toml: person[2].supervisor: names nobody ("lii"); expected one of zhou',
    ),
    (
        "people.toml",
        'substitute = "li"',
        'substitute = "zhao"',
        'people.toml: person[1].substitute: "zhao" is a leader; expected a handler or supervisor: li, wang, zhou',
    ),
    (
        "people.toml",
        'substitute = "li"',
        'substitute = "wang"',
        'people.toml: person[1].substitute: names the person itself ("wang")',
    ),
    (
        "people.toml",
        'addresses = ["li@staff.example"]',
        'addresses = ["li@staff.example"]\nsubstitute = "wang"',
        ("people.toml: person[1].substitute: goes round in a circle (wang → li → wang);"
        " expected to end with somebody who has no substitute, such as the supervisor"),
    ),
    (
        "people.toml",
        '["li@staff.example"]',
        '["Wang@staff.example"]',
        "people.toml: person[2].addresses: wang@staff.example already belongs to wang",
    ),
    (
        "people.toml",
        '["li@staff.example"]',
        '["desk@office.example"]',
        "people.toml: person[2].addresses: desk@office.example is the desk's own address; expected a personal one",
    ),
    ("people.toml", 'key = "li"', 'key = "wang"', 'people.toml: person[2].key: "wang" is already the key of person[1]'),
    (
        "people.toml",
        'role = "supervisor"',
        'role = "superviser"',
        'people.toml: person[3].role: expected "handler", "supervisor", "leader", "observer" or "auditor", found "superviser"',
    ),
    (
        "people.toml",
        'role = "supervisor"',
        'role = "handler"',
        'people.toml: person: has no supervisor; expected at least one person with role = "supervisor"',
    ),
    (
        "people.toml",
        "root@elsewhere.example",
        "desk@office.example",
        "people.toml: operator[1]: desk@office.example is the desk's own address: alarms would go round in circles",
    ),
    (
        "people.toml",
        '["root@elsewhere.example"]',
        "[]",
        "people.toml: operator: is empty; expected at least one",
    ),
    (
        "people.toml",
        '"tax.example"',
        '"163.com"',
        "people.toml: organ[1].domains: 163.com is open to everybody; list the organ's addresses instead",
    ),
    (
        "people.toml",
        '["li@staff.example"]',
        '["li at staff.example"]',
        ("people.toml: person[2].addresses[1]: expected one e-mail address such as name@example.com,"
        ' found "li at staff.example"'),
    ),
    (
        "people.toml",
        '["li@staff.example"]',
        '"li@staff.example"',
        'people.toml: person[2].addresses: expected a list such as ["one", "two"], found "li@staff.example"',
    ),
    ("people.toml", 'name = "李强"\n', "", "people.toml: person[2].name: is missing"),
    (
        "people.toml",
        'name = "李强"\n',
        'name = "李强"\nleave = [{ first = 2026-12-02, last = 2026-12-01 }]\n',
        "people.toml: person[2].leave[1]: expected last on or after first, found the keys first, last",
    ),
    (
        "people.toml",
        'name = "李强"\n',
        'name = "李强"\nleave = [{ first = "soon", last = 2026-12-01 }]\n',
        'people.toml: person[2].leave[1].first: expected a date such as 2026-10-01, found "soon"',
    ),
    (
        "people.toml",
        'name = "李强"\n',
        'name = "李强"\nadresses = "x"\n',
        'people.toml: person[2].adresses: is not a known key; did you mean "addresses"?',
    ),
    (
        "desk.toml",
        'outward = "auto"',
        'outward = "maybe"',
        'desk.toml: desk.outward: expected "review" or "auto", found "maybe"',
    ),
    (
        "desk.toml",
        'outward = "auto"',
        'closed_reply = { after = "reopen" }',
        'desk.toml: desk.closed_reply.after: expected "file" or "new", found "reopen"',
    ),
    (
        "desk.toml",
        'outward = "auto"',
        "hold_minuts = 5",
        'desk.toml: desk.hold_minuts: is not a known key; did you mean "hold_minutes"?',
    ),
    (
        "desk.toml",
        'outward = "auto"',
        'hold_minutes = "five"',
        'desk.toml: desk.hold_minutes: expected a whole number, found "five"',
    ),
    (
        "desk.toml",
        'outward = "auto"',
        "hold_minutes = -1",
        "desk.toml: desk.hold_minutes: expected a number greater than or equal to 0, found -1",
    ),
    (
        "desk.toml",
        'outward = "auto"',
        'timezone = "Beijing"',
        'desk.toml: desk.timezone: expected an IANA time zone such as Asia/Shanghai, found "Beijing"',
    ),
    ("desk.toml", 'telephone = "1"\n', "", "desk.toml: office.telephone: is missing"),
    ("desk.toml", 'telephone = "1"', 'telephone = " "', "desk.toml: office.telephone: is empty"),
    ("people.toml", 'name = "李强"', 'name = ""', "people.toml: person[2].name: is empty"),
    (
        "desk.toml",
        'telephone = "1"',
        "telephone = 5",
        'desk.toml: office.telephone: expected text in quotes, such as "text", found 5',
    ),
    (
        "desk.toml",
        'alarms = "alarm"',
        'alarms = "alarms"',
        'desk.toml: routes.alarms: names no account ("alarms"); expected one of alarm, desk',
    ),
    (
        "desk.toml",
        'name = "alarm"',
        'name = "desk"',
        'desk.toml: account[2].name: "desk" is already the name of account[1]',
    ),
    (
        "desk.toml",
        '"desk-alarm@yeah.net"',
        '"DESK@office.example"',
        "desk.toml: account[2]: desk@office.example is already an address of account[1]",
    ),
    (
        "desk.toml",
        'imap = { host = "127.0.0.1", port = 1143, security = "plain" }\n',
        "",
        'desk.toml: account[1].imap: is missing; provider "generic" expects { host = …, port = … }',
    ),
    (
        "desk.toml",
        'host = "localhost"',
        'host = "mail.example"',
        ('desk.toml: account[1].smtp.security: "plain" would send the password in clear to mail.example;'
        ' expected "tls" or "starttls"'),
    ),
    (
        "desk.toml",
        "port = 1143",
        "port = 99999",
        "desk.toml: account[1].imap.port: expected a number less than or equal to 65535, found 99999",
    ),
    (
        "desk.toml",
        'secret = { env = "PW" }',
        'secret = { env = "PW", file = "x" }',
        "desk.toml: account[1].secret: expected exactly one of env, file, credential, found the keys env, file",
    ),
    (
        "desk.toml",
        'secret = { env = "PW" }',
        'secret = "hunter2"',
        'desk.toml: account[1].secret: expected a table of keys and values, such as { env = "NAME" }',
    ),
    (
        "desk.toml",
        'secret = { env = "PW" }',
        'secret = { env = "PW" }\nread = false',
        "desk.toml: account: no account is read; expected at least one without read = false",
    ),
    (
        "desk.toml",
        'port = 1143, security = "plain"',
        'port = 1143, security = "tls", ca_file = "ca.pem"',
        "desk.toml: account[1].imap.ca_file: names no file (",
    ),
    (
        "routing.toml",
        'default_handler = "wang"',
        'default_handler = "wong"',
        'routing.toml: default_handler: names nobody ("wong"); expected one of li, wang, zhou',
    ),
    (
        "routing.toml",
        'default_handler = "wang"',
        'default_handler = "wang"\nprocedure = "petition"',
        'routing.toml: procedure: names no procedure ("petition"); expected one of ',
    ),
    (
        "routing.toml",
        'category = "tax"',
        'category = "taxs"',
        'routing.toml: rule[1].category: names no category ("taxs"); did you mean "tax"?',
    ),
    (
        "routing.toml",
        'category = "tax"\n',
        "",
        "routing.toml: rule[1]: has no condition and would take every mail; use default_handler for that",
    ),
    (
        "enterprises.csv",
        ",li\n",
        ",lii\n",
        'enterprises.csv: line 2, officer: names nobody ("lii"); expected one of li, wang, zhou',
    ),
    (
        "enterprises.csv",
        "acme.example,",
        "qq.com,",
        "enterprises.csv: line 2, domains: qq.com is open to everybody; list the contacts instead",
    ),
    (
        "enterprises.csv",
        "gm@acme.example",
        "li@staff.example",
        "enterprises.csv: line 2, contacts: li@staff.example already belongs to li",
    ),
    (
        "enterprises.csv",
        "officer\n",
        "oficer\n",
        'enterprises.csv: line 1: "oficer" is not a known column; did you mean "officers"?',
    ),
    (
        "enterprises.csv",
        ",li\n",
        ",li,too,many\n",
        "enterprises.csv: line 2: has 7 cells, but the heading has 5",
    ),
    (
        "enterprises.csv",
        ",li\n",
        ",li\nacme,b,,,\n",
        'enterprises.csv: line 3, key: "acme" already stands in line 2',
    ),
    ("enterprises.csv", "acme,某某公司", ",某某公司", "enterprises.csv: line 2, key: is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "sentence"), MISTAKES, ids=[m[3][:70] for m in MISTAKES])
def test_a_mistake_is_told_by_file_key_and_expectation(
    directory: Path, file: str, old: str, new: str, sentence: str
) -> None:
    edit(directory / file, old, new)
    told = sentences_of(directory)
    assert any(s.startswith(sentence) for s in told), "\n".join(told)


def test_all_mistakes_are_told_at_once(directory: Path) -> None:
    edit(directory / "desk.toml", 'outward = "auto"', 'outward = "maybe"\ncolour = 1')
    edit(directory / "people.toml", 'role = "leader"', 'role = "boss"')
    edit(directory / "routing.toml", "default_handler", "default_handlr")
    told = sentences_of(directory)
    assert len(told) == 5
    assert {s.split(":")[0] for s in told} == {"desk.toml", "people.toml", "routing.toml"}


def test_a_reference_to_nobody_is_told_beside_other_mistakes(directory: Path) -> None:
    edit(directory / "people.toml", 'role = "leader"', 'role = "boss"')
    edit(directory / "people.toml", 'substitute = "li"', 'substitute = "lii"')
    edit(directory / "routing.toml", 'default_handler = "wang"', 'default_handler = "zhao2"')
    edit(directory / "routing.toml", 'handler = "li"', 'handler = "zhao"')
    told = sentences_of(directory)
    assert told[1:] == [
        'people.toml: person[1].substitute: names nobody ("lii"); expected one of li, wang, zhao, zhou',
        'routing.toml: default_handler: names nobody ("zhao2"); expected one of li, wang, zhao, zhou',
    ]


def test_a_password_written_by_mistake_is_not_repeated(directory: Path) -> None:
    edit(directory / "desk.toml", 'secret = { env = "PW" }', 'secret = "hunter2"')
    assert "hunter2" not in "\n".join(sentences_of(directory))
    edit(directory / "desk.toml", 'secret = "hunter2"', 'secret = { password = "hunter2" }')
    assert "hunter2" not in "\n".join(sentences_of(directory))
    edit(directory / "desk.toml", 'secret = { password = "hunter2" }', 'password = "hunter2"')
    assert "hunter2" not in "\n".join(sentences_of(directory))
    edit(directory / "desk.toml", 'password = "hunter2"', "secret = “hunter2”")
    assert "hunter2" not in "\n".join(sentences_of(directory))
    edit(directory / "desk.toml", "secret = “hunter2”", "secret hunter2")
    assert "hunter2" not in "\n".join(sentences_of(directory))


@pytest.mark.parametrize("file", ["desk.toml", "people.toml", "routing.toml"])
def test_a_missing_file_is_told_and_never_replaced_by_the_shipped_one(directory: Path, file: str) -> None:
    (directory / file).unlink()
    assert f"{file}: is missing; mail-desk init writes an example" in sentences_of(directory)


def test_a_file_that_notepad_named_txt_is_recognised(directory: Path) -> None:
    (directory / "desk.toml").rename(directory / "desk.toml.txt")
    assert "desk.toml: is missing; rename desk.toml.txt to desk.toml" in sentences_of(directory)


def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    assert sentences_of(tmp_path / "none") == [
        f"{tmp_path / 'none'}: is no directory; mail-desk init creates one"
    ]


def test_two_calendar_files_of_one_year_are_refused(directory: Path) -> None:
    (directory / "calendar").mkdir()
    for name in ("cn-2032", "copy"):
        (directory / "calendar" / f"{name}.toml").write_text('year = 2032\nsource = "x"\n', "utf-8")
    assert "calendar/copy.toml: year: 2032 already stands in calendar/cn-2032.toml" in sentences_of(directory)


def test_a_make_up_day_that_is_a_holiday_or_no_weekend_is_refused(directory: Path) -> None:
    (directory / "calendar").mkdir()
    year = (
        'year = 2033\nsource = "x"\nholiday = [{ day = 2033-01-03, name = "a" }]\n'
        'working = [{ day = 2033-01-03, name = "b" }]\n'
    )
    (directory / "calendar" / "cn-2033.toml").write_text(year, "utf-8")
    assert sentences_of(directory) == [
        "calendar/cn-2033.toml: working[1].day: 2033-01-03 is also a holiday",
        "calendar/cn-2033.toml: working[1].day: 2033-01-03 is no Saturday or Sunday",
    ]


# --- the shipped set ------------------------------------------------------------------------------


def with_procedure(directory: Path) -> Path:
    (directory / "procedures").mkdir(exist_ok=True)
    (directory / "procedures" / "foreign-investment.toml").write_text(PROCEDURE, "utf-8")
    return directory


def test_init_writes_a_complete_set_that_loads(tmp_path: Path) -> None:
    written = init(tmp_path / "etc")
    names = {path.relative_to(tmp_path / "etc").as_posix() for path in written}
    assert names >= {
        "desk.toml",
        "people.toml",
        "routing.toml",
        "digests.toml",
        "enterprises.csv",
        "README.md",
    }
    settings = settings_of(with_procedure(tmp_path / "etc"))
    assert settings.desk.outward == "review"
    assert settings.own_addresses() == {"gxwzwmc@126.com"}
    assert settings.account[0].secret.credential
    assert settings.people.with_role(Role.LEADER)
    assert {e.officers for e in settings.enterprises} == {("wang",), ("li",)}


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text("mine", "utf-8")
    written = init(tmp_path)
    assert tmp_path / "desk.toml" not in written
    assert (tmp_path / "desk.toml").read_text("utf-8") == "mine"
    assert init(tmp_path) == []


def test_a_copy_of_the_directory_elsewhere_loads_the_same(directory: Path, tmp_path: Path) -> None:
    shutil.copytree(directory, tmp_path / "b" / "config")
    assert settings_of(tmp_path / "b" / "config").people == settings_of(directory).people


def test_the_mailbox_and_the_settings_know_the_same_servers() -> None:
    for provider, (imap, smtp) in PRESETS.items():
        assert (providers.PRESETS[provider].imap, providers.PRESETS[provider].smtp) == (imap, smtp)
