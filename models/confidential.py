"""Tables of the confidential lane: a database of their own, never joined to a resident, never searched or exported."""

from datetime import datetime

from sqlalchemy import MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app import clock
from models.base import NAMES, Instant, Sealed

# Kinds that are somebody's own: a child's danger and a relapse are read by the few who are trained for it.
SPECIAL = {"minor": "children", "relapse": "recovery"}


class ConfidentialBase(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class ConfidentialMatter(ConfidentialBase):
    """A cry for help or a protected report. `key` is a keyed hash: a repeated push makes no second one, and
    nothing here says in clear who wrote."""

    __tablename__ = "confidential_matter"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(240), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    app: Mapped[str] = mapped_column(String(40))
    openid: Mapped[str] = mapped_column(Sealed("confidential_matter.openid", "confidential"))
    text: Mapped[str] = mapped_column(Sealed("confidential_matter.text", "confidential"))
    received_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)
    handled_by: Mapped[int | None]
    handled_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(Sealed("confidential_matter.outcome", "confidential"))
