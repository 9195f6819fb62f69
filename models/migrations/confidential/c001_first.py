"""The confidential lane's first schema."""

from alembic import op

from models.confidential import ConfidentialBase

revision = "c001"
down_revision = None


def upgrade() -> None:
    ConfidentialBase.metadata.create_all(op.get_bind())
