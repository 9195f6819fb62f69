"""Waiting for a time, and what became of those who did not come."""

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Nothing yet."""
