"""How a notice is written once for every road."""

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    pass
