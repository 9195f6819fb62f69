"""`python -m scheduler`: tick every second, run what is due, replay what was spooled, do the long work."""

import signal
import threading
from collections.abc import Callable

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from app.database import Busy
from app.jobs import Job
from app.logs import start_logs
from app.reception import replay_spool
from app.settings import load_settings
from app.site import Site
from scheduler import hands
from scheduler.opening import open_account
from scheduler.timetable import prepare, run_due, timetable

log = structlog.get_logger()


def main() -> None:
    settings = load_settings()
    start_logs(settings)
    site = Site(settings)
    jobs = timetable(site)
    prepare(site, jobs.values())
    if settings.mode == "sandbox":
        threading.Thread(target=open_account, args=(site,), daemon=True).start()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    ticker = BackgroundScheduler(timezone="Asia/Shanghai")
    ticker.add_job(lambda: tick(site, jobs), "interval", seconds=1, max_instances=1, coalesce=True)
    ticker.start()
    hands.start(site, stop)
    log.info("scheduler_started", jobs=len(jobs))
    stop.wait()
    ticker.shutdown(wait=True)
    site.close()


def tick(site: Site, jobs: dict[str, Job]) -> None:
    """One look at the clock. A busy database means: next second; a fault in one part does not stop the other."""
    parts: tuple[Callable[[], int], ...] = (lambda: replay_spool(site), lambda: run_due(site, jobs))
    for part in parts:
        try:
            part()
        except Busy as busy:
            log.warning("tick_not_done", reason=str(busy))
        except Exception:
            log.exception("tick_fault")


if __name__ == "__main__":
    main()
