"""接孩子: a list that the guardian keeps, a code that changes each day, nobody else takes a child along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.activities import rights
from handlers.activities.mine import my_enrolments
from models.activities import ActivitySession
from models.activities_rules import Group
from models.collectors import Collector, code_of
from models.identity import Person
from models.outbox import OutboxRow
from models.passes import digits_of
from models.proxies import Proxy
from models.volunteers import Attendance
from tests.activities.plans import a_session, house, on_file
from tests.activities.test_planning import with_rules
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor
from tests.staff.clerks import audited
from tests.volunteers.test_actions import known, tick

HALF_PAST_FOUR = "2026-11-23 16:30"


@pytest.fixture
def afternoon() -> Iterator[Any]:
    with frozen(HALF_PAST_FOUR) as time:
        yield time


@pytest.fixture
def mother(sqlite_town: Town, afternoon: Any) -> Phone:
    phone = sqlite_town.phone("马秀兰")
    on_file(sqlite_town, phone)
    return phone


@pytest.fixture
def child(sqlite_town: Town, mother: Phone) -> Phone:
    """On file, with the mother as guardian."""
    phone = sqlite_town.phone("小明明")
    on_file(sqlite_town, phone, "马小明", "13900000001")

    def unit(session: Session) -> None:
        ward, holder = phone.person(session), mother.person(session)
        session.add(Proxy(kind="guardian", how="desk", holder_id=holder.id, ward_id=ward.id))

    sqlite_town.writing(unit)
    return phone


@pytest.fixture
def teacher(sqlite_town: Town, afternoon: Any) -> Phone:
    return known(sqlite_town, "才老师")


@pytest.fixture
def lesson(sqlite_town: Town, child: Phone, teacher: Phone) -> int:
    number = a_session(sqlite_town, "四点半课堂", HALF_PAST_FOUR, leader=teacher, capacity=9)
    groups = [Group("kids", "儿童", 8, minors=True), Group("help", "老师", 1, helps=True)]
    with_rules(sqlite_town, number, groups=groups)
    return number


def told(town: Town, key: str) -> list[dict[str, Any]]:
    with town.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == f"volunteers.{key}"))
        return [row.facts for row in rows]


def number_of(town: Town, phone: Phone) -> int:
    with town.reading() as session:
        return phone.person(session).id


def todays_code(town: Town, child: Phone) -> str:
    with town.reading() as session:
        return code_of(child.person(session), clock.today())


def still_in(town: Town) -> bool:
    with town.reading() as session:
        return session.scalar(select(Attendance.id).where(Attendance.left_at.is_(None))) is not None


def names_grandmother(town: Town, mother: Phone, child: Phone) -> int:
    page = Visitor(town, mother).opens("/h5/collectors")
    page.presses("加上", name="王桂兰", tail="13900000777", agreed="1")
    assert "王桂兰 手机尾号0777" in page.words
    with town.reading() as session:
        return session.scalars(select(Collector.id)).one()


def test_the_guardian_hears_that_the_child_came_and_who_took_it_along(
    sqlite_town: Town, mother: Phone, child: Phone, teacher: Phone, lesson: int
) -> None:
    grandmother = names_grandmother(sqlite_town, mother, child)
    assert tick(sqlite_town, child, lesson, "in") == "in"
    assert told(sqlite_town, "arrived")[0]["child"] == "马小明"
    page = Visitor(sqlite_town, teacher).opens(f"/h5/leading/{lesson}").taps("接孩子")
    assert "王桂兰 尾号0777" in page.words
    who = number_of(sqlite_town, child)
    page.sends(f"/h5/leading/{lesson}/pick-up", child=who, collector=grandmother, once="1")
    assert "接走了" in page.words
    assert not still_in(sqlite_town)
    assert told(sqlite_town, "collected")[0]["who"] == "王桂兰"
    page.sends(f"/h5/leading/{lesson}/pick-up", child=who, collector=grandmother, once="2")
    assert "现在不在这里" in page.words
    with sqlite_town.reading() as session:
        assert "王桂兰" not in str([line.facts for line in audited(session, "volunteers.hand_over")])


def test_the_code_of_today_is_enough_and_yesterdays_is_not(
    sqlite_town: Town, mother: Phone, child: Phone, teacher: Phone, lesson: int, afternoon: Any
) -> None:
    with frozen("2026-11-22 12:00"):
        old = todays_code(sqlite_town, child)
    code = todays_code(sqlite_town, child)
    assert code != old
    assert code in mother.says("接送码")
    tick(sqlite_town, child, lesson, "in")
    who, page = number_of(sqlite_town, child), Visitor(sqlite_town, teacher)
    page.sends(f"/h5/leading/{lesson}/pick-up", child=who, code=old, once="1")
    assert "没有放行" in page.words
    assert "13900000001" in page.words, "whom to call"
    assert still_in(sqlite_town)
    page.sends(f"/h5/leading/{lesson}/pick-up", child=who, code=code, once="2")
    assert not still_in(sqlite_town)
    assert told(sqlite_town, "collected")[0]["who"] == "凭接送码"


def test_codes_are_not_to_be_guessed_and_the_list_counts_as_before(
    sqlite_town: Town, mother: Phone, child: Phone, teacher: Phone, lesson: int
) -> None:
    grandmother = names_grandmother(sqlite_town, mother, child)
    tick(sqlite_town, child, lesson, "in")
    code, who = todays_code(sqlite_town, child), number_of(sqlite_town, child)
    page = Visitor(sqlite_town, teacher)
    for tries in range(5):
        wrong = "000000" if code != "000000" else "111111"
        page.sends(f"/h5/leading/{lesson}/pick-up", child=who, code=wrong, once=f"wrong{tries}")
    page.sends(f"/h5/leading/{lesson}/pick-up", child=who, code=code, once="right")
    assert "没有放行" in page.words
    assert "13900000001" in page.words
    assert still_in(sqlite_town)
    page.sends(f"/h5/leading/{lesson}/pick-up", child=who, collector=grandmother, once="list")
    assert not still_in(sqlite_town)


def test_a_pupil_is_handed_over_and_not_just_ticked_off(
    sqlite_town: Town, child: Phone, teacher: Phone, lesson: int
) -> None:
    tick(sqlite_town, child, lesson, "in")
    page = Visitor(sqlite_town, teacher)
    page.sends(f"/h5/leading/{lesson}/tick", person=number_of(sqlite_town, child), way="out", once="1")
    assert "要交给来接的人" in page.words
    assert still_in(sqlite_town)
    digits = sqlite_town.writing(
        lambda session: digits_of(session, session.get_one(ActivitySession, lesson), child.person(session))
    )
    page.sends(f"/h5/leading/{lesson}/scan", code=digits, once="2")
    assert "要交给来接的人" in page.words
    assert still_in(sqlite_town)


def test_somebody_unknown_is_not_given_the_child_and_that_the_number_was_shown_is_written_down(
    sqlite_town: Town, child: Phone, teacher: Phone, lesson: int
) -> None:
    tick(sqlite_town, child, lesson, "in")
    page = Visitor(sqlite_town, teacher).opens(f"/h5/leading/{lesson}/pick-up")
    assert "13900000001" not in page.words
    page.presses("不认识来接的人")
    assert "马秀兰 13900000001" in page.words
    assert still_in(sqlite_town)
    with sqlite_town.reading() as session:
        assert len(audited(session, "volunteers.unknown_collector")) == 1


def test_who_was_taken_off_the_list_or_stands_on_anothers_takes_nobody_along(
    sqlite_town: Town, mother: Phone, child: Phone, teacher: Phone, lesson: int
) -> None:
    grandmother = names_grandmother(sqlite_town, mother, child)
    tick(sqlite_town, child, lesson, "in")
    Visitor(sqlite_town, mother).opens("/h5/collectors").presses("不让他接了")
    who, page = number_of(sqlite_town, child), Visitor(sqlite_town, teacher)
    page.sends(f"/h5/leading/{lesson}/pick-up", child=who, collector=grandmother, once="1")
    assert "没有放行" in page.words
    assert still_in(sqlite_town)


def test_a_list_needs_the_guardians_word_and_a_whole_tail(
    sqlite_town: Town, mother: Phone, child: Phone
) -> None:
    page = Visitor(sqlite_town, mother).opens("/h5/collectors")
    page.presses("加上", name="王桂兰", tail="0777")
    assert "我是监护人" in page.words
    assert page.status == 409
    page.presses("加上", name="王桂兰", tail="77", agreed="1")
    assert "后4位" in page.words
    with sqlite_town.reading() as session:
        assert session.scalar(select(Collector)) is None


def test_a_stranger_sees_no_code_no_list_and_hands_over_nobody(
    sqlite_town: Town, mother: Phone, child: Phone, lesson: int
) -> None:
    grandmother = names_grandmother(sqlite_town, mother, child)
    tick(sqlite_town, child, lesson, "in")
    who, stranger = number_of(sqlite_town, child), sqlite_town.phone("路人")
    assert "还没有登记为孩子的监护人" in stranger.says("接送码")
    page = Visitor(sqlite_town, stranger)
    assert "王桂兰" not in page.opens("/h5/collectors").words
    assert page.sends(f"/h5/collectors/{who}", name="路人甲", tail="0001", agreed="1", once="1").status == 404
    assert page.sends(f"/h5/collectors/{grandmother}/end", once="2").status == 404
    assert page.opens(f"/h5/leading/{lesson}/pick-up").status == 404
    code = todays_code(sqlite_town, child)
    assert page.sends(f"/h5/leading/{lesson}/pick-up", child=who, code=code, once="3").status == 404
    assert still_in(sqlite_town)


def test_what_is_kept_is_shown_and_forgotten_with_the_guardian(
    sqlite_town: Town, mother: Phone, child: Phone
) -> None:
    names_grandmother(sqlite_town, mother, child)
    with sqlite_town.reading() as session:
        person: Person = mother.person(session)
        assert my_enrolments(session, person)["谁可以接孩子"][0]["姓名"] == "王桂兰"
    sqlite_town.writing(lambda s: rights.forget(house(s), mother.person(s)))
    with sqlite_town.reading() as session:
        assert session.scalar(select(Collector)) is None
