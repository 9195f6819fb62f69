"""By exception and once a month: odd entries are looked at, a month that is over is closed and stays as it was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from handlers.ledger import actions
from handlers.people import actions as people
from models.ledger import TimeTransfer, account_of
from models.ledger_debts import TimeDebt, forget_debts
from models.ledger_months import TimeMonth, is_same, months_stay, months_to_close
from models.ledger_odd import odd_entries
from tests.ledger.conftest import (
    asked,
    balance,
    does,
    earned,
    promised,
    refused,
    registered,
    sound,
    staff_does,
)
from tests.neighbours import Phone, Town
from tests.staff.clerks import Clerk, clerk


@pytest.fixture
def wang(sqlite_town: Town, monday: Any) -> Clerk:
    return clerk(sqlite_town, "desk", login="wang")


def helped(asker: Phone, helper: Phone, minutes: int = 60, *, takes: timedelta = timedelta(hours=1)) -> None:
    """From the asking to the hours; the clock stands still but for what it takes."""
    request = asked(asker, minutes=minutes)
    hand = promised(helper, request)
    with time_machine.travel(clock.now() + takes, tick=False):
        does(helper, actions.mark_done, hand)
        does(asker, actions.confirm, request)


def odd(town: Town) -> list[tuple[str, ...]]:
    with town.reading() as session:
        return [one.why for one in odd_entries(session)]


def test_only_what_is_odd_is_looked_at(ma: Phone, han: Phone, monday: time_machine.Coordinates) -> None:
    earned(ma, 600)
    helped(ma, han)
    assert odd(ma.town) == []
    helped(ma, han, 300)
    helped(ma, han, 30, takes=timedelta(minutes=3))
    monday.shift(timedelta(days=40))
    helped(ma, han, 30, takes=timedelta(days=9))
    monday.shift(timedelta(days=10))
    assert odd(ma.town) == [("late",), ("quick",), ("long",)]


def test_the_same_two_too_often(ma: Phone, han: Phone, qi: Phone) -> None:
    earned(ma, 600)
    for _ in range(3):
        helped(ma, han, 30)
    helped(ma, qi, 30)
    assert odd(ma.town) == []
    helped(ma, han, 30)
    assert odd(ma.town) == [("often",)] * 4


def test_the_desk_says_fine_or_reverses_and_it_is_not_shown_again(wang: Clerk, ma: Phone, han: Phone) -> None:
    earned(ma, 600)
    for _ in range(2):
        helped(ma, han, 270)
    told = wang.opens("/console/time/odd").text
    assert told.count("一次超过4小时") == 2
    with wang.town.reading() as session:
        wrong, fine = [one.transfer.id for one in odd_entries(session)]
    wang.sends(f"/console/time/odd/{fine}/fine")
    wang.sends(f"/console/time/odd/{wrong}/wrong", reason="问过了,没有做")
    assert "没有不寻常的" in wang.opens("/console/time/odd").text
    assert balance(han) == (270, 0)
    assert sound(wang.town)


def test_a_month_that_is_over_is_closed_once_and_counted_again_the_same(
    wang: Clerk, ma: Phone, han: Phone, monday: time_machine.Coordinates
) -> None:
    town, november = wang.town, date(2026, 11, 1)
    first = earned(ma, 120)
    helped(ma, han)
    with refused("month_not_over"):
        staff_does(town, actions.close_month, november)
    monday.shift(timedelta(days=9))
    wang.signs_in()
    assert "结2026年11月" in wang.opens("/console/time/months").text
    wang.sends("/console/time/months/close", month="2026-11")
    wang.sends("/console/time/months/close", month="2026-11")
    with town.reading() as session:
        row = session.scalars(select(TimeMonth)).one()
        number, digest = row.id, row.digest
        assert row.figures["stood"] == {"issue": -120, "person": 120}
        assert row.figures["moved"] == [["exchange", "小修", 1, 60], ["post", "志愿服务", 1, 120]]
    staff_does(town, actions.reverse, (TimeTransfer, first), "记错了人")
    with town.reading() as session:
        assert is_same(session, session.get_one(TimeMonth, number))
        assert months_stay(session) == []
        assert months_to_close(session) == []
    told = wang.opens(f"/console/time/months/{number}").text
    assert "重算过,一样" in told
    assert "马秀兰" not in told
    assert digest in told


def test_months_are_closed_in_their_order(wang: Clerk, han: Phone, monday: time_machine.Coordinates) -> None:
    earned(han, 60)
    monday.shift(timedelta(days=70))
    with refused("earlier_month"):
        staff_does(wang.town, actions.close_month, date(2026, 12, 1))
    staff_does(wang.town, actions.close_month, date(2026, 11, 1))
    staff_does(wang.town, actions.close_month, date(2026, 12, 1))
    with refused("month_not_over"):
        staff_does(wang.town, actions.close_month, date(2020, 1, 1))


def test_a_month_that_somebody_with_the_file_has_changed_is_seen(
    wang: Clerk, han: Phone, monday: time_machine.Coordinates
) -> None:
    earned(han, 60)
    monday.shift(timedelta(days=9))
    wang.signs_in()
    number = staff_does(wang.town, actions.close_month, date(2026, 11, 1)).id

    def tampers(session: Any) -> None:
        row = session.get_one(TimeMonth, number)
        row.figures = row.figures | {"stood": {"person": 0}}

    wang.town.writing(tampers)
    with wang.town.reading() as session:
        assert months_stay(session) == ["month 2026-11 counts otherwise now"]
    assert "重算不一样" in wang.opens(f"/console/time/months/{number}").text


# ---- who leaves in debt and comes again ----------------------------------------------------------------------


def credit(phone: Phone) -> int:
    with phone.town.reading() as session:
        account = account_of(session, phone.actor(session).me)
        return -(account.lowest or 0) if account else -1


def leaves(phone: Phone) -> None:
    phone.town.writing(lambda s: people.erase(phone.actor(s), phone.actor(s).me))


def test_who_left_in_debt_begins_with_less_credit_for_a_year(
    ma: Phone, han: Phone, monday: time_machine.Coordinates
) -> None:
    helped(ma, han, 180)
    assert balance(ma) == (-180, 0)
    leaves(ma)
    again = registered(ma.town, "马秀兰", "13911112222")
    with refused("short"):
        asked(again, minutes=75)
    asked(again, minutes=60)
    assert credit(again) == 60
    with ma.town.reading() as session:
        rows = session.scalars(select(TimeDebt)).all()
        assert [one.minutes for one in rows] == [180]
        assert all(len(one.mark) == 64 for one in rows)
    monday.shift(timedelta(days=366))
    assert ma.town.writing(forget_debts) == 1
    assert sound(ma.town)


def test_who_left_with_hours_comes_back_as_anybody(han: Phone) -> None:
    earned(han, 60)
    leaves(han)
    again = registered(han.town, "韩世杰", "13900000002")
    asked(again, minutes=240)
    assert credit(again) == 240
