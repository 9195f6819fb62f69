"""The offer of a freed seat: how long it is kept, how it is taken and ended once, and what the sweep looks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, and_, false, func, or_, select, update
from sqlalchemy.orm import Session

from app import clock
from models.slots import Slot
from models.waiting import OPEN, SlotWait

DAY_BEGINS, NIGHT_BEGINS = time(8), time(20)
NIGHT_ENDS_OFFER = time(10)  # what is offered in the night is told and answered in the morning
SHORTEST_CLAIM = timedelta(minutes=15)
SWEPT_WITHIN = timedelta(hours=1)


def claim_until(slot: Slot, claim: timedelta, last: timedelta) -> datetime | None:
    """Until when a seat that is offered now is kept: `claim` by day, next morning when it is night, and never later
    than `last` before the visit or than the service can still be booked. None when that leaves no time to answer."""
    now = clock.now()
    lead = max(last, timedelta(minutes=slot.service.lead_minutes))
    until = min(_usual_end(now, claim), slot.starts - lead)
    return until if slot.is_open and until >= now + SHORTEST_CLAIM else None


def _usual_end(now: datetime, claim: timedelta) -> datetime:
    morning = morning_after(now)
    return now + claim if morning is None else max(clock.at(morning, NIGHT_ENDS_OFFER), now + claim)


def told_at(now: datetime) -> datetime | None:
    """When somebody hears of an offer that is made now: None is at once, else not before the morning."""
    morning = morning_after(now)
    return None if morning is None else clock.at(morning, DAY_BEGINS)


def morning_after(now: datetime) -> date | None:
    """The morning that follows this night; None by day."""
    local = clock.local(now)
    if DAY_BEGINS <= local.time() < NIGHT_BEGINS:
        return None
    return local.date() if local.time() < DAY_BEGINS else local.date() + timedelta(days=1)


def is_live(wait: SlotWait) -> bool:
    """Whether a seat is kept for them at this moment."""
    return wait.state == "offered" and wait.offered_until is not None and wait.offered_until > clock.now()


def turn(session: Session, wait: SlotWait, was: tuple[str, ...], to: str, **values: Any) -> bool:
    """Change the state once: of two who try, one is told no. What an ended offer kept is no longer written on it."""
    session.flush()
    if to != "offered":
        values |= {"offered_slot_id": None, "offered_until": None}
    statement = (
        update(SlotWait)
        .where(SlotWait.id == wait.id, SlotWait.state.in_(was))
        .values(state=to, changed_at=clock.now(), **values)
        .returning(SlotWait.id)
        .execution_options(synchronize_session=False)
    )
    changed = session.execute(statement).first() is not None
    session.refresh(wait)
    return changed


def offers_over() -> Select[SlotWait]:
    """Offers that ran out, or whose time is no longer held."""
    gone = or_(SlotWait.offered_until <= clock.now(), Slot.is_open.is_(false()))
    found = select(SlotWait).join(Slot, Slot.id == SlotWait.offered_slot_id)
    return found.where(SlotWait.state == "offered", gone).order_by(SlotWait.id)


def past_waiting() -> Select[SlotWait]:
    """Those whose last day, or whose one time, is past or no longer held."""
    begun = or_(Slot.starts <= clock.now(), Slot.is_open.is_(false()))
    past = or_(SlotWait.last < clock.today(), and_(SlotWait.slot_id.is_not(None), begun))
    found = select(SlotWait).outerjoin(Slot, Slot.id == SlotWait.slot_id)
    return found.where(SlotWait.state == "waiting", past).order_by(SlotWait.id)


def services_waited_for() -> Select[int]:
    return select(SlotWait.service_id).where(SlotWait.state == "waiting").distinct()


def ended_before(before: datetime) -> Select[SlotWait]:
    return select(SlotWait).where(SlotWait.state.not_in(OPEN), SlotWait.changed_at < before)


# ---- what must always hold ----------------------------------------------------------------------------------------


def offers_end(session: Session) -> Sequence[str]:
    """No offer stands past its deadline and one sweep, and none past the beginning of its time."""
    late = select(SlotWait.id).where(
        SlotWait.state == "offered", SlotWait.offered_until < clock.now() - SWEPT_WITHIN
    )
    begun = (
        select(SlotWait.id)
        .join(Slot, Slot.id == SlotWait.offered_slot_id)
        .where(SlotWait.state == "offered", SlotWait.offered_until > Slot.starts)
    )
    return [
        *(f"offer {number} is past its deadline" for number in session.scalars(late)),
        *(f"offer {number} ends after its time began" for number in session.scalars(begun)),
    ]


def one_offer_each(session: Session) -> Sequence[str]:
    """At most one seat is kept for one visitor of one service."""
    keys = (SlotWait.person_id, SlotWait.visitor, SlotWait.service_id)
    twice = select(*keys).where(SlotWait.state == "offered").group_by(*keys).having(func.count() > 1)
    return [
        f"person {person} is offered two seats of service {service}"
        for person, _, service in session.execute(twice)
    ]
