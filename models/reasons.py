"""Why visits are cancelled or missed: a short list that the community keeps as rows, and how often each was said.

What is kept of a visit is the code of its reason, never a story; figures are counts, and small ones stay unsaid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, String, case, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.appointments import Appointment
from models.base import Base
from models.rows import Rows
from models.slots import Slot

USUAL: tuple[tuple[str, str, str, bool], ...] = (
    ("ill", "生病了", "all", True),
    ("busy", "有事去不了", "all", False),
    ("done", "已经办好了", "all", False),
    ("mistake", "约错了", "all", False),
    ("weather", "天气、路不好走", "all", False),
    ("ours", "社区这边的原因", "staff", True),
    ("phoned", "本人打电话来说的", "staff", False),
    ("other", "其他", "all", False),
)


class VisitReason(Base):
    """One reason. `who` may give it: everybody, or the staff only; one that `excuses` leaves no strike."""

    __tablename__ = "visit_reason"
    __table_args__ = (CheckConstraint("who IN ('all', 'staff')", name="who"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    words: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(5), default="all")
    excuses: Mapped[bool] = mapped_column(default=False)
    is_open: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


def usual_reasons() -> list[VisitReason]:
    return [
        VisitReason(code=code, words=words, who=who, excuses=excuses, is_open=True, position=place)
        for place, (code, words, who, excuses) in enumerate(USUAL)
    ]


LISTED = Rows(lambda: select(VisitReason).order_by(VisitReason.position, VisitReason.id))


def reasons(session: Session, staff: bool = False, closed: bool = False) -> Sequence[VisitReason]:
    """The list in its order; before the community has one, the usual one (not stored)."""
    rows = LISTED.all(session)
    return [one for one in rows or usual_reasons() if (staff or one.who == "all") and (closed or one.is_open)]


def reason_named(session: Session, code: str | None, staff: bool = False) -> VisitReason | None:
    if code is None:
        return None
    return next((one for one in reasons(session, staff) if one.code == code), None)


def excuses(session: Session, code: str | None) -> bool:
    found = next((one for one in reasons(session, True, True) if one.code == code), None)
    return found is not None and found.excuses


@dataclass(frozen=True, slots=True)
class Told:
    """How often a reason was given: by the residents, by the staff, and how many of them too late for the rule."""

    code: str | None
    cancelled: int
    late: int
    missed: int


def told_reasons(session: Session, since: datetime, until: datetime) -> Sequence[Told]:
    """Of the visits between two instants: counts only, without a name. None is "nothing said"."""
    cancelled = func.sum(case((Appointment.state == "cancelled", 1), else_=0))
    late = func.sum(case((Appointment.told_late_at.is_not(None), 1), else_=0))
    missed = func.sum(case((Appointment.state == "no_show", 1), else_=0))
    counted = (
        select(Appointment.reason_code, cancelled, late, missed)
        .join(Appointment.slot)
        .where(
            Slot.starts >= since,
            Slot.starts < until,
            Appointment.state.in_(("cancelled", "no_show")),
            Appointment.called_off_at.is_(None),
        )
        .group_by(Appointment.reason_code)
    )
    return [Told(*row) for row in session.execute(counted)]
