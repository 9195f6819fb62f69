"""办事卡 on the phone page and for the mini-program: nobody signs in, everything works without JavaScript."""

from __future__ import annotations

import pytest

from tests.api.minis import V1
from tests.guides.test_chat import card_of, retired
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor


@pytest.fixture
def stranger(guided: Town) -> Visitor:
    return Visitor(guided)


def test_a_stranger_finds_a_card_by_topic_and_ticks_what_to_bring(guided: Town, stranger: Visitor) -> None:
    stranger.opens("/h5/guides")
    stranger.taps("民政救助")
    stranger.taps("低保")
    for words in ("能不能办", "要带什么", "户口本", "样例内容,请以窗口为准", "下次核对"):
        assert words in stranger.words
    assert 'type="checkbox"' in stranger.page
    assert "data-print" in stranger.page


def test_words_are_searched_as_in_the_chat(stranger: Visitor) -> None:
    stranger.opens("/h5/guides?q=八十岁老人的钱")
    assert "高龄补贴" in stranger.words
    stranger.opens("/h5/guides?q=呱唧呱唧")
    assert "没找到" in stranger.words
    stranger.opens("/h5/search?q=老年优待证")
    assert "老年证" in stranger.words


def test_words_of_need_get_the_number_to_call(stranger: Visitor) -> None:
    stranger.opens("/h5/guides?q=我不想活了")
    assert "12356" in stranger.words or "110" in stranger.words or "120" in stranger.words


def test_an_overdue_card_and_a_retired_one_say_so(guided: Town, stranger: Visitor) -> None:
    number = card_of(guided, "dibao").id
    with frozen("2027-08-02 10:00"):
        stranger.opens(f"/h5/guides/{number}")
        assert "这张卡要核对了,先打电话问" in stranger.words
        assert "户口本" not in stranger.words
    retired(guided, "dibao")
    stranger.opens(f"/h5/guides/{number}")
    assert "收起来了" in stranger.words
    assert "户口本" not in stranger.words


def test_the_mini_program_reads_the_same_without_a_login(guided: Town) -> None:
    number = card_of(guided, "dibao").id
    found = guided.client.get(f"{V1}/guides?q=低保要带啥").json
    assert found["items"][0] == {
        "id": number,
        "title": "低保",
        "topic": "民政救助",
        "terms": "低保就是最低生活保障",
        "sample": True,
    }
    whole = guided.client.get(f"{V1}/guides/{number}").json
    assert "户口本" in whole["bring"]
    first = guided.client.get(f"{V1}/guides?topic=老人&limit=5").json
    assert len(first["items"]) == 5
    assert guided.client.get(f"{V1}/guides?cursor={first['next']}&topic=老人").json["items"]
    retired(guided, "dibao")
    assert guided.client.get(f"{V1}/guides/{number}").status_code == 404
    assert guided.client.get(f"{V1}/guides/999999").status_code == 404


def test_an_overdue_card_tells_the_mini_program_only_whom_to_call(guided: Town) -> None:
    number = card_of(guided, "dibao").id
    with frozen("2027-08-02 10:00"):
        whole = guided.client.get(f"{V1}/guides/{number}").json
    assert whole["overdue"] is True
    assert (whole["bring"], whole["who"]) == ([], "")
