"""What the time bank learnt: partners' offers, hands the desk agrees to."""

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Nothing yet."""
