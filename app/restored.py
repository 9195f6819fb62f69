"""After a restore the data is older than the world: what may have happened since the backup is not done once more.

Features hold back theirs (broadcasts stop and wait for a person). Runs of jobs that were due are made up at once, while
nobody is served, so that what they say to people is there with the rest. Then every message that should have left by
now goes to the list of those of which nobody knows: it may have left from the house that was lost. Client ids come from
a row's own random number, so that no row of today inherits the key of one that is lost (trust F27).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import audit, clock
from app.invariants import broken
from app.site import Site
from models.identity import Actor
from models.ledger import TimeAccount, TimeTransfer
from models.outbox import OutboxRow
from scheduler.timetable import prepare, run_due, timetable

MAY_HAVE_LEFT = "恢复过备份,不知道备份以后发出去没有。请打电话问一下。"
MOST_ROUNDS = 3  # a run may make another one due


def come_back(site: Site) -> list[str]:
    """Put right what is not known any more; the report, a line each."""
    _hold_back(site)
    jobs = timetable(site)
    prepare(site, jobs.values())
    runs = sum(run_due(site, jobs) for _ in range(MOST_ROUNDS))
    doubted = site.database.writing(_doubt)
    told = f"{runs} runs of jobs were made up; {doubted} messages may have left since the backup: the desk has the list"
    with site.database.reading() as session:
        return [told, _ledger(session), *(_invariants(site, session))]


def _hold_back(site: Site) -> None:
    for feature in site.house.features:
        if feature.restored is not None:
            told = feature.restored
            site.database.writing(lambda session, told=told: told(Actor(session, channel="job")))  # type: ignore[misc]


def _doubt(session: Session) -> int:
    """Broadcasts are held already; what is due later has not left."""
    now: datetime = clock.now()
    due = OutboxRow.state.in_(("waiting", "sending")), OutboxRow.bundle.is_(None), OutboxRow.due <= now
    ended = {"state": "unknown", "reason": MAY_HAVE_LEFT, "settled_at": now}
    statement = update(OutboxRow).where(*due).values(**ended).returning(OutboxRow.id)
    count = len(session.execute(statement.execution_options(synchronize_session=False)).all())
    audit.note(Actor(session, channel="job"), "house.restore", None, count=count)
    return count


def _ledger(session: Session) -> str:
    transfers = session.scalar(select(func.count()).select_from(TimeTransfer))
    latest = session.scalar(select(func.max(TimeTransfer.at)))
    together = session.scalar(select(func.sum(TimeAccount.balance))) or 0
    last = f", the last at {clock.local(latest):%Y-%m-%d %H:%M}" if latest else ""
    return f"ledger: {transfers} transfers{last}; all accounts together hold {together} minutes"


def _invariants(site: Site, session: Session) -> list[str]:
    return broken(session, site.house.features) or ["all invariants hold"]
