"""What we may offer instead of asking: of the one whose form it is, and only on their consent."""

from __future__ import annotations

from handlers.forms.standing import HELPED
from handlers.people import actions as people
from models.form_fields import Field
from models.forms import FormDraft
from models.identity import Actor


def known_of(by: Actor, field: Field, draft: FormDraft) -> str:
    """ "" when there is nothing, or nothing that may be used. In helper mode it is what was told of who is helped."""
    if not field.knows:
        return ""
    if draft.helped:
        name, phone = (draft.answers.get(key, "") for key in HELPED[:2])
        if by.helped is not None:
            name, phone = by.helped.name, by.helped.phone or ""
        return {"name": name, "phone": phone}.get(field.knows, "")
    if by.person is None or not people.has_consent(by, "service"):
        return ""
    me = by.me
    file = {"name": me.name, "phone": me.phone, "address": me.place.full_name if me.place else ""}
    return file[field.knows] or ""


def shown(field: Field, known: str) -> str:
    """A number by its last digits: others may look over a shoulder."""
    return f"尾号{known[-4:]}" if known and field.knows == "phone" else known
