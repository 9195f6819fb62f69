"""Activities on pages: anybody reads, residents sign up and take it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app import clock
from handlers.activities import actions
from models.activities import Enrolment
from tests.activities.plans import house
from tests.neighbours import Town
from tests.pages.visitors import Visitor


def planned(town: Town, title: str = "阿娘巡逻队", capacity: int = 2, listed: bool = True) -> int:
    def unit(session: Session) -> int:
        by, starts = house(session), clock.now() + timedelta(days=1)
        made = actions.plan_activity(
            by, title=title, sentence="走一圈。", place="社区门口", leader="马阿娘", listed=listed
        )
        return actions.plan_session(
            by, made, starts=starts, ends=starts + timedelta(hours=2), capacity=capacity
        ).id

    return town.writing(unit)


@pytest.fixture
def ma(sqlite_town: Town) -> Visitor:
    planned(sqlite_town)
    return Visitor(sqlite_town, sqlite_town.phone("马秀兰"))


def test_anybody_reads_what_is_on(sqlite_town: Town) -> None:
    planned(sqlite_town)
    stranger = Visitor(sqlite_town).opens("/h5/activities").taps("阿娘巡逻队")
    assert "社区门口" in stranger.words
    assert "还有2个" in stranger.words


def test_a_resident_signs_up_and_takes_it_back(ma: Visitor) -> None:
    ma.opens("/h5/activities").taps("阿娘巡逻队").taps("我要报名")
    assert "报名就是同意我们记下报名和签到时间" in ma.words
    ma.presses("报名")
    assert "给您报好名了" in ma.words
    assert "阿娘巡逻队" in ma.opens("/h5/my-activities").words
    ma.taps("阿娘巡逻队").taps("不去了,退出").presses("退出")
    assert "已经退出" in ma.words
    assert "您还没有报名活动" in ma.opens("/h5/my-activities").words
    assert "报名就是同意" not in ma.opens("/h5/activities/1/join").words


def test_signing_up_twice_is_one_place(sqlite_town: Town, ma: Visitor) -> None:
    ma.opens("/h5/activities/1/join")
    form, _ = ma.form_of("报名")
    for _ in range(2):
        assert ma.sends(form.action, **form.values).status == 200
    with sqlite_town.reading() as session:
        assert session.query(Enrolment).count() == 1


def test_a_full_one_offers_another(sqlite_town: Town, ma: Visitor) -> None:
    full, other = planned(sqlite_town, "书法班", capacity=1), planned(sqlite_town, "合唱团")
    ma.opens(f"/h5/activities/{full}/join")
    Visitor(sqlite_town, sqlite_town.phone("别人")).opens(f"/h5/activities/{full}/join").presses("报名")
    ma.presses("报名")
    assert "刚报满了" in ma.words
    assert ma.offers("合唱团")
    assert "名额满了" in ma.opens(f"/h5/activities/{full}").words
    assert other


def test_who_took_the_consent_back_is_told_before_the_button(ma: Visitor) -> None:
    ma.opens("/h5/activities/1/join").presses("报名")
    ma.opens("/h5/activities/1/leave").presses("退出")
    ma.sends("/h5/me/consents/volunteer/withdraw", once="x")
    assert ma.opens("/h5/activities/1/join").status == 409
    assert "同意“志愿服务”" in ma.words


def test_a_restricted_activity_is_a_page_that_is_not_there(sqlite_town: Town, ma: Visitor) -> None:
    hidden = planned(sqlite_town, "戒毒康复小组", listed=False)
    for path in (f"/h5/activities/{hidden}", f"/h5/activities/{hidden}/join"):
        assert ma.opens(path).status == 404
        assert "康复" not in ma.words
    assert ma.sends(f"/h5/activities/{hidden}/join", once="x").status == 404
