"""A town that is led back to where a story begins: far cheaper than building another one, and a story that ended badly
can be told again, shorter.

On SQLite the whole file comes back. On PostgreSQL the tables that were written to since come back, and the numbers that
rows are given; no trigger hears of it.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
from contextlib import closing
from typing import Any, Protocol

from sqlalchemy import Connection, event, text

from app.database import Database
from tests.neighbours import Town

WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+([\w.\"]+)", re.IGNORECASE)


_numbers = itertools.count()


class Kept(Protocol):
    def restore(self) -> None:
        """As it was when this was made, or last kept."""

    def keep(self) -> None:
        """What is now is what comes back."""

    def forget(self) -> None:
        """It is not needed any more."""


class Beginning:
    """Both lanes; Redis forgets everything."""

    def __init__(self, town: Town) -> None:
        self.town = town
        both = town.site.database, town.site.confidential
        self.lanes: list[Kept] = [File(one) if one.is_sqlite else Tables(one) for one in both]

    def restore(self) -> None:
        self.town.site.redis.flushdb()
        for one in self.lanes:
            one.restore()

    def keep(self) -> None:
        for one in self.lanes:
            one.keep()

    def forget(self) -> None:
        for one in self.lanes:
            one.forget()


class File:
    """A SQLite file, kept in memory."""

    def __init__(self, database: Database) -> None:
        self.path = database.engine.url.database or ""
        self.kept = sqlite3.connect(":memory:")
        self.keep()

    def keep(self) -> None:
        with closing(sqlite3.connect(self.path)) as now:
            now.backup(self.kept)

    def restore(self) -> None:
        with closing(sqlite3.connect(self.path)) as now:
            self.kept.backup(now)

    def forget(self) -> None:
        self.kept.close()


class Tables:
    """A lane in PostgreSQL, kept in a schema beside it."""

    def __init__(self, database: Database) -> None:
        self.engine, self.written = database.engine, set[str]()
        self.copied = set[str]()
        with self.engine.begin() as connection:
            self.lane = str(connection.scalar(text("SELECT current_schema()")))
            self.beside = f"kept{next(_numbers)}_{self.lane}"
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {self.beside} CASCADE")
            connection.exec_driver_sql(f"CREATE SCHEMA {self.beside}")
            self.tables = set(connection.scalars(text(TABLES), {"lane": self.lane}))
            self._keep(connection, self.tables)
        event.listen(self.engine, "before_cursor_execute", self._sees)

    def keep(self) -> None:
        with self.engine.begin() as connection:
            self._keep(connection, self.written)
        self.written = set()

    def restore(self) -> None:
        back = ["SET LOCAL session_replication_role = replica"]
        for table in self.written:
            back.append(f'DELETE FROM {self.lane}."{table}"')
            if table in self.copied:
                rows = f'SELECT * FROM {self.beside}."{table}"'
                back.append(f'INSERT INTO {self.lane}."{table}" OVERRIDING SYSTEM VALUE {rows}')
        with self.engine.begin() as connection:
            connection.exec_driver_sql(";".join([*back, self._filled(NUMBERS_BACK)]))
        self.written = set()

    def forget(self) -> None:
        event.remove(self.engine, "before_cursor_execute", self._sees)
        with self.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {self.beside} CASCADE")

    def _keep(self, connection: Connection, tables: set[str]) -> None:
        """Tables without a row, which most are, need no copy."""
        asked = " UNION ALL ".join(
            f"SELECT '{one}' WHERE EXISTS (SELECT FROM {self.lane}.\"{one}\")" for one in tables
        )
        filled = set(connection.exec_driver_sql(asked).scalars()) if tables else set()
        work = [f'DROP TABLE {self.beside}."{one}"' for one in tables & self.copied]
        for one in filled:
            rows = f'SELECT * FROM {self.lane}."{one}"'
            work.append(f'CREATE UNLOGGED TABLE {self.beside}."{one}" AS {rows}')
        connection.exec_driver_sql(";".join([*work, self._filled(NUMBERS)]))
        self.copied = self.copied - tables | filled

    def _filled(self, statement: str) -> str:
        return statement.format(beside=self.beside, lane=self.lane)

    def _sees(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        named = (name.rpartition(".")[2].strip('"') for name in WRITES.findall(statement))
        self.written |= self.tables.intersection(named)


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = :lane AND tablename NOT LIKE 'alembic%'"
NUMBERS = """DROP TABLE IF EXISTS {beside}.numbers_given; CREATE UNLOGGED TABLE {beside}.numbers_given AS
    SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = '{lane}'"""
NUMBERS_BACK = """SELECT setval((quote_ident(now.schemaname) || '.' || quote_ident(now.sequencename))::regclass,
        coalesce(given.last_value, 1), given.last_value IS NOT NULL)
    FROM pg_sequences AS now JOIN {beside}.numbers_given AS given USING (sequencename)
    WHERE now.schemaname = '{lane}' AND now.last_value IS DISTINCT FROM given.last_value"""
