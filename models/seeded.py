"""One row that says the invented neighbourhood has been built, so that a restart does not build it twice."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base, Instant


class Seeding(Base):
    __tablename__ = "seeding"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


def is_seeded(session: Session) -> bool:
    return session.scalar(select(Seeding.id).limit(1)) is not None


def note_seeded(session: Session) -> None:
    session.add(Seeding())
