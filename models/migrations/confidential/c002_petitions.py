"""Petitions: who comes, what for, and what became of it."""

revision = "c002"
down_revision = "c001"


def upgrade() -> None:
    """Nothing yet."""
