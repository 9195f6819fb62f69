"""Posters and sheets from the console: made outside the request, looked at, taken away; names only for those who may."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.activities import actions as activities
from handlers.appointments import actions as appointments
from handlers.people import actions as people
from models.activities import LIVE, ActivitySession
from models.identity import Actor, Person
from models.notices import current_notices
from models.places import Place
from models.plans import Service
from models.posters import PosterCode
from models.slots import free_slots
from tests.neighbours import Town, frozen
from tests.posters.pages import code_on, pages_of, size_of, text_of
from tests.scheduler.conftest import Platform
from tests.staff.clerks import Clerk, audited, clerk


def asks(person: Clerk, path: str = "make", **fields: str) -> str:
    """Press a button of the page; the address of the work, already done, whose page is open."""
    person.opens("/console/posters")
    location = person.sends(f"/console/posters/{path}", **fields).location
    assert location is not None, person.words
    person.town.works()
    person.opens(location)
    return location


def made(person: Clerk, path: str = "make", **fields: str) -> bytes:
    location = asks(person, path, **fields)
    assert "做完了" in person.words, person.words
    return person.client.get(f"{location}/file").data


def first(town: Town, what: str) -> str:
    with town.reading() as session:
        if what == "notice":
            return str(session.scalars(current_notices()).first().id)  # type: ignore[union-attr]
        ahead = ActivitySession.state.in_(LIVE), ActivitySession.ends > clock.now() + timedelta(hours=1)
        return str(session.scalars(select(ActivitySession.id).where(*ahead)).first())


def joins(town: Town, number: str, name: str = "陈玉兰", phone: str = "13900000101") -> None:
    def unit(session: Session) -> None:
        person = Person()
        session.add(person)
        session.flush()
        by = Actor(session, person, channel="job")
        people.join(by, name=name, phone=phone)
        held = session.get_one(ActivitySession, int(number))
        activities.admit(Actor(session, channel="job"), held, person)

    town.writing(unit)


@pytest.fixture
def office(sqlite_town: Town) -> Clerk:
    sqlite_town.seed("people", "activities", "notices")
    return clerk(sqlite_town, "desk", login="office")


@pytest.mark.parametrize(("paper", "size"), [("a4", (210, 297)), ("a3", (297, 420))])
def test_a_notice_hangs_with_the_address_of_its_page_and_words_to_type(
    office: Clerk, paper: str, size: tuple[int, int]
) -> None:
    number = first(office.town, "notice")
    page = made(office, kind="notice", number=number, paper=paper)
    assert size_of(page) == size
    read = code_on(pages_of(page)[0])
    assert read.content == f"{office.town.site.settings.web.public_url.rstrip('/')}/h5/notices/{number}"
    assert read.width >= 30
    assert office.client.get(f"/h5/notices/{number}").status_code == 200, "the code leads to a page"
    assert f"通知{number}" in text_of(page).replace("\r\n", "")
    assert 'src="data:image/png;base64,' in office.page, "it can be looked at first"


def test_what_stands_on_a_poster_to_type_is_understood(office: Clerk) -> None:
    number = first(office.town, "notice")
    phone = office.town.phone("兰")
    answer = phone.says(f"通知{number}")
    assert "1 看内容" in answer
    assert phone.says("1") != answer
    assert "1 看内容" not in phone.says("通知999999")
    assert "公众号" in phone.scans("poster:account")


def test_an_activity_hangs_with_day_place_and_leader(office: Clerk) -> None:
    number = first(office.town, "activity")
    page = made(office, kind="activity", number=number, paper="a4")
    text = text_of(page).replace("\r\n", "")
    with office.town.reading() as session:
        held = session.get_one(ActivitySession, int(number))
        assert held.activity.place in text
        assert held.activity.title in text
    assert "星期" in text
    assert code_on(pages_of(page)[0]).content.endswith("/h5/activities")
    assert office.client.get("/h5/activities").status_code == 200


def test_what_is_not_public_does_not_hang(office: Clerk) -> None:
    number = first(office.town, "activity")

    def unit(session: Session) -> None:
        session.get_one(ActivitySession, int(number)).activity.listed = False

    office.town.writing(unit)
    asks(office, kind="activity", number=number)
    assert "这个活动不公开" in office.words


def test_a_door_code_is_asked_for_once_and_says_what_the_account_hears(
    hall: Town, platform: Platform
) -> None:
    person = clerk(hall, "desk")
    with hall.reading() as session:
        door = session.scalars(select(Place).where(Place.kind == "building")).first()
        assert door is not None
        number, name = str(door.id), door.full_name
    contents = set()
    for paper in ("a4", "a3"):
        page = made(person, kind="door", number=number, paper=paper)
        assert name in text_of(page).replace("\r\n", "")
        contents.add(code_on(pages_of(page, black_and_white=True)[0]).content)
    with hall.reading() as session:
        kept = session.scalars(select(PosterCode)).one()
        assert (kept.scene, {kept.content}, kept.until) == (f"door:{number}", contents, None)
        assert kept.content.startswith("http://weixin.qq.com/q/")


def test_a_sign_in_sheet_has_who_is_expected_and_a_code_of_the_session(hall: Town) -> None:
    person = clerk(hall, "leader")
    number = first(hall, "activity")
    joins(hall, number)
    person.opens("/console/posters")
    location = person.sends(f"/console/sessions/{number}/sheet").location
    hall.works()
    assert location is not None
    assert "做完了" in person.opens(location).text
    page = person.client.get(f"{location}/file").data
    text = text_of(page)
    assert "陈玉兰" in text
    assert "第1张" in text
    assert "0101" in text
    assert "13900000101" not in text
    assert "王干事" in text, "who printed it"
    code = code_on(pages_of(page)[0])
    assert code.width >= 30
    assert code.content.endswith("/h5/sign-in-sheets/1"), "where its leader types it in"
    assert "陈玉兰" not in person.page, "names are on paper, not on the page"
    with hall.reading() as session:
        assert session.scalars(select(PosterCode)).all() == [], "WeChat is not asked"
        (line,) = audited(session, "posters.make")
        assert line.facts == {"kind": "sign_in", "about": "1", "count": 1}


def test_without_wechat_the_work_says_why_and_nothing_is_kept(hall: Town, platform: Platform) -> None:
    person = clerk(hall, "desk")
    with platform.faults(errcode=45029, paths="/cgi-bin/qrcode/create"):
        asks(person, kind="account", number="0", paper="a4")
    assert "没有从微信取到二维码" in person.words
    with hall.reading() as session:
        assert session.scalars(select(PosterCode)).all() == []


def test_a_course_has_a_column_for_each_coming_time(office: Clerk) -> None:
    number = first(office.town, "activity")

    def unit(session: Session) -> str:
        kind = session.get_one(ActivitySession, int(number)).activity
        for week in (1, 2):
            starts = clock.now() + timedelta(days=7 * week)
            activities.plan_session(
                Actor(session, channel="job"),
                kind,
                starts=starts,
                ends=starts + timedelta(hours=1),
                capacity=20,
            )
        return str(kind.id)

    course = office.town.writing(unit)
    joins(office.town, number)
    office.opens("/console/posters")
    assert "上课签到表" in office.words
    page = made(office, kind="course", number=course)
    assert size_of(page) == (297, 210)
    assert "陈玉兰" in text_of(page)


def test_the_list_of_a_day_is_for_the_desk_and_not_for_everybody_who_hangs_up_posters(office: Clerk) -> None:
    town = office.town
    town.seed("appointments")

    def unit(session: Session) -> str:
        by = town.phone("兰").actor(session)
        people.join(by, name="陈玉兰", phone="13900000101")
        slot = session.scalars(free_slots(session.scalars(select(Service)).first())).first()  # type: ignore[arg-type]
        assert slot is not None
        appointments.book(by, slot)
        return clock.local(slot.starts).date().isoformat()

    day = town.writing(unit)
    page = made(office, "day-list", day=day)
    assert "陈玉兰" in text_of(page)
    assert "0101" in text_of(page)
    leader = clerk(town, "leader", login="leader")
    assert leader.sends("/console/posters/day-list", day=day).status_code == 403
    leader.sends("/console/posters/make", kind="day_list", number=day, follow=True)
    assert "没有这种海报" in leader.words


def test_what_may_not_hang_is_refused_in_words(office: Clerk) -> None:
    for fields, words in (
        ({"kind": "notice", "number": "999"}, "现在不能贴"),
        ({"kind": "notice", "number": "1; DROP"}, "现在不能贴"),
        ({"kind": "activity", "number": "999"}, "没有找到还没结束的这场活动"),
        ({"kind": "course", "number": "999"}, "没有找到还没结束的这场活动"),
        ({"kind": "door", "number": "x"}, "没有找到这栋楼"),
    ):
        asks(office, **fields)
        assert words in office.words, fields
    for fields in ({"kind": "poster"}, {"kind": "notice", "paper": "a0"}):
        office.sends("/console/posters/make", follow=True, **fields)
        assert "没有这种海报" in office.words
    with frozen(f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"):
        asks(office, "day-list", day="2020-01-01")
        assert "这一天没有预约" in office.words
        asks(office, "day-list", day="gestern")
        assert "这一天不对" in office.words


@pytest.mark.parametrize("role", ["admin", "grid", "auditor", "care"])
def test_others_make_no_posters(office: Clerk, role: str) -> None:
    other = clerk(office.town, role)
    assert other.opens("/console/posters").status_code == 403
    assert other.sends("/console/posters/make", kind="account").status_code == 403
    assert not re.search(r'href="/console/posters"', other.opens("/console/").text)


def test_a_code_for_the_desk_leads_to_where_a_slip_is_rated(office: Clerk) -> None:
    page = made(office, kind="rating", number="0", paper="a4")
    read = code_on(pages_of(page)[0])
    assert read.content.endswith("/h5/rate")
    assert read.width >= 30
    assert office.client.get("/h5/rate").status_code == 200, "the code leads to a page"
