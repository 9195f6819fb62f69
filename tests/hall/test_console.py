"""The hall at the console: my window, the one fair line, aside, sent on, and the end of the day."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.tickets import Ticket
from models.windows import HallWindow
from tests.appointments.desk import MONDAY, booked, only
from tests.hall.windows import hall, sound, states, told, walk_in
from tests.neighbours import Town
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def wang(sqlite_town: Town, monday: Any) -> Clerk:
    hall(sqlite_town)
    made = clerk(sqlite_town, "desk", login="wang")
    made.sends("/console/hall/windows/1/sit")
    return made


def moves(one: Clerk, number: int, what: str) -> str:
    """The words of the page after this move of a number."""
    with one.town.reading() as session:
        row = session.scalars(select(Ticket.id).where(Ticket.number == number)).one()
    one.sends(f"/console/hall/numbers/{row}/move", what=what, follow=True)
    return one.words


def call(one: Clerk) -> str:
    one.sends("/console/hall/windows/1/next", follow=True)
    return one.words


def test_numbers_and_bookings_stand_in_one_fair_line(wang: Clerk, monday: Any) -> None:
    booked(wang.town, MONDAY, "10:30")
    monday.shift(timedelta(minutes=30))
    wang.signs_in()
    wang.sends("/console/hall/numbers", service="1", follow=True)
    assert "1 号 老年证 2号窗口" in wang.words
    assert "下一个就是您" in wang.words
    wang.sends("/console/hall/visits/1/here", follow=True)
    assert "到了,号是 2 号" in wang.words
    wang.sends("/console/hall/numbers", service="1")
    monday.shift(timedelta(minutes=50))
    wang.signs_in()
    assert "请叫:2 号" in call(wang), "whose time has come is called first"
    assert "马秀兰" in wang.words
    assert "2 号办完了" in moves(wang, 2, "done")
    assert only(wang.town).state == "done"
    assert "请叫:1 号" in call(wang)
    assert "放回" in moves(wang, 1, "back")
    assert "请叫:1 号" in call(wang), "back in the line they keep their place"
    moves(wang, 1, "no_show")
    assert "请叫:3 号" in call(wang)
    moves(wang, 3, "done")
    assert "现在没有人等" in call(wang)
    assert states(wang.town) == {1: "no_show", 2: "done", 3: "done"}
    assert sound(wang.town)


def test_nobody_sits_down_at_a_window_that_a_colleague_has_just_taken_away(wang: Clerk) -> None:
    """Before, who did was found at no window, and sitting down at another one was a fault of ours."""
    hall(wang.town, "医保咨询", window="3号窗口")
    li = clerk(wang.town, "desk", login="li2", name="李姐")
    wang.sends("/console/hall/windows/2/close")
    li.sends("/console/hall/windows/2/sit", follow=True)
    assert "已经撤了" in li.words
    wang.sends("/console/hall/windows/1/stand")
    li.sends("/console/hall/windows/1/sit", follow=True)
    assert "请叫" in li.words or "现在没有人等" in call(li)


def test_the_whole_line_goes_on_after_the_break_of_the_windows_that_call(wang: Clerk) -> None:
    day = {0: [(time(9), time(10)), (time(14, 30), time(15, 30))]}
    service = hall(wang.town, "居住证", window="1号窗口", weekly=day)[0]
    hall(wang.town, "排练厅", window="二楼", weekly={0: [(time(19), time(21))]})
    wang.sends("/console/hall/windows/1/stand")
    wang.sends("/console/hall/windows/2/sit")
    for _ in range(5):
        walk_in(wang.town, service)
    wang.opens("/console/hall")
    assert re.findall(r"(\d+:\d+) \d 号 居住证", wang.words) == ["09:15", "09:45", "14:30", "15:00", "15:30"]


def test_who_has_booked_and_not_come_is_nobodys_turn(wang: Clerk) -> None:
    booked(wang.town, MONDAY, "10:30")
    wang.opens("/console/hall")
    assert "约好还没到的 1 位" in wang.words
    assert "现在没有人等" in call(wang)
    assert only(wang.town).called_at is None


def test_who_is_early_is_called_when_nobody_else_waits(wang: Clerk) -> None:
    booked(wang.town, MONDAY, "10:30")
    wang.sends("/console/hall/visits/1/here")
    assert "请叫:1 号" in call(wang)
    moves(wang, 1, "back")
    assert only(wang.town).called_at is None
    call(wang)
    moves(wang, 1, "done")
    assert only(wang.town).state == "done", "called before the time, and done before it"
    moves(wang, 1, "undo")
    assert only(wang.town).state == "confirmed"
    assert states(wang.town) == {1: "waiting"}


def test_one_called_and_not_there_goes_aside_comes_back_behind_two_and_ends_the_second_time(
    wang: Clerk, monday: Any
) -> None:
    for _ in range(4):
        walk_in(wang.town, 1)
    call(wang)
    assert "1 号没在,先叫后面的" in moves(wang, 1, "aside")
    assert "过号的 1 位" in wang.words
    call(wang)
    moves(wang, 2, "done")
    assert "1 号排回来了" in moves(wang, 1, "returned")
    with wang.town.reading() as session:
        assert [row.number for row in sorted(session.scalars(select(Ticket)), key=lambda one: one.since)][
            -1
        ] == 1
    for number in (3, 4, 1):
        assert f"请叫:{number} 号" in call(wang)
        moves(wang, number, "aside")
    assert states(wang.town) == {1: "no_show", 2: "done", 3: "aside", 4: "aside"}
    monday.shift(timedelta(minutes=11))
    wang.signs_in()
    assert "请叫:3 号" in call(wang), "who was aside long enough comes back by itself"


def test_sent_on_their_waiting_counts_and_a_certain_window_waits_for_them(wang: Clerk, monday: Any) -> None:
    other = hall(wang.town, "居住证", window="1号窗口")[0]
    walk_in(wang.town, 1)
    monday.shift(timedelta(minutes=5))
    wang.signs_in()
    walk_in(wang.town, other)
    call(wang)
    wang.sends("/console/hall/numbers/1/send-on", follow=True)
    assert "请选转到哪一项服务" in wang.words
    wang.sends("/console/hall/numbers/1/send-on", service=str(other), follow=True)
    assert "等过的时间照算" in wang.words
    li = clerk(wang.town, "desk", login="li2", name="李姐")
    li.sends("/console/hall/windows/2/sit")
    li.sends("/console/hall/windows/2/next", follow=True)
    assert "请叫:1 号" in li.words, "they came before the one who waits there"
    li.sends("/console/hall/numbers/1/send-on", window="1")
    li.sends("/console/hall/windows/2/next", follow=True)
    assert "请叫:2 号" in li.words
    assert "请叫:1 号" in call(wang)
    assert sound(wang.town)


def test_a_window_is_one_clerks_and_pauses(wang: Clerk) -> None:
    walk_in(wang.town, 1)
    li = clerk(wang.town, "desk", login="li2", name="李姐")
    li.sends("/console/hall/windows/1/sit", follow=True)
    assert "坐着王干事" in li.words
    li.sends("/console/hall/windows/1/next", follow=True)
    assert "您没有坐在2号窗口" in li.words
    wang.sends("/console/hall/windows/1/pause", why="午休", follow=True)
    assert "暂停:午休" in wang.words
    assert "先点“接着叫号”" in call(wang)
    wang.sends("/console/hall/windows/1/go-on")
    call(wang)
    assert "1 号还在窗口" in call(wang), "one at a time"
    li.sends("/console/hall/windows/1/sit", instead="1", follow=True)
    assert "2号窗口" in li.words
    with wang.town.reading() as session:
        assert session.scalars(select(HallWindow)).one().staff is not None
        assert audited(session, "hall.sit_down")[-1].facts["instead"] is True
    li.sends("/console/hall/windows/1/stand", follow=True)
    assert "还在窗口" in li.words
    wang.sends("/console/hall/windows/1/at-once", service="1", follow=True)
    assert "您没有坐在" in wang.words
    li.sends("/console/hall/windows/1/at-once", service="1", follow=True)
    assert "记下了一件顺手办的" in li.words


def test_windows_are_made_from_the_services_and_changed(wang: Clerk) -> None:
    wang.sends("/console/hall/windows", name="2号窗口", services="1")
    assert "已经有“2号窗口”" in wang.words
    wang.sends("/console/hall/windows", name="3号窗口", services="1", follow=True)
    assert "3号窗口 老年证" in wang.words
    wang.sends("/console/hall/windows/2", name="综合窗口", services="1", follow=True)
    assert "综合窗口" in wang.words
    wang.sends("/console/hall/windows/2/close", follow=True)
    assert "综合窗口" not in wang.words
    wang.sends("/console/hall/windows/as-in-services", follow=True)
    assert "按服务里写的窗口建好了" in wang.words


def test_the_day_ends_and_who_still_waits_is_told(wang: Clerk, monday: Any) -> None:
    ma = wang.town.phone("马秀兰")
    ma.says("取号", "1")
    walk_in(wang.town, 1)
    wang.sends("/console/hall/day", what="stop", follow=True)
    assert "今天不再放号" in wang.words
    wang.sends("/console/hall/numbers", service="1", follow=True)
    assert "今天不再放号了" in wang.words
    assert "今天不再放号了" in ma.says("取号")
    wang.sends("/console/hall/day", what="end", follow=True)
    assert states(wang.town) == {1: "closed", 2: "closed"}
    assert [row.facts["number"] for row in told(wang.town, "day_over")] == [1]
    wang.sends("/console/hall/day", what="again")
    assert walk_in(wang.town, 1) == 3


def test_numbers_begin_again_each_day_and_not_for_what_comes_home(wang: Clerk, monday: Any) -> None:
    walk_in(wang.town, 1)
    walk_in(wang.town, 1)
    monday.shift(timedelta(days=1))
    wang.signs_in()
    wang.sends("/console/hall/numbers", service="1", follow=True)
    assert "1 号 老年证" in wang.words
    home = hall(wang.town, "水电维修", window="5号窗口", home_visit=True)[0]
    wang.sends("/console/hall/numbers", service=str(home), follow=True)
    assert "不在大厅排号" in wang.words


def test_figures_say_how_long_people_waited_and_name_nobody(wang: Clerk, monday: Any) -> None:
    for _ in range(3):
        walk_in(wang.town, 1)
    for minutes, number in ((4, 1), (6, 2), (20, 3)):
        monday.shift(timedelta(minutes=minutes))
        wang.signs_in()
        call(wang)
        moves(wang, number, "done")
    wang.opens("/console/hall/figures")
    assert re.search(r"合计 全部 3 10分 30分", wang.words)
    wang.opens("/console/")
    assert "没有人在等,今天办完 3 位" in wang.page


def test_a_leader_sees_no_line_and_moves_nobody(wang: Clerk) -> None:
    walk_in(wang.town, 1)
    leader = clerk(wang.town, "leader", login="leader")
    for path in ("", "/part", "/windows", "/figures", "/numbers/1"):
        assert leader.opens(f"/console/hall{path}").status_code == 403
    assert leader.sends("/console/hall/numbers/1/move", what="no_show").status_code == 403
    assert states(wang.town) == {1: "waiting"}
