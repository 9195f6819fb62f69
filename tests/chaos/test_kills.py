"""Programs killed again and again in the middle of their work (trust F01, F02): the invariants hold, nothing doubles."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.run_record import birth
from app.settings import load_settings
from app.site import Site
from models import outbox
from models.appointments import Appointment
from models.identity import Identity
from models.outbox import OutboxRow
from models.slots import Slot
from tests.chaos.conftest import size
from tests.roads.street import Neighbour, Street, eventually, option
from tests.servers import PROJECT
from tests.stack import Stack

pytestmark = pytest.mark.heavy

AT_ONCE = 6
DELIVERING_AT_ONCE = 8
WINDOWS = ("高龄补贴", "居住证", "医保咨询", "老年证", "理发")


def test_web_is_killed_while_neighbours_book(street: Street, dice: random.Random) -> None:
    neighbours = [street.follower(f"邻居{number}") for number in range(size(600, 12))]
    taken_before = seats_taken(street)  # by invented neighbours
    services = [dice.choice(WINDOWS) for _ in neighbours]
    killer = killed_again_and_again(street.stack, "web", dice, size(12, 2), pause=(0.6, 1.5))
    with killer, ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(books, neighbours, services))
    assert all(told), "everybody was served in the end"
    assert_invariants(street.stack)
    assert booked_by(street) == Counter(each.number for each in neighbours)
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


def booked_by(street: Street) -> Counter[str]:
    """How many appointments each phone has."""
    phones = {each["openid"]: each["neighbour"] for each in street.control("GET", "/pushes", limit=100_000)}
    held = select(Identity.openid).join(Appointment, Appointment.person_id == Identity.person_id)
    return Counter(phones[row.openid] for row in street.rows(held.where(Appointment.state == "confirmed")))


def seats_taken(street: Street) -> int:
    return int(street.one(select(func.coalesce(func.sum(Slot.taken), 0))))


def test_delivery_is_killed_while_it_sends(street: Street, dice: random.Random) -> None:
    readers = [street.follower(f"读者{number}") for number in range(size(1500, 30))]
    with street.faults(slow_seconds=0.4, paths="/cgi-bin/message/template/send"):
        write_to_everybody(street.stack, [each.openid for each in readers])
        with killed_again_and_again(street.stack, "delivery", dice, size(100, 2), pause=(1.0, 3.0)) as kills:
            eventually(lambda: len(kills) == size(100, 2), 1200)
    eventually(lambda: all_settled(street), 300)
    seen = Counter(each["openid"] for each in street.control("GET", "/sent", via="template", limit=100_000))
    assert max(seen.values()) == 1, "nobody got it twice"
    states = Counter(row.state for row in street.rows(written(OutboxRow.state)))
    assert set(states) <= {"delivered", "unknown"}
    assert states["unknown"] <= len(kills) * DELIVERING_AT_ONCE
    assert states["delivered"] <= len(seen) <= states["delivered"] + states["unknown"]
    assert sum(states.values()) == len(readers)
    assert_invariants(street.stack)


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


def assert_invariants(stack: Stack) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "check-invariants"]
    done = subprocess.run(
        command, cwd=PROJECT, env=stack.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
