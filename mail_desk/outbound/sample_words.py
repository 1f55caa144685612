"""The words of the sample letters: one small invented story, told in both languages."""

from __future__ import annotations

from typing import Any

ZH: dict[str, Any] = {
    "customer": "安娜·凯勒",
    "enterprise": "凯勒精密机械（洛阳）有限公司",
    "subject": "关于高新区某街道办事处违规停水停电影响生产的投诉",
    "complaint": (
        "您好！\n\n我公司系德国独资企业，2026年11月16日起，街道办事处以“环境整治”为由对厂区停水停电，"
        "未出具任何书面文件，已造成两条生产线停产，直接损失约86万元。\n\n请求：\n1. 立即恢复供水供电；\n"
        "2. 说明停水停电的依据；\n3. 对相关责任人员作出处理。\n\n附件为现场照片和往来函件。\n\n安娜·凯勒\n总经理"
    ),
    "reader": "李明",
    "handler": "王芳",
    "supervisor": "陈科长",
    "leader": "赵主任",
    "category": "行政执法",
    "limit": "作出受理决定",
    "limit_conclude": "办结",
    "basis": "《外商投资企业投诉工作办法》第十四条",
    "basis_conclude": "《外商投资企业投诉工作办法》第二十条",
    "because": "企业台账中的服务专员",
    "warning": "来信人可能与 2026-0098 是同一企业，请核对是否为补充来信。",
    "file": "停水停电情况说明及往来函件（盖章扫描件）.pdf",
    "materials": (
        "一、投诉人的营业执照复印件；\n二、授权委托书（由代理人提出投诉的）；\n"
        "三、2026年11月16日停水停电的书面通知或者现场照片；\n四、是否已就同一事项申请行政复议、提起行政诉讼的书面说明。"
    ),
    "notice": "处理结果通知书",
    "traced": "停水停电情况说明及往来函件（盖章扫描件）.pdf 有电子签名，未作改动，其中的作者等信息照原样",
    "trained": "2026-0123 2026年11月20日王芳报赵主任：涉及三个部门，需领导协调（尚无批复）",
    "directed": "批示 1 件，督办 1 件：已回报 0 件，待回报 1 件。",
    "put_down": "2026-0123 批示：请抓紧办理，周五前报结果。（陈科长登记，11月20日）",
    "so_far": ("2026年11月20日收到投诉", "2026年11月23日征询住房和城乡建设局，尚未答复"),
    "both_dates": (
        "尚未登记齐备：受理审查按最早的补正（2026年11月20日）起算，2026年12月1日前决定或答复。",
        "今天登记齐备：按最近的补正（2026年11月23日）起算，2026年12月2日前决定是否受理。",
    ),
    "urging": "请抓紧办理，并回复办理情况。",
    "acceptance": "受理通知书",
    "dispatch": (
        "《处理结果通知书》编号：洛高外诉结〔2026〕12号。请打印随附的 Word 文件，签字盖章后扫描，"
        "把扫描件作为附件回复本信，第一行写“发文”。通知此前不会发出，期限照常计算。"
    ),
    "answer": "经与供电部门核实，贵公司厂区已于11月22日18时恢复供电。供水将于11月24日中午前恢复。\n施工期间给贵公司造成不便，我们深表歉意。",
    "result": (
        "经核实，该街道办事处停水停电未履行告知程序，不符合有关规定。现已于2026年11月24日全部恢复供水供电，"
        "街道办事处已向贵公司书面致歉。\n关于赔偿请求，双方已达成书面协议，约定于2026年12月31日前履行完毕。"
    ),
    "ground": "属于民事纠纷，不属于外商投资企业投诉受理范围",
    "ground_silent": "经联系，投诉人连续三十日无正当理由不参加投诉处理工作",
    "ground_conclude": "投诉事项已经处理，投诉人同意办结",
    "extension": "该事项涉及供电、供水、环保等三个部门，需要共同勘查现场并组织鉴定，鉴定报告预计2027年3月出具。",
    "organ": "洛阳高新区住房和城乡建设局",
    "organ_question": "1. 2026年11月16日对高新区科技大道一带停水停电的依据和批准手续；\n2. 事前是否告知相关企业，以何种方式告知；\n3. 恢复供水供电的时间安排。",
    "organ_answer": "关于来函所询事项，我局意见见附件扫描件。",
    "instruction": "请抓紧办理，周五前报结果。",
    "opinion": "来信所反映的是双方供货合同的履行争议，建议通过协商、仲裁或者诉讼解决。",
    "note": "您好，贵公司反映的情况我们正在核实，请再补充一下停电的具体时间。",
    "other_subjects": (
        "关于外籍员工工作许可迟迟未批的投诉",
        "关于厂区门前道路施工影响运输的投诉",
        "关于出口退税资料反复退回的投诉",
    ),
    "label_complaint": "是投诉，开始受理审查",
    "label_enquiry": "不是投诉，是咨询",
    "label_materials": "是投诉，但材料不全：一次告知需补正的内容",
    "label_send": "把这段话作为答复发给来信人",
    "label_yes": "同意",
    "label_no": "不同意，意见如下",
    "label_urge": "督办",
    "label_instruct": "批示",
    "label_telephoned": "2026-0116 已电话确认收到《受理通知书》",
    "label_release": "放行",
    "label_reject": "退回",
    "label_refuse_mail": "拒收",
    "served": (("reply", "一般答复"), ("acceptance", "受理通知"), ("result", "处理结果通知")),
    "verb_accept": "#受理",
    "verb_wrong": "#延其 30",
    "did_accept": "2026-0123 已受理，受理通知书待发。",
    "did_wrong": "没有“延其”这个命令。您要写的是不是 #延期？例如：#延期 30 需要现场鉴定",
    "state_before": "审查中",
    "state_after": "办理中",
    "mail_subject": "[Q3M8R2TX5V] 投诉受理通知书（2026-0123）",
    "mail_text": (
        "—— 请在此行以上回复 · reply above this line ——\n\n安娜·凯勒：\n\n　　您2026年11月20日提交的投诉，经审查符合受理条件，"
        "根据《外商投资企 \n业投诉工作办法》，现决定予以受理。\n\n　　办理期限为自受理之日起60个工作日，应于2027年2月24日（暂定）前办结。\n"
    ),
    "held_because": "这封邮件从“广告邮件”文件夹读到，没有给来信人回执；请先认定性质。",
    "older_because": "系统接入之前到达",
    "diagnostic": "550 User not found: anna.keller@example.com",
    "digest_title": "外商投资企业投诉工作月度检查情况",
    "headline": "10月收到来信34件，其中投诉12件，按时办结率92%；1件逾期3个工作日，需要督办。",
    "figures": (
        ("收到来信", "34", "比上月 +6"),
        ("其中投诉", "12", "比上月 −2"),
        ("已办结", "11", "比上月 +3"),
        ("按时办结率", "92%", "比上月 +4 个百分点"),
        ("逾期", "1", "与上月持平"),
    ),
    "weeks": ("9月28日—10月4日", "10月5日—11日", "10月12日—18日", "10月19日—25日"),
    "categories": (
        ("行政执法", "14（41%）", 1.0),
        ("税务与海关", "9（26%）", 0.64),
        ("用工与签证", "7（21%）", 0.5),
        ("其他", "4（12%）", 0.29),
    ),
    "accounted": "期间收到邮件 58 封，全部有着落",
    "alarm": (
        "邮箱登录被拒绝",
        "2026年11月23日09:30，desk@example.org 的收信服务器拒绝了授权码，系统已停止登录，以免邮箱被锁定。信件没有丢失，但目前收不到新来信。",
        "1. 登录网页邮箱，确认客户端授权码仍然有效；\n2. 如已失效，重新生成，写入 secret 文件；\n3. 运行 mail-desk check，确认后重启服务。",
        "LOGIN → NO [AUTHENTICATIONFAILED] Unsafe Login.",
    ),
    "cloud_expires": "2026年11月25日",
    "refusal_subject": "[Q3M8R2TX5V] 投诉不予受理通知书（2026-0123）",
    "result_subject": "[Q3M8R2TX5V] 投诉处理结果通知书（2026-0123）",
}

