"""Which topics somebody does not want to be told about. All are wanted until a person says otherwise; what is urgent
comes all the same."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base, Instant
from models.identity import Person
from models.notices import CATEGORIES

TOPICS = CATEGORIES


class TopicChoice(Base):
    """This person does not want this topic. Wanting it again takes the row away."""

    __tablename__ = "topic_choice"
    __table_args__ = (UniqueConstraint("topic", "person_id"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    topic: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


def people_against(topic: str) -> Select[int]:
    """The ids of the people who do not want this topic."""
    return select(TopicChoice.person_id).where(TopicChoice.topic == topic)


def unwanted_by(session: Session, person: Person) -> list[str]:
    """The topics that this person does not want, in the order of TOPICS."""
    found = set(session.scalars(select(TopicChoice.topic).where(TopicChoice.person_id == person.id)))
    return [topic for topic in TOPICS if topic in found]
