"""Units of work when there is not enough of everything: the answer is "busy", never a fault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.orm import Session

from app.database import Busy, Database, run_in_savepoint
from tests.neighbours import Town

ASK = text("SELECT 1")
HERE = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
ALL_OUT = text(f"SELECT pg_terminate_backend(pid) {HERE}")
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


def test_units_after_all_connections_were_thrown_out_do_not_know_of_it(town: Town) -> None:
    database = town.site.database
    if database.is_sqlite:
        return
    with everybody_thrown_out(database):
        pass
    assert database.writing(lambda session: session.execute(ASK).scalar()) == 1
    for _ in range(3):
        with database.reading() as session:
            assert session.execute(ASK).scalar() == 1


def test_who_is_thrown_out_of_a_new_connection_too_hears_that_the_house_is_busy(town: Town) -> None:
    database = town.site.database
    if database.is_sqlite:
        return
    with everybody_thrown_out(database) as other:

        def throw_out(_connection: Any, _entry: Any) -> None:
            other.execute(ALL_OUT)

        event.listen(database.engine, "connect", throw_out)
        try:
            with pytest.raises(Busy):
                database.writing(lambda session: session.execute(ASK))
            with pytest.raises(Busy), database.reading() as session:
                session.execute(ASK)
        finally:
            event.remove(database.engine, "connect", throw_out)
    assert database.writing(lambda session: session.execute(ASK).scalar()) == 1


@contextmanager
def everybody_thrown_out(database: Database) -> Iterator[Connection]:
    """Connections lie in the pool, and the server has closed them all; brings one that is none of the house's."""
    with ExitStack() as many:
        held = [many.enter_context(database.reading()) for _ in range(3)]
        assert [session.execute(ASK).scalar() for session in held] == [1, 1, 1]
    alone = create_engine(database.url, isolation_level="AUTOCOMMIT")
    with alone.connect() as other:
        other.execute(ALL_OUT)
        yield other
    alone.dispose()


def test_each_unit_on_a_connection_is_undone_by_itself(town: Town) -> None:
    """The driver begins nothing: the first unit is begun when the connection leaves the pool, the next when it is."""
    with town.site.database.engine.connect() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE tried (number INTEGER)"))
        connection.commit()
        for number in (1, 2):
            connection.execute(text("INSERT INTO tried VALUES (:number)"), {"number": number})
            connection.rollback()
        assert connection.execute(text("SELECT count(*) FROM tried")).scalar() == 0
