"""Who comes together: companions who are not on file themselves, and what the form was answered.

Names and answers are sealed with a key of their row and are gone a month after the session (activities_line.py says
which): a hike's emergency contact is nobody's business in spring.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import Exists, ForeignKey, LargeBinary, Select, String, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column, relationship

from app import clock
from models.activities import ActivitySession, Enrolment
from models.base import Base, Instant, RowKey, RowSealed, index_where
from models.unindexed import unindexed

KEPT_AFTER = timedelta(days=30)
MOST_TOGETHER = 10

Seats = Counter[str | None]


class Companion(RowKey, Base):
    """A member of the family who has no record with us. For a child the head is the guardian and agreed by signing it
    up (`consented_at`)."""

    __tablename__ = "companion"
    __table_args__ = (
        index_where("ix_companion_named", "name IS NOT NULL", "enrolment_id"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"), index=True)
    _name: Mapped[bytes | None] = mapped_column("name", LargeBinary)
    child: Mapped[bool] = mapped_column(default=False)
    group: Mapped[str | None] = mapped_column(String(12))
    consented_at: Mapped[datetime | None] = mapped_column(Instant)

    name = RowSealed[str | None]("companion.name")
    enrolment: Mapped[Enrolment] = relationship()


class FilledForm(RowKey, Base):
    """What a party answered; nothing of it stands anywhere else."""

    __tablename__ = "filled_form"
    __table_args__ = ()  # the key is the enrolment's

    enrolment_id: Mapped[int] = mapped_column(
        ForeignKey("enrolment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    _answers: Mapped[bytes] = mapped_column("answers", LargeBinary)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    answers_json = RowSealed[str]("filled_form.answers")

    @property
    def answers(self) -> dict[str, str]:
        read: dict[str, str] = json.loads(self.answers_json)
        return read


def head_of(session: Session, row: Enrolment) -> Enrolment:
    """The one who signed up this party."""
    head = session.get(Enrolment, row.party_id) if row.party_id is not None else None
    return head or row


def party_of(session: Session, head: Enrolment) -> list[Enrolment]:
    """Everybody on file who comes with this head, the head first; those who left by themselves come no more."""
    own = or_(Enrolment.id == head.id, (Enrolment.party_id == head.id) & (Enrolment.state != "left"))
    rows = select(Enrolment).where(own).order_by(Enrolment.id != head.id, Enrolment.id)
    return list(session.scalars(rows.execution_options(populate_existing=True)))


def companions_of(session: Session, head: Enrolment) -> list[Companion]:
    mine = select(Companion).where(Companion.enrolment_id == head.id).order_by(Companion.id)
    return list(session.scalars(mine))


def companions_in(session: Session, held: ActivitySession) -> dict[int, list[Companion]]:
    """Enrolment → who comes along, for everybody in a session at once."""
    found: dict[int, list[Companion]] = {}
    theirs = select(Companion).join(Companion.enrolment).where(Enrolment.session_id == held.id)
    for one in session.scalars(theirs.order_by(Companion.id)):
        found.setdefault(one.enrolment_id, []).append(one)
    return found


def seats_of(session: Session, head: Enrolment) -> Seats:
    """How many seats of which group this party takes."""
    coming = [one.group for one in party_of(session, head) if one.comes]
    return Counter([*coming, *(one.group for one in companions_of(session, head))])


def answers_of(session: Session, head: Enrolment) -> dict[str, str]:
    form = session.get(FilledForm, head.id)
    return form.answers if form is not None else {}


def answers_in(session: Session, held: ActivitySession) -> dict[int, dict[str, str]]:
    """Enrolment → what was answered, for everybody in a session at once."""
    theirs = select(FilledForm).join(Enrolment, Enrolment.id == FilledForm.enrolment_id)
    forms = session.scalars(theirs.where(Enrolment.session_id == held.id))
    return {one.enrolment_id: one.answers for one in forms}


def keep_answers(session: Session, head: Enrolment, answers: dict[str, str]) -> None:
    form = session.get(FilledForm, head.id)
    if not answers:
        if form is not None:
            session.delete(form)
        return
    if form is None:
        form = FilledForm(enrolment_id=head.id)
        session.add(form)
    form.answers_json = json.dumps(answers, ensure_ascii=False)
    form.changed_at = clock.now()


def _over(enrolment: InstrumentedAttribute[int], before: datetime) -> Exists:
    """Whether its session ended before. Asked for each of the few rows that are left, never for all that ever was."""
    held = ActivitySession.id == Enrolment.session_id, unindexed(ActivitySession.ends) < before
    return exists().where(Enrolment.id == enrolment, *held)


def forms_to_go() -> Select[FilledForm]:
    return select(FilledForm).where(_over(FilledForm.enrolment_id, clock.now() - KEPT_AFTER))


def names_to_go() -> Select[Companion]:
    """The names of companions are taken away, their seats stay counted."""
    over = _over(Companion.enrolment_id, clock.now() - KEPT_AFTER)
    return select(Companion).where(over, Companion.name.is_not(None))


def overdue_answers(session: Session) -> list[str]:
    """Nothing personal is kept longer than its time and a day."""
    late = _over(FilledForm.enrolment_id, clock.now() - KEPT_AFTER - timedelta(days=1))
    found = session.scalars(select(FilledForm.enrolment_id).where(late))
    return [f"form of enrolment {number} is kept too long" for number in found]
