"""Matters for the mini-program: say something, see how far it is, and the word that is the resident's."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, cast

from pydantic import Field

from app.channels.api import Api, own
from app.channels.api.paging import page
from app.channels.api.problems import Problem
from app.channels.api.schemas import Body, Page, PageQuery, Shown, Time, left_out, line
from handlers.matters import actions
from handlers.matters.places import estate_of
from models.identity import Actor
from models.matter_followers import following, public_matters
from models.matter_lists import matters_of
from models.matters import Matter

Kind = Literal["报修", "求助", "投诉", "建议"]
State = Literal["received", "assigned", "working", "done", "closed", "withdrawn"]

api = Api("matters", "说事")


class Saying(Body):
    """What is the matter, in 4 to 500 characters. `contact`: with `confidential` nobody but the staff learns who said
    it; with `named` those who see to it may call. `where` in free words; a place that we know is found in it."""

    text: Annotated[str, line(500, "3号楼2单元的楼道灯不亮,有一个星期了")]
    kind: Kind
    contact: Literal["named", "confidential"] = left_out()
    where: Annotated[str, line(40, "东府佳苑3号楼")] = left_out()


class Left(Body):
    """What is not solved yet."""

    text: Annotated[str, line(300, "还是不亮")] = left_out()


class AroundShown(Shown):
    """Something that is being done and concerns everybody: no word of who said it or how."""

    id: int
    thing: str = Field(examples=["路灯"])
    where: str = Field(examples=["东府佳苑"])
    state: State
    due: date | None
    mine: bool


class AroundPage(Page):
    """The newest first."""

    items: list[AroundShown]


class StepShown(Shown):
    """Something that happened, with the words that the community told."""

    what: str = Field(examples=["assigned"])
    at: Time
    words: str | None


class MatterShown(Shown):
    """`receipt` is to be read out on the telephone; until the end of the day `due` there is an answer."""

    id: int
    receipt: str = Field(examples=["4182076"])
    kind: Kind
    text: str | None
    where: str
    contact: Literal["named", "confidential", "anonymous"]
    state: State
    due: date | None
    outcome: str | None
    said_at: Time
    can_be_reopened: bool
    steps: list[StepShown]


class MatterPage(Page):
    """The newest first."""

    items: list[MatterShown]


@api.reads("/matters", asks=PageQuery, gives=MatterPage)
def mine(by: Actor, asked: PageQuery) -> MatterPage:
    """What I said"""
    place = (Matter.said_at, Matter.id)
    rows, following = page(
        by.session, matters_of(by.me), asked, place, lambda row: (row.said_at, row.id), newest_first=True
    )
    return MatterPage(items=[_shown(row) for row in rows], next=following)


@api.reads("/matters/around", asks=PageQuery, gives=AroundPage)
def around(by: Actor, asked: PageQuery) -> AroundPage:
    """What is being done in the neighbourhood"""
    place = (Matter.said_at, Matter.id)
    rows, following_page = page(
        by.session, public_matters(), asked, place, lambda row: (row.said_at, row.id), newest_first=True
    )
    return AroundPage(items=[_around(by, row) for row in rows], next=following_page)


@api.writes("/matters/around/<int:matter>/me-too", gives=AroundShown, refuses=("matters.your_own",))
def me_too(by: Actor, matter: int) -> AroundShown:
    """Mine as well: counted once, told of each stage"""
    return _around(by, actions.follow(by, _public(by, matter)))


@api.writes("/matters/around/<int:matter>/not-me", gives=AroundShown)
def not_me(by: Actor, matter: int) -> AroundShown:
    """Not to be told of it any more"""
    return _around(by, actions.unfollow(by, _public(by, matter)))


@api.reads("/matters/<int:matter>", gives=MatterShown)
def one(by: Actor, matter: int) -> MatterShown:
    """One of them"""
    return _shown(own(by.session, Matter, matter, by.me))


@api.writes(
    "/matters",
    takes=Saying,
    gives=MatterShown,
    status=201,
    refuses=("matters.too_short", "matters.too_long", "matters.not_here", "matters.too_many"),
)
def report(by: Actor, said: Saying) -> MatterShown:
    """Say something: it has a number and a last day at once"""
    contact = said.contact if said.told("contact") else "confidential"
    where = said.where if said.told("where") else ""
    made = actions.report(by, actions.Report(said.text, said.kind, contact, where)).matter
    by.session.flush()
    return _shown(made)


@api.writes("/matters/<int:matter>/solved", gives=MatterShown, refuses=("matters.not_now",))
def solved(by: Actor, matter: int) -> MatterShown:
    """It is solved: nothing is left to do"""
    return _shown(actions.confirm(by, own(by.session, Matter, matter, by.me)))


@api.writes(
    "/matters/<int:matter>/unsolved",
    takes=Left,
    gives=MatterShown,
    refuses=("matters.not_now", "matters.too_late_to_reopen", "matters.too_short"),
)
def unsolved(by: Actor, said: Left, matter: int) -> MatterShown:
    """It is not solved: within 30 days it is opened again"""
    words = said.text if said.told("text") else ""
    return _shown(actions.reopen(by, own(by.session, Matter, matter, by.me), words))


@api.writes("/matters/<int:matter>/withdraw", gives=MatterShown, refuses=("matters.not_now",))
def withdraw(by: Actor, matter: int) -> MatterShown:
    """It is not needed any more"""
    return _shown(actions.withdraw(by, own(by.session, Matter, matter, by.me)))


def _public(by: Actor, number: int) -> Matter:
    found = by.session.scalar(public_matters().where(Matter.id == number))
    if found is None:
        raise Problem(404, "not_found")
    return found


def _around(by: Actor, row: Matter) -> AroundShown:
    mine = row.person_id == by.me.id or following(by.session, row, by.me) is not None
    where = estate_of(row.place) if row.place else ""
    return AroundShown(
        id=row.id, thing=row.thing, where=where, state=cast("State", row.state), due=row.due, mine=mine
    )


def _shown(row: Matter) -> MatterShown:
    plain = set(MatterShown.model_fields) - {"steps"}
    told = [StepShown(what=step.what, at=step.at, words=step.words) for step in row.steps if step.told]
    return MatterShown.model_validate({"steps": told} | {name: getattr(row, name) for name in plain})
