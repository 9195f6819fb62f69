"""The waiting list: who is next, offers that end, families that stay together; what races runs on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.activities import actions
from handlers.activities.actions import Member, Wish
from handlers.programmes.actions import install_rows
from models.activities import Activity, ActivitySession, Enrolment
from models.activities_line import broken_lines, place_in_line
from models.activities_seats import wrong_counts
from models.identity import Actor
from models.outbox import OutboxRow
from models.programmes import Programme
from models.refusal import Refusal
from tests.activities.plans import a_session, house, taken
from tests.neighbours import Phone, Town, frozen
from tests.races import at_once

EVE = "2026-11-20 20:00"
FAR = "2035-01-08 09:00"


def does(town: Town, phone: Phone, number: int, step: Callable[..., Enrolment], *more: object) -> str:
    """The state that it led to, or the code of the refusal."""

    def unit(session: Session) -> str:
        return step(phone.actor(session), session.get_one(ActivitySession, number), *more).state

    try:
        return town.writing(unit)
    except Refusal as why:
        return why.code


def with_family(town: Town, number: int, **rules: object) -> int:
    def unit(session: Session) -> None:
        activity = session.get_one(ActivitySession, number).activity
        activity.family = True
        for name, value in rules.items():
            setattr(activity, name, value)

    town.writing(unit)
    return number


def kids(*names: str) -> Wish:
    return Wish(family=tuple(Member(name=name, child=True) for name in names))


def told(town: Town, kind: str) -> int:
    with town.reading() as session:
        return len(session.scalars(select(OutboxRow.id).where(OutboxRow.kind == f"activities.{kind}")).all())


def state(town: Town, phone: Phone, number: int) -> str:
    with town.reading() as session:
        mine = Enrolment.session_id == number, Enrolment.person_id == phone.person(session).id
        return session.scalars(select(Enrolment.state).where(*mine)).one()


def sound(town: Town) -> None:
    with town.reading() as session:
        assert [*wrong_counts(session), *broken_lines(session)] == []


def test_ten_leave_at_once_and_ten_are_offered_a_seat_each(town: Town) -> None:
    number = a_session(town, starts=FAR, capacity=5)
    phones = [town.phone(f"邻居{n}") for n in range(12)]
    town.writing(lambda session: [phone.actor(session) for phone in phones] and None)
    for phone in phones:
        does(town, phone, number, actions.wait)
    at_once([lambda phone=phone: does(town, phone, number, actions.leave) for phone in phones[:5]])
    assert [state(town, phone, number) for phone in phones[5:]] == ["offered"] * 5 + ["waiting"] * 2
    assert told(town, "offered") == 5
    assert taken(town, number) == 5
    sound(town)


def test_one_offer_claimed_and_refused_at_once_is_one_thing(town: Town) -> None:
    number = a_session(town, starts=FAR, capacity=1)
    first, second = town.phone("马秀兰"), town.phone("张桂英")
    does(town, first, number, actions.wait)
    does(town, second, number, actions.wait)
    does(town, first, number, actions.leave)
    at_once(
        [
            lambda: does(town, second, number, actions.claim),
            lambda: does(town, second, number, actions.leave),
        ]
    )
    assert state(town, second, number) == "left"
    assert taken(town, number) == 0
    sound(town)


def test_a_freed_seat_goes_to_the_first_that_fits_and_the_family_stays_first(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE):
        number = with_family(town, a_session(town, capacity=3))
        pair, single, family, later = (town.phone(name) for name in ("马秀兰", "张桂英", "韩梅", "李大姐"))
        assert does(town, pair, number, actions.sign_up, kids("小明")) == "joined"
        assert does(town, single, number, actions.sign_up) == "joined"
        assert does(town, family, number, actions.wait, kids("小红")) == "waiting"
        assert does(town, later, number, actions.wait) == "waiting"
        does(town, single, number, actions.leave)
        assert (state(town, family, number), state(town, later, number)) == ("waiting", "offered")
        does(town, pair, number, actions.leave)
        assert state(town, family, number) == "offered"
        assert taken(town, number) == 3
        sound(town)


def test_an_offer_runs_out_goes_on_and_does_not_queue_again(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE) as clock:
        number = a_session(town, capacity=1)
        first, second, third = (town.phone(name) for name in ("马秀兰", "张桂英", "韩梅"))
        for phone in (first, second, third):
            does(town, phone, number, actions.wait)
        does(town, first, number, actions.leave)
        assert does(town, town.phone("路人"), number, actions.claim) == "activities.no_offer"
        clock.shift(timedelta(hours=12, minutes=1))
        assert does(town, second, number, actions.claim) == "activities.offer_gone"
        assert town.writing(lambda s: actions.end_offers(house(s))) == 1
        assert [state(town, one, number) for one in (second, third)] == ["left", "offered"]
        assert told(town, "offer_over") == 1
        assert does(town, third, number, actions.claim) == "joined"
        assert does(town, third, number, actions.leave) == "left"
        assert does(town, second, number, actions.wait) == "joined"
        sound(town)


def test_nothing_is_offered_after_the_start_and_who_waits_is_told(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen("2026-11-23 08:00") as clock:
        number = a_session(town, capacity=1)
        first, second = town.phone("马秀兰"), town.phone("张桂英")
        does(town, first, number, actions.wait)
        does(town, second, number, actions.wait)
        clock.shift(timedelta(hours=1))
        town.writing(lambda s: actions.forget(house(s), first.person(s)))
        assert state(town, second, number) == "waiting"
        assert town.writing(lambda s: actions.end_queues(house(s))) == 1
        assert (state(town, second, number), told(town, "line_over")) == ("left", 1)
        assert told(town, "offered") == 0


def test_an_offer_shortly_before_the_start_ends_before_it(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen("2026-11-23 08:50"):
        number = a_session(town, capacity=1)
        first, second = town.phone("马秀兰"), town.phone("张桂英")
        does(town, first, number, actions.wait)
        does(town, second, number, actions.wait)
        does(town, first, number, actions.leave)
        with town.reading() as session:
            held = session.get_one(ActivitySession, number)
            assert session.scalars(
                select(Enrolment.offered_until).where(Enrolment.state == "offered")
            ).one() == (held.starts)
        sound(town)


def test_leaving_the_line_by_oneself_closes_the_gap(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE):
        number = a_session(town, capacity=1)
        phones = [town.phone(name) for name in ("马秀兰", "张桂英", "韩梅")]
        for phone in phones:
            does(town, phone, number, actions.wait)
        assert does(town, phones[1], number, actions.leave) == "left"
        with town.reading() as session:
            last = session.scalars(select(Enrolment).where(Enrolment.state == "waiting")).one()
            assert place_in_line(session, last) == 1


def test_a_family_is_all_or_nobody(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE):
        number = with_family(town, a_session(town, capacity=2))
        ma = town.phone("马秀兰")
        assert does(town, ma, number, actions.sign_up, kids("小明", "小红")) == "activities.full"
        assert taken(town, number) == 0
        assert does(town, ma, number, actions.wait, kids("小明", "小红")) == "activities.never_fits"
        assert does(town, ma, number, actions.sign_up, kids("小明")) == "joined"
        assert taken(town, number) == 2
        assert does(town, ma, number, actions.leave) == "left"
        assert taken(town, number) == 0
        sound(town)


def test_a_parent_signs_up_a_child_and_takes_no_seat(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE):
        number = with_family(town, a_session(town, capacity=1))
        ma = town.phone("马秀兰")
        only_child = Wish(comes=False, family=(Member(name="小明", child=True),))
        assert does(town, ma, number, actions.sign_up, only_child) == "joined"
        assert taken(town, number) == 1
        assert does(town, town.phone("张桂英"), number, actions.sign_up, Wish(comes=False)) == (
            "activities.no_family"
        )
        sound(town)


def test_groups_have_seats_of_their_own(sqlite_town: Town) -> None:
    town = sqlite_town
    groups = [
        {"key": "child", "name": "儿童", "seats": 1, "minors": True, "helps": False},
        {"key": "parent", "name": "家长", "seats": 3, "minors": False, "helps": False},
    ]
    with frozen(EVE):
        first = with_family(town, a_session(town, capacity=9), groups=groups)

        def again(session: Session) -> int:
            held = session.get_one(ActivitySession, first)
            starts = held.starts + timedelta(days=1)
            return actions.plan_session(
                house(session), held.activity, starts=starts, ends=starts + timedelta(hours=2)
            ).id

        number = town.writing(again)
        ma, zhang = town.phone("马秀兰"), town.phone("张桂英")
        assert does(town, ma, number, actions.sign_up, kids("小明")) == "joined"
        assert does(town, zhang, number, actions.sign_up, kids("小红")) == "activities.full"
        assert does(town, zhang, number, actions.wait, kids("小红", "小白")) == "activities.never_fits"
        assert does(town, zhang, number, actions.wait, kids("小红")) == "waiting"
        assert does(town, town.phone("韩梅"), number, actions.sign_up, Wish(group="child")) == (
            "activities.bad_group"
        )
        does(town, ma, number, actions.leave)
        assert state(town, zhang, number) == "offered"
        sound(town)


def test_who_waits_is_dropped_by_a_stranger_never(sqlite_town: Town) -> None:
    """A member of another family on file needs their consent."""
    town = sqlite_town
    with frozen(EVE):
        number = with_family(town, a_session(town, capacity=3))
        stranger = town.phone("路人")

        def unit(session: Session) -> None:
            other = town.phone("张桂英").actor(session).me
            by: Actor = stranger.actor(session)
            actions.sign_up(
                by, session.get_one(ActivitySession, number), Wish(family=(Member(person=other),))
            )

        with pytest.raises(Refusal, match="not_family"):
            town.writing(unit)
        assert taken(town, number) == 0


def test_an_activity_of_a_switched_off_engine_is_nowhere(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE):
        number = a_session(town)

        def unit(session: Session) -> None:
            install_rows(session)
            session.scalars(select(Activity)).one().programme = "growth"
            session.scalars(select(Programme).where(Programme.code == "growth")).one().engines_off = ["M3"]

        assert "河道清洁" in town.phone("马秀兰").says("活动报名")
        town.writing(unit)
        assert "眼下没有能报名的活动" in town.phone("张桂英").says("活动报名")
        assert does(town, town.phone("张桂英"), number, actions.sign_up) == "activities.not_listed"
