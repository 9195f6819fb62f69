"""Who did not come: nothing while it is switched off; then mild, told once, ended by time, by coming, by a word."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.appointments import actions, cancelling, marks, striking
from models.appointments import Appointment
from models.identity import Actor
from models.outbox import OutboxRow
from models.staff import StaffMember
from models.strikes import Strike, StrikeAppeal, paused_until, strikes_have_a_no_show
from tests.appointments.desk import (
    KNOWN,
    TUESDAY,
    WEDNESDAY,
    booked,
    clerk,
    messages,
    opened,
    refusal,
    slot_at,
)
from tests.neighbours import Town, frozen


@pytest.fixture
def strict(sqlite_town: Town, monday: Any) -> Town:
    """Two missed visits in ninety days pause for a fortnight; two kept ones end a strike."""
    opened(sqlite_town, horizon_days=40)
    sqlite_town.writing(lambda s: striking.set_rule(clerk(s), strikes_on=True, most_strikes=2))
    return sqlite_town


def colleague(session: Session) -> Actor:
    one = session.scalar(select(StaffMember).where(StaffMember.login == "wang"))
    if one is None:
        one = StaffMember(login="wang", name="王主任", roles=["approver"])
        session.add(one)
        session.flush()
    return Actor(session, staff=one, channel="console")


def missed(town: Town, number: int, why: str | None = None) -> None:
    town.writing(lambda s: marks.mark_no_show(clerk(s), s.get_one(Appointment, number), why))


def came(town: Town, number: int) -> None:
    town.writing(lambda s: marks.mark_done(clerk(s), s.get_one(Appointment, number)))


def live(town: Town) -> int:
    with town.reading() as session:
        assert strikes_have_a_no_show(session) == []
        return len(session.scalars(select(Strike.id).where(Strike.ended_at.is_(None))).all())


def is_paused(town: Town) -> bool:
    with town.reading() as session:
        me = town.phone("马秀兰").actor(session).me
        return paused_until(session, me, "", "hall") is not None


def two_missed(town: Town) -> tuple[int, int]:
    one, two = booked(town, TUESDAY), booked(town, WEDNESDAY)
    with frozen("2026-11-24 12:00"):
        missed(town, one)
    with frozen("2026-11-25 12:00"):
        missed(town, two)
    return one, two


def test_nothing_follows_from_a_mark_while_the_community_has_not_asked_for_it(
    sqlite_town: Town, monday: Any
) -> None:
    opened(sqlite_town)
    one = booked(sqlite_town, TUESDAY)
    with frozen("2026-11-24 12:00"):
        missed(sqlite_town, one)
    assert live(sqlite_town) == 0
    assert messages(sqlite_town, "strike_noted") == []


def test_enough_of_them_pause_booking_by_oneself_and_the_staff_still_book(strict: Town) -> None:
    two_missed(strict)
    with frozen("2026-11-26 09:00"):
        later = WEDNESDAY.replace(day=30)

        def book(session: Session) -> None:
            actions.book(
                strict.phone("马秀兰").actor(session), slot_at(session, later, "09:00"), contact=KNOWN
            )

        with refusal("paused"):
            strict.writing(book)
        answer = strict.phone("马秀兰").says("预约", "1")
        assert "12月9日(星期三)以前,请打电话 0971-8170001,工作人员帮您约" in answer
        assert "11月24日(星期二)上午9点 老年证" in strict.phone("马秀兰").says("没来的记录")
        strict.writing(
            lambda s: actions.book(
                clerk(s), slot_at(s, later, "09:00"), for_=strict.phone("马秀兰").actor(s).me, contact=KNOWN
            )
        )
    first, second = messages(strict, "strike_noted")
    assert (first.facts["paused"], bool(second.facts["paused"])) == (None, True)
    with frozen("2026-12-10 09:00"):
        assert not is_paused(strict)


def test_who_was_ill_or_told_in_time_or_late_has_no_strike(strict: Town) -> None:
    ill, told = booked(strict, TUESDAY), booked(strict, WEDNESDAY)
    with frozen("2026-11-24 12:00"):
        missed(strict, ill, "ill")
    with frozen("2026-11-25 08:50"):

        def tell(session: Session) -> None:
            cancelling.tell_late(
                strict.phone("马秀兰").actor(session), session.get_one(Appointment, told), "ill"
            )

        strict.writing(tell)
    with frozen("2026-11-25 12:00"), refusal("not_waiting"):
        missed(strict, told)
    assert live(strict) == 0


def test_a_mark_taken_back_takes_the_strike_and_the_unsent_word_with_it(strict: Town) -> None:
    one = booked(strict, TUESDAY)
    with frozen("2026-11-24 12:00"):
        missed(strict, one)
        assert live(strict) == 1
        strict.writing(lambda s: marks.unmark(clerk(s), s.get_one(Appointment, one)))
    assert live(strict) == 0
    (word,) = messages(strict, "strike_noted")
    assert word.state == "cancelled"
    assert messages(strict, "strike_gone") == []


def test_time_and_kept_visits_end_strikes(strict: Town) -> None:
    two_missed(strict)
    for day in (26, 27):
        with frozen(f"2026-11-{day - 1} 13:00"):
            strict.writing(
                lambda s, d=day: actions.book(
                    clerk(s),
                    slot_at(s, TUESDAY.replace(day=d), "09:00"),
                    for_=strict.phone("马秀兰").actor(s).me,
                    contact=KNOWN,
                )
            )
        with frozen(f"2026-11-{day} 12:00"), strict.reading() as session:
            number = session.scalars(select(Appointment.id).order_by(Appointment.id.desc())).first()
            assert number is not None
            came(strict, number)
    assert (live(strict), is_paused(strict)) == (1, False)
    with frozen("2026-11-27 12:05"):
        strict.writing(lambda s: marks.unmark(clerk(s), s.get_one(Appointment, number)))
    assert live(strict) == 2
    with frozen("2027-03-01 09:00"):
        assert strict.writing(lambda s: striking.end_by_time(Actor(s, channel="job"))) == 2
    assert live(strict) == 0


def test_a_word_against_it_is_decided_by_somebody_else_and_told(strict: Town) -> None:
    two_missed(strict)
    with frozen("2026-11-25 15:00"):
        ma = strict.phone("马秀兰")

        def say(session: Session) -> int:
            strike = session.scalars(select(Strike).order_by(Strike.id)).first()
            assert strike is not None
            return striking.appeal(ma.actor(session), strike, "那天 我在医院").id

        number = strict.writing(say)
        with refusal("appealed"):
            strict.writing(say)
        with refusal("your_own_mark"):
            strict.writing(lambda s: striking.decide(clerk(s), s.get_one(StrikeAppeal, number), True))
        with refusal("answer_needed"):
            strict.writing(lambda s: striking.decide(colleague(s), s.get_one(StrikeAppeal, number), False))
        strict.writing(lambda s: striking.decide(colleague(s), s.get_one(StrikeAppeal, number), True))
        with refusal("decided"):
            strict.writing(lambda s: striking.decide(colleague(s), s.get_one(StrikeAppeal, number), True))
        assert (live(strict), is_paused(strict)) == (1, False)
    (told,) = messages(strict, "appeal_decided")
    assert told.facts["granted"] is True


def test_a_stranger_says_nothing_to_a_strike_of_others(strict: Town) -> None:
    two_missed(strict)

    def say(session: Session) -> None:
        strike = session.scalars(select(Strike)).first()
        assert strike is not None
        striking.appeal(strict.phone("路人").actor(session), strike, "不是我")

    with refusal("no_such_strike"):
        strict.writing(say)


def test_a_late_turn_goes_to_the_line_after_the_grace_and_comes_back(strict: Town) -> None:
    one = booked(strict, TUESDAY)
    with frozen("2026-11-24 09:14"), refusal("not_late"):
        strict.writing(lambda s: actions.release_late(clerk(s), s.get_one(Appointment, one)))
    with frozen("2026-11-24 09:15"):
        strict.writing(lambda s: actions.release_late(clerk(s), s.get_one(Appointment, one)))
        strict.writing(lambda s: actions.release_late(clerk(s), s.get_one(Appointment, one)))
        with refusal("staff_only"):
            strict.writing(
                lambda s: actions.release_late(strict.phone("马秀兰").actor(s), s.get_one(Appointment, one))
            )
    with strict.reading() as session:
        row = session.get_one(Appointment, one)
        assert (row.state, row.slot.taken, row.released_at is not None) == ("confirmed", 1, True)
        kinds = session.scalars(select(OutboxRow.kind)).all()
        assert kinds.count("appointments.late_released") == 1
    strict.writing(lambda s: actions.came_late(clerk(s), s.get_one(Appointment, one)))
    with strict.reading() as session:
        assert session.get_one(Appointment, one).released_at is None
