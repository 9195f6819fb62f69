"""Forty hostile sessions at once, and five honest neighbours who book and chat among them (trust 1.7: B14, B29 and all that
the scripts of tests/chaos/hostile.py try).

The honest are always told the truth within WeChat's five seconds (also that the house is full just now); nobody sees a
fault, no line of a log is a traceback, no name, phone or booking is told to somebody else; afterwards everything that was
promised is there, once.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Select, func, select

from models.appointments import Appointment
from models.identity import Identity
from models.wishes import MOST_OWN, WAITING, Wish
from tests.chaos.accounts import Account
from tests.chaos.chatting import assert_sound
from tests.chaos.conftest import FULL
from tests.chaos.hostile import FULL_HOUSE, Door, Seen, Villain, door_of
from tests.roads.street import Street, option, street_on
from tests.stack import Stack

pytestmark = pytest.mark.heavy

VILLAINS, SECONDS = 40, 40 if FULL else 5
NAMES = ("欧阳霁月", "司马青松", "上官若水", "诸葛长青", "慕容秋实")
PHONES = tuple(f"1390097{number:04}" for number in range(7101, 7106))
FIVE = 5.0
BUSY = ("刚才没办成", "这一条没有办", "系统正忙")
AGAIN = 40
WANTED = ("高龄补贴", "居住证", "医保咨询", "老年证", "理发")


@dataclass
class Honest:
    """One neighbour: every word is timed, and what they are told must be the truth."""

    door: Door
    name: str
    phone: str
    wants: str
    number: str = ""
    slowest: float = 0.0
    asked: int = 0
    again: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def openid(self) -> str:
        return f"oHonest-{self.phone}"

    def says(self, text: str) -> str:
        """The words of the answer; said again, as people do, when the house says that it has done nothing."""
        for _ in range(AGAIN):
            started = time.monotonic()
            status, words = self.door.says(self.openid, text)
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.asked += 1
            if status != 200 or not words or "出了点问题" in words:
                self.wrong.append(f"{self.name} says {text!r} and hears {status} {words[:80]!r}")
            if not any(one in words for one in BUSY):
                return words
            self.again += 1
            time.sleep(0.2)
        self.wrong.append(f"{self.name} was never served: {text!r}")
        return ""

    def lives(self, over: threading.Event) -> None:
        """Books once, then looks at it, chats and reads pages until it is over."""
        self._books()
        while not over.is_set():
            if self.number not in (mine := self.says("我的预约")):
                self.wrong.append(f"{self.name} does not find {self.number!r} in {mine[:80]!r}")
            if "预约" not in self.says("菜单"):
                self.wrong.append(f"{self.name} sees no menu")
            for path in ("/h5/", "/h5/services", "/healthz"):
                started = time.monotonic()
                status, _ = self.door.ask("GET", path)
                self.slowest = max(self.slowest, time.monotonic() - started)
                if status not in (200, FULL_HOUSE):
                    self.wrong.append(f"{self.name} opens {path} and gets {status}")
            over.wait(0.1)

    def _books(self) -> None:
        try:
            times = self.says(option(self.says("预约服务"), self.wants))
            said = self.says(option(times, "点", without="今天"))
            said = self.says(self.name) if "姓名" in said else said
            said = self.says(self.phone) if "手机" in said and "约好了" not in said else said
            said = said if "约好了" in said else self.says("1")
            found = re.search(r"预约号(\d+)", said)
            assert found is not None, said
            self.number = found[1]
        except AssertionError as odd:
            self.wrong.append(f"{self.name} could not book: {odd}")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"] if FULL else ["sqlite"])
def besieged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """For a few seconds on SQLite in the everyday build."""
    if request.param == "sqlite":
        yield request.getfixturevalue("one_street")
        return
    with street_on(request, tmp_path_factory.mktemp("besieged"), "besieged") as walked:
        yield walked


def test_b14_b29_forty_hostile_sessions_harm_no_neighbour(
    besieged: Street, dice: random.Random, account: Account
) -> None:
    door, over, before = door_of(besieged.stack), threading.Event(), tracebacks(besieged.stack)
    seen = Seen((*NAMES, *PHONES))
    villains = [Villain(door, seen, number, random.Random(dice.random())) for number in range(VILLAINS)]
    honest = [Honest(door, *facts) for facts in zip(NAMES, PHONES, WANTED, strict=True)]
    with ThreadPoolExecutor(VILLAINS + len(honest)) as pool:
        running = [pool.submit(one.runs, over) for one in villains]
        running += [pool.submit(one.lives, over) for one in honest]
        threading.Timer(SECONDS, over.set).start()
        for one in running:
            one.result()
    account.retries = sum(one.again for one in honest)
    account.accepted = sum(bool(one.number) for one in honest)
    account.lost, account.doubled = kept(besieged, honest)
    slowest = max(one.slowest for one in honest)
    answers = dict(sorted(seen.statuses.items()))
    account.words = (
        f"{VILLAINS} hostile sessions for {SECONDS} s were answered {answers}, {seen.cut} cut; honest words: "
        f"{sum(one.asked for one in honest)}, the slowest {slowest:.2f} s"
    )
    assert seen.wrong == []
    assert [fault for one in honest for fault in one.wrong] == []
    assert slowest < FIVE
    assert seen.statuses[200] > VILLAINS
    assert_sound(besieged.stack.environ, tokens=True)
    assert tracebacks(besieged.stack) == before
    assert besieged.one(wishes_of("oVillain-flood")) <= MOST_OWN


def wishes_of(openid: str) -> Select[tuple[int]]:
    """How many wait: what was withdrawn makes room again."""
    mine = select(func.count(Wish.id)).join(Identity, Identity.person_id == Wish.wisher_id)
    return mine.where(Identity.openid == openid, Wish.state.in_(WAITING))


def kept(street: Street, honest: list[Honest]) -> tuple[int, int]:
    """(lost, doubled): of those who were told a number."""
    lost = doubled = 0
    for one in honest:
        mine = select(func.count(Appointment.id)).join(Identity, Identity.person_id == Appointment.person_id)
        count = street.one(mine.where(Identity.openid == one.openid, Appointment.state == "confirmed"))
        lost += count < 1 and bool(one.number)
        doubled += count > 1
    return lost, doubled


def tracebacks(stack: Stack) -> list[str]:
    """Lines of any log that tell of a fault of ours."""
    logs = [*sorted((stack.data / "logs").glob("*.log")), stack.output]
    told = [line for log in logs for line in log.read_text("utf-8", "replace").splitlines()]
    return [line[-1500:] for line in told if "Traceback" in line or "_fault" in line]
