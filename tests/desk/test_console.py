"""The inbox at the console: who waits, the answer that goes out, notes, hand-over, and what did not arrive."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app import clock
from models.desk import DeskLine, DeskTalk
from models.outbox import OutboxRow
from tests.neighbours import Town, frozen
from tests.staff.clerks import audited, clerk


@pytest.fixture
def waiting(sqlite_town: Town) -> Town:
    """马秀兰 has asked for a person and said why; 王德福 asked a quarter of an hour earlier."""
    with frozen("2026-11-23 09:00"):
        sqlite_town.phone("王德福").says("人工", "我想问问残疾证的事情")
    with frozen("2026-11-23 09:15"):
        sqlite_town.phone("马秀兰").says("人工", "楼道的灯坏了没有人来修")
    return sqlite_town


def first_talk(town: Town) -> int:
    with town.reading() as session:
        return session.scalars(select(DeskTalk.id).order_by(DeskTalk.id)).first() or 0


def test_who_waits_longest_stands_first_and_today_says_how_many(waiting: Town) -> None:
    with frozen("2026-11-23 09:40"):
        wang = clerk(waiting, "desk")
        wang.opens("/console/talks")
        assert wang.words.index("残疾证") < wang.words.index("楼道的灯")
        wang.opens("/console/")
        assert "等着回复的居民 2" in wang.words
        assert "等了40分钟" in wang.words


def test_an_answer_goes_to_the_outbox_and_the_talk_is_taken(waiting: Town) -> None:
    with frozen("2026-11-23 09:40"):
        wang, number = clerk(waiting, "desk"), first_talk(waiting)
        wang.opens(f"/console/talks/{number}")
        assert "还能发 5 条,还能回复 47小时20分" in wang.words
        wang.sends(f"/console/talks/{number}", text="残疾证请到2号窗口办", do="reply")
        wang.opens(f"/console/talks/{number}")
        assert "残疾证请到2号窗口办" in wang.words
    with waiting.reading() as session:
        talk = session.get_one(DeskTalk, number)
        assert (talk.state, talk.waiting_since, talk.staff_id) == ("talking", None, wang.member(session).id)
        row = session.scalars(select(OutboxRow).where(OutboxRow.kind == "desk.reply")).one()
        assert row.facts["text"] == "残疾证请到2号窗口办"
        assert audited(session, "desk.read")[0].actor == f"staff:{wang.member(session).id}"


def test_the_same_answer_sent_twice_by_an_impatient_finger_is_one(waiting: Town) -> None:
    wang, number = clerk(waiting, "desk"), first_talk(waiting)
    for _ in range(2):
        wang.sends(f"/console/talks/{number}", text="请稍等一下", do="reply")
    with waiting.reading() as session:
        assert len(session.scalars(select(DeskLine).where(DeskLine.speaker == "staff")).all()) == 1


def test_a_note_stays_inside(waiting: Town) -> None:
    wang, number = clerk(waiting, "desk"), first_talk(waiting)
    wang.sends(f"/console/talks/{number}", text="他上个月也问过", do="note")
    with waiting.reading() as session:
        assert session.scalar(select(OutboxRow)) is None
        assert (
            session.scalars(select(DeskLine.text).where(DeskLine.speaker == "note")).one() == "他上个月也问过"
        )


def test_an_empty_or_endless_answer_is_refused_beside_the_form(waiting: Town) -> None:
    wang, number = clerk(waiting, "desk"), first_talk(waiting)
    wang.sends(f"/console/talks/{number}", text="   ", do="reply")
    assert "回复要写1到600个字" in wang.words
    wang.sends(f"/console/talks/{number}", text="长" * 601, do="reply")
    assert "600" in wang.words
    with waiting.reading() as session:
        assert session.scalar(select(OutboxRow)) is None


def test_words_of_residents_are_never_markup(sqlite_town: Town) -> None:
    sqlite_town.phone("马秀兰").says("人工", "<script>alert(1)</script>您好我想问")
    wang = clerk(sqlite_town, "desk")
    wang.opens(f"/console/talks/{first_talk(sqlite_town)}")
    assert "<script>alert" not in wang.page
    assert "&lt;script&gt;" in wang.page


def test_a_talk_is_given_to_a_colleague_and_closed(waiting: Town) -> None:
    wang, number = clerk(waiting, "desk"), first_talk(waiting)
    clerk(waiting, "desk", login="zhang", name="张干事")
    with waiting.reading() as session:
        from models.staff import member_by_login

        colleague = member_by_login(session, "zhang")
        assert colleague is not None
        to = colleague.id
    wang.sends(f"/console/talks/{number}/take", to=to)
    with waiting.reading() as session:
        assert session.get_one(DeskTalk, number).staff_id == to
    wang.sends(f"/console/talks/{number}/close")
    with waiting.reading() as session:
        assert session.get_one(DeskTalk, number).state == "closed"
    wang.sends(f"/console/talks/{number}/close", follow=True)
    assert "已经结束" in wang.words
    wang.sends(f"/console/talks/{number}", text="还有一句话", do="reply")
    assert "这次对话已经结束了" in wang.words


def test_after_48_hours_the_page_says_what_to_do_instead(waiting: Town) -> None:
    with frozen("2026-11-25 10:00"):
        wang = clerk(waiting, "desk")
        wang.opens(f"/console/talks/{first_talk(waiting)}")
        assert "最好打电话" in wang.words


def test_what_did_not_arrive_is_listed_with_its_reason(waiting: Town) -> None:
    wang, number = clerk(waiting, "desk"), first_talk(waiting)
    wang.sends(f"/console/talks/{number}", text="请到2号窗口", do="reply")

    def fail(session):  # type: ignore[no-untyped-def]
        row = session.scalars(select(OutboxRow)).one()
        row.state, row.reason, row.settled_at = "failed", "公众号联系不到本人,请打电话或上门。", clock.now()

    waiting.writing(fail)
    wang.opens("/console/messages")
    assert "请打电话或上门" in wang.words
    wang.opens("/console/")
    assert "没送到的消息 1" in wang.words
    wang.opens(f"/console/talks/{number}")
    assert "有一条回复没有送到" in wang.words
    with frozen(f"{clock.local(clock.now()) + timedelta(days=8):%Y-%m-%d %H:%M}"):
        wang.signs_in()
        wang.opens("/console/messages")
        assert "都送到了" in wang.words


def test_a_damaged_row_is_told_with_a_number_and_never_a_traceback(waiting: Town) -> None:
    waiting.writing(lambda session: session.execute(text("UPDATE desk_line SET text = x'0102'")))
    wang = clerk(waiting, "desk")
    assert wang.opens(f"/console/talks/{first_talk(waiting)}").status_code == 500
    assert re.search(r"编号 [0-9A-F]{6}", wang.words)
    assert "Traceback" not in wang.page


def test_an_answer_written_while_a_colleague_answered_is_read_again_first(waiting: Town) -> None:
    number = first_talk(waiting)
    wang, li = clerk(waiting, "desk", login="wang"), clerk(waiting, "desk", login="li", name="李干事")
    seen = re.search(r'name="seen"[^>]*value="(\d+)"', li.opens(f"/console/talks/{number}").text)
    assert seen is not None
    wang.signs_in()
    wang.sends(f"/console/talks/{number}", text="请到2号窗口办", do="reply")
    li.signs_in()
    li.sends(f"/console/talks/{number}", text="请打电话来问", do="reply", seen=seen[1])
    assert "已经回复了" in li.words
    assert "请打电话来问" in li.words
    again = re.search(r'name="seen"[^>]*value="(\d+)"', li.page)
    assert again is not None
    li.sends(f"/console/talks/{number}", text="请打电话来问", do="reply", seen=again[1])
    with waiting.reading() as session:
        said = session.scalars(select(DeskLine.text).where(DeskLine.speaker == "staff")).all()
        assert said == ["请到2号窗口办", "请打电话来问"]
