"""Programs of a house with its supervisor killed again and again in the middle of their work (trust F01, F02): the
invariants hold, nothing doubles. In the everyday build each dies once; tests/chaos/test_house.py and test_broadcasts.py
kill more often."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.run_record import birth
from app.settings import load_settings
from app.site import Site
from models import outbox
from models.identity import Identity
from models.outbox import OutboxRow
from tests.chaos.accounts import Account
from tests.chaos.chatting import WINDOWS, assert_sound, booked_by, seats_taken
from tests.chaos.conftest import FULL, size
from tests.roads.street import Neighbour, Street, eventually, option
from tests.stack import Stack

pytestmark = pytest.mark.heavy

AT_ONCE = 6
DELIVERING_AT_ONCE = 8
KILLS = 12 if FULL else 1


def test_f01_web_is_killed_while_neighbours_book(
    street: Street, dice: random.Random, account: Account
) -> None:
    neighbours = [street.follower(f"邻居{number}") for number in range(size(240, 6))]
    taken_before = seats_taken(street)  # by invented neighbours
    services = [dice.choice(WINDOWS) for _ in neighbours]
    killer = killed_again_and_again(street.stack, "web", dice, KILLS, pause=(0.1, 1.0))
    with killer as kills, ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(books, neighbours, services))
        eventually(lambda: kills)  # where everybody was served before the first one
    assert all(told), "everybody was served in the end"
    assert_sound(street.stack.environ, tokens=True)
    held = booked_by(street, neighbours)
    account.kills, account.accepted = len(kills), len(neighbours)
    account.lost = len({each.number for each in neighbours} - set(held))
    account.doubled = held.total() - len(held)
    assert seats_taken(street) == taken_before + len(neighbours)


def books(resident: Neighbour, service: str) -> bool:
    """Until the house says that it is done; whoever hears nothing says it again, as people do."""
    for _ in range(60):
        words = resident.says("我的预约")
        if "预约号" in words:
            return True
        if "没有预约" in words and "约好了" in says_it_all(resident, service):
            return True
        time.sleep(0.3)
    return False


def says_it_all(resident: Neighbour, service: str) -> str:
    try:
        times = resident.says(option(resident.says("预约服务"), service))
        asked = resident.says(option(times, "点", without="今天"))
        if "姓名" in asked:
            resident.says("马秀兰")
        return resident.says("1")
    except AssertionError:
        return ""  # no list came back: nobody served just then


def test_f02_delivery_is_killed_while_it_sends(street: Street, dice: random.Random, account: Account) -> None:
    readers = [street.follower(f"读者{number}") for number in range(size(360, 24))]
    with street.faults(slow_seconds=0.4, paths="/cgi-bin/message/template/send"):
        write_to_everybody(street.stack, [each.openid for each in readers])
        with killed_again_and_again(street.stack, "delivery", dice, KILLS, pause=(0.2, 1.5)) as kills:
            eventually(lambda: len(kills) == KILLS, 600)
    eventually(lambda: all_settled(street), 300)
    seen = Counter(each["openid"] for each in street.control("GET", "/sent", via="template", limit=100_000))
    account.kills, account.accepted, account.doubled = len(kills), len(readers), seen.total() - len(seen)
    states = Counter(row.state for row in street.rows(written(OutboxRow.state)))
    assert set(states) <= {"delivered", "unknown"}
    assert states["unknown"] <= len(kills) * DELIVERING_AT_ONCE
    assert states["delivered"] <= len(seen) <= states["delivered"] + states["unknown"]
    account.lost = len(readers) - states.total()
    account.words = f"{states['unknown']} unknown, listed"
    assert_sound(street.stack.environ, tokens=True)


def written(*columns: Any) -> Any:
    return select(*columns).where(OutboxRow.once.startswith("chaos:"))


def write_to_everybody(stack: Stack, openids: list[str]) -> None:
    """One card to each, as a job of the house writes them: in one unit of work."""
    site = Site(load_settings(stack.environ))
    facts = {
        "number": "0001",
        "service": "高龄补贴",
        "place": "2号窗口",
        "at_home": False,
        "phone": "0971-8170001",
    }
    facts |= {"starts": clock.now().isoformat(), "bring": ["身份证"], "for_whom": None}

    def unit(session: Session) -> None:
        for identity in session.scalars(select(Identity).where(Identity.openid.in_(openids))):
            once = f"chaos:{identity.openid}"
            outbox.put(session, to=identity.person, kind="appointments.reminder", once=once, facts=facts)

    site.database.writing(unit)
    site.close()


def all_settled(street: Street) -> bool:
    """Leases run out by themselves; the clock only helps."""
    states = {row.state for row in street.rows(written(OutboxRow.state))}
    if "sending" in states or "waiting" in states:
        street.control("POST", "/clock/shift", seconds=15)
        time.sleep(0.5)
    return states <= {"delivered", "unknown", "failed", "expired", "cancelled"}


@contextmanager
def killed_again_and_again(
    stack: Stack, name: str, dice: random.Random, times: int, *, pause: tuple[float, float]
) -> Iterator[list[int]]:
    """SIGKILL to one program at random moments, so many times or until the block ends; the killed process numbers."""
    killed: list[int] = []
    ended = threading.Event()

    def kill() -> None:
        while len(killed) < times and not ended.wait(dice.uniform(*pause)):
            pid = stack.pid(name)
            if pid and pid not in killed and birth(pid):
                stack.kill(name)
                killed.append(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        ended.set()
        killer.join()
        eventually(lambda: stack.pid(name) not in {0, *killed} and birth(stack.pid(name)), 30)
        eventually(lambda: serves(stack))


def serves(stack: Stack) -> bool:
    with suppress(requests.ConnectionError):
        return requests.get(f"{stack.web}/healthz", timeout=5).ok
    return False
