"""Which matter is asked about, in whatever words: each matter is known by some ways of asking, a question by new ones.

A question is read two signs at a time, as search does (decision 0005), by what is written and by what is heard, so
that a homophone or a lost sign costs little. Two numbers decide: how much of the question the matter's words explain,
and how much of one whole way of asking the question says. Signs that every matter shares (怎么办, 要什么) weigh almost
nothing. Everything is worked out once; a look-up reads only the matters that share something with the question.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from app.understanding.numbers import one_of
from app.understanding.sounds import syllables
from app.understanding.spelling import LONGEST, Guess, Spelling, bare, sound_of_sign, without_manners

# What is asked about a matter, whichever it is.
_FRAMES = re.compile(
    one_of(
        "怎么办理 怎么办 怎么申请 怎么弄 怎么搞 怎么领 怎么 咋办理 咋办 咋弄 咋 如何 要带什么 带什么 带啥"
        " 要什么材料 什么材料 啥材料 要啥手续 什么手续 啥手续 手续 材料 流程 需要 要啥 要什么 什么 啥"
        " 在哪办 在哪里办 去哪办 去哪里办 在哪里 在哪儿 在哪 哪里 哪儿 哪个 去哪 多少钱 多少 多久 多长时间"
        " 几天 条件 请问 想问 问一下 问问 咨询 能不能 可以 可不可以 能 吗 呢 吧 啊 呀 了 的 我想 我要 想"
        " 要 我 我们 我家 家里 你们 社区 有没有 有 没有 办理 申请 办 给 是 去 到 现在 今年 一下 一个 那个"
        " 这个 个 就 还 都 也 在 不 谁 找谁 找 帮我 帮"
    )
)
_FRAME_WEIGHT = 0.12
_HEARD, _APART, _ONE_SIGN = 0.82, 0.55, 0.45
_UNHEARD_OF = (
    0.6  # the weight of a sign that no matter has, as a share of the rarest: stories are full of them
)
_MOST_READ = 40
_QUESTION, _WHOLE = 0.55, 0.45


_Pair: TypeAlias = tuple[str, str, float]


@dataclass(frozen=True, slots=True)
class _Way:
    """How something is asked for: pairs of signs with their weight."""

    pairs: tuple[_Pair, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class _Read:
    """Some words, ready to be compared: pairs of signs with their weight, written and heard."""

    pairs: tuple[_Pair, ...]
    signs: frozenset[str]
    written: frozenset[str]
    heard: frozenset[str]
    weight: float


@dataclass(frozen=True, slots=True)
class _Matter:
    key: str
    ways: tuple[tuple[str, _Way], ...]
    signs: frozenset[str]
    written: frozenset[str]
    heard: frozenset[str]
    apart: frozenset[str]


class Asking:
    """`matters` maps a key to its ways of asking, `synonyms` a street word to ours. Built once, about 50 µs a way; what
    it takes to read letters (dibao) is added when somebody types some."""

    def __init__(
        self, matters: Mapping[str, Collection[str]], synonyms: Mapping[str, str] | None = None
    ) -> None:
        self._synonyms = {bare(word): bare(ours) for word, ours in (synonyms or {}).items()}
        self._street = re.compile(one_of(" ".join(self._synonyms)) or r"(?!)")
        self._known = matters, synonyms
        folded = {key: [self._fold(way) for way in ways] for key, ways in matters.items()}
        self._rarity = _rarity(folded.values())
        self._rarest = max(self._rarity.values(), default=1.0)
        same: dict[_Pair, _Pair] = {}
        self._matters = {
            key: self._matter(key, matters[key], folded_ways, same) for key, folded_ways in folded.items()
        }
        self._sharing = self._index()
        self._exactly = _exact_words(folded)

    @cached_property
    def _spelling(self) -> Spelling:
        return Spelling(*self._known)

    def near(self, text: str, limit: int = 3) -> list[Guess]:
        """Up to `limit` matters that may be meant, the best first."""
        words = self._fold(text[:LONGEST])
        if len(words) < 2 or limit < 1:
            return []
        if any(sign.isascii() and sign.isalpha() for sign in words):
            return self._by_letters(text, words, limit)
        exactly = self._exactly.get(words)
        asked = self._read(words)
        guesses = [self._weigh(matter, asked, exactly) for matter in self._candidates(asked, exactly)]
        return sorted(guesses, key=lambda guess: -guess.score)[:limit]

    def _by_letters(self, text: str, words: str, limit: int) -> list[Guess]:
        """dibao, db; and half-typed words: di保."""
        spelt = text if words.isascii() else "".join(syllables(words))
        found = self._spelling.near(spelt, limit)
        return found if found or words.isascii() else self._spelling.near(text, limit)

    def _fold(self, text: str) -> str:
        words = self._street.sub(lambda m: self._synonyms[m[0]], bare(text))
        return without_manners(words)

    def _read(self, words: str) -> _Read:
        heard = [sound_of_sign(sign) for sign in words]
        light = _light(words)
        if len(words) == 1:
            words, heard, light = words * 2, heard * 2, light * 2
        pairs = []
        for at in range(len(words) - 1):
            pair, sound = words[at : at + 2], heard[at] + heard[at + 1]
            weight = sum(self._weight(words[i], light[i]) for i in (at, at + 1)) / 2
            pairs.append((pair, sound, weight))
        return _Read(
            tuple(pairs),
            frozenset(words),
            frozenset(pair for pair, _, _ in pairs),
            frozenset(sound for _, sound, _ in pairs),
            sum(weight for _, _, weight in pairs) or 1.0,
        )

    def _weight(self, sign: str, is_light: bool) -> float:
        rare = self._rarity.get(sign, self._rarest * _UNHEARD_OF) / self._rarest
        return rare * (_FRAME_WEIGHT if is_light else 1.0)

    def _matter(
        self, key: str, ways: Collection[str], folded: list[str], same: dict[_Pair, _Pair]
    ) -> _Matter:
        """Of a way only its pairs are kept, each pair once for all ways: that is half of the memory."""
        read = [(way, self._read(words)) for way, words in zip(ways, folded, strict=True)]
        kept = [tuple(same.setdefault(pair, pair) for pair in one.pairs) for _, one in read]
        return _Matter(
            key,
            tuple((way, _Way(pairs, one.weight)) for (way, one), pairs in zip(read, kept, strict=True)),
            frozenset().union(*(one.signs for _, one in read)),
            frozenset().union(*(one.written for _, one in read)),
            frozenset().union(*(one.heard for _, one in read)),
            frozenset(a + b for words in folded for a, b in zip(words, words[2:], strict=False)),
        )

    def _index(self) -> dict[str, list[str]]:
        """What is written or heard in two signs → the matters that have it."""
        sharing: dict[str, list[str]] = {}
        for matter in self._matters.values():
            for feature in matter.written | matter.heard | matter.apart | matter.signs:
                sharing.setdefault(feature, []).append(matter.key)
        return sharing

    def _candidates(self, asked: _Read, exactly: str | None) -> Iterable[_Matter]:
        """Those that share most, by a rough count."""
        rough: Counter[str] = Counter()
        for pair, sound, weight in asked.pairs:
            for feature, share in ((pair, 1.0), (sound, 0.8)):
                for key in self._sharing.get(feature, ()):
                    rough[key] += weight * share  # type: ignore[assignment]
        for sign in asked.signs:
            rare = self._rarity.get(sign, 0.0) / self._rarest
            if rare > 0.3:
                for key in self._sharing.get(sign, ()):
                    rough[key] += 0.3 * rare  # type: ignore[assignment]
        if exactly is not None:
            rough[exactly] += 100
        return (self._matters[key] for key, _ in rough.most_common(_MOST_READ))

    def _weigh(self, matter: _Matter, asked: _Read, exactly: str | None) -> Guess:
        explained = _explained(asked, matter.written, matter.heard, matter.apart, matter.signs)
        whole, way = max((self._said(one, asked), way) for way, one in matter.ways)
        score = 100 * (_QUESTION * explained + _WHOLE * whole)
        if matter.key == exactly:
            return Guess(matter.key, way, 100.0)
        return Guess(matter.key, way, round(min(score, 99.0), 1))

    def _said(self, way: _Way, asked: _Read) -> float:
        return _explained(way, asked.written, asked.heard, frozenset(), asked.signs)


def _explained(
    read: _Read | _Way,
    written: frozenset[str],
    heard: frozenset[str],
    apart: frozenset[str],
    signs: frozenset[str],
) -> float:
    """The share of the words' weight that is found in the other, 0 to 1."""
    total = 0.0
    for pair, sound, weight in read.pairs:
        if pair in written:
            total += weight
        elif sound in heard:
            total += weight * _HEARD
        elif pair in apart:
            total += weight * _APART
        else:
            total += weight * _ONE_SIGN * ((pair[0] in signs) + (pair[1] in signs)) / 2
    return total / read.weight


def _exact_words(folded: Mapping[str, list[str]]) -> dict[str, str]:
    """Words to the one matter that they ask for; what two would share asks for neither."""
    owners: dict[str, set[str]] = {}
    for key, ways in folded.items():
        for words in ways:
            owners.setdefault(words, set()).add(key)
    return {words: next(iter(keys)) for words, keys in owners.items() if len(keys) == 1}


def _light(words: str) -> list[bool]:
    """Which signs belong to a frame."""
    light = [False] * len(words)
    for match in _FRAMES.finditer(words):
        light[match.start() : match.end()] = [True] * len(match[0])
    return light if not all(light) else [False] * len(words)


def _rarity(matters: Iterable[list[str]]) -> dict[str, float]:
    """How little each sign is shared among the matters."""
    seen: Counter[str] = Counter()
    count = 0
    for ways in matters:
        count += 1
        seen.update(set("".join(ways)))
    return {sign: math.log((count + 1) / (times + 0.5)) for sign, times in seen.items()}
