"""How mail clients lay out replies: (client, whole text, what is new). Hand-written from their formats."""

from __future__ import annotations

NEW = "已转交规划局，请于周五前答复。\n\n谢谢！"
OLD = "您好，我们的申请已经等了三个月。\n#close"

SAMPLES: dict[str, tuple[str, str]] = {
    "netease_web": (
        f"{NEW}\n\n在 2026-11-20 10:31:05，\"王小明\" <wang@example.com> 写道：\n\n> 您好，我们的申请已经等了三个月。\n> #close\n",
        NEW,
    ),
    "netease_web_old": (
        f"{NEW}\n\n\n\n\n\n\nAt 2026-11-20 10:31:05, \"王小明\" <wang@example.com> wrote:\n>您好，我们的申请已经等了三个月。\n>#close\n",
        NEW,
    ),
    "netease_mobile": (
        f"{NEW}\n\n\n| |\n王小明\n|\n|\n邮箱：wang@example.com\n|\n\n---- 回复的原邮件 ----\n| 发件人 | 李四<li@example.com> |\n| 发送日期 | 2026年11月20日 10:31 |\n"
        f"| 收件人 | <desk@example.org> |\n| 主题 | 投诉 |\n{OLD}",
        NEW,
    ),
    "netease_mobile_quoted": (
        f"{NEW}\n\n---- 回复的原邮件 ----\n发件人\tli@example.com\n日期\t2026年11月20日 10:31\n收件人\tdesk@example.org\n主题\t投诉\n{OLD}",
        NEW,
    ),
    "qq_web": (
        f"{NEW}\n\n\n\n\n------------------ 原始邮件 ------------------\n发件人: \"王小明\" <wang@example.com>;\n发送时间: 2026年11月20日(星期五) 上午10:31\n"
        f"收件人: \"desk\" <desk@example.org>;\n主题: 投诉\n\n\n\n{OLD}\n",
        NEW,
    ),
    "qq_web_nbsp": (
        f"{NEW}\n\n------------------\xa0原始邮件\xa0------------------\n发件人:\xa0\"王小明\"<wang@example.com>;\n{OLD}",
        NEW,
    ),
    "qq_english": (
        f"{NEW}\n\n------------------ Original ------------------\nFrom: \"Wang\" <wang@example.com>;\nDate: Fri, Nov 20, 2026 10:31 AM\nTo: \"desk\" <desk@example.org>;\nSubject: complaint\n\n{OLD}",
        NEW,
    ),
    "qq_phone": (f"{NEW}\n\n---原始邮件---\n发件人: \"王小明\"<wang@example.com>\n发送时间: 2026年11月20日(周五) 上午10:31\n\n{OLD}", NEW),
    "foxmail": (
        f"{NEW}\n\n\n\nwang@example.com\n \n发件人： 李四\n发送时间： 2026-11-20 10:31\n收件人： desk\n主题： 投诉\n{OLD}",
        NEW,
    ),
    "foxmail_english": (
        f"{NEW}\n\n\n\nwang@example.com\n\nFrom: Li Si\nDate: 2026-11-20 10:31\nTo: desk\nSubject: complaint\n{OLD}",
        NEW,
    ),
    "outlook_chinese": (
        f"{NEW}\n\n发件人: 王小明 <wang@example.com>\n发送时间: 2026年11月20日 10:31\n收件人: desk@example.org\n抄送: boss@example.org\n主题: 投诉\n\n{OLD}",
        NEW,
    ),
    "outlook_chinese_names_only": (
        f"{NEW}\n\n发件人: 王小明\n发送时间: 2026年11月20日 10:31\n收件人: 投诉受理中心\n主题: 投诉\n\n{OLD}",
        NEW,
    ),
    "outlook_chinese_rule": (
        f"{NEW}\n\n________________________________\n发件人: 王小明 <wang@example.com>\n发送时间: 2026年11月20日 10:31\n收件人: desk@example.org\n主题: 投诉\n\n{OLD}",
        NEW,
    ),
    "outlook_english": (
        f"{NEW}\n\nFrom: Wang Xiaoming <wang@example.com>\nSent: Friday, November 20, 2026 10:31 AM\nTo: desk@example.org\nSubject: RE: complaint\n\n{OLD}",
        NEW,
    ),
    "outlook_english_starred": (
        f"{NEW}\n\n*From:* Wang [mailto:wang@example.com]\n*Sent:* Friday, November 20, 2026 10:31 AM\n*To:* desk\n*Subject:* complaint\n\n{OLD}",
        NEW,
    ),
    "outlook_old": (
        f"{NEW}\n\n-----Original Message-----\nFrom: Wang [mailto:wang@example.com]\nSent: Friday, November 20, 2026 10:31 AM\nTo: desk\nSubject: complaint\n\n{OLD}",
        NEW,
    ),
    "outlook_old_chinese": (
        f"{NEW}\n\n-----邮件原件-----\n发件人: 王小明 [mailto:wang@example.com] \n发送时间: 2026年11月20日 10:31\n收件人: desk\n主题: 投诉\n\n{OLD}",
        NEW,
    ),
    "aliyun": (
        f"{NEW}\n\n------------------------------------------------------------------\n发件人：王小明 <wang@example.com>\n发送时间：2026年11月20日(星期五) 10:31\n"
        f"收件人：desk <desk@example.org>\n主　题：投诉\n\n{OLD}",
        NEW,
    ),
    "coremail": (
        f"{NEW}\n\n\n-----原始邮件-----\n发件人:\"王小明\" <wang@example.com>\n发送时间:2026-11-20 10:31:05 (星期五)\n收件人: desk@example.org\n抄送: \n主题: 投诉\n\n{OLD}",
        NEW,
    ),
    "coremail_quoted": (
        f"{NEW}\n\n\n> -----原始邮件-----\n> 发件人: \"王小明\" <wang@example.com>\n> 发送时间: 2026-11-20 10:31:05 (星期五)\n> 主题: 投诉\n> \n> #close\n",
        NEW,
    ),
    "sina": (f"{NEW}\n----- 原始邮件 -----\n发件人：王小明 <wang@example.com>\n收件人：desk@example.org\n主题：投诉\n日期：2026年11月20日 10点31分\n\n{OLD}", NEW),
    "apple_chinese": (f"{NEW}\n\n> 在 2026年11月20日，上午10:31，王小明 <wang@example.com> 写道：\n> \n> #close\n", NEW),
    "apple_chinese_plain": (f"{NEW}\n\n在 2026年11月20日，上午10:31，王小明 <wang@example.com> 写道：\n\n> #close\n", NEW),
    "apple_english": (f"{NEW}\n\n> On Nov 20, 2026, at 10:31 AM, Wang <wang@example.com> wrote:\n> \n> #close\n", NEW),
    "gmail": (f"{NEW}\n\nOn Fri, Nov 20, 2026 at 10:31 AM Wang Xiaoming <wang@example.com>\nwrote:\n\n> #close\n", NEW),
    "gmail_chinese": (f"{NEW}\n\n王小明 <wang@example.com> 于2026年11月20日周五 10:31写道：\n\n> #close\n", NEW),
    "gmail_taiwan": (f"{NEW}\n\n王小明 <wang@example.com> 於 2026年11月20日 週五 上午10:31寫道：\n\n> #close\n", NEW),
    "thunderbird": (f"{NEW}\n\nOn 11/20/26 10:31, Wang Xiaoming wrote:\n> #close\n", NEW),
    "thunderbird_chinese": (f"{NEW}\n\n在 2026/11/20 10:31, 王小明 写道:\n> #close\n", NEW),
    "yahoo": (f"{NEW}\n\n    On Friday, November 20, 2026, 10:31:00 AM GMT+8, Wang <wang@example.com> wrote:  \n \n {OLD}", NEW),
    "samsung": (f"{NEW}\n\n\n-------- Original message --------\nFrom: Wang <wang@example.com>\nDate: 20/11/2026 10:31 (GMT+08:00)\nTo: desk@example.org\nSubject: complaint\n\n{OLD}", NEW),
    "huawei": (f"{NEW}\n\n-------- 原始邮件 --------\n发件人： 王小明 <wang@example.com>\n日期： 2026年11月20日周五 10:31\n收件人： desk@example.org\n主题： 投诉\n{OLD}", NEW),
    "zoho": (f"{NEW}\n\n\n---- On Fri, 20 Nov 2026 10:31:05 +0800 Wang <wang@example.com> wrote ---\n\n {OLD}", NEW),
    "desk_mark": (
        f"{NEW}\n\n在 2026年11月20日 投诉受理中心 写：\n=== reply above this line / 请在此行以上回复 ===\n工单 2026-0003\n1  接受\n#2026-0003 accept\n",
        NEW,
    ),
    "desk_mark_alone": (f"{NEW}\n\n──── 请在此行以上回复 ────\n{OLD}\n", NEW),
}  # fmt: skip
