"""Days and times as a page shows them: in words, full ones greyed with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import abort, request
from sqlalchemy.orm import Session

from app import clock
from app.words import WEEKDAYS
from handlers.appointments.wished import code_of
from models.booking_holds import NOBODY, Own
from models.plans import Service
from models.slots import Slot, slots_on, takeable

AT_ONCE = 7
NEAR = ("今天", "明天", "后天")
FULL, CLOSED, OVER = "满了", "不办", "过了"
BUSY = "暂时没空"  # somebody is choosing it just now, or no room or person is free


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a service; `why` says why it cannot be taken."""

    day: date
    words: str
    free: int
    why: str


@dataclass(frozen=True, slots=True)
class Time:
    """One time of a day; `why` says why it cannot be taken."""

    slot: Slot
    words: str
    why: str

    @property
    def wish(self) -> str:
        """How a full one is waited for."""
        return code_of(self.slot)


def words_of(day: date) -> str:
    """ "明天 周四", "11月28日 周六"."""
    ahead = (day - clock.today()).days
    near = NEAR[ahead] if 0 <= ahead < len(NEAR) else f"{day.month}月{day.day}日"
    return f"{near} 周{WEEKDAYS[day.weekday()]}"


def asked_day() -> date:
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        abort(404)
    if abs((day - clock.today()).days) > 400:
        abort(404)
    return day


def days_shown(session: Session, service: Service, own: Own = NOBODY) -> dict[str, Any]:
    """The seven days of the week that is asked for (`weeks` from now), and whether there are later ones."""
    weeks = request.args.get("weeks", "0")
    week = int(weeks) if weeks in ("1", "2", "3", "4") else 0
    first, last = clock.today() + timedelta(days=AT_ONCE * week), last_day(service)
    days = (first + timedelta(days=ahead) for ahead in range(AT_ONCE))
    can = takeable(session, first, first + timedelta(days=AT_ONCE), service=service, own=own)
    shown = [_day(session, service, day, can) for day in days if day <= last]
    return {"days": shown, "week": week, "more": first + timedelta(days=AT_ONCE) <= last and week < 4}


def last_day(service: Service) -> date:
    return clock.today() + timedelta(days=service.horizon_days)


def day_of(slot: Slot) -> str:
    """The day of a time, as addresses have it."""
    return clock.local(slot.starts).date().isoformat()


def _day(session: Session, service: Service, day: date, can: set[int]) -> Day:
    times = session.scalars(slots_on(service, day)).all()
    reasons = [why_not(slot, can) for slot in times]
    free = reasons.count("")
    why = "" if free else next((one for one in (BUSY, FULL, OVER) if one in reasons), CLOSED)
    return Day(day, words_of(day), free, why)


def times_of(
    session: Session, service: Service, day: date, own: Own = NOBODY
) -> list[tuple[str, list[Time]]]:
    """("上午", its times), ("下午", its times): only those that there are."""
    can = takeable(session, day, day, service=service, own=own)
    halves: dict[str, list[Time]] = {}
    for slot in session.scalars(slots_on(service, day)):
        starts = clock.local(slot.starts)
        named = "上午" if starts.hour < 12 else "下午" if starts.hour < 18 else "晚上"
        halves.setdefault(named, []).append(Time(slot, f"{starts:%-H:%M}", why_not(slot, can)))
    return list(halves.items())


def why_not(slot: Slot, can: set[int]) -> str:
    """ "" when it is one of those that `can` be taken."""
    if slot.starts < clock.now() + timedelta(minutes=slot.service.lead_minutes):
        return OVER
    if not slot.is_open:
        return CLOSED
    return "" if slot.id in can else BUSY if slot.free > 0 else FULL
