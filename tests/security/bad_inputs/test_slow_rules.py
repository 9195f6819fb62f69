"""No text is slow to read (B31): not by any regular expression of the house and by no reader of words, of which a new one
is found and held as well. What is counted is processor time; a reader hears at most 600 signs.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from app import clock, understanding
from app.conversation import LONGEST_TEXT
from app.understanding.spelling import Spelling
from tests.fuzz.reading_target import READERS
from tests.fuzz.words import EVERYDAY, HOSTILE
from tests.security.bad_inputs.rules import busy_texts, nested, rules, tree_of

SOON = 0.020  # seconds of processor time
ALL = rules()


def took(work: Callable[[], object], limit: float = SOON) -> float:
    """The least of a few tries: others use the processor's caches too."""
    least = float("inf")
    for _ in range(4):
        started = time.process_time()
        work()
        least = min(least, time.process_time() - started)
        if least < limit:
            break
    return least


def test_b31_all_rules_are_found() -> None:
    assert len(ALL) > 150


@pytest.mark.parametrize("part", range(8))
def test_b31_no_rule_repeats_within_a_repeat_and_its_own_texts_are_read_in_no_time(part: int) -> None:
    """The first rules out time that explodes with the length; the second, at the longest text, any steep power of it."""
    for words in sorted(ALL)[part::8]:
        rule = ALL[words]
        assert not nested(tree_of(rule)), f"something without end within something without end: {words}"
        for text in busy_texts(rule, LONGEST_TEXT):
            for ask in (rule.search, rule.fullmatch, lambda said, rule=rule: rule.sub("", said)):
                assert took(lambda ask=ask, text=text: ask(text)) < SOON, (words, text[:80])  # type: ignore[misc]


def test_b31_a_rule_that_explodes_would_be_seen() -> None:
    assert nested(tree_of(re.compile("(?:一+)+二")))
    assert nested(tree_of(re.compile("(?:(?:好|好的)*啊?)*$")))
    assert not nested(tree_of(re.compile("(?:一{1,4}二)*+三")))
    steep = re.compile("一*一*一*一*二")
    assert any(took(lambda text=text: steep.search(text)) > SOON for text in busy_texts(steep, 120))  # type: ignore[misc]


# ---- readers --------------------------------------------------------------------------------------------------------


def functions() -> Iterator[tuple[str, Callable[[str], object]]]:
    """Every function of app.understanding that takes one text (and, some, the time)."""
    for found in pkgutil.walk_packages(understanding.__path__, "app.understanding."):
        for name, one in vars(import_module(found.name)).items():
            if inspect.isfunction(one) and one.__module__ == found.name and not name.startswith("_"):
                wanted = list(inspect.signature(one).parameters.values())
                kinds = [str(each.annotation) for each in wanted if each.default is inspect.Parameter.empty]
                if kinds == ["str"]:
                    yield f"{found.name}.{name}", one
                elif kinds in (["str", "datetime"], ["str", "date"]):
                    now = clock.now() if kinds[1] == "datetime" else clock.today()
                    yield f"{found.name}.{name}", lambda text, one=one, now=now: one(text, now)


def texts(length: int) -> Iterator[str]:
    """Of this length: every word of everyday life and of rascals over and over, alone and with its neighbour."""
    words = [word for word in (*EVERYDAY, *HOSTILE) if word]
    for one, two in zip(words, [*words[1:], words[0]], strict=True):
        yield (one * length)[:length]
        yield ((one[:30] + two[:30]) * length)[:length]


READ = {**dict(functions()), **READERS}


@pytest.mark.parametrize("name", sorted(READ))
def test_b31_no_reader_of_words_is_slow_at_any_text(name: str) -> None:
    read = READ[name]
    for text in texts(LONGEST_TEXT):
        assert took(lambda text=text: _read(read, text)) < SOON, text[:60]  # type: ignore[misc]


def _read(read: Callable[[str], object], text: str) -> None:
    try:
        read(text)
    except ValueError:
        return  # it says so that it is nothing of this kind


def test_b31_slips_and_sounds_cost_no_more_with_the_length() -> None:
    """What is near a chat word is searched by edits and by pinyin: among many words, for a text of any length."""
    spelling = Spelling({f"{one}{two}": (one, two) for one in EVERYDAY for two in EVERYDAY[:12]})
    for text in texts(LONGEST_TEXT):
        assert took(lambda text=text: (spelling.exact(text), spelling.near(text))) < SOON, text[:60]  # type: ignore[misc]
