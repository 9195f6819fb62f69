"""`python -m scheduler`: tick every second, run what is due, replay what was spooled, do the long work.

Any number may run, on any number of hosts: one leads, the others stand by (scheduler/leading.py). What this host has
spooled is replayed by this host, whoever leads.
"""

import logging
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from app.database import Busy
from app.health import note_drift
from app.hosts import join
from app.jobs import Job
from app.logs import start_logs
from app.reception import replay_spool
from app.settings import settings_or_end
from app.site import Site
from app.wechat.dates import drift
from scheduler import hands
from scheduler.leading import Leading
from scheduler.opening import open_account
from scheduler.timetable import prepare, run_due, timetable

log = structlog.get_logger()


def main() -> None:
    settings = settings_or_end()
    start_logs(settings)
    site = Site(settings)
    jobs = timetable(site)
    join(site, "scheduler")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    begin(site, jobs, stop)
    leading = Leading(site)
    if settings.mode == "sandbox":
        threading.Thread(target=open_account, args=(site,), daemon=True).start()
    logging.getLogger("apscheduler").setLevel(
        logging.ERROR
    )  # that a tick took longer than a second is no news
    ticker = BackgroundScheduler(timezone="Asia/Shanghai")
    ticker.add_job(lambda: keep_lead(leading), "interval", seconds=1, max_instances=1, coalesce=True)
    ticker.add_job(
        lambda: tick(site, jobs, leading.is_mine), "interval", seconds=1, max_instances=1, coalesce=True
    )
    ticker.add_job(
        lambda: compare_clocks(site),
        "interval",
        seconds=600,
        next_run_time=datetime.now(UTC),
        max_instances=1,
    )
    ticker.start()
    hands.start(site, stop, leading.is_mine)
    log.info("scheduler_started", jobs=len(jobs))
    stop.wait()
    ticker.shutdown(wait=True)
    with suppress(Busy):
        leading.leave()
    site.close()


def begin(site: Site, jobs: dict[str, Job], stop: threading.Event) -> None:
    """See that every job has its row. A database that is away just now is waited for, as by every tick."""
    while not stop.is_set():
        try:
            prepare(site, jobs.values())
        except Busy as busy:
            log.warning("scheduler_waits", reason=str(busy))
            stop.wait(1)
        else:
            return


def keep_lead(leading: Leading) -> None:
    """Beside the ticking: a tick in which much is due may take longer than a lease."""
    with suppress(Busy):
        leading.look()


def compare_clocks(site: Site) -> None:
    """How far this host's clock is from WeChat's, for /readyz: one that is wrong makes tokens and reminders wrong."""
    found = drift(site.settings.platform.api_base)
    if found is not None:
        note_drift(site, found)


def tick(site: Site, jobs: dict[str, Job], leads: Callable[[], bool] = lambda: True) -> None:
    """One look at the clock. A busy database means: next second; a fault in one part does not stop the other."""
    parts: tuple[Callable[[], int], ...] = (
        lambda: replay_spool(site),
        lambda: run_due(site, jobs) if leads() else 0,
    )
    for part in parts:
        try:
            part()
        except Busy as busy:
            log.warning("tick_not_done", reason=str(busy))
        except Exception:
            log.exception("tick_fault")


if __name__ == "__main__":
    main()
