"""How signs sound: the few words that sound otherwise than their signs do one by one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.understanding.sounds import OTHERWISE, syllables
from tests.servers import PROJECT

ROWS = [row.split() for line in OTHERWISE.strip().splitlines() for row in line.split("   ")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_word_that_stands_in_the_list_sounds_otherwise_than_its_signs(row: list[str]) -> None:
    word, *sounds = row
    assert syllables(f"去{word}") == ["qu", *sounds]
    assert sounds != [syllables(sign)[0] for sign in word]


def test_what_is_not_chinese_stays_and_all_else_is_read_sign_by_sign() -> None:
    assert syllables("B座3号 成长站") == ["B", "zuo", "3", "hao", " ", "cheng", "zhang", "zhan"]


def test_signs_sound_as_the_dictionary_says_from_which_they_were_taken() -> None:
    """pypinyin with our own phrases instead of its own; in a process of its own, because it is large."""
    asked = subprocess.run(
        [sys.executable, "-c", COMPARED], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert asked.stdout.split() == ["41923", "0"]


COMPARED = """
import os, random
os.environ["PYPINYIN_NO_PHRASES"] = "true"
from pypinyin import lazy_pinyin, load_phrases_dict
from pypinyin.pinyin_dict import pinyin_dict
from app.understanding.sounds import OTHERWISE, syllables
rows = [row.split() for line in OTHERWISE.strip().splitlines() for row in line.split("   ")]
load_phrases_dict({row[0]: [[sound] for sound in row[1:]] for row in rows})
signs, dice = [chr(number) for number in pinyin_dict], random.Random(1)
pieces = [row[0] for row in rows] + dice.sample(signs, 500) + ["B12", " ", ",", "3-1", "ab c", "🙂", "é", "は"]
texts = signs + ["".join(dice.choices(pieces, k=6)) for _ in range(5000)]
print(len(signs), sum(syllables(text) != lazy_pinyin(text) for text in texts))
"""
