"""Hours as pages: one's own and what may be said of them, the leader's yes, the one who was served, strangers."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.activities import actions as activities
from handlers.hours import actions
from models.activities import ActivitySession
from models.hours import ServiceHours
from tests.activities.plans import a_session, on_file
from tests.hours.shifts import (
    SHIFT_OVER,
    a_shift,
    close,
    desk,
    does,
    records,
    row_of,
    scan,
    the_record,
    was_there,
)
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor


def test_one_objects_and_takes_it_back_on_the_page(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    a_shift(sqlite_town, phone)
    with frozen(SHIFT_OVER):
        does(sqlite_town, actions.confirm, phone)
        visitor = Visitor(sqlite_town, phone).opens("/h5/hours")
        assert "已确认,11月26日(星期四)入账" in visitor.words
        visitor.presses("请工作人员查", why="少了")
        assert (visitor.status, "四个字以上" in visitor.words) == (409, True)
        visitor.presses("请工作人员查", why="我做到11点半才走")
        assert "五个工作日里查好告诉您" in visitor.words
        assert "您说:我做到11点半才走" in visitor.words
        visitor.presses("不提了")
        assert the_record(sqlite_town, phone)["state"] == "provisional"


def test_what_is_missing_is_said_on_the_page(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    with frozen("2026-11-23 08:00"):
        number = a_session(sqlite_town)

        def joins(session: Session) -> None:
            activities.sign_up(phone.actor(session), session.get_one(ActivitySession, number))

        sqlite_town.writing(joins)
    with frozen(SHIFT_OVER):
        close(sqlite_town, number)
        visitor = Visitor(sqlite_town, phone).opens("/h5/hours")
        visitor.presses("请工作人员补记", why="9点来11点走,张河长看见我的")
        assert "工作人员问过负责人告诉您" in visitor.words
        assert "有异议,工作人员在查" in visitor.words


@pytest.fixture
def led(sqlite_town: Town) -> tuple[int, Phone, list[Phone]]:
    """A session that is over: the leader was there too, one scanned, one forgot to leave."""
    leader, plain, forgot = (sqlite_town.phone(name) for name in ("张河长", "马秀兰", "韩世杰"))

    def scanned(session: Session) -> None:
        for row in session.scalars(select(ServiceHours)):
            row.flags = [flag for flag in row.flags if flag != "by_leader"]

    with frozen(SHIFT_OVER):
        for phone, name, number in ((leader, "张河长", "1"), (plain, "马秀兰", "2"), (forgot, "韩世杰", "3")):
            on_file(sqlite_town, phone, name, f"1390000000{number}")
        number = a_session(sqlite_town, leader=leader)
        was_there(sqlite_town, leader, number)
        was_there(sqlite_town, plain, number)
        scan(sqlite_town, forgot, number, "in", "2026-11-23 09:00")
        close(sqlite_town, number)
        sqlite_town.writing(scanned)
    return number, leader, [plain, forgot]


def test_a_leader_confirms_in_one_tap_and_looks_at_the_doubtful_one(
    sqlite_town: Town, led: tuple[int, Phone, list[Phone]]
) -> None:
    _, leader, (plain, forgot) = led
    with frozen(SHIFT_OVER):
        visitor = Visitor(sqlite_town, leader).opens("/h5/leading").taps("等我确认的时长").taps("河道清洁")
        assert "没有疑问的(1人)" in visitor.words
        assert "忘了签退,按结束时间算" in visitor.words
        assert "马秀兰" not in visitor.page, "names are covered"
        assert "还有1条由工作人员确认" in visitor.words
        visitor.presses("这1个人都对,确认")
        assert "确认了1个人" in visitor.words
        assert the_record(sqlite_town, plain)["state"] == "confirmed"
        visitor.presses("确认韩*", minutes="９０")
        assert (visitor.status, "四个字以上" in visitor.words) == (409, True)
        visitor.presses("确认韩*", minutes="1e3", why="十点半就走了")
        assert (visitor.status, "整分钟数" in visitor.words) == (409, True)
        visitor.presses("确认韩*", minutes="９０", why="十点半就走了")
        assert "没有等您确认的了" in visitor.words
        assert the_record(sqlite_town, forgot)["minutes"] == 90
        assert the_record(sqlite_town, leader)["state"] == "provisional", "their own is for the staff"
        assert "没有等您确认的时长" in visitor.opens("/h5/leading/hours").words


def test_who_was_served_answers_on_the_page(sqlite_town: Town) -> None:
    helper, served = sqlite_town.phone("马秀兰"), sqlite_town.phone("冶生兰")
    a_shift(sqlite_town, helper)
    with frozen(SHIFT_OVER):
        on_file(sqlite_town, helper)

        def names(session: Session) -> None:
            actions.name_served(desk(session), row_of(session, helper), served.actor(session).me)

        sqlite_town.writing(names)
        does(sqlite_town, actions.confirm, helper)
        visitor = Visitor(sqlite_town, served).opens("/h5/hours").opens("/h5/hours/served")
        assert "马秀兰说给您帮了忙" in visitor.words
        visitor.presses("请工作人员查", why="只来了半小时")
        assert "问过两边再定" in visitor.words
        assert the_record(sqlite_town, helper)["state"] == "disputed"


def test_a_stranger_sees_and_moves_nothing_of_others(
    sqlite_town: Town, led: tuple[int, Phone, list[Phone]]
) -> None:
    number, _leader, _ = led
    stranger = sqlite_town.phone("路人")
    with frozen(SHIFT_OVER):
        before = records(sqlite_town)
        visitor = Visitor(sqlite_town, stranger)
        row = before[1]["id"]
        assert visitor.opens(f"/h5/leading/{number}/hours").status == 404
        for path in (
            f"/h5/leading/{number}/hours/all",
            f"/h5/leading/{number}/hours/{row}",
            f"/h5/hours/{row}/object",
            f"/h5/hours/{row}/take-back",
            f"/h5/hours/served/{row}/yes",
            f"/h5/hours/served/{row}/no",
            "/h5/hours/absent/987654",
        ):
            sent = visitor.sends(path, why="这不是我的", minutes="90", once="x")
            assert sent.status == 404, path
        assert visitor.sends(f"/h5/hours/absent/{number}", why="我也来过了", once="y").status == 409
        assert "没有等您确认的时长" in visitor.opens("/h5/leading/hours").words
        assert records(sqlite_town) == before
