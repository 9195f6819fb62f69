"""Households: the people behind one door, changed by staff, undone to the row, by many hands at once and in any order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.cli import check_invariants
from handlers.people import actions, household_moves, households, jobs
from models.households import (
    Household,
    HouseholdChange,
    HouseholdMember,
    broken_households,
    live_households,
    members_of,
    stay_of,
)
from models.identity import Actor, Person
from models.places import Grid, Place
from models.refusal import Refusal
from models.staff import StaffMember
from tests.neighbours import Town, frozen
from tests.people.homes import place_named


def desk(session: Session, *roles: str, grid: str | None = None) -> Actor:
    member = session.scalar(select(StaffMember).where(StaffMember.login == "wang"))
    if member is None:
        member = StaffMember(login="wang", name="王干事")
        session.add(member)
    member.roles = list(roles or ("desk",))
    member.grid_id = session.scalar(select(Grid.id).where(Grid.name == grid))
    session.flush()
    return Actor(session, staff=member, channel="console")


def called(session: Session, name: str) -> Person:
    return next(one for one in session.scalars(select(Person).order_by(Person.id)) if one.name == name)


def home_of(session: Session, name: str) -> Household:
    stay = stay_of(session, called(session, name))
    assert stay is not None
    return stay.household


def who(session: Session, home: Household) -> dict[str, str]:
    return {stay.person.name: stay.tie for stay in session.scalars(members_of(home))}


def picture(session: Session) -> list[Any]:
    """Every row that a change of households may touch."""
    session.expire_all()
    homes = [(one.id, one.place_id, one.door, one.ended_at, one.why, one.into_id) for one in
             session.scalars(select(Household).order_by(Household.id))]  # fmt: skip
    stays = [(one.id, one.household_id, one.person_id, one.tie, one.since, one.until, one.why) for one in
             session.scalars(select(HouseholdMember).order_by(HouseholdMember.id))]  # fmt: skip
    places = [(one.id, one.place_id) for one in session.scalars(select(Person).order_by(Person.id))]
    return [homes, stays, places]


def code(town: Town, unit: Callable[[Session], Any]) -> str:
    try:
        town.writing(unit)
    except Refusal as why:
        return why.code
    return "done"


@pytest.fixture
def village(sqlite_town: Town) -> Town:
    sqlite_town.seed("people")
    return sqlite_town


# ---- one household ---------------------------------------------------------------------------------------------


def test_a_household_is_made_at_a_door_and_has_the_grid_of_its_building(village: Town) -> None:
    def unit(session: Session) -> None:
        by, place = desk(session), place_named(session, "东府佳苑", "6号楼", "1单元")
        home = households.make_household(by, place, "５０２ 室", called(session, "吴桂兰"))
        assert (home.door, who(session, home)) == ("502", {"吴桂兰": "head"})
        assert home.place.grid is not None
        assert home.place.grid.name == "纺织第一网格"

    village.writing(unit)
    assert check_invariants(village.site) == []


@pytest.mark.parametrize(
    ("place", "door", "name", "why"),
    [
        (("东府佳苑", "3号楼", "2单元"), "301", "吴桂兰", "people.door_taken"),
        (("东府佳苑",), "301", "吴桂兰", "people.door_needs_building"),
        (("东府佳苑", "6号楼", "1单元"), "??", "吴桂兰", "people.bad_door"),
        (("东府佳苑", "6号楼", "1单元"), "1", "马秀兰", "people.lives_elsewhere"),
    ],
)
def test_a_door_that_is_taken_or_none_is_refused(
    village: Town, place: tuple[str, ...], door: str, name: str, why: str
) -> None:
    def unit(session: Session) -> None:
        by = desk(session)
        households.make_household(by, place_named(session, *place), door, called(session, name))

    assert code(village, unit) == why


def test_a_building_without_a_grid_takes_no_household(village: Town) -> None:
    def unit(session: Session) -> None:
        place = place_named(session, "东府佳苑", "6号楼")
        place.own_grid = None
        session.flush()
        households.make_household(desk(session), place, "1", called(session, "吴桂兰"))

    assert code(village, unit) == "people.no_grid_there"


def test_who_only_stays_is_gone_on_the_day_after(village: Town) -> None:
    def unit(session: Session) -> None:
        home = home_of(session, "王德福")
        households.add_member(
            desk(session), home, called(session, "周建军"), "tenant", temporary_until=date(2026, 12, 31)
        )

    with frozen("2026-12-01 09:00"):
        village.writing(unit)
    with frozen("2026-12-31 23:00"):
        assert "0 stays" in village.writing(lambda s: jobs.end_overdue_stays(Actor(s, channel="job")))
    with frozen("2027-01-01 03:25"):
        assert "1 stays" in village.writing(lambda s: jobs.end_overdue_stays(Actor(s, channel="job")))
    with village.reading() as session:
        assert "周建军" not in who(session, home_of(session, "王德福"))


def test_when_the_head_leaves_another_is_head_and_with_the_last_the_household_ends(village: Town) -> None:
    def unit(session: Session) -> None:
        by, home = desk(session), home_of(session, "马秀兰")
        for name in ("马建国", "马秀兰", "马小娟"):
            stay = stay_of(session, called(session, name))
            assert stay is not None
            households.remove_member(by, stay)
            assert broken_households(session) == []
        assert home.ended_at is not None

    village.writing(unit)


def test_a_new_head_makes_the_old_one_a_relative(village: Town) -> None:
    def unit(session: Session) -> None:
        stay = stay_of(session, called(session, "马秀兰"))
        assert stay is not None
        households.set_tie(desk(session), stay, "head")
        assert who(session, stay.household) == {"马秀兰": "head", "马建国": "relative", "马小娟": "child"}

    village.writing(unit)


# ---- from one door to another ----------------------------------------------------------------------------------


def test_some_who_move_are_a_household_of_their_own_and_the_past_stays_readable(village: Town) -> None:
    def unit(session: Session) -> None:
        by, old = desk(session), home_of(session, "马秀兰")
        new = household_moves.move(
            by, old, [called(session, "马小娟")], place_named(session, "湖滨小区", "1号楼", "1单元"), "202"
        )
        assert who(session, new) == {"马小娟": "head"}
        assert called(session, "马小娟").place == new.place
        stays = session.scalars(
            select(HouseholdMember).where(HouseholdMember.person_id == called(session, "马小娟").id)
        ).all()
        assert [stay.household_id for stay in stays] == [old.id, new.id]

    village.writing(unit)


def test_moving_to_a_door_behind_which_somebody_lives_makes_one_household(village: Town) -> None:
    def unit(session: Session) -> None:
        by, coming, there = desk(session), home_of(session, "赵淑芬"), home_of(session, "孙丽华")
        arrived = household_moves.move(by, coming, [called(session, "赵淑芬")], there.place, "402")
        assert arrived is there
        assert who(session, there) == {"孙丽华": "head", "赵淑芬": "relative"}
        assert (coming.why, coming.into_id) == ("merged", there.id)

    village.writing(unit)


def test_a_split_leaves_somebody_behind(village: Town) -> None:
    def unit(session: Session) -> None:
        home = home_of(session, "祁生华")
        place = place_named(session, "湖滨小区", "1号楼", "1单元")
        household_moves.split(desk(session), home, [called(session, "祁生华")], place, "1")

    assert code(village, unit) == "people.split_needs_some"


# ---- undoing ---------------------------------------------------------------------------------------------------


def last_change(session: Session) -> HouseholdChange:
    return session.scalars(select(HouseholdChange).order_by(HouseholdChange.id.desc()).limit(1)).one()


def test_a_merge_is_parted_to_the_row_within_30_days_and_not_after(village: Town) -> None:
    def merge(session: Session) -> list[Any]:
        before = picture(session)
        household_moves.merge_households(
            desk(session), home_of(session, "王德福"), home_of(session, "马秀兰"), reason="两家并成一家"
        )
        return before

    with frozen("2026-11-01 09:00"):
        before = village.writing(merge)
    with frozen("2026-12-01 08:59"):
        village.writing(lambda s: household_moves.undo_change(desk(s), last_change(s)))
        with village.reading() as session:
            assert picture(session) == before
        assert code(village, lambda s: household_moves.undo_change(desk(s), last_change(s))) == (
            "people.too_late_to_undo"
        )
        village.writing(merge)
    with frozen("2026-12-31 10:00"):
        assert code(village, lambda s: household_moves.undo_change(desk(s), last_change(s))) == (
            "people.too_late_to_undo"
        )
        village.writing(lambda s: jobs.end_overdue_stays(Actor(s, channel="job")))
        with village.reading() as session:
            change = last_change(session)
            assert (change.before, change.after, change.reason) == (None, None, None)


def test_what_has_changed_since_is_not_undone_over(village: Town) -> None:
    def unit(session: Session) -> None:
        by = desk(session)
        merged = household_moves.merge_households(by, home_of(session, "王德福"), home_of(session, "马秀兰"))
        first = last_change(session)
        households.add_member(by, merged, called(session, "周建军"), "lodger")
        household_moves.undo_change(by, first)

    assert code(village, unit) == "people.changed_since"


def test_a_door_that_was_taken_meanwhile_is_not_taken_back(village: Town) -> None:
    def unit(session: Session) -> None:
        by, home = desk(session), home_of(session, "赵淑芬")
        household_moves.move(
            by, home, [called(session, "赵淑芬")], place_named(session, "湖滨小区", "1号楼"), "9"
        )
        moved = last_change(session)
        households.make_household(by, home.place, home.door, called(session, "张海燕"))
        household_moves.undo_change(by, moved)

    assert code(village, unit) == "people.changed_since"


def test_who_is_erased_leaves_the_household_and_what_could_be_undone(village: Town) -> None:
    def unit(session: Session) -> None:
        by = desk(session)
        household_moves.merge_households(by, home_of(session, "王德福"), home_of(session, "马秀兰"))
        actions.erase(by, called(session, "马秀兰"))

    village.writing(unit)
    with village.reading() as session:
        assert "马秀兰" not in who(session, home_of(session, "王德福"))
        assert last_change(session).before is None
    assert check_invariants(village.site) == []


# ---- who may ---------------------------------------------------------------------------------------------------


def test_a_grid_worker_changes_nothing_outside_their_grid(village: Town) -> None:
    def foreign(session: Session) -> None:
        by = desk(session, "grid", grid="幸福第一网格")
        households.dissolve(by, home_of(session, "马秀兰"))

    def out_of_it(session: Session) -> None:
        by, home = desk(session, "grid", grid="幸福第一网格"), home_of(session, "祁生华")
        place = place_named(session, "东府佳苑", "3号楼", "2单元")
        household_moves.move(by, home, [called(session, "祁生华")], place, "999")

    def own(session: Session) -> None:
        by = desk(session, "grid", grid="幸福第一网格")
        households.check_household(by, home_of(session, "祁生华"))

    assert code(village, foreign) == "people.not_your_grid"
    assert code(village, out_of_it) == "people.not_your_grid"
    assert code(village, own) == "done"


def test_a_resident_changes_no_household(village: Town) -> None:
    def unit(session: Session) -> None:
        by = Actor(session, called(session, "马秀兰"))
        households.dissolve(by, home_of(session, "王德福"))

    assert code(village, unit) == "people.staff_only"


# ---- at once ---------------------------------------------------------------------------------------------------


def at_once(town: Town, *units: Callable[[Session], Any]) -> list[str]:
    together = Barrier(len(units))

    def run(unit: Callable[[Session], Any]) -> str:
        together.wait()
        return code(town, unit)

    with ThreadPoolExecutor(len(units)) as pool:
        return sorted(pool.map(run, units))


@pytest.fixture
def both(town: Town) -> Town:
    town.seed("people")
    town.writing(desk)
    return town


def test_of_two_who_merge_the_same_household_at_once_one_does(both: Town) -> None:
    with both.reading() as session:
        number = home_of(session, "马秀兰").id

    def into(name: str) -> Callable[[Session], Any]:
        return lambda s: household_moves.merge_households(
            desk(s), home_of(s, name), s.get_one(Household, number)
        )

    answers = at_once(both, into("王德福"), into("韩世杰"))
    assert answers.count("done") == 1, answers
    assert check_invariants(both.site) == []


def test_of_two_who_enter_the_same_person_or_take_the_same_door_at_once_one_does(both: Town) -> None:
    def make(name: str, door: str) -> Callable[[Session], Any]:
        return lambda s: households.make_household(
            desk(s), place_named(s, "湖滨小区", "1号楼", "2单元"), door, called(s, name)
        )

    assert at_once(both, make("周建军", "101"), make("周建军", "102")) == ["done", "people.lives_elsewhere"]
    assert at_once(both, make("吴桂兰", "301"), make("张海燕", "301")) == ["done", "people.door_taken"]
    assert check_invariants(both.site) == []


def test_a_move_and_its_like_at_once_leave_everybody_in_one_home(both: Town) -> None:
    def move(door: str) -> Callable[[Session], Any]:
        return lambda s: household_moves.move(
            desk(s),
            home_of(s, "马秀兰"),
            [called(s, "马秀兰"), called(s, "马小娟")],
            place_named(s, "湖滨小区", "1号楼", "1单元"),
            door,
        )

    answers = at_once(both, move("901"), move("902"))
    assert "done" in answers
    assert check_invariants(both.site) == []


# ---- in any order ----------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["make", "add", "remove", "head", "merge", "split", "move", "dissolve", "undo"]),
        st.integers(0, 23),
        st.integers(0, 23),
        st.integers(1, 4),
    ),
    max_size=12,
)


def _step(session: Session, by: Actor, step: tuple[str, int, int, int]) -> None:
    kind, one, other, door = step
    people = session.scalars(select(Person).order_by(Person.id)).all()
    homes = session.scalars(live_households().order_by(Household.id)).all()
    places = session.scalars(select(Place).where(Place.kind == "unit").order_by(Place.id)).all()
    person, place = people[one % len(people)], places[other % len(places)]
    stay = stay_of(session, person)
    if kind == "make":
        households.make_household(by, place, str(door), person)
    elif kind == "add" and homes:
        households.add_member(by, homes[other % len(homes)], person, "relative")
    elif kind == "merge" and len(homes) > 1:
        household_moves.merge_households(by, homes[one % len(homes)], homes[other % len(homes)])
    elif kind == "undo":
        changes = session.scalars(select(HouseholdChange).order_by(HouseholdChange.id.desc())).all()
        household_moves.undo_change(by, changes[one % min(len(changes), 3)])
    elif stay is None:
        return
    elif kind == "remove":
        households.remove_member(by, stay)
    elif kind == "head":
        households.set_tie(by, stay, "head")
    elif kind == "dissolve":
        households.dissolve(by, stay.household)
    else:
        members = [two.person for two in session.scalars(members_of(stay.household))]
        going = members if kind == "move" else members[:door]
        household_moves.move(by, stay.household, going, place, str(door))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_in_any_order_everybody_lives_in_one_home_and_undoing_brings_back_every_row(
    village: Town, steps: list[tuple[str, int, int, int]]
) -> None:
    class Enough(Exception):
        """Leaves the unit, so that the next example begins with the same village."""

    def unit(session: Session) -> None:
        by = desk(session)
        for step in steps:
            before, changes = picture(session), len(session.scalars(select(HouseholdChange)).all())
            point = session.begin_nested()
            try:
                _step(session, by, step)
                session.flush()
            except Refusal:
                point.rollback()
                assert picture(session) == before
                continue
            assert broken_households(session) == []
            if step[0] != "undo" and len(session.scalars(select(HouseholdChange)).all()) > changes:
                after = picture(session)
                second = session.begin_nested()
                household_moves.undo_change(by, last_change(session))
                session.flush()
                assert picture(session) == before, step
                second.rollback()
                session.expire_all()
                assert picture(session) == after
        raise Enough

    with pytest.raises(Enough):
        village.writing(unit)


def test_a_household_nobody_has_asked_for_half_a_year_is_stale(village: Town) -> None:
    with village.reading() as session:
        home = home_of(session, "马秀兰")
        assert not home.is_stale
        with frozen((clock.now() + timedelta(days=181)).strftime("%Y-%m-%d 09:00")):
            assert home.is_stale
