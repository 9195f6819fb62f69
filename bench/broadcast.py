"""A broadcast beside a plain wechatpy + threads loop, at a stub that takes 50 ms to answer, interleaved.

`python -m bench.broadcast` (MESSAGES=10000 AT_ONCE=128 ROUNDS=3, PEOPLE=1000,100000 for the memory, a minute and a half
on two quiet cores). Ours claims rows,
notes that they begin, sends, and writes down what came of it, in SQLite with synchronous=FULL; the peer only sends. The
ideal is what the latency allows: so many at once every 50 ms. Processor time is that of the sending process alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from app.processes import SPARING
from bench.processes import one_mb
from tests.stack import free_port

ROOT = Path(__file__).parents[1]
LATENCY = 0.05
FACTS = {
    "number": "0001",
    "service": "高龄补贴",
    "place": "2号窗口",
    "at_home": False,
    "phone": "0971-8170001",
}
FACTS |= {"starts": "2026-12-01T01:30:00+00:00", "bring": ["身份证"], "for_whom": None}
POURED = 2000


def main() -> None:
    messages, rounds = int(os.environ.get("MESSAGES", "10000")), int(os.environ.get("ROUNDS", "3"))
    at_once = int(os.environ.get("AT_ONCE", "128"))
    audiences = [int(each) for each in os.environ.get("PEOPLE", "1000,100000").split(",")]
    with stub() as port:
        results: dict[str, list[dict[str, float]]] = {"ours": [], "wechatpy": []}
        for number in range(rounds):
            for name in ("ours", "wechatpy") if number % 2 else ("wechatpy", "ours"):
                results[name].append(measured(name, port, messages, at_once))
        for name, made in results.items():
            print(line(name, made, at_once))
        pairs = zip(results["ours"], results["wechatpy"], strict=True)
        ratios = [ours["cpu"] / theirs["cpu"] for ours, theirs in pairs]
        print(
            f"processor time ours / wechatpy: {statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
        )
        for people in audiences:
            found = measured("ours", port, people, at_once)
            print(
                f"audience {people:7}: PSS {found['memory']:.0f} MB before, at most {found['peak']:.0f} MB meanwhile"
            )


def line(name: str, made: list[dict[str, float]], at_once: int) -> str:
    rate = statistics.median(one["messages"] / one["seconds"] for one in made)
    cpu = statistics.median(one["cpu"] / one["messages"] for one in made)
    share = rate / (at_once / LATENCY)
    return f"{name:9} {rate:6.0f} messages/s   {share:5.1%} of the ideal   {cpu * 1e6:4.0f} µs of processor time each"


def measured(name: str, port: int, messages: int, at_once: int) -> dict[str, float]:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "bench.broadcast", name, str(port), str(messages), str(at_once)]
    environ = dict(os.environ) | SPARING
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


# ---- the two ---------------------------------------------------------------------------------------------------------


def ours(port: int, messages: int, at_once: int) -> dict[str, float]:
    """The audience is written by another process, as in the house: what is measured is delivery alone."""
    from sqlalchemy.orm import configure_mappers

    from app.site import Site
    from scheduler.delivery import Delivery

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.broadcast", "pour", folder]
        subprocess.run([*command, "1", str(at_once)], cwd=ROOT, check=True)
        site = Site(_settings(folder, port, at_once))
        delivery = Delivery(site)
        configure_mappers()  # belongs to the start of a process, not to a message
        delivery.deliver_due()  # as warm as the peer: its connections are open, its statements made
        subprocess.run([*command, str(at_once + 1), str(messages)], cwd=ROOT, check=True)
        before = one_mb(os.getpid())
        with watched() as held:
            found = timed(delivery.deliver_due, messages)
        delivery.close()
        check(site, at_once + messages)
        site.close()
    return found | {"memory": before, "peak": max(held)}


@contextmanager
def watched() -> Iterator[list[float]]:
    """What this process holds in MB, looked at now and then while it works; a look costs two milliseconds."""
    held, over = [one_mb(os.getpid())], threading.Event()

    def look() -> None:
        while not over.wait(1.0):
            held.append(one_mb(os.getpid()))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield held
    finally:
        over.set()
        looking.join()
        held.append(one_mb(os.getpid()))


def wechatpy(port: int, messages: int, at_once: int) -> dict[str, float]:
    """As its users do it: one client, a pool of threads, a call for each."""
    from concurrent.futures import ThreadPoolExecutor

    from wechatpy import WeChatClient

    client = WeChatClient("wx3d1f8a2b6c9e4705", "0" * 32, access_token="T")
    client.API_BASE_URL = f"http://127.0.0.1:{port}/"
    client.session.set("wx3d1f8a2b6c9e4705_access_token", "T")
    data = {
        "thing1": {"value": "高龄补贴"},
        "time2": {"value": "2026年12月1日 09:30"},
        "thing3": {"value": "2号窗口"},
    }

    def send(number: int) -> None:
        client.post(
            "cgi-bin/message/template/send", data={"touser": f"o{number}", "template_id": "t", "data": data}
        )

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(send, range(at_once)))
        return timed(lambda: list(pool.map(send, range(messages))), messages)


def timed(work: Any, messages: int) -> dict[str, float]:
    started, cpu = time.monotonic(), time.process_time()
    work()
    return {"messages": messages, "seconds": time.monotonic() - started, "cpu": time.process_time() - cpu}


def pour(folder: str, first_one: int, messages: int) -> None:
    """So many who follow, each with one message of the same bundle; a few thousand in a unit, as the house does it."""
    from app.schema import migrate
    from app.site import Site
    from models import outbox
    from models.base import insert_many_once
    from models.identity import Identity, Person

    def some(session: Any, first: int, many: int) -> None:
        ids = list(range(first, first + many))
        insert_many_once(session, Person, [{"id": one} for one in ids])
        same = {"kind": "oa", "app": "oa:main", "following": True}
        insert_many_once(
            session, Identity, [same | {"person_id": one, "openid": f"o{one:027}"} for one in ids]
        )
        outbox.put_bundle(
            session, "bench", ids, kind="appointments.reminder", facts=FACTS, roads=["template"]
        )

    settings = _settings(folder)
    for lane in ("main", "confidential"):
        migrate(settings.database.url, lane)
    site = Site(settings)
    beyond = first_one + messages
    for first in range(first_one, beyond, POURED):
        many = min(POURED, beyond - first)
        site.database.writing(partial(some, first=first, many=many))
    site.close()


def check(site: Any, messages: int) -> None:
    from sqlalchemy import func, select

    from models.outbox import OutboxRow

    with site.database.reading() as session:
        sent = session.scalar(select(func.count()).where(OutboxRow.state == "submitted"))
    if sent != messages:
        raise SystemExit(f"{sent} of {messages} were sent")


def _settings(folder: str, port: int = 1, at_once: int = 1) -> Any:
    from app.settings import load_settings

    environ = {"XINGFU_DATA": folder, "XINGFU_PORT": str(free_port()), "XINGFU_CONFIG": ""}
    settings = load_settings(environ)
    here = f"http://127.0.0.1:{port}"
    changes = {
        "platform": settings.platform.model_copy(update={"api_base": here}),
        "delivery": settings.delivery.model_copy(update={"at_once": at_once, "per_second": 1_000_000}),
    }
    return settings.model_copy(update=changes)


# ---- WeChat's place --------------------------------------------------------------------------------------------------


@contextmanager
def stub() -> Iterator[int]:
    """A process that takes whatever comes and answers 50 ms later."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.broadcast", "stub", str(port)], cwd=ROOT)
    try:
        time.sleep(1.5)
        yield port
    finally:
        process.terminate()
        process.wait()


class Stub(asyncio.Protocol):
    """Just enough of HTTP: one request after the other on a connection, each with a length."""

    def __init__(self) -> None:
        self.kept = b""
        self.ids = 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.kept += data
        head, found, rest = self.kept.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self.kept = b""
        Stub.ids += 1
        body = b'{"errcode":0,"errmsg":"ok","msgid":%d}' % Stub.ids
        if b"stable_token" in head:
            body = b'{"access_token":"T","expires_in":7200}'
        asyncio.get_running_loop().call_later(LATENCY, self._answer, body)

    ids = 0

    def _answer(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self.transport.write(head + body)


def _length(head: bytes) -> int:
    for each in head.split(b"\r\n"):
        name, _, value = each.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


def one(name: str, *numbers: str) -> None:
    """What each process of the benchmark does."""
    if name == "stub":
        asyncio.run(_serve(int(numbers[0])))
    elif name == "pour":
        pour(numbers[0], int(numbers[1]), int(numbers[2]))
    else:
        values = [int(each) for each in numbers]
        print(json.dumps({"ours": ours, "wechatpy": wechatpy}[name](*values)))


if __name__ == "__main__":
    if sys.argv[1:]:
        one(*sys.argv[1:])
    else:
        main()
