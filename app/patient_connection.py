"""psycopg's connection with a patience (app/patience.py): an answer is waited for, but not for ever."""

from __future__ import annotations

from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout

from app.patience import Patience

T = TypeVar("T")


class PatientConnection(Connection[Any]):
    patience: Patience | None = None

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """One answer. What was asked may be done by the server all the same: the connection is never used again."""
        if self.patience is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience.seconds)
        except _WaitTimeout:
            self.patience.lose()
            self.pgconn.finish()
            raise OperationalError("the database does not answer") from None
