"""The services themselves at the console: what a change would do is shown before it is done."""

from __future__ import annotations

import html
import re
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.plans import Service, SpecialDay
from tests.appointments.desk import TUESDAY, WEDNESDAY, booked, get, opened, slot_at, sound
from tests.neighbours import Town
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def wang(sqlite_town: Town, monday: Any) -> Clerk:
    opened(sqlite_town)
    return clerk(sqlite_town, "desk", login="wang")


def form(wang: Clerk, **more: str) -> dict[str, str]:
    """What stands in the fields of the page, as a browser would send it."""
    told = {}
    for tag in re.findall(r"<input[^>]*>", wang.page):
        name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
        box = 'type="checkbox"' in tag
        if name and name[1] != "csrf_token" and (not box or "checked" in tag):
            told[name[1]] = html.unescape(value[1]) if value else ""
    for name, text in re.findall(
        r'<textarea[^>]*name="(\w+)"[^>]*>\s?(.*?)</textarea>', wang.page, re.DOTALL
    ):
        told[name] = html.unescape(text)
    told["kind"] = "hall"
    for name in ("day", "hours", "reason"):
        told.pop(name, None)
    return told | more


def test_the_list_names_hours_and_seats(wang: Clerk) -> None:
    wang.opens("/console/appointments/services")
    assert "老年证 2号窗口,一次 30 分钟,同时 1 位 周一–五 09:00–11:00" in wang.words


def test_a_change_is_looked_at_first_and_promised_visits_stay(wang: Clerk) -> None:
    number = booked(wang.town, TUESDAY, "10:30")
    wang.opens("/console/appointments/services/1")
    changed = form(wang, day_1="9:00-10:00", minutes="30", bring="身份证\n一寸照片")
    wang.sends("/console/appointments/services/1", **changed)
    assert "有 1 个已经约好的不在新的时间里" in wang.words
    assert "11月24日(星期二)上午10点30分 马秀兰" in wang.words
    assert "新增 0 个,去掉 4 个" in wang.words
    with wang.town.reading() as session:
        assert session.get_one(Service, 1).bring == ["身份证", "照片"]
    again = form(wang) | {"minutes": "20"}
    wang.sends("/console/appointments/services/1", **again)
    assert "改了以后" in wang.words, "something else was changed than what was looked at"
    wang.sends("/console/appointments/services/1", **(form(wang) | {"minutes": "30"}))
    wang.sends("/console/appointments/services/1", **form(wang), follow=True)
    assert "已经约了的照旧" in wang.words
    with wang.town.reading() as session:
        service = session.get_one(Service, 1)
        assert service.hours_of(1) == [(time(9), time(10))]
        assert service.bring == ["身份证", "一寸照片"]
        assert get(session, number).state == "confirmed"
        assert not slot_at(session, TUESDAY, "10:00").is_open
        assert audited(session, "appointments.set_week")
    assert sound(wang.town)


def test_f28_who_saves_second_hears_of_the_first_also_after_the_look_at_the_consequences(
    wang: Clerk, monday: Any
) -> None:
    """The page that shows what a change would do is still the page that was opened before the colleague saved."""
    path = "/console/appointments/services/1"
    li = clerk(wang.town, "desk", login="li2", name="李红")
    wang.opens(path)
    li.opens(path)
    theirs = first_form(li, summary="后存的")
    wang.sends(path, **first_form(wang, summary="先存的"))
    monday.shift(timedelta(minutes=1))
    wang.sends(path, follow=True, **first_form(wang))
    monday.shift(timedelta(minutes=1))
    li.sends(path, **theirs)
    assert "改了以后" in li.words
    li.sends(path, follow=True, **first_form(li))
    assert "已经存过" in li.words
    assert "后存的" in li.page, "what was typed stays"
    with wang.town.reading() as session:
        assert session.get_one(Service, 1).summary == "先存的"
    li.sends(path, follow=True, **first_form(li))
    assert "已经约了的照旧" in li.words, "once more, knowingly"


def first_form(one: Clerk, **more: str) -> dict[str, str]:
    """The upper form of the page with its own time of opening; the one below it has another."""
    found = re.search(r'name="opened" value="([^"]+)"', one.page)
    assert found is not None
    return form(one, opened=found[1], **more)


def test_closing_a_service_tells_whom_it_has_promised(wang: Clerk) -> None:
    booked(wang.town, TUESDAY, "10:30")
    wang.opens("/console/appointments/services/1")
    closed = form(wang)
    del closed["is_open"]
    wang.sends("/console/appointments/services/1", **closed)
    assert "有 1 个已经约好的不在新的时间里" in wang.words
    assert "一共 0 个" in wang.words


def test_a_new_service_opens_with_its_week(wang: Clerk) -> None:
    wang.opens("/console/appointments/services/new")
    new = form(
        wang,
        name="社保查询",
        summary="查社保交了没有。",
        place="社区大厅",
        provider="社区",
        phone="0971-8170001",
    )
    wang.sends("/console/appointments/services/new", **new | {"name": "老年证", "day_2": "14:30到16:00"})
    assert "已经有叫这个名字的服务了" in wang.words
    for wrong, told in {
        "两点到四点": "没看懂",
        "16:00-14:00": "时间前后对不上",
        "9:00-11:00 10:00-12:00": "时间前后对不上",
        "25:00-26:00": "没看懂",
    }.items():
        wang.sends("/console/appointments/services/new", **new | {"day_2": wrong})
        assert told in wang.words, wrong
    wang.sends("/console/appointments/services/new", **new | {"day_2": "14:30到16:00"}, follow=True)
    assert "开好了" in wang.words
    with wang.town.reading() as session:
        made = session.scalars(select(Service).where(Service.name == "社保查询")).one()
        assert made.hours_of(2) == [(time(14, 30), time(16))]
        assert slot_at(session, WEDNESDAY, "15:10", "社保查询").is_open


def test_a_day_of_its_own_hours_and_back(wang: Clerk) -> None:
    path = "/console/appointments/services/1"
    wang.sends(f"{path}/day", day="2026-11-28", hours="不知道", reason="")
    assert "没看懂" in wang.words
    wang.sends(f"{path}/day", day="2026-11-28", hours="9:00-10:00", reason="补办", follow=True)
    assert "11月28日(星期六) 09:00–10:00:补办" in wang.words
    with wang.town.reading() as session:
        special = session.scalars(select(SpecialDay.id)).one()
    wang.sends(f"/console/appointments/special/{special}/as-usual", service="1", follow=True)
    assert "没有,都按每周时间" in wang.words
