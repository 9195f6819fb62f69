"""A person's wishes and promises as a whole: what we keep of them, erasing it, joining two records of one person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import audit
from app.words import day_words, moment_words
from handlers.wishes import messages
from handlers.wishes.proofs import remove_proofs
from handlers.wishes.standing import end_ask, end_claim
from models.identity import Actor, Person
from models.wish_lists import all_claims_of, wishes_of
from models.wish_notes import WishNote, notes_of
from models.wish_partners import WishPartner
from models.wish_words import WishWord, words_heard
from models.wishes import CAN_BE_WITHDRAWN, Claim, Wish, go_to, hold, hold_person, live_claim

STATES = {
    "said": "等工作人员看",
    "public": "等人认领",
    "claimed": "有人认领了",
    "done": "等您确认",
    "confirmed": "办成了",
    "thanked": "办成了,谢过了",
    "refused": "没有登出来",
    "withdrawn": "收回了",
}
PROMISES = {
    "open": "在办",
    "done": "办好了",
    "returned": "退回了",
    "expired": "过期退回",
    "ended": "许愿人收回了",
}


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    """{"许过的心愿": […], "认领过的心愿": […]}, the newest first; of others' wishes only what everybody may read."""
    return {
        "许过的心愿": [_wish_told(session, wish) for wish in session.scalars(wishes_of(person)).all()],
        "认领过的心愿": [_claim_told(session, claim) for claim in session.scalars(all_claims_of(person))],
    }


def _wish_told(session: Session, wish: Wish) -> dict[str, str]:
    notes = session.scalars(notes_of(wish)).all()
    told = {
        "心愿号": wish.number,
        "心愿": wish.text,
        "登出来的话": wish.public_text,
        "类别": wish.category,
        "时间": moment_words(wish.said_at),
        "情况": STATES[wish.state],
        "原因": wish.reason,
        "谢谢的话": wish.thanks,
        "替谁许": wish.helped_name,
        "他的手机": wish.helped_phone,
        "您是他的": wish.helped_tie,
        "工作人员记的": ";".join(note.text for note in notes),
    }
    for claim in wish.claims:
        told |= _words_told(session, claim, by_wisher=True)
    return {heading: value for heading, value in told.items() if value}


def _words_told(session: Session, claim: Claim, *, by_wisher: bool) -> dict[str, str]:
    heard = session.scalars(words_heard(claim, by_wisher=by_wisher)).all()
    lines = [f"{'您' if one.from_wisher == by_wisher else '对方'}:{one.text}" for one in reversed(heard)]
    return {"带的话": ";".join(lines)} if lines else {}


def _claim_told(session: Session, claim: Claim) -> dict[str, str]:
    wish = claim.wish
    told = {"心愿号": wish.number, "心愿": wish.public_text or "", "认领时间": moment_words(claim.claimed_at)}
    told |= {"最晚": day_words(claim.due), "情况": PROMISES[claim.state]}
    told |= _words_told(session, claim, by_wisher=False)
    if wish.thanks_state == "approved" and wish.thanks and claim.state == "done":
        told["许愿人的谢谢"] = wish.thanks
    return told


def forget(by: Actor, person: Person) -> None:
    """Who leaves gives their promises back and takes their wishes back; rows stay to be counted, without a person."""
    hold_person(by.session, person)
    claims = by.session.scalars(all_claims_of(person)).all()
    for claim in claims:
        _forget_claim(by, claim)
    wishes = by.session.scalars(wishes_of(person)).all()
    for wish in wishes:
        _forget_wish(by, wish)
    _speak_for_no_unit(by, person, None)
    audit.note(by, "wishes.forget", person, wishes=len(wishes), claims=len(claims))


def _speak_for_no_unit(by: Actor, person: Person, instead: Person | None) -> None:
    """Units of this person have another one who speaks for them, or nobody until the staff name one."""
    for unit in by.session.scalars(select(WishPartner).where(WishPartner.person_id == person.id)).all():
        unit.person = instead


def _forget_claim(by: Actor, claim: Claim) -> None:
    wish = hold(by.session, claim.wish)
    by.session.refresh(claim)
    if claim.state == "open":
        _let_go(by, claim, wish)
    claim.person = None


def _let_go(by: Actor, claim: Claim, wish: Wish) -> None:
    end_claim(claim, "returned")
    go_to(wish, "public")
    messages.tell(by, wish, wish.wisher, "wishes.returned")


def _forget_wish(by: Actor, wish: Wish) -> None:
    """One that is done waits, without a name, for the staff to ask the claimer."""
    wish = hold(by.session, wish)
    promised = live_claim(by.session, wish) if wish.state == "claimed" else None
    if wish.state in CAN_BE_WITHDRAWN:
        go_to(wish, "withdrawn")
        end_ask(by, wish, "over")
    if promised is not None:
        end_claim(promised, "ended")
        messages.tell(by, wish, promised.person, "wishes.withdrawn")
    blank(by, wish)
    wish.wisher = wish.public_text = None


def blank(by: Actor, wish: Wish) -> None:
    """Take out everything that was said, noted and photographed; what was published stands without a person."""
    for table in (WishNote, WishWord):
        by.session.execute(delete(table).where(table.wish_id == wish.id))
    remove_proofs(by, wish)
    wish.text = wish.reason = wish.thanks = None
    wish.helped_name = wish.helped_phone = wish.helped_tie = None
    wish.thanks_state = None if wish.thanks_state == "waiting" else wish.thanks_state


def merge(by: Actor, kept: Person, gone: Person) -> None:
    """Two records of one person: a promise to fulfil what has become one's own wish is given back."""
    for person in sorted((kept, gone), key=lambda one: one.id):
        hold_person(by.session, person)
    for wish in by.session.scalars(wishes_of(gone)).all():
        hold(by.session, wish).wisher = kept
    for claim in by.session.scalars(all_claims_of(gone)).all():
        hold(by.session, claim.wish)
        claim.person = kept
    _speak_for_no_unit(by, gone, kept)
    by.session.flush()
    _drop_own(by, kept)


def _drop_own(by: Actor, person: Person) -> None:
    own = select(Claim).join(Claim.wish)
    for claim in by.session.scalars(
        own.where(Claim.person_id == person.id, Wish.wisher_id == person.id)
    ).all():
        if claim.state == "open":
            _let_go(by, claim, hold(by.session, claim.wish))
