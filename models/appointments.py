"""Who has booked which time. Every state but "cancelled" holds a seat; a move keeps the appointment and its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    and_,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from app import clock, privacy
from models.base import FLAT, Base, Instant, RowKey, RowSealed, index_where, said
from models.booking_holds import Own, visit_source
from models.identity import Helped, Person
from models.plans import Service
from models.rows import Listed, Rows, Shelf
from models.slots import Slot
from models.unindexed import unindexed
from models.waiting import seats_kept

REMINDER_AT = time(18, 30)  # the evening before: after work, long before the quiet hours
NOON_IS_OVER = 13
HOLDS_A_SEAT = "state <> 'cancelled'"
TO_BE_CALLED = "called_off_at IS NOT NULL AND phoned_at IS NULL"
PERSONAL = ("helped_name", "helped_tie", "helped_phone", "phone", "address", "note")
HOLDS_WORDS = " OR ".join(f"{one} IS NOT NULL" for one in PERSONAL)


@dataclass(frozen=True, slots=True)
class Contact:
    """What a visit needs to know of its visitor, told just now; None is what is known already or not needed."""

    name: str | None = None
    phone: str | None = None
    address: str | None = None


class Appointment(RowKey, Base):
    """`confirmed → done | no_show`, or `cancelled`; every state but the last holds the seat.

    `visitor` is "" when a person comes in person, else a blind index of the helped one: one place for each visitor at
    a time. `revision` counts moves and returns, so that every reminder has a key of its own. `marked_by` is empty when
    nobody of the staff said whether the visit took place; `called_at` is when it was called to the window. What the
    house called off (`called_off_at`) waits for a new booking or a telephone call (`phoned_at`, `phoned_by`).
    `reason_code` is one of models/reasons.py; who said too late that they do not come has `told_late_at`; a visitor who
    was not there in time has let their turn go to the line (`released_at`) and may still come.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        Index("ix_appointment_state_changed_at", "state", "changed_at"),
        index_where("ix_appointment_words", HOLDS_WORDS, "created_at"),
        Index(
            "uq_appointment_holder",
            "person_id",
            "visitor",
            "slot_id",
            unique=True,
            sqlite_where=text(HOLDS_A_SEAT),
            postgresql_where=text(HOLDS_A_SEAT),
        ),
        Index(
            "ix_appointment_called_off",
            "called_off_at",
            sqlite_where=text(TO_BE_CALLED),
            postgresql_where=text(TO_BE_CALLED),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="confirmed", index=True)
    visitor: Mapped[str] = mapped_column(String(64), default="")
    _helped_name: Mapped[bytes | None] = mapped_column("helped_name", LargeBinary)
    _helped_phone: Mapped[bytes | None] = mapped_column("helped_phone", LargeBinary)
    _helped_tie: Mapped[bytes | None] = mapped_column("helped_tie", LargeBinary)
    _phone: Mapped[bytes | None] = mapped_column("phone", LargeBinary)
    _address: Mapped[bytes | None] = mapped_column("address", LargeBinary)
    _note: Mapped[bytes | None] = mapped_column("note", LargeBinary)
    channel: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(String(60))
    marked_by: Mapped[int | None]
    called_at: Mapped[datetime | None] = mapped_column(Instant)
    called_off_at: Mapped[datetime | None] = mapped_column(Instant)
    phoned_at: Mapped[datetime | None] = mapped_column(Instant)
    phoned_by: Mapped[int | None]
    reason_code: Mapped[str | None] = mapped_column(String(12))
    told_late_at: Mapped[datetime | None] = mapped_column(Instant)
    released_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    helped_name = RowSealed[str | None]("appointment.helped_name")
    helped_phone = RowSealed[str | None]("appointment.helped_phone")
    helped_tie = RowSealed[str | None]("appointment.helped_tie")
    phone = RowSealed[str | None]("appointment.phone")
    address = RowSealed[str | None]("appointment.address")
    note = RowSealed[str | None]("appointment.note")
    slot: Mapped[Slot] = relationship(lazy="joined", innerjoin=FLAT)
    person: Mapped[Person] = relationship()

    @property
    def service(self) -> Service:
        return self.slot.service

    @property
    def number(self) -> str:
        """To be read out at the window or on the telephone."""
        return f"{self.id:04d}"

    @property
    def helped(self) -> Helped | None:
        """For whom it was made, when not for the holder."""
        name = self.helped_name
        return Helped(name, self.helped_phone, self.helped_tie or "") if name else None

    @property
    def visitor_name(self) -> str | None:
        return self.helped_name or self.person.name

    @property
    def source(self) -> str:
        """Whose the room and the person are, where the service needs them."""
        return visit_source(self.id)

    @property
    def own(self) -> Own:
        """What does not stand in the way of moving it."""
        return Own(self.person_id, self.id)

    @property
    def reminder_key(self) -> str:
        return f"appointments.reminder:{self.id}:{self.revision}"

    @property
    def remind_at(self) -> datetime:
        """The evening before the visit."""
        return clock.at(clock.local(self.slot.starts).date() - timedelta(days=1), REMINDER_AT)

    @property
    def can_be_changed(self) -> bool:
        """Whether its holder may still move or cancel it without a telephone call."""
        latest = self.slot.starts - timedelta(minutes=self.service.cancel_minutes)
        return self.state == "confirmed" and clock.now() <= latest


def visitor_key(helped: Helped | None) -> str:
    """ "" for oneself, else a blind index of the helped one's name."""
    return "" if helped is None else privacy.keyring().blind("appointment.visitor", helped.name)


# ---- whose appointments -------------------------------------------------------------------------------------------


def upcoming(person: Person) -> Select[Appointment]:
    """A person's visits still to come, soonest first (those made for others too)."""
    return _upcoming({"person": person.id, "now": clock.now()})


