"""What we keep of a person in the circle: carried home, forgotten, joined with a second record and parted again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import select

from handlers.circle import actions, jobs, visiting
from handlers.circle.rights import kept_of
from handlers.people import actions as people
from models.circle import Provider
from models.circle_jobs import FollowUp, HomeJob
from models.resources import Occupation
from tests.circle.conftest import (
    a_provider,
    a_service,
    house,
    jobs_in,
    lines,
    linked,
    sound,
)
from tests.circle.test_home import DOOR, does, orders
from tests.neighbours import Phone, Town


def test_who_leaves_is_waited_for_by_nobody_and_leaves_no_word(
    sqlite_town: Town, ma: Phone, thursday: time_machine.Coordinates
) -> None:
    lines(sqlite_town)
    li = linked(sqlite_town, a_provider(sqlite_town, does=(a_service(sqlite_town),)))
    done, waiting = orders(sqlite_town, ma, 1), orders(sqlite_town, ma, 1, ahead=2)
    does(sqlite_town, li, actions.accept, done)
    does(sqlite_town, li, visiting.finish, done, "换了水龙头")
    ma.says("停电了")
    with sqlite_town.reading() as session:
        kept = json.dumps(kept_of(session, ma.person(session)), ensure_ascii=False)
    assert all(words in kept for words in (DOOR, "换了水龙头", "停电了", "13900000001"))
    sqlite_town.writing(lambda s: people.erase(house(s), ma.person(s)))
    rows = jobs_in(sqlite_town)
    assert {one.state for one in rows} == {"done", "cancelled"}
    for row in rows:
        assert (row.person_id, row.name, row.phone, row.address, row.words, row.log) == (None,) * 6
    with sqlite_town.reading() as session:
        assert session.scalars(select(FollowUp)).all() == []
        assert session.scalars(select(Occupation)).all() == []
    assert waiting
    assert sound(sqlite_town) == []
    thursday.shift(timedelta(days=4))
    sqlite_town.writing(lambda s: jobs.follow_up(house(s)))


def test_a_provider_who_leaves_stays_a_name_on_the_list_without_a_wechat(
    sqlite_town: Town, thursday: Any
) -> None:
    li = linked(sqlite_town, a_provider(sqlite_town))
    sqlite_town.writing(lambda s: people.erase(house(s), li.person(s)))
    with sqlite_town.reading() as session:
        assert session.scalars(select(Provider)).one().person_id is None


def test_two_records_of_one_person_share_jobs_and_give_them_back(sqlite_town: Town, ma: Phone) -> None:
    a_provider(sqlite_town, does=(a_service(sqlite_town),))
    other = sqlite_town.phone("马秀兰的平板")
    number = orders(sqlite_town, ma, 1)

    def join(session: Any) -> None:
        code = people.issue_link_code(other.actor(session))
        people.link_by_code(ma.actor(session), code)

    sqlite_town.writing(join)
    with sqlite_town.reading() as session:
        kept = other.person(session).id
        assert ma.person(session).id == kept
        assert session.get_one(HomeJob, number).person_id == kept
