"""Suggestions and their answers; who is thanked by a public formula."""

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Nothing yet."""
