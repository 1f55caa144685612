"""The marks by which mail clients show that a quotation or a signature begins. Data, with its look-ups.

Each look-up reads a bounded number of lines of bounded length, so the walk in `reply_text` is linear.
Covered: NetEase webmail and 网易邮箱大师, QQ Mail, Foxmail, Outlook (Chinese, English and others), Aliyun,
Coremail, Sina, 139, Apple Mail, Gmail, Thunderbird, Yahoo, phones, Exchange; and the desk's own letters.
"""

from __future__ import annotations

import re

_LONG = 1000  # characters of a line looked at

# --- the desk's own letters -----------------------------------------------------------------------

_OWN = re.compile(r"reply\s+above\s+this\s+line|请在此行以上回复|請在此行以上回復", re.IGNORECASE)


def is_own_mark(line: str) -> bool:
    """Tell whether a line is the bilingual mark in the desk's letters."""
    return _OWN.search(line[:_LONG]) is not None


# --- quoted lines ---------------------------------------------------------------------------------

_QUOTED = re.compile(r"\s{0,4}(?:[>＞]|[A-Z][A-Za-z]{0,3}>(?=[\s>]|$))|\s{0,2}[│┃](?=\s)")


def is_quoted(line: str) -> bool:
    """Tell whether a line is marked as quoted: `>`, `AB>` (initials), a full-width one, a bar."""
    match = _QUOTED.match(line)
    if match is None:
        return False
    return not line.lstrip().startswith((">>>>>>> ", "|>"))


# --- introductions: "On … X wrote:" ---------------------------------------------------------------

_WROTE = (
    r"wrote|writes|said|schrieb(?:en(?:\s+Sie)?)?|schreef(?:\s+het\s+volgende)?|geschreven|a\s+(?:é|e)crit|(?:é|e)crit|ha\s+scritto|scrisse|"
    r"escribi(?:ó|o)|escreveu|va\s+escriure|nap(?:i|í)sa(?:ł|l)(?:\(a\)|a)?|napsala?(?:\(a\))?|skrev|skreiv|kirjoitti|"
    r"пишет|пишете|пише|писал(?:\(а\)|а)?|написал(?:\(а\)|а|и)?|написав(?:\(ла\))?|írta|ezt\s+írta|a\s+scris|yazd(?:ı|i)|şunları\s+yazdı|"
    r"đã\s+viết|menulis|έγραψε|написа|napisao(?:\s*/\s*la)?|je\s+napisa(?:o|la)|a\s+écrit\s+ce\s+qui\s+suit|"
    r"写道|寫道|写到|编写|写|のメール|さんは書きました|書きました|は書きました|wrote\s+the\s+following|님이\s*작성|작성|"
    r"כתב|כתבה|כתב|כתב/ה|كتب|geschrieben|rašė|kirjutas|kirjutatud|skrifaði|schreiwt|napsal/a|píše"
)
_ENDS_WROTE = re.compile(rf"(?:{_WROTE})\s*(?:\(?a\)?)?\s*[\s:：,\-*_\]]{{0,8}}$", re.IGNORECASE)
_WROTE_INSIDE = re.compile(rf"(?:^|[\s>\"，,])(?:{_WROTE})(?:\s|[:：]|$)", re.IGNORECASE)
# Every way an introduction can end, for a quick look before the expensive one.
_LAST_LETTERS = (
    ":", "：", "wrote", "writes", "said", "schrieb", "sie", "schreef", "geschreven", "écrit", "ecrit", "scritto", "scrisse",
    "escribió", "escribio", "escreveu", "escriure", "(a", "napisał", "napisal", "napísal", "napisala", "napísala", "napsal",
    "napsala", "skrev", "skreiv", "kirjoitti", "пишет", "пишете", "пише", "писал", "писала", "написал", "написала",
    "написали", "написав", "írta", "scris", "yazdı", "yazdi", "viết", "menulis", "έγραψε", "написа", "napisao", "napisala",
    "suit", "写道", "寫道", "写到", "编写", "写", "のメール", "書きました", "following", "작성", "כתב", "כתבה", "כתב/ה", "كتب",
    "rašė", "kirjutas", "skrifaði", "schreiwt", "píše",
)  # fmt: skip
_STARTS = re.compile(
    r"\W{0,8}(?:On|Am|Le|El|Il|Em|Op|Den|Pe|Ma|Ti|Ke|To|La|Su|W\s+dniu|Dnia|Dne|În|В|At|El\s+d(?:í|i)a|Il\s+giorno|"
    r"Em\s+\w+|På|Den\s+\w+|Vào|Pada|Στις|На|U|Dana|在|于|於|發件|"
    r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"']+@[^\s<>()\[\]:;,\"']+|&lt;")
