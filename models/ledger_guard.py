"""Triggers that keep transfers and postings as they were written, whoever asks the database: no change, no deletion.
What was wrong is mirrored by a reversal."""

from __future__ import annotations

from sqlalchemy import Connection, event, text

from models.ledger import TimePosting, TimeTransfer

TABLES = (TimeTransfer.__tablename__, TimePosting.__tablename__)
SAYS = "what stands in the ledger stays"

SQLITE_DDL = tuple(
    f"""CREATE TRIGGER IF NOT EXISTS {table}_stays_{act.lower()} BEFORE {act} ON {table}
    BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"""
    for table in TABLES
    for act in ("UPDATE", "DELETE")
)
POSTGRES_FUNCTION = f"""CREATE OR REPLACE FUNCTION ledger_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{SAYS}'; END $$"""


def create_guard(connection: Connection, *tables: str) -> None:
    """Put the triggers of this database beside the tables."""
    if connection.dialect.name == "sqlite":
        for statement in SQLITE_DDL:
            if any(f" ON {table}\n" in statement for table in tables):
                connection.execute(text(statement))
        return
    connection.execute(text(POSTGRES_FUNCTION))
    for table in tables:
        connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_stays ON {table}"))
        connection.execute(
            text(
                f"""CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION ledger_stays()"""
            )
        )


@event.listens_for(TimeTransfer.__table__, "after_create")
@event.listens_for(TimePosting.__table__, "after_create")
def _with_the_table(table: object, connection: Connection, **_options: object) -> None:
    create_guard(connection, str(table))
