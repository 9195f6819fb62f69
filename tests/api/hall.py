"""A service with two seats on a Monday morning, for tests of booking."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from sqlalchemy.orm import Session

from models.plans import Service
from models.slots import Slot, half_day
from tests.activities.plans import wall
from tests.neighbours import Town


def a_service(town: Town, name: str = "高龄补贴", **changes: Any) -> int:
    facts = {"kind": "hall", "name": name, "summary": "每月发。", "place": "一楼大厅", "window": "3号窗口"}
    facts |= {"provider": "社区", "phone": "0971-8170000", "bring": ["身份证"]} | changes

    def unit(session: Session) -> int:
        row = Service(**facts)
        session.add(row)
        session.flush()
        return row.id

    return town.writing(unit)


def a_slot(town: Town, service: int, starts: str = "2026-11-24 09:00", *, seats: int = 2) -> int:
    def unit(session: Session) -> int:
        begins = wall(starts).astimezone(UTC)
        times = {"starts": begins, "ends": begins + timedelta(minutes=30), "half": half_day(begins)}
        row = Slot(service_id=service, capacity=seats, **times)
        session.add(row)
        session.flush()
        return row.id

    return town.writing(unit)


def taken(town: Town, slot: int) -> int:
    with town.reading() as session:
        return session.get_one(Slot, slot).taken
