"""The 15-minute circle: providers and their jobs."""

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Nothing yet."""
