"""The leader's page without a network: its one device."""

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Nothing yet."""
