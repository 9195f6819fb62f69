"""One person's pushes are answered one after the other, each by what the last one left (PostgreSQL locks row by row)."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from models import arrivals
from models.base import connection_of
from models.desk import HAS_OPEN_TALK, DeskTalk
from models.prepared import run_plainly
from tests.neighbours import Phone, Town
from tests.roads.street import eventually

GATE = "CAST(pg_advisory_xact_lock_shared(77) AS VARCHAR) = ''"
WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def test_what_was_read_before_another_turn_ended_is_known_to_be_old(town: Town) -> None:
    """The talk is free to lock, but a turn ended since the reading began: the talk is new and all else is old."""
    if town.site.database.is_sqlite:
        return
    phone, found = town.phone("马秀兰"), list[Any]()
    phone.says("菜单")
    told = {"app": "oa:main", "openid": phone.openid, "key": ""}

    def read(statement: str) -> None:
        with town.reading() as session:
            session.execute(text("SET LOCAL lock_timeout = 0"))
            found.append(run_plainly(connection_of(session), statement, told, fetching=True))

    with town.site.database.engine.connect() as gate:
        asked = arrivals.FREE._in_words_of(gate).text
        gate.execute(text("SELECT pg_advisory_xact_lock(77)"))
        through_the_gate = asked.replace("WHERE identity.app", f"WHERE {GATE} AND identity.app")
        early = threading.Thread(target=read, args=(through_the_gate,))
        early.start()
        eventually(lambda: gate.execute(WAITING).scalar())
        phone.says("最新通知")
        gate.rollback()
    early.join()
    read(asked)
    assert [row[-1] for row in found] == [False, True]


def test_what_every_message_asks_is_asked_in_one_look(town: Town) -> None:
    """Who speaks, where their talks stand, what was answered before, and what nearly nobody has."""
    phone, asked = town.phone("马秀兰"), list[str]()
    phone.says("菜单")

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(town.site.database.engine, "before_cursor_execute", note)
    try:
        phone.says("菜单")
    finally:
        event.remove(town.site.database.engine, "before_cursor_execute", note)
    assert len([one for one in asked if one.startswith("SELECT")]) == 1


def test_what_was_seen_at_a_glance_is_believed_until_something_is_written(town: Town) -> None:
    phone = town.phone("马秀兰")
    phone.says("菜单")

    def unit(session: Session) -> list[bool]:
        arrival = arrivals.arrive(session, "oa:main", phone.openid, "")
        assert arrival is not None
        me = arrival.identity.person
        before = HAS_OPEN_TALK.finds(session, me)
        session.add(DeskTalk(person_id=me.id, identity_id=arrival.identity.id, about=""))
        return [before, HAS_OPEN_TALK.finds(session, me)]

    assert town.site.database.writing(unit) == [False, True]


def test_a_button_that_nobody_knows_any_more_reads_the_open_question_again(ma: Phone) -> None:
    """What stands above a digit is what it answers: the next 1 is a yes to this sentence."""
    read_out = ma.says("预约", "1", "1")
    assert "对吗" in read_out
    assert ma.clicks("旧按钮").endswith(read_out)
    assert "约好了" in ma.says("1")
