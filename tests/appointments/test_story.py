"""Whatever residents, the desk and the clock do, in any order: nobody is in two places, no room and no person that
receives is, no time has more takers than seats, and no hold outlives its end."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import time, timedelta
from itertools import pairwise
from typing import Any

import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import actions, feature, planning, rooms, seats, series
from models.appointments import Appointment, Contact
from models.booking_holds import KEPT_AT_MOST, AnyHold, DeskHold, SeatHold
from models.booking_rooms import kinds_missing
from models.booking_series import BookingSeries
from models.identity import Actor
from models.plans import ClosedTime, Service, SpecialDay
from models.refusal import Refusal
from models.resources import CLOSED, Occupation, Resource
from models.slots import Slot
from tests.appointments.desk import TUESDAY, WEDNESDAY, clerk, opened
from tests.chaos.conftest import FULL
from tests.fuzz.stories import Story, tell, walk
from tests.neighbours import Town
from tests.races import at_once

NAMES = ("马秀兰", "才让卓玛", "韩世杰", "祁生华")
WEEK = {weekday: [(time(9), time(10))] for weekday in range(7)}
DAYS = (TUESDAY, WEDNESDAY)


class Hall(Story):
    """Two services that share one room and two lawyers, one with nothing but a seat; four neighbours, a clerk."""

    clock: time_machine.Coordinates

    def __init__(self, town: Town, clock_hand: time_machine.Coordinates) -> None:
        self.town, self.clock = town, clock_hand
        law = opened(town, WEEK, name="法律咨询", capacity=2)
        talk = opened(town, WEEK, name="心理咨询", capacity=2, gap_minutes=5)
        opened(town, WEEK, name="老年证", capacity=1, per_person=2)
        town.writing(lambda session: self._furnish(session, law, talk))
        self.steps = [
            *[self.books] * 6,
            *[self.keeps] * 6,
            self.lets_go,
            *[self.holds_at_the_desk] * 2,
            *[self.books_at_the_desk] * 2,
            self.leaves_the_form,
            self.moves,
            self.moves,
            self.cancels,
            self.gives_back,
            self.comes_back,
            self.moves_back,
            self.closes_day,
            self.closes_hours,
            *[self.opens_again] * 3,
            self.closes_resource,
            self.reopens_resource,
            self.books_series,
            self.stops_series,
            self.sweeps,
        ]

    def _furnish(self, session: Session, *services: int) -> None:
        by, theirs = clerk(session), [session.get_one(Service, one) for one in services]
        for kind, name, buffer in (
            ("room", "调解室", 10),
            ("room", "小房间", 0),
            ("person", "甲", 0),
            ("person", "乙", 5),
        ):
            made = rooms.add(by, kind, name, buffer_minutes=buffer)
            session.flush()
            rooms.serve(by, made, theirs)
        for name in NAMES:
            self.town.phone(name).actor(session).me.name = name

    def does(self, chosen: Callable[..., object], dice: random.Random) -> None:
        """One step of one kind, refused or not; then some time passes."""
        seed = dice.randrange(10**9)  # a unit that a rival made begin again throws the same dice
        try:
            self.town.writing(lambda session: chosen(session, random.Random(seed)) and None)
        finally:
            if dice.random() < 0.3:
                self.clock.shift(timedelta(minutes=dice.choice((1, 4, 6))))

    def holds(self) -> None:
        sound(self.town)

    # ---- residents ------------------------------------------------------------------------------------------------

    def _who(self, session: Session, dice: random.Random) -> Actor:
        return self.town.phone(dice.choice(NAMES)).actor(session)

    def _slot(self, session: Session, dice: random.Random) -> Slot:
        day = TUESDAY  # few times and many who want them
        start, end = clock.at(day, time()), clock.at(day + timedelta(days=1), time())
        return dice.choice(
            session.scalars(
                select(Slot).where(Slot.starts >= start, Slot.starts < end).order_by(Slot.id)
            ).all()
        )

    def _visit(self, session: Session, dice: random.Random, state: str) -> tuple[Actor, Appointment]:
        rows = session.scalars(
            select(Appointment).where(Appointment.state == state).order_by(Appointment.id)
        ).all()
        if not rows:
            raise Refusal("appointments.not_waiting")
        visit = dice.choice(rows)
        by = Actor(session, visit.person, channel="chat")
        return (clerk(session) if dice.random() < 0.3 else by), visit

    def books(self, session: Session, dice: random.Random) -> None:
        actions.book(self._who(session, dice), self._slot(session, dice), contact=Contact("某某"))

    def keeps(self, session: Session, dice: random.Random) -> None:
        seats.hold(self._who(session, dice), self._slot(session, dice))

    def lets_go(self, session: Session, dice: random.Random) -> None:
        seats.let_go(self._who(session, dice))

    def holds_at_the_desk(self, session: Session, dice: random.Random) -> None:
        seats.hold_at_desk(clerk(session), self._slot(session, dice))

    def books_at_the_desk(self, session: Session, dice: random.Random) -> None:
        person = self._who(session, dice).me
        actions.book(clerk(session), self._slot(session, dice), contact=Contact("某某"), for_=person)

    def leaves_the_form(self, session: Session, dice: random.Random) -> None:
        seats.let_go_at_desk(clerk(session))

    def moves(self, session: Session, dice: random.Random) -> None:
        by, visit = self._visit(session, dice, "confirmed")
        same = (
            select(Slot)
            .where(Slot.service_id == visit.slot.service_id, Slot.starts > clock.now())
            .order_by(Slot.starts)
        )
        actions.rebook(by, visit, dice.choice(session.scalars(same.limit(16)).all()))

    def moves_back(self, session: Session, dice: random.Random) -> None:
        by, visit = self._visit(session, dice, "confirmed")
        same = (
            select(Slot)
            .where(Slot.service_id == visit.slot.service_id, Slot.starts > clock.now())
            .order_by(Slot.starts)
        )
        actions.move_back(by, visit, dice.choice(session.scalars(same.limit(8)).all()))

    def cancels(self, session: Session, dice: random.Random) -> None:
        by, visit = self._visit(session, dice, "confirmed")
        actions.cancel(by, visit, reason="有事")

    def gives_back(self, session: Session, dice: random.Random) -> None:
        by, visit = self._visit(session, dice, "confirmed")
        actions.give_back(by, visit)

    def comes_back(self, session: Session, dice: random.Random) -> None:
        by, visit = self._visit(session, dice, "cancelled")
        actions.reinstate(by, visit)

    # ---- the desk and the house -----------------------------------------------------------------------------------

    def _service(self, session: Session, dice: random.Random) -> Service | None:
        return dice.choice([None, *session.scalars(select(Service).order_by(Service.id))])

    def _hours(self, dice: random.Random) -> tuple[time, time]:
        opens = dice.choice((9, 10))
        return time(opens), time(opens, 30) if dice.random() < 0.5 else time(opens + 1)

    def closes_day(self, session: Session, dice: random.Random) -> None:
        planning.close_day(clerk(session), self._service(session, dice), dice.choice(DAYS), "停电")

    def closes_hours(self, session: Session, dice: random.Random) -> None:
        planning.close_time(
            clerk(session), self._service(session, dice), dice.choice(DAYS), self._hours(dice), "停电"
        )

    def opens_again(self, session: Session, dice: random.Random) -> None:
        for special in session.scalars(select(SpecialDay)).all():
            service = session.get(Service, special.service_id) if special.service_id else None
            planning.as_usual(clerk(session), service, special.day)
        for closed in session.scalars(select(ClosedTime)).all():
            planning.reopen(clerk(session), closed)

    def closes_resource(self, session: Session, dice: random.Random) -> None:
        day, (opens, closes) = dice.choice(DAYS), self._hours(dice)
        resource = dice.choice(session.scalars(select(Resource).order_by(Resource.id)).all())
        rooms.close(clerk(session), resource, clock.at(day, opens), clock.at(day, closes), "漏水")

    def reopens_resource(self, session: Session, dice: random.Random) -> None:
        for closed in session.scalars(select(Occupation).where(Occupation.source.startswith(CLOSED))).all():
            rooms.reopen(clerk(session), closed)

    def books_series(self, session: Session, dice: random.Random) -> None:
        service = dice.choice(session.scalars(select(Service).order_by(Service.id)).all())
        team = dice.choice((None, "舞蹈队"))
        opens = dice.choice((time(9), time(9, 30)))
        wish = series.Wish(service, dice.choice(DAYS), opens, dice.choice((2, 3)), team=team)
        series.book(clerk(session), wish, self._who(session, dice).me, Contact("某某"))

    def stops_series(self, session: Session, dice: random.Random) -> None:
        rows = session.scalars(select(BookingSeries).order_by(BookingSeries.id)).all()
        if rows:
            series.stop(clerk(session), dice.choice(rows), dice.choice(DAYS), "不跳了")

    def sweeps(self, session: Session, dice: random.Random) -> None:
        seats.sweep(Actor(session, channel="job"))


def faults(session: Session) -> list[str]:
    """What the house itself looks for, and what a resident would call a broken promise."""
    said = [one for check in feature.invariants for one in check(session)]
    said += [f"{one.source} lacks {kinds}" for one, kinds in kinds_missing(session)]
    visits = select(Appointment).join(Appointment.slot).where(Appointment.state == "confirmed")
    order = (Appointment.person_id, Appointment.visitor, Slot.starts)
    for one, two in pairwise(session.scalars(visits.order_by(*order)).all()):
        if (one.person_id, one.visitor) == (two.person_id, two.visitor) and two.slot.starts < one.slot.ends:
            said.append(f"{one.source} and {two.source} are one person in two places")
    holds: list[AnyHold] = [*session.scalars(select(SeatHold)), *session.scalars(select(DeskHold))]
    for number, held in Counter(one.slot_id for one in holds if one.is_live).items():
        slot = session.get_one(Slot, number)
        if slot.taken + held > slot.capacity:
            said.append(f"slot {slot.id}: {slot.taken} taken and {held} held of {slot.capacity}")
    said += [f"{one.source} outlives its end" for one in holds if one.until - one.since > KEPT_AT_MOST]
    return said


def sound(town: Town) -> None:
    with town.reading() as session:
        assert faults(session) == []


def test_no_story_puts_anybody_or_anything_in_two_places(
    town: Town, monday: time_machine.Coordinates
) -> None:
    """A hypothesis state machine: each rule is one step of one kind, and everything is asked after each."""
    tell(Hall(town, monday), few=4, length=16)


def test_after_many_random_steps_each_kind_has_been_met(town: Town, monday: time_machine.Coordinates) -> None:
    met = set(walk(Hall(town, monday), 200))
    assert {
        "books",
        "keeps",
        "holds_at_the_desk",
        "moves",
        "cancels",
        "comes_back",
        "closes_resource",
        "closes_day",
        "books_series",
    } <= met
    assert {"appointments.overlap", "appointments.slot_held", "appointments.slot_full"} <= met


def test_many_hands_at_once_leave_everything_true(town: Town, monday: Any) -> None:
    hall, dice = Hall(town, monday), random.Random(7)
    calm = [one.__name__ for one in hall.steps if one.__name__ != "sweeps"]
    for _ in range(12 if FULL else 3):
        turns = [(dice.choice(calm), dice.randrange(10**6)) for _ in range(6)]
        at_once([lambda turn=turn: hall.step(*turn) for turn in turns])
        sound(town)
