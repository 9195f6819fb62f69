"""The forms themselves: their words are changed, they are confirmed and switched, and always by two people.

A wrong word in a form sends everybody home for another paper; so what one writes or wants is in force when somebody
else has looked at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app import audit, clock
from handlers.forms.standing import at_the_desk
from models.form_fields import LONGEST_HELP
from models.form_papers import Paper, check_paper, paper_of
from models.forms import FORM_STATES, Form, FormVersion, hold_form
from models.identity import Actor
from models.refusal import Refusal
from models.staff import StaffMember


def write(by: Actor, form: Form, helps: Mapping[str, tuple[str, str]]) -> FormVersion:
    """Other words of help (and examples) by field: a new version that waits for a second look. Refuses with
    forms.bad_help, forms.nothing_changed."""
    me, form = at_the_desk(by), hold_form(by.session, form)
    newest = form.waiting or form.current
    rows = []
    for row in newest.content["fields"]:
        help_, example = helps.get(row["key"], (row["help"], row["example"]))
        help_, example = help_.strip(), example.strip()
        if not 0 < len(help_) <= LONGEST_HELP or len(example) > LONGEST_HELP:
            raise Refusal("forms.bad_help", label=row["label"])
        rows.append({**row, "help": help_, "example": example})
    return _newer(by, form, me, {**newest.content, "fields": rows})


def lay_out(by: Actor, form: Form, paper: Paper) -> FormVersion:
    """Another look on paper: a new version that waits for a second look. Refuses with forms.bad_paper, .letter_names,
    .letter_lacks, .nothing_changed."""
    me, form = at_the_desk(by), hold_form(by.session, form)
    newest = form.waiting or form.current
    check_paper(paper, newest.fields)
    if paper == paper_of(newest.content):
        raise Refusal("forms.nothing_changed")
    return _newer(by, form, me, {**newest.content, "paper": asdict(paper)})


def _newer(by: Actor, form: Form, me: StaffMember, content: dict[str, Any]) -> FormVersion:
    """What waits is written anew, for nobody has filled it in; else one more version waits."""
    if content == (form.waiting or form.current).content:
        raise Refusal("forms.nothing_changed")
    if form.waiting is not None:
        form.waiting.content, form.waiting.author_id = content, me.id
        version = form.waiting
    else:
        version = FormVersion(number=form.versions[-1].number + 1, content=content, author_id=me.id)
        form.versions.append(version)
    by.session.flush()
    audit.note(by, "forms.write", form, version=version.number)
    return version


def look_over(by: Actor, form: Form, digest: str) -> Form:
    """Somebody else has read the version that waits: it is in force. `digest` is of what they read."""
    me, form = _looker(by), hold_form(by.session, form)
    waiting = form.waiting
    if waiting is None or waiting.digest != digest:
        raise Refusal("forms.another_version")
    if waiting.author_id == me.id:
        raise Refusal("forms.second_look")
    waiting.seen_by_id, form.version = me.id, waiting.number
    audit.note(by, "forms.look_over", form, version=waiting.number)
    return form


def switch(by: Actor, form: Form, state: str) -> Form:
    """Confirmed, or off, or a sample again: the first wants it, the second does it. Refuses with forms.second_look."""
    me, form = _looker(by), hold_form(by.session, form)
    if state not in FORM_STATES or state == form.state:
        raise Refusal("forms.nothing_changed")
    if form.wanted != state:
        form.wanted, form.wanted_by_id = state, me.id
        audit.note(by, "forms.want", form, state=state)
        return form
    if form.wanted_by_id == me.id:
        raise Refusal("forms.second_look")
    form.state, form.wanted, form.wanted_by_id = state, None, None
    if state == "confirmed":
        form.confirmed_at, form.confirmed_by_id = clock.now(), me.id
    audit.note(by, "forms.switch", form, state=state)
    return form


def _looker(by: Actor) -> StaffMember:
    if by.staff is None or not {"desk", "approver"} & set(by.staff.roles):
        raise Refusal("forms.not_yours")
    return by.staff
