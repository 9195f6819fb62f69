"""What must hold, asked of the data itself: by `flask check-invariants`, every night, and after every restore."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import files
from app.feature import Feature
from models.audit_chain import broken_chain
from models.stored_file import StoredFile


def broken(session: Session, features: Iterable[Feature]) -> list[str]:
    """What does not hold, in words; [] when all does. Features say theirs, the house its own."""
    house = (broken_chain, broken_files, broken_ties)
    said = [f"house: {line}" for invariant in house for line in invariant(session)]
    return said + [
        f"{feature.name}: {line}"
        for feature in features
        for invariant in feature.invariants
        for line in invariant(session)
    ]


def broken_files(session: Session) -> list[str]:
    """Trust I12: a row has its bytes, and they are the ones that were given."""
    rows = session.scalars(select(StoredFile).order_by(StoredFile.id)).all()
    return [f"stored_file {row.id} has no bytes" for row in rows if not files.path_of(row.key).exists()]


def broken_ties(session: Session) -> list[str]:
    """Trust I12: no row names a row that is not there. PostgreSQL sees to it by itself."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    rows = session.execute(text("PRAGMA foreign_key_check")).all()
    return [f"{table} {number} names a {parent} that is not there" for table, number, parent, *_ in rows]
