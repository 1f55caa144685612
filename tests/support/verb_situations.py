"""The situations in which verbs are used, each reached by mails alone; steps of `verb_play`."""

from __future__ import annotations

from mail_desk.demo import office
from verb_play import COMPLAINANT, LEFT, WORK, Both, Play, Steps

WANG, LI, ZHOU, ZHAO, BUREAU = office.WANG, office.LI, office.ZHOU, office.ZHAO, office.BUREAU
LAWYER = "lawyer"
SUN = "sun.li@office.example"
APPROVE: Both = ("同意", "approve")

# What refusals say.
NOT_HIS: Both = (
    "此来信由王芳办理，您没有权限。可这样办理的是：经办人、督办人",
    "Wang Fang handles this ticket; you may not do that. Who may: handler, supervisor",
)
NOT_NOW: Both = ("此时不能这样办理", "that is not possible now")
NOT_TO_BE_READ: Both = (
    "此来信由王芳办理，您不能查看。可查看的是",
    "Wang Fang handles this ticket; you may not read it. Its handler and helpers",
)
ONLY_A_LEADER: Both = ("可这样办理的是：领导。", "Who may: leader.")
ONLY_A_SUPERIOR: Both = ("可这样办理的是：督办人、领导。", "Who may: supervisor, leader.")


def nothing(p: Play) -> Steps:
    """Need no ticket."""
    yield WORK


def received(p: Play) -> Steps:
    """An enterprise has complained; nobody has said yet what it is."""
    place = p.place
    subject = (f"关于审批迟延的投诉，第{place}次申请", f"Complaint about a delayed permit for line {place}")
    text = (
        f"您好：\n我公司的申请至今没有答复，请协调。申请编号{place}。\n",
        f"Dear Sirs,\nour permit has been delayed for months without any reason. It is about line {place}.\n",
    )
    p.slots["subject"] = p.says(subject)
    sent = p.write(COMPLAINANT, p.says(subject), p.says(text), name=p.says(("张三", "Anna Keller")))
    yield WORK
    with p.world.daemon.store.read() as session:
        from mail_desk.store.schema import TicketRow

        row = session.get(TicketRow, p.message(sent).ticket_id)
        assert row is not None
        p.number = row.number


def examining(p: Play) -> Steps:
    yield from received(p)
    yield from p.do(WANG, ("#投诉", "#complaint"))


def awaiting(p: Play) -> Steps:
    yield from examining(p)
    yield from p.do(WANG, ("#补正 请补充营业执照。", "#request Please send the business licence."))
    yield LEFT


def accepted(p: Play) -> Steps:
    yield from received(p)
    yield from p.do(WANG, ("#受理", "#accept"))
    yield LEFT


def suspended(p: Play) -> Steps:
    yield from accepted(p)
    yield from p.do(WANG, ("#中止 等待司法鉴定结论", "#suspend An expert opinion is awaited."))
    yield from p.do(ZHOU, APPROVE)
    yield LEFT


def proposed(p: Play) -> Steps:
    """The handler has proposed a conclusion; the supervisor has the letter."""
    yield from accepted(p)
    yield from p.do(WANG, ("#办结 3 所诉收费依据充分。", "#conclude 3 The fee has a legal basis."))


def concluded(p: Play) -> Steps:
    yield from proposed(p)
    yield from p.do(ZHOU, APPROVE)
    yield LEFT


def closed(p: Play) -> Steps:
    yield from concluded(p)
    yield from p.do(WANG, ("#结案", "#close"))


def escalated(p: Play) -> Steps:
    """The leader has a letter about it, the supervisor a copy."""
    yield from accepted(p)
    yield from p.do(WANG, ("#直通车 企业面临停产", "#escalate The plant is about to stop."))


def supervised(p: Play) -> Steps:
    yield from escalated(p)
    yield from p.do(ZHAO, ("请3月20日前报我", "Please report back by 20 March"))


