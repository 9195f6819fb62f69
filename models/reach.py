"""Who was reached by a broadcast, and how we know.

On the mass and customer-service roads WeChat tells nothing about one person: what we know ends at "submitted". That
somebody was reached is known only from WeChat's own word about their message ("delivered"), from their own receipt
(`read_at`), or from a colleague who told them at the door.
"""

from __future__ import annotations

from datetime import time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app import clock
from models.broadcasts import (
    RUNNING,
    STANDING,
    Broadcast,
    BroadcastCall,
    BroadcastRecipient,
    BroadcastTest,
    standing_of,
)
from models.glances import Glance
from models.identity import Person
from models.notices import Notice
from models.outbox import OutboxRow
from models.topics import TopicChoice

# Where somebody stands who has got it, or may have: "sending" and "unknown" may have left; "done" is a mass call.
MAY_HAVE_GOT = ("sending", "submitted", "delivered", "done", "unknown")
CAME = ("submitted", "delivered", "done", "unknown")
NOT_REACHED = ("paper", "failed", "unknown", "expired")
TOLD = ("face", "phone")  # at the door, or by telephone
BEGUN = ("sending", "paused", "done")
LATELY = timedelta(days=7)  # so long a "收到" is about what was sent
TOLD_BESIDE = timedelta(days=30)


# ---- who has it ------------------------------------------------------------------------------------------------------


def may_have_got() -> ColumnElement[bool]:
    """For rows of `standing_of`: it was sent, or read, or told."""
    sent, read = STANDING.in_(MAY_HAVE_GOT), BroadcastRecipient.read_at.is_not(None)
    return or_(sent, read, BroadcastRecipient.door_state.in_(TOLD))


def delivered() -> ColumnElement[bool]:
    """WeChat's own word about this one's message. Of a mass call it tells only that most of it arrived."""
    return and_(STANDING == "delivered", BroadcastRecipient.road.not_in(("mass", "custom")))


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


# ---- receipts --------------------------------------------------------------------------------------------------------


def mark_read(session: Session, row: BroadcastRecipient, how: str) -> bool:
    """By one counted UPDATE: of two signs at once the first stands."""
    marked = (
        update(BroadcastRecipient)
        .where(BroadcastRecipient.id == row.id, BroadcastRecipient.read_at.is_(None))
        .values(read_at=clock.now(), read_how=how)
        .returning(BroadcastRecipient.id)
        .execution_options(synchronize_session=False)
    )
    first = session.execute(marked).first() is not None
    session.refresh(row)
    return first


def recipient_of(session: Session, broadcast: Broadcast, person: Person) -> BroadcastRecipient | None:
    mine = BroadcastRecipient.broadcast_id == broadcast.id, BroadcastRecipient.person_id == person.id
    return session.scalar(select(BroadcastRecipient).where(*mine))


def came_lately(person: Person) -> Select[Any]:
    """(BroadcastRecipient, `left`: when) of what was sent to them within a week and has no receipt, newest first."""
    left = func.coalesce(OutboxRow.settled_at, BroadcastCall.settled_at, BroadcastCall.first_sent_at)
    since = clock.now() - LATELY
    rows: Select[Any] = _with_standing(select(BroadcastRecipient, left.label("left")))
    return (
        rows.where(BroadcastRecipient.person_id == person.id, BroadcastRecipient.read_at.is_(None))
        .where(STANDING.in_(CAME), left > since)
        .order_by(left.desc(), BroadcastRecipient.id.desc())
    )


def unread_of_notice(person: Person, notice: Notice) -> Select[BroadcastRecipient]:
    """Their rows of begun broadcasts of this notice without a receipt. What was put right is not read by reading what
    came after."""
    mine = BroadcastRecipient.person_id == person.id, BroadcastRecipient.read_at.is_(None), ~was_corrected()
    return (
        select(BroadcastRecipient)
        .join(Broadcast, Broadcast.id == BroadcastRecipient.broadcast_id)
        .where(*mine, Broadcast.notice_id == notice.id, Broadcast.begun_at.is_not(None))
    )


def _with_standing(rows: Any) -> Any:
    return rows.outerjoin(OutboxRow, OutboxRow.id == BroadcastRecipient.outbox_id).outerjoin(
        BroadcastCall, BroadcastCall.id == BroadcastRecipient.call_id
    )


