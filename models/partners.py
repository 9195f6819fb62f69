"""What partners (a bank, the property firm, a cinema) give to neighbours who help: an offer of so many pieces at a
price in minutes or for nothing, and the voucher of whoever took one.

`held → used | returned | expired`. The minutes are set aside when it is taken and go to the partner's account when it
is used: where the partner is, who types a number of its own on the resident's page; or at the desk, which types the
voucher's. Partners learn counts, never names.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from models.base import Base, Instant, Sealed
from models.identity import Person
from models.ledger import TimeAccount, TimeHold
from models.refusal import Refusal

MOST_PIECES, MOST_EACH, HIGHEST_PRICE = 10_000, 20, 480
CODE_DIGITS, NUMBER_DIGITS = 10, 6
MOST_TRIES = 5
STATES = ("held", "used", "returned", "expired")


class TimePartner(Base):
    """The partner's own number, by which it takes a voucher on the resident's phone; only its keyed hash is kept. Who
    learns it can do nothing but use up vouchers of their own."""

    __tablename__ = "time_partner"

    account_id: Mapped[int] = mapped_column(ForeignKey("time_account.id"), primary_key=True)
    number_hash: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


class PartnerOffer(Base):
    """`taken` counts pieces that are held or used: a counted UPDATE keeps it under `pieces`."""

    __tablename__ = "partner_offer"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("taken >= 0 AND taken <= pieces", name="pieces"),
        CheckConstraint("minutes >= 0 AND each_person > 0", name="minutes"),
        Index("ix_partner_offer_state_until", "state", "until"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("time_account.id"), index=True)
    title: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(80), default="")
    minutes: Mapped[int]
    pieces: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    each_person: Mapped[int] = mapped_column(default=1)
    until: Mapped[date]
    state: Mapped[str] = mapped_column(String(6), default="open")
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    account: Mapped[TimeAccount] = relationship()

    @property
    def left(self) -> int:
        return self.pieces - self.taken


class PartnerVoucher(Base):
    """One piece in somebody's hands. `code` is read out or shown; it is found by its keyed hash."""

    __tablename__ = "partner_voucher"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        UniqueConstraint("code_index"),
        Index("ix_partner_voucher_offer_id_state", "offer_id", "state"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("partner_offer.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("time_hold.id"))
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("time_transfer.id"))
    code: Mapped[str | None] = mapped_column(Sealed("partner_voucher.code"))
    code_index: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8), default="held")
    tries: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    offer: Mapped[PartnerOffer] = relationship()
    person: Mapped[Person | None] = relationship()
    hold: Mapped[TimeHold | None] = relationship()


# ---- lists -------------------------------------------------------------------------------------------------


def open_offers() -> Select[PartnerOffer]:
    """What may be taken today."""
    live = PartnerOffer.state == "open", PartnerOffer.until >= clock.today()
    some = PartnerOffer.taken < PartnerOffer.pieces
    return select(PartnerOffer).where(*live, some).order_by(PartnerOffer.until, PartnerOffer.id)


def all_offers() -> Select[PartnerOffer]:
    """For the desk: what is open first, then the newest."""
    return select(PartnerOffer).order_by(PartnerOffer.state.desc(), PartnerOffer.id.desc())


def vouchers_of(person: Person) -> Select[PartnerVoucher]:
    mine = select(PartnerVoucher).where(PartnerVoucher.person_id == person.id)
    return mine.order_by(PartnerVoucher.id.desc())


def held_vouchers(person: Person) -> Select[PartnerVoucher]:
    return vouchers_of(person).where(PartnerVoucher.state == "held")


def outlived() -> Select[PartnerVoucher]:
    """Held, and the offer's last day is over."""
    over = PartnerOffer.until < clock.today()
    held = PartnerVoucher.state == "held"
    return select(PartnerVoucher).join(PartnerVoucher.offer).where(held, over).order_by(PartnerVoucher.id)


