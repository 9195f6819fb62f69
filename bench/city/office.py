"""The console at size (trust P8): `python -m bench.city.office [SIZE=62500]`, on SQLite: taking out all residents as a
workbook, with the second person that this needs, and bringing 5,000 in. 62,500 people are 50,000 residents.

The pages of the console at this size are measured by `make bench-city`. The long work runs in a process of its own, as
it does in the house (the scheduler's), so that the most memory that it ever held is its own too; asked for are 20 s and
300 MB, and 30 s.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from app import clock
from app.site import Site
from bench.city.__main__ import make, settings
from bench.city.paths import Ways
from bench.city.town import name_of
from bench.quality import PERFORMANCE, put, table
from tests.registers.offices import BASIS, HEAD, line
from tests.registers.workbooks import workbook

RESIDENTS, BROUGHT_IN = 62_500, 5_000


def main() -> None:
    folder = Path(os.environ.get("CITY_DATA") or Path(tempfile.gettempdir()) / "city")
    many = int(os.environ.get("SIZE") or RESIDENTS)
    site = Site(settings(folder / f"sqlite-{many}", "", many))
    make(site, many)
    parts = (
        ("all residents as a workbook", _out, "< 20 s, < 300 MB"),
        (f"{BROUGHT_IN:,} residents brought in", _in, "< 30 s"),
    )
    rows = []
    for words, do, asked in parts:
        told, most = do(site)
        rows.append([words, told, f"{most.mb} MB, {most.before} before it began", asked])
    site.close()
    said = table(["P8", "took", "most memory", "asked for"], rows)
    print(said)
    if os.environ.get("WRITE"):
        put(PERFORMANCE, "The console at size", f"A town of {many:,} people, SQLite.\n\n{said}")


class Worked(NamedTuple):
    mb: int
    before: int


WORK = """
import resource
from app import work
from app.settings import settings_or_end
from app.site import Site
from scheduler import __main__ as scheduler
most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
site = Site(settings_or_end())
scheduler.timetable(site)
before = most()
work.run_waiting(site)
print(most(), before)
"""


def _work(site: Site) -> Worked:
    """What waits is done, as the scheduler does it."""
    said = site.settings
    environ = os.environ | {"XINGFU_DATA": str(said.data), "XINGFU_DATABASE__URL": said.database.url}
    done = subprocess.run(
        [sys.executable, "-c", WORK], env=environ, check=True, capture_output=True, text=True
    )
    return Worked(*map(int, done.stdout.split()[-2:]))


def _timed(began: float) -> str:
    return f"{time.monotonic() - began:.1f} s, a process that starts for it included"


def _out(site: Site) -> tuple[str, Worked]:
    """The work alone is measured: whoever asked for it looks at a progress bar meanwhile."""
    clerks = Ways(site).clerks
    desk, second = clerks[0], clerks[1]
    desk.opens("/console/registers")
    today = clock.today()
    period = {"first": f"{today - timedelta(days=60)}", "last": f"{today}"}
    desk.sends("/console/registers/export", kind="residents", form="xlsx", reason="", **period)
    second.opens("/console/registers")
    number = max(map(int, re.findall(r"/registers/exports/(\d+)/", second.page)))
    second.sends(f"/console/registers/exports/{number}/agree", follow=True)
    desk.opens("/console/registers")
    began = time.monotonic()
    answer = desk.sends(f"/console/registers/exports/{number}/take")
    worked = _work(site)
    told = _timed(began)
    desk.opens(answer.location)
    size = len(desk.client.get(f"{answer.location}/file").data)
    if size < 10_000:
        raise RuntimeError(f"no workbook: {desk.words[:300]}")
    return f"{told}, {size / 1e6:.1f} MB", worked


def _in(site: Site) -> tuple[str, Worked]:
    desk = Ways(site).clerks[0]
    at = int(time.time()) % 10_000 * BROUGHT_IN
    rows = [HEAD, *(line(name_of(n), 15_000_000_000 + at + n) for n in range(BROUGHT_IN))]
    content = BytesIO(workbook(rows))
    began = time.monotonic()
    desk.opens("/console/registers/import")
    answer = desk.sends("/console/registers/import", file=(content, "residents.xlsx"))
    looked = _work(site)
    desk.opens(answer.location)
    found = re.search(r"/console/registers/import/(\d+)", desk.page)
    if found is None:
        raise RuntimeError(desk.words[:300])
    desk.opens(found[0])
    taken = desk.sends(f"{found[0]}/take-in", which="all", **BASIS)
    taken_in = _work(site)
    told = _timed(began)
    desk.opens(taken.location)
    if "登记了" not in desk.words:
        raise RuntimeError(desk.words[:300])
    return told, max(looked, taken_in)


if __name__ == "__main__":
    main()
