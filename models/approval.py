"""What stands behind a broadcast before it is sent: its digest, its tests, who has read it and who still must.

Equal digests are equal sendings: the same words, to those whom the same description finds, by the same roads, at the
same time. Tests, the last word and the sending itself are bound to it (trust I9).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app import clock
from models import notices
from models.audit import AuditLine
from models.broadcasts import (
    OPEN,
    REVIEW_AFTER,
    Broadcast,
    BroadcastReview,
    BroadcastTest,
)
from models.notices import STAGES, TWO_PEOPLE, rule_is_on, standing_reviews
from models.outbox import OutboxRow
from models.staff import StaffMember

# What whoever gives the last word has looked at: the words, whom they reach, and when and by which roads.
PROOFS = ("words", "people", "time")
FINAL, LATER = "final", "later"
NEVER_SHOWN = ("failed", "cancelled", "expired")
CHANGES = ("broadcasts.edit", "broadcasts.propose", "broadcasts.send_back")


def digest_of(broadcast: Broadcast, **other: Any) -> str:
    """`other`: parts that are taken for different from what they are now."""
    facts: dict[str, Any] = {
        "words": notices.digest_of(broadcast.version.content),
        "topic": broadcast.topic,
        "urgent": broadcast.urgent,
        "audience": broadcast.audience,
        "roads": sorted(broadcast.roads),
        "send_at": _stamp(broadcast.send_at),
        "useful_until": _stamp(broadcast.useful_until),
        "corrects": broadcast.corrects_id,
    }
    return notices.digest_of(facts | other)


def is_unchanged(broadcast: Broadcast) -> bool:
    """Whether it would be sent as it was approved. Until when it is of use the approval itself may have set."""
    return broadcast.digest in (digest_of(broadcast), digest_of(broadcast, useful_until=None))


def _stamp(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(clock.COMMUNITY).isoformat()


def tests_of(broadcast: Broadcast, digest: str) -> Select[BroadcastTest]:
    """Those that showed exactly this."""
    mine = BroadcastTest.broadcast_id == broadcast.id, BroadcastTest.digest == digest
    return select(BroadcastTest).where(*mine).order_by(BroadcastTest.id)


def tests_with_state(broadcast: Broadcast) -> Select[BroadcastTest, str, str | None]:
    """(BroadcastTest, how its message stands in the outbox, why), the newest first; whatever they showed."""
    return (
        select(BroadcastTest, OutboxRow.state, OutboxRow.reason)
        .outerjoin(OutboxRow, OutboxRow.id == BroadcastTest.outbox_id)
        .where(BroadcastTest.broadcast_id == broadcast.id)
        .order_by(BroadcastTest.id.desc())
    )


def was_tested(session: Session, broadcast: Broadcast, digest: str) -> bool:
    """A test that never arrived shows nothing."""
    lost = select(OutboxRow.id).where(OutboxRow.state.in_(NEVER_SHOWN))
    shown = or_(BroadcastTest.outbox_id.is_(None), BroadcastTest.outbox_id.not_in(lost))
    return bool(session.scalar(select(tests_of(broadcast, digest).where(shown).exists())))


def reviews_of(broadcast: Broadcast) -> Select[BroadcastReview]:
    """Everything that was said about it, the newest first."""
    mine = BroadcastReview.broadcast_id == broadcast.id
    return select(BroadcastReview).where(mine).order_by(BroadcastReview.id.desc())


def standing_final(session: Session, broadcast: Broadcast) -> BroadcastReview | None:
    """The last word on exactly what is sent."""
    final = BroadcastReview.stage == FINAL, BroadcastReview.digest == broadcast.digest, BroadcastReview.passed
    return session.scalar(reviews_of(broadcast).where(*final).limit(1))


def standing_return(session: Session, broadcast: Broadcast) -> BroadcastReview | None:
    """Why a draft has come back; None when it has not, or when it is a draft no more."""
    if broadcast.state != "draft":
        return None
    last = session.scalar(reviews_of(broadcast).where(BroadcastReview.stage == FINAL).limit(1))
    return None if last is None or last.passed else last


# ---- who must have read it -------------------------------------------------------------------------------------------


def reading_missing(session: Session, broadcast: Broadcast) -> list[str]:
    """Stages of the notice's reviews that its words have not passed; none where two people are enough."""
    if rule_is_on(session, TWO_PEOPLE):
        return []
    passed = {stage for stage, row in standing_reviews(session, broadcast.version).items() if row.passed}
    return [stage for stage in STAGES if stage not in passed]


def later_readings(session: Session, broadcast: Broadcast) -> list[BroadcastReview]:
    later = reviews_of(broadcast).where(BroadcastReview.stage == LATER)
    return list(session.scalars(later.order_by(None).order_by(BroadcastReview.id)))


def later_missing(session: Session, broadcast: Broadcast) -> int:
    """How many people must still read what was sent in a hurry."""
    if not broadcast.urgent or broadcast.reviewed_later_at is not None:
        return 0
    return max(0, len(reading_missing(session, broadcast)) - len(later_readings(session, broadcast)))


def to_read_later() -> Select[Broadcast]:
    """What was sent in a hurry and not read by others since, the oldest first."""
    hurried = Broadcast.urgent, Broadcast.approved_at.is_not(None), Broadcast.reviewed_later_at.is_(None)
    return select(Broadcast).where(*hurried).order_by(Broadcast.approved_at)


def read_too_late() -> Select[Broadcast]:
    """Those for which a day has passed."""
    return to_read_later().where(Broadcast.approved_at < clock.now() - REVIEW_AFTER)


# ---- who changed it --------------------------------------------------------------------------------------------------


def last_change(session: Session, broadcast: Broadcast) -> tuple[str | None, list[str]]:
    """Who touched it last (None: the house), and what they changed, for whoever lost to them."""
    about = AuditLine.object_kind == "broadcast", AuditLine.object_id == str(broadcast.id)
    moved = AuditLine.action.in_(CHANGES)
    line = session.scalar(select(AuditLine).where(*about, moved).order_by(AuditLine.id.desc()).limit(1))
    if line is None:
        return None, []
    member = session.get(StaffMember, int(line.actor.removeprefix("staff:"))) if _is_staff(line) else None
    return member.name if member else None, line.facts.get("changed", [])


def _is_staff(line: AuditLine) -> bool:
    return line.actor.startswith("staff:")


# ---- lists -----------------------------------------------------------------------------------------------------------


def broadcasts_in(*states: str) -> Select[Broadcast]:
    """The latest first."""
    return select(Broadcast).where(Broadcast.state.in_(states)).order_by(Broadcast.id.desc())


def proposed() -> Select[Broadcast]:
    """What waits for the last word, the longest waiting first."""
    return select(Broadcast).where(Broadcast.state == "proposed").order_by(Broadcast.proposed_at)


def prepared_by(staff_id: int) -> Select[Broadcast]:
    """What this member has begun and nobody has approved, the latest first."""
    return broadcasts_in(*OPEN).where(Broadcast.author_id == staff_id)
