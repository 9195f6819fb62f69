"""Units of work when there is not enough of everything: the answer is "busy", never a fault."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from sqlalchemy import text

from app.database import Busy, Database
from tests.neighbours import Town

CONNECTIONS = 3  # one in the pool, two above it


def test_who_finds_no_connection_left_is_told_that_the_house_is_busy(town: Town) -> None:
    small = Database(town.site.database.url, pool_size=1)
    with ExitStack() as taken:
        for _ in range(CONNECTIONS):
            taken.enter_context(small.reading()).execute(text("SELECT 1"))
        with pytest.raises(Busy), small.reading() as session:
            session.execute(text("SELECT 1"))
        if not small.is_sqlite:
            with pytest.raises(Busy):
                small.writing(lambda session: session.execute(text("SELECT 1")))
    assert small.writing(lambda session: session.execute(text("SELECT 1")).scalar()) == 1
    small.dispose()
