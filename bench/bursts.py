"""Crowds at a running house: trust P1, P2, P3, P5, P10 and F22, and what its programs hold in memory meanwhile.

`python -m bench.bursts` (SCALE=0.05 of the full times; SCENES=steady,burst,overload,storm,broadcast,restart
RATES=100,300,1500 STEADY_SECONDS=600×SCALE PEOPLE=5000 AUDIENCE=20000×SCALE PER_SECOND=50 WORKERS=2 STARTS=3 SEED=1
ON=sqlite|postgresql). The house runs whole, as `make run` starts it; the load is open-loop and sealed ahead
(bench/crowd.py). WeChat's place is taken by the stub of bench/broadcast.py, 50 ms away. The peer is bench/echo.py: the
bare wechatpy echo on the same server with the same number of workers, as many texts at the same moments. After each
scene the database is asked whether every push that was accepted is in the inbox.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from bench.broadcast import FACTS, POURED, stub
from bench.checkins import _postgres
from bench.crowd import HEAD, Author, Crowd, followers, judged, mixed, texts
from bench.crowded import SEED, WORKERS, House, at_the_same_time, echo, prepare
from bench.processes import cpu_seconds
from bench.quality import PERFORMANCE, put, table
from bench.webhook import sealer_of
from tests.stack import Stack

SCALE = float(os.environ.get("SCALE", "0.05"))
USUAL, BURST, CROWD = (float(one) for one in os.environ.get("RATES", "100,300,1500").split(","))
STEADY_SECONDS = float(os.environ.get("STEADY_SECONDS", str(600 * SCALE)))
PEOPLE = int(os.environ.get("PEOPLE", "5000"))
AGAIN = 15.0  # seconds of usual load after an overload
WARM_SECONDS = 12.0
STARTS = int(os.environ.get("STARTS", "3"))
REST_SECONDS = 5.0
GOOD = 0.3  # seconds: P1's p99
AUDIENCE = int(os.environ.get("AUDIENCE", str(int(20_000 * SCALE))))
PER_SECOND = int(os.environ.get("PER_SECOND", "50"))  # messages of the broadcast


# ---- scenes ----------------------------------------------------------------------------------------------------------


def steady(house: House) -> list[list[str]]:
    """P1, and the peer under as many texts."""
    parts = (STEADY_SECONDS, USUAL)
    before = cpu_seconds(house.stack.pid("web"))
    seen = house.load(mixed(PEOPLE, SEED), parts)
    ours = (cpu_seconds(house.stack.pid("web")) - before) / len(seen.pushes)
    with echo(house) as (web, pid):
        before = cpu_seconds(pid)
        pushes, began = house.author.write(texts(mixed(PEOPLE, SEED)), parts)
        Crowd(web).send(pushes)
        theirs = (cpu_seconds(pid) - before) / len(pushes)
    house.notes.append(
        f"processor time of a push: ours {ours * 1000:.2f} ms, echo {theirs * 1000:.2f} ms, ratio {ours / theirs:.1f}"
    )
    bare = judged(pushes, began, house.open)
    return [seen.row(f"P1 {USUAL:.0f}/s × {parts[0]:.0f} s"), bare.row("the same, bare echo")]


def burst(house: House) -> list[list[str]]:
    """P2."""
    parts = (60 * SCALE, BURST)
    return [house.load(mixed(PEOPLE, SEED + 1), parts).row(f"P2 {BURST:.0f}/s × {parts[0]:.0f} s")]


def overload(house: House) -> list[list[str]]:
    """P3: too much, then the usual again."""
    hard = max(5.0, 30 * SCALE)
    seen = house.load(mixed(PEOPLE, SEED + 2), (hard, CROWD), (AGAIN, USUAL))
    within, after = seen.between(0, hard), seen.between(hard, hard + AGAIN)
    accepted = within.ended("accepted")
    in_time = sum(one.latency < 4.5 for one in accepted) / max(1, len(accepted))
    late = [
        one.due - seen.began - hard for one in after.pushes if one.end != "accepted" or one.latency > GOOD
    ]
    told = within.at(0.99, "turned away") * 1000
    house.notes.append(
        f"P3: {len(accepted) / hard:.0f}/s accepted, {in_time:.2%} of them within 4.5 s; p99 of those turned away"
        f" {told:.0f} ms; the last answer of the usual load that was not good came {max(late, default=0):.1f} s after"
    )
    return [
        within.row(f"P3 {CROWD:.0f}/s × {hard:.0f} s"),
        after.row(f"{USUAL:.0f}/s × {AGAIN:.0f} s after it"),
    ]


def storm(house: House) -> list[list[str]]:
    """F22: everybody follows at once; in the end everybody is followed."""
    count = max(500, int(5000 * SCALE))
    first = 10_000_000 + time.time_ns() // 1000 % 10**9
    seen = house.load(followers(first), (count / 500, 500))
    house.notes.append(f"F22: {following(house, first)} of {count} follow")
    return [seen.row(f"F22 {count} subscribe at 500/s")]


def following(house: House, first: int) -> int:
    from sqlalchemy import func, select

    from bench.crowd import openid
    from models.identity import Identity

    new = Identity.openid >= openid(first), Identity.openid <= openid(first + 10_000), Identity.following
    with house.site.database.reading() as session:
        return session.scalar(select(func.count(Identity.id)).where(*new)) or 0


def broadcast(house: House) -> list[list[str]]:
    """P5: the usual load while a broadcast goes out."""
    people, seconds = AUDIENCE, AUDIENCE / PER_SECOND + 5
    began = time.monotonic()
    seen = house.load(mixed(PEOPLE, SEED + 3), (seconds, USUAL), meanwhile=lambda: pour(house, people))
    sent = sent_of(house)
    while sent < people and time.monotonic() - began < seconds * 3:
        time.sleep(0.5)
        sent = sent_of(house)
    house.notes.append(f"P5: {sent} of {people} sent in {time.monotonic() - began:.0f} s at {PER_SECOND}/s")
    return [seen.row(f"P5 {USUAL:.0f}/s during a broadcast to {people}")]


def pour(house: House, people: int) -> None:
    """The audience and its bundle, a few thousand in a unit, as the house writes them."""
    from models import outbox
    from models.base import insert_many_once
    from models.identity import Identity, Person

    def some(session: Any) -> None:
        insert_many_once(session, Person, [{"id": one} for one in ids])
        same = {"kind": "oa", "app": "oa:main", "following": True}
        insert_many_once(
            session, Identity, [same | {"person_id": one, "openid": f"oB{one:026}"} for one in ids]
        )
        outbox.put_bundle(
            session, "bursts", ids, kind="appointments.reminder", facts=FACTS, roads=["template"]
        )

    everybody = range(10_000_001, 10_000_001 + people)
    for at in range(0, people, POURED):
        ids = list(everybody[at : at + POURED])
        house.site.database.writing(some)


def sent_of(house: House) -> int:
    from sqlalchemy import func, select

    from models.outbox import OutboxRow

    gone = OutboxRow.bundle == "bursts", OutboxRow.state.in_(("submitted", "delivered"))
    with house.site.database.reading() as session:
        return session.scalar(select(func.count(OutboxRow.id)).where(*gone)) or 0


def restart(house: House) -> list[list[str]]:
    """P10: the web is ended in the middle of the usual load, once politely and once not; nothing acknowledged is
    lost."""
    seconds = max(24.0, 60 * SCALE)

    def end_twice() -> None:
        time.sleep(seconds * 0.3)
        os.kill(house.stack.pid("web"), signal.SIGTERM)
        time.sleep(seconds * 0.4)
        house.stack.kill("web")

    seen = house.load(mixed(PEOPLE, SEED + 4), (seconds, USUAL), tries=3, meanwhile=end_twice)
    again = sum(one.tries > 1 for one in seen.pushes)
    house.notes.append(
        f"P10: SIGTERM and SIGKILL of the web under {USUAL:.0f}/s: {again} pushes were said again"
    )
    return [seen.row(f"P10 two restarts in {seconds:.0f} s")]


def cold_start(stack: Stack) -> float:
    """Seconds from `make run` on a prepared folder to the first good answer."""
    _, sealer = sealer_of(stack.environ)
    author, began = Author(sealer), time.monotonic()
    with at_the_same_time(stack.start):
        wait_for_port(stack.port)  # whoever is refused waits the whole time of an answer before the next try
        while True:
            pushes, first = author.write(texts(mixed(10, SEED)), (0.02, 50))
            Crowd(stack.web, answer_seconds=2.0).send(pushes)
            if judged(pushes, first, sealer.open).ended("accepted"):
                return pushes[0].answered - began
            time.sleep(0.05)


def wait_for_port(port: int) -> None:
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)


def cold_starts(stack: Stack) -> list[float]:
    """Several, because the first one of a machine also reads the code from its disk; the last one stays."""
    found = [cold_start(stack)]
    while len(found) < STARTS:
        time.sleep(REST_SECONDS)  # until those who are not awaited are up too
        stack.stop()
        found.append(cold_start(stack))
    time.sleep(REST_SECONDS)
    return found


SCENES: dict[str, Callable[[House], list[list[str]]]] = {
    scene.__name__: scene for scene in (steady, burst, overload, storm, broadcast, restart)
}


# ---- the whole -------------------------------------------------------------------------------------------------------


def main() -> None:
    chosen = os.environ.get("SCENES", ",".join(SCENES)).split(",")
    postgres = os.environ.get("ON", "sqlite") == "postgresql"
    with ExitStack() as open_:
        port = open_.enter_context(stub())
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        environ = {
            "XINGFU_WEB__WORKERS": str(WORKERS),
            "XINGFU_PLATFORM__API_BASE": f"http://127.0.0.1:{port}",
            "XINGFU_DELIVERY__PER_SECOND": str(PER_SECOND),
        }
        if postgres:
            environ["XINGFU_DATABASE__URL"] = open_.enter_context(_postgres())
        stack = Stack(folder / "data", environ=environ)
        prepare(stack)
        open_.callback(stack.stop)
        started = cold_starts(stack)
        house = House(stack)
        house.notes.append(
            f"P10: from `make run` on a prepared folder to the first good answer {statistics.median(started):.1f} s"
            f" (median of {len(started)}, {min(started):.1f}–{max(started):.1f})"
        )
        held = [house.memory()]
        warm_up(house)
        rows = []
        for name in chosen:
            house.scene = name
            found = SCENES[name](house)
            rows += found
            print("\n".join(" | ".join(row) for row in found), "\n  ", house.notes[-1], flush=True)
        held.append(house.memory())
        house.site.close()
    tell("PostgreSQL" if postgres else "SQLite", rows, house.notes, held)


def warm_up(house: House) -> None:
    """Each kind of talk once in each worker, uncounted: the first of a kind builds what the others use (a worker that
    has just begun is the business of `restart`)."""
    house.scene = "warming up"
    house.load(mixed(PEOPLE, SEED + 9), (WARM_SECONDS, USUAL / 4))


def tell(database: str, rows: list[list[str]], notes: list[str], held: list[dict[str, str]]) -> None:
    words = table(HEAD, rows) + "\n\n" + "\n".join(f"- {note}" for note in notes)
    memory = table(
        ["PSS in MB", "after the start", "after the crowds"],
        [[name, *(one[name] for one in held)] for name in held[0]],
    )
    print(f"{words}\n\n{memory}")
    if os.environ.get("WRITE"):
        put(PERFORMANCE, f"Crowds, {database}", words)
        put(PERFORMANCE, f"Memory, {database}", memory)


if __name__ == "__main__":
    main()
