"""Indexes for what grows: lists, counts and jobs that read a whole table for a few rows of it (`make bench-city`)."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

WHOLE = (
    ("service_hours", "state", "id"),
    ("matter", "state", "done_at"),
    ("matter", "ended_at", "id"),
    ("wish", "changed_at"),
    ("wish_claim", "wish_id", "state"),
    ("desk_talk", "state", "closed_at"),
    ("appointment", "state", "changed_at"),
    ("ticket", "ended_at"),
)
KNOWN = "person_id IS NOT NULL OR code IS NOT NULL OR appointment_id IS NOT NULL"
PARTS = (
    ("service_hours", "differs", "state id", "seen IS NULL OR seen != counted"),
    ("inbox", "guarded", "received_at", "kind = 'guarded'"),
    ("audit_line", "unchained", "id", "chain IS NULL"),
    ("rating", "unanswered", "week", "words IS NOT NULL AND answer IS NULL"),
    ("desk_talk", "remembered", "closed_at", "forgotten_at IS NULL"),
    ("ticket", "live", "day", "state IN ('waiting', 'called', 'aside')"),
    ("ticket", "known", "day", KNOWN),
    ("household", "checked_at", "checked_at", "ended_at IS NULL"),
    ("household_member", "temporary_until", "temporary_until", "temporary_until IS NOT NULL"),
    ("consent", "withdrawn_at", "withdrawn_at", "withdrawn_at IS NOT NULL"),
)
FALSE = (("outbox", "kept", "id", "emptied"), ("identity", "gone", "follow_changed_at", "following"))


def upgrade() -> None:
    for table, *whole in WHOLE:
        op.create_index("_".join(("ix", table, *whole)), table, whole)
    for table, name, columns, where in PARTS:
        condition = sa.text(where)
        op.create_index(
            f"ix_{table}_{name}", table, columns.split(), sqlite_where=condition, postgresql_where=condition
        )
    for table, name, column, never in FALSE:
        lite, other = sa.text(f"{never} IS 0"), sa.text(f"{never} IS false")
        op.create_index(f"ix_{table}_{name}", table, [column], sqlite_where=lite, postgresql_where=other)
