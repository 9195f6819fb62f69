"""The same time again and again: every Tuesday at seven, twelve times. Each date is booked or refused, and the refused
ones stay on file with the reason, so that nobody finds a gap at the door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from models.appointments import Appointment
from models.base import FLAT, Base, Instant, RowKey, RowSealed
from models.identity import Person
from models.plans import Service
from models.slots import Slot

MOST_TIMES = 26


class BookingSeries(RowKey, Base):
    """`person` answers for it; `team` is the group that comes, when not the person alone. `stopped_from` is the day
    from which its dates were given back."""

    __tablename__ = "booking_series"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    _team: Mapped[bytes | None] = mapped_column("team", LargeBinary)
    first_day: Mapped[date]
    opens: Mapped[time]
    every_weeks: Mapped[int] = mapped_column(default=1)
    times: Mapped[int]
    made_by: Mapped[int | None]
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    stopped_from: Mapped[date | None]

    team = RowSealed[str | None]("booking_series.team")
    person: Mapped[Person] = relationship()
    service: Mapped[Service] = relationship(lazy="joined", innerjoin=FLAT)
    dates: Mapped[list[BookingDate]] = relationship(
        cascade="all, delete-orphan", order_by="BookingDate.starts", back_populates="series"
    )

    @property
    def weekday(self) -> int:
        return self.first_day.weekday()

    @property
    def booked(self) -> list[BookingDate]:
        return [one for one in self.dates if one.appointment is not None]

    @property
    def refused(self) -> list[BookingDate]:
        return [one for one in self.dates if one.why is not None]


class BookingDate(Base):
    """One date of a series: the visit that was booked for it, which may have moved since, or `why` it was refused."""

    __tablename__ = "booking_date"
    __table_args__ = (
        CheckConstraint("(appointment_id IS NULL) <> (why IS NULL)", name="booked_or_refused"),
        UniqueConstraint("series_id", "starts"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("booking_series.id", ondelete="CASCADE"))
    starts: Mapped[datetime] = mapped_column(Instant)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"), unique=True)
    why: Mapped[str | None] = mapped_column(String(40))

    series: Mapped[BookingSeries] = relationship(back_populates="dates")
    appointment: Mapped[Appointment | None] = relationship(lazy="joined")


def instants(first: date, opens: time, every_weeks: int, times: int) -> Iterator[datetime]:
    """When the dates of a series begin, on the community's clock."""
    for turn in range(times):
        yield clock.at(first + timedelta(weeks=every_weeks * turn), opens)


def series_of(person: Person) -> Select[BookingSeries]:
    """A person's series of which visits are still to come."""
    coming = select(BookingDate.series_id).join(Appointment, BookingDate.appointment_id == Appointment.id)
    coming = coming.join(Appointment.slot).where(Appointment.state == "confirmed", Slot.starts > clock.now())
    mine = BookingSeries.person_id == person.id, BookingSeries.id.in_(coming)
    return select(BookingSeries).where(*mine).order_by(BookingSeries.id)


def given_back_with(series: BookingSeries, reason: str) -> Select[Appointment]:
    """The visits of a series still to come that were given back for this reason."""
    mine = select(Appointment).join(BookingDate, BookingDate.appointment_id == Appointment.id)
    found = mine.join(Appointment.slot).where(BookingDate.series_id == series.id, Slot.starts > clock.now())
    return found.where(Appointment.state == "cancelled", Appointment.reason == reason).order_by(Slot.starts)


def newest_series() -> Select[BookingSeries]:
    return select(BookingSeries).order_by(BookingSeries.id.desc())


def still_to_come(series: BookingSeries, first: date) -> Select[Appointment]:
    """The confirmed visits of a series from a day on, wherever each of them has moved to."""
    start = max(clock.at(first, time()), clock.now())
    mine = select(Appointment).join(BookingDate, BookingDate.appointment_id == Appointment.id)
    found = mine.join(Appointment.slot).where(BookingDate.series_id == series.id, Slot.starts >= start)
    return found.where(Appointment.state == "confirmed").order_by(Slot.starts)
