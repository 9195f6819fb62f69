"""Strikes: noted when the desk marks that nobody came, ended by time, kept visits, an appeal, or because it was a
mistake. Nothing of it happens while the community has not switched it on.

Whoever is paused is told so with a telephone number; the staff book for everybody as before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import audit, clock
from app.understanding.phone import mask_id_numbers
from models import outbox
from models.appointments import Appointment
from models.identity import Actor, Person
from models.plans import Service
from models.reasons import excuses
from models.refusal import Refusal
from models.slots import Slot
from models.staff import StaffMember
from models.strikes import (
    Strike,
    StrikeAppeal,
    VisitRule,
    appeal_of,
    decayed,
    kept_since,
    live_strikes,
    paused_until,
    rule_of,
    strike_of,
)
from models.waiting import is_kept_for

TOLD_AFTER = timedelta(minutes=10)  # a mark set by mistake is taken back before anybody hears of it
MOST_AT_ONCE = 500
LONGEST_WORDS, LONGEST_ANSWER = 200, 60


def respect_pause(
    by: Actor, service: Service, person: Person, visitor: str, slot: Slot | None = None
) -> None:
    """Refuses with appointments.paused whoever books by themselves in a pause; a seat that is kept for them is theirs
    all the same, and the staff book for everybody."""
    if by.staff is not None or by.channel == "job":
        return
    until = paused_until(by.session, person, visitor, service.kind)
    if until is None or (slot is not None and is_kept_for(by.session, person, visitor, slot)):
        return
    raise Refusal("appointments.paused", service=service, until=until)


def follow_mark(by: Actor, appointment: Appointment) -> None:
    """What a mark means for strikes: nobody came, they came after all, or it was a mistake."""
    by.session.flush()
    strike = strike_of(by.session, appointment)
    if appointment.state == "no_show":
        if strike is None and by.staff is not None:
            _note(by, appointment, by.staff)
    elif strike is not None:
        _take_back(by, strike)
    if appointment.state == "done":
        _count_kept(by, appointment)
    else:
        _count_no_more(by, appointment)


def _note(by: Actor, appointment: Appointment, staff: StaffMember) -> None:
    rule = rule_of(by.session)
    if not rule.strikes_on or excuses(by.session, appointment.reason_code):
        return
    strike = Strike(
        person=appointment.person,
        visitor=appointment.visitor,
        kind=appointment.service.kind,
        appointment=appointment,
        marked_by=staff.id,
    )
    by.session.add(strike)
    audit.note(by, "appointments.strike", strike, appointment=appointment.id)
    until = paused_until(by.session, strike.person, strike.visitor, strike.kind)
    paused = until.isoformat() if until else None
    _tell(by, strike, "strike_noted", due=clock.now() + TOLD_AFTER, paused=paused)


def _take_back(by: Actor, strike: Strike) -> None:
    """The mark was a mistake: nothing of it stays. Who has heard of it hears that it is gone."""
    if not outbox.cancel(by.session, _once("strike_noted", strike)):
        _tell(by, strike, "strike_gone")
    audit.note(by, "appointments.unstrike", strike, appointment=strike.appointment_id)
    appeal = appeal_of(by.session, strike)
    if appeal is not None:
        by.session.delete(appeal)
        by.session.flush()
    by.session.delete(strike)
    by.session.flush()


def _count_kept(by: Actor, appointment: Appointment) -> None:
    """So many visits that were kept end the oldest strike."""
    needed = rule_of(by.session).kept_visits
    live = live_strikes(appointment.person, appointment.visitor, appointment.service.kind)
    oldest = by.session.scalar(live.limit(1))
    if oldest is not None and needed and len(kept_since(by.session, oldest)) >= needed:
        _end(by, oldest, "kept", ended_by=appointment.id)


def _count_no_more(by: Actor, appointment: Appointment) -> None:
    """The visit that ended a strike did not take place after all."""
    ended = select(Strike).where(Strike.ended_by == appointment.id, Strike.why_ended == "kept")
    for strike in by.session.scalars(ended).all():
        strike.ended_at = strike.why_ended = strike.ended_by = None
        audit.note(by, "appointments.strike_again", strike)


def _end(by: Actor, strike: Strike, why: str, ended_by: int | None = None) -> None:
    strike.ended_at, strike.why_ended, strike.ended_by = clock.now(), why, ended_by
    audit.note(by, "appointments.end_strike", strike, why=why)


def end_by_time(by: Actor) -> int:
    """Strikes that are old enough count no more; nobody needs to ask for it."""
    old = by.session.scalars(decayed(rule_of(by.session)).limit(MOST_AT_ONCE)).all()
    for strike in old:
        strike.ended_at, strike.why_ended = clock.now(), "time"
    if old:
        audit.note(by, "appointments.end_strikes", count=len(old))
    return len(old)


# ---- a word against it ---------------------------------------------------------------------------------------------


def appeal(by: Actor, strike: Strike, words: str) -> StrikeAppeal:
    """Say what was the matter, once. Refuses with appointments.no_such_strike, .strike_over, .appealed, .no_words."""
    if by.person is None or strike.person_id != by.person.id:
        raise Refusal("appointments.no_such_strike")
    by.session.refresh(strike)
    if strike.ended_at is not None:
        raise Refusal("appointments.strike_over")
    if appeal_of(by.session, strike) is not None:
        raise Refusal("appointments.appealed")
    said = mask_id_numbers(" ".join(words.split()))[0][:LONGEST_WORDS]
    if not said:
        raise Refusal("appointments.no_words")
    row = StrikeAppeal(strike=strike, person=strike.person, words=said)
    by.session.add(row)
    audit.note(by, "appointments.appeal", row, strike=strike.id)
    return row


def decide(by: Actor, row: StrikeAppeal, granted: bool, answer: str = "") -> StrikeAppeal:
    """By another than who marked it; granted, the strike is gone. The resident is told either way, with the reason.
    Refuses with appointments.staff_only, .your_own_mark, .decided, .answer_needed (a no is explained)."""
    staff = _staff(by)
    by.session.refresh(row, with_for_update=True)
    if row.state != "open":
        raise Refusal("appointments.decided")
    if row.strike.marked_by == staff.id:
        raise Refusal("appointments.your_own_mark")
    said = " ".join(answer.split())[:LONGEST_ANSWER]
    if not granted and not said:
        raise Refusal("appointments.answer_needed")
    row.state, row.answer = "granted" if granted else "refused", said or None
    row.decided_by, row.decided_at = staff.id, clock.now()
    audit.note(by, "appointments.decide_appeal", row, state=row.state)
    if granted and row.strike.ended_at is None:
        _end(by, row.strike, "appeal")
    _tell(by, row.strike, "appeal_decided", granted=granted, answer=said)
    return row


# ---- the rule ------------------------------------------------------------------------------------------------------


def set_rule(by: Actor, **facts: Any) -> VisitRule:
    """Change the community's rule. What it made before stays; what is paused follows the rule of today."""
    _staff(by)
    rule = by.session.merge(rule_of(by.session))
    changed = sorted(name for name, value in facts.items() if getattr(rule, name) != value)
    for name, value in facts.items():
        setattr(rule, name, value)
    audit.note(by, "appointments.set_rule", rule, changed=changed)
    return rule


def _staff(by: Actor) -> StaffMember:
    if by.staff is None:
        raise Refusal("appointments.staff_only")
    return by.staff


def _once(key: str, strike: Strike) -> str:
    return f"appointments.{key}:{strike.id}"


def _tell(by: Actor, strike: Strike, key: str, **facts: Any) -> None:
    """Once, in plain words and without blame."""
    due = facts.pop("due", None)
    by.session.flush()
    appointment = strike.appointment
    service = appointment.service
    shown = {
        "service": service.public_name,
        "starts": appointment.slot.starts.isoformat(),
        "place": service.counter,
        "phone": service.phone,
    }
    outbox.put(
        by.session,
        to=strike.person,
        kind=f"appointments.{key}",
        once=_once(key, strike),
        facts=shown | facts,
        due=due,
    )
