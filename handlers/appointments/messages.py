"""What goes out about an appointment: the reminder of the evening before, and a word when the house acts by itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app import clock
from models import outbox
from models.appointments import Appointment


def remind(session: Session, appointment: Appointment) -> None:
    """A word on the evening before; who books later than that has it fresh in mind."""
    session.flush()
    if appointment.remind_at > clock.now():
        outbox.put(
            session,
            to=appointment.person,
            kind="appointments.reminder",
            once=appointment.reminder_key,
            facts=message_facts(appointment),
            due=appointment.remind_at,
            useful_until=appointment.slot.starts,
        )


def take_back_reminder(session: Session, appointment: Appointment) -> None:
    outbox.cancel(session, appointment.reminder_key)


def tell(session: Session, appointment: Appointment, kind: str, **facts: Any) -> None:
    """A message now, of the kind "appointments.key"; once for every change of the appointment."""
    session.flush()
    outbox.put(
        session,
        to=appointment.person,
        kind=kind,
        once=f"{kind}:{appointment.id}:{appointment.revision}",
        facts=message_facts(appointment) | facts,
        useful_until=appointment.slot.starts,
    )


def message_facts(appointment: Appointment) -> dict[str, Any]:
    """What a message says of an appointment, as JSON. Of a discreet service a lock screen shows when and where only."""
    service, discreet = appointment.service, appointment.service.discreet_name is not None
    return {
        "number": appointment.number,
        "service": service.public_name,
        "starts": appointment.slot.starts.isoformat(),
        "place": service.counter,
        "at_home": service.home_visit,
        "bring": [] if discreet else service.bring,
        "for_whom": None if discreet else appointment.helped_name,
        "phone": service.phone,
    }
