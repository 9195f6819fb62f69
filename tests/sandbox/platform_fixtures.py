"""One platform per test module: starting takes a quarter of a second, resetting is what a person would press."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.platform_process import RunningPlatform, Webhook, platform_with_webhook


@pytest.fixture(scope="module")
def running_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningPlatform, Webhook]]:
    folder: Path = tmp_path_factory.mktemp("platform")
    with platform_with_webhook(folder) as (platform, hook):
        yield platform, hook


@pytest.fixture
def platform(running_platform: tuple[RunningPlatform, Webhook]) -> Iterator[RunningPlatform]:
    """The verified service account, with its kind, faults and settings put back afterwards."""
    yield running_platform[0]
    running_platform[0].control("POST", "/faults/reset")
    running_platform[0].control("PUT", "/settings", deliveries=3, timeout_seconds=5, retry_pause_seconds=1)
    normal = {"kind": "service", "verified": True, "government": False, "encryption": "secure"}
    running_platform[0].control("PUT", "/apps/main", **normal)


@pytest.fixture
def hook(running_platform: tuple[RunningPlatform, Webhook]) -> Webhook:
    """The webhook, forgetting what it received and answering `success` again."""
    made = running_platform[1]
    made.received.clear()
    made.raw = False
    made.app["encryption"] = "secure"
    made.script = lambda push: "success"
    return made


@pytest.fixture
def follower(platform: RunningPlatform, hook: Webhook) -> str:
    """A new neighbour who follows; returns the id."""
    made = platform.http.post(f"{platform.url}/phone/api/neighbours", json={"name": "白玉兰"}).json()
    platform.phone(made["id"], "follow")
    hook.received.clear()
    return str(made["id"])
