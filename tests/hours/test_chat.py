"""Hours in the chat: how each record stands, what is wrong or missing, and whether somebody was helped."""

from __future__ import annotations

from sqlalchemy.orm import Session

from handlers.activities import actions as activities
from handlers.hours import actions
from models.activities import ActivitySession
from tests.activities.plans import a_session, on_file
from tests.hours.shifts import (
    IN_THE_WINDOW,
    SHIFT_OVER,
    WINDOW_OVER,
    a_shift,
    close,
    desk,
    does,
    posts,
    row_of,
    the_record,
)
from tests.neighbours import Town, frozen


def test_each_record_says_how_it_stands(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    a_shift(sqlite_town, phone)
    with frozen(SHIFT_OVER):
        answer = phone.says("志愿时长")
        assert "已入账0分钟,待确认2小时" in answer
        assert "1 11月23日(星期一) 河道清洁 2小时,待确认" in answer
        does(sqlite_town, actions.confirm, phone)
        assert "2小时,已确认,11月26日(星期四)入账" in phone.says("时长")
    with frozen(WINDOW_OVER):
        posts(sqlite_town)
        assert "2小时,已入账" in phone.says("我的时长")
        assert "回复 1" not in phone.says("1"), "what is posted is not argued about here"


def test_an_objection_by_digits_and_its_undo(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    a_shift(sqlite_town, phone)
    with frozen(SHIFT_OVER):
        does(sqlite_town, actions.confirm, phone)
    with frozen(IN_THE_WINDOW):
        assert "不对,回复 1" in phone.says("志愿时长", "1")
        assert "记了2小时,哪里不对" in phone.says("1")
        assert "四个字以上" in phone.says("少了")
        assert "请工作人员查:“我做到11点半才走”" in phone.says("我做到11点半才走")
        assert "五个工作日" in phone.says("1")
        assert the_record(sqlite_town, phone)["state"] == "disputed"
        assert "有异议2小时" in phone.says("志愿时长")
        assert "不提了,回复 2" in phone.says("1")
        assert "不查了" in phone.says("2", "1")
        assert the_record(sqlite_town, phone)["state"] == "provisional"
        phone.says("志愿时长", "1", "1", "我做到11点半才走", "1")
        assert "不查了" in phone.says("撤销")


def test_what_is_missing_is_said_by_digits(sqlite_town: Town) -> None:
    phone, other = sqlite_town.phone("马秀兰"), sqlite_town.phone("路人")

    def joins(session: Session) -> None:
        activities.sign_up(phone.actor(session), session.get_one(ActivitySession, number))

    with frozen("2026-11-23 08:00"):
        number = a_session(sqlite_town)
        sqlite_town.writing(joins)
    with frozen(SHIFT_OVER):
        close(sqlite_town, number)
        assert "还没有志愿服务记录" in other.says("志愿时长")
        assert "8 我来过没记上" in phone.says("志愿时长")
        assert "1 11月23日(星期一) 河道清洁" in phone.says("8")
        assert "请用一句话说说" in phone.says("1")
        assert "对吗" in phone.says("9点来11点走,张河长看见")
        assert "五个工作日" in phone.says("1")
        assert the_record(sqlite_town, phone)["state"] == "disputed"
        assert "8 我来过没记上" not in phone.says("志愿时长")


def test_who_was_helped_is_asked_by_name_and_answers_with_a_digit(sqlite_town: Town) -> None:
    helper, served, other = (sqlite_town.phone(name) for name in ("马秀兰", "冶生兰", "路人"))
    a_shift(sqlite_town, helper)
    with frozen(SHIFT_OVER):
        on_file(sqlite_town, helper)
        on_file(sqlite_town, served, "冶生兰", "13900000009")

        def names(session: Session) -> None:
            actions.name_served(desk(session), row_of(session, helper), served.actor(session).me)

        sqlite_town.writing(names)
        assert "没有要您核对的" in served.says("核对帮忙"), "the coordinator speaks first"
        does(sqlite_town, actions.confirm, helper)
        assert "等被帮的人说一声" in helper.says("志愿时长")
        assert "没有要您核对的" in other.says("核对帮忙")
        asked = served.says("核对帮忙")
        assert "马秀兰说11月23日(星期一)上午9点帮您:河道清洁,2小时" in asked
        assert "对吗?1 对 2 不对" in asked
        assert "哪里不对" in served.says("2")
        assert "谢谢您,记下了" in served.says("取消", "核对帮忙", "1")
        assert the_record(sqlite_town, helper)["state"] == "confirmed"
