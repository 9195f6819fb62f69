"""The waiting list: in which order, for how long a seat is kept, and that nothing of it is counted twice."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import actions, seats, sweeping, waiting
from handlers.appointments.planning import change_service, close_day
from handlers.appointments.wished import wished_of
from models.appointments import Appointment, Contact
from models.identity import Helped
from models.plans import Service
from models.slots import Slot
from models.waiting import SlotWait
from models.waiting_offers import claim_until, offers_end, one_offer_each
from tests.appointments.desk import (
    KNOWN,
    TUESDAY,
    WEDNESDAY,
    clerk,
    fill,
    house,
    messages,
    opened,
    refusal,
    slot_at,
    sound,
)
from tests.neighbours import Town, frozen

ONE_HOUR = {1: [(time(9), time(10))]}
HELPED = Helped("马奶奶", "13900005678", "女儿")


def waits(town: Town, name: str, wish: str = "2026-11-24", helped: Helped | None = None) -> int:
    def unit(session: Session) -> int:
        by = town.phone(name).actor(session)
        by = by.helping(helped) if helped else by
        service = session.scalars(select(Service)).one()
        wished = wished_of(session, service, wish)
        assert wished is not None
        contact = Contact(name, "13900001234", "5号楼301")
        return waiting.wait(by, service, wished, contact=contact).id

    return town.writing(unit)


def frees(town: Town, moment: str = "09:00", most: int = 1) -> None:
    """Whoever sits there gives the place back."""

    def unit(session: Session) -> None:
        slot = slot_at(session, TUESDAY, moment)
        held = select(Appointment).where(Appointment.slot_id == slot.id, Appointment.state == "confirmed")
        for one in session.scalars(held.limit(most)):
            actions.cancel(clerk(session), one)

    town.writing(unit)


def state(town: Town, number: int) -> str:
    with town.reading() as session:
        return session.get_one(SlotWait, number).state


def answers(town: Town, name: str, number: int, how: str = "take") -> Any:
    def unit(session: Session) -> Any:
        return getattr(waiting, how)(town.phone(name).actor(session), session.get_one(SlotWait, number))

    return town.writing(unit)


def swept(town: Town) -> bool:
    def unit(session: Session) -> None:
        sweeping.end_offers(house(session))
        sweeping.hand_out(house(session))
        sweeping.end_waits(house(session))

    town.writing(unit)
    with town.reading() as session:
        assert [*offers_end(session), *one_offer_each(session)] == []
    return sound(town)


@pytest.fixture
def full(sqlite_town: Town, monday: Any) -> Town:
    """Tuesday 9:00 and 9:30, both taken."""
    opened(sqlite_town, ONE_HOUR, horizon_days=6)
    fill(sqlite_town, TUESDAY, "09:00", "09:30")
    return sqlite_town


# ---- the order --------------------------------------------------------------------------------------------------------


def test_a_freed_seat_is_kept_for_the_first_whom_it_fits(full: Town) -> None:
    other_time = waits(full, "韩素梅", "2026-11-24T09:30")
    first, second = waits(full, "马秀兰"), waits(full, "才让卓玛")
    frees(full, "09:00")
    assert [state(full, one) for one in (other_time, first, second)] == ["waiting", "offered", "waiting"]
    (told,) = messages(full, "seat_offered")
    assert told.facts["starts"] == clock.at(TUESDAY, time(9)).isoformat()
    assert told.useful_until == clock.at(clock.today(), time(10, 30))
    assert swept(full)


def test_nobody_else_can_book_a_seat_that_is_kept(full: Town) -> None:
    waits(full, "马秀兰")
    frees(full)

    def book(session: Session) -> None:
        actions.book(full.phone("才让卓玛").actor(session), slot_at(session, TUESDAY, "09:00"), contact=KNOWN)

    with refusal("slot_full"):
        full.writing(book)


def test_a_kept_seat_becomes_an_appointment_for_whom_it_was_asked(full: Town) -> None:
    number = waits(full, "马秀兰", helped=HELPED)
    frees(full)
    made = answers(full, "马秀兰", number)
    with full.reading() as session:
        kept = session.get_one(Appointment, made.id)
        assert (kept.helped_name, kept.state, kept.slot.taken) == ("马奶奶", "confirmed", 1)
        assert session.get_one(SlotWait, number).appointment_id == made.id
    assert swept(full)


def test_who_gives_a_claimed_seat_back_does_not_queue_again(full: Town) -> None:
    first, second = waits(full, "马秀兰"), waits(full, "才让卓玛")
    frees(full)
    made = answers(full, "马秀兰", first)
    full.writing(lambda s: actions.cancel(full.phone("马秀兰").actor(s), s.get_one(Appointment, made.id)))
    assert (state(full, first), state(full, second)) == ("taken", "offered")


def test_who_lets_a_time_pass_keeps_the_place_for_another_one(full: Town) -> None:
    first, second = waits(full, "马秀兰", "any"), waits(full, "才让卓玛")
    frees(full)
    answers(full, "马秀兰", first, "let_pass")
    assert (state(full, first), state(full, second)) == ("waiting", "offered")
    frees(full, "09:30")
    assert state(full, first) == "offered"
    assert swept(full)


def test_who_waits_for_one_time_only_and_lets_it_pass_is_out(full: Town) -> None:
    first = waits(full, "马秀兰", "2026-11-24T09:00")
    frees(full)
    answers(full, "马秀兰", first, "let_pass")
    assert state(full, first) == "left"


def test_what_somebody_has_just_given_back_is_not_offered_to_them_again(full: Town) -> None:
    first, second = waits(full, "马秀兰", "any"), waits(full, "才让卓玛")
    frees(full)
    made = answers(full, "马秀兰", first)
    again = waits(full, "马秀兰", "any")
    full.writing(lambda s: waiting.move_to_front(clerk(s), s.get_one(SlotWait, again), "urgent"))
    full.writing(lambda s: actions.cancel(full.phone("马秀兰").actor(s), s.get_one(Appointment, made.id)))
    assert (state(full, again), state(full, second)) == ("waiting", "offered")


def test_leaving_with_a_kept_seat_gives_it_to_the_next(full: Town) -> None:
    first, second = waits(full, "马秀兰"), waits(full, "才让卓玛")
    frees(full)
    answers(full, "马秀兰", first, "leave")
    assert (state(full, first), state(full, second)) == ("left", "offered")


def test_who_is_elsewhere_or_has_enough_is_passed_over_and_keeps_the_place(full: Town) -> None:
    opened(full, ONE_HOUR, name="理发")
    first = waits_of_the_first_service(full, "马秀兰")
    second = waits_of_the_first_service(full, "才让卓玛")
    full.writing(
        lambda s: actions.book(
            full.phone("马秀兰").actor(s), slot_at(s, TUESDAY, "09:00", "理发"), contact=KNOWN
        )
    )
    frees(full)
    assert (state(full, first), state(full, second)) == ("waiting", "offered")


def waits_of_the_first_service(town: Town, name: str) -> int:
    def unit(session: Session) -> int:
        service = session.scalars(select(Service).where(Service.name == "老年证")).one()
        wished = wished_of(session, service, "2026-11-24")
        assert wished is not None
        contact = Contact(name, "13900001234")
        return waiting.wait(town.phone(name).actor(session), service, wished, contact=contact).id

    return town.writing(unit)


def test_more_seats_and_new_times_go_to_those_who_wait_first(full: Town) -> None:
    first = waits(full, "马秀兰")
    full.writing(lambda s: change_service(clerk(s), s.scalars(select(Service)).one(), capacity=2))
    assert state(full, first) == "offered"
    assert swept(full)


def test_a_seat_that_nobody_gave_back_is_found_behind_hundreds_of_free_times(
    sqlite_town: Town, monday: Any
) -> None:
    """Whoever was choosing it has gone: the sweep looks at the times that are waited for, and at no others."""
    whole_day = [(time(8), time(18))]
    opened(sqlite_town, {0: whole_day, **ONE_HOUR, 2: whole_day, 3: whole_day}, horizon_days=40)
    far = date(2026, 12, 22)
    fill(sqlite_town, far, "09:00")
    sqlite_town.writing(
        lambda s: seats.hold(sqlite_town.phone("韩玉梅").actor(s), slot_at(s, far, "09:30")) and None
    )
    number = waits(sqlite_town, "马秀兰", f"{far}")
    assert swept(sqlite_town)
    assert state(sqlite_town, number) == "waiting"
    monday.shift(timedelta(minutes=40))
    assert swept(sqlite_town)
    assert state(sqlite_town, number) == "offered"


def test_the_staff_move_and_remove_with_a_reason_that_stays(full: Town) -> None:
    first, second = waits(full, "马秀兰"), waits(full, "才让卓玛")
    with refusal("why_moved"):
        full.writing(lambda s: waiting.move_to_front(clerk(s), s.get_one(SlotWait, second), "because"))
    full.writing(lambda s: waiting.move_to_front(clerk(s), s.get_one(SlotWait, second), "frail"))
    full.writing(lambda s: waiting.remove(clerk(s), s.get_one(SlotWait, first), "asked"))
    frees(full)
    assert (state(full, first), state(full, second)) == ("removed", "offered")
    assert len(messages(full, "wait_removed")) == 1


def test_a_stranger_answers_for_nobody(full: Town) -> None:
    number = waits(full, "马秀兰")
    frees(full)
    for how in ("take", "let_pass", "leave"):
        with refusal("not_in_line"):
            answers(full, "才让卓玛", number, how)


# ---- who may wait -----------------------------------------------------------------------------------------------------


def test_nobody_waits_twice_nor_for_what_is_free_nor_for_what_is_not_held(full: Town) -> None:
    waits(full, "马秀兰")
    with refusal("already_waiting"):
        waits(full, "马秀兰", "any")
    with refusal("nothing_to_wait_for"):
        waits(full, "才让卓玛", "2026-11-25")
    frees(full, "09:30")
    answers_over = waits(full, "韩素梅", "2026-11-24T09:00")
    assert state(full, answers_over) == "waiting"


def test_what_is_free_is_booked_and_not_waited_for(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town, ONE_HOUR, horizon_days=6)
    with refusal("still_free"):
        waits(sqlite_town, "马秀兰")


def test_a_cap_holds_on_the_list_as_it_does_for_bookings(full: Town) -> None:
    full.writing(lambda s: change_service(clerk(s), s.scalars(select(Service)).one(), per_person=1))
    number = waits(full, "马秀兰")
    opened_more = {1: [(time(9), time(10))], 2: [(time(9), time(10))]}
    full.writing(lambda s: _week(s, opened_more))

    def book(session: Session) -> None:
        actions.book(full.phone("马秀兰").actor(session), slot_at(session, WEDNESDAY, "09:00"), contact=KNOWN)

    full.writing(book)
    frees(full)
    assert state(full, number) == "waiting"
    with refusal("too_many"):
        full.writing(
            lambda s: actions.book(
                clerk(s), slot_at(s, TUESDAY, "09:00"), for_=full.phone("马秀兰").actor(s).me, contact=KNOWN
            )
        )


def _week(session: Session, weekly: Any) -> None:
    from handlers.appointments.planning import set_week

    set_week(clerk(session), session.scalars(select(Service)).one(), weekly)


# ---- the offer's end --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "starts", "until"),
    [
        ("2026-11-23 09:00", "2026-11-24 09:00", "2026-11-23 11:00"),
        ("2026-11-23 21:00", "2026-11-24 15:00", "2026-11-24 10:00"),
        ("2026-11-23 06:00", "2026-11-24 15:00", "2026-11-23 10:00"),
        ("2026-11-23 21:00", "2026-11-24 09:00", "2026-11-24 08:00"),
        ("2026-11-24 09:00", "2026-11-24 11:00", "2026-11-24 10:00"),
        ("2026-11-24 09:50", "2026-11-24 11:00", None),
        ("2026-11-24 11:30", "2026-11-24 11:00", None),
    ],
)
def test_an_offer_ends_by_day_and_night_and_never_in_the_last_hour(
    now: str, starts: str, until: str | None
) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=clock.COMMUNITY)

    with frozen(now):
        slot = Slot(starts=at(starts), is_open=True, service=Service(lead_minutes=30))
        found = claim_until(slot, timedelta(hours=2), timedelta(hours=1))
    assert found == (at(until) if until else None)


def test_an_offer_that_runs_out_goes_to_the_next_and_is_told(full: Town, monday: Any) -> None:
    first, second = waits(full, "马秀兰"), waits(full, "才让卓玛")
    frees(full)
    monday.shift(2 * 3600)
    with refusal("offer_over"):
        answers(full, "马秀兰", first)
    assert swept(full)
    assert (state(full, first), state(full, second)) == ("over", "offered")
    assert len(messages(full, "offer_over")) == 1


def test_a_time_that_the_house_closes_leaves_them_in_the_line(full: Town) -> None:
    only_this, first = waits(full, "才让卓玛", "2026-11-24T09:30"), waits(full, "马秀兰", "any")
    frees(full)
    frees(full, "09:30")
    full.writing(lambda s: close_day(clerk(s), None, TUESDAY, "停电"))
    assert swept(full)
    assert (state(full, first), state(full, only_this)) == ("waiting", "over")
    assert (len(messages(full, "offer_gone")), len(messages(full, "wait_over"))) == (1, 1)


def test_whose_day_is_past_is_told_once(full: Town) -> None:
    number = waits(full, "马秀兰")
    with frozen("2026-11-25 09:00"):
        assert swept(full)
        assert swept(full)
    assert state(full, number) == "over"
    assert len(messages(full, "wait_over")) == 1


def test_old_rows_are_forgotten(full: Town) -> None:
    number = waits(full, "马秀兰")
    answers(full, "马秀兰", number, "leave")
    with frozen("2027-06-01 09:00"):
        assert full.writing(lambda s: sweeping.forget_old(house(s), timedelta(days=180))) == 1
