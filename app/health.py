"""What /readyz, /metrics and the console's alarms know of this host: looked at now, in a few milliseconds.

Only an absent database, or one without room to write, makes a host unfit to serve. All else is told as "degraded": the
house goes on, somebody should look.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from app import clock
from app.backup import LAST_MADE
from app.database import Busy
from app.redis import is_alive
from models.leader import Lead, leader
from models.outbox import waits_since

if TYPE_CHECKING:
    from app.site import Site

SLOW_QUEUE = timedelta(minutes=10)
BACKUP_AGE = timedelta(hours=26)
LEAST_ROOM = 4_000_000  # a journal grows to this before it is put away
LEAST_FREE, LEAST_SHARE = 1_000_000_000, 0.05
MOST_DRIFT_SECONDS = 5.0  # a page's one-time code is worth thirty seconds, a lease five
DRIFT_KEY, DRIFT_LIVES = "drift:", 3600


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at: a figure in `unit`, or None when there is none to tell."""

    name: str
    good: bool
    value: float | None = None
    unit: str = ""

    def told(self) -> dict[str, object]:
        return {"ok": self.good} | ({} if self.value is None else {self.unit: round(self.value, 3)})


@dataclass(frozen=True, slots=True)
class Health:
    looks: tuple[Look, ...]
    lead: Lead | None

    @property
    def serves(self) -> bool:
        return self.looks[0].good

    @property
    def status(self) -> str:
        if not self.serves:
            return "away"
        return "ok" if all(look.good for look in self.looks) else "degraded"


def health(site: Site) -> Health:
    """The database first: without it the rest that lies in it is not asked."""
    beside = (_redis(site), _token(site), _disk(site.settings.data), _drift(site), _backup(site))
    started = time.monotonic()
    try:
        with site.database.reading() as session:
            lead, queue = leader(session), _queue(session)
    except Busy:
        return Health((Look("database", good=False), *beside), None)
    database = Look("database", good=_has_room(site), value=time.monotonic() - started, unit="seconds")
    return Health((database, queue, Look("leader", good=lead is not None), *beside), lead)


def _has_room(site: Site) -> bool:
    """A full disk answers questions and takes nothing in: whoever comes is better served by another host."""
    if not site.database.is_sqlite:
        return True
    return shutil.disk_usage(Path(str(site.database.engine.url.database)).parent).free >= LEAST_ROOM


def _queue(session: Session) -> Look:
    """How long the oldest message has waited since it was due."""
    oldest = waits_since(session)
    waited = clock.now() - oldest if oldest else timedelta()
    return Look("queue", good=waited <= SLOW_QUEUE, value=waited.total_seconds(), unit="seconds")


def _redis(site: Site) -> Look:
    return Look("redis", good=is_alive(site.redis))


def _token(site: Site) -> Look:
    """WeChat's token is dropped by Redis when it ends; none is fetched here."""
    left = site.main.call.token.seconds_left()
    return Look("token", good=left > 0, value=left, unit="seconds_left")


def _disk(data: Path) -> Look:
    usage = shutil.disk_usage(data)
    tight = usage.free < LEAST_FREE or usage.free < usage.total * LEAST_SHARE
    return Look("disk", good=not tight, value=usage.free, unit="free_bytes")


def _drift(site: Site) -> Look:
    """What this host's scheduler found when it last compared its clock with WeChat's."""
    told = clock_drift(site)
    good = told is None or abs(told) <= MOST_DRIFT_SECONDS
    return Look("clock", good=good, value=told, unit="drift_seconds")


def clock_drift(site: Site) -> float | None:
    """Seconds by which this host is ahead of WeChat, as it was found within the last hour."""
    return _kept(site, f"{DRIFT_KEY}{site.settings.host.name}")


def note_drift(site: Site, seconds: float) -> None:
    with suppress(RedisError, OSError):
        site.redis.set(f"{DRIFT_KEY}{site.settings.host.name}", seconds, ex=DRIFT_LIVES)


def _backup(site: Site) -> Look:
    made = last_backup(site)
    age = None if made is None else max(0.0, time.time() - made)
    return Look(
        "backup", good=age is not None and age <= BACKUP_AGE.total_seconds(), value=age, unit="seconds"
    )


def last_backup(site: Site) -> float | None:
    """When any host made one: its archive lies here, or that host has said so in Redis."""
    here = [path.stat().st_mtime for path in (site.settings.data / "backups").glob("*.backup")]
    told = _kept(site, LAST_MADE)
    return max([*here, *([told] if told else [])], default=None)


def _kept(site: Site, key: str) -> float | None:
    with suppress(RedisError, OSError, ValueError):
        told = site.redis.get(key)
        return float(str(told)) if told else None
    return None


def figures(site: Site) -> Iterator[tuple[str, str, dict[str, float]]]:
    """For Prometheus: (name, what it is, check → figure)."""
    found = health(site)
    yield (
        "xingfu_check_ok",
        "What was looked at is as it should be",
        {look.name: float(look.good) for look in found.looks},
    )
    yield (
        "xingfu_check_value",
        "The figure that was looked at (seconds or bytes)",
        {look.name: look.value for look in found.looks if look.value is not None},
    )
    here = found.lead is not None and found.lead.holder.startswith(f"{site.settings.host.name} ")
    yield "xingfu_leads", "Whether this host's scheduler leads", {"leader": float(here)}
