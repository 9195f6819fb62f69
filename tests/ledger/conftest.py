"""A Monday morning in a town where two neighbours trade hours, and what a test needs to move them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, TypeVar

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.ledger import actions
from handlers.ledger.essentials import install
from handlers.people import actions as people
from models.exchange import Exchange, ExchangeHand
from models.identity import Actor
from models.ledger import TimeAccount, account_of, open_account
from models.outbox import OutboxRow
from models.refusal import Refusal
from models.staff import StaffMember
from tests.ledger.bank import broken, census
from tests.neighbours import Phone, Town, frozen

T = TypeVar("T")


@pytest.fixture
def monday() -> Iterator[time_machine.Coordinates]:
    """Monday the 23rd of November 2026, nine o'clock; nothing moves but by hand."""
    with frozen("2026-11-23 09:00") as moved:
        yield moved


def registered(town: Town, name: str, phone: str) -> Phone:
    """A neighbour on file, with the terms and accounts that every community has."""
    made = town.phone(name)

    def unit(session: Session) -> None:
        install(session)
        people.join(made.actor(session), name=name, phone=phone)

    town.writing(unit)
    return made


@pytest.fixture
def ma(sqlite_town: Town, monday: Any) -> Phone:
    """Who asks: four hours of credit, nothing earned."""
    return registered(sqlite_town, "马秀兰", "13900000001")


@pytest.fixture
def han(sqlite_town: Town, monday: Any) -> Phone:
    """Who helps."""
    return registered(sqlite_town, "韩世杰", "13900000002")


@pytest.fixture
def qi(sqlite_town: Town, monday: Any) -> Phone:
    """A third, who looks on."""
    return registered(sqlite_town, "祁生华", "13900000003")


def desk(session: Session, login: str = "wang") -> Actor:
    """Somebody of the staff at the console."""
    one = session.scalar(select(StaffMember).where(StaffMember.login == login))
    if one is None:
        one = StaffMember(login=login, name={"wang": "王干事"}.get(login, "李主任"), roles=["desk"])
        session.add(one)
        session.flush()
    return Actor(session, staff=one, channel="console")


def does(phone: Phone, action: Callable[..., T], *args: Any, **more: Any) -> T:
    """One action of a neighbour; rows among the arguments are given as (table, id)."""
    return phone.town.writing(lambda s: action(phone.actor(s), *_rows(s, args), **more))


def staff_does(town: Town, action: Callable[..., T], *args: Any, login: str = "wang", **more: Any) -> T:
    return town.writing(lambda s: action(desk(s, login), *_rows(s, args), **more))


def _rows(session: Session, args: tuple[Any, ...]) -> list[Any]:
    """(table, id) is a row, a phone its account."""
    return [
        session.get_one(*arg)
        if isinstance(arg, tuple)
        else _account(session, arg)
        if isinstance(arg, Phone)
        else arg
        for arg in args
    ]


def _account(session: Session, phone: Phone) -> TimeAccount:
    return open_account(session, phone.actor(session).me)


def earned(phone: Phone, minutes: int, once: str = "stay:1") -> int:
    """Hours that the coordinators have confirmed; the transfer's id."""

    def unit(session: Session) -> int:
        by = Actor(session, channel="job")
        return actions.post_hours(by, phone.actor(session).me, minutes, once=once, source=once).id

    return phone.town.writing(unit)


def asked(
    phone: Phone, category: str = "小修", minutes: int = 120, day: date | timedelta = timedelta(), **more: Any
) -> tuple[type[Exchange], int]:
    wanted = clock.today() + day if isinstance(day, timedelta) else day
    return Exchange, does(phone, actions.ask, category, minutes, wanted, **more).id


def said_yes(phone: Phone, request: Any) -> tuple[type[ExchangeHand], int]:
    return ExchangeHand, does(phone, actions.promise, request).id


def promised(phone: Phone, request: Any) -> tuple[type[ExchangeHand], int]:
    """Said yes, and the asker has agreed."""
    hand = said_yes(phone, request)

    def agrees(session: Session) -> None:
        row = session.get_one(*hand)
        if row.agreed_at is None:
            actions.agree(Actor(session, row.exchange.asker, channel="page"), row)

    phone.town.writing(agrees)
    return hand


def balance(phone: Phone) -> tuple[int, int]:
    """(what stands on the account, what is set aside)."""
    with phone.town.reading() as session:
        account = account_of(session, phone.actor(session).me)
        return (account.balance, account.held) if account else (0, 0)


def state(town: Town, request: Any) -> str:
    with town.reading() as session:
        return str(session.get_one(*request).state)


def sent(town: Town, kind: str, state: str = "waiting") -> list[OutboxRow]:
    with town.reading() as session:
        rows = select(OutboxRow).where(OutboxRow.kind == f"ledger.{kind}", OutboxRow.state == state)
        found = list(session.scalars(rows.order_by(OutboxRow.id)))
        session.expunge_all()
        return found


def sound(town: Town) -> bool:
    """Whether I6 holds."""
    with town.reading() as session:
        assert broken(session) == []
        assert census(session)[1] == 0
    return True


def refused(code: str) -> Any:
    return pytest.raises(Refusal, match=rf"^ledger\.{code}$")
