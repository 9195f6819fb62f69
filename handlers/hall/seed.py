"""An invented morning at the hall: windows with their services, some who wait, one at the window, one aside."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.hall import actions
from models import hall as model
from models.hall import HallDay
from models.identity import Actor, Person
from models.people import residents
from models.plans import Service
from models.tickets import Ticket
from models.windows import HallWindow

# (minutes ago, minutes waited, minutes at the window, service) of those who have been served
SERVED = ((95, 4, 12, 0), (80, 7, 15, 1), (74, 11, 9, 0), (60, 6, 20, 2), (52, 14, 8, 1), (40, 9, 11, 0))
WAITING = (26, 21, 15, 9, 4)  # minutes ago


def seed(session: Session) -> None:
    by = Actor(session, channel="job")
    services = list(session.scalars(model.hall_services()))[:3]
    if len(services) < 3:
        return
    by_name: dict[str, list[Service]] = {}
    for service in session.scalars(model.hall_services()):
        by_name.setdefault(service.counter[:20], []).append(service)
    for position, (name, offered) in enumerate(sorted(by_name.items()), 1):
        session.add(HallWindow(name=name, position=position, services=offered))
    session.flush()
    people = list(session.scalars(residents().order_by(Person.id).limit(len(WAITING))))
    day = model.hold_day(session)
    _served(session, day, services)
    for place, ago in enumerate(WAITING):
        _number(
            session,
            day,
            services[place % 3],
            ago,
            people[place] if place < len(people) and place % 2 else None,
        )
    actions.put_right(by)


def _served(session: Session, day: HallDay, services: list[Service]) -> None:
    for ago, waited, took, which in SERVED:
        window = session.scalar(select(HallWindow).where(HallWindow.name == services[which].counter[:20]))
        row = _number(session, day, services[which], ago, None)
        row.state, row.window, row.calls = "done", window, 1
        row.called_at = row.rung_at = row.came_at + timedelta(minutes=waited)
        row.ended_at = row.called_at + timedelta(minutes=took)


def _number(session: Session, day: HallDay, service: Service, ago: int, person: Person | None) -> Ticket:
    """As numbers.take_number, but some while ago and whatever the hour of the demonstration is."""
    day.last_number += 1
    came = clock.now() - timedelta(minutes=ago)
    facts = {"code": model.new_code(session), "channel": "chat" if person else actions.KIOSK}
    row = Ticket(
        service=service, day=day.day, number=day.last_number, came_at=came, since=came, person=person, **facts
    )
    session.add(row)
    session.flush()
    return row
