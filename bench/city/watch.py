"""What the database is asked on a path, and what it does for each question.

On SQLite work is counted in steps of its virtual machine (a progress handler), the same on any machine and under any
load: a statement that reads a whole table takes more of them in a larger town. Plans are asked for once for each
statement; `whole_tables` names the tables of a plan that are read from one end to the other.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

STEP = 50  # steps between two looks


@dataclass
class Asked:
    """One statement, how often it was sent, the most steps and seconds that it took at once, and its first values."""

    sql: str
    times: int = 0
    steps: int = 0
    most: int = 0
    longest: float = 0.0
    values: Any = ()
    where: set[str] = field(default_factory=set)


class Watch:
    """`with watch.path(name):` counts what is asked meanwhile; `asked` keeps every different statement."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.asked = engine, dict[str, Asked]()
        self.name, self.count, self.steps = "", 0, 0
        self._of_this, self._began = 0, 0.0
        self._now: Asked | None = None

    @contextmanager
    def path(self, name: str) -> Iterator[Watch]:
        self.name, self.count, self.steps = name, 0, 0
        event.listen(self.engine, "before_cursor_execute", self._before)
        event.listen(self.engine, "after_cursor_execute", self._after)
        try:
            yield self
        finally:
            event.remove(self.engine, "before_cursor_execute", self._before)
            event.remove(self.engine, "after_cursor_execute", self._after)
            self._now = None

    def _before(
        self, connection: Connection, _cursor: Any, sql: str, values: Any, _context: Any, _many: bool
    ) -> None:
        self.count += 1
        one = self._now = self.asked.setdefault(sql, Asked(sql))
        one.times += 1
        one.where.add(self.name)
        one.values = one.values or values
        self._of_this, self._began = 0, time.perf_counter()
        if self.engine.dialect.name == "sqlite":
            raw: Any = connection.connection.dbapi_connection
            raw.set_progress_handler(self._tick, STEP)

    def _after(self, *_: Any) -> None:
        if self._now is not None:
            self._now.longest = max(self._now.longest, time.perf_counter() - self._began)

    def _tick(self) -> int:
        if self._now is not None:
            self.steps += STEP
            self._of_this += STEP
            self._now.steps += STEP
            self._now.most = max(self._now.most, self._of_this)
        return 0

    # ---- plans -------------------------------------------------------------------------------------------------------

    def plan(self, one: Asked) -> list[str]:
        """How the database goes about it; nothing for what is no question."""
        if not one.sql.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")):
            return []
        explain = "EXPLAIN QUERY PLAN " if self.engine.dialect.name == "sqlite" else "EXPLAIN "
        values = tuple(one.values) if isinstance(one.values, list) else one.values or ()
        with self.engine.connect() as connection:
            rows = connection.exec_driver_sql(explain + one.sql, values).all()
            connection.rollback()
        return [str(row[-1]) for row in rows]

    def whole_tables(self, one: Asked) -> list[str]:
        """Tables that this statement reads from end to end. A list that is cut after its first rows, in the order of an
        index, is not one of them."""
        found = []
        plan = self.plan(one)
        sorts = any("TEMP B-TREE FOR ORDER BY" in line or "Sort" in line for line in plan)
        for line in plan:
            table = _scanned(line, one.sql)
            if table and (sorts or "LIMIT" not in one.sql.upper() or "INDEX" not in line):
                found.append(table)
        return found


def _scanned(line: str, sql: str) -> str | None:
    lite = re.match(r"SCAN (\w+)", line)
    if lite:
        return _table(lite[1], sql)
    seq = re.search(r"Seq Scan on (\w+)", line)
    return seq[1] if seq else None


def _table(alias: str, sql: str) -> str | None:
    """The table behind an alias; None for the result of another part of the statement."""
    named = re.search(rf'"?(\w+)"? AS "?{re.escape(alias)}"?(?![\w])', sql)
    name = named[1] if named else alias
    return None if name in ("anon_1", "CONSTANT", "SUBQUERY") or re.match(r"anon_\d+$", name) else name
