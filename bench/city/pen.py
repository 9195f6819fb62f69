"""Writes millions of rows as fast as the database takes them: executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Engine, Table, func, select, text

from models.base import Base

AT_ONCE = 20_000
QUICKLY = (
    "synchronous=OFF",
    "journal_mode=WAL",
    "cache_size=-400000",
    "foreign_keys=OFF",
    "temp_store=MEMORY",
)


class Raw(bytes):
    """Bytes that are sealed already."""


class Pen:
    """`write("person", "id row_key", rows)`: each row has a value for each named column; the others get their default.
    Nothing is checked on the way: what is written must be right."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.written: dict[str, int] = {}

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
        """The rows as the driver takes them."""
        ways = [
            column.type.dialect_impl(self.engine.dialect).bind_processor(self.engine.dialect)
            for column in columns
        ]
        turned = [(at, way) for at, way in enumerate(ways) if way is not None]
        defaults = [_default(column) for column in filled]
        for row in rows:
            values = [*row, *(make() for make in defaults)]
            for at, way in turned:
                if type(values[at]) is not Raw:
                    values[at] = way(values[at])
            yield tuple(values)

    def _put(self, table: Table, columns: list[Column[Any]], batch: list[tuple[Any, ...]]) -> None:
        names = ", ".join(f'"{column.name}"' for column in columns)
        raw = self.engine.raw_connection()
        try:
            cursor = raw.cursor()
            if self.is_sqlite:
                marks = ", ".join("?" * len(columns))
                for pragma in QUICKLY:
                    cursor.execute(f"PRAGMA {pragma}")
                cursor.execute("BEGIN IMMEDIATE")
                cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", batch)
                cursor.execute("COMMIT")
            else:
                cursor.execute("SET session_replication_role = replica; SET statement_timeout = 0")
                with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                    for row in batch:
                        copy.write_row(row)
                raw.commit()
        finally:
            raw.invalidate()  # the next one has the house's own settings

    def end(self) -> None:
        """Let the database know what lies where, and go on counting behind the last numbers."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("ANALYZE")
                return
            connection.execute(text("SET statement_timeout = 0"))
            for table in Base.metadata.tables.values():
                if table.schema is None and "id" in table.c and table.c.id.type.python_type is int:
                    connection.execute(text(NEXT.format(table=table.name)))
            connection.execute(text("VACUUM ANALYZE"))


NEXT = """SELECT setval(pg_get_serial_sequence('{table}', 'id'), GREATEST(1, (SELECT max(id) FROM {table})))
    WHERE to_regclass('{table}') IS NOT NULL AND pg_get_serial_sequence('{table}', 'id') IS NOT NULL"""


def _default(column: Column[Any]) -> Callable[[], Any]:
    """What a row without a value gets; one that is reckoned for each row (a key) is reckoned here too."""
    default: Any = column.default
    return (lambda: default.arg(None)) if default.is_callable else (lambda: default.arg)