EN: dict[str, Any] = {
    "customer": "Anna Keller",
    "enterprise": "Keller Precision Machinery (Luoyang) Co., Ltd.",
    "subject": "Water and power cut off at our plant without notice",
    "complaint": (
        "Dear Sir or Madam,\n\nOur company is wholly German-owned. Since 16 November 2026 the subdistrict office has cut off "
        "water and power at our plant, without any written notice. Two production lines stand still; the direct loss is "
        "about CNY 860,000.\n\nWe ask you\n1. to have water and power restored at once,\n2. to tell us on which ground they "
        "were cut,\n3. to hold those responsible to account.\n\nPhotographs and letters are attached.\n\nAnna Keller\nGeneral Manager"
    ),
    "reader": "Li Ming",
    "handler": "Wang Fang",
    "supervisor": "Chen Jun",
    "leader": "Director Zhao",
    "category": "Administrative enforcement",
    "limit": "Decide on acceptance",
    "limit_conclude": "Conclude",
    "basis": "Article 14, Working Measures for Complaints of Foreign-Invested Enterprises",
    "basis_conclude": "Article 20, Working Measures for Complaints of Foreign-Invested Enterprises",
    "because": "service officer of this enterprise in the register",
    "warning": "The sender may belong to 2026-0098: please check whether this is a supplement.",
    "file": "Statement and correspondence on the power cut (sealed scan).pdf",
    "materials": (
        "1. a copy of the complainant's business licence;\n2. a power of attorney, if an agent complains;\n"
        "3. the written notice of 16 November 2026, or photographs;\n"
        "4. a statement whether the same matter is or was before a reconsideration body or a court."
    ),
    "notice": "Notice of the result",
    "traced": "Statement and correspondence on the power cut (sealed scan).pdf is signed, so it was left untouched, with what it says of its author",
    "trained": "2026-0123, 20 November 2026, Wang Fang to Director Zhao: three departments are concerned and have to be brought together (no answer yet)",
    "directed": "Instructions: 1; supervisions: 1, of which 0 reported back and 1 not yet.",
    "put_down": "2026-0123: instruction: Please speed this up and report by Friday. (put on record by Chen Jun, 20 November)",
    "so_far": (
        "20 November 2026: the complaint arrived",
        "23 November 2026: the Housing and Construction Bureau was asked; no answer yet",
    ),
    "both_dates": (
        "Not recorded as complete: counted from the earliest supplement (20 November 2026), decide by 1 December 2026.",
        "If you record it as complete today: counted from the latest supplement (23 November 2026), decide by 2 December 2026.",
    ),
    "urging": "Please act on it, and say how it stands.",
    "acceptance": "Notice of acceptance",
    "dispatch": (
        "Notice of the result: 洛高外诉结〔2026〕12号. Print it, have it signed and sealed, scan it, and answer this mail "
        "with the scan attached and “dispatch” on the first line. Until then the notice does not leave; the clock runs on."
    ),
    "answer": "经与供电部门核实，贵公司厂区已于11月22日18时恢复供电。供水将于11月24日中午前恢复。",
    "result": (
        "We found that the subdistrict office cut off water and power without the notice that is required. Both were fully "
        "restored on 24 November 2026, and the office has apologised in writing.\nOn compensation, both sides have signed an "
        "agreement to be fulfilled by 31 December 2026."
    ),
    "ground": "It is a civil dispute and outside the scope of these complaints",
    "ground_silent": "though contacted, the complainant has taken no part for 30 consecutive days without good reason",
    "ground_conclude": "The matter has been settled and the complainant agrees",
    "extension": "Three departments (power, water and environment) must inspect the site together and obtain an expert report, expected in March 2027.",
    "organ": "Housing and Construction Bureau, Luoyang High-tech Zone",
    "organ_question": "1. the ground and approval for cutting off water and power on Keji Avenue on 16 November 2026;\n2. whether and how the enterprises were told beforehand;\n3. when both are to be restored.",
    "organ_answer": "Please find our opinion in the attached scan.",
    "instruction": "Please speed this up and report by Friday.",
    "opinion": "The letter is about the performance of a supply contract. Negotiation, arbitration or a lawsuit would be the way to settle it.",
    "note": "Dear Ms Keller, we are looking into the matter. Please tell us the exact hours of the power cut.",
    "other_subjects": (
        "Work permit for a foreign engineer has been pending for months",
        "Road works at our gate block deliveries",
        "Export tax refund papers returned again and again",
    ),
    "label_complaint": "It is a complaint: start the examination",
    "label_enquiry": "It is not a complaint but an enquiry",
    "label_materials": "It is a complaint, but materials are missing: ask once for all of them",
    "label_send": "Send these words to the sender as an answer",
    "label_yes": "Approve",
    "label_no": "Do not approve, because",
    "label_urge": "Supervise",
    "label_instruct": "Instruct",
    "label_telephoned": "2026-0116: they told you the notice of acceptance arrived",
    "label_release": "Release",
    "label_reject": "Return",
    "label_refuse_mail": "Refuse",
    "served": (
        ("reply", "An ordinary answer"),
        ("acceptance", "The notice of acceptance"),
        ("result", "The notice of the result"),
    ),
    "verb_accept": "#accept",
    "verb_wrong": "#exted 30",
    "did_accept": "2026-0123 is accepted; the notice of acceptance waits to leave.",
    "did_wrong": "There is no command “exted”. Did you mean #extend? Example: #extend 30 an expert report is needed",
    "state_before": "being examined",
    "state_after": "being handled",
    "mail_subject": "[Q3M8R2TX5V] Your complaint has been accepted (2026-0123)",
    "mail_text": (
        "—— 请在此行以上回复 · reply above this line ——\n\nDear Anna Keller,\n\nThe complaint you sent on 20 November 2026 meets the conditions and has  \n"
        "been accepted.\n\nThe time limit is 60 working days from acceptance: the complaint is to be  \nconcluded by 24 February 2027 (provisional).\n"
    ),
    "held_because": "This mail was found in the advertisement folder and its sender got no receipt; please say what it is.",
    "older_because": "arrived before the desk was opened",
    "diagnostic": "550 User not found: anna.keller@example.com",
    "digest_title": "Monthly inspection of complaints",
    "headline": "34 letters in October, 12 of them complaints; 92% were concluded on time, and one is 3 working days late.",
    "figures": (
        ("Letters received", "34", "+6 on September"),
        ("Complaints", "12", "−2 on September"),
        ("Concluded", "11", "+3 on September"),
        ("On time", "92%", "+4 points"),
        ("Late", "1", "as in September"),
    ),
    "weeks": ("28 Sep – 4 Oct", "5 – 11 Oct", "12 – 18 Oct", "19 – 25 Oct"),
    "categories": (
        ("Administrative enforcement", "14 (41%)", 1.0),
        ("Tax and customs", "9 (26%)", 0.64),
        ("Labour and visas", "7 (21%)", 0.5),
        ("Other", "4 (12%)", 0.29),
    ),
    "accounted": "58 mails received, 58 accounted for",
    "alarm": (
        "The mailbox refused the login",
        "At 09:30 on 23 November 2026 the IMAP server of desk@example.org refused the authorisation code. The desk has stopped trying, so that the account is not locked. No mail is lost, but new mail is not read.",
        "1. Open the webmail and see whether the authorisation code is still valid.\n2. If it is not, make a new one and write it into the secret file.\n3. Run mail-desk check, then restart the service.",
        "LOGIN → NO [AUTHENTICATIONFAILED] Unsafe Login.",
    ),
    "cloud_expires": "25 November 2026",
    "refusal_subject": "[Q3M8R2TX5V] Your complaint cannot be accepted (2026-0123)",
    "result_subject": "[Q3M8R2TX5V] The result of your complaint (2026-0123)",
}
