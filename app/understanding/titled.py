"""Names beside titles, compared with what the office knows: a leader with somebody else's title is the slip that hurts.

Nothing is guessed about people whom the office does not know, unless a title that belongs to one known person stands
beside another name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.understanding.personal import TITLES
from app.understanding.wide import narrow

SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
    "任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文冶喇祁逯鲍摆冉虎苟晁"
)
# Words that begin like a name.
NO_NAMES = (
    "马上 高兴 高度 方便 方式 方面 安排 安全 于是 时间 全体 明天 成立 任何 白天 万一 文件 文明 常来 常年 易懂 金额"
    " 石油 江边 田间 龙头 段落 史料 余下 叶子 夏天 夏季 周一 周二 周三 周四 周五 周六 周日 周边 周末 何时 何处"
    " 许多 曾经 程序 陈旧 黄色 钱款 汤药 武装 康复 毛毯 贺信 雷雨 高龄 高温 高考"
    " 马路 方可 方能 任务 任职 安装 金融 文化 文艺 白内"
).split()
_LINK = r"[:\s]{0,2}"
_HAN = "[\u4e00-\u9fff]"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """`words` stand in the text; by the office's list it should be `meant` ("" when nobody can say)."""

    start: int
    end: int
    words: str
    meant: str


def mismatches(text: str, known: Sequence[tuple[str, str]]) -> list[Mismatch]:
    """Where a known name has another title beside it, or a known title another name. `known`: (name, title)."""
    text = narrow(text)
    found = [*_wrong_titles(text, known), *_wrong_names(text, known)]
    kept: list[Mismatch] = []
    for one in sorted(found, key=lambda one: (one.start, one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _wrong_titles(text: str, known: Sequence[tuple[str, str]]) -> Iterator[Mismatch]:
    every = _longest_first({*TITLES, *(title for _, title in known)})
    for name in {name for name, _ in known if name in text}:
        theirs = [title for other, title in known if other == name]
        one = re.escape(name)
        for pattern in (rf"{one}{_LINK}(?P<title>{every})", rf"(?P<title>{every}){_LINK}{one}"):
            for match in re.finditer(pattern, text):
                if not any(_same(match["title"], title) for title in theirs):
                    yield Mismatch(*match.span(), match[0], f"{name}:{'、'.join(theirs)}")


def _wrong_names(text: str, known: Sequence[tuple[str, str]]) -> Iterator[Mismatch]:
    """Only titles that say where ("社区党委书记"): there are many plain 书记."""
    for title in {title for _, title in known if title not in TITLES and title in text}:
        holders = [name for name, other in known if other == title]
        for match in re.finditer(rf"{re.escape(title)}{_LINK}(?P<name>{_HAN}{{2,3}})", text):
            name = match["name"]
            if not _is_a_name(name) or any(holder.startswith(name[:2]) for holder in holders):
                continue
            yield Mismatch(*match.span(), match[0], f"{'、'.join(holders)}:{title}")


def _is_a_name(words: str) -> bool:
    return words[0] in SURNAMES and words[:2] not in NO_NAMES


def _same(told: str, title: str) -> bool:
    """A short title of somebody whose title is longer is no mistake: 书记 for 社区党委书记. 副书记 is one."""
    if told == title or told.endswith(title):
        return True
    return title.endswith(told) and not title.removesuffix(told).endswith("副")


def _longest_first(words: set[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
