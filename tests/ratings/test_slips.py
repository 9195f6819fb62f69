"""The code on a number slip: one rating per visit, without a login, and nothing leads from it to the visit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import segno
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock
from handlers.hall.slip_code import picture_for
from handlers.ratings import actions, jobs
from models.appointments import Appointment
from models.audit import AuditLine
from models.identity import Actor
from models.rating_honours import HonourPart
from models.ratings import RatedVisit, RatingToken
from models.refusal import Refusal
from models.tickets import Ticket
from models.windows import HallWindow
from tests.api.hall import a_service, a_slot
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.races import at_once
from tests.ratings.conftest import house, joined, ratings, refused
from tests.staff.clerks import hire

CODE = "204817"


def served(
    town: Town,
    *,
    code: str = CODE,
    state: str = "done",
    waited: int = 5,
    discreet: str | None = None,
    helper: int | None = None,
    person: int | None = None,
    appointment: int | None = None,
) -> int:
    """A visit at window 2 that is over."""
    service = a_service(town, "高龄补贴", discreet_name=discreet)

    def unit(session: Session) -> int:
        window = session.scalar(select(HallWindow)) or HallWindow(name="2号窗口")
        session.add(window)
        session.flush()
        came = clock.now() - timedelta(hours=2)
        facts = {"service_id": service, "day": clock.today(), "number": 7, "state": state, "code": code}
        facts |= {"came_at": came, "since": came, "called_at": came + timedelta(minutes=waited)}
        facts |= {"marked_by": helper, "person_id": person, "appointment_id": appointment}
        facts |= {"ended_at": clock.now() if state == "done" else None, "window_id": window.id}
        row = Ticket(**facts)
        session.add(row)
        session.flush()
        return row.id

    return town.writing(unit)


# ---- on a page -------------------------------------------------------------------------------------------------------


def test_a_slip_is_rated_on_a_page_without_a_login_and_once(sqlite_town: Town, monday: Any) -> None:
    served(sqlite_town)
    page = Visitor(sqlite_town).opens("/h5/rate").presses("去评价", code=CODE)
    assert "高龄补贴" in page.words
    page.presses("交上去")
    assert "请选好、一般、不好" in page.words
    page.opens(f"/h5/rate/{CODE}").presses("交上去", face="3", text="很耐心")
    assert "谁评的,我们也不知道" in page.words
    (row,) = ratings(sqlite_town)
    assert (row.face, row.words, row.counter, row.waited, row.person_id, row.helper_id) == (
        3,
        "很耐心",
        "2号窗口",
        False,
        None,
        None,
    )
    assert "已经评过了" in page.opens(f"/h5/rate/{CODE}").words
    page.sends(f"/h5/rate/{CODE}", face="1")
    assert page.status == 409
    assert len(ratings(sqlite_town)) == 1


def test_nothing_leads_from_the_rating_to_the_visit(sqlite_town: Town, monday: Any) -> None:
    number = served(sqlite_town)
    Visitor(sqlite_town).sends(f"/h5/rate/{CODE}", face="2")
    with sqlite_town.reading() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.action == "ratings.rate")).all()
        assert [(one.actor, one.object_id, one.facts) for one in lines] == [("house", None, {})]
        assert [one.source for one in session.scalars(select(RatedVisit))] == [f"ticket:{number}"]
    monday.shift(timedelta(days=15))
    sqlite_town.writing(lambda s: jobs.tidy(house(s)))
    with sqlite_town.reading() as session:
        assert session.scalars(select(RatedVisit)).all() == []


def test_codes_are_not_to_be_tried_out(sqlite_town: Town, monday: Any) -> None:
    """From one address: others of the house still rate."""
    served(sqlite_town)
    stranger = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    for number in range(30):
        assert sqlite_town.client.get(f"/h5/rate/{number:06d}", **stranger).status_code == 404
    assert sqlite_town.client.get(f"/h5/rate/{CODE}", **stranger).status_code == 429
    assert Visitor(sqlite_town).opens(f"/h5/rate/{CODE}").status == 200


@pytest.mark.parametrize("how", [{"state": "called"}, {"discreet": "3号窗口"}])
def test_what_is_not_over_or_is_discreet_is_not_asked_about(
    sqlite_town: Town, monday: Any, how: dict[str, str]
) -> None:
    served(sqlite_town, **how)  # type: ignore[arg-type]
    page = Visitor(sqlite_town).opens(f"/h5/rate/{CODE}")
    assert (page.status, "没有这个评价码" in page.words) == (404, True)


def test_a_slip_is_good_for_two_weeks(sqlite_town: Town, monday: Any) -> None:
    served(sqlite_town)
    monday.shift(timedelta(days=14))
    assert Visitor(sqlite_town).opens(f"/h5/rate/{CODE}").status == 200
    monday.shift(timedelta(days=1))
    assert Visitor(sqlite_town).opens(f"/h5/rate/{CODE}").status == 404


def test_a_cry_for_help_under_a_slip_is_no_rating(sqlite_town: Town, monday: Any) -> None:
    served(sqlite_town)
    page = Visitor(sqlite_town).sends(f"/h5/rate/{CODE}", face="1", text="我不想活了")
    assert "12356" in page.words
    assert ratings(sqlite_town) == []


# ---- in chat ---------------------------------------------------------------------------------------------------------


def test_the_code_is_typed_in_chat(sqlite_town: Town, ma: Phone) -> None:
    served(sqlite_town)
    assert "“高龄补贴”,办得怎么样" in ma.says(f"评价 {CODE}")
    assert "想说一句" in ma.says("1")
    assert "谁评的,我们也不知道" in ma.says("1")
    (row,) = ratings(sqlite_town)
    assert (row.face, row.person_id, row.counter) == (3, None, "2号窗口")
    assert "已经评过了" in ma.says(f"评价{CODE}")


def test_wrong_codes_in_chat_are_counted(sqlite_town: Town, ma: Phone) -> None:
    served(sqlite_town)
    for number in range(5):
        assert "没有这个评价码" in ma.says(f"评价 {number:06d}")
    assert "过15分钟" in ma.says(f"评价 {CODE}")


# ---- one per visit ---------------------------------------------------------------------------------------------------


def test_a_slip_that_is_used_twice_at_once_is_one_rating(town: Town) -> None:
    served(town)

    def rates() -> str:
        try:
            town.site.database.writing(lambda s: actions.rate_by_slip(Actor(s, channel="page"), CODE, 3))
        except Refusal as why:
            return why.code
        return "rated"

    assert sorted(at_once([rates] * 4)) == ["rated", "ratings.used", "ratings.used", "ratings.used"]
    assert len(ratings(town)) == 1


def test_who_had_booked_rates_by_one_road_only(sqlite_town: Town, ma: Phone) -> None:
    slot = a_slot(sqlite_town, a_service(sqlite_town, "开证明"), "2026-11-23 08:30")

    def booked(session: Session) -> int:
        facts = {"slot_id": slot, "state": "done", "channel": "chat", "marked_by": 1}
        row = Appointment(person_id=ma.actor(session).me.id, **facts)
        session.add(row)
        session.flush()
        return row.id

    number = sqlite_town.writing(booked)
    served(sqlite_town, appointment=number)
    sqlite_town.writing(lambda s: jobs.ask(house(s)))
    Visitor(sqlite_town).sends(f"/h5/rate/{CODE}", face="2")
    assert "没有要评的" in ma.says("评价")
    with sqlite_town.reading() as session:
        assert session.scalars(select(RatingToken.state)).all() == ["spent"]
    with refused("used"):
        sqlite_town.writing(lambda s: actions.rate(ma.actor(s), s.scalars(select(RatingToken)).one(), 1))


def test_a_number_that_was_taken_in_wechat_is_asked_about_there(sqlite_town: Town, ma: Phone) -> None:
    with sqlite_town.reading() as session:
        person = ma.person(session).id
    served(sqlite_town, person=person)
    assert sqlite_town.writing(lambda s: jobs.ask(house(s))) == "1 visits, 1 asked"
    assert "高龄补贴" in ma.says("评价")


# ---- what it was like ------------------------------------------------------------------------------------------------


def test_a_long_wait_is_known_to_the_rating(sqlite_town: Town, monday: Any) -> None:
    served(sqlite_town, waited=45)
    Visitor(sqlite_town).sends(f"/h5/rate/{CODE}", face="1")
    assert [row.waited for row in ratings(sqlite_town)] == [True]


def test_who_helped_is_known_only_when_they_agreed(sqlite_town: Town, monday: Any) -> None:
    wang, li = (hire(sqlite_town, "desk", login=login) for login in ("wang", "lili"))
    with sqlite_town.reading() as session:
        one, other = wang.member(session).id, li.member(session).id
    sqlite_town.writing(lambda s: s.add(HonourPart(staff_id=one)))
    served(sqlite_town, helper=one)
    Visitor(sqlite_town).sends(f"/h5/rate/{CODE}", face="3")

    def next_one(session: Session) -> None:
        row = session.scalars(select(Ticket)).one()
        row.code, row.number, row.marked_by = "111111", 8, other
        session.execute(delete(RatedVisit))

    sqlite_town.writing(next_one)
    Visitor(sqlite_town).sends("/h5/rate/111111", face="3")
    assert sorted(row.helper_id or 0 for row in ratings(sqlite_town)) == [0, one]


def test_a_helper_is_not_on_the_wall(sqlite_town: Town, monday: Any) -> None:
    wang = hire(sqlite_town, "desk", login="wang", name="王秀英")
    with sqlite_town.reading() as session:
        served(sqlite_town, helper=wang.member(session).id)
    assert "王秀英" not in Visitor(sqlite_town).opens(f"/h5/rate/{CODE}").page


def test_two_neighbours_cannot_share_a_slip(sqlite_town: Town, ma: Phone) -> None:
    served(sqlite_town)
    other = joined(sqlite_town, "祁发财", "13900000002")
    ma.says(f"评价 {CODE}", "1", "1")
    assert "已经评过了" in other.says(f"评价 {CODE}")


def test_the_code_beside_the_digits_leads_to_the_page(sqlite_town: Town, monday: Any) -> None:
    number = served(sqlite_town, state="called")
    with sqlite_town.reading() as session:
        ticket = session.get_one(Ticket, number)
        with sqlite_town.app.test_request_context():
            picture = unquote(picture_for(ticket)).partition(",")[2]
    whole = segno.make(
        f"{sqlite_town.site.settings.web.public_url.rstrip('/')}/h5/rate/{CODE}", error="m", micro=False
    )
    assert picture == unquote(whole.svg_data_uri(border=2, scale=4)).partition(",")[2]
