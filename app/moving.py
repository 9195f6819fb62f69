"""From SQLite to PostgreSQL by one command that checks itself: `flask --app wsgi move-to-postgresql URL`.

Everything goes over as it stands, sealed values sealed, in one transaction for each lane, while both SQLite files are
held so that nobody can write. Before it is kept, every table is read back and compared: how many rows, and a sum over
the contents of all of them that does not depend on their order. Ties between tables are taken off and put on again,
which makes PostgreSQL prove them. Then the house's invariants are asked of the copy. The SQLite files stay as they
were.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date, time
from hashlib import blake2b
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import Boolean, Column, Date, MetaData, Table, Time, make_url
from sqlalchemy.types import JSON

from app.database import confidential_url
from app.invariants import broken
from app.schema import migrate
from app.settings import Settings
from app.site import Site
from models import know_all
from models.base import EPOCH, MICROSECOND, Base, Instant
from models.confidential import ConfidentialBase
from models.notice_search import index_all

LANES: dict[str, MetaData] = {"main": Base.metadata, "confidential": ConfidentialBase.metadata}
SCHEMAS = {"main": "public", "confidential": "confidential"}
PROOFS_OF_LIFE = (
    "person",
    "staff_member",
    "audit_line",
    "outbox",
)  # in a copy that is used, one of them has rows
AT_ONCE = 5_000  # rows
HOLD_SECONDS = 10

Row = tuple[Any, ...]
Convert = Callable[[Any], Any]


class CannotMove(Exception):
    """Nothing was moved; the text is one clear line."""


@dataclass(frozen=True, slots=True)
class Moved:
    tables: int
    rows: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Of a table: how many rows, and the sum of their digests, whatever their order."""

    rows: int = 0
    digests: int = 0

    def with_row(self, row: Row) -> Sum:
        digest = int.from_bytes(blake2b(repr(row).encode(), digest_size=8).digest())
        return Sum(self.rows + 1, (self.digests + digest) % 2**64)


def move(settings: Settings, target: str) -> Moved:
    """Copy both lanes to the empty PostgreSQL database at `target`. Raises CannotMove."""
    if make_url(settings.database.url).get_backend_name() != "sqlite":
        raise CannotMove("this installation is on PostgreSQL already")
    if make_url(target).get_backend_name() != "postgresql":
        raise CannotMove("the target must be a PostgreSQL URL: postgresql+psycopg://user@/name?host=…")
    know_all()
    done = Moved(0, 0)
    with ExitStack() as held:
        files = {lane: held.enter_context(_held(settings.database.url, lane)) for lane in LANES}
        _prepare(target, files)
        for lane, file in files.items():
            tables = _tables(file, lane)
            with _target(target, lane) as connection:
                rows = _copy_lane(file, connection, tables)
            done = Moved(done.tables + len(tables), done.rows + rows)
    return done


def settle(settings: Settings, target: str) -> list[str]:
    """Make anew what is derived, and ask the copy for what must always hold; what is broken, in words."""
    there = settings.database.model_copy(update={"url": target})
    site = Site(settings.model_copy(update={"database": there}))
    try:
        site.database.writing(index_all)
        with site.database.reading() as session:
            return broken(session, site.house.features)
    finally:
        site.close()


# ---- the two sides ---------------------------------------------------------------------------------------------------


