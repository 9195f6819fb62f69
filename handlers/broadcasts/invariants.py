"""What must hold of broadcasts (trust I5, I9, I14), asked of the rows: by the nightly check and after every restore."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, String, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from app import clock
from models.approval import is_unchanged, reading_missing, standing_final
from models.broadcast_run import useful_until
from models.broadcasts import OVER, RUNNING, Broadcast, BroadcastCall, BroadcastRecipient
from models.notices import TWO_PEOPLE, NoticeRule
from models.outbox import OutboxRow

# Roads on which WeChat names every message that it takes in its answer.
NAMING = ("template",)
SLACK = timedelta(minutes=10)  # a busy house is late, not broken


def everybody_is_counted(session: Session) -> Sequence[str]:
    """I5: the states of a broadcast's people add up to the audience that it began with, nobody twice."""
    begun = select(Broadcast).where(Broadcast.begun_with.is_not(None))
    counted = (
        select(BroadcastRecipient.broadcast_id, func.count())
        .where(BroadcastRecipient.broadcast_id.in_(begun.with_only_columns(Broadcast.id)))
        .group_by(BroadcastRecipient.broadcast_id)
    )
    found = dict(session.execute(counted).all())
    return [
        f"broadcast {row.id} began with {row.begun_with} people and has {found.get(row.id, 0)}"
        for row in session.scalars(begun)
        if row.begun_with != found.get(row.id, 0)
    ] + _handed_on_to_nothing(session)


def _handed_on_to_nothing(session: Session) -> list[str]:
    """Who is said to be in a message or a call is in one of this broadcast."""
    astray = (
        select(BroadcastRecipient.id)
        .join(Broadcast, Broadcast.id == BroadcastRecipient.broadcast_id)
        .outerjoin(BroadcastCall, BroadcastCall.id == BroadcastRecipient.call_id)
        .outerjoin(OutboxRow, OutboxRow.id == BroadcastRecipient.outbox_id)
        .where(
            or_(
                (BroadcastRecipient.state == "call")
                & (func.coalesce(BroadcastCall.broadcast_id, 0) != BroadcastRecipient.broadcast_id),
                (BroadcastRecipient.state == "outbox") & (OutboxRow.bundle != _bundle()),
                Broadcast.state.in_(OVER) & (BroadcastRecipient.state == "queued"),
            )
        )
    )
    return [f"recipient {number} was handed on to nothing of its own" for number in session.scalars(astray)]


def _bundle() -> ColumnElement[str]:
    return literal("broadcast:") + cast(BroadcastRecipient.broadcast_id, String)


def nothing_is_sent_without_a_name(session: Session) -> Sequence[str]:
    """I5: nothing counts as taken by WeChat without its id, where WeChat gives one."""
    letters = select(OutboxRow.id).where(
        OutboxRow.bundle.is_not(None),
        OutboxRow.state.in_(("submitted", "delivered")),
        OutboxRow.road.in_(NAMING),
        OutboxRow.wechat_id.is_(None),
    )
    calls = select(BroadcastCall.id).where(
        BroadcastCall.state.in_(("submitted", "done")), BroadcastCall.wechat_id.is_(None)
    )
    said = [f"message {number} was sent and has no id" for number in session.scalars(letters)]
    return said + [f"call {number} was made and has no id" for number in session.scalars(calls)]


def what_is_sent_was_approved(session: Session) -> Sequence[str]:
    """I9: exactly these words, to these people; by somebody else than their author; after those who must read them."""
    going = session.scalars(select(Broadcast).where(Broadcast.begun_at.is_not(None)).order_by(Broadcast.id))
    return [f"broadcast {row.id}: {said}" for row in going if (said := _not_approved(session, row))]


def _not_approved(session: Session, row: Broadcast) -> str:
    final = standing_final(session, row)
    if final is None:
        return "nobody has given the last word on it"
    if final.staff_id in (row.author_id, row.version.author_id):
        return "its author gave the last word"
    if not is_unchanged(row):
        return "it is not what was approved"
    if not row.urgent and not _rule_has_changed(session, row) and reading_missing(session, row):
        return "a reading is missing"
    return ""


def _rule_has_changed(session: Session, row: Broadcast) -> bool:
    """Whether two people were perhaps enough when it was approved, and are not now."""
    rule = session.get(NoticeRule, TWO_PEOPLE)
    return rule is not None and row.approved_at is not None and rule.changed_at > row.approved_at


def what_was_due_began_or_expired(session: Session) -> Sequence[str]:
    """I14: an approved broadcast began in time, or says that it did not; none is on its way past its use."""
    late = clock.now() - SLACK
    waiting = select(Broadcast).where(Broadcast.state == "approved", Broadcast.begins_at < late)
    going = select(Broadcast).where(Broadcast.state.in_(RUNNING))
    said = [f"broadcast {row.id} should have begun" for row in session.scalars(waiting)]
    unexplained = select(Broadcast.id).where(Broadcast.state == "expired", Broadcast.why_ended.is_(None))
    said += [f"broadcast {number} expired without a word" for number in session.scalars(unexplained)]
    return said + [
        f"broadcast {row.id} is of no use any more and goes on"
        for row in session.scalars(going)
        if row.state == "sending" and useful_until(row) < late - timedelta(days=1)
    ]


INVARIANTS = (
    everybody_is_counted,
    nothing_is_sent_without_a_name,
    what_is_sent_was_approved,
    what_was_due_began_or_expired,
)
