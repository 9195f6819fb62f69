"""Waiting through the doors: in chat, on pages, at the console, for the mini-program."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.appointments import striking
from models.appointments import Appointment
from models.strikes import StrikeAppeal, rule_of
from models.waiting import SlotWait
from tests.appointments.desk import TUESDAY, clerk, fill, only, opened, slot_at, sound
from tests.appointments.test_strikes import missed, two_missed
from tests.appointments.test_waiting import ONE_HOUR, frees, state, waits
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor
from tests.staff.clerks import clerk as clerk_at


def full_town(town: Town) -> None:
    opened(town, ONE_HOUR, horizon_days=6)
    fill(town, TUESDAY, "09:00", "09:30")


def test_a_full_service_leads_from_booking_into_the_line_and_a_digit_takes_the_seat(
    sqlite_town: Town, ma: Phone, monday: Any
) -> None:
    full_town(sqlite_town)
    asked = ma.says("预约", "1")
    assert asked.startswith("老年证近期约满了,要排队等哪个时间?")
    assert "1 哪天有空都行\n2 11月24日(星期二)上午" in asked
    assert "等11月24日(星期二)上午" in ma.says("2", "马秀兰")
    assert ma.says("1").startswith("排上了:老年证,您排第一。")
    assert "您已经排着了" in ma.says("排队等", "1")
    frees(sqlite_town)
    card = ma.says("我的排队")
    assert "有位子了:11月24日(星期二)上午9点" in card
    assert "1 要这个时间 2 这次不要 3 不排了" in card
    assert ma.says("1").startswith("给您约好了:11月24日(星期二)上午9点")
    assert sound(sqlite_town)


def test_the_words_of_the_message_take_a_seat_and_leaving_needs_one_word(
    sqlite_town: Town, ma: Phone, monday: Any
) -> None:
    full_town(sqlite_town)
    ma.says("预约", "1", "明天上午", "马秀兰", "1")
    assert "在排着,等11月24日(星期二)上午" in ma.says("我的排队")
    frees(sqlite_town)
    assert ma.says("要这个时间").startswith("给您约好了")
    assert ma.says("撤销").startswith("11月24日(星期二)上午9点的老年证已经撤销")
    assert ma.says("我的排队").startswith("您现在没有排队")


def test_nobody_is_asked_a_name_for_waiting_where_times_are_free(
    sqlite_town: Town, ma: Phone, monday: Any
) -> None:
    opened(sqlite_town, ONE_HOUR, horizon_days=6)
    answer = ma.says("排队等", "1", "都行")
    assert "还有空的时间,不用排" in answer
    assert "姓名" not in answer


def test_a_wished_time_that_is_full_leads_into_the_line_for_somebody_else_too(
    sqlite_town: Town, ma: Phone, monday: Any
) -> None:
    opened(sqlite_town, horizon_days=6)
    fill(sqlite_town, TUESDAY, "09:00", "09:30", "10:00", "10:30")
    assert "想要的时间满了,回复“排队等”" in ma.says("帮别人约", "马奶奶", "没有", "女儿", "1")
    assert "替马奶奶排队:老年证,等11月24日(星期二)上午" in ma.says("排队等", "周二上午")
    assert ma.says("1").startswith("排上了")
    with sqlite_town.reading() as session:
        assert session.scalars(select(SlotWait)).one().helped_name == "马奶奶"


def test_a_page_puts_into_the_line_takes_the_seat_and_lets_leave(
    sqlite_town: Town, ma: Phone, monday: Any
) -> None:
    full_town(sqlite_town)
    visitor = Visitor(sqlite_town, ma)
    visitor.opens("/h5/services/1/days").taps("满了,排队等").presses("排队等", name="马秀兰")
    assert "您排第一" in visitor.words
    frees(sqlite_town)
    visitor.opens("/h5/appointments").taps("我的排队").presses("要这个时间")
    assert "约好了" in visitor.words
    assert visitor.opens("/h5/services/1/wait?wish=2020-01-01").status == 404


def test_a_page_tells_late_and_a_stranger_finds_none(sqlite_town: Town, ma: Phone, monday: Any) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "今天10点", "马秀兰", "1")
    monday.shift(31 * 60)
    visitor = Visitor(sqlite_town, ma)
    visitor.opens("/h5/appointments/1").taps("告诉他们我不来了").presses("我不来了", reason="ill")
    row = only(sqlite_town)
    assert (row.state, row.reason_code, row.told_late_at is not None) == ("cancelled", "ill", True)
    other = Visitor(sqlite_town, sqlite_town.phone("路人"))
    assert other.opens("/h5/appointments/1/not-coming").status == 404


def test_the_desk_sees_the_lines_answers_for_the_telephone_and_moves_with_a_reason(
    sqlite_town: Town, monday: Any
) -> None:
    full_town(sqlite_town)
    first, second = waits(sqlite_town, "马秀兰"), waits(sqlite_town, "才让卓玛")
    desk = clerk_at(sqlite_town, "desk")
    page = desk.opens("/console/appointments/waiting").text
    assert page.index("马秀兰") < page.index("才让卓玛")
    desk.sends(f"/console/appointments/waiting/{second}/front", reason="")
    desk.sends(f"/console/appointments/waiting/{second}/front", reason="frail")
    frees(sqlite_town)
    assert (state(sqlite_town, first), state(sqlite_town, second)) == ("waiting", "offered")
    assert "留着 11月24日" in desk.opens("/console/appointments/waiting").text
    desk.sends(f"/console/appointments/waiting/{second}/take")
    desk.sends(f"/console/appointments/waiting/{first}/remove", reason="asked")
    assert (state(sqlite_town, first), state(sqlite_town, second)) == ("removed", "taken")


def test_the_desk_puts_somebody_without_wechat_on_the_list_and_is_told_to_telephone(
    sqlite_town: Town, monday: Any
) -> None:
    full_town(sqlite_town)
    desk = clerk_at(sqlite_town, "desk")
    form = {"service": "1", "wish": "2026-11-24/am", "phone": "13900005678", "looked": "13900005678"}
    desk.sends("/console/appointments/waiting/new", **form, person="0", name="马大爷", agreed="y")
    frees(sqlite_town)
    assert "有位子了,要打电话问" in desk.opens("/console/").text
    assert "没有微信,请打电话" in desk.opens("/console/appointments/waiting").text


def test_a_service_that_is_gone_or_none_at_all_is_said_where_it_was_chosen(
    sqlite_town: Town, monday: Any
) -> None:
    desk = clerk_at(sqlite_town, "desk")
    assert "还没有开着的服务" in desk.opens("/console/appointments/waiting/new", follow_redirects=True).text
    full_town(sqlite_town)
    desk.sends("/console/appointments/waiting/new", service="99", wish="any", phone="13900005678")
    assert 'class="wrong"' in desk.page


def test_only_a_leader_changes_the_rule_and_another_than_who_marked_decides(
    sqlite_town: Town, ma: Phone, monday: Any
) -> None:
    opened(sqlite_town, horizon_days=40)
    desk = clerk_at(sqlite_town, "desk")
    assert desk.opens("/console/appointments/missed/rule").status_code == 403
    leader = clerk_at(sqlite_town, "approver", login="leader")
    rule = {"strikes_on": "y", "most_strikes": "2", "within_days": "90", "pause_days": "14"}
    rule |= {"decay_days": "90", "kept_visits": "0", "grace_minutes": "15"}
    rule |= {"claim_minutes": "120", "claim_last_minutes": "60"}
    leader.sends("/console/appointments/missed/rule", **rule)
    with sqlite_town.reading() as session:
        assert (rule_of(session).strikes_on, rule_of(session).most_strikes) == (True, 2)
    two_missed(sqlite_town)
    with frozen("2026-11-25 15:00"):
        visitor = Visitor(sqlite_town, ma)
        visitor.opens("/h5/missed").presses("说给工作人员", said="那天我在医院")
        assert "工作人员看了就告诉您" in visitor.words
        leader = clerk_at(sqlite_town, "approver", login="leader2")
        assert "那天我在医院" in leader.opens("/console/appointments/missed").text
        leader.sends("/console/appointments/missed/1/decide", granted="yes")
    with sqlite_town.reading() as session:
        assert session.scalars(select(StrikeAppeal.state)).all() == ["granted"]


def test_a_mark_with_an_excuse_and_the_counts_of_reasons(sqlite_town: Town, ma: Phone, monday: Any) -> None:
    opened(sqlite_town)
    sqlite_town.writing(lambda s: striking.set_rule(clerk(s), strikes_on=True))
    ma.says("预约", "1", "今天10点", "马秀兰", "1")
    monday.shift(2 * 3600)
    desk = clerk_at(sqlite_town, "desk")
    assert "没来,有原因" in desk.opens("/console/appointments/1").text
    desk.sends("/console/appointments/1/mark", came="no", why="ill", back="one")
    assert (only(sqlite_town).state, only(sqlite_town).reason_code) == ("no_show", "ill")
    page = desk.opens("/console/appointments/reasons?days=90").text
    assert "为什么取消" in page
    assert "加一个原因" not in page


def test_what_is_kept_of_the_line_is_carried_home_and_forgotten(
    sqlite_town: Town, ma: Phone, monday: Any
) -> None:
    full_town(sqlite_town)
    first, second = waits(sqlite_town, "马秀兰"), waits(sqlite_town, "才让卓玛")
    frees(sqlite_town)
    feature = next(one for one in sqlite_town.site.house.features if one.name == "appointments")

    def unit(session: Session) -> Any:
        assert feature.export is not None
        assert feature.erase is not None
        me = ma.actor(session)
        kept = feature.export(session, me.me)
        feature.erase(me, me.me)
        return kept

    assert sqlite_town.writing(unit)["排队等位"] == [
        {"服务": "老年证", "等的时间": "11月24日(星期二)", "情况": "有位子,等您回话"}
    ]
    assert (state(sqlite_town, first), state(sqlite_town, second)) == ("left", "offered")
    assert sound(sqlite_town)


def test_two_records_of_one_person_stand_in_a_line_once(sqlite_town: Town, monday: Any) -> None:
    full_town(sqlite_town)
    first, second = waits(sqlite_town, "马秀兰"), waits(sqlite_town, "马小兰")
    feature = next(one for one in sqlite_town.site.house.features if one.name == "appointments")

    def unit(session: Session) -> None:
        assert feature.merge is not None
        kept, gone = (sqlite_town.phone(name).actor(session) for name in ("马小兰", "马秀兰"))
        feature.merge(kept, kept.me, gone.me)
        assert session.get_one(SlotWait, first).person is kept.me

    sqlite_town.writing(unit)
    assert (state(sqlite_town, first), state(sqlite_town, second)) == ("waiting", "left")


def test_missed_visits_are_of_no_consequence_to_a_walk_in(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    sqlite_town.writing(lambda s: striking.set_rule(clerk(s), strikes_on=True, most_strikes=2))
    ma = sqlite_town.phone("马秀兰")
    ma.says("预约", "1", "明天9点", "马秀兰", "1")
    with frozen("2026-11-24 12:00"):
        missed(sqlite_town, 1, "other")
        with sqlite_town.reading() as session:
            assert session.get_one(Appointment, 1).reason_code == "other"
            assert slot_at(session, TUESDAY, "09:00").taken == 1
