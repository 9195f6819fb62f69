"""How fast broadcasts leave, all processes together: WeChat counts calls by the minute, and the house must still answer
its residents. Messages to one person do not wait for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from redis import Redis

from app.redis import Resilient

KEY = "delivery:pace"
STORED_SECONDS = 0.5  # what was not used may be caught up, so much of it

# A bucket that fills evenly. KEYS: the bucket. ARGV: tokens a second, most that it holds, wanted (below 0: given back).
_TAKE = """
local now = redis.call('TIME')
local at = now[1] + now[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local most = tonumber(ARGV[2])
local left = tonumber(kept[1] or most)
left = math.min(most, left + math.max(0, at - tonumber(kept[2] or at)) * tonumber(ARGV[1]))
local taken = math.min(tonumber(ARGV[3]), math.max(0, math.floor(left)))
redis.call('HSET', KEYS[1], 'left', math.min(most, left - taken), 'at', at)
redis.call('PEXPIRE', KEYS[1], 10000)
return taken
"""


class Pace:
    """So many a second. While Redis is away each process counts for itself."""

    def __init__(
        self, redis: Resilient, per_second: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._redis = redis
        self._rate = per_second
        self._most = max(1.0, per_second * STORED_SECONDS)
        self._clock = clock
        self._lock = threading.Lock()
        self._left, self._at = self._most, clock()

    def take(self, wanted: int) -> int:
        """How many may leave now, up to `wanted`."""
        if wanted <= 0:
            return 0

        def ask(redis: Redis) -> int:
            return int(str(redis.eval(_TAKE, 1, KEY, self._rate, self._most, wanted)))

        taken = self._redis.attempt(ask, -1)
        return self._take_here(wanted) if taken < 0 else taken

    def give_back(self, unused: int) -> None:
        if (
            unused > 0
            and self._redis.attempt(
                lambda redis: redis.eval(_TAKE, 1, KEY, self._rate, self._most, -unused) is not None, False
            )
            is False
        ):
            self._take_here(-unused)

    def _take_here(self, wanted: int) -> int:
        with self._lock:
            now = self._clock()
            left = min(self._most, self._left + (now - self._at) * self._rate)
            taken = min(wanted, max(0, int(left)))
            self._left, self._at = min(self._most, left - taken), now
            return taken
