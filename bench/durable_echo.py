"""Two more peers: the wechatpy echo that keeps what it was told, so that a repeat gets the same answer and no second
effect. One by hand on sqlite3, the least that durable work can cost; one by SQLAlchemy's ORM, the way it is usually
written. Each message: seen before? how many has this person sent? keep both, wait for the disk."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bench.echo import serving

FOLDER = Path(os.environ["XINGFU_DATA"])
TABLES = (
    "CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, answer TEXT NOT NULL, at TIMESTAMP NOT NULL)",
    "CREATE TABLE IF NOT EXISTS person (openid TEXT PRIMARY KEY, said INTEGER NOT NULL, at TIMESTAMP NOT NULL)",
)
Answering = Callable[[Any], str]


# ---- by hand ---------------------------------------------------------------------------------------------------------


def _by_hand() -> Answering:
    one_at_a_time = threading.Lock()
    kept = sqlite3.connect(FOLDER / "by-hand.db", isolation_level=None, check_same_thread=False)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", *TABLES):
        kept.execute(statement)

    def answer(message: Any) -> str:
        number, openid, words = str(message.id), message.source, str(message.content)
        now = datetime.now(UTC).isoformat()
        with one_at_a_time:
            kept.execute("BEGIN IMMEDIATE")
            before = kept.execute("SELECT answer FROM seen WHERE id = ?", (number,)).fetchone()
            if before is None:
                kept.execute(
                    "INSERT INTO person VALUES (?, 1, ?) ON CONFLICT DO UPDATE SET said = said + 1, at = excluded.at",
                    (openid, now),
                )
                kept.execute("INSERT INTO seen VALUES (?, ?, ?)", (number, words, now))
            kept.execute("COMMIT")
        return words if before is None else str(before[0])

    return answer


# ---- by the ORM ------------------------------------------------------------------------------------------------------


class Table(DeclarativeBase):
    """The two tables of this peer."""


class Seen(Table):
    __tablename__ = "seen"
    id: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[str]
    at: Mapped[datetime]


class Person(Table):
    __tablename__ = "person"
    openid: Mapped[str] = mapped_column(primary_key=True)
    said: Mapped[int]
    at: Mapped[datetime]


def _by_orm() -> Answering:
    one_at_a_time = threading.Lock()
    engine = create_engine(f"sqlite:///{FOLDER / 'by-orm.db'}")

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _entry: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    Table.metadata.create_all(engine)

    def answer(message: Any) -> str:
        number, openid, words = str(message.id), message.source, str(message.content)
        with one_at_a_time, Session(engine) as session, session.begin():
            before = session.get(Seen, number)
            if before is not None:
                return before.answer
            person = session.get(Person, openid)
            if person is None:
                person = Person(openid=openid, said=0)
                session.add(person)
            person.said, person.at = person.said + 1, datetime.now(UTC)
            session.add(Seen(id=number, answer=words, at=datetime.now(UTC)))
        return words

    return answer


by_hand, by_orm = serving(_by_hand()), serving(_by_orm())
