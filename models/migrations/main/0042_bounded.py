"""Indexes for a few rows among very many: whom a broadcast did not reach, old visits that still hold words, answers
to suggestions (`make bench-city`)."""

from contextlib import nullcontext

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"

WORDS = ("helped_name", "helped_tie", "helped_phone", "phone", "address", "note")
PARTS = (
    (
        "broadcast_recipient",
        "unheld",
        "broadcast_id state call_id",
        "outbox_id IS NULL AND settled_as IS NULL",
    ),
    ("broadcast_recipient", "settled", "broadcast_id settled_as", "settled_as IS NOT NULL"),
    ("broadcast_recipient", "door", "broadcast_id", "door_state IS NOT NULL"),
    ("appointment", "words", "created_at", " OR ".join(f"{one} IS NOT NULL" for one in WORDS)),
    ("companion", "named", "enrolment_id", "name IS NOT NULL"),
    ("matter", "answered", "kind done_at", "outcome IS NOT NULL"),
    ("strike", "at_live", "at", "ended_at IS NULL"),
)


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    with op.get_context().autocommit_block() if on_postgres else nullcontext():
        if on_postgres:  # others go on writing, so it may wait for them and build as long as it takes
            op.execute("SET statement_timeout = 0")
            op.execute("SET lock_timeout = 0")
        for table, name, columns, where in PARTS:
            condition = sa.text(where)
            op.create_index(
                f"ix_{table}_{name}",
                table,
                columns.split(),
                sqlite_where=condition,
                postgresql_where=condition,
                postgresql_concurrently=True,
                if_not_exists=True,
            )
