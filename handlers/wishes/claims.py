"""A promise and what becomes of it: claimed, renewed, given back, overdue, done, confirmed, thanked."""

from __future__ import annotations

from dataclasses import replace

from app import audit, clock
from handlers.hours import actions as hours
from handlers.people import actions as people
from handlers.wishes import messages, sentences
from handlers.wishes.standing import (
    end_ask,
    end_claim,
    must_be_claimer,
    must_be_staff,
    must_be_wisher,
    must_stand_at,
)
from models.hours import ServiceHours
from models.identity import Actor, Person
from models.refusal import Refusal
from models.wish_lists import others_to_claim
from models.wish_partners import WishPartner, check_room_of
from models.wishes import (
    LEASE,
    MORE_TIME,
    PROMISED,
    Claim,
    Wish,
    check_may_claim,
    due_day,
    go_to,
    hold,
    hold_person,
    live_claim,
    take,
)


def claim(by: Actor, wish: Wish) -> Claim:
    """Promise to fulfil it within 7 days; the wisher is told that somebody will, not who.

    Agrees like saying a wish. Refuses with wishes.taken (with two others instead), .not_public, .own_wish,
    .too_many_claims, people.consent_needed.
    """
    hold_person(by.session, by.me)
    people.agree_to_service(by)
    return promise(by, wish, by.me, "wishes.claim")


def match(by: Actor, wish: Wish, person: Person) -> Claim:
    """The staff give a wish to a neighbour or a partner who has said yes to them; both sides are told.

    Refuses like `claim`, and with wishes.staff_only, .has_withdrawn.
    """
    must_be_staff(by)
    hold_person(by.session, person)
    if people.has_withdrawn(replace(by, person=person), "service"):
        raise Refusal("wishes.has_withdrawn")
    promised = promise(by, wish, person, "wishes.match")
    messages.tell(by, wish, person, "wishes.matched", due=promised.due.isoformat())
    return promised


def nudge(by: Actor, promised: Claim) -> bool:
    """Ask who promised how it goes, once a day at most. False when they were asked today already."""
    must_be_staff(by)
    _hold_open(by, promised)
    if not messages.nudge(by, promised):
        return False
    audit.note(by, "wishes.nudge", promised, wish=promised.wish_id)
    return True


def take_back_claim(by: Actor, promised: Claim) -> Claim:
    """Undo a claim of the last minutes; the wisher hears of it only when they have heard of the claim."""
    wish = _hold_open(by, promised)
    heard = not messages.take_back(by, wish, "wishes.claimed")
    _release(by, promised, "returned", "wishes.take_back_claim", tell=heard)
    return promised


def renew(by: Actor, promised: Claim) -> Claim:
    """Seven days more, once. Refuses with wishes.no_more_renewals, .claim_over, .not_yours."""
    _hold_open(by, promised)
    if not promised.can_be_renewed:
        raise Refusal("wishes.no_more_renewals", claim=promised)
    promised.due += LEASE
    promised.renewals += 1
    audit.note(by, "wishes.renew", promised)
    return promised


def give_back(by: Actor, promised: Claim) -> Claim:
    """The claimer (or the staff for them) lets go: the wish is public again and the wisher is told."""
    _hold_open(by, promised)
    _release(by, promised, "returned", "wishes.give_back")
    return promised


def return_overdue(by: Actor, promised: Claim) -> bool:
    """The last day has passed: public again, both are told. False when the claim ended or was renewed meanwhile."""
    must_be_staff(by)
    hold(by.session, promised.wish)
    by.session.refresh(promised)
    if promised.state != "open" or promised.due >= clock.today():
        return False
    _release(by, promised, "expired", "wishes.return_overdue")
    messages.tell(by, promised.wish, promised.person, "wishes.overdue", due=promised.due.isoformat())
    return True


def mark_done(by: Actor, promised: Claim) -> Claim:
    """The claimer says that it is done; the wisher is asked."""
    wish = _hold_open(by, promised)
    go_to(wish, "done")
    wish.done_at = clock.now()
    end_claim(promised, "done")
    audit.note(by, "wishes.mark_done", promised, wish=wish.id)
    messages.tell(by, wish, wish.wisher, "wishes.done")
    return promised


def take_back_done(by: Actor, promised: Claim) -> Claim:
    """Undo "done", while the wisher has not confirmed it. Today at least is left for it."""
    wish = hold(by.session, promised.wish)
    by.session.refresh(promised)
    must_be_claimer(by, promised)
    if promised.state != "done":
        raise Refusal("wishes.claim_over", claim=promised)
    must_stand_at(wish, "done")
    messages.take_back(by, wish, "wishes.done")
    _open_again(wish, promised)
    promised.due = max(promised.due, clock.today())
    audit.note(by, "wishes.take_back_done", promised, wish=wish.id)
    return promised


def not_yet(by: Actor, wish: Wish) -> Wish:
    """The wisher says that it is not done: the claim goes on, with three days at least; the claimer is told."""
    wish = hold(by.session, wish)
    must_be_wisher(by, wish)
    must_stand_at(wish, "done")
    promised = _live(by, wish)
    _open_again(wish, promised)
    promised.due = max(promised.due, clock.today() + MORE_TIME)
    audit.note(by, "wishes.not_yet", wish)
    messages.tell(by, wish, promised.person, "wishes.not_yet", due=promised.due.isoformat())
    return wish


