"""Hosts of two releases serve one database while they are upgraded one after the other (docs/decisions/0017)."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from app import hosts, schema
from app.database import Database
from app.prepare import MIGRATIONS
from app.schema import migrate
from tests.neighbours import Town
from tests.operations.migration_rules import faults
from tests.servers import PostgresServer

LAST_FREE = {"main": 39, "confidential": 3}  # before it nobody serves from two hosts


def bound() -> list[Path]:
    """The migrations for which the rule holds."""
    return [
        path
        for lane, last in LAST_FREE.items()
        for path in sorted((MIGRATIONS / lane).glob("*.py"))
        if int(re.sub(r"\D.*", "", path.name.removeprefix("c"))) > last
    ]


@pytest.mark.parametrize("path", bound(), ids=lambda path: path.stem)
def test_a_migration_takes_nothing_from_the_release_before(path: Path) -> None:
    assert faults(path) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('op.drop_column("person", "name")', "drop_column"),
        ('op.rename_table("person", "people")', "rename_table"),
        ('op.alter_column("person", "name", new_column_name="called")', "alter_column"),
        ('op.alter_column("person", "name", type_=sa.Text())', "alter_column"),
        ('op.alter_column("person", "name", nullable=False)', "alter_column"),
        ('op.execute("alter table person drop column name")', "DROP COLUMN"),
        ('op.execute(sa.text("ALTER TABLE person RENAME name TO called"))', "RENAME"),
        ('op.add_column("person", sa.Column("age", sa.Integer(), nullable=False))', "server_default"),
        ('op.create_index("ix_age", "person", ["age"])', "postgresql_concurrently"),
        ('op.alter_column("person", "name", nullable=True)', None),
        ('op.add_column("person", sa.Column("age", sa.Integer(), nullable=True))', None),
        ('op.add_column("person", sa.Column("age", sa.Integer(), nullable=False, server_default="0"))', None),
        ('op.create_index("ix_age", "person", ["age"], postgresql_concurrently=True)', None),
        ('op.create_table("pet"); op.create_index("ix_pet", "pet", ["age"])', None),
    ],
)
def test_the_rule_sees_what_would_hurt_the_release_before(
    line: str, expected: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "0099_try.py"
    path.write_text(f'revision = "0099"\n{line}\n')
    found = faults(path)
    assert found == [] if expected is None else expected in found[0]


def test_what_is_no_longer_used_is_taken_away_by_a_contract_step(tmp_path: Path) -> None:
    path = tmp_path / "0099c_try.py"
    path.write_text('revision = "0099c"\nop.drop_column("person", "name")\n')
    assert faults(path) == []


@pytest.mark.parametrize(
    ("has", "line"),
    [
        ("0040", None),
        ("0041", None),
        ("0045", None),
        ("0046", "upgrade this host before it serves"),
        ("0041c", "upgrade this host before it serves"),
        ("0039", r"at revision 0039, this version needs 0040: run python -m app\.prepare"),
        ("", "at revision none"),
    ],
)
def test_a_version_runs_on_its_own_schema_and_on_a_few_that_only_added(has: str, line: str | None) -> None:
    told = schema.judged("main", has=has, knows="0040")
    assert told is None if line is None else re.search(line, str(told))


def test_a_program_does_not_serve_from_an_older_schema(town: Town) -> None:
    def older(session):  # type: ignore[no-untyped-def]
        session.execute(text("UPDATE alembic_version_main SET version_num = '0037'"))

    before = schema.revision(town.site.settings.database.url, "main")
    town.writing(older)
    try:
        with pytest.raises(
            SystemExit, match=r"^the database \(main\) is at revision 0037, this version needs"
        ):
            hosts.check(town.site)
    finally:
        town.writing(
            lambda s: s.execute(text("UPDATE alembic_version_main SET version_num = :v"), {"v": before})
        )
    hosts.check(town.site)


def test_hosts_that_start_together_migrate_one_after_the_other(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    """The first steps only, so that it is quick: without the lock the second `CREATE TABLE` fails."""
    url = postgres_server.create_database(f"race_{tmp_path.name}")
    barrier, inside = threading.Barrier(2), []

    def prepare() -> None:
        barrier.wait()
        with schema.alone(url):
            inside.append("in")
            migrate(url, to="0002")
            inside.append("out")

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(prepare) for _ in range(2)]:
            done.result()
    assert inside == ["in", "out", "in", "out"]
    assert schema.revision(url, "main") == "0002"


def test_a_migration_that_finds_a_table_locked_gives_up_instead_of_stopping_everybody(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = postgres_server.create_database(f"locked_{tmp_path.name}")
    migrate(url, to="0001")
    database = Database(url)
    with database.engine.connect() as busy:
        busy.execute(text("LOCK TABLE person IN ACCESS SHARE MODE"))
        started = time.monotonic()
        with pytest.raises(Exception, match="lock timeout"):
            migrate(url, to="0005")
        assert time.monotonic() - started < 20
    database.dispose()
    migrate(url, to="0005")
