"""A party after it signed up: one more comes along, one stays at home. All that is added, or nothing; seats, groups and
the place in the line stay right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from app import audit, clock
from handlers.activities.joining import give_up, held_row, may_leave, write_along
from handlers.activities.waiting import hand_out
from handlers.activities.wishes import Member, Wish, check_wish, must_be_free
from models import activities as model
from models.activities import ActivitySession, Enrolment
from models.activities_party import (
    MOST_TOGETHER,
    Companion,
    answers_of,
    companions_of,
    head_of,
    party_of,
    seats_of,
)
from models.activities_seats import free_seats, take_seats
from models.identity import Actor
from models.refusal import Refusal


def add_to_party(by: Actor, session: ActivitySession, more: tuple[Member, ...]) -> Enrolment:
    """More of the family. Who waits keeps the place in the line; a seat that is offered is offered to all of them.

    Raises Refusal: activities.not_joined, .not_the_head, .is_over, .full, .too_many, .is_in_already, .needs_paper …"""
    head = _head(by, session)
    wish = Wish(comes=False, family=more, answers=answers_of(by.session, head))
    wish = check_wish(by, session, wish)
    seats = seats_of(by.session, head)
    if seats.total() + wish.seats.total() > MOST_TOGETHER:
        raise Refusal("activities.too_many", most=MOST_TOGETHER)
    if head.state == "waiting" and seats.total() + wish.seats.total() > session.capacity:
        raise Refusal("activities.never_fits", session=session)
    must_be_free(by, session, wish)
    if head.state in model.SEATED and not take_seats(by.session, session, wish.seats):
        raise Refusal("activities.full", session=session, instead=[])
    write_along(by, session, head, wish)
    audit.note(by, "activities.add_to_party", head, session=session.id, seats=wish.seats.total())
    return head


def take_from_party(
    by: Actor, session: ActivitySession, *, people: Collection[int] = (), companions: Collection[int] = ()
) -> Enrolment:
    """These (enrolments and companions of this party) stay at home; their seats go to the next at once. The last one
    who comes does not stay away alone: that is leaving."""
    head = _head(by, session)
    going = [one for one in party_of(by.session, head) if one.id in people and one.comes]
    names = [one for one in companions_of(by.session, head) if one.id in companions]
    if len(going) != len(set(people)) or len(names) != len(set(companions)) or not (going or names):
        raise Refusal("activities.not_in_party")
    if head.state == "joined" and not may_leave(head):
        raise Refusal("activities.too_late_to_leave", session=session)
    if seats_of(by.session, head).total() == len(going) + len(names):
        raise Refusal("activities.nobody_left", session=session)
    _drop(by, session, head, going, names)
    audit.note(by, "activities.take_from_party", head, session=session.id, seats=len(going) + len(names))
    return head


def _drop(
    by: Actor, session: ActivitySession, head: Enrolment, going: list[Enrolment], names: list[Companion]
) -> None:
    for row in going:
        if row.id == head.id:  # who only signs up the others from now on
            _free(by, session, head, [head.group])
            head.comes, head.group = False, None
        else:
            give_up(by, row)
    _free(by, session, head, [one.group for one in names])
    for one in names:
        by.session.delete(one)
    by.session.flush()
    hand_out(by, session)


def _free(by: Actor, session: ActivitySession, head: Enrolment, groups: list[str | None]) -> None:
    if head.state in model.SEATED and groups:
        free_seats(by.session, session, Counter(groups))


def _head(by: Actor, session: ActivitySession) -> Enrolment:
    """One's own party, held, before it begins."""
    mine = held_row(by, session)
    if mine is None or mine.state == "left":
        raise Refusal("activities.not_joined", session=session)
    head = head_of(by.session, mine)
    if head.id != mine.id:
        raise Refusal("activities.not_the_head", name=head.person.name or "")
    if session.starts <= clock.now():
        raise Refusal("activities.has_begun", session=session)
    return head
