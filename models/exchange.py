"""Help among neighbours, priced in hours: what somebody asks for, what somebody offers, and the hands that do it.

`asked → matched → done → paid`. The minutes are set aside when it is asked and paid when both sides have said that it
was done; `cancelled` and `expired` give them back, a `disputed` one is settled by the desk. Who asks and where they
live is shown to nobody but the staff before the asker has agreed to a hand, and then to that hand alone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant, Sealed
from models.identity import Person
from models.ledger import TimeAccount, TimeHold
from models.refusal import Refusal

CATEGORIES = ("小修", "陪诊", "理发", "读报", "辅导", "打扫", "买菜", "搬东西", "手机电脑", "其他")
SHORTEST, LONGEST, STEP = 15, 480, 5
MOST_HANDS = 10
MOST_OPEN, MOST_PROMISES = 5, 5
MOST_LATELY, LATELY = (
    12,
    timedelta(days=7),
)  # a promise shows somebody's door: nobody collects them by saying yes
OFFERS_EACH = 10
LIVES = timedelta(days=14)  # after the day on which it is wanted
ANSWER_WITHIN = timedelta(hours=72)
NOD_WITHIN = timedelta(hours=24)  # the asker's word on who comes; then the desk asks them

TRANSITIONS: dict[str, frozenset[str]] = {
    "asked": frozenset({"matched", "cancelled", "expired"}),
    "matched": frozenset({"asked", "done", "paid", "cancelled", "disputed"}),
    "done": frozenset({"matched", "paid", "disputed", "cancelled"}),
    "paid": frozenset({"done"}),
    "disputed": frozenset({"paid", "cancelled"}),
    "cancelled": frozenset(),
    "expired": frozenset(),
}
OPEN = ("asked", "matched", "done", "disputed")
CAN_BE_CANCELLED = ("asked", "matched")
LIVE_HAND = "state IN ('promised', 'done')"


class TimeOffer(Base):
    """What somebody (or a partner) can do for others; one of each kind. Who it is, is seen by the staff alone."""

    __tablename__ = "time_offer"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        Index(
            "uq_time_offer_open",
            "person_id",
            "category",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    category: Mapped[str] = mapped_column(String(20), index=True)
    text: Mapped[str | None] = mapped_column(Sealed("time_offer.text"))
    state: Mapped[str] = mapped_column(String(6), default="open")
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    person: Mapped[Person | None] = relationship()


class Exchange(Base):
    """One request. `minutes` are for each of `hands`; `account_id` pays (a person's, or a team's or partner's whom the
    desk speaks for). `yes_at` is the asker's word that it was done. `revision` counts changes of state."""

    __tablename__ = "exchange"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in TRANSITIONS)})", name="state"),
        CheckConstraint("minutes > 0 AND hands > 0", name="minutes"),
        Index("ix_exchange_state_wanted_on", "state", "wanted_on"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("time_account.id"), index=True)
    hold_id: Mapped[int] = mapped_column(ForeignKey("time_hold.id"))
    category: Mapped[str] = mapped_column(String(20))
    text: Mapped[str | None] = mapped_column(Sealed("exchange.text"))
    minutes: Mapped[int]
    hands: Mapped[int] = mapped_column(default=1)
    wanted_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default="asked")
    reason: Mapped[str | None] = mapped_column(Sealed("exchange.reason"))
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("time_transfer.id"))
    channel: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    yes_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    asker: Mapped[Person | None] = relationship()
    account: Mapped[TimeAccount] = relationship()
    hold: Mapped[TimeHold] = relationship()
    helpers: Mapped[list[ExchangeHand]] = relationship(back_populates="exchange", order_by="ExchangeHand.id")

    @property
    def number(self) -> str:
        """To be read out on the telephone."""
        return f"{self.id:04d}"

    @property
    def live(self) -> list[ExchangeHand]:
        return [one for one in self.helpers if one.state in ("promised", "done")]

    @property
    def waiting(self) -> list[ExchangeHand]:
        """Hands on which the asker has not said a word."""
        return [one for one in self.helpers if one.state == "promised" and one.agreed_at is None]

    @property
    def last_day(self) -> date:
        return self.wanted_on + LIVES


