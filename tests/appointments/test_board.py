"""The board at the console: a day as a table, a week in words, visits moved, marks taken back, the counter's line."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from handlers.appointments import marks
from models.appointments import Appointment
from tests.appointments.desk import (
    MONDAY,
    MORNING,
    TUESDAY,
    WEDNESDAY,
    booked,
    fill,
    get,
    messages,
    only,
    opened,
    slot_at,
    sound,
)
from tests.neighbours import Town
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def wang(sqlite_town: Town, monday: Any) -> Clerk:
    opened(sqlite_town)
    return clerk(sqlite_town, "desk", login="wang")


def slot(wang: Clerk, day: Any, moment: str, service: str = "老年证") -> int:
    with wang.town.reading() as session:
        return slot_at(session, day, moment, service).id


def test_a_day_stands_as_a_table_with_who_comes_and_what_is_free(wang: Clerk) -> None:
    number = booked(wang.town)
    wang.opens(f"/console/appointments?day={TUESDAY}")
    assert "09:00 马秀兰" in wang.words
    assert "约 1,空 3" in wang.words
    assert f'data-visit="{number}"' in wang.page
    fill(wang.town, WEDNESDAY, "09:00", "09:30", "10:00", "10:30")
    wang.opens(f"/console/appointments?day={WEDNESDAY}")
    assert re.search("约 4.没有空的了", wang.words)
    wang.opens(f"/console/appointments?day={TUESDAY}")
    assert f'data-slot="{slot(wang, TUESDAY, "09:30")}"' in wang.page
    assert f'data-slot="{slot(wang, TUESDAY, "09:00")}"' not in wang.page


def test_a_day_that_no_page_can_hold_is_shown_by_one_service(
    wang: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(wang.town)
    monkeypatch.setattr(import_module("handlers.appointments.console"), "MOST_ON_BOARD", 0)
    wang.opens(f"/console/appointments?day={TUESDAY}")
    assert "先列一个服务" in wang.words
    assert "09:00 马秀兰" in wang.words
    wang.opens(f"/console/appointments?day={WEDNESDAY}")
    assert "先列一个服务" not in wang.words


def test_a_week_says_full_closed_and_how_many(wang: Clerk) -> None:
    fill(wang.town, TUESDAY, "09:00", "09:30", "10:00", "10:30")
    booked(wang.town, WEDNESDAY)
    close = {"day": "2026-11-26", "service": "0", "reason": "停电", "sure": "2026-11-26 0"}
    wang.sends("/console/appointments/close-day", **close)
    wang.opens("/console/appointments/week")
    monday, tuesday, wednesday, thursday = re.findall(r"<td.*?</td>", wang.page, re.DOTALL)[:4]
    assert "今天" in wang.words
    assert "约 4" in tuesday
    assert "满了" in tuesday
    assert "约 1" in wednesday
    assert "空 3" in wednesday
    assert "不办" in thursday
    assert "空 4" in monday, "at half past eight nine o'clock is still ahead"
    for day in ("nonsense", "9999-12-31"):
        assert wang.opens("/console/appointments/week", query_string={"day": day}).status_code == 200


def test_moving_from_the_list_keeps_the_number_and_tells_the_resident(wang: Clerk) -> None:
    number = booked(wang.town)
    to = slot(wang, WEDNESDAY, "10:00")
    wang.opens(f"/console/appointments/{number}")
    assert f'<option value="{to}">' in wang.page
    assert "本人会收到微信消息" in wang.words
    wang.sends(f"/console/appointments/{number}/move", slot=to, seen="0", follow=True)
    assert "老年证改到11月25日(星期三)上午10点。本人会收到微信消息。" in wang.words
    assert only(wang.town).slot_id == to
    (word,) = messages(wang.town, "moved")
    assert (word.facts["before"], word.facts["number"]) == (
        clock.at(TUESDAY, MORNING[0][0][0]).isoformat(),
        "0001",
    )
    with wang.town.reading() as session:
        assert len(audited(session, "appointments.read")) == 2
    assert sound(wang.town)


def test_who_has_no_wechat_is_named_with_the_phone_to_call(wang: Clerk) -> None:
    to = slot(wang, TUESDAY, "09:00")
    new = {"phone": "13955556666", "looked": "13955556666", "name": "赵淑英", "person": "0", "agreed": "y"}
    wang.sends(f"/console/appointments/book/{to}", **new, follow=True)
    assert "请打印回执给他" in wang.words
    assert "/console/appointments/1/slip" in wang.page
    wang.sends("/console/appointments/1/move", slot=slot(wang, TUESDAY, "10:00"), seen="0", follow=True)
    assert "没有微信,请打电话告诉:13955556666" in wang.words
    wang.sends("/console/appointments/1/cancel", reason="ours", seen="1", follow=True)
    said = "赵淑英的老年证取消了:11月24日(星期二)上午10点。没有微信,请打电话告诉:13955556666"
    assert said in wang.words, "before, it said that they had been told"


def test_the_slower_of_two_clerks_hears_who_was_quicker_and_what_it_is_now(wang: Clerk) -> None:
    number = booked(wang.town)
    li = clerk(wang.town, "desk", login="li", name="李红")
    path = f"/console/appointments/{number}/move"
    li.sends(path, slot=slot(wang, WEDNESDAY, "09:00"), seen="0")
    wang.sends(path, slot=slot(wang, WEDNESDAY, "10:00"), seen="0", follow=True)
    assert "慢了一步,李红刚才把这个预约改到了11月25日(星期三)上午9点" in wang.words
    assert len(messages(wang.town, "moved")) == 1
    wang.sends(f"/console/appointments/{number}/cancel", reason="ours", seen="0", follow=True)
    assert "慢了一步" in wang.words
    assert only(wang.town).state == "confirmed"


def test_what_is_cancelled_is_not_moved_and_other_services_times_do_not_count(wang: Clerk) -> None:
    opened(wang.town, name="理发")
    number = booked(wang.town)
    path = f"/console/appointments/{number}/move"
    wang.sends(path, slot=slot(wang, TUESDAY, "10:00", "理发"), seen="0", follow=True)
    assert "alert-danger" in wang.page
    wang.sends(f"/console/appointments/{number}/cancel", reason="ours")
    wang.sends(path, slot=slot(wang, TUESDAY, "10:00"), seen="1", follow=True)
    assert "alert-danger" in wang.page
    assert only(wang.town).state == "cancelled"
    assert sound(wang.town)


def test_a_time_that_is_full_is_refused_with_the_nearest_in_words(wang: Clerk) -> None:
    number = booked(wang.town)
    booked(wang.town, WEDNESDAY, "09:00", "才让卓玛")
    to = slot(wang, WEDNESDAY, "09:00")
    wang.sends(f"/console/appointments/{number}/move", slot=to, seen="0", follow=True)
    assert "刚被约走了,这些时间还有:明天 周二 上午10点30分、后天 周三 上午9点30分" in wang.words
    assert only_of(wang.town, number) != to


def only_of(town: Town, number: int) -> int:
    with town.reading() as session:
        return get(session, number).slot_id


def test_a_wrong_mark_is_taken_back(wang: Clerk, monday: Any) -> None:
    number = booked(wang.town, MONDAY, "10:00")
    path = f"/console/appointments/{number}/mark"
    wang.sends(path, came="undo", follow=True)
    assert "不用撤" in wang.words
    monday.shift(timedelta(hours=2))
    wang.signs_in()
    wang.sends(path, came="no")
    assert only(wang.town).state == "no_show"
    wang.opens("/console/appointments")
    assert "标错了,撤掉" in wang.words
    wang.sends(path, came="undo")
    assert (only(wang.town).state, only(wang.town).marked_by) == ("confirmed", None)


def test_a_slip_shows_what_to_take_home_and_no_phone(wang: Clerk) -> None:
    number = booked(wang.town)
    wang.opens(f"/console/appointments/{number}/slip")
    assert "0001 预约号 老年证 11月24日(星期二)上午9点" in wang.words
    assert "身份证、照片" in wang.words
    assert "1390000" not in wang.words


def test_a_leader_sees_no_board(wang: Clerk) -> None:
    leader = clerk(wang.town, "leader", login="leader")
    number = booked(wang.town)
    for path in ("", "/week", "/called-off", "/services", f"/{number}", f"/{number}/slip"):
        assert leader.opens(f"/console/appointments{path}").status_code == 403
    assert leader.sends(f"/console/appointments/{number}/move", slot="1").status_code == 403
    resident = wang.town.phone("马秀兰")
    with wang.town.reading() as session:
        one = get(session, number)
        for act in (marks.unmark, marks.note_phoned):
            with pytest.raises(Exception, match="staff_only"):
                act(resident.actor(session), one)


def test_the_day_is_asked_in_few_questions_however_many_services_there_are(wang: Clerk) -> None:
    from sqlalchemy import event

    for name in ("理发", "居住证", "医保咨询"):
        opened(wang.town, name=name)
        fill(wang.town, TUESDAY, "09:00", "10:00", service=name)
    asked: list[str] = []
    engine = wang.town.site.database.engine
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    wang.opens(f"/console/appointments?day={TUESDAY}")
    with wang.town.reading() as session:
        assert session.scalar(select(Appointment.id).limit(1))
    assert sum("FROM slot" in one or "FROM appointment" in one for one in asked) <= 6
