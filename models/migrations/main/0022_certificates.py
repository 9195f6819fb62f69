"""The volunteer's file, proofs of service and their register."""

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Nothing yet."""
