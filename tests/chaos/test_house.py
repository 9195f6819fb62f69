"""What a running house bears while neighbours talk to it (trust F01, F06–F09, F26): its web dies in a rush for seats,
Redis dies, hangs or forgets, the database is locked, the disk is full, and a new version comes in the middle of it all."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import cycle, repeat
from pathlib import Path

import pytest
from redis import Redis

from app.embedded_valkey import socket_path
from tests.chaos.accounts import Account
from tests.chaos.chatting import (
    AWAY,
    WINDOWS,
    Heard,
    assert_in_time,
    assert_sound,
    at_the_yes,
    chatting,
    count_bookings,
    follows,
    give_room,
    insists,
    people,
    seats_taken,
    tells,
)
from tests.chaos.cluster import ALL, House
from tests.chaos.conftest import FULL, size
from tests.roads.street import Street, eventually, locked, was_not_done

pytestmark = pytest.mark.heavy

SERVICE = "理发"
AT_ONCE = 6
HANGS = size(30, 3)  # longer than a call to Redis is waited for, and than the rest after one that failed


@pytest.fixture(scope="module")
def street(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Two webs behind a door, so that one may die while the other serves."""
    programs = (*ALL, "web2")
    with House(tmp_path_factory.mktemp("house") / "data", prepared_data, programs=programs) as house:
        walked = Street(house)
        give_room(house.environ, SERVICE, size(50))
        walked.control("PUT", "/settings", retry_pause_seconds=0.5)
        yield walked
        walked.close()


@pytest.fixture
def house(street: Street) -> Iterator[House]:
    """Every test leaves all programs running."""
    made = street.stack
    assert isinstance(made, House)
    yield made
    for name in (*ALL, "web2"):
        if not made.lives(name):
            made.again(name)


# ---- the web ---------------------------------------------------------------------------------------------------------


def test_f01_webs_die_in_a_rush_for_seats(
    street: Street, house: House, dice: random.Random, account: Account
) -> None:
    """Everybody says yes at the same moment; both webs die again and again, and WeChat tries three times."""
    rushing, heard, before = people(street, size(240, 8), "赶时间的人"), Heard(), seats_taken(street)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(at_the_yes, rushing, cycle(WINDOWS)))
        over = threading.Event()

        def kill() -> None:
            for turn in range(size(100, 2)):
                if over.wait(dice.uniform(0.05, 0.4)):
                    return
                name = ("web", "web2")[turn % 2]
                house.kill(name)
                account.kills += 1
                house.again(name)

        killer = threading.Thread(target=kill)
        killer.start()
        told = list(pool.map(insists, repeat(heard), rushing, cycle(WINDOWS)))
        over.set()
        killer.join()
    assert all(told), "everybody was served in the end"
    count_bookings(street, rushing, rushing, account)
    assert seats_taken(street) == before + len(rushing)
    heard.count(account)
    assert_sound(house.environ)


def test_f06_another_web_is_started_on_the_same_port_by_mistake(
    street: Street, house: House, account: Account
) -> None:
    """It either does not start or serves the same truth: no push has two effects."""
    twins, heard = people(street, size(100, 4), "两家之间的人"), Heard()
    for one in twins:
        at_the_yes(one, SERVICE)
    house.begin("web9", twin_of="web")
    time.sleep(10 if FULL else 2)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert all(pool.map(lambda one: insists(heard, one, SERVICE), twins))
    account.words = "the second master serves beside the first;" if house.lives("web9") else "it is refused;"
    house.kill("web9")
    count_bookings(street, twins, twins, account)
    heard.count(account)
    assert_sound(house.environ)


def test_f26_a_new_version_comes_while_neighbours_book(
    street: Street, house: House, account: Account
) -> None:
    """Program by program: SIGTERM, SIGKILL after 20 s, and the next one begins. Nothing that was answered is lost. (The
    everyday build changes one web and the delivery.)"""
    booking, heard = people(street, size(100, 4), "换班时的人"), Heard()
    for one in booking:
        at_the_yes(one, SERVICE)
    with chatting(people(street, 2, "聊天的人")) as talk, ThreadPoolExecutor(2) as pool:
        told = pool.map(lambda one: insists(heard, one, SERVICE), booking)
        for name in ("web", "delivery", "web2", "scheduler")[: 4 if FULL else 2]:
            took = house.ask_to_end(name, 20)
            account.words += f"{name} {took:.1f} s, "
            assert took < 20, f"{name} had to be killed"
            house.again(name)
        assert all(told)
    account.accepted = len(talk.words)
    account.lost = sum(AWAY in words or not words for words in talk.words)
    count_bookings(street, booking, booking, account)
    talk.count(account)
    assert_sound(house.environ)


