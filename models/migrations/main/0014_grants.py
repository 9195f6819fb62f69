"""What people have allowed WeChat to tell them, and topics that they do not want."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "topic_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=10), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_topic_choice_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_choice")),
        sa.UniqueConstraint("topic", "person_id", name=op.f("uq_topic_choice_topic_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_topic_choice_person_id"), "topic_choice", ["person_id"])
    op.create_table(
        "notice_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("ahead_at", base.Instant(), nullable=True),
        sa.Column("allowed_at", base.Instant(), nullable=True),
        sa.Column("refused_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_notice_grant_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_grant")),
        sa.UniqueConstraint(
            "identity_id", "template_id", name=op.f("uq_notice_grant_identity_id_template_id")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("template_map") as table:
        table.add_column(sa.Column("road", sa.String(length=8), nullable=False, server_default="template"))
        table.add_column(sa.Column("lasting", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.drop_constraint(op.f("uq_template_map_account_ours"), type_="unique")
        table.create_unique_constraint(op.f("uq_template_map_account_road_ours"), ["account", "road", "ours"])
