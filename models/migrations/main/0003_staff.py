"""Tables of staff: WeChat identities of the staff, scans that sign in."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Nothing yet."""
