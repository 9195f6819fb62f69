"""The first schema: people, talks, pushes, outbox, and the features of the first version."""

import sqlalchemy as sa
from alembic import op

from models import base
from models.notice_search import create_search

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=True),
        sa.Column("object_id", sa.String(length=60), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_line")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_line_actor"), "audit_line", ["actor"], unique=False)
    op.create_index(op.f("ix_audit_line_at"), "audit_line", ["at"], unique=False)
    op.create_index("ix_audit_line_object", "audit_line", ["object_kind", "object_id"], unique=False)
    op.create_table(
        "early_receipt",
        sa.Column("wechat_id", sa.String(length=40), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("wechat_id", name=op.f("pk_early_receipt")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "grid",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("worker", sa.String(length=40), nullable=False),
        sa.Column("worker_phone", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid")),
        sa.UniqueConstraint("name", name=op.f("uq_grid_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("flower", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("sentence", sa.String(length=120), nullable=False),
        sa.Column("menu_place", sa.String(length=20), nullable=True),
        sa.Column("engines", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("later", sa.String(length=80), nullable=True),
        sa.Column("contact", sa.String(length=60), nullable=True),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("code", name=op.f("uq_programme_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "schedule",
        sa.Column("job", sa.String(length=80), nullable=False),
        sa.Column("next_due", base.Instant(), nullable=False),
        sa.Column("last_due", base.Instant(), nullable=True),
        sa.Column("last_run_at", base.Instant(), nullable=True),
        sa.Column("last_result", sa.String(length=300), nullable=True),
        sa.Column("expired_runs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_schedule")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_schedule_next_due"), "schedule", ["next_due"], unique=False)
    op.create_table(
        "seeding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seeding")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("also_called", sa.JSON(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("bring", sa.JSON(), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("window", sa.String(length=20), nullable=True),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lng", sa.Double(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("gap_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("lead_minutes", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("cancel_minutes", sa.Integer(), nullable=False),
        sa.Column("per_person", sa.Integer(), nullable=False),
        sa.Column("asks_phone", sa.Boolean(), nullable=False),
        sa.Column("home_visit", sa.Boolean(), nullable=False),
        sa.Column("discreet_name", sa.String(length=20), nullable=True),
        sa.Column("keeps_office_days", sa.Boolean(), nullable=False),
        sa.Column("licensed_until", sa.Date(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("name", name=op.f("uq_service_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_service_kind"), "service", ["kind"], unique=False)
    op.create_table(
        "wrong_sign_ins",
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", base.Instant(), nullable=False),
        sa.Column("locked_until", base.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_wrong_sign_ins")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_place_grid_id_grid")),
        sa.ForeignKeyConstraint(["parent_id"], ["place.id"], name=op.f("fk_place_parent_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_place_grid_id"), "place", ["grid_id"], unique=False)
    op.create_index(op.f("ix_place_parent_id"), "place", ["parent_id"], unique=False)
    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("starts", base.Instant(), nullable=False),
        sa.Column("ends", base.Instant(), nullable=False),
        sa.Column("half", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name=op.f("ck_slot_seats")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_slot_service_id_service")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("service_id", "starts", name=op.f("uq_slot_service_id_starts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_slot_starts"), "slot", ["starts"], unique=False)
    op.create_table(
        "special_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_special_day_service_id_service"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_day")),
        sa.UniqueConstraint("service_id", "day", name=op.f("uq_special_day_service_id_day")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_special_day_day"), "special_day", ["day"], unique=False)
    op.create_index(
        "uq_special_day_house",
        "special_day",
        ["day"],
        unique=True,
        sqlite_where=sa.text("service_id IS NULL"),
        postgresql_where=sa.text("service_id IS NULL"),
    )
    op.create_table(
        "staff_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=True),
        sa.Column("totp", base.Sealed("staff_member.totp"), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_staff_member_grid_id_grid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_member")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_member_login")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "week_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_week_hours_service_id_service"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_week_hours")),
        sa.UniqueConstraint(
            "service_id", "weekday", "opens", name=op.f("uq_week_hours_service_id_weekday_opens")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("category", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("source_number", sa.String(length=60), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("bring", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("published_at", base.Instant(), nullable=True),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["staff_member.id"], name=op.f("fk_notice_author_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notice_state_published", "notice", ["state", "published_at"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", base.Sealed("person.name"), nullable=True),
        sa.Column("phone", base.Sealed("person.phone"), nullable=True),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("unionid", sa.String(length=64), nullable=True),
        sa.Column("joined_at", base.Instant(), nullable=True),
        sa.Column("created_at", base.Instant(), nullable=False),
        sa.Column("erased_at", base.Instant(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["person.id"], name=op.f("fk_person_merged_into_id_person")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_person_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("unionid", name=op.f("uq_person_unionid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_person_merged_into_id"), "person", ["merged_into_id"], unique=False)
    op.create_index(op.f("ix_person_phone_index"), "person", ["phone_index"], unique=False)
    op.create_index(op.f("ix_person_place_id"), "person", ["place_id"], unique=False)
    op.create_table(
        "staff_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("key_index", sa.String(length=64), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("expires_at", base.Instant(), nullable=False),
        sa.Column("used_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_staff_invitation_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_invitation")),
        sa.UniqueConstraint("key_index", name=op.f("uq_staff_invitation_key_index")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_staff_invitation_staff_id"), "staff_invitation", ["staff_id"], unique=False)
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("key_index", sa.String(length=64), nullable=False),
        sa.Column("address", base.Sealed("staff_session.address"), nullable=True),
        sa.Column("browser", sa.String(length=80), nullable=False),
        sa.Column("started_at", base.Instant(), nullable=False),
        sa.Column("seen_at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_staff_session_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("key_index", name=op.f("uq_staff_session_key_index")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_staff_session_staff_id"), "staff_session", ["staff_id"], unique=False)
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=20), nullable=False),
        sa.Column("sentence", sa.String(length=120), nullable=False),
        sa.Column("programme", sa.String(length=40), nullable=True),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lng", sa.Double(), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("leader_name", base.Sealed("activity.leader_name"), nullable=True),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("created_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["person.id"], name=op.f("fk_activity_leader_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_activity_leader_id"), "activity", ["leader_id"], unique=False)
    op.create_index(op.f("ix_activity_programme"), "activity", ["programme"], unique=False)
    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("visitor", sa.String(length=64), nullable=False),
        sa.Column("helped_name", base.Sealed("appointment.helped_name"), nullable=True),
        sa.Column("helped_phone", base.Sealed("appointment.helped_phone"), nullable=True),
        sa.Column("helped_tie", base.Sealed("appointment.helped_tie"), nullable=True),
        sa.Column("phone", base.Sealed("appointment.phone"), nullable=True),
        sa.Column("address", base.Sealed("appointment.address"), nullable=True),
        sa.Column("note", base.Sealed("appointment.note"), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("marked_by", sa.Integer(), nullable=True),
        sa.Column("created_at", base.Instant(), nullable=False),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_appointment_person_id_person")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_appointment_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_appointment_person_id"), "appointment", ["person_id"], unique=False)
    op.create_index(op.f("ix_appointment_slot_id"), "appointment", ["slot_id"], unique=False)
    op.create_index(op.f("ix_appointment_state"), "appointment", ["state"], unique=False)
    op.create_index(
        "uq_appointment_holder",
        "appointment",
        ["person_id", "visitor", "slot_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("given_at", base.Instant(), nullable=False),
        sa.Column("withdrawn_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_consent_person_id"), "consent", ["person_id"], unique=False)
    op.create_index(
        "uq_consent_live",
        "consent",
        ["person_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
        sqlite_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "door_scan",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_door_scan_person_id_person")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_door_scan_place_id_place")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_door_scan")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("app", sa.String(length=40), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("following", sa.Boolean(), nullable=False),
        sa.Column("follow_changed_at", base.Instant(), nullable=True),
        sa.Column("spoke_at", base.Instant(), nullable=True),
        sa.Column("created_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("app", "openid", name=op.f("uq_identity_app_openid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_identity_person_id"), "identity", ["person_id"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("key", sa.String(length=240), nullable=False),
        sa.Column("app", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("answer", base.Sealed("inbox.answer"), nullable=False),
        sa.Column("fault", sa.String(length=20), nullable=True),
        sa.Column("received_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_inbox_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_inbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_inbox_person_id"), "inbox", ["person_id"], unique=False)
    op.create_index(op.f("ix_inbox_received_at"), "inbox", ["received_at"], unique=False)
    op.create_table(
        "link_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_index", sa.String(length=64), nullable=False),
        sa.Column("expires_at", base.Instant(), nullable=False),
        sa.Column("used_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_link_code_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_code")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_link_code_code_index"), "link_code", ["code_index"], unique=False)
    op.create_index(op.f("ix_link_code_expires_at"), "link_code", ["expires_at"], unique=False)
    op.create_index(op.f("ix_link_code_person_id"), "link_code", ["person_id"], unique=False)
    op.create_table(
        "merging",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("reason", base.Sealed("merging.reason"), nullable=True),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("filled", sa.JSON(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("parted_at", base.Instant(), nullable=True),
        sa.Column("settled_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["gone_id"], ["person.id"], name=op.f("fk_merging_gone_id_person")),
        sa.ForeignKeyConstraint(["kept_id"], ["person.id"], name=op.f("fk_merging_kept_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merging")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_merging_gone_id"), "merging", ["gone_id"], unique=False)
    op.create_index(op.f("ix_merging_kept_id"), "merging", ["kept_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("once", sa.String(length=250), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("facts", base.SealedJSON("outbox.facts"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due", base.Instant(), nullable=False),
        sa.Column("useful_until", base.Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("first_sent_at", base.Instant(), nullable=True),
        sa.Column("road", sa.String(length=20), nullable=True),
        sa.Column("wechat_id", sa.String(length=40), nullable=True),
        sa.Column("errcode", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", base.Instant(), nullable=False),
        sa.Column("settled_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_outbox_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("client_id", name=op.f("uq_outbox_client_id")),
        sa.UniqueConstraint("once", name=op.f("uq_outbox_once")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_person_id"), "outbox", ["person_id"], unique=False)
    op.create_index(
        "ix_outbox_ready",
        "outbox",
        ["due"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
        sqlite_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_index(op.f("ix_outbox_wechat_id"), "outbox", ["wechat_id"], unique=False)
    op.create_table(
        "wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wisher_id", sa.Integer(), nullable=True),
        sa.Column("helped_name", base.Sealed("wish.helped_name"), nullable=True),
        sa.Column("helped_phone", base.Sealed("wish.helped_phone"), nullable=True),
        sa.Column("helped_tie", base.Sealed("wish.helped_tie"), nullable=True),
        sa.Column("for_other", sa.Boolean(), nullable=False),
        sa.Column("text", base.Sealed("wish.text"), nullable=True),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("public_text", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", base.Sealed("wish.reason"), nullable=True),
        sa.Column("thanks", base.Sealed("wish.thanks"), nullable=True),
        sa.Column("thanks_state", sa.String(length=10), nullable=True),
        sa.Column("reviewed_by", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("said_at", base.Instant(), nullable=False),
        sa.Column("published_at", base.Instant(), nullable=True),
        sa.Column("done_at", base.Instant(), nullable=True),
        sa.Column("confirmed_at", base.Instant(), nullable=True),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('said', 'public', 'claimed', 'done', 'confirmed', 'thanked', 'refused', 'withdrawn')",
            name=op.f("ck_wish_state"),
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by"], ["staff_member.id"], name=op.f("fk_wish_reviewed_by_staff_member")
        ),
        sa.ForeignKeyConstraint(["wisher_id"], ["person.id"], name=op.f("fk_wish_wisher_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_wish_state_published", "wish", ["state", "published_at"], unique=False)
    op.create_index(op.f("ix_wish_thanks_state"), "wish", ["thanks_state"], unique=False)
    op.create_index(op.f("ix_wish_wisher_id"), "wish", ["wisher_id"], unique=False)
    op.create_table(
        "wrong_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_wrong_code_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_code")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_wrong_code_person_id"), "wrong_code", ["person_id"], unique=False)
    op.create_table(
        "activity_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("starts", base.Instant(), nullable=False),
        sa.Column("ends", base.Instant(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("secret", base.Sealed("activity_session.secret"), nullable=False),
        sa.Column("closed_at", base.Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'open', 'closed', 'cancelled')", name=op.f("ck_activity_session_state")
        ),
        sa.CheckConstraint("ends > starts", name=op.f("ck_activity_session_ends_after_start")),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name=op.f("ck_activity_session_seats")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_activity_session_activity_id_activity")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_session")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_activity_session_activity_id"), "activity_session", ["activity_id"], unique=False
    )
    op.create_index(op.f("ix_activity_session_starts"), "activity_session", ["starts"], unique=False)
    op.create_index("ix_activity_session_state_ends", "activity_session", ["state", "ends"], unique=False)
    op.create_table(
        "api_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("session_key", base.Sealed("api_session.session_key"), nullable=False),
        sa.Column("begun_at", base.Instant(), nullable=False),
        sa.Column("used_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_api_session_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_session_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_api_session_begun_at"), "api_session", ["begun_at"], unique=False)
    op.create_index(op.f("ix_api_session_identity_id"), "api_session", ["identity_id"], unique=False)
    op.create_index(op.f("ix_api_session_used_at"), "api_session", ["used_at"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("heard", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("talks", base.SealedJSON("conversation.talks"), nullable=False),
        sa.Column("offers", base.SealedJSON("conversation.offers"), nullable=True),
        sa.Column("done", base.SealedJSON("conversation.done"), nullable=True),
        sa.Column("rest", base.Sealed("conversation.rest"), nullable=True),
        sa.Column("spoke_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_conversation_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_conversation")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_conversation_spoke_at"), "conversation", ["spoke_at"], unique=False)
    op.create_table(
        "desk_talk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", base.Instant(), nullable=False),
        sa.Column("waiting_since", base.Instant(), nullable=True),
        sa.Column("last_line_at", base.Instant(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_desk_talk_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_desk_talk_person_id_person")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_desk_talk_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_talk")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_desk_talk_identity_id"), "desk_talk", ["identity_id"], unique=False)
    op.create_index(op.f("ix_desk_talk_person_id"), "desk_talk", ["person_id"], unique=False)
    op.create_index(op.f("ix_desk_talk_waiting_since"), "desk_talk", ["waiting_since"], unique=False)
    op.create_index(
        "uq_desk_talk_open_person",
        "desk_talk",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed'"),
        sqlite_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "idempotency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", base.Sealed("idempotency.body"), nullable=True),
        sa.Column("taken_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_idempotency_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency")),
        sa.UniqueConstraint("identity_id", "key", name=op.f("uq_idempotency_identity_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_idempotency_taken_at"), "idempotency", ["taken_at"], unique=False)
    op.create_table(
        "page_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=True),
        sa.Column("state_hash", sa.String(length=64), nullable=True),
        sa.Column("return_to", sa.JSON(), nullable=True),
        sa.Column("until", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_page_session_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_session")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_page_session_key_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_page_session_identity_id"), "page_session", ["identity_id"], unique=False)
    op.create_index(op.f("ix_page_session_until"), "page_session", ["until"], unique=False)
    op.create_table(
        "wish_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wish_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("claimed_at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'returned', 'expired', 'ended')", name=op.f("ck_wish_claim_state")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_wish_claim_person_id_person")),
        sa.ForeignKeyConstraint(["wish_id"], ["wish.id"], name=op.f("fk_wish_claim_wish_id_wish")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_claim")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_wish_claim_person_id"), "wish_claim", ["person_id"], unique=False)
    op.create_index("ix_wish_claim_state_due", "wish_claim", ["state", "due"], unique=False)
    op.create_index(op.f("ix_wish_claim_wish_id"), "wish_claim", ["wish_id"], unique=False)
    op.create_index(
        "uq_wish_claim_live",
        "wish_claim",
        ["wish_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'done')"),
        postgresql_where=sa.text("state IN ('open', 'done')"),
    )
    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("came_at", base.Instant(), nullable=False),
        sa.Column("left_at", base.Instant(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("auto_out", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.CheckConstraint("(left_at IS NULL) = (minutes IS NULL)", name=op.f("ck_attendance_counted")),
        sa.CheckConstraint("left_at IS NULL OR left_at >= came_at", name=op.f("ck_attendance_order")),
        sa.CheckConstraint("minutes IS NULL OR minutes >= 0", name=op.f("ck_attendance_minutes")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_attendance_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["activity_session.id"], name=op.f("fk_attendance_session_id_activity_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attendance_person_came", "attendance", ["person_id", "came_at"], unique=False)
    op.create_index(op.f("ix_attendance_session_id"), "attendance", ["session_id"], unique=False)
    op.create_index(
        "uq_attendance_open",
        "attendance",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
        sqlite_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "checkin_guesses",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_checkin_guesses_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["activity_session.id"],
            name=op.f("fk_checkin_guesses_session_id_activity_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_checkin_guesses")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "desk_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("talk_id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("speaker", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", base.Sealed("desk_line.text"), nullable=False),
        sa.Column("media_id", sa.String(length=200), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_desk_line_staff_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["talk_id"], ["desk_talk.id"], name=op.f("fk_desk_line_talk_id_desk_talk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_line")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_desk_line_talk_id"), "desk_line", ["talk_id"], unique=False)
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.CheckConstraint("state IN ('joined', 'left', 'waiting')", name=op.f("ck_enrolment_state")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["activity_session.id"], name=op.f("fk_enrolment_session_id_activity_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_enrolment_session_id_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_enrolment_person_id"), "enrolment", ["person_id"], unique=False)
    op.create_index(op.f("ix_enrolment_session_id"), "enrolment", ["session_id"], unique=False)
    op.create_table(
        "scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=80), nullable=False),
        sa.Column("way", sa.String(length=4), nullable=False),
        sa.Column("occurred_at", base.Instant(), nullable=False),
        sa.Column("received_at", base.Instant(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.CheckConstraint("way IN ('in', 'out', 'turn')", name=op.f("ck_scan_way")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_scan_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["activity_session.id"], name=op.f("fk_scan_session_id_activity_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sa.UniqueConstraint("person_id", "nonce", name=op.f("uq_scan_person_id_nonce")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_scan_session_id"), "scan", ["session_id"], unique=False)
    create_search(op.get_bind())
