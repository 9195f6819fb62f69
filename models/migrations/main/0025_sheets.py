"""Sign-in sheets on paper, scans taken back, collector codes."""

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Nothing yet."""
