"""Whatever neighbours, the desk and rivals do, in any order: the sum of all accounts is 0 and every balance is what its
postings say (I6)."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app import clock
from handlers.ledger import actions
from models.identity import Actor, Person
from models.ledger import TimeAccount, TimePosting, TimeTransfer, account_of, open_account
from models.refusal import Refusal
from tests.fuzz.stories import Story, tell
from tests.ledger.bank import Bank, broken, census, endow_pool, neighbours
from tests.neighbours import Town, frozen
from tests.races import at_once


def settled(town: Town, people: int = 8) -> Bank:
    def unit(session: Session) -> list[int]:
        made = neighbours(session, people)
        endow_pool(session)
        return made

    return Bank(town.site, town.writing(unit))


def sound(town: Town) -> bool:
    with town.reading() as session:
        said, (transfers, total) = broken(session), census(session)
    assert said == []
    assert total == 0
    return transfers > 0


class Trade(Story):
    """The bank, where each step is one unit of work."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.steps = settled(town).steps

    def does(self, chosen: Callable[..., object], dice: random.Random) -> None:
        self.town.writing(lambda session: chosen(session, dice) and None)

    def holds(self) -> None:
        assert sound(self.town)


def test_i6_holds_after_every_step_of_any_story(town: Town) -> None:
    """A hypothesis state machine: each rule is one step of one kind, and everything is asked after each."""
    with frozen("2026-11-23 09:00"):
        tell(Trade(town), few=5, length=20)


def test_i6_holds_after_hundreds_of_random_steps(town: Town) -> None:
    with frozen("2026-11-23 09:00"):
        bank, dice = settled(town), random.Random(20261123)
        done = [bank.step(dice) for _ in range(160)]
        assert {"posts", "gives", "asks", "promises", "done", "confirms", "reverses"} <= set(done)
        assert "ledger.earned_only" in done
        assert sound(town)


def test_sixteen_at_once_never_get_below_the_limit(town: Town) -> None:
    """One account with two hours of its own and four of credit, and sixteen who each want one of them."""
    with frozen("2026-11-23 09:00"):
        bank = settled(town)
        who = bank.persons[0]

        def ready(session: Session) -> None:
            by = Actor(session, channel="job")
            actions.post_hours(by, session.get_one(Person, who), 120, once="stay:1", source="stay:1")

        town.writing(ready)

        def spends(number: int) -> str:
            def unit(session: Session) -> None:
                me = Actor(session, session.get_one(Person, who), channel="page")
                staff = Actor(session, channel="job")
                other = session.get_one(Person, bank.persons[1 + number % 7])
                if number % 2:
                    actions.ask_for_account(staff, open_account(session, me.me), "小修", 60, clock.today())
                else:
                    payers, taker = [open_account(session, me.me)], open_account(session, other)
                    once = f"class:{number}"
                    actions.pay_together(staff, payers, taker, 60, category="辅导", once=once)

            try:
                town.writing(unit)
            except Refusal as why:
                return why.code
            return "spent"

        ended = at_once([lambda n=number: spends(n) for number in range(16)])  # type: ignore[misc]
        assert sound(town)
        with town.reading() as session:
            account = account_of(session, session.get_one(Person, who))
            assert account is not None
            assert account.balance - account.held == account.lowest == -240
        assert ended.count("spent") == 6
        assert set(ended) <= {"spent", "ledger.short", "ledger.too_many_asked"}


def test_the_same_hours_posted_by_many_at_once_are_posted_once(town: Town) -> None:
    with frozen("2026-11-23 09:00"):
        bank = settled(town)

        def posts() -> int:
            def unit(session: Session) -> int:
                person = session.get_one(Person, bank.persons[0])
                by = Actor(session, channel="job")
                return actions.post_hours(by, person, 90, once="stay:7", source="stay:7").id

            return town.writing(unit)

        assert len(set(at_once([posts] * 8))) == 1
        with town.reading() as session:
            account = account_of(session, session.get_one(Person, bank.persons[0]))
            assert account is not None
            assert account.balance == 90
        assert sound(town)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE time_posting SET minutes = minutes + 1",
        "DELETE FROM time_posting",
        "UPDATE time_transfer SET category = '别的'",
        "DELETE FROM time_transfer",
    ],
)
def test_nobody_changes_what_stands_in_the_ledger(town: Town, statement: str) -> None:
    settled(town)
    with pytest.raises((DBAPIError, IntegrityError), match="stays"):
        town.writing(lambda session: session.execute(text(statement)))
    assert sound(town)


def test_the_database_itself_refuses_an_account_below_its_limit(town: Town) -> None:
    bank = settled(town)

    def unit(session: Session) -> None:
        account = open_account(session, session.get_one(Person, bank.persons[0]))
        session.flush()
        session.execute(text(f"UPDATE time_account SET balance = -241 WHERE id = {account.id}"))

    with pytest.raises(IntegrityError):
        town.writing(unit)


def test_an_unsound_ledger_is_seen(sqlite_town: Town) -> None:
    """The checks themselves: each fault that somebody with the file could make is named."""
    settled(sqlite_town)

    def unit(session: Session) -> None:
        for trigger in session.scalars(text("SELECT name FROM sqlite_master WHERE name LIKE '%_stays_%'")):
            session.execute(text(f"DROP TRIGGER {trigger}"))
        posting = session.scalar(select(TimePosting).where(TimePosting.minutes > 0))
        transfer = session.scalar(select(TimeTransfer))
        assert posting is not None
        assert transfer is not None
        session.execute(text("UPDATE time_posting SET minutes = minutes + 5 WHERE minutes > 0"))
        session.execute(text("UPDATE time_account SET held = 30 WHERE kind = 'pool'"))

    sqlite_town.writing(unit)
    with sqlite_town.reading() as session:
        said = " ".join(broken(session))
        pool = session.scalar(select(TimeAccount.id).where(TimeAccount.kind == "pool"))
    assert "has 2 postings of 5" in said
    assert f"account {pool} says 3000, its postings 3005" in said
    assert "has another balance beside it" in said
    assert f"account {pool} holds 30, its open holds 0" in said
