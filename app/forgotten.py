"""Who asked to be forgotten stays forgotten, also when an older backup is restored: DATA/forgotten.list holds the
random keys of their rows, one a line, and nothing else of them. `python -m app.prepare` erases them again."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.identity import Actor, Person

if TYPE_CHECKING:
    from app.site import Site

FORGOTTEN = "forgotten"
FILE = "forgotten.list"


def note(session: Session, person: Person) -> None:
    """To be written down when this unit of work is committed."""
    session.info.setdefault(FORGOTTEN, []).append(person.row_key)


def write_down(data: Path, notes: dict[Any, Any]) -> None:
    """After the commit: the list is beside the database, because the database may be an older one tomorrow."""
    if notes.get(FORGOTTEN):
        add(data, notes[FORGOTTEN])


def add(data: Path, keys: Iterable[str]) -> None:
    new = sorted(set(keys) - known(data))
    descriptor = os.open(data / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.writelines(f"{key}\n" for key in new)
        file.flush()
        os.fsync(file.fileno())


def known(data: Path) -> set[str]:
    path = data / FILE
    return set(path.read_text("utf-8").split()) if path.exists() else set()


def forget_again(site: Site) -> int:
    """Erase those on the list who are in the database all the same; how many."""
    from handlers.people.actions import erase

    keys = known(site.settings.data)
    if not keys:
        return 0

    def unit(session: Session) -> int:
        back = session.scalars(
            select(Person).where(Person.row_key.in_(keys), Person.erased_at.is_(None))
        ).all()
        for person in back:
            erase(Actor(session, channel="job"), person)
        return len(back)

    return site.database.writing(unit)
