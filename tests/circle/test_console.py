"""派活 at the console: alarms first, by telephone for who has no WeChat, on behalf with a slip; doors only when opened."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models.circle import EmergencyLine
from models.circle_places import Landmark
from tests.circle.conftest import a_provider, a_service, jobs_in, lines, sent, sound
from tests.circle.test_home import DOOR, orders
from tests.neighbours import Phone, Town
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def wang(sqlite_town: Town, ma: Phone) -> Clerk:
    a_provider(sqlite_town, does=(a_service(sqlite_town),))
    return clerk(sqlite_town, "desk")


def test_an_alarm_stands_first_and_is_settled_with_a_word(sqlite_town: Town, ma: Phone, wang: Clerk) -> None:
    lines(sqlite_town)
    ma.says("家里水管爆了")
    wang.opens("/console/")
    assert "要安排的上门和急事" in wang.words
    wang.opens("/console/circle")
    assert "急事" in wang.words
    wang.opens("/console/circle/jobs/1")
    assert "家里水管爆了" in wang.words
    wang.sends("/console/circle/jobs/1/take-up", follow=True)
    assert "王干事" in wang.words
    wang.sends("/console/circle/jobs/1/log", follow=True, log="打电话教他关了总阀")
    assert jobs_in(sqlite_town)[0].state == "closed"


def test_who_has_no_wechat_is_telephoned_and_the_clerk_notes_yes_and_log(
    sqlite_town: Town, ma: Phone, wang: Clerk
) -> None:
    orders(sqlite_town, ma, 1)
    wang.opens("/console/circle?which=offered")
    assert "打电话问" in wang.words
    assert DOOR not in wang.words
    wang.opens("/console/circle/jobs/1")
    assert "13900002001" in wang.words
    wang.sends("/console/circle/jobs/1/accept", follow=True)
    assert len(sent(sqlite_town, "circle.accepted")) == 1
    wang.sends("/console/circle/jobs/1/log", follow=True, log="换了水龙头", minutes="40", yuan="30")
    assert jobs_in(sqlite_town)[0].state == "done"
    wang.sends("/console/circle/jobs/1/reopen", follow=True)
    assert jobs_in(sqlite_town)[0].reopened == 1
    assert sound(sqlite_town) == []
    with sqlite_town.reading() as session:
        assert len(audited(session, "circle.view_job")) >= 2


def test_the_desk_gives_a_job_to_somebody_and_never_twice_at_one_time(
    sqlite_town: Town, ma: Phone, wang: Clerk
) -> None:
    orders(sqlite_town, ma, 1)
    wang.sends("/console/circle/jobs/1/decline", follow=True)
    assert jobs_in(sqlite_town)[0].state == "desk"
    told = {"provider": "1", "day": "2026-11-28", "at": "15:00"}
    wang.sends("/console/circle/jobs/1/assign", follow=True, **told)
    assert jobs_in(sqlite_town)[0].state == "accepted"
    orders(sqlite_town, ma, 1, ahead=3)
    wang.sends("/console/circle/jobs/2/assign", **told | {"at": "15:30"})
    assert "那段时间已经有安排了" in wang.words
    wang.sends("/console/circle/jobs/2/take-back", follow=True, reason="师傅病了")
    assert [row.facts["reason"] for row in sent(sqlite_town, "circle.cancelled")] == ["师傅病了"]
    assert sound(sqlite_town) == []


def test_somebody_without_a_telephone_takes_a_slip_home(sqlite_town: Town, wang: Clerk) -> None:
    wang.opens("/console/circle/new")
    assert "水电维修" in wang.words
    form = {"half": "2026-11-27 am", "phone": "13900000005", "address": DOOR}
    wang.sends("/console/circle/new/1", **form)
    assert "先登记" in wang.words
    wang.sends(
        "/console/circle/new/1",
        follow=True,
        **form,
        looked="13900000005",
        person="0",
        name="赵大娘",
        agreed="y",
    )
    assert "赵大娘" in wang.words
    slip = wang.opens("/console/circle/jobs/1/slip").text
    assert "上门0001" in slip
    assert "11月27日(星期五)上午9点左右" in slip
    assert DOOR not in slip


def test_a_place_and_an_emergency_line_are_kept_and_confirmed(sqlite_town: Town, wang: Clerk) -> None:
    lines(sqlite_town)
    place = {"name": "清真寺", "also": "大寺", "lat": "36.61", "lng": "101.79", "estate": "没有的小区"}
    wang.sends("/console/circle/places", **place)
    assert "没有这个地方" in wang.words
    wang.sends("/console/circle/places", follow=True, **place | {"estate": ""})
    assert "清真寺 大寺" in wang.words
    wang.sends("/console/circle/places/1/drop", follow=True)
    wang.opens("/console/circle/lines")
    assert "样例,没核对" in wang.words
    assert wang.opens("/console/circle/lines/burst").status_code == 403
    boss = clerk(sqlite_town, "approver", name="赵书记")
    line: dict[str, Any] = {
        "title": "水管爆了",
        "first": "先关总阀。",
        "whom": "水电维修",
        "phone": "0971-8170012",
    }
    boss.opens("/console/circle/lines/burst")
    boss.sends("/console/circle/lines/burst", follow=True, **line)
    with sqlite_town.reading() as session:
        row = session.get_one(EmergencyLine, "burst")
        assert (row.phone, str(row.confirmed_on)) == ("0971-8170012", "2026-11-26")
        assert session.scalars(select(Landmark)).all() == []
    assert "0971-8170012" in sqlite_town.phone("马秀兰").says("水管爆了")


def test_a_grid_worker_opens_no_job(sqlite_town: Town, ma: Phone, wang: Clerk) -> None:
    orders(sqlite_town, ma, 1)
    grid = clerk(sqlite_town, "grid")
    for address in ("/console/circle", "/console/circle/jobs/1", "/console/circle/jobs/1/slip"):
        assert grid.opens(address).status_code == 403
