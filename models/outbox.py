"""What must still reach somebody: written in the transaction that decided it, sent later by scheduler/delivery.py.

`waiting → sending (lease) → submitted → delivered | failed | unknown | cancelled | expired`; models/dispatch.py claims
and finishes. What belongs together carries the name of its bundle, which may be held, let go on, or stopped as a whole.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base, Instant, SealedJSON, connection_of, index_where, insert_many_once, insert_once
from models.identity import Identity, Person
from models.prepared import Prepared

WAKE = "outbox:wake"
MOST_MOVED = 5000
PERSONAL, BROADCAST = 0, 1
UNDER_WAY = "state IN ('waiting', 'sending')"  # indexes are found by their own words
IN_VAIN = "state = 'waiting' AND tries > 0"
HALTED_LATELY = timedelta(days=1)
RETRIED_WITHIN = timedelta(minutes=5)  # the longest pause between two tries while WeChat is away


class OutboxRow(Base):
    """One message to one person. `once` makes writing it twice the same as once; `client_id` is WeChat's idempotency
    key (client_msg_id lives 10 minutes there); nothing is sent after `useful_until`. The messages of one broadcast
    share a `bundle`, may go by some `roads` only (None: any), and never keep a personal answer (`rank` 0) waiting."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_ready",
            "rank",
            "due",
            postgresql_where=text(UNDER_WAY),
            sqlite_where=text(UNDER_WAY),
        ),
        index_where("ix_outbox_in_vain", IN_VAIN, "created_at", "due"),
        index_where("ix_outbox_kept", "emptied IS 0", "id", postgresql="emptied IS false"),
        Index("ix_outbox_bundle_state", "bundle", "state"),
        Index(
            "ix_outbox_person_under_way",
            "person_id",
            "rank",
            "id",
            postgresql_where=text(UNDER_WAY),
            sqlite_where=text(UNDER_WAY),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    once: Mapped[str] = mapped_column(String(250), unique=True)
    kind: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(SealedJSON("outbox.facts"))
    bundle: Mapped[str | None] = mapped_column(String(40))
    rank: Mapped[int] = mapped_column(SmallInteger, default=PERSONAL)
    roads: Mapped[list[str] | None] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    due: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    useful_until: Mapped[datetime | None] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    client_id: Mapped[str] = mapped_column(String(32), default=lambda: uuid.uuid4().hex, unique=True)
    first_sent_at: Mapped[datetime | None] = mapped_column(Instant)
    road: Mapped[str | None] = mapped_column(String(20))
    wechat_id: Mapped[str | None] = mapped_column(String(40), index=True)
    errcode: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    settled_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    emptied: Mapped[bool] = mapped_column(default=False)


class EarlyReceipt(Base):
    """WeChat may report the end of a message before its answer to our call has been written down (trust F21)."""

    __tablename__ = "early_receipt"

    wechat_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    delivered: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


ANY_EARLY = select(EarlyReceipt.wechat_id).where(EarlyReceipt.wechat_id.in_(bindparam("ids", expanding=True)))


class Halt(Base):
    """A bundle of which nothing may leave: held for a while, or `stopped` for good with a reason. It holds for rows
    that were on their way when it was written, and for those that come to the bundle later."""

    __tablename__ = "outbox_halt"

    bundle: Mapped[str] = mapped_column(String(40), primary_key=True)
    stopped: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)


def put(
    session: Session,
    *,
    to: Person,
    kind: str,
    once: str,
    facts: dict[str, Any],
    due: datetime | None = None,
    useful_until: datetime | None = None,
) -> bool:
    """Write a message to be sent at `due` (default: now). `kind` is "feature.key" of templates/<feature>/messages.toml;
    `facts` are JSON values for its words. False when a row with the same `once` is already there."""
    row = {"due": due} if due else {}
    session.info[WAKE] = True
    return insert_once(
        session,
        OutboxRow,
        once=once,
        kind=kind,
        person_id=to.id,
        facts=facts,
        useful_until=useful_until,
        **row,
    )


