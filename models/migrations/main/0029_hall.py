"""The hall: windows, one line, forms filled together."""

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Nothing yet."""
