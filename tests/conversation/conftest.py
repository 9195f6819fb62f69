"""A town whose only feature is the toy one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app import clock
from app.database import migrate
from app.settings import load_settings
from app.site import Site
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


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path, valkey_server) -> Iterator[Town]:  # type: ignore[no-untyped-def]
    """Built with all tables, the toy's own among them, on both databases."""
    url = f"sqlite:///{tmp_path}/town.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_server").create_database(f"toy_{tmp_path.name}")
    for lane in ("main", "confidential"):
        migrate(url, lane)
    environ = {"XINGFU_DATA": str(tmp_path), "XINGFU_DATABASE__URL": url, "XINGFU_REDIS__URL": valkey_server}
    site = Site(load_settings(environ), [feature], Path(__file__).parent / "templates")
    from models.base import Base

    Base.metadata.create_all(site.database.engine)
    made = Town(site)
    made.writing(seed)
    try:
        yield made
    finally:
        site.close()


@pytest.fixture
def ma(town: Town) -> Phone:
    return town.phone("马秀兰")
