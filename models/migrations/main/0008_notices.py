"""Versions, reviews and kept drafts of notices; the menu as versions; hours, engines and history of programmes."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0008"
down_revision = "0007"

PARTS = "title category source source_number summary body bring valid_from valid_until".split()


def upgrade() -> None:
    op.add_column("notice", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "notice_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("as_written", sa.Boolean(), nullable=False),
        sa.Column("allowed_by_id", sa.Integer(), nullable=True),
        sa.Column("allowed_reason", sa.String(length=200), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", base.Instant(), nullable=True),
        sa.Column("from_number", sa.Integer(), nullable=True),
        *_staff("notice_version", "author_id", "allowed_by_id", "published_by_id"),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_version_notice_id_notice")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_version")),
        sa.UniqueConstraint("notice_id", "number", name=op.f("uq_notice_version_notice_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notice_version_notice_id"), "notice_version", ["notice_id"])
    _reviews_and_drafts()
    _menus()
    _programmes()
    _first_versions()


def _reviews_and_drafts() -> None:
    op.create_table(
        "notice_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("proofs", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=False),
        *_staff("notice_review", "staff_id"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["notice_version.id"], name=op.f("fk_notice_review_version_id_notice_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_review")),
        sa.UniqueConstraint("version_id", "stage", name=op.f("uq_notice_review_version_id_stage")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notice_review_version_id"), "notice_review", ["version_id"])
    op.create_table(
        "notice_kept",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("kept_at", base.Instant(), nullable=False),
        *_staff("notice_kept", "staff_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_kept")),
        sa.UniqueConstraint("staff_id", "about", name=op.f("uq_notice_kept_staff_id_about")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "notice_rule",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", base.Instant(), nullable=False),
        *_staff("notice_rule", "staff_id"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_notice_rule")),
    )


def _menus() -> None:
    op.create_table(
        "menu_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("why", sa.String(length=60), nullable=False),
        *_staff("menu_version", "author_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu_version")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "menu_publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", base.Instant(), nullable=False),
        sa.Column("published_at", base.Instant(), nullable=True),
        *_staff("menu_publication", "staff_id"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["menu_version.id"], name=op.f("fk_menu_publication_version_id_menu_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu_publication")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_menu_publication_version_id"), "menu_publication", ["version_id"])


def _programmes() -> None:
    op.add_column("programme", sa.Column("hours", sa.String(length=60), nullable=True))
    op.add_column("programme", sa.Column("engines_off", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("programme", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "programme_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        *_staff("programme_version", "staff_id"),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_programme_version_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_version")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_programme_version_programme_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_programme_version_programme_id"), "programme_version", ["programme_id"])


def _staff(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], ["staff_member.id"], name=op.f(f"fk_{table}_{column}_staff_member"))
        for column in columns
    ]


def _first_versions() -> None:
    """What notices said before there were versions is their first version."""
    notice, version = sa.table("notice", *map(sa.column, COLUMNS)), sa.table("notice_version", *NEW)
    connection = op.get_bind()
    for row in connection.execute(sa.select(notice)).mappings().all():
        bring = json.loads(row["bring"]) if isinstance(row["bring"], str) else row["bring"]
        days = {name: str(row[name]) if row[name] else None for name in ("valid_from", "valid_until")}
        content = {name: row[name] for name in PARTS} | {"bring": bring} | days
        plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        told = row["state"] != "draft"
        connection.execute(
            sa.insert(version).values(
                notice_id=row["id"],
                number=1,
                content=content,
                digest=hashlib.sha256(plain.encode()).hexdigest(),
                author_id=row["author_id"],
                made_at=row["changed_at"],
                as_written=True,
                published_at=row["published_at"] if told else None,
            )
        )


COLUMNS = ("id", "state", "author_id", "published_at", "changed_at", *PARTS)
NEW = (
    *map(sa.column, ("notice_id", "number", "digest", "author_id", "made_at", "as_written", "published_at")),
    sa.column("content", sa.JSON()),
)
