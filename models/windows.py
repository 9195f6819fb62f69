"""The windows of the hall: what is done at each, and who sits there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant
from models.plans import Service
from models.staff import StaffMember

window_service = Table(
    "window_service",
    Base.metadata,
    Column("window_id", ForeignKey("hall_window.id", ondelete="CASCADE"), primary_key=True),
    Column("service_id", ForeignKey("service.id", ondelete="CASCADE"), primary_key=True),
)


class HallWindow(Base):
    """A window and what is done there. One of the staff sits at it (`staff_id`), at one window at a time; while it is
    paused nobody is called there, and the screen says `pause`."""

    __tablename__ = "hall_window"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    is_open: Mapped[bool] = mapped_column(default=True)
    staff_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff_member.id", ondelete="SET NULL"), unique=True
    )
    sat_at: Mapped[datetime | None] = mapped_column(Instant)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    pause: Mapped[str | None] = mapped_column(String(20))

    staff: Mapped[StaffMember | None] = relationship()
    services: Mapped[list[Service]] = relationship(
        secondary=window_service, order_by=(Service.position, Service.id), lazy="selectin"
    )

    @property
    def calls(self) -> bool:
        """Whether somebody sits here and calls."""
        return self.is_open and self.staff_id is not None and self.paused_at is None
