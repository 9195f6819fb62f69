"""Family on file, records that become one and two again, and what is left when somebody is forgotten. On both
databases where rows are locked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.activities import actions, linked
from handlers.activities.actions import Member, Wish
from handlers.activities.mine import my_enrolments
from handlers.people import actions as people
from models.activities import ActivitySession, Enrolment
from models.activities_party import Companion
from models.activities_rules import Need
from tests.activities.plans import a_session, house, on_file, taken
from tests.activities.test_planning import with_rules
from tests.activities.test_waiting import does, kids, sound, state, with_family
from tests.neighbours import Phone, Town, frozen


@pytest.fixture(autouse=True)
def evening() -> Iterator[None]:
    with frozen("2026-11-20 20:00"):
        yield


def acts_for(town: Town, holder: Phone, ward: Phone) -> None:
    on_file(town, holder, "马秀兰", "13900000001")
    on_file(town, ward, "王德福", "13900000002")

    def unit(session: Session) -> None:
        code = people.issue_proxy_code(ward.actor(session))
        assert people.become_proxy(holder.actor(session), code) is not None

    town.writing(unit)


def test_a_daughter_signs_up_her_father_and_he_may_leave_alone(town: Town) -> None:
    number = with_family(town, a_session(town, capacity=3))
    daughter, father = town.phone("马秀兰"), town.phone("王德福")
    acts_for(town, daughter, father)

    def join(session: Session) -> str:
        wish = Wish(family=(Member(person=father.person(session), name="王德福"),))
        return actions.sign_up(daughter.actor(session), session.get_one(ActivitySession, number), wish).state

    assert town.writing(join) == "joined"
    assert (state(town, father, number), taken(town, number)) == ("joined", 2)
    assert "一共2个人" in father.says("我的活动")
    assert does(town, father, number, actions.leave) == "left"
    assert (state(town, daughter, number), taken(town, number)) == ("joined", 1)
    assert does(town, father, number, actions.sign_up) == "joined"
    assert does(town, daughter, number, actions.leave) == "left"
    assert (state(town, father, number), taken(town, number)) == ("joined", 1)
    sound(town)


def test_nobody_has_two_seats_by_being_signed_up_twice(town: Town) -> None:
    number = with_family(town, a_session(town, capacity=3))
    daughter, father = town.phone("马秀兰"), town.phone("王德福")
    acts_for(town, daughter, father)
    does(town, father, number, actions.sign_up)

    def join(session: Session) -> None:
        wish = Wish(family=(Member(person=father.person(session), name="王德福"),))
        actions.sign_up(daughter.actor(session), session.get_one(ActivitySession, number), wish)

    with pytest.raises(Exception, match="is_in_already"):
        town.writing(join)
    assert taken(town, number) == 1
    sound(town)


def test_two_records_with_families_become_one_party_and_two_again(town: Town) -> None:
    number = with_family(town, a_session(town, capacity=4))
    kept, gone = town.phone("马秀兰"), town.phone("马秀兰的小程序")
    does(town, kept, number, actions.sign_up, kids("小明"))
    does(town, gone, number, actions.sign_up, kids("小红"))
    does(town, town.phone("李大姐"), number, actions.wait)
    remembered = town.writing(lambda s: linked.merge(house(s), kept.person(s), gone.person(s)))
    assert state(town, town.phone("李大姐"), number) == "offered"
    assert taken(town, number) == 4
    sound(town)
    with town.reading() as session:
        assert len(set(session.scalars(select(Companion.enrolment_id)))) == 1
    town.writing(lambda s: linked.part(house(s), kept.person(s), gone.person(s), remembered))
    assert [state(town, who, number) for who in (kept, gone)] == ["joined", "joined"]
    assert taken(town, number) == 5
    sound(town)


def test_who_waited_and_had_a_seat_has_the_seat_and_the_number_again_when_parted(town: Town) -> None:
    number = with_family(town, a_session(town, capacity=2))
    kept, gone = town.phone("马秀兰"), town.phone("马秀兰的小程序")
    does(town, gone, number, actions.sign_up, kids("小红"))
    does(town, kept, number, actions.wait)
    remembered = town.writing(lambda s: linked.merge(house(s), kept.person(s), gone.person(s)))
    assert (state(town, kept, number), taken(town, number)) == ("joined", 2)
    sound(town)
    town.writing(lambda s: linked.part(house(s), kept.person(s), gone.person(s), remembered))
    assert [state(town, who, number) for who in (kept, gone)] == ["waiting", "joined"]
    assert taken(town, number) == 2
    sound(town)


def test_a_copy_names_family_form_and_papers_and_forgetting_leaves_nothing(sqlite_town: Town) -> None:
    town = sqlite_town
    number = with_family(town, a_session(town, capacity=2))
    with_rules(town, number, family=True, needs=[])
    ma, li = town.phone("马秀兰"), town.phone("李大姐")
    does(town, ma, number, actions.sign_up, kids("小明"))
    does(town, li, number, actions.wait, kids("小白"))
    with town.reading() as session:
        copy = my_enrolments(session, ma.person(session))
    assert copy["报名的活动"][0]["一起去的"] == "小明"
    town.writing(lambda s: actions.forget(house(s), ma.person(s)))
    assert state(town, li, number) == "offered"
    with town.reading() as session:
        assert [one.name for one in session.scalars(select(Companion))] == ["小白"]
        assert len(session.scalars(select(Enrolment)).all()) == 1
    sound(town)


def test_a_child_without_a_record_needs_no_paper_but_its_guardian(sqlite_town: Town) -> None:
    town = sqlite_town
    number = with_family(town, a_session(town, capacity=3))
    with_rules(town, number, family=True, needs=[Need("guardian")])
    ma = town.phone("马秀兰")
    only_child = Wish(comes=False, family=(Member(name="小明", child=True),))
    grown_up = Wish(comes=False, family=(Member(name="老王叔", child=False),))
    assert does(town, ma, number, actions.sign_up, grown_up) == "activities.needs_paper"
    assert does(town, ma, number, actions.sign_up, only_child) == "joined"
