"""The volunteer's file, proofs of service and their register, batches for the national system."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "certificate_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=60), nullable=False),
        sa.Column("head", sa.String(length=20), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("prefix", sa.String(length=8), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("posting_days", sa.Integer(), nullable=False),
        sa.Column("answer_days", sa.Integer(), nullable=False),
        sa.Column("most_lines", sa.Integer(), nullable=False),
        sa.CheckConstraint("posting_days >= 7", name=op.f("ck_certificate_terms_posting_days")),
        sa.CheckConstraint("unit IN (6, 30)", name=op.f("ck_certificate_terms_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_terms")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "number_series",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_number_series")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "national_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.String(length=12), nullable=False),
        sa.Column("only_changes", sa.Boolean(), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", base.Instant(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("asked_at", base.Instant(), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=True),
        sa.CheckConstraint("entity IN ('volunteers', 'hours')", name=op.f("ck_national_batch_entity")),
        sa.CheckConstraint(
            "state IN ('waiting', 'agreed', 'refused', 'made')", name=op.f("ck_national_batch_state")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff_member.id"], name=op.f("fk_national_batch_decided_by_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_national_batch_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_national_batch")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "national_mapping",
        sa.Column("entity", sa.String(length=12), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("day_form", sa.String(length=12), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_national_mapping_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("entity", name=op.f("pk_national_mapping")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "national_mark",
        sa.Column("entity", sa.String(length=12), nullable=False),
        sa.Column("record_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["national_batch.id"], name=op.f("fk_national_mark_batch_id_national_batch")
        ),
        sa.PrimaryKeyConstraint("entity", "record_id", name=op.f("pk_national_mark")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_national_mark_batch_id", "national_mark", ["batch_id"])
    op.create_table(
        "volunteer_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('training', 'award', 'praise', 'complaint')", name=op.f("ck_volunteer_entry_kind")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_volunteer_entry_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_volunteer_entry_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_volunteer_entry_person_id"), "volunteer_entry", ["person_id"])
    op.create_table(
        "volunteer_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("id_type", sa.String(length=20), nullable=True),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("born", sa.LargeBinary(), nullable=True),
        sa.Column("skills", sa.LargeBinary(), nullable=True),
        sa.Column("service_types", sa.JSON(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("opened_at", base.Instant(), nullable=False),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_volunteer_file_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_file")),
        sa.UniqueConstraint("number", name=op.f("uq_volunteer_file_number")),
        sa.UniqueConstraint("person_id", name=op.f("uq_volunteer_file_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("purpose", sa.LargeBinary(), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", base.Instant(), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", base.Instant(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("posted_on", sa.String(length=6), nullable=True),
        sa.Column("posting_since", base.Instant(), nullable=True),
        sa.Column("posting_until", base.Instant(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=24), nullable=True),
        sa.Column("printed_at", base.Instant(), nullable=True),
        sa.Column("printed_by_id", sa.Integer(), nullable=True),
        sa.Column("scan_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", base.Instant(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("void_asked_by_id", sa.Integer(), nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        sa.Column("corrected_at", base.Instant(), nullable=True),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.CheckConstraint(
            "(number IS NOT NULL) = (state IN ('printed', 'issued', 'void'))",
            name=op.f("ck_certificate_number"),
        ),
        sa.CheckConstraint(
            "state IN ('applied', 'checked', 'posting', 'ready', 'printed', 'issued', 'refused', 'withdrawn', 'void')",
            name=op.f("ck_certificate_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('ready', 'printed', 'issued') OR posting_until IS NOT NULL",
            name=op.f("ck_certificate_posted"),
        ),
        sa.CheckConstraint("(ordinal IS NULL) = (number IS NULL)", name=op.f("ck_certificate_numbered")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["staff_member.id"], name=op.f("fk_certificate_asked_by_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["staff_member.id"], name=op.f("fk_certificate_checked_by_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_certificate_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["printed_by_id"], ["staff_member.id"], name=op.f("fk_certificate_printed_by_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"],
            ["stored_file.id"],
            name=op.f("fk_certificate_scan_id_stored_file"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["void_asked_by_id"],
            ["staff_member.id"],
            name=op.f("fk_certificate_void_asked_by_id_staff_member"),
        ),
        sa.ForeignKeyConstraint(
            ["voided_by_id"], ["staff_member.id"], name=op.f("fk_certificate_voided_by_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("year", "ordinal", name=op.f("uq_certificate_year_ordinal")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_certificate_person_id"), "certificate", ["person_id"])
    op.create_index("ix_certificate_state_posting_until", "certificate", ["state", "posting_until"])
    op.create_table(
        "certificate_objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by_id"],
            ["staff_member.id"],
            name=op.f("fk_certificate_objection_answered_by_id_staff_member"),
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_objection_certificate_id_certificate"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_certificate_objection_person_id_person"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_objection")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_certificate_objection_certificate_id"), "certificate_objection", ["certificate_id"]
    )
    op.create_index(op.f("ix_certificate_objection_person_id"), "certificate_objection", ["person_id"])
    op.create_table(
        "certificate_line",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("hours_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_line_certificate_id_certificate"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["hours_id"], ["service_hours.id"], name=op.f("fk_certificate_line_hours_id_service_hours")
        ),
        sa.PrimaryKeyConstraint("certificate_id", "hours_id", name=op.f("pk_certificate_line")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_certificate_line_hours_id"), "certificate_line", ["hours_id"])
