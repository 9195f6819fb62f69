"""Who gets a matter: the worker of its grid, whoever answers for a unit, or the desk; never nobody.

By its category's rule; who is away is stood in for. At the desk it is whoever is on duty now, else the colleague whom
the settings name, else the first of the desk.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, clock
from handlers.matters.steps import step
from models import duty
from models.identity import Actor
from models.matter_lists import held_by_the_away, left_behind, lent_and_back, without_owner
from models.matter_rules import settings_of
from models.matters import Matter, give_by, go_to, hold
from models.staff import StaffMember, everybody

ABLE = frozenset({"desk", "grid"})
AT_ONCE = 100  # matters that change hands in one unit


def may_take(member: StaffMember | None) -> bool:
    return member is not None and member.active and bool(ABLE & set(member.roles))


def desk_owner(session: Session) -> StaffMember | None:
    """Who answers for what nobody has been given yet; None in a house without a desk."""
    now = clock.now()
    first = (one for one in session.scalars(everybody()) if one.active and "desk" in one.roles)
    for member in (duty.on_duty(session, now), settings_of(session).owner, *first):
        there = duty.present(session, member, now) if member is not None else None
        if there is not None and there.active and "desk" in there.roles:
            return there
    return None


def worker_of(session: Session, grid_id: int | None) -> StaffMember | None:
    """The worker of this grid, or whoever stands in for them."""
    if grid_id is None:
        return None
    theirs = (
        select(StaffMember).where(StaffMember.grid_id == grid_id, StaffMember.active).order_by(StaffMember.id)
    )
    found = next((one for one in session.scalars(theirs) if "grid" in one.roles), None)
    return duty.present(session, found, clock.now()) if found is not None else None


def give_out(by: Actor, matter: Matter) -> None:
    """A matter that has just come: to whom its category says, else it waits at the desk."""
    to = _by_rule(by.session, matter)
    if to is None:
        keep_at_desk(by.session, matter)
        return
    go_to(matter, "assigned")
    matter.owner = to
    step(by, matter, "assigned")
    audit.note(by, "matters.give_out", matter, to=to.id)


def _by_rule(session: Session, matter: Matter) -> StaffMember | None:
    rule = matter.category
    if rule is None or rule.goes_to == "desk":
        return None
    if rule.goes_to == "unit":
        matter.unit = rule.unit
        keeper = duty.present(session, rule.keeper, clock.now()) if rule.keeper else None
        return keeper if may_take(keeper) else None
    worker = worker_of(session, matter.grid.id if matter.grid else None)
    return worker if may_take(worker) else None


def keep_at_desk(session: Session, matter: Matter) -> None:
    """In the hands of whoever is on duty, to be given away by the next working day."""
    matter.owner, matter.lent_by = desk_owner(session), None
    matter.give_by = give_by(matter.due or clock.today())


def back_to_desk(by: Actor, matter: Matter) -> None:
    go_to(matter, "received")
    keep_at_desk(by.session, matter)


# ---- who is not there ----------------------------------------------------------------------------------------------


def take_from_those_who_left(by: Actor) -> int:
    """An account that was closed answers for nothing: its matters are the desk's again, their last days stay. AT_ONCE
    of them at most."""
    found = by.session.scalars(left_behind().limit(AT_ONCE)).all()
    for one in found:
        matter = hold(by.session, one)
        if matter.state == "received":
            keep_at_desk(by.session, matter)
            continue
        back_to_desk(by, matter)
        step(by, matter, "given_back", told=False)
        audit.note(by, "matters.take_from_leaver", matter)
    return len(found)


def give_to_the_desk(by: Actor) -> int:
    """What has no owner yet, since there was nobody at the desk, gets one once somebody is; AT_ONCE at most."""
    if desk_owner(by.session) is None:
        return 0
    found = by.session.scalars(without_owner().limit(AT_ONCE)).all()
    for one in found:
        keep_at_desk(by.session, hold(by.session, one))
    return len(found)


def hand_over(by: Actor) -> int:
    """What belongs to somebody who is away goes to whoever stands in, and comes back with them; AT_ONCE at most."""
    now, moved = clock.now(), 0
    for one in by.session.scalars(held_by_the_away(clock.today())).all():
        if moved == AT_ONCE:
            return moved
        away = one.owner
        there = duty.present(by.session, away, now) if away else None
        if there is None or there is away or not may_take(there):
            continue
        matter = hold(by.session, one)
        if matter.owner is away:
            matter.lent_by = matter.lent_by or away
            moved += _pass_on(by, matter, there)
    for one in by.session.scalars(lent_and_back(clock.today()).limit(AT_ONCE - moved)).all():
        matter = hold(by.session, one)
        back, matter.lent_by = matter.lent_by, None
        if may_take(back) and back is not None:
            moved += _pass_on(by, matter, back)
    return moved


def _pass_on(by: Actor, matter: Matter, member: StaffMember) -> int:
    matter.owner, matter.revision = member, matter.revision + 1
    step(by, matter, "handed_over", told=False)
    audit.note(by, "matters.hand_over", matter, to=member.id)
    return 1
