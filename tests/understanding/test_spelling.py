import time

import pytest

from app.understanding.spelling import Spelling
from tests.understanding.corpora import rows, table


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    synonyms = {word: str(ours) for word, ours in table("synonyms").items()}
    return Spelling(table("phrasings"), synonyms)


@pytest.mark.parametrize("corpus", ["typos", "typos_heldout", "typos_second"])
def test_nine_of_ten_typos_have_the_right_word_among_the_first_three(spelling: Spelling, corpus: str) -> None:
    asked = list(rows(corpus))
    missed = [(t, k, spelling.near(t)) for t, k in asked if k not in [g.key for g in spelling.near(t)]]
    first = sum(1 for typed, key in asked if [g.key for g in spelling.near(typed)][:1] == [key])
    print(
        f"{corpus}: {1 - len(missed) / len(asked):.1%} of {len(asked)} in three, {first / len(asked):.1%} first"
    )
    assert len(missed) <= 0.1 * len(asked), missed


@pytest.mark.parametrize("corpus", ["typos", "typos_heldout", "typos_second"])
def test_an_exact_answer_is_never_another_word(spelling: Spelling, corpus: str) -> None:
    assert [t for t, key in rows(corpus) if spelling.exact(t) not in (None, key)] == []


def test_every_phrase_reaches_its_own_key(spelling: Spelling) -> None:
    for key, phrases in table("phrasings").items():
        assert {spelling.exact(phrase) for phrase in phrases} == {key}


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("我想约个水电工上门", "预约"),
        ("取消明天的预约", "取消预约"),
        ("把后天上午的预约取消", "取消预约"),
        ("我的心愿有人认领没", "我的心愿"),
        ("yuyue", "预约"),
        ("yy", "预约"),
        ("志原者", "志愿者"),
        ("居住正", "居住证"),
        ("许一个心院", "心愿"),
        ("尕娃上户口", "户口"),
    ],
)
def test_words_near_each_other_are_not_misrouted(spelling: Spelling, typed: str, key: str) -> None:
    assert spelling.near(typed)[0].key == key


def test_words_that_belong_to_no_card_are_not_guessed(spelling: Spelling) -> None:
    for _, typed in rows("words_unclear"):
        assert spelling.exact(typed) is None, typed
        assert spelling.near(typed) == [], typed


def test_one_sign_is_never_guessed(spelling: Spelling) -> None:
    assert spelling.near("约") == []


def test_no_more_guesses_than_asked_for_and_each_key_once(spelling: Spelling) -> None:
    guesses = spelling.near("取消预约", limit=2)
    assert len(guesses) == len({guess.key for guess in guesses}) == 2
    assert guesses[0].score >= guesses[1].score


def test_a_phrase_that_two_keys_share_decides_nothing() -> None:
    shared = Spelling({"低保": ["补助"], "残疾证": ["补助"]})
    assert shared.exact("补助") is None
    assert {guess.key for guess in shared.near("补助")} == {"低保", "残疾证"}


def test_no_words_known_means_nothing_found() -> None:
    assert Spelling({}).near("预约") == []
    assert Spelling({"空": [""]}).near("预约") == []


def test_a_look_up_among_2000_phrases_takes_under_20_ms() -> None:
    catalogue = table("phrasings")
    many = {
        f"{key}{i}": [phrase + "甲乙丙丁"[i] for phrase in p]
        for i in range(4)
        for key, p in catalogue.items()
    }
    spelling = Spelling(many)
    typed = [typed for typed, _ in rows("typos")][:60]
    begun = time.process_time()
    for words in typed:
        spelling.near(words)
    took = (time.process_time() - begun) / len(typed)
    print(f"{sum(map(len, many.values()))} phrases: {took * 1000:.1f} ms a look-up")
    assert took < 0.02
