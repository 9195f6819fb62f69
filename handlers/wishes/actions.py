"""What happens to a wish: said, reviewed, withdrawn. Promising and keeping a promise is in claims.py; both are here.

Every unit holds the wish before it looks at its state; what counts a person's wishes or claims holds the person first.
"""

from __future__ import annotations

from datetime import timedelta

from app import audit, clock
from handlers.people import actions as people
from handlers.wishes import messages, sentences
from handlers.wishes.claims import (
    approve_thanks,
    claim,
    confirm,
    give_back,
    mark_done,
    match,
    not_yet,
    nudge,
    refuse_thanks,
    renew,
    return_overdue,
    take_back_claim,
    take_back_confirmation,
    take_back_done,
    take_back_thanks,
    tell_time,
    thank,
)
from handlers.wishes.converting import become_matter
from handlers.wishes.partners import ask_partners, decline, keep_partner, promise_for_unit
from handlers.wishes.proofs import clean_proof, keep_proof
from handlers.wishes.relay import pass_word, refuse_word, send_word, take_back_word
from handlers.wishes.rights import blank
from handlers.wishes.standing import end_ask, end_claim, must_be_staff, must_be_wisher, must_stand_at
from models.identity import Actor, Person
from models.refusal import Refusal
from models.wish_lists import (
    claims_of,
    expired_since,
    finished_with_words,
    public_wishes,
    thanks_waiting,
    unconfirmed,
    waiting_for_review,
    wishes_of,
)
from models.wish_notes import WishNote
from models.wishes import CATEGORIES, FOR_WHOM, Wish, check_may_wish, go_to, hold, hold_person, live_claim

__all__ = [
    "approve_thanks",
    "ask_partners",
    "become_matter",
    "claim",
    "claims_of",
    "clean_proof",
    "confirm",
    "decline",
    "expired_since",
    "forget_old_words",
    "give_back",
    "keep_partner",
    "keep_proof",
    "mark_done",
    "match",
    "not_yet",
    "note_for_staff",
    "nudge",
    "pass_word",
    "promise_for_unit",
    "public_wishes",
    "refuse",
    "refuse_thanks",
    "refuse_word",
    "renew",
    "restore",
    "return_overdue",
    "review",
    "reword",
    "say_wish",
    "send_word",
    "take_back_claim",
    "take_back_confirmation",
    "take_back_done",
    "take_back_thanks",
    "take_back_word",
    "tell_time",
    "thank",
    "thanks_waiting",
    "unconfirmed",
    "waiting_for_review",
    "wishes_of",
    "withdraw",
]


def say_wish(by: Actor, text: str, *, category: str = "其他", for_: Person | None = None) -> Wish:
    """One sentence (4 to 100 signs) of oneself, of the one who is helped, or of `for_` (staff at the desk).

    Nobody but the staff sees it before it is reviewed. A resident's first one is their consent to `service`: the
    sentence that they confirm says so. Refuses with wishes.too_short, .too_long, .too_many, .no_such_category,
    .staff_only, people.consent_needed.
    """
    if for_ is not None:
        must_be_staff(by)
    person = for_ or by.me
    said = sentences.wish_in(text)
    hold_person(by.session, person)
    people.agree_to_service(by)
    check_may_wish(by.session, person, for_other=by.helped is not None)
    wish = Wish(wisher=person, text=said, category=_category(category), channel=by.channel)
    if by.helped is not None:
        wish.helped_name, wish.helped_phone = by.helped.name, by.helped.phone
        wish.helped_tie, wish.for_other = by.helped.tie or None, True
    by.session.add(wish)
    audit.note(by, "wishes.say", wish, for_other=wish.for_other)
    return wish


