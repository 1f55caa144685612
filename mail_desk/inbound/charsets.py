"""Bytes and a declared charset → text. Labels lie, so the bytes are asked as well.

`decode` never raises and never returns NUL or lone surrogates (PostgreSQL refuses the one, UTF-8
the other). Labels follow the WHATWG habit of reading a label as the superset that senders really
mean: gb2312 and gbk as GB18030, us-ascii and iso-8859-1 as windows-1252, ks_c_5601 as cp949.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_ALIASES = {
    "gb18030": "gb2312 gbk gb_2312-80 gb2312-80 gb_2312 euc-cn euccn cp936 936 ms936 windows-936 x-gbk chinese "
    "csgb2312 iso-ir-58 gb-2312 gb gb18030-2000 cn-gb gbk2312 simplified-chinese utf-8gb",
    "cp950": "big5 big-5 x-x-big5 cn-big5 csbig5 big5-eten cp950 950 windows-950 ms950 traditional-chinese",
    "big5hkscs": "big5-hkscs big5hk",
    "cp949": "ks_c_5601-1987 ks_c_5601 ks_c_5601-1989 ksc5601 ksc_5601 euc-kr euckr korean windows-949 949 uhc "
    "iso-ir-149 cskisc56011987",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j ms932 932 cswindows31j x-ms-cp932",
    "iso2022_jp_ext": "iso-2022-jp csiso2022jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-ms cp50220 cp50221 cp50222 jis",
    "iso2022_kr": "iso-2022-kr csiso2022kr",
    "euc_jp": "euc-jp x-euc-jp eucjp x-euc cseucpkdfmtjapanese cp51932",
    "hz": "hz hz-gb-2312 hzgb2312",
    "cp1252": "us-ascii ascii ansi_x3.4-1968 ansi iso-8859-1 iso8859-1 iso_8859-1 iso88591 latin1 latin-1 l1 cp1252 "
    "windows-1252 win-1252 x-cp1252 1252 x-ansi cp819 646 iso646-us usascii us_ascii western x-user-defined "
    "iso-8859-1-windows-3.1-latin-1",
    "cp1254": "iso-8859-9 latin5 iso8859-9 windows-1254",
    "cp874": "tis-620 tis620 iso-8859-11 windows-874 x-windows-874 874",
    "iso8859_8": "iso-8859-8-i iso-8859-8-e iso-8859-8 visual logical",
    "utf-8": "utf8 utf-8 unicode-1-1-utf-8 utf8mb4 utf_8 x-utf-8 unicode utf-8-sig cp65001 65001 x-unicode20utf8",
    "utf-7": "utf-7 utf7 unicode-1-1-utf-7 csunicode11utf7 x-unicode-2-0-utf-7",
    "cp1251": "windows-1251 win-1251 cp1251 x-cp1251 cp-1251 1251",
    "mac_roman": "macintosh x-mac-roman mac csmacintosh macroman x-macintosh",
    "mac_cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "cp866": "ibm866 866",
    "koi8_r": "koi8 koi8-r koi",
}
_CODEC = {label: codec for codec, labels in _ALIASES.items() for label in labels.split()}
_SINGLE_BYTE = re.compile(r"cp125\d|cp874|cp8[56]\d|iso8859|koi8|mac[_-]|latin|cp437|ascii")
_UNSAFE_CODECS_WORDS = (
    "idna punycode unicode_escape raw_unicode_escape undefined mbcs oem unicodeescape unicode_internal"
)
_UNSAFE_CODECS = frozenset(_UNSAFE_CODECS_WORDS.split())

_EIGHT_BIT_SIBLING = {"iso2022_jp_ext": "cp932", "iso2022_kr": "cp949", "hz": "gb18030"}

_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_JIS_ESCAPE = re.compile(rb"\x1b\$[@B]|\x1b\([JI]|\x1b\$\([DOQ]")
_KR_ESCAPE = re.compile(rb"\x1b\$\)C")
_HZ = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}")
_UTF7 = re.compile(rb"\+[A-Za-z0-9+/]{3,}-")
_SAMPLE = 64 * 1024  # bytes looked at when guessing; enough for any statistics


@lru_cache(maxsize=512)
def codec_of(label: str) -> str | None:
    """Return the Python codec that reads what senders mean by `label`, None where nobody knows it."""
    name = label.strip().strip("\"'").strip().lower()
    name = re.sub(r"^(?:charset|x-charset)\s*=\s*", "", name).strip("\"'= ")
    name = name.split("*", 1)[0].split(";", 1)[0].strip().removeprefix("_").removesuffix("$esc")
    if name in _CODEC:
        return _CODEC[name]
    squeezed = name.replace("_", "-").replace(" ", "-")
    squeezed = re.sub(r"^(?:cs|x-)(?=[a-z]{3})", "", squeezed)
    if squeezed in _CODEC:
        return _CODEC[squeezed]
    squeezed = re.sub(r"^(?:cp-?|windows-?|win-?|ibm-?)(\d{3,5})$", r"cp\1", squeezed)
    squeezed = re.sub(r"^iso-?8859-?(\d{1,2})(?:-[a-z])?$", r"iso8859-\1", squeezed)
    if squeezed == "iso8859-1":
        return "cp1252"
    if not re.fullmatch(r"[a-z0-9._:-]{2,40}", squeezed):
        return None
    try:
        info = codecs.lookup(squeezed)
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name.replace("-", "_") in _UNSAFE_CODECS:
        return None
    return info.name


def decode(data: bytes, declared: str = "", hint: str = "") -> tuple[str, str]:
    """Return the text of `data` and a defect ("" where none).

    `declared` is the label that came with the bytes, `hint` one from nearby (the body's charset for a
    raw header), used only where the bytes do not speak for themselves.
    """
    codec = codec_of(declared) if declared else None
    defect = f"unknown charset {declared[:40]!r}" if declared and codec is None else ""
    text, trouble = _decode(data, codec, codec_of(hint) if hint else None)
    cleaned = clean(text)
    return cleaned, defect or trouble or ("NUL or broken characters removed" if cleaned != text else "")


def clean(text: str) -> str:
    """Remove NUL and mend lone surrogates."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _decode(data: bytes, codec: str | None, hint: str | None) -> tuple[str, str]:
    if data.startswith(codecs.BOM_UTF8):
        return data[3:].decode("utf-8", "replace"), ""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(data) % 2 == 0:
        return data.decode("utf-16", "replace"), ""
    if codec is None or _SINGLE_BYTE.match(codec) or codec == "utf-8":
        wide = _unmarked_utf16(data)
        if wide is not None:
            return wide, "UTF-16 without a label"
    if not _HIGH.search(data):
        return _decode_seven_bit(data, codec)
    if codec is None or codec in ("hz", "utf-7", "iso2022_jp_ext", "iso2022_kr"):
        strict = _strict(data, codec) if codec else None
        if strict is not None:
            return strict, ""
        guessed = guess(data, hint)
        return _lenient(data, guessed), f"8-bit text read as {guessed}"
    if codec == "utf-8":
        return _decode_utf8(data, hint)
    utf8 = _strict(data, "utf-8")
    if utf8 is not None and (_SINGLE_BYTE.match(codec) or not _reads_better(data, codec, utf8)):
        return utf8, f"declared {codec}, is utf-8"
    if codec == "cp1252" and (asian := _asian_under_latin_label(data)):
        return _lenient(data, asian), f"declared {codec}, read as {asian}"
    strict = _strict(data, codec)
    if strict is not None:
        return strict, ""
    if codec == "cp950":
        strict = _strict(data, "big5hkscs")
        if strict is not None:
            return strict, ""
    return _rescue(data, codec)


