"""Who was reached, and who is told at the door."""

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    pass
