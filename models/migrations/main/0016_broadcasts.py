"""Broadcasts, their recipients, calls, tests and reviews."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "broadcast",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=10), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("roads", sa.JSON(), nullable=False),
        sa.Column("send_at", base.Instant(), nullable=True),
        sa.Column("useful_until", base.Instant(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("code", sa.String(length=22), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", base.Instant(), nullable=False),
        sa.Column("proposed_at", base.Instant(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", base.Instant(), nullable=True),
        sa.Column("hold_until", base.Instant(), nullable=True),
        sa.Column("begins_at", base.Instant(), nullable=True),
        sa.Column("begun_at", base.Instant(), nullable=True),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.Column("reviewed_later_at", base.Instant(), nullable=True),
        sa.Column("why_ended", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["staff_member.id"], name=op.f("fk_broadcast_approved_by_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["staff_member.id"], name=op.f("fk_broadcast_author_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["broadcast.id"], name=op.f("fk_broadcast_corrects_id_broadcast")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_broadcast_notice_id_notice")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["notice_version.id"], name=op.f("fk_broadcast_version_id_notice_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
        sa.UniqueConstraint("code", name=op.f("uq_broadcast_code")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_broadcast_corrects_id"), "broadcast", ["corrects_id"], unique=False)
    op.create_index(op.f("ix_broadcast_notice_id"), "broadcast", ["notice_id"], unique=False)
    op.create_index("ix_broadcast_state_begins", "broadcast", ["state", "begins_at"], unique=False)
    op.create_table(
        "broadcast_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("app", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due", base.Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("draft_media_id", sa.String(length=128), nullable=True),
        sa.Column("first_sent_at", base.Instant(), nullable=True),
        sa.Column("wechat_id", sa.String(length=40), nullable=True),
        sa.Column("article_url", sa.String(length=1024), nullable=True),
        sa.Column("errcode", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.Column("settled_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcast.id"], name=op.f("fk_broadcast_call_broadcast_id_broadcast")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_call")),
        sa.UniqueConstraint("broadcast_id", "number", name=op.f("uq_broadcast_call_broadcast_id_number")),
        sa.UniqueConstraint("client_id", name=op.f("uq_broadcast_call_client_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_broadcast_call_state_due", "broadcast_call", ["state", "due"], unique=False)
    op.create_index(op.f("ix_broadcast_call_wechat_id"), "broadcast_call", ["wechat_id"], unique=False)
    op.create_table(
        "broadcast_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("proofs", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcast.id"], name=op.f("fk_broadcast_review_broadcast_id_broadcast")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_broadcast_review_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_review")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_broadcast_review_broadcast_id"), "broadcast_review", ["broadcast_id"], unique=False
    )
    op.create_table(
        "broadcast_test",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcast.id"], name=op.f("fk_broadcast_test_broadcast_id_broadcast")
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_broadcast_test_outbox_id_outbox"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_broadcast_test_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_broadcast_test_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_test")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_broadcast_test_broadcast_id"), "broadcast_test", ["broadcast_id"], unique=False)
    op.create_table(
        "broadcast_recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("road", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("settled_as", sa.String(length=12), nullable=True),
        sa.Column("read_at", base.Instant(), nullable=True),
        sa.Column("read_how", sa.String(length=10), nullable=True),
        sa.Column("door_state", sa.String(length=10), nullable=True),
        sa.Column("door_by_id", sa.Integer(), nullable=True),
        sa.Column("door_at", base.Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'outbox', 'call', 'paper', 'cancelled')",
            name=op.f("ck_broadcast_recipient_state"),
        ),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcast.id"], name=op.f("fk_broadcast_recipient_broadcast_id_broadcast")
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["broadcast_call.id"], name=op.f("fk_broadcast_recipient_call_id_broadcast_call")
        ),
        sa.ForeignKeyConstraint(
            ["door_by_id"], ["staff_member.id"], name=op.f("fk_broadcast_recipient_door_by_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"],
            ["outbox.id"],
            name=op.f("fk_broadcast_recipient_outbox_id_outbox"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_broadcast_recipient_person_id_person"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_recipient")),
        sa.UniqueConstraint(
            "broadcast_id", "person_id", name=op.f("uq_broadcast_recipient_broadcast_id_person_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_broadcast_recipient_call_id"), "broadcast_recipient", ["call_id"], unique=False)
    op.create_index(
        op.f("ix_broadcast_recipient_outbox_id"), "broadcast_recipient", ["outbox_id"], unique=False
    )
    op.create_index(
        op.f("ix_broadcast_recipient_person_id"), "broadcast_recipient", ["person_id"], unique=False
    )
    op.create_index(
        "ix_broadcast_recipient_queue",
        "broadcast_recipient",
        ["broadcast_id", "state", "position"],
        unique=False,
    )
