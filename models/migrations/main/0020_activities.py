"""Activities at depth: groups, forms, families, waiting lists, papers, series, heads counted."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    _activity()
    _series()
    _session()
    _enrolment()
    _beside_an_activity()
    _beside_an_enrolment()
    _paper()


def _activity() -> None:
    """Columns are only added: SQLite would empty a table that others refer to by making it anew."""
    for name in ("groups", "questions", "needs"):
        op.add_column("activity", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    for name, usual in (("join_minutes", "0"), ("leave_minutes", "0"), ("claim_minutes", "720")):
        op.add_column("activity", sa.Column(name, sa.Integer(), nullable=False, server_default=usual))
    for name in ("family", "roll_call"):
        op.add_column("activity", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("activity", sa.Column("ratio", sa.Integer(), nullable=True))
    op.execute(
        "ALTER TABLE activity ADD COLUMN overlap VARCHAR(4) DEFAULT 'soft' NOT NULL"
        " CONSTRAINT ck_activity_overlap CHECK (overlap IN ('soft', 'hard'))"
    )


def _series() -> None:
    op.create_table(
        "activity_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(length=8), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("failed", sa.JSON(), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.CheckConstraint("rhythm IN ('weekly', 'days')", name=op.f("ck_activity_series_rhythm")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_activity_series_activity_id_activity")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_series")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_activity_series_activity_id"), "activity_series", ["activity_id"])


def _session() -> None:
    op.add_column("activity_session", sa.Column("own_place", sa.String(length=40), nullable=True))
    op.add_column("activity_session", sa.Column("moved_at", base.Instant(), nullable=True))
    for name in ("line", "revision", "words_sent"):
        op.add_column("activity_session", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "ALTER TABLE activity_session ADD COLUMN series_id INTEGER"
        " CONSTRAINT fk_activity_session_series_id_activity_series"
        " REFERENCES activity_series (id)"
    )
    op.create_index(op.f("ix_activity_session_series_id"), "activity_session", ["series_id"])
    op.create_table(
        "session_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name=op.f("ck_session_group_seats")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["activity_session.id"],
            name=op.f("fk_session_group_session_id_activity_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_group")),
        sa.UniqueConstraint("session_id", "key", name=op.f("uq_session_group_session_id_key")),
        sqlite_autoincrement=True,
    )


def _enrolment() -> None:
    with op.batch_alter_table("enrolment") as table:
        table.drop_constraint(op.f("ck_enrolment_state"), type_="check")
        table.add_column(sa.Column("party_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("group", sa.String(length=12), nullable=True))
        table.add_column(sa.Column("comes", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("line", sa.Integer(), nullable=True))
        table.add_column(sa.Column("offered_until", base.Instant(), nullable=True))
        table.add_column(sa.Column("mark", sa.String(length=8), nullable=True))
        table.create_check_constraint(
            op.f("ck_enrolment_state"), "state IN ('joined', 'left', 'waiting', 'offered')"
        )
        table.create_check_constraint(
            op.f("ck_enrolment_mark"), "mark IS NULL OR mark IN ('absent', 'excused')"
        )
        table.create_foreign_key(
            op.f("fk_enrolment_party_id_enrolment"),
            "enrolment",
            ["party_id"],
            ["id"],
            ondelete="SET NULL",
        )
        table.create_unique_constraint(op.f("uq_enrolment_session_id_line"), ["session_id", "line"])
        table.create_index(op.f("ix_enrolment_party_id"), ["party_id"])
        table.create_index("ix_enrolment_state_offered_until", ["state", "offered_until"])


def _beside_an_activity() -> None:
    op.create_table(
        "activity_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.CheckConstraint("role IN ('leader', 'invited')", name=op.f("ck_activity_role_role")),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_activity_role_activity_id_activity"),
            ondelete="CASCADE",
        ),
        _person("activity_role"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_role")),
        sa.UniqueConstraint(
            "activity_id", "person_id", "role", name=op.f("uq_activity_role_activity_id_person_id_role")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_activity_role_person_id"), "activity_role", ["person_id"])
    op.create_table(
        "activity_tag",
        sa.Column("activity_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tag_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_activity_tag_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tag.id"], name=op.f("fk_activity_tag_tag_id_tag"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("activity_id", "tag_id", name=op.f("pk_activity_tag")),
    )
    op.create_table(
        "head_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.CheckConstraint("way IN ('out', 'on_the_way', 'back')", name=op.f("ck_head_count_way")),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_head_count_counted")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["activity_session.id"],
            name=op.f("fk_head_count_session_id_activity_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_head_count")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_head_count_session_id"), "head_count", ["session_id"])


def _beside_an_enrolment() -> None:
    op.create_table(
        "companion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("child", sa.Boolean(), nullable=False),
        sa.Column("group", sa.String(length=12), nullable=True),
        sa.Column("consented_at", base.Instant(), nullable=True),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        _enrolment_key("companion"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companion")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_companion_enrolment_id"), "companion", ["enrolment_id"])
    op.create_table(
        "filled_form",
        sa.Column("enrolment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        _enrolment_key("filled_form"),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_filled_form")),
    )


def _paper() -> None:
    op.create_table(
        "activity_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("seen_by_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", base.Instant(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        _person("activity_paper"),
        sa.ForeignKeyConstraint(
            ["seen_by_id"], ["staff_member.id"], name=op.f("fk_activity_paper_seen_by_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_paper")),
        sa.UniqueConstraint("person_id", "kind", name=op.f("uq_activity_paper_person_id_kind")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_activity_paper_valid_until"), "activity_paper", ["valid_until"])


def _person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person"), ondelete="CASCADE"
    )


def _enrolment_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["enrolment_id"],
        ["enrolment.id"],
        name=op.f(f"fk_{table}_enrolment_id_enrolment"),
        ondelete="CASCADE",
    )
