"""The WeChat of a member of staff: with it they sign in at the console, and there the house writes to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant
from models.identity import Identity, Person
from models.staff import StaffMember


class StaffWeChat(Base):
    """One member, one WeChat, both ways. It stays with the identity when two records of its person become one, and goes
    with the identity, with a newer binding, or when the account is closed."""

    __tablename__ = "staff_wechat"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), unique=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), unique=True)
    bound_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    staff: Mapped[StaffMember] = relationship()
    identity: Mapped[Identity] = relationship()


def binding_of(session: Session, staff_id: int) -> StaffWeChat | None:
    return session.scalar(select(StaffWeChat).where(StaffWeChat.staff_id == staff_id))


def identity_of(session: Session, staff_id: int) -> Identity | None:
    """The WeChat that this member bound."""
    bound = select(Identity).join(StaffWeChat, StaffWeChat.identity_id == Identity.id)
    return session.scalar(bound.where(StaffWeChat.staff_id == staff_id))


def wechat_person(session: Session, member: StaffMember) -> Person | None:
    """To whom the house writes (outbox.put) when it has something for this member; None while nothing is bound, or when
    they left."""
    identity = identity_of(session, member.id) if member.active else None
    return None if identity is None else identity.person


def member_of(session: Session, identity: Identity | None) -> StaffMember | None:
    """The active member of staff who bound this WeChat."""
    if identity is None:
        return None
    bound = select(StaffMember).join(StaffWeChat, StaffWeChat.staff_id == StaffMember.id)
    return session.scalar(bound.where(StaffWeChat.identity_id == identity.id, StaffMember.active))


def bound_members(session: Session) -> set[int]:
    """The ids of all who have bound one."""
    return set(session.scalars(select(StaffWeChat.staff_id)))


def bind(session: Session, member: StaffMember, identity: Identity) -> StaffWeChat:
    """In place of what was bound before. Its unique keys let one WeChat belong to one account."""
    unbind(session, member)
    row = StaffWeChat(staff=member, identity=identity)
    session.add(row)
    session.flush()
    return row


def unbind(session: Session, member: StaffMember) -> bool:
    gone = delete(StaffWeChat).where(StaffWeChat.staff_id == member.id).returning(StaffWeChat.id)
    return session.execute(gone).first() is not None
