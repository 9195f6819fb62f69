"""A broadcast on its way: held, begun, poured, rested, paused, resumed, stopped, ended; each thing once, whoever is at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app import clock
from handlers.broadcasts import running
from handlers.broadcasts.jobs import carry_on, sweep
from models import broadcast_run as run
from models.approval import digest_of
from models.broadcasts import Broadcast, BroadcastRecipient, BroadcastReview
from models.identity import Actor, Identity, Person
from models.outbox import OutboxRow
from models.refusal import Refusal
from models.topics import TopicChoice
from tests.broadcasts.sendings import AFTER_HOLD, Sending, by_job, staff
from tests.neighbours import Town, frozen
from tests.races import at_once
from tests.staff.clerks import audited


@pytest.fixture
def morning() -> Iterator[time_machine.Coordinates]:
    with frozen("2026-11-26 10:00") as wall:
        yield wall


def as_boss(sending: Sending, decide: Any, *more: Any) -> Any:
    """A member of staff presses a button."""

    def unit(session: Session) -> Any:
        by = Actor(session, staff=staff(session, "boss"), channel="console")
        return decide(by, session.get_one(Broadcast, sending.number), *more)

    return sending.town.writing(unit)


def begun(town: Town, wall: time_machine.Coordinates, *roads: str, **other: Any) -> Sending:
    sending = Sending.of(town, *roads, **other)
    wall.shift(AFTER_HOLD)
    sending.carry_on()
    return sending


# ---- begin -----------------------------------------------------------------------------------------------------------


def test_nothing_leaves_during_the_hold_and_everything_after_it(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, "custom", "notice", "paper")
    morning.shift(timedelta(minutes=4, seconds=59))
    assert sending.carry_on() == 0
    assert sending.state == "approved"
    morning.shift(timedelta(seconds=1))
    sending.carry_on()
    assert sending.state == "sending"
    assert sending.standing() == {"waiting": 2, "paper": 1}
    assert sending.row().begun_with == 3
    (first, _) = sending.letters()
    assert (first.kind, first.roads, first.rank) == ("broadcasts.notice", ["custom", "notice"], 1)
    assert first.facts["title"] == "自来水停水通知"
    assert first.useful_until == sending.row().begins_at + timedelta(hours=24)


def test_it_ends_when_nothing_is_left_to_send(sqlite_town: Town, morning: time_machine.Coordinates) -> None:
    sending = begun(sqlite_town, morning, "custom", "custom", "paper")
    sending.delivers(1)
    assert sending.carry_on() == 0
    sending.delivers()
    sending.carry_on()
    assert (sending.state, sending.standing()) == ("done", {"submitted": 2, "paper": 1})
    assert sending.carry_on() == 0


def test_schedulers_that_were_started_twice_begin_and_pour_once(
    town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(town, *["custom"] * 40)
    morning.shift(AFTER_HOLD)
    at_once([lambda: [carry_on(town.site) for _ in range(4)]] * 4)
    sending.carry_on()
    assert len(sending.letters()) == 40
    assert len({one.person_id for one in sending.letters()}) == 40
    with town.reading() as session:
        assert len(audited(session, "broadcasts.begin")) == 1


@pytest.mark.parametrize("hours", [0.2, 3, 23.8])
def test_a_scheduler_that_was_down_begins_late_while_it_is_of_use(
    sqlite_town: Town, morning: time_machine.Coordinates, hours: float
) -> None:
    sending = Sending.of(sqlite_town, "custom", urgent=True)
    morning.shift(timedelta(hours=hours))
    sending.carry_on()
    assert sending.state == "sending"


def test_one_that_is_too_late_expires_and_says_so(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(
        sqlite_town, "custom", "mass", "paper", useful_until=clock.now() + timedelta(hours=2)
    )
    morning.shift(timedelta(hours=2))
    sending.carry_on()
    assert (sending.state, sending.row().why_ended) == ("expired", running.LATE)
    assert sending.standing() == {"expired": 3}
    assert sending.letters() == []
    with sqlite_town.reading() as session:
        assert len(audited(session, "broadcasts.expire")) == 1


def test_what_was_changed_after_the_last_word_is_not_sent(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, "custom")

    def change(session: Session) -> None:
        version = session.get_one(Broadcast, sending.number).version
        version.content = version.content | {"summary": "本周日停水。"}

    sqlite_town.writing(change)
    morning.shift(AFTER_HOLD)
    sending.carry_on()
    assert (sending.state, sending.row().why_ended) == ("stopped", running.CHANGED)
    assert sending.letters() == []


# ---- quiet hours -----------------------------------------------------------------------------------------------------


def test_in_the_evening_an_ordinary_one_waits_for_the_morning_and_an_urgent_one_does_not(
    sqlite_town: Town,
) -> None:
    with frozen("2026-11-26 20:58") as wall:
        calm, urgent = Sending.of(sqlite_town, "custom"), Sending.of(sqlite_town, urgent=True)
        wall.shift(AFTER_HOLD)
        calm.carry_on()
        assert (calm.state, urgent.state) == ("approved", "done")
        assert clock.local(calm.row().begins_at or clock.now()).strftime("%d %H:%M") == "27 08:00"
        wall.shift(timedelta(hours=10, minutes=57))
        calm.carry_on()
        assert calm.state == "sending"


def test_pouring_stops_at_nine_in_the_evening_and_goes_on_in_the_morning(sqlite_town: Town) -> None:
    with frozen("2026-11-26 20:50") as wall:
        sending = begun(sqlite_town, wall, *["custom"] * 3)
        sending.delivers(1)
        wall.shift(timedelta(minutes=10))
        sending.carry_on()
        assert (sending.state, sending.standing()) == ("sending", {"submitted": 1, "held": 2})
        assert clock.local(sending.row().rests_until or clock.now()).strftime("%H:%M") == "08:00"
        wall.shift(timedelta(hours=10, minutes=54))
        assert sending.carry_on() == 0
        wall.shift(timedelta(minutes=2))
        sending.carry_on()
        assert sending.standing() == {"submitted": 1, "waiting": 2}


def test_who_resumes_at_night_lets_nothing_go_before_the_morning(sqlite_town: Town) -> None:
    with frozen("2026-11-26 20:50") as wall:
        sending = begun(sqlite_town, wall, "custom")
        wall.shift(timedelta(minutes=10))
        sending.carry_on()
        as_boss(sending, running.pause)
        as_boss(sending, running.resume)
        assert sending.standing() == {"held": 1}


# ---- people who change their minds -----------------------------------------------------------------------------------


def test_whoever_left_said_no_or_was_forgotten_meanwhile_gets_nothing(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, *["custom"] * 4)

    def change(session: Session) -> None:
        first, second, third, _ = session.scalars(select(Person).order_by(Person.id)).all()
        first.erased_at = clock.now()
        session.add(TopicChoice(person_id=second.id, topic="停水停电"))
        session.execute(update(Identity).where(Identity.person_id == third.id).values(following=False))

    sqlite_town.writing(change)
    morning.shift(AFTER_HOLD)
    sending.carry_on()
    assert sending.standing() == {"cancelled": 3, "waiting": 1}
    assert sending.whys() == ["erased", "left", "unwanted"]


def test_who_took_their_consent_back_since_the_approval_gets_nothing(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, "custom", "custom")

    def join_without_consent(session: Session) -> None:
        session.scalars(select(Person)).all()[0].joined_at = clock.now()

    sqlite_town.writing(join_without_consent)
    morning.shift(AFTER_HOLD)
    sending.carry_on()
    assert sending.standing() == {"cancelled": 1, "waiting": 1}


def test_what_is_urgent_is_told_to_those_too_who_do_not_want_the_topic(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, "custom", urgent=True)

    def change(session: Session) -> None:
        person = session.scalars(select(Person)).one()
        session.add(TopicChoice(person_id=person.id, topic="停水停电"))

    sqlite_town.writing(change)
    morning.shift(AFTER_HOLD)
    sending.carry_on()
    assert sending.standing() == {"waiting": 1}


def test_two_records_that_turned_out_to_be_one_person_are_told_once(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, "custom", "custom")

    def join(session: Session) -> None:
        kept, gone = session.scalars(select(Person).order_by(Person.id)).all()
        gone.merged_into_id = kept.id
        session.execute(update(Identity).values(person_id=kept.id))

    sqlite_town.writing(join)
    morning.shift(AFTER_HOLD)
    sending.carry_on()
    assert sending.standing() == {"waiting": 1, "cancelled": 1}
    assert sending.whys() == ["merged"]


# ---- pause, resume, stop ---------------------------------------------------------------------------------------------


def test_paused_nothing_leaves_and_resumed_the_rest_goes(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = begun(sqlite_town, morning, *["custom"] * 5)
    sending.delivers(2)
    assert as_boss(sending, running.pause) == 3
    assert sending.delivers() == sending.carry_on() == 0
    assert sending.standing() == {"submitted": 2, "held": 3}
    assert as_boss(sending, running.resume) == 3
    assert sending.delivers() == 3


def test_stopped_it_says_how_many_had_gone_and_the_rest_never_goes(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = begun(sqlite_town, morning, *["custom"] * 5)
    sending.delivers(2)
    assert as_boss(sending, running.stop, "时间写错了") == (2, 3)
    assert sending.delivers() == sending.carry_on() == 0
    row = sending.row()
    assert (row.state, row.why_ended, row.moved_by.name if row.moved_by else "") == (
        "stopped",
        "时间写错了",
        "boss",
    )


def test_stopped_in_the_hold_nobody_hears_of_it(sqlite_town: Town, morning: time_machine.Coordinates) -> None:
    sending = Sending.of(sqlite_town, *["custom"] * 3, "mass", "paper")
    assert as_boss(sending, running.stop, "再想想") == (0, 5)
    morning.shift(AFTER_HOLD)
    assert sending.carry_on() == 0
    assert sending.standing() == {"cancelled": 5}


def test_a_stop_without_a_reason_is_asked_for_one(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    with pytest.raises(Refusal, match="why_stopped"):
        as_boss(Sending.of(sqlite_town, "custom"), running.stop, " ")


def test_of_two_who_press_different_buttons_one_wins_and_the_other_is_told(
    town: Town, morning: time_machine.Coordinates
) -> None:
    sending = begun(town, morning, *["custom"] * 4)
    town.writing(lambda session: staff(session, "boss").id)

    def tried(decide: Any, *more: Any) -> str:
        try:
            as_boss(sending, decide, *more)
        except Refusal as why:
            return why.code
        return "done"

    pressed = at_once(
        [lambda: tried(running.pause), lambda: tried(running.pause), lambda: tried(running.pause)]
    )
    assert sorted(pressed) == ["broadcasts.moved_already", "broadcasts.moved_already", "done"]
    both = at_once([lambda: tried(running.resume), lambda: tried(running.stop, "错了")])
    assert both[1] == "done"
    assert sending.state == "stopped"
    assert sending.standing() == {"cancelled": 4}
    with pytest.raises(Refusal) as told:
        as_boss(sending, running.resume)
    assert told.value.facts == {"state": "stopped", "who": "boss"}


# ---- after a restore -------------------------------------------------------------------------------------------------


def test_after_a_restore_nothing_goes_on_before_somebody_has_looked(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    going = begun(sqlite_town, morning, *["custom"] * 3)
    going.delivers(1)
    held = Sending.of(sqlite_town, first=50)
    sqlite_town.writing(lambda session: running.hold_after_restore(by_job(session)))
    assert (going.state, held.state) == ("paused", "paused")
    assert going.standing() == {"submitted": 1, "held": 2}
    morning.shift(AFTER_HOLD)
    assert going.carry_on() == 0
    assert going.row().why_ended == running.RESTORED
    as_boss(going, running.resume)
    as_boss(held, running.resume)
    assert (going.state, held.state) == ("sending", "approved")
    held.carry_on()
    assert held.state == "done"


# ---- many ------------------------------------------------------------------------------------------------------------


def test_only_so_many_wait_ahead_and_a_full_road_does_not_hold_up_another(
    sqlite_town: Town, morning: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "MOST_AHEAD", 10)
    monkeypatch.setattr(run, "AT_ONCE", 5)
    sending = begun(sqlite_town, morning, *["custom"] * 30, *["notice"] * 3)
    assert len(sending.letters()) == 13
    sending.delivers()
    sending.carry_on()
    assert len(sending.letters()) == 23


def test_one_that_ran_out_of_time_takes_back_the_rest_and_ends(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = begun(sqlite_town, morning, *["custom"] * 3, urgent=True)
    sending.delivers(1)
    morning.shift(timedelta(hours=24))
    sending.carry_on()
    assert (sending.state, sending.row().why_ended) == ("done", running.OVER_TIME)
    assert sending.standing() == {"submitted": 1, "cancelled": 2}


def test_one_that_stays_paused_too_long_ends_as_well(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = begun(sqlite_town, morning, *["custom"] * 3)
    sending.delivers(1)
    as_boss(sending, running.pause)
    morning.shift(timedelta(hours=24))
    sending.carry_on()
    assert (sending.state, sending.row().why_ended) == ("done", running.OVER_TIME)
    assert sending.standing() == {"submitted": 1, "cancelled": 2}


def test_one_that_cannot_be_moved_does_not_keep_the_others_waiting(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    broken, sound = Sending.of(sqlite_town, "custom"), Sending.of(sqlite_town, "custom", first=50)

    def spoil(session: Session) -> None:
        """Words that no card can be made of."""
        row = session.get_one(Broadcast, broken.number)
        row.version.content = {"title": "半截"}
        row.digest = digest_of(row)
        words = session.scalars(select(BroadcastReview).where(BroadcastReview.broadcast_id == row.id))
        words.one().digest = row.digest

    sqlite_town.writing(spoil)
    morning.shift(AFTER_HOLD)
    sound.carry_on()
    assert (len(broken.letters()), len(sound.letters())) == (0, 1)


def test_a_message_that_got_lost_is_found_missing_and_written_again(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = begun(sqlite_town, morning, *["custom"] * 3)
    lost = sending.letters()[1].id

    def lose(session: Session) -> None:
        session.delete(session.get_one(OutboxRow, lost))

    sqlite_town.writing(lose)
    assert sending.standing() == {"waiting": 2, "unknown": 1}
    assert sqlite_town.writing(lambda session: sweep(by_job(session))).startswith("1 letters")
    sending.carry_on()
    assert sending.standing() == {"waiting": 3}


def test_what_cannot_be_written_for_one_person_blocks_that_one_only(
    sqlite_town: Town, morning: time_machine.Coordinates
) -> None:
    sending = Sending.of(sqlite_town, *["custom"] * 3)

    def forbid(session: Session) -> None:
        """The database refuses every message to the second."""
        second = session.scalars(select(BroadcastRecipient.person_id).order_by(BroadcastRecipient.id)).all()[
            1
        ]
        session.execute(
            text(
                f"CREATE TRIGGER no_letter BEFORE INSERT ON outbox WHEN NEW.person_id = {second} "
                "BEGIN SELECT RAISE(ABORT, 'not to this one'); END"
            )
        )

    sqlite_town.writing(forbid)
    morning.shift(AFTER_HOLD)
    sending.carry_on()
    assert sending.standing() == {"waiting": 2, "failed": 1}
    assert sending.whys() == ["broken"]
