"""What a leader's phone noted without a network comes in: each record once, whatever was sent twice, cut off or late.

Records are written a few at a time, so that neighbours who check in meanwhile do not wait; one that is refused loses no
other. All of them go the way of a tick at the console (actions.tick).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, clock
from app.database import run_in_savepoint
from handlers.volunteers import actions, undoing
from handlers.volunteers import offline_arrivals as arrivals
from handlers.volunteers.offline_records import Batch, ToldOffline
from handlers.volunteers.undoing import Decision
from models.activities import ENDED, Enrolment
from models.device_clock import DRIFT, MILLISECOND, Reading, happened
from models.identity import Actor, Person
from models.leader_devices import LeaderDevice
from models.refusal import Refusal
from models.volunteers import scan_of

PER_UNIT = 10


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one record: kind is "in", "out", "repeat", "elsewhere", "undone", "kept" (somebody to be
    matched) or "refused" (with `why`)."""

    nonce: str
    kind: str
    why: Refusal | None = None


def take(by: Actor, device: LeaderDevice, batch: Batch, records: Sequence[dict[str, Any]]) -> list[Taken]:
    """One unit of work: at most PER_UNIT records, in the order of persons, so that two leaders' phones that bring the
    same people wait for each other instead of stopping each other."""
    if len(records) > PER_UNIT:
        raise ValueError("too many records for one unit")
    device.synced_at = clock.now()
    ordered = sorted(records, key=lambda one: str(one.get("person")))
    return [_one(by, device, batch, record) for record in ordered]


def _one(by: Actor, device: LeaderDevice, batch: Batch, record: dict[str, Any]) -> Taken:
    try:
        told = ToldOffline.model_validate(record)
    except ValidationError:
        return Taken(str(record.get("nonce", ""))[:64], "refused", Refusal("volunteers.offline_broken"))
    try:
        kind = run_in_savepoint(by.session, lambda: _write(by, device, batch, told))
    except Refusal as why:
        audit.note(by, "volunteers.offline_refused", device, session=device.session_id, code=why.code)
        return Taken(told.nonce, "refused", why)
    return Taken(told.nonce, kind)


def _write(by: Actor, device: LeaderDevice, batch: Batch, told: ToldOffline) -> str:
    if told.person is None:
        return arrivals.note(by, device, told, lambda: _when(device, batch, told))
    person = _listed(by.session, device, told.person)
    nonce = f"offline:{told.nonce}"
    if told.way == "undo":
        at = _when(device, batch, told)[0]
        undoing.undo(
            by, device.session, person, Decision(f"offline:{told.of}", "slip", nonce=nonce, occurred_at=at)
        )
        return "undone"
    if scan_of(by.session, person, nonce) is not None:  # whatever its time looks like now
        return actions.tick(by, device.session, person, told.way, nonce=nonce).kind
    at, flags = _when(device, batch, told)
    tick = actions.tick(by, device.session, person, told.way, nonce=nonce, occurred_at=at, flags=flags)
    return tick.kind


def _when(device: LeaderDevice, batch: Batch, told: ToldOffline) -> tuple[datetime, list[str]]:
    """Raises Refusal for what was noted after this phone's link was let go, and for a time that is still to come."""
    now = clock.now()
    found = happened(Reading(told.at, told.steady, told.load), told.off, batch.reading, now)
    if told.at > batch.now + DRIFT // MILLISECOND or found.at > now + DRIFT:
        raise Refusal("volunteers.offline_time")
    at = min(found.at, now)
    if device.let_go_at is not None and at >= device.let_go_at:
        raise Refusal("volunteers.offline_let_go")
    flags = ["device_clock"] * found.doubted + ["old_phone"] * (device.let_go_at is not None)
    late = device.session.state in ENDED or now > device.session.shuts_at
    return at, flags + ["late_sync"] * late


def _listed(session: Session, device: LeaderDevice, number: int) -> Person:
    """Somebody who signed up, also when they have left the list since: the leader has seen them."""
    person = session.get(Person, number)
    while person is not None and person.merged_into_id is not None:
        person = session.get(Person, person.merged_into_id)
    theirs = Enrolment.session_id == device.session_id, Enrolment.person_id == (person.id if person else 0)
    if person is None or session.scalar(select(Enrolment.id).where(*theirs)) is None:
        raise Refusal("volunteers.not_in_list")
    return person
