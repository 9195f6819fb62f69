"""Statements of the hot path: compiled once, then run on the driver's own cursor.

For each execution SQLAlchemy makes a context, a result with its metadata and a row, which for a small statement takes
five times as long as the database does (docs/decisions/0018). What it says about the statement it says only once here:
the text for this driver, the order of its parameters, and how values of our types go in and come out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Delete, Dialect, Float, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

# How many columns it has does not matter here.
Statement: TypeAlias = Select[*tuple[Any, ...]] | Insert | Update | Delete
Process: TypeAlias = Callable[[Any], Any] | None


class Prepared:
    """`Prepared(select(...)).first(connection, facts)`: the first row as plain values, or None. `facts` are the bind
    parameters by name, all that have no value in the statement. An INSERT must name its columns, because Python's
    defaults belong to the ORM; an IN has no fixed text and does not work here."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, facts: Mapping[str, Any]) -> None:
        self._ask(connection, facts)

    def first(self, connection: Connection, facts: Mapping[str, Any]) -> list[Any] | None:
        return self._ask(connection, facts, fetching=True)

    def all(self, connection: Connection, facts: Mapping[str, Any]) -> list[list[Any]]:
        compiled = self._in_words_of(connection)
        rows = run_plainly(connection, compiled.text, compiled.values(facts), fetching="all")
        return [compiled.row(row) for row in rows]

    def _ask(
        self, connection: Connection, facts: Mapping[str, Any], *, fetching: bool = False
    ) -> list[Any] | None:
        compiled = self._in_words_of(connection)
        row = run_plainly(connection, compiled.text, compiled.values(facts), fetching=fetching)
        return None if row is None else compiled.row(row)

    def _in_words_of(self, connection: Connection) -> _Compiled:
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            compiled = self._compiled[connection.dialect.name] = _Compiled(
                self._statement, connection.dialect
            )
        return compiled


def run_plainly(
    connection: Connection, text: str, values: Any = (), *, fetching: bool | Literal["all"] = False
) -> Any:
    """Run a statement of the driver's own words; the first row when `fetching`, or all of them."""
    with translated(connection, text):
        cursor = connection.connection.cursor()
        # Who listens to statements hears of these too.
        for hears in connection.dispatch.before_cursor_execute:
            hears(connection, cursor, text, values, None, False)
        cursor.execute(text, values)
        found = cursor.fetchall() if fetching == "all" else cursor.fetchone() if fetching else None
        cursor.close()
    return found


class _Compiled:
    """A statement in the words of one dialect."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        made: Any = statement.compile(dialect=dialect)
        self.text = str(made)
        self._fixed = {name: value for name, value in made.params.items() if value is not None}
        self._order: list[str] | None = made.positiontup
        self._into = [(name, _into(made, name, dialect)) for name in self._order or made.params]
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        ways = enumerate(_out_of(column.type, dialect) for column in columns)
        self._out = [(place, process) for place, process in ways if process is not None]

    def values(self, facts: Mapping[str, Any]) -> Any:
        """The parameters as the driver takes them: a list by place, or a dictionary by name."""
        given = {**self._fixed, **facts}
        ready = [given[name] if into is None else into(given[name]) for name, into in self._into]
        return ready if self._order is not None else dict(zip(dict(self._into), ready, strict=True))

    def row(self, row: Iterable[Any]) -> list[Any]:
        values = list(row)
        for place, out_of in self._out:
            values[place] = out_of(values[place])
        return values


def _into(compiled: Any, name: str, dialect: Dialect) -> Process:
    return compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)  # type: ignore[no-any-return]


def _out_of(kind: TypeEngine[Any], dialect: Dialect) -> Process:
    if isinstance(kind, Float):
        return None  # both drivers bring floats; psycopg's processor asks for a type that is known only with a result
    return kind.dialect_impl(dialect).result_processor(dialect, None)


class translated:  # noqa: N801 (a context manager, and one that costs nothing while all goes well)
    """The driver's errors as SQLAlchemy's own, so that whoever catches IntegrityError or asks what the database said
    need not know how the statement was run. A connection that broke is given back as broken."""

    __slots__ = ("_connection", "_text")

    def __init__(self, connection: Connection, text: str) -> None:
        self._connection, self._text = connection, text

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, _trace: object) -> None:
        dialect = self._connection.dialect
        errors: Any = getattr(dialect.loaded_dbapi, "Error", ())
        if kind is None or fault is None or not issubclass(kind, errors):
            return
        broken = dialect.is_disconnect(fault, self._connection.connection, None)  # type: ignore[arg-type]
        if broken:
            self._connection.invalidate(fault)
        raise DBAPIError.instance(
            self._text,
            None,
            fault,
            errors,
            hide_parameters=True,
            connection_invalidated=broken,
            dialect=dialect,
        ) from fault