def upcoming_list(person: Person) -> Listed[Appointment]:
    """The same for who reads it page by page."""
    return UPCOMING.of(person=person.id, now=clock.now())


def _upcoming(facts: Mapping[str, Any] | None) -> Select[Appointment]:
    """Of a person at an instant, which a prepared statement (None) is told when it is asked."""
    whose = Appointment.person_id == said(facts, "person", Integer())
    ahead = Slot.ends > said(facts, "now", Instant())
    confirmed = select(Appointment).join(Appointment.slot).where(whose, Appointment.state == "confirmed")
    return confirmed.where(ahead).order_by(Slot.starts, Appointment.id)


UPCOMING = Shelf(lambda: _upcoming(None))


def appointments_of(person: Person) -> Select[Appointment]:
    """All of a person's appointments, the newest time first."""
    mine = select(Appointment).join(Appointment.slot).where(Appointment.person_id == person.id)
    return mine.order_by(Slot.starts.desc(), Appointment.id.desc())


def last_of(session: Session, person: Person) -> Appointment | None:
    """What a person booked last for a service that is still offered, cancelled by the house or kept."""
    newest = select(Appointment).join(Appointment.slot).join(Slot.service)
    mine = newest.where(Appointment.person_id == person.id, Service.is_open)
    return session.scalar(mine.order_by(Appointment.id.desc()).limit(1))


def known_contact(session: Session, person: Person, helped: Helped | None) -> Contact:
    """What need not be asked again: from the person, from what the helper said, from the same visitor's last visit."""
    last = _last_told.first(session, person=person.id, visitor=visitor_key(helped))
    phone = helped.phone if helped else person.phone
    return Contact(
        name=helped.name if helped else person.name,
        phone=phone or (last.phone if last else None),
        address=last.address if last else None,
    )


@Rows
def _last_told() -> Select[Appointment]:
    """The last visit of which phone or address were told."""
    told = or_(Appointment.phone.is_not(None), Appointment.address.is_not(None))
    whose = Appointment.person_id == said(None, "person", Integer())
    same = whose, Appointment.visitor == said(None, "visitor", String())
    return select(Appointment).where(*same, told).order_by(Appointment.id.desc()).limit(1)


def appointments_on(day: date, service: Service | None = None) -> Select[Appointment]:
    """The day's board: every appointment that holds a seat, in order of time."""
    start, end = clock.at(day, time()), clock.at(day + timedelta(days=1), time())
    found = select(Appointment).join(Appointment.slot).where(Slot.starts >= start, Slot.starts < end)
    found = found.where(Appointment.state != "cancelled").order_by(Slot.starts, Appointment.id)
    return found if service is None else found.where(Slot.service_id == service.id)


def in_two_places() -> Select[Appointment]:
    """Visits still to come whose visitor is somewhere else at that time: two records that turned out to be one person
    (nobody books so). The later booking of each two."""
    other, then = aliased(Appointment), aliased(Slot)
    same = other.person_id == Appointment.person_id, other.visitor == Appointment.visitor
    found = select(other.id).join(then, then.id == other.slot_id).where(*same, other.id < Appointment.id)
    meets = found.where(other.state == "confirmed", then.starts < Slot.ends, then.ends > Slot.starts)
    coming = select(Appointment).join(Appointment.slot).where(Appointment.state == "confirmed")
    return coming.where(Slot.ends > clock.now(), meets.exists()).order_by(Slot.starts, Appointment.id)


def waiting_for_a_mark(before: datetime) -> Select[Appointment]:
    """Visits that ended before this instant and of which nobody said whether they took place."""
    found = select(Appointment).join(Appointment.slot)
    return found.where(Appointment.state == "confirmed", Slot.ends <= before).order_by(Slot.starts)


def older_than(before: datetime) -> Select[Appointment]:
    """Appointments of times before this instant that still hold personal words. None is booked after its time, so only
    what was written before it is looked at."""
    some = or_(*(getattr(Appointment, one).is_not(None) for one in PERSONAL))
    old = Appointment.created_at < before, some, unindexed(Slot.ends) < before
    return select(Appointment).join(Appointment.slot).where(*old).order_by(Appointment.created_at)


def gave_back(session: Session, person: Person, visitor: str, slot: Slot) -> bool:
    """Whether they had a place at this time and did not want it."""
    same = Appointment.person_id == person.id, Appointment.visitor == visitor, Appointment.slot_id == slot.id
    found = select(Appointment.id).where(*same, Appointment.state == "cancelled").limit(1)
    return session.scalar(found) is not None


# ---- what must always hold ----------------------------------------------------------------------------------------


def seats_equal_appointments(session: Session) -> Sequence[str]:
    """I1: no time has more takers than seats, and `taken` is the number of appointments that hold one."""
    held = func.count(Appointment.id)
    holding = and_(Appointment.slot_id == Slot.id, Appointment.state != "cancelled")
    kept = seats_kept(Slot.id)
    counted = (
        select(Slot.id, Slot.taken, Slot.capacity, held + kept)
        .outerjoin(Appointment, holding)
        .group_by(Slot.id)
    )
    wrong = counted.having((held + kept != Slot.taken) | (held + kept > Slot.capacity))
    return [
        f"slot {slot}: {taken} taken of {seats}, {found} appointments"
        for slot, taken, seats, found in session.execute(wrong)
    ]


def one_place_each(session: Session) -> Sequence[str]:
    """I2: nobody holds two places at one time of one service."""
    keys = (Appointment.person_id, Appointment.visitor, Appointment.slot_id)
    twice = select(*keys).where(Appointment.state != "cancelled").group_by(*keys).having(func.count() > 1)
    return [f"person {person} holds slot {slot} twice" for person, _, slot in session.execute(twice)]
