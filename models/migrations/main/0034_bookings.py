"""Bookings at depth: holds, series."""

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Nothing yet."""
