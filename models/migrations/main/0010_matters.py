"""Tables of matters."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "matter_rule",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_matter_rule")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "matter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(length=7), nullable=False),
        sa.Column("tail_index", sa.String(length=64), nullable=True),
        sa.Column("once", sa.String(length=64), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("contact", sa.String(length=12), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("place_words", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("counted_from", base.Instant(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opened_again", sa.Integer(), nullable=False),
        sa.Column("said_at", base.Instant(), nullable=False),
        sa.Column("done_at", base.Instant(), nullable=True),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "NOT (state IN ('received', 'assigned', 'working')) OR due IS NOT NULL",
            name=op.f("ck_matter_due"),
        ),
        sa.CheckConstraint(
            "state IN ('received', 'assigned', 'working', 'done', 'closed', 'withdrawn')",
            name=op.f("ck_matter_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('assigned', 'working') OR owner_id IS NOT NULL", name=op.f("ck_matter_owner")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_matter_grid_id_grid")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff_member.id"], name=op.f("fk_matter_owner_id_staff_member")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_matter_person_id_person")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_matter_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter")),
        sa.UniqueConstraint("once", name=op.f("uq_matter_once")),
        sa.UniqueConstraint("receipt", name=op.f("uq_matter_receipt")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_matter_grid_id"), "matter", ["grid_id"], unique=False)
    op.create_index(op.f("ix_matter_owner_id"), "matter", ["owner_id"], unique=False)
    op.create_index(op.f("ix_matter_person_id"), "matter", ["person_id"], unique=False)
    op.create_index(
        "ix_matter_place_id_kind_said_at", "matter", ["place_id", "kind", "said_at"], unique=False
    )
    op.create_index("ix_matter_state_due", "matter", ["state", "due"], unique=False)
    op.create_table(
        "matter_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("media_id", sa.String(length=200), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["stored_file.id"],
            name=op.f("fk_matter_photo_file_id_stored_file"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_matter_photo_matter_id_matter"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_photo")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_matter_photo_file_id"), "matter_photo", ["file_id"], unique=False)
    op.create_index(op.f("ix_matter_photo_matter_id"), "matter_photo", ["matter_id"], unique=False)
    op.create_table(
        "matter_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_matter_step_matter_id_matter"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_matter_step_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_step")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_matter_step_matter_id"), "matter_step", ["matter_id"], unique=False)
