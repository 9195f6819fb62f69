"""One house on two hosts: the database and Redis over TCP, and on each host a web, a scheduler and a delivery of its own.

The hosts are addresses of the loopback network with a DATA folder each; what they share is the folder of kept files and
the keys. Residents are passed from host to host at every message, as a balancer may do it.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select, update

from app import clock, hosts
from app.installation import apps_of
from app.settings import Settings, load_settings
from app.site import Site
from models import leader, outbox
from models.base import EPOCH
from models.identity import Identity
from models.schedule import Schedule
from scheduler.timetable import timetable
from tests.chaos.mail import FACTS
from tests.neighbours import Phone
from tests.operations.machines import Host, move_in, postgres_on_tcp, share, valkey_on_tcp
from tests.roads.street import eventually, option
from tests.sandbox.platform_process import RunningPlatform, start_platform
from tests.stack import free_port

pytestmark = pytest.mark.xdist_group("stack")
AUDIENCE = 30
MOMENTS = 60.0  # on a calm machine two or three seconds


@dataclass
class House:
    """Everything that two hosts are one house by, and a neighbour's way to both of them."""

    settings: Settings
    site: Site
    platform: RunningPlatform
    environ: dict[str, str]
    hosts: list[Host]
    asked: int = field(default=0)
    only: Host | None = None

    @property
    def client(self) -> House:
        return self

    def post(self, path: str, *, query_string: dict[str, str], data: bytes) -> Any:
        """What a balancer does: the next host, each time."""
        host = self.only or self.hosts[self.asked % len(self.hosts)]
        self.asked += 1
        answer = requests.post(f"{host.web}{path}", params=query_string, data=data, timeout=10)
        return Answer(answer.status_code, answer.text)

    def leading(self) -> Host | None:
        with self.site.database.reading() as session:
            found = leader.leader(session)
        return next((host for host in self.hosts if found and found.holder.startswith(f"{host.name} ")), None)

    def scalar(self, question: Any) -> Any:
        with self.site.database.reading() as session:
            return session.scalar(question)


@dataclass(frozen=True)
class Answer:
    status_code: int
    text: str


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder, port = tmp_path_factory.mktemp("hosts"), free_port()
    with ExitStack() as ground:
        servers = Path(ground.enter_context(tempfile.TemporaryDirectory(prefix="xf-hosts-", dir="/tmp")))
        servers.chmod(0o755)
        (servers / "pg").mkdir()
        environ = {
            "XINGFU_DATABASE__URL": ground.enter_context(postgres_on_tcp(servers / "pg", free_port())),
            "XINGFU_REDIS__URL": ground.enter_context(valkey_on_tcp(servers, free_port())),
            "XINGFU_WEB__PUBLIC_URL": f"http://127.0.0.1:{port}",
            "XINGFU_WEB__WORKERS": "1",
        }
        two = [
            Host("a", "127.0.0.2", folder / "a", port, environ),
            Host("b", "127.0.0.3", folder / "b", port, environ),
        ]
        settings = load_settings(two[0].environ)
        share(folder, two)
        move_in(settings)
        platform = start_platform(two[0].data, apps_of(settings), port + 1)
        ground.callback(platform.stop)
        with ThreadPoolExecutor() as pool:  # in the same moment
            list(pool.map(Host.start, two))
        for host in two:
            ground.callback(host.stop)
        site = ground.enter_context(closing(Site(load_settings(two[0].environ))))
        yield House(settings, site, platform, environ, two)


def test_two_hosts_that_start_together_serve_one_house(house: House) -> None:
    assert [requests.get(f"{host.web}/healthz", timeout=5).status_code for host in house.hosts] == [200, 200]
    assert {card.host for card in hosts.living(house.site.redis)} == {"a", "b"}


def test_a_conversation_goes_on_at_whichever_host_it_reaches(house: House) -> None:
    resident = Phone(house, "马秀兰", "main")  # type: ignore[arg-type]
    resident.follows()
    times = resident.says(option(resident.says("预约服务"), "高龄补贴"))
    asked = resident.says(option(times, "点", without="今天"))
    if "姓名" in asked:
        asked = resident.says("马秀兰")
    assert "约好了" in resident.says("1")
    assert "预约号" in resident.says("我的预约")
    assert house.asked >= 6


def test_a_push_that_is_repeated_at_the_other_host_gets_the_same_answer(house: House) -> None:
    resident = Phone(house, "韩师傅", "main")  # type: ignore[arg-type]
    push = resident.xml("text", "<Content>办事指南</Content><MsgId>77001</MsgId>", None)
    answers = [resident.deliver(push) for _ in house.hosts]
    assert answers[0]
    assert answers[0] == answers[1]


