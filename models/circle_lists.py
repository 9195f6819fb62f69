"""What of the hall's bookings concerns the circle: visits that were done, and those of one provider's time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, String, literal, select
from sqlalchemy.orm import Session

from app import clock
from models.appointments import Appointment
from models.circle import Provider
from models.plans import Service
from models.resources import Occupation
from models.slots import Slot


def finished_visits(since: datetime) -> Select[Appointment]:
    """Booked visits of the circle of which somebody of the staff has said since then that they took place."""
    done = Appointment.state == "done", Appointment.marked_by.is_not(None), Appointment.changed_at > since
    found = select(Appointment).join(Appointment.slot).join(Slot.service)
    return found.where(*done, Service.kind == "circle").order_by(Appointment.changed_at, Appointment.id)


def promised_alone(service: Service) -> Select[Appointment]:
    """Visits of this service still to come that hold nobody's time."""
    held = select(Occupation.id).where(
        Occupation.source == literal("appointment:") + Appointment.id.cast(String)
    )
    found = select(Appointment).join(Appointment.slot)
    ahead = Slot.service_id == service.id, Appointment.state == "confirmed", Slot.starts > clock.now()
    return found.where(*ahead, ~held.correlate(Appointment).exists()).order_by(Slot.starts, Appointment.id)


def provider_at(session: Session, appointment: Appointment) -> Provider | None:
    """Whose time the visit took."""
    held = select(Occupation.resource_id).where(Occupation.source == appointment.source)
    return session.scalar(select(Provider).where(Provider.resource_id.in_(held)).limit(1))


def visits_of(session: Session, provider: Provider, first: datetime, last: datetime) -> Sequence[Appointment]:
    """Booked visits that hold this provider's time between two instants."""
    held = select(Occupation.source).where(
        Occupation.resource_id == provider.resource_id,
        Occupation.starts < last,
        Occupation.ends > first,
        Occupation.source.startswith("appointment:"),
    )
    ids = [int(source.partition(":")[2]) for source in session.scalars(held)]
    waiting = Appointment.id.in_(ids), Appointment.state == "confirmed"
    return session.scalars(select(Appointment).where(*waiting).order_by(Appointment.id)).all()
