"""Two clerks, many phones: no number twice, nobody called twice at once, on both databases."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.hall import actions
from models.plans import Service
from models.tickets import Ticket
from models.windows import HallWindow
from tests.appointments.test_races import answer
from tests.hall.windows import hall, sits, sound, staff
from tests.neighbours import Town
from tests.races import at_once


def test_clerks_at_once_never_call_the_same_one_nor_give_one_number_twice(town: Town, monday: Any) -> None:
    service = hall(town)[0]
    windows = ["2号窗口", "3号窗口", "4号窗口"]

    def more(session: Session) -> None:
        for name in windows[1:]:
            actions.add_window(staff(session), name=name, services=[session.get_one(Service, service)])

    town.writing(more)
    for place, name in enumerate(windows):
        sits(town, name, f"clerk{place}")

    def number(session: Session) -> None:
        actions.take_number(staff(session, "clerk0"), session.get_one(Service, service))

    def call(place: int) -> str:
        def unit(session: Session) -> None:
            by = staff(session, f"clerk{place}")
            window = session.scalars(select(HallWindow).where(HallWindow.name == windows[place])).one()
            actions.call_next(by, window)

        return answer(town, unit)

    assert at_once([lambda: answer(town, number)] * 5) == ["yes"] * 5
    told = Counter(at_once([lambda place=place: call(place) for place in (0, 1, 2, 0, 1, 2)]))
    assert told == {"yes": 3, "hall.still_here": 3}
    with town.reading() as session:
        rows = session.scalars(select(Ticket).order_by(Ticket.number)).all()
        assert [row.number for row in rows] == [1, 2, 3, 4, 5]
        called = [row.window_id for row in rows if row.state == "called"]
        assert len(called) == len(set(called)) == 3
    assert sound(town)


def test_one_phone_that_asks_twice_at_once_gets_one_number(town: Town, monday: Any) -> None:
    service = hall(town)[0]
    phone = town.phone("马秀兰")
    phone.says("取号")

    def take(session: Session) -> None:
        actions.take_number(phone.actor(session), session.get_one(Service, service))

    told = Counter(at_once([lambda: answer(town, take)] * 3))
    assert told == {"yes": 1, "hall.has_number": 2}
    assert sound(town)
