"""Closing a month: its figures as they stood, with a hash over every entry, so that anybody who counts again gets the
same. The ledger itself is never closed: what turns out wrong is mirrored later, in the month in which it is found."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Select, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant
from models.ledger import TimeAccount, TimePosting, TimeTransfer
from models.refusal import Refusal
from models.staff import StaffMember

SETTLES = timedelta(hours=1)  # after the month's last moment: what was begun in it has ended


class TimeMonth(Base):
    """`month` is its first day; `digest` covers the figures and every entry of the month in order."""

    __tablename__ = "time_month"
    __table_args__ = (UniqueConstraint("month"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(Date)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    closed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    staff: Mapped[StaffMember | None] = relationship()


def closed_months() -> Select[TimeMonth]:
    return select(TimeMonth).order_by(TimeMonth.month.desc())


def month_of(session: Session, month: date) -> TimeMonth | None:
    return session.scalar(select(TimeMonth).where(TimeMonth.month == month))


def months_to_close(session: Session) -> list[date]:
    """Those that are over, have entries or lie after the first closed one, and are not closed; the oldest first."""
    first = session.scalar(select(func.min(TimeTransfer.at)))
    if first is None:
        return []
    month, closed = clock.local(first).date().replace(day=1), set(session.scalars(select(TimeMonth.month)))
    found = []
    while month_ends(month) + SETTLES <= clock.now():
        if month not in closed:
            found.append(month)
        month = next_month(month)
    return found


def next_month(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def month_begins(month: date) -> datetime:
    return clock.at(month, time())


def month_ends(month: date) -> datetime:
    return month_begins(next_month(month))


def figures_of(session: Session, month: date) -> dict[str, Any]:
    """Counts and minutes of the month by kind and category, and what stood on all accounts of a kind at its end."""
    begins, ends = month_begins(month), month_ends(month)
    gained = func.sum(TimePosting.minutes)
    within = TimeTransfer.at >= begins, TimeTransfer.at < ends, TimePosting.minutes > 0
    moved = (
        select(TimeTransfer.kind, TimeTransfer.category, func.count(TimeTransfer.id.distinct()), gained)
        .join(TimePosting, TimePosting.transfer_id == TimeTransfer.id)
        .where(*within)
        .group_by(TimeTransfer.kind, TimeTransfer.category)
        .order_by(TimeTransfer.kind, TimeTransfer.category)
    )
    stood = (
        select(TimeAccount.kind, gained)
        .join(TimePosting, TimePosting.account_id == TimeAccount.id)
        .join(TimeTransfer, TimeTransfer.id == TimePosting.transfer_id)
        .where(TimeTransfer.at < ends)
        .group_by(TimeAccount.kind)
        .order_by(TimeAccount.kind)
    )
    return {
        "month": f"{month:%Y-%m}",
        "moved": [
            [kind, category, count, int(minutes)] for kind, category, count, minutes in session.execute(moved)
        ],
        "stood": {kind: int(minutes) for kind, minutes in session.execute(stood)},
    }


def digest_of(session: Session, month: date, figures: dict[str, Any]) -> str:
    """Over the figures and every entry, in the order of the book."""
    within = TimeTransfer.at >= month_begins(month), TimeTransfer.at < month_ends(month)
    entries = (
        select(
            TimeTransfer.id,
            TimeTransfer.kind,
            TimeTransfer.category,
            TimePosting.account_id,
            TimePosting.minutes,
            TimePosting.after,
        )
        .join(TimePosting, TimePosting.transfer_id == TimeTransfer.id)
        .where(*within)
        .order_by(TimePosting.id)
    )
    total = sha256(json.dumps(figures, sort_keys=True, ensure_ascii=False).encode())
    for row in session.execute(entries.execution_options(yield_per=1000)):
        total.update("|".join(str(part) for part in row).encode() + b"\n")
    return total.hexdigest()


def check_may_close(session: Session, month: date) -> None:
    """Months are closed in their order, when they are over."""
    open_ones = months_to_close(session)
    if month not in open_ones:
        raise Refusal("ledger.month_not_over")
    if month != open_ones[0]:
        raise Refusal("ledger.earlier_month", month=f"{open_ones[0]:%Y年%m月}")


# ---- what must always hold ---------------------------------------------------------------------------------


def months_stay(session: Session) -> list[str]:
    """Who counts the last closed months again gets the same figures and the same hash."""
    rows = session.scalars(closed_months().limit(3)).all()
    return [f"month {row.month:%Y-%m} counts otherwise now" for row in rows if not is_same(session, row)]


def is_same(session: Session, row: TimeMonth) -> bool:
    again = figures_of(session, row.month)
    return again == row.figures and digest_of(session, row.month, again) == row.digest
