"""The twenty programmes, and which words reach which of them."""

import pytest

from handlers.programmes.rows import ROWS
from models.programmes import all_programmes, programme_in_words, programmes
from tests.neighbours import Town

NAMES = [name for row in ROWS for name in (row["name"], *row["aliases"])]


@pytest.fixture
def town(sqlite_town: Town) -> Town:
    sqlite_town.seed("programmes")
    return sqlite_town


def test_there_are_fourteen_flowers_and_six_works_of_governance() -> None:
    assert sorted(row["flower"] for row in ROWS if row["flower"]) == list(range(1, 15))
    assert len(ROWS) == 20


def test_no_name_or_alias_belongs_to_two_programmes() -> None:
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["code"])
def test_every_sentence_is_one_short_plain_sentence(row: dict[str, str]) -> None:
    assert len(row["sentence"]) <= 40
    assert row["sentence"].count("。") == 1
    assert row["sentence"].endswith("。")


def test_installing_again_adds_nothing_and_keeps_what_staff_changed(town: Town) -> None:
    def change(session) -> None:  # type: ignore[no-untyped-def]
        session.scalars(programmes()).first().sentence = "改过的话。"

    town.writing(change)
    town.seed("programmes")
    with town.reading() as session:
        assert len(session.scalars(all_programmes()).all()) == 20
        assert session.scalars(programmes()).first().sentence == "改过的话。"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("幸福心愿站", "wish"),
        ("四点半", "growth"),
        ("四点半课堂几点开始", "growth"),
        ("我想去图书室借书", "culture"),
        ("幸福吧", "hall"),
        ("河道垃圾谁来管", "river"),
        ("戒毒", "recovery"),
        ("哪里能戒毒", "recovery"),
        ("今天吃什么", None),
        ("我住在这里很久了,听说以前有个图书室,现在还开不开门呢", None),
    ],
)
def test_a_programme_is_found_by_its_name_or_by_a_name_in_a_short_question(
    town: Town, text: str, code: str | None
) -> None:
    with town.reading() as session:
        found = programme_in_words(session, text)
        assert (found.code if found else None) == code


def test_what_would_label_a_reader_is_in_no_list(town: Town) -> None:
    with town.reading() as session:
        assert "recovery" not in [programme.code for programme in session.scalars(programmes())]
