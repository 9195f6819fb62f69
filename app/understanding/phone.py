"""Phones, identity numbers and names in what people type: found, and masked before anything is kept or shown.

Nobody is asked for an identity number in chat; who sends one finds it covered at once.
"""

import re

from app.understanding.numbers import plain

_GAP = r"[ \t.\-–—_()]{0,2}"
_MOBILE = re.compile(rf"(?<![0-9])(?:\+?86{_GAP})?(1[3-9](?:{_GAP}[0-9]){{9}})(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9])(?:0[1-9][0-9]{1,2}[ -]?)?[2-8][0-9]{6,7}(?![0-9])")
_IDENTITY = re.compile(r"(?<![0-9])[1-9](?:[ \-]?[0-9]){16}[ \-]?[0-9xX](?![0-9])")
_BORN = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅．.●", "·"))
_NAME = re.compile(r"[一-鿿㐀-䶿]{1,14}(?:·[一-鿿㐀-䶿]{1,14}){0,3}")
_BEFORE_NAME = re.compile(
    r"^(?:您好|你好)?[,，。:!！\s]*(?:我的?名字(?:叫|是)|我的?姓名是?|名字叫?|姓名是?|我叫做?|我是|叫|他叫|她叫|本人)[:：\s]*"
)
_AFTER_NAME = re.compile(r"[\s,，。.!！~～]*+(?:(?:呀|啊|哈|谢谢)[\s,，。.!！~～]*+)?$")
# Words of the same length as names that answer a question about a name with something else.
_NO_NAMES = frozenset(
    "不知道 不想说 不告诉 没有 随便 取消 返回 菜单 人工 你好 您好 谢谢 好的 可以 不用 不要 是的 什么 怎么 预约 重来"
    " 撤销 帮助 算了 哈哈 哈哈哈 嗯嗯 知道了 上一步 不约了 首页 客服 找人 有人吗 名字 姓名"
    " 一样 刚才 上次 先生 女士 志愿者 居民".split()
)
_NOT_IN_NAMES = re.compile(
    r"[吗呢吧啊呀哪啥么们的了我您你]|补贴|[要想]办|怎么|什么|为什么|多少|不想|不是|明天|今天|电话|预约|小区|号楼|社区|办理"
    r"|前面|还有|排队|几[个位人号点]|第[一二三四五六七八九]|[一二三四五六七八九十两]点|[上下]午|早上|晚上|后天|星期|礼拜|^周[一二三四五六日天]"
)


def phone_in(text: str) -> str | None:
    """The first mobile number as 11 digits; spaces, dashes, +86 and full-width digits are taken off."""
    match = _MOBILE.search(plain(text))
    return re.sub(r"\D", "", match[1]) if match else None


def _identity(match: re.Match[str]) -> str | None:
    digits = re.sub(r"[ \-]", "", match[0]).upper()
    total = sum(int(d) * w for d, w in zip(digits[:17], _WEIGHTS, strict=True))
    return digits if _CHECKS[total % 11] == digits[17] else None


def id_number_in(text: str) -> str | None:
    """The first 18-digit identity number whose check digit is right."""
    return next((number for m in _IDENTITY.finditer(plain(text)) if (number := _identity(m))), None)


def mask_id_numbers(text: str) -> tuple[str, bool]:
    """The text with every identity number as sixteen stars and its last two signs, and whether there was one.

    A slip in typing must not uncover it: eighteen digits with a birth date inside are masked as well.
    """
    masked = _IDENTITY.sub(_covered, _ascii_digits(text))
    return (masked, True) if masked != _ascii_digits(text) else (text, False)


def _ascii_digits(text: str) -> str:
    return "".join(str(ord(c) - 0xFF10) if "０" <= c <= "９" else "X" if c in "Ｘｘ" else c for c in text)


def _covered(match: re.Match[str]) -> str:
    digits = re.sub(r"[ \-]", "", match[0]).upper()
    if _identity(match) is None and not _BORN.fullmatch(digits[6:14]):
        return match[0]
    return "*" * 16 + digits[-2:]


def mask_phone(phone: str) -> str:
    """13900000000 as 139****0000; anything shorter keeps its last two signs at most."""
    if len(phone) >= 7:
        return f"{phone[:3]}****{phone[-4:]}"
    return "*" * max(0, len(phone) - 2) + phone[-2:] if len(phone) > 2 else "*" * len(phone)


def mask_phones(text: str) -> str:
    """The text with every mobile and landline number covered up to its last four digits, for others to read."""
    mobiles = _MOBILE.sub(lambda found: mask_phone(re.sub(r"\D", "", found[1])), _ascii_digits(text))
    return _LANDLINE.sub(lambda found: f"****{found[0][-4:]}", mobiles)


def mask_name(name: str) -> str:
    """马芳 as 马*, 马秀芳 as 马*芳, 买买提·艾力 as 买*·*; a name with a dot shows only its first sign."""
    if "·" in name:
        first, *rest = name.split("·")
        return "·".join([f"{first[:1]}*", *("*" for _ in rest)])
    if len(name) < 3:
        return f"{name[:1]}*" if name else ""
    if len(name) > 3:  # 才让卓玛 has no surname to show: 才*
        return f"{name[0]}*"
    return f"{name[0]}*{name[-1]}"


def name_in(text: str) -> str | None:
    """The name in an answer to "您怎么称呼": 2 to 15 Chinese signs, "·" allowed; None when it is no name."""
    bare = _AFTER_NAME.sub("", _BEFORE_NAME.sub("", plain(text).translate(_DOTS).strip()))
    name = re.sub(r"\s*·\s*", "·", bare)
    name = re.sub(r"(?<=[一-鿿])\s+(?=[一-鿿])", "", name)
    if not 2 <= len(name) <= 15 or not _NAME.fullmatch(name):
        return None
    return None if name in _NO_NAMES or _NOT_IN_NAMES.search(name) else name
