"""What may become of a record: who says yes, who may object and until when, what is posted, and how it is corrected."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.cli import check_invariants
from handlers.activities import actions as activities
from handlers.hours import actions
from handlers.hours.jobs import ask_leaders
from handlers.ledger import actions as ledger
from handlers.people import actions as people
from models.activities import Activity, ActivitySession
from models.hours import HoursTerms, ServiceHours
from models.identity import Actor
from models.ledger import TimeAccount, TimeTransfer, open_account
from models.outbox import OutboxRow
from models.refusal import Refusal
from models.staff_wechat import StaffWeChat
from tests.activities.plans import a_session, house, on_file
from tests.hours.shifts import (
    IN_THE_WINDOW,
    SHIFT_OVER,
    WINDOW_OVER,
    a_shift,
    balance,
    close,
    desk,
    does,
    posts,
    records,
    row_of,
    scan,
    the_record,
    was_there,
)
from tests.neighbours import Phone, Town, frozen


def confirmed(town: Town, phone: Phone, **how: Any) -> int:
    number = a_shift(town, phone, **how)
    with frozen(SHIFT_OVER):
        assert does(town, actions.confirm, phone) == "confirmed"
    return number


def told(town: Town) -> list[str]:
    with town.reading() as session:
        rows = session.scalars(select(OutboxRow.kind).order_by(OutboxRow.id))
        return [kind for kind in rows if kind.startswith("hours.")]


# ---- confirming ----------------------------------------------------------------------------------------------------


def test_what_is_confirmed_is_posted_after_72_hours_once_and_not_before(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    confirmed(sqlite_town, phone)
    assert told(sqlite_town) == ["hours.confirmed"]
    with frozen("2026-11-26 11:39"):
        assert posts(sqlite_town) == "0 posted, 0 held back"
        assert balance(sqlite_town, phone) == 0
    with frozen("2026-11-26 11:41"):
        assert posts(sqlite_town) == "1 posted, 0 held back"
        assert posts(sqlite_town) == "0 posted, 0 held back"
        assert balance(sqlite_town, phone) == 120
        assert the_record(sqlite_town, phone)["state"] == "posted"
        assert check_invariants(sqlite_town.site) == []


def test_b28_nobody_confirms_their_own_hours(sqlite_town: Town) -> None:
    leader, helper, stranger = (sqlite_town.phone(name) for name in ("张河长", "马秀兰", "路人"))
    a_shift(sqlite_town, leader, helper, leader=leader)
    with frozen(SHIFT_OVER):
        assert does(sqlite_town, actions.confirm, leader, by=leader) == "hours.own"
        assert does(sqlite_town, actions.confirm, helper, by=stranger) == "hours.not_yours"
        assert does(sqlite_town, actions.confirm, helper, by=helper) == "hours.not_yours"
        assert does(sqlite_town, actions.confirm, helper, by=leader) == "confirmed"
        assert does(sqlite_town, actions.confirm, leader) == "confirmed", "the staff do it for the leader"


def test_b28_a_member_of_staff_whose_wechat_it_is_does_not_confirm_their_own(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    a_shift(sqlite_town, phone)

    def bind(session: Session) -> None:
        staff, identity = desk(session).staff, phone.identity(session)
        assert staff is not None
        assert identity is not None
        session.add(StaffWeChat(staff_id=staff.id, identity_id=identity.id))

    with frozen(SHIFT_OVER):
        sqlite_town.writing(bind)
        assert does(sqlite_town, actions.confirm, phone) == "hours.own"
        assert (
            does(sqlite_town, actions.confirm, phone, by=lambda session: desk(session, "li")) == "confirmed"
        )


@pytest.mark.parametrize(
    ("minutes", "reason", "ends"),
    [
        (90, "路上花了半小时", "confirmed"),
        (150, "提前来布置场地", "confirmed"),
        (90, "", "hours.reason_needed"),
        (151, "多做了一会儿", "hours.too_many"),
        (0, "没有来过的", "hours.too_many"),
        (-30, "写错的数", "hours.too_many"),
    ],
)
def test_b28_other_minutes_need_a_reason_and_stay_within_the_cap(
    sqlite_town: Town, minutes: int, reason: str, ends: str
) -> None:
    phone = sqlite_town.phone("马秀兰")
    a_shift(sqlite_town, phone)
    with frozen(SHIFT_OVER):
        assert does(sqlite_town, actions.confirm, phone, minutes, reason) == ends
        assert check_invariants(sqlite_town.site) == []


def test_a_batch_leaves_out_what_is_doubtful(sqlite_town: Town) -> None:
    plain, forgot = sqlite_town.phone("马秀兰"), sqlite_town.phone("韩世杰")
    with frozen(SHIFT_OVER):
        number = a_session(sqlite_town)
        was_there(sqlite_town, plain, number)
        scan(sqlite_town, forgot, number, "in", "2026-11-23 09:00")
        close(sqlite_town, number)
        sqlite_town.writing(_without_flag("by_leader"))
        count = sqlite_town.writing(
            lambda session: actions.confirm_session(desk(session), session.get_one(ActivitySession, number))
        )
        assert count == 1
        assert the_record(sqlite_town, plain)["state"] == "confirmed"
        assert the_record(sqlite_town, forgot)["state"] == "provisional"
        assert "auto_out" in the_record(sqlite_town, forgot)["flags"]


def _without_flag(flag: str) -> Any:
    """As if they had scanned the turning code themselves."""

    def unit(session: Session) -> None:
        for row in session.scalars(select(ServiceHours)):
            row.flags = [one for one in row.flags if one != flag]

    return unit


def test_nothing_is_confirmed_while_the_session_is_on(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    with frozen("2026-11-23 10:30"):
        number = a_session(sqlite_town)
        was_there(sqlite_town, phone, number, left="2026-11-23 10:20")
        assert does(sqlite_town, actions.confirm, phone) == "hours.not_over"


# ---- caps ------------------------------------------------------------------------------------------------------------


def test_b28_too_much_on_one_day_is_left_to_the_staff(sqlite_town: Town) -> None:
    leader, phone = sqlite_town.phone("张河长"), sqlite_town.phone("马秀兰")
    with frozen("2026-11-23 18:40"):
        sqlite_town.writing(lambda session: session.add(HoursTerms(id=1, most_a_day=180, served_days=3)))
        for starts, ends in (("09:00", "11:00"), ("14:00", "16:00")):
            number = a_session(sqlite_town, starts=f"2026-11-23 {starts}", leader=leader)
            was_there(sqlite_town, phone, number, f"2026-11-23 {starts}", f"2026-11-23 {ends}")
            close(sqlite_town, number)
        first, second = records(sqlite_town, phone)
        assert ("day" in first["flags"], "day" in second["flags"]) == (False, True)

        def unit(session: Session) -> None:
            row = session.get_one(ServiceHours, second["id"])
            with pytest.raises(Refusal, match=r"hours\.staff_looks"):
                actions.confirm(leader.actor(session), row)
            assert actions.confirm(desk(session), row).state == "confirmed"

        sqlite_town.writing(unit)


# ---- who was served --------------------------------------------------------------------------------------------------


def served_by(town: Town, helper: Phone, served: Phone) -> None:
    a_shift(town, helper)
    with frozen(SHIFT_OVER):
        on_file(town, served, "冶生兰", "13900000009")

        def unit(session: Session) -> None:
            actions.name_served(desk(session), row_of(session, helper), served.actor(session).me)

        town.writing(unit)


def test_the_time_to_object_runs_only_when_both_have_said_yes(sqlite_town: Town) -> None:
    helper, served, other = (sqlite_town.phone(name) for name in ("马秀兰", "冶生兰", "路人"))
    served_by(sqlite_town, helper, served)
    with frozen(SHIFT_OVER):
        assert does(sqlite_town, actions.confirm, helper) == "provisional"
        assert told(sqlite_town) == ["hours.ask_served"]
    with frozen(WINDOW_OVER):
        assert posts(sqlite_town) == "0 posted, 0 held back"
        assert does(sqlite_town, actions.served_says_yes, helper, by=other) == "hours.not_yours"
        assert does(sqlite_town, actions.served_says_yes, helper, by=helper) == "hours.not_yours"
        assert does(sqlite_town, actions.served_says_yes, helper, by=served) == "confirmed"
        assert posts(sqlite_town) == "0 posted, 0 held back", "the window begins now"
    with frozen("2026-11-30 09:01"):
        assert posts(sqlite_town) == "1 posted, 0 held back"
        assert check_invariants(sqlite_town.site) == []


def test_who_was_served_says_no_and_the_staff_decide(sqlite_town: Town) -> None:
    helper, served = sqlite_town.phone("马秀兰"), sqlite_town.phone("冶生兰")
    served_by(sqlite_town, helper, served)
    with frozen(SHIFT_OVER):
        does(sqlite_town, actions.confirm, helper)
        assert does(sqlite_town, actions.served_says_no, helper, "只来了一个小时", by=served) == "disputed"
        assert does(sqlite_town, actions.settle, helper, 60, "两边都问过了") == "confirmed"
        assert posts(sqlite_town) == "1 posted, 0 held back"
        assert balance(sqlite_town, helper) == 60
        assert check_invariants(sqlite_town.site) == []


def test_b28_nobody_serves_themselves(sqlite_town: Town) -> None:
    helper = sqlite_town.phone("马秀兰")
    a_shift(sqlite_town, helper)

    def unit(session: Session) -> None:
        with pytest.raises(Refusal, match=r"hours\.served_self"):
            actions.name_served(desk(session), row_of(session, helper), helper.actor(session).me)

    with frozen(SHIFT_OVER):
        sqlite_town.writing(unit)


# ---- objecting -------------------------------------------------------------------------------------------------------


def test_who_objects_within_72_hours_is_not_posted_before_the_staff_decide(sqlite_town: Town) -> None:
    phone, other = sqlite_town.phone("马秀兰"), sqlite_town.phone("路人")
    confirmed(sqlite_town, phone)
    with frozen(IN_THE_WINDOW):
        assert does(sqlite_town, actions.object_to, phone, "我做了两个半小时", by=other) == "hours.not_yours"
        assert does(sqlite_town, actions.object_to, phone, "不对", by=phone) == "hours.reason_needed"
        assert does(sqlite_town, actions.object_to, phone, "我做了两个半小时", by=phone) == "disputed"
    with frozen(WINDOW_OVER):
        assert posts(sqlite_town) == "0 posted, 0 held back"
        assert does(sqlite_town, actions.settle, phone, 150, "负责人说是的") == "confirmed"
        assert posts(sqlite_town) == "1 posted, 0 held back"
        assert balance(sqlite_town, phone) == 150
        assert "hours.decided" in told(sqlite_town)


def test_after_the_window_nobody_objects_here_any_more(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    confirmed(sqlite_town, phone)
    with frozen(WINDOW_OVER):
        assert does(sqlite_town, actions.object_to, phone, "我做了两个半小时", by=phone) == "hours.too_late"
        posts(sqlite_town)
        assert (
            does(sqlite_town, actions.object_to, phone, "我做了两个半小时", by=phone)
            == "hours.posted_already"
        )


def test_an_objection_may_be_taken_back_and_the_coordinator_is_asked_again(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    confirmed(sqlite_town, phone)
    with frozen(IN_THE_WINDOW):
        does(sqlite_town, actions.object_to, phone, "我做了两个半小时", by=phone)
        assert does(sqlite_town, actions.take_back_objection, phone, by=phone) == "provisional"
        assert does(sqlite_town, actions.confirm, phone) == "confirmed"


def test_who_was_there_and_is_not_written_down_says_so(sqlite_town: Town) -> None:
    phone, stranger = sqlite_town.phone("马秀兰"), sqlite_town.phone("路人")
    with frozen("2026-11-23 08:00"):
        number = a_session(sqlite_town)
        sqlite_town.writing(lambda session: _joins(phone.actor(session), number))
    with frozen(SHIFT_OVER):
        close(sqlite_town, number)

        def claim(who: Phone) -> Any:
            def unit(session: Session) -> str:
                held = session.get_one(ActivitySession, number)
                return actions.claim_absent(who.actor(session), held, "我来了,手机没电").state

            return unit

        with pytest.raises(Refusal, match=r"hours\.not_joined"):
            sqlite_town.writing(claim(stranger))
        assert sqlite_town.writing(claim(phone)) == "disputed"
        with pytest.raises(Refusal, match=r"hours\.is_recorded"):
            sqlite_town.writing(claim(phone))
        assert does(sqlite_town, actions.settle, phone, 120, "负责人认得她") == "confirmed"
        assert posts(sqlite_town) == "1 posted, 0 held back"


def _joins(by: Actor, number: int) -> None:
    activities.sign_up(by, by.session.get_one(ActivitySession, number))


def test_what_is_void_is_void_and_told(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    confirmed(sqlite_town, phone)
    with frozen(IN_THE_WINDOW):
        assert does(sqlite_town, actions.void, phone, "不是志愿服务") == "void"
        assert "hours.void" in told(sqlite_town)
    with frozen(WINDOW_OVER):
        assert posts(sqlite_town) == "0 posted, 0 held back"


# ---- scans that come later -------------------------------------------------------------------------------------------


def test_a_late_scan_after_the_yes_asks_again_and_the_leader_is_told(sqlite_town: Town) -> None:
    leader, phone = sqlite_town.phone("张河长"), sqlite_town.phone("马秀兰")
    with frozen(SHIFT_OVER):
        number = a_session(sqlite_town, leader=leader)
        was_there(sqlite_town, phone, number, came="2026-11-23 09:30")
        close(sqlite_town, number)
        assert does(sqlite_town, actions.confirm, phone, by=leader) == "confirmed"
        scan(sqlite_town, phone, number, "in", "2026-11-23 09:00")
        row = the_record(sqlite_town, phone)
        assert (row["state"], row["minutes"]) == ("provisional", 120)
        assert "changed" in row["flags"]
        assert told(sqlite_town)[-1] == "hours.again"
        assert does(sqlite_town, actions.confirm, phone, by=leader) == "confirmed"
        assert "changed" not in the_record(sqlite_town, phone)["flags"]


def test_a_late_scan_after_the_posting_is_put_right_by_the_staff_alone(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    with frozen(SHIFT_OVER):
        number = a_session(sqlite_town)
        was_there(sqlite_town, phone, number, came="2026-11-23 09:30")
        close(sqlite_town, number)
        does(sqlite_town, actions.confirm, phone)
    with frozen(WINDOW_OVER):
        posts(sqlite_town)
        scan(sqlite_town, phone, number, "in", "2026-11-23 09:00")
        row = the_record(sqlite_town, phone)
        assert (row["state"], row["minutes"], row["counted"]) == ("posted", 90, 120)
        assert balance(sqlite_town, phone) == 90, "never silently"
        assert does(sqlite_town, actions.correct, phone, 120, "晚到的签到记录") == "posted"
        assert balance(sqlite_town, phone) == 120
        assert does(sqlite_town, actions.correct, phone, 120, "晚到的签到记录") == "hours.nothing_to_correct"
        with sqlite_town.reading() as session:
            kinds = session.scalars(select(TimeTransfer.kind).order_by(TimeTransfer.id)).all()
        assert kinds == ["post", "reversal", "post"], "both lines stay"
        assert check_invariants(sqlite_town.site) == []


def test_what_was_posted_is_taken_back_whole_and_not_behind_the_records_back(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    confirmed(sqlite_town, phone)
    with frozen(WINDOW_OVER):
        posts(sqlite_town)

        def behind(session: Session) -> None:
            transfer = row_of(session, phone).transfer
            assert transfer is not None
            ledger.reverse(desk(session), transfer, "账上直接改")

        with pytest.raises(Refusal, match=r"ledger\.of_hours"):
            sqlite_town.writing(behind)
        assert does(sqlite_town, actions.correct, phone, 0, "查实没有来过") == "void"
        assert balance(sqlite_town, phone) == 0
        assert check_invariants(sqlite_town.site) == []


# ---- what the time bank would not take -------------------------------------------------------------------------------


def test_a_full_account_holds_it_back_until_there_is_room(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    confirmed(sqlite_town, phone)

    def most(value: int | None) -> None:
        def unit(session: Session) -> None:
            open_account(session, phone.person(session))
            session.execute(update(TimeAccount).where(TimeAccount.kind == "person").values(most=value))

        sqlite_town.writing(unit)

    with frozen(WINDOW_OVER):
        most(60)
        assert posts(sqlite_town) == "0 posted, 1 held back"
        assert the_record(sqlite_town, phone)["held_back"] == "too_much"
        most(None)
        assert posts(sqlite_town) == "1 posted, 0 held back"
        assert the_record(sqlite_town, phone)["held_back"] is None
        assert check_invariants(sqlite_town.site) == []


def test_a_consent_taken_back_holds_it_back(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    confirmed(sqlite_town, phone)

    def unit(session: Session) -> None:
        by = phone.actor(session)
        people.agree_by_doing(by, "volunteer")
        people.withdraw_consent(by, "volunteer")

    with frozen(WINDOW_OVER):
        sqlite_town.writing(unit)
        assert posts(sqlite_town) == "0 posted, 1 held back"
        assert the_record(sqlite_town, phone)["held_back"] == "no_consent"


def test_who_is_erased_is_posted_nothing(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    confirmed(sqlite_town, phone)
    with frozen(IN_THE_WINDOW):
        sqlite_town.writing(lambda session: people.erase(phone.actor(session), phone.person(session)))
    with frozen(WINDOW_OVER):
        assert posts(sqlite_town) == "0 posted, 0 held back"
        with sqlite_town.reading() as session:
            row = session.scalars(select(ServiceHours)).one()
            assert (row.state, row.person_id, row.held_back) == ("void", None, "erased")
        assert check_invariants(sqlite_town.site) == []


def test_leaders_are_asked_once_for_their_yes(sqlite_town: Town) -> None:
    leader, phone = sqlite_town.phone("张河长"), sqlite_town.phone("马秀兰")
    a_shift(sqlite_town, leader, phone, leader=leader)
    with frozen(SHIFT_OVER):
        assert sqlite_town.writing(lambda session: ask_leaders(house(session))) == "1 leaders asked"
        assert sqlite_town.writing(lambda session: ask_leaders(house(session))) == "0 leaders asked"
        with sqlite_town.reading() as session:
            row = session.scalars(select(OutboxRow)).one()
            assert (row.kind, row.facts["count"]) == ("hours.to_confirm", 1), "their own is for the staff"
            assert session.scalars(select(Activity)).one().leader_id == row.person_id
