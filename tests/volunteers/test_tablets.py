"""The tablet on the wall: bound to one device, shut off at once, and without anybody's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from app import clock
from models.tablets import silent_tablets
from tests.activities.plans import a_session, digits
from tests.neighbours import Town, frozen
from tests.races import at_once
from tests.staff.clerks import Clerk, clerk
from tests.volunteers.test_actions import known
from tests.volunteers.test_passes import code_on, signed_up

Clock = time_machine.Traveller
PLACE = "湟水河步道"


@pytest.fixture
def nine() -> Iterator[Clock]:
    with frozen("2026-11-23 09:00:10") as clock:
        yield clock


def a_code(desk: Clerk, place: str = PLACE) -> str:
    """A new tablet's code, as the staff see it once."""
    desk.opens("/console/tablets")
    desk.sends("/console/tablets", follow=True, name="步道口", place=place)
    numbers = re.findall(r"/console/tablets/(\d+)/code", desk.page)
    desk.sends(f"/console/tablets/{max(map(int, numbers))}/code")
    found = re.search(r'开机码:<span class="number">([A-Z0-9]{10})<', desk.page)
    assert found is not None
    return found[1]


def hung(town: Town, code: str) -> FlaskClient:
    """A device that has opened this code."""
    device = town.client
    answer = device.post("/h5/wall", data={"code": code})
    assert answer.status_code == 303, answer.text
    return device


def test_it_shows_what_is_on_at_its_place_and_nobodys_name(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town, leader=known(sqlite_town, "张河长"))
    signed_up(sqlite_town, "马秀兰", number).says(digits(sqlite_town, number))
    device = hung(sqlite_town, a_code(clerk(sqlite_town, "desk")))
    page = device.get("/h5/wall").text
    assert digits(sqlite_town, number) in page
    assert "河道清洁" in page
    assert '<b class="here">1</b>' in page
    assert "马" not in page
    assert "张河长" not in page
    assert code_on(page).startswith("http://127.0.0.1:8000/h5/checkin/")
    nine.shift(30)
    told = device.get(f"/h5/wall/{number}/code.json").json
    assert told["digits"] == digits(sqlite_town, number)
    assert told["picture"].startswith("data:image/svg+xml;base64,")


def test_between_times_it_says_what_comes_next(sqlite_town: Town, nine: Clock) -> None:
    a_session(sqlite_town, "互助小组", "2026-11-23 12:00", listed=False)
    a_session(sqlite_town, "社区义剪", "2026-11-23 14:00")
    device = hung(sqlite_town, a_code(clerk(sqlite_town, "desk")))
    page = device.get("/h5/wall").text
    assert "社区义剪" in page
    assert "11月23日(星期一)下午2点开始" in page
    assert "互助小组" not in page
    before = device.get("/h5/wall/state.json").json
    nine.move_to(clock.now() + timedelta(hours=4, minutes=40))
    assert device.get("/h5/wall/state.json").json != before
    assert 'class="digits"' in device.get("/h5/wall").text


