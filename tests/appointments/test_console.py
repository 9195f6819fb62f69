"""The day's board at the console: marks, cancelling with a reason, booking for others, closing a day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from models.appointments import Appointment
from models.identity import Person
from models.outbox import OutboxRow
from models.plans import Service
from models.slots import Slot
from tests.neighbours import Phone, Town
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def hall(sqlite_town: Town, monday: Any) -> Town:
    sqlite_town.seed("appointments")
    sqlite_town.seed("people")  # who live there now have booked nothing yet
    return sqlite_town


@pytest.fixture
def booked(hall: Town) -> Phone:
    """马秀兰 has booked the hall's 高龄补贴 on Monday afternoon at half past two."""
    phone = hall.phone("马秀兰")
    phone.says("预约", "高龄补贴", "今天下午两点半", "马秀兰", "1")
    return phone


@pytest.fixture
def wang(hall: Town) -> Clerk:
    return clerk(hall, "desk", login="wang")


def appointment(town: Town) -> Appointment:
    with town.reading() as session:
        found = session.scalars(select(Appointment).order_by(Appointment.id.desc())).first()
        assert found is not None
        session.expunge_all()
        return found


def messages(town: Town, kind: str) -> list[OutboxRow]:
    with town.reading() as session:
        found = list(session.scalars(select(OutboxRow).where(OutboxRow.kind == kind)))
        session.expunge_all()
        return found


def slot_at(town: Town, service: str, wall: str) -> int:
    day, _, moment = wall.partition(" ")
    with town.reading() as session:
        slots = session.scalars(select(Slot).join(Slot.service).where(Service.name == service))
        return next(one.id for one in slots if f"{clock.local(one.starts):%m-%d %H:%M}" == f"{day} {moment}")


def test_the_board_shows_who_comes_when_and_what_is_free(booked: Phone, wang: Clerk) -> None:
    wang.opens("/console/appointments")
    assert "14:30 马秀兰" in wang.words
    assert "2号窗口 约 1" in wang.words
    wang.opens("/console/")
    assert "今天的预约 1" in wang.words


def test_a_visit_is_marked_only_once_it_has_begun(booked: Phone, wang: Clerk, monday: Any) -> None:
    path = f"/console/appointments/{appointment(wang.town).id}/mark"
    wang.sends(path, came="yes", follow=True)
    assert appointment(wang.town).state == "confirmed"
    assert "alert-danger" in wang.page
    monday.shift(timedelta(hours=6, minutes=5))
    wang.signs_in()
    wang.opens("/console/appointments")
    assert f'action="{path}"' in wang.page
    wang.sends(path, came="no")
    assert appointment(wang.town).state == "no_show"
    wang.sends(path, came="yes")
    done = appointment(wang.town)
    with wang.town.reading() as session:
        assert (done.state, done.marked_by) == ("done", wang.member(session).id)


def test_cancelling_with_a_reason_frees_the_place_and_tells_the_resident(booked: Phone, wang: Clerk) -> None:
    one = appointment(wang.town)
    wang.sends(f"/console/appointments/{one.id}/cancel", reason="ours")
    with wang.town.reading() as session:
        row = session.get_one(Appointment, one.id)
        assert (row.state, row.reason, row.slot.taken) == ("cancelled", "社区这边的原因", 0)
    assert len(messages(wang.town, "appointments.cancelled")) == 1


def test_a_neighbour_on_the_telephone_is_booked_by_number(wang: Clerk) -> None:
    number = slot_at(wang.town, "居住证", "11-24 09:00")
    path = f"/console/appointments/book/{number}"
    wang.opens(path)
    wang.sends(path, phone="13900000001")
    assert "马秀兰" in wang.words
    person = re.search(r'<option selected value="(\d+)"|<option value="(\d+)"', wang.page)
    assert person
    looked = re.search(r'name="looked"[^>]*value="(\d+)"', wang.page)
    assert looked
    wang.sends(path, phone="13900000001", looked=looked[1], person=person[1] or person[2])
    one = appointment(wang.town)
    assert (one.slot_id, one.channel) == (number, "console")
    assert messages(wang.town, "appointments.booked_for_you") == [], (
        "no WeChat: the clerk says it on the telephone"
    )
    with wang.town.reading() as session:
        assert session.get_one(Person, one.person_id).name == "马秀兰"
        assert {line.facts["purpose"] for line in audited(session, "people.look_up")} == {"booking"}


def test_somebody_new_is_registered_and_booked_in_one_step_with_consent(wang: Clerk) -> None:
    path = f"/console/appointments/book/{slot_at(wang.town, '居住证', '11-24 09:00')}"
    wang.sends(path, phone="13955556666")
    assert "没有登记过" in wang.words
    new = {"phone": "13955556666", "looked": "13955556666", "name": "赵淑英", "person": "0"}
    wang.sends(path, **new)
    assert "本人同意了才能登记。" in wang.words
    with wang.town.reading() as session:
        assert session.scalar(select(Appointment)) is None
    wang.sends(path, **new, agreed="y")
    with wang.town.reading() as session:
        assert session.get_one(Person, appointment(wang.town).person_id).name == "赵淑英"


