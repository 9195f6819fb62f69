"""Statements that go to the driver directly behave as SQLAlchemy's own do: values, errors, and who hears of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, event, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.database import Busy, writes_so_far
from models.base import connection_of
from models.inbox import InboxRow
from models.prepared import Prepared
from tests.neighbours import Town

TABLE = InboxRow.metadata.tables["inbox"]
KEPT = Prepared(insert(TABLE).values({column: bindparam(column.name) for column in TABLE.c}))
ANSWERED = Prepared(update(TABLE).where(TABLE.c.key == bindparam("which")).values(answer=bindparam("answer")))
FOUND = Prepared(select(TABLE).where(TABLE.c.key == bindparam("which"), TABLE.c.kind == "text").limit(1))
AT = datetime(2026, 8, 3, 1, 30, 0, 5, tzinfo=UTC)
ROW = {"app": "main", "kind": "text", "person_id": None, "answer": "好", "fault": None, "received_at": AT}


def test_values_go_in_and_come_out_as_with_the_orm(town: Town) -> None:
    def unit(session: Session) -> None:
        connection = connection_of(session)
        KEPT.run(connection, {"key": "k", **ROW})
        ANSWERED.run(connection, {"which": "k", "answer": "您好"})
        kept = FOUND.first(connection, {"which": "k"})
        mapped = session.get_one(InboxRow, "k")
        assert kept == [getattr(mapped, column.name) for column in TABLE.c]
        assert (mapped.answer, mapped.received_at) == ("您好", AT)
        assert FOUND.first(connection, {"which": "another"}) is None

    town.writing(unit)


def test_what_is_refused_undoes_the_unit_and_is_an_error_that_everybody_knows(town: Town) -> None:
    def unit(session: Session) -> None:
        KEPT.run(connection_of(session), {"key": "twice", **ROW})
        KEPT.run(connection_of(session), {"key": "twice", **ROW})

    with pytest.raises(IntegrityError) as refused:
        town.writing(unit)
    assert "好" not in str(refused.value)
    with town.reading() as session:
        assert session.get(InboxRow, "twice") is None


def test_they_are_counted_and_heard_of_like_all_others(town: Town) -> None:
    heard: list[str] = []

    def note(_connection, _cursor, statement, *_: object) -> None:  # type: ignore[no-untyped-def]
        heard.append(statement.split()[0])

    def unit(session: Session) -> int:
        before = writes_so_far(session)
        KEPT.run(connection_of(session), {"key": "heard", **ROW})
        FOUND.first(connection_of(session), {"which": "heard"})
        return writes_so_far(session) - before

    event.listen(town.site.database.engine, "before_cursor_execute", note)
    try:
        assert town.writing(unit) == 1
    finally:
        event.remove(town.site.database.engine, "before_cursor_execute", note)
    assert heard[-2:] == ["INSERT", "SELECT"]


def test_a_connection_that_breaks_under_them_is_replaced(town: Town) -> None:
    def broken(session: Session) -> None:
        connection = connection_of(session)
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.close()
        FOUND.first(connection, {"which": "k"})

    with pytest.raises((Busy, DBAPIError)):
        town.writing(broken)
    assert town.writing(lambda session: FOUND.first(connection_of(session), {"which": "k"})) is None


def test_a_value_that_is_missing_is_a_fault_before_anything_is_asked(town: Town) -> None:
    with pytest.raises(KeyError), town.reading() as session:
        FOUND.first(connection_of(session), {})
    with pytest.raises(KeyError), town.reading() as session:
        KEPT.run(connection_of(session), {"key": "half"})
