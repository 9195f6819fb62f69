"""A Monday morning in a town with estates and grid workers, where residents have something to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.matters import actions
from handlers.people import actions as people
from models.identity import Actor
from models.matters import Matter, nameless_stay_nameless, one_owner_one_due
from models.outbox import OutboxRow
from models.places import Grid, Place
from models.refusal import Refusal
from models.staff import StaffMember
from tests.neighbours import Phone, Town, frozen

T = TypeVar("T")
LAMP = "3号楼2单元的楼道灯不亮,有一个星期了"


@pytest.fixture
def monday() -> Iterator[time_machine.Coordinates]:
    """Monday the 23rd of November 2026, nine o'clock; nothing moves but by hand."""
    with frozen("2026-11-23 09:00") as moved:
        yield moved


@pytest.fixture
def ma(sqlite_town: Town, monday: Any) -> Phone:
    """Who has something to say, and lives in 东府佳苑."""
    build(sqlite_town)
    return joined(sqlite_town, "马秀兰", "13900000001")


def build(town: Town) -> None:
    """One estate with three buildings, each with a grid of its own."""

    def unit(session: Session) -> None:
        committee = Place(kind="committee", name="纺织居委会")
        estate = Place(kind="estate", name="东府佳苑", parent=committee)
        session.add(estate)
        for number in (1, 2, 3):
            grid = Grid(name=f"第{number}网格", worker=f"网格员{number}")
            session.add(
                Place(kind="building", name=f"{number}号楼", position=number, parent=estate, own_grid=grid)
            )

    town.writing(unit)


def joined(town: Town, name: str, phone: str, building: int = 3) -> Phone:
    one = town.phone(name)

    def unit(session: Session) -> None:
        people.join(one.actor(session), name=name, phone=phone, place=place(session, building))

    town.writing(unit)
    return one


def place(session: Session, building: int) -> Place:
    return session.scalars(select(Place).where(Place.name == f"{building}号楼")).one()


def member(session: Session, *roles: str, login: str = "wang", building: int | None = None) -> StaffMember:
    """Somebody of the staff, made at first sight."""
    one = session.scalar(select(StaffMember).where(StaffMember.login == login))
    if one is None:
        grid = place(session, building).own_grid if building else None
        one = StaffMember(
            login=login, name=f"{login}干事", roles=list(roles), grid_id=grid.id if grid else None
        )
        session.add(one)
        session.flush()
    return one


def desk(session: Session) -> Actor:
    return Actor(session, staff=member(session, "desk"), channel="console")


def house(session: Session) -> Actor:
    return Actor(session, channel="job")


def said(town: Town, by: Phone, text: str = LAMP, **more: Any) -> int:
    """A matter that this neighbour reported; its id."""

    def unit(session: Session) -> int:
        report = actions.Report(text, **{"kind": "报修", "where": "东府佳苑3号楼", **more})
        made = actions.report(by.actor(session), report).matter
        session.flush()
        return made.id

    return town.writing(unit)


def does(
    town: Town, action: Callable[..., T], number: int, *args: Any, by: Phone | None = None, **more: Any
) -> T:
    """One action on a matter by a neighbour, or by the desk when there is none."""

    def unit(session: Session) -> T:
        actor = by.actor(session) if by else desk(session)
        return action(actor, session.get_one(Matter, number), *args, **more)

    return town.writing(unit)


def given(town: Town, number: int, login: str = "wang") -> None:
    """The desk gives it to this member."""

    def unit(session: Session) -> None:
        one = member(session, "desk", login=login)
        actions.assign(desk(session), session.get_one(Matter, number), one)

    town.writing(unit)


def matter(town: Town, number: int | None = None) -> Matter:
    """This one, or the only one there is, to be read when the session is gone."""
    with town.reading() as session:
        found = session.get_one(Matter, number) if number else session.scalars(select(Matter)).one()
        _ = (
            found.owner,
            found.category,
            found.place and found.place.full_name,
            found.person,
            found.photos,
            found.steps,
        )
        session.expunge_all()
        return found


def count(town: Town, table: Any = Matter) -> int:
    with town.reading() as session:
        return len(session.scalars(select(table)).all())


def sent(town: Town) -> list[str]:
    """The kinds of what went out, oldest first."""
    with town.reading() as session:
        return list(session.scalars(select(OutboxRow.kind).order_by(OutboxRow.id)))


def sound(town: Town) -> bool:
    """Whether every open matter has one owner and one last day, and the nameless lead to nobody."""
    with town.reading() as session:
        broken = [*one_owner_one_due(session), *nameless_stay_nameless(session)]
    assert not broken, broken
    return True


def refused(code: str) -> Any:
    return pytest.raises(Refusal, match=rf"^matters\.{code}$")
