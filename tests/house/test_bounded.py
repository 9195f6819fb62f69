"""What lists, counts and jobs look for is found by the index that is meant for it, whatever lies around it: asked of a
database without statistics, in which SQLite plans by guessing. (`make bench-city` measures the whole, in large towns.)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import clock
from bench.city.watch import Watch
from handlers.activities.standing_papers import places_ahead
from handlers.desk.console import unreached
from handlers.duty import alarms
from handlers.people import console_grids
from models import outbox, strikes
from models.activities import under_way
from models.activities_party import names_to_go
from models.appointments import older_than
from models.board import without_new_time
from models.circle_lists import finished_visits
from models.desk import DeskTalk, open_talks
from models.diary import answered_unshown
from models.households import homeless_in
from models.identity import Actor, Person
from models.matter_followers import said_or_followed
from models.matter_lists import done_for_good, ended_matters, with_words_before
from models.places import Place, estates
from models.places_named import place_called
from models.rating_visits import finished_visits as finished_lately
from models.ratings import to_ask
from models.unindexed import unindexed
from scheduler.housekeeping import renew_statistics
from tests.neighbours import Town

LONG_AGO = timedelta(days=730)
Asks = Callable[[Session], Any]


def rows(asked: Callable[[], Any]) -> Asks:
    return lambda session: session.scalars(asked()).all()


FOUND = {
    "sessions that go on now": (rows(under_way), "ix_activity_session_state_ends"),
    "called off and not booked again": (rows(without_new_time), "ix_appointment_called_off"),
    "old visits with words": (rows(lambda: older_than(clock.now() - LONG_AGO)), "ix_appointment_words"),
    "talks that nobody waits in": (
        rows(lambda: open_talks().where(unindexed(DeskTalk.waiting_since).is_(None))),
        "ix_desk_talk_state_closed_at",
    ),
    "matters whose words are old": (
        rows(lambda: with_words_before(clock.now() - LONG_AGO)),
        "ix_matter_ended_at_id",
    ),
    "matters done for good": (rows(done_for_good), "ix_matter_state_done_at"),
    "suggestions that were answered": (rows(answered_unshown), "ix_matter_answered"),
    "finished visits of the circle": (
        rows(lambda: finished_visits(clock.now() - LONG_AGO)),
        "ix_appointment_state_changed_at",
    ),
    "strikes that count": (rows(strikes.live_now), "ix_strike_at_live"),
    "visits to ask about": (rows(lambda: to_ask().limit(20)), "ix_rating_token_unasked"),
    "visits of the last days": (
        lambda session: finished_lately(session, clock.now() - timedelta(days=3), 20),
        "ix_home_job_done_at",
    ),
    "names of companions": (rows(names_to_go), "ix_companion_named"),
    "matters that ended": (rows(lambda: ended_matters().limit(20)), "ix_matter_ended_at_id"),
    "seats of the next days": (rows(lambda: places_ahead().limit(20)), "ix_activity_session_"),
    "messages that failed lately": (rows(unreached), "ix_outbox_settled_at"),
    "messages that failed today": (alarms.lost_today, "ix_outbox_settled_at"),
    "letters that are late": (outbox.waits_since, "ix_outbox_ready"),
    "letters that were tried in vain": (outbox.waits_since, "ix_outbox_in_vain"),
    "buildings in no grid": (rows(console_grids.loose), "ix_place_kind_position"),
    "estates": (rows(estates), "ix_place_kind_position"),
    "places that are named": (lambda session: place_called(session, "东府佳苑3号楼"), "ix_place_parent_id"),
    "people of a place without a household": (
        lambda session: session.scalars(homeless_in(Place(id=1))).all(),
        "ix_person_place_id",
    ),
}
# Tables that grow with the town and must not be read from one end to the other.
GROWING = (
    "activity_session enrolment attendance appointment slot matter desk_talk person household household_member"
    " broadcast_recipient outbox wish service_hours ticket rating rating_token home_job conversation"
).split()


@pytest.mark.parametrize("name", FOUND)
def test_it_is_found_by_its_index(sqlite_town: Town, name: str) -> None:
    ask, index = FOUND[name]
    watch = Watch(sqlite_town.site.database.engine)
    with watch.path(name):
        sqlite_town.writing(ask)
    plans = [line for one in watch.asked.values() for line in watch.plan(one)]
    assert any(index in line for line in plans), "\n".join(plans)
    read = {table for one in watch.asked.values() for table in watch.whole_tables(one)}
    assert not read & set(GROWING), "\n".join(plans)


def test_postgresql_does_not_read_all_matters_for_those_of_one_person(postgres_town: Town) -> None:
    """In an empty town reading all of nothing is cheapest, so it is told to shun that."""
    watch = Watch(postgres_town.site.database.engine)
    with watch.path("mine"), postgres_town.reading() as session:
        session.scalars(said_or_followed(Person(id=1)).limit(11)).all()
    (asked,) = (one for one in watch.asked.values() if " LIMIT " in one.sql)
    with watch.engine.connect() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {asked.sql}", asked.values).scalars().all()
        connection.rollback()
    assert any("ix_matter_person_id" in line for line in plan), "\n".join(plan)
    assert not any("Seq Scan on matter" in line for line in plan), "\n".join(plan)


def test_a_place_is_found_by_its_name_without_reading_all_places(sqlite_town: Town) -> None:
    """With statistics, as a house has them from its first night on."""

    def build(session: Session) -> None:
        for at in range(40):
            estate = Place(kind="estate", name=f"第{at}家园", position=at)
            houses = [Place(kind="building", name=f"{one}号楼", parent=estate) for one in range(8)]
            session.add_all(
                Place(kind="unit", name=f"{one}单元", parent=house) for house in houses for one in range(4)
            )
        session.flush()
        renew_statistics(Actor(session, channel="job"))

    sqlite_town.writing(build)
    watch = Watch(sqlite_town.site.database.engine)
    with watch.path("a place"), sqlite_town.reading() as session:
        found = place_called(session, "第7家园3号楼2单元")
    assert found is not None
    plans = [line for one in watch.asked.values() for line in watch.plan(one)]
    assert any("RECURSIVE STEP" in line for line in plans)
    assert not any("BLOOM" in line or line.startswith("SCAN place") for line in plans), "\n".join(plans)
