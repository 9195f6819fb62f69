"""P7: 300 check-ins in 60 s, while one leader's phone brings 500 that it noted without a network; beside a bare insert.

`python -m bench.checkins` (SECONDS=60 SCANS=300 OFFLINE=500 ON=sqlite,postgresql). The house runs whole, as `make run`
starts it, on two workers. A third of the people type the four digits of the screen in the chat (a sealed push), a third
open the link behind its code, a third call from the mini-program. An open loop: each is due at its moment, and its
latency counts from there, so that a house which falls behind is not waited for. The phone sends as the page does,
twenty in a request, and leaves the house half as long in peace as each took. The peer (bench/bare.py) has the same
load, server, workers and database, and does nothing but keep each scan in a row of its own.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.processes import cpu_seconds
from bench.webhook import ROOT, sealer_of
from tests.servers import start_postgres
from tests.stack import Stack, free_port
from tests.volunteers.crowd import Crowd, Phone, gather, openid

AT_ONCE = 32
PER_REQUEST = 20
PHONE_BEGINS = 0.1  # of the time
GIVEN_UP = 300.0  # seconds
WAYS = ("chat", "link", "api")
Scan = Callable[[http.client.HTTPConnection], bool]


@dataclass
class Measured:
    latencies: list[float]
    failed: int
    cpu: float
    sync: float

    def at(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main() -> None:
    scans, offline = int(os.environ.get("SCANS", "300")), int(os.environ.get("OFFLINE", "500"))
    seconds = float(os.environ.get("SECONDS", "60"))
    for name in os.environ.get("ON", "sqlite,postgresql").split(","):
        print(f"{name}: {scans} check-ins in {seconds:.0f} s, {offline} brought meanwhile; load {_busy()}")
        with ExitStack() as stack:
            url = stack.enter_context(_postgres()) if name == "postgresql" else ""
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            ours, theirs = _both(folder, url, scans, offline, seconds)
        for who, one in (("ours", ours), ("bare insert", theirs)):
            each = one.cpu / (scans + offline) * 1000
            print(
                f"{who:11} p50 {one.at(0.5) * 1000:6.0f} ms   p99 {one.at(0.99) * 1000:6.0f} ms"
                f"   brought in {one.sync:5.1f} s   {each:5.1f} ms of processor time each   not taken {one.failed}"
            )
        print(f"ratio of processor time ours / bare insert: {ours.cpu / theirs.cpu:.1f}; load {_busy()}")


def _busy() -> str:
    """Of the whole machine: on one that others use as well, latencies say more about them."""
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def _both(folder: Path, url: str, scans: int, offline: int, seconds: float) -> tuple[Measured, Measured]:
    """The house first, then the peer, with the same people and the same seals."""
    environ = {"XINGFU_WEB__WORKERS": "2"} | ({"XINGFU_DATABASE__URL": url} if url else {})
    with Stack(folder / "data", environ=environ) as house:
        people = Prepared(house.environ, scans, offline)
        measured = _load(house.web, house.pid("web"), people, seconds)
        people.check(scans + offline - measured.failed)
        people.close()
    with _bare(people, url or str(folder / "bare.db")) as (web, pid):
        return measured, _load(web, pid, people, seconds)


class Prepared:
    """Everybody who will check in, with what proves them."""

    def __init__(self, environ: dict[str, str], scans: int, offline: int) -> None:
        from app import create_app
        from app.settings import load_settings
        from app.site import Site

        self.site = Site(load_settings(environ))
        self.shared, self.sealer = sealer_of(environ)
        self.crowd: Crowd = gather(self.site, scans + offline)
        self.scans = scans
        self.tokens = self.site.database.writing(self._api_tokens)
        self.cookies = self._cookies(create_app(self.site))
        self.ids = itertools.count(secrets.randbelow(10**12))

    def close(self) -> None:
        self.site.close()

    def _api_tokens(self, session: Any) -> dict[int, str]:
        """For each third one an identity of the mini-program that is logged in."""
        from models import api_session
        from models.identity import Identity

        made = {}
        for at in range(2, self.scans, 3):
            mini = Identity(kind="mini", app="mini:mini", openid=f"m{at}", person_id=self.crowd.people[at][0])
            session.add(mini)
            session.flush()
            made[at] = secrets.token_urlsafe(32)
            api_session.begin(session, mini, made[at], "")
        return made

    def _cookies(self, app: Any) -> dict[int, str]:
        from flask.sessions import SecureCookieSessionInterface

        from models import pages
        from models.identity import Identity

        signer: Any = SecureCookieSessionInterface().get_signing_serializer(app)
        keys = {at: secrets.token_hex(32) for at in range(1, self.scans, 3)}

        def unit(session: Any) -> None:
            for at, key in keys.items():
                pages.sign_in(session, "none", key, session.get_one(Identity, self.crowd.people[at][1]))

        self.site.database.writing(unit)
        return {
            at: f"session={signer.dumps({'browser': key, '_permanent': True})}" for at, key in keys.items()
        }

    def code(self) -> Any:
        """What stands on the leader's screen at this moment."""
        from app import clock
        from models.activities import ActivitySession
        from models.place_code import code_at

        if not hasattr(self, "held"):
            with self.site.database.reading() as session:
                self.held = session.get_one(ActivitySession, self.crowd.number)
                session.expunge_all()
        return code_at(self.held, clock.now())

    def scan(self, at: int, connection: http.client.HTTPConnection) -> bool:
        """Whether this person was told that they are checked in."""
        way, code = WAYS[at % 3], self.code()
        if way == "chat":
            query, body = self.sealer.seal(openid(at), code.digits, next(self.ids))
            status, told = _ask(connection, "POST", f"/wx/main?{query}", body, {})
            return status == 200 and "签到好了" in self.sealer.open(told)
        if way == "link":
            return (
                _ask(connection, "GET", f"/h5/checkin/{code.token}", b"", {"Cookie": self.cookies[at]})[0]
                == 200
            )
        said = {"session": self.crowd.number, "digits": code.digits, "nonce": secrets.token_hex(8)}
        headers = {"Authorization": f"Bearer {self.tokens[at]}", "Idempotency-Key": secrets.token_hex(8)}
        headers["Content-Type"] = "application/json"
        status, told = _ask(connection, "POST", "/api/v1/check-ins", json.dumps(said).encode(), headers)
        return status == 200 and b'"in"' in told

    def check(self, expected: int) -> None:
        """Everybody who was told so is there, once; and nobody else."""
        from sqlalchemy import func, select

        from models.volunteers import Attendance

        with self.site.database.reading() as session:
            rows = session.scalar(
                select(func.count(Attendance.id)).where(Attendance.session_id == self.crowd.number)
            )
        if rows != expected:
            raise SystemExit(f"{rows} of {expected} check-ins are there")


