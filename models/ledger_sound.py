"""I6, asked of the data itself: sums are zero, balances are what the postings say, no limit is crossed, a reversal
mirrors what it corrects, and what is set aside is what open holds say."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Integer, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.ledger import TimeAccount, TimeHold, TimePosting, TimeTransfer


def sums_are_zero(session: Session) -> Sequence[str]:
    """Of everything, and of each transfer, which has two postings at least."""
    whole = session.scalar(select(func.coalesce(func.sum(TimeAccount.balance), 0)))
    said = [f"all accounts together hold {whole} minutes"] if whole else []
    total, legs = func.coalesce(func.sum(TimePosting.minutes), 0), func.count(TimePosting.id)
    each = select(TimeTransfer.id, total, legs).outerjoin(TimePosting).group_by(TimeTransfer.id)
    wrong = session.execute(each.having(or_(total != 0, legs < 2)).order_by(TimeTransfer.id))
    return said + [f"transfer {number} has {count} postings of {minutes}" for number, minutes, count in wrong]


def balances_are_rebuilt(session: Session) -> Sequence[str]:
    """Every stored balance is the sum of its postings, and so is the balance beside each posting."""
    total = func.coalesce(func.sum(TimePosting.minutes), 0)
    each = select(TimeAccount.id, TimeAccount.balance, total).outerjoin(TimePosting)
    rows = session.execute(
        each.group_by(TimeAccount.id, TimeAccount.balance).having(TimeAccount.balance != total)
    )
    said = [f"account {number} says {stored}, its postings {rebuilt}" for number, stored, rebuilt in rows]
    so_far = func.sum(TimePosting.minutes).over(partition_by=TimePosting.account_id, order_by=TimePosting.id)
    running = select(TimePosting.id, TimePosting.after, cast(so_far, Integer).label("sum")).subquery()
    wrong = session.scalars(
        select(running.c.id).where(running.c.after != running.c.sum).order_by(running.c.id)
    )
    return said + [f"posting {number} has another balance beside it" for number in wrong]


def holds_are_kept(session: Session) -> Sequence[str]:
    """What an account has set aside is the sum of its open holds."""
    open_hold = and_(TimeHold.account_id == TimeAccount.id, TimeHold.state == "open")
    total = func.coalesce(func.sum(TimeHold.minutes), 0)
    each = select(TimeAccount.id, TimeAccount.held, total).outerjoin(TimeHold, open_hold)
    rows = session.execute(each.group_by(TimeAccount.id, TimeAccount.held).having(TimeAccount.held != total))
    return [f"account {number} holds {stored}, its open holds {total}" for number, stored, total in rows]


def limits_hold(session: Session) -> Sequence[str]:
    """Nobody stands below their limit. (The table itself refuses such a row.)"""
    below = and_(TimeAccount.lowest.is_not(None), TimeAccount.balance - TimeAccount.held < TimeAccount.lowest)
    rows = session.scalars(select(TimeAccount.id).where(below).order_by(TimeAccount.id))
    return [f"account {number} is below its limit" for number in rows]


def reversals_mirror(session: Session) -> Sequence[str]:
    """Leg by leg, with the other sign."""
    mirror, original = aliased(TimePosting), aliased(TimePosting)
    fits = and_(
        original.transfer_id == TimeTransfer.reverses_id,
        original.account_id == mirror.account_id,
        original.minutes == -mirror.minutes,
    )
    fitting = func.sum(case((original.id.is_not(None), 1), else_=0))
    wanted = select(func.count()).where(TimePosting.transfer_id == TimeTransfer.reverses_id).scalar_subquery()
    each = (
        select(TimeTransfer.id)
        .join(mirror, mirror.transfer_id == TimeTransfer.id)
        .outerjoin(original, fits)
        .where(TimeTransfer.reverses_id.is_not(None))
        .group_by(TimeTransfer.id, TimeTransfer.reverses_id)
        .having(or_(fitting != func.count(), func.count() != wanted))
    )
    return [f"transfer {number} does not mirror what it reverses" for number in session.scalars(each)]


SOUND = (sums_are_zero, balances_are_rebuilt, holds_are_kept, limits_hold, reversals_mirror)
