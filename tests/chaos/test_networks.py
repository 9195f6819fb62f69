"""Two hosts of one house in network namespaces, PostgreSQL and Redis on machines of their own, WeChat outside: cables are
pulled and ways are lost while neighbours book and a broadcast goes out (trust F07, F11, F12 between machines).

Root's, and on a kernel with namespaces: `make chaos`. The everyday build only looks whether the cables can be cut.
"""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.database import LOCK_WAIT_MS, Busy, Database
from models import leader
from tests.chaos.accounts import Account
from tests.chaos.chatting import (
    AWAY,
    Heard,
    assert_in_time,
    assert_sound,
    at_the_yes,
    chatting,
    count_bookings,
    insists,
    people,
    until_heard,
)
from tests.chaos.conftest import FULL, size
from tests.chaos.hamlet import POSTGRES, REDIS, Hamlet, hamlet_on, ready
from tests.chaos.nets import SKY, Net, NoNetworks, net
from tests.operations.machines import postgres_on_tcp
from tests.roads.street import Neighbour, eventually, was_not_done
from tests.servers import PROJECT

pytestmark = pytest.mark.heavy

TURNS, AUDIENCE, SERVICE, HEARD = size(2), size(20, 10), "理发", "最新通知"
LEASE = leader.LEASE.total_seconds()
MOMENTS = 60.0
MISSED = 10.0  # a machine that vanished leaves its rows locked no longer


@pytest.fixture(scope="module")
def network() -> Iterator[Net]:
    try:
        with net() as made:
            yield made
    except NoNetworks as why:
        pytest.skip(str(why))


# ---- the tools -----------------------------------------------------------------------------------------------------


def test_machines_are_parted_and_unplugged_and_meet_again(network: Net) -> None:
    one, other = network.machine("here"), network.machine("there")
    with network.inside("there"):
        listening = socket.create_server((other, 7))
    with listening:
        eventually(lambda: reaches(network, "here", other))
        with network.parted("here", "there"):
            assert not reaches(network, "here", other)
            assert not reaches(network, "there", network.outside), "nobody listens, and it is told so"
        eventually(lambda: reaches(network, "here", other))
        with network.unplugged("there"):
            assert not reaches(network, "here", other)
        eventually(lambda: reaches(network, "here", other))
    assert one != other


def reaches(network: Net, name: str, address: str) -> bool:
    with network.inside(name):
        try:
            socket.create_connection((address, 7), timeout=0.4).close()
        except OSError:
            return False
    return True


