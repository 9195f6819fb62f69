"""Cancelling in chat: too late for it, one may still tell; and why, for whoever likes to say it."""

from __future__ import annotations

from app.dialogue import Confirm, Offer, Say
from handlers.appointments import cancelling
from models.appointments import Appointment
from models.identity import Actor
from models.reasons import reasons

MOST_REASONS = 4


async def tell_late(resident: Actor, dropped: Appointment) -> Say:
    """Said truly: it is too late to cancel, and telling still helps whoever waits."""
    await Confirm("confirm_late", appointment=dropped)
    return Say("told_late", appointment=cancelling.tell_late(resident, dropped))


def cancelled(resident: Actor, dropped: Appointment) -> Say:
    """Given back, with the reasons under digits: one more word, or none."""
    done = cancelling.cancel(resident, dropped)
    listed = reasons(resident.session)[:MOST_REASONS]
    offers = {
        n: Offer("appointments.why", {"appointment": done, "code": one.code})
        for n, one in enumerate(listed, 1)
    }
    why = " ".join(f"{n} {one.words}" for n, one in enumerate(listed, 1))
    return Say("cancelled", appointment=done, why=why, offers=offers)
