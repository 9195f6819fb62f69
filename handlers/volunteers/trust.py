"""What a phone tells besides the code, and how far that makes a check-in worth a second look (trust.md B26, B27).

A flag never gives or takes a minute: it stands in the list that the leader confirms. Only one thing is refused, a
second phone for the same person while the code on the screen is still the same: then one of the two is not theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, select

from app import clock, privacy
from models import spots
from models.activities import ActivitySession
from models.identity import Actor, Person
from models.refusal import Refusal
from models.spots import CheckinSpot, Spot
from models.volunteers import Scan

SAME_CODE = timedelta(seconds=90)
MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """`device` is a mark that the phone keeps; `spot` the place that its owner chose to tell."""

    device: str | None = None
    spot: Spot | None = None


NOTHING = Seen()


def device_at(held: ActivitySession, device: str | None) -> str | None:
    """The mark as it is kept: another one at every session, so that no phone is followed from one to the next."""
    return privacy.keyring().blind("scan.device", f"{held.id}:{device}") if device else None


def refuse_second_device(by: Actor, held: ActivitySession, person: Person, seen: Seen) -> None:
    """Raises Refusal other_device when another phone has just checked this person in or out by this code."""
    device = device_at(held, seen.device)
    if device is None:
        return
    lately = (
        Scan.session_id == held.id,
        Scan.person_id == person.id,
        Scan.received_at > clock.now() - SAME_CODE,
        Scan.device != device,
        Scan.voided_at.is_(None),
    )
    if by.session.scalar(select(exists().where(*lately))):
        raise Refusal("volunteers.other_device", session=held)


def flags_of(by: Actor, held: ActivitySession, person: Person, seen: Seen) -> list[str]:
    return _device_flags(by, held, person, seen) + spot_flags(by, held, person, seen.spot)


def _device_flags(by: Actor, held: ActivitySession, person: Person, seen: Seen) -> list[str]:
    device = device_at(held, seen.device)
    others = Scan.session_id == held.id, Scan.person_id != person.id, Scan.device == device
    shared = device is not None and by.session.scalar(select(exists().where(*others)))
    return ["same_device"] if shared else []


def spot_flags(by: Actor, held: ActivitySession, person: Person, spot: Spot | None) -> list[str]:
    if spot is None:
        return []
    before, same = spots.last_spot(by.session, person), spots.people_at(by.session, held, spot, person)
    return spots.place_flags(held, spot, before, same)


def keep(by: Actor, scan: Scan, seen: Seen) -> None:
    """The position itself for a day, to be compared with the next one; nothing where the activity has no place."""
    if seen.spot is None or not {"place_near", "place_far", "place_odd"} & set(scan.flags):
        return
    row = CheckinSpot(scan_id=scan.id, person_id=scan.person_id)
    row.spot_index = spots.spot_index(scan.session, seen.spot)
    row.spot = seen.spot.words
    by.session.add(row)
    by.session.flush()


def forget_spots(by: Actor) -> int:
    """Positions older than a day; what stays is near, far or odd on the scan."""
    gone = by.session.scalars(spots.spots_to_go().limit(MOST_AT_ONCE)).all()
    for row in gone:
        by.session.delete(row)
    return len(gone)
