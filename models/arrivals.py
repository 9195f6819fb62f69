"""A push arrives: who speaks, where their talks stand, and whether this very push was answered before.

This is asked and written for every message, so it is one statement each way instead of five, prepared once: the ORM
takes several times as long to load, watch and flush these rows as the database takes to answer. Person and identity
are handed on as what features expect, rows that the session keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    Table,
    bindparam,
    cast,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app import clock
from models.base import Base, connection_of, insert_once, new_row_key
from models.conversation import Conversation
from models.desk import HAS_OPEN_TALK
from models.glances import note_seen
from models.identity import Identity, Person, find_identity
from models.inbox import InboxRow
from models.prepared import Prepared
from models.reach import UNTOLD
from models.rows import as_loaded, names_of

Kept = TypeVar("Kept", bound=Base)


@dataclass(slots=True)
class Standing:
    """The conversation row while a turn works on it; `save` writes it at the end. `spoke_at` is when they spoke before
    this push."""

    identity_id: int
    heard: int = 0
    turn: int = 0
    misses: int = 0
    talks: list[Any] = field(default_factory=list)
    offers: dict[str, Any] | None = None
    done: dict[str, Any] | None = None
    rest: str | None = None
    spoke_at: datetime | None = None


@dataclass(slots=True)
class Arrival:
    """`answered` is the reply that this push got before, None when it is new."""

    identity: Identity
    standing: Standing
    answered: str | None


def _table(mapped: type[Base]) -> Table:
    table = mapped.__table__
    if not isinstance(table, Table):
        raise TypeError(mapped)
    return table


def _version(row: str) -> ColumnElement[str]:
    """Of a row of PostgreSQL, which with every change becomes a new one."""
    return cast(literal_column(f"{row}.xmin"), String)


IDENTITY, PERSON, TALK, INBOX = map(_table, (Identity, Person, Conversation, InboxRow))
WHO = (IDENTITY.c.app == bindparam("app"), IDENTITY.c.openid == bindparam("openid"))
PARTS = (IDENTITY, PERSON, TALK)
ANSWERED = select(INBOX.c.answer).where(INBOX.c.key == bindparam("key"))
TOLD = Prepared(ANSWERED)
KNOWN = Prepared(select(IDENTITY.c.id).where(*WHO))
LOCK = Prepared(select(TALK.c.identity_id).join_from(TALK, IDENTITY).where(*WHO).with_for_update(of=TALK))
GLANCES = (HAS_OPEN_TALK, UNTOLD)
FOUND_WITH_ALL = (
    select(*PARTS, ANSWERED.scalar_subquery(), *(glance.along for glance in GLANCES))
    .join_from(IDENTITY, PERSON, PERSON.c.id == IDENTITY.c.person_id)
    .join(TALK, TALK.c.identity_id == IDENTITY.c.id)
    .where(*WHO)
)
FOUND = Prepared(FOUND_WITH_ALL)
SEEN_TALK = TALK.alias("seen_talk")
SEEN_VERSION = select(_version("seen_talk")).where(SEEN_TALK.c.identity_id == IDENTITY.c.id)
IS_LATEST = _version(TALK.name) == SEEN_VERSION.scalar_subquery()
# Locks the talk if nobody has it. A lock is of the row as it is, all else is read as it was when the statement began:
# should somebody have ended a turn in between, then the two versions of the talk differ.
FREE = Prepared(FOUND_WITH_ALL.add_columns(IS_LATEST).with_for_update(of=TALK, skip_locked=True))
SAVED = (
    update(TALK)
    .where(TALK.c.identity_id == bindparam("identity"))
    .values({column: bindparam(column.name) for column in TALK.c if not column.primary_key})
)
SPOKEN = update(IDENTITY).where(IDENTITY.c.id == bindparam("identity")).values(spoke_at=bindparam("said_at"))
NOTED = insert(INBOX).values({column: bindparam(column.name) for column in INBOX.c})
SAVE, SPOKE, SEEN = Prepared(SAVED), Prepared(SPOKEN), Prepared(NOTED)
# PostgreSQL does all in one trip.
OF_EVENT = Prepared(NOTED.add_cte(SAVED.cte("saved")))
OF_WORDS = Prepared(NOTED.add_cte(SAVED.cte("saved"), SPOKEN.cte("spoken")))
BEGUN = Prepared(insert(TALK).values({column: bindparam(column.name) for column in TALK.c}))
MADE_PERSON, MADE_IDENTITY = (
    Prepared(
        insert(one)
        .values({column: bindparam(column.name) for column in one.c if not column.primary_key})
        .returning(one.c.id)
    )
    for one in (PERSON, IDENTITY)
)


IDENTITY_KEYS, PERSON_KEYS, TALK_KEYS = (names_of(one.__mapper__) for one in (Identity, Person, Conversation))
IDENTITY_END = len(IDENTITY_KEYS)
PERSON_END = IDENTITY_END + len(PERSON_KEYS)
TALK_END = PERSON_END + len(TALK_KEYS)


def arrive(session: Session, app: str, openid: str, key: str) -> Arrival | None:
    """Lock this person's conversation and read all that a turn begins with; None for somebody who never spoke.

    SQLite has locked everything already. PostgreSQL locks and reads at once where the talk is free; who has to wait
    does so in a statement of its own: one that waits for a lock reads what was true before it waited.
    """
    connection = connection_of(session)
    asked = {"app": app, "openid": openid, "key": key}
    if connection.dialect.name == "postgresql":
        row = FREE.first(connection, asked)
        if row is not None and row.pop():
            return _arrival(session, row)
        LOCK.run(connection, asked)
    row = FOUND.first(connection, asked)
    return _arrival(session, row) if row is not None else None


def _arrival(session: Session, row: list[Any]) -> Arrival:
    identity = as_loaded(Identity(), zip(IDENTITY_KEYS, row[:IDENTITY_END], strict=True))
    person = as_loaded(Person(), zip(PERSON_KEYS, row[IDENTITY_END:PERSON_END], strict=True))
    set_committed_value(identity, "person", person)
    session.add(identity)
    note_seen(session, person, GLANCES, row[TALK_END + 1 :])
    standing = Standing(**dict(zip(TALK_KEYS, row[PERSON_END:TALK_END], strict=True)))
    return Arrival(identity, standing, row[TALK_END])


def arrive_first(session: Session, kind: str, app: str, openid: str, key: str) -> Arrival:
    """Somebody who never spoke: a stranger becomes a person with nothing but an id. (Two first messages at once: the
    unique key refuses the second, whose unit runs again.)"""
    connection = connection_of(session)
    identity = None
    if KNOWN.first(connection, {"app": app, "openid": openid}) is not None:
        identity = find_identity(session, app, openid)
    if identity is None:
        identity = _stranger(session, kind, app, openid)
        BEGUN.run(connection, asdict(Standing(identity.id)))
    elif not insert_once(session, Conversation, identity_id=identity.id, heard=0, turn=0, misses=0, talks=[]):
        session.expunge_all()
        known = arrive(session, app, openid, key)
        if known is not None:
            return known
    answered = TOLD.first(connection, {"key": key})
    return Arrival(identity, Standing(identity.id), None if answered is None else answered[0])


def _stranger(session: Session, kind: str, app: str, openid: str) -> Identity:
    connection, now = connection_of(session), clock.now()
    person = _made(Person(), PERSON_KEYS, MADE_PERSON, connection, row_key=new_row_key(), created_at=now)
    told = {"person_id": person.id, "kind": kind, "app": app, "openid": openid}
    identity = _made(
        Identity(), IDENTITY_KEYS, MADE_IDENTITY, connection, following=False, created_at=now, **told
    )
    set_committed_value(identity, "person", person)
    session.add(identity)
    return identity


def _made(row: Kept, keys: Sequence[str], statement: Prepared, connection: Connection, **facts: Any) -> Kept:
    """Insert it, all other columns empty."""
    columns = [column.name for column in row.__table__.columns]
    whole = dict.fromkeys(columns) | facts
    (whole["id"],) = statement.first(connection, whole) or (None,)
    return as_loaded(row, zip(keys, map(whole.__getitem__, columns), strict=True))


def keep(
    session: Session,
    standing: Standing,
    said_at: datetime | None,
    *,
    person_id: int | None = None,
    **row: Any,
) -> None:
    """Write where the talks stand now, and the answer of this push (`row`, of the inbox) for its repeats. `said_at` is
    now when it was the person who spoke, which opens WeChat's 48 hours."""
    connection = connection_of(session)
    told = {"identity": standing.identity_id, "said_at": said_at, "person_id": person_id, "fault": None}
    told |= {name: getattr(standing, name) for name in TALK_KEYS[1:]} | row | {"received_at": clock.now()}
    if connection.dialect.name == "postgresql":
        (OF_EVENT if said_at is None else OF_WORDS).run(connection, told)
        return
    SAVE.run(connection, told)
    if said_at is not None:
        SPOKE.run(connection, told)
    SEEN.run(connection, told)
