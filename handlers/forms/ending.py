"""What time does to forms: who left one half filled is told before it goes; what is over is emptied."""

from __future__ import annotations

from datetime import timedelta

from app import audit, clock
from handlers.forms.standing import empty, go_to
from models import outbox
from models.forms import TOLD_BEFORE, UNTOUCHED, FormDraft, hold, to_be_emptied, untouched
from models.identity import Actor


def tell_end(by: Actor) -> int:
    """Three days before a draft is given up, once: it can still be gone on with."""
    rows = untouched(clock.now() - UNTOUCHED + TOLD_BEFORE).where(FormDraft.told_at.is_(None))
    told = 0
    for draft in by.session.scalars(rows).all():
        draft.told_at = clock.now()
        if draft.person is not None and draft.answers:
            facts = {"title": draft.form.title, "day": draft.ends_on.isoformat()}
            once = f"forms.ends:{draft.id}:{draft.touched_at:%Y%m%d%H%M}"
            until = draft.touched_at + UNTOUCHED
            outbox.put(
                by.session, to=draft.person, kind="forms.ends", once=once, facts=facts, useful_until=until
            )
            audit.note(by, "forms.tell_end", draft)
            told += 1
    return told


def let_go(by: Actor) -> int:
    """Nobody touched it for 30 days, and three days ago it was said that it goes."""
    rows = untouched(clock.now() - UNTOUCHED)
    said = FormDraft.told_at < clock.now() - TOLD_BEFORE + timedelta(hours=1)
    found = by.session.scalars(rows.where(said | FormDraft.person_id.is_(None))).all()
    for one in found:
        draft = hold(by.session, one)
        if draft.state == "open" and draft.touched_at < clock.now() - UNTOUCHED:
            go_to(draft, "dropped")
            empty(draft)
            audit.note(by, "forms.let_go", draft)
    return len(found)


def forget_answers(by: Actor) -> int:
    """Those that were signed for, when the days are over that the form itself names."""
    found = by.session.scalars(to_be_emptied(clock.today())).all()
    for one in found:
        empty(hold(by.session, one))
        audit.note(by, "forms.forget_answers", one)
    return len(found)
