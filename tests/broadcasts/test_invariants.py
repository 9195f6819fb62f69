"""What must hold of broadcasts is asked of the rows, and what does not is named (trust I5, I9, I14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.broadcasts.invariants import INVARIANTS
from models.broadcasts import Broadcast, BroadcastCall, BroadcastRecipient, BroadcastReview
from models.notices import NoticeReview
from models.outbox import OutboxRow
from tests.broadcasts.sendings import AFTER_HOLD, Sending
from tests.neighbours import Town, frozen


def broken(town: Town) -> list[str]:
    with town.reading() as session:
        return [line for invariant in INVARIANTS for line in invariant(session)]


def test_of_a_whole_broadcast_everything_holds(sqlite_town: Town) -> None:
    with frozen("2026-11-26 10:00") as wall:
        sending = Sending.of(sqlite_town, "custom", "custom", "mass", "mass", "paper")
        assert broken(sqlite_town) == []
        wall.shift(AFTER_HOLD)
        sending.carry_on()
        assert broken(sqlite_town) == []
        sending.delivers()
        assert broken(sqlite_town) == []


def _recipient(session: Session) -> BroadcastRecipient:
    return session.scalars(select(BroadcastRecipient).order_by(BroadcastRecipient.id)).all()[0]


def lose_somebody(session: Session) -> None:
    session.delete(_recipient(session))


def change_the_words(session: Session) -> None:
    row = session.scalars(select(Broadcast)).one()
    row.version.content = row.version.content | {"summary": "周日停水。"}


def change_the_roads(session: Session) -> None:
    session.scalars(select(Broadcast)).one().roads = ["custom"]


def approve_ones_own(session: Session) -> None:
    row, word = session.scalars(select(Broadcast)).one(), session.scalars(select(BroadcastReview)).one()
    word.staff_id = row.author_id or 0


def take_the_word_back(session: Session) -> None:
    session.scalars(select(BroadcastReview)).one().passed = False


def forget_the_readings(session: Session) -> None:
    for one in session.scalars(select(NoticeReview)):
        session.delete(one)


def send_without_a_name(session: Session) -> None:
    letter = session.scalars(select(OutboxRow)).all()[0]
    letter.state, letter.road = "submitted", "template"


def call_without_a_name(session: Session) -> None:
    session.scalars(select(BroadcastCall)).one().state = "done"


def hand_on_to_another(session: Session) -> None:
    session.scalars(select(OutboxRow)).all()[0].bundle = "broadcast:99"


def never_begin(session: Session) -> None:
    row = session.scalars(select(Broadcast)).one()
    row.state, row.begins_at = "approved", clock.now() - timedelta(minutes=11)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lose_somebody, "began with 5 people and has 4"),
        (change_the_words, "not what was approved"),
        (change_the_roads, "not what was approved"),
        (approve_ones_own, "its author gave the last word"),
        (take_the_word_back, "nobody has given the last word"),
        (forget_the_readings, "a reading is missing"),
        (send_without_a_name, "was sent and has no id"),
        (call_without_a_name, "was made and has no id"),
        (hand_on_to_another, "handed on to nothing of its own"),
        (never_begin, "should have begun"),
    ],
)
def test_what_does_not_hold_is_named(sqlite_town: Town, spoil: Callable[[Session], None], told: str) -> None:
    with frozen("2026-11-26 10:00") as wall:
        sending = Sending.of(sqlite_town, "custom", "custom", "mass", "mass", "paper")
        wall.shift(AFTER_HOLD)
        sending.carry_on()
        sqlite_town.writing(spoil)
        found = broken(sqlite_town)
        assert any(told in line for line in found), found
