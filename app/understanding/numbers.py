"""Numbers as people type them: full-width, circled, Chinese, ordinal, wrapped in politeness.

A choice is read only when the whole message is one: "1号楼", "3个人", "1点" and a phone number hold a
digit and choose nothing, and a wrong choice here would book the wrong thing.
"""

import re
import unicodedata

LARGEST = 2**31 - 1  # what PostgreSQL keeps in a column of numbers
LONGEST = 600  # WeChat's own text messages end near 2,048 bytes

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    c: i for i, c in enumerate("〇壹贰叁肆伍陆柒捌玖")
}
_DIGITS |= {"两": 2, "俩": 2, "幺": 1}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_TENS = {"廿": 20, "卅": 30}
_WORDS = "".join(_DIGITS) + "".join(_UNITS) + "".join(_TENS)
_ASCII_NUMBER = re.compile(r"[0-9]{1,12}")


def _one_sign(char: str) -> str:
    """① ❷ ⑶ ⒋ Ⅴ ㈥ as plain digits; everything else as NFKC has it."""
    if char in "½⅓¼¾" or unicodedata.category(char) not in ("No", "Nl") or char == "〇":
        return unicodedata.normalize("NFKC", char)
    value = unicodedata.numeric(char, 0.5)
    return str(int(value)) if value == int(value) and value < 100 else char


def plain(text: str) -> str:
    """The text with full-width letters, digits and number signs as ASCII; capped at 600 characters."""
    text = text[:LONGEST]
    if text.isascii():
        return text
    return "".join(c if c.isascii() or "一" <= c <= "鿿" else _one_sign(c) for c in text.replace("🔟", "10"))


def number_word(text: str) -> int | None:
    """The whole text as a number 0..9999: "23", "二十三", "廿三", "一百零五", "二〇二六"."""
    if _ASCII_NUMBER.fullmatch(text):
        return int(text) if int(text) <= 9999 else None
    if not text or len(text) > 9 or any(c not in _WORDS for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text)) if len(text) <= 4 else None
    return _with_units(text)


def number_in(said: str | None) -> int | None:
    """The number that a form, a link or a code hands on; None when it was left out or is none that a row can have."""
    if said is None or len(said) > len(str(LARGEST)) or not (said.isascii() and said.isdecimal()):
        return None
    return int(said) if int(said) <= LARGEST else None


def _with_units(text: str) -> int | None:
    total, digit, last_unit = 0, None, 10_000
    for char in text:
        if char in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[char]
            continue
        unit, value = (1, _TENS[char]) if char in _TENS else (_UNITS[char], 0)
        if unit >= last_unit or (char in _TENS and digit is not None):
            return None
        total += value or (1 if digit is None else digit) * unit
        digit, last_unit = None, 10 if char in _TENS else unit
    return total + (digit or 0)


_PAIR = re.compile("([二三]?十)?([一两二三四五六七八九])([一二三四五六七八九])")


def two_numbers(words: str) -> tuple[int, int] | None:
    """三四 as (3, 4) and 十五六 as (15, 16): said so, one of the two is meant."""
    match = _PAIR.fullmatch(words)
    if match is None:
        return None
    tens = number_word(match[1]) or 0 if match[1] else 0
    return tens + _DIGITS[match[2]], tens + _DIGITS[match[3]]


# Any Chinese sign, the rare ones of names too. Python reads a range of 20,000 signs one by one whenever it compiles an
# expression, which took a tenth of a second of each start; this is read at once.
HAN = r"[^\W\x00-\x7f]"


def one_of(words: str) -> str:
    """A regular expression for any of the words (parted by spaces), the longest first."""
    return "|".join(sorted(words.split(), key=len, reverse=True))


_OPENING = one_of(
    "嗯嗯 嗯 哦 噢 好的 好吧 好 行 可以 对 是的 是 就是 应该是 那就 那么 那 就 还是 我 你好 您好 在吗"
    " 老师 师傅 同志 麻烦 请 给我 帮我 给 帮 想要 想 要的是 要的 要 选的是 选的 选择 选 挑 定 约 按 回复"
    " 回 发 打 扣 输入 选项 序号 号码 编号 答案 数字 最上面 no"
)
_CLOSING = one_of(
    "吧 呀 啊 哦 哈 呗 嘛 呢 了 咯 喽 嗯 的 好的 谢谢您 谢谢 谢了 就行 就好 就可以 可以 好了 好 行 那个 这个 选项"
)
_COUNTED = "个|号|项|条|种|款|样|家|位"
_SEPARATORS = re.compile(r"[\s,，。、.!！?？~～:：;；…·\"'“”‘’\[\]【】()（）《》<>「」*#_—]+")
_CHOICE = re.compile(
    rf"(?:(?:{_OPENING})\s?)*+"
    rf"(?:(?P<first>头一)个|(?P<ordinal>第)\s?(?P<nth>[0-9]{{1,2}}|[{_WORDS}]{{1,3}})(?:{_COUNTED})?"
    rf"|(?P<bare>[0-9]{{1,2}}|[{_WORDS}]{{1,3}})号?)"
    rf"(?:\s?(?:{_CLOSING}))*+",
    re.IGNORECASE,
)
_SAID_TWICE = re.compile(r"[①-⓿❶-➓㈠-㊿].*[①-⓿❶-➓㈠-㊿]|[0-9]️?⃣.*⃣")
_NOT_ONE_NUMBER = re.compile(r"^\s*[-+][0-9]|[0-9]\s*[%/=+°]|[0-9][\s.,、，()-]+[0-9]")
_DIGIT_AFTER_DIGIT = re.compile(
    r"[一二三四五六七八九]{2,}"
)  # 五一 and 三八 are days of the year, not 51 and 38


def _bare_words(text: str) -> str:
    """Without emoji, keycaps and punctuation, single spaces left where they stood."""
    kept = "".join(
        c for c in text if unicodedata.category(c) not in ("So", "Sk", "Mn", "Me", "Cf", "Cc", "Cs")
    )
    return _SEPARATORS.sub(" ", kept).strip()


def choice_number(text: str) -> int | None:
    """The option (0..99) that the whole message chooses, or None when it says anything else."""
    folded = plain(text[:41])
    if len(folded) > 40 or _NOT_ONE_NUMBER.search(folded) or _SAID_TWICE.search(text):
        return None
    match = _CHOICE.fullmatch(_bare_words(folded))
    if not match:
        return None
    if match["first"]:
        return 1
    word = match["nth"] or match["bare"]
    number = None if _DIGIT_AFTER_DIGIT.fullmatch(word) else number_word(word)
    return number if number is not None and number <= 99 else None