def test_a_killed_test_leaves_no_network_behind(network: Net) -> None:
    program = (
        "import os, time\nfrom tests.chaos.nets import net\n"
        "with net() as made:\n    made.machine('a'); print(os.getpid(), flush=True); time.sleep(60)"
    )
    pipes: Any = {"stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, **pipes) as running:
        assert running.stdout
        number = int(running.stdout.readline())
        assert Path(f"/run/netns/xf{number}-a").exists()
        running.kill()
    eventually(lambda: not any(Path("/run/netns").glob(f"xf{number}-*")))
    eventually(lambda: not Path(f"/sys/class/net/xf{number}").exists())
    assert network.outside


HOLDS = """
import sys, time
from sqlalchemy import text
from app.database import Database
def unit(session):
    session.execute(text("UPDATE seat SET taken = taken + 1"))
    print("held", flush=True)
    time.sleep(120)
Database(sys.argv[1]).writing(unit)
"""
TAKE = text("UPDATE seat SET taken = taken + 1")


@pytest.mark.skipif(not FULL, reason="a database in a namespace is started by make chaos alone")
def test_f11_rows_of_a_machine_that_vanishes_in_the_middle_of_a_unit_are_soon_free(
    network: Net, account: Account
) -> None:
    server, _ = network.machine("rows"), network.machine("holder")
    with tempfile.TemporaryDirectory(prefix="xf-rows-", dir="/tmp") as folder, ExitStack() as ground:
        with network.inside("rows"):
            url = ground.enter_context(postgres_on_tcp(Path(folder), 5432, server))
        database = ground.enter_context(closing_database(url))
        database.writing(
            lambda session: session.execute(text("CREATE TABLE seat AS SELECT 0 AS taken")) and None
        )
        with network.inside("holder"):
            command, pipe = [sys.executable, "-c", HOLDS, url], subprocess.PIPE
            holder = ground.enter_context(subprocess.Popen(command, cwd=PROJECT, stdout=pipe, text=True))
        ground.callback(holder.kill)
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with network.unplugged("holder"):
            begun = time.monotonic()
            with pytest.raises(Busy):
                database.writing(lambda session: session.execute(TAKE) and None)
            account.retries = 1 + insist(database)
            took = time.monotonic() - begun
        account.kills, account.accepted, account.words = 1, 1, f"the row was free after {took:.1f} s"
        with database.reading() as session:
            account.doubled = session.scalars(text("SELECT taken FROM seat")).one() - 1
        assert took < MISSED + LOCK_WAIT_MS / 1000


@contextmanager
def closing_database(url: str) -> Iterator[Database]:
    made = Database(url)
    yield made
    made.dispose()


def insist(database: Database) -> int:
    """Until the row is free; how often it was not."""
    for tries in count():
        try:
            database.writing(lambda session: session.execute(TAKE) and None)
        except Busy:
            continue
        return tries
    raise AssertionError("unreachable")


# ---- the house -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hamlet(network: Net, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hamlet]:
    if not FULL:
        pytest.skip("a house in namespaces is started by make chaos alone")
    with hamlet_on(network, tmp_path_factory.mktemp("hamlet"), AUDIENCE) as made:
        yield made


# ---- what breaks ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Break:
    """What happens to the leading host. `loses_lead`: it must; `reached`: residents still come to it, and are answered in
    time; `seconds` is how long it lasts at least."""

    happens: Callable[[Net, str, random.Random], Any]
    loses_lead: bool
    reached: bool
    seconds: float = 4


BREAKS = {
    "servers gone": Break(
        lambda net, host, _: net.parted(host, POSTGRES, REDIS), loses_lead=True, reached=True
    ),
    "database gone": Break(lambda net, host, _: net.parted(host, POSTGRES), loses_lead=True, reached=True),
    "redis gone": Break(lambda net, host, _: net.parted(host, REDIS), loses_lead=False, reached=True),
    "wechat gone": Break(lambda net, host, _: net.parted(host, SKY), loses_lead=False, reached=True),
    "cable out": Break(lambda net, host, _: net.unplugged(host), loses_lead=True, reached=False),
    "bad cable": Break(
        lambda net, host, dice: net.bad_cable(host, dice), loses_lead=False, reached=False, seconds=10
    ),
}


@pytest.mark.parametrize("what", list(BREAKS))
def test_f07_f11_f12_the_network_of_the_leading_host_breaks(
    hamlet: Hamlet, dice: random.Random, account: Account, what: str
) -> None:
    breaks = BREAKS[what]
    hamlet.begin()
    talking = people(hamlet.street, 3, "聊天的人")
    booking = people(hamlet.street, 2 * TURNS, "预约的人")
    told: list[Neighbour] = []
    heard, talked = Heard(), Heard()
    for turn in range(TURNS):
        first = eventually(hamlet.leading, MOMENTS)
        (second,) = [host for host in hamlet.hosts if host is not first]
        mine = booking[2 * turn : 2 * turn + 2]
        for one in mine:
            at_the_yes(one, SERVICE)
        hamlet.write_to_all()
        hamlet.make_due()
        with chatting(talking, HEARD) as talk, broken(breaks, hamlet.network, first.name, dice, account):
            account.kills += 1
            told += [one for one in mine if insists(heard, one, SERVICE)]
            if breaks.loses_lead:
                eventually(lambda second=second: hamlet.leading() is second, LEASE + MOMENTS)
            hamlet.make_due()
            eventually(hamlet.nothing_is_due, MOMENTS)
        talked.words += talk.words
        talked.slowest_ms, talked.retries = (
            max(talked.slowest_ms, talk.slowest_ms),
            talked.retries + talk.retries,
        )
        healed = until_heard(lambda: talking[0].says(HEARD), HEARD)
        eventually(hamlet.all_ready, MOMENTS, lambda: [ready(host) for host in hamlet.hosts])
        assert healed < MOMENTS
    assert len(told) == len(booking), "everybody was served in the end"
    strange = [words for words in talked.words if not was_not_done(words) and HEARD not in words]
    assert [words for words in strange if AWAY not in words] == []
    account.lost += sum(AWAY in words for words in talked.words)
    account.accepted += len(talked.words)
    if breaks.reached:
        assert_in_time(talked.slowest_ms, heard.slowest_ms)
    count_bookings(hamlet.street, told, booking, account)
    eventually(hamlet.all_is_sent, 240, hamlet.states)
    hamlet.count_letters(account)
    account.doubled += sum(times - 1 for times in hamlet.runs().values())
    talked.count(account)
    assert_sound(hamlet.hosts[0].environ)


@contextmanager
def broken(breaks: Break, network: Net, host: str, dice: random.Random, account: Account) -> Iterator[None]:
    until = time.monotonic() + breaks.seconds
    with breaks.happens(network, host, dice) as said:
        yield
        time.sleep(max(0.0, until - time.monotonic()))
    account.words = f"{said}; " if said else ""
