"""Times that can be booked: rows, so that the last seat of one can be taken by exactly one person.

`taken` moves by a counted UPDATE only and equals the number of appointments that hold a seat. Seats that are held for
somebody who still fills in are counted apart (booking_holds.py), and rooms and persons stand in resources.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Integer,
    Select,
    UniqueConstraint,
    bindparam,
    case,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from app import clock
from models.base import FLAT, Base, Instant, connection_of, is_there, said
from models.booking_holds import NOBODY, Own, held_by_others, sources_of
from models.plans import ClosedTime, Service, Visit
from models.prepared import Prepared
from models.resources import could_choose, needs_any, one_of_each_is_free
from models.rows import Listed, Rows, Shelf

NOON_IS_OVER = 13


class Slot(Base):
    """One time of one service. `half` counts half days, so that a list can begin with the soonest of each."""

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("service_id", "starts"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="seats"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    starts: Mapped[datetime] = mapped_column(Instant, index=True)
    ends: Mapped[datetime] = mapped_column(Instant)
    half: Mapped[int]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    is_open: Mapped[bool] = mapped_column(default=True)

    service: Mapped[Service] = relationship(lazy="joined", innerjoin=FLAT)

    @property
    def free(self) -> int:
        return self.capacity - self.taken if self.is_open else 0

    @property
    def days_ahead(self) -> int:
        """0 today, 1 tomorrow, on the community's calendar."""
        return (clock.local(self.starts).date() - clock.today()).days

    @property
    def month_and_day(self) -> tuple[int, int]:
        day = clock.local(self.starts)
        return day.month, day.day

    @property
    def weekday(self) -> int:
        return clock.local(self.starts).weekday()


def half_day(instant: datetime) -> int:
    """Half days since the beginning of time, by the community's clock; lunch belongs to the morning."""
    moment = clock.local(instant)
    return moment.date().toordinal() * 2 + (moment.hour >= NOON_IS_OVER)


