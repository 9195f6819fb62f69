"""What is a walk away: from a place that is sent, from home, from a name; open now or when; and nothing is kept of it."""

from __future__ import annotations

from datetime import time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments.planning import close_time
from handlers.people import actions as people
from models.circle_places import Landmark
from models.conversation import Conversation
from models.places import Place
from tests.circle.conftest import HERE, a_landmark, a_provider, a_service, house
from tests.circle.conftest import service as the_service
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor


def test_a_place_that_is_sent_lists_what_is_within_a_quarter_of_an_hour_and_apart_what_is_beyond(
    sqlite_town: Town, ma: Phone
) -> None:
    a_service(sqlite_town, "理发")
    a_service(sqlite_town, "修鞋", {4: [(time(9), time(12))]}, lat=36.6280)
    answer = ma.sends_place(*HERE, "家")
    assert answer.splitlines() == [
        "您那里走路15分钟以内:",
        "1 理发,2分钟(100米),现在开着,到12:00,0971-8170012",
        "再远一些的:",
        "2 修鞋,19分钟,明天 周五 9:00开,0971-8170012",
        "要约哪个,回复数字。",
    ]
    assert "理发,哪个时间方便" in ma.says("1")


def test_hours_that_were_closed_today_are_not_open(sqlite_town: Town, ma: Phone) -> None:
    number = a_service(sqlite_town, "理发")
    hours = (time(8), time(11))
    sqlite_town.writing(lambda s: close_time(house(s), the_service(s, number), clock.today(), hours, "停电"))
    assert "1 理发,2分钟(100米),今天 周四 11:00开" in ma.sends_place(*HERE)


def test_a_place_far_away_is_told_so(sqlite_town: Town, ma: Phone) -> None:
    a_service(sqlite_town, "理发")
    assert "离社区有点远" in ma.sends_place(39.9, 116.4, "北京")
    assert "1 理发,现在开着" in ma.says("1")


def test_who_lives_at_a_known_estate_need_not_send_anything(sqlite_town: Town, ma: Phone) -> None:
    a_service(sqlite_town, "理发")

    def move(session: Session) -> None:
        estate = Place(kind="estate", name="东府佳苑", position=1)
        building = Place(kind="building", name="3号楼", position=1, parent=estate)
        session.add_all([estate, building])
        session.add(Landmark(name="东府佳苑", also_called=[], lat=HERE[0], lng=HERE[1], place=estate))
        session.flush()
        people.correct_place(ma.actor(session), building)

    sqlite_town.writing(move)
    assert ma.says("身边服务").startswith("东府佳苑走路15分钟以内:\n1 理发,2分钟(100米)")


def test_a_place_by_its_name_is_as_good_as_one_that_is_sent(sqlite_town: Town, ma: Phone) -> None:
    a_service(sqlite_town, "理发")
    a_landmark(sqlite_town)
    assert ma.says("东府佳苑附近有什么").startswith("东府佳苑走路15分钟以内:")


def test_without_a_place_everything_is_listed_in_pages(sqlite_town: Town, ma: Phone) -> None:
    for name in ("理发", "修鞋", "配钥匙", "洗衣", "家电", "家政"):
        a_service(sqlite_town, name)
    assert "5 家电,现在开着,到12:00,0971-8170012\n6 看后面的" in ma.says("身边服务")
    assert "1 家政" in ma.says("6")


def test_nothing_of_the_place_is_kept(sqlite_town: Town, ma: Phone) -> None:
    a_service(sqlite_town, "理发")
    ma.sends_place(36.61811, 101.79214, "我家门口")
    with sqlite_town.reading() as session:
        kept = str([(c.talks, c.offers, c.rest) for c in session.scalars(select(Conversation))])
    assert "36.6" not in kept
    assert "我家门口" not in kept


# ---- the page ------------------------------------------------------------------------------------------------------


def test_the_page_lists_the_same_from_a_place_that_is_chosen(sqlite_town: Town, thursday: Any) -> None:
    repair = a_service(sqlite_town)
    a_service(sqlite_town, "修鞋", {4: [(time(9), time(12))]}, lat=36.6280)
    a_provider(sqlite_town, does=(repair,))
    a_landmark(sqlite_town)
    anybody = Visitor(sqlite_town)
    page = anybody.opens("/h5/circle?from=1").words
    assert "东府佳苑走路15分钟以内 水电维修 能上门 现在开着 ,到12:00" in page
    assert "远一些的 修鞋 现在不开,明天 周五 9:00开" in page
    assert "修鞋" not in anybody.opens("/h5/circle?which=open").words
    assert "修鞋" not in anybody.opens("/h5/circle?which=home").words
    assert anybody.opens("/h5/circle?from=99&which=x").status == 200


def test_a_phone_may_tell_by_form_where_it_is(sqlite_town: Town, thursday: Any) -> None:
    a_service(sqlite_town)
    anybody = Visitor(sqlite_town)
    assert "您那里走路15分钟以内" in anybody.sends("/h5/circle", lat="36.6180", lng="101.7921").words
    assert anybody.sends("/h5/circle", lat="no", lng="nan").status == 400
