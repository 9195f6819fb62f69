"""What the community runs: fourteen flowers and six works of governance, each a row of configuration."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base

LONGEST_QUESTION = 20
SHORTEST_PART = 3


class Programme(Base):
    """One programme. `words` are the chat words that do something for it today, `later` says what does not work yet.

    `listed` is off where even the name would label who reads it (trust 1.3): it stands in no list and no menu, and
    asking for it gets neutral words.
    """

    __tablename__ = "programme"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    flower: Mapped[int | None]
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(20))
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)
    sentence: Mapped[str] = mapped_column(String(120))
    menu_place: Mapped[str | None] = mapped_column(String(20))
    engines: Mapped[list[str]] = mapped_column(JSON, default=list)
    words: Mapped[list[str]] = mapped_column(JSON, default=list)
    later: Mapped[str | None] = mapped_column(String(80))
    contact: Mapped[str | None] = mapped_column(String(60))
    listed: Mapped[bool] = mapped_column(default=True)

    @property
    def names(self) -> list[str]:
        return [self.name, *self.aliases]


def programmes() -> Select[Programme]:
    """Those that may stand in a list, in their order."""
    return select(Programme).where(Programme.listed.is_(True)).order_by(Programme.position)


def all_programmes() -> Select[Programme]:
    return select(Programme).order_by(Programme.position)


def programme_with_code(session: Session, code: str) -> Programme | None:
    return session.scalar(select(Programme).where(Programme.code == code))


def programme_in_words(session: Session, text: str) -> Programme | None:
    """The programme that was named exactly, or whose longest name is part of a short question.

    Names that are not listed are also found by two characters: those who ask for them must not get a guess.
    """
    found = [
        (len(name), one) for one in session.scalars(all_programmes()) for name in one.names if name == text
    ]
    if not found and len(text) <= LONGEST_QUESTION:
        found = [
            (len(name), one)
            for one in session.scalars(all_programmes())
            for name in one.names
            if name in text and (len(name) >= SHORTEST_PART or not one.listed)
        ]
    return max(found, key=_longest)[1] if found else None


def _longest(found: tuple[int, Programme]) -> Any:
    return found[0], -found[1].position
