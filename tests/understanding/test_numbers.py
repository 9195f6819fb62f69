import pytest

from app.understanding.numbers import choice_number, number_in, number_word, plain
from tests.understanding.corpora import rows


@pytest.mark.parametrize("corpus", ["numbers", "numbers_heldout"])
def test_a_choice_is_read_in_99_of_100_ways_to_type_it_and_nothing_else_is_a_choice(corpus: str) -> None:
    asked = [(typed, None if number == "-" else int(number)) for typed, number in rows(corpus)]
    wrong = [
        (typed, number, choice_number(typed)) for typed, number in asked if choice_number(typed) != number
    ]
    rate = 1 - len(wrong) / len(asked)
    print(f"{corpus}: {rate:.1%} of {len(asked)}")
    assert rate >= 0.99, wrong


def test_the_number_corpora_hold_at_least_400_lines() -> None:
    assert sum(1 for name in ("numbers", "numbers_heldout") for _ in rows(name)) >= 400


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("23", 23),
        ("二十三", 23),
        ("廿三", 23),
        ("一百零五", 105),
        ("二〇二六", 2026),
        ("十", 10),
        ("两", 2),
        ("壹", 1),
    ],
)
def test_a_number_word_is_read_in_digits_and_in_chinese(word: str, number: int) -> None:
    assert number_word(word) == number


@pytest.mark.parametrize("word", ["", "十百", "二十十", "12a", "楼", "99999", "一二三四五", "3.5"])
def test_what_is_no_whole_number_is_none(word: str) -> None:
    assert number_word(word) is None


def test_full_width_signs_become_plain_ones_and_chinese_stays() -> None:
    assert plain("１２：３０，第③个ＡＢ") == "12:30,第3个AB"


@pytest.mark.parametrize("said", [None, "", "²", "１", "-1", "1.0", " 1", "2147483648", "9" * 30, "9" * 5000])
def test_what_no_row_can_have_is_no_number(said: str | None) -> None:
    assert number_in(said) is None


@pytest.mark.parametrize(("said", "number"), [("0", 0), ("007", 7), ("2147483647", 2**31 - 1)])
def test_a_number_that_a_form_hands_on_is_read(said: str, number: int) -> None:
    assert number_in(said) == number
