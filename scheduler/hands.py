"""The scheduler's hands: long work that staff asked for and the features' errands are done here, beside the ticking,
never inside a request. Each has hands of its own: a list that takes minutes must not keep a broadcast waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from app.database import Busy
from app.site import Site
from app.work import run_waiting

log = structlog.get_logger()
WORK_HANDS, ERRAND_HANDS = 2, 2
REST_SECONDS = 0.5


def start(site: Site, stop: threading.Event, leads: Callable[[], bool]) -> list[threading.Thread]:
    """Threads that look for work until `stop`, while this process `leads`; what they leave unfinished is taken up by
    the next one."""
    does = [run_waiting] * WORK_HANDS + [run_errands] * ERRAND_HANDS
    hands = [
        threading.Thread(target=_work, args=(site, do, stop, leads), name=f"hand-{n}", daemon=True)
        for n, do in enumerate(does)
    ]
    for hand in hands:
        hand.start()
    return hands


def _work(site: Site, do: Callable[[Site], int], stop: threading.Event, leads: Callable[[], bool]) -> None:
    while not stop.wait(REST_SECONDS):
        if not leads():
            continue
        try:
            do(site)
        except Busy as busy:
            log.warning("work_not_looked_for", reason=str(busy))
        except Exception:
            log.exception("hand_fault")


def run_errands(site: Site) -> int:
    """What features want done with the network, each in its own time; a fault in one does not stop the others."""
    done = 0
    for feature in site.house.features:
        for errand in feature.errands:
            try:
                done += errand(site)
            except Busy:
                raise
            except Exception:
                log.exception("errand_fault", feature=feature.name)
    return done
