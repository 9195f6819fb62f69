"""A seat came free: it is kept for the first who waits and whom it fits, and they are told once until when.

Called wherever a seat is given back, in the same unit: nobody can take it in between. The seat moves by the counted
UPDATE of its time, the offer by a counted UPDATE of its row, so that two freed seats never go to one neighbour.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from app import audit, clock
from handlers.people import actions as people
from models import outbox
from models.appointments import gave_back
from models.booking_rules import check_cap, check_overlap
from models.identity import Actor
from models.plans import Service
from models.refusal import Refusal
from models.resources import Resource, choose_resources, leave, occupy
from models.slots import Slot, free_slots, give_seat_back, lock_slots, take_seat
from models.strikes import paused_until, rule_of
from models.waiting import SlotWait, anybody_waits, times_waited_for, wait_source, whom_it_fits
from models.waiting_offers import claim_until, told_at, turn

MOST_TIMES = 200


def seat_freed(by: Actor, slot: Slot) -> int:
    """Offer what is free at this time to those who wait, in their order; to how many it was offered."""
    if not anybody_waits(by.session, slot.service_id):
        return 0
    rule = rule_of(by.session)
    until = claim_until(slot, rule.claim, rule.claim_last)
    if until is None:
        return 0
    offered = 0
    for wait in by.session.scalars(whom_it_fits(slot)).all():
        if not may_have(by, wait, slot):
            continue
        chosen = _take(by, slot)
        if chosen is None:
            break
        if _offer(by, wait, slot, until):
            occupy(by.session, chosen, slot.starts, slot.ends, wait_source(wait.id))
            offered += 1
        else:  # somebody else's freed seat was quicker to reach them
            give_seat_back(by.session, slot)
    return offered


def _take(by: Actor, slot: Slot) -> list[Resource] | None:
    """A seat, with the room and the person that go with it (locked); None when there is none."""
    lock_slots(by.session, (slot,))
    chosen = choose_resources(by.session, slot.service_id, slot.starts, slot.ends)
    return chosen if chosen is not None and take_seat(by.session, slot) else None


def give_up(by: Actor, wait: SlotWait, slot: Slot) -> None:
    """What was kept for them is free again, for this unit to give on."""
    give_seat_back(by.session, slot)
    leave(by.session, wait_source(wait.id))


def times_came(by: Actor, service: Service) -> int:
    """New times were laid out, or more seats: those who wait come before those who look now."""
    wished = times_waited_for(by.session, service.id)
    if wished is None:
        return 0
    free = by.session.scalars(free_slots(service).where(wished).limit(MOST_TIMES)).all()
    return sum(seat_freed(by, slot) for slot in free)


def may_have(by: Actor, wait: SlotWait, slot: Slot) -> bool:
    """Whether they could take it: who has let it pass or given it back, is elsewhere, has enough visits or took their
    consent back is passed over and keeps their place."""
    withdrawn = people.has_withdrawn(replace(by, person=wait.person), "service")
    refused = slot.id in wait.passed or gave_back(by.session, wait.person, wait.visitor, slot)
    if refused or withdrawn or is_paused(by, wait):
        return False
    try:
        check_overlap(by.session, slot, wait.person, wait.visitor)
        check_cap(by.session, wait.service, wait.person, wait.visitor)
    except Refusal:
        return False
    return True


def is_paused(by: Actor, wait: SlotWait) -> bool:
    """For whom the staff put on the list no pause counts."""
    if wait.channel == "console":
        return False
    return paused_until(by.session, wait.person, wait.visitor, wait.service.kind) is not None


def _offer(by: Actor, wait: SlotWait, slot: Slot, until: datetime) -> bool:
    kept = {"offered_slot_id": slot.id, "offered_until": until, "offers": SlotWait.offers + 1}
    if not turn(by.session, wait, ("waiting",), "offered", **kept):
        return False
    audit.note(by, "appointments.offer_seat", wait, slot=slot.id)
    tell(
        by, wait, "seat_offered", starts=slot.starts.isoformat(), due=told_at(clock.now()), useful_until=until
    )
    return True


def tell(by: Actor, wait: SlotWait, key: str, **facts: Any) -> None:
    """A message about this place in the line; once for every offer. Of a discreet service no lock screen says what."""
    due, until = facts.pop("due", None), facts.pop("useful_until", None)
    by.session.flush()
    service = wait.service
    shown = {
        "service": service.public_name,
        "place": service.counter,
        "phone": service.phone,
        "for_whom": None if service.discreet_name else wait.helped_name,
    }
    if until is not None:
        shown["until"] = until.isoformat()
    outbox.put(
        by.session,
        to=wait.person,
        kind=f"appointments.{key}",
        once=f"appointments.{key}:{wait.id}:{wait.offers}",
        facts=shown | facts,
        due=due,
        useful_until=until,
    )
