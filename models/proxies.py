"""Who may act for whom: the guardian of a child under 14, and whoever somebody trusts to act for them (a daughter for
her father). Both sides see it, either side ends it, and it rests on a consent of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, String, exists, or_, select, text
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from app import clock
from models.base import Base, Instant
from models.identity import Person

ProxyKind = Literal["guardian", "proxy"]
KINDS: tuple[ProxyKind, ...] = ("guardian", "proxy")


class Proxy(Base):
    """`holder` acts for `ward`. `how` is "desk" or "code". Ended rows stay until one of the two is forgotten."""

    __tablename__ = "proxy"
    __table_args__ = (
        Index(
            "uq_proxy_live",
            "holder_id",
            "ward_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    holder_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    ward_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    how: Mapped[str] = mapped_column(String(10))
    given_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    holder: Mapped[Person] = relationship(foreign_keys=[holder_id])
    ward: Mapped[Person] = relationship(foreign_keys=[ward_id])

    def other_side(self, person: Person) -> Person:
        return self.ward if self.holder_id == person.id else self.holder


def live_proxies(person: Person) -> Select[Proxy]:
    """Whom this person acts for, and who acts for them."""
    theirs = or_(Proxy.holder_id == person.id, Proxy.ward_id == person.id)
    return select(Proxy).where(theirs, Proxy.ended_at.is_(None)).order_by(Proxy.id)


def proxies_of(person: Person) -> Select[Proxy]:
    """Those that have ended too."""
    theirs = or_(Proxy.holder_id == person.id, Proxy.ward_id == person.id)
    return select(Proxy).where(theirs).order_by(Proxy.id)


def acts_for(session: Session, holder: Person, ward: Person) -> Proxy | None:
    """The standing on which `holder` may do something for `ward` today."""
    mine = Proxy.holder_id == holder.id, Proxy.ward_id == ward.id, Proxy.ended_at.is_(None)
    return session.scalar(select(Proxy).where(*mine))


def is_ward() -> ColumnElement[bool]:
    """The condition on Person: a child who has a guardian on file."""
    own = aliased(Proxy)
    return exists().where(own.ward_id == Person.id, own.kind == "guardian", own.ended_at.is_(None))


def broken_proxies(session: Session) -> list[str]:
    found = select(Proxy.id).where(Proxy.holder_id == Proxy.ward_id, Proxy.ended_at.is_(None))
    return [f"proxy {number} lets somebody act for themselves" for number in session.scalars(found)]
