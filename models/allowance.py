"""How many customer-service messages WeChat still takes for a resident, and until when (wechat.md §13).

Five within 48 hours after they said something; three within a minute after they touched the menu, followed, scanned.
Counted from what has really left since then: each word of theirs begins anew. Where both windows are open the larger
rest counts: whether WeChat adds them nobody knows, and a promise that is too small harms nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app import clock
from models.base import Instant
from models.identity import Identity
from models.inbox import InboxRow
from models.outbox import OutboxRow

AFTER_WORDS, WORDS_WINDOW = 5, timedelta(hours=48)
AFTER_TOUCH, TOUCH_WINDOW = 3, timedelta(minutes=1)
# VIEW and mini-program entries of the menu open no window.
TOUCHES = ("click", "subscribe", "scan", "scancode_push", "scancode_waitmsg")
KEPT_FOR_ANSWERS = 2  # broadcasts leave so many of them for a person's answer
BY_CUSTOMER_SERVICE = "custom"
ANSWERS = ("desk.reply", "_base.answer")  # waiting ones will go that way


@dataclass(frozen=True, slots=True)
class Allowance:
    """`left` messages until `until`; none and None when the resident is out of reach."""

    left: int
    until: datetime | None
    reachable: bool = True


NOTHING = Allowance(0, None, reachable=False)


def allowance(session: Session, identity: Identity, now: datetime) -> Allowance:
    if not identity.following:
        return NOTHING
    touched = _touched_at(session, identity, now)
    windows = [
        (identity.spoke_at, AFTER_WORDS, WORDS_WINDOW),
        (touched, AFTER_TOUCH, TOUCH_WINDOW),
    ]
    open_ones = [
        Allowance(max(0, most - _left_since(session, identity, since)), since + length)
        for since, most, length in windows
        if since is not None and now < since + length
    ]
    return max(open_ones, key=lambda one: one.left, default=Allowance(0, None))


def _touched_at(session: Session, identity: Identity, now: datetime) -> datetime | None:
    mine = InboxRow.person_id == identity.person_id, InboxRow.kind.in_(TOUCHES)
    lately = InboxRow.received_at > now - TOUCH_WINDOW
    return session.scalar(select(func.max(InboxRow.received_at)).where(*mine, lately))


def _left_since(session: Session, identity: Identity, since: datetime) -> int:
    mine = OutboxRow.person_id == identity.person_id
    return session.scalar(select(func.count()).where(mine, _taken_since(since))) or 0


def _taken_since(since: datetime | InstrumentedAttribute[datetime | None]) -> ColumnElement[bool]:
    """What has left or is about to. What WeChat refused was not counted there."""
    gone = and_(
        OutboxRow.road == BY_CUSTOMER_SERVICE,
        OutboxRow.first_sent_at >= since,
        OutboxRow.state.in_(("sending", "submitted", "delivered", "unknown")),
    )
    about_to = and_(OutboxRow.state == "waiting", OutboxRow.kind.in_(ANSWERS))
    return or_(gone, about_to)


def words_left(session: Session, identities: Iterable[int]) -> dict[int, int]:
    """For many at once: identity id → messages left of those that their own words have opened."""
    asked = {"ids": list(identities), "since": clock.now() - WORDS_WINDOW}
    counted = session.connection().execute(_counted(), asked)
    return {identity: max(0, AFTER_WORDS - taken) for identity, taken in counted}


@cache
def _counted() -> Select[int, int]:
    mine = and_(OutboxRow.person_id == Identity.person_id, _taken_since(Identity.spoke_at))
    open_ones = Identity.spoke_at > bindparam("since", type_=Instant())
    return (
        select(Identity.id, func.count(OutboxRow.id))
        .outerjoin(OutboxRow, mine)
        .where(Identity.id.in_(bindparam("ids", expanding=True)), open_ones)
        .group_by(Identity.id)
    )
