"""A connection to PostgreSQL that does not wait for ever: a server that hangs, or a road to it that swallows all,
is told from a busy one within the five seconds that WeChat gives.

`lock_timeout` and `statement_timeout` are kept by the server; one that is stopped (or behind a broken line) keeps
nothing, and a program would wait until TCP gives up. So the client counts too, a little longer than the server does.
Once it has waited in vain nobody connects again for a moment: two patiences in a row would be more than five seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.patient_connection import PatientConnection

REST_SECONDS = 1.0


class Patience:
    """How long one answer of a server is waited for, and whether it was waited for in vain just now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._rest_until = 0.0

    @property
    def is_lost(self) -> bool:
        return time.monotonic() < self._rest_until

    def lose(self) -> None:
        with self._lock:
            self._rest_until = time.monotonic() + REST_SECONDS

    def connect(self, _dialect: Any, _record: Any, given: Any, named: dict[str, Any]) -> PatientConnection:
        """What an engine does instead of psycopg.connect (the event `do_connect`)."""
        # Not where everybody loads it: a house on SQLite does without the driver's 5 MB.
        from psycopg import OperationalError
        from psycopg.errors import ConnectionTimeout

        from app.patient_connection import PatientConnection

        if self.is_lost:
            raise OperationalError("the database has just not answered")
        try:
            made = PatientConnection.connect(*given, **named)
        except ConnectionTimeout:
            self.lose()
            raise
        made.patience = self
        return made


def wait_as_long_as_it_takes(connection: Any) -> None:
    """For a migration: its statements may take minutes. `connection` is the driver's own."""
    if isinstance(getattr(connection, "patience", None), Patience):
        connection.patience = None


@contextmanager
def unhurried(session: Session) -> Iterator[None]:
    """Within it a question may take as long as it takes: for what looks through whole tables, never for an answer."""
    connection: Any = session.connection().connection.driver_connection
    patience = getattr(connection, "patience", None)
    if not isinstance(patience, Patience):
        yield
        return
    connection.patience = None
    session.execute(text("SET LOCAL statement_timeout = 0"))
    try:
        yield
    finally:
        connection.patience = patience
