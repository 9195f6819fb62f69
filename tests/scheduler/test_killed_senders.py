"""Killed, locked out or overtaken between WeChat's yes and our note: nothing doubles, nothing is forgotten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.database import Busy
from models.outbox import EarlyReceipt
from tests.roads.street import eventually
from tests.scheduler.conftest import Post
from tests.scheduler.mishaps import CUSTOM, LEASE_OVER, TEMPLATE, begins_and_dies, locked
from tests.servers import PROJECT


def test_a_killed_sender_doubles_nothing(post: Post) -> None:
    """The card is sent again with its key and seen once; words, which have no key, are left to the staff."""
    card, words = post.reader("等卡片的人"), post.reader("等话的人")
    card.is_reminded("card")
    words.is_told("words")
    kill_while_sending(post, lambda: card.received("template") and words.received("custom"))
    assert {post.row("card").state, post.row("words").state} == {"sending"}
    assert post.deliver() == 0, "the lease still holds"
    post.later(LEASE_OVER)
    post.deliver()
    assert post.row("card").state in ("submitted", "delivered")
    assert post.row("card").wechat_id
    assert (post.row("words").state, post.row("words").reason) == (
        "unknown",
        "不知道是否已送达,请打电话问一下。",
    )
    assert len(card.received("template")) == len(words.received("custom")) == 1
    key = post.row("card").client_id
    eventually(lambda: sum(key in call["request"] for call in post.platform.calls(TEMPLATE)) == 2)


def test_a_card_whose_key_has_died_meanwhile_is_not_repeated(post: Post) -> None:
    reader = post.reader()
    begins_and_dies(post, reader, "late")
    post.later(timedelta(minutes=20))
    post.deliver()
    assert post.row("late").state == "unknown"
    assert len(reader.received("template")) == 1


def kill_while_sending(post: Post, arrived: Callable[[], Any]) -> None:
    """A real delivery process is killed after the platform took the message and before it answered."""
    settings = post.site.settings
    environ = {name: value for name, value in os.environ.items() if not name.startswith("XINGFU_")} | {
        "XINGFU_DATA": str(settings.data),
        "XINGFU_PORT": str(settings.web.port),
        "XINGFU_CONFIG": "",
        "XINGFU_DATABASE__URL": settings.database.url,
        "XINGFU_REDIS__URL": settings.redis.url,
    }
    with post.platform.faults(slow_seconds=4, paths=[TEMPLATE, CUSTOM]):
        command = [sys.executable, "-m", "scheduler.delivery"]
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environ, stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            eventually(arrived)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_f21_a_report_that_comes_before_our_own_note_is_matched_later(post: Post) -> None:
    reader = post.reader()
    reader.is_reminded("early")
    with post.platform.faults(slow_seconds=1, paths=TEMPLATE):
        post.deliver()
    assert eventually(lambda: post.row("early").state == "delivered")
    with post.town.reading() as session:
        assert session.scalars(select(EarlyReceipt)).all() == []


def test_what_wechat_has_answered_is_written_down_although_the_database_is_locked(post: Post) -> None:
    reader = post.reader()
    reader.is_reminded("locked")
    with post.platform.faults(slow_seconds=1, paths=TEMPLATE):
        sending = threading.Thread(target=post.deliver)
        sending.start()
        eventually(lambda: reader.received("template"))
        with locked(post.site.settings.database.url):
            time.sleep(3.5)  # longer than the house waits for a lock, and than the platform takes to answer
    sending.join()
    assert post.row("locked").state in ("submitted", "delivered")
    assert len(reader.received("template")) == 1


def test_a_busy_database_only_delays(post: Post) -> None:
    post.reader().is_told("patient")
    with locked(post.site.settings.database.url), pytest.raises(Busy):
        post.deliver()
    assert post.deliver() == 1
