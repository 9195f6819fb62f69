"""Joining on the spot: whoever comes by themselves, and whoever the leader lets in."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from app import audit
from handlers.activities.joining import write_row
from handlers.activities.leading import must_lead
from handlers.activities.wishes import groups_for, must_be_live
from handlers.people import actions as people
from models import activities as model
from models import activities_line as line
from models.activities import ActivitySession, Enrolment
from models.activities_audience import may_join, to_join
from models.activities_party import head_of, seats_of
from models.activities_seats import add_seat, take_seats
from models.identity import Actor, Person
from models.refusal import Refusal


def walk_in(by: Actor, session: ActivitySession) -> Enrolment:
    """Sign up on the spot, by being there. A restricted activity takes no walk-ins: the leader admits."""
    people.respect_withdrawal(by, "volunteer")
    if not session.activity.listed or not may_join(by.session, session.activity, by.me):
        raise Refusal("activities.not_listed", session=session)
    return _enter(by, session, by.me, "walk_in")


def admit(
    by: Actor,
    session: ActivitySession,
    person: Person,
    group: str | None = None,
    *,
    was_there: bool = False,
) -> Enrolment:
    """The leader lets somebody in, with one more seat when all are taken; `was_there`: also into a session that has
    closed since."""
    must_lead(by, session)
    must_not_have_withdrawn(by, person)
    return _enter(by, session, person, "admitted", group, over=was_there)


def must_not_have_withdrawn(by: Actor, person: Person) -> None:
    """Nobody enters somebody against that person's no."""
    if people.has_withdrawn(replace(by, person=person), "volunteer"):
        raise Refusal("activities.has_withdrawn")


def _enter(
    by: Actor,
    session: ActivitySession,
    person: Person,
    how: str,
    group: str | None = None,
    *,
    over: bool = False,
) -> Enrolment:
    model.hold(by.session, session)
    row = model.enrolment_of(by.session, session, person)
    if row is not None and row.state == "joined" and row.comes:
        return row
    if not over:
        must_be_live(session)
    if row is not None and row.state in ("joined", "offered", "waiting"):
        return _comes_after_all(by, session, row, how)
    group = group or _first_group(session)
    beside = how == "admitted"
    if not take_seats(by.session, session, Counter([group])) and not (
        beside and add_seat(by.session, session, group)
    ):
        others = by.session.scalars(to_join(person).limit(2))
        raise Refusal("activities.full", session=session, instead=list(others))
    row = write_row(by, session, person, "joined", how=how, group=group)
    audit.note(by, f"activities.{how}", row, session=session.id)
    return row


def _comes_after_all(by: Actor, session: ActivitySession, row: Enrolment, how: str) -> Enrolment:
    """Somebody is there who was offered a seat, who waited, or who had only signed up a child."""
    if row.state == "offered":
        line.turn(by.session, row, ("offered",), "joined")
        row.offered_until = None
        return row
    if row.state == "waiting":
        return _let_in_party(by, session, head_of(by.session, row), how)
    row.group = row.group or _first_group(session)
    if not take_seats(by.session, session, Counter([row.group])) and not add_seat(
        by.session, session, row.group
    ):
        raise Refusal("activities.full", session=session, instead=[])
    row.comes = True
    audit.note(by, f"activities.{how}", row, session=session.id)
    return row


def _let_in_party(by: Actor, session: ActivitySession, head: Enrolment, how: str) -> Enrolment:
    """Whoever waits with a family comes with it; one who just walks in takes no seats beside the plan."""
    seats = seats_of(by.session, head)
    if not take_seats(by.session, session, seats):
        if how != "admitted":
            raise Refusal("activities.full", session=session, instead=[])
        for group in seats.elements():
            if not take_seats(by.session, session, Counter([group])):
                add_seat(by.session, session, group)
    line.turn(by.session, head, ("waiting",), "joined")
    audit.note(by, f"activities.{how}", head, session=session.id)
    return head


def _first_group(session: ActivitySession) -> str | None:
    grown = groups_for(session, child=False)
    return grown[0] if grown else next((one["key"] for one in session.activity.groups), None)
