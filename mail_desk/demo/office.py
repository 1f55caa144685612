"""The pretend office: its people, enterprises and rules, written as ordinary configuration files.

The demo and the acceptance tests load it through the same loader as any department's directory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DESK = "tousu@desk.example"
PASSWORD = "pretend-only"  # noqa: S105 - of servers that live for a minute, on loopback

WANG = "wang.fang@office.example"
LI = "li.qiang@office.example"
ZHOU = "zhou.min@office.example"
ZHAO = "zhao.jianguo@office.example"
OPERATOR = "operator@office.example"
BUREAU = "contact@market.gov.example"
# The pretend office has a mail system of its own in which nobody can write as somebody else.
TRUSTED = 'prove = { "office.example" = "token", "phone.example" = "token" }'

NAMES = {
    WANG: "王芳",
    LI: "李强",
    ZHOU: "周敏",
    ZHAO: "赵建国",
    OPERATOR: "运维",
    BUREAU: "市场监管局",
    DESK: "投诉受理窗口",
}


@dataclass(frozen=True)
class Servers:
    """Where the desk reads and sends."""

    imap_host: str
    imap_port: int
    smtp_host: str
    smtp_port: int
    imap_security: str = "plain"
    smtp_security: str = "plain"
    ca_file: str = ""


def write(
    directory: Path,
    servers: Servers,
    *,
    store: str = "",
    outward: str = "auto",
    leave: str = "",
    provider: str = "generic",
    address: str = DESK,
    per_day: int = 5000,
    hold_minutes: int = 15,
    max_attempts: int = 3,
    closed_reply: str = "",
    staff_language: str = "zh",
    authority: str = TRUSTED,
    leaders: str = "at-once",
    digests: str = "",
) -> Path:
    """Write the configuration into `directory` and return it.

    `leave`: of Li, as a TOML array; `closed_reply`: as a TOML table; `authority`: lines of `[authority]`;
    `leaders`: whether they are asked with their weekly mail or at once; `digests`: further ones.
    """
    directory.mkdir(parents=True, exist_ok=True)
    password = directory / "password"
    password.write_text(PASSWORD, encoding="ascii")
    password.chmod(0o600)
    desk = _desk(servers, store, outward, provider, address, password, per_day)
    patience = f"hold_minutes = {hold_minutes}\nmax_attempts = {max_attempts}"
    patience += f"\nclosed_reply = {closed_reply}" if closed_reply else ""
    patience += f'\nstaff_language = "{staff_language}"'
    (directory / "desk.toml").write_text(
        desk.replace("@PATIENCE@", patience).replace("@AUTHORITY@", authority), encoding="utf-8"
    )
    (directory / "people.toml").write_text(_PEOPLE.replace("@LEAVE@", leave or "[]"), encoding="utf-8")
    (directory / "routing.toml").write_text(_ROUTING, encoding="utf-8")
    (directory / "digests.toml").write_text(f'leaders = "{leaders}"\n{_DIGESTS}{digests}', encoding="utf-8")
    (directory / "enterprises.csv").write_text(_ENTERPRISES, encoding="utf-8")
    return directory


def _desk(
    servers: Servers, store: str, outward: str, provider: str, address: str, password: Path, per_day: int
) -> str:
    ca_file = f', ca_file = "{servers.ca_file}"' if servers.ca_file else ""
    return f"""
[desk]
timezone = "Asia/Shanghai"
outward = "{outward}"
@PATIENCE@
{f'store = "{store}"' if store else ""}

[office]
name_zh = "示例高新区外商投资企业投诉受理窗口"
name_en = "Complaint Desk for Foreign-Invested Enterprises, Example High-tech Zone"
signature_zh = "示例高新区外商投资企业投诉受理窗口"
signature_en = "Complaint Desk for Foreign-Invested Enterprises, Example High-tech Zone"
telephone = "0379-00000000"
rules_zh = "《外商投资企业投诉工作办法》（商务部令2020年第3号）"
rules_en = "Working Measures for Complaints of Foreign-Invested Enterprises (MOFCOM Order No. 3 of 2020)"
higher_body_zh = "示例市商务局"
higher_body_en = "Example Municipal Bureau of Commerce"

[[account]]
name = "desk"
address = "{address}"
provider = "{provider}"
secret = {{ file = "{password}" }}
imap = {{ host = "{servers.imap_host}", port = {servers.imap_port}, security = "{servers.imap_security}"{ca_file} }}
smtp = {{ host = "{servers.smtp_host}", port = {servers.smtp_port}, security = "{servers.smtp_security}"{ca_file} }}

[routes]
outward = "desk"
staff = "desk"
alarms = "desk"

[authority]
@AUTHORITY@

[budget]
per_day = {per_day}
statutory_reserve = 40
spacing_seconds = 0
connections = 4
"""


_PEOPLE = f"""
operator = ["{OPERATOR}"]

[[person]]
key = "wang"
name = "王芳"
name_en = "Wang Fang"
role = "handler"
addresses = ["{WANG}", "wangfang@phone.example"]
languages = ["zh", "en"]
supervisor = "zhou"
substitute = "zhou"

[[person]]
key = "li"
name = "李强"
name_en = "Li Qiang"
role = "handler"
addresses = ["{LI}"]
supervisor = "zhou"
substitute = "wang"
leave = @LEAVE@

[[person]]
key = "zhou"
name = "周敏"
name_en = "Zhou Min"
title = "科长"
role = "supervisor"
addresses = ["{ZHOU}"]
languages = ["zh", "en"]
supervisor = "zhao"

[[person]]
key = "zhao"
name = "赵建国"
name_en = "Zhao Jianguo"
title = "组长"
role = "leader"
addresses = ["{ZHAO}"]

[[organ]]
key = "market"
name = "市场监管局"
name_en = "Market Supervision Bureau"
domains = ["market.gov.example"]
addresses = ["{BUREAU}"]
"""

_ROUTING = """
default_handler = "wang"

[[category]]
key = "tax"
name_zh = "税费"
name_en = "Taxes and fees"
keywords = ["税务", "退税", "增值税", "收费", "VAT", "tax refund"]

[[category]]
key = "approval"
name_zh = "行政审批与许可"
name_en = "Approvals and permits"
keywords = ["审批", "许可证", "营业执照", "备案", "approval", "permit", "licence"]

[[rule]]
name = "英文来信 / mail in English"
language = "en"
handler = "wang"

[[rule]]
name = "税费 / taxes"
category = "tax"
handler = "li"
"""

_DIGESTS = """
worklist_at = "08:30"

[[digest]]
key = "weekly"
title_zh = "外商投资企业投诉办理情况周报"
title_en = "Weekly inspection of complaints"
period = "week"
at = "09:00"
to = ["zhao"]

[[digest]]
key = "monthly"
title_zh = "外商投资企业投诉办理情况月报"
title_en = "Monthly inspection of complaints"
period = "month"
at = "09:30"
to = ["zhao"]
"""

_ENTERPRISES = """编号 key,企业名称 name,英文名称 name_en,国别 country,域名 domains,联系邮箱 contacts,电话 telephone,服务专员 officer,重点项目 key_project,包联领导 project_leader
bearing,示例轴承（洛阳）有限公司,Example Bearings (Luoyang) Co. Ltd,德国,bearings.example,gm@bearings.example,0379-00000002,wang,高端轴承二期,zhao
glass,示例光电玻璃有限公司,Example Optical Glass Co. Ltd,日本,glass.example,office@glass.example,0379-00000003,li,,
"""
