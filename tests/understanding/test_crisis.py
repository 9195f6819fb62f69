import pytest

from app.understanding.crisis import crisis_in
from tests.understanding.corpora import rows, table

CORPORA = ["crisis", "crisis_heldout", "crisis_second", "crisis_third", "crisis_fourth", "crisis_fifth"]


@pytest.mark.parametrize("corpus", CORPORA)
def test_97_of_100_cries_are_heard_and_named_rightly(corpus: str) -> None:
    cries = [(typed, kind) for typed, kind in rows(corpus) if kind not in ("-", "?")]
    unheard = [typed for typed, _ in cries if crisis_in(typed) is None]
    misnamed = [(typed, kind) for typed, kind in cries if (heard := crisis_in(typed)) and heard.kind != kind]
    print(f"{corpus}: {1 - len(unheard) / len(cries):.1%} of {len(cries)} heard, {len(misnamed)} misnamed")
    assert len(unheard) <= 0.03 * len(cries), unheard
    assert len(misnamed) <= 0.03 * len(cries), misnamed


@pytest.mark.parametrize("corpus", CORPORA)
def test_at_most_one_of_100_everyday_phrases_is_taken_for_a_cry(corpus: str) -> None:
    everyday = [typed for typed, kind in rows(corpus) if kind == "-"]
    alarmed = [(typed, crisis_in(typed)) for typed in everyday if crisis_in(typed)]
    print(f"{corpus}: {len(alarmed) / len(everyday):.1%} of {len(everyday)} taken for a cry")
    assert len(alarmed) <= 0.01 * len(everyday), alarmed


def test_the_crisis_corpora_hold_at_least_150_phrases() -> None:
    assert sum(1 for name in CORPORA for _ in rows(name)) >= 150


def test_no_word_for_a_service_is_taken_for_a_cry() -> None:
    assert [p for phrases in table("phrasings").values() for p in phrases if crisis_in(p)] == []


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("急死了,孩子不见了", "missing_person"),
        ("气死了想自杀", "suicide"),
        ("消防通道着火了", "fire_gas"),
        ("老人走丢了手机打不通", "missing_person"),
    ],
)
def test_everyday_words_beside_a_cry_do_not_hide_it(typed: str, kind: str) -> None:
    heard = crisis_in(typed)
    assert heard is not None
    assert heard.kind == kind


def test_signs_and_spaces_inside_a_cry_do_not_hide_it() -> None:
    heard = crisis_in("我 不，想 活 了。。。")
    assert heard is not None
    assert heard.kind == "suicide"


def test_a_rare_sign_in_the_name_of_a_place_does_not_hide_a_cry() -> None:
    heard = crisis_in("孩子在𡎚边被人打了")
    assert heard is not None
    assert heard.kind == "minor"
