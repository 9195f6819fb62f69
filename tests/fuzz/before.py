"""What happened before the visitors come, beyond the invented house: somebody they are leads who is there now and who was
there yesterday, families go for walks, and at the hall people wait, did not come, and rate their visit by its slip."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.activities import actions as activities
from handlers.appointments import actions as appointments
from handlers.appointments import marks, striking
from handlers.hall import actions as hall
from handlers.volunteers import actions as volunteers
from handlers.volunteers import tablets
from models.activities import Activity, ActivitySession
from models.appointments import Appointment
from models.hall import hall_services
from models.identity import Actor, Person
from models.plans import Service
from models.slots import free_slots
from models.staff import StaffMember
from models.strikes import Strike
from models.tickets import Ticket

HOUR = timedelta(hours=1)
SLIP = "100001"


def lived(session: Session, leader: Person, others: list[Person]) -> None:
    by = Actor(session, channel="job")
    river = activities.plan_activity(
        by,
        title="河道清洁",
        sentence="一起来。",
        place="湟水河步道",
        leader=leader,
        roll_call=True,
        family=True,
    )
    now, soon = _session(by, river, -HOUR / 2), _session(by, river, HOUR / 3, seats=1)
    activities.open_session(by, now)
    volunteers.tick(by, now, others[0], "in", occurred_at=clock.now() - HOUR / 4)
    activities.sign_up(Actor(session, others[1], channel="page"), soon)
    activities.wait(Actor(session, others[2], channel="page"), soon)
    before = _session(by, river, -26 * HOUR)
    for one in (others[0], others[1]):
        volunteers.tick(by, before, one, "in", occurred_at=before.starts)
        volunteers.tick(by, before, one, "out", occurred_at=before.ends)
    volunteers.close_session(by, before)
    away = _session(by, river, HOUR * 4)
    activities.sign_up(Actor(session, others[0], channel="page"), away)
    away.starts, away.ends = before.starts - 4 * HOUR, before.ends - 4 * HOUR
    volunteers.close_session(by, away)
    activities.cancel_session(by, _session(by, river, 30 * HOUR), why="下雨")
    _walk(by, leader, others)
    _at_the_hall(
        Actor(session, staff=session.scalars(select(StaffMember)).first(), channel="console"), leader
    )


def _walk(by: Actor, leader: Person, others: list[Person]) -> None:
    """A family walk that has places for some, and one that is full."""
    walk = activities.plan_activity(
        by, title="湖边散步", sentence="慢慢走。", place="社区门口", leader="张领队", family=True
    )
    activities.sign_up(Actor(by.session, leader, channel="page"), _session(by, walk, 50 * HOUR))
    activities.sign_up(Actor(by.session, others[0], channel="page"), _session(by, walk, 74 * HOUR, seats=1))


def _session(by: Actor, activity: Activity, ahead: timedelta, seats: int = 9) -> ActivitySession:
    starts = clock.now() + ahead
    return activities.plan_session(by, activity, starts=starts, ends=starts + 2 * HOUR, capacity=seats)


def _at_the_hall(desk: Actor, visitor: Person) -> None:
    """A number waits for each service, one was called and not there; of four visits two were missed (one with a word
    about it), one is now, and one is too near to be called off; somebody's slip is known."""
    services, own = desk.session.scalars(hall_services()).all(), Actor(desk.session, visitor, channel="page")
    for service in services:
        hall.take_number(desk, service)
    gone = hall.take_number(own, services[1])
    gone.state, gone.missed, gone.back_at = "aside", 1, clock.now() + HOUR / 6
    done = desk.session.scalars(select(Ticket).where(Ticket.state == "done").order_by(Ticket.id)).first()
    assert done is not None
    done.code = SLIP
    striking.set_rule(desk, strikes_on=True)
    missed = _visit(own, services[0], -2 * HOUR), _visit(own, services[0], -HOUR / 7)
    for row in missed:
        marks.mark_no_show(desk, row)
    striking.appeal(own, desk.session.scalars(select(Strike).order_by(Strike.id)).all()[0], "孩子病了")
    _visit(own, services[0], -HOUR / 11)
    _visit(own, services[0], HOUR / 7)


def _visit(by: Actor, service: Service, ahead: timedelta) -> Appointment:
    """Booked in time; that time has come near."""
    slot = by.session.scalars(free_slots(service)).first()
    assert slot is not None
    row = appointments.book(by, slot)
    slot.starts, slot.ends = clock.now() + ahead, clock.now() + ahead + HOUR / 30
    return row


def kiosk(session: Session) -> str:
    """The code that makes a device the tablet which gives numbers."""
    by = Actor(session, channel="job")
    return tablets.issue_code(by, tablets.add(by, name="取号机", place="大厅", shows="numbers"))
