"""Policy notices: what is announced, by whom, valid from when until when. An expired one stops answering by itself."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, Select, String, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from models.base import Base, Instant

CATEGORIES = ("政策", "办事", "活动", "停水停电", "安全", "健康", "招聘", "其他")


class Notice(Base):
    """`summary` is the plain-language text that residents read, `body` the official words, unchanged. `bring` lists
    what to take along. `valid_until` is the last day on which it still answers (None: until withdrawn)."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_state_published", "state", "published_at"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(60))
    category: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(60))
    source_number: Mapped[str | None] = mapped_column(String(60))
    summary: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text, default="")
    bring: Mapped[list[str]] = mapped_column(JSON, default=list)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10), default="draft")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, onupdate=clock.now)

    @property
    def is_current(self) -> bool:
        """Whether it may be told today."""
        day = clock.today()
        return (
            self.state == "published"
            and self.valid_from <= day
            and (self.valid_until is None or self.valid_until >= day)
        )


def current_notices(category: str | None = None) -> Select[Notice]:
    """What may be told today, the newest first."""
    day = clock.today()
    told = select(Notice).where(
        Notice.state == "published",
        Notice.valid_from <= day,
        or_(Notice.valid_until.is_(None), Notice.valid_until >= day),
    )
    if category is not None:
        told = told.where(Notice.category == category)
    return told.order_by(Notice.published_at.desc(), Notice.id.desc())


def all_notices() -> Select[Notice]:
    """For the staff: drafts and withdrawn ones too."""
    return select(Notice).order_by(Notice.id.desc())
