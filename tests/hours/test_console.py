"""Hours at the console: what waits, a yes for many, one record, objections by a day, what differs, writing down."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli import check_invariants
from handlers.hours import actions
from models.hours import HoursTerms, ServiceHours
from tests.activities.plans import a_session, on_file
from tests.hours.shifts import (
    IN_THE_WINDOW,
    SHIFT_OVER,
    WINDOW_OVER,
    a_shift,
    balance,
    close,
    does,
    posts,
    records,
    scan,
    the_record,
    was_there,
)
from tests.neighbours import Phone, Town, frozen
from tests.staff.clerks import Clerk, clerk


@pytest.fixture
def ma(sqlite_town: Town) -> Phone:
    """On file, and there from nine to eleven."""
    phone = sqlite_town.phone("马秀兰")
    a_shift(sqlite_town, phone)
    with frozen(SHIFT_OVER):
        on_file(sqlite_town, phone)
    return phone


def opened(clerk: Clerk, phone: Phone) -> str:
    """The path of this neighbour's record, opened."""
    path = f"/console/hours/{the_record(phone.town, phone)['id']}"
    assert clerk.opens(path).status_code == 200
    return path


def test_what_is_plain_is_confirmed_together_and_the_doubtful_one_by_one(
    sqlite_town: Town, ma: Phone
) -> None:
    with frozen(SHIFT_OVER):
        wang = clerk(sqlite_town, "desk", login="wang")
        wang.opens("/console/hours")
        assert "负责人代记" in wang.words
        assert "确认这" not in wang.words

        def plain(session: Session) -> None:
            session.scalars(select(ServiceHours)).one().flags = []

        sqlite_town.writing(plain)
        wang.opens("/console/hours")
        assert "没有疑问的" in wang.words
        wang.sends("/console/hours/confirm", rows=f"{the_record(sqlite_town, ma)['id']},999,x", follow=True)
        assert "确认了 1 条" in wang.words
        assert the_record(sqlite_town, ma)["state"] == "confirmed"


def test_one_record_shows_its_scans_and_its_trail(sqlite_town: Town, ma: Phone) -> None:
    with frozen(SHIFT_OVER):
        wang = clerk(sqlite_town, "desk", login="wang")
        path = opened(wang, ma)
        assert "负责人代记" in wang.words
        assert "按签到记下" in wang.words
        wang.sends(f"{path}/confirm", minutes="90", reason="", follow=True)
        assert "四个字以上" in wang.words
        for wrong in ("-90", "1e2", "NaN", "9.5", "151", "0"):
            wang.sends(f"{path}/confirm", minutes=wrong, reason="路上半小时", follow=True)
            assert the_record(sqlite_town, ma)["state"] == "provisional", wrong
        wang.sends(f"{path}/confirm", minutes="９０", reason="路上半小时", follow=True)
        assert "已确认,11月26日(星期四)入账" in wang.words
        assert "90 分钟,“路上半小时”" in wang.words


def test_an_objection_has_a_day_and_is_decided_with_a_reason(sqlite_town: Town, ma: Phone) -> None:
    with frozen(SHIFT_OVER):
        wang = clerk(sqlite_town, "desk", login="wang")
        does(sqlite_town, actions.confirm, ma)
    with frozen(IN_THE_WINDOW):
        does(sqlite_town, actions.object_to, ma, "我做到11点半才走", by=ma)
    with frozen("2026-12-01 09:00"):
        wang = clerk(sqlite_town, "desk", login="li")
        wang.opens("/console/hours?which=dispute")
        assert "12月2日(星期三)前答复" in wang.words
        assert "有异议" in wang.opens("/console/").text
        path = opened(wang, ma)
        assert "我做到11点半才走" in wang.words
        wang.sends(f"{path}/settle", minutes="150", reason="张河长说是的", follow=True)
        assert "定下来了" in wang.words
        posts(sqlite_town)
        assert balance(sqlite_town, ma) == 150


