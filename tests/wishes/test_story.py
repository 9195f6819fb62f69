"""Whatever wishers, neighbours, the staff and time do to wishes, in any order: one promise at a time, kept by somebody
until a day that is not over, and no wish goes where its states do not lead (I8)."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers.wishes import actions, feature, jobs
from models.identity import Actor
from models.outbox import OutboxRow
from models.refusal import Refusal
from models.wishes import MOST_CLAIMS, MOST_OWN, MOST_RENEWALS, TRANSITIONS, WAITING, Claim, Wish
from tests.fuzz.stories import Story, tell, walk
from tests.neighbours import Town
from tests.wishes.conftest import clerk, house

WORDS = ("我想要一根拐杖", "我想要一个书包", "我想有人陪着去买菜")
PUBLIC = ("一位老人想要一根拐杖", "一个孩子想要一个书包")
LATEST, OFTEN = 12, 0.8
Suits = tuple[type[Any], str]


class Station(Story):
    """Three neighbours who wish and promise, and the desk."""

    remembers = ("states", "opened_again")

    def __init__(self, town: Town, clock: time_machine.Coordinates) -> None:
        self.town, self.clock = town, clock
        self.phones = [town.phone(name) for name in ("马秀兰", "韩世杰", "卓玛")]
        self.states: dict[int, str] = {}
        self.opened_again = 0
        theirs = (
            *(self.says,) * 3,
            *(self.withdraws,) * 2,
            self.restores,
            self.confirms,
            self.confirms,
            self.not_yet,
            self.unconfirms,
        )
        promised = (
            *(self.claims,) * 5,
            self.renews,
            self.gives_back,
            self.finishes,
            self.finishes,
            self.unfinishes,
        )
        words = (self.thanks, self.unthanks, self.passes_thanks, self.refuses_thanks)
        desk = (*(self.reviews,) * 4, self.rewords, self.refuses, self.matches, self.turns_into_matter)
        self.steps: Sequence[Callable[[random.Random], object]] = (
            *theirs,
            *promised,
            *words,
            *desk,
            self.night,
        )

    # ---- who and what

    def _does(self, action: Callable[..., object], dice: random.Random, kind: Suits, *more: Any) -> None:
        """Any neighbour or the desk tries it with any of the latest rows, whether or not they may."""

        def unit(session: Session) -> None:
            one = _any(session, dice, *kind)
            action(self._who(session, dice, one), one, *more)

        self.town.writing(unit)

    def _who(self, session: Session, dice: random.Random, row: Wish | Claim) -> Actor:
        """Mostly whose row it is."""
        whose = row.wisher_id if isinstance(row, Wish) else row.person_id
        actors = [phone.actor(session) for phone in self.phones]
        own = [by for by in actors if by.person is not None and by.person.id == whose]
        return dice.choice([*own * 6, *actors, clerk(session)])

    def _at_desk(self, action: Callable[..., object], dice: random.Random, kind: Suits, *more: Any) -> None:
        self.town.writing(lambda session: action(clerk(session), _any(session, dice, *kind), *more))

    # ---- the wisher

    def says(self, dice: random.Random) -> None:
        phone, words = dice.choice(self.phones), dice.choice(WORDS)
        self.town.writing(lambda session: actions.say_wish(phone.actor(session), words))

    def withdraws(self, dice: random.Random) -> None:
        self._does(actions.withdraw, dice, (Wish, "said public claimed"))

    def restores(self, dice: random.Random) -> None:
        self._does(actions.restore, dice, (Wish, "withdrawn"))

    def confirms(self, dice: random.Random) -> None:
        self._does(actions.confirm, dice, (Wish, "done"))

    def unconfirms(self, dice: random.Random) -> None:
        """Brings back a wish, beside those that were said since."""
        self._does(actions.take_back_confirmation, dice, (Wish, "confirmed"))

    def not_yet(self, dice: random.Random) -> None:
        self._does(actions.not_yet, dice, (Wish, "done"))

    def thanks(self, dice: random.Random) -> None:
        self._does(actions.thank, dice, (Wish, "confirmed"), "谢谢您帮了大忙")

    def unthanks(self, dice: random.Random) -> None:
        self._does(actions.take_back_thanks, dice, (Wish, "confirmed"))

    # ---- who promises

    def claims(self, dice: random.Random) -> None:
        phone = dice.choice(self.phones)
        self.town.writing(
            lambda session: actions.claim(phone.actor(session), _any(session, dice, Wish, "public"))
        )

    def renews(self, dice: random.Random) -> None:
        self._does(actions.renew, dice, (Claim, "open"))

    def gives_back(self, dice: random.Random) -> None:
        self._does(dice.choice((actions.give_back, actions.take_back_claim)), dice, (Claim, "open"))

    def finishes(self, dice: random.Random) -> None:
        self._does(actions.mark_done, dice, (Claim, "open"))

    def unfinishes(self, dice: random.Random) -> None:
        self._does(actions.take_back_done, dice, (Claim, "done"))

    # ---- the desk

    def reviews(self, dice: random.Random) -> None:
        self._at_desk(actions.review, dice, (Wish, "said"), dice.choice(PUBLIC))

    def rewords(self, dice: random.Random) -> None:
        self._at_desk(actions.reword, dice, (Wish, "public claimed"), dice.choice(PUBLIC))

    def refuses(self, dice: random.Random) -> None:
        self._at_desk(actions.refuse, dice, (Wish, "said"), "超出了我们能做的")

    def matches(self, dice: random.Random) -> None:
        phone = dice.choice(self.phones)

        def unit(session: Session) -> None:
            actions.match(clerk(session), _any(session, dice, Wish, "public"), phone.actor(session).me)

        self.town.writing(unit)

    def turns_into_matter(self, dice: random.Random) -> None:
        self._at_desk(actions.become_matter, dice, (Wish, "said"), "求助")

    def passes_thanks(self, dice: random.Random) -> None:
        self._at_desk(actions.approve_thanks, dice, (Wish, "confirmed"))

    def refuses_thanks(self, dice: random.Random) -> None:
        self._at_desk(actions.refuse_thanks, dice, (Wish, "confirmed"))

    # ---- time

    def night(self, dice: random.Random) -> None:
        self.clock.shift(timedelta(days=dice.choice((1, 1, 4, 8))))
        for job in (jobs.return_overdue, jobs.remind, jobs.ask_partners):
            self.town.writing(lambda session, job=job: job(house(session)))  # type: ignore[misc]

    # ---- what must hold

    def holds(self) -> None:
        with self.town.reading() as session:
            assert [said for check in feature.invariants for said in check(session)] == []
            now = dict(session.execute(select(Wish.id, Wish.state)).all())
            for number, state in now.items():
                before = self.states.get(number, "said")
                assert state == before or state in TRANSITIONS[before], f"{before} → {state}"
                self.opened_again += (before, state) in (("confirmed", "done"), ("done", "claimed"))
            self.states = now
            _nobody_has_too_much(session, self.opened_again)
            _every_return_is_told(session)


def _any(session: Session, dice: random.Random, row: type[Any], states: str) -> Any:
    """One of the latest, mostly one in a state that suits."""
    found = session.scalars(select(row).order_by(row.id.desc()).limit(LATEST)).all()
    if not found:
        raise Refusal("wishes.not_now")
    suits = [one for one in found if one.state in states.split()]
    return dice.choice(suits if suits and dice.random() < OFTEN else found)


def _nobody_has_too_much(session: Session, opened_again: int) -> None:
    """Except by what was finished, and is not after all."""
    promised = select(func.count()).where(Claim.state == "open").group_by(Claim.person_id)
    assert max(session.scalars(promised), default=0) <= MOST_CLAIMS + opened_again
    waiting = select(func.count()).where(Wish.state.in_(WAITING)).group_by(Wish.wisher_id)
    assert max(session.scalars(waiting), default=0) <= MOST_OWN + opened_again
    own = select(Claim.id).join(Claim.wish).where(Claim.person_id == Wish.wisher_id)
    assert session.scalars(own).all() == []
    assert session.scalars(select(Claim.id).where(Claim.renewals > MOST_RENEWALS)).all() == []


def _every_return_is_told(session: Session) -> None:
    """Who let the last day pass hears of it, each time."""
    ended = session.scalar(select(func.count()).where(Claim.state == "expired"))
    told = session.scalar(select(func.count()).where(OutboxRow.kind == "wishes.overdue"))
    assert ended == told


def test_i8_holds_after_every_step_of_any_story(town: Town, monday: time_machine.Coordinates) -> None:
    tell(Station(town, monday))


def test_many_random_steps_reach_every_corner(sqlite_town: Town, monday: time_machine.Coordinates) -> None:
    met = walk(Station(sqlite_town, monday), 300)
    assert {"reviews", "claims", "finishes", "confirms"} <= set(met)
    assert {"wishes.own_wish", "wishes.too_many", "wishes.not_yours", "wishes.not_now"} <= set(met)


def test_what_was_not_done_after_all_has_today_at_least(
    sqlite_town: Town, monday: time_machine.Coordinates
) -> None:
    """Found by many stories: long after its last day a promise was open again, and overdue in the same moment."""
    ma, han = sqlite_town.phone("马秀兰"), sqlite_town.phone("韩世杰")
    sqlite_town.writing(lambda session: actions.say_wish(ma.actor(session), WORDS[0]) and None)
    sqlite_town.writing(
        lambda session: actions.review(clerk(session), session.get_one(Wish, 1), PUBLIC[0]) and None
    )
    sqlite_town.writing(lambda session: actions.claim(han.actor(session), session.get_one(Wish, 1)) and None)
    sqlite_town.writing(
        lambda session: actions.mark_done(han.actor(session), session.get_one(Claim, 1)) and None
    )
    monday.shift(timedelta(days=60))
    sqlite_town.writing(
        lambda session: actions.take_back_done(han.actor(session), session.get_one(Claim, 1)) and None
    )
    with sqlite_town.reading() as session:
        assert [said for check in feature.invariants for said in check(session)] == []
