"""A town beside a real sandbox platform, and browsers that walk through its login as WeChat's does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.settings import Settings, load_settings
from tests.neighbours import Town
from tests.sandbox.platform_process import RunningPlatform, account, free_port, start_platform
from tests.towns import living

PUBLIC = "http://127.0.0.1:8000"


def settings_for(data: Path, platform_url: str, redis_url: str) -> Settings:
    places = {f"XINGFU_PLATFORM__{name}": platform_url for name in ("API_BASE", "OAUTH_BASE", "QR_BASE")}
    database = {"XINGFU_DATABASE__URL": f"sqlite:///{data}/town.db", "XINGFU_REDIS__URL": redis_url}
    return load_settings({"XINGFU_DATA": str(data), "XINGFU_WEB__PUBLIC_URL": PUBLIC, **places, **database})


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, valkey_server) -> Iterator[RunningPlatform]:  # type: ignore[no-untyped-def]
    """The sandbox, knowing our account by the secrets that the settings make."""
    folder, port = tmp_path_factory.mktemp("platform"), free_port()
    settings = settings_for(
        tmp_path_factory.getbasetemp() / "keys", f"http://127.0.0.1:{port}", valkey_server
    )
    facts, secret = settings.account("main"), settings.secrets.of("main")
    known = {"appid": facts.appid, "secret": secret.secret, "account": facts.original_id}
    app = account(f"{PUBLIC}/wx/main", **known, token=secret.token, aes_key=secret.aes_key)
    running = start_platform(folder, {"accounts": [app], "miniprograms": []}, port)
    yield running
    running.stop()


@pytest.fixture
def street(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    empty_sqlite: Path,
    platform: RunningPlatform,
    valkey_server,  # type: ignore[no-untyped-def]
) -> Iterator[Town]:
    """A fresh town whose WeChat is the sandbox."""
    shutil.copytree(tmp_path_factory.getbasetemp() / "keys", tmp_path, dirs_exist_ok=True)
    for made in empty_sqlite.glob("town.db*"):
        shutil.copy(made, tmp_path / made.name)
    with living(settings_for(tmp_path, platform.url, valkey_server)) as town:
        yield town


class Browser:
    """One phone's browser: our cookies, and the way to WeChat and back."""

    def __init__(self, town: Town, neighbour: str) -> None:
        self.client: FlaskClient = town.client
        self.neighbour = neighbour

    def opens(self, path: str) -> TestResponse:
        """Open a page of ours; when it sends us to WeChat, come back with WeChat's code."""
        answer = self.client.get(path)
        if answer.status_code == 302 and "/connect/oauth2/authorize" in answer.location:
            answer = self.follows(self.from_wechat(answer.location))
        return answer

    def from_wechat(self, authorize: str) -> str:
        """Where WeChat sends the browser: our address with code and state."""
        asked = requests.get(
            authorize.partition("#")[0], params={"as": self.neighbour}, allow_redirects=False, timeout=10
        )
        assert asked.status_code == 302, asked.text
        return str(asked.headers["Location"])

    def follows(self, address: str) -> TestResponse:
        """Open an address of ours and its redirects inside our pages."""
        answer = self.client.get(path_of(address))
        while answer.status_code == 302:
            answer = self.client.get(path_of(answer.location))
        return answer


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@pytest.fixture
def neighbours(platform: RunningPlatform) -> list[str]:
    """The sandbox's own neighbours, by id."""
    found = requests.get(f"{platform.url}/phone/api/neighbours", timeout=10).json()
    return [each["id"] for each in found]


@pytest.fixture
def browser(street: Town, neighbours: list[str]) -> Browser:
    return Browser(street, neighbours[0])
