"""What countries and regions are called in a report of either language. Pure.

The ledger names a country once, as whoever keeps it wrote it: in Chinese, in English, or by its ISO 3166-1 code. A name
that is not known here stays as it is.
"""

from __future__ import annotations

_NAMES = """
AE 阿联酋 United Arab Emirates
AR 阿根廷 Argentina
AT 奥地利 Austria
AU 澳大利亚 Australia
BE 比利时 Belgium
BM 百慕大 Bermuda
BR 巴西 Brazil
CA 加拿大 Canada
CH 瑞士 Switzerland
CL 智利 Chile
CN 中国 China
CZ 捷克 Czechia
DE 德国 Germany
DK 丹麦 Denmark
EG 埃及 Egypt
ES 西班牙 Spain
FI 芬兰 Finland
FR 法国 France
GB 英国 United Kingdom
HK 中国香港 Hong Kong, China
HU 匈牙利 Hungary
ID 印度尼西亚 Indonesia
IE 爱尔兰 Ireland
IL 以色列 Israel
IN 印度 India
IT 意大利 Italy
JP 日本 Japan
KR 韩国 Republic of Korea
KY 开曼群岛 Cayman Islands
KZ 哈萨克斯坦 Kazakhstan
LU 卢森堡 Luxembourg
MO 中国澳门 Macao, China
MU 毛里求斯 Mauritius
MX 墨西哥 Mexico
MY 马来西亚 Malaysia
NL 荷兰 Netherlands
NO 挪威 Norway
NZ 新西兰 New Zealand
PH 菲律宾 Philippines
PK 巴基斯坦 Pakistan
PL 波兰 Poland
PT 葡萄牙 Portugal
RO 罗马尼亚 Romania
RU 俄罗斯 Russia
SA 沙特阿拉伯 Saudi Arabia
SC 塞舌尔 Seychelles
SE 瑞典 Sweden
SG 新加坡 Singapore
TH 泰国 Thailand
TR 土耳其 Türkiye
TW 中国台湾 Taiwan, China
US 美国 United States
VG 英属维尔京群岛 British Virgin Islands
VN 越南 Viet Nam
WS 萨摩亚 Samoa
ZA 南非 South Africa
"""
_ALSO = {
    "香港": "HK", "澳门": "MO", "台湾": "TW", "uk": "GB", "usa": "US", "south korea": "KR", "korea": "KR",
    "hong kong": "HK", "macao": "MO", "macau": "MO", "taiwan": "TW", "vietnam": "VN", "turkey": "TR", "the netherlands": "NL",
}  # fmt: skip
_BY_CODE = {code: (zh, en) for code, zh, en in (line.split(" ", 2) for line in _NAMES.strip().splitlines())}
_CODES = {
    **_ALSO,
    **{word.casefold(): code for code, pair in _BY_CODE.items() for word in (code, *pair)},
}


def names(country: str) -> tuple[str, str]:
    """Return a country's name in Chinese and in English; twice as written where it is not known."""
    code = _CODES.get(country.strip().casefold())
    return (country, country) if code is None else _BY_CODE[code]
