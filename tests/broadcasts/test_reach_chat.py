"""收到 in chat, a notice read from the list, and a word beside another answer to whoever missed one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.broadcasts import Broadcast
from models.topics import TopicChoice
from tests.broadcasts import sent
from tests.broadcasts.sent import TITLE
from tests.neighbours import Phone, Town, frozen
from tests.staff.clerks import audited

ASIDE = f"另外,有一条通知您可能没看到:《{TITLE}》"


@pytest.fixture
def thursday() -> Iterator[Any]:
    with frozen("2026-11-26 10:00") as moved:
        yield moved


@pytest.fixture
def ma(sqlite_town: Town, thursday: Any) -> Phone:
    return sqlite_town.phone("马秀兰")


def got(ma: Phone, standing: str = "submitted", **more: Any) -> int:
    """Somebody of the audience of a broadcast; their row."""
    number = sent.broadcast(ma.town, **more)
    return sent.to(ma.town, number, sent.person_of(ma.town, "马秀兰"), standing)


@pytest.mark.parametrize("words", ["收到", "收到。", "已收到", "知道了", "好的", "收到了"])
def test_a_word_after_the_message_is_a_receipt(ma: Phone, thursday: Any, words: str) -> None:
    row = got(ma)
    thursday.shift(3600)
    assert ma.says(words) == f"谢谢,记下了:《{TITLE}》您看过了。有不明白的,回复“人工”。"
    assert sent.recipient(ma.town, row).read_how == "word"
    assert "记下了" not in ma.says(words), "a second one is small talk again"
    with ma.town.reading() as session:
        assert len(audited(session, "broadcasts.read")) == 1


def test_a_stranger_and_a_late_word_give_no_receipt(ma: Phone, thursday: Any) -> None:
    row = got(ma)
    assert "记下了" not in ma.town.phone("王德福").says("收到")
    thursday.shift(8 * 86_400)
    assert "记下了" not in ma.says("收到")
    assert sent.recipient(ma.town, row).read_at is None


def test_an_everyday_word_counts_only_as_the_first_since_the_message(ma: Phone, thursday: Any) -> None:
    row = got(ma)
    thursday.shift(60)
    ma.says("社区电话")
    thursday.shift(60)
    assert "记下了" not in ma.says("好的")
    assert sent.recipient(ma.town, row).read_at is None
    assert "记下了" in ma.says("收到")


def test_a_question_that_is_open_keeps_its_answers(ma: Phone, thursday: Any) -> None:
    row = got(ma)
    thursday.shift(60)
    ma.says("查通知")
    ma.says("收到")
    assert sent.recipient(ma.town, row).read_at is None


def test_a_notice_opened_from_the_menu_is_read(ma: Phone) -> None:
    row = got(ma, "failed")
    ma.clicks("最新通知")
    assert sent.recipient(ma.town, row).read_at is None, "a title in a list is not reading"
    ma.says("1")
    assert sent.recipient(ma.town, row).read_how == "menu"


def test_a_wrong_one_says_in_chat_that_it_was_put_right(ma: Phone) -> None:
    wrong = sent.broadcast(ma.town)
    ma.says("最新通知")
    sent.correcting(ma.town, wrong)
    answer = ma.says("1")
    assert "有错,已经更正" in answer
    assert "【更正:停水改到大后天】" in ma.says("1")


# ---- beside an answer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("standing", ["paper", "failed", "unknown", "expired"])
def test_who_was_not_reached_hears_of_it_once_beside_another_answer(ma: Phone, standing: str) -> None:
    row = got(ma, standing)
    answer = ma.says("社区电话")
    assert answer.endswith(f"{ASIDE}。回复“通知”看。")
    assert ASIDE not in ma.says("社区电话")
    assert sent.recipient(ma.town, row).read_at is None, "told of it, not read"
    ma.says("通知", "1")
    assert sent.recipient(ma.town, row).read_how == "menu"


def test_one_a_day(ma: Phone, thursday: Any) -> None:
    got(ma, "paper")
    got(ma, "paper", title="社区体检")
    assert "《社区体检》" in ma.says("社区电话")
    assert "另外" not in ma.says("社区电话")
    thursday.shift(86_400)
    assert ASIDE in ma.says("社区电话")


def test_nothing_beside_a_question_a_miss_or_a_cry(ma: Phone) -> None:
    got(ma, "paper")
    for words in ("阿巴阿巴阿巴", "最新通知", "110", "我被骗了", "想死", "查通知"):
        assert "另外" not in ma.says(words), words


def test_nothing_beside_while_the_staff_are_asked_for(ma: Phone) -> None:
    got(ma, "paper")
    for words in ("人工", "社区电话"):
        assert "另外" not in ma.says(words), words


def test_nothing_for_who_was_reached_does_not_want_it_or_what_is_over(ma: Phone) -> None:
    got(ma, "submitted")
    got(ma, "paper", title="已经停下的", state="stopped")
    number = sent.broadcast(ma.town, title="不想收的", topic="招聘")
    person = sent.person_of(ma.town, "马秀兰")
    sent.to(ma.town, number, person, "paper")

    def unwanted(session: Session) -> None:
        session.add(TopicChoice(person_id=person, topic="招聘"))

    ma.town.writing(unwanted)
    assert "另外" not in ma.says("社区电话")

    def urgent(session: Session) -> None:
        session.get_one(Broadcast, number).urgent = True

    ma.town.writing(urgent)
    assert "《不想收的》" in ma.says("社区电话")


def test_a_wrong_one_is_not_mentioned_any_more(ma: Phone) -> None:
    row = got(ma, "paper")
    sent.correcting(ma.town, sent.recipient(ma.town, row).broadcast_id)
    assert "另外" not in ma.says("社区电话")
