"""How a notice is written once for every road: another language, what the writer stands by, known names and slips."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("notice", sa.Column("second", sa.JSON(), nullable=True))
    op.add_column(
        "notice_version", sa.Column("ticked", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    )
    _by_staff("known_title", ("name", 20), ("title", 40), unique=["name", "title"])
    _by_staff("known_slip", ("wrong", 20), ("meant", 20), unique=["wrong"])
    op.create_table(
        "article_media",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_id", sa.String(length=128), nullable=False),
        sa.Column("url", sa.String(length=1024), nullable=False),
        sa.Column("uploaded_at", base.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_media")),
        sa.UniqueConstraint("app", "kind", "sha256", name=op.f("uq_article_media_app_kind_sha256")),
        sqlite_autoincrement=True,
    )


def _by_staff(name: str, *words: tuple[str, int], unique: list[str]) -> None:
    """A list of words that the staff keep."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(column, sa.String(length=most), nullable=False) for column, most in words),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("added_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f(f"fk_{name}_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{'_'.join(unique)}")),
        sqlite_autoincrement=True,
    )
