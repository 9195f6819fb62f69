"""Two hosts of one house in network namespaces, the servers that they share on machines of their own, and WeChat outside."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, create_engine, select, text, update
from sqlalchemy.orm import Session

from app import clock
from app.database import Busy
from app.installation import apps_of
from app.settings import load_settings
from app.site import Site
from models import leader, outbox
from models.identity import Identity
from models.outbox import OutboxRow
from models.schedule import Schedule
from tests.chaos.accounts import Account
from tests.chaos.chatting import people
from tests.chaos.cluster import Door
from tests.chaos.mail import FACTS, KEYED, KEYLESS, OVER, ROADS
from tests.chaos.nets import Net
from tests.chaos.proxy import Pipe
from tests.chaos.test_schedulers import KEEP_A_LOG
from tests.operations.machines import Host, move_in, postgres_on_tcp, share, valkey_on_tcp
from tests.roads.street import Neighbour, Street
from tests.sandbox.platform_process import start_platform
from tests.stack import Stack, free_port

POSTGRES, REDIS = "postgres", "redis"
LOCKED = 20.0


@dataclass
class Hamlet:
    """Two hosts of one house, the servers that they share, and whoever talks to them from outside."""

    network: Net
    site: Site
    street: Street
    hosts: list[Host]
    environ: dict[str, str]
    engine: Engine
    bundles: list[str] = field(default_factory=list)
    readers: list[Neighbour] = field(default_factory=list)
    had: dict[str, Counter[str]] = field(default_factory=dict)

    def leading(self) -> Host | None:
        with self.site.database.reading() as session:
            found = leader.leader(session)
        return next((host for host in self.hosts if found and found.holder.startswith(f"{host.name} ")), None)

    def all_ready(self) -> bool:
        """Everybody is served by every host, and all agree on who leads."""
        told = [ready(host) for host in self.hosts]
        return all(each.get("leader") for each in told) and len({each["leader"] for each in told}) == 1

    def begin(self) -> None:
        """What was sent to the readers before does not count."""
        self.bundles, self.had = [], {bundle: self.got(bundle) for bundle in (KEYED, KEYLESS)}

    # ---- what goes on meanwhile ------------------------------------------------------------------------------------

    def make_due(self) -> None:
        """All that the timetable knows."""
        due = clock.now() - timedelta(seconds=1)
        jobs = update(Schedule).where(Schedule.job != leader.ROW).values(next_due=due)
        self._insist(lambda session: session.execute(jobs) and None)

    def _insist(self, unit: Callable[[Session], Any]) -> None:
        """A machine that vanished in the middle of a unit keeps its rows until PostgreSQL has missed it (nine seconds)."""
        until = time.monotonic() + LOCKED
        while True:
            try:
                return self.site.database.writing(unit)
            except Busy:
                assert time.monotonic() < until
                time.sleep(0.5)

    def nothing_is_due(self) -> bool:
        late = select(Schedule.job).where(Schedule.next_due <= clock.now(), Schedule.job != leader.ROW)
        with self.site.database.reading() as session:
            return not session.scalars(late).all()

    def runs(self) -> Counter[tuple[str, str]]:
        """Every run that was claimed, and how often."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT job, due FROM run_log WHERE job <> :me"), {"me": leader.ROW}
            )
            return Counter((row.job, row.due) for row in rows)

    def write_to_all(self) -> None:
        """Half of the readers get a card, which WeChat keeps a key for, the others words, for which it has none (and
        which it carries only to people who have just spoken)."""
        for reader in self.readers[1::2]:
            reader.says("你好")
        for bundle, readers in ((KEYED, self.readers[::2]), (KEYLESS, self.readers[1::2])):
            openids = [reader.openid for reader in readers]
            self.bundles.append(f"{bundle} {secrets.token_hex(4)}")
            self._insist(partial(pour, bundle=self.bundles[-1], road=ROADS[bundle], to=openids))

    def all_is_sent(self) -> bool:
        """Leases run out by themselves; the moved clock only helps."""
        open_ones = select(OutboxRow.id).where(
            OutboxRow.bundle.in_(self.bundles), OutboxRow.state.not_in(OVER)
        )
        with self.site.database.reading() as session:
            if not session.scalars(open_ones.limit(1)).all():
                return True
        self.street.control("POST", "/clock/shift", seconds=20)
        time.sleep(0.5)
        return False

    def states(self) -> Counter[tuple[str, str]]:
        with self.site.database.reading() as session:
            asked = select(OutboxRow.bundle, OutboxRow.state).where(OutboxRow.bundle.in_(self.bundles))
            return Counter((row.bundle, row.state) for row in session.execute(asked))

    def count_letters(self, account: Account) -> None:
        """Everybody got every card once; of the words nobody got any twice, and who missed one is on the list."""
        states = self.states()
        unknown = sum(count for (_, state), count in states.items() if state == "unknown")
        turns = len(self.bundles) // 2
        for bundle, readers in ((KEYED, self.readers[::2]), (KEYLESS, self.readers[1::2])):
            got = self.got(bundle) - self.had[bundle]
            account.accepted += turns * len(readers)
            account.doubled += sum(max(0, times - turns) for times in got.values())
            missed = turns * len(readers) - got.total()
            account.lost += max(0, missed - (unknown if bundle == KEYLESS else 0))
        account.words += f" {unknown} unknown, listed;"
        assert {state for _, state in states} <= {"submitted", "delivered", "unknown"}, states

    def got(self, bundle: str) -> Counter[str]:
        """Which readers WeChat has really shown something by this road, and how often."""
        openids = {reader.openid for reader in self.readers}
        sent = self.street.control("GET", "/sent", via=ROADS[bundle], limit=1_000_000)
        return Counter(one["openid"] for one in sent if one["openid"] in openids)


