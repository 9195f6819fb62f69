"""Neighbours who talk while something breaks: what they heard, how long it took, and what the house must have of it."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.invariants import ask_all
from app.settings import load_settings
from app.site import Site
from models.appointments import Appointment
from models.identity import Identity
from models.plans import Service
from models.resources import ServiceResource
from models.slots import Slot
from tests.chaos.accounts import Account
from tests.roads.street import Neighbour, Street, option, shown

LONGEST_MS = 4500  # WeChat waits for five seconds
AWAY = "暂时无法提供服务"  # what WeChat says when nobody serves
BUSY_PER_CENT = 60.0
BOOKED = "约好了"
WINDOWS = ("高龄补贴", "居住证", "医保咨询", "老年证", "理发")


@dataclass
class Heard:
    """All answers of all neighbours, in their order."""

    words: list[str] = field(default_factory=list)
    slowest_ms: int = 0
    retries: int = 0

    def note(self, answer: Any) -> str:
        words = shown(answer)
        self.words.append(words)
        self.count_push(answer)
        return words

    def count_push(self, answer: Any) -> None:
        """Also of what nobody waits for words to: how long, and how often WeChat brought it."""
        push = answer["push"]
        self.slowest_ms = max(self.slowest_ms, push["ms"] // push["deliveries"])
        self.retries += push["deliveries"] - 1

    def count(self, account: Account) -> None:
        account.retries += self.retries
        account.words = f"{account.words} slowest answer {self.slowest_ms} ms of {len(self.words)}".strip()


def people(street: Street, many: int, what: str) -> list[Neighbour]:
    """New neighbours who follow the account."""
    return [street.follower(f"{what}{number}") for number in range(many)]


def follows(street: Street, one: Neighbour) -> bool:
    return bool(street.one(select(Identity.following).where(one.me)))


def tells(heard: Heard, resident: Neighbour, text: str) -> str:
    return heard.note(resident.act("send", kind="text", text=text))


@contextmanager
def chatting(neighbours: Sequence[Neighbour], text: str = "最新通知") -> Iterator[Heard]:
    """Each of them says it again and again until the block ends. A fault of the talk itself is raised at the end."""
    heard, over = Heard(), threading.Event()

    def talk(resident: Neighbour) -> None:
        while not over.wait(0.05):
            tells(heard, resident, text)

    with ThreadPoolExecutor(len(neighbours)) as pool:
        talks = [pool.submit(talk, one) for one in neighbours]
        try:
            yield heard
        finally:
            over.set()
        for one in talks:
            one.result()


def assert_in_time(*slowest_ms: int) -> None:
    """Within WeChat's five seconds. Where others want the processors too, waiting for one is no fault of the house:
    there the answers count, not their time."""
    if waiting_for_processors() < BUSY_PER_CENT:
        assert max(slowest_ms) < LONGEST_MS


def waiting_for_processors() -> float:
    """Of the last minute, how much of it somebody here waited for a processor; 0 where Linux does not tell."""
    with suppress(OSError):
        told = re.search(r"some .*avg60=([\d.]+)", Path("/proc/pressure/cpu").read_text("ascii"))
        return float(told[1]) if told else 0.0
    return 0.0


def give_room(environ: dict[str, str], service: str, seats: int) -> None:
    """So many seats more at each of its times, and nobody's hands are needed: a crowd must find a time on any day."""
    site = Site(load_settings(environ))

    def unit(session: Session) -> None:
        asked = session.scalars(select(Service).where(Service.name == service)).one()
        asked.capacity += seats
        mine = update(Slot).where(Slot.service_id == asked.id)
        session.execute(mine.values(capacity=Slot.capacity + seats))
        session.execute(delete(ServiceResource).where(ServiceResource.service_id == asked.id))

    try:
        site.database.writing(unit)
    finally:
        site.close()


def at_the_yes(resident: Neighbour, service: str, day: str = "点") -> None:
    """Everything is said of a booking but the yes. Whose time was taken meanwhile chooses from what is left."""
    words = resident.says(option(resident.says("预约服务"), service))
    for _ in range(10):
        words = resident.says(option(words, day, without="今天"))
        words = resident.says("白玉兰") if "姓名" in words else words
        if words.endswith("1 对 2 要改"):
            return
    raise AssertionError(words)


def insists(heard: Heard, resident: Neighbour, service: str, seconds: float = 60) -> bool:
    """Says yes; whoever is not told that it is done asks what they have, and begins again, as people do."""
    until = time.monotonic() + seconds
    words = tells(heard, resident, "1")
    while BOOKED not in words and "预约号" not in words:
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
        words = tells(heard, resident, "我的预约")
        if "没有预约" in words:
            words = _begins_again(heard, resident, service)
    return True


def _begins_again(heard: Heard, resident: Neighbour, service: str) -> str:
    try:
        at_the_yes(resident, service)
    except AssertionError:
        return ""  # nobody served just then
    return tells(heard, resident, "1")


def booked_by(street: Street, neighbours: Sequence[Neighbour]) -> Counter[str]:
    """How many standing appointments each of these phones has."""
    phones = {one.openid: one.number for one in neighbours}
    held = select(Identity.openid).join(Appointment, Appointment.person_id == Identity.person_id)
    found = Counter(row.openid for row in street.rows(held.where(Appointment.state == "confirmed")))
    return Counter({phones[openid]: times for openid, times in found.items() if openid in phones})


def seats_taken(street: Street) -> int:
    return int(street.one(select(func.coalesce(func.sum(Slot.taken), 0))))


def count_bookings(
    street: Street, told: Sequence[Neighbour], all_of_them: Sequence[Neighbour], account: Account
) -> None:
    """Whoever was told that it is done has it, once; nobody has two."""
    held = booked_by(street, all_of_them)
    account.accepted += len(told)
    account.lost += sum(held[one.number] == 0 for one in told)
    account.doubled += sum(times - 1 for times in held.values())


def assert_sound(environ: dict[str, str], *, tokens: bool = False) -> None:
    """The invariants, asked of the running house's own data; of its `tokens` where Redis did not die."""
    site = Site(load_settings(environ))
    try:
        with site.database.reading() as session:
            asked = ask_all(session, site.house.features, site.redis if tokens else None)
            assert [line for one in asked for line in one.broken] == []
    finally:
        site.close()


def until_heard(says: Callable[[], str], wanted: str, seconds: float = 20) -> float:
    """How long it takes until the house says so again."""
    begun = time.monotonic()
    while wanted not in (words := says()):
        assert time.monotonic() < begun + seconds, words
        time.sleep(0.1)
    return time.monotonic() - begun
