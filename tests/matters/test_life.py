"""Whatever residents, colleagues and time do to matters, in any order: each open one has one owner who works here and
one time that counts, and what is joined, checked or followed fits together."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.matters import actions, jobs
from models.identity import Actor
from models.matter_followers import MatterFollower
from models.matters import Matter
from models.places import Grid
from models.refusal import Refusal
from models.staff import StaffMember
from tests.matters.conftest import LAMP, build, house, joined, member, sound
from tests.matters.test_twins import rules
from tests.neighbours import Phone, Town, frozen

Step = Callable[[Session, random.Random], object]
WORDS = (LAMP, "楼下垃圾没人收", "厨房水管漏水了", "想要一条长凳")
LOGINS = ("wang", "li", "zhao", "grid3")


class Neighbourhood:
    """Three residents, three of the desk, one grid worker; each step is one of them doing one thing."""

    def __init__(self, town: Town, clock: time_machine.Coordinates) -> None:
        self.town, self.clock = town, clock
        build(town)
        rules(town)
        names = ("马秀兰", "韩世杰", "卓玛")
        self.phones = [joined(town, name, f"1390000000{number}") for number, name in enumerate(names, 1)]
        town.writing(self._hire)
        mine: tuple[Step, ...] = (self.reopens, self.confirms, self.withdraws, self.follows, self.unfollows)
        theirs: tuple[Step, ...] = (self.assigns, self.begins, self.finishes, self.gives_back, self.checks)
        self.steps: tuple[Step, ...] = (
            self.says,
            *mine,
            *theirs,
            self.joins,
            self.parts,
            self.comes_and_goes,
            self.night,
        )

    def _hire(self, session: Session) -> None:
        for login in LOGINS[:3]:
            member(session, "desk", login=login)
        member(session, "grid", login="grid3").grid = None  # type: ignore[attr-defined]
        member(session, "grid", login="grid3").grid_id = session.scalars(
            select(Grid.id).where(Grid.name == "第3网格")
        ).one()

    # ---- who and what

    def _phone(self, dice: random.Random) -> Phone:
        return dice.choice(self.phones)

    def _staff(self, session: Session, dice: random.Random) -> Actor:
        login = dice.choice(LOGINS)
        return Actor(session, staff=member(session, "desk", login=login), channel="console")

    def _matter(self, session: Session, dice: random.Random) -> Matter:
        found = session.scalars(select(Matter)).all()
        if not found:
            raise Refusal("matters.not_now")
        return dice.choice(found)

    # ---- what residents do

    def says(self, session: Session, dice: random.Random) -> None:
        where = f"东府佳苑{dice.choice((1, 3))}号楼"
        actions.report(self._phone(dice).actor(session), actions.Report(dice.choice(WORDS), where=where))

    def reopens(self, session: Session, dice: random.Random) -> None:
        actions.reopen(self._phone(dice).actor(session), self._matter(session, dice))

    def confirms(self, session: Session, dice: random.Random) -> None:
        actions.confirm(self._phone(dice).actor(session), self._matter(session, dice))

    def withdraws(self, session: Session, dice: random.Random) -> None:
        actions.withdraw(self._phone(dice).actor(session), self._matter(session, dice))

    def follows(self, session: Session, dice: random.Random) -> None:
        actions.follow(self._phone(dice).actor(session), self._matter(session, dice))

    def unfollows(self, session: Session, dice: random.Random) -> None:
        actions.unfollow(self._phone(dice).actor(session), self._matter(session, dice))

    # ---- what colleagues do

    def assigns(self, session: Session, dice: random.Random) -> None:
        to = member(session, "desk", login=dice.choice(LOGINS))
        actions.assign(self._staff(session, dice), self._matter(session, dice), to)

    def begins(self, session: Session, dice: random.Random) -> None:
        actions.begin(self._staff(session, dice), self._matter(session, dice))

    def finishes(self, session: Session, dice: random.Random) -> None:
        why = dice.choice(("", "夜里拍不清"))
        actions.finish(self._staff(session, dice), self._matter(session, dice), "办好了", why_none=why)

    def gives_back(self, session: Session, dice: random.Random) -> None:
        actions.give_back(self._staff(session, dice), self._matter(session, dice), "办不了")

    def checks(self, session: Session, dice: random.Random) -> None:
        actions.check(self._staff(session, dice), self._matter(session, dice))

    def joins(self, session: Session, dice: random.Random) -> None:
        actions.join(self._staff(session, dice), self._matter(session, dice), self._matter(session, dice))

    def parts(self, session: Session, dice: random.Random) -> None:
        actions.part(self._staff(session, dice), self._matter(session, dice))

    def comes_and_goes(self, session: Session, dice: random.Random) -> None:
        """Somebody leaves or comes back, and the hourly job has its turn; wang stays."""
        one = session.scalars(select(StaffMember).where(StaffMember.login == dice.choice(LOGINS[1:]))).one()
        one.active = not one.active
        session.flush()
        jobs.take_from_those_who_left(house(session))

    def night(self, session: Session, dice: random.Random) -> None:
        self.clock.shift(timedelta(days=dice.choice((1, 2, 8, 31))))
        for job in (jobs.close_old, jobs.tell_of_late, jobs.ask_whether_well):
            job(house(session))

    # ---- what must hold

    def fits_together(self) -> None:
        assert sound(self.town)
        with self.town.reading() as session:
            for one in session.scalars(select(Matter)):
                gone = one.owner is not None and not one.owner.active
                assert not (one.is_open and gone), "its owner works here"
                assert one.joined_to_id is None or one.state == "closed"
                assert one.joined_to is None or one.joined_to.joined_to_id is None, (
                    "leads straight to where it is done"
                )
                assert one.checked_by_id is None or one.checked_by_id != one.fixed_by_id
            for two in session.scalars(select(MatterFollower)):
                assert two.matter.person_id != two.person_id, "nobody follows their own"


def test_every_open_matter_has_one_owner_and_one_time_after_every_step_of_any_life(town: Town) -> None:
    with frozen("2026-11-23 09:00") as clock:
        here = Neighbourhood(town, clock)

        class Life(RuleBasedStateMachine):
            @rule(which=st.integers(0, len(here.steps) - 1), seed=st.integers(0, 10**6))
            def something_happens(self, which: int, seed: int) -> None:
                dice, chosen = random.Random(seed), here.steps[which]
                try:
                    town.writing(lambda session: chosen(session, dice))
                except Refusal:
                    return

            @invariant()
            def it_fits_together(self) -> None:
                here.fits_together()

        few = settings(
            max_examples=3,
            stateful_step_count=15,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(Life, settings=few)


def test_a_hundred_random_steps_reach_every_corner(sqlite_town: Town) -> None:
    with frozen("2026-11-23 09:00") as clock:
        here, dice, done = Neighbourhood(sqlite_town, clock), random.Random(20261123), set()
        for _ in range(110):
            step = dice.choice(here.steps)
            try:
                sqlite_town.writing(lambda session, step=step: step(session, dice))  # type: ignore[misc]
                done.add(step.__name__)
            except Refusal:
                continue
            here.fits_together()
        assert {"says", "finishes", "joins", "follows", "reopens", "comes_and_goes"} <= done
