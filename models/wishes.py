"""Wishes (engine M5): what somebody would like, what may be shown of it, and who has promised it until when.

A claim is a lease: a wish that was promised and forgotten comes back by itself. Who wishes is never shown to anybody
but the staff; what is shown (`public_text`) was written or approved by a person of the staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    case,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from app.understanding.calendar import working_day_after
from models.base import Base, Instant, RowKey, RowSealed, Sealed
from models.identity import Person
from models.refusal import Refusal

VALUE_CAP = 200  # yuan: what one neighbour can give another without thinking twice
LEASE = timedelta(days=7)
MOST_RENEWALS = 1
MOST_CLAIMS = 2
MOST_OWN, MOST_IN_ALL = (
    3,
    20,
)  # waiting wishes of one person: for oneself; a grid worker's for others included
CONFIRM_WITHIN = timedelta(days=7)
MORE_TIME = timedelta(days=3)  # when the wisher says that it is not done yet
CATEGORIES = ("生活用品", "学习用品", "上门帮忙", "陪伴", "其他")
FOR_WHOM = ("老人", "孩子", "在外打工的", "别的邻居")
TITLE = 24

TRANSITIONS: dict[str, frozenset[str]] = {
    "said": frozenset({"public", "refused", "withdrawn"}),
    "public": frozenset({"claimed", "refused", "withdrawn"}),
    "claimed": frozenset({"public", "done", "withdrawn"}),
    "done": frozenset({"claimed", "confirmed"}),
    "confirmed": frozenset({"done", "thanked"}),
    "thanked": frozenset(),
    "refused": frozenset(),
    "withdrawn": frozenset({"said", "public"}),
}
WAITING = ("said", "public", "claimed", "done")
PROMISED = ("claimed", "done", "confirmed", "thanked")
CAN_BE_WITHDRAWN = ("said", "public", "claimed")
FINISHED = ("confirmed", "thanked", "refused", "withdrawn")
LIVE_CLAIM = "state IN ('open', 'done')"


class Wish(RowKey, Base):
    """`said → public → claimed → done → confirmed → thanked`; `refused` by staff, `withdrawn` by the wisher.

    `text` is as it was said, for the staff only. `wisher_id` is empty after the wisher was erased: the community's
    counts stay. `revision` counts changes of state, so that every message has a key of its own. `thanks_state` is
    waiting, approved or refused. One that is really a case was refused and goes on as `matter_id`. `for_whom` is whom
    it is for as far as everybody may know ("老人"): by it is counted whether all are treated alike.
    """

    __tablename__ = "wish"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in TRANSITIONS)})", name="state"),
        Index("ix_wish_changed_at", "changed_at"),
        Index("ix_wish_state_published", "state", "published_at"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wisher_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    _helped_name: Mapped[bytes | None] = mapped_column("helped_name", LargeBinary)
    _helped_phone: Mapped[bytes | None] = mapped_column("helped_phone", LargeBinary)
    _helped_tie: Mapped[bytes | None] = mapped_column("helped_tie", LargeBinary)
    for_other: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str | None] = mapped_column(Sealed("wish.text"))
    category: Mapped[str] = mapped_column(String(20), default="其他")
    public_text: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default="said")
    reason: Mapped[str | None] = mapped_column(Sealed("wish.reason"))
    thanks: Mapped[str | None] = mapped_column(Sealed("wish.thanks"))
    thanks_state: Mapped[str | None] = mapped_column(String(10), index=True)
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    channel: Mapped[str] = mapped_column(String(10))
    matter_id: Mapped[int | None] = mapped_column(ForeignKey("matter.id"))
    for_whom: Mapped[str | None] = mapped_column(String(6))
    revision: Mapped[int] = mapped_column(default=0)
    said_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    helped_name = RowSealed[str | None]("wish.helped_name")
    helped_phone = RowSealed[str | None]("wish.helped_phone")
    helped_tie = RowSealed[str | None]("wish.helped_tie")
    wisher: Mapped[Person | None] = relationship()
    claims: Mapped[list[Claim]] = relationship(back_populates="wish", order_by="Claim.id")

    @property
    def number(self) -> str:
        """To be read out on the telephone."""
        return f"{self.id:04d}"

    @property
    def title(self) -> str:
        """The beginning of what may be shown; "" while nothing may."""
        return shortened(self.public_text or "")

    @property
    def own_title(self) -> str:
        """For the wisher's own eyes: the beginning of what they said."""
        return shortened(self.text or self.public_text or "")

    @property
    def review_day(self) -> date:
        """The day by which the staff have looked at it: the first working day after it was said."""
        return working_day_after(clock.local(self.said_at).date())


