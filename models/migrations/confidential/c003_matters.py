"""Matters that only a few may read."""

revision = "c003"
down_revision = "c002"


def upgrade() -> None:
    """Nothing yet."""
