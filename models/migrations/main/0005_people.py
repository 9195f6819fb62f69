"""Households, tags, guardians and proxies, sensitive facts, reasons of the staff; names and last four digits are found
through blind indexes."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _households()
    _tags()
    _proxies_and_sensitive_facts()
    _columns()


def _households() -> None:
    """Doors, stays, and what was changed."""
    op.create_table(
        "household",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("door", sa.LargeBinary(), nullable=False),
        sa.Column("door_index", sa.String(length=64), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("checked_at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.Column("why", sa.String(length=12), nullable=True),
        sa.Column("into_id", sa.Integer(), nullable=True),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["into_id"], ["household.id"], name=op.f("fk_household_into_id_household"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_household_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_household_place_id"), "household", ["place_id"], unique=False)
    op.create_index(
        "uq_household_door",
        "household",
        ["door_index"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "household_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("tie", sa.String(length=12), nullable=False),
        sa.Column("temporary_until", sa.Date(), nullable=True),
        sa.Column("since", base.Instant(), nullable=False),
        sa.Column("until", base.Instant(), nullable=True),
        sa.Column("why", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_member_household_id_household"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_household_member_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_member")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_household_member_household_id"), "household_member", ["household_id"], unique=False
    )
    op.create_index(op.f("ix_household_member_person_id"), "household_member", ["person_id"], unique=False)
    op.create_index(
        "uq_household_member_head",
        "household_member",
        ["household_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL AND tie = 'head'"),
        sqlite_where=sa.text("until IS NULL AND tie = 'head'"),
    )
    op.create_index(
        "uq_household_member_person",
        "household_member",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
        sqlite_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "household_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("reason", base.Sealed("household_change.reason"), nullable=True),
        sa.Column("before", base.SealedJSON("household_change.before"), nullable=True),
        sa.Column("after", base.SealedJSON("household_change.after"), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("undone_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_change_household_id_household"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["other_id"],
            ["household.id"],
            name=op.f("fk_household_change_other_id_household"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_household_change_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_change")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_household_change_household_id"), "household_change", ["household_id"], unique=False
    )
    op.create_index(op.f("ix_household_change_other_id"), "household_change", ["other_id"], unique=False)


def _tags() -> None:
    """Tags and who has them."""
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["staff_member.id"], name=op.f("fk_tag_made_by_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("name", name=op.f("uq_tag_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tagging",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_tagging_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_tagging_staff_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tag.id"], name=op.f("fk_tagging_tag_id_tag"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tagging")),
        sa.UniqueConstraint("tag_id", "person_id", name=op.f("uq_tagging_tag_id_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tagging_person_id"), "tagging", ["person_id"], unique=False)


def _proxies_and_sensitive_facts() -> None:
    """Who may act for whom; what is sensitive; why staff touched a record."""
    op.create_table(
        "proxy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("given_at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["person.id"], name=op.f("fk_proxy_holder_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ward_id"], ["person.id"], name=op.f("fk_proxy_ward_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_proxy_holder_id"), "proxy", ["holder_id"], unique=False)
    op.create_index(op.f("ix_proxy_ward_id"), "proxy", ["ward_id"], unique=False)
    op.create_index(
        "uq_proxy_live",
        "proxy",
        ["holder_id", "ward_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "sensitive_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("programme", sa.String(length=40), nullable=False),
        sa.Column("programme_ends", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sensitive_fact_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_sensitive_fact_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sensitive_fact")),
        sa.UniqueConstraint("person_id", "kind", name=op.f("uq_sensitive_fact_person_id_kind")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sensitive_fact_person_id"), "sensitive_fact", ["person_id"], unique=False)
    op.create_table(
        "staff_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=20), nullable=True),
        sa.Column("words", base.Sealed("staff_reason.words"), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_staff_reason_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_staff_reason_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_reason")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_staff_reason_person_id"), "staff_reason", ["person_id"], unique=False)
    op.create_table(
        "death_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("wish", sa.String(length=10), nullable=False),
        sa.Column("relative", base.Sealed("death_report.relative"), nullable=True),
        sa.Column("proof", base.Sealed("death_report.proof"), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reported_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("decided_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff_member.id"], name=op.f("fk_death_report_decided_by_id_staff_member")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_death_report_person_id_person")),
        sa.ForeignKeyConstraint(
            ["reported_by_id"], ["staff_member.id"], name=op.f("fk_death_report_reported_by_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_death_report")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_death_report_person_id"), "death_report", ["person_id"], unique=False)
    op.create_index(
        "uq_death_report_waiting",
        "death_report",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )


def _columns() -> None:
    """What is found by name or last digits is indexed by the essentials of people, which have the keys."""
    with op.batch_alter_table("consent") as table:
        table.add_column(sa.Column("on_paper", base.Sealed("consent.on_paper"), nullable=True))

    with op.batch_alter_table("link_code") as table:
        table.add_column(sa.Column("kind", sa.String(length=10), nullable=False, server_default="link"))

    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("phone_tail_index", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("name_index", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("given_index", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_person_given_index"), "person", ["given_index"], unique=False)
    op.create_index(op.f("ix_person_name_index"), "person", ["name_index"], unique=False)
    op.create_index(op.f("ix_person_phone_tail_index"), "person", ["phone_tail_index"], unique=False)