_DATE = re.compile(
    r"\b\d{1,2}[:.h时]\d{2}\b|\b(?:19|20)\d\d\b|\d{1,4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,4}|"
    r"\b\d{1,2}\.?\s+(?:de\s+)?[a-zа-яéûäöç]{3,10}\.?\b|\b[a-z]{3,9}\.?\s+\d{1,2}\b",
    re.IGNORECASE,
)
_DATE_THEN_ADDRESS = re.compile(
    r"^\W{0,3}(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{1,2}[:.]\d\d|\d{1,2}[-/. ]\w{2,9}[-/. ]\d{2,4}|\w{3,9},? ).{0,200}"
    r"[<(\[]?[^\s<>()]+@[^\s<>()]+[>)\]]?\s*[:：]\s*$"
)
_NAME_WROTE = re.compile(
    rf"^\W{{0,3}}[\"'“]?[^\n:：]{{1,80}}?[<(\[][^\s<>()]+@[^\s<>()]+[>)\]]\s*(?:{_WROTE})\s*[:：]\s*$",
    re.IGNORECASE,
)
_TIME = re.compile(r"\b\d{1,2}[:.时]\d{2}\b")
_ENDS_CHINESE = re.compile(r"[写寫][道到]?\s*[:：]?\s*$")
_OTHER_INTRODUCTION = re.compile(
    r"^\W{0,4}(?:[^\n:：]{1,80}\svia\s[^\n:：]{1,80}\s(?:wrote|schrieb):|posted by .{1,80} on \d\d/\d\d/\d{4}$|"
    r"in (?:message|article) <[^>]{1,300}>.{0,100}\swrites?:)\s*$",
    re.IGNORECASE,
)
_COLONLESS = re.compile(r"^\W{0,3}\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\s.{0,150}<[^\s<>@]+@[^\s<>]+>$")
_DIGIT_OR_AT = re.compile(r"[0-9@]")
MAX_INTRODUCTION = 6  # lines an introduction may be folded over


def attribution_end(lines: list[str], at: int) -> int:
    """Return the line after an "On …, X wrote:" that begins at `at`, 0 where none does."""
    first = lines[at][:_LONG].strip()
    if len(first) < 4 or not (_DIGIT_OR_AT.search(first) or _STARTS.match(first) or " via " in first):
        return 0
    if _COLONLESS.match(first):  # Gmail once: only the quotation below it tells
        return at + 1 if _quoted_follows(lines, at + 1) else 0
    if _NAME_WROTE.match(first) or _OTHER_INTRODUCTION.match(first):
        return at + 1
    joined = ""
    for end in range(at, min(at + MAX_INTRODUCTION, len(lines))):
        line = lines[end][:_LONG].strip()
        if not line or (end > at and is_quoted(line) and line not in (">:", "> :")):
            return 0
        joined = f"{joined} {line}" if joined else line
        if len(joined) > 500:
            return 0
        if _is_introduction(joined):
            later = any(
                _is_introduction(" ".join(x.strip() for x in lines[s : end + 1]))
                for s in range(at + 1, end + 1)
            )
            if later:  # the words above the introduction are no part of it
                return 0
            return end + 1 if _stands_alone(joined) or _quoted_follows(lines, end + 1) else 0
    return 0


def _quoted_follows(lines: list[str], at: int) -> bool:
    following = _next_filled(lines, at)
    return following < len(lines) and is_quoted(lines[following])


