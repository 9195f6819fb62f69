"""A broadcast on its way: what is due, what may be poured next, and what WeChat said before we knew of what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, Select, String, exists, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base, Instant
from models.broadcasts import USEFUL, Broadcast, BroadcastCall, BroadcastRecipient
from models.outbox import OutboxRow

# What goes to one person at a time, through the outbox; "mass" is a call for many, "paper" a knock.
PERSONAL_ROADS = ("custom", "notice", "mini")
ON_THE_WAY = ("waiting", "sending", "held")
# Handed to the outbox and not sent yet: so few that pausing or stopping takes no time, so many that nobody waits.
MOST_AHEAD = 600
AT_ONCE = 200
# WeChat reports the end of a mass send within half an hour, that of one whose administrator must agree as well.
REPORT_WITHIN = timedelta(minutes=40)


class EarlyCallReport(Base):
    """WeChat may report the end of a mass send or publication before its answer to our call has been written down
    (trust F21). `kind` is "mass" or "publish": their ids are counted apart."""

    __tablename__ = "early_call_report"

    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    wechat_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


def quiet_end(at: datetime, quiet_from: time, quiet_until: time) -> datetime | None:
    """When the quiet hours around this instant end; None when it is in none."""
    here = clock.local(at)
    moment = here.time()
    over_midnight = quiet_from > quiet_until
    inside = (
        moment >= quiet_from or moment < quiet_until if over_midnight else quiet_from <= moment < quiet_until
    )
    if not inside:
        return None
    day = here.date() + timedelta(days=1 if moment >= quiet_until else 0)
    return clock.at(day, quiet_until)


def useful_until(broadcast: Broadcast) -> datetime:
    """Nothing of it is sent after this; one that says nothing is of use for a day."""
    return broadcast.useful_until or (broadcast.begins_at or clock.now()) + USEFUL


def to_be_moved() -> Select[Broadcast]:
    """What time moves on: approved and due, or begun."""
    due = (Broadcast.state == "approved") & (Broadcast.begins_at <= clock.now())
    return (
        select(Broadcast)
        .where(or_(due, Broadcast.state.in_(("sending", "paused"))))
        .order_by(Broadcast.begins_at)
    )


def locked(session: Session, broadcast_id: int, *, wait: bool = True) -> Broadcast | None:
    """The row as it is now, kept from everybody else; without `wait` None when somebody has it."""
    mine = select(Broadcast).where(Broadcast.id == broadcast_id).with_for_update(skip_locked=not wait)
    return session.scalar(mine.execution_options(populate_existing=True))


# ---- what is left to do ----------------------------------------------------------------------------------------------


def queued(broadcast: Broadcast) -> Select[BroadcastRecipient]:
    """Who was not handed on yet, in their order."""
    return (
        select(BroadcastRecipient)
        .where(BroadcastRecipient.broadcast_id == broadcast.id, BroadcastRecipient.state == "queued")
        .order_by(BroadcastRecipient.position, BroadcastRecipient.id)
    )


def roads_with_room(session: Session, broadcast: Broadcast) -> list[str]:
    """The roads on which not too many of its messages wait already: a closed one does not hold up the others."""
    ahead = (
        select(BroadcastRecipient.road, func.count())
        .join(OutboxRow, OutboxRow.id == BroadcastRecipient.outbox_id)
        .where(OutboxRow.bundle == broadcast.bundle, OutboxRow.state.in_(ON_THE_WAY))
        .group_by(BroadcastRecipient.road)
    )
    waiting = dict(session.execute(ahead).all())
    return [road for road in PERSONAL_ROADS if waiting.get(road, 0) < MOST_AHEAD]


def pourable(session: Session, broadcast: Broadcast) -> Select[BroadcastRecipient]:
    return queued(broadcast).where(BroadcastRecipient.road.in_(roads_with_room(session, broadcast)))


def has_pourable(session: Session, broadcast: Broadcast) -> bool:
    return bool(session.scalar(select(pourable(session, broadcast).exists())))


def is_over(session: Session, broadcast: Broadcast) -> bool:
    """Nothing is queued, waits, or is being sent; of mass sends the report has come, or has been waited for enough."""
    letters = exists().where(OutboxRow.bundle == broadcast.bundle, OutboxRow.state.in_(ON_THE_WAY))
    asked = select(queued(broadcast).exists() | letters | open_calls(broadcast).exists())
    return not session.scalar(asked)


def may_be_taken_back(session: Session, broadcast: Broadcast) -> bool:
    """Whether something of it has not begun to be sent."""
    letters = exists().where(OutboxRow.bundle == broadcast.bundle, OutboxRow.state.in_(("waiting", "held")))
    mine = BroadcastCall.broadcast_id == broadcast.id
    waits = exists().where(mine, BroadcastCall.state == "waiting")
    return bool(session.scalar(select(queued(broadcast).exists() | letters | waits)))


def open_calls(broadcast: Broadcast) -> Select[BroadcastCall]:
    recent = BroadcastCall.first_sent_at > clock.now() - REPORT_WITHIN
    unreported = (BroadcastCall.state == "submitted") & recent
    on_its_way = or_(BroadcastCall.state.in_(("waiting", "sending")), unreported)
    return select(BroadcastCall).where(BroadcastCall.broadcast_id == broadcast.id, on_its_way)


def count_recipients(session: Session, broadcast: Broadcast) -> int:
    all_of_them = BroadcastRecipient.broadcast_id == broadcast.id
    return session.scalar(select(func.count()).select_from(BroadcastRecipient).where(all_of_them)) or 0


def settle_queued(session: Session, broadcast: Broadcast, *which: Any, **values: Any) -> int:
    """Hand on everybody who is still queued (and `which`); how many."""
    statement = (
        update(BroadcastRecipient)
        .where(BroadcastRecipient.broadcast_id == broadcast.id, BroadcastRecipient.state == "queued", *which)
        .values(**values)
        .returning(BroadcastRecipient.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(statement).all())


def try_now(session: Session, app: str, errcode: int) -> int:
    """Calls of this app that wait for later because WeChat said that need not wait any more; how many."""
    waits = BroadcastCall.app == app, BroadcastCall.errcode == errcode, BroadcastCall.due > clock.now()
    return settle_calls(session, *waits, states=("waiting",), due=clock.now())


def settle_calls(session: Session, *which: Any, states: Sequence[str], **values: Any) -> int:
    """Move calls that are in one of these states; how many."""
    statement = (
        update(BroadcastCall)
        .where(BroadcastCall.state.in_(states), *which)
        .values(**values)
        .returning(BroadcastCall.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(statement).all())


def people_of_calls(session: Session, *which: Any, states: Sequence[str]) -> int:
    """How many people the calls in these states are for."""
    calls = select(BroadcastCall.id).where(BroadcastCall.state.in_(states), *which)
    mine = select(func.count()).select_from(BroadcastRecipient).where(BroadcastRecipient.call_id.in_(calls))
    return session.scalar(mine) or 0


def not_begun() -> Any:
    """Calls of which WeChat has heard nothing yet."""
    return BroadcastCall.first_sent_at.is_(None)