def test_b15_a_person_who_does_not_have_this_phone_cannot_be_slipped_in(wang: Clerk) -> None:
    path = f"/console/appointments/book/{slot_at(wang.town, '居住证', '11-24 09:00')}"
    with wang.town.reading() as session:
        other = next(one.id for one in session.scalars(select(Person)) if one.phone == "13900000002")
    wang.sends(path, phone="13900000001", looked="13900000001", person=other)
    with wang.town.reading() as session:
        assert session.scalar(select(Appointment)) is None


def test_a_time_that_somebody_else_took_meanwhile_is_refused_with_the_nearest(
    booked: Phone, wang: Clerk
) -> None:
    path = f"/console/appointments/book/{appointment(wang.town).slot_id}"
    with wang.town.reading() as session:
        person = next(one.id for one in session.scalars(select(Person)) if one.phone == "13900000002")
    wang.sends(path, phone="13900000002", looked="13900000002", person=person)
    assert "alert-danger" in wang.page
    with wang.town.reading() as session:
        assert len(session.scalars(select(Appointment)).all()) == 1


def test_closing_a_day_shows_who_is_hit_before_anything_happens(booked: Phone, wang: Clerk) -> None:
    form = {"day": "2026-11-23", "service": "0", "reason": "停电"}
    wang.sends("/console/appointments/close-day", **form, sure="")
    assert "会取消 1 个预约" in wang.words
    assert "马秀兰" in wang.words
    assert appointment(wang.town).state == "confirmed"
    wang.sends("/console/appointments/close-day", **form | {"day": "2026-11-24"}, sure="2026-11-23 0")
    assert appointment(wang.town).state == "confirmed", (
        "another day was confirmed than the one that was shown"
    )
    wang.sends("/console/appointments/close-day", **form, sure="2026-11-23 0", follow=True)
    assert "1位居民会收到消息" in wang.words
    assert appointment(wang.town).state == "cancelled"
    assert len(messages(wang.town, "appointments.called_off")) == 1


def test_a_closed_day_can_be_opened_again(wang: Clerk) -> None:
    form = {"day": "2026-11-24", "service": "0", "reason": "系统升级", "sure": "2026-11-24 0"}
    wang.sends("/console/appointments/close-day", **form)
    wang.opens("/console/appointments?day=2026-11-24")
    assert "停办:系统升级" in wang.words
    special = re.search(r"/console/appointments/special/\d+/as-usual", wang.page)
    assert special
    wang.sends(special[0])
    wang.opens("/console/appointments?day=2026-11-24")
    assert "停办:系统升级" not in wang.words
    assert "代约" in wang.words


def test_a_day_that_is_over_is_not_closed(wang: Clerk) -> None:
    wang.sends(
        "/console/appointments/close-day", day="2026-11-20", service="0", reason="停电", sure="2026-11-20 0"
    )
    assert "alert-danger" in wang.page


def test_the_printed_list_is_for_one_day_and_its_printing_is_written_down(booked: Phone, wang: Clerk) -> None:
    wang.opens("/console/appointments/print?day=2026-11-23")
    assert "马秀兰" in wang.words
    assert "王干事" in wang.words
    with wang.town.reading() as session:
        assert audited(session, "appointments.print")[0].facts == {"day": "2026-11-23", "count": 1}


def test_days_that_are_none_show_today(wang: Clerk) -> None:
    for day in ("not-a-day", "2026-13-45", "9999999-01-01", ""):
        assert wang.opens("/console/appointments", query_string={"day": day}).status_code == 200
        assert f"{date(2026, 11, 23).month}月23日" in wang.words


def test_the_board_offers_only_times_that_can_still_be_booked(wang: Clerk) -> None:
    with wang.town.reading() as session:
        lead = session.scalars(select(Service.lead_minutes).where(Service.name == "居住证")).one()
    now = clock.now()
    wang.opens(f"/console/appointments?day={clock.today()}")
    offered = [int(one) for one in re.findall(r"/console/appointments/book/(\d+)", wang.page)]
    with wang.town.reading() as session:
        times = list(session.scalars(select(Slot).join(Slot.service).where(Service.name == "居住证")))
        soon = [one.id for one in times if now < one.starts < now + timedelta(minutes=lead)]
        later = [one.id for one in times if one.starts >= now + timedelta(minutes=lead)]
    assert soon
    assert not set(soon) & set(offered)
    assert set(later) & set(offered)


def test_who_is_new_and_what_is_no_phone_is_said_beside_the_field(wang: Clerk) -> None:
    path = f"/console/appointments/book/{slot_at(wang.town, '居住证', '11-24 09:00')}"
    wang.sends(path, phone="12")
    assert "这不是一个完整的手机号" in wang.words
    wang.sends(path, phone="13911112222", looked="13911112222")
    assert "请填写。" in wang.words
    assert "本人同意了才能登记。" in wang.words
    assert "alert-danger" not in wang.page
