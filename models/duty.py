"""Who is on duty on which half day, who stands in for whom, and what each member of staff has been told of.

The person on duty hears of new work at once, everybody else once a morning; a bell is heard by a role at any hour.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, ForeignKey, Select, String, UniqueConstraint, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant
from models.office_hours import half_of
from models.staff import StaffMember


class DutyShift(Base):
    """`half` is "am" or "pm". One person at a time."""

    __tablename__ = "duty_shift"
    __table_args__ = (UniqueConstraint("day", "half"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    half: Mapped[str] = mapped_column(String(2))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))

    staff: Mapped[StaffMember] = relationship()


class StaffLeave(Base):
    """From `first_day` to `last_day` another stands in. `begun_at`: the talks have gone over; `over_at`: they have come
    back, or it was called off."""

    __tablename__ = "staff_leave"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    told_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    begun_at: Mapped[datetime | None] = mapped_column(Instant)
    over_at: Mapped[datetime | None] = mapped_column(Instant)

    staff: Mapped[StaffMember] = relationship(foreign_keys=[staff_id])
    deputy: Mapped[StaffMember] = relationship(foreign_keys=[deputy_id])


class DutyReader(Base):
    """What a member of staff has been told: new work that came up to `counted_until`, the last time at `told_at`."""

    __tablename__ = "duty_reader"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), primary_key=True)
    wants_digest: Mapped[bool] = mapped_column(default=True)
    counted_until: Mapped[datetime | None] = mapped_column(Instant)
    told_at: Mapped[datetime | None] = mapped_column(Instant)


class DutyBell(Base):
    """Everybody of a role must look at once, whatever the hour. Nothing here says why or about whom."""

    __tablename__ = "duty_bell"

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    rung_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)
    told_at: Mapped[datetime | None] = mapped_column(Instant)


# ---- standing in -----------------------------------------------------------------------------------------------------


def deputy_of(session: Session, staff_id: int, at: datetime) -> StaffMember | None:
    """Who acts for this member of staff at that moment; None when they are there themselves. For every feature that
    gives work to somebody."""
    day = clock.local(at).date()
    away = live_leaves().where(StaffLeave.staff_id == staff_id, _covers(day, day))
    leave = session.scalar(away.order_by(StaffLeave.id).limit(1))
    return leave.deputy if leave is not None and leave.deputy.active else None


def present(session: Session, member: StaffMember, at: datetime) -> StaffMember:
    """The member, or whoever stands in for them."""
    return deputy_of(session, member.id, at) or member


def live_leaves() -> Select[StaffLeave]:
    """Told and not over: of now and of later."""
    return select(StaffLeave).where(StaffLeave.over_at.is_(None))


def leaves_between(session: Session, first: date, last: date) -> list[StaffLeave]:
    return list(session.scalars(live_leaves().where(_covers(first, last)).order_by(StaffLeave.first_day)))


def is_away(session: Session, staff_id: int, first: date, last: date) -> bool:
    mine = live_leaves().where(StaffLeave.staff_id == staff_id, _covers(first, last))
    return session.scalar(mine.limit(1)) is not None


def stands_in(session: Session, staff_id: int, first: date, last: date) -> bool:
    others = live_leaves().where(StaffLeave.deputy_id == staff_id, _covers(first, last))
    return session.scalar(others.limit(1)) is not None


def leaves_of(staff_id: int, since: date) -> Select[StaffLeave]:
    """Mine and those in which I stand in, from this day on."""
    mine = or_(StaffLeave.staff_id == staff_id, StaffLeave.deputy_id == staff_id)
    return live_leaves().where(mine, StaffLeave.last_day >= since).order_by(StaffLeave.first_day)


def _covers(first: date, last: date) -> ColumnElement[bool]:
    return (StaffLeave.first_day <= last) & (StaffLeave.last_day >= first)


# ---- on duty ---------------------------------------------------------------------------------------------------------


def shifts_between(session: Session, first: date, last: date) -> dict[tuple[date, str], DutyShift]:
    rows = session.scalars(select(DutyShift).where(DutyShift.day.between(first, last)))
    return {(row.day, row.half): row for row in rows}


def on_duty(session: Session, at: datetime) -> StaffMember | None:
    """Who is to be told now: by the rota, or whoever stands in for them."""
    day = clock.local(at).date()
    shift = session.scalar(select(DutyShift).where(DutyShift.day == day, DutyShift.half == half_of(at)))
    if shift is None:
        return None
    there = present(session, shift.staff, at)
    return there if there.active else None


def on_duty_that_day(session: Session, day: date) -> set[int]:
    """Everybody of that day's rota and whoever stands in for them."""
    rows = session.scalars(select(DutyShift).where(DutyShift.day == day)).all()
    noon = clock.at(day, datetime.min.time()) + timedelta(hours=12)
    return {row.staff_id for row in rows} | {present(session, row.staff, noon).id for row in rows}


def reader_of(session: Session, staff_id: int) -> DutyReader:
    """The row of this member, under lock: two schedulers tell nobody twice."""
    mine = select(DutyReader).where(DutyReader.staff_id == staff_id).with_for_update()
    row = session.scalar(mine)
    if row is None:
        row = DutyReader(staff_id=staff_id, wants_digest=True)
        session.add(row)
        session.flush()
    return row


# ---- bells -----------------------------------------------------------------------------------------------------------


def ring(session: Session, role: str) -> None:
    """Somebody of this role must look at once (a guarded feature is called like its role). Told by the timetable within
    seconds."""
    session.add(DutyBell(role=role))


def hear(session: Session) -> dict[str, int]:
    """Bells that nobody was told of: role → how many; each is heard once."""
    unheard = update(DutyBell).where(DutyBell.told_at.is_(None)).values(told_at=clock.now())
    rows = session.scalars(
        unheard.returning(DutyBell.role).execution_options(synchronize_session=False)
    ).all()
    return {role: rows.count(role) for role in set(rows)}


# ---- invariants ------------------------------------------------------------------------------------------------------


def every_leave_has_a_deputy(session: Session) -> list[str]:
    """Whoever stands in is there: never themselves away on the same days."""
    leaves = session.scalars(live_leaves()).all()
    return [
        f"leave {one.id}: the deputy {one.deputy_id} is away as well"
        for one in leaves
        if is_away(session, one.deputy_id, one.first_day, one.last_day)
    ]
