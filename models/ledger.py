"""The time bank's ledger (engine M4): hours as integer minutes, kept by double entry.

A transfer is two or more postings that sum to zero, and is never changed or deleted (ledger_guard.py): what was wrong
is mirrored by a reversal, once. Each account carries its balance, changed in the same unit by a counted UPDATE that
looks at the limit again (ledger_moves.py); the database itself refuses a row below its limit. What an open request has
set aside (`held`) can be spent by nothing else.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import FLAT, Base, Instant, Sealed, insert_once
from models.identity import Person
from models.ledger_debts import debt_of

KINDS = ("person", "team", "organisation", "pool", "issue")
HOUSE_KINDS = ("pool", "issue")
HOUSE_NAMES = {"pool": "社区互助池", "issue": "社区发行"}
POOL_LOWEST = -6000  # what the neighbours together may owe to those who cannot earn: 100 hours

MOVES = ("post", "stamp", "exchange", "gift", "grant", "reversal", "close", "join")


class TimeTerms(Base):
    """The terms of this community, one row. What an hour is worth is fixed by the first transfer."""

    __tablename__ = "time_terms"

    id: Mapped[int] = mapped_column(primary_key=True)
    minutes_per_point: Mapped[int] = mapped_column(default=60)
    credit: Mapped[int] = mapped_column(default=240)
    most: Mapped[int | None]
    two_above: Mapped[int] = mapped_column(default=600)


class TimeAccount(Base):
    """Whose minutes. `lowest` is how far it may go below zero (None: no limit, for the community's issue, whose balance
    is minus everything that was ever earned), `most` how much may be gathered. A closed account is empty."""

    __tablename__ = "time_account"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name="kind"),
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("held >= 0", name="held"),
        CheckConstraint("lowest IS NULL OR balance - held >= lowest", name="limit"),
        CheckConstraint("state = 'open' OR (balance = 0 AND held = 0)", name="empty"),
        UniqueConstraint("person_id"),
        UniqueConstraint("kind", "name"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str | None] = mapped_column(String(40))
    balance: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    lowest: Mapped[int | None]
    most: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(6), default="open")
    opened_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    person: Mapped[Person | None] = relationship()

    @property
    def free(self) -> int:
        """What may still be spent, the credit included."""
        return self.balance - self.held - (self.lowest or 0)


class TimeTransfer(Base):
    """`once` makes writing it twice the same as once. `source` says what was counted ("stay:12"), `staff_id` and
    `second_id` who did it at the desk. It holds nothing that was said: words are in TimeWords, which can be erased."""

    __tablename__ = "time_transfer"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in MOVES)})", name="kind"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal"),
        UniqueConstraint("once"),
        UniqueConstraint("reverses_id"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    once: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(20), default="")
    source: Mapped[str] = mapped_column(String(60), default="")
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("time_transfer.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    second_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)

    postings: Mapped[list[TimePosting]] = relationship(
        back_populates="transfer", order_by="TimePosting.id", viewonly=True
    )


class TimePosting(Base):
    """One side of a transfer: `minutes` in (above zero) or out, and the balance after it, as a pass book shows it."""

    __tablename__ = "time_posting"
    __table_args__ = (
        CheckConstraint("minutes <> 0", name="minutes"),
        UniqueConstraint("transfer_id", "account_id"),
        Index("ix_time_posting_account_id_id", "account_id", "id"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("time_transfer.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("time_account.id"))
    minutes: Mapped[int]
    after: Mapped[int]

    transfer: Mapped[TimeTransfer] = relationship(back_populates="postings", lazy="joined", innerjoin=FLAT)
    account: Mapped[TimeAccount] = relationship()


class TimeWords(Base):
    """What was said of a transfer (why, for whom): goes when one of its persons is forgotten."""

    __tablename__ = "time_words"

    transfer_id: Mapped[int] = mapped_column(ForeignKey("time_transfer.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Sealed("time_words.text"))


class TimeHold(Base):
    """Minutes set aside for an open request: `open → captured | released`."""

    __tablename__ = "time_hold"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'captured', 'released')", name="state"),
        CheckConstraint("minutes > 0", name="minutes"),
        UniqueConstraint("once"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("time_account.id"), index=True)
    minutes: Mapped[int]
    once: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(8), default="open")
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


# ---- terms and accounts ------------------------------------------------------------------------------------


def terms(session: Session) -> TimeTerms:
    """The community's terms; what a new installation has until somebody says otherwise."""
    return session.get(TimeTerms, 1) or TimeTerms(minutes_per_point=60, credit=240, most=None, two_above=600)


def is_used(session: Session) -> bool:
    """Whether anything was ever posted: from then on the worth of an hour is fixed."""
    return session.scalar(select(TimeTransfer.id).limit(1)) is not None


def account_of(session: Session, person: Person) -> TimeAccount | None:
    mine = select(TimeAccount).where(TimeAccount.person_id == person.id)
    return session.scalar(mine.execution_options(populate_existing=True))


def open_account(session: Session, person: Person) -> TimeAccount:
    """The person's account; opened at the first need, with the community's credit, so that a newcomer can receive; less
    what they left unpaid when they were forgotten within the last year."""
    known = account_of(session, person)
    if known is not None:
        return known
    by_terms, owed = terms(session), debt_of(session, person)
    credit = max(by_terms.credit - owed, 0)
    row = {"kind": "person", "person_id": person.id, "lowest": -credit, "most": by_terms.most}
    insert_once(session, TimeAccount, **row)
    return session.scalars(select(TimeAccount).where(TimeAccount.person_id == person.id)).one()


def house_account(session: Session, kind: str) -> TimeAccount:
    """The pool, or the community's issue: one of each."""
    same = select(TimeAccount).where(TimeAccount.kind == kind, TimeAccount.name == HOUSE_NAMES[kind])
    known = session.scalar(same)
    if known is not None:
        return known
    lowest = POOL_LOWEST if kind == "pool" else None
    insert_once(session, TimeAccount, kind=kind, name=HOUSE_NAMES[kind], lowest=lowest)
    return session.scalars(same).one()


def keep_still(session: Session, *numbers: int) -> dict[int, TimeAccount]:
    """These accounts as they are now, kept still until the unit ends; always in the order of their ids."""
    same = select(TimeAccount).where(TimeAccount.id.in_(numbers)).order_by(TimeAccount.id)
    rows = session.scalars(same.with_for_update(key_share=True).execution_options(populate_existing=True))
    return {row.id: row for row in rows}
