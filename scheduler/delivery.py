"""`python -m scheduler.delivery`: claim outbox rows, send them with no transaction open, write down what came of it.

A crash between sending and writing down is told apart by the row: where WeChat keeps an idempotency key the message is
sent again with it, elsewhere the row becomes `unknown`, which staff see, and is never blindly repeated.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import structlog
from redis import Redis
from redis.exceptions import RedisError

from app.database import Busy
from app.logs import start_logs
from app.settings import load_settings
from app.site import Site
from models import outbox
from models.outbox import Claimed
from scheduler import outcomes
from scheduler.pauses import Pauses
from scheduler.sending import LEASE, send, write_down

log = structlog.get_logger()
AT_ONCE = 8
MOST_CLAIMED = 32
MOST_FAULTS = 8
IDLE_SECONDS = 1.0


class Delivery:
    """One process's hands: so many sendings at once, and what it has learnt about closed roads."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._pauses = Pauses()
        self._pool = ThreadPoolExecutor(AT_ONCE)

    def deliver_due(self) -> int:
        """Send what is due now; how many rows were claimed."""
        claimed = self.site.database.writing(lambda session: outbox.claim(session, MOST_CLAIMED, LEASE))
        list(self._pool.map(self._send_in_order, by_person(claimed)))
        return len(claimed)

    def close(self) -> None:
        self._pool.shutdown()

    def _send_in_order(self, letters: list[Claimed]) -> None:
        for one in letters:
            self._send_safely(one)

    def _send_safely(self, claimed: Claimed) -> None:
        """A fault of ours leaves the row to its lease: it comes back, and is judged by what was written before
        sending. One that never gets anywhere ends where staff see it."""
        try:
            send(self.site, self._pauses, claimed)
        except Busy as away:
            log.warning("send_not_done", row=claimed.id, reason=str(away))
        except Exception:
            log.exception("send_fault", row=claimed.id)
            if claimed.tries >= MOST_FAULTS:
                write_down(self.site, claimed, outcomes.broken())


def by_person(claimed: Iterable[Claimed]) -> list[list[Claimed]]:
    """What goes to one person goes one after the other, in the order in which it was written."""
    people: dict[int, list[Claimed]] = {}
    for one in sorted(claimed):
        people.setdefault(one.person_id, []).append(one)
    return list(people.values())


class Bell:
    """Rings when something was put into the outbox. Redis may be away at any moment: it only makes us faster."""

    def __init__(self, url: str) -> None:
        # A client of its own: the house's answers within 0.2 s or not at all, this one is meant to wait.
        self._redis = Redis.from_url(url, socket_connect_timeout=0.2, socket_timeout=IDLE_SECONDS + 1)

    def wait(self, stop: threading.Event) -> None:
        """Until it rings or a second has passed."""
        try:
            self._redis.blpop([outbox.WAKE], timeout=IDLE_SECONDS)
        except (RedisError, OSError):
            stop.wait(IDLE_SECONDS)


def main() -> None:
    settings = load_settings()
    start_logs(settings)
    site = Site(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    log.info("delivery_started")
    delivery, bell = Delivery(site), Bell(settings.redis.url)
    while not stop.is_set():
        if not _deliver(delivery):
            bell.wait(stop)
    delivery.close()
    site.close()


def _deliver(delivery: Delivery) -> int:
    try:
        return delivery.deliver_due()
    except Busy as away:
        log.warning("delivery_not_done", reason=str(away))
        return 0


if __name__ == "__main__":
    main()
