"""What may be kept of a sentence, and what may be shown of it."""

from __future__ import annotations

import pytest

from handlers.wishes import actions
from handlers.wishes.sentences import draft_for, public_in
from models.wishes import Wish
from tests.neighbours import Phone, Town
from tests.wishes.conftest import STICK, acts, refused, said, state


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("马秀兰想要一根拐杖", "姓名"),
        ("马 秀 兰想要一根拐杖", "姓名"),
        ("想要拐杖,电话139 0000 0001", "电话"),
        ("想要拐杖,电话0971-8170001", "电话"),
        ("想要拐杖,送到3号楼2单元", "门牌"),
        ("想要拐杖,11010519491231002X", "证件号"),
    ],
)
def test_words_that_show_somebody_are_not_published(
    sqlite_town: Town, ma: Phone, words: str, what: str
) -> None:
    wish = said(sqlite_town, ma)
    sqlite_town.writing(lambda s: setattr(ma.actor(s).me, "name", "马秀兰"))
    with refused("shows_person") as why:
        acts(sqlite_town, None, actions.review, (Wish, wish), words)
    assert what in (why.value.facts["what"], "证件号")
    assert state(sqlite_town, wish) == "said"


def test_the_draft_for_the_staff_covers_numbers_names_and_doors(sqlite_town: Town, ma: Phone) -> None:
    sqlite_town.writing(lambda s: setattr(ma.actor(s).me, "name", "马秀兰"))
    wish = said(sqlite_town, ma, "我叫马芳,马秀兰想要拐杖,电话13900000001或8170001,住3号楼2单元")
    with sqlite_town.reading() as session:
        draft = draft_for(session.get_one(Wish, wish))
    assert draft == "一位邻居想要拐杖,电话139****0001或****0001"


def test_invisible_signs_and_lines_are_taken_out(sqlite_town: Town, ma: Phone) -> None:
    wish = said(sqlite_town, ma, "想要\u202e一根\u200b\n拐杖\x00")
    with sqlite_town.reading() as session:
        assert session.get_one(Wish, wish).text == "想要一根 拐杖"


@pytest.mark.parametrize(("text", "code"), [("拐杖", "too_short"), ("长" * 101, "too_long")])
def test_a_wish_is_a_sentence(sqlite_town: Town, ma: Phone, text: str, code: str) -> None:
    with refused(code):
        said(sqlite_town, ma, text)


def test_an_unknown_category_is_refused(sqlite_town: Town, ma: Phone) -> None:
    wish = said(sqlite_town, ma)
    with refused("no_such_category"):
        acts(sqlite_town, None, actions.review, (Wish, wish), STICK, category="别的")


def test_a_name_that_only_the_wish_told_is_not_published_either() -> None:
    wish = Wish(text="我叫陈玉兰,想要一把轮椅")
    assert "陈玉兰" not in draft_for(wish)
    with refused("shows_person"):
        public_in("陈玉兰想要一把轮椅", wish)


def test_who_gives_a_name_with_the_address_is_covered_with_the_whole_door() -> None:
    wish = Wish(text="我是韩玉梅,住3号楼2单元501,想要一辆旧轮椅")
    assert draft_for(wish) == "我是一位邻居,想要一辆旧轮椅"
    with refused("shows_person"):
        public_in("韩玉梅想要一辆旧轮椅", wish)
    assert draft_for(Wish(text="我是低保户,住得远,想要50元的米")) == "我是低保户,住得远,想要50元的米"
