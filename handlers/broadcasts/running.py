"""A broadcast on its way: it waits out its hold, begins, rests at night, and may be paused or stopped at any moment.

Who presses a button holds the broadcast's row meanwhile: of two at once one wins, and the other is told what happened.
What has not begun to be sent is held or taken back in the same unit, so that all of it counts at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from app import audit, clock
from app.settings import Delivery
from handlers.broadcasts import cutting, pouring
from models import broadcast_run as run
from models import outbox
from models.approval import is_unchanged, standing_final
from models.broadcasts import (
    OVER,
    RUNNING,
    Broadcast,
    BroadcastRecipient,
    counted_by_standing,
)
from models.identity import Actor
from models.refusal import Refusal

GONE = ("submitted", "delivered", "unknown", "sending")
LATE = "过了该发的时间,没有发。"
CHANGED = "内容和批准的不一样,没有发。"
RESTORED = "恢复过备份,先停在这里。备份以后发出去的,这里不知道:请看公众号后台,再接着发或者停掉。"
OVER_TIME = "过了有用的时间,剩下的没有发。"


class Stopped(NamedTuple):
    """How many had gone already, and how many will not go any more."""

    gone: int
    kept: int


# ---- what people decide ----------------------------------------------------------------------------------------------


def stop(by: Actor, broadcast: Broadcast, reason: str) -> Stopped:
    """For good: what has not begun to be sent never will be."""
    row = _held(by, broadcast, RUNNING)
    if not reason.strip():
        raise Refusal("broadcasts.why_stopped")
    kept = _take_back(by, row, "cancelled", reason, "stopped")
    gone = _gone(by, row)
    _end(row, "stopped", reason)
    row.moved_by_id = by.staff.id if by.staff else None
    audit.note(by, "broadcasts.stop", row, gone=gone, untold=kept)
    return Stopped(gone, kept)


def pause(by: Actor, broadcast: Broadcast) -> int:
    """How many messages are held back until it is resumed."""
    row = _held(by, broadcast, ("sending",))
    held = outbox.hold(by.session, row.bundle)
    cutting.let_loose(by, row)
    _move(by, row, "paused")
    audit.note(by, "broadcasts.pause", row, held=held)
    return held


def resume(by: Actor, broadcast: Broadcast) -> int:
    row = _held(by, broadcast, ("paused",))
    let_go = 0 if row.rests_until else outbox.let_go(by.session, row.bundle)
    _move(by, row, "sending" if row.begun_at else "approved")
    row.why_ended = None
    audit.note(by, "broadcasts.resume", row, let_go=let_go)
    return let_go


def _held(by: Actor, broadcast: Broadcast, states: tuple[str, ...]) -> Broadcast:
    row = run.locked(by.session, broadcast.id)
    if row is None or row.state not in states:
        state, who = (row.state, row.moved_by) if row else ("stopped", None)
        raise Refusal("broadcasts.moved_already", state=state, who=who.name if who else None)
    return row


def _move(by: Actor, row: Broadcast, state: str) -> None:
    row.state, row.moved_by_id = state, by.staff.id if by.staff else None


def _gone(by: Actor, row: Broadcast) -> int:
    counted = counted_by_standing(by.session, row)
    return sum(count for (_, standing), count in counted.items() if standing in GONE)


def _take_back(by: Actor, row: Broadcast, settled_as: str, reason: str, why: str) -> int:
    """Whoever has nothing on the way to them yet gets nothing any more; how many."""
    by.session.flush()
    values = {"state": "cancelled", "settled_as": settled_as, "why": why}
    untold = run.settle_queued(by.session, row, **values)
    letters = outbox.stop(by.session, row.bundle, reason)
    return untold + letters + cutting.take_back(by, row, settled_as, reason)


def _end(row: Broadcast, state: str, why: str | None) -> None:
    row.state, row.ended_at, row.rests_until = state, clock.now(), None
    row.why_ended = why[:200] if why else None


def hold_after_restore(by: Actor) -> None:
    """Yesterday's backup does not know what was sent since: nothing goes on before somebody has looked (trust F27)."""
    for found in by.session.scalars(select(Broadcast).where(Broadcast.state.in_(RUNNING))).all():
        row = _held(by, found, RUNNING)
        held = outbox.hold(by.session, row.bundle)
        cutting.let_loose(by, row)
        _move(by, row, "paused")
        row.why_ended = RESTORED
        audit.note(by, "broadcasts.hold_after_restore", row, held=held)


