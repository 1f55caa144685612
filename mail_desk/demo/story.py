"""The story the demo plays: four weeks in March 2026 of a pretend office.

Written as a list of scenes. Each is a local time, a line for the terminal, and what somebody does;
between scenes the desk works by itself. Nobody does anything but write and answer mail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mail_desk.demo import office
from mail_desk.demo.world import World

START = "2026-03-02 08:00"
LEAVE = "[{ first = 2026-03-09, last = 2026-03-13 }]"  # of Li
END = "2026-04-01 10:00"

GM = "gm@bearings.example"
WEBER = "k.weber@optik-glas.example"
GLASS = "office@glass.example"
NEWCO = "contact@newco.example"
TEXTILE = "finance@textile.example"
SELLER = "promo@best-offers.example"
DUTY = "duty.desk@market.gov.example"


@dataclass(frozen=True)
class Somebody:
    """Whose mailbox it is, so that a reader without Chinese can tell."""

    group: str
    name: str
    role: str


PEOPLE = {
    GM: Somebody("Enterprises", "Zhang San 张三", "general manager, Example Bearings"),
    WEBER: Somebody("Enterprises", "Karin Weber", "managing director, Optik Glas; reads English"),
    GLASS: Somebody("Enterprises", "Sato 佐藤", "Example Optical Glass; complains about Li"),
    TEXTILE: Somebody("Enterprises", "Chen 陈会计", "accountant, Example Textiles"),
    NEWCO: Somebody("Enterprises", "New company 新公司筹备组", "asks a question, no complaint"),
    SELLER: Somebody("Enterprises", "Seller 优惠信息", "sends an advert"),
    office.BUREAU: Somebody("Public bodies", "Market Supervision Bureau 市场监管局", "is asked for its view"),
    office.WANG: Somebody("Staff", "Wang Fang 王芳", "handler"),
    office.LI: Somebody("Staff", "Li Qiang 李强", "handler; on leave 9–13 March"),
    office.ZHOU: Somebody("Staff", "Zhou Min 周敏", "supervisor"),
    office.ZHAO: Somebody("Leader", "Zhao Jianguo 赵建国", "reads one mail a week, answers in a word"),
    office.OPERATOR: Somebody("The desk", "Operator 运维", "hears only when something is broken"),
    office.DESK: Somebody("The desk", "The complaint mailbox 投诉受理窗口", "all that people wrote to it"),
}
INSIDE = (office.WANG, office.LI, office.ZHOU, office.ZHAO, office.OPERATOR)
OUTSIDE = tuple(address for address in PEOPLE if address not in (*INSIDE, office.DESK))


def _pdf(kilobytes: int) -> bytes:
    """Return a file of the size a scan has."""
    filler = b"%" + b" " * 1022 + b"\n"
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n"
        + filler * kilobytes
        + b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )


@dataclass(frozen=True)
class Scene:
    """Something somebody does."""

    at: str
    line: str
    act: Callable[[World], object]


def _complaint_in_gbk(world: World) -> object:
    return world.write(
        GM,
        "关于营业执照变更审批迟延的投诉",
        "您好：\n\n我公司2025年12月8日提交的营业执照变更申请，窗口口头答复“材料齐全”，"
        "但至今未予办理，已影响二期项目用地签约。请协调市场监管部门尽快办理。\n\n"
        "示例轴承（洛阳）有限公司 张三 总经理\n电话 0379-00000002\n",
        name="张三",
        charset="gb18030",
        files=[
            ("变更申请回执.pdf", "application/pdf", _pdf(212)),
            (
                "往来函件.txt",
                "text/plain",
                "2025-12-08 提交；2026-01-15 催办；2026-02-10 再次催办。".encode(),
            ),
        ],
    )


def _complaint_in_english(world: World) -> object:
    return world.write(
        WEBER,
        "Complaint: VAT refund outstanding for seven months",
        "Dear Sir or Madam,\n\nOur company exported optical glass in July and August 2025. The VAT refund of "
        "RMB 1.2 million was confirmed in writing in September and has not been paid since. The tax office "
        "gives no reason. We ask for your help.\n\nAttached: the written confirmation.\n\n"
        "Kind regards,\nKarin Weber\nManaging Director, Optik Glas (Luoyang)\n",
        name="Karin Weber",
        files=[("confirmation.pdf", "application/pdf", _pdf(148))],
    )


def _advert(world: World) -> object:
    return world.write(
        SELLER,
        "【限时优惠】企业团建、拓展训练八折！！",
        "尊敬的企业负责人：春季团建火热报名中，现在预定享八折优惠，另赠精美礼品。回复T退订。\n",
        name="优惠信息",
    )


def _enquiry(world: World) -> object:
    return world.write(
        NEWCO,
        "咨询：外商投资企业设立登记需要哪些材料",
        "您好，我们正在筹备设立一家外商独资企业，请问登记需要准备哪些材料？是否可以网上办理？谢谢。\n",
        name="新公司筹备组",
    )


def _accusing(world: World) -> object:
    return world.write(
        GLASS,
        "对经办人员李强工作态度的投诉",
        "贵单位：\n我公司2月份到窗口办理税务相关业务时，工作人员李强多次推诿，不予一次性告知。请予调查。\n"
        "示例光电玻璃有限公司\n",
        name="佐藤",
    )


def _tax_complaint(world: World) -> object:
    return world.write(
        TEXTILE,
        "投诉：重复收取污水处理收费",
        "您好，2月份我公司被园区重复收取污水处理费两次，共计3.6万元，多次沟通未退。请处理。\n",
        name="陈会计",
    )


def _out_of_office(world: World) -> object:
    letter = world.last(GM)
    return world.write(
        GM,
        f"自动回复：{letter.subject}",
        "我正在出差，3月6日返回，期间邮件回复可能不及时。\n",
        name="张三",
        headers=[("Auto-Submitted", "auto-replied")],
        in_reply_to=letter.mail.message_id,
    )


def _answer(who: str, containing: str, text: str) -> Callable[[World], object]:
    def act(world: World) -> object:
        return world.reply(who, world.last(who, containing), text)

    return act


def _supplement(world: World) -> object:
    return world.reply(
        GM,
        world.last(GM, "补正"),
        "现补充营业执照复印件和授权委托书，请查收。",
        name="张三",
        files=[
            ("营业执照复印件.pdf", "application/pdf", _pdf(340)),
            ("授权委托书.pdf", "application/pdf", _pdf(96)),
        ],
    )


def _organ_answers(world: World) -> object:
    """Answer from another address, with a scan and without the thread, as organs do."""
    return world.write(
        DUTY,
        "关于2026-0001号来信的回复意见",
        "投诉受理窗口：\n经查，该企业变更申请因系统升级积压，已于3月11日办结，新执照可领取。\n市场监管局\n",
        name="市场监管局值班室",
        files=[("回复意见（扫描件）.pdf", "application/pdf", _pdf(265))],
    )


def _agrees(world: World) -> object:
    return world.reply(
        GM,
        world.last(GM, "答复"),
        "新营业执照已经领到，我公司同意终结本次投诉。谢谢！",
        name="张三",
    )


SCENES: tuple[Scene, ...] = (
    Scene("2026-03-02 09:30", "An enterprise complains, in Chinese, encoded in GBK, with two files.", _complaint_in_gbk),
    Scene("2026-03-02 10:05", "The handler Wang reads it on her phone and replies with one digit: 1 (a complaint).", _answer(office.WANG, "请承办", "1")),
    Scene("2026-03-02 10:12", "She asks for missing materials: 2 and what is missing. The law allows this once.", _answer(office.WANG, "已执行", "2 一、营业执照复印件；二、授权委托书。")),
    Scene("2026-03-02 10:40", "An English enterprise complains about a tax refund.", _complaint_in_english),
    Scene("2026-03-02 11:20", "An out-of-office reply comes back from the first enterprise: no ticket, no loop.", _out_of_office),
    Scene("2026-03-02 14:10", "Wang marks the English mail as a complaint.", _answer(office.WANG, "2026-0002 请承办", "1")),
    Scene("2026-03-03 08:50", "An advert arrives.", _advert),
    Scene("2026-03-03 09:15", "An enquiry arrives.", _enquiry),
    Scene("2026-03-03 10:00", "Li, who had fewer tickets and so got the advert, closes it with one digit.", _answer(office.LI, "2026-0003 请承办", "4")),
    Scene("2026-03-03 10:05", "He marks the enquiry…", _answer(office.LI, "2026-0004 请承办", "2")),
    Scene("2026-03-03 10:15", "… and answers it. The answer waits 15 minutes, in case he says 撤销 (undo).", _answer(office.LI, "标记为咨询", "1 您好，设立登记可在“一网通办”平台办理，需提交登记申请书、章程、住所证明和投资人身份证明。欢迎来电0379-00000000。")),
    Scene("2026-03-04 09:40", "The first enterprise sends what was missing.", _supplement),
    Scene("2026-03-04 11:00", "Two commands in one mail: complete, then accept. The 60 working days begin when the notice is accepted by SMTP.", _answer(office.WANG, "补充来信", "#齐备\n#受理")),
    Scene("2026-03-05 09:20", "Wang asks the Market Supervision Bureau for its view. Only her words leave.", _answer(office.WANG, "2026-0001", "#征询 市场监管局 请函告某企业2025年12月8日营业执照变更申请的办理情况及未办结原因。")),
    Scene("2026-03-05 15:00", "A complaint names the handler Li: it is routed past him, and hidden from him.", _accusing),
    Scene("2026-03-06 09:00", "Wang accepts the English complaint.", _answer(office.WANG, "2026-0002 请承办", "#accept")),
    Scene("2026-03-09 09:10", "A complaint about charges, Li's field, while Li is on leave: his substitute Wang gets it.", _tax_complaint),
    Scene("2026-03-11 16:00", "The bureau answers from another address, with a scan and no thread: shown to Wang, who asked it, as unverified.", _organ_answers),
    Scene("2026-03-12 09:30", "Wang asks for more time on the English complaint. That needs the leader.", _answer(office.WANG, "2026-0002 请承办", "#2026-0002 延期 20 需税务、财政两部门会商退税资金")),
    Scene("2026-03-12 09:50", "Wang has called the bureau: it is its answer, one digit says so. It stays inside; the bureau is not reminded.", _answer(office.WANG, "有关部门的答复", "1")),
    Scene("2026-03-12 10:00", "She tells the enterprise, and asks whether that settles it.", _answer(office.WANG, "有关部门的答复", "#答复 您好，市场监管局已于3月11日办结贵公司变更登记，新营业执照可即日领取。领取后请告知是否同意终结本次投诉。")),
    Scene("2026-03-12 15:20", "The enterprise has collected its licence and agrees.", _agrees),
    Scene("2026-03-12 16:45", "The leader answers in two characters: 同意 (agreed).", _answer(office.ZHAO, "延长办理期限", "同意")),
    Scene("2026-03-13 09:30", "Wang concludes the first complaint: ground 1 (agreed), and the result. It goes to the supervisor first.", _answer(office.WANG, "2026-0001", "#2026-0001 办结 1 经协调，市场监管局已于3月11日办结贵公司变更登记。贵公司已领取新营业执照，并同意终结本次投诉。")),
    Scene("2026-03-13 11:00", "The supervisor approves by one digit.", _answer(office.ZHOU, "请审批：办结", "1")),
    Scene("2026-03-13 14:00", "The result has left; Wang closes the ticket with one digit.", _answer(office.WANG, "办结：已同意", "1")),
    Scene("2026-03-20 17:30", "A reminder of an overdue complaint reaches the leader, who answers in four characters: 抓紧办理.", _answer(office.ZHAO, "督促", "抓紧办理")),
    Scene("2026-03-23 09:20", "Two digits in answer to the morning's worklist: both are complaints.", _answer(office.WANG, "工作清单", "1 5")),
    Scene("2026-03-23 09:40", "Both are accepted, late: the summaries go on saying so.", _answer(office.WANG, "已执行", "#2026-0005 受理\n#2026-0006 受理")),
)  # fmt: skip

# Words, whose mailbox, and what the subject holds: where a newcomer begins.
LOOK_AT = (
    ("the receipt an enterprise gets at once, with the date of the answer", GM, "来信已收到"),
    ("the same in English, to Karin Weber", WEBER, "We have received"),
    ("a new complaint, to be answered with one digit on a phone", office.WANG, "2026-0001 请承办"),
    (
        "what one reply did, with the letter it causes and how to stop it",
        office.WANG,
        "已执行 2 条：材料齐备",
    ),
    ("a decision to approve, with the letter that would leave", office.ZHAO, "请审批"),
    ("the leader's weekly summary, with its workbook", office.ZHAO, "周报"),
)
