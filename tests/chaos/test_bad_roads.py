"""WeChat is away, hangs, or answers what is no answer (trust F12–F14): the house notices, waits, tells staff, and nobody's
words are lost, doubled or turned round."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from app.wechat import wire
from handlers.duty.alarms import checks
from scheduler.pauses import SILENCES
from tests.chaos.accounts import Account
from tests.chaos.conftest import FULL, size
from tests.chaos.roads import LongWay, long_way
from tests.scheduler.conftest import Platform, Reader, platform  # noqa: F401 — a fixture

pytestmark = pytest.mark.heavy

WORDS = "/cgi-bin/message/custom/send"
PATIENCE = 8.0 if FULL else 0.4  # the everyday build waits shorter for an answer


@pytest.fixture
def way(
    platform: Platform,  # noqa: F811
    valkey_server: str,
    empty_sqlite: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[LongWay]:
    monkeypatch.setattr(wire, "READ_SECONDS", PATIENCE)
    monkeypatch.setattr(wire, "LONGEST_SECONDS", 2.5 * PATIENCE)
    for made in empty_sqlite.glob("town.db*"):
        (tmp_path / made.name).write_bytes(made.read_bytes())
    with long_way(platform, valkey_server, tmp_path / "town.db") as made:
        yield made


def alarm(way: LongWay, title: str) -> tuple[str, str]:
    with way.post.town.reading() as session:
        return next((one.level, one.words) for one in checks(session, way.post.site) if one.title == title)


def settle(way: LongWay, account: Account, told: list[tuple[Reader, list[str]]]) -> None:
    """Everybody has read all of it, once and in the order in which it was written."""
    for reader, words in told:
        heard = way.heard(reader)
        account.accepted += len(words)
        account.lost += len(set(words) - set(heard))
        account.doubled += len(heard) - len(set(heard))
        assert heard == words


def test_f12_wechat_is_away_and_comes_back(way: LongWay, account: Account) -> None:
    told: list[tuple[Reader, list[str]]]
    told = [(way.post.reader(f"邻居{number}"), []) for number in range(size(40, 3))]

    def say(turn: int) -> None:
        for number, (reader, words) in enumerate(told):
            words.append(f"{number}第{turn}句")
            way.tell(reader, words[-1])

    way.post.deliver()
    with way.proxy.down():
        for turn in range(3):
            say(turn)
            way.post.deliver()
            way.pass_time(steps=2, step=timedelta(seconds=5))
        assert way.shut() == ["微信没有回答,半分钟后再试。"]
        way.pass_time(steps=14, step=timedelta(seconds=50))
        level, words = alarm(way, "消息队列")
        assert level == "bad"
        assert "等了" in words
        say(3)
        account.kills, account.retries = (
            1,
            sum(way.post.row(once).tries for _, words in told for once in words),
        )
        assert {state for _, words in told for state in way.states(*words)} == {"waiting"}
    say(4)
    way.pass_time(steps=14, step=timedelta(seconds=50))
    settle(way, account, told)
    assert alarm(way, "消息队列") == ("good", "没有积压。")


def test_f12_the_breaker_opens_after_five_and_one_goes_ahead(way: LongWay, account: Account) -> None:
    readers = [way.post.reader(f"邻居{number}") for number in range(8)]
    way.tell(readers[0], "先来的")
    way.post.deliver()
    with way.proxy.ill(paths=(WORDS,), instead=(503, b"<html>"), heard=False):
        for reader in readers:
            way.tell(reader, f"给{reader.number}")
        way.post.deliver()
        asked = [way.post.row(f"给{reader.number}").state for reader in readers]
        account.kills = 1
    assert asked.count("unknown") >= SILENCES, "a road without a key is not asked twice"
    assert way.shut() == ["微信没有回答,半分钟后再试。"]
    way.pass_time(steps=3, step=timedelta(seconds=31))
    account.accepted = len(readers)
    account.doubled = sum(max(0, way.heard(one).count(f"给{one.number}") - 1) for one in readers)
    assert set(way.states(*(f"给{reader.number}" for reader in readers))) <= {"unknown", "submitted"}


def test_f12_a_broken_seal_and_a_name_that_nobody_knows_are_silence(
    platform: Platform,  # noqa: F811
    valkey_server: str,
    empty_sqlite: Path,
    tmp_path: Path,
    account: Account,
) -> None:
    for made in empty_sqlite.glob("town.db*"):
        (tmp_path / made.name).write_bytes(made.read_bytes())
    with long_way(platform, valkey_server, tmp_path / "town.db", scheme="https") as way:
        reader = way.post.reader()
        way.tell(reader, "加密的路坏了")
        way.post.deliver()
        row = way.post.row("加密的路坏了")
        assert (row.state, row.first_sent_at) == ("waiting", None), "it has surely not left"
        assert not way.proxy.carried
        account.accepted = 1


HANGS: dict[str, dict[str, Any]] = {
    "slow": {"latency": PATIENCE / 4},
    "too slow": {"latency": 4 * PATIENCE},
    "half open": {"silent": True},
    "deaf": {"silent": True, "heard": False},
    "drips": {"drip": PATIENCE / 8},
    "reset": {"keep": 5, "reset": True},
}


@pytest.mark.parametrize("how", list(HANGS) if FULL else ["half open", "drips"])
def test_f13_wechat_hangs_and_nobody_who_writes_to_us_waits(way: LongWay, account: Account, how: str) -> None:
    reader, other = way.post.reader(), way.post.town.phone("问事的人")
    way.tell(reader, "先来的")
    way.post.deliver()
    way.tell(reader, "慢慢走")
    with way.proxy.ill(paths=(WORDS,), **HANGS[how]):
        started = time.monotonic()
        sending = Thread(target=way.post.delivery.deliver_due)
        sending.start()
        time.sleep(0.05)
        asked = time.monotonic()
        assert other.says("你好")
        assert time.monotonic() - asked < 1, "sending is nowhere on the way of an answer"
        sending.join(30)
    assert not sending.is_alive()
    assert time.monotonic() - started < 2.5 * PATIENCE + 3
    ends = "submitted" if how == "slow" else "unknown"
    assert way.states("慢慢走") == [ends]
    way.pass_time(steps=3, step=timedelta(minutes=2))
    account.accepted, account.kills = 1, 1
    account.doubled = max(0, way.heard(reader).count("慢慢走") - 1)
    assert way.states("慢慢走") == [ends], "never blindly again"


NO_ANSWERS: list[tuple[int, bytes, str, int | None]] = [
    (502, b"<html>Bad Gateway</html>", "unknown", None),
    (200, "<html>请登录无线网络</html>".encode(), "unknown", None),
    (200, b'{"errcode":0,"errm', "unknown", None),
    (200, b'{"errcode":"45015","errmsg":"out of time"}', "failed", 45015),
    (200, b"", "unknown", None),
    (200, b"[]", "unknown", None),
    (200, b'{"errcode":"-1","errmsg":"busy"}', "waiting", -1),
    (204, b"", "unknown", None),
]


def test_f14_what_is_no_answer_never_counts_as_sent(way: LongWay, account: Account) -> None:
    for number, (status, body, state, errcode) in enumerate(NO_ANSWERS):
        reader = way.post.reader(f"邻居{number}")
        way.tell(reader, f"送到了吗{number}")
        with way.proxy.ill(paths=(WORDS,), instead=(status, body), heard=False):
            way.post.deliver()
        row = way.post.row(f"送到了吗{number}")
        account.accepted += 1
        assert (row.state, row.errcode) == (state, errcode)
        assert row.reason
        assert way.heard(reader) == []


def test_f14_a_card_with_a_key_is_asked_again_until_it_has_an_answer(way: LongWay, account: Account) -> None:
    """The platform had it the first time: its answer got lost on the road."""
    reader = way.post.reader()
    reader.is_reminded("卡片")
    with way.proxy.ill(keep=9, reset=True, times=2, paths=("/cgi-bin/message/template",)):
        way.post.deliver()
        assert way.states("卡片") == ["waiting"]
        way.pass_time(steps=3, step=timedelta(seconds=10))
    account.accepted, account.retries = 1, way.post.row("卡片").tries - 1
    account.doubled = len(reader.received("template")) - 1
    assert way.states("卡片")[0] in ("submitted", "delivered")


def test_f14_what_the_road_doubles_arrives_once_where_wechat_keeps_a_key(
    way: LongWay, account: Account
) -> None:
    readers = [way.post.reader(f"邻居{number}") for number in range(size(50, 3))]
    for reader in readers:
        reader.is_reminded(f"卡片{reader.number}")
    with way.proxy.ill(paths=("/cgi-bin/message/template",), twice=True):
        way.post.deliver()
        way.pass_time(steps=3, step=timedelta(seconds=20))
    carried = [path for path in way.proxy.carried if path.startswith("/cgi-bin/message/template")]
    assert len(carried) >= 2 * len(readers), "the platform has heard each of them twice"
    account.accepted, account.retries = len(readers), len(carried) - len(readers)
    account.doubled = sum(max(0, len(reader.received("template")) - 1) for reader in readers)
    account.lost = sum(not reader.received("template") for reader in readers)
    states = set(way.states(*(f"卡片{reader.number}" for reader in readers)))
    assert states <= {"submitted", "delivered"}


def test_f12_requests_that_overtake_each_other_turn_nobodys_words_round(
    way: LongWay, account: Account
) -> None:
    """Of two that are on the road at once the later one arrives first; to one reader only one is on the road at a time."""
    told = [
        (way.post.reader(f"邻居{number}"), [f"{number}第{turn}句" for turn in range(3)])
        for number in range(2)
    ]
    for reader, words in told:
        way.tell(reader, *words)
    with way.proxy.ill(paths=(WORDS,), overtaken=True):
        for _ in range(len(told[0][1])):
            way.post.deliver()
            way.pass_time(steps=1, step=timedelta(seconds=5))
    way.pass_time(steps=2, step=timedelta(seconds=70))
    settle(way, account, told)
