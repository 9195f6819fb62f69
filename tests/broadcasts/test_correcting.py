"""A correction goes to exactly those who got the wrong one, or may have got it."""

from __future__ import annotations

from app import clock
from handlers.broadcasts.correcting import audience_of
from models.broadcasts import Broadcast
from tests.broadcasts import sent
from tests.neighbours import Town, frozen


def audience(town: Town, number: int) -> list[int]:
    with town.reading() as session:
        return list(session.scalars(audience_of(session.get_one(Broadcast, number))))


def test_it_reaches_who_may_have_got_the_wrong_one_and_who_read_it_first(sqlite_town: Town) -> None:
    with frozen("2026-11-26 10:00"):
        got, delivered, unknown, read, told, failed, paper, waiting = sent.people(sqlite_town, 8)
        number = sent.broadcast(sqlite_town)
        sent.to(sqlite_town, number, got)
        sent.to(sqlite_town, number, delivered, "delivered", road="notice")
        sent.to(sqlite_town, number, unknown, "unknown")
        sent.to(sqlite_town, number, read, "failed", read_at=clock.now(), read_how="page")
        sent.to(sqlite_town, number, told, "paper", door_state="face")
        sent.to(sqlite_town, number, failed, "failed")
        sent.to(sqlite_town, number, paper, "paper")
        sent.to(sqlite_town, number, waiting, "cancelled")
    assert audience(sqlite_town, number) == [read, delivered, got, unknown, told]


def test_everybody_of_a_mass_send_may_have_got_it(sqlite_town: Town) -> None:
    people = sent.people(sqlite_town, 3)
    number = sent.broadcast(sqlite_town)
    sent.by_mass(sqlite_town, number, people, "submitted")
    assert audience(sqlite_town, number) == people
