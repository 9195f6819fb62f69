"""The disk under the database is full (trust F09): nobody is told that something is done which is not, the balancer is
told, and when there is room again everything goes on by itself."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests

from tests.chaos.accounts import Account
from tests.chaos.chatting import (
    BOOKED,
    Heard,
    assert_in_time,
    assert_sound,
    at_the_yes,
    count_bookings,
    insists,
    people,
    tells,
)
from tests.chaos.cluster import House
from tests.chaos.conftest import size
from tests.roads.street import Street, eventually, was_not_done

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk"),
]

SERVICE, ROOM = "理发", 12_000_000
PROGRAMS = ("sandbox", "valkey", "web")


@pytest.fixture
def disk(prepared_data: Path, tmp_path: Path) -> Iterator[Path]:
    """A disk of its own for the databases, with little room left."""
    folder, files = tmp_path / "disk", list(prepared_data.glob("xingfu.db*"))
    folder.mkdir()
    room = ROOM + sum(file.stat().st_size for file in files)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", folder], check=True)
    try:
        for file in files:
            shutil.copy(file, folder)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """To the last byte; the journal was put away before, so that nothing fits into it either."""
    with closing(sqlite3.connect(disk / "xingfu.db", timeout=5)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    filler = disk / "filler"
    for block in (65536, 4096):
        with filler.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(block))
    return filler


def test_f09_the_disk_is_full(prepared_data: Path, disk: Path, tmp_path: Path, account: Account) -> None:
    environ = {"XINGFU_DATABASE__URL": f"sqlite:///{disk / 'xingfu.db'}"}
    with House(tmp_path / "data", prepared_data, programs=PROGRAMS, environ=environ) as house:
        street, heard = Street(house, environ["XINGFU_DATABASE__URL"]), Heard()
        asking = people(street, size(40, 3), "赶上满盘的人")
        for one in asking:
            at_the_yes(one, SERVICE)
        assert ready(house) == 200
        filler = fill(disk)
        words = [tells(heard, one, "1") for one in asking]
        assert [said for said in words if not was_not_done(said) or BOOKED in said] == []
        assert_in_time(heard.slowest_ms)
        assert ready(house) == 503
        count_bookings(street, [], asking, account)
        filler.unlink()
        eventually(lambda: ready(house) == 200)
        assert all(insists(heard, one, SERVICE) for one in asking), "the talk stands where it stood"
        count_bookings(street, asking, asking, account)
        heard.count(account)
        with closing(sqlite3.connect(disk / "xingfu.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert_sound(house.environ)
        street.close()


def ready(house: House) -> int:
    return requests.get(f"{house.web}/readyz", timeout=10).status_code
