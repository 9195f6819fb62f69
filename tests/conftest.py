"""Fixtures: a fresh town on SQLite, and one on both databases for what races."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.schema import migrate
from app.settings import load_settings
from app.site import Site
from tests.browsers import chromium  # noqa: F401 (a fixture)
from tests.neighbours import Town
from tests.servers import *  # noqa: F403  (postgres_server, valkey_server)
from tests.towns import living

gc.set_threshold(150_000, 0, 0)  # a town leaves much behind: it is looked for after every few towns


@pytest.fixture(scope="module", autouse=True)
def _settled() -> None:
    """What a file's tests have imported and compiled stays as long as this process. The collector of garbage need not
    walk through all of it again and again: that was two fifths of the processor time of all tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def shipped_cost() -> tuple[int, int]:
    """Passes and KiB of argon2id as residents' data deserve them. Tests hire staff by the hundred, and each of their
    passwords is hashed and checked with the least that argon2id takes: 0.2 ms instead of 45."""
    from handlers.staff import passwords

    shipped = (passwords.PASSES, passwords.KIBIBYTES)
    passwords.PASSES, passwords.KIBIBYTES = 1, 64
    return shipped


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty pair of SQLite files that tests copy."""
    folder = tmp_path_factory.mktemp("template")
    for lane in ("main", "confidential"):
        migrate(f"sqlite:///{folder}/town.db", lane)
    return folder


@pytest.fixture(scope="session")
def empty_postgres(postgres_server) -> str:  # type: ignore[no-untyped-def]
    """The name of a migrated, empty PostgreSQL database that tests copy."""
    url = postgres_server.create_database("town_template")
    for lane in ("main", "confidential"):
        migrate(url, lane)
    return "town_template"


@pytest.fixture(scope="session")
def one_postgres(postgres_server, empty_postgres: str) -> str:  # type: ignore[no-untyped-def]
    """The URL of one migrated database for this process."""
    url: str = postgres_server.create_database("town", template=empty_postgres)
    return url


@pytest.fixture
def fresh_postgres(one_postgres: str) -> str:
    """The same database, without a row: wiping takes a hundredth of the time of copying the template."""
    wipe_postgres(one_postgres)
    return one_postgres


def wipe_postgres(url: str) -> None:
    """Delete every row of both lanes, let all numbers begin at 1 again, and forget how large tables were when the
    server last looked at them: no test's plans depend on those before it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        for schema, table in connection.execute(text(TABLES)).all():
            connection.execute(text(f'DELETE FROM "{schema}"."{table}"'))
        connection.execute(text("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'"))
        connection.execute(text(NEVER_LOOKED_AT))
    engine.dispose()


TABLES = """SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname IN ('public', 'confidential') AND tablename NOT LIKE 'alembic%'"""
NEVER_LOOKED_AT = """UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE reltuples >= 0
    AND relkind IN ('r', 'i') AND relnamespace IN ('public'::regnamespace, 'confidential'::regnamespace)"""


@pytest.fixture
def sqlite_town(tmp_path: Path, empty_sqlite: Path, valkey_server) -> Iterator[Town]:  # type: ignore[no-untyped-def]
    for made in empty_sqlite.glob("town.db*"):
        shutil.copy(made, tmp_path / made.name)
    yield from _town(tmp_path, f"sqlite:///{tmp_path}/town.db", valkey_server)


@pytest.fixture
def postgres_town(tmp_path: Path, fresh_postgres: str, valkey_server: str) -> Iterator[Town]:
    yield from _town(tmp_path, fresh_postgres, valkey_server)


@pytest.fixture
def site(sqlite_town: Town) -> Site:
    return sqlite_town.site


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest) -> Town:
    """On both databases: for rules that race."""
    name = "sqlite_town" if request.param == "sqlite" else "postgres_town"
    made: Town = request.getfixturevalue(name)
    return made


def _town(data: Path, database_url: str, redis_url: str) -> Iterator[Town]:
    settings = load_settings(
        {"XINGFU_DATA": str(data), "XINGFU_DATABASE__URL": database_url, "XINGFU_REDIS__URL": redis_url}
    )
    with living(settings) as town:
        yield town
