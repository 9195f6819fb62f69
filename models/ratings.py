"""Ratings (engine M7): one for each visit, three faces, and words for the community's diary (幸福日志).

A token says that a person may rate a visit; a rating says how one was. Nothing leads from one to the other: the
rating has a key that is drawn, not counted, knows its week and no more, and a spent token does not tell whether it was
used or had run out. Only who wants an answer leaves their person with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant, RowKey, RowSealed
from models.identity import Person
from models.staff import StaffMember

FACES = {3: "好", 2: "一般", 1: "不好"}
LEAST_SHOWN = 5  # fewer ratings would say who gave them
PRIOR = 10  # ratings at the average of all that every service begins with: one single 好 is no 100 %
ASK_AGAIN = timedelta(days=7)
TOKEN_LIVES = timedelta(days=14)


class RatingToken(Base):
    """A visit that its visitor may rate once. `source` is "appointment:12": one token for each visit. `subject` is what
    is counted together ("service:3", "matter:报修", "desk"), `title` how it is read out; `at` the day of the visit.
    `open → spent`."""

    __tablename__ = "rating_token"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'spent')", name="state"),
        Index("ix_rating_token_person_id_state", "person_id", "state"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(40), unique=True)
    subject: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(60))
    at: Mapped[date]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(8), default="open")
    until: Mapped[date] = mapped_column(index=True)
    asked_at: Mapped[datetime | None] = mapped_column(Instant)

    person: Mapped[Person] = relationship()


class Rating(RowKey, Base):
    """How one visit was. `face` is a key of FACES; `week` its Monday. `person_id` only when they want an answer.
    With words it stands in the diary: `owner_id` sees to it, `answer` is what they were told."""

    __tablename__ = "rating"
    __table_args__ = (
        CheckConstraint("face IN (1, 2, 3)", name="face"),
        CheckConstraint("answer IS NULL OR owner_id IS NOT NULL", name="answer"),
        Index("ix_rating_subject_week", "subject", "week"),
        {"sqlite_with_rowid": False},  # a rowid would count them in the order in which they came
    )

    key: Mapped[str] = mapped_column(String(22), primary_key=True, default=lambda: secrets.token_urlsafe(16))
    subject: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(60))
    face: Mapped[int]
    week: Mapped[date] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    _words: Mapped[bytes | None] = mapped_column("words", LargeBinary)
    _answer: Mapped[bytes | None] = mapped_column("answer", LargeBinary)

    words = RowSealed[str | None]("rating.words")
    answer = RowSealed[str | None]("rating.answer")
    person: Mapped[Person | None] = relationship()
    owner: Mapped[StaffMember | None] = relationship()


def this_week() -> date:
    today = clock.today()
    return today - timedelta(days=today.weekday())


# ---- tokens ------------------------------------------------------------------------------------------------------


def open_tokens(person: Person) -> Select[RatingToken]:
    """What this person can rate, the newest visit first."""
    mine = RatingToken.person_id == person.id, RatingToken.state == "open", RatingToken.until >= clock.today()
    return select(RatingToken).where(*mine).order_by(RatingToken.at.desc(), RatingToken.id.desc())


def spend(session: Session, token: RatingToken) -> bool:
    """open → spent by one counted UPDATE: a token rates once, however often it is sent."""
    statement = (
        update(RatingToken)
        .where(RatingToken.id == token.id, RatingToken.state == "open", RatingToken.until >= clock.today())
        .values(state="spent")
        .returning(RatingToken.id)
        .execution_options(synchronize_session=False)
    )
    spent = session.execute(statement).first() is not None
    session.refresh(token)
    return spent


def was_asked_lately(session: Session, person: Person) -> bool:
    lately = RatingToken.asked_at > clock.now() - ASK_AGAIN
    return (
        session.scalar(select(RatingToken.id).where(RatingToken.person_id == person.id, lately)) is not None
    )


# ---- what the community may read -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """One service. `average` is the share of 好 (一般 counts half), drawn towards that of all while there are few."""

    subject: str
    title: str
    faces: dict[int, int]
    overall: float

    @property
    def count(self) -> int:
        return sum(self.faces.values())

    @property
    def shown(self) -> bool:
        return self.count >= LEAST_SHOWN

    @property
    def average(self) -> float:
        return (PRIOR * self.overall + share(self.faces) * self.count) / (PRIOR + self.count)


def share(faces: dict[int, int]) -> float:
    """The share of 好 in percent; 一般 counts half."""
    count = sum(faces.values())
    return 100 * (faces.get(3, 0) + faces.get(2, 0) / 2) / count if count else 0.0


def scores(session: Session, since: date) -> list[Score]:
    """Every service that was rated, by its name: nothing here is a ranking."""
    rows = session.execute(
        select(Rating.subject, func.max(Rating.title), Rating.face, func.count())
        .where(Rating.week >= since)
        .group_by(Rating.subject, Rating.face)
    )
    titles: dict[str, str] = {}
    faces: dict[str, dict[int, int]] = {}
    for subject, title, face, count in rows:
        titles[subject] = max(titles.get(subject, ""), title)
        faces.setdefault(subject, {})[face] = count
    overall = share({face: sum(one.get(face, 0) for one in faces.values()) for face in FACES})
    found = [Score(subject, titles[subject], faces[subject], overall) for subject in faces]
    return sorted(found, key=lambda one: one.title)


def weeks_of(session: Session, subject: str, since: date) -> list[tuple[date, dict[int, int]]]:
    """The faces of each week, the oldest first."""
    rows = session.execute(
        select(Rating.week, Rating.face, func.count())
        .where(Rating.subject == subject, Rating.week >= since)
        .group_by(Rating.week, Rating.face)
        .order_by(Rating.week)
    )
    weeks: dict[date, dict[int, int]] = {}
    for week, face, count in rows:
        weeks.setdefault(week, {})[face] = count
    return sorted(weeks.items())


def diary() -> Select[Rating]:
    """What was said in words, the newest week first."""
    said = Rating.words.is_not(None)
    return select(Rating).where(said).order_by(Rating.week.desc(), Rating.key)


# ---- what must always hold ---------------------------------------------------------------------------------------


def answered_by_somebody(session: Session) -> Sequence[str]:
    nobody = Rating.answer.is_not(None) & or_(Rating.owner_id.is_(None), Rating.words.is_(None))
    return [
        f"rating {key} has an answer of nobody" for key in session.scalars(select(Rating.key).where(nobody))
    ]
