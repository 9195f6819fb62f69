"""幸福使者: computed by a public formula for those who agreed, objected to before it is public, frozen afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.ratings import actions, jobs
from handlers.ratings.rights import forget, kept_of
from models.identity import Actor
from models.matters import Matter
from models.rating_honours import (
    HonourPart,
    HonourQuarter,
    HonourReckoning,
    day_after,
    first_day,
    frozen_as_reckoned,
    helper_in,
    nothing_public_with_open_appeals,
    quarter_before,
    quarter_of,
    reaches,
)
from models.ratings import Rating
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor
from tests.ratings.conftest import house, joined, refused
from tests.staff.clerks import Clerk, clerk

SUMMER = "2026-07-06 09:00"
OCTOBER = "2026-10-12 09:00"


@pytest.fixture
def summer() -> Iterator[Any]:
    with frozen(SUMMER) as moved:
        yield moved


@pytest.fixture
def wang(sqlite_town: Town, summer: Any) -> Clerk:
    """At the desk, and takes part since July."""
    li, zhao = (clerk(sqlite_town, "approver", login=one, name=f"{one}主任") for one in ("lili", "zhao"))
    made = clerk(sqlite_town, "desk", login="wang", name="王秀英")
    for one in (li, zhao):
        one.sends("/console/ratings/honours/switch", on="1")
    made.sends("/console/ratings/own/part", yes="1")
    return made


def as_staff(session: Session, one: Clerk) -> Actor:
    return Actor(session, staff=one.member(session), channel="console")


def worked(
    town: Town, one: Clerk, *, ratings: int = 20, answers: int = 5, late: int = 0, good: int = 20
) -> None:
    """A summer's work: so many ratings, so many matters answered, so many of them too late."""

    def unit(session: Session) -> None:
        me = one.member(session).id
        for at in range(ratings):
            face = 3 if at < good else 1
            session.add(Rating(subject="s:1", title="开证明", face=face, week=date(2026, 8, 3), helper_id=me))
        for at in range(answers):
            done = clock.at(date(2026, 8, 20 if at < late else 10), clock.local(clock.now()).time())
            facts = {"kind": "建议", "contact": "confidential", "state": "done", "channel": "console"}
            session.add(
                Matter(receipt=f"100000{at}", owner_id=me, due=date(2026, 8, 14), done_at=done, **facts)
            )

    town.writing(unit)


def nightly(town: Town) -> str:
    return town.writing(lambda s: jobs.honours(house(s)))


def row_of(town: Town) -> HonourReckoning:
    with town.reading() as session:
        found = session.scalars(select(HonourReckoning)).one()
        session.expunge_all()
        return found


# ---- the formula -----------------------------------------------------------------------------------------------------


def test_quarters_follow_each_other() -> None:
    assert (quarter_of(date(2026, 12, 31)), first_day("2026Q4"), day_after("2026Q4")) == (
        "2026Q4",
        date(2026, 10, 1),
        date(2027, 1, 1),
    )
    assert [quarter_before(date(2026, month, 1)) for month in (1, 4, 7, 10)] == [
        "2025Q4",
        "2026Q1",
        "2026Q2",
        "2026Q3",
    ]


@given(st.integers(0, 60), st.integers(0, 100), st.integers(0, 100), st.integers(0, 40), st.integers(0, 40))
def test_more_that_is_good_never_takes_it_away(
    ratings: int, found: int, usual: int, kept: int, late: int
) -> None:
    before = {
        "ratings": ratings,
        "found": found,
        "usual": usual,
        "answers": kept + late,
        "answers_kept": kept,
    }
    after = before | {
        "found": found + 1,
        "answers": kept + late + 1,
        "answers_kept": kept + 1,
        "ratings": ratings + 1,
    }
    assert reaches(after) >= reaches(before)


# ---- on and off ------------------------------------------------------------------------------------------------------


def test_it_is_off_until_two_have_switched_it_on(sqlite_town: Town, summer: Any) -> None:
    li = clerk(sqlite_town, "approver", login="lili")
    assert "现在没有开" in Visitor(sqlite_town).opens("/h5/honours").words
    li.sends("/console/ratings/own/part", yes="1", follow=True)
    assert "现在没有开" in li.words
    li.sends("/console/ratings/honours/switch", on="1")
    li.sends("/console/ratings/honours/switch", on="1", follow=True)
    assert "要另一位领导同意" in li.words
    desk = clerk(sqlite_town, "desk", login="desk")
    assert desk.sends("/console/ratings/honours/switch", on="1").status_code == 403


def test_only_who_agreed_is_known_to_a_rating_and_nobody_after_taking_it_back(wang: Clerk) -> None:
    worked(wang.town, wang)
    with wang.town.reading() as session:
        me = wang.member(session).id
        assert (helper_in(session, me), helper_in(session, me + 99)) == (me, None)
    wang.sends("/console/ratings/own/part", yes="0")
    with wang.town.reading() as session:
        assert set(session.scalars(select(Rating.helper_id))) == {None}
        assert session.scalars(select(HonourPart)).all() == []


# ---- a quarter -------------------------------------------------------------------------------------------------------


