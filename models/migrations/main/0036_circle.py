"""The 15-minute circle: providers with their licences, places by name, jobs at homes, and what is asked afterwards."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "emergency_line",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=20), nullable=False),
        sa.Column("first", sa.String(length=120), nullable=False),
        sa.Column("whom", sa.String(length=20), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_emergency_line")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "landmark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("also_called", sa.JSON(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lng", sa.Double(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_landmark_place_id_place"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landmark")),
        sa.UniqueConstraint("name", name=op.f("uq_landmark_name")),
        sa.UniqueConstraint("place_id", name=op.f("uq_landmark_place_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("ask_at", base.Instant(), nullable=False),
        sa.Column("asked_at", base.Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'asked', 'well', 'again', 'closed')", name=op.f("ck_follow_up_state")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_follow_up_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("source", name=op.f("uq_follow_up_source")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_follow_up_ask_at"), "follow_up", ["ask_at"])
    op.create_index("ix_follow_up_person_id_state", "follow_up", ["person_id", "state"])
    op.create_table(
        "provider",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("most_a_day", sa.Integer(), nullable=False),
        sa.Column("link_index", sa.String(length=64), nullable=True),
        sa.Column("link_until", base.Instant(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.CheckConstraint("kind IN ('person', 'firm')", name=op.f("ck_provider_kind")),
        sa.CheckConstraint("most_a_day > 0", name=op.f("ck_provider_most_a_day")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_provider_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_provider_resource_id_resource")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("link_index", name=op.f("uq_provider_link_index")),
        sa.UniqueConstraint("name", name=op.f("uq_provider_name")),
        sa.UniqueConstraint("person_id", name=op.f("uq_provider_person_id")),
        sa.UniqueConstraint("resource_id", name=op.f("uq_provider_resource_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "home_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("emergency", sa.String(length=12), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("due", base.Instant(), nullable=True),
        sa.Column("window_starts", base.Instant(), nullable=True),
        sa.Column("window_ends", base.Instant(), nullable=True),
        sa.Column("starts", base.Instant(), nullable=True),
        sa.Column("ends", base.Instant(), nullable=True),
        sa.Column("landmark_id", sa.Integer(), nullable=True),
        sa.Column("passed", sa.JSON(), nullable=False),
        sa.Column("told_by", sa.Integer(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("yuan", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("done_at", base.Instant(), nullable=True),
        sa.Column("confirmed_at", base.Instant(), nullable=True),
        sa.Column("created_at", base.Instant(), nullable=False),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("log", sa.LargeBinary(), nullable=True),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "NOT (state IN ('offered', 'accepted', 'under_way')) OR (provider_id IS NOT NULL AND starts IS NOT NULL)",
            name=op.f("ck_home_job_provider"),
        ),
        sa.CheckConstraint(
            "NOT (state IN ('offered', 'desk', 'accepted', 'under_way')) OR due IS NOT NULL",
            name=op.f("ck_home_job_due"),
        ),
        sa.CheckConstraint(
            "state IN ('offered', 'desk', 'accepted', 'under_way', 'done', 'closed', 'cancelled')",
            name=op.f("ck_home_job_state"),
        ),
        sa.CheckConstraint("emergency IS NOT NULL OR service_id IS NOT NULL", name=op.f("ck_home_job_what")),
        sa.ForeignKeyConstraint(
            ["landmark_id"],
            ["landmark.id"],
            name=op.f("fk_home_job_landmark_id_landmark"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_home_job_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_home_job_provider_id_provider")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_home_job_service_id_service")),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff_member.id"],
            name=op.f("fk_home_job_staff_id_staff_member"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["told_by"], ["appointment.id"], name=op.f("fk_home_job_told_by_appointment"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_job")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_home_job_created_at"), "home_job", ["created_at"])
    op.create_index(op.f("ix_home_job_done_at"), "home_job", ["done_at"])
    op.create_index(op.f("ix_home_job_person_id"), "home_job", ["person_id"])
    op.create_index(op.f("ix_home_job_provider_id"), "home_job", ["provider_id"])
    op.create_index(op.f("ix_home_job_service_id"), "home_job", ["service_id"])
    op.create_index(op.f("ix_home_job_starts"), "home_job", ["starts"])
    op.create_index("ix_home_job_state_due", "home_job", ["state", "due"])
    op.create_table(
        "provider_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["provider.id"],
            name=op.f("fk_provider_hours_provider_id_provider"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_hours")),
        sa.UniqueConstraint(
            "provider_id", "weekday", "opens", name=op.f("uq_provider_hours_provider_id_weekday_opens")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "provider_licence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("told_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["provider.id"],
            name=op.f("fk_provider_licence_provider_id_provider"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_licence")),
        sa.UniqueConstraint("provider_id", "number", name=op.f("uq_provider_licence_provider_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_provider_licence_valid_until"), "provider_licence", ["valid_until"])
    op.create_table(
        "provider_service",
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("at_home", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["provider.id"],
            name=op.f("fk_provider_service_provider_id_provider"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["service.id"],
            name=op.f("fk_provider_service_service_id_service"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("provider_id", "service_id", name=op.f("pk_provider_service")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_provider_service_service_id"), "provider_service", ["service_id"])
