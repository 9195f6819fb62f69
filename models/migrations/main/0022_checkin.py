"""Check-in by pass, by sheet and without a network."""

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    pass
