"""A series: the same activity on many days. The days on which it could not be planned stay listed with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Select, String, Time, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from app.understanding.calendar import china_day
from models.activities import LIVE, Activity, ActivitySession
from models.base import Base, Instant
from models.plans import ClosedTime, SpecialDay

MOST_SESSIONS = 120
LONGEST_AHEAD = timedelta(days=370)


class ActivitySeries(Base):
    """`rhythm` is "weekly" (on `weekdays`, 0 is Monday) or "days" (a list of days). `failed`: [[day, why], …]."""

    __tablename__ = "activity_series"
    __table_args__ = (
        CheckConstraint("rhythm IN ('weekly', 'days')", name="rhythm"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), index=True)
    rhythm: Mapped[str] = mapped_column(String(8))
    weekdays: Mapped[list[int]] = mapped_column(JSON, default=list)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)
    failed: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    activity: Mapped[Activity] = relationship()


def weekly(first: date, last: date, weekdays: list[int]) -> Iterator[date]:
    day = first
    while day <= last:
        if day.weekday() in weekdays:
            yield day
        day += timedelta(days=1)


def why_closed(session: Session, starts: datetime, ends: datetime) -> str | None:
    """ "holiday", "closed", or None for a time at which the house is open enough for an activity. A weekend is no
    reason: much is on then."""
    day = clock.local(starts).date()
    special = session.scalar(
        select(SpecialDay).where(SpecialDay.service_id.is_(None), SpecialDay.day == day).limit(1)
    )
    if special is not None and special.kind == "closed":
        return "closed"
    shut = ClosedTime.service_id.is_(None), ClosedTime.starts < ends, ClosedTime.ends > starts
    if session.scalar(select(ClosedTime.id).where(*shut).limit(1)) is not None:
        return "closed"
    return "holiday" if special is None and china_day(day) == "holiday" else None


def following(held: ActivitySession) -> Select[ActivitySession]:
    """This session and those of its series that come later and have not begun."""
    if held.series_id is None:
        return select(ActivitySession).where(ActivitySession.id == held.id)
    later = ActivitySession.series_id == held.series_id, ActivitySession.starts >= held.starts
    return (
        select(ActivitySession)
        .where(*later, ActivitySession.state.in_(LIVE))
        .order_by(ActivitySession.starts, ActivitySession.id)
    )


def same_time(activity: Activity, starts: datetime) -> Select[ActivitySession]:
    """A session of this activity that is planned for that moment already."""
    there = ActivitySession.activity_id == activity.id, ActivitySession.starts == starts
    return select(ActivitySession).where(*there, ActivitySession.state.in_(LIVE))


def cancelled_with(held: ActivitySession) -> Select[ActivitySession]:
    """The sessions of this series that are called off."""
    if held.series_id is None:
        return select(ActivitySession).where(ActivitySession.id == held.id)
    mine = ActivitySession.series_id == held.series_id, ActivitySession.state == "cancelled"
    return select(ActivitySession).where(*mine).order_by(ActivitySession.id)