class ExchangeHand(Base):
    """One neighbour's yes: `promised → done → paid`, or `withdrawn`. `agreed_at` is the asker's word that this one may
    come (or the desk's): before it neither sees the other's phone, nor the helper the door."""

    __tablename__ = "exchange_hand"
    __table_args__ = (
        CheckConstraint("state IN ('promised', 'done', 'paid', 'withdrawn')", name="state"),
        Index(
            "uq_exchange_hand_live",
            "exchange_id",
            "person_id",
            unique=True,
            sqlite_where=text(LIVE_HAND),
            postgresql_where=text(LIVE_HAND),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="promised")
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    agreed_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    exchange: Mapped[Exchange] = relationship(back_populates="helpers")
    person: Mapped[Person | None] = relationship()


# ---- the rules ---------------------------------------------------------------------------------------------


def hold_exchange(session: Session, exchange: Exchange) -> Exchange:
    """The request and its hands as they are now, kept still until the unit ends; before any account."""
    same = select(Exchange).where(Exchange.id == exchange.id).with_for_update(key_share=True)
    row = session.scalars(same.execution_options(populate_existing=True)).one()
    session.refresh(row, ["helpers"])
    for hand in row.helpers:
        session.refresh(hand)
    return row


def go_to(exchange: Exchange, state: str) -> None:
    """The only way from one state to another; behind `hold_exchange`."""
    if state not in TRANSITIONS[exchange.state]:
        raise Refusal("ledger.not_now", exchange=exchange)
    exchange.state, exchange.changed_at = state, clock.now()
    exchange.revision += 1


def check_may_ask(session: Session, account: TimeAccount) -> None:
    waiting = select(func.count()).where(Exchange.account_id == account.id, Exchange.state.in_(OPEN))
    if account.kind == "person" and (session.scalar(waiting) or 0) >= MOST_OPEN:
        raise Refusal("ledger.too_many_asked", most=MOST_OPEN)


def check_may_promise(session: Session, exchange: Exchange, person: Person) -> None:
    """Nobody helps themselves; who has promised five keeps one of them first."""
    if exchange.asker_id == person.id:
        raise Refusal("ledger.own_request", exchange=exchange)
    if exchange.state != "asked":
        raise Refusal("ledger.taken", exchange=exchange)
    held = select(func.count()).where(ExchangeHand.person_id == person.id, ExchangeHand.state == "promised")
    if (session.scalar(held) or 0) >= MOST_PROMISES:
        raise Refusal("ledger.too_many_promised", most=MOST_PROMISES)
    lately = ExchangeHand.person_id == person.id, ExchangeHand.at > clock.now() - LATELY
    if (session.scalar(select(func.count()).where(*lately)) or 0) >= MOST_LATELY:
        raise Refusal("ledger.too_many_lately", most=MOST_LATELY)


# ---- what must always hold ---------------------------------------------------------------------------------


def requests_are_covered(session: Session) -> list[str]:
    """An open request has its minutes set aside, an ended one has not; who is paid was paid by a transfer; no request
    has more hands than places, and one that is matched has a hand."""
    joined = select(Exchange).join(TimeHold, TimeHold.id == Exchange.hold_id)
    wanted = (Exchange.state.in_(OPEN)) != (TimeHold.state == "open")
    broken = [
        f"request {one.id} is {one.state} and its minutes are not"
        for one in session.scalars(joined.where(wanted))
    ]
    unpaid = select(Exchange.id).where((Exchange.state == "paid") & Exchange.transfer_id.is_(None))
    broken += [f"request {number} is paid by no transfer" for number in session.scalars(unpaid)]
    live = func.count(ExchangeHand.id)
    hands = (
        select(Exchange.id, Exchange.state, Exchange.hands, live)
        .outerjoin(
            ExchangeHand,
            (ExchangeHand.exchange_id == Exchange.id) & ExchangeHand.state.in_(("promised", "done")),
        )
        .group_by(Exchange.id, Exchange.state, Exchange.hands)
    )
    for number, state, places, count in session.execute(hands):
        if count > places or (state in ("matched", "done") and count == 0):
            broken.append(f"request {number} is {state} with {count} hands")
    return broken
