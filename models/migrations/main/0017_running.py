"""What a broadcast on its way remembers."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    with op.batch_alter_table("broadcast") as table:
        table.add_column(sa.Column("begun_with", sa.Integer(), nullable=True))
        table.add_column(sa.Column("rests_until", base.Instant(), nullable=True))
        table.add_column(sa.Column("moved_by_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_broadcast_moved_by_id_staff_member"), "staff_member", ["moved_by_id"], ["id"]
        )
    with op.batch_alter_table("broadcast_recipient") as table:
        table.add_column(sa.Column("why", sa.String(length=10), nullable=True))
    op.create_table(
        "early_call_report",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("wechat_id", sa.String(length=40), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "wechat_id", name=op.f("pk_early_call_report")),
        sqlite_autoincrement=True,
    )
