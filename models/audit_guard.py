"""Triggers that keep audit lines as they were written, whoever asks the database: no change but the one that chains a
line, no deletion before 183 days (网络安全法: logs are kept for at least six months)."""

from __future__ import annotations

from sqlalchemy import Connection, event, text

from models.audit import AuditLine

SHORTEST_KEPT_DAYS = 183
SAYS = ("id", "at", "actor", "channel", "action", "object_kind", "object_id", "facts")
CHANGED_SQLITE = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in SAYS)
CHANGED_POSTGRES = " OR ".join(
    f"NEW.{name}::text IS DISTINCT FROM OLD.{name}::text"
    if name == "facts"
    else f"NEW.{name} IS DISTINCT FROM OLD.{name}"
    for name in SAYS
)

SQLITE_DDL = (
    f"""CREATE TRIGGER IF NOT EXISTS audit_line_stays BEFORE UPDATE ON audit_line
    WHEN OLD.chain IS NOT NULL OR {CHANGED_SQLITE}
    BEGIN SELECT RAISE(ABORT, 'an audit line cannot be changed'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS audit_line_kept BEFORE DELETE ON audit_line
    WHEN OLD.at > (CAST(strftime('%s', 'now') AS INTEGER) - {SHORTEST_KEPT_DAYS} * 86400) * 1000000
    BEGIN SELECT RAISE(ABORT, 'an audit line is kept for half a year'); END""",
)
POSTGRES_DDL = (
    f"""CREATE OR REPLACE FUNCTION audit_line_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.at > now() - interval '{SHORTEST_KEPT_DAYS} days' THEN
                RAISE EXCEPTION 'an audit line is kept for half a year';
            END IF;
            RETURN OLD;
        END IF;
        IF OLD.chain IS NOT NULL OR {CHANGED_POSTGRES} THEN
            RAISE EXCEPTION 'an audit line cannot be changed';
        END IF;
        RETURN NEW;
    END $$""",
    "DROP TRIGGER IF EXISTS audit_line_stays ON audit_line",
    """CREATE TRIGGER audit_line_stays BEFORE UPDATE OR DELETE ON audit_line
    FOR EACH ROW EXECUTE FUNCTION audit_line_stays()""",
)


def create_guard(connection: Connection) -> None:
    """Put the triggers of this database beside the table."""
    for statement in SQLITE_DDL if connection.dialect.name == "sqlite" else POSTGRES_DDL:
        connection.execute(text(statement))


@event.listens_for(AuditLine.__table__, "after_create")
def _with_the_table(_table: object, connection: Connection, **_options: object) -> None:
    create_guard(connection)
