"""Hours that go round in a ring, and pairs that trade with nobody but each other: a hint for the desk to look, never a
blame. Neighbours who help one another are what the exchange is for; the desk asks only whether the work was done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app import clock
from models.ledger import TimeAccount, TimePosting, TimeTransfer

WITHIN = timedelta(days=90)
DENSE_TIMES, DENSE_SHARE = 3, 0.6
MOST_SHOWN = 50

Flow = Mapping[tuple[int, int], tuple[int, int]]


class Ring(NamedTuple):
    """Three accounts in a circle; `minutes` is the least that went from one to the next."""

    accounts: tuple[int, int, int]
    minutes: int


class Pair(NamedTuple):
    """Two who trade mostly with each other: how often each way, how many minutes, and how much of all that both did."""

    accounts: tuple[int, int]
    times: tuple[int, int]
    minutes: int
    share: float


def flow(session: Session) -> Flow:
    """(from, to) → (times, minutes) between persons in the last 90 days; what was reversed does not count."""
    gave, took, mirror = aliased(TimePosting), aliased(TimePosting), aliased(TimeTransfer)
    giver, taker = aliased(TimeAccount), aliased(TimeAccount)
    rows = (
        select(gave.account_id, took.account_id, func.count(), func.sum(took.minutes))
        .join(TimeTransfer, TimeTransfer.id == gave.transfer_id)
        .join(took, took.transfer_id == gave.transfer_id)
        .join(giver, giver.id == gave.account_id)
        .join(taker, taker.id == took.account_id)
        .outerjoin(mirror, mirror.reverses_id == TimeTransfer.id)
        .where(
            TimeTransfer.kind.in_(("exchange", "gift")),
            TimeTransfer.at >= clock.now() - WITHIN,
            mirror.id.is_(None),
            gave.minutes < 0,
            took.minutes > 0,
            giver.kind == "person",
            taker.kind == "person",
        )
        .group_by(gave.account_id, took.account_id)
    )
    return {(a, b): (times, int(minutes)) for a, b, times, minutes in session.execute(rows)}


def rings(found: Flow) -> list[Ring]:
    """A→B→C→A, each ring once, the largest first."""
    after: dict[int, set[int]] = defaultdict(set)
    for a, b in found:
        after[a].add(b)
    seen = [
        Ring((a, b, c), min(found[a, b][1], found[b, c][1], found[c, a][1]))
        for a, b in found
        for c in after[b]
        if a in after[c] and a == min(a, b, c)
    ]
    return sorted(seen, key=lambda one: -one.minutes)[:MOST_SHOWN]


def pairs(found: Flow) -> list[Pair]:
    """Both ways three times or more, and most of what the two of them did."""
    total: dict[int, int] = defaultdict(int)
    for (a, b), (times, _) in found.items():
        total[a] += times
        total[b] += times
    seen = []
    for (a, b), (there, minutes) in found.items():
        back, more = found.get((b, a), (0, 0))
        share = 2 * (there + back) / (total[a] + total[b])
        if a < b and min(there, back) >= DENSE_TIMES and share >= DENSE_SHARE:
            seen.append(Pair((a, b), (there, back), minutes + more, share))
    return sorted(seen, key=lambda one: -one.minutes)[:MOST_SHOWN]
