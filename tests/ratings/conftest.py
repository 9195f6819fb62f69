"""A Monday morning after visits that somebody may rate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.people import actions as people
from handlers.ratings import actions
from models.identity import Actor
from models.outbox import OutboxRow
from models.ratings import TOKEN_LIVES, Rating, RatingToken
from models.refusal import Refusal
from tests.neighbours import Phone, Town, frozen


@pytest.fixture
def monday() -> Iterator[time_machine.Coordinates]:
    with frozen("2026-11-23 09:00") as moved:
        yield moved


@pytest.fixture
def ma(sqlite_town: Town, monday: Any) -> Phone:
    return joined(sqlite_town, "马秀兰", "13900000001")


def joined(town: Town, name: str, phone: str) -> Phone:
    one = town.phone(name)
    town.writing(lambda s: people.join(one.actor(s), name=name, phone=phone))
    return one


def house(session: Session) -> Actor:
    return Actor(session, channel="job")


def token(
    town: Town, phone: Phone, *, number: int = 1, subject: str = "service:1", title: str = "高龄补贴"
) -> int:
    """A visit of this neighbour's that may be rated."""

    def unit(session: Session) -> int:
        row = RatingToken(
            source=f"appointment:{number}",
            subject=subject,
            title=title,
            at=clock.today(),
            person=phone.actor(session).me,
            state="open",
            until=clock.today() + TOKEN_LIVES,
        )
        session.add(row)
        session.flush()
        return row.id

    return town.writing(unit)


def rates(town: Town, phone: Phone, face: int, words: str = "", *, number: int = 1, **more: Any) -> str:
    """One rating of a visit of this neighbour's; its key."""
    open_one = token(
        town, phone, number=number, **{k: more.pop(k) for k in ("subject", "title") if k in more}
    )

    def unit(session: Session) -> str:
        row = actions.rate(phone.actor(session), session.get_one(RatingToken, open_one), face, words, **more)
        session.flush()
        return row.key

    return town.writing(unit)


def ratings(town: Town) -> list[Rating]:
    with town.reading() as session:
        found = list(session.scalars(select(Rating)))
        session.expunge_all()
        return found


def sent(town: Town) -> list[str]:
    with town.reading() as session:
        return list(session.scalars(select(OutboxRow.kind).order_by(OutboxRow.id)))


def refused(code: str) -> Any:
    return pytest.raises(Refusal, match=rf"^ratings\.{code}$")