def _ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes, headers: dict[str, str]
) -> tuple[int, bytes]:
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0, b""


# ---- the load --------------------------------------------------------------------------------------------------------


def _load(web: str, pid: int, people: Prepared, seconds: float) -> Measured:
    phone, took = Phone(web, people.crowd), [0.0]
    phone.asks("roster", {})
    for person, _ in people.crowd.people[people.scans :]:
        phone.notes("in", person, 30)
    local, began, cpu = threading.local(), time.monotonic() + 1, cpu_seconds(pid)
    latencies: list[float] = []
    failed: list[int] = []

    def one(at: int) -> None:
        due = began + at * seconds / people.scans
        time.sleep(max(0.0, due - time.monotonic()))
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPConnection(web.removeprefix("http://"), timeout=30)
        if not people.scan(at, local.connection):
            failed.append(at)
        latencies.append(time.monotonic() - due)

    bringing = threading.Thread(target=_bring, args=(phone, began + seconds * PHONE_BEGINS, took))
    bringing.start()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, range(people.scans)))
    bringing.join()
    return Measured(latencies, len(failed), cpu_seconds(pid) - cpu, took[0])


def _bring(phone: Phone, due: float, took: list[float]) -> None:
    time.sleep(max(0.0, due - time.monotonic()))
    began = sent = time.monotonic()
    while phone.brings(PER_REQUEST) and time.monotonic() - began < GIVEN_UP:
        time.sleep(min(1.0, (time.monotonic() - sent) / 2))
        sent = time.monotonic()
    took[0] = time.monotonic() - began


# ---- the peer, and PostgreSQL ----------------------------------------------------------------------------------------


@contextmanager
def _bare(people: Prepared, url: str) -> Iterator[tuple[str, int]]:
    port = free_port()
    environ = dict(os.environ) | people.shared | {"BENCH_DATABASE": url.replace("+psycopg", "")}
    granian = str(Path(sys.executable).parent / "granian")
    command = [
        granian,
        "--interface",
        "wsgi",
        "--port",
        str(port),
        "--workers",
        "2",
        "--blocking-threads",
        "4",
    ]
    command += ["--no-ws", "--log-level", "error", "bench.bare:app"]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, start_new_session=True)
    try:
        web, until = f"http://127.0.0.1:{port}", time.monotonic() + 30
        while time.monotonic() < until:
            if (
                _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "GET", "/healthz", b"", {})[0]
                == 200
            ):
                break
            time.sleep(0.1)
        yield web, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


@contextmanager
def _postgres() -> Iterator[str]:
    """A server that keeps what it has promised (fsync), or TEST_DATABASE_URL."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="xf-pg-", dir="/tmp") as folder:
        process = start_postgres(Path(folder), safe=True)
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            process.terminate()
            process.wait(10)


if __name__ == "__main__":
    main()
