"""What time does to those who wait: offers end, free seats find somebody, days pass, and old rows are forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from app import audit, clock
from handlers.appointments import offering
from models.booking_rules import lock_person
from models.identity import Actor
from models.plans import Service
from models.slots import Slot
from models.strikes import StrikeAppeal, ended_strikes
from models.waiting import SlotWait
from models.waiting_offers import (
    ended_before,
    is_live,
    offers_over,
    past_waiting,
    services_waited_for,
    turn,
)

MOST_AT_ONCE = 100


def end_offers(by: Actor) -> int:
    """Offers that ran out: the seat goes to the next, and who let it run out waits no more. Where the house itself has
    closed the time, they wait on for another, if another would do."""
    ended = 0
    for row in by.session.scalars(offers_over().limit(MOST_AT_ONCE)).all():
        lock_person(by.session, row.person)
        by.session.refresh(row)
        slot = row.offered_slot
        if row.state != "offered" or slot is None or (is_live(row) and slot.is_open):
            continue
        to, reason, words = _ending(row, slot)
        turn(by.session, row, ("offered",), to, reason=reason)
        audit.note(by, "appointments.offer_over", row, slot=slot.id)
        offering.tell(by, row, words, starts=slot.starts.isoformat())
        offering.give_up(by, row, slot)
        offering.seat_freed(by, slot)
        ended += 1
    return ended


def _ending(row: SlotWait, slot: Slot) -> tuple[str, str, str]:
    """What the offer turns into, why, and what they are told."""
    if slot.is_open:
        return "over", "late", "offer_over"
    return ("waiting", "closed", "offer_gone") if row.slot_id is None else ("over", "closed", "wait_over")


def hand_out(by: Actor) -> int:
    """Whatever came free in another way (a hold that ran out, more seats, a new day) finds whom it fits."""
    numbers = by.session.scalars(services_waited_for()).all()
    services = by.session.scalars(select(Service).where(Service.id.in_(numbers)).order_by(Service.id)).all()
    return sum(offering.times_came(by, service) for service in services if service.is_open)


def end_waits(by: Actor) -> int:
    """Whose last day is past is told that it came to nothing, with what to do."""
    ended = 0
    for row in by.session.scalars(past_waiting().limit(MOST_AT_ONCE)).all():
        lock_person(by.session, row.person)
        if turn(by.session, row, ("waiting",), "over", reason="past"):
            audit.note(by, "appointments.wait_over", row)
            offering.tell(by, row, "wait_over")
            ended += 1
    return ended


def forget_old(by: Actor, after: timedelta) -> int:
    """What nobody waits for any more is not kept: rows of the line, ended strikes, and what was said against them."""
    before = clock.now() - after
    waits = by.session.scalars(
        delete(SlotWait)
        .where(SlotWait.id.in_(ended_before(before).with_only_columns(SlotWait.id)))
        .returning(SlotWait.id)
    ).all()
    old = by.session.scalars(ended_strikes(before)).all()
    for strike in old:
        by.session.execute(delete(StrikeAppeal).where(StrikeAppeal.strike_id == strike.id))
        by.session.delete(strike)
    if waits or old:
        audit.note(by, "appointments.forget_waits", waits=len(waits), strikes=len(old))
    return len(waits) + len(old)
