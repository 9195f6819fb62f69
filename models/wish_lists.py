"""Which wishes and promises are whose: what everybody sees, what one person sees, what the staff must look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, case, exists, or_, select
from sqlalchemy.orm import Session

from app import clock
from models.identity import Person
from models.wishes import CAN_BE_WITHDRAWN, FINISHED, Claim, Wish

# ---- what is shown, and to whom ----------------------------------------------------------------------------


def public_wishes() -> Select[Wish]:
    """What anybody may see and claim; who has waited longest stands first."""
    return select(Wish).where(Wish.state == "public").order_by(Wish.published_at, Wish.id)


def claimable_by(person: Person) -> Select[Wish]:
    """Public wishes of others."""
    return public_wishes().where(or_(Wish.wisher_id.is_(None), Wish.wisher_id != person.id))


def others_to_claim(session: Session, wish: Wish, person: Person, most: int = 2) -> Sequence[Wish]:
    return session.scalars(claimable_by(person).where(Wish.id != wish.id).limit(most)).all()


def wishes_of(person: Person) -> Select[Wish]:
    """What a person wished, for themselves and for others: what waits for their word first, then the newest."""
    asks = case((Wish.state == "done", 0), else_=1)
    return select(Wish).where(Wish.wisher_id == person.id).order_by(asks, Wish.id.desc())


def to_withdraw(person: Person) -> Select[Wish]:
    return wishes_of(person).where(Wish.state.in_(CAN_BE_WITHDRAWN))


def to_confirm(person: Person) -> Select[Wish]:
    """What a neighbour says to have done for this person."""
    return wishes_of(person).where(Wish.state == "done")


def claims_of(person: Person) -> Select[Claim]:
    """What a person promised and has not given back: open ones by their day, then those that are done."""
    mine = Claim.person_id == person.id, Claim.state.in_(("open", "done"))
    done_last = case((Claim.state == "open", 0), else_=1)
    return select(Claim).where(*mine).order_by(done_last, Claim.due, Claim.id)


def open_claims(person: Person) -> Select[Claim]:
    return claims_of(person).where(Claim.state == "open")


def all_claims_of(person: Person) -> Select[Claim]:
    """Those given back too, newest first."""
    return select(Claim).where(Claim.person_id == person.id).order_by(Claim.id.desc())


# ---- the staff's lists -------------------------------------------------------------------------------------


def waiting_for_review() -> Select[Wish]:
    """What was said and nobody of the staff has looked at, oldest first."""
    return select(Wish).where(Wish.state == "said").order_by(Wish.id)


def thanks_waiting() -> Select[Wish]:
    """Thanks that a person must read before they go to the claimer."""
    return select(Wish).where(Wish.thanks_state == "waiting").order_by(Wish.id)


def unconfirmed(before: datetime) -> Select[Wish]:
    """Said to be done before this instant, and the wisher has not answered: for the staff to ask and confirm."""
    return select(Wish).where(Wish.state == "done", Wish.done_at <= before).order_by(Wish.done_at, Wish.id)


def expired_since(instant: datetime) -> Select[Claim]:
    """Promises that nobody kept, newest first."""
    found = select(Claim).where(Claim.state == "expired", Claim.ended_at >= instant)
    return found.order_by(Claim.ended_at.desc(), Claim.id.desc())


def come_back() -> Select[Wish]:
    """Wishes that were promised, came back and wait for somebody again: the longest first."""
    again = Claim.wish_id == Wish.id, Claim.state.in_(("returned", "expired"))
    return public_wishes().where(exists().where(*again))


def overdue() -> Select[Claim]:
    return select(Claim).where(Claim.state == "open", Claim.due < clock.today()).order_by(Claim.id)


def due_on(day: date) -> Select[Claim]:
    return select(Claim).where(Claim.state == "open", Claim.due == day).order_by(Claim.id)


def finished_with_words(before: datetime) -> Select[Wish]:
    """Wishes that came to their end before this instant and still hold what was said."""
    words = (Wish.text, Wish.helped_name, Wish.helped_phone, Wish.helped_tie, Wish.reason, Wish.thanks)
    some = or_(*(one.is_not(None) for one in words))
    return select(Wish).where(Wish.state.in_(FINISHED), Wish.changed_at < before, some)