def _stands_alone(joined: str) -> bool:
    """Tell an introduction from a story ("On 20 November the officer said:"): it names an address or an hour."""
    return (
        _ADDRESS.search(joined) is not None
        or _TIME.search(joined) is not None
        or _OTHER_INTRODUCTION.match(joined) is not None
    )


def ends_like_introduction(line: str) -> bool:
    """Tell whether a line ends in "wrote:", enough only where a quotation certainly follows."""
    return len(line) < 300 and line.rstrip().endswith((":", "：")) and _ENDS_WROTE.search(line) is not None


def _is_introduction(joined: str) -> bool:
    """Tell by its end, a time and an address; "as he wrote:" in a sentence has neither."""
    if not joined.rstrip(" *_-]).,\u3000").lower().endswith(_LAST_LETTERS):
        return False  # the quick look that nearly every line fails
    if _DATE_THEN_ADDRESS.match(joined) or _OTHER_INTRODUCTION.match(joined):
        return True
    has_address = _ADDRESS.search(joined) is not None
    has_time = _TIME.search(joined) is not None
    if has_address and has_time and joined.endswith((">:", ">：")):
        return True
    ends = _ENDS_WROTE.search(joined[-60:]) is not None
    if not ends and not (joined.endswith((":", "：", ":*")) and _WROTE_INSIDE.search(joined)):
        return False
    has_date = has_time or _DATE.search(joined) is not None
    if has_address and has_date:
        return True
    if not ends or len(joined) >= 200 or not (has_date or has_address):
        return False
    if _ENDS_CHINESE.search(joined):  # "11月20日，该局在回函中写道：" is a sentence
        return has_time and _STARTS.match(joined) is not None
    return _STARTS.match(joined) is not None or _DATE.search(joined[:30]) is not None


# --- headings: "-----Original Message-----", From/Sent/To blocks -----------------------------------

_ORIGINAL = (
    r"original(?:\s+(?:message|appointment|email|mail|text))?|原始邮件|原邮件|原始信件|原始郵件|原始訊息|邮件原件|回复的原邮件|回覆的原郵件|回复的邮件|"
    r"转发的邮件|轉寄郵件|转发邮件|转发邮件信息|转发的郵件|往来邮件|replied\s+message|forwarded\s+(?:message|mail|by.*)|"
    r"begin\s+forwarded\s+message|ursprüngliche\s+(?:nachricht|e-?mail|mitteilung)|originalnachricht|original-?nachricht|"
    r"weitergeleitete\s+nachricht|message\s+(?:d'origine|original|transf(?:é|e)r(?:é|e)|initial)|mensaje\s+(?:original|reenviado)|mensagem\s+(?:original|encaminhada)|"
    r"messaggio\s+(?:originale|inoltrato)|messaggio\s+inoltrato|oorspronkelijk(?:e)?\s+bericht|doorgestuurd\s+bericht|"
    r"oprindelig\s+meddelelse|ursprungligt\s+meddelande|opprinnelig\s+melding|alkuperäinen\s+viesti|"
    r"исходное\s+сообщение|пересылаемое\s+сообщение|исходное\s+письмо|пересланное\s+сообщение|оригинальное\s+сообщение|eredeti\s+üzenet|původní\s+(?:zpráva|e-?mail)|pôvodná\s+správa|"
    r"oryginalna\s+wiadomość|wiadomość\s+oryginalna|orijinal\s+mesaj|özgün\s+ileti|mesajul\s+original|元のメッセージ|original\s*メッセージ|원본\s*메(?:시|세)지|thư\s+gốc|"
    r"reply\s+message|quoted\s+(?:message|text)|reply\s+separator|initial\s+message|previous\s+message|original\s+e-mail"
)
_SEPARATOR = re.compile(
    rf"^\W{{0,3}}(?:[-_=*~—–─]{{2,}}|-)\s*(?:{_ORIGINAL})\W?.{{0,120}}$|^\W{{0,4}}begin\s+forwarded\s+message\s*:?\W*$|"
    rf"^\W{{0,4}}(?:Anfang\s+der\s+weitergeleiteten|Début\s+du\s+message|Inizio\s+messaggio|Inicio\s+del\s+mensaje|下面是被?转发的邮件|以下是转发的邮件)\W?.{{0,60}}[:：]\W*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s{0,3}(?:[_]{10,}|[-]{10,}|[—–─]{6,}|[=]{10,}|\*{10,}|[- ]{20,})\s*$")

