"""What every table shares: names of constraints, column types for instants and sealed values, `insert_once`."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar, overload

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    bindparam,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from app import privacy
from models.prepared import Prepared

Value = TypeVar("Value")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# `innerjoin` of a relationship that is always there. Within an outer join SQLite reads a nested inner join of tables
# whole before it looks for one row of it; this one becomes an outer join too. (Its type knows only the other word.)
FLAT: Any = "unnested"

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    # SQLite gives the highest id again after a DELETE unless told not to; `once` keys are built from ids.
    __table_args__: Any = {"sqlite_autoincrement": True}  # noqa: RUF012 (SQLAlchemy reads it as it is)


class Instant(TypeDecorator[datetime]):
    """An aware instant: timestamptz on PostgreSQL, integer microseconds since 1970 on SQLite (sorts and compares)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware")
        return (value - EPOCH) // MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return EPOCH + int(value) * MICROSECOND
        stored: datetime = value
        return stored.astimezone(UTC)


class minutes_between(FunctionElement[int]):  # noqa: N801 (a function of SQL)
    """In SQL: whole minutes from one instant to another, negative where the second is earlier."""

    type = Integer()
    inherit_cache = True


@compiles(minutes_between)
def _minutes(element: minutes_between, compiler: Any, **how: Any) -> str:
    first, second = (compiler.process(one, **how) for one in element.clauses)
    return f"CAST(ROUND(EXTRACT(EPOCH FROM ({second} - {first})) / 60) AS INTEGER)"


@compiles(minutes_between, "sqlite")
def _minutes_of_microseconds(element: minutes_between, compiler: Any, **how: Any) -> str:
    first, second = (compiler.process(one, **how) for one in element.clauses)
    return f"CAST(ROUND(({second} - {first}) / 60000000.0) AS INTEGER)"


class later(FunctionElement[datetime]):  # noqa: N801 (a function of SQL)
    """In SQL: the instant so many minutes after another, `later(Slot.ends, Resource.buffer_minutes)`."""

    type = Instant()
    inherit_cache = True


@compiles(later, "sqlite")
def _later_in_microseconds(element: Any, compiler: Any, **how: Any) -> str:
    instant, minutes = (compiler.process(clause, **how) for clause in element.clauses)
    return f"({instant} + {minutes} * 60000000)"


@compiles(later, "postgresql")
def _later_in_minutes(element: Any, compiler: Any, **how: Any) -> str:
    instant, minutes = (compiler.process(clause, **how) for clause in element.clauses)
    return f"({instant} + {minutes} * interval '1 minute')"


class Sealed(TypeDecorator[str]):
    """Text that is encrypted at rest. `purpose` is "table.column" and is authenticated with the value; the
    confidential lane has keys of its own."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str, lane: privacy.Lane = "main") -> None:
        super().__init__()
        self.purpose, self.lane = purpose, lane

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else privacy.keyring(self.lane).seal(self.purpose, value.encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else privacy.unseal(self.purpose, bytes(value), lane=self.lane).decode()


class SealedJSON(TypeDecorator[Any]):
    """JSON that is encrypted at rest. Assign a new object to change it: a change in place is not seen."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return privacy.keyring().seal(self.purpose, plain.encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(privacy.unseal(self.purpose, bytes(value)))


def new_row_key() -> str:
    return secrets.token_urlsafe(16)


class RowKey:
    """For tables whose most personal columns are bound to their row: `row_key` is made once and never changes."""

    row_key: Mapped[str] = mapped_column(String(22), default=new_row_key)


class RowSealed(Generic[Value]):
    """Text that is encrypted at rest and opens only in its own row: `phone = RowSealed[str | None]("person.phone")`
    over a column `_phone`. In a query it is that column, which can be asked whether it is empty and no more."""

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose
        self._column = f"_{purpose.partition('.')[2]}"

    @overload
    def __get__(self, row: None, owner: type) -> Any: ...

    @overload
    def __get__(self, row: object, owner: type) -> Value: ...

    def __get__(self, row: Any, owner: type) -> Any:
        if row is None:
            return getattr(owner, self._column)
        sealed = getattr(row, self._column)
        if sealed is None:
            return None
        return privacy.unseal(self.purpose, bytes(sealed), row.row_key).decode()

    def __set__(self, row: Any, value: Value) -> None:
        if row.row_key is None:
            row.row_key = new_row_key()
        plain = None if value is None else str(value).encode()
        setattr(
            row,
            self._column,
            None if plain is None else privacy.keyring().seal(self.purpose, plain, row.row_key),
        )


def index_where(name: str, where: str, *columns: str, postgresql: str = "") -> Index:
    """An index of those rows only for which `where` holds; a statement must say it in the same words to use it."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(postgresql or where))


def insert_many_once(
    session: Session, table: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert these rows (all with the same keys), passing over those whose unique key is already there."""
    if not rows:
        return
    connection = connection_of(session)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)


def insert_once(session: Session, table: type[DeclarativeBase], **row: Any) -> bool:
    """Insert unless a unique key is already there; True if the row is new.

    On PostgreSQL a twin waits here for the first one's commit. (The row count of ON CONFLICT DO NOTHING is −1 with
    psycopg 3, hence RETURNING.)
    """
    connection = connection_of(session)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**row).on_conflict_do_nothing().returning(literal(1))
    return connection.execute(statement).first() is not None


CONNECTION = "connection"


def connection_of(session: Session) -> Connection:
    """The connection of this unit of work; `Database.writing` leaves it here, because a session takes as long to say
    it as the database takes for a small statement."""
    known: Connection | None = session.info.get(CONNECTION)
    return session.connection() if known is None else known


WRITES = "writes"


def writes_of(connection: Connection) -> int:
    """How many statements that are no reads this connection has run; app/database.py counts them."""
    done: int = connection.info.get(WRITES, 0)
    return done


def is_there(session: Session, rows: Prepared, facts: Mapping[str, Any]) -> bool:
    """Whether a prepared statement finds anything: for what is asked with every message and mostly in vain."""
    session.flush()
    return rows.first(connection_of(session), facts) is not None


def said(facts: Mapping[str, Any] | None, name: str, kind: Any) -> BindParameter[Any]:
    """What a statement compares with, by name; its value is among the `facts`, or said each time that a prepared
    statement (None) is asked."""
    return bindparam(name, None if facts is None else facts[name], type_=kind)


def count_rows(session: Session, rows: Select[Any]) -> int:
    """How many rows this statement finds; in which order does not matter."""
    return session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
