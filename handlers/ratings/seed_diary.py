"""Invented suggestions: two with public answers, one that waits for a second reader, one from the paper book."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.matters import actions as matters
from handlers.ratings import actions
from handlers.ratings.publishing import Words
from handlers.ratings.suggesting import Said
from models.diary import Suggestion
from models.identity import Actor, Person
from models.matters import Matter
from models.people import residents
from models.staff import StaffMember, member_by_login

# What was said, what it looks like to everybody, what the community says; how far it went.
SUGGESTED = (
    (
        "小区门口放一条长凳吧,买菜回来能歇一歇",
        Words("小区门口想要一条长凳", "定了两条,下个月装在门卫室旁边和菜店门口。"),
        "public",
    ),
    (
        "广场舞的音响九点以后关小一点",
        Words(
            "广场舞的音响,晚上九点以后关小一点", "和舞队说好了:九点以后不放音响。九点以后还响,请打社区电话。"
        ),
        "public",
    ),
    (
        "阅览室星期天上午也开门,孩子放假有地方去",
        Words("阅览室星期天上午也开门", "下个月起星期天9点到12点开,志愿者值班。"),
        "asked",
    ),
)
FROM_BOOK = "电梯里的字太小,换一张大的"


def seed(session: Session) -> None:
    people = list(session.scalars(residents().order_by(Person.id).limit(6)))
    if not people:
        return
    wang, li = (
        _colleague(session, *one) for one in (("wang", "王干事", "desk"), ("li", "李主任", "approver"))
    )
    for position, (text, told, way) in enumerate(SUGGESTED):
        who = Actor(session, people[position % len(people)], channel="job")
        matter = actions.suggest(who, Said(text, may_show=True)).matter
        _answer(Actor(session, staff=wang, channel="console"), matter, told)
        if way == "public":
            _show(Actor(session, staff=li, channel="console"), matter, people)
    book = Said(FROM_BOOK, "anonymous", book_page="12")
    actions.suggest(Actor(session, staff=wang, channel="console"), book)


def _answer(desk: Actor, matter: Matter, told: Words) -> None:
    if desk.staff is None:
        return
    matters.assign(desk, matter, desk.staff)
    matters.finish(desk, matter, told.reply)
    actions.ask_to_show(desk, matter, told)
    desk.session.flush()


def _show(second: Actor, matter: Matter, people: list[Person]) -> None:
    row = second.session.scalars(select(Suggestion).where(Suggestion.matter_id == matter.id)).one()
    actions.show(second, row)
    for person in people[1:3]:
        actions.echo(Actor(second.session, person, channel="job"), row)


def _colleague(session: Session, login: str, name: str, role: str) -> StaffMember:
    known = member_by_login(session, login)
    if known is None:
        known = StaffMember(login=login, name=name, roles=[role], created_at=clock.now())
        session.add(known)
        session.flush()
    return known