def test_what_differs_is_put_right_with_both_lines_left(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    with frozen(SHIFT_OVER):
        number = a_session(sqlite_town)
        was_there(sqlite_town, phone, number, came="2026-11-23 09:30")
        close(sqlite_town, number)
        does(sqlite_town, actions.confirm, phone)
    with frozen(WINDOW_OVER):
        posts(sqlite_town)
        scan(sqlite_town, phone, number, "in", "2026-11-23 09:00")
        wang = clerk(sqlite_town, "desk", login="zhao")
        wang.opens("/console/hours?which=differ")
        assert "记录和入账不一致" in wang.words
        path = opened(wang, phone)
        assert "入账的是 90 分钟,现在按签到是 120 分钟" in wang.words
        wang.sends(f"{path}/correct", minutes="120", reason="晚到的签到记录", follow=True)
        assert "更正好了" in wang.words
        assert balance(sqlite_town, phone) == 120
        assert check_invariants(sqlite_town.site) == []


def test_what_no_session_saw_is_written_down_and_needs_two(sqlite_town: Town, ma: Phone) -> None:
    fields = {"who": "马秀兰", "what": "修水管", "on": "2026-11-24", "reason": "冶生兰打电话来说的"}
    with frozen(IN_THE_WINDOW):
        wang, li = (clerk(sqlite_town, "desk", login=login) for login in ("wang", "li"))
        wang.sends("/console/hours/new", since="13:00", until="15:00", once="a", **fields, follow=True)
        assert "没签到,工作人员补记" in wang.words
        path = f"/console/hours/{records(sqlite_town)[-1]['id']}"
        wang.sends(f"{path}/confirm", minutes="120", reason="", follow=True)
        assert "要另一位同事来确认" in wang.words
        wang.sends("/console/hours/new", since="14:30", until="16:00", once="b", **fields)
        assert "和已经记着的一条重了" in wang.words
        wang.sends("/console/hours/new", since="15:00", until="14:00", once="c", **fields)
        assert "先来后走" in wang.words
        wang.sends("/console/hours/new", since="13:00", until="15:00", once="a", **fields)
        assert len(records(sqlite_town)) == 2, "the same form twice is one record"
        li.sends(f"{path}/confirm", minutes="120", reason="", follow=True)
        assert "已确认" in li.words
        on_file(sqlite_town, sqlite_town.phone("冶生兰"), "冶生兰", "13900000009")
        wang.sends(
            "/console/hours/new",
            since="16:00",
            until="17:00",
            once="d",
            served="冶生兰",
            **fields,
            follow=True,
        )
        assert "等被帮的人说一声" in wang.words
        wang.sends(f"/console/hours/{records(sqlite_town)[-1]['id']}/said-yes", follow=True)
        assert "已确认" in wang.words
        assert check_invariants(sqlite_town.site) == []


def test_the_rules_are_data_and_the_approvers(sqlite_town: Town, ma: Phone) -> None:
    with frozen(SHIFT_OVER):
        chief, wang = clerk(sqlite_town, "approver", login="chief"), clerk(sqlite_town, "desk", login="wang")
        assert wang.opens("/console/hours/terms").status_code == 403
        chief.sends("/console/hours/terms", most="20", days="3")
        assert "不合适" in chief.words
        chief.sends("/console/hours/terms", most="300", days="5", follow=True)
        with sqlite_town.reading() as session:
            assert session.get_one(HoursTerms, 1).most_a_day == 300


def test_one_persons_hours_are_found_and_others_roles_see_nothing(sqlite_town: Town, ma: Phone) -> None:
    with frozen(SHIFT_OVER):
        wang, auditor = clerk(sqlite_town, "desk", login="wang"), clerk(sqlite_town, "auditor", login="audit")
        wang.sends("/console/hours/find", who="马秀兰", follow=True)
        assert "马秀兰 2小时" in wang.words
        path = opened(wang, ma)
        assert auditor.opens("/console/hours").status_code == 403
        assert auditor.opens(path).status_code == 403
        assert auditor.sends(f"{path}/confirm", minutes="120").status_code == 403
        assert "hours.read" in auditor.opens("/console/trail").text or "时长:看一条记录" in auditor.page
