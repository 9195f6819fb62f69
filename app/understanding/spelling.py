"""From the words typed to the words known: politeness taken off, then typos, homophones and pinyin.

Ordered rules judge first: the same words, then the same sounds, then a known phrase heard whole and in order
(取消…预约 before 预约). Likeness by distance only ranks what the rules leave: alone it sends 我想约个水电工上门
to 心愿. Everything about the known phrases is worked out once, so a look-up stays far below 20 ms with 2,000 of them.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import LCSseq

from app.understanding.numbers import one_of, plain
from app.understanding.sounds import syllables

LONGEST = 40  # a request; what is longer is a story for a person
LOWEST = 62.0  # below it, a guess is only noise
HEARD_WHOLE, PER_SYLLABLE, WRITTEN_SO = 60.0, 6.0, 3.0

_SIGNS = re.compile(r"[^\w一-鿿]+|_")
_OPENINGS = one_of(
    "请问一下 请问 请 您好 你好 麻烦您 麻烦你 麻烦 帮我 给我 我想要 我想 我要 想要 想 我来 能不能 能 可不可以"
)
_POLITE = re.compile(rf"^(?:{_OPENINGS})+")

_PARTICLES = re.compile(
    rf"(?:{one_of('吧 呢 吗 嘛 啊 呀 啦 哦 哈 了 行吗 可以吗 好吗 谢谢 谢了 怎么弄 一下 一下子 的')})+$"
)
_FILLERS = re.compile(r"一下子?|一个|那个|这个|[个的了把下]")
_DAYS = re.compile(
    r"大?[今明后][天早晚日]|上午|下午|(?:下|这|本)?个?(?:周|星期|礼拜)[一二三四五六日天]|[0-9]+[号日点月]"
)
_AS_SPOKEN = str.maketrans("0123456789囗", "零一二三四五六七八九口")
# Sounds that neighbours do not keep apart: 志/自, 难/蓝, 心/星.
_ALIKE = ((re.compile(r"^([zcs])h"), r"\1"), (re.compile(r"^l"), "n"), (re.compile(r"ng$"), "n"))


@dataclass(frozen=True, slots=True)
class Guess:
    """A key that may be meant, by which of its phrases, and how near (0..100)."""

    key: str
    phrase: str
    score: float


@dataclass(frozen=True, slots=True)
class _Known:
    key: str
    phrase: str
    words: str
    latin: str
    initials: str


@lru_cache(maxsize=4096)
def _sound_sign(syllable: str) -> str:
    """One sign for a syllable, so that sounds compare as fast as letters do."""
    for pattern, alike in _ALIKE:
        syllable = pattern.sub(alike, syllable)
    return chr(0x10000 + sum(ord(c) * 131**i for i, c in enumerate(syllable)) % 0xFFFFF)


def _syllables(words: str) -> list[str]:
    return syllables(words.translate(_AS_SPOKEN))


def _sounds(words: str) -> str:
    return "".join(map(_sound_sign, _syllables(words)))


@lru_cache(maxsize=8192)
def sound_of_sign(sign: str) -> str:
    """Of one sign by itself, whatever stands beside it: fast, and the same for what is known and what is typed."""
    return _sounds(sign) or sign


def bare(text: str) -> str:
    return _SIGNS.sub("", plain(text)).lower()


def without_manners(words: str) -> str:
    return _PARTICLES.sub("", _POLITE.sub("", words)) or words


def _core(words: str) -> str:
    return _FILLERS.sub("", without_manners(words)) or words


class Spelling:
    """All known words, ready to be searched: `entries` maps a key to its phrases, `synonyms` a street word to ours.

    Built once; building costs about 30 µs a phrase, so it belongs at start-up and after staff change the words.
    """

    def __init__(
        self, entries: Mapping[str, Collection[str]], synonyms: Mapping[str, str] | None = None
    ) -> None:
        self._synonyms = {bare(word): bare(ours) for word, ours in (synonyms or {}).items()}
        self._street = re.compile(one_of(" ".join(self._synonyms)) or r"(?!)")
        self._known = [self._one(key, phrase) for key, phrases in entries.items() for phrase in phrases]
        self._levels = tuple(self._index(form) for form in (str, without_manners, _core))
        self._words = [known.words for known in self._known]
        self._sounds = [_sounds(known.words) for known in self._known]
        self._latins = [known.latin for known in self._known]

    def _fold(self, text: str) -> str:
        return self._street.sub(lambda m: self._synonyms[m[0]], bare(text))

    def _one(self, key: str, phrase: str) -> _Known:
        words = self._fold(phrase)
        syllables = _syllables(words)
        return _Known(key, phrase, words, "".join(syllables), "".join(s[0] for s in syllables))

    def _index(self, form: Callable[[str], str]) -> dict[str, _Known | None]:
        """Phrase to what it stands for; None where two keys would share it."""
        index: dict[str, _Known | None] = {}
        for known in self._known:
            other = index.setdefault(form(known.words), known)
            if other is not None and other.key != known.key:
                index[form(known.words)] = None
        return index

    def exact(self, text: str) -> str | None:
        """The key whose phrase the text is, once signs, politeness and fillers are taken off."""
        known = self._exactly(text)
        return known.key if known else None

    def _exactly(self, text: str) -> _Known | None:
        words = self._fold(text[:LONGEST])
        forms = (words, without_manners(words), _core(words))
        hits = (level.get(form) for level, form in zip(self._levels, forms, strict=True) if form)
        return next((known for known in hits if known), None)

    def near(self, text: str, limit: int = 3) -> list[Guess]:
        """Up to `limit` keys that may be meant, best first; nothing for a single sign."""
        words = self._fold(text[:LONGEST])
        if len(words) < 2 or limit < 1:
            return []
        exactly = self._exactly(text)
        first = [Guess(exactly.key, exactly.phrase, 100.0)] if exactly else []
        rest = self._by_letters(words) if words.isascii() else self._by_sound(words)
        return _best_of_each_key([*first, *rest])[:limit]

    def _by_letters(self, typed: str) -> list[Guess]:
        """yuyue, yy; a beginning (huodong) or a slip of a letter counts for less."""
        guesses = [Guess(k.key, k.phrase, 95.0) for k in self._known if typed in (k.latin, k.initials)]
        guesses += [
            Guess(k.key, k.phrase, 80.0)
            for k in self._known
            if len(typed) > 3 and k.latin.startswith(typed) and k.latin != typed
        ]
        if not guesses and len(typed) > 3 and typed.isalpha():
            close = process.extract(typed, self._latins, scorer=fuzz.ratio, score_cutoff=75, limit=20)
            guesses = [Guess(self._known[i].key, self._known[i].phrase, score - 5) for _, score, i in close]
        return guesses

    def _by_sound(self, words: str) -> list[Guess]:
        forms = dict.fromkeys((words, without_manners(words), _core(_DAYS.sub("", words))))
        return [guess for form in forms if len(form) > 1 for guess in self._like(form)]

    def _like(self, words: str) -> Iterable[Guess]:
        sounds = _sounds(words)
        for _, ratio, i in process.extract(
            sounds, self._sounds, scorer=fuzz.ratio, score_cutoff=45, limit=None
        ):
            score = 0.6 * ratio + 0.4 * fuzz.ratio(words, self._words[i])
            if score >= LOWEST:
                yield self._guess(i, score)
        for _, heard, i in process.extract(
            sounds, self._sounds, scorer=LCSseq.similarity, score_cutoff=2, limit=None
        ):
            if heard == len(self._sounds[i]) and _together(self._sounds[i], sounds):
                written = WRITTEN_SO if self._words[i] in words else 0.0
                yield self._guess(i, HEARD_WHOLE + PER_SYLLABLE * min(heard, 5) + written)

    def _guess(self, at: int, score: float) -> Guess:
        return Guess(self._known[at].key, self._known[at].phrase, round(min(score, 99.0), 1))


def _together(phrase: str, text: str) -> bool:
    """Whether the phrase is heard in order without too much between: 取消 明天的 预约."""
    start = text.find(phrase[0])
    at = start
    for sign in phrase[1:]:
        at = text.find(sign, at + 1)
        if at < 0:
            return False
    return at - start < 3 * len(phrase)


def _best_of_each_key(guesses: Iterable[Guess]) -> list[Guess]:
    best: dict[str, Guess] = {}
    for guess in guesses:
        if guess.key not in best or guess.score > best[guess.key].score:
            best[guess.key] = guess
    return sorted(best.values(), key=lambda guess: -guess.score)
