"""A filled database of the first version is brought to the newest one, and loses nobody on the way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.database import Database
from app.schema import migrate
from tests.servers import PostgresServer

TABLES = ("person", "identity", "consent", "outbox", "desk_talk", "desk_line", "audit_line")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/old.db"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.create_database(f"old_{tmp_path.name}")


def test_who_stood_in_an_old_database_stands_in_the_new_one(url: str) -> None:
    migrate(url, to="0001")
    filled(url)
    before = counted(url)
    assert set(before.values()) == {1}
    migrate(url)
    assert counted(url) == before


def counted(url: str) -> dict[str, int]:
    database = Database(url)
    with database.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in TABLES
        }
    database.dispose()
    return found


def filled(url: str) -> None:
    """One row in each table, as the first version would have written it: what refers to a row refers to the first."""
    database = Database(url)
    known = sa.MetaData()
    with database.engine.begin() as connection:
        known.reflect(connection, only=TABLES)
        for name in TABLES:
            table = known.tables[name]
            connection.execute(table.insert().values(something(table)))
    database.dispose()


def something(table: sa.Table) -> Mapping[str, Any]:
    needed = [column for column in table.columns if not column.nullable or column.name == "person_id"]
    return {column.name: 1 if column.foreign_keys else a_value(column) for column in needed}


def a_value(column: sa.Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.DateTime):
        return datetime(2026, 11, 23, tzinfo=UTC)
    if isinstance(kind, (sa.Integer, sa.BigInteger)):
        return 1
    if isinstance(kind, sa.LargeBinary):
        return b"sealed"
    if isinstance(kind, sa.JSON):
        return {}
    return "one"
