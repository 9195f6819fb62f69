"""How many connections a host may hold, so that all hosts together stay below what PostgreSQL lends.

    host  = workers × (main(threads + 8) + lane(threads))          web: the slots, and the spare threads beside them
          + main(6) + lane(5)                                      scheduler: the ticker, four hands, one to spare
          + main(2) + lane(1)                                      delivery: the clerk alone touches the database
    house = hosts × host + RESERVED ≤ max_connections

where main(n) and lane(n) are n, but at most the pool and its OVERFLOW. With 2 workers × 4 threads that is 46 a host, so
that two hosts fit into the usual 100. More than about 16–20 connections that work at the same time make
PostgreSQL slower, so a pool is at most 20; with many hosts lower web.threads before max_connections is raised.

Time-outs, each inside the 3.5 s that an answer to WeChat may take: a free connection 1.5 s, a new one 2 s, a lock 2
s, a statement 3 s; a server that vanished without a word is given up by TCP after 3.5 s. A connection that comes out
of the pool shows by its BEGIN whether it still lives, and a dead one is replaced before anything was done: after a
fail-over the first residents would otherwise pay for each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import text

from app.database import Busy
from app.settings import Settings

if TYPE_CHECKING:
    from app.site import Site

log = structlog.get_logger()
OVERFLOW = 2
SPARE = 8  # threads beside the slots (app/overload.py): health checks, and a look whether a push was answered before
RESERVED = 5  # a backup, a migration, somebody with psql; three of them PostgreSQL keeps for its superuser
SCHEDULER, DELIVERY = (6, 5), (2, 1)


def lane_pool(pool: int) -> int:
    """The confidential lane is asked a hundredth as often."""
    return max(2, pool // 2)


def needed(settings: Settings) -> int:
    """How many connections one host with every program may hold."""
    web, pool = settings.web, settings.database.pool
    asked = [(web.threads + SPARE, web.threads)] * web.workers + [SCHEDULER, DELIVERY]
    return sum(min(main, pool + OVERFLOW) + min(lane, lane_pool(pool) + OVERFLOW) for main, lane in asked)


def warn(site: Site, hosts: int) -> None:
    """Say in the log that so many hosts would want more than the server lends."""
    lent = _lent(site)
    wanted = hosts * needed(site.settings) + RESERVED
    if lent is not None and wanted > lent:
        log.warning("too_few_connections", hosts=hosts, wanted=wanted, max_connections=lent)


def _lent(site: Site) -> int | None:
    if site.database.is_sqlite:
        return None
    try:
        with site.database.reading() as session:
            return int(session.scalar(text("SHOW max_connections")) or 0)
    except Busy:
        return None  # it is away: whoever needs it will say so
