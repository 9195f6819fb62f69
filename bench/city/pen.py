"""Writes millions of rows as fast as the database takes them: executemany on SQLite, COPY on PostgreSQL, one
connection from the first row to the last, and no index before the rows are there (`in_bulk`)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Engine, Table, func, select

from app.patience import wait_as_long_as_it_takes
from models.base import Base

AT_ONCE = 20_000
LOOKED_AT = 1000  # rows of an index, for its statistics
QUICKLY = (
    "synchronous=OFF",
    "cache_size=-200000",
    "foreign_keys=OFF",
    "temp_store=MEMORY",
    "wal_autocheckpoint=20000",
)
QUICKLY_THERE = (
    "session_replication_role = replica",
    "statement_timeout = 0",
    "lock_timeout = 0",
    "idle_in_transaction_session_timeout = 0",
    "synchronous_commit = off",
    "maintenance_work_mem = '256MB'",
)
INDEXES = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND sql NOT LIKE '%UNIQUE%'"
)
INDEXES_THERE = """SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    AND indexdef NOT LIKE '%UNIQUE%'"""


class Raw(bytes):
    """Bytes that are sealed already."""


class Pen:
    """`write("person", "id row_key", rows)`: each row has a value for each named column; the others get their default.
    Nothing is checked on the way: what is written must be right."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.written: dict[str, int] = {}
        self._raw: Any = None

    @contextmanager
    def in_bulk(self) -> Iterator[None]:
        """Until the end no index stands in the way, and the connection is the quick one: it promises nothing when the
        machine stops, and gives itself no time-out."""
        connection = self.engine.raw_connection()
        connection.detach()  # never back into the pool: the next one has the house's own settings
        try:
            self._raw = connection.dbapi_connection
            self._settle()
            indexes = self._run(INDEXES if self.is_sqlite else INDEXES_THERE).fetchall()
            for name, _ in indexes:
                self._run(f'DROP INDEX "{name}"')
            self._keep()
            yield
            for _, made in indexes:
                self._run(made)
                self._keep()
        finally:
            self._raw = None
            connection.close()

    def _run(self, sql: str) -> Any:
        cursor = self._raw.cursor()
        cursor.execute(sql)
        return cursor

    def _settle(self) -> None:
        wait_as_long_as_it_takes(self._raw)
        for setting in QUICKLY if self.is_sqlite else QUICKLY_THERE:
            self._run(f"PRAGMA {setting}" if self.is_sqlite else f"SET {setting}")
        self._keep()

    def _keep(self) -> None:
        if not self.is_sqlite:  # which keeps each statement at once
            self._raw.commit()

    def next_id(self, table: str) -> int:
        """The first number that no row has (`column` by name when it is not `id`)."""
        column = Base.metadata.tables[table].c.id
        with self.engine.connect() as connection:
            return (connection.scalar(select(func.max(column))) or 0) + 1

    def write(self, table: str, names: str, rows: Iterable[Sequence[Any]]) -> None:
        known = Base.metadata.tables[table]
        given = [known.c[name] for name in names.split()]
        filled = [column for column in known.c if column.default is not None and column not in given]
        columns = [*given, *filled]
        bound = self._bound(rows, columns, filled)
        for batch in iter(lambda: list(itertools.islice(bound, AT_ONCE)), []):
            self._put(known, columns, batch)
            self.written[table] = self.written.get(table, 0) + len(batch)

    def _bound(
        self, rows: Iterable[Sequence[Any]], columns: list[Column[Any]], filled: list[Column[Any]]
    ) -> Iterator[tuple[Any, ...]]:
        """The rows as the driver takes them. What is the same in each row is turned once."""
        ways = [
            column.type.dialect_impl(self.engine.dialect).bind_processor(self.engine.dialect)
            for column in columns
        ]
        turned = [(at, way) for at, way in enumerate(ways) if way is not None]
        defaults = [_default(column) for column in filled]
        for row in rows:
            values = [*row, *(make() for make in defaults)]
            for at, way in turned:
                value = values[at]
                if value is not None and type(value) is not Raw:
                    values[at] = way(value)
            yield tuple(values)

    def _put(self, table: Table, columns: list[Column[Any]], batch: list[tuple[Any, ...]]) -> None:
        names = ", ".join(f'"{column.name}"' for column in columns)
        cursor = self._raw.cursor()
        if self.is_sqlite:
            marks = ", ".join("?" * len(columns))
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", batch)
            cursor.execute("COMMIT")
            return
        with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in batch:
                copy.write_row(row)
        self._raw.commit()

    def end(self) -> None:
        """Let the database know what lies where, and go on counting behind the last numbers."""
        connection = self.engine.raw_connection()
        connection.detach()
        try:
            self._raw = connection.dbapi_connection
            self._settle()
            if self.is_sqlite:
                self._run(f"PRAGMA analysis_limit={LOOKED_AT}")
                self._run("ANALYZE")
                return
            for table in Base.metadata.tables.values():
                if table.schema is None and "id" in table.c and table.c.id.type.python_type is int:
                    self._run(NEXT.format(table=table.name))
            self._keep()
            self._raw.autocommit = True
            self._run("VACUUM ANALYZE")
        finally:
            self._raw = None
            connection.close()


NEXT = """SELECT setval(pg_get_serial_sequence('{table}', 'id'), GREATEST(1, (SELECT max(id) FROM {table})))
    WHERE to_regclass('{table}') IS NOT NULL AND pg_get_serial_sequence('{table}', 'id') IS NOT NULL"""


def _default(column: Column[Any]) -> Callable[[], Any]:
    """What a row without a value gets; one that is reckoned for each row (a key) is reckoned here too."""
    default: Any = column.default
    return (lambda: default.arg(None)) if default.is_callable else (lambda: default.arg)
