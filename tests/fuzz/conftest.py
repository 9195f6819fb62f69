"""One living town for all targets."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import load_settings
from app.site import Site
from tests.fuzz.world import World, living
from tests.neighbours import Town


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, valkey_server: str
) -> Iterator[World]:
    data = tmp_path_factory.mktemp("fuzz")
    for made in empty_sqlite.glob("town.db*"):
        shutil.copy(made, data / made.name)
    settings = load_settings(
        {
            "XINGFU_DATA": str(data),
            "XINGFU_DATABASE__URL": f"sqlite:///{data}/town.db",
            "XINGFU_REDIS__URL": valkey_server,
        }
    )
    site = Site(settings)
    with living(Town(site)) as world:
        yield world
    site.close()
