"""Two hosts of one house in network namespaces, PostgreSQL and Redis on machines of their own, WeChat outside: cables are
pulled and ways are lost while neighbours book and a broadcast goes out (trust F07, F11, F12 between machines).

Root's, and on a kernel with namespaces: `make chaos`. The everyday build only looks whether the cables can be cut.
"""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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
from tests.roads.street import Neighbour, eventually, was_not_done
from tests.servers import PROJECT

pytestmark = pytest.mark.heavy

TURNS, AUDIENCE, SERVICE, HEARD = size(3), size(20, 10), "理发", "最新通知"
LEASE = leader.LEASE.total_seconds()
MOMENTS = 60.0  # a machine that vanished may leave a row locked for half a minute


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
