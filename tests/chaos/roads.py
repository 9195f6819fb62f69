"""A house whose way to WeChat leads over a proxy that may fall ill: in process, beside the real sandbox platform."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from models.doors import closed_doors
from tests.chaos.proxy import Proxy
from tests.scheduler.conftest import Platform, Post, Reader, at_platform, posting


@dataclass
class LongWay:
    """The house, and the road on which WeChat is."""

    post: Post
    proxy: Proxy

    def tell(self, reader: Reader, *once: str) -> None:
        for each in once:
            reader.is_told(each, each)

    def heard(self, reader: Reader) -> list[str]:
        """What this neighbour has read, in the order in which it came."""
        return [one["text"] for one in reader.received("custom")]

    def states(self, *once: str) -> list[str]:
        return [self.post.row(each).state for each in once]

    def shut(self) -> list[str]:
        with self.post.town.reading() as session:
            return [one.reason for one in session.scalars(closed_doors())]

    def pass_time(self, *, steps: int, step: timedelta) -> None:
        for _ in range(steps):
            self.post.later(step)
            self.post.deliver()


@contextmanager
def long_way(platform: Platform, valkey: str, database: Path, *, scheme: str = "http") -> Iterator[LongWay]:
    """On a SQLite of its own (an empty one that has been copied there)."""
    host, port = "127.0.0.1", int(platform.running.url.rpartition(":")[2])
    proxy = Proxy(host, port)
    settings = at_platform(platform, f"sqlite:///{database}", valkey)
    base = {"api_base": proxy.url.replace("http", scheme, 1)}
    settings = settings.model_copy(update={"platform": settings.platform.model_copy(update=base)})
    try:
        with posting(platform, settings) as post:
            yield LongWay(post, proxy)
    finally:
        proxy.end()
