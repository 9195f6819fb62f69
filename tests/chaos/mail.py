"""A broadcast that is to survive: its audience at the platform and in the house, its senders, and what became of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app import clock
from app.database import Busy
from app.failpoints import VARIABLE
from app.installation import apps_of
from app.run_record import birth
from app.settings import load_settings
from app.site import Site
from models import outbox
from models.base import insert_many_once
from models.identity import Identity, Person
from models.outbox import OutboxRow
from sandbox import contacts, neighbours
from sandbox.apps import Apps
from sandbox.state import Store
from tests.sandbox.platform_process import RunningPlatform, start_platform
from tests.servers import PROJECT
from tests.stack import free_port

KEYED, KEYLESS = "keyed", "keyless"
ROADS = {KEYED: "template", KEYLESS: "custom"}
FACTS = {
    "number": "0001",
    "service": "高龄补贴",
    "place": "2号窗口",
    "at_home": False,
    "phone": "0971-8170001",
}
FACTS |= {"starts": "2026-12-01T01:30:00+00:00", "bring": ["身份证"], "for_whom": None}
OVER = frozenset({"submitted", "delivered", "unknown", "failed", "expired", "cancelled"})
AT_ONCE = 8
POURED = 2000
PATIENCE_SECONDS = 90
LEASE_AND_MORE = timedelta(seconds=61)


@dataclass
class Mail:
    """Half of the people get a card, which WeChat keeps a key for, the others words, for which it has none."""

    data: Path
    environ: dict[str, str]
    platform: RunningPlatform
    site: Site
    nursery: subprocess.Popen[str]
    store: Store
    openids: dict[str, set[str]] = field(default_factory=dict)
    alive: list[int] = field(default_factory=list)

    # ---- the audience ----------------------------------------------------------------------------------------------

    def write_to(self, many: int) -> None:
        """To so many, half by each road; at the platform all follow and have just spoken."""
        met = self._followers(many)
        for bundle, openids in ((KEYED, met[::2]), (KEYLESS, met[1::2])):
            self.openids[bundle] = set(openids)
            for first in range(0, len(openids), POURED):
                part = openids[first : first + POURED]
                self.site.database.writing(partial(_pour, openids=part, bundle=bundle))

    def _followers(self, many: int) -> list[str]:
        app = Apps.load(self.data / "apps.json").named("main")
        assert app
        now, met = clock.now().timestamp(), []
        with self.store.writing() as db:
            for number in range(many):
                one = neighbours.create(db, f"读者{number}")
                met.append(neighbours.openid_of(db, app, one.id))
                contacts.change_contact(db, "main", one.id, following=1, followed_at=now, last_message_at=now)
                contacts.open_window(db, "main", one.id, "message", now)
        return met

    # ---- the senders -----------------------------------------------------------------------------------------------

    def start_sender(self, fail: str = "") -> None:
        """`fail` names the point where it ends by itself (app/failpoints.py)."""
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.nursery.stdin.write(f"{VARIABLE}={fail}\n")
        self.nursery.stdin.flush()
        self.alive.append(int(self.nursery.stdout.readline()))

    def wait_for_its_death(self) -> None:
        """The last sender that was started comes to the point where it ends."""
        until = time.monotonic() + PATIENCE_SECONDS
        while birth(self.alive[-1]):
            assert time.monotonic() < until, (self.states(KEYED), self.states(KEYLESS))
            time.sleep(0.01)
        self.alive.pop()

    def kill_sender(self, number: int) -> None:
        os.kill(self.alive.pop(number), signal.SIGKILL)

    def end_senders(self) -> None:
        while self.alive:
            self.kill_sender(0)

    # ---- what became of it -----------------------------------------------------------------------------------------

    def states(self, bundle: str) -> Counter[str]:
        with self.site.database.reading() as session:
            return Counter(session.scalars(select(OutboxRow.state).where(OutboxRow.bundle == bundle)))

    def unknown(self, bundle: str) -> set[str]:
        """Whom staff are told to ask."""
        with self.site.database.reading() as session:
            of_bundle = OutboxRow.bundle == bundle, OutboxRow.state == "unknown"
            people = set(session.scalars(select(OutboxRow.person_id).where(*of_bundle)))
            known = session.execute(select(Identity.person_id, Identity.openid)).all()
            return {openid for person, openid in known if person in people}

    def received(self, bundle: str) -> Counter[str]:
        """How often each of them really got it."""
        sent = self.platform.control("GET", "/sent", via=ROADS[bundle], limit=1_000_000)
        return Counter(each["openid"] for each in sent if each["openid"] in self.openids[bundle])

    def arrived(self) -> int:
        """How many messages the platform has shown."""
        with self.store.reading() as db:
            return int(db.execute("SELECT count(*) FROM bubble WHERE sender = 'account'").fetchone()[0])

    def wait_for(self, many: int) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while self.arrived() < many:
            assert time.monotonic() < until, (self.states(KEYED), self.states(KEYLESS))
            time.sleep(0.01)

    def waits_until(self, bundle: str) -> datetime:
        """When what waits longest is due."""
        with self.site.database.reading() as session:
            waits = OutboxRow.bundle == bundle, OutboxRow.state == "waiting"
            found = session.scalar(select(func.max(OutboxRow.due)).where(*waits))
        assert found
        return found

    def is_over(self) -> bool:
        try:
            return set(self.states(KEYED)) | set(self.states(KEYLESS)) <= OVER
        except (Busy, OperationalError):
            return False

    def wait_for_the_end(self, seconds: float, *, step: timedelta = LEASE_AND_MORE) -> None:
        """Leases run out by themselves; the clock only helps when nothing moves any more."""
        until, before = time.monotonic() + seconds, -1
        while not self.is_over():
            assert time.monotonic() < until, (self.states(KEYED), self.states(KEYLESS))
            time.sleep(0.5)
            arrived = self.arrived()
            if arrived == before:
                self.later(step)
            before = arrived

    def later(self, step: timedelta) -> None:
        self.platform.control("POST", "/clock/shift", seconds=step.total_seconds())

    @contextmanager
    def faults(self, **faults: Any) -> Iterator[None]:
        self.platform.control("PUT", "/faults", **faults)
        try:
            yield
        finally:
            self.platform.control("POST", "/faults/reset")


def _pour(session: Any, openids: list[str], bundle: str) -> None:
    first = (session.scalar(select(Person.id).order_by(Person.id.desc()).limit(1)) or 0) + 1
    ids = list(range(first, first + len(openids)))
    insert_many_once(session, Person, [{"id": one} for one in ids])
    same = {"kind": "oa", "app": "oa:main", "following": True, "spoke_at": clock.now()}
    known = [same | {"person_id": one, "openid": openid} for one, openid in zip(ids, openids, strict=True)]
    insert_many_once(session, Identity, known)
    outbox.put_bundle(session, bundle, ids, kind="appointments.reminder", facts=FACTS, roads=[ROADS[bundle]])


@contextmanager
def mail(data: Path, database: str, redis: str, *, per_second: int = 1000) -> Iterator[Mail]:
    """A house without a web program: what WeChat reports later is not heard, so `submitted` is the best end."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("XINGFU_")} | {
        "XINGFU_DATA": str(data),
        "XINGFU_PORT": str(free_port()),
        "XINGFU_CONFIG": "",
        "XINGFU_DATABASE__URL": database,
        "XINGFU_REDIS__URL": redis,
        "XINGFU_DELIVERY__AT_ONCE": str(AT_ONCE),
        "XINGFU_DELIVERY__PER_SECOND": str(per_second),
    }
    settings = load_settings(environ)
    with closing(Redis.from_url(redis)) as client:
        client.flushall()  # the cards and tokens of another test's house
    platform = start_platform(data, apps_of(settings), settings.web.port + 1)
    platform.control("PUT", "/settings", deliveries=1)
    with (data / "senders.log").open("wb") as log:
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log, "text": True}
        command = [sys.executable, "-m", "tests.chaos.nursery", "scheduler.delivery"]
        nursery = subprocess.Popen(command, cwd=PROJECT, env=environ, **pipes)
    with closing(Site(settings)) as site:
        made = Mail(data, environ, platform, site, nursery, Store(data / "sandbox" / "sandbox.sqlite3"))
        try:
            yield made
        finally:
            made.end_senders()
            nursery.kill()
            nursery.wait()
            platform.stop()
