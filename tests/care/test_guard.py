"""Cries for help: answered at once, kept apart, and nowhere else in the house."""

import gc
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from app.reception import replay_spool
from models.confidential import ConfidentialMatter
from models.conversation import Conversation
from models.inbox import InboxRow
from tests.neighbours import Town

CRIES = [
    ("我不想活了", "12356", "suicide"),
    ("老公又打人了,我好怕", "110", "violence"),
    ("我家着火了", "119", "fire_gas"),
    ("孩子走失了找不到", "110", "missing_person"),
    ("我又想吸了,控制不住", "12356", "relapse"),
    ("我妈晕倒了", "120", "emergency"),
]


@pytest.mark.parametrize(("cry", "number", "kind"), CRIES)
def test_a_cry_gets_its_fixed_answer_with_the_number_first(
    sqlite_town: Town, cry: str, number: str, kind: str
) -> None:
    answer = sqlite_town.phone("马秀兰").says(cry)
    assert number in answer.splitlines()[0]
    with sqlite_town.site.confidential.reading() as session:
        assert session.scalars(select(ConfidentialMatter)).one().kind == kind


def test_the_common_database_never_holds_the_words(sqlite_town: Town) -> None:
    sqlite_town.phone("马秀兰").says("预约", "老公又打人了,我好怕")
    with sqlite_town.reading() as session:
        assert "guarded" in {row.kind for row in session.scalars(select(InboxRow))}
        assert "打人" not in str([row.talks for row in session.scalars(select(Conversation))])
        assert not any("打人" in row.answer for row in session.scalars(select(InboxRow)))


def test_the_words_are_sealed_in_their_own_database(sqlite_town: Town) -> None:
    sqlite_town.phone("马秀兰").says("我不想活了")
    database = Path(sqlite_town.site.confidential.engine.url.database or "")
    sqlite_town.site.confidential.dispose()
    gc.collect()
    for file in database.parent.glob(f"{database.name}*"):
        assert "不想活".encode() not in file.read_bytes()


def test_a_repeated_push_makes_no_second_matter(town: Town) -> None:
    ma = town.phone("马秀兰")
    xml = ma.xml("text", "<Content>我不想活了</Content><MsgId>55</MsgId>")
    assert ma.deliver(xml) == ma.deliver(xml)
    with town.site.confidential.reading() as session:
        assert len(session.scalars(select(ConfidentialMatter)).all()) == 1


def test_an_open_talk_waits_while_a_cry_is_answered(sqlite_town: Town) -> None:
    sqlite_town.seed("appointments")
    ma = sqlite_town.phone("马秀兰")
    ma.says("预约")
    assert "119" in ma.says("着火了")
    with sqlite_town.reading() as session:
        assert session.scalars(select(Conversation)).one().talks


@pytest.mark.parametrize("harmless", ["笑死我了", "打人工电话", "想吸烟的地方在哪", "煤气费怎么交"])
def test_everyday_talk_is_no_crisis(sqlite_town: Town, harmless: str) -> None:
    sqlite_town.phone("马秀兰").says(harmless)
    with sqlite_town.site.confidential.reading() as session:
        assert session.scalars(select(ConfidentialMatter)).all() == []


@pytest.mark.parametrize("lane", ["database", "confidential"])
def test_the_number_is_said_even_while_a_database_is_held_and_the_words_are_kept_for_later(
    sqlite_town: Town, lane: str
) -> None:
    file = getattr(sqlite_town.site, lane).engine.url.database
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "12356" in sqlite_town.phone("马秀兰").says("我不想活了")
        other.execute("ROLLBACK")
    assert replay_spool(sqlite_town.site) == 1
    with sqlite_town.site.confidential.reading() as session:
        assert len(session.scalars(select(ConfidentialMatter)).all()) == 1
