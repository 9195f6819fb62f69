"""Whom a broadcast finds, by which road each of them is reached, and what that uses up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.broadcasts import actions, audience
from handlers.broadcasts.planner import Plan, plan
from handlers.people.consents import withdraw_consent
from handlers.people.rights import forget_person
from models.activities import Activity, ActivitySession, Enrolment
from models.broadcasts import ROADS, Broadcast, BroadcastCall, BroadcastRecipient
from models.grants import allow
from models.identity import Actor, Identity, Person
from models.means import USUAL, Means
from models.outbox import OutboxRow
from models.places import Grid
from models.programmes import programmes
from models.refusal import Refusal
from models.topics import TopicChoice
from tests.broadcasts.crowd import settle
from tests.broadcasts.planning import approve, approved, notice, place, proposed, resident, writer
from tests.chaos.conftest import size
from tests.neighbours import Town, frozen

POSTS = Means(mass=(), posts=("oa:main",))


def names_of(session: Session, row: Broadcast) -> dict[str, str]:
    """Who is in the frozen audience, and their road."""
    rows = select(BroadcastRecipient).where(BroadcastRecipient.broadcast_id == row.id)
    return {one.person.name or "": one.road for one in session.scalars(rows) if one.person}


def found_by(session: Session, **spec: Any) -> set[str]:
    row = actions.draft(writer(session), notice(session), audience=spec)
    session.flush()
    people = session.scalars(select(Person).where(Person.id.in_(audience.audience_of(session, row))))
    return {one.name or "" for one in people}


def planned(session: Session, means: Means = USUAL, **how: Any) -> Plan:
    row = actions.draft(writer(session), notice(session), **how)
    session.flush()
    return plan(session, row, means)


@pytest.fixture
def street(sqlite_town: Town) -> Town:
    """Two buildings; 王磊 lives in the second and 才让卓玛 has a unit of her own in the first."""

    def unit(session: Session) -> None:
        grid = Grid(name="第一网格", worker="马网格")
        session.add(grid)
        session.flush()
        estate = place(session, "estate", "东府佳苑", place(session, "committee", "互助中路"))
        three = place(session, "building", "3号楼", estate, grid_id=grid.id)
        unit_one = place(session, "unit", "1单元", three)
        five = place(session, "building", "5号楼", estate)
        resident(session, "马秀兰", three)
        resident(session, "才让卓玛", unit_one)
        resident(session, "王磊", five)

    sqlite_town.writing(unit)
    return sqlite_town


# ---- whom ------------------------------------------------------------------------------------------------------------


def test_a_building_means_all_who_live_in_it_and_a_grid_all_its_buildings(street: Town) -> None:
    def unit(session: Session) -> None:
        assert found_by(session, places=[3]) == {"马秀兰", "才让卓玛"}
        assert found_by(session, grids=[1]) == {"马秀兰", "才让卓玛"}
        assert found_by(session, places=[4, 5]) == {"才让卓玛", "王磊"}
        assert found_by(session, grids=[1], places=[5]) == set()

    street.writing(unit)


def test_a_programme_means_who_has_signed_up_and_not_left(street: Town) -> None:
    def unit(session: Session) -> None:
        code = session.scalars(programmes()).first()
        assert code is not None
        activity = Activity(title="太极", sentence="一起练", programme=code.code, place="广场")
        starts = clock.now() + timedelta(days=1)
        held = ActivitySession(activity=activity, starts=starts, ends=starts + timedelta(hours=1), capacity=9)
        session.add(held)
        session.flush()
        session.add_all(
            [
                Enrolment(session_id=held.id, person_id=1, state="joined"),
                Enrolment(session_id=held.id, person_id=3, state="left"),
            ]
        )
        session.flush()
        assert found_by(session, programmes=[code.code]) == {"马秀兰"}

    street.seed("programmes")
    street.writing(
        lambda session: [f.essentials(session) for f in street.site.house.features if f.essentials]
    )
    street.writing(unit)


def test_who_is_not_asked_for_who_does_not_want_it_and_who_is_gone_get_nothing(street: Town) -> None:
    def unit(session: Session) -> None:
        resident(session, "没同意", purposes=("service",))
        left = resident(session, "走了的")
        left.erased_at = clock.now()
        joined = resident(session, "并掉的")
        joined.merged_into_id = 1
        session.add(TopicChoice(person_id=1, topic="停水停电"))
        withdraw_consent(Actor(session, session.get_one(Person, 3), channel="chat"), "notices")
        session.flush()
        assert found_by(session, everybody=True) == {"才让卓玛"}

    street.writing(unit)


def test_what_is_urgent_goes_to_who_does_not_want_the_topic_too(street: Town) -> None:
    def unit(session: Session) -> None:
        session.add(TopicChoice(person_id=1, topic="停水停电"))
        assert len(names_of(session, approved(session, urgent=True))) == 3

    street.writing(unit)


def test_a_follower_who_never_joined_gets_only_what_the_account_sends_to_its_followers(street: Town) -> None:
    def unit(session: Session) -> None:
        stranger = Identity(kind="oa", app="oa:main", openid="o-stranger", person=Person(), following=True)
        stranger.spoke_at = clock.now()
        session.add(stranger)
        session.flush()
        assert names_of(session, approved(session))[""] == "mass"
        assert "" not in names_of(session, approved(session, roads=("custom", "paper")))

    street.writing(unit)


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({}, "broadcasts.for_nobody"),
        ({"places": []}, "broadcasts.for_nobody"),
        ({"tags": [99]}, "broadcasts.unknown_audience"),
        ({"programmes": ["recovery"]}, "broadcasts.unknown_audience"),
    ],
)
def test_an_audience_that_names_nobody_or_something_unknown_is_refused(
    street: Town, spec: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as why:
        street.writing(lambda session: actions.draft(writer(session), notice(session), audience=spec))
    assert why.value.code == code


def test_a_correction_goes_to_exactly_those_who_may_have_got_it_readers_first(street: Town) -> None:
    def unit(session: Session) -> None:
        wrong = approved(session, audience={"places": [2]})
        rows = list(session.scalars(select(BroadcastRecipient).order_by(BroadcastRecipient.id)))
        for one, settled in zip(rows, ("submitted", "failed", "submitted"), strict=True):
            one.settled_as = settled
        rows[2].read_at = clock.now()
        session.add(TopicChoice(person_id=1, topic="停水停电"))
        session.flush()
        right = approved(session, corrects=wrong)
        mine = select(BroadcastRecipient).where(BroadcastRecipient.broadcast_id == right.id)
        people = session.scalars(mine.order_by(BroadcastRecipient.position))
        assert [one.person.name for one in people if one.person] == ["王磊", "马秀兰"]

    street.writing(unit)


# ---- by which road ---------------------------------------------------------------------------------------------------


def test_each_goes_by_the_best_road_that_is_open(street: Town) -> None:
    def unit(session: Session) -> None:
        home = session.get_one(Person, 1).place
        spoke = resident(session, "说过话", home, spoke=True)
        granted = resident(session, "订阅了", home)
        allow(session, granted.identities[0].id, "t1", "popup", lasting=False, at=clock.now())
        resident(session, "没微信", home, follows=None)
        resident(session, "没地址也没微信", None, follows=None)
        roads = names_of(session, approved(session))
        assert roads["说过话"] == "custom"
        assert roads["订阅了"] == "notice"
        assert roads["马秀兰"] == "mass"
        assert roads["没微信"] == "paper"
        assert "没地址也没微信" not in roads
        assert spoke.id

    street.writing(unit)


def test_the_last_message_of_a_window_is_kept_for_an_answer(street: Town) -> None:
    def unit(session: Session) -> None:
        person = resident(session, "说过话", spoke=True)
        for number in range(4):
            sent = OutboxRow(once=f"o{number}", kind="desk.reply", person_id=person.id, facts={})
            sent.road, sent.state, sent.first_sent_at = "custom", "submitted", clock.now()
            session.add(sent)
        session.flush()
        assert names_of(session, approved(session))["说过话"] == "mass"

    with frozen("2026-11-23 10:00"):
        street.writing(unit)


def test_a_window_that_closes_before_it_begins_is_no_road(street: Town) -> None:
    def unit(session: Session) -> None:
        resident(session, "说过话", spoke=True)
        row = proposed(session, send_at=clock.now() + timedelta(hours=48))
        assert names_of(session, approve(session, row))["说过话"] == "mass"

    with frozen("2026-11-23 10:00"):
        street.writing(unit)


def test_four_mass_messages_in_a_calendar_month_are_all(street: Town) -> None:
    with frozen("2026-11-23 10:00"):
        for _ in range(4):
            street.writing(approved)
        fifth = street.writing(planned)
        assert fifth.month is not None
        assert (fifth.month.most, fifth.month.left, fifth.month.full) == (4, 0, 3)
        assert (fifth.people_by("mass"), fifth.people_by("paper")) == (0, 3)
    with frozen("2026-12-01 10:00"):
        assert street.writing(planned).people_by("mass") == 3


def test_a_mass_message_to_one_is_none(street: Town) -> None:
    one = street.writing(lambda session: planned(session, audience={"places": [5]}))
    assert (one.people_by("mass"), one.people_by("paper")) == (0, 1)


def test_an_account_that_writes_to_all_or_none_is_used_only_when_all_are_meant_and_once_a_day(
    street: Town,
) -> None:
    with frozen("2026-11-26 10:00"):  # what is planned in quiet hours is a call of tomorrow
        everybody = street.writing(lambda session: planned(session, POSTS))
        assert everybody.people_by("mass") == 3
        (mass,) = (line for line in everybody.lines if line.road == "mass")
        assert (mass.calls, mass.left) == (1, 1), "not the hundred calls of an account that names its readers"
        some = street.writing(lambda session: planned(session, POSTS, audience={"places": [3]}))
        assert some.people_by("mass") == 0
        assert some.posts[0].left_out == 1

        def spend(session: Session) -> None:
            row = approved(session, means=POSTS)
            call = BroadcastCall(
                broadcast_id=row.id, number=1, kind="mass_all", app="oa:main", state="submitted"
            )
            session.add(call)

        street.writing(spend)
        again = street.writing(lambda session: planned(session, POSTS))
        assert (again.posts[0].used, again.people_by("mass")) == (1, 0)


def test_paper_that_nobody_chose_leaves_people_unreached_and_says_so(street: Town) -> None:
    def unit(session: Session) -> None:
        resident(session, "没微信", session.get_one(Person, 1).place, follows=None)
        without = planned(session, roads=[road for road in ROADS if road != "paper"])
        assert (without.reached, without.unreached, without.meant) == (3, 1, 4)
        with_paper = planned(session)
        assert with_paper.doors == [("第一网格", 1)]

    street.writing(unit)


# ---- how much and how long -------------------------------------------------------------------------------------------


def test_more_calls_than_the_day_has_left_take_more_days(
    street: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handlers.broadcasts.planner import Line

    assert Line("custom", 20_431, 20_431, used=491_000, limit=500_000).days == 2
    assert Line("custom", 9_000, 9_000, used=491_000, limit=500_000).days == 1
    assert Line("mass", 40_000, 4, used=98, limit=100).left == 2


def test_the_plan_says_when_the_night_interrupts_it(street: Town) -> None:
    slow = Means(per_second=1)
    with frozen("2026-11-23 20:50"):
        street.writing(lambda session: [resident(session, f"居民{n}", spoke=True) for n in range(400)])
        found = street.writing(lambda session: planned(session, slow))
        assert found.seconds >= 400
        assert found.rests_at == clock.at(clock.today(), slow.quiet_from)
        assert street.writing(lambda session: planned(session, slow, urgent=True)).rests_at is None


@pytest.mark.heavy
def test_an_audience_of_thousands_is_counted_planned_and_fixed_quickly(town: Town) -> None:
    """In full 50,000; the shares are those of tests/broadcasts/crowd.py."""
    people = size(50_000)

    def approving(session: Session) -> Broadcast:
        return approve(session, session.get_one(Broadcast, number))

    with frozen("2026-11-23 10:00"):
        town.writing(lambda session: settle(session, people))
        number = town.writing(lambda session: proposed(session).id)
        with town.reading() as session:
            row = session.get_one(Broadcast, number)
            counted = audience.count_of(session, row)
            assert counted.total == people - people // 25
            assert plan(session, row, USUAL).reached == counted.total
        town.writing(approving)
    with town.reading() as session:
        frozen_ones = session.scalars(select(BroadcastRecipient.road)).all()
        assert len(frozen_ones) == counted.total


# ---- rows of people --------------------------------------------------------------------------------------------------


def test_forgetting_somebody_leaves_the_count_and_no_name(street: Town) -> None:
    def unit(session: Session) -> None:
        row = approved(session)
        forget_person(writer(session), session.get_one(Person, 1))
        session.expire_all()
        rows = session.scalars(
            select(BroadcastRecipient).where(BroadcastRecipient.broadcast_id == row.id)
        ).all()
        assert sorted((one.person_id or 0, one.state) for one in rows) == [
            (0, "cancelled"),
            (2, "queued"),
            (3, "queued"),
        ]

    street.writing(unit)


def test_two_records_of_one_person_share_their_broadcasts_and_get_them_back(street: Town) -> None:
    feature = next(one for one in street.site.house.features if one.name == "broadcasts")
    merge, part, export = feature.merge, feature.part, feature.export
    assert merge is not None
    assert part is not None
    assert export is not None

    def told(session: Session, number: int) -> int:
        return len(export(session, session.get_one(Person, number))["发给您的通知"])

    def unit(session: Session) -> None:
        approved(session, audience={"places": [3]})
        approved(session, audience={"places": [2]})
        by, kept, gone = writer(session), session.get_one(Person, 3), session.get_one(Person, 1)
        remembered = merge(by, kept, gone)
        assert (told(session, 3), told(session, 1)) == (2, 1)
        part(by, kept, gone, remembered)
        assert (told(session, 3), told(session, 1)) == (1, 2)

    street.writing(unit)
