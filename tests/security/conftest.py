"""Browsers beside a sandbox platform, as in tests/pages, and a town in which everything has something in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import load_settings
from app.site import Site
from tests.neighbours import Town
from tests.pages.conftest import browser, neighbours, platform, street
from tests.staff.clerks import Clerk, clerk

__all__ = ["browser", "neighbours", "platform", "street"]

ROLES = ("desk", "leader", "care", "admin", "first_review", "second_review", "grid", "petitions", "children")


def site_in(data: Path, redis: str) -> Site:
    told = {"XINGFU_DATABASE__URL": f"sqlite:///{data}/town.db", "XINGFU_REDIS__URL": redis}
    return Site(load_settings({"XINGFU_DATA": str(data), **told}))


@pytest.fixture(scope="session")
def seeded_data(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, valkey_server: str) -> Path:
    """The DATA folder of a seeded neighbourhood, made once: its keys belong to its rows."""
    data = tmp_path_factory.mktemp("seeded")
    for made in empty_sqlite.glob("town.db*"):
        shutil.copy(made, data / made.name)
    site = site_in(data, valkey_server)
    Town(site).seed(*[feature.name for feature in site.house.features])
    site.close()
    return data


@pytest.fixture
def inhabited(seeded_data: Path, tmp_path: Path, valkey_server: str) -> Iterator[Town]:
    shutil.copytree(seeded_data, tmp_path / "data")
    site = site_in(tmp_path / "data", valkey_server)
    try:
        yield Town(site)
    finally:
        site.close()


@pytest.fixture
def everyone(inhabited: Town) -> Clerk:
    """Somebody who may enter nearly everywhere; author and approver are two."""
    return clerk(inhabited, *ROLES, login="many")


@pytest.fixture(params=["sqlite", "postgresql"])
def lived_in(request: pytest.FixtureRequest) -> Town:
    """A town with something in everything."""
    if request.param == "sqlite":
        return request.getfixturevalue("inhabited")
    town: Town = request.getfixturevalue("postgres_town")
    town.seed(*[feature.name for feature in town.site.house.features])
    return town
