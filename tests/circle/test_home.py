"""上门: five messages, one provider after the other by digits, a log, a yes; and one provider never in two homes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from handlers.circle import actions, jobs, visiting
from models.appointments import Contact
from models.circle_fit import HalfDay
from models.circle_jobs import HomeJob
from models.conversation import Conversation
from models.outbox import OutboxRow
from models.refusal import Refusal
from tests.circle.conftest import (
    a_landmark,
    a_provider,
    a_service,
    days,
    house,
    jobs_in,
    joined,
    linked,
    provider,
    refused,
    sent,
    service,
    sound,
)
from tests.neighbours import Phone, Town
from tests.races import at_once

DOOR = "5号楼2单元301"


@pytest.fixture
def repair(sqlite_town: Town, thursday: Any) -> int:
    return a_service(sqlite_town, also_called=["修水管"])


def orders(
    town: Town, phone: Phone, number: int, *, ahead: int = 1, part: str = "am", address: str = DOOR
) -> int:
    contact = Contact(None, None, address)
    half = HalfDay(days(ahead), part)

    def unit(session: Any) -> int:
        return actions.order(phone.actor(session), service(session, number), half, contact).id

    return town.writing(unit)


def does(town: Town, phone: Phone, action: Any, number: int, *more: Any, **facts: Any) -> None:
    town.writing(lambda s: action(phone.actor(s), s.get_one(HomeJob, number), *more, **facts))


# ---- ordering ------------------------------------------------------------------------------------------------------


def test_a_resident_orders_somebody_home_in_five_messages(sqlite_town: Town, ma: Phone, repair: int) -> None:
    a_provider(sqlite_town, does=(repair,))
    assert "1 水电维修" in ma.says("哪天上门")
    assert "1 11月26日(星期四)上午" in ma.says("1")
    assert "门牌" in ma.says("明天上午")
    asked = ma.says(DOOR)
    assert "给您叫师傅:11月27日(星期五)上午,水电维修,到5号楼2单元301。" in asked
    assert "单号上门0001:11月27日(星期五)上午9点左右" in ma.says("1")
    (job,) = jobs_in(sqlite_town)
    assert (job.state, job.name, job.phone, job.address) == ("offered", "马秀兰", "13900000001", DOOR)
    assert sound(sqlite_town) == []
    assert "还是到“5号楼2单元301”吗" in ma.says("上门", "1", "2")


def test_somebody_new_tells_everything_in_one_line_and_agrees_by_it(sqlite_town: Town, repair: int) -> None:
    a_provider(sqlite_town, does=(repair,))
    new = sqlite_town.phone("新来的")
    assert "就是同意我们用它派师傅" in new.says("上门", "1", "1")
    assert "到5号楼2单元301" in new.says(f"马兰 13900000007 {DOOR}")
    assert "单号上门0001" in new.says("1")
    with sqlite_town.reading() as session:
        assert new.person(session).name == "马兰"


def test_it_can_be_taken_back_by_a_digit_or_by_undo(sqlite_town: Town, ma: Phone, repair: int) -> None:
    a_provider(sqlite_town, does=(repair,))
    ma.says("上门", "1", "2", DOOR, "1")
    assert "取消好了" in ma.says("撤销")
    ma.says("上门", "1", "2", "1", "1")
    assert "取消好了" in ma.says("6")
    assert {one.state for one in jobs_in(sqlite_town)} == {"cancelled"}
    assert sound(sqlite_town) == []


def test_nobody_has_more_than_three_open_ones(sqlite_town: Town, ma: Phone, repair: int) -> None:
    a_provider(sqlite_town, does=(repair,))
    for ahead in (1, 2, 3):
        orders(sqlite_town, ma, repair, ahead=ahead)
    with refused("circle.too_many"):
        orders(sqlite_town, ma, repair, ahead=4)


# ---- one after the other -------------------------------------------------------------------------------------------


def test_the_provider_accepts_goes_logs_and_the_resident_says_yes(
    sqlite_town: Town, ma: Phone, repair: int
) -> None:
    li = linked(sqlite_town, a_provider(sqlite_town, does=(repair,)))
    number = orders(sqlite_town, ma, repair)
    (asked,) = sent(sqlite_town, "circle.offered")
    assert DOOR not in str(asked.facts)
    assert "13900000001" not in str(asked.facts)
    assert "5号楼" not in li.says("我的活")
    answer = li.says("1")
    assert "到5号楼2单元301,马秀兰 13900000001" in answer
    (told,) = sent(sqlite_town, "circle.accepted")
    assert (told.facts["provider"], told.facts["number"]) == ("李师傅", "上门0001")
    assert "做完了回复 2" in li.says("1")
    assert "做了什么" in li.says("2")
    assert "记好了:换了水龙头,40分钟,30元(40分钟)" in li.says("换了水龙头,40分钟,30元")
    (job,) = jobs_in(sqlite_town)
    assert (job.state, job.minutes, job.yuan) == ("done", 40, 30)
    assert "办完了" in ma.says("1")
    assert jobs_in(sqlite_town)[0].state == "closed"
    assert sound(sqlite_town) == []
    assert number == job.id


def test_a_digit_alone_answers_the_one_job_on_offer(sqlite_town: Town, ma: Phone, repair: int) -> None:
    li = linked(sqlite_town, a_provider(sqlite_town, does=(repair,)))
    sqlite_town.writing(lambda s: setattr(li_row(s, li), "offers", None))
    orders(sqlite_town, ma, repair)
    assert "到5号楼2单元301" in li.says("1")


def li_row(session: Any, phone: Phone) -> Any:
    identity = phone.identity(session)
    assert identity is not None
    return session.scalars(select(Conversation).where(Conversation.identity_id == identity.id)).one()


def test_a_no_asks_the_next_and_the_last_no_brings_it_to_the_desk(
    sqlite_town: Town, ma: Phone, repair: int
) -> None:
    li = linked(sqlite_town, a_provider(sqlite_town, does=(repair,)))
    chen = linked(sqlite_town, a_provider(sqlite_town, "陈师傅", does=(repair,)), "陈德全", "13900002002")
    number = orders(sqlite_town, ma, repair)
    does(sqlite_town, li, actions.decline, number)
    assert jobs_in(sqlite_town)[0].provider.name == "陈师傅"  # type: ignore[union-attr]
    with refused("circle.not_yours"):
        does(sqlite_town, li, actions.accept, number)
    does(sqlite_town, chen, actions.decline, number)
    (job,) = jobs_in(sqlite_town)
    assert (job.state, job.provider_id, job.due) == ("desk", None, clock.now() + timedelta(hours=2))
    assert len(sent(sqlite_town, "circle.desk_arranges")) == 1
    assert sound(sqlite_town) == []


def test_who_says_nothing_until_the_due_time_has_said_no(
    sqlite_town: Town, ma: Phone, repair: int, thursday: time_machine.Coordinates
) -> None:
    a_provider(sqlite_town, does=(repair,))
    a_provider(sqlite_town, "陈师傅", does=(repair,))
    orders(sqlite_town, ma, repair, ahead=2)
    thursday.shift(timedelta(hours=2))
    assert sqlite_town.writing(lambda s: jobs.expire_offers(house(s))) == "1 offers ran out"
    assert jobs_in(sqlite_town)[0].provider.name == "陈师傅"  # type: ignore[union-attr]


def test_nobody_is_woken_at_night(sqlite_town: Town, repair: int, thursday: time_machine.Coordinates) -> None:
    thursday.shift(timedelta(hours=14))  # eleven at night
    ma = joined(sqlite_town, "马秀兰", "13900000001")
    linked(sqlite_town, a_provider(sqlite_town, does=(repair,)))
    orders(sqlite_town, ma, repair, ahead=2)
    (asked,) = sent(sqlite_town, "circle.offered")
    assert clock.local(asked.due).strftime("%d %H:%M") == "27 07:00"
    (job,) = jobs_in(sqlite_town)
    assert job.due is not None
    assert clock.local(job.due).strftime("%d %H:%M") == "27 09:00"


def test_who_has_the_least_to_do_is_asked_first(sqlite_town: Town, ma: Phone, repair: int) -> None:
    for name in ("李师傅", "陈师傅"):
        a_provider(sqlite_town, name, does=(repair,))
    for ahead in (1, 2):
        orders(sqlite_town, ma, repair, ahead=ahead)
    other = joined(sqlite_town, "韩素梅", "13900000002")
    for ahead in (3, 4):
        orders(sqlite_town, other, repair, ahead=ahead)
    names = [one.provider.name for one in jobs_in(sqlite_town) if one.provider]
    assert sorted(names) == ["李师傅", "李师傅", "陈师傅", "陈师傅"]


# ---- one place at a time -------------------------------------------------------------------------------------------


def test_between_two_homes_there_is_the_buffer_and_more_where_it_is_far(
    sqlite_town: Town, ma: Phone, repair: int
) -> None:
    a_provider(sqlite_town, does=(repair,), buffer_minutes=30)
    a_landmark(sqlite_town, "东府佳苑")
    a_landmark(sqlite_town, "火车站", 36.6180, 101.8990)  # 9.6 km
    for address, ahead in (("东府佳苑5号楼", 1), ("东府佳苑6号楼", 1), ("东府佳苑5号楼", 2)):
        orders(sqlite_town, ma, repair, address=address, ahead=ahead)
    far = joined(sqlite_town, "韩素梅", "13900000002")
    orders(sqlite_town, far, repair, address="火车站家属院1号楼", ahead=2)
    times = [clock.local(one.starts).strftime("%d %H:%M") for one in jobs_in(sqlite_town) if one.starts]
    assert times == ["27 09:00", "27 10:30", "28 09:00", "28 11:00"]  # 48 minutes of way, in quarters


def test_a_day_holds_no_more_than_the_provider_wants(sqlite_town: Town, ma: Phone, repair: int) -> None:
    a_provider(sqlite_town, does=(repair,), most_a_day=1)
    orders(sqlite_town, ma, repair)
    with refused("circle.nobody_then"):
        orders(sqlite_town, ma, repair, part="pm")


def test_a_lapsed_licence_gets_no_job_and_loses_what_it_had(
    sqlite_town: Town, ma: Phone, repair: int, thursday: time_machine.Coordinates
) -> None:
    a_provider(sqlite_town, does=(repair,), until=days(2))
    a_provider(sqlite_town, "陈师傅", does=(repair,), until=days(30), phone="13900002002")
    with sqlite_town.reading() as session:
        assert provider(session, 1).may_work_on(days(2))
        assert not provider(session, 1).may_work_on(days(3))
    orders(sqlite_town, ma, repair, ahead=3)
    assert jobs_in(sqlite_town)[0].provider.name == "陈师傅"  # type: ignore[union-attr]
    assert sound(sqlite_town) == []


def test_two_residents_at_one_providers_only_hour_are_one_job(town: Town, thursday: Any) -> None:
    repair = a_service(town, minutes=180)
    a_provider(town, does=(repair,))
    phones = [joined(town, f"居民{n}", f"1390000010{i}") for i, n in enumerate("甲乙丙丁")]

    def one(phone: Phone) -> str:
        try:
            orders(town, phone, repair)
        except Refusal as why:
            return why.code
        return "ordered"

    ended = at_once([lambda p=p: one(p) for p in phones])  # type: ignore[misc]
    assert sorted(ended) == [*["circle.nobody_then"] * 3, "ordered"]
    assert len(jobs_in(town)) == 1
    assert sound(town) == []


def test_yes_and_no_at_once_are_one_of_the_two(town: Town, thursday: Any) -> None:
    repair = a_service(town)
    li = linked(town, a_provider(town, does=(repair,)))
    ma = joined(town, "马秀兰", "13900000001")
    number = orders(town, ma, repair)

    def one(action: Any, phone: Phone) -> str:
        try:
            does(town, phone, action, number)
        except Refusal as why:
            return why.code
        return "done"

    ended = at_once(
        [
            lambda: one(actions.accept, li),
            lambda: one(actions.decline, li),
            lambda: one(actions.take_back, ma),
        ]
    )
    assert "done" in ended
    assert sound(town) == []


# ---- strangers -----------------------------------------------------------------------------------------------------


def test_a_stranger_sees_and_does_nothing_of_a_job(sqlite_town: Town, ma: Phone, repair: int) -> None:
    a_provider(sqlite_town, does=(repair,))
    stranger = joined(sqlite_town, "路人甲", "13900000009")
    number = orders(sqlite_town, ma, repair)
    for action in (actions.accept, actions.decline, actions.take_back, visiting.set_out, visiting.confirm):
        with refused("circle.not_yours"):
            does(sqlite_town, stranger, action, number)
    with refused("circle.staff_only"):
        does(sqlite_town, stranger, actions.take_up, number)
    assert "这是给师傅用的" in stranger.says("我的活")
    assert "还没有叫过师傅" in stranger.says("我的上门")
    with sqlite_town.reading() as session:
        facts = str([row.facts for row in session.scalars(select(OutboxRow))])
    assert DOOR not in facts


def test_is_it_done_is_no_word_of_thanks(sqlite_town: Town, ma: Phone, repair: int) -> None:
    """Without a job it may be about what was told to the community; with one it is the job."""
    assert "说过的事,回复 1;叫的师傅,回复 2" in ma.says("好了吗")
    assert "您还没有说过事" in ma.says("1")
    assert "师傅用的" not in ma.says("我的单子")
    a_provider(sqlite_town, does=(repair,))
    orders(sqlite_town, ma, repair)
    assert "正在问师傅" in ma.says("修好了吗")