_FROM = "from|发件人|寄件人|寄件者|发信人|發件人|发送人|发送者|von|de|da|van|od|от|de\\s*la|差出人|보낸\\s*사람|från|fra|lähettäjä|feladó|kimden|gönderen|remetente|expéditeur|mittente|from\\s*name|отправитель|nadawca|van|mailfrom"
_OTHER_KEYS = (
    "sent|date|to|cc|subject|reply-to|reply\\s+to|datum|gesendet|an|betreff|kopie|envoyé|envoyé\\s+le|à|a|objet|enviado(?:\\s+el)?|enviada(?:\\s+em)?|para|"
    "asunto|assunto|fecha|data|inviato|oggetto|verzonden|verzonden\\s+op|aan|onderwerp|skickat|till|ämne|sendt|til|emne|"
    "lähetetty|vastaanottaja|päiväys|aihe|küldve|elküldve|címzett|tárgy|dátum|gönderildi|kime|konu|tarih|wysłano|do|temat|data|odesláno|komu|předmět|"
    "отправлено|дата|кому|тема|копия|trimis|către|subiect|送信日時|送信済み|宛先|件名|日付|보낸\\s*날짜|날짜|받는\\s*사람|받는사람|제목|"
    "发送时间|发送日期|发信时间|寄件日期|发件时间|發送時間|传送日期|时间|時間|日期|日\\s*期|收件人|收\\s*件\\s*人|抄送|抄\\s*送|抄送人|副本|密送|主题|主\\s*题|主旨|主題|标题|收件者|收信人|"
    "答复|回复地址|附件|importance|重要性|organization|in-reply-to|message-id|newsgroups|gönderme tarihi|attachments?"
)
_KEY = re.compile(
    rf"^[\s>|*•]{{0,6}}(?:(?P<from>{_FROM})|(?P<other>{_OTHER_KEYS}))[\s\u3000*]{{0,4}}(?:[:：]|\|)[\s\u3000*]*(?P<value>.*)$",
    re.IGNORECASE,
)
_SENT_KEY = re.compile(
    r"^[\s>|*]{0,6}(?:sent|gesendet|envoyé|enviado|inviato|verzonden|发送时间|发送日期|寄件日期|发送時間)",
    re.IGNORECASE,
)
_HEADING_LIKE = re.compile(r"[:：|]|^\W{0,4}(?:[-_=*~—–─]|[a-zäéа-я下以]{4,}\s)", re.IGNORECASE)
MAX_BLOCK = 14  # lines a header block may have


def heading_end(lines: list[str], at: int) -> int:
    """Return the line after a heading that opens an unmarked quotation at `at`, 0 where none does."""
    line = lines[at][:_LONG]
    if not _HEADING_LIKE.search(line[:60]):
        return 0
    if _SEPARATOR.match(line):
        block = _block_end(lines, _next_filled(lines, at + 1))
        return block or at + 1
    if _RULE.match(line):
        following = _next_filled(lines, at + 1)
        return _block_end(lines, following) if following - at <= 3 else 0
    return _block_end(lines, at)


def _next_filled(lines: list[str], at: int) -> int:
    end = min(at + 4, len(lines))
    while at < end and not lines[at].strip():
        at += 1
    return at


