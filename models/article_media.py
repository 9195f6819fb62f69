"""Pictures of articles that were uploaded to an account: WeChat keeps them for good, so each goes up only once."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base, Instant, insert_once


class ArticleMedia(Base):
    """`kind` "cover" is permanent material with a `media_id`, "picture" has the `url` of uploadimg, for content."""

    __tablename__ = "article_media"
    __table_args__ = (UniqueConstraint("app", "kind", "sha256"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    app: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    media_id: Mapped[str] = mapped_column(String(128), default="")
    url: Mapped[str] = mapped_column(String(1024), default="")
    uploaded_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


def uploaded(session: Session, app: str, kind: str, content: bytes) -> ArticleMedia | None:
    """What WeChat called this very picture when it went up."""
    one = ArticleMedia.app == app, ArticleMedia.kind == kind, ArticleMedia.sha256 == _print_of(content)
    return session.scalar(select(ArticleMedia).where(*one))


def keep_upload(
    session: Session, app: str, kind: str, content: bytes, *, media_id: str = "", url: str = ""
) -> bool:
    """Remember it; False when another process was quicker."""
    row = {"app": app, "kind": kind, "sha256": _print_of(content), "media_id": media_id, "url": url}
    return insert_once(session, ArticleMedia, **row)


def _print_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
