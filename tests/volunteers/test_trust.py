"""Place, clock and device: what is odd lowers trust and is shown to the leader; it never gives or takes a minute."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.cli import check_invariants
from handlers.people import actions as people
from handlers.volunteers import actions
from handlers.volunteers.jobs import forget_spots
from handlers.volunteers.trust import Seen
from models.activities import ActivitySession
from models.refusal import Refusal
from models.spots import CheckinSpot, Spot
from models.volunteers import Attendance, Scan
from tests.activities.plans import a_session, house, token
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor
from tests.people.homes import staff
from tests.staff.clerks import clerk
from tests.volunteers.test_actions import known

LAT, LNG = 36.6232, 101.7804
NEAR = Spot(36.6241, 101.7811, 25)  # some 120 m away
FAR = Spot(36.7, 101.7804, 25)  # 8.5 km
Clock = time_machine.Traveller


@pytest.fixture
def nine() -> Iterator[Clock]:
    with frozen("2026-11-23 09:00:10") as clock:
        yield clock


def placed(town: Town, *arguments: Any, **more: Any) -> int:
    """A session whose activity has a place on the map."""
    number = a_session(town, *arguments, **more)

    def unit(session: Session) -> None:
        activity = session.get_one(ActivitySession, number).activity
        activity.lat, activity.lng = LAT, LNG

    town.writing(unit)
    return number


def comes(town: Town, phone: Phone, number: int, **told: Any) -> list[str]:
    """The flags of the stay; or the refusal's code."""
    shown = token(town, number)

    def unit(session: Session) -> list[str]:
        held = session.get_one(ActivitySession, number)
        outcome = actions.check(phone.actor(session), held, token=shown, seen=Seen(**told))
        assert outcome.attendance is not None
        return outcome.attendance.flags

    try:
        return town.writing(unit)
    except Refusal as why:
        return [why.code]


def test_b27_near_far_and_nowhere(sqlite_town: Town, nine: Clock) -> None:
    number = placed(sqlite_town)
    assert comes(sqlite_town, known(sqlite_town, "近"), number, spot=NEAR) == ["place_near", "walk_in"]
    assert comes(sqlite_town, known(sqlite_town, "远"), number, spot=FAR) == ["place_far", "walk_in"]
    assert comes(sqlite_town, known(sqlite_town, "没说"), number) == ["walk_in"]
    off_the_map = a_session(sqlite_town, "社区义剪")
    assert comes(sqlite_town, known(sqlite_town, "别处"), off_the_map, spot=FAR) == ["walk_in"]


@pytest.mark.parametrize(
    "spot",
    [
        Spot(LAT, LNG, 25),  # the exact centre
        Spot(NEAR.lat, NEAR.lng, 0),  # a phone that is never wrong
    ],
)
def test_b27_what_no_real_phone_says_is_odd(sqlite_town: Town, nine: Clock, spot: Spot) -> None:
    assert "place_odd" in comes(sqlite_town, known(sqlite_town, "马秀兰"), placed(sqlite_town), spot=spot)


def test_b27_an_old_place_is_odd(sqlite_town: Town, nine: Clock) -> None:
    old = Spot(NEAR.lat, NEAR.lng, 25, clock.now() - timedelta(minutes=5))
    assert "place_odd" in comes(sqlite_town, known(sqlite_town, "马秀兰"), placed(sqlite_town), spot=old)


def test_b27_the_third_phone_with_the_very_same_six_decimals_is_odd(sqlite_town: Town, nine: Clock) -> None:
    number = placed(sqlite_town)
    flags = [comes(sqlite_town, known(sqlite_town, f"邻居{n}"), number, spot=NEAR) for n in range(3)]
    assert ["place_odd" in one for one in flags] == [False, False, True]


def test_b27_faster_than_any_bus_is_odd(sqlite_town: Town, nine: Clock) -> None:
    first, second = placed(sqlite_town), placed(sqlite_town, "社区义剪")
    ma = known(sqlite_town, "马秀兰")
    comes(sqlite_town, ma, first, spot=FAR)
    nine.shift(61)
    comes(sqlite_town, ma, first)
    nine.shift(60)
    assert "place_odd" in comes(sqlite_town, ma, second, spot=NEAR)


def test_one_phone_for_several_people_is_shown_to_the_leader(sqlite_town: Town, nine: Clock) -> None:
    number = placed(sqlite_town)
    assert comes(sqlite_town, known(sqlite_town, "马秀兰"), number, device="a" * 32) == ["walk_in"]
    assert "same_device" in comes(sqlite_town, known(sqlite_town, "张桂英"), number, device="a" * 32)
    page = clerk(sqlite_town, "desk").opens(f"/console/sessions/{number}").text
    assert "同一部手机签了几个人" in page


def test_b26_a_second_phone_for_one_person_is_refused_while_the_code_is_the_same(
    town: Town, nine: Clock
) -> None:
    number = placed(town)
    ma = known(town, "马秀兰")
    assert comes(town, ma, number, device="a" * 32) == ["walk_in"]
    for seconds in (0, 20, 40, 29):
        nine.shift(seconds)
        assert comes(town, ma, number, device="b" * 32) == ["volunteers.other_device"]
    nine.shift(1)
    assert comes(town, ma, number, device="b" * 32) == ["walk_in"]


