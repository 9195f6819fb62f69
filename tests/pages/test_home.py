"""The home page, its search, and the switch for letters: no login, nothing that leads out of our house."""

from __future__ import annotations

from datetime import time

import pytest
from sqlalchemy import select

from models import office_hours
from models.confidential import ConfidentialMatter
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor


@pytest.fixture
def home(sqlite_town: Town) -> Visitor:
    sqlite_town.seed("people", "appointments", "notices", "activities")
    return Visitor(sqlite_town).opens("/h5/")


def test_four_cards_a_search_the_telephone_and_todays_hours_without_a_login(home: Visitor) -> None:
    assert home.status == 200
    for words in ("预约服务", "最新通知", "活动报名", "我的预约", "我的信息", "志愿时长"):
        assert home.offers(words), words
    assert 'href="tel:' in home.page
    assert home.page.count('class="card"') == 4
    assert "今天" in home.words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23 10:00", "9:00–12:00、14:30–17:30,现在有人"),
        ("2026-11-23 12:30", "14:30–17:30。下午2点30分开门"),
        ("2026-11-28 10:00", "今天11月28日(星期六),休息 11月30日(星期一)上午9点开门"),
    ],
)
def test_the_hours_of_today_are_those_that_staff_have_set(sqlite_town: Town, moment: str, words: str) -> None:
    hours = [(time(9), time(12)), (time(14, 30), time(17, 30))]
    sqlite_town.writing(lambda s: office_hours.change_week(s, dict.fromkeys(range(5), hours), None))
    with frozen(moment):
        assert words in Visitor(sqlite_town).opens("/h5/").words


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("居住证", "居住证怎么办"),
        ("停水", "东府佳苑后天停水"),
        ("敬老卡", "老年证"),
        ("我要预约", "预约服务"),
        ("看我的预约", "我的预约"),
        ("隐私", "隐私"),
        ("删掉我的信息", "删除信息"),
        ("要带什么", "要带什么"),
    ],
)
def test_the_search_answers_as_a_typed_word_would(home: Visitor, said: str, found: str) -> None:
    assert home.presses("找", q=said).offers(found), home.words


def test_what_only_the_chat_can_do_is_said(home: Visitor) -> None:
    assert "对话里发 人工" in home.presses("找", q="人工").words


def test_nothing_found_offers_the_telephone_and_shows_what_was_typed(home: Visitor) -> None:
    home.presses("找", q="<b>哈哈镜</b>")
    assert "没找到" in home.words
    assert "<b>哈哈镜" not in home.page
    assert home.offers("0971")


@pytest.mark.parametrize("signed_in", [True, False])
def test_words_of_need_get_the_number_to_call_whoever_looks(home: Visitor, signed_in: bool) -> None:
    town = home.town
    visitor = Visitor(town, town.phone("马秀兰")) if signed_in else home
    visitor.opens("/h5/").presses("找", q="不想活了")
    assert "先打电话,有人管" in visitor.words
    assert visitor.offers("打 110")
    with town.site.confidential.reading() as session:
        kept = session.scalars(select(ConfidentialMatter)).all()
        assert len(kept) == signed_in


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"Referer": "https://evil.example/"}],
)
def test_b17_a_link_of_somebody_else_cries_for_help_in_nobodys_name(
    home: Visitor, headers: dict[str, str]
) -> None:
    victim = Visitor(home.town, home.town.phone("马秀兰"))
    victim.opens("/h5/me")
    answer = victim.client.get("/h5/search?q=不想活了", headers=headers)
    assert "先打电话,有人管" in answer.text, "the number to call is said all the same"
    with home.town.site.confidential.reading() as session:
        assert session.scalars(select(ConfidentialMatter)).all() == []


def test_an_empty_search_asks_what_to_look_for(home: Visitor) -> None:
    assert "找什么" in home.presses("找", q=" ").words


def test_the_switch_for_letters_comes_back_to_the_page_it_was_pressed_on(home: Visitor) -> None:
    came_from = {"Referer": "http://localhost/h5/services/1/days?weeks=1"}
    answer = home.client.get("/h5/letters/small", headers=came_from)
    assert answer.location == "/h5/services/1/days?weeks=1"
    assert 'class="small"' in home.opens("/h5/").page


@pytest.mark.parametrize(
    "referer",
    [
        "//evil.example",
        "https://evil.example/h5/services",
        "https:evil.example",
        "http://localhost/\\evil",
        "http://localhost//evil.example",
        "http://localhost/h5/letters/small",
        "http://localhost/console/",
        "http://localhost/h5/?_external=1&_scheme=javascript&_anchor=x",
        "http://localhost/h5/?endpoint=x&values=y&self=z&=w",
        "",
    ],
)
def test_b22_the_switch_leads_nowhere_but_to_pages_of_ours(home: Visitor, referer: str) -> None:
    answer = home.client.get("/h5/letters/big", headers={"Referer": referer})
    assert answer.location.startswith("/h5/")
    assert "evil" not in answer.location
