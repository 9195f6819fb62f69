"""PostgreSQL dies, hangs, throws everybody out, is locked, or has too few places (trust F08, F11): residents are told the
truth within WeChat's five seconds, and what was answered is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy.orm import Session

from app.site import Site
from models.seeded import note_seeded
from tests.chaos.accounts import Account
from tests.chaos.chatting import (
    Heard,
    assert_in_time,
    assert_sound,
    at_the_yes,
    chatting,
    count_bookings,
    follows,
    insists,
    people,
    tells,
    until_heard,
)
from tests.chaos.cluster import ALL, House
from tests.chaos.conftest import FULL, size
from tests.chaos.databases import OwnPostgres
from tests.roads.street import Street, eventually, was_not_done

pytestmark = pytest.mark.heavy

SERVICE, NEEDED = "理发", ("people", "notices", "appointments")
AT_ONCE = 4
LONG = size(20, 4)  # longer than anybody waits


@pytest.fixture(scope="module")
def street(own_postgres: OwnPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    url = own_postgres.database("house")
    made = House(
        tmp_path_factory.mktemp("house") / "data", programs=ALL, environ={"XINGFU_DATABASE__URL": url}
    )
    settle(Site(made.settings))
    with made as house:
        walked = Street(house, url)
        walked.control("PUT", "/settings", retry_pause_seconds=0.5)
        yield walked
        walked.close()


def settle(site: Site) -> None:
    """What is booked here; the whole invented neighbourhood would take longer than all the tests."""

    def unit(session: Session) -> None:
        for feature in site.house.features:
            if feature.seed is not None and feature.name in NEEDED:
                feature.seed(session)
        note_seeded(session)

    site.database.writing(unit)
    site.close()


def test_f11_postgres_dies_hangs_and_throws_everybody_out(
    street: Street, own_postgres: OwnPostgres, account: Account
) -> None:
    talking, booking = people(street, 3, "聊天的人"), people(street, size(50, 4), "照样预约的人")
    for one in booking:
        at_the_yes(one, SERVICE)
    told, heard, server = [], Heard(), own_postgres

    def books() -> None:
        told.append(booking[len(told)])
        assert insists(heard, told[-1], SERVICE)

    with chatting(talking) as talk:
        server.kill()
        account.kills += 1
        time.sleep(size(20))
        server.start_again()
        books()
        for _ in range(size(50, 2)):
            server.throw_everybody_out()
            account.kills += 1
        books()
        server.hold()
        time.sleep(LONG)
        server.let_go()
        account.words = f"after {LONG} s of silence served again in {until_heard(lambda: talking[0].says('最新通知'), '最新通知'):.1f} s;"
        books()
    assert [words for words in talk.words if not was_not_done(words) and "最新通知" not in words] == []
    assert_in_time(talk.slowest_ms, heard.slowest_ms)
    account.accepted = len(talk.words)
    count_bookings(street, told, booking, account)
    talk.count(account)
    assert_sound(street.stack.environ)


def test_f08_tables_are_locked(street: Street, account: Account) -> None:
    """By somebody outside, as a careless ALTER TABLE does it."""
    asking, leaving = people(street, 3, "等着的人"), people(street, 2, "要走的人")
    for one in asking:
        at_the_yes(one, SERVICE)
    heard = Heard()
    with locked(str(street.stack.environ["XINGFU_DATABASE__URL"])), ThreadPoolExecutor(AT_ONCE) as pool:
        gone = [pool.submit(one.act, "unfollow") for one in leaving]
        list(pool.map(lambda one: tells(heard, one, "1"), asking))
        for each in gone:
            heard.count_push(each.result())
        time.sleep(8 if FULL else 0)
    assert [words for words in heard.words if not was_not_done(words)] == []
    assert_in_time(heard.slowest_ms)
    count_bookings(street, [], asking, account)
    assert all(insists(heard, one, SERVICE) for one in asking), "the talk stands where it stood"
    count_bookings(street, asking, asking, account)
    eventually(lambda: not any(follows(street, one) for one in leaving))
    account.accepted += len(leaving)
    heard.count(account)
    assert_sound(street.stack.environ)


@contextmanager
def locked(url: str) -> Iterator[None]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("LOCK TABLE conversation, inbox, identity IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()
