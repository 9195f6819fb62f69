"""The confidential lane's first schema."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "c001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "confidential_matter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=240), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("app", sa.String(length=40), nullable=False),
        sa.Column("openid", base.Sealed("confidential_matter.openid"), nullable=False),
        sa.Column("text", base.Sealed("confidential_matter.text"), nullable=False),
        sa.Column("received_at", base.Instant(), nullable=False),
        sa.Column("handled_by", sa.Integer(), nullable=True),
        sa.Column("handled_at", base.Instant(), nullable=True),
        sa.Column("outcome", base.Sealed("confidential_matter.outcome"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confidential_matter")),
        sa.UniqueConstraint("key", name=op.f("uq_confidential_matter_key")),
    )
    op.create_index(
        op.f("ix_confidential_matter_received_at"), "confidential_matter", ["received_at"], unique=False
    )
