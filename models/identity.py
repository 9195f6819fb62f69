"""Who is speaking: a person, the WeChat identities that prove them, and the actor of a unit of work.

A person is not a phone and not an openid. Chat is proved by the sealed push, pages by OAuth, the mini-program by
code2Session; a typed phone number is contact data and proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ForeignKey, LargeBinary, Select, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from app import clock, privacy
from models.base import Base, Instant, RowKey, RowSealed, index_where
from models.places import Place

if TYPE_CHECKING:
    from models.staff import StaffMember

Channel = Literal["chat", "api", "page", "console", "paper", "job"]


class Findable(RowSealed[str | None]):
    """Sealed, and found again by blind indexes that are made in the same moment: column → (what the hash is for, which
    part of the value it covers)."""

    def __init__(self, purpose: str, **indexes: tuple[str, Callable[[str], str | None]]) -> None:
        super().__init__(purpose)
        self._indexes = indexes

    def __set__(self, row: Any, value: str | None) -> None:
        super().__set__(row, value)
        for column, (hashed_for, part_of) in self._indexes.items():
            part = part_of(value) if value else None
            setattr(row, column, privacy.keyring().blind(hashed_for, part) if part else None)


def given_part(name: str) -> str | None:
    """How neighbours call somebody whose whole name they do not know: 秀兰 of 马秀兰, 卓玛 of 才让卓玛, 买买提 of
    买买提·艾力. No surname is ever split off a name with a dot."""
    if "·" in name:
        return name.split("·", maxsplit=1)[0]
    return name[1:] if len(name) == 3 else name[2:] if len(name) == 4 else None


def _whole(value: str) -> str:
    return value


def _tail(phone: str) -> str:
    return phone[-4:]


class Person(RowKey, Base):
    """A resident. Made at first contact with nothing but an id; name, phone and place come when they join."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    _name: Mapped[bytes | None] = mapped_column("name", LargeBinary)
    _phone: Mapped[bytes | None] = mapped_column("phone", LargeBinary)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    phone_tail_index: Mapped[str | None] = mapped_column(String(64), index=True)
    name_index: Mapped[str | None] = mapped_column(String(64), index=True)
    given_index: Mapped[str | None] = mapped_column(String(64), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    unionid: Mapped[str | None] = mapped_column(String(64), unique=True)
    joined_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    name = Findable(
        "person.name",
        name_index=("person.name", _whole),
        given_index=("person.given", given_part),
    )
    phone = Findable(
        "person.phone",
        phone_index=("person.phone", _whole),
        phone_tail_index=("person.phone_tail", _tail),
    )
    identities: Mapped[list[Identity]] = relationship(back_populates="person")
    place: Mapped[Place | None] = relationship()


class Identity(Base):
    """One openid of one app. `following` and `followed_change` follow CreateTime order, not arrival order."""

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint("app", "openid"),
        index_where(
            "ix_identity_gone", "following IS 0", "follow_changed_at", postgresql="following IS false"
        ),
        Base.__table_args__,
    )

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
