"""What happens to a form that somebody fills in: begun, answered, put aside, handed in, taken back, given up.

What the desk does with it is in desk.py, the forms themselves in sheets.py; both are offered from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app import audit, clock
from app.understanding.lines import one_line
from app.understanding.phone import name_in, phone_in
from handlers.forms.desk import complete, finish, give_back, print_out, ready, take, take_over
from handlers.forms.sheets import lay_out, look_over, switch, write
from handlers.forms.standing import HELPED, empty, go_to, hold_alone, hold_mine, must_be, must_be_desk, said
from handlers.people import actions as people
from models.base import count_rows
from models.form_fields import in_use, still_reads
from models.forms import MOST_OPEN, Form, FormDraft, open_drafts_of
from models.identity import Actor, Person
from models.receipts import new_receipt
from models.refusal import Refusal

__all__ = [
    "answer",
    "begin",
    "begin_at_desk",
    "complete",
    "drop",
    "finish",
    "give_back",
    "hand_in",
    "keep",
    "lay_out",
    "look_over",
    "name_helped",
    "print_out",
    "ready",
    "switch",
    "take",
    "take_back",
    "take_over",
    "take_up",
    "write",
]

LONGEST_TIE = 10


def begin(by: Actor, form: Form, *, helped: bool = False) -> FormDraft:
    """An empty draft of the version in force, for themselves or for somebody whom they help. Refuses with forms.off,
    forms.too_many, people.consent_needed."""
    people.respect_withdrawal(by, "service")
    if count_rows(by.session, open_drafts_of(by.me)) >= MOST_OPEN:
        raise Refusal("forms.too_many", most=MOST_OPEN)
    return _begun(by, form, by.me, helped=helped)


def begin_at_desk(by: Actor, form: Form, person: Person | None) -> FormDraft:
    """For who stands at the desk: `person` when they are on file, and then it is among their own forms too."""
    must_be_desk(by)
    if person is not None:
        people.respect_withdrawal(replace(by, person=person), "service")
    return _begun(by, form, person)


def _begun(by: Actor, form: Form, person: Person | None, *, helped: bool = False) -> FormDraft:
    if not form.answers:
        raise Refusal("forms.off", title=form.title)
    draft = FormDraft(
        form=form,
        version=form.version,
        person=person,
        helped=helped,
        channel=by.channel,
        staff_id=by.staff.id if by.staff else None,
    )
    by.session.add(draft)
    audit.note(by, "forms.begin", draft, form=form.key, version=form.version, helped=helped)
    return draft


def name_helped(by: Actor, draft: FormDraft, name: str, phone: str, tie: str) -> None:
    """Whose form it is, when somebody else fills it in. Refuses with forms.bad_name, .bad_phone, .no_tie."""
    draft = hold_mine(by, draft)
    told, number = name_in(name), phone_in(phone) if phone.strip() else ""
    if told is None:
        raise Refusal("forms.bad_name")
    if number is None:
        raise Refusal("forms.bad_phone")
    bare = one_line(tie)
    if not 0 < len(bare) <= LONGEST_TIE:
        raise Refusal("forms.no_tie")
    if by.person is not None:
        people.agree_to_service(by)
    draft.helped = True
    draft.answers = {**draft.answers, **dict(zip(HELPED, (told, number, bare), strict=True))}
    audit.note(by, "forms.name_helped", draft)


def take_up(by: Actor, draft: FormDraft) -> FormDraft:
    """Go on with an open draft. Under a newer version the answers of fields that still mean the same come along; what
    cannot be read any more is asked again."""
    draft = hold_mine(by, draft)
    must_be(draft, "open")
    if draft.version == draft.form.version:
        return draft
    old = {one.key: one.kind for one in draft.fields}
    carried = {key: value for key, value in draft.answers.items() if key in HELPED}
    for field in draft.form.current.fields:
        value = draft.answers.get(field.key)
        if value is not None and old.get(field.key) == field.kind and still_reads(field, value):
            carried[field.key] = value
    before, draft.version, draft.answers = draft.version, draft.form.version, carried
    draft.revision += 1
    audit.note(by, "forms.carry_over", draft, before=before, version=draft.version, answers=len(carried))
    return draft


def keep(by: Actor, draft: FormDraft, answers: Mapping[str, str], revision: int) -> None:
    """What has been answered so far in a talk, at the end of each turn. A draft that has moved on elsewhere is left
    alone: the talk's next turn says so."""
    draft = hold_mine(by, draft)
    if draft.state != "open" or draft.revision != revision or answers == draft.answers:
        return
    people.agree_to_service(by)
    draft.answers, draft.touched_at, draft.told_at = dict(answers), clock.now(), None
    audit.note(by, "forms.keep", draft, answers=len(answers))


def answer(by: Actor, draft: FormDraft, key: str, words: str) -> FormDraft:
    """One field on a page or from the mini-program. Refuses with forms.no_such_field, .needed, and what
    models.form_reading refuses with."""
    draft = hold_mine(by, draft)
    must_be(draft, "open")
    field = next((one for one in draft.asked if one.key == key), None)
    if field is None:
        raise Refusal("forms.no_such_field")
    value = said(field, words)
    people.agree_to_service(by)
    if draft.answers.get(key) != value:
        draft.answers = in_use(draft.fields, {**draft.answers, key: value}) | _helped(draft)
        draft.revision += 1
    draft.touched_at, draft.told_at = clock.now(), None
    audit.note(by, "forms.answer", draft, field=key)
    return draft


def _helped(draft: FormDraft) -> dict[str, str]:
    return {key: value for key, value in draft.answers.items() if key in HELPED}


def hand_in(by: Actor, draft: FormDraft, seen: str | None = None) -> FormDraft:
    """To the desk, with a number to be read out; twice is once. `seen` is the sign of what was looked at. Refuses with
    forms.incomplete, forms.changed_elsewhere, forms.not_now."""
    draft = hold_alone(by, draft)
    if draft.state == "handed_in":
        return draft
    must_be(draft, "open")
    if seen is not None and seen != draft.seen:
        raise Refusal("forms.changed_elsewhere")
    if draft.missing:
        raise Refusal("forms.incomplete", label=draft.missing[0].label)
    go_to(draft, "handed_in")
    draft.receipt = draft.receipt or new_receipt()
    draft.handed_in_at = draft.touched_at = clock.now()
    draft.words = None
    audit.note(by, "forms.hand_in", draft, version=draft.version)
    return draft


def take_back(by: Actor, draft: FormDraft) -> FormDraft:
    """Something is to be changed after all; only while nobody at the desk has taken it up."""
    draft = hold_mine(by, draft)
    must_be(draft, "handed_in")
    if draft.staff_id is not None:
        raise Refusal("forms.taken_up")
    go_to(draft, "open")
    draft.touched_at = clock.now()
    audit.note(by, "forms.take_back", draft)
    return draft


def drop(by: Actor, draft: FormDraft) -> FormDraft:
    """It is not wanted any more: what was written in it is gone at once."""
    draft = hold_alone(by, draft)
    if draft.state == "dropped":
        return draft
    go_to(draft, "dropped")
    empty(draft)
    audit.note(by, "forms.drop", draft)
    return draft