def _decode_seven_bit(data: bytes, codec: str | None) -> tuple[str, str]:
    if codec is None or _SINGLE_BYTE.match(codec) or codec in ("utf-8", "gb18030", "cp950"):
        if b"\x1b" in data:
            if _JIS_ESCAPE.search(data):
                return _lenient(
                    data, "iso2022_jp_ext"
                ), "" if codec is None else "declared otherwise, is ISO-2022-JP"
            if _KR_ESCAPE.search(data):
                return _lenient(
                    data, "iso2022_kr"
                ), "" if codec is None else "declared otherwise, is ISO-2022-KR"
        if codec in (None, "gb18030") and b"~{" in data and _HZ.search(data):
            return _lenient(data, "hz"), ""
        return data.decode("ascii"), ""
    strict = _strict(data, codec)
    if strict is not None:
        return strict, ""
    if codec == "iso2022_kr" and _KR_ESCAPE.search(data) is None:
        # The header escape is often missing; without it the codec refuses the shifts.
        return _lenient(b"\x1b$)C" + data, codec), ""
    if codec == "iso2022_jp_ext":
        for other in ("iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_2004"):
            strict = _strict(data, other)
            if strict is not None:
                return strict, ""
    return _lenient(data, codec), f"bytes that are not {codec}"


def _decode_utf8(data: bytes, hint: str | None) -> tuple[str, str]:
    strict = _strict(data, "utf-8")
    if strict is not None:
        return strict, ""
    lenient = data.decode("utf-8", "replace")
    bad = lenient.count("�")
    good = sum(1 for _ in re.finditer(r"[^\x00-\x7f�]", lenient[:_SAMPLE]))
    if bad <= 2 or good >= 4 * bad:
        return lenient, "bytes that are not utf-8"
    guessed = guess(data, hint)
    return _lenient(data, guessed), f"declared utf-8, read as {guessed}"


def _rescue(data: bytes, codec: str) -> tuple[str, str]:
    """Choose between the declared codec with gaps and another without."""
    lenient = _lenient(data, codec)
    bad = lenient.count("�")
    if bad <= 2 or bad * 50 < len(lenient):
        return lenient, f"bytes that are not {codec}"
    guessed = guess(data, None)
    other = _lenient(data, guessed)
    if other.count("�") < bad:
        return other, f"declared {codec}, read as {guessed}"
    return lenient, f"bytes that are not {codec}"


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        if codec == "cp1252":  # five undefined bytes; WHATWG reads them as C1 controls
            return data.decode("latin-1")
        return None