def put_bundle(
    session: Session,
    bundle: str,
    people: Sequence[int],
    *,
    kind: str,
    facts: Mapping[str, Any],
    roads: Sequence[str] | None = None,
    useful_until: datetime | None = None,
) -> None:
    """The same message to each of these people (ids), once in this bundle however often it is asked for."""
    same = {
        "kind": kind,
        "roads": None if roads is None else list(roads),
        "facts": dict(facts),
        "bundle": bundle,
        "rank": BROADCAST,
        "useful_until": useful_until,
    }
    insert_many_once(
        session,
        OutboxRow,
        [same | {"once": once_in(bundle, person), "person_id": person} for person in people],
    )
    session.info[WAKE] = True


def waits_since(session: Session) -> datetime | None:
    """Since when the oldest message waits that should be with WeChat by now; None when nothing is late.

    One that was tried in vain counts while the next try is near: its `due` moves on, its waiting began when it was
    written. What a spent quota keeps until the morning is told by its closed door."""
    now = clock.now()
    fresh = select(OutboxRow.due).where(text(UNDER_WAY), OutboxRow.tries == 0, OutboxRow.due <= now)
    asked = [fresh.where(OutboxRow.rank == rank).order_by(OutboxRow.due) for rank in (PERSONAL, BROADCAST)]
    again = select(OutboxRow.created_at).where(text(IN_VAIN), OutboxRow.due <= now + RETRIED_WITHIN)
    asked.append(again.order_by(OutboxRow.created_at))
    found = (session.scalar(one.limit(1)) for one in asked)  # the first by its index, however many wait
    return min(filter(None, found), default=None)


def once_in(bundle: str, person_id: int) -> str:
    return f"{bundle}:{person_id}"


def hold(session: Session, bundle: str) -> int:
    """Keep back what has not begun to be sent, until `let_go`; how many."""
    insert_once(session, Halt, bundle=bundle, stopped=False)
    return _move_waiting(session, bundle, ("waiting",), state="held")


def let_go(session: Session, bundle: str) -> int:
    """Go on with a bundle that was held; a stopped one stays stopped."""
    session.info[WAKE] = True
    session.execute(delete(Halt).where(Halt.bundle == bundle, Halt.stopped.is_(False)))
    return _move_many(session, OutboxRow.bundle == bundle, ("held",), state="waiting")


def stop(session: Session, bundle: str, reason: str) -> int:
    """Take back for good what has not begun to be sent; how many. What may have arrived before ends `unknown`."""
    insert_once(session, Halt, bundle=bundle, stopped=True)
    session.execute(update(Halt).where(Halt.bundle == bundle).values(stopped=True, reason=reason))
    return _take_back(session, bundle, reason, ("waiting", "held"))


def halts(session: Session) -> dict[str, str | None]:
    """The bundles that were halted lately: the reason of one that was stopped, None for one that is held."""
    lately = select(Halt).where(Halt.at > clock.now() - HALTED_LATELY)
    return {each.bundle: each.reason if each.stopped else None for each in session.scalars(lately)}


def has_strays(session: Session, known: Mapping[str, str | None]) -> bool:
    """Whether something waits in a bundle that was halted: it came back, or was put there, since."""
    stray = select(OutboxRow.id).where(OutboxRow.bundle.in_(list(known)), OutboxRow.state == "waiting")
    return bool(known) and session.scalar(stray.limit(1)) is not None


def keep_halted(session: Session, known: Mapping[str, str | None]) -> None:
    for bundle, reason in known.items():
        if reason is None:
            _move_waiting(session, bundle, ("waiting",), state="held")
        else:
            _take_back(session, bundle, reason, ("waiting",))


def try_now(session: Session, reason: str) -> int:
    """What waits for later for this reason need not wait any more; how many."""
    now = clock.now()
    return _move_many(session, and_(OutboxRow.reason == reason, OutboxRow.due > now), ("waiting",), due=now)


def _take_back(session: Session, bundle: str, reason: str, states: tuple[str, ...]) -> int:
    ended = {"reason": reason, "settled_at": clock.now()}
    may_have_left = and_(OutboxRow.bundle == bundle, OutboxRow.first_sent_at.is_not(None))
    _move_many(session, may_have_left, states, state="unknown", **ended)
    return _move_waiting(session, bundle, states, state="cancelled", **ended)


def _move_waiting(session: Session, bundle: str, states: tuple[str, ...], **values: Any) -> int:
    """A claim that has not begun to send loses its row: its fence is the state "sending"."""
    not_begun = and_(OutboxRow.state == "sending", OutboxRow.first_sent_at.is_(None))
    which = OutboxRow.bundle == bundle, or_(OutboxRow.state.in_(states), not_begun)
    return _move_many(session, and_(*which), (*states, "sending"), **values)


