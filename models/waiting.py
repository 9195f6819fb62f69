"""Who waits for a time that is full: residents in their order, and freed seats that are kept for one of them.

A seat that is offered counts as taken: it moved by the counted UPDATE of its time and belongs to this row until the
offer ends. A freed seat goes to the first whom it fits; nothing is offered that could not be reached any more. Whoever
let an offer pass, or gave a claimed seat back, does not queue again by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import FLAT, Base, Instant, RowKey, RowSealed, is_there
from models.booking_holds import NOBODY, Own
from models.identity import Helped, Person
from models.plans import Service
from models.prepared import Prepared
from models.slots import Slot, half_day, takeable

OPEN = ("waiting", "offered")
IS_OPEN = "state IN ('waiting', 'offered')"
MOST_WAITS = 5  # of one person, those for others included
MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Wished:
    """What somebody waits for: one certain time, or the times between two days, of a half of the day or of both."""

    first: date
    last: date
    half: str = ""
    slot: Slot | None = None

    @classmethod
    def at(cls, slot: Slot) -> Wished:
        day = clock.local(slot.starts).date()
        return cls(day, day, "", slot)

    @classmethod
    def on(cls, day: date, half: str = "") -> Wished:
        return cls(day, day, half)


class SlotWait(RowKey, Base):
    """`waiting ⇄ offered → taken`, or `left`, `over`, `removed`. `slot_id` is the one time that is wished, where it is
    one; `line` is the place in the order of the service, ids settle what is equal. While it is offered, one seat of
    `offered_slot_id` is kept until `offered_until`; `offers` counts, so that each is told once; `passed` are the times
    that were let pass for another one. `reason` is a code: why it ended, or why the staff moved it."""

    __tablename__ = "slot_wait"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'offered', 'taken', 'left', 'over', 'removed')", name="state"),
        CheckConstraint(
            "(state = 'offered') = (offered_slot_id IS NOT NULL AND offered_until IS NOT NULL)", name="offer"
        ),
        CheckConstraint("half IN ('', 'am', 'pm')", name="half"),
        Index(
            "uq_slot_wait_open",
            "person_id",
            "visitor",
            "service_id",
            unique=True,
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
        Index("ix_slot_wait_service_id_state_line", "service_id", "state", "line"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    visitor: Mapped[str] = mapped_column(String(64), default="")
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"))
    first: Mapped[date]
    last: Mapped[date]
    half: Mapped[str] = mapped_column(String(2), default="")
    line: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    offered_slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"), index=True)
    offered_until: Mapped[datetime | None] = mapped_column(Instant, index=True)
    offers: Mapped[int] = mapped_column(default=0)
    passed: Mapped[list[int]] = mapped_column(JSON, default=list)
    reason: Mapped[str | None] = mapped_column(String(12))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    channel: Mapped[str] = mapped_column(String(10))
    _helped_name: Mapped[bytes | None] = mapped_column("helped_name", LargeBinary)
    _helped_phone: Mapped[bytes | None] = mapped_column("helped_phone", LargeBinary)
    _helped_tie: Mapped[bytes | None] = mapped_column("helped_tie", LargeBinary)
    _phone: Mapped[bytes | None] = mapped_column("phone", LargeBinary)
    _address: Mapped[bytes | None] = mapped_column("address", LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    helped_name = RowSealed[str | None]("slot_wait.helped_name")
    helped_phone = RowSealed[str | None]("slot_wait.helped_phone")
    helped_tie = RowSealed[str | None]("slot_wait.helped_tie")
    phone = RowSealed[str | None]("slot_wait.phone")
    address = RowSealed[str | None]("slot_wait.address")
    person: Mapped[Person] = relationship()
    service: Mapped[Service] = relationship(lazy="joined", innerjoin=FLAT)
    slot: Mapped[Slot | None] = relationship(foreign_keys=[slot_id], lazy="joined")
    offered_slot: Mapped[Slot | None] = relationship(foreign_keys=[offered_slot_id], lazy="joined")

    @property
    def helped(self) -> Helped | None:
        name = self.helped_name
        return Helped(name, self.helped_phone, self.helped_tie or "") if name else None

    @property
    def visitor_name(self) -> str | None:
        return self.helped_name or self.person.name

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def wished(self) -> Wished:
        return Wished(self.first, self.last, self.half, self.slot)


# ---- whose, and in which order --------------------------------------------------------------------------------------


def waits_of(person: Person) -> Select[SlotWait]:
    """What a person waits for now: what is offered first, then in the order in which it was asked."""
    offered_first = SlotWait.offered_until.is_(None), SlotWait.offered_until, SlotWait.id
    mine = SlotWait.person_id == person.id, SlotWait.state.in_(OPEN)
    return select(SlotWait).where(*mine).order_by(*offered_first)


def all_waits_of(person: Person) -> Select[SlotWait]:
    return select(SlotWait).where(SlotWait.person_id == person.id).order_by(SlotWait.id.desc())


def offered_to(person: Person) -> Select[SlotWait]:
    """Seats that are kept for this person at this moment, the one that ends first in front."""
    kept = SlotWait.state == "offered", SlotWait.offered_until > clock.now()
    return select(SlotWait).where(SlotWait.person_id == person.id, *kept).order_by(SlotWait.offered_until)


def open_wait(session: Session, person: Person, visitor: str, service_id: int) -> SlotWait | None:
    """What this person waits for, for this visitor, of this service."""
    same = SlotWait.person_id == person.id, SlotWait.visitor == visitor, SlotWait.service_id == service_id
    return session.scalar(select(SlotWait).where(*same, SlotWait.state.in_(OPEN)))


def ahead_of(session: Session, wait: SlotWait) -> int:
    """How many wait for the same service before this one."""
    before = or_(SlotWait.line < wait.line, and_(SlotWait.line == wait.line, SlotWait.id < wait.id))
    same = SlotWait.service_id == wait.service_id, SlotWait.state.in_(OPEN)
    return session.scalar(select(func.count()).where(*same, before)) or 0


def next_line(session: Session, service_id: int) -> int:
    return (session.scalar(select(func.max(SlotWait.line)).where(SlotWait.service_id == service_id)) or 0) + 1


def first_line(session: Session, service_id: int) -> int:
    """A place before all who wait now."""
    return (
        session.scalar(
            select(func.min(SlotWait.line)).where(SlotWait.service_id == service_id, SlotWait.state.in_(OPEN))
        )
        or 1
    ) - 1


WAITS = Prepared(
    select(SlotWait.id)
    .where(SlotWait.service_id == bindparam("service", type_=Integer), SlotWait.state == "waiting")
    .limit(1)
)


def anybody_waits(session: Session, service: int) -> bool:
    """Whether anybody waits for a time of this service; mostly nobody does."""
    return is_there(session, WAITS, {"service": service})


def times_waited_for(session: Session, service: int) -> ColumnElement[bool] | None:
    """Which times of a service somebody waits for, in SQL; None when nobody waits."""
    wished = select(SlotWait.first, SlotWait.last, SlotWait.half, SlotWait.slot_id).distinct()
    wishes = session.execute(wished.where(SlotWait.service_id == service, SlotWait.state == "waiting")).all()
    if not wishes:
        return None
    halves = {
        half for one in wishes if one.slot_id is None for half in _halves(one.first, one.last, one.half)
    }
    numbers = {one.slot_id for one in wishes if one.slot_id is not None}
    return or_(Slot.half.in_(sorted(halves)), Slot.id.in_(sorted(numbers)))


def _halves(first: date, last: date, half: str) -> list[int]:
    """The half days (see `half_day`) from day to day: "am", "pm" or both."""
    all_of_them = range(first.toordinal() * 2, last.toordinal() * 2 + 2)
    return [one for one in all_of_them if half in ("", "pm" if one % 2 else "am")]


def whom_it_fits(slot: Slot) -> Select[SlotWait]:
    """Those who wait and would take this time, in their order."""
    day, half = clock.local(slot.starts).date(), "pm" if half_day(slot.starts) % 2 else "am"
    fits = (
        SlotWait.service_id == slot.service_id,
        SlotWait.state == "waiting",
        SlotWait.first <= day,
        SlotWait.last >= day,
        SlotWait.half.in_(("", half)),
        or_(SlotWait.slot_id.is_(None), SlotWait.slot_id == slot.id),
    )
    return select(SlotWait).where(*fits).order_by(SlotWait.line, SlotWait.id).limit(MOST_LOOKED_AT)


def times_wished(service: Service, wished: Wished) -> Select[Slot]:
    """The times of the plan that would do, free or full, still to be reached; soonest first."""
    soonest = clock.now() + timedelta(minutes=service.lead_minutes)
    first, end = clock.at(wished.first, time()), clock.at(wished.last + timedelta(days=1), time())
    found = select(Slot).where(Slot.service_id == service.id, Slot.is_open, Slot.starts >= soonest)
    if wished.slot is not None:
        return found.where(Slot.id == wished.slot.id)
    if wished.half:
        found = found.where(Slot.half % 2 == (wished.half == "pm"))
    return found.where(Slot.starts >= first, Slot.starts < end).order_by(Slot.starts)


def free_of(session: Session, service: Service, wished: Wished, own: Own = NOBODY) -> list[Slot]:
    """Those of them that could be booked at once: what others hold while they fill in is not free."""
    can = takeable(session, wished.first, wished.last, service=service, own=own)
    return [slot for slot in session.scalars(times_wished(service, wished)) if slot.id in can]


def wait_source(wait: int) -> str:
    """Whose a room is while a seat is kept for somebody in the line."""
    return f"wait:{wait}"


def is_kept_for(session: Session, person: Person, visitor: str, slot: Slot) -> bool:
    """Whether a seat of this very time is being kept for them."""
    mine = SlotWait.person_id == person.id, SlotWait.visitor == visitor, SlotWait.offered_slot_id == slot.id
    found = select(SlotWait.id).where(
        *mine, SlotWait.state == "offered", SlotWait.offered_until > clock.now()
    )
    return session.scalar(found.limit(1)) is not None


def seats_kept(slot_id: ColumnElement[int] | Any) -> ScalarSelect[int]:
    """How many seats of a time are kept for people who were offered them."""
    kept = SlotWait.offered_slot_id == slot_id, SlotWait.state == "offered"
    return select(func.count(SlotWait.id)).where(*kept).correlate_except(SlotWait).scalar_subquery()