def pour(session: Session, bundle: str, road: str, to: list[str]) -> None:
    persons = session.scalars(select(Identity.person_id).where(Identity.openid.in_(to))).all()
    outbox.put_bundle(session, bundle, persons, kind="appointments.reminder", facts=FACTS, roads=[road])


def ready(host: Host) -> dict[str, Any]:
    try:
        answer = requests.get(f"{host.web}/readyz", timeout=5)
    except requests.RequestException:
        return {}
    told: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
    return told


@contextmanager
def hamlet_on(network: Net, folder: Path, audience: int) -> Iterator[Hamlet]:
    """Everything of it lies under `folder`; so many readers follow."""
    port = free_port()
    addresses = {name: network.machine(name) for name in ("a", "b", POSTGRES, REDIS)}
    with ExitStack() as ground:
        servers = Path(ground.enter_context(tempfile.TemporaryDirectory(prefix="xf-nets-", dir="/tmp")))
        servers.chmod(0o755)
        (servers / "pg").mkdir()
        with network.inside(POSTGRES):
            postgres = ground.enter_context(postgres_on_tcp(servers / "pg", 5432, addresses[POSTGRES]))
        with network.inside(REDIS):
            redis = ground.enter_context(valkey_on_tcp(servers, 6379, addresses[REDIS]))
        wechat = Pipe("127.0.0.1", port + 1, network.sky)
        ground.callback(wechat.end)
        environ = {
            "XINGFU_DATABASE__URL": postgres,
            "XINGFU_REDIS__URL": redis,
            "XINGFU_WEB__PUBLIC_URL": f"http://127.0.0.1:{port}",
            "XINGFU_WEB__WORKERS": "1",
            **{f"XINGFU_PLATFORM__{road}": wechat.url for road in ("API_BASE", "OAUTH_BASE", "QR_BASE")},
        }
        two = [Host(name, addresses[name], folder / name, port, environ) for name in ("a", "b")]
        settings = load_settings(two[0].environ)
        share(folder, two)
        (two[1].data / "clock").symlink_to(two[0].data / "clock")
        move_in(settings, "notices")
        at_the_door = settings.model_copy(
            update={"web": settings.web.model_copy(update={"host": "127.0.0.1"})}
        )
        platform = start_platform(two[0].data, apps_of(at_the_door), port + 1)
        ground.callback(platform.stop)
        door = Door(port, [(host.address, port) for host in two], asks=True)
        ground.callback(door.close)
        with ThreadPoolExecutor() as pool:
            list(pool.map(partial(start_inside, network), two))
        for host in two:
            ground.callback(host.stop)
        outside = Stack(folder / "outside", port)
        street = Street(outside, postgres)
        ground.callback(street.close)
        street.control("PUT", "/settings", retry_pause_seconds=0.5)
        site = ground.enter_context(closing(Site(settings)))
        clock.use_offset_file(two[0].data / "clock")
        ground.callback(clock.use_offset_file, None)
        engine = create_engine(postgres)
        ground.callback(engine.dispose)
        with engine.begin() as connection:
            for statement in KEEP_A_LOG["postgresql"]:
                connection.execute(text(statement))
        yield Hamlet(network, site, street, two, environ, engine, readers=people(street, audience, "读者"))


def start_inside(network: Net, host: Host) -> None:
    with network.inside(host.name):
        host.start()
