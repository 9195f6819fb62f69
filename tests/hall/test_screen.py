"""The wall: a screen with numbers and windows, a tablet that gives numbers; only for devices that were admitted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.database import Busy
from handlers.hall import actions
from handlers.volunteers import tablets
from models.tablets import WallTablet
from models.tickets import Ticket
from tests.appointments.desk import MONDAY, booked
from tests.hall.windows import calls, hall, sits, staff, states, ticket, walk_in
from tests.neighbours import Town
from tests.races import at_once
from tests.staff.clerks import audited


def admitted(town: Town, shows: str) -> FlaskClient:
    """A browser on the wall whose code was opened."""

    def unit(session: Session) -> str:
        made = tablets.add(staff(session), name=shows, place="一楼大厅", shows=shows)
        return tablets.issue_code(staff(session), made)

    device = town.client
    assert device.post("/h5/wall", data={"code": town.writing(unit)}).status_code == 303
    return device


@pytest.fixture
def town_hall(sqlite_town: Town, monday: Any) -> Town:
    hall(sqlite_town)
    return sqlite_town


def test_the_screen_shows_numbers_and_windows_and_no_name(town_hall: Town, monday: Any) -> None:
    booked(town_hall, MONDAY, "10:30")
    for _ in range(3):
        walk_in(town_hall, 1)
    screen = admitted(town_hall, "line")
    assert screen.get("/h5/wall").headers["Location"] == "/h5/wall/line"
    assert "还没有窗口在叫号" in screen.get("/h5/wall/line").text
    sits(town_hall)
    calls(town_hall)
    page = screen.get("/h5/wall/line/part").text
    assert "2号窗口" in page
    assert 'data-say="1号,请到2号窗口"' in page
    assert 'class="window new"' in page
    assert "<span>2</span><span>3</span>" in page.replace("\n", "")
    assert "马秀兰" not in page
    assert "李红" not in page
    monday.shift(timedelta(seconds=21))
    assert 'class="window"' in screen.get("/h5/wall/line/part").text, "the mark fades"
    town_hall.writing(lambda s: actions.call_again(staff(s), ticket(s, 1)))
    assert 'data-call="1:2"' in screen.get("/h5/wall/line/part").text
    town_hall.writing(lambda s: actions.set_aside(staff(s), ticket(s, 1)))
    assert "过号的" in screen.get("/h5/wall/line").text


def test_no_other_device_sees_the_line_or_takes_a_number(town_hall: Town) -> None:
    stranger, kiosk, screen = town_hall.client, admitted(town_hall, "numbers"), admitted(town_hall, "line")
    for path in ("/h5/wall/line", "/h5/wall/line/part", "/h5/wall/numbers", "/h5/wall/numbers/booked"):
        assert stranger.get(path).headers["Location"] == "/h5/wall"
    assert stranger.post("/h5/wall/numbers", data={"service": "1"}).headers["Location"] == "/h5/wall"
    assert screen.post("/h5/wall/numbers", data={"service": "1"}).headers["Location"] == "/h5/wall"
    assert kiosk.get("/h5/wall/line").headers["Location"] == "/h5/wall"
    assert states(town_hall) == {}
    slip = kiosk.post("/h5/wall/numbers", data={"service": "1"}).headers["Location"]
    assert stranger.get(slip).headers["Location"] == "/h5/wall"
    asked = stranger.get("/h5/wall/line/part", headers={"HX-Request": "true"})
    assert asked.headers["HX-Redirect"] == "/h5/wall"
    town_hall.writing(lambda s: tablets.revoke(staff(s), s.get_one(WallTablet, 1)))
    assert kiosk.get("/h5/wall/numbers").headers["Location"] == "/h5/wall", "shut off is shut off"


def test_a_tap_gives_a_number_with_its_code_and_two_taps_give_one(town_hall: Town, monday: Any) -> None:
    kiosk = admitted(town_hall, "numbers")
    assert "老年证" in kiosk.get("/h5/wall/numbers").text
    first = kiosk.post("/h5/wall/numbers", data={"service": "1"})
    again = kiosk.post("/h5/wall/numbers", data={"service": "1"})
    assert first.headers["Location"] == again.headers["Location"]
    with town_hall.reading() as session:
        code = ticket(session, 1).code
    slip = kiosk.get(first.headers["Location"]).text
    assert "<b>1</b>号" in slip
    assert f"评价码 <b>{code}</b>" in slip
    monday.shift(timedelta(minutes=4))
    assert "评价码" not in kiosk.get(first.headers["Location"]).text, "the next one stands there now"
    kiosk.post("/h5/wall/numbers", data={"service": "1"})
    assert states(town_hall) == {1: "waiting", 2: "waiting"}
    assert kiosk.post("/h5/wall/numbers", data={"service": "99"}).status_code == 409
    monday.shift(timedelta(seconds=4))
    town_hall.writing(lambda s: actions.stop_numbers(staff(s)))
    refused = kiosk.post("/h5/wall/numbers", data={"service": "1"})
    assert refused.status_code == 409
    assert "今天不再放号了" in refused.text


def test_who_has_booked_types_the_number_and_is_in_the_line(town_hall: Town) -> None:
    booked(town_hall, MONDAY, "10:30")
    kiosk = admitted(town_hall, "numbers")
    slip = kiosk.post("/h5/wall/numbers/booked", data={"number": "0001"}, follow_redirects=True).text
    assert "约的是 10:30,到点先叫您" in slip
    assert "马秀兰" not in slip
    for wrong in ("0009", "老王", "", "99999999999"):
        answer = kiosk.post("/h5/wall/numbers/booked", data={"number": wrong})
        assert answer.status_code == 409
        assert "没找到今天这个预约号" in answer.text
    assert states(town_hall) == {1: "waiting"}


def types(kiosk: FlaskClient, number: str) -> str:
    return kiosk.post("/h5/wall/numbers/booked", data={"number": number}, follow_redirects=True).text


def test_b19_numbers_are_not_tried_out_at_a_tablet(town_hall: Town, monday: Any) -> None:
    """Five wrong ones, then a quarter of an hour in which a right one is answered like a wrong one; the tablet beside
    it, the window and the phone go on."""
    booked(town_hall, MONDAY, "10:30")
    kiosk, beside = admitted(town_hall, "numbers"), admitted(town_hall, "numbers")
    for wrong in range(5):
        assert "没找到今天这个预约号" in types(kiosk, f"{90 + wrong:04d}")
    shut = types(kiosk, "0099")
    assert "这台机器上午9点30分以前不收预约号。请到窗口说您约好了" in shut
    assert types(kiosk, "0001") == shut
    assert states(town_hall) == {}
    assert kiosk.post("/h5/wall/numbers", data={"service": "1"}).status_code == 303, "who has not booked"
    assert "到点先叫您" in types(beside, "0001")
    monday.shift(timedelta(minutes=15))
    assert "没找到今天这个预约号" in types(kiosk, "0099"), "never for ever"
    with town_hall.reading() as session:
        assert len(audited(session, "hall.tablet_rests")) == 1


def test_right_numbers_and_refusals_for_another_reason_are_no_tries(town_hall: Town, monday: Any) -> None:
    booked(town_hall, MONDAY, "10:30")
    kiosk = admitted(town_hall, "numbers")
    for _ in range(7):
        types(kiosk, "0001")
    assert "没找到" in types(kiosk, "0099")


def test_b19_tries_at_once_are_counted_one_by_one(town: Town, monday: Any) -> None:
    hall(town)
    mark = admitted(town, "numbers").get_cookie("wall", path="/h5/wall")
    assert mark is not None

    def tries(number: int) -> str:
        device = town.client
        device.set_cookie("wall", mark.value, path="/h5/wall")
        answer = device.post("/h5/wall/numbers/booked", data={"number": f"{number:04d}"})
        if answer.status_code == 503:
            raise Busy
        return answer.text

    said = at_once([lambda number=number: tries(number) for number in range(50, 60)])
    assert sum("没找到今天这个预约号" in one for one in said) == 5


def test_nobody_empties_the_roll_of_numbers(town_hall: Town, monday: Any) -> None:
    kiosk = admitted(town_hall, "numbers")
    walk_in(town_hall, 1)

    def often(session: Session) -> None:
        session.scalars(select(Ticket)).one().channel = "kiosk"
        gone = {"state": "left", "ended_at": clock.now()}
        for n in range(19):
            session.add(
                Ticket(service_id=1, day=MONDAY, number=100 + n, code=f"Z{n:05d}", channel="kiosk", **gone)
            )

    town_hall.writing(often)
    monday.shift(timedelta(seconds=4))
    refused = kiosk.post("/h5/wall/numbers", data={"service": "1"})
    assert refused.status_code == 409
    assert "刚才取号太多,先停几分钟" in refused.text
    assert walk_in(town_hall, 1) == 2, "the window goes on"
    monday.shift(timedelta(minutes=11))
    assert kiosk.post("/h5/wall/numbers", data={"service": "1"}).status_code == 303
