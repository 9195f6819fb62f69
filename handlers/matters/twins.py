"""The same thing said twice: offered as "me too" to whoever says it again, joined and parted by the desk.

Of another's report nobody is told more than its category, its place and how far it is, and that only of what concerns
everybody (a lamp, not a neighbour's flat).
"""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from app import audit, clock
from handlers.matters import messages
from handlers.matters.dispatch import back_to_desk
from handlers.matters.places import Whereabouts
from handlers.matters.standing import must_be_desk
from handlers.matters.steps import step
from handlers.people import actions as people
from models.base import insert_once
from models.identity import Actor, Person
from models.matter_followers import MatterFollower, followers_of, following
from models.matter_lists import said_of
from models.matter_rules import MatterCategory
from models.matters import Matter, end_in, hold, last_day
from models.plans import metres_between
from models.refusal import Refusal

Spot = tuple[float, float]


def spot_of(matter: Matter) -> Spot | None:
    if not matter.spot:
        return None
    lat, lng = matter.spot.split(",")
    return float(lat), float(lng)


def is_near(rule: MatterCategory, matter: Matter, where: Whereabouts) -> bool:
    """By their positions when both have one, else when both were said to be at the same place."""
    theirs = spot_of(matter)
    if where.spot is not None and theirs is not None:
        return metres_between(*where.spot, *theirs) <= rule.metres
    if where.place is not None or matter.place_id is not None:
        return where.place is not None and matter.place_id == where.place.id
    return bool(where.words) and matter.place_words == where.words


def said_already(
    session: Session, kind: str, rule: MatterCategory | None, where: Whereabouts, but: Person | None
) -> Matter | None:
    """What others have said of this and is being done; of several the oldest. Nothing of what concerns one flat."""
    if rule is None or not rule.shared or kind != "报修":
        return None
    return next((one for one in session.scalars(said_of(rule, but)) if is_near(rule, one, where)), None)


def looks_the_same(matter: Matter, other: Matter) -> bool:
    """For the staff: near by their positions, or said to be at the same place."""
    here, there = spot_of(matter), spot_of(other)
    if here and there and matter.category is not None:
        return metres_between(*here, *there) <= matter.category.metres
    return matter.place_id is not None and matter.place_id == other.place_id


# ---- me too --------------------------------------------------------------------------------------------------------


def may_be_followed(matter: Matter) -> bool:
    shared = matter.category is not None and matter.category.shared
    return matter.is_open and matter.kind == "报修" and shared


def follow(by: Actor, matter: Matter) -> Matter:
    """ "我也是这件事": counted once, told of each stage. Refuses with matters.cannot_follow, .your_own,
    people.consent_needed."""
    matter = hold(by.session, matter)
    if not may_be_followed(matter):
        raise Refusal("matters.cannot_follow")
    if matter.person_id == by.me.id:
        raise Refusal("matters.your_own", matter=matter)
    people.agree_to_service(by)
    by.session.flush()
    if insert_once(by.session, MatterFollower, matter_id=matter.id, person_id=by.me.id):
        audit.note(by, "matters.follow", matter)
    return matter


def unfollow(by: Actor, matter: Matter) -> Matter:
    """No longer told of it; whoever was not is none the worse."""
    found = following(by.session, hold(by.session, matter), by.me)
    if found is not None:
        by.session.delete(found)
        audit.note(by, "matters.unfollow", matter)
    return matter


# ---- two that are one ----------------------------------------------------------------------------------------------


def join(by: Actor, matter: Matter, into: Matter) -> Matter:
    """The desk sees that they are one thing: it goes on under `into`; both who said it are told, and who followed the
    one follows the other. Refuses with matters.cannot_join."""
    must_be_desk(by)
    first, second = sorted((matter, into), key=lambda one: one.id)
    held = {one.id: hold(by.session, one) for one in (first, second)}
    matter, into = held[matter.id], held[into.id]
    end_in(matter, into)
    _move_followers(by.session, matter, into)
    step(by, matter, "joined", f"和 {into.number} 是同一件事,一起办。")
    step(by, into, "more_said", told=False)
    into.revision += 1
    audit.note(by, "matters.join", matter, into=into.id)
    messages.tell(by, matter, "matters.joined", into=into.number)
    messages.tell(by, into, "matters.more_said")
    return into


def _move_followers(session: Session, matter: Matter, into: Matter) -> None:
    """Also those of what had been joined to `matter` before: it leads straight to where it is done now."""
    session.flush()
    for one in session.scalars(followers_of(matter)).all():
        _follows_too(session, into, one.person_id, one.own_id)
        session.delete(one)
    if matter.person_id is not None:
        _follows_too(session, into, matter.person_id, matter.id)
    moved = update(Matter).where(Matter.joined_to_id == matter.id).values(joined_to_id=into.id)
    session.execute(moved.execution_options(synchronize_session="fetch"))


def _follows_too(session: Session, into: Matter, person_id: int, own_id: int | None) -> None:
    """Who said both is told once."""
    if person_id == into.person_id:
        return
    insert_once(session, MatterFollower, matter_id=into.id, person_id=person_id, own_id=own_id)


def part(by: Actor, matter: Matter) -> Matter:
    """They were two after all: the joined one is the desk's again with a new last day, and its reporter is told."""
    must_be_desk(by)
    matter = hold(by.session, matter)
    if matter.joined_to is None:
        raise Refusal("matters.not_now", matter=matter)
    into, matter.joined_to, matter.ended_at = matter.joined_to, None, None
    matter.due, matter.counted_from = last_day(by.session, matter.kind, matter.category), clock.now()
    back_to_desk(by, matter)
    for one in by.session.scalars(followers_of(into).where(MatterFollower.own_id == matter.id)):
        by.session.delete(one)
    step(by, matter, "parted")
    audit.note(by, "matters.part", matter, apart=into.id)
    messages.tell(by, matter, "matters.parted")
    return matter
