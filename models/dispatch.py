"""The outbox as those see it who send: claim what is due, note what begins to leave, write down what came of it.

All of it in few statements for many rows, the same ones for both databases, each built once: building one takes longer
than its share of the rows. A row is claimed by a counted UPDATE for
the time of a lease and is touched afterwards only by the claim that still owns it (fenced by `tries`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app import clock
from models.base import Instant, connection_of
from models.outbox import BROADCAST, PERSONAL, RETRIED_WITHIN, Halt, OutboxRow, use_early_receipts

# Literals, not parameters: SQLite takes a partial index only where it reads the index's own condition.
WAITING: ColumnElement[str] = literal_column("'waiting'")
SENDING: ColumnElement[str] = literal_column("'sending'")
NOW, SOON, UNTIL = (bindparam(name, type_=Instant()) for name in ("now", "soon", "until"))


class Claimed(NamedTuple):
    """A row that this process may send; `tries` is the fence against a later claim."""

    id: int
    tries: int
    person_id: int
    rank: int = PERSONAL


Ended = tuple[Claimed, Mapping[str, Any]]


def claim(session: Session, personal: int, broadcast: int, lease: timedelta) -> list[Claimed]:
    """Take up to so many rows of each rank that are due, for `lease`: an overdue lease makes a row due again.

    To one person goes one at a time, in the order in which it was written: a row is left alone while an earlier one of
    the same person is being sent, is due, or is about to be tried again because WeChat was away and it has surely
    not left. One that waits for later holds nobody up, and neither does a broadcast hold up an answer."""
    now = clock.now()
    at = {"now": now, "soon": now + RETRIED_WITHIN, "until": now + lease}
    taken: list[Claimed] = []
    for rank, most in ((PERSONAL, personal), (BROADCAST, broadcast)):
        if most > 0:
            found = connection_of(session).execute(_claiming(rank), at | {"most": most}).all()
            taken += sorted(map(Claimed._make, found))
    return taken


def begin(session: Session, roads: Mapping[Claimed, str], due: datetime) -> set[Claimed]:
    """Note for all of these, before any of them leaves, that it may have left by its road, and give it a fresh lease
    until `due`; those that are still ours."""
    groups: dict[tuple[str, int], list[Claimed]] = defaultdict(list)
    for one, road in roads.items():
        groups[road, one.tries].append(one)
    begun: set[Claimed] = set()
    for (road, tries), rows in sorted(groups.items()):
        mine = {"ids": sorted(one.id for one in rows), "this_try": tries}
        noted = mine | {"new_road": road, "now": clock.now(), "until": due}
        still = set(connection_of(session).scalars(_beginning(), noted).all())
        begun.update(one for one in rows if one.id in still)
    return begun


def settle(session: Session, ended: Iterable[Ended]) -> None:
    """Write the results of many tries; a row that another claim has overtaken keeps what that one writes."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for one, values in sorted(ended, key=lambda each: each[0]):
        row = {"this_id": one.id, "this_try": one.tries} | {f"new_{name}": values[name] for name in values}
        groups[tuple(sorted(values))].append(row)
    for names, rows in groups.items():
        connection_of(session).execute(_settling(names), rows)
    known = [row["new_wechat_id"] for rows in groups.values() for row in rows if row.get("new_wechat_id")]
    if known:
        use_early_receipts(session, known)


@cache
def _claiming(rank: int) -> Update:
    return (
        update(OutboxRow.__table__)  # type: ignore[arg-type]
        .where(OutboxRow.id.in_(_ready(rank).limit(bindparam("most"))))
        .values(state="sending", due=UNTIL, tries=OutboxRow.tries + 1)
        .returning(OutboxRow.id, OutboxRow.tries, OutboxRow.person_id, OutboxRow.rank)
    )


def _ready(rank: int) -> Select[int]:
    due = and_(OutboxRow.state.in_((WAITING, SENDING)), OutboxRow.rank == rank, OutboxRow.due <= NOW)
    ready = select(OutboxRow.id).where(due, ~_behind_another(rank))
    if rank == BROADCAST:
        # What was on its way when its process died comes back all the same: somebody must say what became of it.
        ready = ready.where(or_(OutboxRow.state == SENDING, ~exists().where(Halt.bundle == OutboxRow.bundle)))
    return ready.order_by(OutboxRow.due, OutboxRow.id).with_for_update(skip_locked=True, of=OutboxRow)


def _behind_another(rank: int) -> ColumnElement[bool]:
    other = aliased(OutboxRow)
    under_way = and_(other.person_id == OutboxRow.person_id, other.state.in_((WAITING, SENDING)))
    being_sent = and_(other.state == SENDING, other.due > NOW)
    earlier = or_(other.rank < rank, other.id < OutboxRow.id)
    # With a reason: WeChat's, not a fault of ours in this one message, which must hold up no other.
    kept_out = and_(other.rank == PERSONAL, other.reason.is_not(None), other.first_sent_at.is_(None))
    again_soon = and_(kept_out, other.due <= SOON)
    turn = and_(or_(other.due <= NOW, again_soon), earlier)
    return exists().where(under_way, other.rank <= rank, or_(being_sent, turn))


@cache
def _beginning() -> Update:
    mine = OutboxRow.id.in_(bindparam("ids", expanding=True)), OutboxRow.tries == bindparam("this_try")
    since = func.coalesce(OutboxRow.first_sent_at, NOW)
    return (
        update(OutboxRow.__table__)  # type: ignore[arg-type]
        .where(*mine, OutboxRow.state == "sending")
        .values(road=bindparam("new_road"), first_sent_at=since, due=UNTIL)
        .returning(OutboxRow.id)
    )


@cache
def _settling(names: tuple[str, ...]) -> Update:
    mine = OutboxRow.id == bindparam("this_id"), OutboxRow.tries == bindparam("this_try")
    columns: dict[str, InstrumentedAttribute[Any]] = {name: getattr(OutboxRow, name) for name in names}
    values = {name: bindparam(f"new_{name}", type_=column.type) for name, column in columns.items()}
    return update(OutboxRow.__table__).where(*mine, OutboxRow.state == "sending").values(values)  # type: ignore[arg-type]
