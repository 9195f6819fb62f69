"""The inbox: what WeChat still allows, quick replies, drafts, polling, re-opening, and the confidential lane."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from handlers.desk import actions, confidential
from models.allowance import allowance
from models.confidential import ConfidentialMatter
from models.desk import DeskDraft, DeskLine, DeskTalk, QuickReply
from models.duty import DutyBell
from models.identity import Actor
from models.outbox import OutboxRow
from models.refusal import Refusal
from tests.desk.test_chat import answer
from tests.desk.test_chat import clerk as by_clerk
from tests.neighbours import Phone, Town, frozen
from tests.staff.clerks import Clerk, audited, clerk

MORNING = "2026-11-23 09:00"


@pytest.fixture
def ma(sqlite_town: Town) -> Phone:
    """马秀兰 follows and has asked for a person."""
    with frozen(MORNING):
        ma = sqlite_town.phone("马秀兰")
        ma.follows()
        ma.says("人工", "楼道的灯坏了没有人来修")
    return ma


def number_of(town: Town) -> int:
    with town.reading() as session:
        return session.scalars(select(DeskTalk.id)).one()


def send_all(town: Town, state: str = "submitted") -> None:
    """As the delivery writes it down."""

    def unit(session) -> None:  # type: ignore[no-untyped-def]
        for row in session.scalars(select(OutboxRow).where(OutboxRow.state == "waiting")):
            row.state, row.road, row.first_sent_at = state, "custom", clock.now()

    town.writing(unit)


def rest(town: Town, phone: Phone) -> tuple[int, timedelta | None]:
    with town.reading() as session:
        identity = phone.identity(session)
        assert identity is not None
        may = allowance(session, identity, clock.now())
        return may.left, None if may.until is None else may.until - clock.now()


def test_b29_five_answers_in_48_hours_and_each_word_of_the_resident_begins_anew(
    sqlite_town: Town, ma: Phone
) -> None:
    with frozen("2026-11-23 09:40") as wall:
        assert rest(sqlite_town, ma) == (5, timedelta(hours=47, minutes=20))
        answer(sqlite_town, ma, "您好")
        assert rest(sqlite_town, ma)[0] == 4, "what waits to leave is counted"
        send_all(sqlite_town)
        for words in "二三四五":
            answer(sqlite_town, ma, words)
        assert rest(sqlite_town, ma)[0] == 0
        send_all(sqlite_town)
        wall.shift(60)
        ma.says("好的")
        assert rest(sqlite_town, ma) == (5, timedelta(hours=48))
        wall.shift(timedelta(hours=48))
        assert rest(sqlite_town, ma) == (0, None)


def test_what_wechat_refused_or_a_card_carried_is_not_counted(sqlite_town: Town, ma: Phone) -> None:
    with frozen("2026-11-23 09:40"):
        answer(sqlite_town, ma, "您好")
        send_all(sqlite_town, "failed")
        assert rest(sqlite_town, ma)[0] == 5


@pytest.mark.parametrize("touch", ["clicks", "scans", "follows"])
def test_a_touch_opens_three_answers_for_one_minute(sqlite_town: Town, ma: Phone, touch: str) -> None:
    with frozen("2026-11-26 09:00") as wall:
        assert rest(sqlite_town, ma) == (0, None)
        {"clicks": lambda: ma.clicks("menu:notices"), "scans": lambda: ma.scans("x"), "follows": ma.follows}[
            touch
        ]()
        assert rest(sqlite_town, ma) == (3, timedelta(minutes=1))
        wall.shift(30)
        answer(sqlite_town, ma, "您好")
        assert rest(sqlite_town, ma) == (2, timedelta(seconds=30))
        wall.shift(31)
        assert rest(sqlite_town, ma) == (0, None)


def test_who_does_not_follow_is_out_of_reach(sqlite_town: Town, ma: Phone) -> None:
    wang = clerk(sqlite_town, "desk")
    ma.unfollows()
    wang.opens(f"/console/talks/{number_of(sqlite_town)}")
    assert "没关注公众号,发不到。请打电话" in wang.words


def test_when_nothing_is_left_the_page_says_what_to_do(sqlite_town: Town, ma: Phone) -> None:
    with frozen("2026-11-23 09:40"):
        for words in "一二三四五":
            answer(sqlite_town, ma, words)
        wang = clerk(sqlite_town, "desk")
        wang.opens(f"/console/talks/{number_of(sqlite_town)}")
        assert "请他随便回一个字" in wang.words
    with frozen("2026-11-25 10:00"):
        wang.signs_in()
        wang.opens("/console/talks?which=open")
        assert "要打电话" in wang.words


def test_new_lines_come_by_polling_and_leave_a_line_in_the_trail_only_then(
    sqlite_town: Town, ma: Phone
) -> None:
    wang, number = clerk(sqlite_town, "desk"), number_of(sqlite_town)
    page = wang.opens(f"/console/talks/{number}").text
    after = re.search(r'hx-get="/console/talks/\d+/lines\?after=(\d+)"', page)
    assert after is not None
    assert "楼道的灯" not in wang.opens(f"/console/talks/{number}/lines?after={after[1]}").text
    with frozen("2026-11-23 09:20"):
        ma.says("晚上黑得很")
    polled = wang.opens(f"/console/talks/{number}/lines?after={after[1]}").text
    assert "晚上黑得很" in polled
    assert 'id="rest"' in polled
    with sqlite_town.reading() as session:
        last = session.scalar(select(func.max(DeskLine.id)))
        assert f'name="seen" value="{last}"' in polled
        assert len(audited(session, "desk.read")) == 2
    rows = wang.opens("/console/talks", headers={"HX-Request": "true"}).text
    assert "<html" not in rows
    assert "晚上黑得很" in rows


def test_a_draft_is_kept_for_its_writer_alone_and_goes_with_the_answer(sqlite_town: Town, ma: Phone) -> None:
    number = number_of(sqlite_town)
    wang, li = clerk(sqlite_town, "desk", login="wang"), clerk(sqlite_town, "desk", login="li")
    wang.signs_in()
    path = f"/console/talks/{number}"
    wang.sends(f"{path}/draft", text="我去问一下物业,")
    assert "草稿存好了" in wang.page
    wang.sends(f"{path}/draft", text="我去问一下物业,下午回您")
    assert "下午回您" in wang.opens(path).text
    assert "下午回您" not in li.opens(path).text
    wang.sends(path, text="下午来修", do="reply")
    with sqlite_town.reading() as session:
        assert session.scalar(select(DeskDraft)) is None
    wang.sends(f"{path}/draft", text="再写")
    wang.sends(f"{path}/draft", text=" ")
    with sqlite_town.reading() as session:
        assert session.scalar(select(DeskDraft)) is None


def test_quick_replies_are_written_by_staff_and_name_the_resident(sqlite_town: Town, ma: Phone) -> None:
    wang, number = clerk(sqlite_town, "desk"), number_of(sqlite_town)
    wang.sends("/console/talks/quick", title="您好", text="{姓名},马上帮您看。", follow=True)
    assert "马上帮您看" in wang.words
    wang.opens(f"/console/talks/{number}")
    assert 'data-insert="您,马上帮您看。"' in wang.page
    with sqlite_town.reading() as session:
        row = session.scalars(select(QuickReply)).one().id
    wang.opens(f"/console/talks/{number}?quick={row}")
    assert re.search(r"<textarea[^>]*>\s*您,马上帮您看。", wang.page)
    wang.sends(f"/console/talks/quick/{row}", title="您好", text="{姓名},您请说。", follow=True)
    assert "您请说" in wang.words
    wang.sends("/console/talks/quick", title="名称写得实在太长了超过十二个字", text="好")
    assert "最多12个字" in wang.words
    wang.sends(f"/console/talks/quick/{row}/retire")
    wang.opens(f"/console/talks/{number}")
    assert "data-insert" not in wang.page
    wang.sends(f"/console/talks/quick/{row}/back", follow=True)
    assert "又可以用了" in wang.words


def test_a_closed_talk_is_opened_again_and_the_bot_keeps_quiet(sqlite_town: Town, ma: Phone) -> None:
    wang, number = clerk(sqlite_town, "desk"), number_of(sqlite_town)
    wang.sends(f"/console/talks/{number}/close")
    wang.opens(f"/console/talks/{number}")
    assert "重新打开" in wang.words
    wang.sends(f"/console/talks/{number}/reopen", follow=True)
    assert "您在接" in wang.words
    assert ma.says("最新通知") == ""
    wang.sends(f"/console/talks/{number}/close")
    ma.says("人工")
    wang.sends(f"/console/talks/{number}/reopen", follow=True)
    assert "已经有一次没结束的对话" in wang.words


# ---- the confidential lane -------------------------------------------------------------------------------------------


def moving(town: Town, ma: Phone) -> tuple[Clerk, int]:
    ma.says("他昨天又动手打我了我不敢回家")
    return clerk(town, "desk"), number_of(town)


def test_moved_words_leave_the_inbox_the_drafts_and_the_outbox_at_once(sqlite_town: Town, ma: Phone) -> None:
    ma.says("我邻居家里的事情想跟您说一下")
    answer(sqlite_town, ma, "您慢慢说,孩子现在在哪里")
    send_all(sqlite_town)
    wang, number = clerk(sqlite_town, "desk"), number_of(sqlite_town)
    wang.sends(f"/console/talks/{number}/draft", text="还没写完的话")
    wang.opens(f"/console/talks/{number}")
    shown = re.search(r'name="shown" value="(\d+)"', wang.page)
    assert shown is not None
    assert f"确定,移走{shown[1]}句" in wang.words
    wang.sends(f"/console/talks/{number}/move", shown=shown[1], follow=True)
    assert f"移走了{shown[1]}句" in wang.words
    with sqlite_town.reading() as session:
        assert session.scalar(select(DeskTalk)) is None
        assert session.scalar(select(DeskLine)) is None
        assert session.scalar(select(DeskDraft)) is None
        assert session.scalars(select(OutboxRow)).one().facts == {}
        assert session.scalars(select(DutyBell)).one().role == "care"
        line = audited(session, "desk.move")[0]
        assert line.facts == {"count": int(shown[1])}
    zhao = clerk(sqlite_town, "care")
    zhao.opens("/console/care")
    assert "从对话移来" in zhao.words
    with sqlite_town.site.confidential.reading() as lane:
        matter = lane.scalars(select(ConfidentialMatter)).one()
        number = matter.id
        assert "工作人员:您慢慢说,孩子现在在哪里" in matter.text
    zhao.opens(f"/console/care/{number}")
    assert "我邻居家里的事情" in zhao.words


def test_a_word_that_came_meanwhile_is_read_before_anything_is_moved(sqlite_town: Town, ma: Phone) -> None:
    wang, number = clerk(sqlite_town, "desk"), number_of(sqlite_town)
    wang.sends(f"/console/talks/{number}/move", shown=99, follow=True)
    assert "又多了话,现在一共1句" in wang.words
    with sqlite_town.site.confidential.reading() as lane:
        assert lane.scalar(select(ConfidentialMatter)) is None


def test_moving_twice_makes_one_matter_and_waits_for_what_is_leaving(town: Town) -> None:
    ma = town.phone("马秀兰")
    ma.says("人工", "我有一件家里的事要说给您听")
    answer(town, ma, "您说")
    lane = town.site.confidential

    def move(session) -> int:  # type: ignore[no-untyped-def]
        return confidential.move(by_clerk(session), lane, session.scalars(select(DeskTalk)).one(), 2)

    def set_state(state: str) -> None:
        town.writing(lambda s: setattr(s.scalars(select(OutboxRow)).one(), "state", state))

    def break_after(session) -> None:  # type: ignore[no-untyped-def]
        move(session)
        raise RuntimeError("killed before the common database committed")

    set_state("sending")
    with pytest.raises(Refusal, match=r"desk\.still_leaving"):
        town.writing(move)
    set_state("waiting")
    with pytest.raises(RuntimeError):
        town.writing(break_after)
    assert town.writing(move) == 2
    with lane.reading() as session:
        assert len(session.scalars(select(ConfidentialMatter)).all()) == 1
    with town.reading() as session:
        assert session.scalars(select(OutboxRow)).one().state == "cancelled"


def test_the_stranger_moves_nothing_and_reads_no_new_lines(sqlite_town: Town, ma: Phone) -> None:
    number = number_of(sqlite_town)
    for role in ("leader", "auditor", "care", "approver"):
        stranger = clerk(sqlite_town, role)
        assert stranger.sends(f"/console/talks/{number}/move", shown=1).status_code == 403
        assert stranger.opens(f"/console/talks/{number}/lines").status_code == 403
        assert stranger.sends(f"/console/talks/{number}/draft", text="x").status_code == 403


def test_only_staff_keep_drafts(sqlite_town: Town, ma: Phone) -> None:
    with pytest.raises(Refusal, match=r"desk\.staff_only"):
        sqlite_town.writing(
            lambda session: actions.keep_draft(
                Actor(session, channel="job"), session.scalars(select(DeskTalk)).one(), "x"
            )
        )
