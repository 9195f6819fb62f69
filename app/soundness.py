"""Before anything serves: are the SQLite files whole? `make run` refuses over a damaged one and names the backup.

A house that serves from a torn page gives wrong answers for weeks and spoils its backups meanwhile. After a clean stop
the files are looked at quickly; after an unclean one (the record of the run is still there, or a journal was not put
away) thoroughly. On a very large file both give up after some seconds: a start must not take minutes.

A journal that ends in the middle is no damage: a power cut leaves it so, and SQLite goes back to the last whole commit.
Whatever was answered had been synced before. It is said all the same, for whoever has copied the files about.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from app.prepare import LANES
from app.settings import Settings

LONGEST_SECONDS = 10.0
STEPS = 20_000  # of SQLite's machine between two looks at the clock
HEADER = b"SQLite format 3\0"
FIRST_BYTES = 100
WAL_HEAD, FRAME_HEAD = 32, 24


class Damaged(Exception):
    """A file is not whole; the text is one line that says what to do."""


def check(settings: Settings, *, unclean: bool) -> list[str]:
    """Raises Damaged; else what could not be looked at, in words for whoever starts the house."""
    prefix = "sqlite:///"
    if not settings.database.url.startswith(prefix):
        return []  # PostgreSQL sees to its own files
    main = settings.database.url.removeprefix(prefix)
    files = [Path(main + end) for end in LANES.values()]
    return [words for file in files if file.exists() for words in _look(file, settings.data, unclean=unclean)]


def _look(file: Path, data: Path, *, unclean: bool) -> list[str]:
    thorough, torn = unclean or _has_journal(file), _ends_in_the_middle(file)
    try:
        found = _whole(file) or _ask(file, "integrity_check" if thorough else "quick_check")
    except sqlite3.OperationalError as fault:
        if "interrupted" in str(fault):
            return [f"{file.name} is large: not all of it was checked in {LONGEST_SECONDS:.0f} s"]
        if "locked" in str(fault) or "busy" in str(fault):
            return [f"{file.name} was not checked: {fault}"]
        found = str(fault)
    except sqlite3.DatabaseError as fault:
        found = str(fault)
    if found:
        raise Damaged(f"{file} is damaged ({' '.join(found.split())[:120]}). {_what_to_do(data)}")
    return [f"{file.name}-wal ended in the middle of a page: back at the last whole commit"] if torn else []


def _has_journal(file: Path) -> bool:
    journal = file.with_name(file.name + "-wal")
    return journal.exists() and journal.stat().st_size > 0


def _ends_in_the_middle(file: Path) -> bool:
    """A journal is a head and whole frames: a page with a head of its own each."""
    if not _has_journal(file):
        return False
    journal = file.with_name(file.name + "-wal")
    with journal.open("rb") as opened:
        page = int.from_bytes(opened.read(12)[8:], "big")
    return (journal.stat().st_size - WAL_HEAD) % (FRAME_HEAD + page) != 0


def _whole(file: Path) -> str:
    """Whether the file is as long as it says; without this SQLite fills up with nothing what was cut off."""
    with file.open("rb") as opened:
        head = opened.read(FIRST_BYTES)
    if not head:
        return ""  # just made
    if not head.startswith(HEADER) or len(head) < FIRST_BYTES:
        return "file is not a database"
    page = int.from_bytes(head[16:18], "big")
    size = file.stat().st_size
    return f"{size} bytes are not whole pages" if size % (65536 if page == 1 else page or 4096) else ""


def _ask(file: Path, question: str) -> str:
    """What SQLite finds; "" when all is well."""
    until = time.monotonic() + LONGEST_SECONDS
    with closing(sqlite3.connect(file, timeout=2)) as connection:
        connection.set_progress_handler(lambda: time.monotonic() > until, STEPS)
        said: str = connection.execute(f"PRAGMA {question}(1)").fetchone()[0]
    return "" if said == "ok" else said


def _what_to_do(data: Path) -> str:
    """The newest backup by its name, which is a time."""
    backups = sorted((data / "backups").glob("*.backup"))
    if not backups:
        return f"There is no backup in {data / 'backups'}: copy {data} before anything is tried"
    return f"Nothing was started; restore the newest backup: make restore FILE={backups[-1]} FORCE=1"