def test_a_quarter_is_reckoned_shown_to_its_own_and_public_after_a_week(wang: Clerk, summer: Any) -> None:
    worked(wang.town, wang)
    summer.move_to(clock.at(date(2026, 10, 5), clock.local(clock.now()).time()))
    assert nightly(wang.town) == "0 reckoned, 0 quarters published"
    summer.shift(timedelta(days=7))
    assert nightly(wang.town) == "1 reckoned, 0 quarters published"
    assert nightly(wang.town) == "0 reckoned, 0 quarters published"
    wang.signs_in()
    wang.opens("/console/ratings/own")
    assert "评价20份(要20份),得分100.0" in wang.words
    assert "够了线" in wang.words
    assert "王秀英" not in Visitor(wang.town).opens("/h5/honours").words
    summer.shift(timedelta(days=8))
    assert nightly(wang.town) == "0 reckoned, 1 quarters published"
    page = Visitor(wang.town).opens("/h5/honours")
    assert "王秀英" in page.words
    assert "至少20份评价" in page.words
    with wang.town.reading() as session:
        assert [*frozen_as_reckoned(session), *nothing_public_with_open_appeals(session)] == []


@pytest.mark.parametrize("work", [{"ratings": 19}, {"answers": 4}, {"late": 1}])
def test_who_does_not_reach_the_bar_stands_nowhere(wang: Clerk, summer: Any, work: dict[str, int]) -> None:
    worked(wang.town, wang, **work)
    summer.move_to(clock.at(date(2026, 10, 12), clock.local(clock.now()).time()))
    nightly(wang.town)
    summer.shift(timedelta(days=8))
    nightly(wang.town)
    page = Visitor(wang.town).opens("/h5/honours")
    assert "没有人够线" in page.words
    assert "王秀英" not in page.page


def test_an_objection_is_decided_by_somebody_else_before_anything_is_public(wang: Clerk, summer: Any) -> None:
    worked(wang.town, wang, late=1)
    summer.move_to(clock.at(date(2026, 10, 12), clock.local(clock.now()).time()))
    nightly(wang.town)
    number = row_of(wang.town).id
    wang.signs_in()
    wang.sends(f"/console/ratings/own/{number}/appeal", words="那一件是节假日,系统没算")
    summer.shift(timedelta(days=8))
    assert nightly(wang.town) == "0 reckoned, 0 quarters published"
    li = Clerk(wang.town, "lili")
    li.signs_in()
    li.opens("/console/")
    assert "幸福使者的异议 1" in li.words
    li.sends(f"/console/ratings/honours/{number}/decide", words="查过了,那天放假", reached="1")
    assert nightly(wang.town) == "0 reckoned, 1 quarters published"
    assert "王秀英" in Visitor(wang.town).opens("/h5/honours").words
    with refused("too_late_to_appeal"):
        wang.town.writing(
            lambda s: actions.appeal(as_staff(s, wang), s.get_one(HonourReckoning, number), "再提")
        )
    with wang.town.reading() as session:
        assert frozen_as_reckoned(session) == []


def test_nobody_objects_for_somebody_else(wang: Clerk, summer: Any) -> None:
    worked(wang.town, wang)
    summer.move_to(clock.at(date(2026, 10, 12), clock.local(clock.now()).time()))
    nightly(wang.town)
    number, other = row_of(wang.town).id, clerk(wang.town, "desk", login="other", name="别人")
    assert other.sends(f"/console/ratings/own/{number}/appeal", words="不对").status_code == 404
    other.opens("/console/ratings/own")
    assert "2026Q3" not in other.words
    stranger = Visitor(wang.town, joined(wang.town, "路人", "13900000009"))
    assert stranger.sends(f"/h5/honours/mine/{number}", text="不对", once="k").status == 404
    assert row_of(wang.town).appeal is None


def test_a_neighbour_takes_part_for_themselves_and_can_leave(wang: Clerk, summer: Any) -> None:
    ma = joined(wang.town, "马秀兰", "13900000001")
    page = Visitor(wang.town, ma).opens("/h5/honours/mine").presses("参加")
    assert "您参加了" in page.words
    worked(wang.town, wang)
    summer.move_to(clock.at(date(2026, 10, 12), clock.local(clock.now()).time()))
    nightly(wang.town)
    page = Visitor(wang.town, ma).opens("/h5/honours/mine")
    assert "还不够线" in page.words
    with wang.town.reading() as session:
        assert kept_of(session, ma.person(session))["幸福使者"][0]["结果"] == "还不够线"
    wang.town.writing(lambda s: forget(house(s), ma.person(s)))
    with wang.town.reading() as session:
        mine = HonourReckoning.person_id.is_not(None)
        assert session.scalars(select(HonourReckoning).where(mine)).all() == []


def test_a_quarter_is_reckoned_once_however_often_the_job_runs(town: Town) -> None:
    with frozen(OCTOBER):
        assert town.writing(lambda s: jobs.honours(house(s))) == "0 reckoned, 0 quarters published"
        with town.reading() as session:
            assert session.scalars(select(HonourQuarter)).all() == []
