"""Asking in chat to be received: room and leader at once, a number at once, and no word of it left in the talk."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from handlers.petitions import actions
from models.audit import AuditLine
from models.conversation import Conversation
from models.desk import DeskLine
from models.inbox import InboxRow
from models.outbox import OutboxRow
from models.petitions import Petition
from models.petitions_plan import ReceptionTime
from models.resources import Occupation
from tests.neighbours import Phone, Town, frozen
from tests.petitions.conftest import MATTER, books, petitions, receives, runs


@pytest.fixture
def ma(sqlite_town: Town) -> Phone:
    receives(sqlite_town)
    return sqlite_town.phone("马秀兰")


def test_a_petition_has_a_number_a_time_and_a_last_day_at_once(ma: Phone) -> None:
    said = books(ma, way="1")
    [row] = petitions(ma.town)
    assert row.number in said
    assert "12月3日(星期四)早上9点到视频室" in said or "12月3日(星期四)上午9点到视频室" in said
    assert "12月11日" in said, "fifteen days"
    assert "请带身份证" in said
    assert (row.text, row.phone, row.state, row.leader) == (MATTER, "13997110001", "received", "李副区长")


def test_room_and_leader_are_taken_together_and_say_nothing_of_who_or_why(ma: Phone) -> None:
    books(ma)
    [row] = petitions(ma.town)
    with ma.town.reading() as session:
        held = session.scalars(select(Occupation)).all()
        assert {one.resource.kind for one in held} == {"room", "person"}
        assert {one.source for one in held} == {row.source}
        [taken] = session.scalars(select(ReceptionTime).where(ReceptionTime.source.is_not(None)))
        assert taken.source == row.source


def test_no_step_of_the_talk_leaves_a_word_in_the_conversation_or_the_inbox(ma: Phone) -> None:
    for words in ("约接访", "2", MATTER, "2", "王书记", "2", "1", "1", "1"):
        ma.says(words)
        with ma.town.reading() as session:
            kept = str(
                [(row.talks, row.offers, row.done, row.rest) for row in session.scalars(select(Conversation))]
            )
            kept += str([row.answer for row in session.scalars(select(InboxRow))])
            kept += str([row.facts for row in session.scalars(select(AuditLine))])
        assert "拆迁" not in kept
        assert "王书记" not in kept
    with ma.town.reading() as session:
        assert [row.talks for row in session.scalars(select(Conversation))] == [[]]
        assert {(row.kind, row.person_id) for row in session.scalars(select(InboxRow))} == {("guarded", None)}
        lines = session.scalars(select(AuditLine).where(AuditLine.action.startswith("petitions."))).all()
        assert {line.actor for line in lines} == {"house"}
    assert petitions(ma.town)[0].accused == "王书记"


def test_who_gives_no_name_looks_it_up_with_a_code_and_a_stranger_does_not(ma: Phone) -> None:
    said = books(ma)
    number, code = re.findall(r"受理号 (\d{3}-\d{4}),查询码 (\d{4})", said)[0]
    stranger = ma.town.phone("路人")
    assert "收到了,在登记" in stranger.says("查接访", number, code)
    assert "没找到" in stranger.says("查接访", number, f"{(int(code) + 1) % 10000:04d}")
    assert "没有在办的" in stranger.says("我的接访")
    assert number in ma.says("我的接访")


def test_numbers_are_not_tried_out(ma: Phone) -> None:
    number, code = re.findall(r"受理号 (\d{3}-\d{4}),查询码 (\d{4})", books(ma))[0]
    stranger = ma.town.phone("路人")
    *guesses, last = (f"{(int(code) + step) % 10000:04d}" for step in range(1, 7))
    for guess in guesses:
        stranger.says("查接访", number, guess)
    assert "过一刻钟" in stranger.says("查接访", number, last)


def test_a_time_that_somebody_took_meanwhile_is_asked_again(ma: Phone) -> None:
    ma.says("约接访", "2", MATTER, "1", "1", "1", "1")
    books(ma.town.phone("韩建国"), "物业乱收费,说了半年没有人管")
    again = ma.says("1")
    assert "没有了" in again
    assert "9点45分" in again
    assert "受理号" in ma.says("1", "1")
    assert len(petitions(ma.town)) == 2


def test_a_leader_who_is_named_does_not_receive_it(sqlite_town: Town) -> None:
    receives(sqlite_town, leaders=("李副区长", "赵主任"))
    said = sqlite_town.phone("马秀兰").says("约接访", "2", MATTER, "2", "李副区长", "1", "1")
    assert "赵主任" in said
    assert "李副区长" not in said


def test_a_draft_that_nobody_sends_goes_after_two_days(ma: Phone) -> None:
    ma.says("约接访", "2", MATTER)
    with frozen("2026-11-28 10:00"):
        runs(ma.town, "each_night")
        with ma.town.site.confidential.reading() as session:
            assert session.scalars(select(Petition)).all() == []


def test_pictures_voices_and_stray_sentences_of_the_talk_reach_no_common_inbox(ma: Phone) -> None:
    ma.says("人工", "在吗,有人吗,我要办个事情")
    ma.says("结束", "约接访", "2")
    assert "只收打字" in ma.sends("image", PicUrl="http://x/1.jpg", MediaId="m1")
    assert "只收打字" in ma.sends("voice", MediaId="m2", Format="amr", Recognition="")
    ma.says("接着", MATTER, "关于那笔拆迁补偿款的事情我再补一句")
    with ma.town.reading() as session:
        lines = session.scalars(select(DeskLine)).all()
        assert not any("拆迁" in line.text or line.media_id for line in lines)


def test_who_gives_it_up_is_not_reminded_of_it(ma: Phone) -> None:
    books(ma, way="1")
    runs(ma.town, "tend")
    [row] = petitions(ma.town)
    ma.town.writing(lambda session: actions.withdraw(ma.actor(session), row))
    runs(ma.town, "tend")
    with ma.town.reading() as session:
        [reminder] = session.scalars(select(OutboxRow).where(OutboxRow.kind == "_base.appointment_ahead"))
        assert (reminder.state, str(reminder.facts.get("starts"))[:10]) == ("cancelled", "2026-12-03")
    assert "没有在办的" in ma.says("我的接访")


def test_what_is_said_aloud_is_not_read_back(ma: Phone) -> None:
    ma.says("约接访", "2")
    said = ma.sends("voice", MediaId="m", Format="amr", Recognition=MATTER)
    assert "拆迁" not in said
    assert "说的是不是工作人员" in said


def test_words_too_short_are_asked_again(ma: Phone) -> None:
    assert "至少6个字" in ma.says("约接访", "2", "有事")
    assert "说的是不是工作人员" in ma.says(MATTER)
