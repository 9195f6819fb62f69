"""Cries for help: heard however they come in, and nothing in the files on disk says in clear who cried (I11, 1.3 C4)."""

from __future__ import annotations

import gc
from pathlib import Path

from sqlalchemy import select

from app.database import Database
from models.confidential import ConfidentialMatter
from models.conversation import Conversation
from models.inbox import InboxRow
from tests.neighbours import Phone, Town


def cries(town: Town) -> list[tuple[str, str]]:
    """(kind, openid) of everything in the lane."""
    with town.site.confidential.reading() as session:
        return [(one.kind, one.openid) for one in session.scalars(select(ConfidentialMatter))]


def on_disk(database: Database) -> bytes:
    """Everything that somebody who copies the files could read, journals too."""
    path = Path(database.engine.url.database or "")
    database.dispose()
    gc.collect()
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def says_aloud(phone: Phone, words: str) -> str:
    return phone.sends("voice", MediaId="m", Format="amr", Recognition=words)


def test_a_cry_that_was_spoken_is_heard_like_a_typed_one(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("马秀兰")
    assert "12356" in says_aloud(ma, "我不想活了")
    assert cries(sqlite_town) == [("suicide", ma.openid)]
    with sqlite_town.reading() as session:
        assert "不想活" not in str([row.talks for row in session.scalars(select(Conversation))])
        assert not any("不想活" in row.answer for row in session.scalars(select(InboxRow)))


def test_the_lane_on_disk_does_not_say_who_cried(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("马秀兰")
    ma.says("我不想活了")
    assert cries(sqlite_town) == [("suicide", ma.openid)]
    assert ma.openid.encode() not in on_disk(sqlite_town.site.confidential)


def test_the_common_inbox_does_not_know_whose_cry_it_was(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("马秀兰")
    ma.says("你好", "我不想活了")
    with sqlite_town.reading() as session:
        rows = {row.kind: row for row in session.scalars(select(InboxRow))}
        assert rows["text"].person_id is not None
        assert rows["guarded"].person_id is None
        assert not any(ma.openid in row.key for row in rows.values())


def test_a_repeated_cry_is_one_cry_and_gets_the_same_answer(town: Town) -> None:
    ma = town.phone("马秀兰")
    xml = ma.xml("text", "<Content>我不想活了</Content><MsgId>77</MsgId>")
    assert ma.deliver(xml) == ma.deliver(xml)
    assert len(cries(town)) == 1


def test_the_openid_stands_in_one_table_only(sqlite_town: Town) -> None:
    """I11: the identity needs it to answer; no other row repeats it in clear."""
    ma = sqlite_town.phone("马秀兰")
    ma.follows("place:1")
    ma.says("你好", "菜单")
    with sqlite_town.reading() as session:
        tables = [name for (name,) in session.connection().exec_driver_sql("SELECT name FROM sqlite_master")]
        kept = {name for name in tables if ma.openid in str(_rows(session, name))}
    assert kept == {"identity"}


def _rows(session, name: str) -> list[object]:  # type: ignore[no-untyped-def]
    tables = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    if not session.connection().exec_driver_sql(tables, (name,)).first():
        return []
    return list(session.connection().exec_driver_sql(f'SELECT * FROM "{name}"'))
