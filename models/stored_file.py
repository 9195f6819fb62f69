"""Files that belong to rows: pictures that residents sent, sheets that were made. Their bytes lie sealed in DATA/files
under a name of ours (app/files.py); nothing that somebody typed becomes part of a path."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from models.base import Base, Instant, Sealed


class StoredFile(Base):
    """`name` is what a person sees when it is taken away; `purpose` is the feature and use ("registers.export");
    `person_id` is whose it is (erased with them); after `until` the file goes."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: secrets.token_hex(16))
    purpose: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(Sealed("stored_file.name"))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    until: Mapped[datetime | None] = mapped_column(Instant, index=True)


def files_past() -> Select[StoredFile]:
    """Those whose time is over."""
    return select(StoredFile).where(StoredFile.until < clock.now())