def _block_end(lines: list[str], start: int) -> int:
    """Return the line after a From/Sent/To/Subject block at `start`, 0 where there is none."""
    first = _KEY.match(lines[start][:_LONG]) if start < len(lines) else None
    if first is None:
        return 0
    first_is_sender = first["from"] is not None
    senders, keys, end, blanks, addressed, sent = 0, 0, start, 0, False, False
    for at in range(start, min(start + MAX_BLOCK, len(lines))):
        line = lines[at][:_LONG]
        match = _KEY.match(line)
        if match is None:
            if not line.strip():
                blanks += 1
                if blanks > 1 and keys > 1:
                    break
                continue
            if end == at and keys and line[:1] in " \t":  # a folded list of recipients
                end = at + 1
                continue
            if end == at and keys and ("@" in line or ";" in line):
                end = at + 1
                continue
            break
        senders += match["from"] is not None
        keys += 1
        addressed = addressed or "@" in line
        sent = sent or _SENT_KEY.match(line) is not None
        end = at + 1
        blanks = 0
    if senders == 0 or keys < 2:
        return 0
    if addressed or sent:
        return end
    # Without an address it may be the letterhead of the letter itself ("To: … From: …"), where nothing is above.
    above = any(x.strip() and not _KEY.match(x[:_LONG]) for x in lines[max(0, start - 50) : start])
    return end if keys >= 3 and (above or (keys >= 4 and first_is_sender)) else 0


# --- signatures -----------------------------------------------------------------------------------

_SIGNATURE = re.compile(r"^\s?(?:--|—|–|__|-- -|--\s?--|\|\s*\|)\s*$")  # the last: a table of 网易邮箱大师
_LONE_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", re.ASCII)
_DEVICE = r"[^,.;!?。，！？]{1,48}"
_LINK = r"(?:\s*<[^>\s]{1,300}>|\s*\([^)\s]{1,300}\)|\s*https?://\S{1,300})?"
_PHONE = re.compile(
    r"^\W{0,4}(?:"
    r"(?:sent|verstuurd|enviado|enviada|envoyé|verzonden|gesendet|inviato|skickat|sendt|lähetetty|wysłane|отправлено|odesláno|trimis|elküldve)\s+"
    rf"(?:from|desde|depuis|à\s+partir\s+de|vanaf(?:\s+mijn)?|von|da|från|fra|via|de|do|z|ze|с|из|mit|met|with|using|by)\b{_DEVICE}"
    rf"|(?:von|mit)\s+meinem\s{_DEVICE}\sgesendet"
    rf"|get\s+outlook\s+for\s{_DEVICE}|(?:获取|下载|下載|取得)\s*(?:适用于\s*)?(?:ios\s*(?:版)?|android\s*(?:版)?)?\s*outlook(?:{_DEVICE})?"
    rf"|diese\s+nachricht\s+wurde\s+von\s{_DEVICE}\sgesendet|(?:[A-Z][a-z]{{1,15}}\s)?from\s+(?:mobile|my\s+(?:i?phone|ipad|mobile|android|blackberry)\b(?:{_DEVICE})?)"
    rf"|[從从]我的{_DEVICE}[傳传发]送|使用{_DEVICE}(?:手机|客户端|邮箱)(?:发送|发出)"
    rf"|(?:发自|發自|发送自|來自|来自|由)\s*(?:我的|我|网易|QQ|新浪|企业|手机|华为|小米|阿里|Outlook|Windows|iPhone|iPad|Android)\s*(?:{_DEVICE})?"
    rf"|从(?:我的|\s*windows\s*版){_DEVICE}(?:发送|发出)|iphone\s*から送信|나의\s{_DEVICE}에서\s보냄"
    rf"){_LINK}\W{{0,3}}$",
    re.IGNORECASE,
)


def is_signature_mark(line: str) -> bool:
    """Tell whether a line is the signature delimiter (RFC 3676 §4.3) or what people type for it."""
    return _SIGNATURE.match(line[:40]) is not None and len(line) < 40


def is_rule(line: str) -> bool:
    """Tell whether a line is nothing but a drawn rule."""
    return _RULE.match(line[:_LONG]) is not None


def is_lone_address(line: str) -> bool:
    """Tell whether a line is nothing but an address: Foxmail's signature above its heading."""
    return len(line) < 200 and _LONE_ADDRESS.fullmatch(line.strip()) is not None


def is_phone_signature(line: str) -> bool:
    """Tell whether a line is the advertisement a phone or an app puts under a mail."""
    return len(line) < 400 and _PHONE.match(line.strip()) is not None
