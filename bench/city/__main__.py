"""`make bench-city [SIZES=1000,10000,200000] [DATABASE=sqlite|postgresql] [TIMES=200] [PATHS=part of a name,…]`: how
cost grows with a town.

Towns are made once and kept in CITY_DATA (default: the folder for temporary files, "city"); another run uses them
again. 200,000 people with two million check-ins and as many messages take 2.7 GB, a million people 5.1 GB, ten
million 34 GB (reckoned): a town that the disk cannot hold is refused. Through
the real application in one process: sealed pushes, residents' pages, the console with signed-in clerks, each job.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.schema import migrate
from app.settings import load_settings
from app.site import Site
from bench.city.measure import ONCE, Costs, bent, measure, ratio
from bench.city.paths import Ways
from bench.city.town import Town, is_built
from bench.city.watch import Watch
from bench.quality import PERFORMANCE, put, table
from tests.servers import start_postgres

SIZES = "1000,10000,200000"
LIMITS = {(10_000, 200_000): 1.2, (10_000, 1_000_000): 1.3}
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
NEARLY = 1.2  # for other pairs of sizes
# Measured: 2.7 GB for 200,000 people with two million check-ins and as many messages, 5.1 GB for a million.
KEEP_WRITING, KB_EACH, KB_MORE, SPARE = 200_000, 13.4, 3.1, 1.2


def main() -> None:
    sizes = [int(one) for one in (os.environ.get("SIZES") or SIZES).split(",")]
    database, times = os.environ.get("DATABASE") or "sqlite", int(os.environ.get("TIMES") or 200)
    folder = Path(os.environ.get("CITY_DATA") or Path(tempfile.gettempdir()) / "city")
    with ExitStack() as stack:
        server = stack.enter_context(_postgres(folder)) if database == "postgresql" else ""
        towns = {}
        for many in sizes:
            have_room(folder / f"{database}-{many}", many)
            site = Site(settings(folder / f"{database}-{many}", server, many))
            stack.callback(site.close)
            make(site, many)
            towns[many] = Ways(site), Watch(site.database.engine)
        costs = measure(towns, times, named())
        words = _words(costs, sizes, database, times)
        words += "\n\n" + _plans(costs, towns[sizes[-1]][1], sizes[-1])
    print(words)
    if os.environ.get("WRITE") and not named():
        put(PERFORMANCE, f"{title(sizes[-1])} ({NAMES[database]})", words)


def title(large: int) -> str:
    """A town of a million is bound by another bar, and has a section of its own."""
    return "Growth of cost to a million people" if large >= 1_000_000 else "Growth of cost"


def named() -> list[str]:
    """Parts of the names of those paths that are to be measured alone (and whose figures are not kept)."""
    return [one for one in (os.environ.get("PATHS") or "").split(",") if one]


def settings(folder: Path, server: str, many: int):  # type: ignore[no-untyped-def]
    """One set of keys for all towns: a process opens what it reads with those of the site that it opened last."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = next((one for one in sorted(folder.parent.glob("*/secrets")) if one.parent != folder), None)
    if keys is not None and not (folder / "secrets").exists():
        shutil.copytree(keys, folder / "secrets")
    url = f"{server.replace('/postgres?', f'/city{many}?')}" if server else f"sqlite:///{folder}/town.db"
    for lane in ("main", "confidential"):
        migrate(url, lane)
    return load_settings({"XINGFU_DATA": str(folder), "XINGFU_DATABASE__URL": url})


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    """TEST_DATABASE_URL, or a server that lives as long as this run (its towns are made anew)."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    import psycopg

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="xf-city-", dir="/tmp") as home:
        process = start_postgres(Path(home))
        try:
            with psycopg.connect(
                f"postgresql://postgres@/postgres?host={home}", autocommit=True
            ) as connection:
                for many in (os.environ.get("SIZES") or SIZES).split(","):
                    connection.execute(f"CREATE DATABASE city{int(many)}")  # type: ignore[call-overload]
            yield f"postgresql+psycopg://postgres@/postgres?host={home}"
        finally:
            process.terminate()
            process.wait(10)


def have_room(folder: Path, many: int) -> None:
    """A town that would fill the disk is refused before its first row, with what it needs."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    first = min(many, KEEP_WRITING)
    needed = 0.0 if (folder / "town.db").exists() else (first * KB_EACH + (many - first) * KB_MORE) / 1e6
    free = shutil.disk_usage(folder.parent).free / 1e9
    if needed * SPARE > free:
        raise SystemExit(
            f"{many:,} people take {needed:.0f} GB, and {needed * SPARE:.0f} while they are written; in"
            f" {folder.parent} {free:.0f} GB are free (CITY_DATA may name another folder)"
        )


