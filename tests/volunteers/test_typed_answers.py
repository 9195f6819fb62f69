"""What is said to somebody who checks in (people.md §2.9): the same in the chat and on the page, each in full words."""

from __future__ import annotations

import pytest

from handlers.activities import actions as activities
from models.activities import ActivitySession
from tests.activities.plans import a_session, digits, house, on_file, token
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor
from tests.volunteers.test_actions import known
from tests.volunteers.test_passes import signed_up
from tests.volunteers.test_trust import FAR, placed

AT = {"too_early": "2026-11-23 08:20", "in_time": "2026-11-23 09:00:10", "too_late": "2026-11-23 11:40"}


def both(town: Town, chat: Phone, page: Phone, number: int) -> tuple[str, str]:
    """The answer to the digits in the chat, and to the link on a page."""
    said = chat.says(digits(town, number))
    return said, Visitor(town, page).opens(f"/h5/checkin/{token(town, number)}").words


@pytest.fixture
def number(sqlite_town: Town) -> int:
    with frozen("2026-11-22 20:00"):
        made = placed(sqlite_town)
        for name, phone in (("马秀兰", "13900000001"), ("张桂英", "13900000002")):
            on_file(sqlite_town, signed_up(sqlite_town, name, made), name, phone)
        return made


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("in_time", ("签到好了", "河道清洁", "11月23日(星期一)上午9点")),
        ("too_early", ("11月23日(星期一)上午9点开始", "提前30分钟起可以签到")),
        ("too_late", ("上午11点已经结束", "告诉负责人")),
    ],
)
def test_came_too_early_too_late(sqlite_town: Town, number: int, at: str, words: tuple[str, ...]) -> None:
    with frozen(AT[at]):
        for answer in both(sqlite_town, known(sqlite_town, "马秀兰"), known(sqlite_town, "张桂英"), number):
            assert all(one in answer for one in words), answer


def test_already_in_with_the_time(sqlite_town: Town, number: int) -> None:
    with frozen(AT["in_time"]) as moved:
        ma, zhang = known(sqlite_town, "马秀兰"), known(sqlite_town, "张桂英")
        page = Visitor(sqlite_town, zhang)
        both(sqlite_town, ma, known(sqlite_town, "李建国"), number)
        page.opens(f"/h5/checkin/{token(sqlite_town, number)}")
        moved.shift(31)
        assert "您已经签到了(上午9点)" in ma.says(digits(sqlite_town, number))
        page.opens(f"/h5/checkin/{token(sqlite_town, number)}")
        assert "您已经签到了" in page.words
        assert "上午9点" in page.words


def test_not_signed_up_is_signed_up_on_the_spot_and_told_so(sqlite_town: Town, number: int) -> None:
    with frozen(AT["in_time"]):
        han, li = known(sqlite_town, "韩世杰"), known(sqlite_town, "李建国")
        for answer in both(sqlite_town, han, li, number):
            assert "您没有报名,已经替您现场补上" in answer


def test_a_code_that_is_over(sqlite_town: Town, number: int) -> None:
    with frozen(AT["in_time"]) as moved:
        seen, link = digits(sqlite_town, number), token(sqlite_town, number)
        moved.shift(60)
        assert "这个码过期了" in known(sqlite_town, "马秀兰").says(seen)
        page = Visitor(sqlite_town, known(sqlite_town, "张桂英")).opens(f"/h5/checkin/{link}")
        assert "这个码过期了" in page.words
        assert "每30秒换一次" in page.words


def test_not_near_and_still_to_be_confirmed(sqlite_town: Town, number: int) -> None:
    with frozen(AT["in_time"]):
        page = Visitor(sqlite_town, known(sqlite_town, "马秀兰"))
        page.opens(f"/h5/checkin/{token(sqlite_town, number)}")
        told = {"lat": str(FAR.lat), "lng": str(FAR.lng), "accuracy": "20", "agree": "1"}
        page.sends(f"/h5/checkin/{number}/place", once="a" * 16, **told)
        assert "不在“河道清洁”附近,仍可由负责人确认" in page.words


def test_called_off_is_said_as_such(sqlite_town: Town) -> None:
    with frozen("2026-11-23 08:40"):
        number, ma = a_session(sqlite_town), known(sqlite_town, "马秀兰")
        seen, link = digits(sqlite_town, number), token(sqlite_town, number)
        sqlite_town.writing(
            lambda s: activities.cancel_session(house(s), s.get_one(ActivitySession, number), why="下雨")
        )
        page = Visitor(sqlite_town, ma).opens(f"/h5/checkin/{link}")
        assert "活动取消了" in page.words
        assert "签到好了" not in ma.says(seen)
