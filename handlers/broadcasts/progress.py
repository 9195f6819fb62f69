"""How far a broadcast is, for the page that stays open while it is sent: counts that are true, and nothing personal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select

from app import clock
from handlers.broadcasts.cutting import PUBLISH
from models.broadcasts import (
    OVER,
    RUNNING,
    Broadcast,
    BroadcastCall,
    BroadcastRecipient,
    counted_by_standing,
)
from models.doors import ClosedDoor, closed_doors
from models.identity import Actor
from models.lately import counted_lately
from models.outbox import OutboxRow
from models.reach_counts import calls_of

# What the staff read, and the standings that it stands for.
BARS = {
    "等待": ("queued", "waiting", "held"),
    "正在发": ("sending",),
    "已交给微信": ("submitted",),
    "已送到": ("delivered",),
    "没送到": ("failed", "expired"),
    "不知道": ("unknown",),
    "不再发": ("cancelled",),
    "要上门": ("paper",),
}
NAMES = {words: words for words in BARS}
LEFT = ("queued", "waiting", "held", "sending")
ENDED_BADLY = ("failed", "unknown", "expired", "cancelled")
WHY = {
    "erased": "本人已删除资料,不再发。",
    "left": "本人已不再关注,不再发。",
    "unwanted": "本人不要这类通知,不再发。",
    "merged": "和另一份资料是同一个人,只发一次。",
    "stopped": "停下时还没轮到。",
    "late": "过了时间,没有发。",
    "changed": "内容和批准的不一样,没有发。",
    "broken": "系统出错,没有发出。请打电话告诉本人,并通知管理员。",
}
A_MINUTE = timedelta(minutes=1)
CONFIRMED_WITHIN = timedelta(minutes=30)


class Bar(NamedTuple):
    words: str
    people: int


class Reason(NamedTuple):
    words: str
    people: int


@dataclass(frozen=True)
class Progress:
    """`bars` count people; `speed` is messages in the last minute; `left` how many are still to go; `waits` why some
    wait for longer, and `doors` what is closed for all; `reasons` why some did not get it; `calls` are mass sends with
    the number of people of each."""

    row: Broadcast
    total: int
    bars: list[Bar]
    speed: int
    left: int
    waits: list[Reason]
    reasons: list[Reason]
    calls: list[tuple[BroadcastCall, int]]
    doors: list[ClosedDoor]
    roads: dict[str, int] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        return self.row.state in OVER

    @property
    def walk(self) -> int:
        """To how many somebody goes; no message of theirs is sent."""
        return self.bars[-1].people

    @property
    def to_send(self) -> int:
        return self.total - self.walk

    @property
    def done(self) -> int:
        return self.to_send - self.left

    @property
    def given(self) -> int:
        """To how many WeChat has taken it, and perhaps says no more."""
        return next(bar.people for bar in self.bars if bar.words == "已交给微信")

    @property
    def hold_left(self) -> str:
        """ "4分58秒": how long it can be stopped before anybody has got it."""
        until = self.row.hold_until or clock.now()
        minutes, seconds = divmod(max(0, int((until - clock.now()).total_seconds())), 60)
        return f"{minutes}分{seconds:02}秒" if minutes else f"{seconds}秒"

    @property
    def minutes_left(self) -> int | None:
        """As long as it goes on like this; None when nobody can say."""
        if self.row.state != "sending" or not self.left or not self.speed:
            return None
        return max(1, -(-self.left // self.speed))

    @property
    def article(self) -> str | None:
        return next((call.article_url for call, _ in self.calls if call.article_url), None)


class Counted(NamedTuple):
    """What goes through the whole audience: (road, standing) → people, call → people, and the rest of Progress."""

    people: dict[tuple[str, str], int]
    calls: dict[int, int]
    speed: int
    waits: list[Reason]
    reasons: list[Reason]

    @property
    def size(self) -> int:
        return sum(self.people.values())


def of(by: Actor, row: Broadcast) -> Progress:
    now = ("progress", row.id, row.state, row.revision)
    counted = counted_lately(by.session, now, lambda: _count(by, row), lambda one: one.size)
    by_standing: dict[str, int] = {}
    roads: dict[str, int] = {}
    for (road, standing), count in counted.people.items():
        by_standing[standing] = by_standing.get(standing, 0) + count
        roads[road] = roads.get(road, 0) + count
    return Progress(
        row,
        counted.size,
        _bars(row, by_standing),
        counted.speed,
        sum(by_standing.get(one, 0) for one in LEFT),
        counted.waits,
        counted.reasons,
        [(call, counted.calls.get(call.id, 0)) for call in by.session.scalars(calls_of(row))],
        [] if row.state in OVER else _doors(by, row),
        roads,
    )


def _count(by: Actor, row: Broadcast) -> Counted:
    people = counted_by_standing(by.session, row)
    return Counted(people, _by_call(by, row), _speed(by, row), _waits(by, row), _reasons(by, row))


def _bars(row: Broadcast, by_standing: Mapping[str, int]) -> list[Bar]:
    """Nobody knocks at a door for what was stopped."""
    told = {**NAMES, "要上门": "不用上门了"} if row.state == "stopped" else NAMES
    return [
        Bar(told[words], sum(by_standing.get(one, 0) for one in standings))
        for words, standings in BARS.items()
    ]


def _speed(by: Actor, row: Broadcast) -> int:
    left = OutboxRow.bundle == row.bundle, OutboxRow.first_sent_at > clock.now() - A_MINUTE
    sent = OutboxRow.state.in_(("submitted", "delivered", "failed", "unknown"))
    return by.session.scalar(select(func.count()).select_from(OutboxRow).where(*left, sent)) or 0


def _waits(by: Actor, row: Broadcast) -> list[Reason]:
    """Closed doors, as the messages and calls that stand before them say."""
    later = OutboxRow.due > clock.now(), OutboxRow.reason.is_not(None)
    letters = OutboxRow.bundle == row.bundle, OutboxRow.state == "waiting", *later
    calls = (
        BroadcastCall.broadcast_id == row.id,
        BroadcastCall.state == "waiting",
        BroadcastCall.reason.is_not(None),
    )
    people = (
        select(BroadcastCall.reason, func.count(BroadcastRecipient.id))
        .outerjoin(BroadcastRecipient, BroadcastRecipient.call_id == BroadcastCall.id)
        .where(*calls)
        .group_by(BroadcastCall.reason)
    )
    return _together(by, _grouped(OutboxRow.reason).where(*letters), people)


def _doors(by: Actor, row: Broadcast) -> list[ClosedDoor]:
    """Roads of this broadcast on which WeChat takes nothing for a while ("oa:main custom")."""
    return [door for door in by.session.scalars(closed_doors()) if door.door.rpartition(" ")[2] in row.roads]


def _reasons(by: Actor, row: Broadcast) -> list[Reason]:
    """Why people did not get it, the most frequent first, each with what to do."""
    bad = OutboxRow.bundle == row.bundle, OutboxRow.state.in_(ENDED_BADLY)
    mine = BroadcastRecipient.broadcast_id == row.id
    by_call = (
        select(BroadcastCall.reason, func.count())
        .join(BroadcastRecipient, BroadcastRecipient.call_id == BroadcastCall.id)
        .where(mine, BroadcastCall.state.in_(ENDED_BADLY))
        .group_by(BroadcastCall.reason)
    )
    passed_over = mine, BroadcastRecipient.state == "cancelled", BroadcastRecipient.why.is_not(None)
    own = _grouped(BroadcastRecipient.why).where(*passed_over)
    told = {WHY.get(one.words, one.words): one.people for one in _together(by, own)}
    for one in _together(by, _grouped(OutboxRow.reason).where(*bad), by_call):
        told[one.words] = told.get(one.words, 0) + one.people
    return _sorted(told)


def _grouped(column: Any) -> Any:
    return select(column, func.count()).group_by(column)


def _together(by: Actor, *statements: Any) -> list[Reason]:
    told: dict[str, int] = {}
    for statement in statements:
        for words, count in by.session.execute(statement):
            said = words or "没有说原因。"
            told[said] = told.get(said, 0) + count
    return _sorted(told)


def _sorted(told: Mapping[str, int]) -> list[Reason]:
    return [Reason(words, count) for words, count in sorted(told.items(), key=lambda one: (-one[1], one[0]))]


def _by_call(by: Actor, row: Broadcast) -> dict[int, int]:
    found = (
        select(BroadcastCall.id, func.count())
        .join(BroadcastRecipient, BroadcastRecipient.call_id == BroadcastCall.id)
        .where(BroadcastCall.broadcast_id == row.id)
        .group_by(BroadcastCall.id)
    )
    return dict(by.session.execute(found).all())


def confirm_until(call: BroadcastCall) -> datetime | None:
    """Until when an administrator may still have to agree on the phone; None when there is nothing to agree to."""
    if call.kind == PUBLISH or call.state != "submitted" or call.first_sent_at is None:
        return None
    until = call.first_sent_at + CONFIRMED_WITHIN
    return until if until > clock.now() else None


def on_the_way() -> Any:
    """Everything that waits out its hold, is being sent, or is paused; and what went wrong within a day."""
    return select(Broadcast).where(Broadcast.state.in_(RUNNING)).order_by(Broadcast.begins_at)


def went_wrong(since: datetime) -> Any:
    """Expired, stopped by the house, or with a mass send that failed or of which nobody knows."""
    calls = select(BroadcastCall.broadcast_id).where(
        BroadcastCall.state.in_(("failed", "unknown")), BroadcastCall.settled_at > since
    )
    by_house = (Broadcast.state == "stopped") & Broadcast.moved_by_id.is_(None)
    ended = (Broadcast.ended_at > since) & ((Broadcast.state == "expired") | by_house)
    return select(Broadcast).where(ended | Broadcast.id.in_(calls)).order_by(Broadcast.id.desc())