def test_another_room_shows_nothing_of_it(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    device = hung(sqlite_town, a_code(clerk(sqlite_town, "desk"), "三楼教室"))
    assert "今天这里没有活动" in device.get("/h5/wall").text
    assert device.get(f"/h5/wall/{number}/code.json").json == {"digits": "", "here": 0}


def test_two_activities_in_one_room_stand_side_by_side(sqlite_town: Town, nine: Clock) -> None:
    numbers = [a_session(sqlite_town), a_session(sqlite_town, "社区义剪", "2026-11-23 09:20")]
    page = hung(sqlite_town, a_code(clerk(sqlite_town, "desk"))).get("/h5/wall").text
    assert page.count('class="digits"') == 2
    assert all(digits(sqlite_town, number) in page for number in numbers)


def test_one_code_opens_one_device_also_when_many_try_at_once(town: Town, nine: Clock) -> None:
    code = a_code(clerk(town, "desk"))
    assert town.client.get(f"/h5/wall/open/{code}").status_code == 200  # a preview spends nothing
    answers = at_once(
        [lambda: town.client.post("/h5/wall", data={"code": code}).status_code for _ in range(4)]
    )
    assert sorted(answers) == [303, 409, 409, 409]


def test_a_code_runs_out_and_is_typed_in_any_case(sqlite_town: Town, nine: Clock) -> None:
    desk = clerk(sqlite_town, "desk")
    code, late = a_code(desk), a_code(desk, "三楼教室")
    hung(sqlite_town, f" {code[:5].lower()} {code[5:]} ")
    nine.shift(1801)
    refused = sqlite_town.client.post("/h5/wall", data={"code": late})
    assert refused.status_code == 409
    assert "过了30分钟" in refused.text


@pytest.mark.parametrize("code", ["", "A", "0" * 5000, "ABCDEFGHJK", "' OR 1=1 --"])
def test_an_invented_code_opens_nothing(sqlite_town: Town, nine: Clock, code: str) -> None:
    a_code(clerk(sqlite_town, "desk"))
    assert sqlite_town.client.post("/h5/wall", data={"code": code}).status_code == 409


def test_a_stranger_sees_no_code_at_all(sqlite_town: Town, nine: Clock) -> None:
    number = a_session(sqlite_town)
    device = hung(sqlite_town, a_code(clerk(sqlite_town, "desk")))
    stranger = sqlite_town.client
    for forged in ("", "x", "x" * 43):
        stranger.set_cookie("wall", forged, path="/h5/wall")
        assert "开机码" in stranger.get("/h5/wall").text
        assert digits(sqlite_town, number) not in stranger.get("/h5/wall").text
        assert stranger.get(f"/h5/wall/{number}/code.json").status_code == 404
        assert stranger.get("/h5/wall/state.json").json == {"key": "gone"}
    assert digits(sqlite_town, number) in device.get("/h5/wall").text


def test_shut_off_and_exchanged_it_shows_nothing_from_that_moment(sqlite_town: Town, nine: Clock) -> None:
    number, desk = a_session(sqlite_town), clerk(sqlite_town, "desk")
    first = hung(sqlite_town, a_code(desk))
    desk.opens("/console/tablets")
    desk.sends("/console/tablets/1/code")
    found = re.search(r'开机码:<span class="number">([A-Z0-9]{10})<', desk.page)
    assert found is not None
    assert first.get("/h5/wall/state.json").json == {"key": "gone"}
    second = hung(sqlite_town, found[1])
    assert digits(sqlite_town, number) in second.get("/h5/wall").text
    desk.sends("/console/tablets/1/revoke", follow=True)
    assert "停用了" in desk.page
    assert "开机码" in second.get("/h5/wall").text
    assert second.get(f"/h5/wall/{number}/code.json").status_code == 404


def test_silence_while_something_is_on_is_told_to_the_staff(sqlite_town: Town, nine: Clock) -> None:
    a_session(sqlite_town)
    desk = clerk(sqlite_town, "desk")
    device = hung(sqlite_town, a_code(desk))
    quiet = hung(sqlite_town, a_code(desk, "三楼教室"))
    nine.shift(290)
    device.get("/h5/wall/state.json")
    nine.shift(290)
    quiet.get("/h5/wall/state.json")
    with sqlite_town.reading() as session:
        assert silent_tablets(session) == []
    nine.shift(11)
    with sqlite_town.reading() as session:
        assert [one.place for one in silent_tablets(session)] == [PLACE]
        assert silent_tablets(session, clock.now()) == []
        assert len(silent_tablets(session, clock.now() - timedelta(minutes=5))) == 1
    assert "活动正在进行,没有动静" in desk.opens("/console/tablets").text
    assert "没有动静的签到平板" in desk.opens("/console/").text
    device.get("/h5/wall/state.json")
    assert "活动正在进行,没有动静" not in desk.opens("/console/tablets").text


def test_who_came_from_the_hall_finds_the_way_back_to_it(sqlite_town: Town) -> None:
    desk = clerk(sqlite_town, "desk")
    desk.opens("/console/tablets")
    assert ">← 叫号</a>" in desk.page
    assert ">← 活动</a>" in desk.page
    leader = clerk(sqlite_town, "leader")
    leader.opens("/console/tablets")
    assert ">← 叫号</a>" not in leader.page, "the hall is not theirs"


def test_only_those_who_run_activities_hang_tablets(sqlite_town: Town) -> None:
    for role in ("grid", "auditor"):
        other = clerk(sqlite_town, role)
        assert other.opens("/console/tablets").status_code == 403
        assert other.sends("/console/tablets/1/code").status_code == 403
        assert other.sends("/console/tablets/1/revoke").status_code == 403
