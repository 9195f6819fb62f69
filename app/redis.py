"""Redis is a helper that may be away: token cache, limits, wake-ups and hot caches, never a promise.

Callers that can do without it go through Resilient, which answers a default at once while Redis is away
instead of making residents wait for one timeout per message.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from app.settings import Settings

CONNECT_SECONDS = 0.05
ANSWER_SECONDS = 0.2
REST_SECONDS = 2.0
FAULTS_BEFORE_REST = 3
LOCAL_KEYS = 10_000

Result = TypeVar("Result")


def connect(settings: Settings) -> "Redis":
    """A client with a pool of its own; connects at the first command. Values are str."""
    return Redis.from_url(
        settings.redis.url,
        decode_responses=True,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(
            NoBackoff(), 1
        ),  # one fresh try: the server may have restarted since this connection was opened
        max_connections=32,
    )


class Resilient:
    """A circuit breaker: after three faults in a row nobody asks for two seconds, then one caller tries."""

    def __init__(self, client: Redis, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._faults = 0
        self._rest_until = 0.0

    @property
    def resting(self) -> bool:
        return self._clock() < self._rest_until

    def attempt(self, command: Callable[[Redis], Result], default: Result) -> Result:
        """command(client), or `default` when Redis is away, slow or answers an error."""
        if not self._may_ask():
            return default
        try:
            result = command(self.client)
        except (RedisError, OSError):
            self._failed()
            return default
        self._recovered()
        return result

    def _may_ask(self) -> bool:
        with self._lock:
            if self.resting:
                return False
            if self._faults >= FAULTS_BEFORE_REST:  # half open: this caller tries, the others go on resting
                self._rest_until = self._clock() + REST_SECONDS
            return True

    def _recovered(self) -> None:
        if self._faults:
            with self._lock:
                self._faults, self._rest_until = 0, 0.0

    def _failed(self) -> None:
        with self._lock:
            self._faults += 1
            if self._faults >= FAULTS_BEFORE_REST:
                self._rest_until = self._clock() + REST_SECONDS


# Two neighbouring fixed windows, the older one weighted by what is left of it: smooth at the border.
# KEYS: now, before. ARGV: limit, window in ms, part of the older window that still counts (0–1).
_SLIDING = """
local here = tonumber(redis.call('GET', KEYS[1]) or '0')
local before = tonumber(redis.call('GET', KEYS[2]) or '0')
if here + before * tonumber(ARGV[3]) >= tonumber(ARGV[1]) then return 0 end
redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
return 1
"""


class Limiter:
    """At most `limit` per `seconds` and key, sliding. While Redis is away each process counts for itself."""

    def __init__(self, redis: Resilient, *, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._clock = clock
        self._local = LocalCounts()

    def allow(self, key: str, *, limit: int, seconds: int) -> bool:
        """Counts one use and tells whether it is within the limit; a refused use is not counted."""
        window, passed = divmod(self._clock(), seconds)
        names = (f"limit:{key}:{seconds}:{int(window)}", f"limit:{key}:{seconds}:{int(window) - 1}")
        share = 1 - passed / seconds
        answer = self._redis.attempt(
            lambda client: int(str(client.eval(_SLIDING, 2, *names, limit, seconds * 1000, share))), -1
        )
        return self._local.allow(names, limit, share) if answer < 0 else bool(answer)


class LocalCounts:
    """The same rule in memory, bounded: the oldest keys fall out first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, int] = OrderedDict()

    def allow(self, names: tuple[str, str], limit: int, share: float) -> bool:
        here, before = names
        with self._lock:
            if self._counts.get(here, 0) + self._counts.get(before, 0) * share >= limit:
                return False
            self._counts[here] = self._counts.get(here, 0) + 1
            while len(self._counts) > LOCAL_KEYS:
                self._counts.popitem(last=False)
            return True


def is_alive(client: Any) -> bool:
    """Whether the server answers right now."""
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
