"""What is asked of the database does not grow with the town: every chat word, page and list, in two towns.

Work is counted in steps of SQLite's machine, the same on every computer: what takes no more of them for three times
the people reads by an index and stops. Pages that show figures of a whole period, and jobs, may read more; they stand
in bench/city/paths.py, and `make bench-city` measures them. Two towns take a minute to build: with HEAVY=full only.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.settings import load_settings
from app.site import Site
from bench.city.paths import Ways
from bench.city.town import Town
from bench.city.watch import Watch

SMALL, LARGE = 300, 900
WAITING = 20  # before the office, in both
GROWS = 1.5  # three times the people
LITTLE = 4000  # steps
# What may grow, and why.
ALLOWED = {
    "/console/broadcasts/": "reads the people of one broadcast, however many it was for",
    "/console/grids": "counts the people of each grid that it shows",
    "?day=": "as many as were booked on that day, which its counters bound",
    "page=20": "a small town has not so many pages",
    "check-in": "as many as are held at once and can be signed in to",
    "/h5/pass": "the same, and what this one has signed up for",
    "/h5/me/looked": "as often as somebody looked this one up",
    "residents by name": "as many as have this name",
    "residents by place": "as many as live there",
}
MAY_READ = ("report", "job", "machine")


@contextmanager
def _town(folder: Path, empty: Path, redis: str, many: int) -> Iterator[tuple[Ways, Watch]]:
    folder.mkdir()
    for made in empty.glob("town.db*"):
        shutil.copy(made, folder / made.name)
    settings = {"XINGFU_DATA": str(folder), "XINGFU_DATABASE__URL": f"sqlite:///{folder}/town.db"}
    site = Site(load_settings(settings | {"XINGFU_REDIS__URL": redis}))
    try:
        Town(site, many, WAITING).build()
        yield Ways(site), Watch(site.database.engine)
    finally:
        site.close()


def _steps(ways: Ways, watch: Watch) -> dict[str, tuple[int, str]]:
    """What each path took, and its dearest question."""
    taken = {}
    for path in ways.all():
        if path.kind in MAY_READ:
            continue
        watch.asked.clear()
        with watch.path(path.name):
            path.ask(1)
        dearest = max(watch.asked.values(), key=lambda one: one.most, default=None)
        taken[f"{path.kind} {path.name}"] = (
            watch.steps,
            " ".join(dearest.sql.split())[-600:] if dearest else "",
        )
    return taken


@pytest.mark.skipif(os.environ.get("HEAVY") != "full", reason="builds two towns: HEAVY=full")
def test_no_page_reads_a_whole_table(tmp_path: Path, empty_sqlite: Path, valkey_server: str) -> None:
    with _town(tmp_path / "small", empty_sqlite, valkey_server, SMALL) as town:
        before = _steps(*town)
    with _town(tmp_path / "large", empty_sqlite, valkey_server, LARGE) as town:
        after = _steps(*town)
    bent = [
        f"{name}: {before[name][0]} → {steps} steps; {dearest}"
        for name, (steps, dearest) in after.items()
        if name in before
        and steps > max(LITTLE, before[name][0] * GROWS)
        and not any(word in name for word in ALLOWED)
    ]
    assert not bent, "\n".join(bent)
    assert len(after) > 200