# ---- the clock -------------------------------------------------------------------------------------------------------


def test_f23_the_clock_jumps_under_all_programs(street: Street, house: House, account: Account) -> None:
    """An hour on in the middle of a booking, and back again before the next one, while others talk. (Inside one talk the
    platform's clock does not go back: what it says came earlier is taken for late, F21.)"""
    booking, heard = people(street, 4, "对表时的人"), Heard()
    with chatting(people(street, 2, "看表的人")) as talk:
        for one, other in zip(booking[::2], booking[1::2], strict=True):
            at_the_yes(one, SERVICE)
            street.control("POST", "/clock/shift", seconds=3600)
            assert insists(heard, one, SERVICE)
            street.control("POST", "/clock/shift", seconds=-3600)
            at_the_yes(other, SERVICE)
            assert insists(heard, other, SERVICE)
    account.accepted = len(talk.words)
    account.lost = sum(AWAY in words or not words for words in talk.words)
    count_bookings(street, booking, booking, account)
    talk.count(account)
    assert_sound(house.environ)


# ---- Redis -----------------------------------------------------------------------------------------------------------


def test_f07_redis_dies_hangs_forgets_and_is_full(street: Street, house: House, account: Account) -> None:
    """Nobody notices: it holds nothing that is true only there."""
    talking, booking = people(street, 3, "没有缓存的人"), people(street, 5, "照样预约的人")
    moments = iter(booking)
    told, heard = [], Heard()

    def books() -> None:
        resident = next(moments)
        at_the_yes(resident, SERVICE)
        assert insists(heard, resident, SERVICE)
        told.append(resident)

    with chatting(talking) as talk:
        house.kill("valkey")
        books()
        time.sleep(size(5))
        house.again("valkey")
        house.hold("valkey")
        books()
        time.sleep(HANGS)
        account.words = f"hung for {HANGS} s;"
        house.let_go("valkey")
        with closing(Redis(unix_socket_path=str(socket_path(house.data)))) as redis:
            redis.flushall()
            books()
            redis.config_set("maxmemory-policy", "noeviction")
            redis.config_set("maxmemory", 1)
            books()
        house.kill("valkey")
        for file in (house.data / "valkey" / "appendonlydir").glob("*.incr.aof"):
            os.truncate(file, file.stat().st_size * 2 // 3)
        house.again("valkey")
        books()
        account.kills = 2
    account.accepted = len(talk.words)
    account.lost = sum("最新通知" not in words for words in talk.words)
    assert_in_time(talk.slowest_ms, heard.slowest_ms)
    count_bookings(street, told, booking, account)
    talk.count(account)
    assert_sound(house.environ)


# ---- the database ----------------------------------------------------------------------------------------------------


def test_f08_the_database_is_locked(street: Street, house: House, account: Account) -> None:
    """By somebody outside, for longer than anybody waits. What has a duty is done afterwards; nobody is told a lie."""
    asking, leaving = people(street, size(40, 4), "等着的人"), people(street, 2, "要走的人")
    for one in asking:
        at_the_yes(one, SERVICE)
    heard = Heard()
    with locked(house.data / "xingfu.db", 8 if FULL else 4.2), ThreadPoolExecutor(AT_ONCE) as pool:
        gone = [pool.submit(one.act, "unfollow") for one in leaving]
        list(pool.map(lambda one: tells(heard, one, "1"), asking[:4]))
        for each in gone:
            heard.count_push(each.result())
    assert [words for words in heard.words if not was_not_done(words)] == []
    assert_in_time(heard.slowest_ms)
    count_bookings(street, [], asking, account)
    assert account.accepted == 0
    assert all(insists(heard, one, SERVICE) for one in asking), "the talk stands where it stood"
    count_bookings(street, asking, asking, account)
    eventually(lambda: not any(follows(street, one) for one in leaving))
    account.accepted += len(leaving)
    heard.count(account)
    assert_sound(house.environ)
