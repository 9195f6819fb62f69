"""The part of a talk that finds out where somebody lives: 居委会, 小区/院, 楼栋, 单元; each may be left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select

from app.dialogue import NO, YES, Choose
from models.identity import Actor
from models.people import Place, committees, committees_with_estate_in, door_scanned_by, inside

LATER = "先不填"
SKIPS = frozenset({"跳过", "不填", "先不填", "不知道", "不想填", "没有"})
HERE, ELSEWHERE = "是", "不是"
QUESTION = {"committee": "which_estate", "estate": "which_building", "building": "which_unit"}


async def where_to_live(resident: Actor) -> Place | None:
    """The most exact place that was told; None when nothing was."""
    door = door_scanned_by(resident.session, resident.me)
    if door is not None:
        here = await Choose("lives_here", (HERE, ELSEWHERE), by_words=_yes_or_no, place=door)
        if here == HERE:
            return await _within(resident, door)
    committee = await _choose(resident, "which_committee", committees(), committees_with_estate_in)
    return await _within(resident, committee) if isinstance(committee, Place) else None


async def _within(resident: Actor, place: Place) -> Place:
    """As far down the tree from `place` as is told and as the tree goes."""
    if place.kind not in QUESTION or resident.session.scalar(inside(place).limit(1)) is None:
        return place
    found = await _choose(resident, QUESTION[place.kind], inside(place), None, parent=place)
    return await _within(resident, found) if isinstance(found, Place) else place


def _choose(
    resident: Actor, key: str, places: Select[Place], by_words: Callable[[str], Any] | None, **facts: Any
) -> Choose[Place | str]:
    def options() -> list[Place | str]:
        return [*resident.session.scalars(places), LATER]

    def read(text: str) -> Any:
        return [LATER] if text in SKIPS else _named(options(), text) or (by_words and by_words(text))

    return Choose(key, options, by_words=read, **facts)


def _named(options: list[Place | str], text: str) -> list[Place]:
    """Places that are named exactly so, or else whose name is part of what was typed."""
    places = [place for place in options if isinstance(place, Place)]
    exact = [place for place in places if place.name == text]
    return exact or [place for place in places if place.name in text]


def _yes_or_no(text: str) -> list[str] | None:
    return [HERE] if text in YES else [ELSEWHERE] if text in NO else None
