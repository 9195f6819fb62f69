"""Units of work when there is not enough of everything: the answer is "busy", never a fault."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.database import Busy, Database, run_in_savepoint
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


@pytest.mark.parametrize("hopeful", [True, False], ids=["hopeful", "with-savepoints"])
@pytest.mark.parametrize("written", [True, False], ids=["after-a-write", "before-any-write"])
def test_a_unit_that_is_thrown_out_in_its_middle_is_busy_and_the_next_one_is_served(
    town: Town, hopeful: bool, written: bool
) -> None:
    database = town.site.database
    if database.is_sqlite:
        return  # nobody can throw out who reads a file

    def unit(session: Session) -> None:
        if written:
            session.execute(text("CREATE TEMPORARY TABLE written (number INTEGER)"))
        leave = text("SELECT pg_terminate_backend(pg_backend_pid())")
        run_in_savepoint(session, lambda: session.execute(leave))

    with pytest.raises(Busy):
        database.writing(unit, hopeful=hopeful)
    assert database.writing(lambda session: session.execute(text("SELECT 1")).scalar()) == 1
