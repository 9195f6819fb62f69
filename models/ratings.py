"""Ratings (engine M7): one for each visit, three faces, and words for the community's diary (幸福日志).

A token says that a person may rate a visit; a rating says how one was. Nothing leads from one to the other: the
rating has a key that is drawn, not counted, knows its week and no more, and a spent token does not tell whether it was
used or had run out. Only who wants an answer leaves their person with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    and_,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, contains_eager, mapped_column, relationship

from app import clock
from models.base import Base, Instant, RowKey, RowSealed, index_where, insert_once
from models.identity import Person
from models.people import Consent
from models.staff import StaffMember
from models.unindexed import unindexed

FACES = {3: "好", 2: "一般", 1: "不好"}
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
        index_where("ix_rating_token_unasked", "state = 'open' AND asked_at IS NULL", "until", "id"),
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
    With words it stands in the diary: `owner_id` sees to it, `answer` is what they were told. `counter` is the window
    and `waited` whether it took long until their turn, where a number slip knows; `helper_id` who helped, only when the
    helper has agreed to be reckoned (models/rating_honours.py), and for nobody's eyes but the helper's."""

    __tablename__ = "rating"
    __table_args__ = (
        index_where("ix_rating_unanswered", "words IS NOT NULL AND answer IS NULL", "week"),
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
    counter: Mapped[str | None] = mapped_column(String(40))
    waited: Mapped[bool] = mapped_column(default=False)
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"), index=True)
    _words: Mapped[bytes | None] = mapped_column("words", LargeBinary)
    _answer: Mapped[bytes | None] = mapped_column("answer", LargeBinary)

    words = RowSealed[str | None]("rating.words")
    answer = RowSealed[str | None]("rating.answer")
    person: Mapped[Person | None] = relationship()
    owner: Mapped[StaffMember | None] = relationship(foreign_keys=[owner_id])


class RatedVisit(Base):
    """A visit that was rated, by the code of its number slip or by a token: the other road is closed then. Forgotten
    when neither would work any more (`until`)."""

    __tablename__ = "rated_visit"

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    until: Mapped[date] = mapped_column(index=True)


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


def first_rating_of(session: Session, source: str, until: date) -> bool:
    """Whether nobody has rated this visit yet; of two who do at once one is told so."""
    if not insert_once(session, RatedVisit, source=source, until=until):
        return False
    token = update(RatingToken).where(RatingToken.source == source, RatingToken.state == "open")
    session.execute(token.values(state="spent").execution_options(synchronize_session=False))
    return True


def to_ask() -> Select[RatingToken]:
    """The newest open visit of everybody who has agreed to the service, is still here, and was not asked within a week,
    those that run out first."""
    newer, lately = aliased(RatingToken), aliased(RatingToken)
    may_be_rated = RatingToken.state == "open", RatingToken.asked_at.is_(None)
    later = or_(newer.at > RatingToken.at, and_(newer.at == RatingToken.at, newer.id > RatingToken.id))
    newest = ~exists().where(
        newer.person_id == RatingToken.person_id,
        *(newer.state == "open", newer.asked_at.is_(None), unindexed(newer.until) >= clock.today(), later),
    )
    asked = exists().where(
        lately.person_id == RatingToken.person_id, lately.asked_at > clock.now() - ASK_AGAIN
    )
    agreed = exists().where(
        *(Consent.person_id == RatingToken.person_id, Consent.purpose == "service"),
        Consent.withdrawn_at.is_(None),
    )
    here = Person.erased_at.is_(None), unindexed(Person.merged_into_id).is_(None)
    return (
        select(RatingToken)
        .join(RatingToken.person)
        .where(*may_be_rated, RatingToken.until >= clock.today(), *here, agreed, ~asked, newest)
        .options(contains_eager(RatingToken.person))
        .order_by(RatingToken.until, RatingToken.id)
    )


# ---- what was said ---------------------------------------------------------------------------------------------------


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
