"""A small neighbourhood that trades hours at random: one step is one unit of work, as a channel would open it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import audit, clock
from app.database import Busy
from app.site import Site
from handlers.ledger import actions
from handlers.people import actions as people
from models.exchange import CATEGORIES, Exchange, ExchangeHand, requests_are_covered
from models.identity import Actor, Person
from models.ledger import TimeAccount, TimeTransfer, house_account, open_account
from models.ledger_months import months_stay
from models.ledger_sound import SOUND
from models.partners import PartnerOffer, PartnerVoucher, pieces_are_counted
from models.refusal import Refusal
from models.staff import StaffMember

PEOPLE = 8
KEPT = "test.kept"
UNANSWERED = (ExchangeHand.state == "promised", ExchangeHand.agreed_at.is_(None))
NAMES = ("马秀兰", "韩世杰", "祁生华", "才让卓玛", "冶生兰", "安有福", "张桂英", "罗成龙")


def neighbours(session: Session, count: int = PEOPLE) -> list[int]:
    """Residents on file, and two of the staff; their ids."""
    made = []
    for number in range(count):
        person = Person()
        session.add(person)
        session.flush()
        name, phone = NAMES[number % len(NAMES)], f"1390000{number:04d}"
        people.join(Actor(session, person, channel="job"), name=name, phone=phone)
        made.append(person.id)
    for login, name, role in (("wang", "王干事", "desk"), ("li", "李主任", "approver")):
        session.add(StaffMember(login=login, name=name, roles=[role]))
    session.flush()
    return made


def broken(session: Session) -> list[str]:
    """What does not hold of I6, in words."""
    looks = (*SOUND, requests_are_covered, pieces_are_counted, months_stay)
    return [line for look in looks for line in look(session)]


class Bank:
    """Steps of neighbours and staff. Each returns what it did, or the code of the rule that said no."""

    def __init__(self, site: Site, persons: list[int]) -> None:
        self.site, self.persons = site, persons
        self.steps: list[Callable[[Session, random.Random], Any]] = [
            self.posts, self.posts, self.gives, self.gives, self.grants, self.asks, self.asks, self.promises, self.promises,
            self.agrees, self.agrees, self.declines, self.done, self.done, self.confirms, self.confirms, self.cancels, self.disputes, self.settles,
            self.reverses, self.stamps, self.pays_together, self.withdraws, self.takes_back,
            self.takes_voucher, self.takes_voucher, self.uses_voucher, self.gives_voucher_back,
        ]  # fmt: skip

    def step(self, dice: random.Random, key: str = "") -> str:
        """One unit of work; with a key, the trail has it when and only when the unit was kept."""
        chosen = dice.choice(self.steps)

        def unit(session: Session) -> None:
            chosen(session, dice)
            if key:
                audit.note(self._desk(session), KEPT, None, key=key)

        try:
            self.site.database.writing(unit)
        except Refusal as why:
            return why.code
        except (Busy, IntegrityError) as fault:
            return type(fault).__name__
        return chosen.__name__

    # ---- who ------------------------------------------------------------------------------------------------

    def _person(self, session: Session, dice: random.Random) -> Person:
        return session.get_one(Person, dice.choice(self.persons))

    def _someone(self, session: Session, dice: random.Random) -> Actor:
        return Actor(session, self._person(session, dice), channel="page")

    def _desk(self, session: Session) -> Actor:
        return Actor(session, staff=session.scalar(select(StaffMember)), channel="console")

    def _one(self, session: Session, dice: random.Random, table: Any, *rules: Any) -> Any:
        ids = session.scalars(select(table.id).where(*rules).order_by(table.id.desc()).limit(30)).all()
        if not ids:
            raise Refusal("test.nothing")
        return session.get_one(table, dice.choice(ids))

    def _account(self, session: Session, dice: random.Random) -> TimeAccount:
        return open_account(session, self._person(session, dice))

    # ---- steps ----------------------------------------------------------------------------------------------

    def posts(self, session: Session, dice: random.Random) -> None:
        person, once = self._person(session, dice), f"stay:{dice.randrange(10**9)}"
        for _ in range(dice.choice((1, 1, 2))):  # what is said twice is posted once
            minutes = 60
            actions.post_hours(self._desk(session), person, minutes, once=once, source=once)

    def gives(self, session: Session, dice: random.Random) -> None:
        by, to = self._someone(session, dice), self._someone(session, dice).me
        actions.give(by, dice.choice((to, to, None)), dice.randrange(5, 180))

    def grants(self, session: Session, dice: random.Random) -> None:
        taker, once = self._account(session, dice), f"grant:{dice.random()}"
        actions.grant(self._desk(session), taker, dice.randrange(15, 240), words="照顾病人,没法挣", once=once)

    def asks(self, session: Session, dice: random.Random) -> None:
        by, hands = self._someone(session, dice), dice.choice((1, 1, 1, 2, 3))
        minutes = dice.randrange(15, 180, 5)
        actions.ask(by, dice.choice(CATEGORIES), minutes, clock.today(), hands=hands)

    def promises(self, session: Session, dice: random.Random) -> None:
        row = self._one(session, dice, Exchange, Exchange.state == "asked")
        actions.promise(self._someone(session, dice), row)

    def agrees(self, session: Session, dice: random.Random) -> None:
        hand = self._one(session, dice, ExchangeHand, *UNANSWERED)
        actions.agree(Actor(session, hand.exchange.asker, channel="page"), hand)

    def declines(self, session: Session, dice: random.Random) -> None:
        hand = self._one(session, dice, ExchangeHand, *UNANSWERED)
        actions.decline(Actor(session, hand.exchange.asker, channel="page"), hand)

    def withdraws(self, session: Session, dice: random.Random) -> None:
        hand = self._one(session, dice, ExchangeHand, ExchangeHand.state == "promised")
        actions.withdraw_hand(Actor(session, hand.person, channel="page"), hand)

    def done(self, session: Session, dice: random.Random) -> None:
        hand = self._one(session, dice, ExchangeHand, ExchangeHand.state == "promised")
        actions.mark_done(Actor(session, hand.person, channel="page"), hand)

    def confirms(self, session: Session, dice: random.Random) -> None:
        row = self._one(session, dice, Exchange, Exchange.state.in_(("done", "matched")))
        actions.confirm(Actor(session, row.asker, channel="page"), row)

    def takes_back(self, session: Session, dice: random.Random) -> None:
        row = self._one(session, dice, Exchange, Exchange.state.in_(("paid", "matched")))
        actions.take_back_confirmation(Actor(session, row.asker, channel="page"), row)

    def cancels(self, session: Session, dice: random.Random) -> None:
        row = self._one(session, dice, Exchange, Exchange.state.in_(("asked", "matched")))
        actions.cancel(Actor(session, row.asker, channel="page"), row)

    def disputes(self, session: Session, dice: random.Random) -> None:
        row = self._one(session, dice, Exchange, Exchange.state.in_(("done", "matched")))
        actions.dispute(Actor(session, row.asker, channel="page"), row, "没有修好")

    def settles(self, session: Session, dice: random.Random) -> None:
        row = self._one(session, dice, Exchange, Exchange.state.in_(("disputed", "done")))
        minutes = dice.choice((0, row.minutes, row.minutes // 2))
        actions.settle(self._desk(session), row, minutes, "两边都问过了")

    def reverses(self, session: Session, dice: random.Random) -> None:
        transfer = self._one(session, dice, TimeTransfer)
        actions.reverse(self._desk(session), transfer, "记错了人")

    def stamps(self, session: Session, dice: random.Random) -> None:
        account, number = self._account(session, dice), f"XF-{dice.randrange(1000, 99999)}"
        actions.enter_stamp(self._desk(session), account, number, 60, category="志愿服务")

    def pays_together(self, session: Session, dice: random.Random) -> None:
        chosen = dice.sample(self.persons, 4)
        accounts = [open_account(session, session.get_one(Person, one)) for one in chosen]
        once = f"class:{dice.random()}"
        actions.pay_together(self._desk(session), accounts[:3], accounts[3], 30, category="辅导", once=once)

    def takes_voucher(self, session: Session, dice: random.Random) -> None:
        actions.take(self._someone(session, dice), self._one(session, dice, PartnerOffer))

    def uses_voucher(self, session: Session, dice: random.Random) -> None:
        voucher = self._one(session, dice, PartnerVoucher, PartnerVoucher.state == "held")
        actions.use_at_desk(self._desk(session), voucher.code or "")

    def gives_voucher_back(self, session: Session, dice: random.Random) -> None:
        voucher = self._one(session, dice, PartnerVoucher, PartnerVoucher.state == "held")
        actions.give_back(Actor(session, voucher.person, channel="page"), voucher)


def census(session: Session) -> tuple[int, int]:
    """How many transfers, and what all accounts together hold."""
    count = session.scalar(select(func.count()).select_from(TimeTransfer)) or 0
    return count, session.scalar(select(func.sum(TimeAccount.balance))) or 0


def endow_pool(session: Session) -> None:
    """The pool has hours, and a partner gives: plenty of two things, few of a third."""
    by = Actor(session, channel="job")
    actions.post(by, house_account(session, "pool"), 3000, once="pool:first", source="donation")
    cinema, until = actions.open_named(by, "organisation", "光明影院"), clock.today() + timedelta(days=3000)
    for title, minutes, pieces in (("电影票1张", 60, 9000), ("免费停车", 0, 9000), ("按摩一次", 30, 5)):
        actions.make_offer(by, cinema, actions.Gift(title, pieces, minutes, until, each_person=20))
