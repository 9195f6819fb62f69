"""Search in Chinese without a segmenter: characters are spaced out, a query is its two-character runs, ranked.

SQLite keeps the text in an FTS5 table, PostgreSQL in a tsvector; both are made beside the notice table (the migration
calls `create_search`) and hold a row for every published notice.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, Select, event, select, text
from sqlalchemy.orm import Session

from models.notices import Notice, current_notices

HAN = re.compile(r"([\u4e00-\u9fff])")
RUNS = re.compile(r"[\u4e00-\u9fff]+|[a-zA-Z0-9]+")
MOST_GRAMS = 20

SQLITE_DDL = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS notice_search USING fts5(title, body, tokenize='unicode61')",
)
POSTGRES_DDL = (
    """CREATE TABLE IF NOT EXISTS notice_search (
        notice_id integer PRIMARY KEY REFERENCES notice (id) ON DELETE CASCADE, words tsvector NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS ix_notice_search_words ON notice_search USING gin (words)",
)


def create_search(connection: Connection) -> None:
    """Make the search table of this database."""
    for statement in SQLITE_DDL if connection.dialect.name == "sqlite" else POSTGRES_DDL:
        connection.execute(text(statement))


@event.listens_for(Notice.__table__, "after_create")
def _with_the_table(_table: object, connection: Connection, **_options: object) -> None:
    create_search(connection)


def spaced(words: str) -> str:
    """Every Han character a word of its own."""
    return HAN.sub(r" \1 ", words)


def grams(query: str) -> list[str]:
    """The two-character runs of a query (a lone character or a Latin word as it is)."""
    found: list[str] = []
    for run in RUNS.findall(query):
        found += [run] if run.isascii() or len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
    return found[:MOST_GRAMS]


def index(session: Session, notice: Notice) -> None:
    """Make a notice findable, or not any more when it is no longer published."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    column = "rowid" if sqlite else "notice_id"
    session.execute(text(f"DELETE FROM notice_search WHERE {column} = :id"), {"id": notice.id})  # noqa: S608 (a constant)
    if notice.state != "published":
        return
    row = {
        "id": notice.id,
        "title": spaced(notice.title),
        "body": spaced(f"{notice.summary} {' '.join(notice.bring)}"),
    }
    session.execute(text(SQLITE_INSERT if sqlite else POSTGRES_INSERT), row)


def index_all(session: Session) -> None:
    """Make every published notice findable in a database that was filled from elsewhere."""
    for notice in session.scalars(select(Notice).where(Notice.state == "published")):
        index(session, notice)


SQLITE_INSERT = "INSERT INTO notice_search (rowid, title, body) VALUES (:id, :title, :body)"
POSTGRES_INSERT = (
    "INSERT INTO notice_search (notice_id, words) VALUES (:id,"
    " setweight(to_tsvector('simple', :title), 'A') || setweight(to_tsvector('simple', :body), 'D'))"
)
SQLITE_FIND = """SELECT rowid FROM notice_search WHERE notice_search MATCH :query
    ORDER BY bm25(notice_search, 5, 1), rowid DESC LIMIT :most"""
POSTGRES_FIND = (
    "SELECT notice_id FROM notice_search, to_tsquery('simple', :query) AS asked"
    " WHERE words @@ asked ORDER BY ts_rank(words, asked) DESC, notice_id DESC LIMIT :most"
)


def search(session: Session, query: str, most: int = 20) -> list[Notice]:
    """Current notices that share words with the query, the best first."""
    wanted = grams(query)
    if not wanted:
        return []
    sqlite = session.get_bind().dialect.name == "sqlite"
    asked = _fts_query(wanted) if sqlite else _ts_query(wanted)
    statement = text(SQLITE_FIND if sqlite else POSTGRES_FIND)
    ids = list(session.scalars(statement, {"query": asked, "most": most}))
    if not ids:
        return []
    found: Select[Notice] = current_notices().where(Notice.id.in_(ids))
    return sorted(session.scalars(found), key=lambda notice: ids.index(notice.id))


def covers(notice: Notice, query: str) -> float:
    """The share of the query's runs that the notice is about, 0 to 1. One run alone (户口, 电话) must be in its title:
    a notice that only mentions it, or wants it brought along, is about something else."""
    wanted = grams(query)
    told = (notice.title if len(wanted) == 1 else f"{notice.title} {notice.summary}").lower()
    return sum(gram.lower() in told for gram in wanted) / len(wanted) if wanted else 0.0


def _fts_query(wanted: list[str]) -> str:
    phrases = (gram if gram.isascii() else " ".join(gram) for gram in wanted)
    return " OR ".join(f'"{phrase}"' for phrase in phrases)


def _ts_query(wanted: list[str]) -> str:
    return " | ".join(f"'{gram.lower()}'" if gram.isascii() else f"({' <-> '.join(gram)})" for gram in wanted)
