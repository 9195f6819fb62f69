"""Papers that somebody has photographed and sent in chat: until WeChat has handed a picture over, only its number at
WeChat stands here, in the confidential lane and in no common table."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Instant
from models.confidential import ConfidentialBase
from models.petitions import PetitionPaper, sealed

WECHAT_KEEPS = timedelta(days=3)
LEASE, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=1)


class PetitionPhoto(ConfidentialBase):
    """`due`: when it is fetched (again); whoever fetches it puts that off first, so that two hands do not fetch one."""

    __tablename__ = "petition_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    app: Mapped[str] = mapped_column(String(40))
    media_id: Mapped[str] = mapped_column(sealed("petition_photo.media_id"))
    tries: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)

    @property
    def is_gone(self) -> bool:
        """WeChat has thrown it away."""
        return clock.now() - self.at > WECHAT_KEEPS

    def later(self) -> None:
        """Again after a while that grows."""
        self.due = clock.now() + min(timedelta(seconds=30 * 2 ** min(self.tries, 7)), LONGEST_WAIT)


def claim(session: Session) -> PetitionPhoto | None:
    """The next one that is due, for this hand alone."""
    waiting = select(PetitionPhoto).where(PetitionPhoto.due <= clock.now()).order_by(PetitionPhoto.due)
    photo = session.scalar(waiting.limit(1).with_for_update(skip_locked=True))
    if photo is not None:
        photo.tries += 1
        photo.due = clock.now() + LEASE
    return photo


def photos_of(number: int) -> Select[PetitionPhoto]:
    """Those on their way to this petition, the newest first."""
    mine = select(PetitionPhoto).where(PetitionPhoto.petition_id == number)
    return mine.order_by(PetitionPhoto.at.desc(), PetitionPhoto.id.desc())


def papers_of(number: int) -> Select[PetitionPaper]:
    """Those that have come, the newest first."""
    mine = select(PetitionPaper).where(PetitionPaper.petition_id == number)
    return mine.order_by(PetitionPaper.at.desc(), PetitionPaper.id.desc())
