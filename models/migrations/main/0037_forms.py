"""Forms that are filled together."""

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Nothing yet."""
