"""What people have allowed WeChat to tell them, and topics that they do not want."""

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    pass
