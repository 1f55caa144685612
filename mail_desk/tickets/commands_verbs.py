"""The verbs: one table with everything the grammar, the help card and the docs know about them.

docs/commands.md is checked against this table by a test. Who may really use a verb on a ticket is
decided by the procedure and the desk; `roles` says who usually does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from mail_desk.tickets.commands_names import KIND_NAMES, KINDS, NOTICE_NAMES, NOTICES, Names

__all__ = [
    "ALIASES",
    "KINDS",
    "KIND_NAMES",
    "NOTICES",
    "NOTICE_NAMES",
    "SAME_WHEN_OFFERED",
    "VERBS",
    "Argument",
    "Meaning",
    "Names",
    "Verb",
    "VerbSpec",
    "Wording",
    "verb_at",
]


class Verb(StrEnum):
    COMPLAINT = "complaint"
    NOT_COMPLAINT = "not-complaint"
    ACCEPT = "accept"
    DECLINE = "decline"
    REQUEST = "request"
    COMPLETE = "complete"
    REPLY = "reply"
    NOTE = "note"
    ASSIGN = "assign"
    EXTEND = "extend"
    APPROVE = "approve"
    REFUSE = "refuse"
    CONCLUDE = "conclude"
    CLOSE = "close"
    REOPEN = "reopen"
    TRANSFER = "transfer"
    ASK = "ask"
    STATEMENT = "statement"
    ANSWER = "answer"
    NOT_ANSWER = "not-answer"
    INSTRUCT = "instruct"
    READ = "read"
    LIST = "list"
    SHOW = "show"
    UNDO = "undo"
    HELP = "help"
    LEAVE = "leave"
    BACK = "back"
    ADOPT = "adopt"
    RELEASE = "release"
    REJECT = "reject"
    SEND = "send"
    MERGE = "merge"
    SUPPLEMENT = "supplement"
    SEPARATE = "separate"
    SPLIT = "split"
    SERVED = "served"
    WITHDRAW = "withdraw"
    SUSPEND = "suspend"
    RESUME = "resume"
    REPORT = "report"
    RECORD = "record"
    CONFIRM = "confirm"
    DENY = "deny"
    PARTICIPANT = "participant"
    TEAM = "team"
    RECUSE = "recuse"
    RECLAIM = "reclaim"
    URGE = "urge"
    PEOPLE = "people"
    ESCALATE = "escalate"
    SUPERVISE = "supervise"
    REPORT_BACK = "report-back"
    CALL_OFF = "call-off"
    ATTRIBUTE = "attribute"
    DISPATCH = "dispatch"
    ATTACH = "attach"
    DOSSIER = "dossier"
    ERASE = "erase"
    SNOOZE = "snooze"
    EXPLAIN = "explain"
    CATEGORY = "category"
    LINK = "link"
    SUGGEST = "suggest"
    PROGRESS = "progress"
    AWAIT = "await"
    REGISTER = "register"
    ENTERPRISE = "enterprise"
    SEARCH = "search"
    EXPORT = "export"


class Argument(Enum):
    """What stands between a verb and its words."""

    NONE = "none"
    KIND = "kind"  # of a letter that is no complaint
    GROUND = "ground"  # of the procedure: its number or key
    PERSON = "person"  # key or name
    ORGAN = "organ"  # key or name
    BODY = "body"  # any public body, by name
    DAYS = "days"  # working days
    DATE = "date"  # may be left out: today
    COMING = "coming"  # a day to come
    CATEGORY = "category"  # of the routing: its name or key
    TICKET = "ticket"  # another one
    NOTICE = "notice"  # acceptance, refusal …: what a letter written by hand was
    MAIL = "mail"  # M12
    MAIL_OPTIONAL = "mail-optional"  # left out: the mail or letter answered
    OWED = "owed"  # 2026-11-30, or somebody and a day; left out: the words say by when
    SUPERVISION = "supervision"  # S2; may be left out
    MAIL_DAY = "mail-day"  # M12, then perhaps a day with its year


class Wording(Enum):
    """Which of the text behind it belongs to a verb. The rest is an internal note."""

    NONE = "none"
    LINE = "line"  # the rest of the line, may be empty
    PARAGRAPH = "paragraph"  # the rest of the line and its paragraph; all of it after a colon
    OPTIONAL = "optional"  # all up to the next command, may be empty
    REQUIRED = "required"  # all up to the next command, must not be empty


@dataclass(frozen=True, slots=True)
class VerbSpec:
    argument: Argument
    wording: Wording
    outward: bool  # its words may leave the office
    roles: str  # handler, supervisor, leader
    zh: tuple[str, ...]  # the first one is the name
    en: tuple[str, ...]  # besides the verb itself
    does_zh: str
    does_en: str
    example: str


_A, _W = Argument, Wording
_HS, _S, _L = "handler, supervisor", "supervisor", "leader"
_SL, _ALL = "supervisor, leader", "handler, supervisor, leader"

VERBS: dict[Verb, VerbSpec] = {
    Verb.COMPLAINT: VerbSpec(
        _A.NONE, _W.NONE, False, _HS, ("投诉", "是投诉", "属于投诉"), ("is-complaint", "a-complaint"),
        "这封来信是投诉", "the mail is a complaint", "#投诉",
    ),
    Verb.NOT_COMPLAINT: VerbSpec(
        _A.KIND, _W.NONE, False, _HS, ("非投诉", "不是投诉"), ("no-complaint", "not-a-complaint"),
        "不是投诉：咨询、来函、广告、其他", "it is none: enquiry, correspondence, advert, other", "#非投诉 咨询",
    ),
    Verb.ACCEPT: VerbSpec(
        _A.NONE, _W.PARAGRAPH, True, _HS, ("受理", "予以受理", "决定受理"), (),
        "受理投诉，发受理通知；同一段的话写进通知", "accept; words of the same paragraph go into the notice", "#受理",
    ),
    Verb.DECLINE: VerbSpec(
        _A.GROUND, _W.REQUIRED, True, _HS, ("不予受理", "不受理"), (),
        "不予受理：第几项理由，再写说明", "decline: number of the ground, then why", "#不予受理 2 属于民事纠纷，请……",
    ),
    Verb.REQUEST: VerbSpec(
        _A.NONE, _W.REQUIRED, True, _HS, ("补正", "要求补正", "补充材料"), ("request-materials", "materials"),
        "发补正通知，写明缺什么", "ask for what is missing", "#补正 请补充营业执照复印件",
    ),
    Verb.COMPLETE: VerbSpec(
        _A.DATE, _W.NONE, False, _HS, ("齐备", "材料齐备", "已齐备", "补齐"), ("materials-complete",),
        "材料已齐；可写哪天齐的", "the materials are complete; the day may follow", "#齐备 11月20日",
    ),
    Verb.REPLY: VerbSpec(
        _A.NONE, _W.REQUIRED, True, _HS, ("答复", "回复", "回信"), ("write-back",),
        "把这些话发给来信人", "send these words to the complainant", "#答复 您好，……",
    ),
    Verb.NOTE: VerbSpec(
        _A.NONE, _W.REQUIRED, False, _ALL + ", team", ("备注", "记录", "内部备注"), ("comment",),
        "内部备注，不外发", "internal note, never sent out", "#备注 已电话联系",
    ),
    Verb.ASSIGN: VerbSpec(
        _A.PERSON, _W.OPTIONAL, False, _ALL, ("转办", "转给", "交办", "分派"), ("handler", "assign-to"),
        "改由谁办（代号或姓名）", "give it to somebody: key or name", "#转办 李强",
    ),
    Verb.EXTEND: VerbSpec(
        _A.DAYS, _W.REQUIRED, True, _HS, ("延期", "延长", "申请延期"), ("extension",),
        "延长几个工作日，再写理由", "working days, then why", "#延期 20 需多部门会商",
    ),
    Verb.APPROVE: VerbSpec(
        _A.NONE, _W.OPTIONAL, False, _SL, ("同意", "批准", "原则同意", "准予"), ("agree", "agreed", "approved"),
        "同意所请", "approve what was proposed", "#同意",
    ),
    Verb.REFUSE: VerbSpec(
        _A.NONE, _W.OPTIONAL, False, _SL, ("不同意", "不批准", "不予同意"), ("disagree", "refused"),
        "不同意，可写理由", "refuse; a reason may follow", "#不同意 请先与税务局核实",
    ),
    Verb.CONCLUDE: VerbSpec(
        _A.GROUND, _W.REQUIRED, True, _HS, ("办结", "处理完毕"), ("finish", "concluded"),
        "办结：第几项理由，再写处理结果", "conclude: number of the ground, then the result", "#办结 1 退税款已于……到账",
    ),
    Verb.CLOSE: VerbSpec(
        _A.NONE, _W.NONE, False, _HS, ("结案", "归档", "结案归档"), ("closed", "archive"),
        "结案归档", "close and archive", "#结案",
    ),
    Verb.REOPEN: VerbSpec(
        _A.NONE, _W.OPTIONAL, False, _HS, ("重开", "重新办理", "恢复办理"), ("re-open",),
        "重新办理，可写原因", "reopen; a reason may follow", "#重开",
    ),
    Verb.TRANSFER: VerbSpec(
        _A.BODY, _W.REQUIRED, True, _HS, ("移送", "移交"), ("transfer-to",),
        "移送哪个单位，再写说明", "the body it goes to, then why", "#移送 市商务局：属其职权范围",
    ),
    Verb.ASK: VerbSpec(
        _A.ORGAN, _W.REQUIRED, True, _HS + ", team", ("征询", "征求意见", "征询意见"), ("consult",),
        "向哪个单位征询，再写问题；不附投诉内容，期限和附件须写明", "the organ, then the question; nothing else leaves but files you name",
        "#征询 tax 5个工作日内，请问……",
    ),
    Verb.STATEMENT: VerbSpec(
        _A.ORGAN, _W.REQUIRED, True, _HS + ", team", ("陈述", "请其陈述", "要求陈述"), ("statement-of",),
        "请被投诉的单位陈述意见，写明要说明的事项", "ask the body complained about for its statement, and on what", "#陈述 tax 请就……说明情况",
    ),
    Verb.ANSWER: VerbSpec(
        _A.MAIL_OPTIONAL, _W.OPTIONAL, False, _HS + ", team", ("回函", "是回函", "复函"), ("organ-answer",),
        "来信 M12 是某件征询的回函；纸质或电话答复写明内容", "the mail M12 answers a question to an organ; of a paper or spoken answer, write what it says",
        "#回函 M12 征2026-0003-2",
    ),
    Verb.NOT_ANSWER: VerbSpec(
        _A.MAIL_OPTIONAL, _W.NONE, False, _HS + ", team", ("非回函", "不是回函"), ("no-answer",),
        "来信 M12 不是回函", "the mail M12 answers no question", "#非回函 M12",
    ),
    Verb.INSTRUCT: VerbSpec(
        _A.NONE, _W.REQUIRED, False, _L, ("批示", "指示"), ("instruction", "direct"),
        "批示，转经办人", "an instruction for the handler", "#批示 请抓紧办理",
    ),
    Verb.READ: VerbSpec(
        _A.NONE, _W.NONE, False, _L, ("阅", "已阅", "阅知", "圈阅", "阅过"), ("seen", "noted"),
        "已阅，无其他意见", "read, nothing to add", "#阅",
    ),
    Verb.LIST: VerbSpec(
        _A.NONE, _W.LINE, False, _ALL, ("列表", "清单", "我的件"), ("ls",),
        "寄回手上的件；可写条件：逾期、未办结、类别…", "send me my tickets, or those behind a figure: overdue, open, category …",
        "#列表 逾期",
    ),
    Verb.SHOW: VerbSpec(
        _A.NONE, _W.LINE, False, _ALL, ("查看", "查询", "显示", "详情"), ("view", "display"),
        "寄回这一件的经过", "send me the story of a ticket", "#查看 2026-0003",
    ),
    Verb.UNDO: VerbSpec(
        _A.NONE, _W.LINE, False, _HS, ("撤销", "撤消", "取消"), ("cancel",),
        "撤销刚才的命令（信未发出前）", "take back the last command, until its letters leave", "#撤销",
    ),
    Verb.HELP: VerbSpec(
        _A.NONE, _W.LINE, False, _ALL, ("帮助", "命令", "说明"), ("commands", "usage"),
        "寄回这张卡片", "send me this card", "#帮助",
    ),
    Verb.LEAVE: VerbSpec(
        _A.NONE, _W.LINE, False, _ALL, ("请假", "休假"), ("on-leave",),
        "几号到几号不在岗；负责人可写他人姓名", "away from one day to another; a superior may name somebody",
        "#请假 2026-03-09 2026-03-13",
    ),
    Verb.BACK: VerbSpec(
        _A.NONE, _W.LINE, False, _ALL, ("销假", "返岗"), ("back-again",),
        "提前回来，或取消请假", "here again, or not going after all", "#销假",
    ),
    Verb.ADOPT: VerbSpec(
        _A.MAIL, _W.NONE, False, _S, ("收录", "立件"), ("take",),
        "把设台前的旧信 M12 立为一件", "make a ticket of a mail from before the desk", "#收录 M12",
    ),
    Verb.RELEASE: VerbSpec(
        _A.MAIL_OPTIONAL, _W.NONE, False, _S, ("放行", "准发", "发出"), ("unblock",),
        "放行待审的信或隔离的来信", "let a letter in review leave, or a quarantined mail in", "#放行",
    ),
    Verb.REJECT: VerbSpec(
        _A.MAIL_OPTIONAL, _W.OPTIONAL, False, _S, ("拒收", "不放行", "不发", "退回"), ("block",),
        "不放行，可写原因", "stop it; a reason may follow", "#拒收 M12",
    ),
    Verb.SEND: VerbSpec(
        _A.NONE, _W.NONE, True, _HS, ("发送", "寄出"), (),
        "把刚才记为备注的话发给来信人", "send to the complainant what was filed as a note", "#发送",
    ),
    Verb.MERGE: VerbSpec(
        _A.TICKET, _W.NONE, False, _HS, ("合并", "并入"), ("merge-into",),
        "并入另一件，各信保留到达日期", "file it on another ticket", "#2026-0005 合并 2026-0003",
    ),
    Verb.SUPPLEMENT: VerbSpec(
        _A.MAIL_OPTIONAL, _W.NONE, False, _HS, ("是补充", "是补充材料", "属补充材料"), ("is-supplement",),
        "未核实的来信 M12 是补充材料，自到达之日起算", "the unverified mail M12 is a supplement, from its day of arrival", "#是补充 M12",
    ),
    Verb.SEPARATE: VerbSpec(
        _A.MAIL_OPTIONAL, _W.NONE, False, _HS, ("另立", "另立一件", "另案办理"), ("split-off",),
        "后续来信 M12 是新的事项，另立一件，保留到达日期", "the further mail M12 is something new: a ticket of its own", "#另立 M12",
    ),
    Verb.SPLIT: VerbSpec(
        _A.NONE, _W.REQUIRED, True, _HS, ("拆分", "拆分办理", "拆件"), ("divide",),
        "来信反映几件事：写明随去的文件和新件的主题，单独成为一件；主题写进给投诉人的信，下面各行是给新件经办人的说明",
        "the mail holds several matters: the files that go along and the subject of the new ticket, which the complainant reads; "
        "lines below are for its handler",
        "#拆分 附件2、附件3 增值税退税迟延",
    ),
    Verb.SERVED: VerbSpec(
        _A.NOTICE, _W.PARAGRAPH, False, _HS, ("送达", "已送达"), (),
        "哪种通知已由网页邮箱手写信，或者邮寄、当面、电话送达，哪天；可附扫描件",
        "which notice was served by a letter written in the webmail, or by post, hand or phone, and when; attach the scan",
        "#送达 受理通知 邮寄 11月20日",
    ),
    Verb.WITHDRAW: VerbSpec(
        _A.MAIL_OPTIONAL, _W.OPTIONAL, True, _HS, ("撤诉", "撤回投诉"), ("withdrawal",),
        "投诉人书面撤回，写明是哪封来信 M12", "the complainant takes it back, by which mail", "#撤诉 M12",
    ),
    Verb.SUSPEND: VerbSpec(
        _A.NONE, _W.REQUIRED, True, _HS, ("中止", "中止办理", "暂停办理"), ("suspension",),
        "中止办理，写明原因；期限暂停计算", "suspend, with the reason; the clock stops", "#中止 等待司法鉴定结论",
    ),
    Verb.RESUME: VerbSpec(
        _A.NONE, _W.REQUIRED, True, _HS, ("恢复", "恢复计时", "中止结束"), ("resumption",),
        "中止的原因消除，恢复办理", "go on with it; the clock runs again", "#恢复 鉴定结论已出具",
    ),
    Verb.REPORT: VerbSpec(
        _A.NONE, _W.REQUIRED, False, _SL, ("报告", "已报告", "已报告政府"), ("reported",),
        "已就一年未结的投诉向本级政府报告，写明文号", "the report on a complaint open after a year was made", "#报告 高新管〔2026〕8号",
    ),
    Verb.CONFIRM: VerbSpec(
        _A.MAIL, _W.NONE, False, _ALL, ("确认", "是我发的"), ("it-was-me",),
        "那封邮件 M12 是我从另一个地址发的", "that mail M12 was mine, from another address", "#确认 M12",
    ),
    Verb.DENY: VerbSpec(
        _A.MAIL, _W.NONE, False, _ALL, ("否认", "不是我发的"), ("it-was-not-me",),
        "那封邮件 M12 不是我发的", "that mail M12 was not mine", "#否认 M12",
    ),
    Verb.PARTICIPANT: VerbSpec(
        _A.MAIL_OPTIONAL, _W.OPTIONAL, False, _HS, ("参与人", "代理人", "认可来信人"), ("agent", "admit"),
        "来信 M12 的发件人可以就此件来信；代理人写明授权委托书在哪封来信；写“撤销”和地址即取消",
        "who sent the mail M12 may write on the ticket; of an agent, name the mail with the power of attorney; "
        "“remove” and an address ends it",
        "#参与人 M12 代理人，授权委托书见 M13",
    ),
    Verb.RECORD: VerbSpec(
        _A.PERSON, _W.OPTIONAL, False, _S, ("代录", "代录批示"), ("record-approval",),
        "代录上级口头或书面同意：谁、口头或书面、哪天；可附扫描件",
        "put on record a superior's oral or paper approval: who, how, when; attach the scan",
        "#代录 赵建国 口头 11月20日 同意延期",
    ),
    Verb.ESCALATE: VerbSpec(
        _A.NONE, _W.REQUIRED, False, _HS, ("直通车", "上报领导"), ("through-train",),
        "直通车：重大疑难事项直报领导，写明情况摘要", "straight to the leader: a major difficulty, with a summary",
        "#直通车 企业面临停产，需市局协调",
    ),
    Verb.SUPERVISE: VerbSpec(
        _A.OWED, _W.OPTIONAL, False, _L, ("督办", "限期督办"), ("supervision",),
        "督办：写明要求和期限，到期须回报；可写明由谁负责", "supervise: what is wanted by when; it is reported back. A person may be named",
        "#督办 请11月30日前办结并报告",
    ),
    Verb.REPORT_BACK: VerbSpec(
        _A.SUPERVISION, _W.REQUIRED, False, _HS, ("回报", "督办回报"), ("reported-back",),
        "回报督办事项的办理情况，送督办的领导", "report back on a supervision, to the leader who set it", "#回报 已约谈，12月3日前退款",
    ),
    Verb.CALL_OFF: VerbSpec(
        _A.SUPERVISION, _W.OPTIONAL, False, _L, ("撤销督办", "解除督办", "取消督办"), ("end-supervision",),
        "撤销督办事项，不必再回报", "call a supervision off: no report is owed any more", "#撤销督办 S1",
    ),
    Verb.ATTRIBUTE: VerbSpec(
        _A.MAIL_DAY, _W.OPTIONAL, False, _SL, ("记为批示", "补记批示"), ("put-down",),
        "领导来信 M12 未写明哪一件：记为对这一件的批示；写上期限即为督办",
        "a leader's mail M12 named no ticket: put it down as an instruction here, with a day as a supervision",
        "#2026-0003 记为批示 M12 2026-11-30",
    ),
    Verb.DISPATCH: VerbSpec(
        _A.NONE, _W.LINE, True, _HS, ("发文", "制发"), ("issue",),
        "发出等待盖章的通知书；把签字盖章的扫描件作为本信附件", "send the notice that waits for its seal; attach the signed and sealed scan",
        "#发文",
    ),
    Verb.ATTACH: VerbSpec(
        _A.NONE, _W.LINE, True, _HS, ("附件", "随信附件", "附上"), ("enclose", "attachment"),
        "指定随对外信件发出的文件：编号、文件名，或者本信所附的文件", "name files that leave with the letter: number, name, or those of this mail",
        "#附件 M12-1",
    ),
    Verb.DOSSIER: VerbSpec(
        _A.NONE, _W.LINE, False, _ALL, ("卷宗", "案卷", "调卷"), ("case-file",),
        "寄回整件卷宗：可打印的目录、全部来往信件和原件", "send me the whole file: a printable index, every letter, the originals",
        "#卷宗 2026-0003",
    ),
    Verb.ERASE: VerbSpec(
        _A.NONE, _W.LINE, False, _S, ("删除个人信息", "清除个人信息"), ("erase-personal-data",),
        "保存期满后删除一件的个人信息，须再回复数字确认；不能撤销", "erase the personal data of a ticket whose years are over; asks once more; final",
        "#2016-0003 删除个人信息",
    ),
    Verb.SNOOZE: VerbSpec(
        _A.COMING, _W.REQUIRED, False, _HS, ("暂缓", "缓办", "稍后提醒"), ("put-off", "remind-later"),
        "哪天之前不再提醒经办人，写明原因；期限不变，逾期和当日到期照常提醒",
        "no reminders to the handler before a day, with the reason; no limit moves, what is due or late is still told",
        "#暂缓 下周五 等税务局答复",
    ),
    Verb.EXPLAIN: VerbSpec(
        _A.NONE, _W.LINE, False, _ALL, ("期限", "时限", "期限说明"), ("dates", "deadlines"),
        "寄回这一件各个期限的算法", "how every date of a ticket is counted", "#期限 2026-0003",
    ),
    Verb.CATEGORY: VerbSpec(
        _A.CATEGORY, _W.NONE, False, _HS, ("分类", "归类", "类别"), ("categorise", "categorize"),
        "归入哪一类（名称或代号）", "put it in a category: its name or key", "#分类 税费",
    ),
    Verb.LINK: VerbSpec(
        _A.TICKET, _W.NONE, False, _HS, ("关联", "相关件"), ("relate", "related-to"),
        "与另一件相关，各办各的", "it belongs to another ticket; both stay as they are", "#2026-0005 关联 2026-0003",
    ),
    Verb.SUGGEST: VerbSpec(
        _A.NONE, _W.REQUIRED, False, _ALL, ("建议", "措施建议"), ("suggestion", "measure"),
        "措施或者建议，列入检查情况报告", "a measure or suggestion, for the inspection summary",
        "#建议 请供电部门检修前通知企业",
    ),
    Verb.PROGRESS: VerbSpec(
        _A.NONE, _W.REQUIRED, True, _HS, ("进展", "办理进展", "告知进展"), ("update",),
        "把办理进展告知投诉人", "tell the complainant how it stands", "#进展 已与税务部门会商，正在核实",
    ),
    Verb.AWAIT: VerbSpec(
        _A.NONE, _W.NONE, False, _HS, ("待答复", "等待答复", "候复"), ("await-answer",),
        "上一封答复请对方回音；三十日没有回音的可以办结，期满前先书面告知",
        "the last answer asks for a reply: 30 days of silence may end the case, announced before", "#待答复",
    ),
    Verb.TEAM: VerbSpec(
        _A.NONE, _W.LINE, False, _HS, ("协办", "协同办理"), ("co-handler",),
        "请谁协办；“移除”加姓名为不再协办", "who helps with it; `remove` and a name: helps no longer", "#协办 李强",
    ),
    Verb.RECUSE: VerbSpec(
        _A.NONE, _W.OPTIONAL, False, _ALL + ", team", ("回避", "申请回避"), ("recusal",), "本人回避，写明原因；负责人可写他人姓名",
        "step back from it, with the reason; a superior may name somebody", "#回避 与投诉人有亲属关系",
    ),
    Verb.RECLAIM: VerbSpec(
        _A.NONE, _W.NONE, False, "former", ("要回", "请求移回"), ("ask-back",),
        "请现经办人把原由我办的件移回", "ask whoever has my ticket now to hand it back", "#要回",
    ),
    Verb.URGE: VerbSpec(
        _A.NONE, _W.OPTIONAL, False, _SL, ("催办", "催一下"), ("nudge",),
        "催经办人办理，可写一句话", "urge the handler; a sentence may follow", "#催办",
    ),
    Verb.PEOPLE: VerbSpec(
        _A.NONE, _W.LINE, False, _SL, ("人员",), ("staff",), "人员：增加、停用、替换、移交在办件；须回复数字确认",
        "staff: add, retire, replace, move tickets; confirmed by a digit", "#人员 增加 孙丽 sun.li@office.example",
    ),
    Verb.REGISTER: VerbSpec(
        _A.NONE, _W.OPTIONAL, False, _HS, ("登记", "登记投诉"), ("log-complaint",),
        "登记电话、来访、来信、转办的投诉，或者转发到本系统的投诉邮件；列出各项，回复数字确认后才立件",
        "register a complaint by telephone, visit, letter or referral, or one that is forwarded; opened when a digit confirms it",
        "#登记 昨天王经理来电，反映……",
    ),
    Verb.ENTERPRISE: VerbSpec(
        _A.NONE, _W.OPTIONAL, False, _HS, ("企业", "企业台账"), ("company",),
        "企业台账：查看；负责人可增加、修改、停用；写上编号即为这一件的企业",
        "the ledger of enterprises: show; a superior adds, changes, ends; with a number, the ticket's enterprise",
        "#2026-0003 企业 示例轴承",
    ),
    Verb.SEARCH: VerbSpec(
        _A.NONE, _W.LINE, False, _ALL, ("搜索", "检索", "查找"), ("find",),
        "在可以查看的件中找：编号、企业、投诉人、主题、来信和备注的文字", "find among the tickets you may read: number, enterprise, complainant, words",
        "#搜索 退税",
    ),
    Verb.EXPORT: VerbSpec(
        _A.NONE, _W.LINE, False, _ALL, ("导出", "导出台账"), ("export-ledger",),
        "把可以查看的件导出为 Excel 台账；可写年、月、在办、企业", "the tickets you may read as a workbook; a year, a month, open, an enterprise may follow",
        "#导出 2026年10月",
    ),
}  # fmt: skip

# In answer to a letter that offers the right-hand verb and not the left-hand one, they mean the same.
SAME_WHEN_OFFERED: dict[Verb, Verb] = {
    Verb.APPROVE: Verb.RELEASE,
    Verb.REFUSE: Verb.REJECT,
    Verb.RELEASE: Verb.APPROVE,
    Verb.REJECT: Verb.REFUSE,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an alias stands for: a kind alone says `not-complaint` with that kind."""

    verb: Verb
    argument: str = ""


def _aliases() -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for verb, spec in VERBS.items():
        for alias in (verb.value, *spec.zh, *spec.en):
            found[alias] = Meaning(verb)
    for kind, names in KINDS.items():
        for name in names:
            if name != "question":  # too common a word to stand alone
                found.setdefault(name, Meaning(Verb.NOT_COMPLAINT, kind))
    return found


ALIASES: dict[str, Meaning] = _aliases()


_ALIAS_NAMES = Names({alias: alias for alias in ALIASES})


def verb_at(folded: str, position: int = 0) -> tuple[str, Meaning, int] | None:
    """Return alias, meaning and end of the verb that stands at `position`, else None."""
    found = _ALIAS_NAMES.at(folded, position)
    return None if found is None else (found[0], ALIASES[found[0]], found[1])
