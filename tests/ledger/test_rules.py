"""Hours that change hands: posted once, given, granted, set aside, paid when both have said so, and mirrored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app import clock
from handlers.ledger import actions
from handlers.ledger.jobs import expire_requests, remind_askers
from handlers.ledger.sentences import day_wanted, minutes_in, request_minutes_in, stamp_in
from models.exchange import Exchange
from models.identity import Actor
from models.ledger import TimeAccount, TimeTransfer, house_account, open_account
from models.time_desk import TimeOrder
from tests.ledger.conftest import (
    asked,
    balance,
    does,
    earned,
    promised,
    refused,
    registered,
    sent,
    sound,
    staff_does,
    state,
)
from tests.neighbours import Phone


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("2小时", 120),
        ("２", 120),
        ("1.5", 90),
        ("1.5小时", 90),
        ("一个半小时", 90),
        ("两个半小时", 150),
        ("半小时", 30),
        ("半个小时", 30),
        ("90分钟", 90),
        ("1小时30分", 90),
        ("三个小时", 180),
        ("一小时半", 90),
        ("一刻钟", 15),
        ("2个钟头", 120),
    ],
)
def test_hours_as_people_write_them(said: str, minutes: int) -> None:
    assert minutes_in(said) == minutes


@pytest.mark.parametrize(
    "said",
    [
        "-2",
        "0",
        "NaN",
        "1e309",
        "inf",
        "9999小时",
        "两天",
        "",
        "２５小时半个",
        "1,5",
        "0x10",
        "一小",
        "-1小时",
    ],
)
def test_b28_what_is_no_time_is_refused(said: str) -> None:
    with refused("no_hours"):
        minutes_in(said)


def test_b28_minutes_come_out_whole_and_requests_in_steps() -> None:
    with refused("odd_minutes"):
        minutes_in("0.33小时")
    with refused("odd_request"):
        request_minutes_in("7分钟")
    with refused("odd_request"):
        request_minutes_in("9小时")


def test_a_day_of_the_next_two_months(monday: Any) -> None:
    assert day_wanted("明天").isoformat() == "2026-11-24"
    with refused("no_such_day"):
        day_wanted("2027年8月1日")
    with refused("no_such_day"):
        day_wanted("昨天")
    with pytest.raises(ValueError, match="随便"):
        day_wanted("随便")


def test_a_stamp_is_the_same_however_it_is_typed() -> None:
    assert {stamp_in(one) for one in ("ｘｆ－０１２３", "XF-0123 ", "xf0123", "XF 0123")} == {"XF-0123"}
    assert stamp_in("-0123") == stamp_in("0123") == "0123"
    with refused("bad_stamp"):
        stamp_in("XF")


# ---- posting and reversing ---------------------------------------------------------------------------------


def test_hours_are_posted_once_whatever_is_repeated(han: Phone) -> None:
    assert earned(han, 90) == earned(han, 90)
    assert balance(han) == (90, 0)
    with refused("posted_otherwise"):
        earned(han, 120)
    assert len(sent(han.town, "posted")) == 1
    assert sound(han.town)


def test_only_the_staff_and_the_house_post_hours(han: Phone) -> None:
    with refused("staff_only"):
        han.town.writing(
            lambda s: actions.post_hours(han.actor(s), han.actor(s).me, 60, once="x", source="x")
        )
    for minutes in (0, -60, 6001, True, 1.5):
        with refused("no_hours"):
            earned(han, minutes)  # type: ignore[arg-type]
    assert balance(han) == (0, 0)


def test_a_reversal_mirrors_once_and_is_not_reversed_itself(han: Phone) -> None:
    transfer = earned(han, 90)
    first = staff_does(han.town, actions.reverse, (TimeTransfer, transfer), "记错了人")
    again = staff_does(han.town, actions.reverse, (TimeTransfer, transfer), "记错了人")
    assert first.id == again.id
    assert balance(han) == (0, 0)
    with refused("not_reversible"):
        staff_does(han.town, actions.reverse, (TimeTransfer, first.id), "记错了人")
    with refused("staff_only"):
        does(han, actions.reverse, (TimeTransfer, transfer), "我不要了")
    with refused("reason_needed"):
        staff_does(han.town, actions.reverse, (TimeTransfer, earned(han, 60, "stay:2")), " ")
    assert len(sent(han.town, "reversed")) == 1
    assert sound(han.town)


def test_what_has_been_spent_is_not_reversed_below_the_limit(han: Phone, ma: Phone) -> None:
    transfer = earned(han, 300)
    does(han, lambda by: actions.give(by, ma.actor(by.session).me, 300))
    with refused("short"):
        staff_does(han.town, actions.reverse, (TimeTransfer, transfer), "记错了人")
    account = han.town.writing(lambda s: _account(s, han).id)
    staff_does(han.town, actions.change_limit, (TimeAccount, account), -300, "收回记错的时间")
    staff_does(han.town, actions.reverse, (TimeTransfer, transfer), "记错了人")
    assert balance(han) == (-300, 0)
    assert sound(han.town)


def _account(session: Any, phone: Phone) -> TimeAccount:
    return open_account(session, phone.actor(session).me)


# ---- gifts and grants --------------------------------------------------------------------------------------


def test_a_gift_is_of_what_was_earned_and_can_be_taken_back_for_ten_minutes(
    han: Phone, ma: Phone, monday: time_machine.Coordinates
) -> None:
    earned(han, 60)
    with refused("earned_only"):
        does(han, lambda by: actions.give(by, ma.actor(by.session).me, 61))
    given = does(han, lambda by: actions.give(by, ma.actor(by.session).me, 45))
    assert (balance(han), balance(ma)) == ((15, 0), (45, 0))
    with refused("not_yours"):
        does(ma, actions.take_back_gift, (TimeTransfer, given.id))
    does(han, actions.take_back_gift, (TimeTransfer, given.id))
    assert (balance(han), balance(ma)) == ((60, 0), (0, 0))
    assert [one.state for one in sent(han.town, "given", "cancelled")] == ["cancelled"]
    again = does(han, lambda by: actions.give(by, None, 45))
    monday.shift(timedelta(minutes=16))
    with refused("too_late"):
        does(han, actions.take_back_gift, (TimeTransfer, again.id))
    assert sound(han.town)


def test_the_pool_grants_what_it_has_and_above_a_limit_two_people_say_so(han: Phone, ma: Phone) -> None:
    town = han.town

    def orders(minutes: int, once: str, kind: str = "grant") -> int:
        def unit(by: Actor) -> int:
            taker = _account(by.session, ma)
            wanted = actions.Wanted(kind, minutes, "一个人住,腿脚不便", taker=taker)
            return actions.order(by, wanted, once=once).id

        return staff_does(town, unit)

    assert orders(120, "a") == orders(120, "a")
    assert balance(ma) == (120, 0)
    large = orders(660, "b")
    assert balance(ma) == (120, 0)
    with refused("second_person"):
        staff_does(town, actions.decide, (TimeOrder, large), yes=True)
    staff_does(town, actions.decide, (TimeOrder, large), yes=True, login="li")
    assert balance(ma) == (780, 0)
    with refused("decided"):
        staff_does(town, actions.decide, (TimeOrder, large), yes=True, login="li")
    staff_does(town, actions.decide, (TimeOrder, orders(700, "c")), yes=False, login="li")
    assert balance(ma) == (780, 0)
    with refused("short"):
        staff_does(town, actions.decide, (TimeOrder, orders(6000, "d")), yes=True, login="li")
    assert sound(town)


# ---- help, priced in hours ---------------------------------------------------------------------------------


def test_help_is_set_aside_and_paid_when_both_have_said_that_it_was_done(ma: Phone, han: Phone) -> None:
    request = asked(ma, text="水龙头漏水")
    assert balance(ma) == (0, 120)
    hand = promised(han, request)
    assert (state(ma.town, request), len(sent(ma.town, "may_come"))) == ("matched", 1)
    does(han, actions.mark_done, hand)
    assert (balance(ma), balance(han)) == ((0, 120), (0, 0))
    does(ma, actions.confirm, request)
    assert (balance(ma), balance(han)) == ((-120, 0), (120, 0))
    assert (state(ma.town, request), len(sent(ma.town, "paid"))) == ("paid", 1)
    assert sound(ma.town)


def test_whoever_says_it_first(ma: Phone, han: Phone) -> None:
    request = asked(ma)
    hand = promised(han, request)
    does(ma, actions.confirm, request)
    assert (state(ma.town, request), len(sent(ma.town, "is_it_done"))) == ("matched", 1)
    does(han, actions.mark_done, hand)
    assert (state(ma.town, request), balance(han)) == ("paid", (120, 0))


def test_nobody_else_moves_it(ma: Phone, han: Phone, qi: Phone) -> None:
    request = asked(ma)
    with refused("own_request"):
        does(ma, actions.promise, request)
    hand = promised(han, request)
    with refused("taken"):
        does(qi, actions.promise, request)
    for action, row in ((actions.confirm, request), (actions.cancel, request), (actions.mark_done, hand)):
        with refused("not_yours"):
            does(qi, action, row)
    with refused("not_yours"):
        does(han, actions.confirm, request)
    with refused("staff_only"):
        does(ma, lambda by, row: actions.settle(by, row, 60, "我说了算"), request)
    stranger = ma.town.phone("陌生人")
    with refused("join_first"):
        does(stranger, actions.promise, request)


def test_the_credit_is_four_hours_with_what_is_set_aside_counted(ma: Phone) -> None:
    asked(ma, minutes=180)
    with refused("short"):
        asked(ma, minutes=75)
    asked(ma, minutes=60)
    with refused("short"):
        asked(ma, minutes=15)
    assert balance(ma) == (0, 240)
    assert sound(ma.town)


def test_taking_it_back_or_not_coming_gives_the_minutes_back(ma: Phone, han: Phone) -> None:
    request = asked(ma)
    hand = promised(han, request)
    does(han, actions.withdraw_hand, hand)
    assert (state(ma.town, request), balance(ma)) == ("asked", (0, 120))
    promised(han, request)
    does(ma, actions.cancel, request)
    assert (state(ma.town, request), balance(ma), len(sent(ma.town, "cancelled"))) == ("cancelled", (0, 0), 1)
    with refused("not_now"):
        does(ma, actions.confirm, request)
    assert sound(ma.town)


def test_group_work_pays_every_hand_from_one_account(ma: Phone, han: Phone, qi: Phone) -> None:
    request = asked(ma, "搬东西", 60, hands=3)
    assert balance(ma) == (0, 180)
    hands = [promised(one, request) for one in (han, qi)]
    does(ma, actions.enough, request)
    assert balance(ma) == (0, 120)
    for phone, hand in zip((han, qi), hands, strict=True):
        does(phone, actions.mark_done, hand)
    does(ma, actions.confirm, request)
    assert (balance(ma), balance(han), balance(qi)) == ((-120, 0), (60, 0), (60, 0))
    assert sound(ma.town)


def test_many_pay_one_in_one_transfer(ma: Phone, han: Phone, qi: Phone) -> None:
    def unit(by: Actor) -> int:
        payers = [_account(by.session, one) for one in (ma, han)]
        taker = _account(by.session, qi)
        return actions.pay_together(by, payers, taker, 60, category="辅导", once="class:1").id

    assert staff_does(ma.town, unit) == staff_does(ma.town, unit)
    assert (balance(ma), balance(han), balance(qi)) == ((-60, 0), (-60, 0), (120, 0))
    assert sound(ma.town)


def test_a_confirmation_can_be_taken_back_for_ten_minutes(
    ma: Phone, han: Phone, monday: time_machine.Coordinates
) -> None:
    request = asked(ma)
    does(han, actions.mark_done, promised(han, request))
    does(ma, actions.confirm, request)
    does(ma, actions.take_back_confirmation, request)
    assert (state(ma.town, request), balance(ma), balance(han)) == ("done", (0, 120), (0, 0))
    does(ma, actions.confirm, request)
    monday.shift(timedelta(minutes=16))
    with refused("too_late"):
        does(ma, actions.take_back_confirmation, request)
    assert balance(han) == (120, 0)
    assert sound(ma.town)


def test_a_dispute_waits_for_the_desk_which_may_pay_a_part(ma: Phone, han: Phone) -> None:
    request = asked(ma)
    does(han, actions.mark_done, promised(han, request))
    does(ma, actions.dispute, request, "只修了一半")
    assert (state(ma.town, request), balance(ma)) == ("disputed", (0, 120))
    with refused("more_than_agreed"):
        staff_does(ma.town, actions.settle, request, 121, "两边都问过了")
    staff_does(ma.town, actions.settle, request, 60, "两边都问过了,付一半")
    assert (balance(ma), balance(han)) == ((-60, 0), (60, 0))
    other = asked(ma, minutes=60)
    does(han, actions.mark_done, promised(han, other))
    does(ma, actions.dispute, other, "没有来过")
    staff_does(ma.town, actions.settle, other, 0, "问过了,没有去")
    assert (balance(ma), balance(han)) == ((-60, 0), (60, 0))
    assert sound(ma.town)


def test_after_72_hours_without_a_word_a_reminder_and_never_a_yes_by_machine(
    ma: Phone, han: Phone, monday: time_machine.Coordinates
) -> None:
    def runs(job: Any) -> str:
        return ma.town.writing(lambda s: str(job(Actor(s, channel="job"))))

    request = asked(ma)
    lonely = asked(ma, "读报", 60)
    does(han, actions.mark_done, promised(han, request))
    monday.shift(timedelta(hours=71))
    assert runs(remind_askers) == "0 reminded, 0 for the desk"
    monday.shift(timedelta(hours=2))
    assert runs(remind_askers) == "1 reminded, 1 for the desk"
    assert runs(remind_askers) == "0 reminded, 1 for the desk"
    assert state(ma.town, request) == "done"
    assert runs(expire_requests) == "0 expired"
    monday.shift(timedelta(days=14))
    assert runs(expire_requests) == "1 expired"
    assert (state(ma.town, lonely), balance(ma)) == ("expired", (0, 120))
    staff_does(ma.town, actions.confirm, request)
    assert balance(han) == (120, 0)
    assert sound(ma.town)


def test_b29_nobody_collects_doors_by_saying_yes(ma: Phone, han: Phone, qi: Phone) -> None:
    """B29: each promise shows a name and a door, so there are not many in a week, given back or not."""
    request = asked(ma)
    for _ in range(12):
        does(han, actions.withdraw_hand, promised(han, request))
    with refused("too_many_lately"):
        does(han, actions.promise, request)
    does(qi, actions.promise, request)


def test_those_who_offer_it_hear_of_a_request_and_nobody_else(ma: Phone, han: Phone, qi: Phone) -> None:
    does(han, actions.offer, "小修", text="会修水管")
    does(han, actions.offer, "小修", text="会修水管和灯")
    does(ma, actions.offer, "小修")
    does(qi, actions.offer, "理发")
    asked(ma)
    told = sent(ma.town, "wanted")
    with ma.town.reading() as session:
        assert [one.person_id for one in told] == [han.person(session).id]


# ---- the desk ----------------------------------------------------------------------------------------------


def test_a_stamp_is_entered_once_and_the_second_try_says_who_and_when(ma: Phone, han: Phone) -> None:
    town = ma.town
    stamp = staff_does(town, actions.enter_stamp, ma, "XF-0123", 60, category="志愿服务")
    with pytest.raises(Exception, match="stamp_used") as why:
        staff_does(town, actions.enter_stamp, han, "ｘｆ-0123", 60, category="志愿服务", login="li")
    assert (why.value.facts["who"], why.value.facts["at"]) == ("王干事", clock.now())
    staff_does(town, actions.reverse, (TimeTransfer, stamp.transfer_id), "录错了人")
    staff_does(town, actions.enter_stamp, han, "XF-0123", 60, category="志愿服务")
    assert (balance(ma), balance(han)) == ((0, 0), (60, 0))
    assert sound(town)


def test_the_worth_of_an_hour_is_fixed_by_the_first_posting(han: Phone) -> None:
    town, said = han.town, {"credit": 120, "most": None, "two_above": 600}
    staff_does(town, actions.change_terms, minutes_per_point=30, **said)
    earned(han, 60)
    with refused("rate_is_fixed"):
        staff_does(town, actions.change_terms, minutes_per_point=60, **said)
    staff_does(town, actions.change_terms, minutes_per_point=30, **(said | {"credit": 60}))
    newcomer = registered(town, "冶生兰", "13900000004")
    with refused("short"):
        asked(newcomer, minutes=75)
    asked(newcomer, minutes=60)


def test_teams_and_partners_have_accounts_with_limits_of_their_own(ma: Phone, han: Phone) -> None:
    town = ma.town
    team = staff_does(town, actions.open_named, "team", "阿娘巡逻队", lowest=-60)
    assert staff_does(town, actions.open_named, "team", "阿娘巡逻队").id == team.id
    request = staff_does(town, actions.ask_for_account, (TimeAccount, team.id), "搬东西", 60, clock.today())
    with refused("short"):
        staff_does(town, actions.ask_for_account, (TimeAccount, team.id), "搬东西", 15, clock.today())
    does(han, actions.mark_done, promised(han, (Exchange, request.id)))
    staff_does(town, actions.confirm, (Exchange, request.id))
    assert balance(han) == (60, 0)
    with town.reading() as session:
        assert session.get_one(TimeAccount, team.id).balance == -60
        assert house_account(session, "issue").balance == 0
    assert sound(town)
