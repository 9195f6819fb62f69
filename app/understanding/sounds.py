"""How Chinese signs sound. The only place that knows it.

signs.txt has the first reading of 42,000 signs, a line for each sound, taken from pypinyin (MIT; a test compares them).
As a table of numbers it is half a megabyte; pypinyin's own dictionary takes 12 MB of each program, and its 47,000
phrases 41 more. They tell apart what our words hardly hold: of 1,800 phrases in all that the house says and hears, 78
sound otherwise than their signs do one by one. Those that people use stand here.
"""

from __future__ import annotations

import re
from array import array
from functools import cache
from pathlib import Path

SIGNS = Path(__file__).with_name("signs.txt")
BEYOND = 0x34000  # where the signs end
OTHERWISE = """
银行 yin hang   行情 hang qing   行规 hang gui   巷道 hang dao   便宜 pian yi   供给 gong ji   给予 ji yu   乐器 yue qi
音乐 yin yue   协调 xie tiao   调解 tiao jie   调整 tiao zheng   延长 yan chang   时长 shi chang   长期 chang qi
长假 chang jia   了结 liao jie   了不得 liao bu de   受不了 shou bu liao   明了 ming liao   献血 xian xie   出血 chu xie
流血 liu xie   吐血 tu xie   动弹 dong tan   标的 biao di   目的 mu di   的当 di dang   校验 jiao yan   校准 jiao zhun
模板 mu ban   没收 mo shou   淹没 yan mo   着急 zhao ji   着手 zhuo shou   着火 zhao huo   睡着 shui zhao
重阳 chong yang   重新 chong xin   重复 chong fu   重叠 chong die   重庆 chong qing   藏族 zang zu   藏历 zang li
角色 jue se   还书 huan shu   还给 huan gei   都会 du hui   系好 ji hao   系带 ji dai   关卡 guan qia   信差 xin chai
"""


def syllables(words: str) -> list[str]:
    """Without tones; what is not Chinese stays as it is."""
    phrases, sounds = _phrases(), _sounds()
    found: list[str] = []
    for piece in _pieces().findall(words):
        if piece in phrases:
            found += phrases[piece]
        else:
            found.append(sounds.of(piece) or piece)
    return found


@cache
def _phrases() -> dict[str, list[str]]:
    rows = [row.split() for line in OTHERWISE.strip().splitlines() for row in line.split("   ")]
    return {word: sounds for word, *sounds in rows}


@cache
def _pieces() -> re.Pattern[str]:
    """A phrase that sounds otherwise, else one sign, else all up to the next sign."""
    longest_first = sorted(_phrases(), key=len, reverse=True)
    sign = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U00033fff"
    return re.compile(f"{'|'.join(longest_first)}|[{sign}]|[^{sign}]+")


class _Sounds:
    """For each sign the number of its sound; 0 where there is none."""

    def __init__(self, lines: list[str]) -> None:
        self._sounds = [""]
        self._numbers = array("H", bytes(2 * BEYOND))
        for number, line in enumerate(lines, 1):
            sound, signs = line.split()
            self._sounds.append(sound)
            for sign in signs:
                self._numbers[ord(sign)] = number

    def of(self, piece: str) -> str:
        return self._sounds[self._numbers[ord(piece)]] if len(piece) == 1 and piece < chr(BEYOND) else ""


@cache
def _sounds() -> _Sounds:
    return _Sounds(SIGNS.read_text("utf-8").splitlines())
