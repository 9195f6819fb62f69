"""At approval the audience becomes rows: one statement for all, on both databases, so that fifty thousand are quick."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, insert, literal, select
from sqlalchemy.orm import aliased

from models.audience import audience_of
from models.broadcasts import Broadcast, BroadcastRecipient
from models.identity import Actor
from models.means import Means, with_roads
from models.refusal import Refusal


def freeze(by: Actor, broadcast: Broadcast, means: Means) -> dict[str, int]:
    """Write who gets it and by which road, in order; how many of each, and how many no road reaches.

    Refuses with broadcasts.for_nobody when no road reaches anybody.
    """
    if broadcast.begins_at is None:
        raise RuntimeError("an audience is fixed for a beginning")
    by.session.flush()
    people = audience_of(by.session, broadcast)
    chosen = with_roads(by.session, people, broadcast.roads, means, broadcast.begins_at).subquery()
    earlier = aliased(BroadcastRecipient)
    same = (earlier.person_id == chosen.c.person_id) & (earlier.broadcast_id == broadcast.corrects_id)
    rows = select(
        literal(broadcast.id),
        chosen.c.person_id,
        func.row_number().over(order_by=(*_before(earlier), chosen.c.person_id)),
        chosen.c.road,
        case((chosen.c.road == "paper", "paper"), else_="queued"),
    )
    rows = rows.select_from(chosen).outerjoin(earlier, same).where(chosen.c.road.is_not(None))
    names = ("broadcast_id", "person_id", "position", "road", "state")
    by.session.execute(insert(BroadcastRecipient).from_select(names, rows, include_defaults=False))
    mine = BroadcastRecipient.broadcast_id == broadcast.id
    counted = select(BroadcastRecipient.road, func.count()).where(mine).group_by(BroadcastRecipient.road)
    frozen = {str(road): int(count) for road, count in by.session.execute(counted)}
    if not frozen:
        raise Refusal("broadcasts.for_nobody")
    meant = by.session.scalar(select(func.count()).select_from(people.subquery())) or 0
    return frozen | {"unreached": meant - sum(frozen.values())}


def _before(earlier: Any) -> tuple[Any, ...]:
    """Of a correction: first who is known to have read what was wrong, then in the order in which they got it."""
    return earlier.read_at.is_(None), earlier.position