def cancel(session: Session, once: str) -> bool:
    """Take back what has not left yet; False when it is too late or there is none."""
    session.flush()
    return CANCEL.first(connection_of(session), {"once": once, "settled_at": clock.now()}) is not None


CANCEL = Prepared(
    update(OutboxRow)
    .where(OutboxRow.once == bindparam("once"), or_(OutboxRow.state == "waiting", OutboxRow.state == "held"))
    .values(state="cancelled", settled_at=bindparam("settled_at", type_=Instant()))
    .returning(OutboxRow.id)
)


def cancel_all_to(session: Session, person: Person, reason: str) -> int:
    """Stop everything that waits for this person (they left, or took their consent back)."""
    mine = OutboxRow.person_id == person.id
    ended = {"state": "cancelled", "reason": reason, "settled_at": clock.now()}
    return _move(session, mine, ("waiting", "held"), **ended)


def forget_unsent(session: Session) -> None:
    """Drop what waits for people without any WeChat: invented neighbours' messages would only look like failures."""
    reachable = select(Identity.person_id)
    waits = (OutboxRow.state == "waiting", OutboxRow.person_id.not_in(reachable))
    session.execute(delete(OutboxRow).where(*waits).execution_options(synchronize_session=False))


def forget_old_facts(session: Session, before: datetime, most: int) -> int:
    """Empty what was settled before, `most` of it; how many were emptied. Its words are gone, its state stays."""
    on_its_way = (OutboxRow.state == "submitted") & (OutboxRow.created_at < before)
    over = or_(OutboxRow.settled_at < before, OutboxRow.useful_until < before, on_its_way)
    rows = session.scalars(
        select(OutboxRow).where(over, OutboxRow.emptied.is_(False)).order_by(OutboxRow.id).limit(most)
    ).all()
    for row in rows:
        row.facts, row.emptied = {}, True
    return len(rows)


def receipt(session: Session, wechat_id: str, *, delivered: bool, reason: str | None = None) -> bool:
    """WeChat's later word about a message (TEMPLATESENDJOBFINISH, subscribe_msg_sent_event)."""
    state = "delivered" if delivered else "failed"
    one = OutboxRow.wechat_id == wechat_id
    known = _move(session, one, ("submitted",), state=state, reason=reason, settled_at=clock.now()) > 0
    if not known and wechat_id:
        insert_once(session, EarlyReceipt, wechat_id=wechat_id, delivered=delivered, reason=reason)
    return known


def match_early_receipts(session: Session) -> int:
    """Give receipts that came before our own row knew its WeChat id to their rows; a day later they are dropped."""
    known = select(EarlyReceipt.wechat_id).where(
        exists().where(OutboxRow.wechat_id == EarlyReceipt.wechat_id)
    )
    used = use_early_receipts(session, session.scalars(known).all())
    session.execute(delete(EarlyReceipt).where(EarlyReceipt.at < clock.now() - timedelta(days=1)))
    return used


def use_early_receipts(session: Session, wechat_ids: Sequence[str]) -> int:
    """How many of these messages had been reported on before we knew their ids."""
    session.flush()
    if connection_of(session).execute(ANY_EARLY, {"ids": wechat_ids}).first() is None:
        return 0
    early = session.scalars(select(EarlyReceipt).where(EarlyReceipt.wechat_id.in_(wechat_ids))).all()
    for each in early:
        session.delete(each)
    session.flush()
    for each in early:
        receipt(session, each.wechat_id, delivered=each.delivered, reason=each.reason)
    return len(early)


def _move_many(session: Session, which: Any, states: tuple[str, ...], **values: Any) -> int:
    """A bundle may be a whole town: in statements that each stay far below the house's time-out."""
    moved = 0
    some = select(OutboxRow.id).where(which, OutboxRow.state.in_(states)).limit(MOST_MOVED)
    while part := _move(session, OutboxRow.id.in_(some), states, **values):
        moved += part
    return moved


def _move(session: Session, which: Any, states: tuple[str, ...], **values: Any) -> int:
    statement = (
        update(OutboxRow)
        .where(which, OutboxRow.state.in_(states))
        .values(**values)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(statement).all())
