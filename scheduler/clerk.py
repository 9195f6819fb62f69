"""Who keeps the book of a delivery process: claims rows, decides, notes what begins, writes down what ended.

One turn is one unit of work for as many rows as there are, so that a message costs a fraction of a transaction. What
may have left is written before it leaves; what WeChat answered is kept until it is written, however busy the database.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from functools import partial
from typing import NamedTuple

import structlog
from sqlalchemy.orm import Session

from app import clock, metrics
from app.database import Busy
from app.redis import Resilient
from app.site import Site
from models import dispatch, doors, outbox
from models.dispatch import Claimed
from models.doors import closed_doors
from models.outbox import BROADCAST, PERSONAL
from scheduler import letters, outcomes
from scheduler.outcomes import LEASE, MOST_FAULTS
from scheduler.pace import Pace
from scheduler.pauses import Closing, Pauses
from scheduler.places import Places
from scheduler.sending import NOT_ASKED, Ending, Journey, decide, ended, look_ahead

log = structlog.get_logger()
NOT_SENT = (
    "failed",
    "unknown",
    "expired",
    "cancelled",
)  # what left is a row that says so: a line each would be dear
LOOK_SECONDS = 0.5  # how soon a stop, and a door that another process found closed, is heeded here


class Page(NamedTuple):
    """What one unit of work has done."""

    begun: set[Claimed]
    without_road: set[Claimed]
    claimed: list[Claimed]
    broadcasts: int


class Clerk:
    """All that waits in this process is here: decided journeys, those on their way, endings not written down yet."""

    def __init__(self, site: Site, pauses: Pauses) -> None:
        self.halts: dict[str, str | None] = {}
        self.throttled = False
        self._site = site
        self._pauses = pauses
        self._pace = Pace(Resilient(site.redis), site.settings.delivery.per_second)
        self._places = Places(site.settings.delivery.at_once)
        self._decided: tuple[deque[Journey], deque[Journey]] = deque(), deque()
        self._fresh: list[Claimed] = []
        self._ended: list[Ending] = []
        self._looked_at = 0.0

    @property
    def out(self) -> int:
        """How many are on their way."""
        return len(self._places)

    @property
    def owes(self) -> bool:
        """Whether something is on its way or not written down yet."""
        return bool(self.out or self._ended)

    @property
    def is_idle(self) -> bool:
        return not (self.owes or self._fresh or any(self._decided))

    def look_soon(self) -> None:
        """At the next turn, not half a second after the last look."""
        self._looked_at = 0.0

    def turn(self, *, claiming: bool = True) -> tuple[list[Journey], int]:
        """Write down what ended, note what begins, claim more: who leaves now, and how many rows were claimed.

        Raises Busy when nothing of it was done; it is all still there for the next turn."""
        self._look()
        leaving = self._pick()
        waiting = len(self._decided[PERSONAL]), len(self._decided[BROADCAST])
        personal, broadcast = self._places.wanted(waiting) if claiming and not self._fresh else (0, 0)
        granted = self._pace.take(broadcast)
        try:
            page = self._write(leaving, personal, granted)
        except BaseException:
            self._pace.give_back(granted)
            self._wait_again(leaving)
            raise
        self._fresh += page.claimed
        self.throttled = granted < broadcast and page.broadcasts == granted
        self._pace.give_back(granted - page.broadcasts)
        return self._begun(leaving, page), len(page.claimed)

    def decide(self) -> None:
        """Read what was claimed and choose its roads. Raises Busy when that has to be tried again."""
        for one, letter in letters.read(self._site, self._fresh):
            try:
                found = decide(self._site, one, letter)
            except Exception:
                log.exception("send_fault", row=one.id)
                found = Ending(one, outcomes.not_made(one))
            if isinstance(found, Ending):
                self._ended.append(found)
            else:
                self._decided[found.letter.rank].append(found)
        self._fresh.clear()

    def welcome(self, journey: Journey, ending: Ending | None, *, lost: bool = False) -> None:
        """Somebody has come back: with an end, for another road, or lost on the way by a fault of ours."""
        self._places.free(journey.claimed)
        if ending is not None:
            self._ended.append(ending)
        elif not lost:
            self._decided[journey.letter.rank].appendleft(journey)
        elif journey.claimed.tries >= MOST_FAULTS:
            self._ended.append(ended(journey, outcomes.broken()))
        # else: it may have left. Its lease brings it back, and it is judged by what was written before sending.

    def release(self) -> None:
        """Give back what has not begun: the process is about to end."""
        for line in self._decided:
            self._ended += [ended(one, outcomes.given_back(one.letter)) for one in line]
            line.clear()

    # ---- the parts of a turn -------------------------------------------------------------------------------------

    def _look(self) -> None:
        """What others have decided meanwhile: bundles that were halted, doors that were found closed."""
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        with self._site.database.reading() as session:
            self.halts = outbox.halts(session)
            shut = [
                Closing(one.door, one.until, one.reason, one.errcode)
                for one in session.scalars(closed_doors())
            ]
            strays = outbox.has_strays(session, self.halts)
        if strays:
            self._site.database.writing(partial(outbox.keep_halted, known=self.halts))
        self._pauses.hear(shut)
        self._looked_at = time.monotonic()

    def _pick(self) -> list[Journey]:
        """Those for whom there is a place; those that cannot leave now end here."""
        picked: list[Journey] = []
        for rank, line in enumerate(self._decided):
            while line:
                ending = look_ahead(line[0], self._pauses, self.halts)
                if ending is not None:
                    self._ended.append(ending)
                elif self._places.take(line[0].claimed, rank, keeps_key=line[0].road.keeps_key):
                    picked.append(line[0])
                else:
                    break
                line.popleft()
        return picked

    def _wait_again(self, leaving: list[Journey]) -> None:
        for one in reversed(leaving):
            self._places.free(one.claimed)
            self._decided[one.letter.rank].appendleft(one)

    def _write(self, leaving: list[Journey], personal: int, broadcast: int) -> Page:
        """One unit. When a row of it cannot be written each ending is tried by itself, so that it holds up no other."""
        done, shut = list(self._ended), self._pauses.untold()
        if not (done or shut or leaving or personal or broadcast):
            return Page(set(), set(), [], 0)
        unit = partial(_page, done=done, shut=shut, leaving=leaving, wanted=(personal, broadcast))
        try:
            page = self._site.database.writing(unit)
        except Busy:
            raise
        except Exception:
            log.exception("book_fault", rows=len(done))
            self._settle_singly(done)
            raise
        self._written(done)
        self._pauses.told(shut)
        return page

    def _settle_singly(self, done: list[Ending]) -> None:
        """What cannot be written even by itself is left to its lease."""
        for one in done:
            try:
                self._site.database.writing(partial(_settle, done=[one]))
            except Busy:
                raise
            except Exception:
                log.exception("not_written_down", row=one.claimed.id)
            self._written([one])

    def _written(self, done: list[Ending]) -> None:
        self._ended = self._ended[len(done) :]
        for (road, state), many in Counter((one.road or "any", one.outcome.state) for one in done).items():
            metrics.sent.labels(road, state).inc(many)
        for one in done:
            if one.outcome.state in NOT_SENT:
                code = one.outcome.values.get("errcode")
                log.info(
                    "message_not_sent",
                    row=one.claimed.id,
                    state=one.outcome.state,
                    road=one.road,
                    errcode=code,
                )

    def _begun(self, leaving: list[Journey], page: Page) -> list[Journey]:
        """Who was overtaken, or stopped before it began, is forgotten here; whose road is gone takes the next."""
        gone: list[Journey] = []
        for one in leaving:
            if one.claimed in page.begun:
                one.noted_at = time.monotonic()
                gone.append(one)
                continue
            self._places.free(one.claimed)
            if one.claimed in page.without_road:
                one.left.pop(0)
                self._decided[one.letter.rank].appendleft(one)
        return gone


def _page(
    session: Session, done: list[Ending], shut: list[Closing], leaving: list[Journey], wanted: tuple[int, int]
) -> Page:
    for each in shut:
        doors.close(session, each.door, each.until, reason=each.reason, errcode=each.errcode)
    _settle(session, done)
    without_road = {one.claimed for one in leaving if one.road.before and not one.road.before(session)}
    roads = {one.claimed: one.road.name for one in leaving if one.claimed not in without_road}
    begun = dispatch.begin(session, roads, clock.now() + LEASE)
    for one in leaving:
        if one.road.after and one.claimed in roads and one.claimed not in begun:
            one.road.after(session, NOT_ASKED)
    claimed = dispatch.claim(session, *wanted, LEASE)
    return Page(begun, without_road, claimed, sum(one.rank == BROADCAST for one in claimed))


def _settle(session: Session, done: list[Ending]) -> None:
    dispatch.settle(session, [(one.claimed, one.outcome.values) for one in done])
    for one in done:
        for work in one.afterwards:
            work(session)
