"""Every Tuesday, so many times: what can be had is booked, what cannot stays on file with the reason."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import actions, planning, series
from models.appointments import Appointment
from models.base import count_rows
from models.booking_series import BookingDate, BookingSeries
from models.identity import Person
from models.plans import Service
from models.slots import Slot, free_slots
from tests.appointments.desk import (
    KNOWN,
    TUESDAY,
    clerk,
    fill,
    get,
    house,
    messages,
    opened,
    refusal,
    slot_at,
    sound,
)
from tests.neighbours import Town
from tests.staff.clerks import clerk as at_console

WEEK = timedelta(days=7)


def dance(town: Town, *, times: int = 4, team: str | None = "广场舞队", first: date = TUESDAY) -> int:
    def unit(session: Session) -> int:
        person = town.phone("马秀兰").actor(session).me
        wish = series.Wish(session.scalars(select(Service)).one(), first, time(9), times, team=team)
        made = series.book(clerk(session), wish, person, KNOWN)
        session.flush()
        return made.id

    return town.writing(unit)


def dates(town: Town) -> list[tuple[str, str]]:
    """(day, how it is) of each."""
    with town.reading() as session:
        rows = session.scalars(select(BookingDate).order_by(BookingDate.starts)).all()
        return [
            (f"{clock.local(one.starts):%m.%d}", one.appointment.state if one.appointment else one.why or "")
            for one in rows
        ]


def test_what_cannot_be_had_is_listed_and_the_rest_is_booked(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town, per_person=1)
    fill(sqlite_town, TUESDAY + WEEK, "09:00")
    sqlite_town.writing(lambda s: planning.close_day(clerk(s), None, TUESDAY + WEEK * 2, "停电") and None)
    dance(sqlite_town)
    assert dates(sqlite_town) == [
        ("11.24", "confirmed"),
        ("12.01", "slot_full"),
        ("12.08", "not_planned"),
        ("12.15", "confirmed"),
    ]
    (told,) = messages(sqlite_town, "series_booked")
    assert (len(told.facts["days"]), len(told.facts["refused"])) == (2, 2)
    assert messages(sqlite_town, "booked_for_you") == []
    assert sound(sqlite_town)


def test_a_date_behind_the_horizon_is_laid_out_and_offered_to_nobody_else(
    sqlite_town: Town, monday: Any
) -> None:
    number = opened(sqlite_town, capacity=2)
    dance(sqlite_town)
    far = TUESDAY + WEEK * 3
    with sqlite_town.reading() as session:
        service = session.get_one(Service, number)
        assert slot_at(session, far, "09:00").taken == 1
        assert far not in {clock.local(one.starts).date() for one in session.scalars(free_slots(service))}
    sqlite_town.writing(lambda s: planning.lay_out(house(s), s.get_one(Service, number)) and None)
    with sqlite_town.reading() as session:
        assert slot_at(session, far, "09:00").is_open
    off = sqlite_town.writing(lambda s: len(planning.close_day(clerk(s), None, far, "停电")))
    assert off == 1
    with sqlite_town.reading() as session:
        assert not slot_at(session, far, "09:00").is_open


def test_the_rest_is_given_back_from_a_day_on_and_one_alone_can_move(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    number = dance(sqlite_town)

    def move(session: Session) -> None:
        visit = session.scalars(select(Appointment).order_by(Appointment.id)).first()
        assert visit is not None
        actions.rebook(clerk(session), visit, slot_at(session, TUESDAY, "10:00"))

    sqlite_town.writing(move)
    stopped = sqlite_town.writing(
        lambda s: series.stop(clerk(s), s.get_one(BookingSeries, number), TUESDAY + WEEK * 2, "队里改时间")
    )
    assert stopped == 2
    assert [state for _, state in dates(sqlite_town)] == ["confirmed", "confirmed", "cancelled", "cancelled"]
    (told,) = messages(sqlite_town, "series_stopped")
    assert len(told.facts["days"]) == 2
    assert messages(sqlite_town, "cancelled") == []
    assert sound(sqlite_town)


def test_the_team_comes_and_its_contact_may_be_elsewhere_but_not_the_team_twice(
    sqlite_town: Town, monday: Any
) -> None:
    opened(sqlite_town, capacity=3)
    dance(sqlite_town)
    dance(sqlite_town, team=None)
    with refusal("none_of_series"):
        dance(sqlite_town)
    assert sound(sqlite_town)


def test_a_look_leaves_nothing_behind(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)

    def unit(session: Session) -> int:
        person = sqlite_town.phone("马秀兰").actor(session).me
        wish = series.Wish(session.scalars(select(Service)).one(), TUESDAY, time(9), 4)
        return len(series.look(clerk(session), lambda: series.book(clerk(session), wish, person, KNOWN)))

    assert sqlite_town.writing(unit) == 4
    with sqlite_town.reading() as session:
        assert session.scalars(select(BookingSeries)).all() == []
        assert [one.taken for one in session.scalars(select(Slot)) if one.taken] == []


def test_the_desk_sees_the_dates_that_fail_before_it_books(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    fill(sqlite_town, TUESDAY + WEEK, "09:00")
    desk = at_console(sqlite_town, "desk")
    typed: dict[str, Any] = {
        "service": "1",
        "first": f"{TUESDAY}",
        "opens": "09:00",
        "every_weeks": "1",
        "times": "3",
    }
    typed |= {"phone": "13900001234", "team": "广场舞队", "person": ""}
    desk.sends("/console/appointments/series/new", **typed, sure="")
    assert "先登记" in desk.words
    with sqlite_town.reading() as session:
        known = count_rows(session, select(Person))
    typed |= {"looked": "13900001234", "name": "马秀兰", "agreed": "y"}
    desk.sends("/console/appointments/series/new", **typed, sure="")
    assert "能约 2 次,1 次约不上" in desk.words
    assert "12月1日(星期二)上午9点 满了" in desk.words
    with sqlite_town.reading() as session:
        assert session.scalars(select(BookingSeries)).all() == []
        assert count_rows(session, select(Person)) == known
    desk.sends(
        "/console/appointments/series/new",
        follow=True,
        **typed,
        sure=f"1 {TUESDAY} 09:00:00 1 3 广场舞队 13900001234 ",
    )
    assert "连着约好了" in desk.words
    assert "约不上 满了" in desk.words
    desk.opens("/console/appointments/series")
    assert "广场舞队" in desk.words
    typed = {"first": f"{TUESDAY}", "reason": "不跳了"}
    desk.sends("/console/appointments/series/1/stop", **typed, sure="")
    assert "会取消 2 次" in desk.words
    desk.sends("/console/appointments/series/1/stop", follow=True, **typed, sure=f"{TUESDAY}")
    assert "取消了。有微信的本人会收到消息" in desk.words
    with sqlite_town.reading() as session:
        assert get(session, 2).state == "cancelled"


@pytest.mark.parametrize("path", ["", "/new", "/1", "/1/stop"])
def test_a_grid_worker_does_not_see_the_series(sqlite_town: Town, monday: Any, path: str) -> None:
    opened(sqlite_town)
    dance(sqlite_town)
    assert at_console(sqlite_town, "grid").opens(f"/console/appointments/series{path}").status_code == 403