def test_what_is_due_is_done_by_the_leader_and_each_job_once(house: House) -> None:
    """Every job of the timetable is due in the same moment; what each host has done since stands in its log."""
    eventually(lambda: house.leading() is not None)
    began = clock.now()
    others = Schedule.job != leader.ROW
    house.site.database.writing(
        lambda session: session.execute(update(Schedule).where(others).values(next_due=began))
    )
    late = select(func.count()).select_from(Schedule).where(Schedule.next_due <= began, others)
    eventually(lambda: not house.scalar(late), MOMENTS)
    jobs = timetable(house.site)
    eventually(lambda: {job for _, job in done_since(house, began)} == set(jobs), MOMENTS)
    done, now = done_since(house, began), clock.now()
    assert {host for host, _ in done} == {house.leading()}, "who stands by does nothing"
    runs = Counter(job for _, job in done)
    once = {name for name, job in jobs.items() if job.trigger.get_next_fire_time(None, began) > now}  # type: ignore[operator]
    assert len(once) > 40
    assert {name: runs[name] for name in once} == dict.fromkeys(once, 1)
    assert not [one for host in house.hosts for one in host.lines("scheduler") if one["level"] == "error"]


def done_since(house: House, began: datetime) -> list[tuple[Host, str]]:
    """(host, job) of each run."""
    lines = [(host, one) for host in house.hosts for one in host.lines("scheduler")]
    done = [(host, one) for host, one in lines if one["event"] == "job_done"]
    return [(host, one["job"]) for host, one in done if datetime.fromisoformat(one["timestamp"]) >= began]


def lease_runs_out(house: House) -> None:
    """As after five seconds in which nobody has kept it."""
    row = update(Schedule).where(Schedule.job == leader.ROW).values(next_due=EPOCH)
    house.site.database.writing(lambda session: session.execute(row))


def test_a_broadcast_goes_out_once_whoever_sends_it(house: House) -> None:
    openids = [followed(house, f"读者{number}") for number in range(AUDIENCE)]

    def pour(session: Any) -> None:
        people = session.scalars(select(Identity.person_id).where(Identity.openid.in_(openids))).all()
        outbox.put_bundle(
            session, "hosts", people, kind="appointments.reminder", facts=FACTS, roads=["template"]
        )

    house.site.database.writing(pour)
    left = select(func.count()).select_from(outbox.OutboxRow)
    left = left.where(outbox.OutboxRow.bundle == "hosts", outbox.OutboxRow.state.in_(("waiting", "sending")))
    eventually(lambda: not house.scalar(left), MOMENTS)
    sent = house.platform.control("GET", "/sent", via="template", limit=1000)
    assert Counter(one["openid"] for one in sent if one["openid"] in openids) == Counter(openids)


def followed(house: House, name: str) -> str:
    """Somebody whom the platform and the house know."""
    made = house.platform.http.post(
        f"{house.platform.url}/phone/api/neighbours", json={"name": name}, timeout=10
    )
    number = str(made.json()["id"])
    house.platform.phone(number, "follow")
    return str(house.platform.openid(number))


def test_a_host_with_another_key_or_another_folder_does_not_start(house: House, tmp_path: Path) -> None:
    stranger = Host("c", "127.0.0.4", tmp_path / "c", house.hosts[0].port, house.environ)
    assert "copy DATA/secrets/*.key from there" in refusal(house, stranger)
    shutil.rmtree(stranger.data / "secrets")
    shutil.copytree(house.hosts[0].data / "secrets", stranger.data / "secrets")
    assert "DATA/files must be the same shared folder" in refusal(house, stranger)
    shutil.rmtree(stranger.data / "files")
    (stranger.data / "files").symlink_to((house.hosts[0].data / "files").resolve())
    stranger.environ["XINGFU_HOST__NAME"] = "a"
    assert "two hosts are called a" in refusal(house, stranger)


def refusal(house: House, host: Host) -> str:
    """The one line with which its programs refuse to serve."""
    (host.data / "files").mkdir(parents=True, exist_ok=True)
    try:
        with closing(Site(load_settings(host.environ))) as site, pytest.raises(SystemExit) as refused:
            hosts.check(site)
    finally:  # keys and the folder of files belong to the process
        Site(house.settings).close()
    return str(refused.value)


def test_a_leader_that_hangs_is_followed_and_leads_no_more_when_it_wakes(house: House) -> None:
    first = eventually(house.leading)
    (second,) = [host for host in house.hosts if host is not first]
    os.killpg(first.pid("scheduler"), signal.SIGSTOP)
    lease_runs_out(house)
    try:
        eventually(lambda: house.leading() is second, MOMENTS)
    finally:
        os.killpg(first.pid("scheduler"), signal.SIGCONT)
    eventually(lambda: first.lines("scheduler")[-1]["event"] == "stands_by", MOMENTS)
    assert house.leading() is second


def test_when_a_host_dies_the_other_leads_and_serves_everybody(house: House) -> None:
    lost = eventually(house.leading)
    (house.only,) = [host for host in house.hosts if host is not lost]
    lost.dies()
    lease_runs_out(house)
    assert "预约号" in Phone(house, "马秀兰", "main").says("我的预约")  # type: ignore[arg-type]
    eventually(lambda: house.leading() is house.only, MOMENTS)
    told = requests.get(f"{house.only.web}/readyz", timeout=5).json()
    assert told["host"] == told["leader"] == house.only.name
