"""Residents at the console: found by the whole phone only, every look written down with its purpose."""

from __future__ import annotations

import pytest

from models.identity import Person
from models.people import residents_with_phone, views_of
from tests.neighbours import Town
from tests.staff.clerks import Clerk, audited, clerk

PHONE = "13900000001"  # 马秀兰's, invented


@pytest.fixture
def town_with_people(sqlite_town: Town) -> Town:
    sqlite_town.seed("people")
    return sqlite_town


@pytest.fixture
def wang(town_with_people: Town) -> Clerk:
    return clerk(town_with_people, "desk")


def test_the_whole_phone_finds_the_resident_and_the_look_is_in_the_trail(wang: Clerk) -> None:
    wang.sends("/console/residents", phone="139 0000 0001", purpose="booking")
    assert "马秀兰" in wang.words
    assert PHONE not in wang.page.replace('value="139 0000 0001"', "")
    with wang.town.reading() as session:
        line = audited(session, "people.look_up")[-1]
        assert line.facts == {"purpose": "booking", "found": 1}
        assert PHONE not in str(line.facts)


@pytest.mark.parametrize("words", ["马秀兰", "1390000", "东府佳苑", "%", "' OR 1=1 --"])
def test_nothing_less_than_a_phone_finds_anybody(wang: Clerk, words: str) -> None:
    wang.sends("/console/residents", phone=words, purpose="check")
    assert "没有查到" in wang.words
    with wang.town.reading() as session:
        assert audited(session, "people.look_up")[-1].facts["found"] == 0


def test_opening_a_card_is_seen_by_the_resident(wang: Clerk) -> None:
    with wang.town.reading() as session:
        number = session.scalars(residents_with_phone(PHONE)).one().id
    wang.sends(f"/console/residents/{number}", purpose="visit")
    assert PHONE in wang.page
    assert "用途:上门走访" in wang.words
    with wang.town.reading() as session:
        person = session.get_one(Person, number)
        assert [line.action for line in session.scalars(views_of(person))] == ["people.view"]
        assert audited(session, "people.look_up")[-1].facts == {"purpose": "visit"}


def test_a_link_or_a_reload_never_opens_a_card(wang: Clerk) -> None:
    assert wang.opens("/console/residents/1").status_code == 404


def test_an_invented_purpose_is_written_down_as_a_check(wang: Clerk) -> None:
    wang.sends("/console/residents/1", purpose="<b>neugier</b>")
    with wang.town.reading() as session:
        assert audited(session, "people.look_up")[-1].facts == {"purpose": "check"}


def test_somebody_without_wechat_is_registered_at_the_counter(wang: Clerk) -> None:
    wang.sends("/console/residents/new", name="赵淑英", phone="13911112222")
    assert "没有本人同意不能登记" in wang.words
    wang.sends("/console/residents/new", name="赵淑英", phone="12345", agreed="y")
    assert "alert-danger" in wang.page
    wang.sends("/console/residents/new", name="赵淑英", phone="13911112222", agreed="y", follow=True)
    assert "登记好了" in wang.words
    wang.sends("/console/residents", phone="13911112222", purpose="check")
    assert "赵淑英" in wang.words
