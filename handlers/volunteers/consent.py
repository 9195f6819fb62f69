"""The purpose "volunteer": who took it back is not checked in; whose first time it is hears what is kept."""

from __future__ import annotations

from handlers.people import actions as people
from models import volunteers as model
from models.identity import Actor


def respect_withdrawal(by: Actor) -> None:
    """Raises Refusal people.consent_needed. Who is checked in may leave in any case."""
    if model.open_stay(by.session, by.me) is None:
        people.respect_withdrawal(by, "volunteer")


def is_first_time(by: Actor) -> bool:
    """Checking in is agreeing; whether the answer must say so, and how to take it back."""
    is_new = people.agree_by_doing(by, "volunteer")
    return is_new or not model.has_come_before(by.session, by.me)