def make(site: Site, many: int) -> None:
    with site.database.reading() as session:
        if is_built(session):
            return
    began, town = time.monotonic(), Town(site, many)
    town.build()
    print(
        f"{many:,} people, {sum(town.pen.written.values()):,} rows in {time.monotonic() - began:.0f} s",
        flush=True,
    )


def _words(costs: Costs, sizes: list[int], database: str, times: int) -> str:
    large = sizes[-1]
    small = 10_000 if 10_000 in sizes[:-1] else sizes[0]
    limit = LIMITS.get((small, large), NEARLY)
    bends = bent(costs, small, large, limit)
    head = ["kind", "path", *(f"{many:,}: p50 / p95 ms" for many in sizes)]
    head += ["processor ms", "statements", "steps", "ratio"]
    rows = [
        [*_row(name, there, sizes), f"{ratio(there, small, large):.2f}"]
        for name, there in costs.items()
        if {small, large} <= set(there)
    ]
    reports = [there[large].p95 for (kind, _), there in costs.items() if kind == "report" and large in there]
    faults = [
        f"{name[1]}: {cost.fault}" for name, there in costs.items() for cost in there.values() if cost.fault
    ]
    said = [
        f"{database}, each path {times} times in turn in every town; ratio {large:,} / {small:,} of the medians of"
        + (" the clock" if database == "postgresql" else " processor time"),
        f"{len(bends)} of {len(rows)} paths above {limit}: " + ", ".join(name for _, name in bends),
        f"slowest report page: {max(reports, default=0):.0f} ms",
        *faults,
    ]
    return "\n\n".join(said) + "\n\n" + table(head, rows)


DEAREST = 15


def _plans(costs: Costs, watch: Watch, many: int) -> str:
    """How the database goes about the dearest statements of all that is not a report or a job."""
    hot = {f"{kind} {name}" for kind, name in costs if kind not in (*ONCE, "report")}
    asked = [one for one in watch.asked.values() if one.where & hot and watch.plan(one)]
    asked.sort(key=lambda one: (one.most, one.longest), reverse=True)
    parts = [f"Plans of the dearest statements in the town of {many:,}, reports and jobs apart:"]
    for one in asked[:DEAREST]:
        cost = f"{one.most} steps" if one.most else f"{one.longest * 1000:.0f} ms"
        where = sorted(one.where & hot)
        more = f" and {len(where) - 2} more" if len(where) > 2 else ""
        sql = " ".join(one.sql.split())
        parts.append(
            f"{', '.join(where[:2])}{more}: {cost}\n\n```\n… {sql[sql.find(' FROM ') + 1 :][:400]}\n"
        )
        parts[-1] += "\n".join(watch.plan(one)) + "\n```"
    return "\n\n".join(parts)


def _row(name: tuple[str, str], there: dict, sizes: list[int]) -> list[str]:  # type: ignore[type-arg]
    seen = [there.get(many) for many in sizes]
    times = [f"{cost.p50:.1f} / {cost.p95:.1f}" if cost else "" for cost in seen]
    each = [
        " → ".join(f"{getattr(cost, fact):{how}}" if cost else "" for cost in seen)
        for fact, how in (("cpu_each", ".1f"), ("statements", "d"), ("steps", "d"))
    ]
    return [*name, *times, *each]


if __name__ == "__main__":
    main()
