"""Alembic's entry, always called from app/database.py with an open connection and the lane it migrates."""

from alembic import context

import models  # noqa: F401  (every table must be known)
from models.base import Base
from models.confidential import ConfidentialBase

LANES = {"main": Base.metadata, "confidential": ConfidentialBase.metadata}

connection = context.config.attributes["connection"]
lane = context.config.attributes["lane"]
context.configure(
    connection=connection,
    target_metadata=LANES[lane],
    version_table=f"alembic_version_{lane}",
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    user_module_prefix="base.",
)
with context.begin_transaction():
    context.run_migrations()
