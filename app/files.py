"""Bytes that belong to rows, sealed on disk: DATA/files/<two letters>/<key>. The row is models/stored_file.py.

The file is written before the transaction commits. A rolled-back row leaves a file without an owner, which the nightly
sweep takes away; the other way round would lose what somebody was told is kept.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import privacy
from models.identity import Person
from models.staff import StaffMember
from models.stored_file import StoredFile

PURPOSE = "stored_file.content"
ORPHAN_SECONDS = 3600
LONGEST_NAME = 120
REMOVED = "removed files"


_folder: list[Path] = []


def use_folder(folder: Path) -> None:
    """Where this process keeps files; called once when the site opens."""
    _folder[:] = [folder]


class FileGone(Exception):
    """The row is there, its bytes are not (or do not open): the page shows a placeholder, the work goes on."""


def store(
    session: Session,
    content: bytes,
    *,
    purpose: str,
    name: str,
    media_type: str,
    owner: Person | StaffMember | None = None,
    until: datetime | None = None,
) -> StoredFile:
    """Keep `content` under a name of ours; `name` is only ever shown. What belongs to a person goes with them.

    Raises OSError when the disk refuses.
    """
    row = StoredFile(
        purpose=purpose,
        name=_plain(name),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        person_id=owner.id if isinstance(owner, Person) else None,
        staff_id=owner.id if isinstance(owner, StaffMember) else None,
        until=until,
    )
    session.add(row)
    session.flush()
    path = path_of(row.key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(privacy.keyring().seal(PURPOSE, content, row.key))
        file.flush()
        os.fsync(file.fileno())
    return row


def _plain(name: str) -> str:
    """A name to show: no folders, nothing that a terminal or a header would read as more than a name."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip(" .")[-LONGEST_NAME:] or "file"


def content_of(row: StoredFile) -> bytes:
    """The bytes as they were given; FileGone when they cannot be had."""
    try:
        return privacy.unseal(PURPOSE, path_of(row.key).read_bytes(), row.key)
    except (OSError, privacy.Unreadable) as fault:
        raise FileGone(row.purpose) from fault


def remove(session: Session, row: StoredFile) -> None:
    """The row now, its bytes after the commit; a crash in between leaves an orphan for the sweep."""
    session.info.setdefault(REMOVED, []).append(row.key)
    session.delete(row)
    session.flush()


def remove_all_of(session: Session, person: Person) -> None:
    """Everything that was kept for this person."""
    for row in session.scalars(select(StoredFile).where(StoredFile.person_id == person.id)).all():
        remove(session, row)


def take_away(notes: dict[Any, Any]) -> None:
    """After a commit: the bytes of the rows that it removed."""
    for key in notes.get(REMOVED, ()):
        with suppress(FileNotFoundError):
            path_of(key).unlink()


def path_of(key: str) -> Path:
    return _folder[0] / key[:2] / key


def all_paths() -> Iterator[Path]:
    yield from sorted(_folder[0].glob("??/*"))


def sweep(session: Session, now: datetime) -> int:
    """Take away files of an hour ago and older that no row knows; how many."""
    known = set(session.scalars(select(StoredFile.key)))
    orphans = [
        path
        for path in all_paths()
        if path.name not in known and now.timestamp() - path.stat().st_mtime > ORPHAN_SECONDS
    ]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)
