"""A town whose mini-program logs in at a real sandbox platform."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.settings import DEMO_APPID, DEMO_MINI_APPID, load_settings
from tests.api.minis import Mini
from tests.neighbours import Town
from tests.sandbox.platform_process import RunningPlatform, account, mini_program, start_platform
from tests.towns import living

SECRET = "m" * 32


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    nowhere = "http://127.0.0.1:9/none"
    apps = {
        "accounts": [account(nowhere, appid=DEMO_APPID)],
        "miniprograms": [mini_program(nowhere, name="mini", appid=DEMO_MINI_APPID, secret=SECRET)],
    }
    running = start_platform(tmp_path_factory.mktemp("platform"), apps)
    yield running
    running.stop()


@pytest.fixture
def sqlite_town(
    tmp_path: Path, empty_sqlite: Path, valkey_server: str, platform: RunningPlatform
) -> Iterator[Town]:
    for made in empty_sqlite.glob("town.db*"):
        shutil.copy(made, tmp_path / made.name)
    yield from open_town(tmp_path, f"sqlite:///{tmp_path}/town.db", valkey_server, platform.url)


@pytest.fixture
def postgres_town(  # type: ignore[no-untyped-def]
    tmp_path: Path, empty_postgres: str, postgres_server, valkey_server: str, platform: RunningPlatform
) -> Iterator[Town]:
    url = postgres_server.create_database(f"api_{tmp_path.name}", template=empty_postgres)
    yield from open_town(tmp_path, url, valkey_server, platform.url)


def open_town(data: Path, database: str, redis: str, api_base: str) -> Iterator[Town]:
    environ = {
        "XINGFU_DATA": str(data),
        "XINGFU_DATABASE__URL": database,
        "XINGFU_REDIS__URL": redis,
        "XINGFU_PLATFORM__API_BASE": api_base,
        "XINGFU_SECRET_MINI_MAIN_SECRET": SECRET,
    }
    with living(load_settings(environ)) as town:
        town.site.redis.flushdb()
        limits = town.app.extensions["api"]["limits"]
        limits["login"] = 1000  # all neighbours of a test speak from one address
        yield town


@pytest.fixture
def town(request: pytest.FixtureRequest) -> Town:
    """SQLite, unless a test asks for both (`both_towns`)."""
    made: Town = request.getfixturevalue("sqlite_town")
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def both_towns(request: pytest.FixtureRequest) -> Town:
    """For what races, and for what the two databases say differently."""
    name = "sqlite_town" if request.param == "sqlite" else "postgres_town"
    made: Town = request.getfixturevalue(name)
    return made


@pytest.fixture
def mini(platform: RunningPlatform) -> Callable[[Town, str], Mini]:
    return lambda town, name: Mini(town, platform, name).logs_in()


@pytest.fixture
def ma(town: Town, platform: RunningPlatform) -> Mini:
    """马秀兰, logged in and joined."""
    return Mini(town, platform, "马秀兰").logs_in().joins()