# ---- the rules ---------------------------------------------------------------------------------------------


def take_piece(session: Session, offer: PartnerOffer, person: Person) -> PartnerOffer:
    """Count one piece as taken; of any number of rivals those who came first have it.

    Refuses with ledger.offer_gone, .offer_taken (who has as many as one person may have).
    """
    live = PartnerOffer.state == "open", PartnerOffer.until >= clock.today()
    statement = (
        update(PartnerOffer)
        .where(PartnerOffer.id == offer.id, *live, PartnerOffer.taken < PartnerOffer.pieces)
        .values(taken=PartnerOffer.taken + 1)
        .returning(PartnerOffer.id)
        .execution_options(synchronize_session=False)
    )
    got = session.execute(statement).first()
    session.refresh(offer)
    if got is None:
        raise Refusal("ledger.offer_gone")
    own = PartnerVoucher.offer_id == offer.id, PartnerVoucher.person_id == person.id
    live_ones = select(func.count()).where(*own, PartnerVoucher.state.in_(("held", "used")))
    if (session.scalar(live_ones) or 0) >= offer.each_person:
        raise Refusal("ledger.offer_taken", most=offer.each_person)
    return offer


def give_piece_back(session: Session, voucher: PartnerVoucher) -> None:
    statement = update(PartnerOffer).where(PartnerOffer.id == voucher.offer_id, PartnerOffer.taken > 0)
    less = statement.values(taken=PartnerOffer.taken - 1).execution_options(synchronize_session=False)
    session.execute(less)
    session.refresh(voucher.offer)


def end_voucher(session: Session, voucher: PartnerVoucher, state: str) -> bool:
    """held → used | returned | expired by a counted UPDATE; False when it had ended."""
    statement = (
        update(PartnerVoucher)
        .where(PartnerVoucher.id == voucher.id, PartnerVoucher.state == "held")
        .values(state=state, ended_at=clock.now())
        .returning(PartnerVoucher.id)
        .execution_options(synchronize_session=False)
    )
    ended = session.execute(statement).first()
    session.refresh(voucher)
    return ended is not None


def new_code() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))


def code_index(code: str) -> str:
    return privacy.keyring().blind("partner_voucher.code", code)


def voucher_with(session: Session, code: str) -> PartnerVoucher | None:
    return session.scalar(select(PartnerVoucher).where(PartnerVoucher.code_index == code_index(code)))


def number_hash(account: int, number: str) -> str:
    return privacy.keyring().blind("time_partner.number", f"{account}:{number}")


def is_partners_number(session: Session, account: int, number: str) -> bool:
    known = session.get(TimePartner, account)
    return known is not None and secrets.compare_digest(known.number_hash, number_hash(account, number))


# ---- what must always hold ---------------------------------------------------------------------------------


def pieces_are_counted(session: Session) -> list[str]:
    """An offer has as many pieces taken as vouchers live; a held voucher that costs something has it set aside."""
    live = func.count(PartnerVoucher.id)
    each = (
        select(PartnerOffer.id, PartnerOffer.taken, live)
        .outerjoin(
            PartnerVoucher,
            (PartnerVoucher.offer_id == PartnerOffer.id) & PartnerVoucher.state.in_(("held", "used")),
        )
        .group_by(PartnerOffer.id, PartnerOffer.taken)
        .having(PartnerOffer.taken != live)
    )
    broken = [
        f"offer {number} says {taken} taken of {count}" for number, taken, count in session.execute(each)
    ]
    unheld = (
        select(PartnerVoucher.id)
        .join(TimeHold, TimeHold.id == PartnerVoucher.hold_id)
        .where(
            or_(
                (PartnerVoucher.state == "held") & (TimeHold.state != "open"),
                (PartnerVoucher.state != "held") & (TimeHold.state == "open"),
            )
        )
    )
    return broken + [f"voucher {number} and its minutes differ" for number in session.scalars(unheld)]
