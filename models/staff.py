"""The staff: who they are, which roles they hold, and the one-time links that let them choose a password."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import JSON, ColumnElement, ForeignKey, Select, String, and_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from models.base import Base, Instant, Sealed

# Role → what it is called and what it is for; the routes say which roles they admit (app/channels/console.py).
ROLES = {
    "admin": ("账号管理", "管账号、角色和上线,看不到居民的事"),
    "desk": ("窗口干事", "回复居民,写通知,受理心愿和预约"),
    "first_review": ("初审", "看草稿,查错字和事实,提意见"),
    "second_review": ("复审", "看初审过的草稿,查政策依据,提意见"),
    "approver": ("终审发布", "看过以后发布通知和感谢,撤回"),
    "grid": ("网格员", "只看自己网格的住户、走访和上报的事"),
    "leader": ("活动负责人", "安排活动,签到,改考勤"),
    "care": ("紧急求助专员", "看求助内容,处理;孩子和复吸的归两位专员,没有专员时也看"),
    "petitions": ("信访专员", "登记和办理视频接访,看材料;说到自己的看不到"),
    "children": ("儿童专员", "只看孩子的求助,处理"),
    "recovery": ("戒毒专员", "只看复吸的求助,处理"),
    "auditor": ("审计员", "只看留痕"),
}
# Separation of duty: who writes does not publish, who gives access does not check how it was used.
CLASHES = (("desk", "approver"), ("admin", "auditor"))
INVITATION_LIVES = timedelta(hours=24)


class StaffMember(Base):
    """A person who works for the community. `roles` are keys of ROLES. Deactivated, never deleted: audit lines name
    them. `totp` is the secret of the second factor (hex); `totp_step` the last 30-second step used, so that a code
    works once."""

    __tablename__ = "staff_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    password: Mapped[str | None] = mapped_column(String(200))
    totp: Mapped[str | None] = mapped_column(Sealed("staff_member.totp"))
    totp_step: Mapped[int | None]
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    @property
    def can_enter(self) -> bool:
        """Whether they work here and have ever chosen a password."""
        return self.active and self.password is not None

    @property
    def role_names(self) -> list[str]:
        """Their roles as they are called, in the order of ROLES."""
        return [name for role, (name, _) in ROLES.items() if role in self.roles]


class StaffInvitation(Base):
    """A one-time link: whoever opens it within a day chooses the password of this account. Only a keyed hash of the
    link's secret is kept; a newer invitation kills the older ones."""

    __tablename__ = "staff_invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    key_index: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)

    staff: Mapped[StaffMember] = relationship()


def invitation_index(key: str) -> str:
    return privacy.keyring().blind("staff_invitation.key", key)


def everybody() -> Select[StaffMember]:
    """The active first, in the order in which they came."""
    return select(StaffMember).order_by(StaffMember.active.desc(), StaffMember.id)


def member_by_login(session: Session, login: str) -> StaffMember | None:
    return session.scalar(select(StaffMember).where(StaffMember.login == login))


def live_invitation(session: Session, key: str) -> StaffInvitation | None:
    """The invitation of this link while it can still be used."""
    found = select(StaffInvitation).join(StaffInvitation.staff).where(_live(key), StaffMember.active)
    return session.scalar(found)


def take_invitation(session: Session, key: str) -> StaffMember | None:
    """Use the link up, by one counted UPDATE: of two who open it at once, one gets in."""
    statement = update(StaffInvitation).where(_live(key)).values(used_at=clock.now())
    taken = session.execute(
        statement.returning(StaffInvitation.staff_id).execution_options(synchronize_session=False)
    ).first()
    return session.get(StaffMember, taken[0]) if taken else None


def _live(key: str) -> ColumnElement[bool]:
    unused = StaffInvitation.used_at.is_(None), StaffInvitation.expires_at > clock.now()
    return and_(StaffInvitation.key_index == invitation_index(key), *unused)


def forget_invitations(session: Session, member: StaffMember) -> None:
    """Links that were given out earlier and never used no longer open."""
    open_ones = StaffInvitation.staff_id == member.id, StaffInvitation.used_at.is_(None)
    session.execute(update(StaffInvitation).where(*open_ones).values(used_at=clock.now()))


def other_administrators(session: Session, member: StaffMember) -> list[StaffMember]:
    """Who could still give access if this one could not; `roles` is JSON, so they are counted here."""
    others = session.scalars(select(StaffMember).where(StaffMember.active, StaffMember.id != member.id))
    return [one for one in others if "admin" in one.roles]


def staff_names(session: Session) -> dict[int, str]:
    """Everybody's, those who left too: for pages that say who did something."""
    return {one.id: one.name for one in session.scalars(select(StaffMember))}


def has_holder(session: Session, role: str) -> bool:
    """Whether somebody who can sign in holds this role."""
    return any(role in one.roles for one in session.scalars(select(StaffMember)) if one.can_enter)


def clash(roles: Collection[str]) -> tuple[str, str] | None:
    """Two of these roles that one person must not hold together."""
    return next((pair for pair in CLASHES if set(pair) <= set(roles)), None)
