"""A place told after the check-in: put to the scan once, while it is fresh, for the leader's second look."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import audit, clock
from handlers.volunteers.actions import hold, recount
from handlers.volunteers.trust import Seen, keep, spot_flags
from models.activities import ActivitySession
from models.identity import Actor
from models.refusal import Refusal
from models.spots import CheckinSpot, Spot
from models.volunteers import Scan

TELLS_WITHIN = timedelta(minutes=10)


def tell_place(by: Actor, held: ActivitySession, spot: Spot) -> bool:
    """Who has just scanned tells where they are. False: it changes nothing.

    Raises Refusal no_place when there is no scan of these ten minutes."""
    person = hold(by, held, by.me)
    scan = _latest_scan(by, held)
    if scan is None:
        raise Refusal("volunteers.no_place")
    known = by.session.scalar(select(CheckinSpot.id).where(CheckinSpot.scan_id == scan.id))
    added = spot_flags(by, held, person, spot) if known is None else []
    if not added:
        return False
    scan.flags = [*scan.flags, *added]
    keep(by, scan, Seen(spot=spot))
    recount(by, person, held)
    audit.note(by, "volunteers.tell_place", held)
    return True


def _latest_scan(by: Actor, held: ActivitySession) -> Scan | None:
    mine = (
        Scan.session_id == held.id,
        Scan.person_id == by.me.id,
        Scan.received_at > clock.now() - TELLS_WITHIN,
        Scan.voided_at.is_(None),
    )
    return by.session.scalar(select(Scan).where(*mine).order_by(Scan.id.desc()).limit(1))
