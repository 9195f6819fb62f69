"""A town whose account really is asked for codes: the sandbox platform runs beside it as a process of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.neighbours import Town
from tests.scheduler.conftest import Platform, at_platform, platform
from tests.towns import living

__all__ = ["platform"]


@pytest.fixture
def hall(platform: Platform, empty_sqlite: Path, valkey_server: str, tmp_path: Path) -> Iterator[Town]:
    for made in empty_sqlite.glob("town.db*"):
        shutil.copy(made, tmp_path / made.name)
    with living(at_platform(platform, f"sqlite:///{tmp_path}/town.db", valkey_server)) as town:
        town.site.redis.flushall()
        platform.control("POST", "/faults/reset")
        town.seed("people", "activities", "notices")
        yield town
