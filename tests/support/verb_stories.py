"""The story of every verb: situation, the mail as a person types it, what comes of it, and one refusal.

`TOGETHER` is played side by side; then `ALONE`, one after another, as these concern the whole office; `PAPER` in a
desk where a supervisor releases every letter and notices wait for their signed and sealed scan.
"""

from __future__ import annotations

from mail_desk.demo import office
from mail_desk.tickets.commands import Verb
from verb_play import COMPLAINANT, Caused, Refused, Story
from verb_situations import (
    BUREAU,
    LI,
    SUN,
    WANG,
    ZHAO,
    ZHOU,
    has_left,
    in_review,
    named,
    nothing,
    on_leave,
    on_paper,
    released,
    row_shown,
    told_on_the_telephone,
)
from verb_stories_deciding import DECIDING
from verb_stories_working import WORKING

TOGETHER = (*DECIDING, *WORKING)

ALONE = (
    Story(
        Verb.LIST, nothing, WANG, ("列表", "list"), ("在办来信", "open ticket"),
        Refused(BUREAU, ("#列表", "#list"), None, after=True),
    ),
    Story(
        Verb.HELP, nothing, WANG, ("帮助", "help"), ("怎样写命令", "How to write commands"),
        Refused(BUREAU, ("#帮助", "#help"), None, after=True),
    ),
    Story(
        Verb.SEARCH, nothing, WANG, ("#搜索 审批", "#search permit"), ("找到", " found (permit)"),
        Refused(BUREAU, ("#搜索 审批", "#search permit"), None, after=True),
    ),
    Story(
        Verb.EXPORT, nothing, WANG, ("#导出", "#export"), ("导出已登记，并告知督办人", "on record and told to the supervisors"),
        Refused(BUREAU, ("#导出", "#export"), None, after=True),
    ),
    Story(
        Verb.REGISTER, told_on_the_telephone, WANG, ("1", "1"), ("已登记为 2026-", "Registered as 2026-"),
        Refused(BUREAU, ("#登记 昨天来电", "#register a call"), None, after=True),
        (Caused("new-ticket", WANG, ("营业执照审批没有答复", "No answer about our permit")),),
    ),
    Story(
        Verb.ENTERPRISE, row_shown, ZHOU, ("1", "1"),
        ("已增加：示例精密机械有限公司（precision）", "Added: Example Precision Co. Ltd (precision)"),
        Refused(LI, ("#企业 增加 新企业", "#enterprise add New Works"), ("企业台账由负责人修改", "Only a supervisor changes the ledger of enterprises")),
    ),
    Story(
        Verb.ADOPT, nothing, ZHOU, ("#收录 M1", "#adopt M1"), ("M1（old.matter@before.example）将立为来信，按原到达日期计算", "M1 (old.matter@before.example) becomes a ticket with its true date of arrival"),
        Refused(WANG, ("#收录 M1", "#adopt M1"), ("须由负责人", "A supervisor has to do this")),
        (
            Caused("new-ticket", WANG, ("Permit of 2025", "Permit of 2025")),
            Caused("reminder", WANG, ("逾期", "late")),
            Caused("reminder", ZHOU, ("逾期", "late")),
        ),
    ),
    Story(
        Verb.LEAVE, nothing, LI, ("#请假 2026-03-09 2026-03-13", "#leave 2026-03-09 2026-03-13"), ("李强2026年3月9日至2026年3月13日不在岗", "Li Qiang is away from 9 March 2026 to 13 March 2026"),
        Refused(WANG, ("#请假 李强 2026-03-09 2026-03-13", "#leave li 2026-03-09 2026-03-13"), ("他人的须由负责人登记", "a superior, anybody's")),
    ),
    Story(
        Verb.BACK, on_leave, LI, ("#销假", "#back"), ("李强已销假", "Li Qiang is here after all"),
        Refused(WANG, ("#销假", "#back"), ("王芳没有登记请假", "No leave of Wang Fang is known")),
    ),
    Story(
        Verb.PEOPLE, named, ZHOU, ("1", "1"), ("新增经办人孙丽", "Sun Li"),
        Refused(WANG, (f"#人员 增加 孙丽 {SUN}", f"#people add sun Sun Li {SUN}"), ("人员由负责人管理", "Only a supervisor changes the staff")),
        (
            Caused("welcome", SUN, ("欢迎", "Welcome")),
            Caused("people-changed", ZHAO, ("孙丽", "Sun Li")),
            Caused("people-changed", office.OPERATOR, ("孙丽", "Sun Li")),
        ),
    ),
)  # fmt: skip

PAPER = (
    Story(
        Verb.RELEASE, in_review, ZHOU, ("放行", "release"), ("已放行", "Released"),
        Refused(WANG, ("#放行", "#release"), ("须由负责人放行", "A supervisor has to release it")),
        (), "examining", then=has_left,
    ),
    Story(
        Verb.REJECT, in_review, ZHOU, ("拒收 措辞不妥", "reject The tone is wrong."), ("已退回经办人", "Sent back to the handler"),
        Refused(WANG, ("#拒收", "#reject"), ("须由负责人放行", "A supervisor has to release it")),
        (Caused("approval-answer", WANG, ("措辞不妥", "The tone is wrong")),),
        "examining", ("LetterCancelled", "Undone"),
    ),
    Story(
        Verb.DISPATCH, on_paper, WANG, ("#发文", "#dispatch"),
        ("发文：洛高外诉受〔2026〕1号，随信附扫描件：sealed.pdf", "Dispatched: 洛高外诉受〔2026〕1号, with the scan: sealed.pdf"),
        Refused(LI, ("#发文", "#dispatch"), ("您没有权限", "you may not do that")),
        (
            Caused("review-request", ZHOU, ("请审签", "for release")),
            Caused("acceptance", COMPLAINANT, None),
        ),
        "accepted", ("Dispatched",), (("sealed.pdf", "application/pdf", b"%PDF-1.4 sealed"),),
        released,
    ),
)  # fmt: skip

STORIES = (*TOGETHER, *ALONE, *PAPER)
