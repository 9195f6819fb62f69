"""A rota of this week and the next for the invented colleagues, with a gap, and a leave that is to come."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app import clock
from models.duty import DutyShift, StaffLeave
from models.office_hours import halves_on
from models.staff import member_by_login

ON_DUTY = ("wang", "wang", "ma", "wang", "li")  # Monday to Friday


def seed(session: Session) -> None:
    monday = clock.today() - timedelta(days=clock.today().weekday())
    for ahead in range(14):
        day = monday + timedelta(days=ahead)
        for half in halves_on(session, day):
            member = member_by_login(session, ON_DUTY[day.weekday() % 5])
            is_gap = day.weekday() == 4 and half == "pm"
            if member is not None and not is_gap:
                session.add(DutyShift(day=day, half=half, staff_id=member.id))
    ma, zhao = member_by_login(session, "ma"), member_by_login(session, "zhao")
    if ma is not None and zhao is not None:
        first = monday + timedelta(days=16)
        session.add(StaffLeave(staff=ma, deputy=zhao, first_day=first, last_day=first + timedelta(days=2)))
    session.flush()
