"""Scans and stays: what races, what repeats, what arrives late, what is erased and merged. Two databases where it races."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cli import check_invariants
from handlers.activities import linked
from handlers.volunteers import actions, rights
from handlers.volunteers.actions import Outcome
from handlers.volunteers.jobs import close_overdue
from models import stays
from models.activities import ActivitySession
from models.identity import Person
from models.place_code import code_at
from models.refusal import Refusal
from models.volunteers import Attendance, Scan
from tests.activities.plans import a_session, digits, house, taken, token, wall
from tests.neighbours import Phone, Town, frozen
from tests.races import at_once

NINE = "2026-11-23 09:00:10"


def known(town: Town, name: str) -> Phone:
    phone = town.phone(name)
    town.writing(lambda session: phone.actor(session) and None)
    return phone


def check(town: Town, phone: Phone, number: int, **proof: Any) -> str:
    """The kind of the outcome, or the code of the refusal."""

    def unit(session: Session) -> str:
        held = session.get_one(ActivitySession, number)
        outcome = actions.check(phone.actor(session), held, **proof)
        return outcome.why.code if outcome.why else outcome.kind

    try:
        return town.writing(unit)
    except Refusal as why:
        return why.code


def tick(town: Town, phone: Phone, number: int, way: Any, **how: Any) -> str:
    def unit(session: Session) -> str:
        held = session.get_one(ActivitySession, number)
        return actions.tick(house(session), held, phone.person(session), way, **how).kind

    try:
        return town.writing(unit)
    except Refusal as why:
        return why.code


def attendance(town: Town) -> list[tuple[int, int | None, str, str | None, int | None, bool]]:
    """Everything that a stay says, without its id."""
    with town.reading() as session:
        rows = session.scalars(select(Attendance))
        return sorted(
            (
                r.session_id,
                r.person_id,
                r.came_at.isoformat(),
                r.left_at and r.left_at.isoformat(),
                r.minutes,
                r.auto_out,
            )
            for r in rows
        )  # type: ignore[type-var]


# ---- races -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["digits", "token"])
def test_one_person_scanning_on_four_phones_at_once_is_checked_in_once(town: Town, how: str) -> None:
    with frozen(NINE):
        number = a_session(town)
        phone = known(town, "马秀兰")
        shown = {"digits": digits(town, number), "token": token(town, number)}[how]
        results = at_once([lambda: check(town, phone, number, **{how: shown})] * 4)
        assert sorted(map(str, results)) == ["in", "repeat", "repeat", "repeat"]
        assert len(attendance(town)) == 1
        assert taken(town, number) == 1
        assert check_invariants(town.site) == []


def test_b28_one_person_at_two_sessions_at_once_is_at_one_of_them(town: Town) -> None:
    with frozen(NINE):
        numbers = [a_session(town), a_session(town, "社区义剪")]
        phone = known(town, "马秀兰")
        proofs = [(number, token(town, number)) for number in numbers]
        results = at_once([lambda n=n, t=t: check(town, phone, n, token=t) for n, t in proofs])
        assert sorted(map(str, results)) == ["in", "volunteers.elsewhere"]
        assert len(attendance(town)) == 1
        assert check_invariants(town.site) == []


def test_twenty_walk_ins_at_once_on_five_seats_are_five(town: Town) -> None:
    with frozen(NINE):
        number = a_session(town, capacity=5)
        phones = [known(town, f"邻居{n}") for n in range(20)]
        shown = token(town, number)
        results = at_once([lambda p=phone: check(town, p, number, token=shown) for phone in phones])
        assert sorted(map(str, results)) == ["activities.full"] * 15 + ["in"] * 5
        assert taken(town, number) == 5


def test_closing_while_people_scan_leaves_nobody_open(town: Town) -> None:
    with frozen("2026-11-23 11:20:00"):
        number = a_session(town, capacity=20)
        phones = [known(town, f"邻居{n}") for n in range(8)]
        shown = token(town, number)

        def close() -> object:
            return town.writing(
                lambda s: actions.close_session(house(s), s.get_one(ActivitySession, number)) and None
            )

        at_once([*(lambda p=phone: check(town, p, number, token=shown) for phone in phones), close])
        with town.reading() as session:
            open_rows = session.scalar(select(func.count(Attendance.id)).where(Attendance.left_at.is_(None)))
        assert open_rows == 0
        assert check_invariants(town.site) == []


# ---- nonces and clocks -----------------------------------------------------------------------------------------------


def test_the_same_nonce_twice_is_one_record_also_much_later(sqlite_town: Town) -> None:
    with frozen(NINE) as clock:
        number = a_session(sqlite_town)
        phone = known(sqlite_town, "马秀兰")
        shown = digits(sqlite_town, number)
        assert check(sqlite_town, phone, number, digits=shown, nonce="n1") == "in"
        clock.shift(3600)
        assert check(sqlite_town, phone, number, digits=shown, nonce="n1") == "in"
        assert len(attendance(sqlite_town)) == 1
        assert attendance(sqlite_town)[0][3] is None


def test_two_people_may_have_the_same_nonce(sqlite_town: Town) -> None:
    with frozen(NINE):
        number = a_session(sqlite_town)
        shown = digits(sqlite_town, number)
        for name in ("马秀兰", "张桂英"):
            phone = known(sqlite_town, name)
            assert check(sqlite_town, phone, number, digits=shown, nonce="n1") == "in"
        assert len(attendance(sqlite_town)) == 2


def test_b26_a_forwarded_link_is_refused_a_minute_later(sqlite_town: Town) -> None:
    with frozen(NINE) as clock:
        number = a_session(sqlite_town)
        shown = token(sqlite_town, number)
        clock.shift(29)
        assert check(sqlite_town, known(sqlite_town, "马秀兰"), number, token=shown) == "in"
        clock.shift(32)
        late = check(sqlite_town, known(sqlite_town, "张桂英"), number, token=shown)
        assert late == "volunteers.code_expired"


@pytest.mark.parametrize(
    "forged", ["", "x", ".", "1.", "1.AAAA", "2.{proof}", "{number}.", "{number}.{proof}x"]
)
def test_b26_a_forged_token_is_refused(sqlite_town: Town, forged: str) -> None:
    with frozen(NINE):
        number = a_session(sqlite_town)
        proof = token(sqlite_town, number).partition(".")[2]
        made = forged.format(number=number, proof=proof)
        phone = known(sqlite_town, "马秀兰")
        assert check(sqlite_town, phone, number, token=made) == "volunteers.code_expired"


def test_b26_a_code_of_one_session_is_none_of_another(sqlite_town: Town) -> None:
    with frozen(NINE):
        one, other = a_session(sqlite_town), a_session(sqlite_town, "社区义剪")
        phone = known(sqlite_town, "马秀兰")
        assert check(sqlite_town, phone, other, token=token(sqlite_town, one)) == "volunteers.code_expired"


def test_b28_a_device_cannot_back_date_its_scan(sqlite_town: Town) -> None:
    with frozen("2026-11-23 10:00:10"):
        number = a_session(sqlite_town)
        phone, shown = known(sqlite_town, "马秀兰"), digits(sqlite_town, number)
        check(sqlite_town, phone, number, digits=shown, nonce="n", occurred_at=wall("2026-11-23 08:31"))
        with sqlite_town.reading() as session:
            row = session.scalars(select(Attendance)).one()
            assert row.came_at == wall("2026-11-23 10:00:10")
            assert "device_clock" in row.flags


def test_a_device_a_few_seconds_behind_is_believed(sqlite_town: Town) -> None:
    with frozen("2026-11-23 10:00:40"):
        number = a_session(sqlite_town)
        phone, shown = known(sqlite_town, "马秀兰"), digits(sqlite_town, number)
        check(sqlite_town, phone, number, digits=shown, nonce="n", occurred_at=wall("2026-11-23 10:00:15"))
        assert attendance(sqlite_town)[0][2] == "2026-11-23T02:00:15+00:00"


# ---- minutes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came", "left", "minutes"),
    [
        ("09:00", "11:00", 120),
        ("08:30", "11:30", 150),
        ("09:00", "09:00", 0),
        ("09:00:00", "09:59:59", 59),
        ("10:59", "11:29", 30),
    ],
)
def test_b28_minutes_are_whole_and_at_most_the_planned_length_and_half_an_hour(
    sqlite_town: Town, came: str, left: str, minutes: int
) -> None:
    with frozen("2026-11-23 12:00"):
        number = a_session(sqlite_town)
        phone = known(sqlite_town, "马秀兰")
        tick(sqlite_town, phone, number, "in", occurred_at=wall(f"2026-11-23 {came}"))
        tick(sqlite_town, phone, number, "out", occurred_at=wall(f"2026-11-23 {left}"))
        assert [row[4] for row in attendance(sqlite_town)] == [minutes]


def test_several_stays_at_one_session_share_one_cap(sqlite_town: Town) -> None:
    with frozen("2026-11-23 12:00"):
        number = a_session(sqlite_town)
        phone = known(sqlite_town, "马秀兰")
        for way, at in (("in", "08:30"), ("out", "10:30"), ("in", "10:31"), ("out", "11:30")):
            tick(sqlite_town, phone, number, way, occurred_at=wall(f"2026-11-23 {at}"))
        assert [row[4] for row in attendance(sqlite_town)] == [120, 30]
        assert check_invariants(sqlite_town.site) == []


def test_a_session_closed_early_counts_until_it_was_closed(sqlite_town: Town) -> None:
    with frozen(NINE) as clock:
        number = a_session(sqlite_town)
        check(sqlite_town, known(sqlite_town, "马秀兰"), number, digits=digits(sqlite_town, number))
        clock.shift(3600)
        forgot = sqlite_town.writing(
            lambda s: actions.close_session(house(s), s.get_one(ActivitySession, number))
        )
        assert forgot == 1
        assert [row[4:] for row in attendance(sqlite_town)] == [(60, True)]


def test_the_timetable_closes_what_nobody_closed(sqlite_town: Town) -> None:
    with frozen(NINE) as clock:
        number = a_session(sqlite_town)
        check(sqlite_town, known(sqlite_town, "马秀兰"), number, digits=digits(sqlite_town, number))
        assert sqlite_town.writing(lambda s: close_overdue(house(s))).startswith("0 sessions")
        clock.shift(2.5 * 3600 + 1)
        told = sqlite_town.writing(lambda s: close_overdue(house(s)))
        assert told == "1 sessions closed, 1 had forgotten to leave"
        assert [row[4:] for row in attendance(sqlite_town)] == [(119, True)]
        assert sqlite_town.writing(lambda s: close_overdue(house(s))).startswith("0 sessions")


def test_a_real_out_that_arrives_after_closing_replaces_the_automatic_one(sqlite_town: Town) -> None:
    with frozen(NINE) as clock:
        number = a_session(sqlite_town)
        phone = known(sqlite_town, "马秀兰")
        check(sqlite_town, phone, number, digits=digits(sqlite_town, number))
        clock.shift(3 * 3600)
        sqlite_town.writing(lambda s: close_overdue(house(s)))
        tick(sqlite_town, phone, number, "out", nonce="late", occurred_at=wall("2026-11-23 10:00:10"))
        assert [row[4:] for row in attendance(sqlite_town)] == [(60, False)]


# ---- the leader ------------------------------------------------------------------------------------------------------


def test_only_the_leader_sees_the_code_and_ends_the_session(sqlite_town: Town) -> None:
    with frozen(NINE):
        leader = known(sqlite_town, "张河长")
        number, stranger = a_session(sqlite_town, leader=leader), known(sqlite_town, "路人")

        def asks(phone: Phone, what: Callable[..., object]) -> str:
            try:
                sqlite_town.writing(
                    lambda s: what(phone.actor(s), s.get_one(ActivitySession, number)) and None
                )
            except Refusal as why:
                return why.code
            return "told"

        for what in (actions.leader_link, actions.close_session):
            assert asks(stranger, what) == "activities.not_leader"
            assert asks(leader, what) == "told"


def test_a_leader_cannot_tick_outside_the_hours(sqlite_town: Town) -> None:
    with frozen("2026-11-23 13:00"):
        number, phone = a_session(sqlite_town), known(sqlite_town, "马秀兰")
        for at in ("08:29:59", "11:30:01"):
            when = wall(f"2026-11-23 {at}")
            assert tick(sqlite_town, phone, number, "in", occurred_at=when) == "volunteers.out_of_hours"
        assert tick(sqlite_town, phone, number, "in") == "volunteers.out_of_hours"


def test_b28_nobody_leaves_for_somebody_else(sqlite_town: Town) -> None:
    with frozen(NINE):
        number, other = a_session(sqlite_town), known(sqlite_town, "路人")
        check(sqlite_town, known(sqlite_town, "马秀兰"), number, digits=digits(sqlite_town, number))

        def unit(session: Session) -> None:
            actions.leave_without_code(other.actor(session), session.scalars(select(Attendance)).one())

        with pytest.raises(Refusal, match="not_in"):
            sqlite_town.writing(unit)


def test_leaving_without_a_code_is_flagged_for_the_leader(sqlite_town: Town) -> None:
    with frozen(NINE) as clock:
        number, phone = a_session(sqlite_town), known(sqlite_town, "马秀兰")
        check(sqlite_town, phone, number, digits=digits(sqlite_town, number))
        clock.shift(1200)

        def unit(session: Session) -> tuple[str, list[str]]:
            row = session.scalars(select(Attendance)).one()
            outcome: Outcome = actions.leave_without_code(phone.actor(session), row)
            assert outcome.attendance is not None
            return outcome.kind, outcome.attendance.flags

        kind, flags = sqlite_town.writing(unit)
        assert kind == "out"
        assert "without_code" in flags


# ---- a person's rows as a whole --------------------------------------------------------------------------------------


def test_export_shows_the_stays_and_erasing_leaves_totals_without_a_person(sqlite_town: Town) -> None:
    with frozen(NINE) as clock:
        number, phone = a_session(sqlite_town), known(sqlite_town, "马秀兰")
        check(sqlite_town, phone, number, digits=digits(sqlite_town, number))
        clock.shift(3600)
        with sqlite_town.reading() as session:
            exported = rights.my_stays(session, phone.person(session))["志愿服务记录"]
            assert exported[0]["签退"] == "还没签退"
        sqlite_town.writing(lambda s: rights.forget(house(s), phone.person(s)))
        with sqlite_town.reading() as session:
            row = session.scalars(select(Attendance)).one()
            assert (row.person_id, row.minutes) == (None, 60)
            assert session.scalar(select(func.count(Scan.id))) == 0
            assert rights.my_stays(session, phone.person(session)) == {"志愿服务记录": []}
        assert check_invariants(sqlite_town.site) == []


def test_merging_counts_both_rows_scans_as_one_persons(town: Town) -> None:
    with frozen("2026-11-23 12:00"):
        number = a_session(town)
        kept, gone = known(town, "马秀兰"), known(town, "马秀兰的小程序")
        tick(town, kept, number, "in", occurred_at=wall("2026-11-23 09:00"), nonce="a")
        tick(town, gone, number, "in", occurred_at=wall("2026-11-23 09:30"), nonce="b")
        tick(town, gone, number, "out", occurred_at=wall("2026-11-23 10:30"), nonce="c")

        def merge(session: Session) -> None:
            linked.merge(house(session), kept.person(session), gone.person(session))
            rights.merge(house(session), kept.person(session), gone.person(session))

        town.writing(merge)
        assert [row[4] for row in attendance(town)] == [90]
        assert check_invariants(town.site) == []


def test_seed_gives_the_invented_neighbours_hours(sqlite_town: Town) -> None:
    with frozen("2026-11-23 10:07"):
        phone = known(sqlite_town, "马秀兰")

        def join(session: Session) -> None:
            phone.person(session).joined_at = wall("2026-11-01 09:00")

        sqlite_town.writing(join)
        sqlite_town.seed("activities", "volunteers")
        assert "待确认" in phone.says("我的时长")
        assert check_invariants(sqlite_town.site) == []


def test_invariants_see_an_overlap_too_many_minutes_and_an_open_stay(sqlite_town: Town) -> None:
    with frozen("2026-11-23 12:00"):
        number, phone = a_session(sqlite_town), known(sqlite_town, "马秀兰")

        def spoil(session: Session) -> None:
            person: Person = phone.person(session)
            begin: datetime = wall("2026-11-23 09:00")
            for minutes in (400, 10):
                row = Attendance(session_id=number, person_id=person.id, came_at=begin, minutes=minutes)
                row.left_at = begin + timedelta(hours=1)
                session.add(row)
            session.add(Attendance(session_id=number, person_id=person.id, came_at=begin))
            session.get_one(ActivitySession, number).state = "closed"

        sqlite_town.writing(spoil)
        with sqlite_town.reading() as session:
            assert stays.overlaps(session)
            assert len(stays.too_many_minutes(session)) == 1
            assert len(stays.still_open(session)) == 1


def test_digits_have_no_pattern_that_one_could_guess(sqlite_town: Town) -> None:
    with frozen(NINE):
        number = a_session(sqlite_town)
        with sqlite_town.reading() as session:
            held = session.get_one(ActivitySession, number)
            start = wall("2026-11-23 09:00")
            seen = [code_at(held, start + timedelta(seconds=30 * n)).digits for n in range(2000)]
        assert all(len(code) == 4 and code.isdigit() for code in seen)
        assert len(set(seen)) > 1700
