"""What a resident has just done on a page can be taken back there for ten minutes, as in the chat. The browser itself
remembers it, in its signed cookie: which appointment, and how it stood."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from flask import session

from app import clock
from models.appointments import Appointment

WITHIN = timedelta(minutes=10)
Deed = Literal["booked", "cancelled"]


def remember(deed: Deed, appointment: Appointment) -> None:
    appointment_id, revision = appointment.id, appointment.revision
    session["undo"] = [deed, appointment_id, revision, int(clock.now().timestamp())]


def may_undo(deed: Deed, appointment: Appointment) -> bool:
    """Whether this browser did this to the appointment in the last minutes, and nobody has touched it since."""
    did = session.get("undo")
    if not isinstance(did, list) or did[:3] != [deed, appointment.id, appointment.revision]:
        return False
    return bool(clock.now().timestamp() - did[3] <= WITHIN.total_seconds())