@contextmanager
def _held(url: str, lane: str) -> Iterator[sqlite3.Connection]:
    """A lane's file, of which nobody writes anything until this is over."""
    path = make_url(confidential_url(url) if lane == "confidential" else url).database or ""
    with closing(sqlite3.connect(path, timeout=HOLD_SECONDS, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as fault:
            raise CannotMove(f"the house is at work ({fault}): stop it first") from None
        yield connection
        connection.execute("ROLLBACK")


@contextmanager
def _target(url: str, lane: str) -> Iterator[psycopg.Connection[Row]]:
    """One transaction of the target, committed when all went well; of its own schema."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = psycopg.connect(plain, connect_timeout=5)
    except psycopg.OperationalError as fault:
        raise CannotMove(f"the target does not answer: {' '.join(str(fault).split())[:200]}") from None
    with connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(SCHEMAS[lane])))
        connection.execute("SET timezone TO 'UTC'")
        yield connection


def _prepare(target: str, files: dict[str, sqlite3.Connection]) -> None:
    """The newest schema, and nobody in it."""
    with _target(target, "main") as connection:
        for table in PROOFS_OF_LIFE:
            look = sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))
            if _exists(connection, table) and connection.execute(look).fetchone():
                raise CannotMove(f"the target is in use: its table {table} has rows; take an empty database")
    for lane, file in files.items():
        migrate(target, lane)
        with _target(target, lane) as connection:
            version = f"SELECT version_num FROM alembic_version_{lane}"  # noqa: S608 (one of LANES)
            if connection.execute(version.encode()).fetchone() != file.execute(version).fetchone():
                raise CannotMove(
                    "the data is of another version: start this version once, stop it, and try again"
                )


def _exists(connection: psycopg.Connection[Row], table: str) -> bool:
    return connection.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,)


def _tables(file: sqlite3.Connection, lane: str) -> list[Table]:
    """The tables of a lane that are rows of ours. What was derived (search) is made anew on the other side."""
    there = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    known = [table for table in LANES[lane].sorted_tables if table.name in there]
    beside = {name for name in there if name.startswith(("sqlite_", "alembic_version", "notice_search"))}
    if unknown := there - beside - {table.name for table in known}:
        raise CannotMove(f"tables that this version does not know: {', '.join(sorted(unknown))}")
    return known


# ---- a lane ----------------------------------------------------------------------------------------------------------


def _copy_lane(file: sqlite3.Connection, connection: psycopg.Connection[Row], tables: list[Table]) -> int:
    """All tables of a lane in one transaction; how many rows."""
    ties = _take_ties_off(connection)
    for table in tables:
        connection.execute(_about("TRUNCATE {table}", table))  # a migration may have laid rows down
    rows = 0
    for table in tables:
        there = _copied(file, connection, table)
        if there != _arrived(connection, table):
            raise CannotMove(f"table {table.name} did not arrive as it was sent")
        rows += there.rows
        _count_on(connection, table)
    for tie in ties:
        connection.execute(tie)  # PostgreSQL looks at every row now
    return rows


def _take_ties_off(connection: psycopg.Connection[Row]) -> list[sql.Composed]:
    """Drop the foreign keys of the schema; the statements that put them back."""
    found = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    ).fetchall()
    back: list[sql.Composed] = []
    for table, name, rule in found:
        tie = {"table": sql.SQL(table), "name": sql.Identifier(name), "rule": sql.SQL(rule)}
        connection.execute(sql.SQL("ALTER TABLE {table} DROP CONSTRAINT {name}").format(**tie))
        back.append(sql.SQL("ALTER TABLE {table} ADD CONSTRAINT {name} {rule}").format(**tie))
    return back


# ---- a table ---------------------------------------------------------------------------------------------------------


def _copied(file: sqlite3.Connection, connection: psycopg.Connection[Row], table: Table) -> Sum:
    """Send every row; what was sent."""
    sent = Sum()
    senders = [_converter(column, SENT) for column in table.columns]
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    try:
        with connection.cursor().copy(_about("COPY {table} ({columns}) FROM STDIN", table)) as copy:
            for row in file.execute(f'SELECT {names} FROM "{table.name}"'):  # noqa: S608 (names of our own)
                sent = sent.with_row(row)
                copy.write_row([send(value) for send, value in zip(senders, row, strict=True)])
    except psycopg.Error as fault:
        raise CannotMove(f"table {table.name} was not taken: {type(fault).__name__}") from None
    return sent


def _arrived(connection: psycopg.Connection[Row], table: Table) -> Sum:
    """Read the table back as SQLite would tell it."""
    arrived = Sum()
    tellers = [_converter(column, TOLD) for column in table.columns]
    with connection.cursor(name="moving") as cursor:
        cursor.itersize = AT_ONCE
        for row in cursor.execute(_about("SELECT {as_told} FROM {table}", table)):
            arrived = arrived.with_row(tuple(tell(v) for tell, v in zip(tellers, row, strict=True)))
    return arrived


def _count_on(connection: psycopg.Connection[Row], table: Table) -> None:
    """The next row gets the next number."""
    for column in table.primary_key:
        counter = connection.execute(
            "SELECT pg_get_serial_sequence(%s, %s)", [table.name, column.name]
        ).fetchone()
        if counter and counter[0]:
            facts = {"table": sql.Identifier(table.name), "column": sql.Identifier(column.name)}
            highest = sql.SQL("SELECT setval(%s, greatest(max({column}), 1), count(*) > 0) FROM {table}")
            connection.execute(highest.format(**facts), [counter[0]])


def _about(statement: LiteralString, table: Table) -> sql.Composed:
    """A statement about a table; JSON is read as the text that it is."""
    names = [sql.Identifier(column.name) for column in table.columns]
    told = [
        sql.SQL("{}::text").format(name) if isinstance(column.type, JSON) else name
        for name, column in zip(names, table.columns, strict=True)
    ]
    facts = {"table": sql.Identifier(table.name), "columns": sql.SQL(", ").join(names)}
    return sql.SQL(statement).format(**facts, as_told=sql.SQL(", ").join(told))


# ---- a value: as SQLite keeps it, and as PostgreSQL takes it ---------------------------------------------------------


def _converter(column: Column[Any], by_kind: dict[type[Any], Convert]) -> Convert:
    for kind, convert in by_kind.items():
        if isinstance(column.type, kind):
            return lambda value: None if value is None else convert(value)
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


SENT: dict[type[Any], Convert] = {
    Instant: lambda stored: EPOCH + stored * MICROSECOND,
    Boolean: bool,
    Date: date.fromisoformat,
    Time: time.fromisoformat,
}
TOLD: dict[type[Any], Convert] = {
    Instant: lambda told: (told - EPOCH) // MICROSECOND,
    Boolean: int,
    Date: date.isoformat,
    Time: lambda told: told.isoformat(timespec="microseconds"),
}
