"""More comes than can be done: who is at work, who waits, and who is told at once that it is too much now.

Without a limit everybody waits longer than WeChat's five seconds and nobody is served. So a process takes on as many
at a time as it has slots; the next wait in one line, the oldest first; and when even the oldest has waited its time,
or the line is full, a newcomer is turned away at once: a true sentence, no SQL, nothing remembered. What decides is
the waiting, not a count of messages, so that a faster machine takes on more.

The waiting must happen where it can be seen. Requests that no thread has picked up wait inside granian, which tells
nobody how long. Therefore every request gets a thread at once (app/serve.py gives it one for each slot and each place
of the line, and some to spare), and the line is kept here. A waiting thread sleeps; it costs no processor time.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from redis.exceptions import RedisError

from app import clock, metrics
from app.database import Busy
from app.reception import inbox_key, not_done
from app.spool import keep_for_later
from models.arrivals import ANSWERED

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from app.settings import Web
    from app.site import Door, Site
    from app.wechat.push import Push

SPARE_THREADS = 8  # those who turn away; also the health checks, which wait for nobody
PUSHES = ("/wx/", "/mini/")
ALWAYS = ("/healthz", "/readyz", "/metrics", "/static/")
TURNED_AWAY = "xingfu.turned_away"
RETRY_AFTER = 10  # seconds, for browsers and programs
REPEAT_SECONDS = 4  # a push that is older than this has been sent before: WeChat repeats after five
TELL_SECONDS = 1.0
KEPT = timedelta(days=2)


def threads_for(web: Web) -> int:
    """How many threads granian needs so that nobody waits where we cannot see it."""
    return web.threads + web.waiting + SPARE_THREADS


class Line:
    """So many at work, so many waiting behind them in the order in which they came. Safe between threads.

    A newcomer is turned away when the oldest has waited `patience` seconds or no place is left. Whoever has waited
    twice as long, because something stalls, is turned away as well: what the work may take must still fit into WeChat's
    five seconds.
    """

    def __init__(self, slots: int, places: int, patience: float) -> None:
        self._lock = threading.Lock()
        self._free = slots
        self._places, self._patience = places, patience
        self._waiting: deque[tuple[threading.Lock, float]] = deque()
        self.tell: Callable[[int], None] = lambda _waiting: None

    def enter(self) -> bool:
        """Whether there is a slot now, after waiting for it; who enters must leave."""
        turn = threading.Lock()
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return True
            if self._is_full():
                return False
            turn.acquire()
            mine = (turn, time.monotonic())
            self._waiting.append(mine)
            self.tell(len(self._waiting))
        return turn.acquire(timeout=2 * self._patience) or not self._give_up(mine)

    def leave(self) -> None:
        """The slot goes straight to the oldest: nobody who comes later can take it."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft()[0].release()
                self.tell(len(self._waiting))
            else:
                self._free += 1

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def state(self) -> str:
        """For /readyz, which says so with 200: to take a crowded host out would crowd the others."""
        with self._lock:
            return "crowded" if self._free <= 0 and self._is_full() else "open"

    def _is_full(self) -> bool:
        if len(self._waiting) >= self._places:
            return True
        return bool(self._waiting) and time.monotonic() - self._waiting[0][1] >= self._patience

    def _give_up(self, mine: tuple[threading.Lock, float]) -> bool:
        """False when the slot was handed over in the same moment."""
        with self._lock:
            if mine not in self._waiting:
                return False
            self._waiting.remove(mine)
            self.tell(len(self._waiting))
            return True


class Admission:
    """In front of the whole application: pushes, pages and calls share the slots, as they share the processor and the
    connections to the database. Who is turned away goes on with a mark, and is answered by `turn_away` or a 503."""

    def __init__(self, app: WSGIApplication, line: Line, told: Told) -> None:
        self._app, self._line, self._told = app, line, told

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(ALWAYS):
            return self._app(environ, start)
        if not self._line.enter():
            self._told.note()
            environ[TURNED_AWAY] = True
            return self._app(environ, start)
        try:
            return self._app(environ, start)
        finally:
            self._line.leave()


def install(app: Flask, site: Site) -> Line:
    """Limit the application to what the settings allow; its pages answer 503 when they are turned away."""
    web = site.settings.web
    line = Line(web.threads, web.waiting, web.patience_ms / 1000)
    app.wsgi_app = Admission(app.wsgi_app, line, Told(site))  # type: ignore[assignment,method-assign]
    app.extensions["line"] = line
    line.tell = metrics.waiting.set

    @app.before_request
    def refuse_pages() -> None:
        if was_turned_away() and not request.path.startswith(PUSHES):  # WeChat's greeting takes no slot
            raise Busy("crowd")

    @app.after_request
    def say_when(response: Response) -> Response:
        if response.status_code == 503 and (was_turned_away() or "Retry-After" not in response.headers):
            response.headers["Retry-After"] = str(RETRY_AFTER)
        return response

    return line


def was_turned_away() -> bool:
    return TURNED_AWAY in request.environ


def turn_away(site: Site, door: Door, push: Push, raw: bytes) -> str:
    """The answer to a push for which there is no slot: nothing is done and nothing remembered, so that the same words
    a minute later are new. What has a duty and cries for help are kept for later, as when the database is away; so is
    all that comes from the mini-program, whose answers go out later anyway."""
    if door.kind == "mini":
        keep_for_later(site.settings.data, door.kind, door.name, raw)
        return ""
    said = _said_before(site, door, push) if clock.now().timestamp() - push.created > REPEAT_SECONDS else None
    return not_done(site, door, push, raw, "_base.crowded") if said is None else said


def _said_before(site: Site, door: Door, push: Push) -> str | None:
    """What the first try was answered, if it was done: of that, nobody may be told that it was not. One look by the
    key, for the few that are repeats."""
    with suppress(Busy), site.database.reading() as session:
        said: str | None = session.scalar(ANSWERED, {"key": inbox_key(door, push)})
        return said
    return None


# ---- what staff see --------------------------------------------------------------------------------------------------


class Told:
    """Counts who was turned away, and tells Redis once a second at most: there all processes and hosts add up."""

    def __init__(self, site: Site, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._site, self._monotonic = site, monotonic
        self._lock = threading.Lock()
        self._count, self._last = 0, float("-inf")

    def note(self) -> None:
        metrics.turned_away.inc()
        with self._lock:
            self._count += 1
            if self._monotonic() - self._last < TELL_SECONDS:
                return
            count, self._count, self._last = self._count, 0, self._monotonic()
        self._tell(count)

    def _tell(self, count: int) -> None:
        key = _key(clock.now())
        with suppress(RedisError, OSError):
            pipe: Any = self._site.redis.pipeline(transaction=False)
            pipe.hincrby(key, "count", count)
            pipe.hset(key, "last", int(clock.now().timestamp()))
            pipe.expire(key, KEPT)
            pipe.execute()


def turned_away_today(site: Site) -> tuple[int, datetime | None]:
    """About how many, and when the last time; (0, None) while Redis is away."""
    with suppress(RedisError, OSError):
        kept: Any = site.redis.hgetall(_key(clock.now()))
        if kept:
            return int(kept["count"]), datetime.fromtimestamp(int(kept["last"]), clock.COMMUNITY)
    return 0, None


def _key(at: datetime) -> str:
    return f"turned_away:{clock.local(at).date()}"
