"""Rivals, and any order of steps, on both databases: no minute twice, hours and ledger one to one (I7)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.cli import check_invariants
from handlers.hours import actions
from handlers.volunteers import actions as volunteers
from models import hours_checks, ledger_sound
from models.activities import ActivitySession
from models.audit import AuditLine
from models.hours import ServiceHours
from models.identity import Actor, Person
from models.refusal import Refusal
from models.stays import overlaps
from tests.activities.plans import a_session, house
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
    scan,
    the_record,
    was_there,
)
from tests.neighbours import Town, frozen
from tests.races import at_once


def test_a_yes_and_a_late_scan_at_once_end_in_what_the_scans_say(town: Town) -> None:
    """Either the yes was first and is asked again, or the scan was first and is what was confirmed."""
    phone = town.phone("马秀兰")
    with frozen(SHIFT_OVER):
        number = a_session(town)
        was_there(town, phone, number, came="2026-11-23 09:30")
        close(town, number)
        town.writing(lambda session: desk(session).session.flush())
        works: list[Callable[[], object]] = [
            lambda: does(town, actions.confirm, phone),
            lambda: scan(town, phone, number, "in", "2026-11-23 09:00"),
        ]
        at_once(works)
        row = the_record(town, phone)
        assert row["counted"] == row["minutes"] == 120
        assert row["state"] in ("provisional", "confirmed")
        assert (row["state"] == "confirmed") == (row["seen"] == 120)
        assert check_invariants(town.site) == []


def test_two_posters_at_once_post_once(town: Town) -> None:
    phones = [town.phone(f"邻居{n}") for n in range(3)]
    a_shift(town, *phones)
    with frozen(SHIFT_OVER):
        for phone in phones:
            assert does(town, actions.confirm, phone) == "confirmed"
    with frozen(WINDOW_OVER):
        at_once([lambda: posts(town)] * 3)
        posts(town)
        assert [balance(town, phone) for phone in phones] == [120] * 3
        assert check_invariants(town.site) == []


def test_an_objection_and_the_posting_at_once_are_one_of_the_two(town: Town) -> None:
    """The clock stands a moment before the end of the window for who objects, and after it for the poster."""
    phone = town.phone("马秀兰")
    a_shift(town, phone)
    with frozen(SHIFT_OVER):
        does(town, actions.confirm, phone)
    with frozen(IN_THE_WINDOW):

        def ends_now(session: Session) -> None:
            row = session.scalars(select(ServiceHours)).one()
            row.dispute_until = clock.now() + timedelta(microseconds=1)

        town.writing(ends_now)

    def objects() -> str:
        return does(town, actions.object_to, phone, "我做了两个半小时", by=phone)

    with frozen(IN_THE_WINDOW) as standing:
        works = [objects, lambda: (standing.shift(timedelta(seconds=1)), posts(town))[1]]
        objected, _ = at_once(works)
        posts(town)  # a poster passes over what somebody else holds at that moment
        row = the_record(town, phone)
        assert (objected == "disputed") == (row["state"] == "disputed")
        assert balance(town, phone) == (0 if row["state"] == "disputed" else 120)
        assert check_invariants(town.site) == []


# ---- any order -------------------------------------------------------------------------------------------------------


class Story:
    """Two neighbours, two sessions; each step is one unit of work, as a channel would open it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.phones = [town.phone("马秀兰"), town.phone("韩世杰")]
        self.numbers = [a_session(town), a_session(town, "社区义剪", "2026-11-23 13:00")]
        for phone in self.phones:
            for number, hour in zip(self.numbers, (9, 13), strict=True):
                day = "2026-11-23"
                was_there(town, phone, number, f"{day} {hour:02}:10", f"{day} {hour + 1:02}:50")
        for number in self.numbers:
            close(town, number)
        with town.reading() as session:
            self.people = [phone.person(session).id for phone in self.phones]
        self.steps = (
            self.scans,
            self.confirms,
            self.confirms,
            self.confirms,
            self.objects,
            self.settles,
            self.posts,
            self.posts,
            self.corrects,
            self.voids,
            self.is_served,
            self.answers,
        )

    def step(self, which: int, seed: int) -> None:
        dice = random.Random(seed)
        try:
            self.town.writing(lambda session: self.steps[which](session, dice))
        except Refusal:
            return

    def _row(self, session: Session, dice: random.Random) -> ServiceHours:
        return dice.choice(session.scalars(select(ServiceHours).order_by(ServiceHours.id)).all())

    def scans(self, session: Session, dice: random.Random) -> None:
        """A scan that was not uploaded yet, at any minute of the session."""
        held = session.get_one(ActivitySession, dice.choice(self.numbers))
        person = session.get_one(Person, dice.choice(self.people))
        at = held.starts + timedelta(minutes=dice.randrange(0, 125))
        way = dice.choice(("in", "out"))
        nonce = f"late:{dice.random()}"
        volunteers.tick(house(session), held, person, way, nonce=nonce, occurred_at=at)  # type: ignore[arg-type]

    def confirms(self, session: Session, dice: random.Random) -> None:
        row = self._row(session, dice)
        actions.confirm(desk(session), row, dice.choice((None, 45)), "看过签到表了")

    def objects(self, session: Session, dice: random.Random) -> None:
        row = self._row(session, dice)
        if row.person is not None:
            actions.object_to(Actor(session, row.person, channel="page"), row, "时间记少了")

    def settles(self, session: Session, dice: random.Random) -> None:
        actions.settle(desk(session), self._row(session, dice), dice.choice((30, 90)), "两边都问过了")

    def posts(self, session: Session, dice: random.Random) -> None:
        for row in session.scalars(select(ServiceHours).where(ServiceHours.state == "confirmed")).all():
            row.dispute_until = clock.now()
        actions.post_due(house(session))

    def corrects(self, session: Session, dice: random.Random) -> None:
        minutes = dice.choice((0, 60, 120))
        actions.correct(desk(session), self._row(session, dice), minutes, "记录和入账不一致")

    def voids(self, session: Session, dice: random.Random) -> None:
        if dice.random() < 0.2:
            actions.void(desk(session), self._row(session, dice), "不是志愿服务")

    def is_served(self, session: Session, dice: random.Random) -> None:
        person = session.get_one(Person, dice.choice(self.people))
        actions.name_served(desk(session), self._row(session, dice), dice.choice((person, None)))

    def answers(self, session: Session, dice: random.Random) -> None:
        row = self._row(session, dice)
        if dice.random() < 0.7:
            actions.served_says_yes(desk(session), row)
        else:
            actions.served_says_no(desk(session), row, "只来了一会儿")


def broken(town: Town) -> list[str]:
    """What does not hold of I6 and I7."""
    with town.reading() as session:
        return [
            line for look in (*ledger_sound.SOUND, *hours_checks.SOUND, overlaps) for line in look(session)
        ]


def test_any_order_of_steps_keeps_hours_and_ledger_one_to_one(town: Town) -> None:
    with frozen("2026-11-23 16:00"):
        story = Story(town)

        class Machine(RuleBasedStateMachine):
            @rule(which=st.integers(0, len(story.steps) - 1), seed=st.integers(0, 10**6))
            def something_happens(self, which: int, seed: int) -> None:
                story.step(which, seed)

            @invariant()
            def all_is_sound(self) -> None:
                assert broken(town) == []

        few = settings(
            max_examples=3,
            stateful_step_count=12,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        dice = random.Random(20261123)
        for _ in range(90):
            story.step(dice.randrange(len(story.steps)), dice.randrange(10**6))
        assert check_invariants(town.site) == []
        run_state_machine_as_test(Machine, settings=few)
        with town.reading() as session:
            done = set(session.scalars(select(AuditLine.action).distinct()))
        assert done >= {
            f"hours.{step}" for step in ("confirm", "recount", "object", "settle", "post", "correct")
        }