def test_b26_the_link_on_a_second_phone_is_refused_in_words(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    ma, shown = known(sqlite_town, "马秀兰"), token(sqlite_town, number)
    mine, forwarded = Visitor(sqlite_town, ma), Visitor(sqlite_town, ma)
    assert "签到好了" in mine.opens(f"/h5/checkin/{shown}").words
    nine.shift(10)
    assert "另一部手机刚才已经用您的微信" in forwarded.opens(f"/h5/checkin/{shown}").words
    assert forwarded.status == 409
    assert "签到好了" in mine.opens(f"/h5/checkin/{shown}").words
    with sqlite_town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Scan)) == 1


def test_a_phone_is_not_followed_from_session_to_session(sqlite_town: Town, nine: Clock) -> None:
    first, second = a_session(sqlite_town), a_session(sqlite_town, "社区义剪", "2026-11-23 09:20")
    comes(sqlite_town, known(sqlite_town, "马秀兰"), first, device="a" * 32)
    comes(sqlite_town, known(sqlite_town, "张桂英"), second, device="a" * 32)
    with sqlite_town.reading() as session:
        kept = list(session.scalars(select(Scan.device)))
    assert len(set(kept)) == 2
    assert all(one is not None and "a" * 32 not in one for one in kept)


def test_the_place_itself_is_gone_after_a_day_and_the_word_stays(sqlite_town: Town, nine: Clock) -> None:
    number = placed(sqlite_town)
    comes(sqlite_town, known(sqlite_town, "马秀兰"), number, spot=FAR)
    for hours, left in ((23, 1), (1, 0)):
        nine.shift(hours * 3600)
        sqlite_town.writing(lambda session: forget_spots(house(session)))
        with sqlite_town.reading() as session:
            assert session.scalar(select(func.count()).select_from(CheckinSpot)) == left
    with sqlite_town.reading() as session:
        assert "place_far" in session.scalars(select(Attendance)).one().flags


def test_b27_no_oddity_gives_or_takes_a_minute(sqlite_town: Town) -> None:
    chance = random.Random(5)
    minutes = []
    for day in range(1, 7):
        with frozen(f"2026-12-{day:02} 09:00:10") as moved:
            number = placed(sqlite_town, starts=f"2026-12-{day:02} 09:00")
            ma = known(sqlite_town, "马秀兰")
            spot = chance.choice([None, NEAR, FAR, Spot(LAT, LNG, 0)])
            comes(sqlite_town, ma, number, spot=spot, device=chance.choice([None, "a" * 32]))
            moved.shift(3600)
            comes(sqlite_town, ma, number, spot=chance.choice([None, FAR]), device="c" * 32)
    with sqlite_town.reading() as session:
        minutes = list(session.scalars(select(Attendance.minutes)))
    assert minutes == [60] * 6
    assert check_invariants(sqlite_town.site) == []


def test_a_place_is_told_afterwards_only_with_a_tick_and_once(sqlite_town: Town, nine: Clock) -> None:
    number = placed(sqlite_town)
    page = Visitor(sqlite_town, known(sqlite_town, "马秀兰"))
    page.opens(f"/h5/checkin/{token(sqlite_town, number)}")
    told = {"lat": str(FAR.lat), "lng": str(FAR.lng), "accuracy": "30"}
    path = f"/h5/checkin/{number}/place"
    assert page.sends(path, once="a" * 16, **told).status == 409
    for nonsense in ({"lat": "x"}, {"lat": "nan"}, {"lng": "181"}, {"accuracy": ""}):
        assert page.sends(path, once=f"n{nonsense}", agree="1", **told | nonsense).status == 409
    page.sends(path, once="b" * 16, agree="1", **told)
    assert "不在附近" in page.words
    assert "仍可由负责人确认" in page.words
    page.sends(path, once="c" * 16, agree="1", **told | {"lat": str(NEAR.lat)})
    with sqlite_town.reading() as session:
        stay = session.scalars(select(Attendance)).one()
        assert {"place_far"} == {flag for flag in stay.flags if flag.startswith("place")}


def test_b27_nobody_tells_a_place_for_another(sqlite_town: Town, nine: Clock) -> None:
    number = placed(sqlite_town)
    Visitor(sqlite_town, known(sqlite_town, "马秀兰")).opens(f"/h5/checkin/{token(sqlite_town, number)}")
    other = Visitor(sqlite_town, known(sqlite_town, "韩世杰"))
    told = {"lat": str(FAR.lat), "lng": str(FAR.lng), "accuracy": "30"}
    assert other.sends(f"/h5/checkin/{number}/place", once="a" * 16, agree="1", **told).status == 409
    assert other.opens(f"/h5/checkin/{number}/place").status == 404
    with sqlite_town.reading() as session:
        assert session.scalar(select(func.count()).select_from(CheckinSpot)) == 0


def test_what_was_told_of_a_place_goes_with_the_person(sqlite_town: Town, nine: Clock) -> None:
    number, ma = placed(sqlite_town), known(sqlite_town, "马秀兰")
    comes(sqlite_town, ma, number, spot=FAR)
    sqlite_town.writing(lambda s: people.erase(staff(s), ma.person(s)))
    with sqlite_town.reading() as session:
        assert session.scalar(select(func.count()).select_from(CheckinSpot)) == 0
