"""This scheduler's part in the lead (models/leader.py): it asks, it keeps, it knows without asking when it has lost it.

The lease is counted from before the question was put, by a clock that goes on while the process is stopped: whoever
wakes up after SIGSTOP knows at once that the lead has gone to somebody else.
"""

from __future__ import annotations

import os
import time

import structlog

from app.run_record import birth, is_the_same
from app.site import Site
from models import leader

log = structlog.get_logger()
LEASE_SECONDS = leader.LEASE.total_seconds()
RENEW_SECONDS = LEASE_SECONDS / 3


class Leading:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._host = site.settings.host.name
        self.me = f"{self._host} {os.getpid()} {birth(os.getpid())}"
        self._until = 0.0
        self._led = False

    def is_mine(self) -> bool:
        """Whether the lease that was granted last still runs."""
        return time.monotonic() < self._until

    def look(self) -> bool:
        """Ask for the lead, or for more of it, when it is time; whether it is ours. Raises Busy."""
        asked = time.monotonic()
        if self._until - asked > LEASE_SECONDS - RENEW_SECONDS:
            return True
        dead = self._dead()
        if self._site.database.writing(lambda session: leader.lead(session, self.me, dead=dead)):
            self._until = asked + LEASE_SECONDS
        self._tell()
        return self.is_mine()

    def leave(self) -> None:
        """At the end: the next one need not wait for the lease."""
        self._until = 0.0
        self._site.database.writing(lambda session: leader.leave(session, self.me))

    def _dead(self) -> str:
        """A holder on this very host whose process has ended; its lease need not be waited for."""
        with self._site.database.reading() as session:
            holder = leader.last_holder(session)
        host, _, process = holder.partition(" ")
        pid, _, born = process.partition(" ")
        if host != self._host or holder == self.me or not pid.isdecimal() or is_the_same(int(pid), born):
            return leader.NOBODY
        return holder

    def _tell(self) -> None:
        if self.is_mine() != self._led:
            self._led = self.is_mine()
            log.info("takes_the_lead" if self._led else "stands_by", host=self._host)
