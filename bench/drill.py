"""`make drill`: a house that lives is backed up, killed, restored into an empty folder, and must be the same house.

Residents write all the time. RPO is what a kill costs at this moment: the seconds since the backup began and the
answers that were given since. RTO runs from the kill to the first answer of the restored house. Beside it (trust P11):
how long the backup took, and the longest that a resident waited meanwhile. PAUSE, the seconds from backup to kill, is
short here; in an installation it is the hour of the timer. The house is the demo's, or a town's: PEOPLE=13000 have a
database of 200 MB on SQLite.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench import golden, quality
from models import know_all
from models.inbox import InboxRow
from tests.roads.street import Street
from tests.servers import postgres_programs, start_postgres
from tests.stack import PROJECT, Stack

PAUSE = float(os.environ.get("PAUSE", "10"))
PEOPLE = int(os.environ.get("PEOPLE", "0"))
KINDS = os.environ.get("DATABASES", "sqlite postgresql").split()


@dataclass
class Result:
    kind: str
    figures: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Writer:
    """Residents who go on writing: how many were answered, when, and how long the slowest waited."""

    def __init__(self, street: Street, neighbours: int = 3) -> None:
        self.answered: list[tuple[float, float]] = []
        self._stop = threading.Event()
        people = [street.follower(f"写信人{number}") for number in range(neighbours)]
        self._threads = [
            threading.Thread(target=self._write, args=(one.says,), daemon=True) for one in people
        ]
        for thread in self._threads:
            thread.start()

    def _write(self, says: Callable[..., str]) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                answer = says("我的预约")
            except Exception:  # noqa: BLE001 - the house is being killed
                return
            if answer:
                self.answered.append((began, time.monotonic() - began))

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(20)

    def worst_between(self, begin: float, end: float) -> float:
        return max((took for at, took in list(self.answered) if begin - took <= at <= end), default=0.0)

    def since(self, moment: float) -> int:
        return sum(1 for at, took in list(self.answered) if at + took >= moment)


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """The environments of the house before, and of the one that is restored into an empty database."""
    if kind == "sqlite":
        yield {}, {}
        return
    server = folder / "pg"
    server.mkdir()
    process = start_postgres(server, safe=True)
    try:
        path = f"{postgres_programs()}{os.pathsep}{os.environ['PATH']}"
        psql = [str(postgres_programs() / "createdb"), "-h", str(server), "-U", "postgres", "restored"]
        subprocess.run(psql, check=True)
        url = f"postgresql+psycopg://postgres@/{{}}?host={server}"
        before, after = (
            {"XINGFU_DATABASE__URL": url.format(name), "PATH": path} for name in ("postgres", "restored")
        )
        yield before, after
    finally:
        process.kill()
        process.wait()


def drill(kind: str) -> Result:
    result = Result(kind)
    with tempfile.TemporaryDirectory(prefix="xf-drill-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with databases(kind, folder) as (before, after):
            house, restored = (
                Stack(folder / "house", environ=before),
                Stack(folder / "restored", environ=after),
            )
            try:
                _drill(house, restored, result)
            finally:
                house.stop()
                restored.stop()
    return result


def _drill(house: Stack, restored: Stack, result: Result) -> None:
    _done(house, "-m", "app.prepare")  # the neighbourhood moves in, however long it takes
    if PEOPLE:
        _move_in(house)
    house.start()
    with closing(Street(house, house.environ.get("XINGFU_DATABASE__URL"))) as street:
        known = golden.walk(street.follower("认得的人").says)
        writer = Writer(street)
        time.sleep(2)
        began = time.monotonic()
        archive = _backup(house)
        ended = time.monotonic()
        time.sleep(PAUSE)
        killed = time.monotonic()
        _kill(house)
        writer.stop()
    _restore(house, restored, archive)
    restored.start()
    with closing(Street(restored, restored.environ.get("XINGFU_DATABASE__URL"))) as street:
        newcomer = street.follower("新来的人")
        first = newcomer.says("菜单")
        answered = time.monotonic()
        result.faults += [] if first else ["no answer after the restore"]
        result.faults += broken(restored)
        result.faults += golden.different(known, golden.walk(newcomer.says))
        kept = len(street.rows(select(InboxRow.key)))
    result.figures = {
        "database": _size(house),
        "archive": f"{archive.stat().st_size / 1e6:.1f} MB",
        "backup took": f"{ended - began:.1f} s",
        "slowest answer meanwhile": f"{writer.worst_between(began, ended) * 1000:.0f} ms",
        "RPO: seconds since the backup began": f"{killed - began:.1f} s",
        "answers given since and gone": str(writer.since(began)),
        "pushes that came back": str(kept),
        "RTO: from the kill to the first answer": f"{answered - killed:.1f} s",
        "golden dialogues": f"{len(golden.DIALOGUES)} walked",
    }


def _size(house: Stack) -> str:
    kept = house.data / "xingfu.db"
    return f"{kept.stat().st_size / 1e6:.0f} MB" if kept.exists() else "on its server"


def _move_in(house: Stack) -> None:
    """A town with all that it did in a year."""
    from app.settings import load_settings
    from app.site import Site
    from bench.city.town import Town

    site = Site(load_settings(house.environ))
    Town(site, PEOPLE).build()
    site.close()


def _done(stack: Stack, *arguments: str) -> None:
    done = _run(stack, *arguments)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {done.stderr.strip()[-500:]}")


def _run(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=stack.environ,
        capture_output=True,
        text=True,
        check=False,
    )


def _backup(house: Stack) -> Path:
    _done(house, "-m", "app.supervisor", "backup")
    (archive,) = (house.data / "backups").glob("*.backup")
    return archive


def _kill(house: Stack) -> None:
    """The whole machine: nobody is asked to end."""
    groups = [house.pid(name) for name in ("valkey", "sandbox", "web", "scheduler", "delivery")]
    supervisor: Any = house._supervisor  # noqa: SLF001 - killed before it can heal what follows
    supervisor.kill()
    supervisor.wait()
    for group in groups:
        os.killpg(group, signal.SIGKILL)
    house._supervisor = None  # noqa: SLF001


def _restore(house: Stack, restored: Stack, archive: Path) -> None:
    """By what an installation has after a fire: the archive and the copy of its keys."""
    restored.data.mkdir(mode=0o700)
    shutil.copytree(house.data / "secrets", restored.data / "secrets")
    _done(restored, "-m", "app.supervisor", "restore", "--file", str(archive))


def broken(stack: Stack) -> list[str]:
    """The lines of what `flask check-invariants` finds broken."""
    done = _run(stack, "-m", "flask", "--app", "wsgi", "check-invariants")
    if done.returncode == 0:
        return []
    return [line for line in done.stdout.splitlines() if " 0 broken " not in line] or [done.stderr[-1000:]]


def main() -> None:
    know_all()
    results = [drill(kind) for kind in KINDS]
    names = list(results[0].figures)
    rows = [[name, *(one.figures[name] for one in results)] for name in names]
    rows.append(["found broken", *(str(len(one.faults)) for one in results)])
    words = quality.table(["", *(one.kind for one in results)], rows)
    print(words)
    for one in results:
        print(
            "\n".join(f"{one.kind}: {fault}" for fault in one.faults) or f"{one.kind}: the same house again"
        )
    if os.environ.get("WRITE"):
        pause = f"Killed {PAUSE:.0f} s after the backup ended; the timer makes one an hour, which is then the RPO."
        title = f"Restore drill, a town of {PEOPLE:,}" if PEOPLE else "Restore drill"
        quality.put(quality.FAULTS, title, f"{words}\n\n{pause}")
    if any(one.faults for one in results):
        sys.exit(1)


if __name__ == "__main__":
    main()
