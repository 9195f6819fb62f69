"""How signs sound: the few words that sound otherwise than their signs do one by one."""

from __future__ import annotations

import pytest

from app.understanding.sounds import OTHERWISE, syllables

ROWS = [row.split() for line in OTHERWISE.strip().splitlines() for row in line.split("   ")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_word_that_stands_in_the_list_sounds_otherwise_than_its_signs(row: list[str]) -> None:
    word, *sounds = row
    assert syllables(f"去{word}") == ["qu", *sounds]
    assert sounds != [syllables(sign)[0] for sign in word]


def test_what_is_not_chinese_stays_and_all_else_is_read_sign_by_sign() -> None:
    assert syllables("B座3号 成长站") == ["B", "zuo", "3", "hao", " ", "cheng", "zhang", "zhan"]
