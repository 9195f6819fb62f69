"""What time does to promises: a word before the last day, back to everybody after it, never confirmed by a machine."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from sqlalchemy import select

from app import clock
from handlers.wishes import actions
from handlers.wishes.jobs import forget_words, remind, return_overdue
from models.wish_lists import expired_since
from models.wishes import Claim, Wish, no_stale_claims, one_claim_each
from tests.neighbours import Phone, Town, frozen
from tests.wishes.conftest import STICK, acts, claimed, house, promise, published, sent, sound, state


def run(town: Town, job) -> str:  # type: ignore[no-untyped-def]
    return town.writing(lambda s: job(house(s)))


def test_a_word_comes_on_the_day_before_the_last_and_only_once(
    sqlite_town: Town, monday: time_machine.Coordinates
) -> None:
    claimed(sqlite_town)
    monday.shift(timedelta(days=5))
    assert run(sqlite_town, remind) == "0 reminded"
    monday.shift(timedelta(days=1))
    assert run(sqlite_town, remind) == "1 reminded"
    assert run(sqlite_town, remind) == "0 reminded"
    (row,) = sent(sqlite_town, "reminder")
    assert row.facts["due"] == "2026-11-30"
    with sqlite_town.reading() as session:
        assert row.person_id == sqlite_town.phone("韩世杰").person(session).id


def test_a_renewed_promise_is_reminded_of_again(
    sqlite_town: Town, monday: time_machine.Coordinates, han: Phone
) -> None:
    _, claim = claimed(sqlite_town)
    monday.shift(timedelta(days=6))
    run(sqlite_town, remind)
    acts(sqlite_town, han, actions.renew, (Claim, claim))
    monday.shift(timedelta(days=7))
    assert run(sqlite_town, remind) == "1 reminded"
    assert [row.facts["can_renew"] for row in sent(sqlite_town, "reminder")] == [True, False]


def test_a_promise_lasts_to_the_end_of_its_last_day_and_then_comes_back(town: Town) -> None:
    with frozen("2026-11-23 09:00"):
        wish, claim = claimed(town)
    with frozen("2026-11-30 23:59"):
        assert run(town, return_overdue).startswith("0 overdue")
        assert state(town, wish) == "claimed"
    with frozen("2026-12-01 08:30"):
        assert run(town, return_overdue) == "1 overdue returned (0001), 0 unconfirmed"
        assert (state(town, wish), promise(town, claim).state) == ("public", "expired")
        assert len(sent(town, "returned")) == 1
        assert len(sent(town, "overdue")) == 1
        assert run(town, return_overdue).startswith("0 overdue")
        with town.reading() as session:
            found = session.scalars(expired_since(clock.now() - timedelta(days=1))).all()
            assert [row.id for row in found] == [claim]
        assert STICK in town.phone("才让卓玛").says("心愿站")
        assert sound(town)


def test_a_promise_that_was_kept_in_time_does_not_come_back(
    sqlite_town: Town, monday: time_machine.Coordinates, han: Phone
) -> None:
    wish, claim = claimed(sqlite_town)
    acts(sqlite_town, han, actions.mark_done, (Claim, claim))
    monday.shift(timedelta(days=30))
    assert run(sqlite_town, return_overdue) == "0 overdue returned (none), 1 unconfirmed"
    assert state(sqlite_town, wish) == "done"


def test_the_invariants_see_what_they_are_for(sqlite_town: Town, monday: time_machine.Coordinates) -> None:
    wish, _ = claimed(sqlite_town)
    monday.shift(timedelta(days=9))
    with sqlite_town.reading() as session:
        assert len(no_stale_claims(session)) == 1
        session.get_one(Wish, wish).state = "public"
        session.flush()
        assert len(one_claim_each(session)) == 1


def test_what_was_said_is_forgotten_two_years_after_the_end_and_still_counts(
    sqlite_town: Town, monday: time_machine.Coordinates, ma: Phone
) -> None:
    (wish,) = published(sqlite_town, STICK)
    acts(sqlite_town, ma, actions.withdraw, (Wish, wish))
    monday.shift(timedelta(days=729))
    assert run(sqlite_town, forget_words) == "0 forgotten"
    monday.shift(timedelta(days=2))
    assert run(sqlite_town, forget_words) == "1 forgotten"
    assert run(sqlite_town, forget_words) == "0 forgotten"
    with sqlite_town.reading() as session:
        row = session.scalars(select(Wish)).one()
        assert (row.text, row.public_text) == (None, STICK)
