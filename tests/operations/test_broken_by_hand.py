"""What a careless hand does to a row is named, by the invariants that ask whole tables at once (trust §1.6)."""

from __future__ import annotations

from sqlalchemy import text

from app.invariants import ask_all
from tests.neighbours import Town

# By the name of the invariant: what a hand does, and what is said of it.
BROKEN = {
    "within_the_cap": (
        (
            "UPDATE service_hours SET minutes = 100000 WHERE id = (SELECT min(id) FROM service_hours"
            " WHERE session_id IS NOT NULL AND state IN ('confirmed', 'posted'))"
        ),
        "say 100000 minutes",
    ),
    "one_transfer_each": (
        (
            "UPDATE service_hours SET minutes = minutes + 1 WHERE id ="
            " (SELECT min(id) FROM service_hours WHERE transfer_id IS NOT NULL)"
        ),
        "minutes, the ledger",
    ),
    "both_said_yes": (
        "UPDATE service_hours SET confirmed_at = NULL WHERE transfer_id IS NOT NULL",
        "count without being confirmed",
    ),
    "one_claim_each": (
        "UPDATE wish SET state = 'claimed' WHERE id = (SELECT min(id) FROM wish WHERE state = 'public')",
        "is claimed with 0 claims",
    ),
    "broken_households": (
        "UPDATE household_member SET tie = 'child' WHERE tie = 'head'",
        "has not one head",
    ),
    "one_at_a_time": (
        (
            "INSERT INTO occupation (resource_id, starts, ends, source)"
            " SELECT resource_id, starts, ends, 'toy:' || id FROM occupation"
        ),
        "at once",
    ),
    "rooms_belong_to_visits": (
        "UPDATE appointment SET state = 'cancelled'",
        "is over and still has resource",
    ),
    "overlaps": (
        (
            "INSERT INTO attendance (session_id, person_id, came_at, left_at, auto_out, state, flags)"
            " SELECT session_id, person_id, came_at, left_at, auto_out, state, flags FROM attendance"
        ),
        "overlaps one before it",
    ),
}


def test_each_broken_row_is_named_by_its_own_invariant(sqlite_town: Town) -> None:
    sqlite_town.seed(*(feature.name for feature in sqlite_town.site.house.features))
    missed = []
    for name, (statement, told) in BROKEN.items():
        with sqlite_town.reading() as session:
            session.execute(text("PRAGMA ignore_check_constraints = ON"))
            session.execute(text(statement))
            said = {asked.name: asked for asked in ask_all(session, sqlite_town.site.house.features)}
            session.execute(text("PRAGMA ignore_check_constraints = OFF"))
            session.rollback()
        if not any(told in line for line in said[name].broken):
            missed.append((name, said[name].broken))
    assert missed == []