class Claim(Base):
    """One neighbour's promise: `open → done`, or `returned` (given back), `expired` (overdue), `ended` (the wisher
    took the wish back). `due` is the last day, to its end. `partner_id` is the unit for which the person promised: it
    has a limit of its own."""

    __tablename__ = "wish_claim"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'returned', 'expired', 'ended')", name="state"),
        Index(
            "uq_wish_claim_live",
            "wish_id",
            unique=True,
            sqlite_where=text(LIVE_CLAIM),
            postgresql_where=text(LIVE_CLAIM),
        ),
        Index("ix_wish_claim_wish_id_state", "wish_id", "state"),
        Index("ix_wish_claim_state_due", "state", "due"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wish.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="open")
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("wish_partner.id"), index=True)
    due: Mapped[date]
    renewals: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    wish: Mapped[Wish] = relationship(back_populates="claims")
    person: Mapped[Person | None] = relationship()

    @property
    def can_be_renewed(self) -> bool:
        return self.state == "open" and self.renewals < MOST_RENEWALS


def shortened(words: str) -> str:
    line = words.rstrip("。.!！")
    return line if len(line) <= TITLE else f"{line[:TITLE]}…"


def due_day() -> date:
    """The last day of a lease that begins now."""
    return clock.today() + LEASE


# ---- the rules ---------------------------------------------------------------------------------------------


def live_claim(session: Session, wish: Wish) -> Claim | None:
    """The promise that holds this wish, or has fulfilled it."""
    found = select(Claim).where(Claim.wish_id == wish.id, Claim.state.in_(("open", "done")))
    return session.scalar(found.execution_options(populate_existing=True))


def hold_person(session: Session, person: Person) -> None:
    """One person's wishes and claims are counted one after the other. Always before `hold`."""
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))


def hold(session: Session, wish: Wish) -> Wish:
    """The wish as it is now, kept still until the unit ends."""
    same = select(Wish).where(Wish.id == wish.id).with_for_update(key_share=True)
    return session.scalars(same.execution_options(populate_existing=True)).one()


def take(session: Session, wish: Wish) -> bool:
    """public → claimed by one counted UPDATE: of any number of rivals exactly one is told yes."""
    statement = (
        update(Wish)
        .where(Wish.id == wish.id, Wish.state == "public")
        .values(state="claimed", revision=Wish.revision + 1, changed_at=clock.now())
        .returning(Wish.id)
        .execution_options(synchronize_session=False)
    )
    taken = session.execute(statement).first() is not None
    session.refresh(wish)
    return taken


def go_to(wish: Wish, state: str) -> None:
    """The only way from one state to another; behind `hold`."""
    if state not in TRANSITIONS[wish.state]:
        raise Refusal("wishes.not_now", wish=wish)
    wish.state, wish.changed_at = state, clock.now()
    wish.revision += 1


def check_may_wish(session: Session, person: Person, *, for_other: bool) -> None:
    waiting = select(func.count()).where(Wish.wisher_id == person.id, Wish.state.in_(WAITING))
    own = session.scalar(waiting.where(~Wish.for_other)) or 0
    if not for_other and own >= MOST_OWN:
        raise Refusal("wishes.too_many", most=MOST_OWN)
    if (session.scalar(waiting) or 0) >= MOST_IN_ALL:
        raise Refusal("wishes.too_many", most=MOST_IN_ALL)


def check_may_claim(session: Session, wish: Wish, person: Person, *, own: bool = True) -> None:
    """Nobody fulfils their own wish; who has two promises of their `own` open keeps one of them first."""
    if wish.wisher_id == person.id:
        raise Refusal("wishes.own_wish", wish=wish)
    if own:
        check_room(session, person)


def check_room(session: Session, person: Person) -> None:
    own = Claim.person_id == person.id, Claim.partner_id.is_(None)
    held = select(func.count()).where(*own, Claim.state == "open")
    if (session.scalar(held) or 0) >= MOST_CLAIMS:
        raise Refusal("wishes.too_many_claims", most=MOST_CLAIMS)


# ---- what must always hold ---------------------------------------------------------------------------------


def one_claim_each(session: Session) -> Sequence[str]:
    """I8: a promised wish has exactly one live claim, any other has none, and both tell the same story."""
    live = func.count(Claim.id)
    joined = select(Wish.id, Wish.state, live, func.min(Claim.state)).outerjoin(
        Claim, (Claim.wish_id == Wish.id) & Claim.state.in_(("open", "done"))
    )
    wanted = case((Wish.state == "claimed", "open"), else_="done")
    promised = Wish.state.in_(PROMISED)
    wrong = or_(~promised & (live != 0), promised & ((live != 1) | (func.min(Claim.state) != wanted)))
    rows = session.execute(joined.group_by(Wish.id, Wish.state).having(wrong).order_by(Wish.id))
    return [f"wish {wish} is {state} with {count} claims ({claim})" for wish, state, count, claim in rows]


def no_stale_claims(session: Session) -> Sequence[str]:
    """I8: an open claim has somebody who keeps it, and none is older than its last day and one sweep."""
    wrong = or_(Claim.person_id.is_(None), Claim.due < clock.today() - timedelta(days=1))
    found = session.scalars(select(Claim).where(Claim.state == "open", wrong))
    return [f"claim {claim.id} of wish {claim.wish_id} is open, due {claim.due}" for claim in found]
