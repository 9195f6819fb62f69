"""Booking on pages: a service, a day in words, a time, the full sentence; nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from models.appointments import Appointment
from models.people import live_consent
from tests.appointments.desk import MONDAY, MORNING, TUESDAY, fill, opened, slot_at
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor


@pytest.fixture(autouse=True)
def monday() -> Iterator[time_machine.Coordinates]:
    with frozen("2026-11-23 08:30") as moved:
        yield moved


@pytest.fixture
def ma(sqlite_town: Town) -> Visitor:
    opened(sqlite_town)
    return Visitor(sqlite_town, sqlite_town.phone("马秀兰"))


def slot_id(town: Town, day: Any, moment: str) -> int:
    with town.reading() as session:
        return slot_at(session, day, moment).id


def booked(town: Town) -> list[tuple[str | None, str | None, str | None]]:
    """(the holder's name, whom it was made for, what they are to each other) of each appointment."""
    with town.reading() as session:
        rows = session.scalars(select(Appointment).order_by(Appointment.id))
        return [(row.person.name, row.helped_name, row.helped_tie) for row in rows]


def test_a_newcomer_books_in_five_taps_and_is_told_what_to_bring(sqlite_town: Town, ma: Visitor) -> None:
    ma.opens("/h5/services").taps("老年证").taps("选时间").taps("明天 周二").taps("9:30")
    assert "11月24日(星期二)上午9点30分,社区大厅2号窗口,老年证" in ma.words
    assert "就是同意我们用这些办预约" in ma.words
    ma.presses("约这个时间", name="马秀兰")
    assert (ma.status, "给您约好了" in ma.words, "身份证" in ma.words) == (200, True, True)
    assert "预约号 0001" in ma.words
    assert booked(sqlite_town) == [("马秀兰", None, None)]
    with sqlite_town.reading() as session:
        row = session.get_one(Appointment, 1)
        assert row.channel == "page"
        assert live_consent(session, row.person, "service") is not None


def test_looking_at_services_days_and_times_asks_nobody_who_they_are(sqlite_town: Town) -> None:
    opened(sqlite_town)
    stranger = Visitor(sqlite_town)
    stranger.opens("/h5/services").taps("老年证")
    assert "要带什么" in stranger.words
    stranger.taps("选时间").taps("今天 周一")
    assert stranger.status == 200
    stranger.taps("10:00")
    assert "/connect/oauth2/authorize" in stranger.client.get(stranger.path).location


def test_full_days_and_times_are_greyed_say_why_and_lead_only_into_the_line(
    sqlite_town: Town, ma: Visitor
) -> None:
    fill(sqlite_town, TUESDAY, "09:00", "09:30", "10:00", "10:30")
    fill(sqlite_town, MONDAY, "10:00")
    ma.opens("/h5/services/1/days")
    assert "明天 周二 满了,排队等" in ma.words
    assert "11月28日 周六 不办" in ma.words
    ma.taps("今天 周一")
    assert "9:00 过了" in ma.words
    assert "10:00 满了,排队等" in ma.words
    assert "老年证,排队等哪个时间?" in ma.taps("10:00").words


def test_the_next_week_is_one_tap_away_and_there_is_an_end(ma: Visitor) -> None:
    ma.opens("/h5/services/1/days").taps("再往后的日子")
    assert "12月1日 周二" in ma.words
    assert not ma.opens("/h5/services/1/days?weeks=2").offers("再往后的日子")


def test_a_name_that_is_none_is_asked_again_beside_its_field_with_what_was_typed(ma: Visitor) -> None:
    ma.opens("/h5/services/1/days").taps("明天").taps("9:00").presses("约这个时间", name="123")
    assert ma.status == 409
    assert "姓名是2到15个汉字" in ma.words
    assert 'value="123"' in ma.page
    assert 'aria-invalid="true"' in ma.page
    assert ma.presses("约这个时间", name="马秀兰").status == 200


def test_a_time_that_was_taken_meanwhile_offers_two_others_and_keeps_the_name(
    sqlite_town: Town, ma: Visitor
) -> None:
    ma.opens("/h5/services/1/days").taps("明天").taps("9:30")
    fill(sqlite_town, TUESDAY, "09:30")
    ma.presses("约这个时间", name="马秀兰")
    assert "刚被约走了" in ma.words
    assert "这些时间还有" in ma.words
    ma.presses("就约11月24日(星期二)上午10点")
    assert "给您约好了" in ma.words
    assert booked(sqlite_town)[-1] == ("马秀兰", None, None)


def test_a_form_sent_twice_books_once(sqlite_town: Town, ma: Visitor) -> None:
    ma.opens("/h5/services/1/days").taps("明天").taps("9:00")
    form, _ = ma.form_of("约这个时间")
    told = form.values | {"name": "马秀兰"}
    first = ma.sends(form.action, **told).path
    second = ma.sends(form.action, **told)
    assert (second.status, second.path) == (200, first)
    assert len(booked(sqlite_town)) == 1


def test_a_busy_house_loses_nothing_that_was_typed(sqlite_town: Town, ma: Visitor) -> None:
    """Somebody holds the database: the page says so, and one press sends the same form again."""
    ma.opens("/h5/services/1/days").taps("明天").taps("9:00")
    with sqlite_town.site.database.engine.connect() as holder, holder.begin():
        ma.presses("约这个时间", name="马秀兰")
        assert (ma.status, "刚才没办成" in ma.words) == (503, True)
    ma.presses("再试一次")
    assert "给您约好了" in ma.words
    assert booked(sqlite_town) == [("马秀兰", None, None)]


def test_the_name_is_asked_once(sqlite_town: Town, ma: Visitor) -> None:
    ma.opens("/h5/services/1/days").taps("明天").taps("9:00").presses("约这个时间", name="马秀兰")
    ma.opens("/h5/services/1/days").taps("今天").taps("10:00")
    assert "您的姓名" not in ma.words
    assert "给您约好了" in ma.presses("约这个时间").words


def test_two_places_at_once_are_refused_before_anything_is_typed(sqlite_town: Town, ma: Visitor) -> None:
    opened(sqlite_town, MORNING, name="居住证")
    mine = ma.opens("/h5/services/1/days").taps("明天").taps("9:00").path
    ma.presses("约这个时间", name="马秀兰")
    assert "这个时间已经约好了" in ma.opens(mine).words
    ma.opens("/h5/services/2/days").taps("明天").taps("9:00")
    assert "两头赶不过来" in ma.words
    ma.taps("11月24日(星期二)上午9点30分")
    assert "给您约好了" in ma.presses("约这个时间").words


def test_a_child_books_for_a_parent_and_next_time_only_taps_the_name(sqlite_town: Town, ma: Visitor) -> None:
    ma.opens("/h5/services/1/days").taps("明天").taps("9:00").taps("给家里人约")
    ma.presses("约这个时间", name="马福", tie="儿女")
    assert "给马福约好了" in ma.words
    assert booked(sqlite_town) == [(None, "马福", "儿女")]
    ma.opens("/h5/services/1/days").taps("明天").taps("10:00").taps("替马福约")
    assert "替马福约:" in ma.words
    assert "给马福约好了" in ma.presses("约这个时间").words


def test_ones_own_visit_stands_not_against_a_parents(sqlite_town: Town, ma: Visitor) -> None:
    opened(sqlite_town, MORNING, name="居住证")
    ma.opens("/h5/services/1/days").taps("明天").taps("9:00").presses("约这个时间", name="马秀兰")
    ma.opens("/h5/services/2/days").taps("明天").taps("9:00").taps("这个时间给家里人约")
    assert "给马福约好了" in ma.presses("约这个时间", name="马福").words


@pytest.mark.parametrize("whom", ["1", "99", "x", "9" * 30])
def test_an_appointment_for_nobody_known_is_never_made_for_oneself_instead(
    sqlite_town: Town, ma: Visitor, whom: str
) -> None:
    number = slot_id(sqlite_town, TUESDAY, "09:00")
    assert ma.opens(f"/h5/book/{number}?for={whom}").status == 404
    assert ma.sends(f"/h5/book/{number}", once="x", name="马秀兰", **{"for": whom}).status == 404
    assert booked(sqlite_town) == []


def test_a_visit_at_home_asks_for_phone_and_door_and_offers_the_same_door_again(
    sqlite_town: Town, ma: Visitor
) -> None:
    opened(sqlite_town, MORNING, name="水电维修", home_visit=True, asks_phone=True, window=None)
    ma.opens("/h5/services/2/days").taps("明天").taps("9:00")
    ma.presses("约这个时间", name="马秀兰", phone="139", address="5号楼2单元301")
    assert "手机号是11位数字" in ma.words
    assert 'value="5号楼2单元301"' in ma.page
    ma.presses("约这个时间", phone="13900000001")
    assert "上门到5号楼2单元301" in ma.words
    ma.opens("/h5/services/2/days").taps("今天").taps("10:00")
    assert 'value="5号楼2单元301"' in ma.page
    assert "打尾号0001的电话" in ma.words


def test_who_took_the_consent_back_is_told_so_with_the_way_to_give_it_again(
    sqlite_town: Town, ma: Visitor
) -> None:
    ma.opens("/h5/services/1/days").taps("明天").taps("9:00").presses("约这个时间", name="马秀兰")
    ma.opens("/h5/me/consents").presses("撤回")
    ma.opens("/h5/services/1/days").taps("明天").taps("10:00")
    assert "这件事要您同意“登记办事”才能办" in ma.words
    ma.taps("看我同意了什么").presses("重新同意")
    ma.opens("/h5/services/1/days").taps("明天").taps("10:00")
    assert "给您约好了" in ma.presses("约这个时间").words


@pytest.mark.parametrize(
    "path",
    [
        "/h5/services/99",
        "/h5/services/99/days",
        "/h5/services/1/times?day=never",
        "/h5/services/1/times?day=1999-01-01",
        "/h5/services/1/times",
        "/h5/book/9999",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(ma: Visitor, path: str) -> None:
    assert ma.opens(path).status == 404
    assert "没有这一页" in ma.words


def test_rivals_for_the_last_place_get_one_yes_and_one_choice(town: Town) -> None:
    opened(town)
    visitors = [Visitor(town, town.phone(name)) for name in ("马秀兰", "王德福", "韩世杰", "祁生华")]
    number = slot_id(town, TUESDAY, "09:30")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one.opens(f"/h5/book/{number}"), visitors))
    assert sum("刚有人选着" in one.words for one in visitors) == 3
    (first,) = [one for one in visitors if one.offers("约这个时间")]
    assert "约好了" in first.presses("约这个时间", name="马秀兰").words
