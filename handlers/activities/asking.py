"""What is asked before somebody joins: who comes along, in which group, and the form, one question at a time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.dialogue import Ask, Choose
from app.understanding.phone import name_in
from handlers.activities.actions import Member, Wish
from handlers.activities.wishes import groups_for, is_for_children
from models.activities import ActivitySession
from models.activities_party import MOST_TOGETHER
from models.activities_rules import Question, groups_of, questions_of
from models.identity import Actor, Person
from models.proxies import Proxy

JUST_ME, WITH_FAMILY, ONLY_FAMILY = "就我自己", "我和家人", "我不去,只给家人报"
CHILD, GROWN_UP, THAT_IS_ALL = "一个孩子", "一个大人", "就这些人"
NOTHING = frozenset({"没有", "无", "不填", "没", "空着"})
LEFT_EMPTY = "不填"


async def what_is_wished(resident: Actor, session: ActivitySession) -> Wish:
    comes, family = True, tuple[Member, ...]()
    if session.activity.family:
        ways = (JUST_ME, WITH_FAMILY, ONLY_FAMILY)
        who: str = await Choose("who_comes", ways[::-1] if is_for_children(session) else ways)
        comes = who != ONLY_FAMILY
        family = await _the_family(resident, session) if who != JUST_ME else ()
    group = await _which_group(session, "which_group", child=False) if comes else None
    return Wish(group=group, comes=comes, family=family, answers=await fill(session))


async def _the_family(resident: Actor, session: ActivitySession) -> tuple[Member, ...]:
    """Those on file for whom this resident may act stand by name; others are named, one after the other."""
    known = wards_of(resident)
    chosen: list[Member] = []
    while len(chosen) < MOST_TOGETHER - 1:
        names = [name for name in known if name not in {one.name for one in chosen}]
        others = [CHILD, GROWN_UP, *([THAT_IS_ALL] if chosen else [])]
        picked: str = await Choose("which_member", [*names, *others], so_far=len(chosen))
        if picked == THAT_IS_ALL:
            break
        chosen.append(await _member(session, picked, known))
    return tuple(chosen)


async def _member(session: ActivitySession, picked: str, known: dict[str, tuple[Person, bool]]) -> Member:
    if picked in known:
        person, child = known[picked]
        group = await _which_group(session, "member_group", child=child, name=picked)
        return Member(person=person, name=picked, child=child, group=group)
    child = picked == CHILD
    name: str = await Ask("member_name", _name, child=child)
    group = await _which_group(session, "member_group", child=child, name=name)
    return Member(name=name, child=child, group=group)


def wards_of(resident: Actor) -> dict[str, tuple[Person, bool]]:
    """Name → (who, whether they are a child) of those for whom this resident may act."""
    mine = Proxy.holder_id == resident.me.id, Proxy.ended_at.is_(None)
    rows = resident.session.scalars(select(Proxy).where(*mine).order_by(Proxy.id)).all()
    return {one.ward.name: (one.ward, one.kind == "guardian") for one in rows if one.ward.name}


async def _which_group(session: ActivitySession, key: str, *, child: bool, name: str = "") -> str | None:
    """Asked only where there is a choice."""
    keys = groups_for(session, child=child)
    if len(keys) < 2:
        return keys[0] if keys else None
    named = {one.name: one.key for one in groups_of(session.activity.groups) if one.key in keys}
    picked: str = await Choose(key, list(named), name=name)
    return named[picked]


# ---- the form ----------------------------------------------------------------------------------------------


async def fill(session: ActivitySession) -> dict[str, str]:
    """Every question of the activity's form; what was answered is read out before the yes."""
    answers = {}
    for one in questions_of(session.activity.questions):
        answers[one.key] = await _ask(one)
    return answers


async def _ask(one: Question) -> str:
    facts: dict[str, Any] = {"ask": one.ask, "purpose": one.purpose, "needed": one.needed}
    if one.offered:
        more = () if one.needed else (LEFT_EMPTY,)
        picked: str = await Choose("form_choice", (*one.offered, *more), **facts)
        return "" if picked == LEFT_EMPTY else picked
    told: str = await Ask("form_answer", lambda text: _read(one, text), **facts)
    return told


def _read(one: Question, text: str) -> str:
    return one.read("" if not one.needed and text.strip() in NOTHING else text)


def _name(text: str) -> str:
    name = name_in(text)
    if name is None:
        raise ValueError(text)
    return name


# ---- read out ----------------------------------------------------------------------------------------------


def wish_words(session: ActivitySession, wish: Wish) -> list[str]:
    """What a yes says yes to, line by line: who comes, and what was answered."""
    named = {one.key: one.name for one in groups_of(session.activity.groups)}
    lines = []
    if wish.family or not wish.comes:
        people = [*(["您"] if wish.comes else []), *(one.name for one in wish.family)]
        lines.append(f"一共{wish.seats.total()}个人:{'、'.join(people)}")
    groups = [f"{named[key]}{n}人" for key, n in wish.seats.items() if key in named]
    lines += [f"分组:{'、'.join(groups)}"] if groups else []
    asked = questions_of(session.activity.questions)
    return lines + [f"{one.ask}:{wish.answers[one.key]}" for one in asked if wish.answers.get(one.key)]
