"""The page of a broadcast on its way: what it says, how it asks again, and its buttons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from models.broadcasts import Broadcast, BroadcastCall
from models.outbox import OutboxRow
from tests.broadcasts.sendings import AFTER_HOLD, Sending
from tests.neighbours import Town, frozen
from tests.staff.clerks import Clerk, audited, clerk

POLLS = 'hx-trigger="every 2s"'


@pytest.fixture
def morning() -> Iterator[time_machine.Coordinates]:
    with frozen("2026-11-26 10:00") as wall:
        yield wall


def progress_of(sending: Sending) -> str:
    return f"/console/broadcasts/{sending.number}/progress"


def opened(sending: Sending, *roles: str, **who: Any) -> Clerk:
    made = clerk(sending.town, *(roles or ("desk",)), **who)
    assert made.opens(progress_of(sending)).status_code == 200
    return made


def test_in_the_hold_it_counts_down_and_can_be_stopped(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, "custom", "custom", "paper")
    morning.shift(timedelta(minutes=2))
    office = opened(sending)
    assert "3分00秒" in office.words
    assert "发给3人" in office.words
    assert POLLS in office.page
    page = office.sends(
        f"/console/broadcasts/{sending.number}/stop", reason="时间不对", more="是周日", follow=True
    )
    assert "一条也没有发出去。没再发的有3人。" in page.text
    assert sending.row().why_ended == "时间不对:是周日"
    assert "停下了" in office.words
    assert "王干事:时间不对:是周日" in office.words


def test_a_stop_needs_a_reason(sqlite_town: Town, morning: time_machine.Coordinates) -> None:
    sending = Sending.of(sqlite_town, "custom")
    office = opened(sending)
    for reason in ("", "其他"):
        office.sends(f"/console/broadcasts/{sending.number}/stop", reason=reason, more="", follow=True)
        assert "请写一句为什么停下" in office.page
    assert sending.state == "approved"


def test_while_it_is_sent_it_says_how_far_how_fast_and_how_long(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, *["custom"] * 10, "paper")
    morning.shift(AFTER_HOLD)
    sending.carry_on()
    sending.delivers(3)
    office = opened(sending)
    assert "3 / 10人 最近一分钟" in office.words
    assert "另外1人上门说" in office.words
    assert "最近一分钟发了3条,大约还要3分钟" in office.words
    assert "已交给微信 3" in office.words
    assert "等待 7" in office.words
    assert "要上门 1" in office.words
    office.opens(f"{progress_of(sending)}/part")
    assert "<html" not in office.page
    assert POLLS in office.page
    sending.delivers()
    sending.carry_on()
    office.opens(f"{progress_of(sending)}/part")
    assert "发完了" in office.page
    assert POLLS not in office.page
    assert 'id="stop-it" hx-swap-oob="delete"' in office.page


def test_it_is_paused_and_goes_on(sqlite_town: Town, morning: time_machine.Coordinates) -> None:
    sending = Sending.of(sqlite_town, *["custom"] * 4)
    morning.shift(AFTER_HOLD)
    sending.carry_on()
    office = opened(sending)
    office.sends(f"/console/broadcasts/{sending.number}/pause", follow=True)
    assert "暂停了,没有发的先留着。" in office.page
    assert "王干事暂停了。" in office.words
    assert sending.delivers() == 0
    office.sends(f"/console/broadcasts/{sending.number}/resume", follow=True)
    assert "接着发了。" in office.page
    assert sending.delivers() == 4


def test_who_comes_second_is_told_who_was_first(sqlite_town: Town, morning: time_machine.Coordinates) -> None:
    sending = Sending.of(sqlite_town, "custom")
    morning.shift(AFTER_HOLD)
    sending.carry_on()
    first, second = opened(sending, name="李主任", login="li"), opened(sending, "approver")
    first.sends(f"/console/broadcasts/{sending.number}/stop", reason="内容有错", more="")
    second.sends(f"/console/broadcasts/{sending.number}/pause", follow=True)
    assert "李主任已经停下了" in second.page


def test_a_closed_door_and_every_failure_are_said_in_words_with_their_numbers(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, *["custom"] * 5)
    morning.shift(AFTER_HOLD)
    sending.carry_on()

    def mishaps(session: Session) -> None:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all()
        for row in rows[:2]:
            row.reason, row.due = "今日额度用完,明早8:30继续。", clock.now() + timedelta(hours=20)
        for row in rows[2:]:
            row.state, row.reason = "failed", "公众号联系不到本人,请打电话或上门。"

    sqlite_town.writing(mishaps)
    office = opened(sending)
    assert "2人 今日额度用完,明早8:30继续。" in office.words
    assert "3人 公众号联系不到本人,请打电话或上门。" in office.words


def test_a_mass_send_that_failed_says_why_and_is_tried_again(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, "mass", "mass")
    morning.shift(AFTER_HOLD)
    sending.carry_on()

    def asked_for(session: Session) -> None:
        call = session.scalars(select(BroadcastCall)).one()
        call.state, call.first_sent_at, call.wechat_id = "submitted", clock.now(), "5"

    sqlite_town.writing(asked_for)
    office = opened(sending)
    assert "请管理员在手机上点确认,还剩30分" in office.words

    def refused(session: Session) -> int:
        call = session.scalars(select(BroadcastCall)).one()
        call.state, call.reason, call.settled_at = "failed", "管理员30分钟内没有在手机上确认。", clock.now()
        return call.id

    number = sqlite_town.writing(refused)
    office.opens(progress_of(sending))
    assert "2人 管理员30分钟内没有在手机上确认。" in office.words
    office.opens("/console/")
    assert "有一次大群发没成" in office.page
    office.opens(progress_of(sending))
    office.sends(f"/console/broadcasts/calls/{number}/again", follow=True)
    assert "再试一次,请看着手机。" in office.page
    assert "等着交给微信" in office.words


def test_one_that_expired_stands_on_everybodys_first_page(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, "custom", useful_until=clock.now() + timedelta(hours=1))
    morning.shift(timedelta(hours=2))
    sending.carry_on()
    office = opened(sending)
    assert "过期没发" in office.words
    office.opens("/console/")
    assert "过了该发的时间,没有发。" in office.words
    with sqlite_town.reading() as session:
        assert audited(session, "broadcasts.expire")


@pytest.mark.parametrize("role", ["grid", "leader", "auditor", "admin"])
def test_whoever_has_nothing_to_do_with_broadcasts_sees_and_stops_none(
    sqlite_town: Town, morning: time_machine.Coordinates, role: str
) -> None:
    sending = Sending.of(sqlite_town, "custom")
    stranger = clerk(sqlite_town, role)
    assert stranger.opens(progress_of(sending)).status_code == 403
    assert stranger.opens(f"{progress_of(sending)}/part").status_code == 403
    for act in ("stop", "pause", "resume"):
        answer = stranger.sends(f"/console/broadcasts/{sending.number}/{act}", reason="内容有错")
        assert answer.status_code == 403
    assert sending.state == "approved"


def test_who_reviews_may_look_and_not_steer(sqlite_town: Town, morning: time_machine.Coordinates) -> None:
    sending = Sending.of(sqlite_town, "custom")
    reader = opened(sending, "first_review")
    assert "停下来" not in reader.words
    assert reader.sends(f"/console/broadcasts/{sending.number}/stop", reason="内容有错").status_code == 403


def test_without_a_script_there_is_a_button_to_look_again(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, "custom")
    office = opened(sending)
    assert (
        f'<noscript><p><a class="btn btn-outline-secondary" href="{progress_of(sending)}">刷新' in office.page
    )
    with sqlite_town.reading() as session:
        assert session.get_one(Broadcast, sending.number).state == "approved"