# ---- what time brings ------------------------------------------------------------------------------------------------


def next_step(by: Actor, row: Broadcast, delivery: Delivery) -> str | None:
    """What is to be done with it now; None when there is nothing but to wait."""
    now = clock.now()
    if row.state == "approved":
        due = row.begins_at is not None and row.begins_at <= now and (row.hold_until or now) <= now
        return "begin" if due else None
    if row.state in OVER:
        return None
    if now >= run.useful_until(row):
        return "run_out" if run.may_be_taken_back(by.session, row) else _end_when_over(by, row)
    if row.state == "paused":
        return None
    if row.rests_until is not None:
        return "wake" if row.rests_until <= now or row.urgent else None
    if _quiet(row, now, delivery) is not None:
        return "rest"
    if run.has_pourable(by.session, row):
        return "pour"
    return _end_when_over(by, row)


def _end_when_over(by: Actor, row: Broadcast) -> str | None:
    return "end" if run.is_over(by.session, row) else None


def step(by: Actor, broadcast_id: int, ways: pouring.Ways) -> bool:
    """Do what is to be done with it, if nobody else is at it; whether something was."""
    row = run.locked(by.session, broadcast_id, wait=False)
    wanted = next_step(by, row, ways.delivery) if row else None
    if row is None or wanted is None:
        return False
    match wanted:
        case "begin":
            begin(by, row, ways)
        case "pour":
            pouring.pour(by, row, ways)
        case "rest":
            rest(by, row, ways.delivery)
        case "wake":
            wake(by, row)
        case "run_out":
            run_out(by, row)
        case "end":
            end(by, row)
    return True


def begin(by: Actor, row: Broadcast, ways: pouring.Ways) -> None:
    """The hold is over: it goes out, unless it is too late, too early in the morning, or not what was approved."""
    now = clock.now()
    quiet = _quiet(row, now, ways.delivery)
    if now >= run.useful_until(row):
        _take_back(by, row, "expired", LATE, "late")
        _end(row, "expired", LATE)
        audit.note(by, "broadcasts.expire", row)
    elif not is_as_approved(by, row):
        _take_back(by, row, "cancelled", CHANGED, "changed")
        _end(row, "stopped", CHANGED)
        audit.note(by, "broadcasts.stop", row, gone=0, code="changed")
    elif quiet is not None:
        row.begins_at = quiet
        audit.note(by, "broadcasts.wait_for_morning", row)
    else:
        row.state, row.begun_at = "sending", now
        row.begun_with = run.count_recipients(by.session, row)
        run.settle_queued(by.session, row, BroadcastRecipient.road == "paper", state="paper")
        cutting.cut(by, row, ways)
        audit.note(by, "broadcasts.begin", row, people=row.begun_with)


def rest(by: Actor, row: Broadcast, delivery: Delivery) -> None:
    """The evening has come: what has not begun to be sent waits until the morning."""
    row.rests_until = _quiet(row, clock.now(), delivery)
    held = outbox.hold(by.session, row.bundle)
    audit.note(by, "broadcasts.rest", row, held=held)


def wake(by: Actor, row: Broadcast) -> None:
    row.rests_until = None
    audit.note(by, "broadcasts.wake", row, let_go=outbox.let_go(by.session, row.bundle))


def run_out(by: Actor, row: Broadcast) -> None:
    """It is of no use any more to those who have not got it."""
    kept = _take_back(by, row, "expired", OVER_TIME, "late")
    row.why_ended = OVER_TIME
    audit.note(by, "broadcasts.run_out", row, untold=kept)


def end(by: Actor, row: Broadcast) -> None:
    _end(row, "done", row.why_ended)
    audit.note(by, "broadcasts.end", row, gone=_gone(by, row))


def is_as_approved(by: Actor, row: Broadcast) -> bool:
    """Trust I9: the last word was given to exactly these words, by somebody else than their author."""
    final = standing_final(by.session, row)
    return (
        final is not None
        and final.staff_id not in (row.author_id, row.version.author_id)
        and is_unchanged(row)
    )


def _quiet(row: Broadcast, at: datetime, delivery: Delivery) -> datetime | None:
    return None if row.urgent else run.quiet_end(at, delivery.quiet_from, delivery.quiet_until)
