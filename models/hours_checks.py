"""I7, asked of the data itself: no minute counts twice, nothing counts without both yeses, and every posted record is
one transfer and every transfer one record."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from models.activities import ActivitySession
from models.base import later
from models.hours import ServiceHours
from models.hours_spans import overlap, spans_of
from models.ledger import TimePosting, TimeTransfer
from models.stays import GRACE

COUNTS = ("confirmed", "posted")


def no_minute_twice(session: Session) -> Sequence[str]:
    """I7: what counts for one person never overlaps. Where scans changed since it was posted, staff are looking."""
    other = aliased(ServiceHours)
    pairs = session.execute(
        select(ServiceHours, other)
        .join(other, and_(other.person_id == ServiceHours.person_id, other.id > ServiceHours.id))
        .where(
            ServiceHours.state.in_(COUNTS),
            other.state.in_(COUNTS),
            ServiceHours.started_at < other.ended_at,
            other.started_at < ServiceHours.ended_at,
        )
        .order_by(ServiceHours.id, other.id)
    )
    return [
        f"hours {one.id} and {two.id} overlap"
        for one, two in pairs
        if not one.differs and not two.differs and overlap(spans_of(session, one), spans_of(session, two))
    ]


def both_said_yes(session: Session) -> Sequence[str]:
    """I7: nothing counts that the coordinator, or the one who was served, has not confirmed."""
    lacking = or_(
        ServiceHours.confirmed_at.is_(None),
        and_(ServiceHours.served_id.is_not(None), ServiceHours.served_at.is_(None)),
        ServiceHours.leader_id == ServiceHours.person_id,
    )
    rows = session.scalars(
        select(ServiceHours.id).where(ServiceHours.state.in_(COUNTS), lacking).order_by(ServiceHours.id)
    )
    return [f"hours {number} count without being confirmed" for number in rows]


def within_the_cap(session: Session) -> Sequence[str]:
    """I7: no record of a session says more than it was planned for, and half an hour."""
    most, said = (
        later(ActivitySession.ends, literal(GRACE)),
        later(ActivitySession.starts, ServiceHours.minutes),
    )
    rows = session.execute(
        select(ServiceHours.id, ServiceHours.minutes)
        .join(ActivitySession, ActivitySession.id == ServiceHours.session_id)
        .where(ServiceHours.minutes > GRACE, ServiceHours.state.in_(COUNTS), said > most)
        .order_by(ServiceHours.id)
    )
    return [f"hours {number} say {minutes} minutes" for number, minutes in rows]


def one_transfer_each(session: Session) -> Sequence[str]:
    """I7: hours and ledger, one to one: the same minutes, never reversed behind the record's back."""
    mirror = aliased(TimeTransfer)
    came = (
        select(func.sum(TimePosting.minutes))
        .where(TimePosting.transfer_id == TimeTransfer.id, TimePosting.minutes > 0)
        .scalar_subquery()
    )
    source = literal("hours:") + cast(ServiceHours.id, String)
    differs = or_(
        came.is_distinct_from(ServiceHours.minutes),
        mirror.id.is_not(None),
        TimeTransfer.source.is_distinct_from(source),
    )
    rows = session.execute(
        select(ServiceHours.id, ServiceHours.minutes, came)
        .join(TimeTransfer, TimeTransfer.id == ServiceHours.transfer_id)
        .outerjoin(mirror, mirror.reverses_id == TimeTransfer.id)
        .where(differs)
        .order_by(ServiceHours.id)
    )
    said = [f"hours {number} say {minutes} minutes, the ledger {posted}" for number, minutes, posted in rows]
    alone = session.scalars(
        select(TimeTransfer.id)
        .outerjoin(mirror, mirror.reverses_id == TimeTransfer.id)
        .outerjoin(ServiceHours, ServiceHours.transfer_id == TimeTransfer.id)
        .where(
            TimeTransfer.kind == "post",
            TimeTransfer.source.startswith("hours:"),
            mirror.id.is_(None),
            ServiceHours.id.is_(None),
        )
    )
    return said + [f"transfer {number} belongs to no record of hours" for number in alone]


SOUND = (no_minute_twice, both_said_yes, within_the_cap, one_transfer_each)
