"""Who may do something to a draft, and from where it goes where."""

from __future__ import annotations

from app import clock
from models.form_fields import Field
from models.form_reading import read
from models.forms import TRANSITIONS, FormDraft, hold
from models.identity import Actor
from models.refusal import Refusal
from models.staff import StaffMember

HELPED = ("_helped_name", "_helped_phone", "_helped_tie")


def must_be_desk(by: Actor) -> None:
    if by.staff is None and by.channel == "job":
        return
    if by.staff is None or "desk" not in by.staff.roles:
        raise Refusal("forms.not_yours")


def at_the_desk(by: Actor) -> StaffMember:
    if by.staff is None or "desk" not in by.staff.roles:
        raise Refusal("forms.not_yours")
    return by.staff


def hold_mine(by: Actor, draft: FormDraft) -> FormDraft:
    """Locked; a resident's own, or anybody's for the desk and the house."""
    held = hold(by.session, draft)
    if by.staff is None and by.channel != "job" and held.person_id != by.me.id:
        raise Refusal("forms.not_yours")
    if by.staff is not None:
        must_be_desk(by)
        if not held.shown_to_staff:
            raise Refusal("forms.not_yours")
    return held


def hold_alone(by: Actor, draft: FormDraft) -> FormDraft:
    """The same, for what changes it: at the desk two would write over each other, so it is one's who took it up."""
    held = hold_mine(by, draft)
    if by.staff is not None and held.staff_id not in (None, by.staff.id):
        raise Refusal("forms.somebody_else", name=held.staff.name if held.staff else "")
    return held


def must_be(draft: FormDraft, *states: str) -> None:
    if draft.state not in states:
        raise Refusal("forms.not_now", title=draft.form.title)


def go_to(draft: FormDraft, state: str) -> None:
    if state not in TRANSITIONS[draft.state]:
        raise Refusal("forms.not_now", title=draft.form.title)
    draft.state = state
    draft.revision += 1


def empty(draft: FormDraft) -> None:
    """What was written in it is gone; that there was one stays to be counted."""
    draft.answers, draft.words = {}, None
    draft.ended_at = draft.ended_at or clock.now()


def said(field: Field, words: str) -> str:
    """The answer in these words; raises a Refusal that says what is wrong with them."""
    try:
        return read(field, words)
    except ValueError:
        raise Refusal("forms.not_understood", label=field.label) from None
