"""What the desk does with a form that was handed in: one of the staff takes it up, completes it, prints it, says that
it is ready, and ends it when it is signed. The identity number goes onto the paper and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app import audit, clock
from app.understanding.phone import id_number_in
from handlers.forms.paper import facts_of
from handlers.forms.standing import HELPED, at_the_desk, go_to, hold_alone, hold_mine, must_be, said
from models import outbox
from models.form_fields import in_use
from models.forms import FormDraft
from models.identity import Actor
from models.refusal import Refusal

USEFUL = timedelta(days=14)
LONGEST_WORDS, LONGEST_WINDOW = 120, 20


def take(by: Actor, draft: FormDraft) -> FormDraft:
    """One of the staff sees to it; whoever comes second hears who that is. Refuses with forms.somebody_else."""
    me, draft = at_the_desk(by), hold_mine(by, draft)
    must_be(draft, "open", "handed_in", "ready")
    if draft.staff_id == me.id:
        return draft
    if draft.staff is not None and draft.staff.active:
        raise Refusal("forms.somebody_else", name=draft.staff.name)
    draft.staff = me
    draft.revision += 1
    audit.note(by, "forms.take", draft)
    return draft


def take_over(by: Actor, draft: FormDraft) -> FormDraft:
    """From a colleague who is away; both find it in the trail."""
    me, draft = at_the_desk(by), hold_mine(by, draft)
    must_be(draft, "open", "handed_in", "ready")
    before, draft.staff = draft.staff_id, me
    draft.revision += 1
    audit.note(by, "forms.take_over", draft, before=before)
    return draft


def complete(by: Actor, draft: FormDraft, given: Mapping[str, str]) -> FormDraft:
    """What is missing, or wrong, as the resident says it at the desk: field by field, in the order of the form. Refuses
    with forms.somebody_else, and with what models.form_reading refuses with."""
    draft = _mine_to_do(by, draft)
    must_be(draft, "open", "handed_in")
    answers = dict(draft.answers)
    for field in draft.fields:
        if field.key not in given or field.at_the_desk or not field.is_asked(answers):
            continue
        words = given[field.key].strip()
        if not words:
            answers.pop(field.key, None)
            if not field.needed:
                answers[field.key] = ""
            continue
        answers[field.key] = said(field, words)
    kept = in_use(draft.fields, answers) | {key: answers[key] for key in HELPED if key in answers}
    if kept != draft.answers:
        draft.answers = kept
        draft.revision += 1
        audit.note(by, "forms.complete", draft, answers=len(kept))
    draft.touched_at = clock.now()
    return draft


def print_out(by: Actor, draft: FormDraft, by_hand: Mapping[str, str]) -> dict[str, Any]:
    """The facts of the paper. `by_hand` is what is put onto it at the desk alone and kept nowhere. Refuses with
    forms.bad_id_number, forms.somebody_else."""
    draft = _mine_to_do(by, draft)
    for field in draft.fields:
        typed = by_hand.get(field.key, "").strip()
        if field.kind == "id_number" and typed and id_number_in(typed) != typed.upper():
            raise Refusal("forms.bad_id_number")
    audit.note(by, "forms.print", draft, version=draft.version, by_hand=sum(map(bool, by_hand.values())))
    return facts_of(draft, by_hand)


def ready(by: Actor, draft: FormDraft, window: str) -> FormDraft:
    """The paper lies there: come and sign. Refuses with forms.incomplete, forms.no_window."""
    draft = _mine_to_do(by, draft)
    must_be(draft, "handed_in")
    if draft.missing:
        raise Refusal("forms.incomplete", label=draft.missing[0].label)
    if not 0 < len(window.strip()) <= LONGEST_WINDOW:
        raise Refusal("forms.no_window")
    go_to(draft, "ready")
    draft.window = window.strip()
    audit.note(by, "forms.ready", draft)
    _tell(by, draft, "forms.ready", window=draft.window)
    return draft


def give_back(by: Actor, draft: FormDraft, words: str) -> FormDraft:
    """Something is missing that only the resident knows: it is open again, with a word about what."""
    draft = _mine_to_do(by, draft)
    must_be(draft, "handed_in")
    if draft.person is None:
        raise Refusal("forms.nobody_to_ask")
    if not 0 < len(words.strip()) <= LONGEST_WORDS:
        raise Refusal("forms.words_needed", most=LONGEST_WORDS)
    go_to(draft, "open")
    draft.words, draft.staff, draft.touched_at = words.strip(), None, clock.now()
    audit.note(by, "forms.give_back", draft)
    _tell(by, draft, "forms.given_back")
    return draft


def finish(by: Actor, draft: FormDraft) -> FormDraft:
    """Signed and taken along. How long the answers are kept stands in the form itself."""
    draft = _mine_to_do(by, draft)
    if draft.state == "done":
        return draft
    go_to(draft, "done")
    draft.ended_at = clock.now()
    draft.kept_until = clock.today() + timedelta(days=draft.made_from.content["kept_days"])
    audit.note(by, "forms.finish", draft)
    return draft


def _mine_to_do(by: Actor, draft: FormDraft) -> FormDraft:
    """Whoever does something to it first has taken it up."""
    me, draft = at_the_desk(by), hold_alone(by, draft)
    if draft.state == "dropped":
        raise Refusal("forms.not_now", title=draft.form.title)
    if draft.staff_id is None:
        draft.staff = me
    return draft


def _tell(by: Actor, draft: FormDraft, kind: str, **facts: Any) -> None:
    if draft.person is None:
        return
    by.session.flush()
    known = {"number": draft.number, "title": draft.form.title, "at": clock.now().isoformat()}
    outbox.put(
        by.session,
        to=draft.person,
        kind=kind,
        once=f"{kind}:{draft.id}:{draft.revision}",
        facts=known | facts,
        useful_until=clock.now() + USEFUL,
    )
