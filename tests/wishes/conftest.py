"""A Monday morning in a town where neighbours have wishes, and what a test needs to move them on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.wishes import actions
from models.identity import Actor
from models.outbox import OutboxRow
from models.refusal import Refusal
from models.staff import StaffMember
from models.wishes import Claim, Wish, no_stale_claims, one_claim_each
from tests.neighbours import Phone, Town, frozen

T = TypeVar("T")
STICK = "一位老人想要一根拐杖"


@pytest.fixture
def monday() -> Iterator[time_machine.Coordinates]:
    """Monday the 23rd of November 2026, nine o'clock; nothing moves but by hand."""
    with frozen("2026-11-23 09:00") as moved:
        yield moved


@pytest.fixture
def ma(sqlite_town: Town, monday: Any) -> Phone:
    """Who wishes."""
    return sqlite_town.phone("马秀兰")


@pytest.fixture
def han(sqlite_town: Town, monday: Any) -> Phone:
    """Who fulfils."""
    return sqlite_town.phone("韩世杰")


def clerk(session: Session) -> Actor:
    """Somebody of the staff at the console."""
    one = session.scalar(select(StaffMember).limit(1))
    if one is None:
        one = StaffMember(login="li", name="李红", roles=["desk"])
        session.add(one)
        session.flush()
    return Actor(session, staff=one, channel="console")


def house(session: Session) -> Actor:
    return Actor(session, channel="job")


def published(town: Town, *texts: str, by: str = "马秀兰") -> list[int]:
    """Public wishes of one neighbour (three at most), in this order; their ids."""

    def unit(session: Session) -> list[int]:
        ids = []
        for text in texts:
            wish = actions.say_wish(town.phone(by).actor(session), f"我{text}")
            session.flush()
            ids.append(actions.review(clerk(session), wish, text).id)
        return ids

    return town.writing(unit)


def acts(town: Town, phone: Phone | None, action: Callable[..., T], row: Any, *args: Any, **more: Any) -> T:
    """One action on a row (table, id) by a neighbour, or by the staff when there is none."""
    table, key = row

    def unit(session: Session) -> T:
        by = phone.actor(session) if phone else clerk(session)
        return action(by, session.get_one(table, key), *args, **more)

    return town.writing(unit)


def claimed(town: Town, text: str = STICK, by: Phone | None = None) -> tuple[int, int]:
    """A wish of 马秀兰 that 韩世杰 has promised: (wish, claim)."""
    (wish,) = published(town, text)
    promise = acts(town, by or town.phone("韩世杰"), actions.claim, (Wish, wish))
    return wish, promise.id


def state(town: Town, wish: int) -> str:
    with town.reading() as session:
        return session.get_one(Wish, wish).state


def promise(town: Town, claim: int) -> Claim:
    with town.reading() as session:
        return taken_out(session, [session.get_one(Claim, claim)])[0]


def only(town: Town) -> Wish:
    """The one wish there is."""
    with town.reading() as session:
        return taken_out(session, [session.scalars(select(Wish)).one()])[0]


def taken_out(session: Session, rows: Sequence[T]) -> list[T]:
    """Rows that may still be read when the session is gone."""
    session.expunge_all()
    return list(rows)


def sent(town: Town, kind: str, state: str = "waiting") -> list[OutboxRow]:
    """Messages of the kind, oldest first."""
    with town.reading() as session:
        found = select(OutboxRow).where(OutboxRow.kind == f"wishes.{kind}", OutboxRow.state == state)
        return taken_out(session, session.scalars(found.order_by(OutboxRow.id)).all())


def sound(town: Town) -> bool:
    """Whether I8 holds."""
    with town.reading() as session:
        broken = [*one_claim_each(session), *no_stale_claims(session)]
    assert not broken, broken
    return True


def refused(code: str) -> Any:
    return pytest.raises(Refusal, match=rf"^wishes\.{code}$")


def said(town: Town, phone: Phone, text: str = "想要一根拐杖") -> int:
    return town.writing(lambda s: actions.say_wish(phone.actor(s), text)).id
