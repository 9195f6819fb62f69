"""The leader's page without a network: who gets a link, which phone it is bound to, and the list that this phone keeps.

Two leaders have two links and two phones. A second phone on the same link is refused; who has changed phones lets the
old link go and takes a new one. What the old phone had noted until then is still taken, with a mark for the leader.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit, clock
from app.understanding.phone import mask_name
from handlers.activities import actions as activities
from models import activities as plan
from models import leader_devices as model
from models.activities import ActivitySession, Enrolment, people_in
from models.activities_audience import leaders_of
from models.activities_party import Companion
from models.device_clock import milliseconds
from models.identity import Actor, Person
from models.leader_devices import LeaderDevice, UnlistedArrival
from models.passes import digits_of
from models.refusal import Refusal
from models.volunteers import Attendance, stays_in

ROSTER_NOTED = timedelta(hours=1)


# ---- links -----------------------------------------------------------------------------------------------------------


def make_link(by: Actor, held: ActivitySession, leader: Person | None = None) -> LeaderDevice:
    """The link for `leader`, or for whoever asks; the one that holds already when there is one.

    Raises Refusal: activities.not_leader, volunteers.offline_over."""
    activities.must_lead(by, held)
    if leader is not None and leader not in leaders_of(by.session, held.activity):
        raise Refusal("activities.not_leader")
    plan.hold(by.session, held)
    if held.state == "cancelled" or clock.now() > model.until(held):
        raise Refusal("volunteers.offline_over", session=held)
    staff = by.staff if leader is None else None
    person = leader or (by.person if staff is None else None)
    known = model.live_device(by.session, held, person, staff)
    if known is not None:
        return known
    made = LeaderDevice(
        session_id=held.id,
        person_id=person.id if person else None,
        staff_id=staff.id if staff else None,
        session=held,
    )
    by.session.add(made)
    by.session.flush()
    audit.note(by, "volunteers.offline_link", made, session=held.id, leader=made.person_id)
    return made


def let_go(by: Actor, device: LeaderDevice) -> None:
    """This phone gets no list any more; a new link may be made. A resident lets go only what is theirs."""
    activities.must_lead(by, device.session)
    if by.staff is None and device.person_id != by.me.id:
        raise Refusal("activities.not_leader")
    if device.let_go_at is None:
        device.let_go_at = clock.now()
        audit.note(by, "volunteers.offline_let_go", device, session=device.session_id)


def move_phones(by: Actor, kept: Person, gone: Person) -> None:
    """Two rows of one person become one: the links go along; where both hold one for a session, the second is let go
    and goes too."""
    for device in by.session.scalars(model.devices_led_with(gone)).all():
        rival = model.live_device(by.session, device.session, kept, None)
        if rival is not None and device.let_go_at is None:
            device.let_go_at = clock.now()
        device.person_id = kept.id
        by.session.flush()
    _hand_over(by.session, gone, kept.id)


def forget_phones(by: Actor, person: Person) -> None:
    """Who is erased leads nothing any more: their links open nothing."""
    for device in by.session.scalars(model.devices_led_with(person)).all():
        device.let_go_at = device.let_go_at or clock.now()
        device.person_id = None
    _hand_over(by.session, person, None)


def _hand_over(session: Session, person: Person, to: int | None) -> None:
    """Who was found behind a typed name is the record that goes on, or nobody any more."""
    found = update(UnlistedArrival).where(UnlistedArrival.person_id == person.id)
    session.execute(found.values(person_id=to))


# ---- a phone that asks -----------------------------------------------------------------------------------------------


def enter(
    session: Session, held: int, link: str, secret: str, *, first: bool = False
) -> tuple[Actor, LeaderDevice]:
    """The leader who acts by this link, proved by the phone's secret. `first`: a link that nobody has opened yet
    becomes this phone's.

    Raises Refusal: volunteers.offline_unknown, volunteers.offline_over, volunteers.offline_other_phone,
    activities.not_leader."""
    device = model.device_of_link(session, held, link)
    by = _leader(session, device) if device is not None else None
    if device is None or by is None:
        raise Refusal("volunteers.offline_unknown")
    if clock.now() > device.until:
        raise Refusal("volunteers.offline_over", session=device.session)
    if first and device.secret_index is None and model.bind(session, device, secret):
        audit.note(by, "volunteers.offline_bound", device, session=held)
    if device.secret_index != model.secret_index(secret):
        raise Refusal("volunteers.offline_other_phone")
    activities.must_lead(by, device.session)
    return by, device


def _leader(session: Session, device: LeaderDevice) -> Actor | None:
    if device.staff is not None:
        return Actor(session, staff=device.staff, channel="page") if device.staff.active else None
    return Actor(session, device.person, channel="page") if device.person is not None else None


# ---- the list --------------------------------------------------------------------------------------------------------


def roster(by: Actor, device: LeaderDevice) -> dict[str, Any]:
    """What the phone keeps, sealed, until a day after the end: names covered as on the leader's page, who comes along,
    digits, and who is there as we know it. No phone number: the leader's page shows none either."""
    if device.let_go_at is not None:
        raise Refusal("volunteers.offline_let_go")
    _note(by, device)
    held = device.session
    rows = by.session.scalars(people_in(held)).all()
    along, stays = _along(by.session, held), _stays(by.session, held)
    groups = {group.key: group.name for group in held.groups}
    return {
        "now": milliseconds(clock.now()),
        "title": held.activity.title,
        "place": held.place,
        "starts": milliseconds(held.starts),
        "ends": milliseconds(held.ends),
        "until": milliseconds(device.until),
        "state": held.state,
        "people": [
            {
                "person": row.person_id,
                "name": mask_name(row.person.name or "") or f"居民{row.person_id}号",
                "marks": [*([groups[row.group]] if row.group in groups else []), *along[row.id]],
                "digits": digits_of(by.session, held, row.person),
                "came": milliseconds(stays[row.person_id].came_at) if row.person_id in stays else None,
                "left": _left(stays.get(row.person_id)),
            }
            for row in rows
        ],
    }


def _note(by: Actor, device: LeaderDevice) -> None:
    """That names of others were shown is written down, not once a minute for a phone that stays online."""
    now = clock.now()
    if device.roster_at is None or now - device.roster_at >= ROSTER_NOTED:
        device.roster_at = now
        audit.note(by, "volunteers.offline_roster", device, session=device.session_id)


def _along(session: Session, held: ActivitySession) -> dict[int, list[str]]:
    """Enrolment → who comes along and is not on file."""
    mine = select(Companion).join(Companion.enrolment).where(Enrolment.session_id == held.id)
    found: dict[int, list[str]] = defaultdict(list)
    for one in session.scalars(mine.order_by(Companion.id)):
        found[one.enrolment_id].append(f"带{mask_name(one.name or '')}{'(孩子)' if one.child else ''}")
    return found


def _stays(session: Session, held: ActivitySession) -> dict[int, Attendance]:
    """Person → their last stay."""
    return {row.person_id: row for row in session.scalars(stays_in(held)) if row.person_id is not None}


def _left(stay: Attendance | None) -> int | None:
    return milliseconds(stay.left_at) if stay is not None and stay.left_at is not None else None