def _lenient(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, LookupError, ValueError):
        return data.decode("latin-1")


def _unmarked_utf16(data: bytes) -> str | None:
    """Read UTF-16 that says neither so nor has a mark: every second byte is NUL."""
    sample = data[:2048]
    nul = sample.count(0)
    if nul < 4 or nul * 3 < len(sample):
        return None
    little = sample[1::2].count(0) > sample[::2].count(0)
    text = data.decode("utf-16-le" if little else "utf-16-be", "replace")
    return text if text.count("�") * 20 < len(text) else None


def guess(data: bytes, hint: str | None) -> str:
    """Name the codec that unlabelled 8-bit `data` is most probably in."""
    sample = data[:_SAMPLE]
    if _strict(data, "utf-8") is not None or _nearly_utf8(sample):
        return "utf-8"
    hint = _EIGHT_BIT_SIBLING.get(hint or "", hint)
    if hint and hint not in ("utf-8", "cp1252") and "�" not in _lenient(sample, hint)[:-1]:
        return hint
    runs = [len(run) for run in _HIGH_RUN.findall(sample)]
    lonely = sum(1 for run in runs if run % 2)
    if runs and lonely * 2 > len(runs):  # an accented letter between ASCII ones
        return hint if hint and _SINGLE_BYTE.match(hint) else _single_byte_guess(sample)
    joined = b"".join(_HIGH_RUN.findall(sample))
    if len(runs) > 1 and len(joined) >= 8 and min(joined) >= 0xC0:  # words of letters, with blanks between
        return _single_byte_guess(sample)
    scores = {
        codec: _plausibility(sample, codec) for codec in ("gb18030", "cp950", "cp949", "euc_jp", "cp932")
    }
    best = max(scores, key=lambda codec: scores[codec])
    return best if scores[best] > 0.5 else _single_byte_guess(sample)


def _asian_under_latin_label(data: bytes) -> str:
    """Old Chinese clients call everything iso-8859-1; whole words of common characters give them away."""
    sample = data[:_SAMPLE]
    if len(b"".join(_HIGH_RUN.findall(sample))) < 8:
        return ""
    guessed = guess(data, None)
    if guessed not in ("gb18030", "cp950", "cp949", "euc_jp", "cp932"):
        return ""
    return guessed if _plausibility(sample, guessed) > 0.9 else ""


def _nearly_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", "replace")
    bad = text.count("�")
    good = sum(1 for c in text if c > "\x7f") - bad
    return good > 20 * bad


def _single_byte_guess(sample: bytes) -> str:
    runs = _HIGH_RUN.findall(sample)
    joined = b"".join(runs)
    letters_per_run = len(joined) / max(1, len(runs))
    if letters_per_run >= 3 and len(joined) >= 6:  # whole words of high bytes: a non-Latin alphabet
        koi = sum(1 for b in joined if 0xC0 <= b <= 0xDF)
        win = sum(1 for b in joined if 0xE0 <= b <= 0xFF)
        return "koi8_r" if koi > win else "cp1251"
    return "cp1252"


def _plausibility(sample: bytes, codec: str) -> float:
    """Return 0..1: how much of the non-ASCII text is what people of that charset write."""
    text = _lenient(sample, codec)
    total = common = 0
    for char in text:
        if char <= "\x7f":
            continue
        total += 1
        common += _is_common(char, codec)
    return common / total if total else 0.0


@lru_cache(maxsize=16384)
def _is_common(char: str, codec: str) -> bool:
    point = ord(char)
    if char in "，。、：；！？（）“”《》…—·　【】":
        return True
    if codec == "gb18030":
        lead = _lead(char, "gb2312")
        return 0xB0 <= lead <= 0xD7 or lead == 0xA3
    if codec == "cp950":
        return 0xA4 <= _lead(char, "big5") <= 0xC6
    if codec == "cp949":
        return 0xAC00 <= point <= 0xD7A3 and _lead(char, "euc_kr") > 0
    return 0x3040 <= point <= 0x30FF or (0x4E00 <= point <= 0x9FFF and 0xB0 <= _lead(char, "euc_jp") <= 0xCF)


def _lead(char: str, codec: str) -> int:
    try:
        return char.encode(codec)[0]
    except UnicodeError:
        return -1


def _reads_better(data: bytes, codec: str, utf8: str) -> bool:
    """Both readings are valid: tell whether the declared multi-byte one is the likelier text."""
    strict = _strict(data, codec)
    if strict is None:
        return False
    if codec not in ("gb18030", "cp950", "cp949", "euc_jp", "cp932"):
        return True
    as_declared = _plausibility(data[:_SAMPLE], codec)
    wide = [c for c in utf8[:_SAMPLE] if c > "\x7f"]
    as_utf8 = sum(1 for c in wide if any(_is_common(c, k) for k in ("gb18030", "cp950", "cp949", "euc_jp")))
    return as_declared >= as_utf8 / max(1, len(wide))
