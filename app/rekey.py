"""New keys for what is sealed: `flask rekey [--new]` seals everything with the newest key, row by row.

A value is changed only while it is still what was read, so the house goes on working meanwhile; a run that was killed
is simply run again, because what is already under the newest key is left alone. Blind indexes stay with the first key.
"""

from __future__ import annotations

import os
import secrets as randomness
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, and_, select, tuple_, type_coerce, update
from sqlalchemy.orm import Session

from app import files, privacy
from app.database import Database
from app.privacy import Lane
from app.secrets_store import write_once
from app.site import Site
from models import know_all
from models.base import Base, RowSealed, Sealed, SealedJSON
from models.confidential import ConfidentialBase
from models.stored_file import StoredFile

AT_ONCE = 200
FILES: dict[Lane, str] = {"main": "master", "confidential": "confidential"}
REGISTRIES: dict[Lane, type[Any]] = {"main": Base, "confidential": ConfidentialBase}


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column that holds sealed values; `by_row` when each is bound to its row's own key."""

    table: Table
    column: Column[Any]
    purpose: str
    by_row: bool


@dataclass(slots=True)
class Count:
    sealed_anew: int = 0
    current: int = 0
    unreadable: int = 0

    def add(self, other: Count) -> None:
        self.sealed_anew += other.sealed_anew
        self.current += other.current
        self.unreadable += other.unreadable


def sealed_columns(lane: Lane) -> Iterator[SealedColumn]:
    """Every sealed column of the lane's tables, from the models themselves."""
    for mapper in REGISTRIES[lane].registry.mappers:
        table: Table = mapper.local_table
        for column in table.columns:
            if isinstance(column.type, (Sealed, SealedJSON)):
                yield SealedColumn(table, column, column.type.purpose, by_row=False)
        for value in vars(mapper.class_).values():
            if isinstance(value, RowSealed):
                name = value.purpose.partition(".")[2]
                yield SealedColumn(table, table.columns[name], value.purpose, by_row=True)


def make_key(data: Path, lane: Lane) -> Path:
    """A new key beside the older ones; the processes that run see it within a minute."""
    stem, number = FILES[lane], 2
    while (path := data / "secrets" / f"{stem}-{number}.key").exists():
        number += 1
    write_once(path, randomness.token_hex(32) + "\n")
    return path


def seal_anew(site: Site, lane: Lane) -> Count:
    """Bring every value of the lane under its newest key."""
    know_all()  # a table that was forgotten here would keep a key that is thrown away
    count = Count()
    database = site.database if lane == "main" else site.confidential
    for sealed in sealed_columns(lane):
        keys = _primary_keys(database, sealed)
        for start in range(0, len(keys), AT_ONCE):
            part = keys[start : start + AT_ONCE]
            count.add(database.writing(partial(_batch, lane=lane, sealed=sealed, keys=part)))
    if lane == "main":
        count.add(_files(site))
    return count


def _primary_keys(database: Database, sealed: SealedColumn) -> list[tuple[Any, ...]]:
    with database.reading() as session:
        filled = sealed.column.is_not(None)
        return [tuple(row) for row in session.execute(select(*sealed.table.primary_key).where(filled))]


def _batch(session: Session, lane: Lane, sealed: SealedColumn, keys: Sequence[tuple[Any, ...]]) -> Count:
    count = Count()
    raw = type_coerce(sealed.column, LargeBinary)
    row_key = [sealed.table.c.row_key] if sealed.by_row else []
    primary = list(sealed.table.primary_key)
    found = select(raw, *row_key, *primary).where(tuple_(*primary).in_(keys), sealed.column.is_not(None))
    for value, *rest in session.execute(found).all():
        bound_to, key = (str(rest[0]), rest[1:]) if sealed.by_row else ("", rest)
        anew = _anew(lane, sealed.purpose, bytes(value), bound_to, count)
        if anew is not None:
            same = and_(*(column == part for column, part in zip(primary, key, strict=True)), raw == value)
            session.execute(
                update(sealed.table).where(same).values({sealed.column: type_coerce(anew, LargeBinary)})
            )
    return count


def _anew(lane: Lane, purpose: str, value: bytes, bound_to: str, count: Count) -> bytes | None:
    """The value under the newest key; None when there is nothing to do, or it opens under no key that we have."""
    ring = privacy.keyring(lane)
    if ring.is_current(value):
        count.current += 1
        return None
    try:
        plain = privacy.unseal(purpose, value, bound_to, lane)
    except privacy.Unreadable:
        count.unreadable += 1
        return None
    count.sealed_anew += 1
    return ring.seal(purpose, plain, bound_to)


def _files(site: Site) -> Count:
    count = Count()
    with site.database.reading() as session:
        keys: Iterable[str] = session.scalars(select(StoredFile.key)).all()
    for key in keys:
        path = files.path_of(key)
        if not path.exists():
            count.unreadable += 1
            continue
        anew = _anew("main", files.PURPOSE, path.read_bytes(), key, count)
        if anew is not None:
            _replace(path, anew)
    return count


def _replace(path: Path, content: bytes) -> None:
    """The old bytes or the new ones, never half of them."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
