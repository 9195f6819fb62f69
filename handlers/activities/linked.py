"""Two records of one person: their places become one list, and two again when the records are parted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app import audit
from models import activities as model
from models.activities import Activity, Enrolment
from models.identity import Actor, Person

Standing = list[Any]


def merge(by: Actor, kept: Person, gone: Person) -> list[list[Standing]]:
    """Places and leadership move. Where both have a place in one session `gone` keeps the row but not the seat; how the
    two rows stood, and what became of the first, is for `part`: [[kept's, gone's, kept's now], …]."""
    theirs = select(Enrolment).where(Enrolment.person_id == gone.id).order_by(Enrolment.session_id)
    doubled = [made for row in by.session.scalars(theirs).all() if (made := _hand_over(by, row, kept))]
    by.session.execute(update(Activity).where(Activity.leader_id == gone.id).values(leader_id=kept.id))
    audit.note(by, "activities.merge", kept, doubled=len(doubled))
    return doubled


def _hand_over(by: Actor, theirs: Enrolment, kept: Person) -> list[Standing] | None:
    model.hold(by.session, theirs.session)
    mine = model.enrolment_of(by.session, theirs.session, kept)
    if mine is None:
        theirs.person = kept
    if mine is None or theirs.state != "joined":
        return None
    before = [_standing(mine), _standing(theirs)]
    if mine.state == "joined":
        model.give_seat(by.session, theirs.session)
    else:
        mine.state, mine.how = "joined", theirs.how
    theirs.state = "left"
    return [*before, _standing(mine)]


def part(by: Actor, kept: Person, gone: Person, doubled: Sequence[Sequence[Standing]] | None) -> None:
    """Both have the places that they had. What `kept` has done with theirs since is not undone; a seat that has been
    given to somebody else meanwhile is added."""
    for kept_was, gone_was, then in doubled or ():
        mine, theirs = (by.session.get(Enrolment, was[0]) for was in (kept_was, gone_was))
        if mine is not None and _standing(mine) == then:
            _restore(by, mine, kept_was)
        if theirs is not None:
            _restore(by, theirs, gone_was)
    audit.note(by, "activities.part", gone, doubled=len(doubled or ()))


def _standing(row: Enrolment) -> Standing:
    return [row.id, row.state, row.how, row.changed_at.isoformat()]


def _restore(by: Actor, row: Enrolment, was: Standing) -> None:
    _, state, how, changed = was
    model.hold(by.session, row.session)
    has_seat, had_seat = row.state == "joined", state == "joined"
    if has_seat and not had_seat:
        model.give_seat(by.session, row.session)
    if had_seat and not has_seat:
        model.return_seat(by.session, row.session)
    row.state, row.how, row.changed_at = state, how, datetime.fromisoformat(changed)