def day_of(half: int) -> date:
    return date.fromordinal(half // 2)


def meet(one: Slot | Visit, other: Slot | Visit | ClosedTime) -> bool:
    return one.starts < other.ends and one.ends > other.starts


def free_slots(
    service: Service, first: date | None = None, last: date | None = None, *, own: Own = NOBODY
) -> Select[Slot]:
    """Times with a free seat, and a room and a person where it needs them, soonest first: not over, not inside the lead
    time, not behind the horizon."""
    found = select(Slot).where(*_to_come(reach(service)), _has_seat(own), _has_room(service.id, own))
    if first is not None:
        found = found.where(Slot.starts >= clock.at(first, time()))
    if last is not None:
        found = found.where(Slot.starts < clock.at(last + timedelta(days=1), time()))
    return found.order_by(Slot.starts)


def reach(service: Service, last: date | None = None) -> dict[str, Any]:
    """What can be reached of its plan: not over, not inside the lead time, not behind the horizon or the `last` day."""
    end = last or clock.today() + timedelta(days=service.horizon_days)
    return {
        "service": service.id,
        "soonest": clock.now() + timedelta(minutes=service.lead_minutes),
        "end": clock.at(end + timedelta(days=1), time()),
    }


def _to_come(facts: Mapping[str, Any] | None) -> Sequence[ColumnElement[bool]]:
    """In SQL: an open time within `reach`, which a prepared statement (None) is told when it is asked."""
    starts = Slot.starts >= said(facts, "soonest", Instant()), Slot.starts < said(facts, "end", Instant())
    return Slot.service_id == said(facts, "service", Integer()), Slot.is_open.expression, *starts


def _has_seat(own: Own | None) -> ColumnElement[bool]:
    return Slot.taken + held_by_others(Slot.id.expression, own) < Slot.capacity


def _has_room(service: int | None, own: Own | None) -> ColumnElement[bool]:
    facts = None if own is None or service is None else {"service": service, **own.facts()}
    whose, now = said(facts, "service", Integer()), said(facts, "now", Instant())
    times = Slot.starts.expression, Slot.ends.expression
    return one_of_each_is_free(whose, *times, sources_of(own), now)


def has_room(session: Session, slot: Slot, own: Own = NOBODY) -> bool:
    """Whether a room and a person are free at this time, where its service needs them; also at one that is only planned
    and has no row yet."""
    if not needs_any(session, slot.service_id or slot.service.id):
        return True
    if slot not in session:
        return could_choose(session, slot.service.id, slot.starts, slot.ends, own.sources)
    return is_there(session, ROOM, {"slot": slot.id, "service": slot.service_id, **own.facts()})


ROOM = Prepared(select(Slot.id).where(Slot.id == bindparam("slot", type_=Integer()), _has_room(None, None)))


def takeable(
    session: Session, first: date, last: date, *, service: Service | None = None, own: Own = NOBODY
) -> set[int]:
    """Which times of these days (ids) have a seat that nobody holds, and a room and a person where they need them."""
    start, end = clock.at(first, time()), clock.at(last + timedelta(days=1), time())
    room = one_of_each_is_free(
        Slot.service_id.expression, Slot.starts.expression, Slot.ends.expression, own.sources
    )
    found = select(Slot.id).where(Slot.starts >= start, Slot.starts < end, Slot.is_open, _has_seat(own), room)
    return set(session.scalars(found if service is None else found.where(Slot.service_id == service.id)))


def free_in_halves(session: Session, service: Service, last: date, own: Own = NOBODY) -> dict[int, int]:
    """The half days until `last` in which the plan still has times to be reached, and how many of these are free."""
    asked = BY_HALF[needs_any(session, service.id)]
    rows = asked.all(connection_of(session), reach(service, last) | own.facts())
    return {half: int(times) for half, times in rows}


def _is_free(in_rooms: bool) -> ColumnElement[bool]:
    """Prepared: a seat, and where the service needs them a room and a person."""
    return _has_seat(None) & _has_room(None, None) if in_rooms else _has_seat(None)


def _free(in_rooms: bool) -> Select[Slot]:
    return select(Slot).where(*_to_come(None), _is_free(in_rooms))


def _by_half(in_rooms: bool) -> Select[int, Any]:
    free = func.sum(case((_is_free(in_rooms), 1), else_=0))
    return select(Slot.half, free).where(*_to_come(None)).group_by(Slot.half).order_by(Slot.half)


BY_HALF = {in_rooms: Prepared(_by_half(in_rooms)) for in_rooms in (False, True)}


def slots_to_offer(session: Session, service: Service, own: Own = NOBODY) -> Listed[Slot]:
    """Free times in the order of a short list: the soonest of each half day, then all others."""
    return TO_OFFER[needs_any(session, service.id)].of(**reach(service), **own.facts())


def _soonest_of_each_half(free_slots: Select[Slot]) -> Select[Slot]:
    turn = func.row_number().over(partition_by=Slot.half, order_by=Slot.starts).label("turn")
    free = free_slots.order_by(None).with_only_columns(Slot.id, turn).subquery()
    first = case((free.c.turn == 1, 0), else_=1)
    return select(Slot).join(free, free.c.id == Slot.id).order_by(first, Slot.starts)


def _to_offer(in_rooms: bool) -> Shelf[Slot]:
    return Shelf(lambda: _soonest_of_each_half(_free(in_rooms)))


TO_OFFER = {in_rooms: _to_offer(in_rooms) for in_rooms in (False, True)}


def slots_on(service: Service, day: date) -> Select[Slot]:
    """Every time of a day that is open or holds somebody, full ones too."""
    start, end = clock.at(day, time()), clock.at(day + timedelta(days=1), time())
    shown = Slot.is_open | (Slot.taken > 0)
    return (
        select(Slot)
        .where(Slot.service_id == service.id, Slot.starts >= start, Slot.starts < end, shown)
        .order_by(Slot.starts)
    )


def nearest_free(session: Session, slot: Slot, most: int = 2, own: Own = NOBODY) -> list[Slot]:
    """The free times nearest to this one, in order of time."""
    return nearest_to(session, slot.service, slot.starts, most, own)


def nearest_to(
    session: Session, service: Service, instant: datetime, most: int = 2, own: Own = NOBODY
) -> list[Slot]:
    """The free times around an instant, but not at it: as many before as after, where there are so many."""
    before, after = _around(session, service, instant, most, own)
    from_before = max(most // 2, most - len(after))
    chosen = [*before[:from_before], *after[: most - min(len(before), from_before)]]
    return sorted(chosen, key=lambda one: one.starts)


def _around(
    session: Session, service: Service, instant: datetime, most: int, own: Own
) -> tuple[Sequence[Slot], Sequence[Slot]]:
    """The nearest ones before it, the nearest first, and the nearest after it."""
    in_rooms = needs_any(session, service.id)
    facts = {**reach(service), **own.facts(), "instant": instant, "most": most}
    return BEFORE[in_rooms].all(session, **facts), AFTER[in_rooms].all(session, **facts)


def _nearest(in_rooms: bool, side: ColumnElement[bool], order: Any) -> Rows[Slot]:
    return Rows(lambda: _free(in_rooms).where(side).order_by(order).limit(bindparam("most")))


INSTANT = bindparam("instant", type_=Instant())
BEFORE = {rooms: _nearest(rooms, Slot.starts < INSTANT, Slot.starts.desc()) for rooms in (False, True)}
AFTER = {rooms: _nearest(rooms, Slot.starts > INSTANT, Slot.starts) for rooms in (False, True)}


def take_seat(session: Session, slot: Slot, own: Own = NOBODY) -> bool:
    """Count one seat more, unless none is left: two rivals cannot both be told yes. Behind `lock_slots`, so that a seat
    held meanwhile is seen."""
    return _count(session, slot, TAKE, own)


def give_seat_back(session: Session, slot: Slot) -> None:
    _count(session, slot, GIVE_BACK)


def _counted(by: int, allowed: ColumnElement[bool]) -> Prepared:
    this = Slot.id == said(None, "slot", Integer())
    return Prepared(update(Slot).where(this, allowed).values(taken=Slot.taken + by).returning(Slot.taken))


TAKE = _counted(1, Slot.is_open & _has_seat(None))
GIVE_BACK = _counted(-1, Slot.taken > 0)


def _count(session: Session, slot: Slot, change: Prepared, own: Own = NOBODY) -> bool:
    session.flush()
    row = change.first(connection_of(session), {"slot": slot.id, **own.facts()})
    if row is not None:
        set_committed_value(slot, "taken", row[0])
    return row is not None


def lock_slots(session: Session, slots: Iterable[Slot]) -> None:
    """Always in the order of their ids: two people who swap places do not wait for each other."""
    session.flush()
    for number in sorted({slot.id for slot in slots}):
        LOCK.run(connection_of(session), {"slot": number})


LOCK = Prepared(select(Slot.id).where(Slot.id == said(None, "slot", Integer())).with_for_update())
