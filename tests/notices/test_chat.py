"""Notices as a resident meets them, on both databases: search differs between them and must not feel different."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from handlers.notices import actions
from models.identity import Actor
from models.notice_search import search
from models.notices import Notice
from models.refusal import Refusal
from tests.neighbours import Town


@pytest.fixture
def told(town: Town) -> Town:
    town.seed("notices")
    return town


def test_the_latest_are_listed_and_one_is_read_by_its_digit(told: Town) -> None:
    ma = told.phone("马秀兰")
    assert "1 高龄补贴开始登记" in ma.says("最新通知")
    card = ma.says("1")
    assert "满80岁" in card
    assert "1、老人身份证" in card
    assert "来源:区民政局" in card


def test_the_sixth_digit_shows_the_rest(told: Town) -> None:
    assert "煤气安全" in told.phone("马秀兰").says("通知", "6")


def test_a_category_shows_only_its_own(told: Town) -> None:
    answer = told.phone("马秀兰").says("通知分类", "健康")
    assert "老年体检" in answer
    assert "招聘会" not in answer


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("医保", "医保参保"),
        ("停水", "停水"),
        ("居住证", "居住证"),
        ("找工作招聘", "招聘会"),
        ("煤气", "煤气安全"),
        ("老人体检", "老年体检"),
    ],
)
def test_search_finds_two_characters_and_ranks_the_title_first(told: Town, query: str, title: str) -> None:
    with told.reading() as session:
        assert title in search(session, query)[0].title


def test_words_that_nobody_claims_are_offered_the_fitting_notice(told: Town) -> None:
    ma = told.phone("马秀兰")
    assert "1 医保参保" in ma.says("医保缴费")
    assert "每人每年400元" in ma.says("1")


def test_search_by_dialogue_says_when_there_is_nothing(told: Town) -> None:
    assert "没有找到" in told.phone("马秀兰").says("查通知", "滑雪")


@pytest.mark.parametrize("query", ["", "'", '"', "()", "AND", "* OR", "a' | b", "\\", "心 & 愿", "🙂"])
def test_strange_queries_find_nothing_and_break_nothing(told: Town, query: str) -> None:
    with told.reading() as session:
        assert search(session, query) == []


def test_an_expired_notice_stops_answering_even_by_a_digit_shown_before(told: Town) -> None:
    ma = told.phone("马秀兰")
    ma.says("通知")

    def expire(session):  # type: ignore[no-untyped-def]
        notice = session.scalars(select(Notice).where(Notice.title.startswith("高龄"))).one()
        yesterday = clock.today() - timedelta(days=1)
        actions.edit(Actor(session), notice, valid_from=yesterday, valid_until=yesterday)
        actions.publish(Actor(session), notice)

    told.writing(expire)
    assert "已经过期" in ma.says("1")
    assert "高龄" not in ma.says("最新通知")
    with told.reading() as session:
        assert search(session, "高龄补贴") == []


def test_a_withdrawn_notice_is_neither_listed_nor_found(told: Town) -> None:
    def withdraw(session):  # type: ignore[no-untyped-def]
        actions.withdraw(
            Actor(session), session.scalars(select(Notice).where(Notice.title.startswith("招聘会"))).one()
        )

    told.writing(withdraw)
    with told.reading() as session:
        assert search(session, "招聘") == []


def test_a_notice_whose_days_are_reversed_is_refused(told: Town) -> None:
    with pytest.raises(Refusal, match=r"notices\.days_reversed"):
        told.writing(
            lambda session: actions.draft(
                Actor(session),
                title="题",
                category="政策",
                source="源",
                summary="话",
                valid_from=clock.today(),
                valid_until=clock.today() - timedelta(days=1),
            )
        )
