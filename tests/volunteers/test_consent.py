"""The time of a volunteer is kept of who agreed; who took that back is told at once, and may always leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers.activities import actions as activities
from handlers.people import actions as people
from handlers.volunteers import actions
from models.activities import ActivitySession, Enrolment
from models.people import consents_of, live_consents
from models.refusal import Refusal
from models.volunteers import Attendance
from tests.activities.plans import a_session, digits, house, token
from tests.neighbours import Phone, Town, frozen

KEPT = "我们记下您的签到时间和服务时长,负责人能看到;不想留,回复“隐私”撤回"
TAKEN_BACK = "这件事要您同意“志愿服务”才能办。要同意,先回复“隐私”,再回复 3"


@pytest.fixture
def nine() -> Iterator[Any]:
    with frozen("2026-11-23 09:00:10") as clock:
        yield clock


@pytest.fixture
def ma(sqlite_town: Town, nine: Any) -> Phone:
    return sqlite_town.phone("马秀兰")


def agreed(town: Town, phone: Phone) -> list[str]:
    with town.reading() as session:
        return [one.purpose for one in session.scalars(live_consents(phone.person(session)))]


def take_back(town: Town, phone: Phone) -> None:
    def unit(session: Session) -> None:
        people.give_consent(phone.actor(session), "volunteer")
        people.withdraw_consent(phone.actor(session), "volunteer")

    town.writing(unit)


def count(town: Town, table: Any) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_first_check_in_tells_what_is_kept_and_the_second_does_not(
    sqlite_town: Town, nine: Any, ma: Phone
) -> None:
    number = a_session(sqlite_town)
    answer = ma.says(digits(sqlite_town, number))
    assert KEPT in answer
    assert "走的时候,发屏幕上新的4位数字签退。" in answer
    assert agreed(sqlite_town, ma) == ["volunteer"]
    nine.shift(600)
    ma.says(digits(sqlite_town, number))
    nine.shift(600)
    assert "我们记下" not in ma.says(digits(sqlite_town, number))
    with sqlite_town.reading() as session:
        assert len(session.scalars(consents_of(ma.person(session))).all()) == 1


def test_signing_up_says_so_and_the_first_check_in_says_it_again(
    sqlite_town: Town, nine: Any, ma: Phone
) -> None:
    number = a_session(sqlite_town, starts="2026-11-23 09:20")
    sentence = ma.says("活动报名", "1")
    assert "报名就是同意我们记下报名和签到时间" in sentence
    assert len(sentence) <= 120
    assert agreed(sqlite_town, ma) == []
    ma.says("1")
    assert agreed(sqlite_town, ma) == ["volunteer"]
    a_session(sqlite_town, "义剪", starts="2026-11-24 09:00")
    assert "同意" not in ma.says("活动报名", "1")
    assert KEPT in ma.says("取消", digits(sqlite_town, number))


def test_who_took_it_back_is_told_at_every_door(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    a_session(sqlite_town, "义剪", starts="2026-11-24 09:00")
    take_back(sqlite_town, ma)
    assert ma.says("活动报名").startswith(TAKEN_BACK)
    assert ma.says("签到").startswith(TAKEN_BACK)
    assert ma.says(digits(sqlite_town, number)).startswith(TAKEN_BACK)
    assert ma.scans(f"session:{number}").startswith(TAKEN_BACK)
    assert (count(sqlite_town, Attendance), count(sqlite_town, Enrolment)) == (0, 0)


def test_two_messages_and_they_can_check_in_again(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    take_back(sqlite_town, ma)
    assert "您同意“志愿服务”" in ma.says("隐私", "3")
    assert "签到好了" in ma.says(digits(sqlite_town, number))


def test_who_takes_it_back_while_there_may_still_leave(sqlite_town: Town, nine: Any, ma: Phone) -> None:
    number = a_session(sqlite_town)
    ma.says(digits(sqlite_town, number))
    take_back(sqlite_town, ma)
    nine.shift(3600)
    assert "签退好了" in ma.says(digits(sqlite_town, number))
    nine.shift(600)
    assert ma.says(digits(sqlite_town, number)).startswith(TAKEN_BACK)


@pytest.mark.parametrize("door", ["check", "sign_up", "walk_in"])
def test_the_actions_refuse_whatever_the_channel(sqlite_town: Town, ma: Phone, door: str) -> None:
    number = a_session(sqlite_town, starts="2026-11-23 09:20")
    shown = token(sqlite_town, number)
    take_back(sqlite_town, ma)

    def unit(session: Session) -> None:
        by, held = ma.actor(session), session.get_one(ActivitySession, number)
        doors = {"sign_up": activities.sign_up, "walk_in": activities.walk_in}
        if door == "check":
            actions.check(by, held, token=shown)
        else:
            doors[door](by, held)

    with pytest.raises(Refusal, match=r"people\.consent_needed"):
        sqlite_town.writing(unit)


def test_no_leader_enters_somebody_against_their_no(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    take_back(sqlite_town, ma)

    def enter(session: Session) -> None:
        activities.admit(house(session), session.get_one(ActivitySession, number), ma.person(session))

    def tick(session: Session) -> None:
        actions.tick(house(session), session.get_one(ActivitySession, number), ma.person(session), "in")

    for forbidden in (enter, tick):
        with pytest.raises(Refusal, match=r"activities\.has_withdrawn"):
            sqlite_town.writing(forbidden)
