"""Papers of a petition that were sent in chat and wait to be fetched."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "c004"
down_revision = "c003"


def upgrade() -> None:
    op.create_table(
        "petition_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("app", sa.String(length=40), nullable=False),
        sa.Column("media_id", base.Sealed("petition_photo.media_id"), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petition.id"],
            name=op.f("fk_petition_photo_petition_id_petition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_photo")),
    )
    op.create_index(op.f("ix_petition_photo_petition_id"), "petition_photo", ["petition_id"])
    op.create_index(op.f("ix_petition_photo_due"), "petition_photo", ["due"])
