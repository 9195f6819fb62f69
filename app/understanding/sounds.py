"""How Chinese signs sound. The only place that knows the dictionary.

pypinyin's 47,000 phrases take 41 MB of each program that reads them, and tell apart what our words hardly hold: of
1,800 phrases in all that the house says and hears, 78 sound otherwise than their signs do one by one. Those that
people use stand here; the 12 MB of single signs are loaded when they are first asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")  # its own dictionary, not a second copy of it

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
    return _reader()(words)


@cache
def _reader() -> Callable[[str], list[str]]:
    from pypinyin import lazy_pinyin, load_phrases_dict

    rows = [row.split() for line in OTHERWISE.strip().splitlines() for row in line.split("   ")]
    load_phrases_dict({row[0]: [[sound] for sound in row[1:]] for row in rows})
    return lazy_pinyin
