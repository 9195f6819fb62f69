"""A town whose only feature is the toy one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app import clock
from app.settings import load_settings
from app.site import Site
from models.base import Base
from tests.conftest import wipe_postgres
from tests.conversation.toy import ToyService, ToySlot, feature
from tests.neighbours import Phone, Town

FIRST = datetime(2026, 12, 1, 9, 0, tzinfo=clock.COMMUNITY)


def seed(session: Session) -> None:
    for number, name in enumerate(["高龄补贴", "理发", "水电维修"], 1):
        session.add(ToyService(id=number, name=name))
        session.flush()
        for half_hour in range(8):
            starts = FIRST + timedelta(minutes=30 * half_hour)
            session.add(ToySlot(id=number * 100 + half_hour, service_id=number, starts=starts))


@pytest.fixture(scope="session")
def toy_postgres(postgres_server, empty_postgres: str) -> str:  # type: ignore[no-untyped-def]
    url: str = postgres_server.create_database("toys", template=empty_postgres)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def town(
    request: pytest.FixtureRequest, tmp_path: Path, empty_sqlite: Path, valkey_server: str
) -> Iterator[Town]:
    """Built with all tables, the toy's own among them, on both databases."""
    if request.param == "sqlite":
        url = _sqlite(tmp_path, empty_sqlite)
    else:
        url = request.getfixturevalue("toy_postgres")
        wipe_postgres(url)
    with _toys(tmp_path, url, valkey_server) as town:
        yield town


@pytest.fixture
def sqlite_toys(tmp_path: Path, empty_sqlite: Path, valkey_server: str) -> Iterator[Town]:
    with _toys(tmp_path, _sqlite(tmp_path, empty_sqlite), valkey_server) as town:
        yield town


def _sqlite(folder: Path, empty: Path) -> str:
    for made in empty.glob("town.db*"):
        shutil.copy(made, folder / made.name)
    return f"sqlite:///{folder}/town.db"


@contextmanager
def _toys(folder: Path, url: str, valkey: str) -> Iterator[Town]:
    environ = {"XINGFU_DATA": str(folder), "XINGFU_DATABASE__URL": url, "XINGFU_REDIS__URL": valkey}
    site = Site(load_settings(environ), [feature], Path(__file__).parent / "templates")
    Base.metadata.create_all(site.database.engine)
    town = Town(site)
    town.writing(seed)
    try:
        yield town
    finally:
        site.close()


@pytest.fixture
def ma(town: Town) -> Phone:
    return town.phone("马秀兰")
