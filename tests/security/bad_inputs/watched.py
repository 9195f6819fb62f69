"""What a request does to the tables, seen at the database itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from tests.neighbours import Town

WRITE = re.compile(
    r"\s*(?:INSERT\s+(?:OR \w+ )?INTO|UPDATE|DELETE\s+FROM)\s+\"?(?:\w+\.)?\"?(\w+)", re.IGNORECASE
)


@contextmanager
def watching(town: Town) -> Iterator[set[str]]:
    """The tables that are written while the block runs (committed or not)."""
    written: set[str] = set()

    def note(_connection, _cursor, statement, *_more) -> None:  # type: ignore[no-untyped-def]
        if found := WRITE.match(statement):
            written.add(found[1])

    engines = {town.site.database.engine, town.site.confidential.engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield written
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
