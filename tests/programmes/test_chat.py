"""Programmes as residents meet them: by name, by a part of it, or from a list."""

import re

import pytest

from models.programmes import programmes
from tests.neighbours import Phone, Town


@pytest.fixture
def phone(sqlite_town: Town) -> Phone:
    sqlite_town.seed("people", "programmes")
    return sqlite_town.phone("路人")


def test_every_listed_programme_says_what_it_is_and_offers_only_digits_that_lead_somewhere(
    sqlite_town: Town, phone: Phone
) -> None:
    with sqlite_town.reading() as session:
        rows = [(row.name, row.sentence) for row in session.scalars(programmes())]
    for name, sentence in rows:
        heard = phone.says(name)
        assert sentence in heard
        assert len(heard) <= 300
        for digit in re.findall(r"^(\d) ", heard, re.MULTILINE):
            phone.says(name)
            assert "没看懂" not in phone.says(digit)
            phone.says("取消", "1")


def test_what_comes_later_says_so(phone: Phone) -> None:
    assert "以后开通" in phone.says("四点半")
    assert "以后开通" in phone.says("幸福课堂")


@pytest.mark.parametrize("text", ["戒毒", "戒毒康复工作站", "社区康复怎么办"])
def test_a_protected_programme_is_answered_in_neutral_words(phone: Phone, text: str) -> None:
    heard = phone.says(text)
    assert "0971-8170000" in heard
    assert not re.search("戒|毒|康复", heard)


def test_the_list_pages_through_all_that_may_be_listed(phone: Phone) -> None:
    pages = [phone.says("项目"), *(phone.says("更多") for _ in range(3))]
    names = re.findall(r"^\d (.+)$", "\n".join(pages), re.MULTILINE)
    assert len(names) == 19
    assert not re.search("戒|毒|康复", "".join(pages))
    assert "各民族邻居" in phone.says("民族团结")


def test_a_programme_named_in_the_middle_of_a_talk_is_answered_and_the_talk_waits(phone: Phone) -> None:
    phone.says("登记")
    assert "说出小心愿" in phone.says("幸福心愿站")
    assert "您同意吗" in phone.says("接着")


def test_the_menu_line_of_this_feature_answers_a_tap(phone: Phone) -> None:
    assert "0971-8170000" in phone.clicks("幸福课堂")