def review(
    by: Actor, wish: Wish, public_text: str, *, category: str | None = None, for_whom: str | None = None
) -> Wish:
    """Publish it in words (4 to 120 signs) that show nobody; the wisher is told. `for_whom` is a group so large that
    nobody is known by it.

    Refuses with wishes.staff_only, .not_now, .shows_person, .too_short, .too_long, .no_such_category.
    """
    must_be_staff(by)
    wish = hold(by.session, wish)
    must_stand_at(wish, "said")
    wish.public_text = sentences.public_in(public_text, wish)
    wish.category = _category(category or wish.category)
    wish.for_whom = for_whom if for_whom in FOR_WHOM else None
    go_to(wish, "public")
    wish.published_at, wish.reviewed_by = clock.now(), by.staff.id if by.staff else None
    audit.note(by, "wishes.review", wish)
    messages.tell(by, wish, wish.wisher, "wishes.published")
    return wish


def reword(by: Actor, wish: Wish, public_text: str) -> Wish:
    """Correct what is shown while somebody may still read it. Refuses like `review`."""
    must_be_staff(by)
    wish = hold(by.session, wish)
    must_stand_at(wish, "public", "claimed")
    wish.public_text = sentences.public_in(public_text, wish)
    audit.note(by, "wishes.reword", wish)
    return wish


def refuse(by: Actor, wish: Wish, reason: str) -> Wish:
    """It is not published, or not any longer; the wisher is told why (2 to 60 signs)."""
    must_be_staff(by)
    wish = hold(by.session, wish)
    why = sentences.reason_in(reason)
    go_to(wish, "refused")
    end_ask(by, wish, "over")
    wish.reason, wish.reviewed_by = why, by.staff.id if by.staff else None
    audit.note(by, "wishes.refuse", wish)
    messages.tell(by, wish, wish.wisher, "wishes.refused")
    return wish


def withdraw(by: Actor, wish: Wish) -> Wish:
    """The wisher takes it back; who had promised it is told. Refuses with wishes.not_yours, .not_now (done)."""
    wish = hold(by.session, wish)
    must_be_wisher(by, wish)
    promised = live_claim(by.session, wish)
    go_to(wish, "withdrawn")
    end_ask(by, wish, "over")
    if promised is not None:
        end_claim(promised, "ended")
        messages.tell(by, wish, promised.person, "wishes.withdrawn")
    audit.note(by, "wishes.withdraw", wish)
    return wish


def restore(by: Actor, wish: Wish) -> Wish:
    """Undo a withdrawal: as public as it was; a promise of before is not bound again. Refuses with wishes.not_yours,
    .not_now, .too_many (others have taken its place)."""
    if wish.wisher is not None:
        hold_person(by.session, wish.wisher)
    wish = hold(by.session, wish)
    must_be_wisher(by, wish)
    must_stand_at(wish, "withdrawn")
    if wish.wisher is not None:
        check_may_wish(by.session, wish.wisher, for_other=wish.for_other)
    go_to(wish, "public" if wish.published_at else "said")
    audit.note(by, "wishes.restore", wish)
    return wish


def note_for_staff(by: Actor, wish: Wish, text: str) -> WishNote:
    """How it was delivered, who was asked: for the staff alone, and gone when the wish's words go."""
    staff = must_be_staff(by)
    wish = hold(by.session, wish)
    if staff is None or wish.text is None:
        raise Refusal("wishes.not_now", wish=wish)
    note = WishNote(wish_id=wish.id, staff_id=staff.id)
    note.text = sentences.note_in(text)
    by.session.add(note)
    audit.note(by, "wishes.note", wish)
    return note


def forget_old_words(by: Actor, after: timedelta) -> int:
    """What was said in wishes that ended long ago goes; how many had any."""
    old = by.session.scalars(finished_with_words(clock.now() - after)).all()
    for wish in old:
        blank(by, wish)
    if old:
        audit.note(by, "wishes.forget_words", count=len(old))
    return len(old)


def _category(name: str) -> str:
    if name not in CATEGORIES:
        raise Refusal("wishes.no_such_category", category=name)
    return name