# ---- beside an answer ------------------------------------------------------------------------------------------------


def missed_by(session: Session, person: Person) -> BroadcastRecipient | None:
    """The latest broadcast that did not reach them, still holds, and that nobody has told them of in any way; None when
    an answer told them of one today."""
    if not UNTOLD.finds(session, person):
        return None
    today = clock.today()
    since = clock.now() - TOLD_BESIDE
    facts = {"person": person.id, "today": today, "morning": clock.at(today, time.min), "since": since}
    found: BroadcastRecipient | None = session.scalar(_missed(), facts)
    return found


UNTOLD = Glance(
    lambda person: select(BroadcastRecipient.id).where(
        BroadcastRecipient.person_id == person,
        BroadcastRecipient.read_at.is_(None),
        BroadcastRecipient.aside_at.is_(None),
    )
)


@cache
def _missed() -> Select[Any]:
    other = aliased(BroadcastRecipient)
    today: Any = bindparam("today")
    person: Any = bindparam("person")
    row = BroadcastRecipient
    holds = or_(Notice.valid_until.is_(None), Notice.valid_until >= today)
    told_today = exists().where(other.person_id == person, other.aside_at >= bindparam("morning"))
    unwanted = select(TopicChoice.topic).where(TopicChoice.person_id == person)
    rows: Select[Any] = _with_standing(
        select(row)
        .join(Broadcast, Broadcast.id == row.broadcast_id)
        .join(Notice, Notice.id == Broadcast.notice_id)
    )
    return (
        rows.where(row.person_id == person, row.read_at.is_(None), row.aside_at.is_(None))
        .where(or_(row.door_state.is_(None), row.door_state.not_in(TOLD)), STANDING.in_(NOT_REACHED))
        .where(Broadcast.state.in_(BEGUN), Notice.state == "published", Notice.valid_from <= today, holds)
        .where(~told_today, ~was_corrected(), or_(Broadcast.urgent, Broadcast.topic.not_in(unwanted)))
        .where(Broadcast.begun_at > bindparam("since"))
        .order_by(Broadcast.begun_at.desc(), row.id.desc())
        .limit(1)
    )


# ---- corrections -----------------------------------------------------------------------------------------------------


def is_public(one: Any = Broadcast) -> ColumnElement[bool]:
    """With its approval the words are published; one that was stopped before it began never went out."""
    return or_(one.begun_at.is_not(None), one.state.in_(RUNNING))


def was_corrected() -> ColumnElement[bool]:
    """For rows that are joined with Broadcast."""
    right = aliased(Broadcast)
    return exists().where(right.corrects_id == Broadcast.id, is_public(right))


def correction_of(session: Session, broadcast: Broadcast) -> Broadcast | None:
    """The latest broadcast that puts this one right."""
    return session.scalar(_corrections().where(Broadcast.corrects_id == broadcast.id))


def correction_of_notice(session: Session, notice: Notice) -> Broadcast | None:
    """The same for a notice that was sent, by whatever broadcast; it may be this very notice in other words."""
    wrong = select(Broadcast.id).where(Broadcast.notice_id == notice.id)
    return session.scalar(_corrections().where(Broadcast.corrects_id.in_(wrong)))


def _corrections() -> Select[Broadcast]:
    return (
        select(Broadcast)
        .where(is_public())
        .order_by(Broadcast.approved_at.desc(), Broadcast.id.desc())
        .limit(1)
    )


# ---- its page --------------------------------------------------------------------------------------------------------


def with_code(session: Session, code: str) -> Broadcast | None:
    """What everybody may read behind this code, and testers before everybody."""
    row = session.scalar(select(Broadcast).where(Broadcast.code == code))
    return row if row is not None and (is_out(row) or was_tested(session, row)) else None


def is_out(broadcast: Broadcast) -> bool:
    return broadcast.begun_at is not None or broadcast.state in RUNNING


def was_tested(session: Session, broadcast: Broadcast) -> bool:
    """Whether somebody was sent a test, and so may have its address before it is public."""
    tests = select(BroadcastTest.id).where(BroadcastTest.broadcast_id == broadcast.id)
    return session.scalar(tests.limit(1)) is not None
