"""What a tablet that anybody may touch gives away: numbers of bookings are short, so they are not tried out there, and
nobody empties the roll of numbers for sport. It is shut for a quarter of an hour at most, and says where to go instead
(trust B19: few tries, the same words for right and wrong, never for ever).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import audit, clock
from app.understanding.numbers import number_in
from handlers.hall import actions
from models.appointments import Appointment
from models.base import count_rows
from models.identity import Actor
from models.refusal import Refusal
from models.tablets import WallTablet
from models.tickets import Ticket

MOST_TAKEN, TAKEN_WITHIN = 20, timedelta(minutes=10)  # at all tablets together: a number every half a minute
WRONG = ("hall.no_such_visit", "hall.not_waiting")  # what tells a wrong number


def here(by: Actor, tablet: WallTablet, typed: str) -> Ticket:
    """Who has booked for today types the number. Refuses with hall.tablet_rests (right or wrong, in the same words),
    hall.no_such_visit, and as `actions.arrive` does."""
    until = tablet.rests_until
    if until is not None:
        raise Refusal("hall.tablet_rests", until=until)
    found = by.session.get(Appointment, number_in(typed) or 0)
    if found is None or clock.local(found.slot.starts).date() != clock.today():
        raise Refusal("hall.no_such_visit")
    return actions.arrive(by, found, actions.KIOSK)


def count_miss(by: Actor, tablet: WallTablet, why: Refusal) -> None:
    """Outside the savepoint of what was refused. A tablet that has to rest leaves one line in the trail."""
    if why.code in WRONG:
        tablet.has_missed()
        if tablet.rests_until is not None:
            audit.note(by, "hall.tablet_rests", tablet)


def check_pace(by: Actor) -> None:
    """Behind the lock of the day. Refuses with hall.too_many_taken."""
    since = clock.now() - TAKEN_WITHIN
    lately = select(Ticket).where(Ticket.day == clock.today(), Ticket.channel == actions.KIOSK)
    if count_rows(by.session, lately.where(Ticket.came_at > since)) >= MOST_TAKEN:
        raise Refusal("hall.too_many_taken")
