"""A token that ends while several threads send: nobody picks the dead one up again on the way to the new one."""

from __future__ import annotations

import itertools
import threading
from typing import Any

from redis import Redis

from app.wechat.tokens import SharedToken


class Hesitant(Redis):
    """A real Redis whose deletions are preceded by whatever another thread wants to do just then."""

    meanwhile: Any = None

    def delete(self, *names: Any) -> Any:
        if self.meanwhile:
            other = threading.Thread(target=self.meanwhile)
            other.start()
            other.join(0.2)  # it may have to wait for us: then it goes on afterwards
        return super().delete(*names)


def test_a_refused_token_is_not_kept_by_whoever_asks_while_it_is_being_dropped(redis: Redis) -> None:
    numbers = itertools.count(1)
    slow = Hesitant(connection_pool=redis.connection_pool)
    token = SharedToken("race", lambda: (f"T{next(numbers)}", 7200), slow)
    assert token.get() == "T1"
    redis.delete("wechat:race:fresh")  # a minute later
    slow.meanwhile = token.get
    assert token.renew("T1")
    slow.meanwhile = None
    assert token.get() == "T2"
