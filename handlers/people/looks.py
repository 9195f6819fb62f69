"""Who looked at somebody's record: role and day, never a name of the staff, for the person themselves and the desk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from handlers.people.policies import policies
from models.households import household_views_of
from models.identity import Person
from models.people import views_of
from models.staff import StaffMember

MOST = 200
ONE_LOOK = timedelta(minutes=15)
WHAT = {"people.view": "card", "people.find": "found", "people.view_household": "household"}


class Look(NamedTuple):
    """`what` is "card", "found", "household", or the title of the sensitive kind that was opened ("身份证号")."""

    at: datetime
    roles: list[str]
    what: str
    staff_id: int


def who_looked(session: Session, person: Person, most: int = MOST) -> list[Look]:
    """Cards and households that were opened, finds by phone, sensitive facts that were read; the newest first. Who
    works on one card for a while has looked once."""
    looks = sorted(_views(session, person, most), key=lambda look: look.at)
    latest: dict[tuple[int, str], Look] = {}
    once = []
    for look in looks:
        before = latest.get((look.staff_id, look.what))
        if before is None or look.at - before.at > ONE_LOOK:
            once.append(look)
        latest[look.staff_id, look.what] = look
    return once[::-1][:most]


def _views(session: Session, person: Person, most: int) -> list[Look]:
    found = []
    for lines in (views_of(person), household_views_of(person)):
        for line in session.scalars(lines.limit(most)):
            number = int(line.actor.partition(":")[2])
            what = WHAT.get(line.action) or policies()[line.facts["kind"]].title
            found.append(Look(line.at, _roles(session, number), what, number))
    return found


def _roles(session: Session, number: int) -> list[str]:
    member = session.get(StaffMember, number)
    return member.role_names if member else []
