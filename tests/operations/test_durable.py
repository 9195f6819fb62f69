"""An answer leaves when the disk has it, and nobody else waits for that disk."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.database import Database
from tests.races import at_once


class SlowDisk:
    """The system's fdatasync, which here waits until it is let go; `asked` names the files in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.free, self.waits = threading.Event(), threading.Event()
        self._system = os.fdatasync

    def __call__(self, file: int) -> None:
        self.asked.append(Path(f"/proc/self/fd/{file}").readlink().name)
        self.waits.set()
        assert self.free.wait(10)
        self._system(file)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'notes.db'}")
    database.writing(lambda session: session.execute(text("CREATE TABLE note (who VARCHAR)")))
    yield database
    database.dispose()


@pytest.fixture
def disk(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    disk = SlowDisk()
    monkeypatch.setattr(os, "fdatasync", disk)
    yield disk
    disk.free.set()


def notes(who: str) -> Callable[[Session], str]:
    def unit(session: Session) -> str:
        session.execute(text("INSERT INTO note VALUES (:who)"), {"who": who})
        return who

    return unit


def written(database: Database) -> int:
    with database.reading() as session:
        return int(session.scalar(text("SELECT count(*) FROM note")) or 0)


def test_nothing_is_answered_before_the_disk_has_it_and_the_next_writes_meanwhile(
    database: Database, disk: SlowDisk
) -> None:
    answered: list[str] = []
    works = [
        threading.Thread(target=lambda w=who: answered.append(database.writing(notes(w)))) for who in "ab"
    ]
    works[0].start()
    assert disk.waits.wait(5)
    works[1].start()
    works[1].join(0.3)
    assert (written(database), answered) == (2, []), (
        "the turn is free while the disk works, and nobody was answered"
    )
    disk.free.set()
    for work in works:
        work.join(5)
    assert sorted(answered) == ["a", "b"]
    assert set(disk.asked) == {"notes.db-wal"}


def test_one_wait_for_the_disk_is_for_all_that_wrote_before_it(database: Database, disk: SlowDisk) -> None:
    def last() -> str:
        assert disk.waits.wait(5)
        while written(database) < 9:
            pass
        disk.free.set()
        return ""

    said = at_once(
        [lambda: database.writing(notes("first")), last, *([lambda: database.writing(notes("more"))] * 8)]
    )
    assert sorted(said) == ["", "first", *["more"] * 8]
    assert len(disk.asked) == 2, "the first for itself, the second for eight"


def test_a_journal_that_was_made_anew_is_the_one_that_is_waited_for(
    database: Database, tmp_path: Path
) -> None:
    """The last connection to close removes the file; who would go on waiting for the old one waits for nothing."""
    before = (tmp_path / "notes.db-wal").stat().st_ino
    database.engine.dispose()
    assert database._pen is not None
    database._pen.invalidate()
    assert not (tmp_path / "notes.db-wal").exists()
    (tmp_path / "in-its-place").touch()  # so that the new file has another number
    database.writing(notes("a"))
    after = (tmp_path / "notes.db-wal").stat().st_ino
    assert database._journal._inode == after != before


def test_a_disk_that_broke_is_no_yes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_file: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(OSError, match="Input/output"):
        database.writing(notes("a"))


def test_whoever_else_writes_to_the_file_waits_for_the_disk_under_its_turn(database: Database) -> None:
    """Migrations and shells do not come by the house's door: SQLite waits for them, as it does by itself."""
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    assert database.writing(lambda session: session.scalar(text("PRAGMA synchronous"))) == 1
