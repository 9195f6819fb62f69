"""Which schema the database has, which one this version knows, and who may change it: one at a time.

The rule (docs/decisions/0017): a release only adds (expand), and what it no longer needs is taken away by a later one
(contract, a revision whose name ends in "c"). So a version runs on a database that is up to MOST_AHEAD expand steps
ahead of it, which is what a host sees while the others are upgraded, and on no older one.
"""

from __future__ import annotations

import fcntl
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, make_url, text

from app import failpoints
from app.database import Database, confidential_url
from app.patience import wait_as_long_as_it_takes
from app.prepare import LANES, MIGRATIONS, newest

MOST_AHEAD = 5  # a release rarely brings more; beyond it a release was skipped
ADVISORY_LOCK = 7_201_904_113  # any number that nobody else uses
LONGEST_WAIT_SECONDS = 600
LOOK_SECONDS = 0.1


def trouble(url: str) -> str | None:
    """The line to refuse with, or None when this version may run on the database. Raises Busy when it is away."""
    lines = (judged(lane, has=revision(url, lane), knows=newest(MIGRATIONS / lane)) for lane in LANES)
    return next((line for line in lines if line), None)


def bring_up_to_date(url: str) -> None:
    """Migrate what is behind; a lane that is ahead is left as it is, or ends the program when it is too far ahead."""
    for lane in LANES:
        has, knows = revision(url, lane), newest(MIGRATIONS / lane)
        if _number(has) <= _number(knows):
            migrate(url, lane)
            failpoints.reach("between_lanes")
        elif line := judged(lane, has=has, knows=knows):
            sys.exit(line)


def judged(lane: str, *, has: str, knows: str) -> str | None:
    ahead = _number(has) - _number(knows)
    stands = f"the database ({lane}) is at revision {has or 'none'}, this version"
    if ahead < 0:
        return f"{stands} needs {knows}: run python -m app.prepare"
    if ahead > MOST_AHEAD or (ahead and has.endswith("c")):
        return f"{stands} knows {knows}: upgrade this host before it serves"
    return None


def _number(revision: str) -> int:
    found = re.search(r"\d+", revision)
    return int(found[0]) if found else 0


def revision(url: str, lane: str) -> str:
    """Where this lane of the database stands; "" before its first migration."""
    database = Database(confidential_url(url) if lane == "confidential" else url, pool_size=1)
    table = f"alembic_version_{lane}"
    try:
        with database.reading() as session:
            if not inspect(session.connection()).has_table(table):
                return ""
            return str(session.scalar(text(f"SELECT version_num FROM {table}")) or "")  # noqa: S608 - one of LANES
    finally:
        database.dispose()


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Hold the right to prepare this database; a second host that starts in the same moment waits here."""
    holding = _file_lock if make_url(url).get_backend_name() == "sqlite" else _advisory_lock
    with holding(url):
        yield


@contextmanager
def _file_lock(url: str) -> Iterator[None]:
    path = Path(f"{make_url(url).database}.preparing.lock")
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _advisory_lock(url: str) -> Iterator[None]:
    """Lives with its connection: whoever is killed while preparing has let go."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2})
    try:
        with engine.connect() as connection:
            until = time.monotonic() + LONGEST_WAIT_SECONDS
            while not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({ADVISORY_LOCK})").scalar():
                if time.monotonic() > until:
                    sys.exit("another host has been preparing the database for ten minutes: look there first")
                time.sleep(LOOK_SECONDS)
            yield
    finally:
        engine.dispose()


# ---- one lane ----------------------------------------------------------------------------------------------------


def migrate(url: str, lane: str = "main", to: str = "head") -> None:
    """Bring the schema at `url` to the newest revision of its lane ("main" or "confidential"), or up to another one."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(MIGRATIONS / lane))
    config.attributes["lane"] = lane
    database = Database(confidential_url(url) if lane == "confidential" else url)
    try:
        _make_lane_schema(database, lane)
        with database.engine.connect() as connection:
            if database.is_sqlite:
                _let_tables_be_rebuilt(connection)
            wait_as_long_as_it_takes(connection.connection.driver_connection)
            config.attributes["connection"] = connection
            command.upgrade(config, to)
            if database.is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RuntimeError(
                    "the migration would leave rows that refer to nothing: nothing was changed"
                )
            connection.commit()
    finally:
        database.dispose()


def _let_tables_be_rebuilt(connection: Connection) -> None:
    """Alembic changes a table of SQLite by dropping and renaming it; with foreign keys on, the rows that refer to it
    would go as well. The pragma is heard outside transactions only, and this connection is used for nothing else."""
    raw = connection.connection.dbapi_connection
    if raw is None:
        raise RuntimeError("no connection to migrate with")
    raw.cursor().execute("PRAGMA foreign_keys=OFF")


def _make_lane_schema(database: Database, lane: str) -> None:
    if lane == "confidential" and not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS confidential"))