def misread(p: Play) -> Steps:
    """The leader's words name a day that is over: they wait for the supervisor."""
    yield from escalated(p)
    words = ("请2月20日前报我", "Please report back by 20 February")
    sent = p.say(ZHAO, words)
    yield WORK
    p.slots["mail"] = f"M{p.message(sent).id}"


def extension_asked(p: Play) -> Steps:
    """The leader is asked for more time."""
    yield from accepted(p)
    yield from p.do(WANG, ("#延期 20 需多部门会商", "#extend 20 several bodies have to be heard"))


def noted(p: Play) -> Steps:
    yield from accepted(p)
    yield from p.do(
        WANG,
        ("您好，材料已收到，我们正在核实。", "Dear Ms Keller, we have your papers and are checking them."),
    )


def replied(p: Play) -> Steps:
    yield from accepted(p)
    yield from p.do(WANG, ("#答复 请说明申请的日期。", "#reply Please tell us the day of your application."))
    yield LEFT


def asked(p: Play) -> Steps:
    """An organ was asked and has answered."""
    yield from accepted(p)
    words = ("#征询 市场监管局 请函告办理情况。", "#ask market Please tell us how it stands.")
    yield from p.do(WANG, words)
    yield LEFT
    question = p.letter(BUREAU)
    sent = p.say(BUREAU, ("已于3月1日办结。", "It was decided on 1 March."), question)
    yield WORK
    p.slots["mail"] = f"M{p.message(sent).id}"


def handed_over(p: Play) -> Steps:
    yield from accepted(p)
    yield from p.do(WANG, ("#转办 李强", "#assign li"))


def two_tickets(p: Play) -> Steps:
    """The same complainant has complained twice."""
    yield from received(p)
    first, p.number = p.number, ""
    sent = p.write(
        COMPLAINANT,
        p.says(("关于审批的另一投诉", "Another complaint about a permit")),
        p.says(
            (
                "环评审批也没有答复，请处理。",
                "There is no answer about our second permit either, please help.",
            )
        ),
    )
    yield WORK
    with p.world.daemon.store.read() as session:
        from mail_desk.store.schema import TicketRow

        row = session.get(TicketRow, p.message(sent).ticket_id)
        assert row is not None
        p.number, p.slots["other"] = row.number, first


def from_elsewhere(p: Play) -> Steps:
    """A lawyer nobody knows has answered the desk's letter, with a power of attorney."""
    yield from awaiting(p)
    notice = p.letter(COMPLAINANT)
    words = (
        "我是代理律师，营业执照和授权委托书见附件。",
        "I am the lawyer; licence and power of attorney are attached.",
    )
    scan = ((p.says(("授权委托书.pdf", "power-of-attorney.pdf")), "application/pdf", b"%PDF-1.4 poa"),)
    sent = p.say(LAWYER, words, notice, files=scan)
    yield WORK
    p.slots["mail"] = f"M{p.message(sent).id}"


def further(p: Play) -> Steps:
    """The complainant has written again, about something else."""
    yield from accepted(p)
    words = ("另外，隔壁工厂夜间噪声严重。", "Besides, the plant next door is loud at night.")
    sent = p.say(COMPLAINANT, words)
    yield WORK
    p.slots["mail"] = f"M{p.message(sent).id}"


def taken_back(p: Play) -> Steps:
    """The complainant has written that it takes the complaint back."""
    yield from examining(p)
    words = ("我公司决定撤回投诉，不再要求处理。", "We have decided to take our complaint back for good.")
    sent = p.say(COMPLAINANT, words)
    yield WORK
    p.slots["mail"] = f"M{p.message(sent).id}"


def from_a_phone(p: Play) -> Steps:
    """Wang has answered from an address nobody knows."""
    yield from received(p)
    phone = f"wangfang@phone{p.place}.example"
    p.slots["phone"] = phone
    p.world.meet(phone)
    sent = p.say(phone, ("#受理", "#accept"), p.letter(WANG))
    yield WORK
    p.slots["mail"] = f"M{p.message(sent).id}"


