"""Wishes at depth: words handed across, pictures for the staff, partner units, wishes that are really cases."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0031"
down_revision = "0030"
OPEN_ASK = sa.text("state = 'asked'")


def upgrade() -> None:
    _partners()
    _columns()
    _words()
    _proofs()


def _partners() -> None:
    op.create_table(
        "wish_partner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        _to("wish_partner", "person_id", "person", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_partner")),
        sa.UniqueConstraint("name", name=op.f("uq_wish_partner_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_wish_partner_person_id"), "wish_partner", ["person_id"])
    op.create_table(
        "wish_ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wish_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'taken', 'declined', 'silent', 'over')", name=op.f("ck_wish_ask_state")
        ),
        _to("wish_ask", "wish_id", "wish", "CASCADE"),
        _to("wish_ask", "partner_id", "wish_partner"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_ask")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_wish_ask_open",
        "wish_ask",
        ["wish_id"],
        unique=True,
        sqlite_where=OPEN_ASK,
        postgresql_where=OPEN_ASK,
    )
    op.create_index(op.f("ix_wish_ask_partner_id"), "wish_ask", ["partner_id"])
    op.create_index(op.f("ix_wish_ask_state"), "wish_ask", ["state"])


def _columns() -> None:
    """Only added: SQLite would make the tables anew for anything else."""
    _add("wish", "matter_id", "matter")
    op.add_column("wish", sa.Column("for_whom", sa.String(length=6), nullable=True))
    _add("wish_claim", "partner_id", "wish_partner")
    op.create_index(op.f("ix_wish_claim_partner_id"), "wish_claim", ["partner_id"])
    op.add_column("matter", sa.Column("came_as", sa.String(length=20), nullable=True))


def _add(table: str, column: str, other: str) -> None:
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} INTEGER"
        f" CONSTRAINT fk_{table}_{column}_{other} REFERENCES {other} (id)"
    )


def _words() -> None:
    op.create_table(
        "wish_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wish_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("from_wisher", sa.Boolean(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("read_by", sa.Integer(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'passed', 'refused')", name=op.f("ck_wish_word_state")),
        _to("wish_word", "wish_id", "wish", "CASCADE"),
        _to("wish_word", "claim_id", "wish_claim", "CASCADE"),
        _to("wish_word", "read_by", "staff_member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_word")),
        sqlite_autoincrement=True,
    )
    for column in ("wish_id", "claim_id", "state"):
        op.create_index(op.f(f"ix_wish_word_{column}"), "wish_word", [column])


def _proofs() -> None:
    op.create_table(
        "wish_proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        _to("wish_proof", "claim_id", "wish_claim", "CASCADE"),
        _to("wish_proof", "file_id", "stored_file", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_proof")),
        sqlite_autoincrement=True,
    )
    for column in ("claim_id", "file_id"):
        op.create_index(op.f(f"ix_wish_proof_{column}"), "wish_proof", [column])


def _to(table: str, column: str, other: str, gone: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=gone)
