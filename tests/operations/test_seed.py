"""The invented neighbourhood moves in whole, once, and leaves nothing to be sent."""

import os
import subprocess
import sys

from sqlalchemy import func, select

from app.cli import check_invariants, seed
from models.identity import Person
from models.outbox import OutboxRow
from tests.neighbours import Town
from tests.stack import PROJECT


def test_the_whole_neighbourhood_moves_in_once_and_waits_to_tell_nobody(town: Town) -> None:
    seed(town.site)
    with town.reading() as session:
        people = session.scalar(select(func.count()).select_from(Person))
        assert people
        waits = OutboxRow.state.in_(("waiting", "sending", "held"))
        assert session.scalars(select(OutboxRow).where(waits)).all() == []
    seed(town.site)
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == people
    assert check_invariants(town.site) == []


def test_no_invented_neighbour_moves_in_among_residents(town: Town, valkey_server: str) -> None:
    """Whoever starts a live house without its settings says that it is a sandbox."""
    settings = town.site.settings
    town.phone("马秀兰").says("你好")
    environ = os.environ | {
        "XINGFU_DATA": str(settings.data),
        "XINGFU_CONFIG": "",
        "XINGFU_DATABASE__URL": settings.database.url,
        "XINGFU_REDIS__URL": valkey_server,
    }
    done = subprocess.run(
        [sys.executable, "-m", "app.prepare"],
        cwd=PROJECT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("people live here who were not invented, and mode is sandbox")
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1
