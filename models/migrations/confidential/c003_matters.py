"""Reports without a name that only a few may read, and what is said about them."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "c003"
down_revision = "c002"


def upgrade() -> None:
    op.create_table(
        "guarded_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("receipt", sa.String(length=7), nullable=False),
        sa.Column("code_index", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("named", base.Sealed("guarded_report.named"), nullable=False),
        sa.Column("text", base.Sealed("guarded_report.text"), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("entered", sa.Boolean(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarded_report")),
        sa.UniqueConstraint("key", name=op.f("uq_guarded_report_key")),
        sa.UniqueConstraint("receipt", name=op.f("uq_guarded_report_receipt")),
    )
    op.create_table(
        "guarded_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("words", base.Sealed("guarded_word.words"), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["guarded_report.id"],
            name=op.f("fk_guarded_word_report_id_guarded_report"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarded_word")),
    )
    op.create_index(op.f("ix_guarded_word_report_id"), "guarded_word", ["report_id"])
