"""Partner units that look at wishes nobody has promised for two weeks, one after the other.

A partner is a unit (a bank, a school, a team) with a person on file who speaks for it. Who is asked has a week; then
the next one is. What nobody takes is on the list of the staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Select,
    String,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base
from models.identity import Person
from models.refusal import Refusal
from models.wishes import Claim, Wish

UNCLAIMED = timedelta(days=14)
ANSWER_WITHIN = timedelta(days=7)
MOST_OF_PARTNER = 10
OPEN_ASK = "state = 'asked'"


class WishPartner(Base):
    """`categories` empty: whatever there is. `most` promises may be open for it at the same time."""

    __tablename__ = "wish_partner"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    categories: Mapped[list[str]] = mapped_column(JSON, default=list)
    most: Mapped[int] = mapped_column(default=3)
    active: Mapped[bool] = mapped_column(default=True)

    person: Mapped[Person | None] = relationship()

    def takes(self, wish: Wish) -> bool:
        return (
            self.active
            and self.person_id is not None
            and wish.category in (self.categories or [wish.category])
        )


class WishAsk(Base):
    """One partner asked for one wish, until the end of the day `due`: `asked → taken | declined | silent | over` (it
    was promised or withdrawn meanwhile)."""

    __tablename__ = "wish_ask"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'taken', 'declined', 'silent', 'over')", name="state"),
        Index(
            "uq_wish_ask_open",
            "wish_id",
            unique=True,
            sqlite_where=text(OPEN_ASK),
            postgresql_where=text(OPEN_ASK),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id", ondelete="CASCADE"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("wish_partner.id"), index=True)
    state: Mapped[str] = mapped_column(String(8), default="asked", index=True)
    asked_on: Mapped[date] = mapped_column(Date, default=clock.today)
    due: Mapped[date] = mapped_column(Date)

    wish: Mapped[Wish] = relationship()
    partner: Mapped[WishPartner] = relationship()


# ---- who is asked ------------------------------------------------------------------------------------------


def partners() -> Select[WishPartner]:
    return select(WishPartner).order_by(WishPartner.active.desc(), WishPartner.name)


def partner_of(person: Person) -> Select[WishPartner]:
    """For which units this person speaks."""
    return select(WishPartner).where(WishPartner.person_id == person.id, WishPartner.active)


def unclaimed() -> Select[Wish]:
    """Public for two weeks and nobody has promised it, the longest first."""
    waits = Wish.state == "public", Wish.published_at <= clock.now() - UNCLAIMED
    return select(Wish).where(*waits).order_by(Wish.published_at, Wish.id)


def to_ask_for() -> Select[Wish]:
    """Of these, those of which no partner is being asked now."""
    return unclaimed().where(~_open_ask())


def _open_ask() -> ColumnElement[bool]:
    return exists().where(WishAsk.wish_id == Wish.id, WishAsk.state == "asked")


def next_partner(session: Session, wish: Wish) -> WishPartner | None:
    """Who takes such wishes, has not been asked for this one since it was last published, and has most room."""
    since = clock.local(wish.published_at).date() if wish.published_at else clock.today()
    was_asked = select(WishAsk.partner_id).where(WishAsk.wish_id == wish.id, WishAsk.asked_on >= since)
    asked = set(session.scalars(was_asked))
    able = [one for one in session.scalars(partners()) if one.takes(wish) and one.id not in asked]
    room = {one.id: one.most - load(session, one) for one in able}
    return max(
        (one for one in able if room[one.id] > 0), key=lambda one: (room[one.id], -one.id), default=None
    )


def load(session: Session, partner: WishPartner) -> int:
    """What the unit holds and what it has not answered yet."""
    held = (
        select(func.count()).select_from(Claim).where(Claim.partner_id == partner.id, Claim.state == "open")
    )
    asked = select(func.count()).where(WishAsk.partner_id == partner.id, WishAsk.state == "asked")
    return (session.scalar(held) or 0) + (session.scalar(asked) or 0)


def check_room_of(session: Session, partner: WishPartner) -> None:
    """A unit holds no more promises than it said; counted one after the other."""
    session.execute(
        select(WishPartner.id).where(WishPartner.id == partner.id).with_for_update(key_share=True)
    )
    held = (
        select(func.count()).select_from(Claim).where(Claim.partner_id == partner.id, Claim.state == "open")
    )
    if (session.scalar(held) or 0) >= partner.most:
        raise Refusal("wishes.too_many_claims", most=partner.most)


def asked_of(*units: WishPartner) -> Select[WishAsk]:
    """What waits for the answer of these units, the longest first."""
    mine = WishAsk.partner_id.in_([one.id for one in units]), WishAsk.state == "asked"
    return select(WishAsk).where(*mine).order_by(WishAsk.due, WishAsk.id)


def open_ask(session: Session, wish: Wish) -> WishAsk | None:
    return session.scalar(select(WishAsk).where(WishAsk.wish_id == wish.id, WishAsk.state == "asked"))


def asks_for(wish: Wish) -> Select[WishAsk]:
    return select(WishAsk).where(WishAsk.wish_id == wish.id).order_by(WishAsk.id)


def overdue_asks() -> Select[WishAsk]:
    return select(WishAsk).where(WishAsk.state == "asked", WishAsk.due < clock.today()).order_by(WishAsk.id)


def lost_asks(session: Session) -> Sequence[str]:
    """Nobody is asked for a wish that no longer waits."""
    wrong = WishAsk.state == "asked", Wish.state != "public"
    found = session.scalars(select(WishAsk.id).join(Wish, Wish.id == WishAsk.wish_id).where(*wrong))
    return [f"wish_ask {number} is open for a wish that does not wait" for number in found]
