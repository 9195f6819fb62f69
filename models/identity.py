"""Who is speaking: a person, the WeChat identities that prove them, and the actor of a unit of work.

A person is not a phone and not an openid. Chat is proved by the sealed push, pages by OAuth, the mini-program by
code2Session; a typed phone number is contact data and proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Literal

from sqlalchemy import ForeignKey, LargeBinary, Select, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from app import clock
from models.base import Base, Instant, RowKey, RowSealed

if TYPE_CHECKING:
    from models.people import Place
    from models.staff import StaffMember

Channel = Literal["chat", "api", "page", "console", "paper", "job"]


class Person(RowKey, Base):
    """A resident. Made at first contact with nothing but an id; name, phone and place come when they join."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    _name: Mapped[bytes | None] = mapped_column("name", LargeBinary)
    _phone: Mapped[bytes | None] = mapped_column("phone", LargeBinary)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    unionid: Mapped[str | None] = mapped_column(String(64), unique=True)
    joined_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    name = RowSealed[str | None]("person.name")
    phone = RowSealed[str | None]("person.phone")
    identities: Mapped[list[Identity]] = relationship(back_populates="person")
    place: Mapped[Place | None] = relationship()


class Identity(Base):
    """One openid of one app. `following` and `followed_change` follow CreateTime order, not arrival order."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("app", "openid"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    app: Mapped[str] = mapped_column(String(40))
    openid: Mapped[str] = mapped_column(String(64))
    following: Mapped[bool] = mapped_column(default=False)
    follow_changed_at: Mapped[datetime | None] = mapped_column(Instant)
    spoke_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    person: Mapped[Person] = relationship(back_populates="identities")


@dataclass(frozen=True, slots=True)
class Helped:
    """Somebody without a phone of their own in this talk, for whom a child or neighbour acts."""

    name: str
    phone: str | None
    tie: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in this unit of work, through which door. `person` is the resident who types; `helped` is the one for
    whom they act in helper mode; `staff` is set at the console."""

    session: Session
    person: Person | None = None
    identity: Identity | None = None
    staff: StaffMember | None = None
    channel: Channel = "chat"
    helped: Helped | None = None

    @property
    def me(self) -> Person:
        if self.person is None:
            raise RuntimeError("this action needs a resident")
        return self.person

    def helping(self, somebody: Helped) -> Actor:
        """The same actor, acting for somebody whose name was told."""
        return replace(self, helped=somebody)


@cache
def _by_openid() -> Select[Identity]:
    """Asked for every message: built once, when all tables are known, and the person comes along."""
    mine = (Identity.app == bindparam("app"), Identity.openid == bindparam("openid"))
    return select(Identity).where(*mine).options(joinedload(Identity.person, innerjoin=True))


def find_identity(session: Session, app: str, openid: str) -> Identity | None:
    return session.scalar(_by_openid(), {"app": app, "openid": openid})
