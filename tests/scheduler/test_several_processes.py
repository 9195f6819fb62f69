"""Several delivery processes on several machines: each message once, each person's in their order, one pace for all."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path

from redis import Redis
from sqlalchemy import select

from app.redis import Resilient
from app.site import Site
from models.outbox import OutboxRow
from scheduler.delivery import Delivery
from scheduler.pace import Pace
from tests.scheduler.conftest import Post
from tests.scheduler.test_bundles import put, running

SENDERS = 3
EACH = 4


def test_each_message_is_sent_once_and_in_its_persons_order(post: Post) -> None:
    readers = [post.reader(f"邻居{number}") for number in range(12)]
    for turn in range(EACH):
        for number, reader in enumerate(readers):
            reader.is_told(f"{number}-{turn}", f"第{turn}条")
    with ExitStack() as stack:
        sites = [stack.enter_context(closing(Site(post.site.settings))) for _ in range(SENDERS)]
        senders = [stack.enter_context(closing(Delivery(site))) for site in sites]
        claimed: list[int] = []
        together = [
            threading.Thread(target=lambda sender=sender: claimed.append(sender.deliver_due()))
            for sender in senders
        ]
        for one in together:
            one.start()
        for one in together:
            one.join()
        claimed.append(senders[0].deliver_due())
    assert sum(claimed) == len(readers) * EACH
    for reader in readers:
        texts = [each["text"] for each in reader.received("custom")]
        assert texts == [f"第{turn}条" for turn in range(EACH)]


def test_one_process_takes_over_what_another_left_undecided(post: Post) -> None:
    """Whoever ends in good order gives back what it had claimed and not begun."""
    readers = [post.reader(f"邻居{number}") for number in range(24)]
    with post.town.reading() as session:
        ids = [reader.person(session).id for reader in readers]
    put(post, ids)
    with post.platform.faults(slow_seconds=1, paths="/cgi-bin/message/custom/send"), running(post, at_once=4):
        time.sleep(0.8)
    with post.town.reading() as session:
        states = session.scalars(select(OutboxRow.state)).all()
        assert set(states) == {"submitted", "waiting"}
    post.deliver()
    assert {len(reader.received("custom")) for reader in readers} == {1}


def test_all_share_one_pace_and_each_keeps_it_alone_while_redis_is_away(
    valkey_server: str, tmp_path: Path
) -> None:
    redis = Redis.from_url(valkey_server)
    redis.flushall()
    one, other = Pace(Resilient(redis), 100), Pace(Resilient(redis), 100)
    assert one.take(30) + other.take(30) <= 50 + 1
    other.give_back(10)
    assert 10 <= one.take(30) <= 12
    away = Resilient(Redis(unix_socket_path=str(tmp_path / "nothing")))
    now = [0.0]
    alone = Pace(away, 100, clock=lambda: now[0])
    assert (alone.take(80), alone.take(80)) == (50, 0)
    now[0] += 0.1
    assert (alone.take(80), alone.take(80)) == (10, 0)
    alone.give_back(5)
    assert alone.take(80) == 5
