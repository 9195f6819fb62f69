"""Tokens and tickets of WeChat, fetched by one process for all: kept in Redis, and in memory while Redis is
away.

The stable token makes mistakes harmless (asking again returns the same one), so a lock that runs out or a
Redis that is away costs at most one more fetch per process, never a dead token.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from app import clock

Fetch = Callable[[], tuple[str, int]]

# WeChat renews a token five minutes before it ends; both work meanwhile.
_RENEW_SECONDS = 300
_LOCK_MS = 12_000  # longer than connect and read time-out of one fetch together
_LONGEST_WAIT = 10.0
_POLL_SECONDS = 0.05
# A token that is refused within a minute of being fetched is not mended by another fetch: WeChat would give the same
# one (invariant I13: one fetch a minute, all processes together).
_FRESH_SECONDS = 60.0
_FETCHES, _MOST_FETCHES, _DAY_SECONDS = ":fetches", 200, 86_400


@dataclass(frozen=True, slots=True)
class _Kept:
    value: str
    until: float  # monotonic seconds


class SharedToken:
    """One value that all processes share and whoever needs it first renews. Safe between threads.

    `fetch` returns the value and the seconds it lives; its exceptions reach every caller that had to fetch.
    """

    def __init__(self, name: str, fetch: Fetch, redis: Redis | None) -> None:
        self._key = f"wechat:{name}"
        self._fetch = fetch
        self._redis = redis
        self._mutex = threading.Lock()
        self._kept: _Kept | None = None
        # The last failed fetch and when: whoever waited for it fails with it, instead of one time-out after another.
        self._fault: tuple[float, Exception] | None = None
        self._fresh_until = self._fetched_at = 0.0

    def get(self) -> str:
        """The current value; fetched when there is none."""
        kept = self._kept
        if kept and kept.until > time.monotonic():
            return kept.value
        asked_at = time.monotonic()
        with self._mutex:
            if self._fault and self._fault[0] >= asked_at:
                raise self._fault[1]
            return self._locked_get()

    def is_kept(self) -> bool:
        """Whether there is a value now; none is fetched."""
        kept = self._kept
        return bool(kept and kept.until > time.monotonic()) or bool(self._shared()[0])

    def seconds_left(self) -> float:
        """How long the value that all share may still be used; 0 when there is none, and none is fetched."""
        kept = self._kept
        return max(kept.until - time.monotonic() if kept else 0.0, self._shared()[1])

    def renew(self, refused: str) -> bool:
        """Forget a value that WeChat refused; False when asking for another is futile, since this one is fresh.

        Another thread or process may have replaced it already. Under the mutex, and in Redis first: whoever asked in
        between would find the refused value there and keep it.
        """
        with self._mutex:
            shared, seconds = self._shared()
            if self._kept and self._kept.value != refused:
                return True
            if shared and shared != refused:
                self._keep(shared, seconds)
                return True
            if self._is_fresh():
                return False
            self._ask(lambda redis: redis.delete(self._key))
            self._kept = None
            return True

    def _is_fresh(self) -> bool:
        """Whether somebody fetched within the last minute, by the seconds that passed and by the clock; while Redis is
        away, whether we did. A sandbox whose clock was moved has a token that is old indeed."""
        known = self._ask(lambda redis: redis.get(f"{self._key}:fresh") or "")
        if known is None:
            known = str(self._fetched_at) if time.monotonic() < self._fresh_until else ""
        return bool(known) and 0 <= clock.now().timestamp() - float(_text(known)) < _FRESH_SECONDS

    def _locked_get(self) -> str:
        if self._kept and self._kept.until > time.monotonic():
            return self._kept.value
        value, seconds = self._shared()
        if value:
            return self._keep(value, seconds)
        return self._fetch_once()

    def _fetch_once(self) -> str:
        """One process fetches, the others wait for what it finds; when they waited in vain they fetch too."""
        mine = secrets.token_hex(8)
        if self._ask(lambda redis: redis.set(f"{self._key}:lock", mine, nx=True, px=_LOCK_MS), True):
            try:
                return self._fetch_and_share()
            finally:
                self._unlock(mine)
        value, seconds = self._wait_for_another()
        return self._keep(value, seconds) if value else self._fetch_and_share()

    def _wait_for_another(self) -> tuple[str, float]:
        deadline = time.monotonic() + _LONGEST_WAIT
        while time.monotonic() < deadline and self._ask(lambda redis: redis.exists(f"{self._key}:lock")):
            time.sleep(_POLL_SECONDS)
        return self._shared()

    def _fetch_and_share(self) -> str:
        try:
            value, expires_in = self._fetch()
        except Exception as fault:
            self._fault = (time.monotonic(), fault)
            raise
        seconds = _lifetime(expires_in)
        now = self._fetched_at = clock.now().timestamp()
        self._fresh_until = time.monotonic() + _FRESH_SECONDS
        self._ask(lambda redis: redis.set(f"{self._key}:fresh", now, px=int(_FRESH_SECONDS * 1000)))
        self._ask(lambda redis: _note_fetch(redis, f"{self._key}{_FETCHES}", now))
        self._ask(lambda redis: redis.set(self._key, value, px=max(int(seconds * 1000), 1)))
        return self._keep(value, seconds)

    def _keep(self, value: str, seconds: float) -> str:
        self._kept = _Kept(value, time.monotonic() + seconds)
        return value

    def _shared(self) -> tuple[str, float]:
        """What Redis holds and for how many seconds more; ("", 0) when it has nothing or is away."""

        def read(redis: Redis) -> Any:
            both = redis.pipeline(transaction=False)
            both.get(self._key)
            both.pttl(self._key)
            return both.execute()

        value, milliseconds = self._ask(read) or (None, 0)
        if not value or int(milliseconds) <= 0:
            return "", 0.0
        return _text(value), int(milliseconds) / 1000

    def _unlock(self, mine: str) -> None:
        """Only our own lock: one that ran out may be another's by now."""
        held = self._ask(lambda redis: redis.get(f"{self._key}:lock"))
        if held and _text(held) == mine:
            self._ask(lambda redis: redis.delete(f"{self._key}:lock"))

    def _ask(self, command: Callable[[Redis], Any], otherwise: Any = None) -> Any:
        if self._redis is None:
            return otherwise
        try:
            return command(self._redis)
        except (RedisError, OSError):
            return otherwise


def _note_fetch(redis: Redis, key: str, now: float) -> None:
    """When it was fetched, the newest first, for a day."""
    many = redis.pipeline(transaction=False)
    many.lpush(key, now)
    many.ltrim(key, 0, _MOST_FETCHES - 1)
    many.expire(key, _DAY_SECONDS)
    many.execute()


def token_fetched_too_often(redis: Redis) -> list[str]:
    """I13: one fetch a minute, all processes together; where Redis is away nobody can say."""
    said: list[str] = []
    try:
        for key in sorted(_text(found) for found in redis.scan_iter(f"wechat:*{_FETCHES}")):
            times = sorted(float(_text(one)) for one in redis.lrange(key, 0, -1))
            close = [later for sooner, later in pairwise(times) if later - sooner < _FRESH_SECONDS]
            name = key.removesuffix(_FETCHES).removeprefix("wechat:")
            said += [f"{name} was fetched twice within a minute, at {at:.0f}" for at in close]
    except (RedisError, OSError):
        return []
    return said


def _lifetime(expires_in: int) -> float:
    """Seconds to use a value: until WeChat renews it; a short-lived one until its middle."""
    return float(expires_in - _RENEW_SECONDS) if expires_in > 2 * _RENEW_SECONDS else max(expires_in / 2, 1.0)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
