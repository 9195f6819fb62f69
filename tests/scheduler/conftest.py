"""A house that really sends: our code in this process, the sandbox platform as a process of its own beside it.

The platform pushes its reports to our web application, which listens on a thread. Both clocks are one file.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from app import clock
from app.installation import apps_of
from app.settings import Settings, load_settings
from app.site import Site
from app.wechat.quota import MORNING
from models import outbox
from models.identity import Actor, Identity, Person
from models.outbox import OutboxRow
from scheduler.delivery import Delivery
from tests.neighbours import Town
from tests.sandbox.platform_process import RunningPlatform, start_platform
from tests.stack import free_port
from tests.towns import living


@dataclass(frozen=True)
class Platform:
    """The running sandbox and the settings that lead to it."""

    running: RunningPlatform
    settings: Settings

    def control(self, method: str, path: str, **body: Any) -> Any:
        return self.running.control(method, path, **body)

    @contextmanager
    def faults(self, **faults: Any) -> Iterator[None]:
        self.control("PUT", "/faults", **faults)
        try:
            yield
        finally:
            self.control("POST", "/faults/reset")

    def calls(self, path: str, after: int = 0) -> list[Any]:
        asked = {"path": path, "after": str(after), "limit": "1000"}
        found: list[Any] = self.running.http.get(
            f"{self.running.url}/control/api/calls", params=asked, timeout=10
        ).json()
        return found


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("platform")
    port = free_port()
    settings = load_settings({"XINGFU_DATA": str(folder), "XINGFU_PORT": str(port), "XINGFU_CONFIG": ""})
    running = start_platform(folder, apps_of(settings), port + 1)
    running.control("PUT", "/settings", deliveries=1)
    yield Platform(running, settings)
    running.stop()


@dataclass
class Post:
    """The house and its way to the people: rows in, messages out."""

    town: Town
    platform: Platform
    delivery: Delivery

    @property
    def site(self) -> Site:
        return self.town.site

    def reader(self, name: str = "白玉兰") -> Reader:
        """A neighbour who follows and has just spoken."""
        made = self.platform.running.http.post(
            f"{self.platform.running.url}/phone/api/neighbours", json={"name": name}, timeout=10
        )
        number = str(made.json()["id"])
        self.platform.running.phone(number, "follow")
        self.platform.running.phone(number, "send", kind="text", text="你好")
        return Reader(self, number, self.platform.running.openid(number))

    def deliver(self) -> int:
        return self.delivery.deliver_due()

    def later(self, delta: timedelta) -> None:
        """Time passes, here and at the platform."""
        self.platform.control("POST", "/clock/shift", seconds=delta.total_seconds())

    def row(self, once: str) -> OutboxRow:
        with self.town.reading() as session:
            found = session.scalars(select(OutboxRow).where(OutboxRow.once == once)).one()
            session.expunge_all()
            return found


@dataclass(frozen=True)
class Reader:
    post: Post
    number: str
    openid: str

    def person(self, session: Any) -> Person:
        return session.scalars(select(Identity).where(Identity.openid == self.openid)).one().person

    def is_told(self, once: str, text: str = "您好", **more: Any) -> None:
        """A word that only customer service carries."""
        self.gets("_base.answer", once, {"text": text}, **more)

    def is_reminded(self, once: str, **more: Any) -> None:
        """A card, or words where cards do not go."""
        facts = {
            "number": "0001",
            "service": "高龄补贴",
            "place": "2号窗口",
            "at_home": False,
            "phone": "0971-8170001",
        }
        facts |= {"starts": clock.now().isoformat(), "bring": ["身份证"], "for_whom": None}
        self.gets("appointments.reminder", once, facts, **more)

    def gets(self, kind: str, once: str, facts: dict[str, Any], **more: Any) -> None:
        def unit(session: Any) -> None:
            outbox.put(session, to=self.person(session), kind=kind, once=once, facts=facts, **more)

        self.post.town.writing(unit)

    def received(self, via: str) -> list[Any]:
        """What the platform has really shown to this neighbour by this road."""
        found: list[Any] = self.post.platform.control("GET", "/sent", openid=self.openid, via=via)
        return found


@pytest.fixture(params=["sqlite", "postgresql"])
def post(
    request: pytest.FixtureRequest, platform: Platform, valkey_server: str, tmp_path: Path
) -> Iterator[Post]:
    """Once on each database."""
    with posting(platform, at_platform(platform, database_of(request, tmp_path), valkey_server)) as made:
        yield made


@contextmanager
def posting(platform: Platform, settings: Settings) -> Iterator[Post]:
    """A house with these settings, its web application on a thread, beside the platform on a good day."""
    with living(settings) as town:
        town.site.redis.flushall()
        platform.control("POST", "/faults/reset")
        platform.control("PUT", "/clock", offset=0)
        web = make_server("127.0.0.1", settings.web.port, town.app, threaded=True)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        delivery = Delivery(town.site)
        try:
            yield Post(town, platform, delivery)
        finally:
            delivery.close()
            web.shutdown()
            web.server_close()


def at_platform(platform: Platform, database: str, redis: str) -> Settings:
    """The platform's settings with a database and a Redis of the test's own."""
    known = platform.settings
    changes = {
        "database": known.database.model_copy(update={"url": database}),
        "redis": known.redis.model_copy(update={"url": redis}),
    }
    return known.model_copy(update=changes)


def database_of(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh database of the kind that the test runs on."""
    if request.param == "sqlite":
        for made in request.getfixturevalue("empty_sqlite").glob("town.db*"):
            (tmp_path / made.name).write_bytes(made.read_bytes())
        return f"sqlite:///{tmp_path}/town.db"
    server, template = request.getfixturevalue("postgres_server"), request.getfixturevalue("empty_postgres")
    url: str = server.create_database(f"post_{tmp_path.name}", template=template)
    return url


def by_job(session: Any) -> Actor:
    return Actor(session, channel="job")


def next_half_past_eight() -> datetime:
    """When a day's quota is spent, the next morning is the time to go on."""
    tomorrow = clock.today() + timedelta(days=1)
    return clock.at(tomorrow, MORNING)
