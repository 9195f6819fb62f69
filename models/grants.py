"""What people have allowed WeChat to send them: subscription notices, one for each time that they said yes, or many.

WeChat tells nobody how many are left: we count. A grant is keyed by the openid that gave it, so it goes wherever that
identity goes. A count that is too high costs one refusal (43101), which puts it right; one that is too low costs a
neighbour a message: where two reports may be one yes or two, the larger truth is taken.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Select,
    String,
    UniqueConstraint,
    and_,
    case,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Instant, insert_once
from models.identity import Identity, Person

Road: TypeAlias = Literal["notice", "mini"]
Told: TypeAlias = Literal["popup", "page", "article"]

# By which kind of identity a road goes: bizsend of the account, or the mini-program's subscribe message.
KIND_OF_ROAD: Mapping[str, str] = {"notice": "oa", "mini": "mini"}
# A real popup is reported by WeChat and by our page; a remembered "always" by the page alone.
SAME_TAP = timedelta(minutes=2)
MOST_LEFT = 99


class Grant(Base):
    """`left` messages may still be sent; a grant for long ("long") is not used up while `left` is above 0. `ahead`
    counts yeses that only our page has told of (above 0) or only WeChat (below 0), the last of them at `ahead_at`: the
    other report of the same tap is not counted again."""

    __tablename__ = "notice_grant"
    __table_args__ = (UniqueConstraint("identity_id", "template_id"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"))
    template_id: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(4), default="once")
    left: Mapped[int] = mapped_column(default=0)
    ahead: Mapped[int] = mapped_column(default=0)
    ahead_at: Mapped[datetime | None] = mapped_column(Instant)
    allowed_at: Mapped[datetime | None] = mapped_column(Instant)
    refused_at: Mapped[datetime | None] = mapped_column(Instant)

    def accept(self, told: Told, at: datetime) -> None:
        """One more yes, told by WeChat's popup event, by our page, or given in an article (which has no page)."""
        if self.kind == "long":
            self.left = 1
        elif told == "article" or self._is_another(1 if told == "page" else -1, at):
            self.left = min(self.left + 1, MOST_LEFT)
        self.allowed_at = max(self.allowed_at or at, at)

    def _is_another(self, side: int, at: datetime) -> bool:
        """False when this only repeats what the other side has told of the same tap."""
        if self.ahead_at is None or abs(at - self.ahead_at) > SAME_TAP:
            self.ahead = 0
        known = self.ahead * side < 0
        self.ahead, self.ahead_at = self.ahead + side, at
        return not known

    def end(self, at: datetime) -> None:
        """Nothing is allowed any more, as of `at`. A yes after that stays, at least one."""
        later = self.allowed_at is not None and self.allowed_at > at
        self.left = min(self.left, 1) if later else 0
        self.refused_at = max(self.refused_at or at, at)


class Spending(NamedTuple):
    """One message by a subscription: whose, and of which template."""

    identity_id: int
    template_id: str


# ---- reading -----------------------------------------------------------------------------------------------------


def people_with(road: str, template_ids: Collection[str] | None = None) -> Select[int]:
    """The ids of the people who have something left for this road ("notice" | "mini"), of these templates if told. Who
    never followed is written to in WeChat's own folder; who left us wants no more."""
    stays = or_(Identity.following, Identity.follow_changed_at.is_(None))
    which = [Grant.left > 0, Identity.kind == KIND_OF_ROAD[road], stays]
    if template_ids is not None:
        which.append(Grant.template_id.in_(template_ids))
    return select(Identity.person_id).join(Grant, Grant.identity_id == Identity.id).where(*which).distinct()


def grants_of(person: Person) -> Select[Grant]:
    mine = select(Identity.id).where(Identity.person_id == person.id)
    return select(Grant).where(Grant.identity_id.in_(mine)).order_by(Grant.id)


# ---- counting ----------------------------------------------------------------------------------------------------


def allow(
    session: Session, identity_id: int, template_id: str, told: Told, *, lasting: bool, at: datetime
) -> Grant:
    """Somebody said yes at `at`; `lasting` when the template is one for long."""
    insert_once(
        session, Grant, identity_id=identity_id, template_id=template_id, kind="once", left=0, ahead=0
    )
    grant = session.scalars(_held(identity_id, template_id)).one()
    grant.kind = "long" if lasting else "once"
    grant.accept(told, at)
    session.flush()
    return grant


def refuse(session: Session, identity_id: int, template_id: str, at: datetime) -> None:
    """Somebody said no when they were asked: what they allowed before stays."""
    grant = session.scalar(_held(identity_id, template_id))
    if grant is not None:
        grant.refused_at = max(grant.refused_at or at, at)


def end(session: Session, identity_id: int, template_id: str, at: datetime) -> None:
    """WeChat takes none any more (switched off in its settings, or 43101), as of `at`."""
    grant = session.scalar(_held(identity_id, template_id))
    if grant is not None:
        grant.end(at)


def spend(session: Session, spending: Spending) -> bool:
    """Take one, before it is sent; False when none is left. Who sends at the same moment gets another, or none."""
    fewer = case((Grant.kind == "long", Grant.left), else_=Grant.left - 1)
    taken = update(Grant).where(_is(spending), Grant.left > 0).values(left=fewer).returning(Grant.id)
    return session.execute(taken.execution_options(synchronize_session=False)).first() is not None


def give_back(session: Session, spending: Spending) -> None:
    """WeChat refused the message for certain, and not because there was none."""
    more = update(Grant).where(_is(spending), Grant.kind == "once").values(left=Grant.left + 1)
    session.execute(more.execution_options(synchronize_session=False))


def _is(spending: Spending) -> ColumnElement[bool]:
    return and_(Grant.identity_id == spending.identity_id, Grant.template_id == spending.template_id)


def _held(identity_id: int, template_id: str) -> Select[Grant]:
    wanted = select(Grant).where(_is(Spending(identity_id, template_id))).with_for_update()
    return wanted.execution_options(populate_existing=True)
