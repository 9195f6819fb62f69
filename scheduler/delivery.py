"""`python -m scheduler.delivery`: claim outbox rows, send them with no transaction open, write down what came of it.

One thread, the clerk, does all the writing; the carriers do nothing but ask WeChat. A crash between sending and writing
down is told apart by the row: where WeChat keeps an idempotency key the message is sent again with it, elsewhere the
row becomes `unknown`, which staff see, and is never blindly repeated.
"""

from __future__ import annotations

import signal
import threading
import time

import structlog
from redis import Redis
from redis.exceptions import RedisError

from app.database import Busy
from app.hosts import join
from app.logs import start_logs
from app.settings import settings_or_end
from app.site import Site
from models import outbox
from scheduler import outcomes
from scheduler.carriers import Carriers
from scheduler.clerk import Clerk
from scheduler.pauses import Pauses
from scheduler.sending import NOT_ASKED, Ending, Journey, carry, ended

log = structlog.get_logger()
IDLE_SECONDS = 1.0
REST_SECONDS = 0.3
INSIST_SECONDS = 40  # what WeChat answered must not be lost to a busy database
GATHER_SECONDS = 0.005
LAST_SECONDS = 15  # how long an ending process waits for WeChat's answers
PATIENCE_SECONDS = 0.2


class Delivery:
    """One process's way out. Its memory is bounded by how many may be on their way, never by an audience."""

    def __init__(self, site: Site) -> None:
        self._pauses = Pauses()
        self._clerk = Clerk(site, self._pauses)
        self._ending = False
        self._many = max(1, site.settings.delivery.at_once // 4)
        self._carriers = Carriers(self._carry, site.settings.delivery.at_once)

    def deliver_due(self) -> int:
        """Send all that is due now and wait for the answers; how many rows were claimed."""
        count, until = 0, time.monotonic() + INSIST_SECONDS
        self._clerk.look_soon()
        while True:
            try:
                taken = self._step()
            except Busy:
                if not self._clerk.owes or time.monotonic() > until:
                    raise
                time.sleep(REST_SECONDS)
                continue
            count += taken
            if not taken and self._clerk.is_idle and not self._clerk.throttled:
                return count
            self._wait_for_answers()

    def run(self, stop: threading.Event, bell: Bell) -> None:
        """Until `stop`; then wait for what is on its way, and give back the rest."""
        while not stop.is_set():
            if self._try_step() or self._wait_for_answers():
                continue
            if self._clerk.throttled:
                stop.wait(PATIENCE_SECONDS / 2)
            elif self._clerk.is_idle:
                bell.wait(stop)
        self._end()

    def close(self) -> None:
        self._carriers.close()

    def _step(self, *, claiming: bool = True) -> int:
        leaving, taken = self._clerk.turn(claiming=claiming)
        for journey in leaving:
            self._carriers.send_off(journey)
        self._clerk.decide()
        return taken

    def _try_step(self, *, claiming: bool = True) -> int:
        try:
            return self._step(claiming=claiming)
        except Busy as away:
            log.warning("delivery_not_done", reason=str(away))
        except Exception:
            log.exception("delivery_fault")
        time.sleep(REST_SECONDS)
        return 0

    def _wait_for_answers(self) -> bool:
        """Take in who has come back; False when nobody is on the way."""
        if not self._clerk.out:
            return False
        found = self._carriers.come_back(PATIENCE_SECONDS)
        if self._clerk.out > self._many:
            time.sleep(GATHER_SECONDS)
            found += self._carriers.come_back(0)
        for journey, ending, lost in found:
            self._clerk.welcome(journey, ending, lost=lost)
        return True

    def _carry(self, journey: Journey) -> Ending | None:
        if self._ending:
            journey.remember(NOT_ASKED)
            return ended(journey, outcomes.given_back(journey.letter))
        return carry(journey, self._pauses, self._clerk.halts)

    def _end(self) -> None:
        self._ending = True
        self._clerk.release()
        until = time.monotonic() + LAST_SECONDS
        while not self._clerk.is_idle and time.monotonic() < until:
            self._wait_for_answers()
            self._clerk.release()
            self._try_step(claiming=False)


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
    settings = settings_or_end()
    start_logs(settings)
    site = Site(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    join(site, "delivery")
    log.info("delivery_started")
    Delivery(site).run(stop, Bell(settings.redis.url))
    site.close()


if __name__ == "__main__":
    main()
