"""The only place that opens, commits and rolls back: `writing()` for one unit of work, `reading()` for a look.

A unit of work is a function of a session. SQLite begins it with BEGIN IMMEDIATE (a plain BEGIN fails with "database is
locked" as soon as a reader wants to write), PostgreSQL with BEGIN at READ COMMITTED. Lock waits are short: a resident
gets a true answer inside WeChat's five seconds.
"""

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from app.durable import Journal
from app.patience import Patience
from app.turnstile import Turnstile
from models.base import CONNECTION, WRITES, connection_of, writes_of
from models.prepared import run_plainly

T = TypeVar("T")

READING = "reading"
LANE = "confidential lane"
HOPEFUL = "hopeful"
EAGER = "eager"
NEW = "new"
LOCK_WAIT_MS = 2000
TURN_SECONDS = 1.5  # with the lock's own wait still well inside WeChat's five seconds
STATEMENT_MS = 3000
OF_ALL = "-c timezone=UTC -c idle_in_transaction_session_timeout=30000"  # a stopped process must not keep its locks
# Nor may a machine that vanished in the middle of a unit: the server asks whether it is there, and lets go after 9 s.
OF_ALL += " -c tcp_keepalives_idle=3 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=9000"
PATIENCE_SECONDS = 3.3  # for a server that does not even say that it took too long
MOST_TRIES = 3
# A server that vanished without a word (its machine lost power) is given up by TCP; on a unix socket this says nothing.
VANISHED = {"tcp_user_timeout": 3500, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
READS = ("SELECT", "BEGIN ", "SAVEPO", "RELEAS", "ROLLBA", "PRAGMA", "SHOW T", "SET LO", "EXPLAI")


class Busy(Exception):
    """The database could not do it in time (a lock, a time-out, no connection, or it is away). Nothing was done."""


class TooLarge(Exception):
    """A number came that no column can hold, so nobody has it. Nothing was done."""


class Database:
    """An engine with the house's habits. `url` is a SQLAlchemy URL of SQLite or PostgreSQL (psycopg). `confidential` is
    the lane that lies beside it, for the few who write to both (see `lane_beside`)."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self.url = url
        self.after_commit: Callable[[dict[Any, Any]], None] = lambda _notes: None
        self.confidential: Database | None = None
        self.engine = _engine(url, pool_size)
        self._writer = threading.Lock()
        self._pen: Connection | None = None
        self._journal = Journal(f"{make_url(url).database}-wal")
        self._looking = self.engine.execution_options(**{READING: True})

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def writing(self, unit: Callable[[Session], T], *, hopeful: bool = False) -> T:
        """Run `unit` in one transaction and commit it; raising rolls everything back.

        A race that the database refused (unique key, deadlock) runs the whole unit again, at most three times.
        `hopeful`: see `run_in_savepoint`. Raises Busy when a lock or a statement took too long: then nothing was done.
        """
        for attempt in range(1, MOST_TRIES + 1):
            try:
                with self._transaction() as connection:
                    notes = {LANE: self.confidential, HOPEFUL: hopeful, CONNECTION: connection}
                    with Session(connection, expire_on_commit=False, info=notes) as session:
                        result = unit(session)
                        session.flush()
                self.after_commit(session.info)
                return result
            except _HopedInVain:
                return self.writing(unit)
            except IntegrityError:
                if attempt == MOST_TRIES:
                    raise
            except DBAPIError as fault:
                if _is_deadlock(fault) and attempt < MOST_TRIES:
                    time.sleep(0.01 * random.random())  # noqa: S311 (spreads two rivals, hides nothing)
                    continue
                raise _as_busy(fault) from fault
            except NoConnection as fault:
                raise Busy("pool") from fault
        raise AssertionError("unreachable")

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A connection to write with, committed at the end. On SQLite one writer of this process at a time, and the
        processes take turns at a turnstile; since only one writes, all of a process write with the same connection."""
        if not self.is_sqlite:
            with self.engine.connect() as connection, connection.begin():
                yield connection
            return
        if not self._writer.acquire(timeout=TURN_SECONDS):
            raise Busy("turn")
        try:
            if self._pen is None:
                self._pen = _leaving_the_disk_to_us(self.engine.connect())
            with self._pen.begin():
                yield self._pen
            committed = self._journal.note_commit()
        finally:
            self._writer.release()
        self._journal.wait_for_disk(committed)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking only: whatever it changed is rolled back."""
        try:
            with Session(self._looking, expire_on_commit=False, info={LANE: self.confidential}) as session:
                yield session
                session.rollback()
        except OperationalError as fault:
            raise _as_busy(fault) from fault
        except NoConnection as fault:
            raise Busy("pool") from fault

    def dispose(self) -> None:
        with self._writer:
            if self._pen is not None:
                self._pen.close()
                self._pen = None
            self._journal.close()
        self.engine.dispose()


def lane_beside(session: Session) -> Database:
    """The confidential lane of this session's house. A unit that writes to both lets the lane commit first, under a
    key that makes the second time the same as the first: a crash in between is healed by the repeat or by a sweep."""
    lane: Database | None = session.info.get(LANE)
    if lane is None:
        raise RuntimeError("this session's database has no confidential lane beside it")
    return lane


def writes_so_far(session: Session) -> int:
    """How many rows this session has changed or is about to: dialogues are watched with it."""
    done = writes_of(connection_of(session))
    return done + len(session.new) + len(session.deleted) + sum(map(session.is_modified, session.dirty))


class _HopedInVain(BaseException):
    """Work raised after it had written, and no savepoint stands before it. Nobody but `writing` may catch it."""


def run_in_savepoint(session: Session, work: Callable[[], T]) -> T:
    """Run `work` so that raising (a Refusal, usually) undoes its writes and nothing else of the unit.

    A savepoint costs two trips, and most of what is said in chat only looks. A hopeful unit does without: work that
    raises before it has written anything leaves nothing to undo, and work that raises later makes the whole unit run
    once more from its beginning, with savepoints.
    """
    if session.info.get(HOPEFUL):
        return _run_hopefully(session, work)
    point = session.begin_nested()
    try:
        result = work()
        session.flush()
    except BaseException:
        point.rollback()
        raise
    point.commit()
    return result


def _run_hopefully(session: Session, work: Callable[[], T]) -> T:
    session.flush()  # so that a change by `work` to what was changed before is seen
    written = writes_so_far(session)
    try:
        result = work()
        session.flush()
    except Exception as why:
        if not _is_lost(session) and writes_so_far(session) != written:
            raise _HopedInVain from why
        raise
    return result


def _is_lost(session: Session) -> bool:
    """Whether the server is gone from under the unit: nothing of it stands, and nothing may be asked any more."""
    return connection_of(session).invalidated


def confidential_url(url: str) -> str:
    """Where the confidential lane lives: a file of its own beside the main one, or a schema of its own."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        lane = parsed.set(database=f"{parsed.database}.confidential")
    else:
        lane = parsed.update_query_dict({"options": "-csearch_path=confidential"})
    return lane.render_as_string(hide_password=False)


def _engine(url: str, pool_size: int) -> Engine:
    sqlite = make_url(url).get_backend_name() == "sqlite"
    options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 2, "pool_timeout": TURN_SECONDS}
    options["hide_parameters"] = True  # what residents said must not stand in an exception, and so in a log
    if not sqlite:
        own = make_url(url).query.get("options", "")
        settings = f"{own} -c lock_timeout={LOCK_WAIT_MS} -c statement_timeout={STATEMENT_MS} {OF_ALL}"
        options |= {
            "connect_args": {"options": settings.strip(), "connect_timeout": 2, **VANISHED},
        }
    engine = create_engine(url, **options)
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        turnstile = Turnstile(f"{make_url(url).database}.turn.lock")
        event.listen(engine, "begin", partial(_begin_sqlite, turnstile=turnstile))
        event.listen(engine, "engine_disposed", lambda _engine: turnstile.close())
    else:
        event.listen(engine, "do_connect", Patience(PATIENCE_SECONDS).connect)
        event.listen(engine, "connect", _let_us_begin)
        event.listen(engine, "checkout", _begin_postgres)
        event.listen(engine, "begin", _begin_postgres_again)
    event.listen(engine, "before_cursor_execute", _count_writes)
    event.listen(engine, "handle_error", _too_large)
    return engine


