"""What goes out about an appointment: the reminder of the evening before, and a word when the house acts by itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app import clock
from models import outbox
from models.appointments import Appointment
from models.booking_rooms import rooms_of
from models.booking_series import BookingSeries


def remind(session: Session, appointment: Appointment) -> None:
    """A word on the evening before; who books later than that has it fresh in mind."""
    session.flush()
    if appointment.remind_at > clock.now():
        outbox.put(
            session,
            to=appointment.person,
            kind="appointments.reminder",
            once=appointment.reminder_key,
            facts=message_facts(session, appointment),
            due=appointment.remind_at,
            useful_until=appointment.slot.starts,
        )


def take_back_reminder(session: Session, appointment: Appointment) -> None:
    outbox.cancel(session, appointment.reminder_key)


def remind_again(session: Session, appointment: Appointment) -> None:
    """What the reminder says has changed (`revision` counted on already), the time has not."""
    appointment.revision -= 1
    take_back_reminder(session, appointment)
    appointment.revision += 1
    remind(session, appointment)


def tell(session: Session, appointment: Appointment, kind: str, **facts: Any) -> None:
    """A message now, of the kind "appointments.key"; once for every change of the appointment."""
    session.flush()
    outbox.put(
        session,
        to=appointment.person,
        kind=kind,
        once=f"{kind}:{appointment.id}:{appointment.revision}",
        facts=message_facts(session, appointment) | facts,
        useful_until=appointment.slot.starts,
    )


def tell_series(session: Session, series: BookingSeries, kind: str, **facts: Any) -> None:
    """One message for all of its dates."""
    session.flush()
    booked = [one.appointment for one in series.booked if one.appointment]
    waits = [one.slot.starts for one in booked if one.state == "confirmed"]
    coming = sorted(one for one in waits if one > clock.now())
    outbox.put(
        session,
        to=series.person,
        kind=kind,
        once=f"{kind}:{series.id}:{facts.get('first', '')}",
        facts={
            "service": series.service.public_name,
            "place": series.service.counter,
            "days": [one.isoformat() for one in coming],
            "refused": [one.starts.isoformat() for one in series.refused],
        }
        | facts,
    )


def room_of(session: Session, appointment: Appointment) -> str:
    """The room that was chosen for this visit, where the place does not name it already."""
    rooms = [one.name for one in rooms_of(session, appointment) if one.kind == "room"]
    return "".join(one for one in rooms if one not in appointment.service.place)


def message_facts(session: Session, appointment: Appointment) -> dict[str, Any]:
    """What a message says of an appointment, as JSON. Of a discreet service a lock screen shows when and where only."""
    service, discreet = appointment.service, appointment.service.discreet_name is not None
    return {
        "number": appointment.number,
        "service": service.public_name,
        "starts": appointment.slot.starts.isoformat(),
        "place": service.counter + room_of(session, appointment),
        "at_home": service.home_visit,
        "bring": [] if discreet else service.bring,
        "for_whom": None if discreet else appointment.helped_name,
        "phone": service.phone,
    }
