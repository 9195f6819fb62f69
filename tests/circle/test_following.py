"""好了吗: once, after three days, by one digit or touch; a no opens the same number again; discreet ones stay so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from handlers.appointments import actions as appointments
from handlers.circle import actions, following, jobs, visiting
from models.appointments import Contact
from models.circle_jobs import FollowUp, HomeJob
from models.identity import Actor
from models.rating_visits import finished_visits
from models.slots import free_slots
from tests.circle.conftest import (
    a_provider,
    a_service,
    days,
    house,
    jobs_in,
    joined,
    linked,
    refused,
    sent,
    service,
    sound,
)
from tests.circle.test_home import does, orders
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.staff.clerks import clerk


@pytest.fixture
def done(sqlite_town: Town, ma: Phone, thursday: time_machine.Coordinates) -> int:
    """A job that was done on Friday."""
    li = linked(sqlite_town, a_provider(sqlite_town, does=(a_service(sqlite_town),)))
    number = orders(sqlite_town, ma, 1)
    does(sqlite_town, li, actions.accept, number)
    thursday.shift(timedelta(days=1))
    does(sqlite_town, li, visiting.finish, number, "换了水龙头", minutes=40, yuan=30)
    return number


def time_does(town: Town) -> str:
    return town.writing(lambda s: jobs.follow_up(house(s)))


def test_three_days_later_it_is_asked_once_and_a_one_is_enough(
    sqlite_town: Town, ma: Phone, done: int, thursday: time_machine.Coordinates
) -> None:
    assert "0 asked" in time_does(sqlite_town)
    thursday.shift(timedelta(days=3, hours=2))
    assert "1 asked" in time_does(sqlite_town)
    assert "0 asked" in time_does(sqlite_town)
    (word,) = sent(sqlite_town, "circle.is_it_well")
    assert word.facts["title"] == "水电维修"
    assert "好了就好" in ma.says("1")


def test_a_two_opens_the_same_number_and_asks_the_same_provider(
    sqlite_town: Town, ma: Phone, done: int, thursday: time_machine.Coordinates
) -> None:
    thursday.shift(timedelta(days=3, hours=2))
    time_does(sqlite_town)
    answer = ma.says("2")
    assert "单号还是上门0001,问的还是李师傅" in answer
    (job,) = jobs_in(sqlite_town)
    assert (job.state, job.reopened, job.urgent, job.id) == ("offered", 1, True, done)
    assert sound(sqlite_town) == []


def test_one_touch_on_the_page_does_the_same_and_only_for_its_resident(
    sqlite_town: Town, ma: Phone, done: int, thursday: time_machine.Coordinates
) -> None:
    thursday.shift(timedelta(days=3, hours=2))
    time_does(sqlite_town)
    stranger = Visitor(sqlite_town, joined(sqlite_town, "路人甲", "13900000009"))
    assert stranger.opens("/h5/circle/well/1").status == 404
    assert stranger.sends("/h5/circle/well/1", well="no", once="k").status == 404
    mine = Visitor(sqlite_town, ma)
    mine.opens("/h5/circle/well/1").presses("还没好")
    assert "上门0001" in mine.words
    assert jobs_in(sqlite_town)[0].reopened == 1
    assert "已经给您接着办了" in mine.opens("/h5/circle/well/1").words


def test_who_does_not_answer_within_a_week_is_left_alone(
    sqlite_town: Town, ma: Phone, done: int, thursday: time_machine.Coordinates
) -> None:
    thursday.shift(timedelta(days=3, hours=2))
    time_does(sqlite_town)
    thursday.shift(timedelta(days=8))
    assert "2 closed" in time_does(sqlite_town)
    assert [one.state for one in jobs_in(sqlite_town)] == ["closed"]
    with sqlite_town.reading() as session:
        assert [one.state for one in session.scalars(select(FollowUp))] == ["closed"]


def test_after_thirty_days_a_new_one_is_ordered_instead(
    sqlite_town: Town, ma: Phone, done: int, thursday: time_machine.Coordinates
) -> None:
    thursday.shift(timedelta(days=31))
    with refused("circle.too_late_to_reopen"):
        does(sqlite_town, ma, visiting.reopen, done)


def test_a_booked_visit_is_asked_about_too_and_goes_on_under_its_own_number(
    sqlite_town: Town, ma: Phone, thursday: time_machine.Coordinates
) -> None:
    repair = a_service(sqlite_town, home_visit=True, asks_phone=True)
    linked(sqlite_town, a_provider(sqlite_town, does=(repair,)))

    def told(session: Any) -> None:
        slot = session.scalars(free_slots(service(session, repair), days(1), days(1))).first()
        appointments.book(ma.actor(session), slot, contact=Contact(None, None, "5号楼2单元301"))

    sqlite_town.writing(told)
    thursday.shift(timedelta(days=1, hours=3))
    wang = clerk(sqlite_town, "desk")
    wang.sends("/console/appointments/1/mark", came="yes")
    time_does(sqlite_town)
    thursday.shift(timedelta(days=3, hours=3))
    assert "1 asked" in time_does(sqlite_town)
    assert "单号还是0001" in ma.says("2")
    (job,) = jobs_in(sqlite_town)
    assert (job.told_by, job.state, job.address) == (1, "offered", "5号楼2单元301")
    assert sound(sqlite_town) == []


def test_of_a_discreet_service_no_word_tells_what_it_was_and_nobody_asks_how_it_was(
    sqlite_town: Town, ma: Phone, thursday: time_machine.Coordinates
) -> None:
    talk = a_service(sqlite_town, "心理咨询", discreet_name="社区预约")
    a_provider(sqlite_town, "心理老师", does=(talk,))
    number = orders(sqlite_town, ma, talk)

    def end(session: Any) -> None:
        staff = Actor(session, staff=hired.member(session), channel="console")
        job = session.get_one(HomeJob, number)
        actions.accept(staff, job)
        visiting.finish(staff, job, "谈了一次")

    hired = clerk(sqlite_town, "desk")
    sqlite_town.writing(end)
    thursday.shift(timedelta(days=3, hours=2))
    time_does(sqlite_town)
    words = str([row.facts for kind in KINDS for row in sent(sqlite_town, kind)])
    assert "心理" not in words
    assert "谈了" not in words
    with sqlite_town.reading() as session:
        assert [one for one in finished_visits(session, long_ago(), 9) if "home_job" in one.source] == []


KINDS = ("circle.accepted", "circle.done", "circle.is_it_well")


def long_ago() -> datetime:
    return clock.now() - timedelta(days=10)


def test_a_done_job_may_be_rated_once(sqlite_town: Town, ma: Phone, done: int) -> None:
    with sqlite_town.reading() as session:
        found = [one for one in finished_visits(session, long_ago(), 9) if "home_job" in one.source]
    assert [(one.source, one.subject, one.title) for one in found] == [
        ("home_job:1", "service:1", "水电维修")
    ]


def test_old_words_go_after_two_years(sqlite_town: Town, ma: Phone, done: int, thursday: Any) -> None:
    sqlite_town.writing(lambda s: following.close_silent(house(s)))
    thursday.shift(timedelta(days=10))
    time_does(sqlite_town)
    thursday.shift(timedelta(days=740))
    time_does(sqlite_town)
    assert sqlite_town.writing(lambda s: jobs.forget_words(house(s))) == "1 forgotten"
    (job,) = jobs_in(sqlite_town)
    assert (job.name, job.phone, job.address, job.log) == (None, None, None, None)