def confirm(by: Actor, wish: Wish) -> Wish:
    """The wisher says that it is done, or a person of the staff who has asked them: never a machine."""
    wish = hold(by.session, wish)
    must_be_wisher(by, wish)
    go_to(wish, "confirmed")
    wish.confirmed_at = clock.now()
    audit.note(by, "wishes.confirm", wish)
    messages.tell(by, wish, _live(by, wish).person, "wishes.confirmed")
    return wish


def take_back_confirmation(by: Actor, wish: Wish) -> Wish:
    """Undo a confirmation of the last minutes."""
    wish = hold(by.session, wish)
    must_be_wisher(by, wish)
    must_stand_at(wish, "confirmed")
    messages.take_back(by, wish, "wishes.confirmed")
    go_to(wish, "done")
    wish.confirmed_at = None
    audit.note(by, "wishes.take_back_confirmation", wish)
    return wish


def tell_time(by: Actor, promised: Claim, minutes: int) -> ServiceHours:
    """The claimer says how long it took, once the wisher has said that it is done: it may count as volunteers' hours.

    Refuses with wishes.not_now, .claim_over, .not_yours, and what hours refuse.
    """
    wish = hold(by.session, promised.wish)
    must_be_claimer(by, promised)
    must_stand_at(wish, "confirmed", "thanked")
    if promised.state != "done" or promised.person is None:
        raise Refusal("wishes.claim_over", claim=promised)
    row = hours.keep_promise(
        by,
        promised.person,
        wish.wisher,
        minutes,
        number=promised.id,
        what=wish.title,
        ended=wish.done_at or clock.now(),
    )
    audit.note(by, "wishes.tell_time", promised, minutes=minutes)
    return row


def thank(by: Actor, wish: Wish, text: str) -> Wish:
    """A word of thanks (2 to 60 signs), for the staff to read before the claimer does."""
    wish = hold(by.session, wish)
    must_be_wisher(by, wish)
    must_stand_at(wish, "confirmed")
    if wish.thanks_state == "waiting":
        raise Refusal("wishes.not_now", wish=wish)
    wish.thanks, wish.thanks_state = sentences.thanks_in(text), "waiting"
    audit.note(by, "wishes.thank", wish)
    return wish


def take_back_thanks(by: Actor, wish: Wish) -> Wish:
    """Undo thanks that nobody has read yet."""
    wish = hold(by.session, wish)
    must_be_wisher(by, wish)
    _must_wait(wish)
    wish.thanks = wish.thanks_state = None
    audit.note(by, "wishes.take_back_thanks", wish)
    return wish


def approve_thanks(by: Actor, wish: Wish) -> Wish:
    """The thanks go to the claimer, in the wisher's own words."""
    wish = _thanks_to_review(by, wish)
    go_to(wish, "thanked")
    wish.thanks_state = "approved"
    audit.note(by, "wishes.approve_thanks", wish)
    messages.tell(by, wish, _live(by, wish).person, "wishes.thanks", thanks=wish.thanks)
    return wish


def refuse_thanks(by: Actor, wish: Wish) -> Wish:
    """The words do not go out; the wisher may find others."""
    wish = _thanks_to_review(by, wish)
    wish.thanks, wish.thanks_state = None, "refused"
    audit.note(by, "wishes.refuse_thanks", wish)
    return wish


# ---- steps -------------------------------------------------------------------------------------------------


def promise(
    by: Actor, wish: Wish, person: Person, action: str, *, partner: WishPartner | None = None
) -> Claim:
    """One lease for one person, or for the unit for which they speak; behind `hold_person`."""
    check_may_claim(by.session, wish, person, own=partner is None)
    if partner is not None:
        check_room_of(by.session, partner)
    if not take(by.session, wish):
        code = "wishes.taken" if wish.state in PROMISED else "wishes.not_public"
        raise Refusal(code, wish=wish, instead=others_to_claim(by.session, wish, person))
    end_ask(by, wish, "over" if partner is None else "taken")
    promised = Claim(wish=wish, person=person, due=due_day(), partner_id=partner.id if partner else None)
    by.session.add(promised)
    audit.note(by, action, promised, wish=wish.id)
    messages.tell(by, wish, wish.wisher, "wishes.claimed", due=promised.due.isoformat())
    return promised


def _hold_open(by: Actor, promised: Claim) -> Wish:
    """The wish of a promise that is still open, held; the claim as it is now."""
    wish = hold(by.session, promised.wish)
    by.session.refresh(promised)
    must_be_claimer(by, promised)
    if promised.state != "open":
        raise Refusal("wishes.claim_over", claim=promised)
    return wish


def _release(by: Actor, promised: Claim, state: str, action: str, *, tell: bool = True) -> None:
    """Back to everybody; behind `hold`."""
    wish = promised.wish
    end_claim(promised, state)
    go_to(wish, "public")
    audit.note(by, action, promised, wish=wish.id)
    if tell:
        messages.tell(by, wish, wish.wisher, "wishes.returned")


def _open_again(wish: Wish, promised: Claim) -> None:
    go_to(wish, "claimed")
    wish.done_at = None
    promised.state, promised.ended_at = "open", None


def _live(by: Actor, wish: Wish) -> Claim:
    """The claim of a promised wish: there is exactly one (invariant I8)."""
    promised = live_claim(by.session, wish)
    if promised is None:
        raise RuntimeError(f"wish {wish.id} is {wish.state} without a claim")
    return promised


def _thanks_to_review(by: Actor, wish: Wish) -> Wish:
    must_be_staff(by)
    wish = hold(by.session, wish)
    _must_wait(wish)
    return wish


def _must_wait(wish: Wish) -> None:
    if wish.thanks_state != "waiting":
        raise Refusal("wishes.not_now", wish=wish)
