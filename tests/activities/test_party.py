"""A party after it signed up: one more, one less; claimed by any grown-up of it; papers looked at again; one day off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.activities import actions
from handlers.activities.actions import Member, Wish, keep_paper
from handlers.activities.jobs import helpers, papers
from models.activities import ActivitySession, Enrolment
from models.activities_party import Companion
from models.activities_rules import Group, Need
from models.proxies import Proxy
from tests.activities.plans import a_session, house, on_file, taken
from tests.activities.test_families import acts_for
from tests.activities.test_planning import with_rules
from tests.activities.test_waiting import does, kids, sound, state, told, with_family
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor
from tests.races import at_once
from tests.staff.clerks import clerk


@pytest.fixture(autouse=True)
def evening() -> Iterator[None]:
    with frozen("2026-11-20 20:00"):
        yield


def more(town: Town, phone: Phone, number: int, *members: Member) -> str:
    return does(town, phone, number, lambda by, held: actions.add_to_party(by, held, members))


def less(town: Town, phone: Phone, number: int, name: str) -> str:
    """The companion with this name, or the one who signed up ("我")."""

    def step(by: object, held: ActivitySession) -> Enrolment:
        session = by.session  # type: ignore[attr-defined]
        mine = session.scalars(select(Enrolment).where(Enrolment.person_id == by.me.id)).one()  # type: ignore[attr-defined]
        along = session.scalars(select(Companion).where(Companion.enrolment_id == mine.id)).all()
        named = {one.id for one in along if one.name == name}
        own = {mine.id} if name == "我" else set()
        return actions.take_from_party(by, held, people=own, companions=named)  # type: ignore[arg-type]

    return does(town, phone, number, step)


def child(name: str) -> Member:
    return Member(name=name, child=True)


def test_one_more_comes_along_as_long_as_there_is_a_seat_and_one_less_frees_it(town: Town) -> None:
    number = with_family(town, a_session(town, capacity=3))
    ma, zhang = town.phone("马秀兰"), town.phone("张桂英")
    assert does(town, ma, number, actions.sign_up, kids("小明")) == "joined"
    assert more(town, ma, number, child("小红"), child("小刚")) == "activities.full", "both or neither"
    assert taken(town, number) == 2
    assert more(town, ma, number, child("小红")) == "joined"
    assert taken(town, number) == 3
    assert does(town, zhang, number, actions.wait) == "waiting"
    assert less(town, ma, number, "小明") == "joined"
    assert state(town, zhang, number) == "offered"
    assert less(town, ma, number, "我") == "joined", "who only signs up the child from now on"
    assert less(town, ma, number, "小红") == "activities.nobody_left"
    assert less(town, ma, number, "小明") == "activities.not_in_party"
    assert taken(town, number) == 2
    sound(town)


def test_two_parties_and_one_seat_at_once(town: Town) -> None:
    number = with_family(town, a_session(town, capacity=3))
    phones = town.phone("马秀兰"), town.phone("张桂英")
    for phone in phones:
        assert does(town, phone, number, actions.sign_up) == "joined"
    results = at_once([lambda p=phone: more(town, p, number, child("小明")) for phone in phones])
    assert sorted(results) == ["activities.full", "joined"]
    assert taken(town, number) == 3
    sound(town)


def test_who_waits_keeps_the_place_in_the_line(sqlite_town: Town) -> None:
    town = sqlite_town
    number = with_family(town, a_session(town, capacity=2))
    first, ma, han = (town.phone(name) for name in ("才让卓玛", "马秀兰", "韩世杰"))
    assert does(town, first, number, actions.sign_up, kids("小明")) == "joined"
    assert does(town, ma, number, actions.wait) == "waiting"
    assert does(town, han, number, actions.wait) == "waiting"
    assert more(town, ma, number, child("小红")) == "waiting"
    assert more(town, ma, number, child("小刚")) == "activities.never_fits"
    assert does(town, first, number, actions.leave) == "left"
    assert state(town, ma, number) == "offered"
    assert state(town, han, number) == "waiting"
    assert less(town, ma, number, "小红") == "offered"
    assert state(town, han, number) == "offered"
    sound(town)


def with_groups(town: Town, number: int, *groups: Group, **rules: object) -> int:
    """Another time of this activity, with seats of these groups."""
    with_rules(town, with_family(town, number), groups=list(groups), **rules)

    def unit(session: Session) -> int:
        held = session.get_one(ActivitySession, number)
        again = actions.plan_session(house(session), held.activity, starts=held.starts, ends=held.ends)
        session.flush()
        return again.id

    return town.writing(unit)


def test_groups_stay_right(sqlite_town: Town) -> None:
    groups = [Group("kids", "儿童", 1, minors=True), Group("big", "家长", 3)]
    number = with_groups(sqlite_town, a_session(sqlite_town), *groups)
    ma = sqlite_town.phone("马秀兰")
    assert does(sqlite_town, ma, number, actions.sign_up, kids("小明")) == "joined"
    assert more(sqlite_town, ma, number, child("小红")) == "activities.full"
    assert more(sqlite_town, ma, number, Member(name="王德福")) == "joined"
    assert less(sqlite_town, ma, number, "小明") == "joined"
    assert more(sqlite_town, ma, number, child("小红")) == "joined"
    sound(sqlite_town)


def test_on_the_page_somebody_is_added_and_stays_at_home(sqlite_town: Town) -> None:
    number = with_family(sqlite_town, a_session(sqlite_town, capacity=3))
    ma = sqlite_town.phone("马秀兰")
    does(sqlite_town, ma, number, actions.sign_up)
    page = Visitor(sqlite_town, ma).opens(f"/h5/activities/{number}").taps("加人")
    page.presses("加上", name="小明", child="1")
    assert "小明" in page.words
    assert taken(sqlite_town, number) == 2
    page.presses("加上", name="1")
    assert page.status == 409
    page.opens(f"/h5/activities/{number}/party")
    page.presses("让出名额")
    assert taken(sqlite_town, number) == 1
    sound(sqlite_town)


def test_a_stranger_changes_nobodys_party(sqlite_town: Town) -> None:
    number = with_family(sqlite_town, a_session(sqlite_town, capacity=3))
    ma = sqlite_town.phone("马秀兰")
    does(sqlite_town, ma, number, actions.sign_up, kids("小明"))
    stranger = Visitor(sqlite_town, sqlite_town.phone("路人"))
    assert stranger.opens(f"/h5/activities/{number}/party").status == 404
    assert stranger.sends(f"/h5/activities/{number}/party/more", name="小红", once="1").status == 404
    assert stranger.sends(f"/h5/activities/{number}/party/fewer", who="companion:1", once="1").status == 404
    other = sqlite_town.phone("张桂英")
    does(sqlite_town, other, number, actions.sign_up)
    assert less(sqlite_town, other, number, "小明") == "activities.not_in_party"
    page = Visitor(sqlite_town, other)
    for key in ("1", "²", "9" * 30, "9" * 5000):
        page.sends(f"/h5/activities/{number}/party/fewer", who=f"companion:{key}", once=f"once-{key[:20]}")
        assert page.status == 409
    assert taken(sqlite_town, number) == 3


# ---- who may claim ---------------------------------------------------------------------------------------------------


def offered_family(town: Town) -> tuple[int, Phone, Phone]:
    """A daughter and her father wait together and are offered their seats."""
    number = with_family(town, a_session(town, capacity=2))
    first, daughter, father = (town.phone(name) for name in ("才让卓玛", "马秀兰", "王德福"))
    acts_for(town, daughter, father)
    assert does(town, first, number, actions.sign_up, kids("小明")) == "joined"

    def wait(session: Session) -> str:
        wish = Wish(family=(Member(person=father.person(session), name="王德福"),))
        return actions.wait(daughter.actor(session), session.get_one(ActivitySession, number), wish).state

    assert town.writing(wait) == "waiting"
    assert does(town, first, number, actions.leave) == "left"
    return number, daughter, father


def test_a_grown_up_on_file_claims_for_the_whole_party(town: Town) -> None:
    number, daughter, father = offered_family(town)
    page = Visitor(town, father).opens(f"/h5/activities/{number}")
    assert "是马秀兰报的名" in page.words
    assert does(town, father, number, actions.claim) == "joined"
    assert (state(town, daughter, number), state(town, father, number)) == ("joined", "joined")
    assert told(town, "claimed") == 1
    sound(town)


def test_a_child_is_told_who_can(sqlite_town: Town) -> None:
    number, _, father = offered_family(sqlite_town)

    def make_ward(session: Session) -> None:
        proxy = session.scalars(select(Proxy)).one()
        proxy.kind = "guardian"

    sqlite_town.writing(make_ward)
    assert does(sqlite_town, father, number, actions.claim) == "activities.not_the_head"
    assert state(sqlite_town, father, number) == "offered"


# ---- papers and helpers ----------------------------------------------------------------------------------------------


def test_a_paper_that_ended_meanwhile_stops_the_claim_and_is_told_before_the_day(sqlite_town: Town) -> None:
    town, number = sqlite_town, a_session(sqlite_town, capacity=1)
    ma, zhang = town.phone("马秀兰"), town.phone("张桂英")

    def until(phone: Phone, day: date) -> None:
        town.writing(lambda s: keep_paper(house(s), phone.actor(s).me, "clearance", valid_until=day) and None)

    with_rules(town, number, needs=[Need("clearance")])
    for phone in (ma, zhang):
        until(phone, date(2026, 12, 31))
    assert does(town, ma, number, actions.sign_up) == "joined"
    assert does(town, zhang, number, actions.wait) == "waiting"
    until(zhang, date(2026, 11, 21))
    does(town, ma, number, actions.leave)
    assert does(town, zhang, number, actions.claim) == "activities.needs_paper"
    assert town.writing(lambda s: papers(house(s))).startswith("1 places")
    town.writing(lambda s: papers(house(s)))
    assert told(town, "paper_ended") == 1
    desk = clerk(town, "desk")
    assert "河道清洁缺无犯罪记录证明" in desk.opens("/console/").text
    until(zhang, date(2026, 12, 31))
    assert does(town, zhang, number, actions.claim) == "joined"
    assert town.writing(lambda s: papers(house(s))).startswith("0 places")


def test_by_noon_the_leader_hears_that_helpers_are_few(sqlite_town: Town) -> None:
    leader = sqlite_town.phone("才老师")
    plain = a_session(sqlite_town, starts="2026-11-23 16:30", leader=leader)
    groups = [Group("kids", "儿童", 10, minors=True), Group("help", "老师", 2, helps=True)]
    number = with_groups(sqlite_town, plain, *groups, ratio=1)
    ma = sqlite_town.phone("马秀兰")
    wish = Wish(comes=False, family=(child("小明"), child("小红")))
    assert does(sqlite_town, ma, number, actions.sign_up, wish) == "joined"
    with frozen("2026-11-23 11:00"):
        assert sqlite_town.writing(lambda s: helpers(house(s))).startswith("1 ")
        sqlite_town.writing(lambda s: helpers(house(s)))
    assert told(sqlite_town, "few_helpers") == 1


def test_a_seat_is_given_up_for_today_only(sqlite_town: Town) -> None:
    town = sqlite_town
    ma, zhang = town.phone("马秀兰"), town.phone("张桂英")
    today = a_session(town, "四点半课堂", "2026-11-23 16:30", capacity=1)
    tomorrow = a_session(town, "四点半课堂", "2026-11-24 16:30", capacity=1)
    for number in (today, tomorrow):
        does(town, ma, number, actions.sign_up)
        does(town, zhang, number, actions.wait)
    assert "今天没有您报名" in ma.says("今天不来")
    with frozen("2026-11-23 12:00"):
        assert "名额只让今天这一次" in ma.says("今天不来")
        ma.says("1")
        assert state(town, ma, today) == "left"
        assert state(town, zhang, today) == "offered"
        assert state(town, ma, tomorrow) == "joined"
    sound(town)


def test_helpers_see_pupils_only_during_their_shift(sqlite_town: Town) -> None:
    leader = sqlite_town.phone("才老师")
    number = with_family(sqlite_town, a_session(sqlite_town, starts="2026-11-23 16:30", leader=leader))
    with_rules(
        sqlite_town,
        number,
        groups=[Group("kids", "儿童", 4, minors=True), Group("help", "老师", 1, helps=True)],
    )
    ma = sqlite_town.phone("马秀兰")
    on_file(sqlite_town, ma)
    does(sqlite_town, ma, number, actions.sign_up, Wish(comes=False, family=(child("小明明"),)))
    for at, seen in (("15:59", False), ("16:00", True), ("18:59", True), ("19:01", False)):
        with frozen(f"2026-11-23 {at}"):
            page = Visitor(sqlite_town, leader).opens(f"/h5/leading/{number}")
            assert ("小*明" in page.words) == seen, at
