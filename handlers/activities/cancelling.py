"""Calling off: everybody hears of it, those who wait too. The words leave after ten minutes, so that a slip can be
taken back before anybody has read it; what begins within three hours is told at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app import audit, clock
from handlers.activities.leading import must_lead
from handlers.activities.telling import held_back, take_back, tell_everybody, who_hears
from handlers.activities.waiting import hand_out
from models import activities as model
from models import activities_series as series_model
from models.activities import ActivitySession
from models.identity import Actor
from models.refusal import Refusal

UNDO_WITHIN = timedelta(minutes=10)
LONGEST_REASON = 15


def cancel_session(by: Actor, session: ActivitySession, *, why: str = "") -> ActivitySession:
    """Call it off and tell everybody who has joined or waits; `why` is a few words that they will read."""
    must_lead(by, session)
    _cancel(by, session, why)
    return session


def cancel_following(by: Actor, session: ActivitySession, *, why: str = "") -> int:
    """This session and all that follow in its series; how many sessions."""
    must_lead(by, session)
    rows = sorted(by.session.scalars(series_model.following(session)), key=lambda one: one.id)
    if not rows:
        raise Refusal("activities.is_over", session=session)
    for row in rows:
        _cancel(by, row, why)
    return len(rows)


def _cancel(by: Actor, session: ActivitySession, why: str) -> None:
    model.hold(by.session, session)
    if not model.move(by.session, session, model.LIVE, "cancelled"):
        raise Refusal("activities.is_over", session=session)
    take_back(by, session, "changed")
    session.revision += 1
    by.session.flush()
    told = tell_everybody(by, session, "cancelled", why=why[:LONGEST_REASON], due=held_back(session))
    audit.note(by, "activities.cancel_session", session, told=told)


def would_hear(by: Actor, sessions: Sequence[ActivitySession]) -> int:
    """How many people would be told."""
    return len({one.id for session in sessions for one in who_hears(by, session)})


def can_restore(session: ActivitySession) -> bool:
    """As far as can be said without looking at what was sent."""
    if session.state != "cancelled" or session.closed_at is None or session.starts <= clock.now():
        return False
    return session.closed_at > clock.now() - UNDO_WITHIN


def restore_session(by: Actor, session: ActivitySession) -> ActivitySession:
    """Take a cancelling back, within ten minutes and as long as nobody has been told."""
    must_lead(by, session)
    model.hold(by.session, session)
    if not can_restore(session):
        raise Refusal("activities.too_late_to_restore", session=session)
    if not take_back(by, session, "cancelled"):
        raise Refusal("activities.told_already", session=session)
    model.move(by.session, session, ("cancelled",), "planned")
    audit.note(by, "activities.restore_session", session)
    hand_out(by, session)
    return session


def restore_following(by: Actor, session: ActivitySession) -> int:
    """All of the series that were called off in these ten minutes; how many."""
    later = series_model.cancelled_with(session)
    rows = [row for row in by.session.scalars(later) if can_restore(row)]
    for row in sorted(rows, key=lambda one: one.id):
        restore_session(by, row)
    return len(rows)
