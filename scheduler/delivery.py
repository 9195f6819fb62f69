"""`python -m scheduler.delivery`: claim outbox rows, send them with no transaction open, write down what came of it.

A crash between sending and writing down is told apart by the row: where WeChat keeps an idempotency key the message is
sent again with it, elsewhere the row becomes `unknown`, which staff see, and is never blindly repeated.
"""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog

from app.database import Busy
from app.logs import start_logs
from app.settings import load_settings
from app.site import Site
from models import outbox
from models.outbox import Claimed
from scheduler.roads import send

log = structlog.get_logger()
LEASE = timedelta(seconds=60)
AT_ONCE = 8
MOST_CLAIMED = 32
IDLE_SECONDS = 1.0


def deliver_due(site: Site, pool: ThreadPoolExecutor) -> int:
    """Send what is due now; how many rows were claimed."""
    claimed = site.database.writing(lambda session: outbox.claim(session, MOST_CLAIMED, LEASE))
    list(pool.map(lambda one: _send_safely(site, one), claimed))
    return len(claimed)


def _send_safely(site: Site, claimed: Claimed) -> None:
    """A fault of ours leaves the row to its lease: it comes back, and is judged by what was written before sending."""
    try:
        send(site, claimed)
    except Exception:
        log.exception("send_fault", row=claimed.id)


def wait_for_work(site: Site, stop: threading.Event) -> None:
    """Until Redis wakes us or a second has passed; without Redis the second does it."""
    try:
        site.redis.blpop([outbox.WAKE], timeout=IDLE_SECONDS)
    except Exception:  # noqa: BLE001 (Redis may be away at any moment; it only makes us faster)
        stop.wait(IDLE_SECONDS)


def main() -> None:
    settings = load_settings()
    start_logs(settings)
    site = Site(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    log.info("delivery_started")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while not stop.is_set():
            try:
                busy = deliver_due(site, pool)
            except Busy as away:
                log.warning("delivery_not_done", reason=str(away))
                busy = 0
            if not busy:
                wait_for_work(site, stop)
    site.close()


if __name__ == "__main__":
    main()
