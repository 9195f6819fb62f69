"""The scheduler's hands: long work that staff asked for and the features' errands are done here, beside the ticking,
never inside a request."""

from __future__ import annotations

import threading

import structlog

from app.database import Busy
from app.site import Site
from app.work import run_waiting

log = structlog.get_logger()
HANDS = 2
REST_SECONDS = 0.5


def start(site: Site, stop: threading.Event) -> list[threading.Thread]:
    """Threads that look for work until `stop`; what they leave unfinished is taken up by the next process."""
    hands = [
        threading.Thread(target=_work, args=(site, stop), name=f"hand-{n}", daemon=True) for n in range(HANDS)
    ]
    for hand in hands:
        hand.start()
    return hands


def _work(site: Site, stop: threading.Event) -> None:
    while not stop.wait(REST_SECONDS):
        try:
            run_waiting(site)
            run_errands(site)
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
