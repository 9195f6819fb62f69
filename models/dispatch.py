"""The outbox as those see it who send: claim what is due, note what begins to leave, write down what came of it.

All of it in few statements for many rows, the same ones for both databases. A row is claimed by a counted UPDATE for
the time of a lease and is touched afterwards only by the claim that still owns it (fenced by `tries`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app import clock
from models.base import Instant
from models.outbox import BROADCAST, PERSONAL, RETRIED_WITHIN, Halt, OutboxRow, use_early_receipts

# Literals, not parameters: SQLite takes a partial index only where it reads the index's own condition.
WAITING: ColumnElement[str] = literal_column("'waiting'")
SENDING: ColumnElement[str] = literal_column("'sending'")


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
    taken: list[Claimed] = []
    for rank, most in ((PERSONAL, personal), (BROADCAST, broadcast)):
        if most > 0:
            taken += _take(session, _ready(rank, now).limit(most), now + lease)
    return taken


def begin(session: Session, roads: Mapping[Claimed, str], due: datetime) -> set[Claimed]:
    """Note for all of these, before any of them leaves, that it may have left by its road, and give it a fresh lease
    until `due`; those that are still ours."""
    groups: dict[tuple[str, int], list[Claimed]] = defaultdict(list)
    for one, road in roads.items():
        groups[road, one.tries].append(one)
    begun: set[Claimed] = set()
    for (road, tries), rows in sorted(groups.items()):
        mine = OutboxRow.id.in_(sorted(one.id for one in rows)), OutboxRow.tries == tries
        since = func.coalesce(OutboxRow.first_sent_at, literal(clock.now(), Instant))
        noted = (
            update(OutboxRow)
            .where(*mine, OutboxRow.state == "sending")
            .values(road=road, first_sent_at=since, due=due)
            .returning(OutboxRow.id)
            .execution_options(synchronize_session=False)
        )
        still = set(session.scalars(noted))
        begun.update(one for one in rows if one.id in still)
    return begun


def settle(session: Session, ended: Iterable[Ended]) -> None:
    """Write the results of many tries; a row that another claim has overtaken keeps what that one writes."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for one, values in sorted(ended, key=lambda each: each[0]):
        row = {"this_id": one.id, "this_try": one.tries} | {f"new_{name}": values[name] for name in values}
        groups[tuple(sorted(values))].append(row)
    for names, rows in groups.items():
        session.connection().execute(_settling(names), rows)
    known = [row["new_wechat_id"] for rows in groups.values() for row in rows if row.get("new_wechat_id")]
    if known:
        use_early_receipts(session, known)


def _ready(rank: int, now: datetime) -> Select[int]:
    due = and_(OutboxRow.state.in_((WAITING, SENDING)), OutboxRow.rank == rank, OutboxRow.due <= now)
    ready = select(OutboxRow.id).where(due, ~_behind_another(rank, now))
    if rank == BROADCAST:
        # What was on its way when its process died comes back all the same: somebody must say what became of it.
        ready = ready.where(or_(OutboxRow.state == SENDING, ~exists().where(Halt.bundle == OutboxRow.bundle)))
    return ready.order_by(OutboxRow.due, OutboxRow.id).with_for_update(skip_locked=True, of=OutboxRow)


def _behind_another(rank: int, now: datetime) -> ColumnElement[bool]:
    other = aliased(OutboxRow)
    under_way = and_(other.person_id == OutboxRow.person_id, other.state.in_((WAITING, SENDING)))
    being_sent = and_(other.state == SENDING, other.due > now)
    earlier = or_(other.rank < rank, other.id < OutboxRow.id)
    # With a reason: WeChat's, not a fault of ours in this one message, which must hold up no other.
    kept_out = and_(other.rank == PERSONAL, other.reason.is_not(None), other.first_sent_at.is_(None))
    again_soon = and_(kept_out, other.due <= now + RETRIED_WITHIN)
    turn = and_(or_(other.due <= now, again_soon), earlier)
    return exists().where(under_way, other.rank <= rank, or_(being_sent, turn))


def _take(session: Session, ready: Select[int], until: datetime) -> Sequence[Claimed]:
    taken = (
        update(OutboxRow)
        .where(OutboxRow.id.in_(ready))
        .values(state="sending", due=until, tries=OutboxRow.tries + 1)
        .returning(OutboxRow.id, OutboxRow.tries, OutboxRow.person_id, OutboxRow.rank)
        .execution_options(synchronize_session=False)
    )
    return sorted(Claimed(*row) for row in session.execute(taken))


def _settling(names: tuple[str, ...]) -> Any:
    mine = OutboxRow.id == bindparam("this_id"), OutboxRow.tries == bindparam("this_try")
    columns: dict[str, InstrumentedAttribute[Any]] = {name: getattr(OutboxRow, name) for name in names}
    values = {name: bindparam(f"new_{name}", type_=column.type) for name, column in columns.items()}
    return update(OutboxRow.__table__).where(*mine, OutboxRow.state == "sending").values(values)  # type: ignore[arg-type]
