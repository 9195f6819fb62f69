"""What time does to the hall: the day ends by itself, who was aside comes back, late ones are told, old visits fade."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli import check_invariants
from handlers.hall import actions
from handlers.hall.jobs import forget, look_after
from handlers.hall.rights import kept_of
from handlers.people.actions import issue_link_code, link_by_code
from models.hall import slip_of
from models.identity import Actor
from models.tickets import Ticket
from models.windows import HallWindow
from tests.appointments.desk import MONDAY, booked, messages, only
from tests.hall.windows import calls, hall, sits, staff, states, ticket, told, walk_in
from tests.neighbours import Phone, Town


def minute(town: Town) -> None:
    town.writing(lambda session: look_after(Actor(session, channel="job")))


def test_the_day_ends_by_itself_half_an_hour_after_closing(ma: Phone, monday: Any) -> None:
    hall(ma.town)
    ma.says("取号", "1")
    walk_in(ma.town, 1)
    sits(ma.town)
    calls(ma.town)
    minute(ma.town)
    assert states(ma.town) == {1: "called", 2: "waiting"}
    monday.shift(timedelta(hours=2, minutes=16))
    minute(ma.town)
    assert states(ma.town) == {1: "done", 2: "closed"}
    assert told(ma.town, "day_over") == [], "who was at the window was served, the other has no WeChat"
    with ma.town.reading() as session:
        assert session.scalars(select(HallWindow)).one().staff_id is None
    minute(ma.town)
    assert check_invariants(ma.town.site) == []


def test_a_night_without_the_house_leaves_nobody_in_the_line(ma: Phone, monday: Any) -> None:
    hall(ma.town)
    ma.says("取号", "1")
    monday.shift(timedelta(days=1))
    minute(ma.town)
    assert states(ma.town) == {1: "closed"}
    assert "您的号是 1 号" in ma.says("取号", "1")


def test_who_was_aside_comes_back_by_themselves(ma: Phone, monday: Any) -> None:
    hall(ma.town)
    ma.says("取号", "1")
    sits(ma.town)
    calls(ma.town)
    ma.town.writing(lambda s: actions.set_aside(staff(s), ticket(s, 1)))
    minute(ma.town)
    assert states(ma.town) == {1: "aside"}
    monday.shift(timedelta(minutes=10))
    minute(ma.town)
    assert states(ma.town) == {1: "waiting"}


def test_a_booked_visit_that_does_not_come_is_told_and_may_still_come(ma: Phone, monday: Any) -> None:
    hall(ma.town)
    booked(ma.town, MONDAY, "10:30")
    walk_in(ma.town, 1)
    monday.shift(timedelta(minutes=92))
    minute(ma.town)
    assert messages(ma.town, "late_released") == [], "nobody calls: they may be served without a number"
    sits(ma.town)
    minute(ma.town)
    minute(ma.town)
    assert len(messages(ma.town, "late_released")) == 1
    assert only(ma.town).released_at is not None
    assert "按现在到的排" in ma.says("到大厅了")
    assert only(ma.town).released_at is None
    assert [calls(ma.town), calls(ma.town)] == [1, 2]


def test_a_cancelled_visit_waits_no_more(ma: Phone) -> None:
    hall(ma.town)
    booked(ma.town, MONDAY, "10:30")
    ma.says("到大厅了")
    ma.says("取消预约", "1")
    minute(ma.town)
    assert states(ma.town) == {1: "left"}


def test_after_two_weeks_a_visit_is_nobodys_and_its_code_opens_nothing(ma: Phone, monday: Any) -> None:
    hall(ma.town)
    ma.says("取号", "1")
    sits(ma.town)
    calls(ma.town)
    ma.town.writing(lambda s: actions.finish(staff(s), ticket(s, 1), "done"))
    with ma.town.reading() as session:
        code = ticket(session, 1).code or ""
        assert slip_of(session, code) is not None
        assert slip_of(session, "000000" if code != "000000" else "111111") is None
    assert "1号 老年证 办完" in str(kept(ma))
    monday.shift(timedelta(days=15))
    ma.town.writing(lambda session: forget(Actor(session, channel="job")))
    with ma.town.reading() as session:
        row = session.scalars(select(Ticket)).one()
        assert (row.person_id, row.code, row.state) == (None, None, "done")
        assert slip_of(session, code) is None


def test_the_night_leaves_the_visits_of_these_days_alone(ma: Phone, monday: Any) -> None:
    hall(ma.town)
    ma.says("取号", "1")
    ma.town.writing(lambda session: forget(Actor(session, channel="job")))
    with ma.town.reading() as session:
        row = session.scalars(select(Ticket)).one()
        assert (row.person_id, row.code) != (None, None), "it is still somebody's turn"
    assert "1 号" in ma.says("我的号")


def kept(phone: Phone) -> dict[str, Any]:
    with phone.town.reading() as session:
        return dict(kept_of(session, phone.person(session)))


def test_two_records_of_one_person_keep_one_number_for_a_service(ma: Phone) -> None:
    hall(ma.town)
    ma.says("取号", "1")
    other = ma.town.phone("马秀兰的平板")
    other.says("取号", "1")

    def join(session: Session) -> None:
        link_by_code(other.actor(session), issue_link_code(ma.actor(session)))

    ma.town.writing(join)
    assert sorted(states(ma.town).values()) == ["left", "waiting"]
    assert check_invariants(ma.town.site) == []
