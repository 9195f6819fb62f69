"""Who was reached, and who is told at the door."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("broadcast", sa.Column("knock_after", sa.Integer(), nullable=True))
    op.add_column("broadcast_recipient", sa.Column("aside_at", base.Instant(), nullable=True))
