"""Entries that the desk looks at, and only those: too long for one time, paid late, the same two too often. Everything
else is verified by the two who said that it was done. What was looked at stays looked at."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from app import clock
from models.base import Base, Instant
from models.exchange import Exchange, ExchangeHand
from models.ledger import TimePosting, TimeTransfer

LONG, LATE = 240, timedelta(days=7)
OFTEN, OFTEN_WITHIN = 4, timedelta(days=30)
WITHIN = timedelta(days=90)
AT_ONCE = timedelta(minutes=10)


class TimeLook(Base):
    """Somebody of the staff has looked at this odd entry; what was wrong was reversed beside it."""

    __tablename__ = "time_look"
    __table_args__ = (CheckConstraint("result IN ('fine', 'wrong')", name="result"), Base.__table_args__)

    transfer_id: Mapped[int] = mapped_column(ForeignKey("time_transfer.id"), primary_key=True)
    result: Mapped[str] = mapped_column(String(5))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


class Odd(NamedTuple):
    """An entry of help that was paid, and what about it is odd: long, late, quick, often."""

    exchange: Exchange
    transfer: TimeTransfer
    why: tuple[str, ...]


def odd_entries(session: Session) -> list[Odd]:
    """Of the last three months, the newest first; what was reversed or looked at is not among them."""
    mirror = aliased(TimeTransfer)
    rows = session.execute(
        select(Exchange, TimeTransfer)
        .join(TimeTransfer, TimeTransfer.id == Exchange.transfer_id)
        .outerjoin(mirror, mirror.reverses_id == TimeTransfer.id)
        .outerjoin(TimeLook, TimeLook.transfer_id == TimeTransfer.id)
        .where(
            Exchange.state == "paid",
            TimeTransfer.at >= clock.now() - WITHIN,
            mirror.id.is_(None),
            TimeLook.transfer_id.is_(None),
        )
        .order_by(TimeTransfer.id.desc())
    ).all()
    often = _often(session)
    told = [Odd(one, transfer, _why(one, transfer, often)) for one, transfer in rows]
    return [one for one in told if one.why]


def _why(one: Exchange, transfer: TimeTransfer, often: set[int]) -> tuple[str, ...]:
    hands = [hand for hand in one.helpers if hand.state == "paid"]
    last_day = clock.local(transfer.at).date() - LATE
    checks = {
        "long": one.minutes > LONG,
        "late": one.wanted_on < last_day,
        "quick": any(hand.ended_at is not None and transfer.at - hand.at < AT_ONCE for hand in hands),
        "often": transfer.id in often,
    }
    return tuple(name for name, is_so in checks.items() if is_so)


def _often(session: Session) -> set[int]:
    """The transfers of two who have traded one way more often than is usual within a month."""
    gave, took = aliased(TimePosting), aliased(TimePosting)
    rows = session.execute(
        select(gave.account_id, took.account_id, TimeTransfer.id)
        .join(TimeTransfer, TimeTransfer.id == gave.transfer_id)
        .join(took, took.transfer_id == gave.transfer_id)
        .join(Exchange, Exchange.transfer_id == TimeTransfer.id)
        .where(
            TimeTransfer.at >= clock.now() - OFTEN_WITHIN,
            Exchange.state == "paid",
            gave.minutes < 0,
            took.minutes > 0,
        )
    )
    pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
    for giver, taker, transfer in rows:
        pairs[giver, taker].append(transfer)
    return {number for found in pairs.values() if len(found) >= OFTEN for number in found}


def hands_paid(one: Exchange) -> list[ExchangeHand]:
    return [hand for hand in one.helpers if hand.state == "paid"]
