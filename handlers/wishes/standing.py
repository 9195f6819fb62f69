"""Who may move a wish on: its wisher, its claimer, the staff; what they agree to; the end of a claim."""

from __future__ import annotations

from app import audit, clock
from models.identity import Actor
from models.refusal import Refusal
from models.staff import StaffMember
from models.wish_partners import open_ask
from models.wishes import Claim, Wish


def must_be_staff(by: Actor) -> StaffMember | None:
    """The house itself (a job) stands for the staff."""
    if by.staff is None and by.channel != "job":
        raise Refusal("wishes.staff_only")
    return by.staff


def must_be_wisher(by: Actor, wish: Wish) -> None:
    if by.staff is None and (by.person is None or by.person.id != wish.wisher_id):
        raise Refusal("wishes.not_yours")


def must_be_claimer(by: Actor, claim: Claim) -> None:
    if by.staff is None and (by.person is None or by.person.id != claim.person_id):
        raise Refusal("wishes.not_yours")


def must_stand_at(wish: Wish, *states: str) -> None:
    """For steps back, and for those that may be reached from several states; behind `hold`."""
    if wish.state not in states:
        raise Refusal("wishes.not_now", wish=wish)


def end_ask(by: Actor, wish: Wish, state: str) -> None:
    """No unit is asked any longer for a wish that does not wait; behind `hold`."""
    ask = open_ask(by.session, wish)
    if ask is not None:
        ask.state = state
        audit.note(by, "wishes.ask_over", ask, wish=wish.id, how=state)


def end_claim(claim: Claim, state: str) -> None:
    claim.state, claim.ended_at = state, clock.now()
