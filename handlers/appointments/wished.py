"""What somebody waits for, as a short code that a talk, a form and an address can carry: "any", "any/am", "2026-11-25",
"2026-11-25/pm", "2026-11-25T09:30"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.understanding.when import ClockReading, Impossible, MomentReading, day_in, moment_in
from models.booking_holds import NOBODY, Own
from models.plans import Service
from models.refusal import Refusal
from models.slots import NOON_IS_OVER, Slot, day_of, free_in_halves
from models.waiting import Wished

ANY = "any"
ANYTIME = frozenset(
    {"都行", "都可以", "随便", "随时", "哪天都行", "什么时候都行", "哪天有空都行", "有空就行"}
)
MOST_FULL, LONGEST_ECHO = 3, 20
AS_A_TIME = "%Y-%m-%dT%H:%M"


def last_day(service: Service) -> date:
    """Nobody waits for days that are not planned yet."""
    return clock.today() + timedelta(days=service.horizon_days)


def wished_of(session: Session, service: Service, code: str) -> Wished | None:
    """What the code means today; None when it means nothing (any more)."""
    head, _, half = code.partition("/")
    if half not in ("", "am", "pm"):
        return None
    if head == ANY:
        return Wished(clock.today(), last_day(service), half)
    try:
        said, _, hour = head.partition("T")
        day, moment = date.fromisoformat(said), time.fromisoformat(hour) if hour else None
    except ValueError:
        return None
    if not clock.today() <= day <= last_day(service):
        return None
    if moment is None:
        return Wished.on(day, half)
    slot = session.scalar(
        select(Slot).where(Slot.service_id == service.id, Slot.starts == clock.at(day, moment))
    )
    return Wished.at(slot) if slot else None


def code_of(slot: Slot) -> str:
    return f"{clock.local(slot.starts):{AS_A_TIME}}"


def free_by_half(session: Session, service: Service, own: Own = NOBODY) -> dict[str, int]:
    """The half days of the plan that are still to come, soonest first, and how many times of each could be booked."""
    free = free_in_halves(session, service, last_day(service), own)
    return {f"{day_of(half).isoformat()}/{'pm' if half % 2 else 'am'}": times for half, times in free.items()}


def all_full(free: Mapping[str, int]) -> bool:
    """Whether there are times still to come and none of them could be booked."""
    return bool(free) and not any(free.values())


def wishes_of(free: Mapping[str, int]) -> list[str]:
    """What can be waited for: anything, or the soonest half days of which nothing is free."""
    return [ANY, *[code for code, times in free.items() if not times][:MOST_FULL]]


def wishes_in(session: Session, service: Service, text: str) -> list[str] | None:
    """What words wish: 周三下午, 明天9点, 下午, 都行. Several when a day may mean two; None when they name no time.
    Raises Refusal appointments.no_such_time for 2月30日."""
    if text in ANYTIME:
        return [ANY]
    now = clock.local(clock.now())
    reading = moment_in(text, now)
    if reading is None:
        return None
    if isinstance(reading, Impossible):
        raise Refusal("appointments.no_such_time", words=reading.words)
    if day_in(text, now) is None:
        return [f"{ANY}/{_half(reading.clock.start)}"] if reading.clock else None
    found = [code for day in reading.day.candidates for code in _codes(session, service, day, reading)]
    return [code for code in found if wished_of(session, service, code)]


def _codes(session: Session, service: Service, day: date, reading: MomentReading) -> list[str]:
    said: ClockReading | None = reading.clock
    if said is None:
        return [day.isoformat()]
    exact = [f"{datetime.combine(day, at):{AS_A_TIME}}" for at in (said.start, *said.others)]
    known = [code for code in exact if said.end is None and wished_of(session, service, code)]
    return known or [_half_code(day, said.start)]


def _half_code(day: date, at: time) -> str:
    return f"{day.isoformat()}/{_half(at)}"


def _half(at: time) -> str:
    return "pm" if at.hour >= NOON_IS_OVER else "am"