def _let_us_begin(connection: Any, entry: ConnectionPoolEntry) -> None:
    connection.autocommit = True  # the driver must not begin by itself: we do
    entry.info[NEW] = True


def _begin_postgres(connection: Any, entry: ConnectionPoolEntry, _lent: Any) -> None:
    """A connection that comes out of the pool begins its unit at once. One whose server or road is gone shows it here,
    where nothing was done yet, and a new one takes its place: asking it first would be a trip more for each unit. Where
    a new one fails as well the database is away."""
    is_new = entry.info.pop(NEW, False)
    try:
        connection.execute("BEGIN")
    except Exception as fault:
        if connection.closed and not is_new:
            raise InvalidatePoolError from fault
        raise


def _begin_postgres_again(connection: Connection) -> None:
    """The second unit on the same connection; a migration may want none around what it does."""
    driver: Any = connection.connection.driver_connection
    wants_none = connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"
    if driver.autocommit and not driver.pgconn.transaction_status and not wants_none:
        run_plainly(connection, "BEGIN")


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: "begin" above does
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={LOCK_WAIT_MS}",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _leaving_the_disk_to_us(connection: Connection) -> Connection:
    """One that commits without waiting for the disk, which is done outside its turn (app/durable.py)."""
    connection.connection.cursor().execute("PRAGMA synchronous=NORMAL")
    return connection


def _begin_sqlite(connection: Connection, turnstile: Turnstile) -> None:
    """A unit of work takes the write lock first; a look takes none and waits for nobody."""
    if connection.get_execution_options().get(READING, False):
        run_plainly(connection, "BEGIN")
        return
    # The turnstile looks again, and sooner than SQLite would.
    if EAGER not in connection.info:
        run_plainly(connection, "PRAGMA busy_timeout=0")
        connection.info[EAGER] = True
    if not turnstile.pass_through(lambda: _is_begun(connection), LOCK_WAIT_MS / 1000):
        raise Busy("turn")


def _is_begun(connection: Connection) -> bool:
    """Whether nobody else is writing."""
    try:
        run_plainly(connection, "BEGIN IMMEDIATE")
    except OperationalError as fault:
        if getattr(fault.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


def _count_writes(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if statement.lstrip()[:6].upper() not in READS:
        connection.info[WRITES] = writes_of(connection) + 1


def _too_large(fault: ExceptionContext) -> TooLarge | None:
    """SQLite's driver says so of any number beyond 64 bits; PostgreSQL compares with it and refuses to keep it."""
    why = fault.original_exception
    beyond = isinstance(why, OverflowError) or getattr(why, "sqlstate", None) == "22003"
    return TooLarge() if beyond else None


def _is_deadlock(fault: DBAPIError) -> bool:
    return getattr(fault.orig, "sqlstate", None) in ("40P01", "40001")


def _as_busy(fault: DBAPIError) -> Exception:
    """Lock and statement time-outs, a full, absent or lost database: all mean "not done, try again"."""
    is_away = isinstance(fault, OperationalError) or fault.connection_invalidated
    return Busy(type(fault.orig).__name__) if is_away else fault
