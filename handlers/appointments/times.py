"""Which time does a resident mean? Free times by digit or by words: 明早, 周三下午, 11月25号上午9点."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.dialogue import Choose, Gone, Label, recall, recall_all
from app.understanding.when import ClockReading, Impossible, MomentReading, day_in, moment_in
from handlers.appointments import seats
from models.booking_holds import NOBODY, Own
from models.identity import Actor
from models.plans import Service
from models.refusal import Refusal
from models.slots import Slot, free_slots, nearest_to, slots_to_offer

ABOUT = timedelta(minutes=45)
MOST_NEAR = 4
LONGEST_ECHO = 20
NOON = time(12)
OFFICES_OPEN = time(9)  # "明早" ends here in the clock's words; to who books it means the morning


class ChooseTime(Choose[Slot]):
    """One of the service's free times. What was chosen stays chosen when it fills up meanwhile: then the rule refuses
    it and shows its neighbours, which says more than "it is gone". The seat is kept while other questions are open."""

    hears = True

    def __init__(self, key: str, resident: Actor, service: Service, own: Own, **facts: Any) -> None:
        # The statement is made when the times are read out, not with every later turn.
        options = partial(slots_to_offer, resident.session, service, own)
        super().__init__(key, options, by_words=self._said, service=service, **facts)
        self._session, self._service, self._own = resident.session, service, own
        self.holding = lambda slot: seats.hold(resident, slot, own)
        self._near: Sequence[Slot] = ()
        self._shown: list[Any] = []

    def offer(self, session: Session, page: int) -> tuple[list[Any], bool]:
        if self._near:
            return list(self._near), False
        found, more = super().offer(session, page)
        return sorted(found, key=_starts), more

    def value(self, session: Session, stored: Any) -> Slot:
        slot = recall(session, stored)
        if not isinstance(slot, Slot) or slot.service_id != self._service.id or not slot.is_open:
            raise Gone
        return slot

    def read(self, session: Session, text: str, shown: list[Any], label: Label) -> Any:
        """A day or a time in words comes before a piece of an option's words: "9点" is not "19点"."""
        reading = moment_in(text, clock.local(clock.now()))
        self._shown = shown
        return super().read(session, text, shown, label if reading is None else _no_words)

    def _said(self, text: str) -> list[Slot] | None:
        day = _one_day(recall_all(self._session, self._shown))
        found = said_times(self._session, self._service, text, day, self._own)
        if found is not None and not found.slots:
            self._near = nearest_to(self._session, self._service, found.around, MOST_NEAR, self._own)
            raise Refusal("appointments.no_time_then", day=found.around, words=text[:LONGEST_ECHO])
        return None if found is None else found.slots


def _one_day(shown: Sequence[Slot | None]) -> date | None:
    """The day of the list that was read out, when it was the list of one day."""
    days = {clock.local(slot.starts).date() for slot in shown if slot is not None}
    return days.pop() if len(days) == 1 else None


def _starts(slot: Slot) -> datetime:
    return slot.starts


def _no_words(_value: Any) -> str:
    return ""


class SaidTimes:
    """The free times that fit what was said; `around` is where to look when there are none."""

    def __init__(self, slots: list[Slot], around: datetime) -> None:
        self.slots, self.around = slots, around


def said_times(
    session: Session, service: Service, text: str, shown: date | None = None, own: Own = NOBODY
) -> SaidTimes | None:
    """The free times that words name; None when they name no time. A time alone is one of the day `shown`, if that has
    it, else of any day. An unsure phrase gives the times of every day that it may mean: the list, with its dates, asks
    back. Raises Refusal appointments.no_such_time for 2月30日."""
    now = clock.local(clock.now())
    reading = moment_in(text, now)
    if reading is None:
        return None
    if isinstance(reading, Impossible):
        raise Refusal("appointments.no_such_time", words=reading.words)
    days = reading.day.candidates if day_in(text, now) is not None else ()
    free = [slot for slot in session.scalars(free_slots(service, own=own)).all() if _on(slot, days)]
    found = _by_clock(free, reading.clock)
    there = [slot for slot in found if shown and not days and _on(slot, (shown,))]
    return SaidTimes(there or found, _around(reading))


def _on(slot: Slot, days: Sequence[date]) -> bool:
    return not days or clock.local(slot.starts).date() in days


def _by_clock(slots: list[Slot], said: ClockReading | None) -> list[Slot]:
    """All of a part of the day; the very time, else those about it."""
    if said is None:
        return slots
    if said.end is not None:
        end = NOON if said.end <= OFFICES_OPEN else said.end
        return [slot for slot in slots if said.start <= _time(slot) < end]
    exact = [slot for slot in slots if _time(slot) in (said.start, *said.others)]
    return exact or [slot for slot in slots if _about(slot, said.start)]


def _time(slot: Slot) -> time:
    return clock.local(slot.starts).time()


def _about(slot: Slot, said: time) -> bool:
    starts = clock.local(slot.starts)
    return abs(starts.replace(tzinfo=None) - datetime.combine(starts.date(), said)) <= ABOUT


def _around(reading: MomentReading) -> datetime:
    return clock.at(reading.day.day, reading.clock.start if reading.clock else NOON)
