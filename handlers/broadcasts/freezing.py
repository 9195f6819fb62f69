"""At approval the audience becomes rows: the databases write them, a range of people in each statement, so that fifty
thousand are quick and no statement runs into its time limit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, case, func, insert, literal, select
from sqlalchemy.orm import aliased

from models.audience import audience_of
from models.broadcasts import Broadcast, BroadcastRecipient
from models.identity import Actor, Person
from models.means import Means, usable, with_roads
from models.refusal import Refusal

AT_ONCE = 10_000
NAMES = ("broadcast_id", "person_id", "position", "road", "state")


def freeze(by: Actor, broadcast: Broadcast, means: Means) -> dict[str, int]:
    """Write who gets it and by which road, in their order; how many of each, and how many no road reaches.

    Refuses with broadcasts.for_nobody when no road reaches anybody.
    """
    if broadcast.begins_at is None:
        raise RuntimeError("an audience is fixed for a beginning")
    by.session.flush()
    people = audience_of(by.session, broadcast)
    serving = usable(by.session, people, broadcast.roads, means, broadcast.begins_at)
    last = by.session.scalar(select(func.max(Person.id))) or 0
    for first in range(1, last + 1, AT_ONCE):
        some = people.where(Person.id.between(first, first + AT_ONCE - 1))
        chosen = with_roads(some, broadcast.roads, serving, broadcast.begins_at)
        rows = _rows(broadcast, chosen)
        by.session.execute(insert(BroadcastRecipient).from_select(NAMES, rows, include_defaults=False))
    return _counted(by, broadcast, people)


def _rows(broadcast: Broadcast, chosen: Select[Any]) -> Select[Any]:
    """A correction goes first to those who are known to have read what was wrong, then to the others, in the order in
    which they got it."""
    one, earlier = chosen.subquery(), aliased(BroadcastRecipient)
    same = (earlier.person_id == one.c.person_id) & (earlier.broadcast_id == broadcast.corrects_id)
    unread = case((earlier.read_at.is_(None), 1_000_000_000), else_=0)
    place = one.c.person_id if broadcast.corrects_id is None else unread + earlier.position
    state = case((one.c.road == "paper", "paper"), else_="queued")
    rows = select(literal(broadcast.id), one.c.person_id, place, one.c.road, state)
    source = one if broadcast.corrects_id is None else one.outerjoin(earlier, same)
    return rows.select_from(source).where(one.c.road.is_not(None))


def _counted(by: Actor, broadcast: Broadcast, people: Select[int]) -> dict[str, int]:
    mine = BroadcastRecipient.broadcast_id == broadcast.id
    counted = select(BroadcastRecipient.road, func.count()).where(mine).group_by(BroadcastRecipient.road)
    frozen = {str(road): int(count) for road, count in by.session.execute(counted)}
    if not frozen:
        raise Refusal("broadcasts.for_nobody")
    meant = by.session.scalar(select(func.count()).select_from(people.subquery())) or 0
    return frozen | {"unreached": meant - sum(frozen.values())}
