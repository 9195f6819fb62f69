"""Who did what, when, to what: append-only lines, chained by a job each minute so that a missing one shows."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, bindparam, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base, Instant, connection_of, index_where
from models.prepared import Prepared


class AuditLine(Base):
    """`actor` is "person:7", "staff:2" or "job:…", never a name or an openid. `facts` hold ids, codes and counts, never
    the values of personal fields. `seq` and `chain` are given once, a minute later; nothing else of a line can be
    changed, and it cannot be deleted before half a year has passed: the database itself refuses (audit_guard.py)."""

    __tablename__ = "audit_line"
    __table_args__ = (
        Index("ix_audit_line_object", "object_kind", "object_id"),
        index_where("ix_audit_line_unchained", "chain IS NULL", "id"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)
    actor: Mapped[str] = mapped_column(String(60), index=True)
    channel: Mapped[str] = mapped_column(String(10))
    action: Mapped[str] = mapped_column(String(80))
    object_kind: Mapped[str | None] = mapped_column(String(40))
    object_id: Mapped[str | None] = mapped_column(String(60))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    seq: Mapped[int | None] = mapped_column(unique=True)
    chain: Mapped[str | None] = mapped_column(String(64))


SAID = ("at", "actor", "channel", "action", "object_kind", "object_id", "facts")
LINE = Prepared(insert(AuditLine).values({name: bindparam(name) for name in SAID}).inline())


def write_line(session: Session, **line: Any) -> None:
    """Every write leaves one, so it goes past the ORM; what it speaks of is flushed already."""
    LINE.run(connection_of(session), {**line, "at": clock.now()})


class AuditHead(Base):
    """Where the chain stood at the end of a day: told to people (console, monthly report), so that a chain made anew
    would not fit what they have on paper. `purged` marks the last line that time took away: the chain begins behind
    it."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    seq: Mapped[int]
    chain: Mapped[str] = mapped_column(String(64))
    purged: Mapped[bool] = mapped_column(default=False)