def taken_back_in_time(p: Play) -> Steps:
    """An answer with a mistake is held; nothing has left."""
    yield from accepted(p)
    yield from p.do(WANG, ("#答复 错了的一封。", "#reply A wrong one."))


def erasing(p: Play) -> Steps:
    """The supervisor has asked for the erasure and is asked back."""
    yield from closed(p)
    p.say(ZHOU, ("#删除个人信息", "#erase"))
    yield WORK
    asked_back = p.letter(ZHOU)
    assert p.says(("不能撤销", "there is no way back")) in asked_back.text


def in_review(p: Play) -> Steps:
    """An answer to the complainant waits for the supervisor."""
    yield from examining(p)
    yield from p.do(WANG, ("#答复 您好，材料已经收到。", "#reply Dear Ms Keller, we have your papers."))


def on_paper(p: Play) -> Steps:
    """The notice of acceptance waits for its seal."""
    yield from examining(p)
    yield from p.do(WANG, ("#受理", "#accept"))


def on_leave(p: Play) -> Steps:
    yield from p.do(LI, ("#请假 2026-03-16 2026-03-20", "#leave 2026-03-16 2026-03-20"))


def named(p: Play) -> Steps:
    """The supervisor has named a new colleague and is asked back."""
    p.world.meet(SUN)
    sent = p.say(ZHOU, (f"#人员 增加 孙丽 {SUN}", f"#people add sun Sun Li {SUN} english"))
    yield WORK
    asked_back = p.answering = p.transcript(ZHOU, sent)
    assert asked_back is not None
    assert p.says(("尚未执行", "not done yet")) in asked_back.text.lower()


# --- what else must be so afterwards ------------------------------------------------------------------


def attachments_of_the_dossier(p: Play) -> Steps:
    file = p.letter(WANG, p.says(("{number} 卷宗", "{number} case file")))
    names = [a.filename for a in file.mail.attachments]
    assert names, "the file comes as attachments"
    yield WORK


def is_gone(p: Play) -> Steps:
    """Nothing names the person any more."""
    assert p.address not in str(vars(p.row()))
    yield WORK


def released(p: Play) -> Steps:
    """The supervisor lets the notice leave, with its scan."""
    yield from p.do(ZHOU, ("1", "1"))
    yield LEFT
    notice = p.letter(COMPLAINANT, p.says(("受理通知书", "accepted")))
    assert [a.filename for a in notice.mail.attachments] == ["sealed.pdf"]


def has_left(p: Play) -> Steps:
    """The answer that waited has reached the complainant."""
    assert (
        p.says(("您好，材料已经收到。", "Dear Ms Keller, we have your papers.")) in p.letter(COMPLAINANT).text
    )
    yield WORK


def told_on_the_telephone(p: Play) -> Steps:
    """A call has been put down, and is shown before it is opened."""
    call = (
        "#登记\n渠道：电话\n收到日期：3月2日\n投诉人：李总\n内容：营业执照审批没有答复。",
        "#register\nChannel: telephone\nReceived: 2 March\nComplainant: Mr Li\nMatter: No answer about our permit.",
    )
    sent = p.write(WANG, "call", p.says(call))
    yield WORK
    p.answering = p.transcript(WANG, sent)


def row_shown(p: Play) -> Steps:
    """A row of the ledger has been written, and is shown before it is added."""
    row = (
        "#企业 增加 示例精密机械有限公司\n域名：precision.example",
        "#enterprise add Example Precision Co. Ltd\nDomains: precision.example",
    )
    sent = p.write(ZHOU, "ledger", p.says(row))
    yield WORK
    p.answering = p.transcript(ZHOU, sent)


def carried_out_at_last(p: Play) -> Steps:
    """What came from the new address proves nothing yet: it is laid ready for one digit, at the known address."""
    yield from p.do(WANG, ("1", "1"))
    assert p.row().state == "accepted"
