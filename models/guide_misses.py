"""What residents asked and no card answered: the words alone, for a few weeks, and nobody to whom they belong.

The same words of one day are one row with a count. What somebody then chose from the cards that were offered is
counted too: it says which card they had meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from app.understanding.personal import personal_data
from models.base import Base, insert_once

KEPT = timedelta(days=28)
LONGEST, SHORTEST = 40, 2
MOST_A_DAY = 500  # rows; what comes after on one day is nobody's way of asking but noise
WEEK = timedelta(days=7)
SAYS_WHO = re.compile(r"我(?:的?名字)?(?:叫|姓)|^我是|姓名|本人")


class GuideMiss(Base):
    """`chosen_id` is the card that was chosen from what was offered (None: none); `times` counts both."""

    __tablename__ = "guide_miss"
    __table_args__ = (UniqueConstraint("words", "asked_on"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(String(40))
    asked_on: Mapped[date] = mapped_column(index=True)
    times: Mapped[int] = mapped_column(default=1)
    chosen_id: Mapped[int | None] = mapped_column(ForeignKey("guide_card.id"))


@dataclass(frozen=True, slots=True)
class Missed:
    """The same words over some days: how often, when last, and which card was chosen then."""

    words: str
    times: int
    last: date
    chosen_id: int | None


def keepable(text: str) -> str | None:
    """The words as they may be kept: short, nobody's number, nobody who says who they are; None for all else."""
    words = " ".join(text.split())
    if not SHORTEST <= len(words) <= LONGEST or words.isdigit() or "*" in words:
        return None
    return None if personal_data(words) or SAYS_WHO.search(words) else words


def note_miss(session: Session, text: str, chosen: int | None = None) -> None:
    """Count these words of today once more, or that somebody has chosen a card for them."""
    words, today = keepable(text), clock.today()
    if words is None:
        return
    here = GuideMiss.words == words, GuideMiss.asked_on == today
    if chosen is not None:
        session.execute(update(GuideMiss).where(*here).values(chosen_id=chosen))
        return
    told = select(func.count()).select_from(GuideMiss).where(GuideMiss.asked_on == today)
    if (session.scalar(told) or 0) < MOST_A_DAY and insert_once(
        session, GuideMiss, words=words, asked_on=today, times=1
    ):
        return
    session.execute(update(GuideMiss).where(*here).values(times=GuideMiss.times + 1))


def missed_words(since: date | None = None) -> Select[str, int, date, int | None]:
    """Rows of Missed, the most frequent first."""
    times, last = func.sum(GuideMiss.times), func.max(GuideMiss.asked_on)
    found = select(GuideMiss.words, times, last, func.max(GuideMiss.chosen_id)).group_by(GuideMiss.words)
    if since is not None:
        found = found.where(GuideMiss.asked_on >= since)
    return found.order_by(times.desc(), last.desc(), GuideMiss.words)


def missed(session: Session, since: date | None, most: int, offset: int = 0) -> list[Missed]:
    rows = session.execute(missed_words(since).limit(most).offset(offset)).all()
    return [Missed(words, times, last, chosen) for words, times, last, chosen in rows]


def forget_words(session: Session, words: str) -> int:
    gone = session.scalars(delete(GuideMiss).where(GuideMiss.words == words).returning(GuideMiss.id)).all()
    return len(gone)


def forget_old(session: Session) -> int:
    old = delete(GuideMiss).where(GuideMiss.asked_on < clock.today() - KEPT)
    return len(session.scalars(old.returning(GuideMiss.id)).all())
