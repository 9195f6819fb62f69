"""Two records of one person: their places become one list, and two again when the records are parted.

Rows are moved, and then the seats are counted again from them: what was theirs stays theirs, if need be with a seat
more than was planned.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app import audit
from handlers.activities.collectors import move_collectors
from handlers.activities.waiting import hand_out
from models import activities as model
from models.activities import Activity, Enrolment
from models.activities_audience import ActivityRole
from models.activities_papers import paper_of, papers_of
from models.activities_party import Companion
from models.activities_seats import recount
from models.identity import Actor, Person

Standing = list[Any]
RANK = {"joined": 3, "offered": 2, "waiting": 1, "left": 0}
# What of a row is a place: it moves with it.
PLACE = ("state", "how", "comes", "party_id", "group", "line", "offered_until", "mark", "changed_at")


def merge(by: Actor, kept: Person, gone: Person) -> list[list[Standing]]:
    """Places, leadership, invitations and papers move. Where both have a place in one session the better one counts and
    `gone` keeps the row without a seat; how the two rows stood, and what became of the first, is for `part`:
    [[kept's, gone's, kept's now, who came along], …]."""
    theirs = select(Enrolment).where(Enrolment.person_id == gone.id).order_by(Enrolment.session_id)
    doubled = [made for row in by.session.scalars(theirs).all() if (made := _hand_over(by, row, kept))]
    by.session.execute(update(Activity).where(Activity.leader_id == gone.id).values(leader_id=kept.id))
    _move_roles(by, kept, gone)
    _move_papers(by, kept, gone)
    move_collectors(by, kept, gone)
    audit.note(by, "activities.merge", kept, doubled=len(doubled))
    return doubled


def _hand_over(by: Actor, theirs: Enrolment, kept: Person) -> list[Standing] | None:
    model.hold(by.session, theirs.session)
    mine = model.enrolment_of(by.session, theirs.session, kept)
    if mine is None:
        theirs.person = kept
        by.session.flush()
    if mine is None or theirs.state == "left":
        return None
    before, along = [_standing(mine), _standing(theirs)], _along(by, mine, theirs)
    if RANK[theirs.state] > RANK[mine.state]:
        _take_place(by, mine, theirs)
        _swap_along(by, mine, theirs)
    elif theirs.state == mine.state == "joined":
        _all_along_to(by, theirs, mine)
    theirs.state, theirs.line, theirs.party_id, theirs.offered_until = "left", None, None, None
    by.session.flush()
    _leave_with(by, theirs)
    recount(by.session, theirs.session)
    hand_out(by, theirs.session)
    return [*before, _standing(mine), along]


def _take_place(by: Actor, mine: Enrolment, theirs: Enrolment) -> None:
    """A number in the line is one row's: it is let go before it is taken."""
    place = {name: getattr(theirs, name) for name in PLACE}
    theirs.line = None
    by.session.flush()
    for name, value in place.items():
        setattr(mine, name, value)
    if mine.party_id == mine.id:
        mine.party_id = None
    by.session.flush()


def _along(by: Actor, *heads: Enrolment) -> Standing:
    """[[kind, id, head's id, state], …] of everybody who came with one of these."""
    found: Standing = []
    for head in heads:
        names = by.session.scalars(select(Companion.id).where(Companion.enrolment_id == head.id))
        found += [["companion", one, head.id, None] for one in names]
        rows = by.session.scalars(select(Enrolment).where(Enrolment.party_id == head.id))
        found += [["enrolment", one.id, head.id, one.state] for one in rows]
    return found


def _swap_along(by: Actor, mine: Enrolment, theirs: Enrolment) -> None:
    along = _along(by, mine, theirs)
    for kind, number, head, _ in along:
        _point(by, kind, number, theirs.id if head == mine.id else mine.id)


def _all_along_to(by: Actor, old: Enrolment, new: Enrolment) -> None:
    for kind, number, _, _ in _along(by, old):
        _point(by, kind, number, new.id)


def _point(by: Actor, kind: str, number: int, head: int) -> None:
    if kind == "companion":
        change = update(Companion).where(Companion.id == number).values(enrolment_id=head)
    else:
        change = update(Enrolment).where(Enrolment.id == number).values(party_id=head)
    by.session.execute(change)


def _leave_with(by: Actor, head: Enrolment) -> None:
    """Who would come with somebody who is no more: those on file stand by themselves when they had joined."""
    mine = Enrolment.party_id == head.id, Enrolment.state.in_(("waiting", "offered"))
    by.session.execute(update(Enrolment).where(*mine).values(state="left"))


def part(by: Actor, kept: Person, gone: Person, doubled: Sequence[Sequence[Standing]] | None) -> None:
    """Both have the places that they had. What `kept` has done with theirs since is not undone; a seat that has been
    given to somebody else meanwhile is added."""
    for kept_was, gone_was, then, *along in doubled or ():
        mine, theirs = (by.session.get(Enrolment, was[0]) for was in (kept_was, gone_was))
        same = mine is not None and _standing(mine)[: len(then)] == then
        if mine is not None and same:
            _let_go_of_number(by, mine)
            _restore(mine, kept_was)
        if theirs is not None:
            _restore(theirs, gone_was, keeps_line=same)
            by.session.flush()
            for kind, number, head, state in along[0] if along and same else ():
                _point(by, kind, number, head)
                if kind == "enrolment":
                    by.session.execute(update(Enrolment).where(Enrolment.id == number).values(state=state))
            by.session.expire_all()
            recount(by.session, theirs.session)
    audit.note(by, "activities.part", gone, doubled=len(doubled or ()))


def _let_go_of_number(by: Actor, mine: Enrolment) -> None:
    mine.line = None
    by.session.flush()


def _standing(row: Enrolment) -> Standing:
    """The id first, then the place. (Records that were joined before there were lines have four values.)"""
    old = [row.id, row.state, row.how, row.changed_at.isoformat()]
    until = row.offered_until.isoformat() if row.offered_until else None
    return [*old, row.comes, row.party_id, row.group, row.line, until, row.mark]


def _restore(row: Enrolment, was: Standing, *, keeps_line: bool = True) -> None:
    _, state, how, changed, *more = was
    row.state, row.how, row.changed_at = state, how, datetime.fromisoformat(changed)
    if more:
        row.comes, row.party_id, row.group, line, until, row.mark = more
        row.offered_until = datetime.fromisoformat(until) if until else None
        row.line = line if keeps_line else None
    if state in model.UNSURE and row.line is None:
        row.state = "left"


def _move_roles(by: Actor, kept: Person, gone: Person) -> None:
    """One that both have stays with `gone`: it says nothing new."""
    known = select(ActivityRole.activity_id, ActivityRole.role).where(ActivityRole.person_id == kept.id)
    held = {tuple(one) for one in by.session.execute(known)}
    for role in by.session.scalars(select(ActivityRole).where(ActivityRole.person_id == gone.id)).all():
        if (role.activity_id, role.role) not in held:
            role.person = kept
    by.session.flush()


def _move_papers(by: Actor, kept: Person, gone: Person) -> None:
    """Of two of a kind the one that lasts longer counts, under the older row."""
    for paper in by.session.scalars(papers_of(gone)).all():
        own = paper_of(by.session, kept, paper.kind)
        if own is None:
            paper.person = kept
        elif own.valid_until < paper.valid_until:
            own.number, own.valid_until = paper.number, paper.valid_until
    by.session.flush()
