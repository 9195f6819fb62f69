"""Who came without standing on the list, typed by a leader without a network: kept until the staff have found
who it is.

A typed phone proves nothing and finds nobody by itself: somebody of the staff looks, and chooses.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app import audit
from app.understanding.phone import mask_id_numbers, phone_in
from handlers.volunteers import actions, undoing
from handlers.volunteers.offline_records import ToldOffline
from handlers.volunteers.undoing import Decision
from models import activities as plan
from models import leader_devices as model
from models.activities import ActivitySession
from models.identity import Actor, Person
from models.leader_devices import LeaderDevice, UnlistedArrival
from models.refusal import Refusal
from models.volunteers import Way

When = Callable[[], tuple[datetime, list[str]]]


def note(by: Actor, device: LeaderDevice, told: ToldOffline, when: When) -> str:
    """Keep what the phone says about somebody who is on no list; the same twice, and in any order, is the same. "kept",
    "undone", or what the tick came to when it is known who they are. Raises Refusal."""
    held = device.session
    plan.hold(by.session, held)
    row = _row(by, device, told.of or told.nonce)
    if told.way == "undo":
        return _take_back(by, held, row)
    if row.state == "matched" and row.person is not None:
        return _tick(by, held, row, row.person, told.way, when)
    if row.state == "waiting" and (row.came_at if told.way == "in" else row.left_at) is None:
        _fill(row, told, held, when)
        audit.note(by, "volunteers.offline_arrival", row, session=held.id, way=told.way)
    return "kept"


def _row(by: Actor, device: LeaderDevice, nonce: str) -> UnlistedArrival:
    known = model.arrival_of(by.session, device, nonce)
    if known is not None:
        return known
    row = UnlistedArrival(session_id=device.session_id, device_id=device.id, nonce=nonce, state="waiting")
    by.session.add(row)
    by.session.flush()
    return row


def _fill(row: UnlistedArrival, told: ToldOffline, held: ActivitySession, when: When) -> None:
    at, flags = when()
    if held.state == "cancelled" or not held.opens_at <= at <= held.shuts_at:
        raise Refusal("volunteers.out_of_hours", session=held)
    row.flags = [*row.flags, *(flag for flag in flags if flag not in row.flags)]
    if told.way == "out":
        row.left_at = at
        return
    name = " ".join(mask_id_numbers(told.name)[0].split())
    if not name:
        raise Refusal("volunteers.offline_no_name")
    row.came_at, row.name, row.phone = at, name, phone_in(told.phone)


def _take_back(by: Actor, held: ActivitySession, row: UnlistedArrival) -> str:
    """It was nobody, whatever else arrives about them; also when the staff have found somebody meanwhile."""
    if row.state == "waiting":
        row.state = "dropped"
        _forget(row)
        audit.note(by, "volunteers.offline_dropped", row, session=held.id)
    elif row.state == "matched" and row.person is not None:
        for way in ("out", "in"):
            undoing.undo(
                by, held, row.person, Decision(_nonce(row, way), "slip", nonce=f"{_nonce(row, way)}:undo")
            )
    return "undone"


# ---- the staff find who it is ----------------------------------------------------------------------------------------


def match(by: Actor, row: UnlistedArrival, person: Person) -> None:
    """This is who came: signed up on the spot, in and out as noted; the typed words are taken away."""
    held = by.session.get_one(ActivitySession, row.session_id)
    _must_wait(by, row, held)
    row.state, row.person_id = "matched", person.id
    for way in ("in", "out"):
        at = row.came_at if way == "in" else row.left_at
        if at is not None:
            _tick(by, held, row, person, way, lambda at=at: (at, row.flags))  # type: ignore[misc]
    _forget(row)
    audit.note(by, "volunteers.offline_matched", row, session=held.id, person=person.id)


def drop(by: Actor, row: UnlistedArrival) -> None:
    """Nobody can say who it was, or it was nobody."""
    _must_wait(by, row, by.session.get_one(ActivitySession, row.session_id))
    row.state = "dropped"
    _forget(row)
    audit.note(by, "volunteers.offline_dropped", row, session=row.session_id)


def forget_old(by: Actor) -> int:
    """Names that nobody could match for a month are taken away."""
    rows = by.session.scalars(model.arrivals_to_forget()).all()
    for row in rows:
        row.state = "dropped"
        _forget(row)
    return len(rows)


def _must_wait(by: Actor, row: UnlistedArrival, held: ActivitySession) -> None:
    """Read again under the lock: a colleague may have been quicker."""
    plan.hold(by.session, held)
    by.session.refresh(row)
    if row.state != "waiting":
        raise Refusal("volunteers.offline_settled")


def _forget(row: UnlistedArrival) -> None:
    row.name = row.phone = None


def _tick(
    by: Actor, held: ActivitySession, row: UnlistedArrival, person: Person, way: Way, when: When
) -> str:
    at, flags = when()
    facts = {"nonce": _nonce(row, way), "occurred_at": at, "flags": [*flags, "unlisted"]}
    return actions.tick(by, held, person, way, **facts).kind  # type: ignore[arg-type]


def _nonce(row: UnlistedArrival, way: str) -> str:
    return f"offline:{row.nonce}:{way}"
