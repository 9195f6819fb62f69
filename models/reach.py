"""Who was reached by a broadcast, and how we know.

On the mass and customer-service roads WeChat tells nothing about one person: what we know ends at "submitted". That
somebody was reached is known only from WeChat's own word about their message ("delivered"), from their own receipt
(`read_at`), or from a colleague who told them at the door.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_

from models.broadcasts import STANDING, Broadcast, BroadcastRecipient, standing_of

# Where somebody stands who has got it, or may have: "sending" and "unknown" may have left.
MAY_HAVE_GOT = ("sending", "submitted", "delivered", "unknown")
TOLD = ("face", "phone")  # at the door, or by telephone


def may_have_got() -> ColumnElement[bool]:
    """For rows of `standing_of`: it was sent, or read, or told."""
    sent, read = STANDING.in_(MAY_HAVE_GOT), BroadcastRecipient.read_at.is_not(None)
    return or_(sent, read, BroadcastRecipient.door_state.in_(TOLD))


def who_may_have_got(broadcast: Broadcast) -> Select[Any]:
    """person_id of everybody who has, or may have; those of whom we know that they read it come first, then those whom
    WeChat says it reached. Who was erased is nobody any more."""
    known = BroadcastRecipient.person_id.is_not(None)
    proven = BroadcastRecipient.read_at.is_(None), ~delivered(), BroadcastRecipient.position
    return (
        standing_of(broadcast)
        .where(known, may_have_got())
        .with_only_columns(BroadcastRecipient.person_id)
        .order_by(*proven, BroadcastRecipient.id)
    )


def delivered() -> ColumnElement[bool]:
    """WeChat's own word about this one's message. Of a mass call it tells only that most of it arrived."""
    return and_(STANDING == "delivered", BroadcastRecipient.road != "mass")
