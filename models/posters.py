"""Codes of the account that hang on walls: what each says, so that printing a door's poster again asks for no new one
(an account has 100,000 that never end)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base, Instant

STILL_GOOD_FOR = timedelta(days=1)


class PosterCode(Base):
    """`scene` is what the account hears when it is scanned ("door:12"); `until` is empty for those that never end."""

    __tablename__ = "poster_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    scene: Mapped[str] = mapped_column(String(64), unique=True)
    content: Mapped[str] = mapped_column(String(200))
    until: Mapped[datetime | None] = mapped_column(Instant)
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    @property
    def is_good(self) -> bool:
        return self.until is None or self.until > clock.now() + STILL_GOOD_FOR


def code_of(session: Session, scene: str) -> PosterCode | None:
    return session.scalar(select(PosterCode).where(PosterCode.scene == scene))
