"""Teams: roster, weekly plans and their shifts, shifts handed on, thanks."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    _teams()
    _activity()
    _shifts()
    _covers()
    _thanks()


def _activity() -> None:
    """Only added: SQLite would empty a table that others refer to by making it anew."""
    op.execute(
        "ALTER TABLE activity ADD COLUMN team_id INTEGER"
        " CONSTRAINT fk_activity_team_id_team REFERENCES team (id)"
    )
    op.create_index(op.f("ix_activity_team_id"), "activity", ["team_id"])


def _teams() -> None:
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("programme", sa.String(length=40), nullable=True),
        sa.Column("sentence", sa.String(length=120), nullable=False),
        sa.Column("contact_hours", sa.String(length=40), nullable=False),
        sa.Column("entry", sa.String(length=8), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("invite", sa.LargeBinary(), nullable=True),
        sa.Column("invite_until", base.Instant(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.CheckConstraint("entry IN ('ask', 'invited')", name=op.f("ck_team_entry")),
        sa.CheckConstraint("kind IN ('patrol', 'volunteers', 'art', 'other')", name=op.f("ck_team_kind")),
        sa.CheckConstraint("state IN ('active', 'resting')", name=op.f("ck_team_state")),
        sa.CheckConstraint("least >= 0 AND most >= least AND most > 0", name=op.f("ck_team_size")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["time_account.id"], name=op.f("fk_team_account_id_time_account")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_team_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_team_programme"), "team", ["programme"])
    op.create_table(
        "team_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("called", sa.LargeBinary(), nullable=True),
        sa.Column("phone_shown", sa.Boolean(), nullable=False),
        sa.Column("paused_from", sa.Date(), nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("since", base.Instant(), nullable=True),
        sa.Column("until", base.Instant(), nullable=True),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.CheckConstraint("role IN ('leader', 'deputy', 'member')", name=op.f("ck_team_member_role")),
        sa.CheckConstraint(
            "state IN ('asked', 'invited', 'active', 'refused', 'left')", name=op.f("ck_team_member_state")
        ),
        sa.CheckConstraint(
            "(paused_from IS NULL) = (paused_until IS NULL)", name=op.f("ck_team_member_pause")
        ),
        sa.CheckConstraint(
            "paused_until IS NULL OR paused_until >= paused_from", name=op.f("ck_team_member_pause_order")
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"],
            ["person.id"],
            name=op.f("fk_team_member_guardian_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_team_member_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_team_member_team_id_team"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_member")),
        sa.UniqueConstraint("team_id", "person_id", name=op.f("uq_team_member_team_id_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_team_member_guardian_id"), "team_member", ["guardian_id"])
    op.create_index(op.f("ix_team_member_person_id"), "team_member", ["person_id"])
    op.create_table(
        "team_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_team_word_team_id_team"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_word")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_team_word_team_id"), "team_word", ["team_id"])


def _shifts() -> None:
    op.create_table(
        "shift_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("hands", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("rota", sa.String(length=4), nullable=False),
        sa.Column("alarm_hours", sa.Integer(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.CheckConstraint("rota IN ('even', 'open')", name=op.f("ck_shift_plan_rota")),
        sa.CheckConstraint("hands BETWEEN 1 AND 100", name=op.f("ck_shift_plan_hands")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_shift_plan_weekday")),
        sa.CheckConstraint("weeks BETWEEN 1 AND 8", name=op.f("ck_shift_plan_weeks")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_shift_plan_activity_id_activity")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_shift_plan_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_plan")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_shift_plan_team_id"), "shift_plan", ["team_id"])
    op.create_table(
        "shift",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hands", sa.Integer(), nullable=False),
        sa.Column("alarmed_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["shift_plan.id"], name=op.f("fk_shift_plan_id_shift_plan")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["activity_session.id"],
            name=op.f("fk_shift_session_id_activity_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_shift")),
        sa.UniqueConstraint("plan_id", "day", name=op.f("uq_shift_plan_id_day")),
    )


def _covers() -> None:
    op.create_table(
        "cover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=True),
        sa.Column("way", sa.String(length=4), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("taker_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("next_at", base.Instant(), nullable=True),
        sa.Column("asked_at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.CheckConstraint("(way = 'swap') = (other_id IS NOT NULL)", name=op.f("ck_cover_swap")),
        sa.CheckConstraint("state <> 'taken' OR ended_at IS NOT NULL", name=op.f("ck_cover_taken")),
        sa.CheckConstraint(
            "state IN ('open', 'taken', 'undone', 'withdrawn', 'refused', 'nobody', 'over')",
            name=op.f("ck_cover_state"),
        ),
        sa.CheckConstraint("way IN ('all', 'one', 'swap')", name=op.f("ck_cover_way")),
        sa.ForeignKeyConstraint(
            ["asker_id"], ["person.id"], name=op.f("fk_cover_asker_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["activity_session.id"], name=op.f("fk_cover_other_id_activity_session")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["activity_session.id"], name=op.f("fk_cover_session_id_activity_session")
        ),
        sa.ForeignKeyConstraint(
            ["taker_id"], ["person.id"], name=op.f("fk_cover_taker_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_cover_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_cover_asker_id"), "cover", ["asker_id"])
    op.create_index(op.f("ix_cover_other_id"), "cover", ["other_id"])
    op.create_index(op.f("ix_cover_session_id"), "cover", ["session_id"])
    op.create_index("ix_cover_state_next_at", "cover", ["state", "next_at"])
    op.create_index(op.f("ix_cover_taker_id"), "cover", ["taker_id"])
    op.create_index(op.f("ix_cover_team_id"), "cover", ["team_id"])
    op.create_index(
        "uq_cover_open",
        "cover",
        ["session_id", "asker_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "cover_ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cover_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=5), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("asked_at", base.Instant(), nullable=False),
        sa.Column("answered_at", base.Instant(), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'yes', 'no', 'gone')", name=op.f("ck_cover_ask_state")),
        sa.ForeignKeyConstraint(
            ["cover_id"], ["cover.id"], name=op.f("fk_cover_ask_cover_id_cover"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_cover_ask_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover_ask")),
        sa.UniqueConstraint("cover_id", "person_id", name=op.f("uq_cover_ask_cover_id_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_cover_ask_person_id"), "cover_ask", ["person_id"])


def _thanks() -> None:
    op.create_table(
        "thanks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("public_text", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reviewed_by", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", base.Instant(), nullable=True),
        sa.Column("shown", sa.Boolean(), nullable=True),
        sa.Column("shown_as", sa.LargeBinary(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.CheckConstraint("source IN ('leader', 'staff', 'served')", name=op.f("ck_thanks_source")),
        sa.CheckConstraint("state IN ('said', 'approved', 'refused')", name=op.f("ck_thanks_state")),
        sa.ForeignKeyConstraint(
            ["giver_id"], ["person.id"], name=op.f("fk_thanks_giver_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_thanks_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by"], ["staff_member.id"], name=op.f("fk_thanks_reviewed_by_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["activity_session.id"], name=op.f("fk_thanks_session_id_activity_session")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_thanks_staff_id_staff_member")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_thanks_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thanks")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_thanks_giver_id"), "thanks", ["giver_id"])
    op.create_index(op.f("ix_thanks_person_id"), "thanks", ["person_id"])
    op.create_index("ix_thanks_state_at", "thanks", ["state", "at"])
