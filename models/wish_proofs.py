"""Pictures that show that a wish was fulfilled: for the staff alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant
from models.stored_file import StoredFile
from models.wishes import Claim

MOST_PROOFS = 3
PROOFS_KEPT = timedelta(days=365)


class WishProof(Base):
    """One picture of one claim; its bytes are a stored file of who promised."""

    __tablename__ = "wish_proof"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("wish_claim.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    claim: Mapped[Claim] = relationship()
    file: Mapped[StoredFile | None] = relationship()


def proofs_of(*claims: Claim) -> Select[WishProof]:
    """Those that are still kept, in the order in which they came."""
    numbers = [one.id for one in claims]
    kept = WishProof.claim_id.in_(numbers), WishProof.file_id.is_not(None)
    return select(WishProof).where(*kept).order_by(WishProof.id)


def count_proofs(session: Session, claim: Claim) -> int:
    return session.scalar(select(func.count()).where(WishProof.claim_id == claim.id)) or 0
