"""The report: what we know, what WeChat does not tell, whom it missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import clock
from app.sheets.reading import read
from bench.city.watch import Watch
from handlers.broadcasts.reach import report_of
from models import lately
from models.broadcasts import Broadcast, BroadcastRecipient
from models.outbox import OutboxRow, once_in
from models.reach_counts import Group, told_apart
from tests.broadcasts import sent
from tests.matters.conftest import build, joined
from tests.neighbours import Town, frozen
from tests.staff.clerks import audited, clerk


@pytest.fixture
def thursday() -> Iterator[Any]:
    with frozen("2026-11-26 10:00") as moved:
        yield moved


def sent_to_eight(town: Town) -> tuple[int, list[int]]:
    people = sent.people(town, 8)
    number = sent.broadcast(town)
    read = {"read_at": clock.now() + timedelta(minutes=30), "read_how": "word"}
    sent.to(town, number, people[0])
    sent.to(town, number, people[1], **read)
    sent.to(town, number, people[2], "delivered", road="notice")
    sent.to(town, number, people[3], "failed", road="notice")
    sent.to(town, number, people[4], "unknown")
    sent.to(town, number, people[5], "paper", door_state="face")
    sent.by_mass(town, number, people[6:], "done", total=2, filter=2, sent=2, error=0)

    def why(session: Session) -> None:
        letter = session.query(OutboxRow).filter_by(once=once_in(f"broadcast:{number}", people[3])).one()
        letter.errcode, letter.reason = None, "本人不收公众号的消息。"

    town.writing(why)
    return number, people


def test_nothing_that_wechat_does_not_tell_counts_as_reached(sqlite_town: Town, thursday: Any) -> None:
    number, _ = sent_to_eight(sqlite_town)
    thursday.shift(25 * 3600)
    with sqlite_town.reading() as session:
        told = report_of(session, session.get_one(Broadcast, number))
    assert told.total == 8
    assert told.kinds == {"reached": 3, "perhaps": 3, "missed": 2, "waits": 0, "stopped": 0}
    assert told.roads["mass"] == {"已交给微信": 2}, "sent to all of them is still not seen by one of them"
    assert told.roads["custom"] == {"已交给微信": 2, "说不准": 1}
    assert told.roads["notice"] == {"微信说送到了": 1, "没发成": 1}
    assert (told.read, told.told, told.delivered) == (1, 1, 1)
    assert told.within == [(1, 1), (4, 1), (24, 1)]
    assert told.failures == [("本人不收公众号的消息。", 1)]


def test_the_page_says_so_in_words(sqlite_town: Town, thursday: Any) -> None:
    number, _ = sent_to_eight(sqlite_town)
    chief = clerk(sqlite_town, "approver")
    chief.opens(f"/console/broadcasts/{number}/report")
    for words in (
        "发给 8 人",
        "确实知道了 3",
        "不知道看没看到 3",
        "没有送到 2",
        "微信不告诉我们有没有看到",
        "本人不收公众号的消息",
    ):
        assert words in chief.words, words
    stranger = clerk(sqlite_town, "leader", login="leader")
    assert stranger.opens(f"/console/broadcasts/{number}/report").status_code == 403


def test_small_groups_are_told_together() -> None:
    def group(key: int, total: int) -> Group:
        return Group(key, total, 0, 0, 0)

    large, rest = told_apart([group(1, 30), group(2, 4), group(3, 2)])
    assert ([one.key for one in large], rest and rest.total) == ([1], 6)
    large, rest = told_apart([group(1, 30), group(2, 9), group(3, 4)])
    assert ([one.key for one in large], rest and rest.total) == ([1], 13), (
        "four alone would be the rest of the sum"
    )
    assert told_apart([group(1, 5)]) == ([group(1, 5)], None)


def test_houses_and_grids_are_counted(sqlite_town: Town, thursday: Any) -> None:
    build(sqlite_town)
    number = sent.broadcast(sqlite_town)
    for position in range(6):
        joined(sqlite_town, f"住户{'一二三四五六'[position]}", f"1390000000{position}", 1)
        sent.to(sqlite_town, number, sent.person_of(sqlite_town, f"住户{'一二三四五六'[position]}"), "paper")
    joined(sqlite_town, "马秀兰", "13900000009", 3)
    sent.to(sqlite_town, number, sent.person_of(sqlite_town, "马秀兰"))
    with sqlite_town.reading() as session:
        told = report_of(session, session.get_one(Broadcast, number))
    assert [(name, one.total) for name, one in told.houses] == [("其余的合在一起", 7)]


def test_the_audience_is_gone_through_once_and_not_again_for_who_looks_next(
    sqlite_town: Town, thursday: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed is asked for apart, and only when something did."""
    number, _ = sent_to_eight(sqlite_town)
    thursday.shift(25 * 3600)
    monkeypatch.setattr(lately, "LEAST", 8)
    monkeypatch.setattr(lately, "A_SECOND", 0.01)
    watch, told = Watch(sqlite_town.site.database.engine), []
    for turn in range(2):
        with watch.path(f"look {turn}"), sqlite_town.reading() as session:
            told.append(report_of(session, session.get_one(Broadcast, number)))
    through = [one for one in watch.asked.values() if "FROM broadcast_recipient" in one.sql]
    assert [one.times for one in through] == [1, 1]
    assert sum("errcode" in one.sql for one in through) == 1
    assert told[0].houses == told[1].houses
    assert [len(one.calls) for one in told] == [1, 1]


def test_who_was_erased_is_counted_and_lives_nowhere(sqlite_town: Town, thursday: Any) -> None:
    number, people = sent_to_eight(sqlite_town)
    with sqlite_town.reading() as session:
        before = report_of(session, session.get_one(Broadcast, number))
    nobody = update(BroadcastRecipient).where(BroadcastRecipient.person_id == people[0])
    sqlite_town.writing(lambda s: s.execute(nobody.values(person_id=None)))
    with sqlite_town.reading() as session:
        after = report_of(session, session.get_one(Broadcast, number))
    assert (before.total, after.total) == (8, 8)
    assert [sum(group.total for _, group in one.houses) for one in (before, after)] == [8, 7]


def test_the_sheet_holds_numbers_and_no_names_and_is_for_those_who_may(
    sqlite_town: Town, thursday: Any
) -> None:
    number, _ = sent_to_eight(sqlite_town)
    reader = clerk(sqlite_town, "first_review", login="reader")
    assert reader.sends(f"/console/broadcasts/{number}/report/sheet").status_code == 403
    wang = clerk(sqlite_town, "desk")
    wang.sends(f"/console/broadcasts/{number}/report/sheet")
    assert sqlite_town.works() == 1
    wang.opens("/console/work/1")
    assert "里面只有人数,没有名字" in wang.words
    rows = read(wang.client.get("/console/work/1/file").data).rows
    told = {(row[0], row[1]): row[2] for row in rows if len(row) > 2}
    assert told["总的", "发给"] == 8
    assert told["公众号群发", "已交给微信"] == 2
    assert told["第1批群发", "发成的"] == 2
    with sqlite_town.reading() as session:
        assert len(audited(session, "broadcasts.export_report")) == 1
