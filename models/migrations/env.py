"""Alembic's entry, always called from app/database.py with an open connection and the lane it migrates."""

from alembic import context

from models import know_all
from models.base import Base
from models.confidential import ConfidentialBase

know_all()
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
    if connection.dialect.name == "postgresql":
        # Building takes as long as it takes; waiting for a table's lock would stop everybody behind us, so it is short.
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
    context.run_migrations()
