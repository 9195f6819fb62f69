"""Nobody's first question waits for the index of the cards: a web process builds it before it answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from app.database import Database
from app.warming import warm_up
from handlers.guides import actions
from models.identity import Actor
from tests.neighbours import Town

WORDS = "FROM guide_phrasing"


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is asked of the database until the block ends."""
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_: object) -> None:  # type: ignore[no-untyped-def]
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def test_the_first_question_reads_no_words_of_cards(guided: Town) -> None:
    new = "阿奶钱"
    guided.writing(lambda session: actions.add_synonym(Actor(session, channel="job"), new, "高龄补贴"))
    with statements(guided.site.database) as asked:
        warm_up(guided.site)
        assert any(WORDS in one for one in asked)
    with statements(guided.site.database) as asked:
        assert "高龄" in guided.phone("马秀兰").says(f"{new}要带什么")
        assert not [one for one in asked if WORDS in one]
