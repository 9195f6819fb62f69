"""One line of a record's trail: who did what with it, and in which words."""

from __future__ import annotations

from models.hours import HoursStep, ServiceHours
from models.identity import Actor


def step(by: Actor, row: ServiceHours, did: str, words: str = "") -> None:
    """Words are what somebody said of it; codes stand in `did`."""
    line = HoursStep(hours_id=row.id, did=did, minutes=row.minutes, words=words or None)
    line.staff_id = by.staff.id if by.staff is not None else None
    line.person_id = by.person.id if by.person is not None and by.staff is None else None
    by.session.add(line)


def followed(by: Actor, row: ServiceHours, did: str) -> None:
    """What nobody did: it follows from the scans."""
    by.session.add(HoursStep(hours_id=row.id, did=did, minutes=row.minutes))
